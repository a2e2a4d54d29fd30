import { requireFunction, requireInteger, requireNumber, requireOptions } from "../arrays/mod.ts";
import type { DenseNetwork } from "../networks/mod.ts";
import { flatAdam } from "../optimizers/flat_adam.ts";
import { type Environment, requireEnvironments } from "./environment.ts";
import { squaredNormGradient } from "./fit_invariant.ts";
import { logisticLoss } from "./logistic_loss.ts";
import { withNetworkPasses } from "./network_pass.ts";

/** What {@linkcode FitGroupDroOptions.onStep} is told. */
export interface GroupDroStep {
  /** Number of the step, from 0; the network has made it. */
  step: number;
  /** Mean cross-entropy of each group before the step, in nats. */
  losses: number[];
  /** The group with the largest one, which the step made smaller. */
  worst: number;
}

/** Options of {@linkcode fitGroupDro}. */
export interface FitGroupDroOptions {
  /** Steps of Adam, each on all examples. */
  steps: number;
  /** Learning rate. Default 5e-4. */
  learningRate?: number;
  /** Factor on the sum of the squared parameters, added after the maximum. Default 0.0011. */
  l2?: number;
  /** Called after every step. */
  onStep?: (progress: GroupDroStep) => void;
}

/**
 * Group distributionally robust optimization: makes the largest of the mean losses of groups small, with
 * Adam, full batch. The gradient is that of the worst group of the step (Zhang, Lopez-Paz & Bottou 2022,
 * discovery). With one group it is empirical risk minimization.
 *
 * @param network A network with one output, in float32; its parameters are changed.
 * @param groups Examples of each group.
 * @param options Length and rate.
 * @returns The largest mean cross-entropy before each step.
 * @throws {RangeError} if a size or a number is out of range, or a label is neither 0 nor 1.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example A group of one example weighs as much as the others
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { fitGroupDro } from "refigure/invariance";
 * import { DenseNetwork } from "refigure/networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const common = { inputs: Matrix.fromRows([[1], [1], [1]]), labels: Uint8Array.of(1, 1, 1) };
 * const rare = { inputs: Matrix.fromRows([[1]]), labels: Uint8Array.of(0) };
 * const network = new DenseNetwork({ widths: [1, 1], dtype: "float32", rng: new Rng(0) });
 * const worst = fitGroupDro(network, [common, rare], { steps: 1000, learningRate: 0.003, l2: 0 });
 * assertAlmostEquals(worst[999], Math.LN2, 0.01);
 * ```
 */
export function fitGroupDro(
  network: DenseNetwork<"float32">,
  groups: readonly Environment[],
  options: FitGroupDroOptions,
): Float64Array {
  requireOptions("options", options, ["steps", "learningRate", "l2", "onStep"]);
  const { steps, learningRate = 5e-4, l2 = 0.0011, onStep } = options;
  requireInteger("steps", steps);
  requireNumber("learningRate", learningRate, { above: 0 });
  requireNumber("l2", l2, { min: 0 });
  if (onStep !== undefined) requireFunction("onStep", onStep);
  requireEnvironments("groups", groups, network, 1);
  const adam = flatAdam("network", network.parameters, learningRate);
  const largest = new Float64Array(steps);
  withNetworkPasses(network, groups.map(({ inputs }) => inputs), (passes) => {
    for (let step = 0; step < steps; step++) {
      const parts = groups.map(({ labels }, g) => logisticLoss(passes[g].outputs(), labels));
      const losses = parts.map(({ loss }) => loss);
      const worst = losses.reduce((best, loss, g) => loss > losses[best] || Number.isNaN(loss) ? g : best, 0);
      largest[step] = losses[worst];
      const total = squaredNormGradient(network, l2);
      passes[worst].addGradient(parts[worst].gradient, total);
      adam(total);
      onStep?.({ step, losses, worst });
    }
  });
  return largest;
}

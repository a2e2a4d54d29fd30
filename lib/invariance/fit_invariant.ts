import {
  requireBoolean,
  requireFunction,
  requireInteger,
  requireNumber,
  requireOptions,
} from "../arrays/mod.ts";
import { DenseNetwork } from "../networks/mod.ts";
import { flatAdam } from "../optimizers/flat_adam.ts";
import { type Environment, requireEnvironments } from "./environment.ts";
import {
  invarianceObjective,
  type InvariancePenalty,
  leastEnvironments,
  requirePenalty,
} from "./invariance_objective.ts";
import { withNetworkPasses } from "./network_pass.ts";

/** What {@linkcode FitInvariantOptions.onStep} is told. */
export interface InvariantStep {
  /** Number of the step, from 0; the network has made it. */
  step: number;
  /** The objective before the step, without the term of the squared parameters. */
  loss: number;
  /** Mean cross-entropy in each environment before the step, in nats. */
  risks: number[];
  /** The penalty before the step, without its weight. */
  penalty: number;
}

/** Options of {@linkcode fitInvariant}. */
export interface FitInvariantOptions {
  /** Which penalty. */
  penalty: InvariancePenalty;
  /** Its weight, lambda >= 0. */
  weight: number;
  /** Steps of Adam, each on all examples. */
  steps: number;
  /** Learning rate. Default 5e-4. */
  learningRate?: number;
  /** Factor on the sum of the squared parameters, which is added to the risks. Default 0.0011. */
  l2?: number;
  /** In so many first steps the weight is 1. Default 0. */
  anneal?: number;
  /** Train the last layer alone, on the features that the network has. Default false. */
  frozen?: boolean;
  /** Called after every step. */
  onStep?: (progress: InvariantStep) => void;
}

/**
 * Trains a network on several environments with {@linkcode invarianceObjective} and Adam, full batch (Zhang,
 * Lopez-Paz & Bottou 2022, ColoredMNIST). With `frozen` the features are computed once, and only the last
 * layer is trained.
 *
 * @param network A network with one output, in float32; its parameters are changed.
 * @param environments Examples of each environment.
 * @param options Penalty, weight, length and rate.
 * @returns The objective before each step, without the term of the squared parameters.
 * @throws {RangeError} if a size or a number is out of range, a label is neither 0 nor 1, or there are fewer
 * environments than the penalty needs.
 * @throws {TypeError} if an argument is of the wrong type, or there is no option or penalty of the name.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { fitInvariant } from "refigure/invariance";
 * import { DenseNetwork } from "refigure/networks";
 * import { assertLess } from "@std/assert";
 *
 * const inputs = Matrix.fromRows([[1, 0], [-1, 0.5], [2, 1], [-2, 0]]);
 * const environment = { inputs, labels: Uint8Array.of(1, 0, 1, 0) };
 * const start = { activation: "relu" as const, dtype: "float32" as const, rng: new Rng(0) };
 * const network = new DenseNetwork({ widths: [2, 8, 1], ...start });
 * const options = { penalty: "vrex" as const, weight: 10, steps: 200, learningRate: 0.01 };
 * const losses = fitInvariant(network, [environment, environment], options);
 * assertLess(losses[199], losses[0]);
 * ```
 */
export function fitInvariant(
  network: DenseNetwork<"float32">,
  environments: readonly Environment[],
  options: FitInvariantOptions,
): Float64Array {
  requireOptions("options", options, [
    "penalty",
    "weight",
    "steps",
    "learningRate",
    "l2",
    "anneal",
    "frozen",
    "onStep",
  ]);
  const { penalty, weight, steps, learningRate = 5e-4, l2 = 0.0011, anneal = 0, frozen = false } = options;
  const { onStep } = options;
  requirePenalty(penalty, weight);
  requireInteger("steps", steps);
  requireNumber("learningRate", learningRate, { above: 0 });
  requireNumber("l2", l2, { min: 0 });
  requireInteger("anneal", anneal);
  requireBoolean("frozen", frozen);
  if (onStep !== undefined) requireFunction("onStep", onStep);
  requireEnvironments("environments", environments, network, leastEnvironments(penalty));
  const trained = frozen ? lastLayer(network) : network;
  const labels = environments.map((environment) => environment.labels);
  const inputs = environments.map(({ inputs }) => frozen ? featuresOf(network, inputs) : inputs);
  const adam = flatAdam("network", trained.parameters, learningRate);
  const losses = new Float64Array(steps);
  withNetworkPasses(trained, inputs, (passes) => {
    for (let step = 0; step < steps; step++) {
      const current = step < anneal ? 1 : weight;
      const logits = passes.map((pass) => pass.outputs());
      const { loss, risks, penalty: value, gradients } = invarianceObjective(logits, labels, {
        penalty,
        weight: current,
      });
      losses[step] = loss;
      const total = squaredNormGradient(trained, l2 / Math.max(1, current));
      passes.forEach((pass, e) => pass.addGradient(gradients[e], total));
      adam(total);
      if (frozen) {
        network.parameters.set(trained.parameters, network.parameters.length - trained.parameters.length);
      }
      onStep?.({ step, loss, risks, penalty: value });
    }
  });
  return losses;
}

/** The last layer as a network of its own, with a copy of the parameters. */
function lastLayer(network: DenseNetwork<"float32">): DenseNetwork<"float32"> {
  const widths = network.widths.slice(-2);
  const parameters = network.parameters.subarray(
    network.parameters.length - widths[0] * widths[1] - widths[1],
  );
  return new DenseNetwork({ widths, parameters, dtype: "float32" });
}

/** What the last layer gets. */
function featuresOf(network: DenseNetwork<"float32">, x: Environment["inputs"]): Environment["inputs"] {
  return network.depth === 1 ? x : network.hiddenLayers(x)[network.depth - 2];
}

/** Gradient of `l2` times the sum of the squared parameters. */
export function squaredNormGradient(network: DenseNetwork<"float32">, l2: number): Float32Array {
  const { parameters } = network;
  const gradient = new Float32Array(parameters.length);
  for (let k = 0; k < gradient.length; k++) gradient[k] = 2 * l2 * parameters[k];
  return gradient;
}

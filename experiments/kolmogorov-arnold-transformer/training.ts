/** Networks of group rationals and of fixed activations, trained on a function of two variables. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import type { Report } from "../../lib/experiment/mod.ts";
import {
  type FixedActivation,
  GroupRationalNetwork,
  type KernelInit,
  type RationalCoefficients,
  type RationalPreset,
  rationalPreset,
  rationalValue,
} from "../../lib/kan/mod.ts";
import { adamwUpdates, MatrixOptimizer, warmupCosine } from "../../lib/optimizers/mod.ts";
import type { Row } from "./rows.ts";

/** Sizes of the network, and how it is trained. */
const WIDTHS = [2, 32, 32, 1];
const TEST_POINTS = 1000;
const LEARNING_RATE = 3e-3;

/** The networks of the key figure. */
export const NETWORKS = ["GR-KAN", "SiLU MLP"] as const;

/** What a network is made of. */
interface Variant {
  /** Function before the first dense layer at the start, two groups; fixed if it has none. */
  input?: RationalPreset;
  /** Function before the others at the start; SiLU, fixed, if it has none. */
  hidden?: RationalPreset;
  /** Groups of the hidden ones, if not those of the trial. */
  groups?: number;
  init?: KernelInit;
}

/** The two networks, and what is taken away from the first. */
const TABLE: Record<string, Variant> = {
  "GR-KAN": { input: "identity", hidden: "swish" },
  "hidden only": { hidden: "swish" },
  "input only": { input: "identity" },
  "SiLU MLP": {},
  "one group": { input: "identity", hidden: "swish", groups: 1 },
  "GELU start": { input: "identity", hidden: "gelu" },
  "identity start": { input: "identity", hidden: "identity" },
  "LeCun weights": { input: "identity", hidden: "swish", init: "lecun" },
  "0.02 weights": { input: "identity", hidden: "swish", init: 0.02 },
};

/** All variants, the whole method first. */
export const VARIANTS: readonly string[] = Object.keys(TABLE);

/** One run. */
export interface Setting {
  network: string;
  /** Training points. */
  points: number;
  /** Full-batch steps. */
  steps: number;
  /** k of exp(sin(k pi x1) + x2^2). */
  frequency: number;
  /** Groups of the hidden rationals. */
  groups: number;
  seed: number;
}

interface Points {
  x: Matrix;
  y: Matrix;
}

function draw(count: number, frequency: number, rng: Rng): Points {
  const x = Matrix.from(count, 2, () => rng.uniform(-1, 1));
  const f = (x1: number, x2: number) => Math.exp(Math.sin(frequency * Math.PI * x1) + x2 ** 2);
  return { x, y: Matrix.from(count, 1, (i) => f(x.get(i, 0), x.get(i, 1))) };
}

function meanSquaredError(outputs: Matrix, { y }: Points): number {
  return outputs.data.reduce((sum, value, i) => sum + (value - y.data[i]) ** 2, 0) / y.rows;
}

function networkOf({ network, groups, seed }: Setting): GroupRationalNetwork {
  const variant = TABLE[network];
  const hidden: RationalCoefficients | FixedActivation = variant.hidden === undefined
    ? "silu"
    : rationalPreset(variant.hidden, { groups: variant.groups ?? groups });
  return new GroupRationalNetwork({
    widths: WIDTHS,
    activations: [
      variant.input === undefined ? "identity" : rationalPreset(variant.input, { groups: 2 }),
      hidden,
      hidden,
    ],
    init: variant.init,
    rng: new Rng(seed).split("start"),
  });
}

/** Trains one network; `onStep` gets the loss before each step. */
function train(setting: Setting, onStep: (step: number, loss: number) => void) {
  const { points, steps, frequency, seed } = setting;
  const rng = new Rng(seed);
  const training = draw(points, frequency, rng.split("training points"));
  const test = draw(TEST_POINTS, frequency, rng.split("test points"));
  const net = networkOf(setting);
  const optimizer = new MatrixOptimizer(
    net.parameters,
    adamwUpdates({ learningRate: warmupCosine(LEARNING_RATE, steps) }),
  );
  for (let step = 0; step < steps; step++) {
    optimizer.step(net.gradients(training.x, (outputs) => {
      onStep(step, meanSquaredError(outputs, training));
      return outputs.map((value, i, j) => 2 * (value - training.y.get(i, j)) / points);
    }));
  }
  const loss = meanSquaredError(net.forward(training.x), training);
  const testRmse = Math.sqrt(meanSquaredError(net.forward(test.x), test));
  return { net, loss, testRmse };
}

/** A run with its course, and the learned functions if they are wanted. */
export function trainingRows(
  { shapes, ...setting }: Setting & { shapes: boolean },
  report: Report<Row>,
): Row[] {
  const { network, steps, seed } = setting;
  const course: Row<"training">[] = [];
  const every = Math.max(1, Math.round(steps / 60));
  const { net, loss, testRmse } = train(setting, (step, loss) => {
    if (step % every !== 0) return;
    course.push({ kind: "training", network, seed, step, loss });
    report(step / steps, course);
  });
  const last: Row<"final"> = {
    kind: "final",
    network,
    seed,
    parameters: net.parameterCount,
    loss,
    testRmse,
  };
  course.push({ kind: "training", network, seed, step: steps, loss });
  return [...course, last, ...(shapes ? shapeRows(net, setting) : [])];
}

/** A shorter run of a variant. */
export function ablationRow(setting: Setting): Row<"ablation"> {
  const { loss, testRmse } = train(setting, () => {});
  return { kind: "ablation", variant: setting.network, seed: setting.seed, loss, testRmse };
}

/** The functions of all groups beside that of the start. */
function shapeRows(net: GroupRationalNetwork, setting: Setting): Row<"shape">[] {
  const starts = networkOf(setting).activations;
  return net.activations.flatMap((learned, i) => {
    const start = starts[i];
    if (typeof learned === "string" || typeof start === "string") return [];
    const rows: Row<"shape">[] = [];
    for (let x = -3; x <= 3; x += 0.125) {
      rows.push({ kind: "shape", layer: i + 1, group: 0, x, y: rationalValue(x, start) });
      for (let g = 0; g < learned.groups; g++) {
        rows.push({ kind: "shape", layer: i + 1, group: g + 1, x, y: rationalValue(x, learned, g) });
      }
    }
    return rows;
  });
}

/** Networks that learn Darcy flow. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import type { Report } from "../../lib/experiment/mod.ts";
import {
  darcyData,
  fitOperator,
  fourierOperator,
  type GridNetwork,
  localOperator,
  mgNo,
  relativeError,
} from "../../lib/multigrid/mod.ts";
import type { Coefficient, Model, Row } from "./rows.ts";

/** Functions to train on, to test on, and per step. */
const TRAIN = 256;
const TEST = 64;
const BATCH = 8;
/** Points of a training curve. */
const CURVE = 12;

/** Learning rates: notes 6.3. */
const RATES: Record<Model, number> = { MgNO: 6e-3, FNO: 1e-2, CNN: 5e-3 };

/** What a training is. */
export interface DarcyTrial {
  coefficient: Coefficient;
  model: Model;
  n: number;
  seed: number;
  steps: number;
}

/** The networks of notes 6.3: on 15 points about 20,000 parameters each, on 31 about 28,000. */
function networkOf({ model, n }: DarcyTrial, rng: Rng): GridNetwork<"float32"> {
  const common = { n, dtype: "float32", rng } as const;
  const isSmall = n < 31;
  if (model === "MgNO") return mgNo({ ...common, levels: Math.log2(n + 1) - 1, layers: 3, channels: 8 });
  if (model === "CNN") return localOperator({ ...common, width: isSmall ? 12 : 16, head: 64 });
  const size = isSmall ? { modes: 3, width: 12 } : { modes: 4, width: 10 };
  return fourierOperator({ ...common, ...size, padding: 3, head: 64 });
}

/** From half of the rate to all of it over the first 30 %, then half a cosine to zero. */
export function oneCycle(rate: number, steps: number): (step: number) => number {
  const rise = 0.3 * steps;
  return (step) =>
    step < rise
      ? rate * (0.5 + 0.5 * step / rise)
      : rate * (1 + Math.cos(Math.PI * (step - rise) / (steps - rise))) / 2;
}

/** Trains one network; all models of one seed share the data. */
export function darcyRows(trial: DarcyTrial, report: Report<Row<"curve">>): (Row<"darcy"> | Row<"curve">)[] {
  const { coefficient, model, n, seed, steps } = trial;
  const rng = new Rng(seed).split(`${coefficient}, n ${n}`);
  const scales = n < 31 ? 3 : 4;
  const dataOf = (part: string, count: number) =>
    darcyData(n, count, { coefficient, scales, rng: rng.split(part) });
  const train = dataOf("train", TRAIN);
  const test = dataOf("test", TEST);
  const input = standardization(train.coefficients);
  const size = standardization(train.solutions).deviation;
  const inputs = (coefficients: Matrix) =>
    coefficients.map((value) => (value - input.mean) / input.deviation).astype("float32");
  // Relative errors do not see the scale of the outputs.
  const outputs = (solutions: Matrix) => solutions.times(1 / size).astype("float32");
  const net = networkOf(trial, rng.split(model));
  const testInputs = inputs(test.coefficients);
  const testOutputs = outputs(test.solutions);
  const curve: Row<"curve">[] = [];
  const every = Math.ceil(steps / CURVE);
  const point = (step: number): Row<"curve"> => ({
    kind: "curve",
    coefficient,
    model,
    n,
    seed,
    step,
    l2: relativeError(predictions(net, testInputs), testOutputs).error,
  });
  fitOperator(net, inputs(train.coefficients), outputs(train.solutions), {
    loss: "h1",
    steps,
    batch: BATCH,
    learningRate: oneCycle(RATES[model], steps),
    rng: rng.split("order"),
    onStep: ({ step }) => {
      if ((step + 1) % every !== 0) return;
      curve.push(point(step + 1));
      report((step + 1) / steps, curve);
    },
  });
  const found = predictions(net, testInputs);
  const doubled = predictions(net, inputs(test.coefficients.times(2)));
  return [...curve, {
    kind: "darcy",
    coefficient,
    model,
    n,
    seed,
    steps,
    parameters: net.parameters.length,
    l2: relativeError(found, testOutputs).error,
    h1: relativeError(found, testOutputs, { norm: "h1" }).error,
    doubled: relativeError(doubled, outputs(test.solutions.times(0.5))).error,
  }];
}

/** In batches of the size of training, for which the network has its storage. */
function predictions(net: GridNetwork<"float32">, x: Matrix<Float32Array>): Matrix<Float32Array> {
  const out = Matrix.zeros(x.rows, x.columns, "float32");
  for (let start = 0; start < x.rows; start += BATCH) {
    out.data.set(net.forward(x.slice(start, start + BATCH)).data, start * x.columns);
  }
  return out;
}

function standardization({ data }: Matrix): { mean: number; deviation: number } {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
  return { mean, deviation: Math.sqrt(variance) };
}

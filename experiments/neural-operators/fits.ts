/** Networks trained on one grid, or on three, and tested on all. */
import { type Complex, Matrix, type RealArray, Rng } from "../../lib/arrays/mod.ts";
import { mean } from "../../lib/experiment/mod.ts";
import {
  convolutionSymbol,
  integralSymbol,
  interpolateInputOutput,
  kernelResampling,
  OperatorNetwork,
  relativeL2,
  subsample,
  trainOperator,
} from "../../lib/operators/mod.ts";
import { burgersData, FINEST } from "./data.ts";
import { distance, TRAIN_N } from "./exact.ts";
import type { Route, Row } from "./rows.ts";

/** What is trained. */
export type Model = "FNO" | "CNN" | "CNN on three grids";

/** A network, its data and its training. */
export interface TrainingTrial {
  model: Model;
  setting: Row<"error">["setting"];
  seed: number;
  /** Functions to train on and to test on. */
  functions: number;
  testFunctions: number;
  viscosity: number;
  time: number;
  solverPoints: number;
  solverSteps: number;
  width: number;
  layers: number;
  modes: number;
  taps: number;
  steps: number;
  batch: number;
  learningRate: number;
  /** Points of the test grids. */
  testSizes: number[];
  /** Whether one test function is kept. */
  drawn: boolean;
}

/** A network on any grid. */
type Apply = (u: Matrix<RealArray>) => Matrix<RealArray>;

/** Trains one network; every way to other grids that it has is tested on each. */
export function fit(trial: TrainingTrial, report: (fraction: number) => void): Row[] {
  const { model, functions, testFunctions, width, layers, modes, taps, steps, batch, learningRate } = trial;
  const rng = new Rng(trial.seed);
  const { u, target } = burgersData({
    ...trial,
    functions: functions + testFunctions,
    rng: rng.split("data"),
  });
  const net = new OperatorNetwork({
    kernel: model === "FNO" ? { kind: "spectral", modes } : { kind: "local", taps, trainN: TRAIN_N },
    width,
    layers,
    rng: rng.split(model),
  });
  trainOperator(net, u.slice(0, functions), target.slice(0, functions), {
    sizes: model === "CNN on three grids" ? [TRAIN_N / 2, TRAIN_N, 2 * TRAIN_N] : [TRAIN_N],
    steps,
    batch,
    learningRate,
    rng: rng.split("training"),
    onStep: ({ step }) => step % 50 === 0 && report(step / steps),
  });
  const test = { u: u.slice(functions, u.rows), target: target.slice(functions, u.rows) };
  return [
    ...tested(trial, routesOf(net, model), test),
    ...(model === "CNN" ? [squeezing(net, trial)] : []),
  ];
}

/** The ways of a network to other grids. */
function routesOf(net: OperatorNetwork, model: Model): [Route, Apply][] {
  if (model === "FNO") return [["FNO", (u) => net.forward(u)]];
  if (model === "CNN on three grids") return [["hat kernel, three grids", (u) => net.forward(u)]];
  return [
    ["plain CNN", (u) => net.forward(u, { method: "naive" })],
    ["official resizing", (u) => net.forward(u, { method: "official" })],
    ["hat kernel", (u) => net.forward(u, { method: "hat" })],
    ["input and output resized", interpolateInputOutput((u) => net.forward(u), TRAIN_N)],
  ];
}

function tested(
  { setting, seed, steps, testSizes, model, drawn }: TrainingTrial,
  routes: [Route, Apply][],
  test: { u: Matrix<Float32Array>; target: Matrix<Float32Array> },
): Row[] {
  return testSizes.flatMap((n) => {
    const [u, target] = [subsample(test.u, n), subsample(test.target, n)];
    const identity = mean([...relativeL2(u, target)]);
    const isSolutionDrawn = drawn && model === "CNN";
    return [
      ...(isSolutionDrawn ? [...predictions("start", u), ...predictions("solution", target)] : []),
      ...routes.flatMap(([route, apply]): Row[] => {
        const output = apply(u);
        const error = mean([...relativeL2(output, target)]);
        const row: Row<"error"> = { kind: "error", setting, route, n, seed, steps, error, identity };
        return [row, ...(drawn && DRAWN.includes(route) ? predictions(route, output) : [])];
      }),
    ];
  });
}

/** Routes whose predictions are kept, and how many points of each. */
const DRAWN: Route[] = ["FNO", "plain CNN", "official resizing", "hat kernel"];
const POINTS = 128;

/** The first function, at no more than some points. */
function predictions(route: Row<"prediction">["route"], u: Matrix<RealArray>): Row<"prediction">[] {
  const points = Math.min(POINTS, u.columns);
  const every = u.columns / points;
  return Array.from({ length: points }, (_, i): Row<"prediction"> => ({
    kind: "prediction",
    route,
    n: u.columns,
    x: i / points,
    u: u.get(0, i * every),
  }));
}

/**
 * What the official resizing makes of the trained kernels: a kernel function with a squeezed argument (notes
 * 3.1). Symbols are linear in the taps, so that those of single taps are enough.
 */
function squeezing(net: OperatorNetwork, { seed, taps, width, layers }: TrainingTrial): Row<"squeeze"> {
  const scale = FINEST / TRAIN_N;
  const { matrix, first } = kernelResampling(taps, FINEST, { trainN: TRAIN_N, method: "official" });
  const factor = (scale * (taps - 1) + 1) / (scale * taps);
  const units = Matrix.identity(taps);
  const waves = [1, 2, 3, 4, 5, 6, 7, 8].map((wave) => {
    const angle = 2 * Math.PI * wave / TRAIN_N;
    const of = (symbol: (t: number) => Complex) => Array.from({ length: taps }, (_, t) => symbol(t));
    return {
      resized: of((t) => convolutionSymbol(matrix.column(t), angle / scale, { first })),
      trained: of((t) => integralSymbol(units.row(t), angle)),
      squeezed: of((t) => integralSymbol(units.row(t), factor * angle)),
    };
  });
  const sums = { trained: 0, squeezed: 0, all: 0 };
  const pairs = width * width;
  // The lift comes first; each layer has its taps, then a map of the channels and a bias.
  let at = 4 * width;
  for (let l = 0; l < layers; l++, at += taps * pairs + pairs + width) {
    for (let pair = 0; pair < pairs; pair++) {
      const values = Array.from({ length: taps }, (_, t) => net.parameters[at + t * pairs + pair]);
      for (const wave of waves) {
        const [resized, trained, squeezed] = [wave.resized, wave.trained, wave.squeezed].map((symbols) =>
          combination(values, symbols)
        );
        sums.trained += distance(resized, trained) ** 2;
        sums.squeezed += distance(resized, squeezed) ** 2;
        sums.all += distance(trained, { re: 0, im: 0 }) ** 2;
      }
    }
  }
  return {
    kind: "squeeze",
    seed,
    fromTrained: Math.sqrt(sums.trained / sums.all),
    fromSqueezed: Math.sqrt(sums.squeezed / sums.all),
  };
}

function combination(weights: readonly number[], symbols: readonly Complex[]): Complex {
  const sum = { re: 0, im: 0 };
  symbols.forEach(({ re, im }, t) => {
    sum.re += weights[t] * re;
    sum.im += weights[t] * im;
  });
  return sum;
}

/** Linear forecasters in different bases. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import {
  fitLinearForecaster,
  type ForecastWindows,
  normalizeWindows,
  orthoTransform,
  windowCorrelation,
} from "../../lib/forecasting/mod.ts";
import { haarOrthogonal } from "../../lib/linalg/mod.ts";
import { basisOf } from "./bases.ts";
import type { BasisName, Row, Task } from "./rows.ts";
import { realSeries, type SplitSeries, TASKS, trainAndTest } from "./series.ts";

/** Windows normalized one by one, their targets on the same scale, in a pair of bases. */
function prepared({ inputs, targets }: ForecastWindows, qi: Matrix, qo: Matrix) {
  const { windows, mean, deviation } = normalizeWindows(inputs);
  const scaled = targets.map((value, i) => (value - mean[i]) / deviation[i]);
  return { x: orthoTransform(windows, qi), y: orthoTransform(scaled, qo), deviation };
}

/** Mean squared error on the standardized scale; an orthonormal basis does not change it. */
function testError(weights: Matrix, { x, y, deviation }: ReturnType<typeof prepared>): number {
  const errors = matmul(x, weights, { transposeB: true }).minus(y);
  return errors.data.reduce((sum, e, k) => sum + (e * deviation[Math.floor(k / y.columns)]) ** 2, 0) /
    errors.data.length;
}

function windowsOf(task: Task, basis: BasisName) {
  const { data, inputLength, horizon, every } = TASKS[task];
  const split: SplitSeries = realSeries(data);
  const { train, test } = trainAndTest(split, { inputLength, horizon, every });
  const [qi, qo] = [inputLength, horizon].map((n) => basisOf(basis, windowCorrelation(split.train, n)));
  return { train, test, qi, qo, groupRows: split.series.columns };
}

/** Adam in one basis, for all learning rates. */
export function fitRows(
  { task, basis, learningRates, steps, seed }: {
    task: Task;
    basis: BasisName;
    learningRates: number[];
    steps: number;
    seed: number;
  },
  report: (fraction: number) => void,
): Row<"fit">[] {
  const { train, test, qi, qo, groupRows } = windowsOf(task, basis);
  const [from, at] = [prepared(train, qi, qo), prepared(test, qi, qo)];
  return learningRates.map((learningRate, i) => {
    report(i / learningRates.length);
    const rng = new Rng(seed);
    const weights = fitLinearForecaster(from.x, from.y, { learningRate, steps, groupRows, batch: 64, rng });
    return { kind: "fit", task, basis, learningRate, seed, mse: testError(weights, at) };
  });
}

/** Full-batch descent in three bases; `oneSided` leaves the horizon in time, with a basis that is no rotation. */
export function descentRows(
  { task, steps, stepSize, seed, stretch }: {
    task: Task;
    steps: number;
    stepSize: number;
    seed: number;
    stretch: number;
  },
): Row<"descent">[] {
  const { train, test, qi, qo } = windowsOf(task, "OrthoTrans");
  const rng = new Rng(seed);
  const pairs = {
    time: [Matrix.identity(qi.rows), Matrix.identity(qo.rows)],
    OrthoTrans: [qi.map((value, i) => i === 0 ? stretch * value : value), qo],
    random: [qi, qo].map(({ rows }, i) => haarOrthogonal(rows, { rng: rng.split(i) })),
  };
  let reference: number[] = [];
  return (["time", "OrthoTrans", "random"] as const).flatMap((basis) => {
    const [a, b] = pairs[basis];
    const [from, at] = [prepared(train, a, b), prepared(test, a, b)];
    const errors: number[] = [];
    fitLinearForecaster(from.x, from.y, {
      optimizer: "gradient-descent",
      learningRate: stepSize,
      steps,
      onStep: (_, weights) => errors.push(testError(weights, at)),
    });
    if (basis === "time") reference = errors;
    let worst = 0;
    return errors.flatMap((mse, step): Row<"descent">[] => {
      worst = Math.max(worst, Math.abs(mse - reference[step]) / reference[step]);
      return step % 10 === 9 ? [{ kind: "descent", basis, step: step + 1, mse, difference: worst }] : [];
    });
  });
}

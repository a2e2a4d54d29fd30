import { Matrix, type RealArray } from "../arrays/mod.ts";
import { addScaled } from "../blas/mod.ts";
import { scaleByAdam } from "./adam.ts";
import { scaleByLearningRate } from "./scale.ts";
import type { Schedule } from "./schedule.ts";
import { chain } from "./transformation.ts";

/**
 * Adam for a network whose parameters are one flat array: a function that takes a gradient, which it
 * overwrites, and changes the parameters.
 */
export function flatAdam(
  name: string,
  parameters: RealArray,
  learningRate: Schedule,
): (gradient: RealArray) => void {
  const adam = chain(scaleByAdam(), scaleByLearningRate(learningRate));
  const row = (data: RealArray) => new Matrix<RealArray>(1, data.length, data);
  const parameter = { name, weights: row(parameters), outputs: "rows" as const };
  const state = adam.init(parameter);
  return (gradient) => {
    const update = adam.update(row(gradient), state, parameter).data;
    addScaled(parameters, 1, update);
  };
}

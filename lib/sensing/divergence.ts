import { euclideanNorm, type IterationOutcome } from "../arrays/mod.ts";
import type { MeasurementOperator } from "./measurement_operator.ts";

/** A factor with an entry beyond this many times the scale of the problem has diverged. */
const GROWTH = 1e8;

/**
 * Whether an entry is NaN or larger than {@linkcode GROWTH} times `scale`, the size of the start and of the
 * factors of the target.
 */
export function hasDiverged(factor: ArrayLike<number>, scale: number): boolean {
  const limit = GROWTH * scale;
  for (let i = 0; i < factor.length; i++) {
    // A NaN is not at most the limit.
    if (!(Math.abs(factor[i]) <= limit)) return true;
  }
  return false;
}

/** The outcome of a run that diverged in step `step`. */
export function diverged(step: number, what: string): IterationOutcome {
  return {
    status: "diverged",
    advice: `A factor grew beyond 1e8 times the start and the target in step ${step}: reduce ${what}`,
  };
}

/**
 * About the norm of a matrix with the measurements y: exact if `A* A` is a multiple of the identity, and
 * larger where some measurements are outliers.
 */
export function normFromMeasurements(operator: MeasurementOperator, y: Float64Array): number {
  const norm = euclideanNorm(y);
  const back = euclideanNorm(operator.adjoint(y).data);
  return back > 0 ? norm / back * norm : 0;
}

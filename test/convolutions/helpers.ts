import { assert } from "@std/assert";
import { blasInfo } from "refigure/blas";
import type { ConvolutionShape } from "refigure/convolutions";

export const engines = blasInfo().engine === "native"
  ? ["native", "portable"] as const
  : ["portable"] as const;

/** A shape by the letters of the paper. */
export function shapeOf(M: number, C: number, k: number, S = 1): ConvolutionShape {
  return { outChannels: M, inChannels: C, kernelSize: k, stride: S };
}

/** Asserts that the largest difference is at most `tolerance` times the largest value. */
export function assertClose(
  actual: ArrayLike<number>,
  wanted: ArrayLike<number>,
  tolerance: number,
  what = "values",
): void {
  assert(actual.length === wanted.length, `${what}: ${actual.length} numbers instead of ${wanted.length}`);
  let size = 0;
  let off = 0;
  for (let i = 0; i < wanted.length; i++) {
    size = Math.max(size, Math.abs(wanted[i]));
    off = Math.max(off, Math.abs(actual[i] - wanted[i]));
    assert(Number.isFinite(actual[i]), `${what}: entry ${i} is ${actual[i]}`);
  }
  assert(off <= tolerance * size, `${what} differ by ${off / size} of the largest, allowed are ${tolerance}`);
}

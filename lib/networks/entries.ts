/** Products of arrays, entry by entry; compiled for the arrays of a pass, with the same bits. Not public. */
import type { RealArray } from "../arrays/mod.ts";
import { kernelsOf } from "./compiled.ts";

/** `out = x y` for the first `count` entries; `out` may be one of them. All are arrays of a pass, or none is. */
export function multiply(out: RealArray, x: RealArray, y: RealArray, count: number): void {
  const run = kernelsOf(out);
  if (run === null) {
    for (let k = 0; k < count; k++) out[k] = x[k] * y[k];
    return;
  }
  const compiled = out instanceof Float32Array ? run.multiply32 : run.multiply64;
  compiled(out.byteOffset, x.byteOffset, y.byteOffset, count);
}

/**
 * `below = slope below + curvature moved tangent` and then `tangent = slope tangent`, for the first `count` entries. All
 * are arrays of a pass, or none is.
 */
export function bend(
  below: RealArray,
  tangent: RealArray,
  slope: RealArray,
  curvature: RealArray,
  moved: RealArray,
  count: number,
): void {
  const run = kernelsOf(below);
  if (run === null) {
    for (let k = 0; k < count; k++) {
      below[k] = slope[k] * below[k] + curvature[k] * moved[k] * tangent[k];
      tangent[k] *= slope[k];
    }
    return;
  }
  const compiled = below instanceof Float32Array ? run.bend32 : run.bend64;
  compiled(
    below.byteOffset,
    tangent.byteOffset,
    slope.byteOffset,
    curvature.byteOffset,
    moved.byteOffset,
    count,
  );
}

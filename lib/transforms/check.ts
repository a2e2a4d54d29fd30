import { type RealArray, requireRealArray } from "../arrays/mod.ts";
import { scaled } from "../arrays/scaling.ts";

/** Throws unless `x` is a typed array with at least one entry. @throws {TypeError | RangeError} */
export function requireValues(name: string, x: RealArray): void {
  requireRealArray(name, x);
  if (x.length === 0) throw new RangeError(`\`${name}\` must hold at least one number, got none`);
}

/** Throws unless `z` is a non-empty vector of interleaved complex numbers; returns how many. */
export function requireComplexValues(name: string, z: RealArray): number {
  requireValues(name, z);
  if (z.length % 2 !== 0) {
    throw new RangeError(
      `\`${name}\` must hold (re, im) pairs, an even number of entries, got ${z.length}`,
    );
  }
  return z.length / 2;
}

/** `x` in double precision, without a copy if it is already. */
export function wide(x: RealArray): Float64Array {
  return x instanceof Float64Array ? x : new Float64Array(x);
}

/** `values` in the precision of `like`, without a copy if it has it already. */
export function narrow<Data extends RealArray>(values: Float64Array, like: Data): Data {
  return (like instanceof Float32Array ? new Float32Array(values) : values) as Data;
}

/** Whether no entry is NaN or infinite. */
export function isFinite(values: Float64Array): boolean {
  // x * 0 is 0 for finite x and NaN otherwise; two sums, so that an addition need not wait for the last one.
  const n = values.length;
  let sum = 0;
  let other = 0;
  for (let i = 0; i + 1 < n; i += 2) {
    sum += values[i] * 0;
    other += values[i + 1] * 0;
  }
  if (n % 2 === 1) sum += values[n - 1] * 0;
  return sum + other === 0;
}

/** What a transform has made. */
export interface Transformed {
  /** The numbers. */
  values: Float64Array;
  /** Whether they were seen to be finite while they were made; if not, they have to be looked at. */
  seenFinite: boolean;
}

/** Numbers of an array that is used for other things, as an array of their own. */
export function copied(values: Float64Array): Float64Array {
  // Unlike `slice` without filling it with zeros first.
  return new Float64Array(values);
}

/**
 * A linear transform of `x`, which must keep `x` as it is. Where finite numbers overflowed on the way, they
 * are transformed again, scaled by a power of two, so that only results beyond the range become infinite.
 */
export function withoutOverflow(x: Float64Array, transform: (x: Float64Array) => Transformed): Float64Array {
  const { values, seenFinite } = transform(x);
  if (seenFinite || isFinite(values) || !isFinite(x)) return values;
  const { data, restore } = scaled(x);
  return transform(data).values.map(restore);
}

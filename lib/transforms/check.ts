import type { RealArray } from "../arrays/mod.ts";

/** Throws unless `x` is a typed array with at least one entry. @throws {TypeError | RangeError} */
export function requireValues(name: string, x: RealArray): void {
  if (!(x instanceof Float64Array) && !(x instanceof Float32Array)) {
    throw new TypeError(`\`${name}\` must be a Float64Array or a Float32Array, got ${describe(x)}`);
  }
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
  return x instanceof Float64Array ? x : Float64Array.from(x);
}

/** `values` in the precision of `like`, without a copy if it has it already. */
export function narrow<Data extends RealArray>(values: Float64Array, like: Data): Data {
  return (like instanceof Float32Array ? Float32Array.from(values) : values) as Data;
}

function describe(x: unknown): string {
  return x === null || typeof x !== "object" ? String(x) : `a ${x.constructor.name}`;
}

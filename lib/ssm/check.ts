import { requireFinite, requireInteger, requireRealArray } from "../arrays/mod.ts";
import type { RealArray } from "../arrays/mod.ts";
import { requireInterleaved } from "../arrays/complex.ts";

/** Throws unless a state size is even and positive. @throws {RangeError} */
export function requirePairs(name: string, n: number): void {
  requireInteger(name, n, { min: 1 });
  if (n % 2 !== 0) throw new RangeError(`\`${name}\`: state size must be even (conjugate pairs), got ${n}`);
}

/** Returns how many complex numbers a Float64Array holds. @throws {TypeError | RangeError} */
export function requireComplexVector(name: string, z: RealArray): number {
  return requireInterleaved(name, requireRealArray(name, z, "float64"));
}

/**
 * Throws unless both are complex vectors of one size; returns their size.
 *
 * @throws {TypeError} if one is not a typed array.
 * @throws {RangeError} if a length is odd or the lengths differ.
 */
export function requireSameSize(name: string, given: RealArray, other: string, wanted: RealArray): number {
  const count = requireComplexVector(name, given);
  if (count !== requireComplexVector(other, wanted)) {
    throw new RangeError(
      `\`${name}\` and \`${other}\` must be complex vectors of one size, got ${count} and ${
        wanted.length / 2
      }`,
    );
  }
  return count;
}

/** Throws unless every pole has a negative real part. @throws {RangeError} */
export function requireStable(name: string, poles: ArrayLike<number>): void {
  requireFinite(`Cannot use the poles \`${name}\``, poles);
  for (let k = 0; k < poles.length; k += 2) {
    if (poles[k] >= 0) {
      throw new RangeError(
        `unstable pole: \`${name}\` number ${k / 2} has real part ${poles[k]}, it must be below 0`,
      );
    }
  }
}

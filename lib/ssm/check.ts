import { requireFinite, requireInteger } from "../arrays/mod.ts";

/** Throws unless n is even and positive. @throws {RangeError} */
export function requirePairs(n: number): void {
  requireInteger("n", n, { min: 1 });
  if (n % 2 !== 0) throw new RangeError(`\`n\`: state size must be even (conjugate pairs), got ${n}`);
}

/**
 * Throws unless both are complex vectors of one length; returns how many numbers they hold. @throws
 * {TypeError}
 */
export function requireSameSize(
  name: string,
  given: ArrayLike<number>,
  other: string,
  wanted: ArrayLike<number>,
): number {
  if (given.length !== wanted.length || given.length % 2 !== 0) {
    throw new TypeError(
      `\`${name}\` and \`${other}\` must be complex vectors of one size, got ${given.length / 2} and ${
        wanted.length / 2
      }`,
    );
  }
  return given.length / 2;
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

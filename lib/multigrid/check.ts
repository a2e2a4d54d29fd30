/** Checks of the options of operators on grids. Not public. */
import {
  type DType,
  DTYPES,
  requireBoolean,
  requireInteger,
  requireNumbers,
  requireOneOf,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { GRID_PADDINGS, type GridPadding, levelSizes } from "./grid.ts";

/** Points per axis of the largest grid. */
const LARGEST = 4096;

/** @throws {RangeError} unless it is 1 or 2. */
export function requireDimension(name: string, dimension: 1 | 2): 1 | 2 {
  requireInteger(name, dimension, { min: 1, max: 2 });
  return dimension;
}

/** @throws {RangeError} unless the grid can be halved often enough, naming the nearest sizes that can be. */
export function requireLevels(n: number, levels: number, padding: GridPadding): void {
  requireInteger("levels", levels, { min: 1, max: 12 });
  requireOneOf("padding", padding, GRID_PADDINGS);
  requireInteger("n", n, { min: 1, max: LARGEST });
  if (!levelSizes(n, levels, padding).includes(NaN)) return;
  const allowed = validSizes(levels, padding);
  const above = allowed.findIndex((size) => size > n);
  const near = allowed.slice(Math.max(0, above - 2), above + 2);
  const form = padding === "zero"
    ? `(m + 1) 2^${levels - 1} - 1`
    : padding === "circular"
    ? `m 2^${levels - 1}`
    : `(m - 1) 2^${levels - 1} + 1 with m > 1`;
  throw new RangeError(
    `\`n\` must be ${form} for ${levels} levels with ${padding} padding, got ${n}; near it are ${
      near.join(", ")
    }`,
  );
}

/** @throws {RangeError} unless a grid of n points can be halved down to one point, naming sizes that can. */
export function requirePowerSize(n: number, largest: number): void {
  requireInteger("n", n, { min: 1, max: largest });
  if (Number.isInteger(Math.log2(n + 1))) return;
  const k = Math.floor(Math.log2(n + 1));
  throw new RangeError(`\`n\` must be 2^k - 1, got ${n}; near it are ${2 ** k - 1} and ${2 ** (k + 1) - 1}`);
}

/** Sizes of the finest grid that can be halved, ascending. */
function validSizes(levels: number, padding: GridPadding): number[] {
  const sizes: number[] = [];
  for (let n = 1; n <= 4 * LARGEST && sizes.length < 4 * LARGEST; n++) {
    if (!levelSizes(n, levels, padding).includes(NaN)) sizes.push(n);
  }
  return sizes;
}

/** What all builders take. */
export interface NetworkStartOptions<Precision extends DType> {
  /** Precision of parameters and of all that is computed. Default `"float64"`. */
  dtype?: Precision;
  /** Stream of the start. */
  rng: Rng;
}

/** @throws {TypeError} if an option is of the wrong type. */
export function requireStart<Precision extends DType>({ dtype, rng }: NetworkStartOptions<Precision>): void {
  if (dtype !== undefined) requireOneOf<DType>("dtype", dtype, DTYPES);
  requireRng("rng", rng);
}

/** Counts of smoothing steps, one for each level. @throws {TypeError | RangeError} */
export function requireCounts(
  name: string,
  counts: readonly number[],
  levels: number,
  range: { first: number; last?: number },
): readonly number[] {
  requireNumbers(name, counts);
  if (counts.length !== levels) {
    throw new RangeError(`\`${name}\` must have length ${levels}, one per level, got ${counts.length}`);
  }
  counts.forEach((count, l) =>
    requireInteger(`${name}[${l}]`, count, {
      min: l === 0 ? range.first : 0,
      max: l === levels - 1 ? range.last ?? 100 : 100,
    })
  );
  return counts;
}

/** The options that a V-cycle and a network of them share. */
export interface LearnedCycleOptions<Precision extends DType> extends NetworkStartOptions<Precision> {
  /** 1 for functions on an interval, 2 for functions on a square. Default 2. */
  dimension?: 1 | 2;
  /** Points per axis of the finest grid. */
  n: number;
  /** Number of grids J, the finest one included. */
  levels: number;
  /**
   * Smoothing steps of each level on the way down; 1 at least on the finest. Default 1, on the coarsest 2.
   */
  smoothings?: readonly number[];
  /** Smoothing steps of each level on the way up; none on the coarsest. Default 0. */
  postSmoothings?: readonly number[];
  /** Whether the residual is restricted, or the right-hand side as it is. Default true. */
  residual?: boolean;
  /**
   * What convolutions read beyond the border. `"zero"`, the default, is for functions that vanish there: the
   * points are interior, n = (m + 1) 2^(levels - 1) - 1. `"circular"`: periodic, n = m 2^(levels - 1).
   * `"reflect"`: mirror images, both ends are points, n = (m - 1) 2^(levels - 1) + 1.
   */
  padding?: GridPadding;
}

/** All of {@linkcode LearnedCycleOptions}, checked. @throws {TypeError | RangeError} */
export function requireCycle<Precision extends DType>(options: LearnedCycleOptions<Precision>) {
  const { dimension = 2, n, levels, residual = true, padding = "zero" } = options;
  requireDimension("dimension", dimension);
  requireLevels(n, levels, padding);
  const one = Array.from({ length: levels }, () => 1);
  const { smoothings = [...one.slice(1), 2], postSmoothings = one.map(() => 0) } = options;
  requireCounts("smoothings", smoothings, levels, { first: 1 });
  requireCounts("postSmoothings", postSmoothings, levels, { first: 0, last: 0 });
  requireBoolean("residual", residual);
  requireStart(options);
  return { dimension, n, levels, smoothings, postSmoothings, residual, padding };
}

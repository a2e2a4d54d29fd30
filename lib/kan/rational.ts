import {
  describeValue,
  type RealArray,
  requireInstance,
  requireInteger,
  requireLength,
  requireNumber,
  requireOptions,
} from "../arrays/mod.ts";
import { newArray } from "../arrays/new_array.ts";
import {
  channelsPerGroup,
  DENOMINATOR_SIZE,
  NUMERATOR_SIZE,
  type RationalCoefficients,
  requireRational,
} from "./coefficients.ts";

/**
 * One value of a rational activation.
 *
 * @param x Where to evaluate; NaN gives NaN. Powers of `x` overflow beyond 1e60.
 * @param coefficients Of the rational functions.
 * @param group Whose denominator is used, from 0. Default 0.
 * @returns P(x) / Q(x).
 * @throws {RangeError} if there is no such group, or the coefficients do not fit together.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { rationalPreset, rationalValue } from "refigure/kan";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(rationalValue(1, rationalPreset("swish")), 0.731065449227768, 1e-14);
 * ```
 */
export function rationalValue(x: number, coefficients: RationalCoefficients, group = 0): number {
  requireNumber("x", x, { finite: false });
  requireRational("coefficients", coefficients);
  requireInteger("group", group, { max: coefficients.groups - 1 });
  return evaluate(
    Float64Array.of(x),
    1,
    1,
    {
      ...coefficients,
      groups: 1,
      denominator: coefficients.denominator.subarray(
        DENOMINATOR_SIZE * group,
        DENOMINATOR_SIZE * (group + 1),
      ),
    },
    new Float64Array(1),
  )[0];
}

/** Options of {@linkcode rationalForward}. */
export interface RationalForwardOptions<Data extends RealArray = RealArray> {
  /** Where to write the values; may be `x` itself. Default: a new array. */
  out?: Data;
}

/**
 * A rational activation of every entry of a matrix: channel c of the `channels` belongs to group
 * `floor(c groups / channels)`, so a group is a run of neighbouring channels (Yang & Wang 2024, equation of
 * the group-rational layer). One loop, which evaluates both polynomials by Horner's rule in double precision.
 *
 * @param x Entries, row after row: `rows * channels` numbers. Powers overflow beyond 1e60; NaN gives NaN.
 * @param rows Number of rows.
 * @param channels Entries per row, a multiple of the number of groups.
 * @param coefficients Of the rational functions.
 * @param options Where to write.
 * @returns The values, in the precision of `x`.
 * @throws {RangeError} if the sizes do not fit, or a coefficient is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example The coefficients "identity" change nothing
 * ```ts
 * import { rationalForward, rationalPreset } from "refigure/kan";
 * import { assertEquals } from "@std/assert";
 *
 * const x = Float32Array.of(0.1, -7, 3e10, 2);
 * assertEquals(rationalForward(x, 2, 2, rationalPreset("identity", { groups: 2 })), x);
 * ```
 */
export function rationalForward<Data extends RealArray>(
  x: Data,
  rows: number,
  channels: number,
  coefficients: RationalCoefficients,
  options: RationalForwardOptions<Data> = {},
): Data {
  requireEntries(x, rows, channels, coefficients);
  requireOptions("options", options, ["out"]);
  const { out = newArray(x instanceof Float32Array, x.length) as Data } = options;
  requireLike("out", out, x);
  return evaluate(x, rows, channels, coefficients, out);
}

/** {@linkcode rationalForward} without checks. */
function evaluate<Data extends RealArray>(
  x: Data,
  rows: number,
  channels: number,
  { numerator, denominator, groups, form }: RationalCoefficients,
  out: Data,
): Data {
  const width = channels / groups;
  const [a0, a1, a2, a3, a4, a5] = numerator;
  for (let g = 0; g < groups; g++) {
    const [b1, b2, b3, b4] = denominator.subarray(DENOMINATOR_SIZE * g, DENOMINATOR_SIZE * (g + 1));
    if (form === "abs-of-sum") {
      for (let r = 0; r < rows; r++) {
        const start = r * channels + g * width;
        for (let i = start; i < start + width; i++) {
          const t = x[i];
          const p = a0 + t * (a1 + t * (a2 + t * (a3 + t * (a4 + t * a5))));
          out[i] = p / (1 + Math.abs(t * (b1 + t * (b2 + t * (b3 + t * b4)))));
        }
      }
    } else {
      const c1 = Math.abs(b1);
      const c2 = Math.abs(b2);
      const c3 = Math.abs(b3);
      const c4 = Math.abs(b4);
      for (let r = 0; r < rows; r++) {
        const start = r * channels + g * width;
        for (let i = start; i < start + width; i++) {
          const t = x[i];
          const s = Math.abs(t);
          const p = a0 + t * (a1 + t * (a2 + t * (a3 + t * (a4 + t * a5))));
          out[i] = p / (1 + s * (c1 + s * (c2 + s * (c3 + s * c4))));
        }
      }
    }
  }
  return out;
}

/** Gradients of {@linkcode rationalForward}. */
export interface RationalGradients<Data extends RealArray = RealArray> {
  /** For each entry of `x`, in its precision. */
  dx: Data;
  /** For a0 to a5, summed over all entries. */
  dNumerator: Float64Array;
  /** For b1 to b4 of each group, summed over the entries of the group. */
  dDenominator: Float64Array;
}

/**
 * The gradients of {@linkcode rationalForward} in one pass that evaluates the polynomials again, instead of
 * keeping powers: with S = b1 x + ... + b4 x^4 and s = sign(S),
 *
 * - `"abs-of-sum"`: dF/dx = (P' - s S' F) / Q, dF/da_i = x^i / Q, dF/db_j = -s x^j F / Q;
 * - `"sum-of-abs"`: the same with |x| and |b_j| in S, and the signs of x and b_j in front.
 *
 * A sign of 0 is 1, as in the released kernels: were it 0, as in automatic differentiation of |S|, the
 * denominators of the start "identity" would have zero gradients and never be learned.
 *
 * The ten sums of a group are kept in double precision in registers and stored once: a sum in single
 * precision over a million entries loses most of its digits (FlashKAT, arXiv 2505.13813).
 *
 * @param x Entries as for {@linkcode rationalForward}.
 * @param rows Number of rows.
 * @param channels Entries per row.
 * @param coefficients Of the rational functions.
 * @param dy Gradient of the values, one per entry, in the precision of `x`.
 * @returns The gradients.
 * @throws {RangeError} if the sizes do not fit, or a coefficient is not finite.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example The gradient of the first coefficient is the sum of 1 / Q
 * ```ts
 * import { rationalBackward, rationalPreset } from "refigure/kan";
 * import { assertEquals } from "@std/assert";
 *
 * const identity = rationalPreset("identity", { groups: 1 });
 * const { dx, dNumerator } = rationalBackward(Float64Array.of(2, 3), 2, 1, identity, Float64Array.of(1, 1));
 * assertEquals([...dx], [1, 1]);
 * assertEquals([...dNumerator], [2, 5, 13, 35, 97, 275]);
 * ```
 */
export function rationalBackward<Data extends RealArray>(
  x: Data,
  rows: number,
  channels: number,
  coefficients: RationalCoefficients,
  dy: Data,
): RationalGradients<Data> {
  requireEntries(x, rows, channels, coefficients);
  requireLike("dy", dy, x);
  const { numerator, denominator, groups, form } = coefficients;
  const dx = newArray(x instanceof Float32Array, x.length) as Data;
  const dNumerator = new Float64Array(NUMERATOR_SIZE);
  const dDenominator = new Float64Array(DENOMINATOR_SIZE * groups);
  for (let g = 0; g < groups; g++) {
    const own = denominator.subarray(DENOMINATOR_SIZE * g, DENOMINATOR_SIZE * (g + 1));
    const sums = form === "abs-of-sum"
      ? backAbsOfSum(x, dy, dx, { rows, channels, groups, g }, numerator, own)
      : backSumOfAbs(x, dy, dx, { rows, channels, groups, g }, numerator, own);
    for (let i = 0; i < NUMERATOR_SIZE; i++) dNumerator[i] += sums[i];
    for (let j = 0; j < DENOMINATOR_SIZE; j++) {
      dDenominator[DENOMINATOR_SIZE * g + j] = sums[NUMERATOR_SIZE + j];
    }
  }
  return { dx, dNumerator, dDenominator };
}

interface Group {
  rows: number;
  channels: number;
  groups: number;
  g: number;
}

/** Writes one group's part of `dx`; returns the sums for a0 to a5, then b1 to b4. */
function backAbsOfSum(
  x: RealArray,
  dy: RealArray,
  dx: RealArray,
  { rows, channels, groups, g }: Group,
  [a0, a1, a2, a3, a4, a5]: Float64Array,
  [b1, b2, b3, b4]: Float64Array,
): number[] {
  const width = channels / groups;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let s4 = 0;
  let s5 = 0;
  let t1 = 0;
  let t2 = 0;
  let t3 = 0;
  let t4 = 0;
  for (let r = 0; r < rows; r++) {
    const start = r * channels + g * width;
    for (let i = start; i < start + width; i++) {
      const t = x[i];
      const p = a0 + t * (a1 + t * (a2 + t * (a3 + t * (a4 + t * a5))));
      const dp = a1 + t * (2 * a2 + t * (3 * a3 + t * (4 * a4 + t * (5 * a5))));
      const s = t * (b1 + t * (b2 + t * (b3 + t * b4)));
      const ds = b1 + t * (2 * b2 + t * (3 * b3 + t * (4 * b4)));
      const w = 1 / (1 + Math.abs(s));
      const u = dy[i] * w;
      const v = (s < 0 ? u : -u) * (p * w);
      dx[i] = u * dp + v * ds;
      const x2 = t * t;
      const x3 = x2 * t;
      const x4 = x2 * x2;
      s0 += u;
      s1 += u * t;
      s2 += u * x2;
      s3 += u * x3;
      s4 += u * x4;
      s5 += u * x4 * t;
      t1 += v * t;
      t2 += v * x2;
      t3 += v * x3;
      t4 += v * x4;
    }
  }
  return [s0, s1, s2, s3, s4, s5, t1, t2, t3, t4];
}

/** As {@linkcode backAbsOfSum}, for the other form. */
function backSumOfAbs(
  x: RealArray,
  dy: RealArray,
  dx: RealArray,
  { rows, channels, groups, g }: Group,
  [a0, a1, a2, a3, a4, a5]: Float64Array,
  b: Float64Array,
): number[] {
  const width = channels / groups;
  const [b1, b2, b3, b4] = b.map(Math.abs);
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let s4 = 0;
  let s5 = 0;
  let t1 = 0;
  let t2 = 0;
  let t3 = 0;
  let t4 = 0;
  for (let r = 0; r < rows; r++) {
    const start = r * channels + g * width;
    for (let i = start; i < start + width; i++) {
      const t = x[i];
      const z = Math.abs(t);
      const p = a0 + t * (a1 + t * (a2 + t * (a3 + t * (a4 + t * a5))));
      const dp = a1 + t * (2 * a2 + t * (3 * a3 + t * (4 * a4 + t * (5 * a5))));
      const ds = b1 + z * (2 * b2 + z * (3 * b3 + z * (4 * b4)));
      const w = 1 / (1 + z * (b1 + z * (b2 + z * (b3 + z * b4))));
      const u = dy[i] * w;
      const v = -u * (p * w);
      dx[i] = u * dp + (t < 0 ? -v : v) * ds;
      const x2 = t * t;
      const x4 = x2 * x2;
      s0 += u;
      s1 += u * t;
      s2 += u * x2;
      s3 += u * x2 * t;
      s4 += u * x4;
      s5 += u * x4 * t;
      t1 += v * z;
      t2 += v * x2;
      t3 += v * x2 * z;
      t4 += v * x4;
    }
  }
  const signs = b.map((value) => value < 0 ? -1 : 1);
  return [s0, s1, s2, s3, s4, s5, signs[0] * t1, signs[1] * t2, signs[2] * t3, signs[3] * t4];
}

function requireEntries(
  x: RealArray,
  rows: number,
  channels: number,
  coefficients: RationalCoefficients,
): void {
  if (!(x instanceof Float32Array || x instanceof Float64Array)) {
    throw new TypeError(`\`x\` must be a Float32Array or Float64Array, got ${describeValue(x)}`);
  }
  requireInteger("rows", rows);
  requireInteger("channels", channels);
  requireRational("coefficients", coefficients);
  channelsPerGroup(channels, coefficients.groups);
  requireLength("x", x, rows * channels);
}

/** Throws unless `values` has the length and the precision of `x`. @throws {TypeError | RangeError} */
function requireLike(name: string, values: RealArray, x: RealArray): void {
  const Class = x instanceof Float32Array ? Float32Array : Float64Array;
  requireLength(name, requireInstance<RealArray>(name, values, Class), x.length);
}

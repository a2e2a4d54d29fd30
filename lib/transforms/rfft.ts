import { type RealArray, requireInteger, requireOptions } from "../arrays/mod.ts";
import {
  copied,
  narrow,
  requireComplexValues,
  requireValues,
  type Transformed,
  wide,
  withoutOverflow,
} from "./check.ts";
import { placeOf, realSpectrum } from "./loops.ts";
import { transformComplex, transformInPlace } from "./plan.ts";
import { writeRoot } from "./roots.ts";
import { bytesForLength, type TableKind, type Workspace, workspaceFor } from "./workspace.ts";

/**
 * The discrete Fourier transform of n real numbers: entries 0 to floor(n / 2), the others being their
 * conjugates. For even n it costs one complex transform of half the length. The same as `numpy.fft.rfft`.
 *
 * @param x n real numbers.
 * @returns floor(n / 2) + 1 complex numbers, interleaved.
 * @throws {RangeError} if `x` is empty.
 * @throws {TypeError} if `x` is not a Float64Array or a Float32Array.
 *
 * @example
 * ```ts
 * import { rfft } from "refigure/transforms";
 * import { assertEquals } from "@std/assert";
 *
 * // An alternating signal has all its energy at the highest frequency.
 * assertEquals(rfft(new Float64Array([1, -1, 1, -1])), new Float64Array([0, 0, 0, 0, 4, 0]));
 * ```
 */
export function rfft<Data extends RealArray>(x: Data): Data {
  requireValues("x", x);
  return narrow(withoutOverflow(wide(x), (values) => realTransformed(values)), x);
}

/** Options for {@linkcode irfft}. */
export interface IrfftOptions {
  /**
   * How many real numbers: one of the two lengths that fit the coefficients. Default: the even one, twice
   * the coefficients less two.
   */
  length?: number;
}

/**
 * The inverse of {@linkcode rfft}: n real numbers from their floor(n / 2) + 1 Fourier coefficients. The
 * imaginary parts of entry 0, and for even n of entry n / 2, are taken to be zero, as `numpy.fft.irfft` does.
 *
 * @param z floor(n / 2) + 1 complex numbers, interleaved.
 * @returns n real numbers.
 * @throws {RangeError} if `z` is empty or its length is odd, or `length` does not fit that of `z`.
 * @throws {TypeError} if `z` is not a Float64Array or a Float32Array, or an option is unknown.
 *
 * @example
 * ```ts
 * import { irfft, rfft } from "refigure/transforms";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = new Float64Array([3, 1, 4, 1, 5]);
 * irfft(rfft(x), { length: 5 }).forEach((value, k) => assertAlmostEquals(value, x[k], 1e-14));
 * ```
 */
export function irfft<Data extends RealArray>(
  z: Data,
  options: IrfftOptions = {},
): Data {
  const count = requireComplexValues("z", z);
  requireOptions("options", options, ["length"]);
  const { length = Math.max(1, 2 * (count - 1)) } = options;
  requireInteger("length", length, { min: 1 });
  if (Math.floor(length / 2) + 1 !== count) {
    const fitting = count === 1 ? "1" : `${2 * count - 2} or ${2 * count - 1}`;
    throw new RangeError(
      `\`length\` must be ${fitting} for the ${count} coefficients of \`z\`, got ${length}`,
    );
  }
  return narrow(
    withoutOverflow(wide(z), (values) => ({
      values: inverseRealTransform(values, length),
      seenFinite: false,
    })),
    z,
  );
}

/** {@linkcode rfft} in double precision, unchecked. */
export function realTransform(x: Float64Array, workspace?: Workspace): Float64Array {
  return realTransformed(x, workspace).values;
}

function realTransformed(x: Float64Array, workspace?: Workspace): Transformed {
  const n = x.length;
  return n % 2 === 0 ? evenTransform(x, n / 2, workspace) : oddTransform(x, n, workspace);
}

/** An odd length has no halves to pack: a complex transform of the numbers as they are. */
function oddTransform(x: Float64Array, n: number, workspace?: Workspace): Transformed {
  const full = new Float64Array(2 * n);
  const out = new Float64Array(2 * n);
  for (let j = 0; j < n; j++) full[2 * j] = x[j];
  transformComplex(full, out, n, workspace);
  return { values: out.slice(0, n + 1), seenFinite: false };
}

/** cos and sin of pi k / h for k up to h / 2, in blocks. */
const halfTurn: TableKind = {
  bytes: (h) => 32 * ((h >> 2) + 1),
  fill(workspace, h, address) {
    const count = 2 * ((h >> 2) + 1);
    for (let k = 0; k < count; k++) writeRoot(workspace.float64, address / 8 + placeOf(k), 2, k, 2 * h);
  },
};

/** x, read as h complex numbers, is even + i odd; `loops.realSpectrum` takes its transform apart. */
function evenTransform(x: Float64Array, h: number, given?: Workspace): Transformed {
  const place = given ?? workspaceFor(bytesForLength(h));
  const table = place.table(halfTurn, h);
  const { f, other } = transformInPlace(place, h, (memory, at) => memory.set(x, at));
  const memory = place.float64;
  let seenFinite = false;
  if (h % 4 === 0) seenFinite = place.run.realSpectrum(f, other, h, table) !== 0;
  else realSpectrum(memory, f / 8, other / 8, h, table / 8);
  if (h % 2 === 0) {
    // Its own partner: w = -i.
    const re = memory[f / 8 + placeOf(h / 2)];
    const im = 0 - memory[f / 8 + placeOf(h / 2) + 2];
    memory[other / 8 + h] = re;
    memory[other / 8 + h + 1] = im;
    seenFinite &&= Number.isFinite(re + im);
  }
  return { values: copied(memory.subarray(other / 8, other / 8 + 2 * h + 2)), seenFinite };
}

/** {@linkcode irfft} in double precision, unchecked. */
export function inverseRealTransform(z: Float64Array, n: number, workspace?: Workspace): Float64Array {
  return n % 2 === 0 ? evenInverse(z, n / 2, workspace) : oddInverse(z, n, workspace);
}

function oddInverse(z: Float64Array, n: number, workspace?: Workspace): Float64Array {
  // The conjugates are transformed forward, which is the conjugate of the inverse, and that is real.
  const full = new Float64Array(2 * n);
  const out = new Float64Array(2 * n);
  const x = new Float64Array(n);
  full[0] = z[0];
  for (let k = 1; 2 * k < n; k++) {
    full[2 * k] = full[2 * (n - k)] = z[2 * k];
    full[2 * k + 1] = -z[2 * k + 1];
    full[2 * (n - k) + 1] = z[2 * k + 1];
  }
  transformComplex(full, out, n, workspace);
  for (let j = 0; j < n; j++) x[j] = out[2 * j] / n;
  return x;
}

/** The steps of {@linkcode evenTransform} undone, in its conjugate, so that a forward transform inverts. */
function evenInverse(z: Float64Array, h: number, given?: Workspace): Float64Array {
  const place = given ?? workspaceFor(bytesForLength(h));
  const f = new Float64Array(2 * h);
  const x = new Float64Array(2 * h);
  f[0] = (z[0] + z[2 * h]) / 2;
  f[1] = -(z[0] - z[2 * h]) / 2;
  const table = place.table(halfTurn, h) / 8;
  const memory = place.float64;
  for (let k = 1; 2 * k <= h; k++) {
    const j = h - k;
    const a = z[2 * k];
    const b = z[2 * k + 1];
    const c = z[2 * j];
    const d = z[2 * j + 1];
    const cos = memory[table + placeOf(k)];
    const sin = memory[table + placeOf(k) + 2];
    const evenRe = (a + c) / 2;
    const evenIm = (b - d) / 2;
    const re = (a - c) / 2;
    const im = (b + d) / 2;
    const oddRe = cos * re - sin * im;
    const oddIm = cos * im + sin * re;
    f[2 * k] = evenRe - oddIm;
    f[2 * k + 1] = -(evenIm + oddRe);
    f[2 * j] = evenRe + oddIm;
    f[2 * j + 1] = evenIm - oddRe;
  }
  transformComplex(f, x, h, place);
  for (let j = 0; j < 2 * h; j += 2) {
    x[j] /= h;
    x[j + 1] /= -h;
  }
  return x;
}

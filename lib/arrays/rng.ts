import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { describeValue, requireInstance, requireInteger, requireNumber } from "./check.ts";
import { Matrix } from "./matrix.ts";
import { newArray } from "./new_array.ts";

/**
 * A seeded stream of random numbers that splits into independent streams.
 *
 * The generator is xoroshiro128+ (Blackman & Vigna 2018, as kept by `pure-rand`). A stream has a key, and
 * `split(label)` hashes the label into that key: the child depends on the seed and the path of labels alone,
 * never on how many numbers were drawn before. So a draw that is added in one part of an experiment does not
 * change the numbers of another part.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { assertEquals, assertNotEquals } from "@std/assert";
 *
 * const rng = new Rng(7);
 * const noise = rng.split("noise").normals(3);
 * rng.uniform(); // drawing from the parent does not move the child
 * assertEquals(rng.split("noise").normals(3), noise);
 * assertNotEquals(rng.split("signal").normals(3), noise);
 * ```
 */
export class Rng {
  readonly #path: string;
  readonly #generator: { next(): number };
  #spareNormal: number | undefined;

  /**
   * Starts a stream.
   *
   * @param seed Any integer or string; equal seeds give equal streams on every platform.
   * @throws {TypeError} if the seed is neither a number nor a string.
   * @throws {RangeError} if the seed is a number that is not an integer.
   */
  constructor(seed: number | string) {
    if (typeof seed === "number") requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
    else requireText("seed", seed);
    this.#path = String(seed);
    this.#generator = xoroshiro128plusFromState(hash(this.#path));
  }

  /** An independent stream, named by `label`. @throws {TypeError} if it is neither a number nor a string. */
  split(label: number | string): Rng {
    if (typeof label === "number") requireNumber("label", label);
    else requireText("label", label);
    return new Rng(`${this.#path}\u0000${label}`);
  }

  /** A number uniform in [0, 1), with 53 random bits; or in [low, high). */
  uniform(low = 0, high = 1): number {
    if (typeof low !== "number") requireNumber("low", low);
    if (typeof high !== "number") requireNumber("high", high);
    const high27 = this.#generator.next() >>> 5;
    const low26 = this.#generator.next() >>> 6;
    return low + (high - low) * ((high27 * 67108864 + low26) / 9007199254740992);
  }

  /** An integer uniform in 0, 1, ..., n - 1. @throws {RangeError} unless 1 <= n <= 2^32. */
  integer(n: number): number {
    requireInteger("n", n, { min: 1, max: 4294967296 });
    // Rejecting the incomplete last block keeps every value equally likely.
    const limit = 4294967296 - (4294967296 % n);
    for (;;) {
      const draw = this.#generator.next() >>> 0;
      if (draw < limit) return draw % n;
    }
  }

  /** A standard normal number (Marsaglia's polar method). */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const r2 = x * x + y * y;
      if (r2 < 1 && r2 > 0) {
        const factor = Math.sqrt(-2 * Math.log(r2) / r2);
        this.#spareNormal = y * factor;
        return x * factor;
      }
    }
  }

  /** `n` independent standard normal numbers, times `scale`. */
  normals(n: number, scale = 1): Float64Array {
    requireNumber("scale", scale, { finite: false });
    const out = newArray(false, requireInteger("n", n)) as Float64Array;
    for (let i = 0; i < n; i++) out[i] = scale * this.normal();
    return out;
  }

  /**
   * A matrix of independent normal entries.
   *
   * @param rows Number of rows.
   * @param columns Number of columns.
   * @param scale Their standard deviation. Default 1.
   * @returns The matrix.
   */
  normalMatrix(rows: number, columns: number, scale = 1): Matrix {
    requireInteger("rows", rows);
    requireInteger("columns", columns);
    return new Matrix(rows, columns, this.normals(rows * columns, scale));
  }

  /** A point uniform on the unit sphere in n dimensions. @throws {RangeError} if n < 1. */
  sphere(n: number): Float64Array {
    requireInteger("n", n, { min: 1 });
    for (;;) {
      const point = this.normals(n);
      let norm = 0;
      for (const x of point) norm += x * x;
      norm = Math.sqrt(norm);
      if (norm > 0) return point.map((x) => x / norm);
    }
  }

  /**
   * A gamma variate with density proportional to `x^(shape - 1) exp(-x / scale)` (Marsaglia & Tsang 2000).
   * `2 gamma(k / 2)` is a chi-squared number with k degrees of freedom.
   *
   * @param shape Positive. Far below 1e-3 most numbers are smaller than the smallest float, which is 0.
   * @param scale Positive. Default 1.
   * @throws {RangeError} if an argument is not positive and finite.
   */
  gamma(shape: number, scale = 1): number {
    requireNumber("shape", shape, { above: 0 });
    requireNumber("scale", scale, { above: 0 });
    return scale * Math.exp(this.#logGamma(shape));
  }

  /**
   * A beta variate, in [0, 1], with density proportional to `x^(a - 1) (1 - x)^(b - 1)`: the share of one of two gamma
   * variates in their sum.
   *
   * @throws {RangeError} if `a` or `b` is not positive and finite.
   */
  beta(a: number, b: number): number {
    requireNumber("a", a, { above: 0 });
    requireNumber("b", b, { above: 0 });
    const first = this.#logGamma(a);
    const second = this.#logGamma(b);
    return 1 / (1 + Math.exp(second - first));
  }

  /** The logarithm of a gamma variate, which does not underflow where the shape is small. */
  #logGamma(shape: number): number {
    if (shape < 1) return this.#logGamma(shape + 1) + Math.log(1 - this.uniform()) / shape;
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v <= 0) continue;
      if (Math.log(1 - this.uniform()) < x * x / 2 + d - d * v + d * Math.log(v)) return Math.log(d * v);
    }
  }

  /** A uniformly random order of 0, 1, ..., n - 1 (Fisher-Yates). */
  permutation(n: number): Int32Array {
    requireInteger("n", n, { max: 2 ** 31 });
    return this.shuffle(Int32Array.from({ length: n }, (_, i) => i));
  }

  /** Shuffles an array in place (Fisher-Yates) and returns it. @throws {TypeError} if it is not an array. */
  shuffle<Items extends { length: number; [index: number]: unknown }>(items: Items): Items {
    if (!Array.isArray(items) && !ArrayBuffer.isView(items)) {
      throw new TypeError(`\`items\` must be an array, got ${describeValue(items)}`);
    }
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const kept = items[i];
      items[i] = items[j];
      items[j] = kept;
    }
    return items;
  }
}

function requireText(name: string, value: string): void {
  if (typeof value !== "string") {
    throw new TypeError(`\`${name}\` must be a number or a string, got ${describeValue(value)}`);
  }
}

/**
 * Returns `value` if it is an {@linkcode Rng}; a bare seed is not one.
 *
 * @throws {TypeError} naming the argument and what was given.
 *
 * @example
 * ```ts
 * import { requireRng, Rng } from "refigure/arrays";
 * import { assertThrows } from "@std/assert";
 *
 * requireRng("rng", new Rng(1));
 * assertThrows(() => requireRng("rng", 1 as never), TypeError, "`rng` must be an Rng, got 1");
 * ```
 */
export function requireRng(name: string, value: Rng): Rng {
  return requireInstance(name, value, Rng);
}

/**
 * Hashes text into the generator's 128 bits of state: the 32-bit finalizer of MurmurHash3 over four lanes.
 */
function hash(text: string): [number, number, number, number] {
  // Fractional digits of pi: an arbitrary start.
  let a = 0x243f6a88;
  let b = 0x85a308d3;
  let c = 0x13198a2e;
  let d = 0x03707344;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = mix(a ^ unit) + b | 0;
    b = mix(b ^ a) + c | 0;
    c = mix(c ^ b) + d | 0;
    d = mix(d ^ c) + a | 0;
  }
  for (let round = 0; round < 4; round++) {
    a = mix(a + d + 0x9e3779b9 | 0);
    b = mix(b + a | 0);
    c = mix(c + b | 0);
    d = mix(d + c | 0);
  }
  // The all-zero state is the one that xoroshiro cannot leave.
  return [a, b, c, (a | b | c | d) === 0 ? 1 : d];
}

function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

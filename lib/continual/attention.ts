import {
  allocate,
  allocateLike,
  type DType,
  Matrix,
  type RealArray,
  requireBoolean,
  requireInteger,
  requireLength,
  requireMatrix,
  requireOneOf,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import { DTYPES } from "./check.ts";
import { RetroactiveCore } from "./retroactive_core.ts";
import { SingleOutputCore } from "./single_output_core.ts";
import { softmaxRows } from "../arrays/softmax.ts";

/**
 * Attention over a window, computed from scratch: `softmax(Q K^T / sqrt(d)) V` with the largest logit of each
 * row subtracted. What the continual forms are compared with.
 *
 * @param queries n x d.
 * @param keys m x d.
 * @param values m x d.
 * @returns n x d.
 * @throws {RangeError} if sizes do not fit or are zero.
 * @throws {TypeError} if an argument is not a matrix, or precisions differ.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { windowAttention } from "refigure/continual";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const column = (...entries: number[]) => new Matrix(entries.length, 1, Float64Array.from(entries));
 * const out = windowAttention(column(1, 0), column(0, 1), column(1, 3));
 * assertAlmostEquals(out.get(0, 0), 1 + 2 / (1 + Math.exp(-1)), 1e-15);
 * assertAlmostEquals(out.get(1, 0), 2, 1e-15);
 * ```
 */
export function windowAttention<Data extends RealArray>(
  queries: Matrix<Data>,
  keys: Matrix<Data>,
  values: Matrix<Data>,
): Matrix<Data> {
  for (const [name, matrix] of [["queries", queries], ["keys", keys], ["values", values]] as const) {
    requireMatrix(name, matrix);
    requireRealArray(`${name}.data`, matrix.data, queries.dtype);
    requireInteger(`${name}.rows`, matrix.rows, { min: 1 });
  }
  const { rows: n, columns: d } = queries;
  const m = keys.rows;
  requireInteger("queries.columns", d, { min: 1 });
  if (keys.columns !== d) {
    throw new RangeError(`\`keys\` must have the ${d} columns of \`queries\`, got ${keys.columns}`);
  }
  if (values.rows !== m) {
    throw new RangeError(`\`values\` must have the ${m} rows of \`keys\`, got ${values.rows}`);
  }
  const weights = allocate(queries.dtype, n * m);
  const width = requireInteger("values.columns", values.columns, { min: 1 });
  const scale = 1 / Math.sqrt(d);
  engine().gemm(false, true, n, m, d, scale, queries.data, d, keys.data, d, 0, weights, m);
  softmaxRows(weights, m);
  const out = allocate(queries.dtype, n * width) as Data;
  engine().gemm(false, false, n, width, m, 1, weights, m, values.data, width, 0, out, width);
  return new Matrix(n, width, out);
}

/** Options of {@linkcode SingleOutputHead}. */
export interface HeadOptions {
  /** Numbers per query, key and value. */
  dim: number;
  /** Tokens in the window n. */
  window: number;
  /** Precision. Default "float64". */
  dtype?: DType;
}

/** Options of {@linkcode RetroactiveHead}. */
export interface RetroactiveHeadOptions extends HeadOptions {
  /**
   * Whether rows whose update would lose digits are computed in full. Without it float32 results are wrong
   * once logits have a standard deviation of 2. Default true.
   */
  guard?: boolean;
}

/**
 * One head of retroactive attention (CoRe): with each token, the attention outputs of all n tokens of the
 * window, by adding the new token to the old outputs and taking the oldest one away. 7 n d multiplications
 * per step where a computation from scratch takes 2 n² d.
 *
 * Sums of exponentials from which exponentials are subtracted lose their digits when a dominant key leaves;
 * so a row is computed in full where that would happen (`guard`).
 *
 * Source: Hedegaard, Bakhtiarnia and Iosifidis, "Continual Transformers: Redundancy-Free Attention for Online
 * Inference", ICLR 2023, arXiv 2201.06268, section 3.2; the guard is derived in the notes of
 * `continual-inference`, section 3.3.
 *
 * @example
 * ```ts
 * import { RetroactiveHead } from "refigure/continual";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const one = (x: number) => Float64Array.of(x);
 * const head = new RetroactiveHead({ dim: 1, window: 2 });
 * assertEquals(head.step(one(1), one(0), one(1)), null);
 * assertAlmostEquals(head.step(one(0), one(1), one(3))![0], 1 + 2 / (1 + Math.exp(-1)), 1e-15);
 * const [older, newer] = head.step(one(1), one(0), one(-1))!;
 * assertAlmostEquals(older, 1, 1e-15);
 * assertAlmostEquals(newer, 4 / (1 + Math.exp(-1)) - 1, 1e-15);
 * ```
 */
export class RetroactiveHead {
  readonly #core: RetroactiveCore;
  readonly #window: number;
  readonly #dim: number;
  readonly #dtype: DType;

  /**
   * A head without tokens.
   *
   * @throws {RangeError} if a size is not a positive integer.
   * @throws {TypeError} if an option is of the wrong type or unknown.
   */
  constructor(options: RetroactiveHeadOptions) {
    requireOptions("options", options, ["dim", "window", "guard", "dtype"]);
    const { dim, window, guard = true, dtype = "float64" } = options;
    this.#dim = requireInteger("dim", dim, { min: 1 });
    this.#window = requireInteger("window", window, { min: 1 });
    requireBoolean("guard", guard);
    this.#dtype = requireOneOf("dtype", dtype, DTYPES);
    this.#core = new RetroactiveCore(window, dim, guard, dtype);
  }

  /** Rows that the steps so far brought up to date. */
  get updatedRows(): number {
    return this.#core.counter[1];
  }

  /** Those of them that the guard computed in full. */
  get recomputedRows(): number {
    return this.#core.counter[2];
  }

  /** Numbers that are kept between steps. */
  get stateSize(): number {
    return this.#core.buffers.reduce((sum, { length }) => sum + length, 0);
  }

  /**
   * Takes a token.
   *
   * @param query d numbers, not scaled.
   * @param key d numbers.
   * @param value d numbers.
   * @param options `out`: where to write the outputs. Default a new array.
   * @returns n x d outputs, row-major, that of the oldest token first; null before the n-th token.
   * @throws {RangeError} if a length is another one.
   * @throws {TypeError} if an array is not of the head's precision.
   */
  step<Data extends RealArray>(
    query: Data,
    key: Data,
    value: Data,
    options: { out?: Data } = {},
  ): Data | null {
    requireOptions("options", options, ["out"]);
    requireToken({ query, key, value }, this.#dim, this.#dtype);
    const { out } = options;
    if (out !== undefined) {
      requireLength("out", requireRealArray("out", out, this.#dtype), this.#window * this.#dim);
    }
    this.#core.push(query, key, value);
    if (this.#core.counter[0] < this.#window) return null;
    const written = out ?? allocateLike(query, this.#window * this.#dim);
    this.#core.write(written, this.#dim);
    return written;
  }

  /** Forgets all tokens. */
  reset(): void {
    for (const buffer of this.#core.buffers) buffer.fill(0);
    this.#core.counter.fill(0);
  }
}

/**
 * One head of single-output attention (CoSi): with each token, the output of the newest token's query over
 * the last n keys and values, in 2 n d multiplications.
 *
 * Source: Hedegaard, Bakhtiarnia and Iosifidis, arXiv 2201.06268, section 3.3.
 *
 * @example
 * ```ts
 * import { SingleOutputHead } from "refigure/continual";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const one = (x: number) => Float64Array.of(x);
 * const head = new SingleOutputHead({ dim: 1, window: 2 });
 * assertEquals(head.step(one(0), one(1), one(3)), null);
 * assertAlmostEquals(head.step(one(1), one(0), one(-1))![0], 4 / (1 + Math.exp(-1)) - 1, 1e-15);
 * ```
 */
export class SingleOutputHead {
  readonly #core: SingleOutputCore;
  readonly #window: number;
  readonly #dim: number;
  readonly #dtype: DType;

  /**
   * A head without tokens.
   *
   * @throws {RangeError} if a size is not a positive integer.
   * @throws {TypeError} if an option is of the wrong type or unknown.
   */
  constructor(options: HeadOptions) {
    requireOptions("options", options, ["dim", "window", "dtype"]);
    const { dim, window, dtype = "float64" } = options;
    this.#dim = requireInteger("dim", dim, { min: 1 });
    this.#window = requireInteger("window", window, { min: 1 });
    this.#dtype = requireOneOf("dtype", dtype, DTYPES);
    this.#core = new SingleOutputCore(window, dim, 0, dtype);
  }

  /** Numbers that are kept between steps. */
  get stateSize(): number {
    return this.#core.buffers.reduce((sum, { length }) => sum + length, 0);
  }

  /**
   * Takes a token.
   *
   * @param query d numbers, not scaled.
   * @param key d numbers.
   * @param value d numbers.
   * @param options `out`: where to write the output. Default a new array.
   * @returns d numbers; null before the n-th token.
   * @throws {RangeError} if a length is another one.
   * @throws {TypeError} if an array is not of the head's precision.
   */
  step<Data extends RealArray>(
    query: Data,
    key: Data,
    value: Data,
    options: { out?: Data } = {},
  ): Data | null {
    requireOptions("options", options, ["out"]);
    requireToken({ query, key, value }, this.#dim, this.#dtype);
    const { out } = options;
    if (out !== undefined) requireLength("out", requireRealArray("out", out, this.#dtype), this.#dim);
    this.#core.push(query, key, value);
    if (this.#core.counter[0] < this.#window) return null;
    const written = out ?? allocateLike(query, this.#dim);
    this.#core.write(written);
    return written;
  }

  /** Forgets all tokens. */
  reset(): void {
    for (const buffer of this.#core.buffers) buffer.fill(0);
    for (const counter of this.#core.counters) counter.fill(0);
  }
}

function requireToken(token: Record<"query" | "key" | "value", RealArray>, dim: number, dtype: DType): void {
  for (const name of ["query", "key", "value"] as const) {
    requireLength(name, requireRealArray(name, token[name], dtype), dim);
  }
}

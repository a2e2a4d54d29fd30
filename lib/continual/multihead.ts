import {
  allocate,
  type DType,
  Matrix,
  type RealArray,
  requireBoolean,
  requireInteger,
  requireMatrix,
  requireOneOf,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import { dtypeOf, DTYPES, requireVector, requireWeights } from "./check.ts";
import {
  CoModule,
  type Mode,
  type OperationCount,
  setKernel,
  type StreamKernel,
  times,
  total,
} from "./module.ts";
import { attentionOperations } from "./operations.ts";
import { RetroactiveCore } from "./retroactive_core.ts";
import { SingleOutputCore } from "./single_output_core.ts";
import { softmaxRows } from "../arrays/softmax.ts";

/** Weights of multi-head attention, laid out as those of `torch.nn.MultiheadAttention`. */
export interface AttentionWeights {
  /** Projections of queries, keys and values, one below the other: 3E x E. */
  inputProjection: Matrix<RealArray>;
  /** 3E numbers. Default: none. */
  inputBias?: RealArray;
  /** Projection of the heads' outputs: E x E. */
  outputProjection: Matrix<RealArray>;
  /** E numbers. Default: none. */
  outputBias?: RealArray;
}

/**
 * Random weights of attention: projections uniform with variance 1/E, biases zero.
 *
 * @param embedDim E.
 * @param options `dtype`, default "float64"; `rng`.
 * @throws {RangeError | TypeError} if the size is out of range, or an option is of the wrong type or unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { attentionWeights } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * const { inputProjection } = attentionWeights(8, { rng: new Rng(0) });
 * assertEquals([inputProjection.rows, inputProjection.columns], [24, 8]);
 * ```
 */
export function attentionWeights(
  embedDim: number,
  options: { dtype?: DType; rng: Rng },
): Required<AttentionWeights> {
  requireInteger("embedDim", embedDim, { min: 1 });
  requireOptions("options", options, ["dtype", "rng"]);
  const { dtype = "float64", rng } = options;
  requireOneOf("dtype", dtype, DTYPES);
  requireRng("rng", rng);
  return {
    inputProjection: uniformMatrix(3 * embedDim, embedDim, { dtype, rng: rng.split("input") }),
    inputBias: allocate(dtype, 3 * embedDim),
    outputProjection: uniformMatrix(embedDim, embedDim, { dtype, rng: rng.split("output") }),
    outputBias: allocate(dtype, embedDim),
  };
}

/** Entries uniform with variance 1 / columns. */
export function uniformMatrix(
  rows: number,
  columns: number,
  { dtype, rng }: { dtype: DType; rng: Rng },
): Matrix<RealArray> {
  const data = allocate(dtype, rows * columns);
  const bound = Math.sqrt(3 / columns);
  for (let i = 0; i < data.length; i++) data[i] = rng.uniform(-bound, bound);
  return new Matrix<RealArray>(rows, columns, data);
}

/** Options of {@linkcode CoSingleOutputAttention}. */
export interface SingleOutputOptions {
  /** Heads; must divide E. */
  heads: number;
  /** Tokens in the window n. */
  window: number;
  /** Whose output is returned: -1, the default, is the newest token's, -n the oldest's. */
  queryIndex?: number;
}

/** Options of {@linkcode CoRetroactiveAttention}. */
export interface RetroactiveOptions {
  /** Heads; must divide E. */
  heads: number;
  /** Tokens in the window n. */
  window: number;
  /** As for {@linkcode RetroactiveHead}. Default true. */
  guard?: boolean;
}

/**
 * Multi-head attention over a sliding window of n tokens, all n outputs with every token: frames `[E]` become
 * frames `[E, n]`, the oldest token first. `forward` computes every window from scratch.
 *
 * Source: Hedegaard, Bakhtiarnia and Iosifidis, arXiv 2201.06268, section 3.2. See {@linkcode
 * RetroactiveHead}.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { attentionWeights, CoRetroactiveAttention } from "refigure/continual";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const rng = new Rng(0);
 * const attention = new CoRetroactiveAttention(attentionWeights(4, { rng }), { heads: 2, window: 3 });
 * assertEquals([attention.delay, attention.outputShape], [2, [4, 3]]);
 * const clip = rng.normals(4 * 8);
 * const windows = attention.forward(clip);
 * attention.steps(clip).forEach((y, i) => assertAlmostEquals(y, windows[i], 1e-13));
 * ```
 */
export class CoRetroactiveAttention extends CoModule {
  /**
   * Attention without tokens.
   *
   * @param weights Projections; their precision is the module's.
   * @param options Heads, window, guard.
   * @throws {RangeError} if sizes do not fit, or a weight is not finite.
   * @throws {TypeError} if precisions differ, or an option is of the wrong type or unknown.
   */
  constructor(weights: AttentionWeights, options: RetroactiveOptions) {
    super();
    requireOptions("options", options, ["heads", "window", "guard"]);
    const { heads, window, guard = true } = options;
    requireBoolean("guard", guard);
    const projections = new Projections("weights", weights, heads);
    requireInteger("window", window, { min: 1 });
    setKernel(this, new RetroactiveKernel(projections, window, guard));
  }
}

/**
 * Multi-head attention over a sliding window of n tokens, for one query of each window: frames `[E]` become
 * frames `[E]`. `forward` computes every window from scratch.
 *
 * Source: Hedegaard, Bakhtiarnia and Iosifidis, arXiv 2201.06268, section 3.3.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { attentionWeights, CoSingleOutputAttention } from "refigure/continual";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const rng = new Rng(0);
 * const attention = new CoSingleOutputAttention(attentionWeights(4, { rng }), { heads: 2, window: 3 });
 * assertEquals([attention.delay, attention.outputShape], [2, [4]]);
 * const clip = rng.normals(4 * 8);
 * const outputs = attention.forward(clip);
 * attention.steps(clip).forEach((y, i) => assertAlmostEquals(y, outputs[i], 1e-13));
 * ```
 */
export class CoSingleOutputAttention extends CoModule {
  /**
   * Attention without tokens.
   *
   * @param weights Projections; their precision is the module's.
   * @param options Heads, window, query.
   * @throws {RangeError} if sizes do not fit, or a weight is not finite.
   * @throws {TypeError} if precisions differ, or an option is of the wrong type or unknown.
   */
  constructor(weights: AttentionWeights, options: SingleOutputOptions) {
    super();
    requireOptions("options", options, ["heads", "window", "queryIndex"]);
    const { heads, window, queryIndex = -1 } = options;
    const projections = new Projections("weights", weights, heads);
    requireInteger("window", window, { min: 1 });
    requireInteger("queryIndex", queryIndex, { min: -window, max: -1 });
    setKernel(this, new SingleOutputKernel(projections, window, -1 - queryIndex));
  }
}

/** The projections of multi-head attention, for tokens in columns. */
export class Projections {
  readonly embedDim: number;
  readonly heads: number;
  /** Numbers per head. */
  readonly dim: number;
  readonly dtype: DType;
  readonly #weights: AttentionWeights;

  constructor(name: string, weights: AttentionWeights, heads: number) {
    requireOptions(name, weights, ["inputProjection", "inputBias", "outputProjection", "outputBias"]);
    const { inputProjection, inputBias, outputProjection, outputBias } = weights;
    requireMatrix(`${name}.inputProjection`, inputProjection);
    const embedDim = requireInteger(`${name}.inputProjection.columns`, inputProjection.columns, { min: 1 });
    this.dtype = dtypeOf(inputProjection.data);
    requireWeights(`${name}.inputProjection`, inputProjection, 3 * embedDim, embedDim, this.dtype);
    requireWeights(`${name}.outputProjection`, outputProjection, embedDim, embedDim, this.dtype);
    if (inputBias !== undefined) requireVector(`${name}.inputBias`, inputBias, 3 * embedDim, this.dtype);
    if (outputBias !== undefined) requireVector(`${name}.outputBias`, outputBias, embedDim, this.dtype);
    requireInteger("heads", heads, { min: 1 });
    if (embedDim % heads !== 0) {
      throw new RangeError(`\`heads\` must divide the embedding dimension ${embedDim}, got ${heads}`);
    }
    this.embedDim = embedDim;
    this.heads = heads;
    this.dim = embedDim / heads;
    this.#weights = weights;
  }

  /** Queries, keys and values of tokens `[E, tokens]`: `[3E, tokens]`. */
  project(tokens: RealArray, count: number): RealArray {
    const { inputProjection, inputBias } = this.#weights;
    return affine(inputProjection, inputBias, tokens, count);
  }

  /** The same for some rows of the projection: 0 queries, 1 keys, 2 values. */
  projectPart(part: 0 | 1 | 2, tokens: RealArray, count: number): RealArray {
    const E = this.embedDim;
    const { inputProjection: { data }, inputBias } = this.#weights;
    const rows = new Matrix<RealArray>(E, E, data.subarray(part * E * E, (part + 1) * E * E));
    return affine(rows, inputBias?.subarray(part * E, (part + 1) * E), tokens, count);
  }

  /** Output projection of `[E, tokens]`. */
  output(heads: RealArray, count: number): RealArray {
    const { outputProjection, outputBias } = this.#weights;
    return affine(outputProjection, outputBias, heads, count);
  }

  /** The same of `[tokens, E]`, written to `out`, `[E, tokens]`. */
  outputOfRows(heads: RealArray, count: number, out: RealArray): void {
    const { outputProjection: { data }, outputBias } = this.#weights;
    const E = this.embedDim;
    startWithBias(out, outputBias, count);
    engine().gemm(false, true, E, count, E, 1, data, E, heads, E, 1, out, count);
  }

  /**
   * Attention of all heads of one window: columns `start` to `start + window` of `[3E, stride]`, for the
   * queries of the columns from `first` on.
   *
   * @returns `[E, queries]`.
   */
  attend(projected: RealArray, stride: number, start: number, window: number, first: number): RealArray {
    const { embedDim: E, heads, dim } = this;
    const queries = window - first;
    const out = allocate(this.dtype, E * queries);
    const weights = allocate(this.dtype, queries * window);
    const part = (which: number, h: number, column: number) =>
      projected.subarray((which * E + h * dim) * stride + column);
    for (let h = 0; h < heads; h++) {
      engine().gemm(
        ...[true, false, queries, window, dim, 1 / Math.sqrt(dim)] as const,
        ...[part(0, h, start + first), stride, part(1, h, start), stride, 0, weights, window] as const,
      );
      softmaxRows(weights, window);
      engine().gemm(
        ...[false, true, dim, queries, window, 1] as const,
        ...[part(2, h, start), stride, weights, window, 0, out.subarray(h * dim * queries), queries] as const,
      );
    }
    return out;
  }

  /** Multiplications and additions of the projections, for new tokens and for outputs. */
  operations(tokens: number, outputs: number): OperationCount {
    const products = this.embedDim ** 2 * (3 * tokens + outputs);
    return { mul: products, add: products, exp: 0 };
  }
}

/** `W x + b` for the columns of x. */
export function affine(
  weight: Matrix<RealArray>,
  bias: RealArray | undefined,
  x: RealArray,
  columns: number,
): RealArray {
  const { rows, columns: inner, data } = weight;
  const out = allocate(dtypeOf(data), rows * columns);
  if (columns === 1) {
    engine().gemv(false, rows, inner, data, inner, x, out);
    if (bias !== undefined) { for (let i = 0; i < rows; i++) out[i] += bias[i]; }
    return out;
  }
  startWithBias(out, bias, columns);
  engine().gemm(false, false, rows, columns, inner, 1, data, inner, x, columns, 1, out, columns);
  return out;
}

/** Fills each row with its bias. */
function startWithBias(out: RealArray, bias: RealArray | undefined, columns: number): void {
  if (bias === undefined) out.fill(0);
  else for (let i = 0; i < bias.length; i++) out.fill(bias[i], i * columns, (i + 1) * columns);
}

/** What both forms of attention share: a window of n tokens that slides by one. */
abstract class WindowKernel implements StreamKernel {
  readonly inputShape: readonly number[];
  abstract readonly outputShape: readonly number[];
  readonly dtype: DType;
  readonly receptiveField: number;
  readonly padding = 0;
  readonly stride = 1;
  readonly delay: number;
  abstract readonly buffers: readonly RealArray[];
  abstract readonly counters: readonly Float64Array[];
  protected readonly projections: Projections;

  constructor(projections: Projections, window: number) {
    this.projections = projections;
    this.inputShape = [projections.embedDim];
    this.dtype = projections.dtype;
    this.receptiveField = window;
    this.delay = window - 1;
  }

  outputFrames(frames: number): number {
    return frames - this.receptiveField + 1;
  }

  flush(): RealArray[] {
    return [];
  }

  abstract forward(clip: RealArray, frames: number): RealArray;
  abstract advance(frame: RealArray): RealArray | null;
  abstract operations(mode: Mode, frames: number): OperationCount;

  /** Queries, keys and values of one token, head by head. */
  protected each(
    frame: RealArray,
    use: (head: number, q: RealArray, k: RealArray, v: RealArray) => void,
  ): void {
    const { embedDim: E, heads, dim } = this.projections;
    const projected = this.projections.project(frame, 1);
    for (let h = 0; h < heads; h++) {
      const part = (which: number) => projected.subarray(which * E + h * dim, which * E + (h + 1) * dim);
      use(h, part(0), part(1), part(2));
    }
  }
}

class RetroactiveKernel extends WindowKernel {
  readonly outputShape: readonly number[];
  readonly buffers: readonly RealArray[];
  readonly counters: readonly Float64Array[];
  readonly #heads: RetroactiveCore[];
  /** Outputs of the heads, n x E. */
  readonly #rows: RealArray;
  readonly #out: RealArray;

  constructor(projections: Projections, window: number, guard: boolean) {
    super(projections, window);
    const { embedDim, heads, dim, dtype } = projections;
    this.outputShape = [embedDim, window];
    this.#heads = Array.from({ length: heads }, () => new RetroactiveCore(window, dim, guard, dtype));
    this.#rows = allocate(dtype, window * embedDim);
    this.#out = allocate(dtype, embedDim * window);
    this.buffers = this.#heads.flatMap(({ buffers }) => buffers);
    this.counters = this.#heads.map(({ counter }) => counter);
  }

  forward(clip: RealArray, frames: number): RealArray {
    const n = this.receptiveField;
    const E = this.projections.embedDim;
    const projected = this.projections.project(clip, frames);
    const count = this.outputFrames(frames);
    const out = allocate(this.dtype, E * count * n);
    for (let t = 0; t < count; t++) {
      const rows = this.projections.output(this.projections.attend(projected, frames, t, n, 0), n);
      for (let e = 0; e < E; e++) out.set(rows.subarray(e * n, (e + 1) * n), (e * count + t) * n);
    }
    return out;
  }

  advance(frame: RealArray): RealArray | null {
    const { embedDim: E, dim } = this.projections;
    this.each(frame, (h, q, k, v) => this.#heads[h].push(q, k, v));
    if (this.#heads[0].counter[0] < this.receptiveField) return null;
    this.#heads.forEach((head, h) => head.write(this.#rows.subarray(h * dim), E));
    this.projections.outputOfRows(this.#rows, this.receptiveField, this.#out);
    return this.#out;
  }

  operations(mode: Mode, frames: number): OperationCount {
    const { heads, dim } = this.projections;
    const sizes = { window: this.receptiveField, dim };
    const n = this.receptiveField;
    if (mode === "step") {
      return total([
        times(attentionOperations("retroactive", sizes), heads),
        this.projections.operations(1, n),
      ]);
    }
    const windows = Math.max(0, this.outputFrames(frames));
    const attention = times(attentionOperations("regular", sizes), heads * windows);
    return total([attention, this.projections.operations(frames, windows * n)]);
  }
}

class SingleOutputKernel extends WindowKernel {
  readonly outputShape: readonly number[];
  readonly buffers: readonly RealArray[];
  readonly counters: readonly Float64Array[];
  readonly #heads: SingleOutputCore[];
  readonly #age: number;
  readonly #outputs: RealArray;

  constructor(projections: Projections, window: number, age: number) {
    super(projections, window);
    const { embedDim, heads, dim, dtype } = projections;
    this.outputShape = [embedDim];
    this.#heads = Array.from({ length: heads }, () => new SingleOutputCore(window, dim, age, dtype));
    this.#age = age;
    this.#outputs = allocate(dtype, embedDim);
    this.buffers = this.#heads.flatMap(({ buffers }) => buffers);
    this.counters = this.#heads.flatMap(({ counters }) => counters);
  }

  forward(clip: RealArray, frames: number): RealArray {
    const n = this.receptiveField;
    const E = this.projections.embedDim;
    const projected = this.projections.project(clip, frames);
    const count = this.outputFrames(frames);
    const attended = allocate(this.dtype, E * count);
    for (let t = 0; t < count; t++) {
      const first = n - 1 - this.#age;
      const queries = n - first;
      const column = this.projections.attend(projected, frames, t, n, first);
      for (let e = 0; e < E; e++) attended[e * count + t] = column[e * queries];
    }
    return this.projections.output(attended, count);
  }

  advance(frame: RealArray): RealArray | null {
    const { dim } = this.projections;
    this.each(frame, (h, q, k, v) => this.#heads[h].push(q, k, v));
    if (this.#heads[0].counter[0] < this.receptiveField) return null;
    this.#heads.forEach((head, h) => head.write(this.#outputs.subarray(h * dim, (h + 1) * dim)));
    return this.projections.output(this.#outputs, 1);
  }

  operations(mode: Mode, frames: number): OperationCount {
    const { heads, dim } = this.projections;
    const attention = times(
      attentionOperations("single-output", { window: this.receptiveField, dim }),
      heads,
    );
    if (mode === "step") return total([attention, this.projections.operations(1, 1)]);
    const windows = Math.max(0, this.outputFrames(frames));
    return total([times(attention, windows), this.projections.operations(frames, windows)]);
  }
}

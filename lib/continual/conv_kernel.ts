import {
  allocate,
  type DType,
  type RealArray,
  requireBoolean,
  requireInteger,
  requireOneOf,
} from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import { dtypeOf, FILLS, type NdArray, requireVector, sizeOf } from "./check.ts";
import type { CoConv1dOptions, ConvCache } from "./conv.ts";
import { type Mode, type OperationCount, type StreamKernel, times } from "./module.ts";
import type { Frames } from "./patches.ts";
import { RingBuffer } from "./ring_buffer.ts";

/** Numbers that a block of a clip's inputs and outputs has: a quarter of a second-level cache in float32. */
const CACHED = 65_536;

/** A convolution over time of the columns of frames. */
export class ConvKernel implements StreamKernel {
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly dtype: DType;
  readonly receptiveField: number;
  readonly padding: number;
  readonly stride: number;
  readonly delay: number;
  readonly buffers: readonly RealArray[];
  readonly counters: readonly Float64Array[];
  readonly #frames: Frames;
  readonly #kernel: number;
  readonly #dilation: number;
  readonly #replicate: boolean;
  readonly #polyphase: boolean;
  readonly #bias: RealArray | undefined;
  /** `[C_out, k, rows]`: one output of the clip form is a product with all columns of the window. */
  readonly #taps: RealArray;
  /** `[k, C_out, rows]`, newest tap last: what one frame adds to the outputs 0, 1, ..., k - 1 taps later. */
  readonly #reversed: RealArray;
  readonly #cache: ConvCache;
  /** Past frames, or sums of outputs to come; absent for one tap. */
  readonly #ring: RingBuffer | undefined;
  /** Steps taken. */
  readonly #seen: Float64Array = new Float64Array(1);
  /** The newest frame, where the padding at the end repeats it. */
  readonly #last: RealArray | undefined;
  readonly #positions: number;
  readonly #window: RealArray;
  readonly #out: RealArray;
  readonly #added: RealArray;

  constructor(weight: NdArray, options: Omit<CoConv1dOptions, "positions">, frames: Frames) {
    const { bias, padding = 0, stride = 1, dilation = 1, fill = "zeros", cache, polyphase = true } = options;
    const [outputs, , k] = weight.shape;
    this.dtype = dtypeOf(weight.data);
    if (bias !== undefined) requireVector("bias", bias, outputs, this.dtype);
    requireInteger("stride", stride, { min: 1 });
    requireInteger("dilation", dilation, { min: 1 });
    const span = (k - 1) * dilation;
    requireInteger("padding", padding, { max: span });
    requireOneOf("fill", fill, FILLS);
    if (cache !== undefined) requireOneOf("cache", cache, ["input", "output"]);
    requireBoolean("polyphase", polyphase);
    this.inputShape = frames.inputShape;
    this.outputShape = [outputs, ...frames.outputPositions];
    this.receptiveField = span + 1;
    this.padding = padding;
    this.stride = stride;
    this.delay = span - padding;
    this.#frames = frames;
    this.#kernel = k;
    this.#dilation = dilation;
    this.#replicate = fill === "replicate";
    this.#polyphase = polyphase;
    this.#bias = bias?.slice();
    const { rows } = frames;
    this.#positions = sizeOf(frames.outputPositions);
    const inputSize = sizeOf(this.inputShape);
    const outputSize = sizeOf(this.outputShape);
    this.#cache = cache ?? (inputSize <= outputSize ? "input" : "output");
    const isInput = this.#cache === "input";
    this.#taps = allocate(this.dtype, outputs * k * rows);
    this.#reversed = allocate(this.dtype, isInput ? 0 : k * outputs * rows);
    const spatial = weight.data.length / (outputs * weight.shape[1] * k);
    let at = 0;
    for (let o = 0; o < outputs; o++) {
      for (let c = 0; c < weight.shape[1]; c++) {
        for (let i = 0; i < k; i++) {
          for (let s = 0; s < spatial; s++, at++) {
            const row = c * spatial + s;
            this.#taps[(o * k + i) * rows + row] = weight.data[at];
            if (!isInput) this.#reversed[((k - 1 - i) * outputs + o) * rows + row] = weight.data[at];
          }
        }
      }
    }
    this.#ring = span === 0
      ? undefined
      : new RingBuffer(span, isInput ? inputSize : outputSize, { dtype: this.dtype });
    this.#last = this.#replicate && padding > 0 ? allocate(this.dtype, inputSize) : undefined;
    this.#window = allocate(this.dtype, isInput ? k * rows * this.#positions : 0);
    this.#out = allocate(this.dtype, outputSize);
    this.#added = allocate(this.dtype, isInput ? 0 : k * outputSize);
    this.buffers = [this.#ring?.data, this.#last].filter((array) => array !== undefined);
    this.counters = this.#ring === undefined ? [this.#seen] : [this.#seen, this.#ring.counter];
  }

  outputFrames(frames: number): number {
    return Math.floor((frames + 2 * this.padding - this.receptiveField) / this.stride) + 1;
  }

  forward(clip: RealArray, frames: number): RealArray {
    const [outputs] = this.outputShape;
    const { rows } = this.#frames;
    const k = this.#kernel;
    const positions = this.#positions;
    const padded = frames + 2 * this.padding;
    const columns = this.#unfoldClip(clip, frames);
    const count = this.outputFrames(frames);
    const n = count * positions;
    const out = allocate(this.dtype, outputs * n);
    if (this.#bias !== undefined) {
      for (let o = 0; o < outputs; o++) out.fill(this.#bias[o], o * n, (o + 1) * n);
    }
    if (this.stride > 1) {
      this.#addStrided(columns, padded, count, out);
      return out;
    }
    // Block by block of columns, so that a block of outputs stays in the cache while all taps are added.
    const width = Math.max(256, Math.floor(CACHED / (outputs + rows)));
    for (let start = 0; start < n; start += width) {
      const block = out.subarray(start);
      for (let i = 0; i < k; i++) {
        // The frames that tap i sees are columns further on.
        const seen = columns.subarray(i * this.#dilation * positions + start);
        engine().gemm(
          ...[false, false, outputs, Math.min(width, n - start), rows] as const,
          ...[1, this.#taps.subarray(i * rows), k * rows, seen, padded * positions] as const,
          ...[1, block, n] as const,
        );
      }
    }
    return out;
  }

  /** Adds the products of all taps to `count` outputs that are some frames apart. */
  #addStrided(columns: RealArray, padded: number, count: number, out: RealArray): void {
    const [outputs] = this.outputShape;
    const { rows } = this.#frames;
    const k = this.#kernel;
    const positions = this.#positions;
    const n = count * positions;
    const gathered = allocate(this.dtype, rows * n);
    for (let i = 0; i < k; i++) {
      for (let row = 0; row < rows; row++) {
        for (let t = 0; t < count; t++) {
          const from = (row * padded + i * this.#dilation + t * this.stride) * positions;
          const to = (row * count + t) * positions;
          for (let p = 0; p < positions; p++) gathered[to + p] = columns[from + p];
        }
      }
      engine().gemm(
        ...[false, false, outputs, n, rows] as const,
        ...[1, this.#taps.subarray(i * rows), k * rows, gathered, n] as const,
        ...[1, out, n] as const,
      );
    }
  }

  /** Columns of all frames with the padding, `[rows, T + 2 padding, positions]`. */
  #unfoldClip(clip: RealArray, frames: number): RealArray {
    const { rows, unfold, inputShape } = this.#frames;
    const [channels] = inputShape;
    const positions = this.#positions;
    const inputPositions = sizeOf(inputShape) / channels;
    const isPlain = rows === channels && positions === inputPositions;
    if (isPlain && this.padding === 0) return clip;
    const padded = frames + 2 * this.padding;
    const columns = allocate(this.dtype, rows * padded * positions);
    const frame = allocate(this.dtype, channels * inputPositions);
    for (let t = 0; t < padded; t++) {
      let source = t - this.padding;
      if (source < 0 || source >= frames) {
        if (!this.#replicate) continue;
        source = source < 0 ? 0 : frames - 1;
      }
      for (let c = 0; c < channels; c++) {
        const from = (c * frames + source) * inputPositions;
        for (let p = 0; p < inputPositions; p++) frame[c * inputPositions + p] = clip[from + p];
      }
      const unfolded = unfold(frame);
      for (let row = 0; row < rows; row++) {
        const to = (row * padded + t) * positions;
        for (let p = 0; p < positions; p++) columns[to + p] = unfolded[row * positions + p];
      }
    }
    return columns;
  }

  advance(frame: RealArray): RealArray | null {
    const ring = this.#ring;
    if (this.#replicate && this.#seen[0] === 0 && ring !== undefined) {
      for (let t = -ring.length; t < 0; t++) this.#take(frame, t);
    }
    this.#last?.set(frame);
    return this.#take(frame, this.#seen[0]++);
  }

  /** Frame number t of the stream; those before 0 are padding. */
  #take(frame: RealArray, t: number): RealArray | null {
    const isDue = t >= this.delay && (t - this.delay) % this.stride === 0;
    if (this.#cache === "output") return this.#addToOutputs(frame, t, isDue);
    // An output that is not due is computed all the same by the authors' code.
    if (isDue || (!this.#polyphase && this.#kernel > 1 && t >= 0)) this.#fromInputs(frame);
    this.#ring?.push(frame);
    return isDue ? this.#out : null;
  }

  /** The output that ends with this frame, from the frames that are kept. */
  #fromInputs(frame: RealArray): void {
    const { rows, unfold } = this.#frames;
    const k = this.#kernel;
    const positions = this.#positions;
    const block = rows * positions;
    let window = frame;
    if (k > 1 || rows !== this.inputShape[0]) {
      window = this.#window;
      for (let i = 0; i < k; i++) {
        const age = (k - 1 - i) * this.#dilation;
        window.set(unfold(age === 0 ? frame : this.#ring!.at(age - 1)), i * block);
      }
    }
    const [outputs] = this.outputShape;
    product(outputs, positions, k * rows, this.#taps, window, this.#out);
    addBias(this.#out, this.#bias, positions);
  }

  /** Adds what this frame contributes to the outputs that see it, and returns the one it completes. */
  #addToOutputs(frame: RealArray, t: number, isDue: boolean): RealArray | null {
    const { rows, unfold } = this.#frames;
    const k = this.#kernel;
    const positions = this.#positions;
    const [outputs] = this.outputShape;
    const size = this.#out.length;
    const ring = this.#ring;
    const columns = unfold(frame);
    const added = this.#added;
    const isWhole = this.stride === 1 || !this.#polyphase;
    if (isWhole) product(k * outputs, positions, rows, this.#reversed, columns, added);
    const slot = ring?.slot ?? 0;
    const isWanted = (j: number) => isWhole || mod(t + j * this.#dilation - this.delay, this.stride) === 0;
    for (let j = 0; j < k; j++) {
      if (!isWanted(j)) continue;
      const part = added.subarray(j * size, (j + 1) * size);
      if (!isWhole) {
        const taps = this.#reversed.subarray(j * outputs * rows, (j + 1) * outputs * rows);
        product(outputs, positions, rows, taps, columns, part);
      }
      if (j === 0) {
        this.#out.set(part);
        if (ring !== undefined) {
          const from = slot * size;
          for (let p = 0; p < size; p++) this.#out[p] += ring.data[from + p];
        }
      }
    }
    if (ring !== undefined) {
      // The place of this output is free for the one that is farthest ahead.
      ring.data.fill(0, slot * size, (slot + 1) * size);
      for (let j = 1; j < k; j++) {
        if (!isWanted(j)) continue;
        const to = ((slot + j * this.#dilation) % ring.length) * size;
        for (let p = 0; p < size; p++) ring.data[to + p] += added[j * size + p];
      }
      ring.counter[0]++;
    }
    if (!isDue) return null;
    addBias(this.#out, this.#bias, positions);
    return this.#out;
  }

  flush(): RealArray[] {
    const outputs: RealArray[] = [];
    // A clip of no frames has no padding.
    if (this.#seen[0] === 0) return outputs;
    const frame = this.#last?.slice() ?? allocate(this.dtype, sizeOf(this.inputShape));
    for (let i = 0; i < this.padding; i++) {
      const out = this.advance(frame);
      if (out !== null) outputs.push(out.slice());
    }
    return outputs;
  }

  operations(mode: Mode, frames: number): OperationCount {
    const products = sizeOf(this.outputShape) * this.#frames.rows * this.#kernel;
    const one = {
      mul: products,
      add: products - (this.#bias === undefined ? sizeOf(this.outputShape) : 0),
      exp: 0,
    };
    if (mode === "forward") return times(one, Math.max(0, this.outputFrames(frames)));
    // One tap leaves nothing to add to later outputs.
    return times(one, this.#polyphase || this.#kernel === 1 ? 1 : this.stride);
  }
}

/** `out = a b`, of m x k and k x n, or k numbers for n = 1. */
function product(m: number, n: number, k: number, a: RealArray, b: RealArray, out: RealArray): void {
  if (n === 1) engine().gemv(false, m, k, a, k, b, out);
  else engine().gemm(false, false, m, n, k, 1, a, k, b, n, 0, out, n);
}

function addBias(out: RealArray, bias: RealArray | undefined, positions: number): void {
  if (bias === undefined) return;
  for (let o = 0; o < bias.length; o++) {
    for (let at = o * positions; at < (o + 1) * positions; at++) out[at] += bias[o];
  }
}

/** The remainder that is not negative. */
function mod(a: number, b: number): number {
  return ((a % b) + b) % b;
}

import { allocate, type DType, type RealArray } from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import { compiledKernels } from "../wasm/module.ts";
import { expForSingles } from "./exp.ts";

/**
 * Logits may exceed the row's shift by so much before the row is computed anew: its exponentials stay below
 * e^4.
 */
const HEADROOM = 4;

/**
 * Retroactive attention of one head: the n outputs of the window, brought up to date for every new token in
 * O(n d). Slot t % n belongs to token t; nothing is moved.
 *
 * With the guard each row has a shift, its largest logit when it was last computed in full, and is computed
 * in full again where the update would lose digits: when a weight of more than half of the row's sum leaves,
 * when a new logit is above the shift by more than 4, and when a sum is not a positive number.
 */
export class RetroactiveCore {
  readonly buffers: readonly RealArray[];
  /** Tokens so far; rows brought up to date; of them, those computed in full by the guard. */
  readonly counter: Float64Array = new Float64Array(3);
  readonly #window: number;
  readonly #dim: number;
  readonly #guard: boolean;
  readonly #scale: number;
  readonly #q: RealArray;
  readonly #k: RealArray;
  readonly #v: RealArray;
  /** Rows of exp(Q K^T - shift) V, and their row sums. */
  readonly #av: RealArray;
  readonly #sums: RealArray;
  readonly #shifts: RealArray;
  /** Weights of the new token in each row, then those of the oldest. */
  readonly #weights: RealArray;
  readonly #added: RealArray;
  readonly #removed: RealArray;
  /** Values of the new token and of the oldest. */
  readonly #tokens: RealArray;
  readonly #isStale: Uint8Array;

  constructor(window: number, dim: number, guard: boolean, dtype: DType) {
    this.#window = window;
    this.#dim = dim;
    this.#guard = guard;
    this.#scale = 1 / Math.sqrt(dim);
    this.#q = allocate(dtype, window * dim);
    this.#k = allocate(dtype, window * dim);
    this.#v = allocate(dtype, window * dim);
    this.#av = allocate(dtype, window * dim);
    this.#sums = allocate(dtype, window);
    this.#shifts = allocate(dtype, window);
    this.#weights = allocate(dtype, 2 * window);
    this.#added = this.#weights.subarray(0, window);
    this.#removed = this.#weights.subarray(window);
    this.#tokens = allocate(dtype, 2 * dim);
    this.#isStale = new Uint8Array(window);
    this.buffers = [this.#q, this.#k, this.#v, this.#av, this.#sums, this.#shifts];
  }

  /** Takes a token. */
  push(q: RealArray, k: RealArray, v: RealArray): void {
    const n = this.#window;
    const d = this.#dim;
    const slot = this.counter[0] % n;
    const isFull = this.counter[0] >= n;
    const rows = Math.min(this.counter[0], n);
    // Rows of the tokens that stay, and in a full window that of the oldest one, which is overwritten below.
    if (rows > 0) this.#update(rows, k, v, isFull ? slot : -1);
    const start = slot * d;
    for (let j = 0; j < d; j++) this.#q[start + j] = q[j] * this.#scale;
    this.#k.set(k, start);
    this.#v.set(v, start);
    this.counter[0]++;
    this.#compute(slot);
    if (!this.#guard) return;
    for (let i = 0; i < rows; i++) {
      if (i === slot || this.#isStale[i] === 0) continue;
      this.#compute(i);
      this.counter[2]++;
    }
  }

  /** Adds a token to rows 0, ..., rows - 1 and takes the oldest one, in slot `oldest`, away. */
  #update(rows: number, k: RealArray, v: RealArray, oldest: number): void {
    const d = this.#dim;
    const sums = this.#sums;
    const shifts = this.#shifts;
    const added = this.#added;
    const removed = this.#removed;
    const stale = this.#isStale;
    const single = added instanceof Float32Array;
    const isFull = oldest >= 0;
    const from = Math.max(oldest, 0) * d;
    const kOld = this.#k.subarray(from, from + d);
    const vOld = this.#v.subarray(from, from + d);
    // A value that is not finite cannot be subtracted.
    const allStale = isFull && !isFinite(vOld) ? 1 : 0;
    engine().gemv(false, rows, d, this.#q, d, k, added);
    if (isFull) engine().gemv(false, rows, d, this.#q, d, kOld, removed);
    for (let i = 0; i < rows; i++) {
      const logit = added[i] - shifts[i];
      added[i] = single ? expForSingles(logit) : Math.exp(logit);
      const old = removed[i] - shifts[i];
      removed[i] = isFull ? -(single ? expForSingles(old) : Math.exp(old)) : 0;
      const before = sums[i];
      sums[i] = before + removed[i] + added[i];
      stale[i] = allStale | (-removed[i] > before / 2 ? 1 : 0) | (logit > HEADROOM ? 1 : 0) |
        (sums[i] > 0 && sums[i] < Infinity ? 0 : 1);
    }
    this.counter[1] += isFull ? rows - 1 : rows;
    // AV + added v^T + removed vOld^T with negative weights of the removed, as one product of inner size 2.
    const n = this.#window;
    this.#tokens.set(v);
    this.#tokens.set(vOld, d);
    engine().gemm(true, false, rows, d, 2, 1, this.#weights, n, this.#tokens, d, 1, this.#av, d);
  }

  /** Computes the row in a slot in full. */
  #compute(slot: number): void {
    const d = this.#dim;
    const rows = Math.min(this.counter[0], this.#window);
    const weights = this.#removed;
    engine().gemv(false, rows, d, this.#k, d, this.#q.subarray(slot * d, (slot + 1) * d), weights);
    let shift = this.#guard ? -Infinity : 0;
    if (this.#guard) { for (let i = 0; i < rows; i++) shift = Math.max(shift, weights[i]); }
    this.#shifts[slot] = shift;
    let sum = 0;
    const single = weights instanceof Float32Array;
    for (let i = 0; i < rows; i++) {
      const logit = weights[i] - shift;
      weights[i] = single ? expForSingles(logit) : Math.exp(logit);
      sum += weights[i];
    }
    this.#sums[slot] = sum;
    engine().gemv(true, rows, d, this.#v, d, weights, this.#av.subarray(slot * d, (slot + 1) * d));
  }

  /** Writes the outputs of the window, oldest token first, to rows of `out` that are `stride` apart. */
  write(out: RealArray, stride: number): void {
    const n = this.#window;
    const d = this.#dim;
    // An integer to the compiler too, so that places are computed as integers.
    const oldest = (this.counter[0] % n) | 0;
    if (stride === d && out instanceof Float32Array) {
      const rows = dividedRows(this.#av as Float32Array, this.#sums as Float32Array, d);
      if (rows !== undefined) {
        out.set(rows.subarray(oldest * d));
        out.set(rows.subarray(0, oldest * d), (n - oldest) * d);
        return;
      }
    }
    scaleRows(this.#av, this.#sums, oldest, n, d, out, 0, stride);
    scaleRows(this.#av, this.#sums, 0, oldest, d, out, (n - oldest) * stride, stride);
  }
}

/**
 * All rows, divided by their sums, in the memory of the compiled loops, until that is used again: with both copies a
 * third of the time of {@linkcode scaleRows}, and the same bits. Undefined if there are no such loops.
 */
function dividedRows(av: Float32Array, sums: Float32Array, d: number): Float32Array | undefined {
  const kernels = compiledKernels();
  const at = kernels?.scratch(4 * (av.length + sums.length)) ?? 0;
  if (kernels === null || at === 0) return undefined;
  const memory = new Float32Array(kernels.float64.buffer, at, av.length + sums.length);
  memory.set(av);
  memory.set(sums, av.length);
  kernels.run.divideRows32(at, at + 4 * av.length, sums.length, d);
  return memory.subarray(0, av.length);
}

/** Rows `first` to `end` of `av`, divided by their sums, to rows of `out`. */
function scaleRows(
  av: RealArray,
  sums: RealArray,
  first: number,
  end: number,
  d: number,
  out: RealArray,
  start: number,
  stride: number,
): void {
  let at = first * d;
  let to = start;
  for (let i = first; i < end; i++) {
    const factor = 1 / sums[i];
    const gap = to - at;
    const rowEnd = at + d;
    for (; at < rowEnd; at++) out[at + gap] = av[at] * factor;
    to += stride;
  }
}

function isFinite(values: RealArray): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * 0;
  return sum === 0;
}

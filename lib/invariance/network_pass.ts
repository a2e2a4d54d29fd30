/**
 * Outputs of a network for all examples, and then its gradient, from one forward pass. Not public.
 *
 * Rectifiers work on the bits of numbers, since a branch on a sign that is random is mispredicted every other time.
 * Images in one of two colors have pixels in one half of their inputs: examples are sorted by that half, and the first
 * layer is two products of half the width.
 */
import { Matrix, type RealArray } from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import { kernelsOf, PassStorage, type Room } from "../networks/compiled.ts";
import type { DenseNetwork } from "../networks/mod.ts";

/** A pass over fixed inputs with the parameters that the network has at the time. */
export interface NetworkPass {
  /** N x outputs, row by row; overwritten by the next call. */
  outputs(): Float32Array;
  /** Adds the gradient by the parameters, for derivatives by the outputs of the last call. */
  addGradient(byOutputs: ArrayLike<number>, total: Float32Array): void;
}

/**
 * Calls `body` with a pass for each list of inputs: by products of whole matrices for networks of rectifiers, else by
 * the network's own methods.
 */
export function withNetworkPasses<Result>(
  network: DenseNetwork<"float32">,
  inputs: readonly Matrix<RealArray>[],
  body: (passes: NetworkPass[]) => Result,
): Result {
  const isPlain = network.activations.every((activation) => activation === "relu") &&
    network.scales.every((scale) => scale === 1);
  if (!isPlain) return body(inputs.map((each) => ownPass(network, each)));
  const passes = inputs.map((each) => new RectifierPass(network, each));
  const storage = new PassStorage("float32", (room) => passes.map((pass) => pass.newArrays(room)));
  return storage.use((arrays) => {
    passes.forEach((pass, k) => pass.setArrays(arrays[k]));
    return body(passes);
  });
}

/** A pass by the network's own methods. */
function ownPass(network: DenseNetwork<"float32">, inputs: Matrix<RealArray>): NetworkPass {
  return {
    outputs: () => network.forward(inputs).data,
    addGradient(byOutputs, total) {
      const columns = network.widths[network.depth];
      const cotangents = new Matrix(inputs.rows, columns, Float32Array.from(byOutputs));
      const { parameters } = network.vjp(inputs, cotangents);
      for (let k = 0; k < total.length; k++) total[k] += parameters[k];
    },
  };
}

/** Examples whose inputs are zero but for some columns, one after the other. */
interface Group {
  /** First example, in the order of the pass. */
  start: number;
  rows: number;
  /** First column that may not be zero. */
  column: number;
  /** rows x columns of the group. */
  inputs: Float32Array;
}

/** Examples of a block: what a layer makes of them stays in the cache. */
const BLOCK = 256;

/** What a pass writes. */
interface PassArrays {
  /** Outputs of each layer, in the order of the pass. */
  values: Float32Array[];
  /** Of one block, derivatives by the outputs of each layer. */
  deltas: Float32Array[];
}

class RectifierPass implements NetworkPass {
  readonly #network: DenseNetwork<"float32">;
  readonly #groups: Group[];
  /** Width of the inputs of a group. */
  readonly #columns: number;
  /** Example at each place of the pass. */
  readonly #order: Int32Array;
  readonly #rows: number;
  #arrays!: PassArrays;
  readonly #ones = new Float32Array(BLOCK).fill(1);
  readonly #sums: Float32Array;
  readonly #outputs: Float32Array;

  constructor(network: DenseNetwork<"float32">, inputs: Matrix<RealArray>) {
    this.#network = network;
    const { rows, columns } = inputs;
    const half = halves(inputs);
    const groups = half === undefined ? 1 : 2;
    const members = Array.from({ length: groups }, (_, g) => {
      const all = Int32Array.from({ length: rows }, (_, i) => i);
      return half === undefined ? all : all.filter((i) => half[i] === g);
    });
    this.#order = Int32Array.from(members.flatMap((list) => [...list]));
    const width = this.#columns = columns / groups;
    let start = 0;
    this.#groups = members.map((list, g) => {
      const packed = new Float32Array(list.length * width);
      list.forEach((i, k) => packed.set(inputs.row(i).subarray(g * width, (g + 1) * width), k * width));
      const group = { start, rows: list.length, column: g * width, inputs: packed };
      start += list.length;
      return group;
    });
    this.#rows = rows;
    const widths = network.widths.slice(1);
    this.#sums = new Float32Array(widths.reduce((a, b) => Math.max(a, b)));
    this.#outputs = new Float32Array(rows * widths[widths.length - 1]);
  }

  newArrays(room: Room<Float32Array>): PassArrays {
    const widths = this.#network.widths.slice(1);
    return {
      values: widths.map((width) => room(this.#rows * width)),
      deltas: widths.map((width) => room(BLOCK * width)),
    };
  }

  setArrays(arrays: PassArrays): void {
    this.#arrays = arrays;
  }

  outputs(): Float32Array {
    const { depth, weights, biases, widths } = this.#network;
    const { gemm } = bound();
    this.#eachBlock((group, from, start, rows) => {
      for (let l = 0; l < depth; l++) {
        const width = widths[l + 1];
        const z = this.#arrays.values[l].subarray(start * width, (start + rows) * width);
        fillRows(z, biases[l]);
        const [a, k, w] = this.#inputsOf(l, group, from, start, weights[l].data);
        gemm(false, true, rows, width, k, 1, a, k, w, widths[l], 1, z, width);
        if (l + 1 < depth) rectify(z);
      }
    });
    const columns = widths[depth];
    const last = this.#arrays.values[depth - 1];
    this.#order.forEach((i, k) => {
      for (let c = 0; c < columns; c++) this.#outputs[i * columns + c] = last[k * columns + c];
    });
    return this.#outputs;
  }

  addGradient(byOutputs: ArrayLike<number>, total: Float32Array): void {
    const { depth, weights, widths } = this.#network;
    const { gemm, gemv } = bound();
    const columns = widths[depth];
    this.#eachBlock((group, from, start, rows) => {
      const last = this.#arrays.deltas[depth - 1];
      for (let k = 0; k < rows; k++) {
        const i = this.#order[start + k] * columns;
        for (let c = 0; c < columns; c++) last[k * columns + c] = byOutputs[i + c];
      }
      let end = total.length;
      for (let l = depth - 1; l >= 0; l--) {
        const width = widths[l + 1];
        const delta = this.#arrays.deltas[l];
        if (l + 1 < depth) {
          const above = widths[l + 2];
          const w = weights[l + 1].data;
          gemm(
            false,
            false,
            rows,
            width,
            above,
            1,
            this.#arrays.deltas[l + 1],
            above,
            w,
            width,
            0,
            delta,
            width,
          );
          keepWherePositive(delta, this.#arrays.values[l], start * width, rows * width);
        }
        gemv(true, rows, width, delta, width, this.#ones, this.#sums);
        for (let j = 0; j < width; j++) total[end - width + j] += this.#sums[j];
        end -= width * (widths[l] + 1);
        const gradient = total.subarray(end, end + width * widths[l]);
        const [a, k, to] = this.#inputsOf(l, group, from, start, gradient);
        gemm(true, false, width, k, rows, 1, delta, width, a, k, 1, to, widths[l]);
      }
    });
  }

  /** Inputs of a layer in a block, their width, and the part of a matrix over all inputs that belongs to them. */
  #inputsOf(
    l: number,
    group: Group,
    from: number,
    start: number,
    matrix: Float32Array,
  ): [Float32Array, number, Float32Array] {
    const { widths } = this.#network;
    if (l === 0) {
      return [group.inputs.subarray(from * this.#columns), this.#columns, matrix.subarray(group.column)];
    }
    return [this.#arrays.values[l - 1].subarray(start * widths[l]), widths[l], matrix];
  }

  /** Blocks of a group: its first example within the group and within the pass, and how many. */
  #eachBlock(visit: (group: Group, from: number, start: number, rows: number) => void): void {
    for (const group of this.#groups) {
      for (let from = 0; from < group.rows; from += BLOCK) {
        visit(group, from, group.start + from, Math.min(BLOCK, group.rows - from));
      }
    }
  }
}

function bound() {
  const chosen = engine();
  return { gemm: chosen.gemm.bind(chosen), gemv: chosen.gemv.bind(chosen) };
}

/** For each row the half of its columns that is not zero, 0 or 1; undefined if a row has both. */
function halves({ rows, columns, data }: Matrix<RealArray>): Uint8Array | undefined {
  if (columns % 2 !== 0) return undefined;
  const half = new Uint8Array(rows);
  const width = columns / 2;
  for (let i = 0; i < rows; i++) {
    const at = i * columns;
    half[i] = isZero(data, at, at + width) ? 1 : 0;
    if (half[i] === 0 && !isZero(data, at + width, at + columns)) return undefined;
  }
  return half;
}

function isZero(data: RealArray, from: number, to: number): boolean {
  for (let k = from; k < to; k++) if (data[k] !== 0) return false;
  return true;
}

/** The same row in every row. */
function fillRows(out: Float32Array, row: Float32Array): void {
  out.set(row);
  for (let done = row.length; done < out.length; done *= 2) {
    out.copyWithin(done, 0, Math.min(done, out.length - done));
  }
}

/**
 * max(z, 0) in place; NaN stays NaN. Four numbers at a time, as V8 does not unroll loops: a third of the time of one
 * by one.
 */
function rectify(z: Float32Array): void {
  const run = kernelsOf(z);
  if (run !== null) return run.keepPositive32(z.byteOffset, z.length);
  const bits = new Int32Array(z.buffer, z.byteOffset, z.length);
  let k = 0;
  for (; k + 4 <= bits.length; k += 4) {
    const a = bits[k];
    const b = bits[k + 1];
    const c = bits[k + 2];
    const d = bits[k + 3];
    bits[k] = rectified(a);
    bits[k + 1] = rectified(b);
    bits[k + 2] = rectified(c);
    bits[k + 3] = rectified(d);
  }
  for (; k < bits.length; k++) bits[k] = rectified(bits[k]);
}

/** The bits of max(z, 0): zeros if the sign is set and the rest is not above that of infinity, as it is for NaN. */
function rectified(bits: number): number {
  return bits & ~((bits >> 31) & ((bits + 0x7fffff) >> 31));
}

/** Zeros where what {@linkcode rectify} has left is zero. */
function keepWherePositive(delta: Float32Array, values: Float32Array, from: number, count: number): void {
  const run = kernelsOf(delta);
  if (run !== null) return run.keepWhere32(delta.byteOffset, values.byteOffset + 4 * from, count);
  const bits = new Int32Array(delta.buffer, delta.byteOffset, count);
  const of = new Int32Array(values.buffer, values.byteOffset + 4 * from, count);
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    const a = of[k];
    const b = of[k + 1];
    const c = of[k + 2];
    const d = of[k + 3];
    bits[k] &= (a | (0 - a)) >> 31;
    bits[k + 1] &= (b | (0 - b)) >> 31;
    bits[k + 2] &= (c | (0 - c)) >> 31;
    bits[k + 3] &= (d | (0 - d)) >> 31;
  }
  for (; k < count; k++) bits[k] &= (of[k] | (0 - of[k])) >> 31;
}

/** The denoiser's pass in single precision at one noise level, between products in WebAssembly. Not public. */
import type { Matrix } from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import type { EdmPreconditioning } from "../diffusion/mod.ts";
import { compiledOnce, type HeapBase, upToLine } from "../wasm/compiled.ts";
import { retrievalKernels } from "../wasm/retrieval_wasm.ts";
import { normalize } from "./cross_attention.ts";
import { TABLE } from "./silu.ts";

/** The functions of lib/wasm/retrieval; addresses are bytes. */
interface RetrievalKernels extends HeapBase {
  promote(x: number, out: number, fours: number): void;
  scale(x: number, factor: number, out: number, fours: number): void;
  combine(x: number, a: number, y: number, b: number, out: number, fours: number): void;
  addRow(x: number, row: number, out: number, rows: number, fours: number): void;
  silu(
    z: number,
    bias: number,
    y: number,
    x: number,
    out: number,
    rows: number,
    fours: number,
    table: number,
  ): void;
  scores(
    queries: number,
    table: number,
    row: number,
    indices: number,
    rows: number,
    k: number,
    keyDim: number,
    scale: number,
    out: number,
    query: number,
  ): void;
  mix(
    weights: number,
    table: number,
    row: number,
    from: number,
    indices: number,
    rows: number,
    k: number,
    valueDim: number,
    context: number,
  ): void;
}

let siluTable = 0;
const kernelsOf = compiledOnce<RetrievalKernels>(retrievalKernels, (module) => {
  siluTable = module.reserve(16 * TABLE.length);
  for (let i = 0; i + 1 < TABLE.length; i++) {
    module.float64[siluTable / 8 + 2 * i] = TABLE[i];
    module.float64[siluTable / 8 + 2 * i + 1] = TABLE[i + 1] - TABLE[i];
  }
});

/** A linear layer. */
interface Layer {
  weights: Matrix<Float32Array>;
  bias: Float32Array;
}

/** What a pass needs. */
export interface CompiledPass {
  /** The layers; without attention `query`, `keyValue` and `context` are left out. */
  layers: Partial<Record<string, Layer>>;
  /** Examples, and their numbers. */
  noisy: Float32Array;
  n: number;
  dim: number;
  width: number;
  /** 0 without attention. */
  keyDim: number;
  /** Factors of the noise level, and its features. */
  factors: EdmPreconditioning;
  features: Float32Array;
  /** Keys and values, and k rows of them for each example. */
  table: Float32Array;
  indices: Int32Array;
  k: number;
  /** Rows at once. */
  blockRows: number;
  out: Float32Array;
  /** Weights of attention, if they are wanted. */
  attention?: { set(values: ArrayLike<number>, at: number): void };
}

/**
 * Writes the denoised examples to `out`, with the bits of the loops in TypeScript; false, without doing anything, where
 * that cannot be: no WebAssembly, sizes without blocks of four, or a table that is mostly not looked at.
 */
export function denoiseCompiled(pass: CompiledPass): boolean {
  const { layers, noisy, n, dim, width, keyDim, factors, features, table, indices, k, blockRows, out } = pass;
  const tableRows = keyDim === 0 ? 0 : table.length / (keyDim + width);
  const isFit = dim % 4 === 0 && width % 4 === 0 && keyDim % 4 === 0 && tableRows <= 4 * n * k;
  // A product of one row is one of a vector, with other last digits.
  const kernels = isFit && n % blockRows !== 1 ? kernelsOf() : null;
  if (kernels === null) return false;
  const most = Math.min(blockRows, n);
  let bytes = 0;
  const room = (size: number) => {
    const at = bytes;
    bytes += upToLine(size);
    return at;
  };
  const places = {
    noisy: room(4 * most * dim),
    inputs: room(4 * most * dim),
    outputs: room(4 * most * dim),
    noise: room(4 * most * width),
    start: room(4 * most * width),
    attended: room(4 * most * width),
    first: room(4 * most * width),
    second: room(4 * most * width),
    branch: room(4 * most * width),
    context: room(4 * most * width),
    queries: room(4 * most * keyDim),
    weights: room(4 * most * k),
    indices: room(4 * most * k),
    query: room(8 * keyDim),
    single: room(4 * table.length),
    table: room(8 * table.length),
    bias: room(0),
  };
  const biases = Object.values(layers).reduce((sum, layer) => sum + upToLine(4 * layer!.bias.length), 0);
  const base = kernels.scratch(bytes + biases);
  if (base === 0) return false;
  const { run, float64: { buffer } } = kernels;
  for (const name of Object.keys(places) as (keyof typeof places)[]) places[name] += base;
  const floats = (at: number, length: number) => new Float32Array(buffer, at, length);
  const view = (name: keyof typeof places, columns: number) => floats(places[name], most * columns);
  const biasAt: Record<string, number> = {};
  for (const [name, layer] of Object.entries(layers)) {
    biasAt[name] = places.bias;
    floats(places.bias, layer!.bias.length).set(layer!.bias);
    places.bias += upToLine(4 * layer!.bias.length);
  }
  const product = (name: string, rows: number, a: Float32Array, c: Float32Array) => {
    const { weights: { rows: m, columns, data } } = layers[name]!;
    engine().gemm(false, true, rows, m, columns, 1, a, columns, data, columns, 1, c, m);
  };
  const [inputs, outputs] = [view("inputs", dim), view("outputs", dim)];
  const [noise, start, attended] = [view("noise", width), view("start", width), view("attended", width)];
  const [first, second, branch] = [view("first", width), view("second", width), view("branch", width)];
  const [context, queries, weights] = [view("context", width), view("queries", keyDim), view("weights", k)];
  const row = 8 * (keyDim + width);
  if (keyDim > 0) {
    floats(places.single, table.length).set(table);
    run.promote(places.single, places.table, table.length / 4);
  }
  const repeated = new Float32Array(most * features.length);
  for (let i = 0; i < most; i++) repeated.set(features, i * features.length);
  let noiseRows = 0;
  for (let from = 0; from < n; from += most) {
    const rows = Math.min(most, n - from);
    const ofWidth = rows * width / 4;
    floats(places.noisy, rows * dim).set(noisy.subarray(from * dim, (from + rows) * dim));
    run.scale(places.noisy, factors.in, places.inputs, rows * dim / 4);
    run.addRow(0, biasAt.input, places.start, rows, width / 4);
    product("input", rows, inputs, start);
    // The same for all blocks of as many rows: BLAS gives equal rows of a product different last digits.
    if (rows !== noiseRows) {
      noise.fill(0);
      product("noise", rows, repeated, noise);
      noiseRows = rows;
    }
    run.silu(places.start, biasAt.noise, places.noise, 0, places.start, rows, width / 4, siluTable);
    let last = start;
    let lastAt = places.start;
    if (keyDim > 0) {
      run.addRow(0, biasAt.query, places.queries, rows, keyDim / 4);
      product("query", rows, start, queries);
      new Int32Array(buffer, places.indices, rows * k).set(indices.subarray(from * k, (from + rows) * k));
      run.scores(
        places.queries,
        places.table,
        row,
        places.indices,
        rows,
        k,
        keyDim,
        1 / Math.sqrt(keyDim),
        places.weights,
        places.query,
      );
      normalize(weights, rows, k);
      pass.attention?.set(weights.subarray(0, rows * k), from * k);
      run.mix(
        places.weights,
        places.table,
        row,
        8 * keyDim,
        places.indices,
        rows,
        k,
        width,
        places.context,
      );
      run.addRow(places.start, biasAt.context, places.attended, rows, width / 4);
      product("context", rows, context, attended);
      last = attended;
      lastAt = places.attended;
    }
    for (const [name, next] of [["first", first], ["second", second]] as const) {
      run.addRow(0, biasAt[name], places.branch, rows, width / 4);
      product(name, rows, last, branch);
      run.silu(places.branch, 0, 0, lastAt, places[name], 1, ofWidth, siluTable);
      last = next;
      lastAt = places[name];
    }
    run.addRow(0, biasAt.output, places.outputs, rows, dim / 4);
    product("output", rows, last, outputs);
    const { skip, out: factor } = factors;
    run.combine(places.noisy, skip, places.outputs, factor, places.inputs, rows * dim / 4);
    out.set(inputs.subarray(0, rows * dim), from * dim);
  }
  return true;
}

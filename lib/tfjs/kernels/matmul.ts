import { backend_util, type DataType, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { requireOneOf } from "../../arrays/mod.ts";
import { blasInfo, engine } from "../../blas/choice.ts";
import type { NativeBackend } from "../backend.ts";
import type { unary } from "../wasm/operations.ts";
import { applyBinary } from "./elementwise.ts";
import { replace, sizeOf } from "./replace.ts";
import { valuesOf } from "../storage.ts";

interface MatMulAttributes {
  transposeA: boolean;
  transposeB: boolean;
}

interface FusedAttributes extends MatMulAttributes {
  activation?: backend_util.Activation;
  leakyreluAlpha?: number;
}

/** Replaces matrix products, alone and with bias and activation. */
export function registerMatMul(): void {
  replace<MatMulAttributes>(
    "BatchMatMul",
    ({ inputs: { a, b }, attrs: { transposeA, transposeB }, backend }) => {
      if (areOf("float32", a, b)) return batchMatMul(backend, a, b, transposeA, transposeB);
      return areOf("int32", a, b) ? integerMatMul(backend, a, b, transposeA, transposeB) : undefined;
    },
  );
  replace<FusedAttributes>("_FusedMatMul", ({ inputs, attrs, backend }) => {
    const { a, b, bias, preluActivationWeights } = inputs;
    if (!areOf("float32", a, b)) return undefined;
    const product = batchMatMul(backend, a, b, attrs.transposeA, attrs.transposeB);
    return finish(backend, product, bias, attrs.activation, preluActivationWeights, attrs.leakyreluAlpha);
  });
}

/** Empty ones too: the CPU backend gets batches of no matrices wrong. */
function areOf(dtype: DataType, a: TensorInfo, b: TensorInfo): boolean {
  return a.dtype === dtype && b.dtype === dtype;
}

/** Adds a bias and applies an activation to a tensor that nobody else has; frees what is not the result. */
export function finish(
  backend: NativeBackend,
  product: TensorInfo,
  bias: TensorInfo | undefined,
  activation: backend_util.Activation | undefined,
  prelu: TensorInfo | undefined,
  leakyReluAlpha: number | undefined,
): TensorInfo {
  let out = product;
  const become = (next: TensorInfo) => {
    backend.disposeIntermediateTensorInfo(out);
    out = next;
  };
  if (bias) {
    const width = out.shape[out.shape.length - 1];
    // In place where rows are whole vectors: then no entry is written before it is read.
    if (bias.shape.length === 1 && bias.shape[0] === width && width > 0 && width % 4 === 0) {
      const { pointer } = backend.place(out);
      const rows = sizeOf(out.shape) / width;
      backend.heap.kernels.add(pointer, backend.place(bias).pointer, pointer, rows, width, width, 0, 1, 1);
    } else {
      become(applyBinary(backend, "add", out, bias));
    }
  }
  if (activation === "prelu") {
    if (!prelu) {
      throw new TypeError('`preluActivationWeights` must be a tensor where `activation` is "prelu"');
    }
    if (prelu.dtype !== "float32") {
      throw new TypeError(`\`preluActivationWeights\` must be of type float32, got ${prelu.dtype}`);
    }
    become(applyBinary(backend, "prelu", out, prelu));
  } else if (activation && activation !== "linear") {
    requireOneOf(
      "activation",
      activation,
      [...Object.keys(ACTIVATIONS), "linear", "prelu"] as typeof activation[],
    );
    const { pointer } = backend.place(out);
    const kernel = backend.heap.kernels[ACTIVATIONS[activation]];
    kernel(pointer, pointer, sizeOf(out.shape), leakyReluAlpha ?? 0);
  }
  return out;
}

/** Which compiled function an activation is. */
const ACTIVATIONS: Record<Exclude<backend_util.Activation, "linear" | "prelu">, keyof typeof unary> = {
  relu: "relu",
  relu6: "relu6",
  elu: "elu",
  leakyrelu: "leaky_relu",
  sigmoid: "sigmoid_",
};

/** `op(a) op(b)` for every pair of matrices in two broadcast batches. */
export function batchMatMul(
  backend: NativeBackend,
  a: TensorInfo,
  b: TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
): TensorInfo {
  const { batch, m, n, k, offsetsA, offsetsB, isTall } = productSizes(a, b, transposeA, transposeB);
  const { pointer: pa } = backend.place(a);
  const { pointer: pb } = backend.place(b);
  const out = backend.allocate([...batch, m, n]);
  if (sizeOf(out.shape) === 0 || k === 0) {
    valuesOf(backend, out).fill(0);
    return out;
  }
  const count = isTall ? 1 : offsetsA.length;
  const rows = isTall ? m * offsetsA.length : m;
  for (let i = 0; i < count; i++) {
    gemm(backend, {
      transposeA,
      transposeB,
      m: rows,
      n,
      k,
      a: pa + 4 * offsetsA[i],
      b: pb + 4 * offsetsB[i],
      c: out.pointer + 4 * i * m * n,
    });
  }
  return out;
}

/** The same for integers, whose batches the CPU backend pairs wrongly where both broadcast. */
function integerMatMul(
  backend: NativeBackend,
  a: TensorInfo,
  b: TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
): TensorInfo {
  const { batch, m, n, k, offsetsA, offsetsB } = productSizes(a, b, transposeA, transposeB);
  const left = valuesOf(backend, a);
  const right = valuesOf(backend, b);
  const [rowA, stepA] = transposeA ? [1, m] : [k, 1];
  const [stepB, columnB] = transposeB ? [1, k] : [n, 1];
  const out = new Int32Array(offsetsA.length * m * n);
  let at = 0;
  for (let pair = 0; pair < offsetsA.length; pair++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let x = offsetsA[pair] + i * rowA;
        let y = offsetsB[pair] + j * columnB;
        let sum = 0;
        for (let p = 0; p < k; p++) {
          sum += left[x] * right[y];
          x += stepA;
          y += stepB;
        }
        out[at++] = sum;
      }
    }
  }
  return backend.makeTensorInfo([...batch, m, n], "int32", out);
}

/** Sizes of a product of two batches of matrices. */
interface ProductSizes {
  /** The shape of the result before its last two axes. */
  batch: number[];
  m: number;
  n: number;
  k: number;
  /** Where each pair's matrices begin, in entries. */
  offsetsA: number[];
  offsetsB: number[];
  /** Whether the second factor is the same for all: one product, `[batch m, k]` times `[k, n]`. */
  isTall: boolean;
}

function productSizes(a: TensorInfo, b: TensorInfo, transposeA: boolean, transposeB: boolean): ProductSizes {
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw new RangeError(`matMul: both factors must be matrices, got shapes [${a.shape}] and [${b.shape}]`);
  }
  const [rowsA, columnsA] = a.shape.slice(-2);
  const [rowsB, columnsB] = b.shape.slice(-2);
  const k = transposeA ? rowsA : columnsA;
  const kB = transposeB ? columnsB : rowsB;
  if (k !== kB) {
    const as = (shape: number[], isTransposed: boolean) => `[${shape}]${isTransposed ? " transposed" : ""}`;
    throw new RangeError(
      `matMul: inner sizes ${k} and ${kB} of ${as(a.shape, transposeA)} and ${
        as(b.shape, transposeB)
      } differ`,
    );
  }
  const batchA = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  const batch = backend_util.assertAndGetBroadcastShape(batchA, batchB);
  return {
    batch,
    m: transposeA ? columnsA : rowsA,
    n: transposeB ? rowsB : columnsB,
    k,
    offsetsA: batchOffsets(batchA, batch, rowsA * columnsA),
    offsetsB: batchOffsets(batchB, batch, rowsB * columnsB),
    isTall: sizeOf(batchB) === 1 && !transposeA,
  };
}

/** Where each matrix of a broadcast batch begins, in entries. */
function batchOffsets(own: readonly number[], batch: readonly number[], size: number): number[] {
  const offsets: number[] = [];
  const count = sizeOf(batch);
  if (sizeOf(own) === count) {
    for (let i = 0; i < count; i++) offsets.push(i * size);
    return offsets;
  }
  const strides = util.computeStrides([...own, 1]);
  for (let i = 0; i < count; i++) {
    const place = util.indexToLoc(i, batch.length, util.computeStrides([...batch]));
    let at = 0;
    for (let axis = 0; axis < own.length; axis++) {
      const along = place[batch.length - own.length + axis];
      if (own[axis] !== 1) at += along * strides[axis];
    }
    offsets.push(at * size);
  }
  return offsets;
}

/** A product of row-major matrices in the heap, `C = op(A) op(B)`: m x k times k x n. */
interface Product {
  transposeA: boolean;
  transposeB: boolean;
  m: number;
  n: number;
  k: number;
  /** Byte offsets of the matrices. */
  a: number;
  b: number;
  c: number;
  /** Floats from a row to the next one. Default: rows without room between them. */
  lda?: number;
  ldb?: number;
  /** The same for C; only where the inner size is at most {@linkcode AT_ONCE}. */
  ldc?: number;
}

/**
 * Inner sizes above this are cut into pieces. Products of floats are added as floats, in blocks of a few hundred
 * and then block after block: a piece has few of them, and pieces are added in doubles.
 */
const LONG = 1 << 14;
const PIECE = 1 << 13;
/**
 * The same for small products on kernels of OpenBLAS that add those one by one, in no blocks: its kernels for AVX-512 do
 * so up to a million multiplications.
 */
const SHORT_PIECE = 1 << 8;
const SMALL = 1e6;
/** Products with inner sizes up to this are made at once, whatever their other sizes. */
export const AT_ONCE = 2 * SHORT_PIECE;

/** A product through BLAS, or, without one, by the compiled kernel. */
export function gemm(backend: NativeBackend, product: Product): void {
  const { transposeA, transposeB, m, n, k, a, b, c } = product;
  const { lda = transposeA ? m : k, ldb = transposeB ? k : n } = product;
  const isOneByOne = k > AT_ONCE && m * n * Math.min(k, PIECE) <= SMALL && !addsInBlocks();
  if (k <= LONG && !isOneByOne) return multiply(backend, product, lda, ldb);
  const longest = isOneByOne ? SHORT_PIECE : PIECE;
  const { heap } = backend;
  const carryBytes = 8 * (m * n + 3);
  heap.borrow(carryBytes, (carry) => {
    heap.bytes(carry, carryBytes).fill(0);
    for (let from = 0; from < k; from += longest) {
      const piece = {
        ...product,
        k: Math.min(longest, k - from),
        a: a + 4 * from * (transposeA ? lda : 1),
        b: b + 4 * from * (transposeB ? 1 : ldb),
      };
      multiply(backend, piece, lda, ldb);
      heap.kernels.carry_add(c, carry, m * n);
    }
    heap.kernels.carry_write(carry, c, m * n);
  });
}

/** Whether the engine adds the products of every size in blocks. */
function addsInBlocks(): boolean {
  const blas = engine();
  return blas.name !== "native" || blasInfo().kernels === "Haswell";
}

/** The product with rows of A and B that are `lda` and `ldb` floats apart. */
function multiply(
  backend: NativeBackend,
  { transposeA, transposeB, m, n, k, a, b, c, ldc = n }: Product,
  lda: number,
  ldb: number,
): void {
  const { heap } = backend;
  const blas = engine();
  if (blas.name === "native") {
    const A = heap.floats(a, (transposeA ? k - 1 : m - 1) * lda + (transposeA ? m : k));
    const B = heap.floats(b, (transposeB ? n - 1 : k - 1) * ldb + (transposeB ? k : n));
    const C = heap.floats(c, (m - 1) * ldc + n);
    blas.gemm(transposeA, transposeB, m, n, k, 1, A, lda, B, ldb, 0, C, ldc);
    return;
  }
  heap.borrow(4 * (128 + 4096 + 256 * 8 * Math.ceil(n / 8)), (work) => {
    heap.kernels.gemm(+transposeA, +transposeB, m, n, k, a, lda, b, ldb, c, ldc, work);
  });
}

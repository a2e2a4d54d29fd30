import { backend_util, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { engine } from "../../blas/choice.ts";
import type { NativeBackend } from "../backend.ts";
import type { unary } from "../wasm/operations.ts";
import { applyBinary, applyUnary } from "./elementwise.ts";
import { areFloats, replace, sizeOf } from "./replace.ts";

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
    ({ inputs: { a, b }, attrs, backend }) =>
      areFloats(a, b) ? batchMatMul(backend, a, b, attrs.transposeA, attrs.transposeB) : undefined,
  );
  replace<FusedAttributes>("_FusedMatMul", ({ inputs, attrs, backend }) => {
    const { a, b, bias, preluActivationWeights } = inputs;
    if (!areFloats(a, b)) return undefined;
    const product = batchMatMul(backend, a, b, attrs.transposeA, attrs.transposeB);
    return finish(backend, product, bias, attrs.activation, preluActivationWeights, attrs.leakyreluAlpha);
  });
}

/** Adds a bias and applies an activation to a tensor that nobody else has; frees what is not the answer. */
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
  if (bias) become(applyBinary(backend, "add", out, bias));
  if (activation === "prelu") become(applyBinary(backend, "prelu", out, prelu!));
  else if (activation && activation !== "linear") {
    become(applyUnary(backend, ACTIVATIONS[activation], out, leakyReluAlpha ?? 0));
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
  const rankA = a.shape.length;
  const rankB = b.shape.length;
  const [rowsA, columnsA] = a.shape.slice(-2);
  const [rowsB, columnsB] = b.shape.slice(-2);
  const m = transposeA ? columnsA : rowsA;
  const k = transposeA ? rowsA : columnsA;
  const n = transposeB ? rowsB : columnsB;
  const kB = transposeB ? columnsB : rowsB;
  util.assert(
    k === kB,
    () => `Error in matMul: inner shapes (${k}) and (${kB}) of ${a.shape} and ${b.shape} differ`,
  );
  const batchA = a.shape.slice(0, rankA - 2);
  const batchB = b.shape.slice(0, rankB - 2);
  const batch = backend_util.assertAndGetBroadcastShape(batchA, batchB);
  const offsetsA = batchOffsets(batchA, batch, rowsA * columnsA);
  const offsetsB = batchOffsets(batchB, batch, rowsB * columnsB);
  const { pointer: pa } = backend.place(a);
  const { pointer: pb } = backend.place(b);
  const out = backend.allocate([...batch, m, n]);
  // One tall product where the second factor is the same for all: [batch m, k] times [k, n].
  const tall = sizeOf(batchB) === 1 && !transposeA;
  const count = tall ? 1 : offsetsA.length;
  const height = tall ? m * offsetsA.length : m;
  for (let i = 0; i < count; i++) {
    gemm(
      backend,
      transposeA,
      transposeB,
      height,
      n,
      k,
      pa + 4 * offsetsA[i],
      columnsA,
      pb + 4 * offsetsB[i],
      columnsB,
      out.pointer + 4 * i * m * n,
    );
  }
  return out;
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

/**
 * `C = op(A) op(B) + beta C` on the heap: through BLAS, or, without one, by the compiled kernel (then beta is
 * 0).
 */
export function gemm(
  backend: NativeBackend,
  transposeA: boolean,
  transposeB: boolean,
  m: number,
  n: number,
  k: number,
  a: number,
  lda: number,
  b: number,
  ldb: number,
  c: number,
): void {
  const { heap } = backend;
  const blas = engine();
  if (blas.name === "native") {
    const A = heap.floats(a, (transposeA ? k - 1 : m - 1) * lda + (transposeA ? m : k));
    const B = heap.floats(b, (transposeB ? n - 1 : k - 1) * ldb + (transposeB ? k : n));
    blas.gemm(transposeA, transposeB, m, n, k, 1, A, lda, B, ldb, 0, heap.floats(c, m * n), n);
    return;
  }
  const bytes = 4 * (128 + 4096 + 256 * 8 * Math.ceil(n / 8));
  const work = heap.allocate(bytes);
  heap.kernels.gemm(+transposeA, +transposeB, m, n, k, a, lda, b, ldb, c, n, work);
  heap.free(work, bytes);
}

import type { TensorInfo } from "@tensorflow/tfjs-core";
import { requireInteger } from "../../arrays/mod.ts";
import { AT_ONCE, gemm } from "./matmul.ts";
import type { NativeBackend } from "../backend.ts";
import { areFloats, replace, requireShape } from "./replace.ts";

/** The sizes of self-attention, and where its parts are: queries, keys and values side by side in rows of `triple`. */
interface Parts {
  batch: number;
  length: number;
  heads: number;
  /** Numbers of a head. */
  size: number;
  width: number;
  triple: number;
}

/**
 * Adds self-attention and its gradient. Every head is read and written where it is, in rows of all heads, and its
 * scores are scaled, masked and normalized while they are in the cache.
 */
export function registerAttention(): void {
  replace<{ heads: number }>("SelfAttention", ({ inputs: { qkv, mask }, attrs: { heads }, backend }) => {
    if (!areFloats(qkv) || (mask && !areFloats(mask))) return undefined;
    const parts = partsOf(qkv, heads);
    const { batch, length, size, width, triple } = parts;
    if (mask) requireShape("SelfAttention", "mask", mask, [length, length]);
    const { pointer: from } = backend.place(qkv);
    const maskPointer = mask && backend.place(mask).pointer;
    const mixed = backend.allocate([batch, length, width]);
    const weights = backend.allocate([batch, heads, length, length]);
    const { heap } = backend;
    const count = length * length;
    withRoom(backend, parts, (scale, scores) =>
      eachHead(parts, (at, to, block) => {
        const [q, k, v] = [0, 1, 2].map((part) => from + 4 * (at + part * width));
        const y = weights.pointer + 4 * block * count;
        const c = mixed.pointer + 4 * to;
        const product = { transposeA: false, m: length, ldb: triple };
        gemm(backend, {
          ...product,
          transposeB: true,
          n: length,
          k: size,
          a: q,
          lda: triple,
          b: k,
          c: scores,
        });
        heap.kernels.mul(scores, scale, scores, 1, count, 0, 0, 1, 0);
        if (maskPointer !== undefined) heap.kernels.add(scores, maskPointer, scores, 1, count, 0, 0, 1, 1);
        heap.kernels.softmax(scores, y, length, length);
        gemm(backend, { ...product, transposeB: false, n: size, k: length, a: y, b: v, c, ldc: width });
      }));
    return [mixed, weights];
  });
  replace<{ heads: number }>(
    "SelfAttentionGrad",
    ({ inputs: { qkv, weights, dy }, attrs: { heads }, backend }) => {
      if (!areFloats(qkv, weights, dy)) return undefined;
      const parts = partsOf(qkv, heads);
      const { batch, length, size, width, triple } = parts;
      requireShape("SelfAttentionGrad", "weights", weights, [batch, heads, length, length]);
      requireShape("SelfAttentionGrad", "dy", dy, [batch, length, width]);
      const [from, made, change] = [qkv, weights, dy].map((tensor) => backend.place(tensor).pointer);
      const slopes = backend.allocate(qkv.shape);
      const { heap } = backend;
      const count = length * length;
      withRoom(backend, parts, (scale, scores, dscores) =>
        eachHead(parts, (at, to, block) => {
          const [q, k, v] = [0, 1, 2].map((part) => from + 4 * (at + part * width));
          const [dq, dk, dv] = [0, 1, 2].map((part) => slopes.pointer + 4 * (at + part * width));
          const y = made + 4 * block * count;
          const dmixed = change + 4 * to;
          const toScores = { transposeA: false, transposeB: true, m: length, n: length, k: size };
          const toPart = { transposeB: false, m: length, n: size, k: length, ldb: triple, ldc: triple };
          gemm(backend, { ...toPart, transposeA: true, a: y, b: dmixed, ldb: width, c: dv });
          gemm(backend, { ...toScores, a: dmixed, lda: width, b: v, ldb: triple, c: scores });
          heap.kernels.softmax_grad(y, scores, dscores, length, length);
          heap.kernels.mul(dscores, scale, dscores, 1, count, 0, 0, 1, 0);
          gemm(backend, { ...toPart, transposeA: false, a: dscores, b: k, c: dq });
          gemm(backend, { ...toPart, transposeA: true, a: dscores, b: q, c: dk });
        }));
      return slopes;
    },
  );
}

/** Checks the sizes. @throws {RangeError} */
function partsOf({ shape }: TensorInfo, heads: number): Parts {
  const [batch, length, triple] = shape;
  const width = triple / 3;
  requireInteger("heads", heads, { min: 1 });
  if (shape.length !== 3 || triple % (3 * heads) !== 0) {
    throw new RangeError(`SelfAttention: shape [${shape}] is not [batch, length, 3 width] of ${heads} heads`);
  }
  if (Math.max(length, width / heads) > AT_ONCE) {
    throw new RangeError(
      `SelfAttention: sequences and heads have at most ${AT_ONCE} entries, got [${shape}]`,
    );
  }
  return { batch, length, heads, size: width / heads, width, triple };
}

/** Calls `use` for every head of every sequence: where its queries begin, where its results do, and its number. */
function eachHead(
  { batch, length, heads, size, width, triple }: Parts,
  use: (at: number, to: number, block: number) => void,
): void {
  for (let i = 0; i < batch; i++) {
    for (let head = 0; head < heads; head++) {
      use(i * length * triple + head * size, i * length * width + head * size, i * heads + head);
    }
  }
}

/** Calls `use` with pointers of 1 / sqrt(size) and of room for the scores of a head, twice. */
function withRoom(
  { heap }: NativeBackend,
  { length, size }: Parts,
  use: (scale: number, scores: number, others: number) => void,
): void {
  // Loops may write up to a whole vector behind the end.
  const bytes = 4 * length * length + 16;
  heap.borrow(16, (scale) => {
    heap.floats(scale, 1)[0] = 1 / Math.sqrt(size);
    heap.borrow(bytes, (scores) => heap.borrow(bytes, (others) => use(scale, scores, others)));
  });
}

/** Multi-head attention between variates. Not public. */
import { allocateLike, type RealArray } from "../arrays/mod.ts";
import { softmaxRows } from "../arrays/softmax.ts";
import { engine } from "../blas/choice.ts";

/** Sizes of one pass: row v batch + b holds variate v of sample b, `heads` blocks of features. */
export interface AttentionShape {
  variates: number;
  batch: number;
  width: number;
  heads: number;
}

/** Mixed values, and the weights: [sample][head][variate][variate]. */
export function attend<Data extends RealArray>(
  q: Data,
  k: Data,
  v: Data,
  { variates, batch, width, heads }: AttentionShape,
): { mixed: Data; weights: Data } {
  const { gemm } = bound();
  const size = width / heads;
  const stride = batch * width;
  const weights = allocateLike(q, batch * heads * variates * variates);
  const mixed = allocateLike(q, q.length);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const at = b * width + h * size;
      const block = (b * heads + h) * variates * variates;
      const a = weights.subarray(block, block + variates * variates) as Data;
      const scale = 1 / Math.sqrt(size);
      gemm(
        false,
        true,
        variates,
        variates,
        size,
        scale,
        q.subarray(at),
        stride,
        k.subarray(at),
        stride,
        0,
        a,
        variates,
      );
      softmaxRows(a, variates);
      gemm(
        false,
        false,
        variates,
        size,
        variates,
        1,
        a,
        variates,
        v.subarray(at),
        stride,
        0,
        mixed.subarray(at),
        stride,
      );
    }
  }
  return { mixed, weights };
}

/** Derivatives by queries, keys and values. */
export function attendBackward<Data extends RealArray>(
  [q, k, v]: readonly [Data, Data, Data],
  weights: Data,
  dMixed: Data,
  { variates, batch, width, heads }: AttentionShape,
): [Data, Data, Data] {
  const { gemm } = bound();
  const size = width / heads;
  const stride = batch * width;
  const [dq, dk, dv] = [q, k, v].map((of) => allocateLike(of, of.length));
  const da = allocateLike(q, variates * variates);
  const scale = 1 / Math.sqrt(size);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const at = b * width + h * size;
      const block = (b * heads + h) * variates * variates;
      const a = weights.subarray(block, block + variates * variates);
      const dm = dMixed.subarray(at);
      gemm(true, false, variates, size, variates, 1, a, variates, dm, stride, 0, dv.subarray(at), stride);
      gemm(false, true, variates, variates, size, 1, dm, stride, v.subarray(at), stride, 0, da, variates);
      for (let i = 0; i < variates * variates; i += variates) {
        let inner = 0;
        for (let j = i; j < i + variates; j++) inner += a[j] * da[j];
        for (let j = i; j < i + variates; j++) da[j] = a[j] * (da[j] - inner);
      }
      gemm(
        false,
        false,
        variates,
        size,
        variates,
        scale,
        da,
        variates,
        k.subarray(at),
        stride,
        0,
        dq.subarray(at),
        stride,
      );
      gemm(
        true,
        false,
        variates,
        size,
        variates,
        scale,
        da,
        variates,
        q.subarray(at),
        stride,
        0,
        dk.subarray(at),
        stride,
      );
    }
  }
  return [dq, dk, dv];
}

function bound() {
  const chosen = engine();
  return { gemm: chosen.gemm.bind(chosen) };
}

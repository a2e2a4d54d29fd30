/**
 * Products of Householder reflections beside PyTorch's, which calls LAPACK's `orgqr`, and the official
 * code's.
 */
import type { BenchCase, BenchPair } from "../bench.ts";
import { python } from "../python.ts";
import { Matrix } from "../../lib/arrays/mod.ts";
import { householderProduct, householderVjp } from "../../lib/linalg/mod.ts";

/** Reflectors as columns, zero above the diagonal as LAPACK's; the same numbers in Python. */
function reflectors(d: number, m: number): Matrix {
  return Matrix.from(d, m, (i, j) => i < j ? 0 : ((i * 3 + j * 7 + i * j) % 11) / 11 - 0.45);
}

const pythonReflectors = (d: number, m: number) =>
  `import numpy as np
import torch
torch.set_num_threads(1)
i, j = np.indices((${d}, ${m}))
v = torch.from_numpy(np.where(i < j, 0, ((i * 3 + j * 7 + i * j) % 11) / 11 - 0.45))
first = torch.diagonal(v)[:${m}]
# LAPACK's form: the first entry 1, and tau = 2 / |v|^2.
packed = v / first
`;

function difference(ours: Matrix, peer: number[]): number {
  return peer.reduce((off, entry, k) => Math.max(off, Math.abs(entry - ours.data[k])), 0);
}

/** The first r columns of r reflections. */
function thin(d: number, r: number): BenchCase {
  return {
    what: `householder product ${d} x ${r} f64`,
    peer: "pytorch",
    async setup(): Promise<BenchPair> {
      const v = reflectors(d, r);
      const peer = await python("pytorch", {
        setup: pythonReflectors(d, r),
        run: "q = torch.linalg.householder_product(packed, 2 / (packed * packed).sum(0))",
        value: "q.flatten().tolist()",
      });
      return {
        ours: () => void householderProduct(v),
        peer,
        error: async () => difference(householderProduct(v), await peer.value()),
      };
    },
  };
}

/**
 * A projection's factor, r columns, from as many reflectors as it needs; the peer from d, as the official
 * code.
 */
function againstWhole(d: number, r: number): BenchCase {
  return {
    what: `householder product ${d} x ${r} f64`,
    peer: `pytorch, ${d} reflectors`,
    async setup(): Promise<BenchPair> {
      const v = reflectors(d, r);
      const peer = await python("pytorch", {
        setup: pythonReflectors(d, d),
        run: `q = torch.linalg.householder_product(packed, 2 / (packed * packed).sum(0))[:, :${r}]`,
      });
      return { ours: () => void householderProduct(v), peer };
    },
  };
}

/** Merged products as in the official `fasthpp`: blocks of four of d reflectors, one after the other. */
function againstOfficial(d: number, r: number): BenchCase {
  return {
    what: `householder product ${d} x ${r} f64`,
    peer: "official blocks of 4",
    async setup(): Promise<BenchPair> {
      const v = reflectors(d, r);
      const peer = await python("official blocks of 4", {
        setup: pythonReflectors(d, d) + `
def product(v):
    # (W, Y) of four reflections at a time, then their products with the identity, last block first.
    y = (v / v.norm(dim=0)).T.reshape(${d} // 4, 4, ${d})
    gram = y @ y.transpose(1, 2)
    t = torch.linalg.inv(torch.triu(gram, 1) + torch.eye(4, dtype=v.dtype) / 2)
    w = t.transpose(1, 2) @ y
    q = torch.eye(${d}, dtype=v.dtype)
    for k in range(${d} // 4 - 1, -1, -1):
        q = q - w[k].T @ (y[k] @ q)
    return q
`,
        run: "q = product(v)",
      });
      return { ours: () => void householderProduct(v), peer };
    },
  };
}

/** Product and gradient. */
function gradient(d: number, r: number): BenchCase {
  return {
    what: `householder product and gradient ${d} x ${r} f64`,
    peer: "pytorch",
    async setup(): Promise<BenchPair> {
      const v = reflectors(d, r);
      const identity = Matrix.identity(d).slice(0, d, 0, r);
      const dq = Matrix.from(d, r, (i, j) => ((i * 5 + j * 3) % 7) / 7 - 0.5);
      const ours = () => {
        const y = householderProduct(v);
        return householderVjp(v, identity, dq, { y }).dv;
      };
      const peer = await python("pytorch", {
        setup: pythonReflectors(d, r) + `
i, j = np.indices((${d}, ${r}))
dq = torch.from_numpy(((i * 5 + j * 3) % 7) / 7 - 0.5)
v.requires_grad_(True)
lower = torch.from_numpy((i > j).astype("float64"))
unit = torch.from_numpy((i == j).astype("float64"))
def run():
    v.grad = None
    p = v / torch.diagonal(v) * lower + unit
    torch.linalg.householder_product(p, 2 / (p * p).sum(0)).backward(dq)
`,
        run: "run()",
        value: "v.grad.flatten().tolist()",
      });
      return {
        ours: () => void ours(),
        peer,
        // LAPACK's form has no entries above the diagonal.
        error: async () => difference(ours().map((x, i, j) => i < j ? 0 : x), await peer.value()),
      };
    },
  };
}

export const cases: BenchCase[] = [128, 512].flatMap((d) => [
  thin(d, 10),
  againstWhole(d, 10),
  againstOfficial(d, 10),
  gradient(d, 10),
]);

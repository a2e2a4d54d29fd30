import { type Matrix, type RealArray, Rng } from "../../lib/arrays/mod.ts";
import { newtonSchulz } from "../../lib/optimizers/mod.ts";
import type { BenchCase } from "../bench.ts";
import { median } from "simple-statistics";
import { matmul } from "../../lib/blas/mod.ts";
import { now } from "../clock.ts";
import { python } from "../python.ts";

/** The loop that KellerJordan/Muon publishes, in float32. */
const LOOP = `
def loop(G, steps=5):
    a, b, c = 3.4445, -4.7750, 2.0315
    X = G.mT if G.size(0) > G.size(1) else G
    X = X / (X.norm() + 1e-7)
    for _ in range(steps):
        A = X @ X.mT
        X = a * X + (b * A + c * A @ A) @ X
    return X.mT if G.size(0) > G.size(1) else X
`;

/** Milliseconds that the products need at the speed of sgemm, symmetric ones by half. */
function floor(m: number, n: number): number {
  const size = 512;
  const a = new Rng(0).normalMatrix(size, size).astype("float32");
  const out = matmul(a, a);
  const samples = Array.from({ length: 9 }, () => {
    const start = now();
    matmul(a, a, { out });
    return now() - start;
  });
  const perFlop = median(samples) / (2 * size ** 3);
  const short = Math.min(m, n);
  const l = Math.max(m, n) / short;
  // In units of short^3: per standard step l + 1 + 2 l; in Gram form 6 l + 14 in all.
  return perFlop * short ** 3 * Math.min(15 * l + 5, 6 * l + 14);
}

function relativeDifference(a: Matrix<RealArray>, b: ArrayLike<number>): number {
  let difference = 0;
  let size = 0;
  for (let k = 0; k < b.length; k++) {
    difference += (a.data[k] - b[k]) ** 2;
    size += b[k] ** 2;
  }
  return Math.sqrt(difference / size);
}

export const cases: BenchCase[] = [[128, 128], [128, 512], [768, 768], [768, 3072], [3072, 768]].map(
  ([m, n]) => ({
    what: `newton-schulz ${m}x${n} f32`,
    peer: "pytorch",
    async setup() {
      const g = new Rng(m + n).normalMatrix(m, n).astype("float32");
      const peer = await python("torch", {
        setup: `import torch\ntorch.set_num_threads(1)\n${LOOP}\nG = torch.randn(${m}, ${n})`,
        run: "loop(G)",
      });
      const exact = newtonSchulz(g.astype("float64"), { method: "standard" });
      return {
        ours: () => void newtonSchulz(g),
        peer,
        floorMs: floor(m, n),
        error: () => relativeDifference(newtonSchulz(g), exact.data),
      };
    },
  }),
);

/** Streams of rows against the speed of memory, and online dictionary steps, beside NumPy. */
import { median } from "simple-statistics";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import { haarOrthogonal } from "../../lib/linalg/mod.ts";
import { bernoulliGaussian, OnlineOrthogonalDictionary } from "../../lib/dictionary/mod.ts";
import { RandomOrderTopEigenvector, spectralGap, squaredSine } from "../../lib/streaming/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

const d = 100;
const n = 1_000_000;
const blocks = 8;
/** Rows in memory at once: 80 MB, more than any cache, read ten times. */
const chunkRows = 100_000;

/**
 * Cheap numbers without order, four times as large along one coordinate (gap 16); the same ones in Python.
 */
const entry = (i: number, j: number) =>
  (((i * 7919 + j * 104729 + ((i * j) % 997) * 31) % 1009) / 1009 - 0.5) * (j === 3 ? 4 : 1);
const entryInPython = `import numpy as np
i, j = np.arange(${chunkRows})[:, None], np.arange(${d})[None, :]
A = (((i * 7919 + j * 104729 + ((i * j) % 997) * 31) % 1009) / 1009 - 0.5) * np.where(j == 3, 4, 1)`;

/**
 * The time in which the bytes of the stream are read here, copied to a buffer that stays in the cache: a
 * median, as ours is.
 */
function floor(chunk: Matrix): number {
  const buffer = new Float64Array(8192);
  const { data } = chunk;
  const times: number[] = [];
  for (let sample = 0; sample < 9; sample++) {
    const start = performance.now();
    for (let pass = 0; pass < n / chunkRows; pass++) {
      for (let from = 0; from + buffer.length <= data.length; from += buffer.length) {
        buffer.set(data.subarray(from, from + buffer.length));
      }
    }
    times.push(performance.now() - start);
  }
  return median(times);
}

function streamCase(heavyBudget: number, peerName: string, run: string): BenchCase {
  return {
    what: `stream of 1e6 rows, d=${d}, ${
      heavyBudget === 0 ? "block power" : `${heavyBudget} heavy rows stored`
    }`,
    peer: peerName,
    async setup() {
      const chunk = Matrix.from(chunkRows, d, entry);
      const v1 = spectralGap(chunk).v1;
      let vector = v1;
      const ours = () => {
        const stream = new RandomOrderTopEigenvector({ d, n, blocks, heavyBudget, rng: new Rng(0) });
        for (let pass = 0; pass < n / chunkRows; pass++) stream.pushRows(chunk);
        vector = stream.result().vector;
      };
      const peer = await python(peerName, { setup: entryInPython, run });
      return { ours, peer, floorMs: floor(chunk), error: () => squaredSine(vector, v1) };
    },
  };
}

/** Power iteration over eight blocks, in pieces that stay in the cache. */
const blockPower = `
z = np.ones(${d}) / ${Math.sqrt(d)}
for p in range(${blocks}):
    w = np.zeros(${d})
    for f in range(0, ${n / blocks}, 250):
        B = A[(p * ${n / blocks} + f) % ${chunkRows}:][:250]
        w += B.T @ (B @ z)
    z = w / np.linalg.norm(w)`;

const exact = `
G = np.zeros((${d}, ${d}))
for p in range(${n / chunkRows}):
    G += A.T @ A
z = np.linalg.eigh(G)[1][:, -1]`;

function dictionaryCase(size: number): BenchCase {
  const batch = 10;
  return {
    what: `dictionary step n=${size} batch=${batch} f64`,
    peer: "numpy",
    async setup() {
      const rng = new Rng(0);
      const truth = haarOrthogonal(size, { rng });
      const batches = Array.from(
        { length: 50 },
        () => matmul(truth, bernoulliGaussian({ n: size, samples: batch, theta: 0.3, rng })),
      );
      const learner = new OnlineOrthogonalDictionary({ n: size, rng });
      let next = 0;
      const ours = () => void learner.partialFit(batches[next++ % batches.length]);
      const peer = await python("numpy", {
        setup: `import numpy as np
rng = np.random.default_rng(0)
n, b = ${size}, ${batch}
D = np.linalg.qr(rng.standard_normal((n, n)))[0]
Ys = [D @ (rng.standard_normal((n, b)) * (rng.random((n, b)) < 0.3)) for _ in range(50)]
A, G, t = np.linalg.qr(rng.random((n, n)))[0].T, np.zeros((n, n)), 0
def polar(M):
    U, _, V = np.linalg.svd(M)
    return U @ V
def step():
    global A, G, t
    rho, gam = min(1, 4 / (t + 1) ** 0.5), min(1, 2 / (t + 2) ** 0.75)
    Y = Ys[t % 50]
    X = A @ Y
    G = (1 - rho) * G + rho * (np.abs(X) * X) @ Y.T / b
    A = polar((1 - gam) * A + gam * polar(G))
    t += 1`,
        run: "step()",
      });
      return { ours, peer };
    },
  };
}

export const cases: BenchCase[] = [
  streamCase(8, "numpy block power", blockPower),
  streamCase(0, "numpy block power", blockPower),
  streamCase(8, "numpy eigh(A.T A)", exact),
  dictionaryCase(10),
  dictionaryCase(50),
];

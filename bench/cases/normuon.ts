/**
 * Neuron-wise normalization beside the official formula, and beside the orthogonalization that it follows.
 */
import { type Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  muonUpdates,
  newtonSchulz,
  normalizeNeurons,
  normuonUpdates,
  type Parameter,
} from "../../lib/optimizers/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

type Single = Matrix<Float32Array>;

const parameterOf = (weights: Single): Parameter => ({ name: "w", weights, outputs: "rows" });
const draw = (rows: number, columns: number): Single =>
  new Rng(rows).normalMatrix(rows, columns, 1 / Math.sqrt(rows)).astype("float32");

const relative = (ours: ArrayLike<number>, theirs: number[]) => {
  let difference = 0;
  let size = 0;
  theirs.forEach((x, k) => {
    difference += (x - ours[k]) ** 2;
    size += x * x;
  });
  return Math.sqrt(difference / size);
};

/** The formula of `normuon.py`: norm, mean of squares, scaling, norm, scaling. */
const official = {
  torch: `f = O.norm()
v.lerp_(O.square().mean(dim=-1, keepdim=True), 0.05)
H = O * (1 / (v.sqrt() + 1e-10))
H.mul_(f / (H.norm() + 1e-10))`,
  numpy: `f = np.linalg.norm(O)
v += np.float32(0.05) * (np.square(O).mean(axis=-1, keepdims=True) - v)
H = O * (1 / (np.sqrt(v) + np.float32(1e-10)))
H *= f / (np.linalg.norm(H) + np.float32(1e-10))`,
};

/** Uniform values of a linear congruence, so that both sides have the same matrix without sending it. */
function sameMatrix(rows: number, columns: number): Single {
  const out = draw(rows, columns);
  let x = 1;
  for (let k = 0; k < out.data.length; k++) {
    x = (1103 * x + 12345) % 65536;
    out.data[k] = (x - 32768) / 32768;
  }
  return out;
}

const congruence = (rows: number, columns: number) => `
a, x = [], 1
for _ in range(${rows * columns}):
    x = (1103 * x + 12345) % 65536
    a.append((x - 32768) / 32768)
`;

const setups = {
  torch: (rows: number, columns: number) =>
    `import torch\ntorch.set_num_threads(1)\n${congruence(rows, columns)}` +
    `O = torch.tensor(a, dtype=torch.float32).reshape(${rows}, ${columns})\nv = torch.zeros(${rows}, 1)`,
  numpy: (rows: number, columns: number) =>
    `import numpy as np\n${congruence(rows, columns)}` +
    `O = np.array(a, dtype=np.float32).reshape(${rows}, ${columns})\nv = np.zeros((${rows}, 1), dtype=np.float32)`,
};

function normalization(rows: number, columns: number, peer: "torch" | "numpy"): BenchCase {
  return {
    what: `neuron normalization ${rows}x${columns} f32`,
    peer,
    async setup() {
      const link = normalizeNeurons();
      const o = sameMatrix(rows, columns);
      const parameter = parameterOf(o);
      const state = link.init(parameter);
      const update = o.clone();
      const theirs = await python(peer, {
        setup: setups[peer](rows, columns),
        run: official[peer],
        value: "H.flatten().tolist()",
      });
      return {
        ours: () => void link.update(update, state, parameter),
        peer: theirs,
        // One read and one write of the matrix is the least.
        floorMs: copyMs(o),
        error: async () => {
          const h = link.update(o.clone(), link.init(parameter), parameter);
          return relative(h.data, await theirs.value());
        },
      };
    },
  };
}

/** Milliseconds of copying a matrix, the best of some. */
function copyMs(a: Single): number {
  const to = new Float32Array(a.data.length);
  const times: number[] = [];
  for (let k = 0; k < 30; k++) {
    const start = performance.now();
    for (let i = 0; i < 10; i++) to.set(a.data);
    times.push((performance.now() - start) / 10);
  }
  return Math.min(...times);
}

/** What the normalization adds to Newton-Schulz: the ratio is the share. */
function share(rows: number, columns: number): BenchCase {
  return {
    what: `neuron normalization ${rows}x${columns} f32`,
    peer: "Newton-Schulz (ours)",
    setup() {
      const link = normalizeNeurons();
      const g = draw(rows, columns);
      const parameter = parameterOf(g);
      const state = link.init(parameter);
      const update = newtonSchulz(g);
      return { ours: () => void link.update(update, state, parameter), peer: () => void newtonSchulz(g) };
    },
  };
}

/** The whole optimizer step beside Muon's. */
function step(rows: number, columns: number): BenchCase {
  return {
    what: `NorMuon step ${rows}x${columns} f32`,
    peer: "Muon (ours)",
    setup() {
      const g = draw(rows, columns);
      const parameter = parameterOf(g);
      const run = (link: ReturnType<typeof muonUpdates>) => {
        const state = link.init(parameter);
        return () => void link.update(g.clone(), state, parameter);
      };
      return { ours: run(normuonUpdates()), peer: run(muonUpdates()) };
    },
  };
}

/** All rows. */
export const cases: BenchCase[] = [
  normalization(1024, 1024, "torch"),
  normalization(1024, 1024, "numpy"),
  normalization(256, 64, "torch"),
  normalization(256, 64, "numpy"),
  share(1024, 1024),
  share(256, 64),
  step(256, 64),
  step(512, 512),
];

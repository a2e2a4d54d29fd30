/**
 * AuON's update beside a copy of the matrix and beside NumPy and PyTorch; what Newton-Schulz costs beside
 * Hybrid-AuON.
 */
import { median } from "simple-statistics";
import { type DType, Matrix, type RealArray, Rng } from "../../lib/arrays/mod.ts";
import {
  auonUpdates,
  type GradientTransformation,
  hybridAuonUpdates,
  muonUpdates,
  NEWTON_SCHULZ,
  newtonSchulz,
  normalizedSgdUpdates,
  scaleByCoshRms,
} from "../../lib/optimizers/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

/** The same numbers in both languages. */
const input = (rows: number, columns: number, dtype: DType) =>
  Matrix.from(rows, columns, (i, j) => Math.sin(1.7 * (i * columns + j))).astype(dtype);

/** One read and one write of the matrix: a copy, the median of many. */
function floor(g: Matrix<RealArray>): number {
  const copy = g.data.slice();
  const times: number[] = [];
  for (let sample = 0; sample < 25; sample++) {
    const start = performance.now();
    copy.set(g.data);
    times.push(performance.now() - start);
  }
  return median(times);
}

const formula = {
  numpy: {
    setup: (n: number, dtype: DType) => `
import numpy as np
G = np.sin(1.7 * np.arange(${n}, dtype=np.float64)).astype(np.${dtype})
def auon(G):
    x = G / (np.linalg.norm(G) + 1e-7)
    return x / (np.sqrt(np.mean(np.cosh(x) ** 2)) + 1e-8)`,
    run: "U = auon(G)",
  },
  pytorch: {
    setup: (n: number, dtype: DType) => `
import torch
torch.set_num_threads(1)
G = torch.sin(1.7 * torch.arange(${n}, dtype=torch.float64)).to(torch.${dtype})
def auon(G):
    x = G / (G.norm() + 1e-7)
    return x / (torch.cosh(x).square().mean().sqrt() + 1e-8)`,
    run: "U = auon(G)",
  },
};

/** AuON's direction, in place: norm, R, scaling. */
function directionCase(
  rows: number,
  columns: number,
  dtype: DType,
  peer: "numpy" | "pytorch",
  tolerance?: number,
): BenchCase {
  return {
    what: `AuON direction ${rows}x${columns} ${dtype === "float32" ? "f32" : "f64"}${
      tolerance === 0 ? ", powers summed" : ""
    }`,
    peer,
    async setup() {
      const g = input(rows, columns, dtype);
      const work = g.clone();
      const parameter = { name: "w", weights: work, outputs: "rows" as const };
      const link = scaleByCoshRms({ normalize: true, tolerance });
      const { setup, run } = formula[peer];
      const other = await python(peer, {
        setup: setup(rows * columns, dtype),
        run,
        value: "U[:1000].tolist()",
      });
      return {
        ours: () => void link.update(work, {}, parameter),
        peer: other,
        floorMs: floor(g),
        error: async () => {
          const u = link.update(g.clone(), {}, parameter).data;
          const values = await other.value();
          return Math.hypot(...values.map((x, i) => x - u[i])) / Math.hypot(...values);
        },
      };
    },
  };
}

/** Two optimizers' whole updates for one matrix, gradient in, weights' change out. */
function stepCase(
  what: string,
  ours: GradientTransformation,
  peer: string,
  theirs: GradientTransformation,
  size: number,
): BenchCase {
  return {
    what: `${what} update ${size}x${size} f32`,
    peer,
    setup() {
      const parameter = { name: "w", weights: Matrix.zeros(size, size, "float32"), outputs: "rows" as const };
      const g = new Rng(0).normalMatrix(size, size).astype("float32");
      const work = g.clone();
      const runner = (link: GradientTransformation) => {
        const state = link.init(parameter);
        return () => {
          work.data.set(g.data);
          link.update(work, state, parameter);
        };
      };
      return { ours: runner(ours), peer: runner(theirs) };
    },
  };
}

export const cases: BenchCase[] = [
  ...(["numpy", "pytorch"] as const).flatMap((peer) => [
    directionCase(1024, 1024, "float32", peer),
    directionCase(4096, 1024, "float32", peer),
  ]),
  directionCase(1024, 1024, "float64", "numpy"),
  directionCase(4096, 1024, "float64", "numpy"),
  directionCase(1024, 1024, "float32", "pytorch", 0),
  directionCase(4096, 1024, "float32", "pytorch", 0),
  {
    // Criterion 5 of experiments/auon/README.md: between 3.5 and 5.5.
    what: "Newton-Schulz, 5 steps 256x256 f64",
    peer: "Hybrid-AuON's direction",
    setup() {
      const g = new Rng(0).normalMatrix(256, 256);
      const parameter = { name: "w", weights: g, outputs: "rows" as const };
      const one = { coefficients: NEWTON_SCHULZ.muon5.slice(0, 1) };
      const brake = scaleByCoshRms({ of: "entries" });
      return {
        ours: () => void newtonSchulz(g),
        peer: () => void brake.update(newtonSchulz(g, one), {}, parameter),
      };
    },
  },
  stepCase("AuON", auonUpdates(), "Muon", muonUpdates(), 64),
  stepCase("AuON", auonUpdates(), "Muon", muonUpdates(), 1024),
  stepCase("Hybrid-AuON", hybridAuonUpdates(), "Muon", muonUpdates(), 1024),
  stepCase("AuON", auonUpdates(), "normalized SGD", normalizedSgdUpdates(), 1024),
];

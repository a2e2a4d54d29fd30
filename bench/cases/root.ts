import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  fitNewtonSchulz,
  type GradientTransformation,
  marchenkoPasturNodes,
  muonUpdates,
  type Parameter,
  rootUpdates,
  shapeKey,
  suppressOutliers,
} from "../../lib/optimizers/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

/** A matrix that both sides can make: the same entries to rounding. */
const entry = (i: number) => Math.sin(1.7 * i ** 1.3) * (i % 97 === 0 ? 50 : 1);
const SAME = "x = np.sin(1.7 * np.arange(n * n) ** 1.3) * np.where(np.arange(n * n) % 97 == 0, 50, 1)";

/**
 * Clip to the 0.9-quantile of the absolute entries, in place. Ours includes copying the matrix back for the
 * next sample.
 */
function clip(n: number): BenchCase {
  return {
    what: `quantile and clip ${n}x${n} f32`,
    peer: "numpy",
    async setup() {
      const source = Float32Array.from({ length: n * n }, (_, i) => entry(i));
      const x = new Matrix(n, n, source.slice());
      const parameter: Parameter = { name: "w", weights: x, outputs: "rows" };
      const link = suppressOutliers();
      const ours = () => {
        x.data.set(source);
        link.update(x, {}, parameter);
      };
      const peer = await python("numpy", {
        setup:
          `import numpy as np\nn = ${n}\n${SAME}\nsource = x.astype(np.float32).reshape(n, n)\nx = source.copy()`,
        run: `x[:] = source
t = np.quantile(np.abs(x), 0.9) + 1e-9
np.clip(x, -t, t, out=x)`,
        value: "x.ravel()[:4096].tolist()",
      });
      const error = async () => {
        ours();
        const theirs = await peer.value();
        // The bases of large arguments differ in the last bits, which a sine sees.
        return theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - x.data[i])), 0);
      };
      return { ours, peer, error };
    },
  };
}

function stepping(transformation: GradientTransformation, m: number, n: number): () => void {
  const weights = new Matrix(m, n, new Float32Array(m * n));
  const parameter: Parameter = { name: "w", weights, outputs: "rows" };
  const state = transformation.init(parameter);
  const gradient = new Rng(1).normalMatrix(m, n).astype("float32");
  return () => void transformation.update(gradient.clone(), state, parameter);
}

/** Muon's triple, so that the peers compute the same. */
function steppingRoot(m: number, n: number): () => void {
  return stepping(rootUpdates({ coefficients: { [shapeKey(m, n)]: [3.4445, -4.775, 2.0315] } }), m, n);
}

/** What ROOT costs beside Muon: the quantile and the clip. */
function besideMuon(m: number, n: number): BenchCase {
  return {
    what: `root update ${m}x${n} f32`,
    peer: "muon",
    setup: () =>
      Promise.resolve({
        ours: steppingRoot(m, n),
        peer: stepping(muonUpdates({ scale: "matchAdamw", weightDecay: 0.1 }), m, n),
      }),
  };
}

/** The step as PyTorch does it: momentum, k-th values, clip, five Newton-Schulz steps. */
function besideTorch(m: number, n: number): BenchCase {
  return {
    what: `root update ${m}x${n} f32`,
    peer: "pytorch",
    async setup() {
      const peer = await python("pytorch", {
        setup: `import torch
torch.set_num_threads(1)
g = torch.randn(${m}, ${n}); buf = torch.zeros(${m}, ${n}); w = torch.zeros(${m}, ${n})
at = 0.9 * (g.numel() - 1)
def quantile(x):
    low = x.kthvalue(int(at) + 1).values
    return low + (at - int(at)) * (x.kthvalue(int(at) + 2).values - low)`,
        run: `buf.mul_(0.95).add_(g)
u = g.add(buf, alpha=0.95)
t = quantile(u.abs().flatten()) + 1e-9
x = u.clamp(-t, t)
x = x / (x.norm() + 1e-7)
for _ in range(5):
    a = x @ x.T
    x = 3.4445 * x + (-4.775 * a + 2.0315 * a @ a) @ x
w.mul_(1 - 1e-4).add_(x, alpha=-1e-3 * 0.2 * ${Math.sqrt(Math.max(m, n))})`,
      });
      return { ours: steppingRoot(m, n), peer };
    },
  };
}

/** A calibration: one search, from Muon's triple. */
function calibration(): BenchCase {
  return {
    what: "calibrate 64x256, 2000 nodes, one start",
    peer: "scipy",
    async setup() {
      const spectrum = marchenkoPasturNodes(64, 256, { count: 2000 });
      const start = [3.2, -4.0, 1.7] as const;
      const ours = () => void fitNewtonSchulz([spectrum], { starts: [start] });
      const peer = await python("scipy", {
        setup: `import numpy as np
from scipy.optimize import minimize
k = np.arange(2000) + 0.5
angle = k * np.pi / 2000
lam = 1.25 - np.cos(angle)
s = np.sqrt(lam / 64); weight = 2 * np.sin(angle) ** 2 / (2000 * lam)
def loss(q):
    x = s
    for _ in range(5):
        y = x * x
        x = x * (q[0] + y * (q[1] + y * q[2]))
    return np.sum(weight * (x - 1) ** 2)
options = {"xatol": 1e-8, "fatol": 1e-12, "maxfev": 1200}`,
        run: `r = minimize(loss, [3.2, -4.0, 1.7], method="Nelder-Mead", options=options)
r = minimize(loss, r.x, method="Nelder-Mead", options=options)`,
        value: "[r.fun ** 0.5]",
      });
      const error = async () => {
        const [theirs] = await peer.value();
        return Math.abs(fitNewtonSchulz([spectrum], { starts: [start] }).error - theirs);
      };
      return { ours, peer, error };
    },
  };
}

/** Rows of this file. */
export const cases: BenchCase[] = [
  clip(64),
  clip(1024),
  besideMuon(64, 64),
  besideMuon(512, 2048),
  besideTorch(512, 512),
  besideTorch(512, 2048),
  calibration(),
];

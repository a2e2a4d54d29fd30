import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  adamwUpdates,
  type GradientTransformation,
  MatrixOptimizer,
  muonUpdates,
} from "../../lib/optimizers/mod.ts";
import { trainOnDigits } from "../../lib/training/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

const SIZE = 256;
const LAYERS = 4;

/** One optimizer step of four 256 x 256 layers in float32, beside the published PyTorch code. */
const step: BenchCase = {
  what: `muon step ${LAYERS} x ${SIZE}x${SIZE} f32`,
  peer: "pytorch",
  async setup() {
    const rng = new Rng(0);
    const layers = Array.from({ length: LAYERS }, (_, i) => i);
    const gradients = layers.map(() => rng.normalMatrix(SIZE, SIZE).astype("float32"));
    const driver = new MatrixOptimizer(
      layers.map((i) => ({
        name: `w${i}`,
        weights: Matrix.zeros(SIZE, SIZE).astype("float32"),
        outputs: "rows" as const,
      })),
      muonUpdates(),
    );
    const peer = await python("torch", {
      // The published muon.py, in float32 as ours (PyTorch's own class multiplies in bfloat16).
      setup: `import torch
torch.set_num_threads(1)
ws = [torch.zeros(${SIZE}, ${SIZE}) for _ in range(${LAYERS})]
gs = [torch.randn(${SIZE}, ${SIZE}) for _ in range(${LAYERS})]
ms = [torch.zeros_like(w) for w in ws]
def step(lr=0.02, beta=0.95):
    for w, g, m in zip(ws, gs, ms):
        m.lerp_(g, 1 - beta)
        X = g.lerp(m, beta)
        X = X / (X.norm() + 1e-7)
        for _ in range(5):
            A = X @ X.mT
            X = 3.4445 * X + (-4.7750 * A + 2.0315 * A @ A) @ X
        w.add_(X, alpha=-lr)`,
      run: "step()",
    });
    return { ours: () => void driver.step(gradients), peer };
  },
};

/**
 * A whole training step of the digits network with Muon beside one with Adam: what saving steps costs on a
 * small model.
 */
const digits: BenchCase = {
  what: "muon on digits, 20 steps",
  peer: "Adam (ours)",
  setup() {
    const train = (optimizer: () => GradientTransformation) => () =>
      void trainOnDigits({ optimizer: optimizer(), steps: 20, rng: new Rng(0) });
    return Promise.resolve({
      ours: train(() => muonUpdates({ learningRate: 0.05 })),
      peer: train(() => adamwUpdates({ learningRate: 0.05 })),
    });
  },
};

export const cases: BenchCase[] = [step, digits];

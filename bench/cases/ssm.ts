/** State space models: kernels and gradients, initialization, a layer, and the streaming step. */
import * as tf from "@tensorflow/tfjs";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { legsNormalSpectrum, S4DKernel, s4dKernel, s4dKernelGradient } from "../../lib/ssm/mod.ts";
import { S4DLayer } from "../../lib/ssm/layers/mod.ts";
import { useBestBackend } from "../../lib/tfjs/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

const H = 256;
const N = 64;
const L = 4096;

function model(features = H) {
  const { parameters } = new S4DKernel({ dModel: features, dState: N, rng: new Rng(1) });
  const single = (x: Float64Array) => Float32Array.from(x);
  const { logDt, logARe, AIm, C } = parameters;
  return { logDt: single(logDt), logARe: single(logARe), AIm: single(AIm), C: single(C) };
}

/** The same parameters for Python: log dt is random, the rest of C too, so they travel as text. */
function torchParameters(q: ReturnType<typeof model>, features: number): string {
  const list = (x: Float32Array) => `[${Array.from(x, (value) => value.toPrecision(9)).join(",")}]`;
  return `
import torch, math
torch.set_num_threads(1)
H, n = ${features}, ${N / 2}
log_dt = torch.tensor(${list(q.logDt)}).requires_grad_()
log_a = torch.tensor(${list(q.logARe)}).reshape(H, n).requires_grad_()
a_im = torch.tensor(${list(q.AIm)}).reshape(H, n).requires_grad_()
C = torch.tensor(${list(q.C)}).reshape(H, n, 2).requires_grad_()
def kernel(L):
    dt = torch.exp(log_dt); Cc = torch.view_as_complex(C); A = -torch.exp(log_a) + 1j * a_im
    dtA = A * dt.unsqueeze(-1)
    K = dtA.unsqueeze(-1) * torch.arange(L)
    Cc = Cc * (torch.exp(dtA) - 1.) / A
    return 2 * torch.einsum('hn, hnl -> hl', Cc, torch.exp(K)).real
`;
}

/** Largest difference over the largest value. */
function relative(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  let off = 0;
  let size = 0;
  for (let i = 0; i < theirs.length; i++) {
    off = Math.max(off, Math.abs(ours[i] - theirs[i]));
    size = Math.max(size, Math.abs(theirs[i]));
  }
  return off / size;
}

/** Benchmarks of `lib/ssm`. */
export const cases: BenchCase[] = [
  {
    what: "s4d kernel H=256 N=64 L=4096 f32",
    peer: "pytorch",
    async setup() {
      const q = model();
      const peer = await python("pytorch", {
        setup: torchParameters(q, H),
        run: `with torch.no_grad(): r = kernel(${L})`,
      });
      // The truth is our own kernel in double precision, which the tests check against plain sums of
      // exponentials.
      const error = () =>
        relative(s4dKernel(q, L, { dtype: "float32" }).data, s4dKernel(q, L, { dtype: "float64" }).data);
      return { ours: () => void s4dKernel(q, L, { dtype: "float32" }), peer, error };
    },
  },
  {
    what: "s4d kernel gradient H=256 N=64 L=4096 f32",
    peer: "pytorch",
    async setup() {
      const q = model();
      const g = new Matrix(H, L, Float32Array.from(new Rng(2).normals(H * L)));
      const run = "for p in (log_dt, log_a, a_im, C): p.grad = None\n" + `K = kernel(${L})\nK.backward(g)`;
      const peer = await python("pytorch", {
        setup: torchParameters(q, H) + `g = torch.randn(H, ${L})`,
        run,
      });
      const wide = new Matrix(H, L, Float64Array.from(g.data));
      return {
        ours: () => {
          s4dKernel(q, L, { dtype: "float32" });
          s4dKernelGradient(q, g);
        },
        peer,
        error: () => relative(s4dKernelGradient(q, g).AIm, s4dKernelGradient(q, wide).AIm),
      };
    },
  },
  {
    what: "closed-form LegS spectrum N=1024 f64",
    peer: "numpy eigh",
    async setup() {
      const peer = await python("numpy", {
        setup: `import numpy as np
n = 1024
i = np.arange(n); s = np.sqrt(np.outer(i + .5, i + .5)) * np.sign(i[None, :] - i[:, None])
m = -1j * s`,
        run: "w, v = np.linalg.eigh(m)",
        value: "w[n // 2:][::-1].tolist()",
      });
      const error = async () => relative(legsNormalSpectrum(1024).omega, await peer.value());
      return { ours: () => void legsNormalSpectrum(1024), peer, error };
    },
  },
  {
    what: "s4d layer forward+backward batch 16 H=128 L=1024 f32",
    peer: "pytorch",
    async setup() {
      await useBestBackend({ verbose: false });
      const features = 128;
      const length = 1024;
      const q = model(features);
      const layer = new S4DLayer({ dState: N, seed: 1 });
      const u = tf.tensor3d(Float32Array.from(new Rng(3).normals(16 * length * features)), [
        16,
        length,
        features,
      ]);
      tf.dispose(layer.apply(u) as tf.Tensor);
      const peer = await python("pytorch", {
        setup: torchParameters(q, features) + `
L = ${length}
D = torch.randn(H, 1).requires_grad_()
u = torch.randn(16, L, H)
mix = torch.nn.Conv1d(H, 2 * H, 1)
params = [log_dt, log_a, a_im, C, D] + list(mix.parameters())
def layer(u):
    u = u.transpose(1, 2)
    k = kernel(L)
    y = torch.fft.irfft(torch.fft.rfft(u, n=2 * L) * torch.fft.rfft(k, n=2 * L), n=2 * L)[..., :L]
    y = torch.nn.functional.gelu(y + u * D)
    return torch.nn.functional.glu(mix(y), dim=1).transpose(1, 2)`,
        run: "for p in params: p.grad = None\nlayer(u).square().sum().backward()",
      });
      const ours = () => {
        const { value, grads } = tf.variableGrads(() =>
          tf.sum(tf.square(layer.apply(u, { training: true }) as tf.Tensor)) as tf.Scalar
        );
        value.dataSync();
        for (const g of Object.values(grads)) g.dataSync();
        tf.dispose([value, grads]);
      };
      return { ours, peer, dispose: () => tf.dispose(u) };
    },
  },
  {
    what: "s4d streaming step H=256 N=64 (all features)",
    peer: "pytorch",
    async setup() {
      const stream = new S4DKernel({ dModel: H, dState: N, rng: new Rng(1) }).recurrence();
      const u = new Rng(2).normals(H);
      const y = new Float64Array(H);
      const peer = await python("pytorch", {
        setup: `import torch
torch.set_num_threads(1)
p = torch.polar(torch.full((${H}, ${N / 2}), .99), torch.rand(${H}, ${N / 2})); w = torch.randn(${H}, ${
          N / 2
        }, dtype=torch.cfloat)
x = torch.zeros_like(p); u = torch.randn(${H}, 1)`,
        run: "with torch.no_grad():\n  x = p * x + u\n  y = 2 * (w * x).sum(-1).real",
      });
      return { ours: () => void stream.step(u, { out: y }), peer };
    },
  },
];

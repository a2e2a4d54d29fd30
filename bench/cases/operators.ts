/** Neural operators: training steps beside PyTorch, data of the Burgers equation beside batched NumPy. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  type OperatorKernel,
  OperatorNetwork,
  relativeL2Loss,
  solveBurgers,
} from "../../lib/operators/mod.ts";
import { flatAdam } from "../../lib/optimizers/flat_adam.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";
import { relativeDistance } from "../relative_distance.ts";

const BATCH = 16;
const POINTS = 64;

/** Our network in PyTorch: parameters as views of one flat tensor, in the same order. */
const torchNetwork = (net: OperatorNetwork) => `
import torch
from torch.nn.functional import gelu, linear, conv1d, pad
torch.set_num_threads(1)
flat = torch.tensor(${JSON.stringify(Array.from(net.parameters))}).requires_grad_()
at = 0
def take(*shape):
    global at
    count = torch.Size(shape).numel(); at += count
    return flat.detach()[at - count:at].reshape(shape).clone().requires_grad_()
W, spectral = ${net.width}, ${net.kernel.kind === "spectral" ? "True" : "False"}
size = ${net.kernel.kind === "spectral" ? net.kernel.modes : net.kernel.taps}
lift = take(W, 3), take(W)
layers = [(take(size, 2, W, W) if spectral else take(size, W, W), take(W, W), take(W)) for _ in range(${net.layers})]
head, last = (take(${net.hidden}, W), take(${net.hidden})), (take(1, ${net.hidden}), take(1))
p = [*lift, *(t for layer in layers for t in layer), *head, *last]
# As modules of PyTorch hold them: complex matrices, kernels [out, in, tap].
layers = [((torch.view_as_complex(k.detach().movedim(1, 3).contiguous()) if spectral
            else k.detach().permute(2, 1, 0).contiguous()).requires_grad_(), w, b) for k, w, b in layers]
q = [*lift, *(t for layer in layers for t in layer), *head, *last]
def kernel(v, k):
    if not spectral:
        return conv1d(pad(v.transpose(1, 2), (size // 2, size // 2), mode="circular"), k).transpose(1, 2)
    h = torch.fft.rfft(v, dim=1, norm="forward")
    out = torch.zeros_like(h)
    out[:, :size] = torch.einsum("bki,kio->bko", h[:, :size], k)
    return torch.fft.irfft(out, n=v.shape[1], dim=1, norm="forward")
def f(x):
    v = linear(x, *lift)
    for l, (k, w, b) in enumerate(layers):
        v = kernel(v, k) + linear(v, w, b)
        if l < len(layers) - 1: v = gelu(v)
    return linear(gelu(linear(v, *head)), *last)[..., 0]
`;

function step(what: string, kernel: OperatorKernel): BenchCase {
  return {
    what: `${what} step with Adam, batch ${BATCH}, n=${POINTS}`,
    peer: "torch",
    async setup() {
      const rng = new Rng(0);
      const net = new OperatorNetwork({ kernel, rng });
      const u = rng.normalMatrix(BATCH, POINTS).astype("float32");
      const target = rng.normalMatrix(BATCH, POINTS).astype("float32");
      // A rate of zero: every step computes with the same numbers.
      const adam = flatAdam("operator", net.parameters, 0);
      const out = new Float32Array(net.parameters.length);
      const ours = () => adam(relativeL2Loss(net, u, target, { out }).gradient);
      const rows = (matrix: Matrix<Float32Array>) => JSON.stringify(matrix.toRows());
      const peer = await python("torch", {
        setup: `${torchNetwork(net)}
u, target = torch.tensor(${rows(u)}), torch.tensor(${rows(target)})
angle = torch.arange(${POINTS}) * 2 * torch.pi / ${POINTS}
x = torch.stack([u, angle.sin().expand_as(u), angle.cos().expand_as(u)], 2)
opt = torch.optim.Adam(q, lr=0)
def step():
    opt.zero_grad()
    loss = ((f(x) - target).norm(dim=1) / target.norm(dim=1)).mean()
    loss.backward()
    opt.step()
def gradient(t):
    if t.grad.is_complex(): return torch.view_as_real(t.grad).movedim(3, 1).ravel()
    return (t.grad.permute(2, 1, 0) if t.dim() == 3 else t.grad).ravel()`,
        run: "step()",
        value: "torch.cat([gradient(t) for t in q])",
      });
      const error = async () => relativeDistance(relativeL2Loss(net, u, target).gradient, await peer.value());
      return { ours, peer, error };
    },
  };
}

function burgers(functions: number): BenchCase {
  const [n, viscosity, time, steps] = [256, 0.01, 0.1, 50];
  return {
    what: `Burgers equation, ${functions} functions, n=${n}, ${steps} steps`,
    peer: "numpy",
    async setup() {
      const rng = new Rng(1);
      const waves = Array.from({ length: functions }, () => [rng.normal(), rng.normal(), rng.normal()]);
      const u0 = Matrix.from(
        functions,
        n,
        (i, j) =>
          waves[i].reduce(
            (sum, amplitude, k) => sum + amplitude * Math.sin(2 * Math.PI * (k + 1) * j / n),
            0,
          ),
      );
      const solve = () => solveBurgers(u0, { viscosity, time, steps });
      const peer = await python("numpy", {
        setup: `
import numpy as np
x = np.arange(${n}) / ${n}
waves = np.array(${JSON.stringify(waves)})
u0 = sum(waves[:, k:k + 1] * np.sin(2 * np.pi * (k + 1) * x) for k in range(3))
k = np.arange(${n} // 2 + 1)
dt = ${time / steps}
factor = np.where(k <= (${n} - 1) // 3, -1j * np.pi * k * dt, 0)
half = np.exp(-${viscosity} * (2 * np.pi * k) ** 2 * dt / 2)
whole = half * half
def N(v): return factor * np.fft.rfft(np.fft.irfft(v, ${n}, axis=1) ** 2, axis=1)
def solve():
    v = np.fft.rfft(u0, axis=1)
    for _ in range(${steps}):
        a = N(v)
        b = N(half * (v + a / 2))
        c = N(half * v + b / 2)
        d = N(whole * v + half * c)
        v = whole * v + (whole * a + 2 * half * (b + c) + d) / 6
    return np.fft.irfft(v, ${n}, axis=1)`,
        run: "u = solve()",
        value: "u.ravel()",
      });
      return {
        ours: () => void solve(),
        peer,
        error: async () => relativeDistance(solve().data, await peer.value()),
      };
    },
  };
}

export const cases: BenchCase[] = [
  step("FNO of 12 modes, W=16,", { kind: "spectral", modes: 12 }),
  step("CNN of 9 taps, W=16,", { kind: "local", taps: 9, trainN: POINTS }),
  burgers(640),
];

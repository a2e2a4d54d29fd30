/** Networks of sines: training steps and tangent kernels, beside PyTorch and beside the Jacobian formed explicitly. */
import { allocateLike, type DType, Matrix, type RealArray, Rng } from "../../lib/arrays/mod.ts";
import { gram } from "../../lib/blas/mod.ts";
import { type DenseNetwork, meanSquaredError } from "../../lib/networks/mod.ts";
import { bandSignal, gridCoordinates, siren } from "../../lib/neural_fields/mod.ts";
import { adamwUpdates } from "../../lib/optimizers/adam.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";
import { relativeDistance } from "../relative_distance.ts";

/** Our network in PyTorch: the same parameters, as tensors W and b. */
const torchNetwork = (net: DenseNetwork<DType>) => `
import torch
torch.set_num_threads(1)
torch.set_default_dtype(torch.${net.dtype})
flat, widths = torch.tensor(${JSON.stringify(Array.from(net.parameters))}), ${JSON.stringify(net.widths)}
W, b, at = [], [], 0
for n, m in zip(widths, widths[1:]):
    W.append(flat[at:at + n * m].reshape(m, n).clone()); at += n * m
    b.append(flat[at:at + m].clone()); at += m
def f(W, b, x):
    for w, c in zip(W[:-1], b[:-1]):
        x = torch.sin(30 * torch.nn.functional.linear(x, w, c))
    return torch.nn.functional.linear(x, W[-1], b[-1])
`;

function start(samples: number, width: number, dtype: DType) {
  const net = siren<DType>({ width, dtype, rng: new Rng(0) });
  const x: Matrix<RealArray> = gridCoordinates([samples]).astype(dtype);
  const y: Matrix<RealArray> = new Matrix(samples, 1, bandSignal(samples, { center: 0.3, rng: new Rng(1) }))
    .astype(dtype);
  return { net, x, y };
}

function step(samples: number, width: number, dtype: DType): BenchCase {
  return {
    what: `SIREN step with Adam N=${samples} d=${width} ${dtype === "float64" ? "f64" : "f32"}`,
    peer: "torch",
    async setup() {
      const { net, x, y } = start(samples, width, dtype);
      const { parameters } = net;
      const weights = new Matrix<RealArray>(1, parameters.length, parameters);
      const parameter = { name: "field", weights, outputs: "rows" as const };
      // A rate of zero: every step computes with the same numbers.
      const adam = adamwUpdates({ learningRate: 0 });
      const state = adam.init(parameter);
      const out = allocateLike<RealArray>(parameters, parameters.length) as typeof parameters;
      const ours = () => {
        const { gradient } = meanSquaredError(net, x, y, { out });
        const update = adam.update(new Matrix<RealArray>(1, gradient.length, gradient), state, parameter);
        for (let k = 0; k < parameters.length; k++) parameters[k] += update.data[k];
      };
      const peer = await python("torch", {
        setup: `${torchNetwork(net)}
x, y = torch.linspace(-1, 1, ${samples})[:, None], torch.tensor(${
          JSON.stringify(Array.from(y.data))
        })[:, None]
p = [q.requires_grad_() for q in W + b]
opt = torch.optim.Adam(p, lr=0)
def step():
    opt.zero_grad()
    ((f(W, b, x) - y) ** 2).mean().backward()
    opt.step()`,
        run: "step()",
        value: "torch.cat([t.grad.ravel() for pair in zip(W, b) for t in pair])",
      });
      const error = async () => {
        const { gradient } = meanSquaredError(net, x, y);
        return relativeDistance(gradient, await peer.value());
      };
      return { ours, peer, error };
    },
  };
}

const kernelSamples = 1024;

function kernel(dtype: DType): BenchCase[] {
  const what = `tangent kernel of SIREN N=${kernelSamples} d=32 ${dtype === "float64" ? "f64" : "f32"}`;
  const { net, x } = start(kernelSamples, 32, dtype);
  const ours = () => void net.tangentKernel(x);
  return [{
    what,
    peer: "J Jᵀ",
    setup: () => ({
      ours,
      peer: () => void gram(net.jacobian(x), { side: "right" }),
      error: () => relativeDistance(net.tangentKernel(x).data, gram(net.jacobian(x), { side: "right" }).data),
    }),
  }, {
    what,
    peer: "torch.func.jacrev",
    async setup() {
      const peer = await python("torch.func.jacrev", {
        setup: `${torchNetwork(net)}
from torch.func import jacrev, vmap
x = torch.linspace(-1, 1, ${kernelSamples})[:, None]
def kernel():
    J = vmap(jacrev(lambda p, x: f(*p, x)[0]), (None, 0))((W, b), x)
    F = torch.cat([j.reshape(${kernelSamples}, -1) for part in J for j in part], 1)
    return F @ F.T`,
        run: "K = kernel()",
        value: "K.ravel()",
      });
      return {
        ours,
        peer,
        error: async () => relativeDistance(net.tangentKernel(x).data, await peer.value()),
      };
    },
  }];
}

export const cases: BenchCase[] = [
  step(2048, 32, "float64"),
  step(2048, 32, "float32"),
  step(16384, 222, "float32"),
  ...kernel("float64"),
];

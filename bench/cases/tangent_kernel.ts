/** Tangent kernels, training in their parametrization, and permutation networks, beside PyTorch and NumPy. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { infiniteKernels, NtkMlp, PermutationEnsemble } from "../../lib/tangent_kernels/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

const width = 256;
const depth = 4;
const points = 101;
const trainingPoints = 20;

/** The network of the paper in PyTorch; its weights are our own, so that results compare. */
const torchNetwork = (net: NtkMlp<"float32" | "float64">, dtype: string) => `
import numpy as np, torch
torch.set_num_threads(1)
torch.set_default_dtype(torch.${dtype})
shapes = ${JSON.stringify(net.weights.map((w) => [w.rows, w.columns]))}
rng = np.random.default_rng(0)
W = [torch.tensor(rng.standard_normal(s), dtype=torch.${dtype}) for s in shapes]
b = [torch.tensor(rng.standard_normal(s[0]), dtype=torch.${dtype}) for s in shapes]
def f(p, x):
    W, b = p
    for l, (w, c) in enumerate(zip(W, b)):
        x = x @ w.T / w.shape[1] ** 0.5 + 0.1 * c
        if l < len(W) - 1:
            x = torch.relu(x)
    return x[..., 0]
`;

const circle = Matrix.from(points, 2, (i, j) => j === 0 ? Math.cos(i / 16) : Math.sin(i / 16));

export const cases: BenchCase[] = [{
  what: `tangent kernel ${points} points n=${width} f64`,
  peer: "torch.func.jacrev",
  async setup() {
    const net = new NtkMlp({ inputs: 2, width, depth, rng: new Rng(0) });
    const peer = await python("torch.func.jacrev", {
      setup: `${torchNetwork(net, "float64")}
from torch.func import jacrev, vmap
g = torch.arange(${points}) / 16
x = torch.stack([torch.cos(g), torch.sin(g)], 1)
def kernel():
    J = vmap(jacrev(f), (None, 0))((W, b), x)
    F = torch.cat([j.reshape(${points}, -1) for part in J for j in part], 1)
    return F @ F.T`,
      run: "K = kernel()",
    });
    return { ours: () => void net.tangentKernel(circle), peer };
  },
}, {
  what: `tangent kernel ${points} points n=${width} f64`,
  peer: "torch, layer by layer",
  async setup() {
    const net = new NtkMlp({ inputs: 2, width, depth, rng: new Rng(0) });
    const peer = await python("torch, layer by layer", {
      setup: `${torchNetwork(net, "float64")}
g = torch.arange(${points}) / 16
x = torch.stack([torch.cos(g), torch.sin(g)], 1)
def kernel():
    A, S = [x], []
    for l, (w, c) in enumerate(zip(W, b)):
        h = A[-1] @ w.T / w.shape[1] ** 0.5 + 0.1 * c
        if l < len(W) - 1:
            S.append((h > 0).double()); A.append(torch.relu(h))
    D = torch.ones(${points}, 1); K = torch.zeros(${points}, ${points})
    for l in range(len(W) - 1, -1, -1):
        K += (D @ D.T) * (A[l] @ A[l].T / W[l].shape[1] + 0.01)
        if l > 0:
            D = (D @ W[l]) / W[l].shape[1] ** 0.5 * S[l - 1]
    return K
`,
      run: "K = kernel()",
    });
    return { ours: () => void net.tangentKernel(circle), peer };
  },
}, {
  what: `gradient step N=${trainingPoints} n=${width} f32`,
  peer: "torch",
  async setup() {
    const net = new NtkMlp({ inputs: 2, width, depth, dtype: "float32", rng: new Rng(0) });
    const x = new Rng(1).normalMatrix(trainingPoints, 2);
    const y = new Float64Array(trainingPoints);
    const peer = await python("torch", {
      setup: `${torchNetwork(net, "float32")}
x, y = torch.randn(${trainingPoints}, 2), torch.zeros(${trainingPoints})
p = [q.requires_grad_() for q in W + b]
opt = torch.optim.SGD(p, lr=0.1)
def step():
    opt.zero_grad()
    ((f((W, b), x) - y) ** 2).mean().div(2).backward()
    opt.step()`,
      run: "step()",
    });
    return { ours: () => void net.gradientStep(x, y, 0.1), peer };
  },
}, {
  what: "limit kernels 512 x 512 depth 4",
  peer: "numpy",
  async setup() {
    const x = Matrix.from(512, 2, (i, j) => j === 0 ? Math.cos(i / 80) : Math.sin(i / 80));
    const y = Matrix.from(512, 2, (i, j) => j === 0 ? Math.cos(i / 70) : Math.sin(i / 70));
    const peer = await python("numpy", {
      setup: `import numpy as np
i = np.arange(512)
X, Y = (np.stack([np.cos(i / d), np.sin(i / d)], 1) for d in (80, 70))
def limit(X, Y, L=4, b2=0.01):
    S = X @ Y.T / 2 + b2; a = (X * X).sum(1) / 2 + b2; c = (Y * Y).sum(1) / 2 + b2; T = S
    for _ in range(L - 1):
        p = np.sqrt(np.outer(a, c)); r = np.clip(S / p, -1, 1); h = np.pi - np.arccos(r)
        S = p / (2 * np.pi) * (np.sqrt((1 - r) * (1 + r)) + h * r) + b2
        T = T * h / (2 * np.pi) + S; a = a / 2 + b2; c = c / 2 + b2
    return T`,
      run: "T = limit(X, Y)",
      value: "T.ravel().tolist()",
    });
    const ours = () => void infiniteKernels(x, { x2: y, depth: 4 });
    const error = async () => {
      const { ntk } = infiniteKernels(x, { x2: y, depth: 4 });
      const expected = await peer.value();
      return expected.reduce((largest, v, k) => Math.max(largest, Math.abs(v - ntk.data[k])), 0);
    };
    return { ours, peer, error };
  },
}, {
  what: "permutation network k=10 m=2000, 20 steps f32",
  peer: "torch",
  async setup() {
    const options = { permutation: Int32Array.from({ length: 10 }, (_, i) => i), width: 2000 };
    let seed = 0;
    const ours = () =>
      void new PermutationEnsemble({ ...options, rng: new Rng(seed++) }).addModels(1, { steps: 20 });
    const peer = await python("torch", {
      setup: `import torch
torch.set_num_threads(1)
def train(k=10, m=2000, steps=20):
    W, V = torch.randn(k, m, requires_grad=True), torch.randn(k, m, requires_grad=True)
    Y, lr = torch.eye(k), 2 * k / (2 * (1 - 0.15915494) + k * 0.15915494)
    for _ in range(steps):
        loss = ((torch.relu(W / k ** 0.5) @ V.T / m ** 0.5 - Y) ** 2).sum() / 2
        gW, gV = torch.autograd.grad(loss, (W, V))
        with torch.no_grad():
            W -= lr * gW; V -= lr * gV
    return V`,
      run: "V = train()",
    });
    return { ours, peer };
  },
}];

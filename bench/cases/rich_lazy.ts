/**
 * Recurrent networks, their tangent kernel and the flow of linear networks, beside PyTorch, NumPy and SciPy.
 */
import { type Matrix, Rng } from "../../lib/arrays/mod.ts";
import { linearStudentTeacher } from "../../lib/linear_networks/mod.ts";
import {
  lowRankInit,
  perceptualDecision,
  recurrentTangentKernel,
  VanillaRnn,
} from "../../lib/recurrent/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

/** A network with our weights, and trials, in PyTorch. */
const torchNetwork = (rnn: VanillaRnn, x: Matrix<Float32Array>, labels: Int32Array, batch: number) => `
import torch
torch.set_num_threads(1)
def array(values, *shape): return torch.tensor(values, dtype=torch.float32).reshape(*shape)
n, B, T = ${rnn.recurrent.rows}, ${batch}, ${x.rows / batch}
Win = array(${JSON.stringify(Array.from(rnn.input.data))}, n, -1).requires_grad_()
W = array(${JSON.stringify(Array.from(rnn.recurrent.data))}, n, n).requires_grad_()
Wout = array(${JSON.stringify(Array.from(rnn.output.data))}, -1, n).requires_grad_()
x = array(${JSON.stringify(Array.from(x.data))}, T, B, -1)
labels = torch.tensor(${JSON.stringify(Array.from(labels))})
def forward():
    h, out = torch.zeros(B, n), []
    for t in range(T):
        h = torch.relu(x[t] @ Win.T + h @ W.T)
        out.append(h @ Wout.T)
    return torch.stack(out)
`;

function network(n: number, batch: number) {
  const rng = new Rng(0);
  const { x, labels } = perceptualDecision({ batch, rng: rng.split("trials") });
  const rnn = new VanillaRnn({
    inputs: 3,
    hidden: n,
    outputs: 3,
    recurrent: lowRankInit({ n, rank: n, rng: rng.split("recurrent") }),
    rng,
  });
  return { rnn, x, labels, batch };
}

function training(n: number): BenchCase {
  return {
    what: `recurrent training step N=${n} B=32 T=8 f32`,
    peer: "torch",
    async setup() {
      const { rnn, x, labels, batch } = network(n, 32);
      const peer = await python("torch", {
        setup: `${torchNetwork(rnn, x, labels, batch)}
opt = torch.optim.SGD([Win, W, Wout], lr=0.003, momentum=0.9)
def step():
    opt.zero_grad()
    torch.nn.functional.cross_entropy(forward().reshape(T * B, -1), labels.long()).backward()
    opt.step()`,
        run: "step()",
      });
      return { ours: () => void rnn.trainStep({ x, labels, batch }), peer };
    },
  };
}

function kernel(n: number, batch: number, rowByRow: boolean): BenchCase {
  const peerName = rowByRow ? "torch, row by row" : "torch, batched";
  return {
    what: `recurrent tangent kernel ${batch * 24} rows N=${n}`,
    peer: peerName,
    async setup() {
      const { rnn, x, labels } = network(n, batch);
      const jacobian = rowByRow
        ? "torch.stack([torch.autograd.grad(v, W, retain_graph=True)[0].ravel() for v in o])"
        : "torch.autograd.grad(o, W, torch.eye(len(o)), is_grads_batched=True)[0].reshape(len(o), -1)";
      const peer = await python(peerName, {
        setup: `${torchNetwork(rnn, x, labels, batch)}
def kernel():
    o = forward().ravel()
    J = ${jacobian}
    return J @ J.T`,
        run: "K = kernel()",
        value: "K.ravel().tolist()",
      });
      const error = async () => {
        const ours = recurrentTangentKernel(rnn, x, batch).data;
        const expected = await peer.value();
        const size = Math.sqrt(expected.reduce((sum, v) => sum + v * v, 0));
        return Math.sqrt(expected.reduce((sum, v, k) => sum + (v - ours[k]) ** 2, 0)) / size;
      };
      return { ours: () => void recurrentTangentKernel(rnn, x, batch), peer, error };
    },
  };
}

export const cases: BenchCase[] = [
  training(100),
  training(300),
  kernel(100, 8, true),
  kernel(100, 8, false),
  kernel(300, 16, false),
  {
    what: "linear student-teacher d=20 to 1e-6",
    peer: "scipy solve_ivp",
    async setup() {
      const d = 20;
      const rng = new Rng(1);
      const w1 = rng.normalMatrix(d, d, 1 / d);
      const w2 = rng.normals(d, 1e-3);
      const beta = rng.sphere(d);
      const list = (values: Float64Array) => JSON.stringify(Array.from(values));
      const { time } = linearStudentTeacher({ w1, w2, beta });
      const peer = await python("scipy solve_ivp", {
        setup: `import numpy as np
from scipy.integrate import solve_ivp
beta, y0 = np.array(${list(beta)}), np.array(${list(w1.data)} + ${list(w2)})
def flow(t, y):
    W, w = y[:400].reshape(20, 20), y[400:]
    e = beta - W.T @ w
    return np.concatenate([np.outer(w, e).ravel(), W @ e])`,
        run: `s = solve_ivp(flow, (0, ${time}), y0, rtol=1e-7, atol=1e-9)`,
        value: "s.y[:, -1].tolist()",
      });
      const error = async () => {
        const run = linearStudentTeacher({ w1, w2, beta });
        const ours = [...run.w1.data, ...run.w2];
        return (await peer.value()).reduce((largest, v, k) => Math.max(largest, Math.abs(v - ours[k])), 0);
      };
      return { ours: () => void linearStudentTeacher({ w1, w2, beta }), peer, error };
    },
  },
];

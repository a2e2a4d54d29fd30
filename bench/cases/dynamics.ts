/** Deep linear networks and products of matrices, beside NumPy, PyTorch and SciPy. */
import { type Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  DeepLinearNetwork,
  gaussianWeights,
  gradientFlow,
  orthogonalWeights,
} from "../../lib/linear_networks/mod.ts";
import { lyapunovSpectrum } from "../../lib/recurrent/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

const width = 32;
const size = 10;
const weightLayers = 19;
const dims = [size, ...new Array<number>(weightLayers - 1).fill(width), size];
const sigma31 = orthogonalWeights()(size, size, { rng: new Rng(1) }).times(0.7);

const list = (values: ArrayLike<number>) => `[${Array.from(values).join(",")}]`;
const array = (m: Matrix) => `np.array(${list(m.data)}).reshape(${m.rows}, ${m.columns})`;

/** The same descent in NumPy: ten columns up and down the chain, no square products. */
const descent = (net: DeepLinearNetwork, target: Matrix) => `
W = [${net.weights.map(array).join(", ")}]
S = ${array(target)}
def step(rate):
    up = [W[0]]
    for w in W[1:]:
        up.append(w @ up[-1])
    d = S - up[-1]
    loss = 0.5 * (d * d).sum()
    for l in range(len(W) - 1, 0, -1):
        back = W[l].T @ d
        W[l] += rate * (d @ up[l - 1].T)
        d = back
    W[0] += rate * d
    return loss
`;

const relative = (ours: ArrayLike<number>, theirs: number[]) =>
  Math.hypot(...theirs.map((x, i) => x - ours[i])) / Math.hypot(...theirs);

export const cases: BenchCase[] = [{
  what: `deep linear step, 20 layers of ${width} f64`,
  peer: "numpy",
  async setup() {
    const start = () => new DeepLinearNetwork(dims, { init: orthogonalWeights(), rng: new Rng(2) });
    const net = start();
    const rate = 1e-12;
    const peer = await python("numpy", {
      setup: `import numpy as np\n${descent(net, sigma31)}`,
      run: `loss = step(${rate})`,
      value: "[loss]",
    });
    return {
      ours: () => void net.step(sigma31, { stepSize: rate }),
      peer,
      error: async () => relative([net.step(sigma31, { stepSize: rate })], await peer.value()),
    };
  },
}, {
  what: `deep linear step, 20 layers of ${width} f64`,
  peer: "torch.autograd",
  async setup() {
    const net = new DeepLinearNetwork(dims, { init: orthogonalWeights(), rng: new Rng(2) });
    const rate = 1e-12;
    const peer = await python("torch.autograd", {
      setup: `import numpy as np, torch
torch.set_num_threads(1)
W = [torch.tensor(w, requires_grad=True) for w in [${net.weights.map(array).join(", ")}]]
S = torch.tensor(${array(sigma31)})
def step(rate):
    h = W[0]
    for w in W[1:]:
        h = w @ h
    loss = 0.5 * ((S - h) ** 2).sum()
    grads = torch.autograd.grad(loss, W)
    with torch.no_grad():
        for w, g in zip(W, grads):
            w -= rate * g
    return loss.item()
`,
      run: `loss = step(${rate})`,
      value: "[loss]",
    });
    return {
      ours: () => void net.step(sigma31, { stepSize: rate }),
      peer,
      error: async () => relative([net.step(sigma31, { stepSize: rate })], await peer.value()),
    };
  },
}, {
  what: "tree step, 32-32-64 f64",
  peer: "numpy",
  async setup() {
    const target = gaussianWeights({ gain: 20 })(64, 32, { rng: new Rng(3) });
    const rate = 1e-12;
    const net = new DeepLinearNetwork([32, 32, 64], { init: gaussianWeights(), rng: new Rng(4) });
    const peer = await python("numpy", {
      setup: `import numpy as np\n${descent(net, target)}`,
      run: `loss = step(${rate})`,
      value: "[loss]",
    });
    return {
      ours: () => void net.step(target, { stepSize: rate }),
      peer,
      error: async () => relative([net.step(target, { stepSize: rate })], await peer.value()),
    };
  },
}, {
  what: "gradient flow of 4-6-4 to t=6, rtol 1e-8",
  peer: "scipy RK45",
  async setup() {
    const target = orthogonalWeights()(4, 4, { rng: new Rng(5) }).times(2);
    const start = () =>
      new DeepLinearNetwork([4, 6, 4], { init: gaussianWeights({ gain: 0.1 }), rng: new Rng(6) });
    const flow = () => {
      const net = start();
      gradientFlow(net, target, [0, 6], { rtol: 1e-8, atol: 1e-10 });
      return net;
    };
    const peer = await python("scipy RK45", {
      setup: `import numpy as np
from scipy.integrate import solve_ivp
S = ${array(target)}
y0 = np.array(${list(start().parameters)})
def f(t, y):
    a, b = y[:24].reshape(6, 4), y[24:].reshape(4, 6)
    e = S - b @ a
    return np.concatenate([(b.T @ e).ravel(), (e @ a.T).ravel()])
`,
      run: "y = solve_ivp(f, (0, 6), y0, method='RK45', rtol=1e-8, atol=1e-10).y[:, -1]",
      value: "y.tolist()",
    });
    return {
      ours: () => void flow(),
      peer,
      error: async () => relative(flow().parameters, await peer.value()),
    };
  },
}, {
  what: "Lyapunov spectrum, 20 factors of 100 f64",
  peer: "numpy",
  async setup() {
    const make = gaussianWeights();
    const factors = Array.from({ length: 20 }, (_, k) => make(100, 100, { rng: new Rng(k) }));
    const peer = await python("numpy", {
      setup: `import numpy as np
W = [${factors.map(array).join(", ")}]
def spectrum():
    q, total = np.eye(100), np.zeros(100)
    for w in W:
        q, r = np.linalg.qr(w @ q)
        total += np.log(np.abs(np.diag(r)))
    return total / len(W)
`,
      run: "s = spectrum()",
      value: "s.tolist()",
    });
    return {
      ours: () => void lyapunovSpectrum(factors),
      peer,
      error: async () => relative(lyapunovSpectrum(factors), await peer.value()),
    };
  },
}];

/** Flows with Jacobians and training steps of score networks, beside PyTorch. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { localVariability, ScoreNetwork, sphereScore, VpSde } from "../../lib/diffusion/mod.ts";
import { adamwUpdates } from "../../lib/optimizers/adam.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";
import { relativeDistance } from "../relative_distance.ts";

const sde = new VpSde();

/** Noise levels in PyTorch. */
const LEVEL = `
import torch
torch.set_num_threads(1)
def level(t):
    b = 0.1 * t + 9.95 * t * t
    return torch.exp(-b / 2), torch.sqrt(-torch.expm1(-b))
`;

/** Steps of RK4 that are timed. */
const STEPS = 20;

/** The score of a sphere with Jacobians by forward mode, vectorised over the points, and batched products. */
function flow(points: number): BenchCase {
  return {
    what: `flow with Jacobian, sphere D=3, ${points} points, ${STEPS} steps of RK4`,
    peer: "torch",
    async setup() {
      const field = sphereScore(sde);
      const x1 = new Rng(0).normalMatrix(points, 3);
      const ours = () =>
        localVariability(field, x1, { tMin: 0.1, steps: STEPS, record: 2 }).singularValues[1].data;
      const peer = await python("torch", {
        setup: `${LEVEL}
import math
torch.set_default_dtype(torch.float64)
x1 = torch.tensor(${JSON.stringify(Array.from(x1.data))}).reshape(-1, 3)
def score(x, alpha, sigma):
    rho = torch.linalg.vector_norm(x)
    strength = alpha / sigma ** 2
    q = strength * rho
    return x * (strength * (1 / torch.tanh(q) - 1 / q) / rho - 1 / sigma ** 2)
both = torch.func.vmap(torch.func.jacfwd(lambda x, a, s: (score(x, a, s),) * 2, has_aux=True), (0, None, None))
eye = torch.eye(3)
def slope(log_t, x, y):
    t = torch.tensor(math.exp(log_t))
    jacobian, s = both(x, *level(t))
    rate = -0.5 * (0.1 + 19.9 * t) * t
    return rate * (x + s), rate * ((eye + jacobian) @ y)
def run():
    x, y = x1, eye.expand(len(x1), 3, 3)
    h = math.log(0.1) / ${STEPS}
    with torch.no_grad():
        for k in range(${STEPS}):
            at = k * h
            a, A = slope(at, x, y)
            b, B = slope(at + h / 2, x + h / 2 * a, y + h / 2 * A)
            c, C = slope(at + h / 2, x + h / 2 * b, y + h / 2 * B)
            d, D = slope(at + h, x + h * c, y + h * C)
            x, y = x + h / 6 * (a + 2 * b + 2 * c + d), y + h / 6 * (A + 2 * B + 2 * C + D)
        return torch.linalg.svdvals(y)
`,
        run: "values = run()",
        value: "values.flatten().tolist()",
      });
      return {
        ours: () => void ours(),
        peer,
        error: async () => relativeDistance(ours(), await peer.value()),
      };
    },
  };
}

/** One step of denoising score matching with Adam; the conservative network by PyTorch's double backward. */
function training(conservative: boolean, width: number): BenchCase {
  const batch = 128;
  return {
    what: `${conservative ? "conservative" : "free"} score network step, 3 x ${width}, batch ${batch} f32`,
    peer: "torch",
    async setup() {
      const network = new ScoreNetwork({ dim: 3, sde, conservative, width, rng: new Rng(0) });
      const { net } = network;
      const rng = new Rng(1);
      const x0 = rng.normalMatrix(batch, 3);
      const noise = rng.normalMatrix(batch, 3);
      const t = Float64Array.from({ length: batch }, () => rng.uniform(0.005, 1));
      const weights = new Matrix(1, net.parameters.length, net.parameters);
      const parameter = { name: "score", weights, outputs: "rows" as const };
      // A rate of zero: every step computes with the same numbers.
      const adam = adamwUpdates({ learningRate: 0 });
      const state = adam.init(parameter);
      const ours = () => {
        const { gradient } = network.denoisingLoss(x0, t, noise);
        const update = adam.update(new Matrix(1, gradient.length, gradient), state, parameter).data;
        for (let k = 0; k < update.length; k++) net.parameters[k] += update[k];
      };
      const peer = await python("torch", {
        setup: `${LEVEL}
torch.set_default_dtype(torch.float32)
flat, widths = torch.tensor(${JSON.stringify(Array.from(net.parameters))}), ${JSON.stringify(net.widths)}
p, at = [], 0
for n, m in zip(widths, widths[1:]):
    p.append(flat[at:at + n * m].reshape(m, n).clone().requires_grad_()); at += n * m
    p.append(flat[at:at + m].clone().requires_grad_()); at += m
def net(x, f):
    h = torch.cat([x, f], 1)
    for l in range(0, len(p), 2):
        h = torch.nn.functional.linear(h, p[l], p[l + 1])
        if l + 2 < len(p):
            h = torch.nn.functional.silu(h)
    return h
x0 = torch.tensor(${JSON.stringify(Array.from(x0.data))}).reshape(-1, 3)
noise = torch.tensor(${JSON.stringify(Array.from(noise.data))}).reshape(-1, 3)
t = torch.tensor(${JSON.stringify(Array.from(t))})
opt = torch.optim.Adam(p, lr=0)
def step():
    opt.zero_grad()
    alpha, sigma = level(t)
    log = torch.log(sigma)
    f = torch.stack([sigma, log / 4, torch.sin(2 * log), torch.cos(2 * log)], 1)
    x = alpha[:, None] * x0 + sigma[:, None] * noise
    if ${conservative ? "True" : "False"}:
        x.requires_grad_()
        predicted = torch.autograd.grad(net(x, f).sum(), x, create_graph=True)[0]
    else:
        predicted = net(x, f)
    ((predicted - noise) ** 2).mean().backward()
    opt.step()
`,
        run: "step()",
        value:
          "[v for q in p for v in (q.grad if q.grad is not None else torch.zeros_like(q)).flatten().tolist()]",
      });
      const error = async () =>
        relativeDistance(network.denoisingLoss(x0, t, noise).gradient, await peer.value());
      return { ours, peer, error };
    },
  };
}

export const cases: BenchCase[] = [flow(2000), training(true, 48), training(true, 96), training(false, 48)];

/** Iterative fields: training steps beside PyTorch's double backward, and grids near a surface beside whole ones. */
import { allocate, Rng } from "../../lib/arrays/mod.ts";
import { gridNodes, sampleLevelSet, torusDistance } from "../../lib/meshes/mod.ts";
import { fitField, IterativeField } from "../../lib/neural_fields/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

const MINI = { width: 32, hiddenLayers: 3, state: 8, frequencies: 4, passes: 4 };
const POINTS = 2048;

function step(hinge: number): BenchCase {
  return {
    what: `OReX step ${hinge > 0 ? "with" : "without"} hinge, ${POINTS} points f32`,
    peer: hinge > 0 ? "torch double backward" : "torch",
    async setup() {
      const field = new IterativeField({ ...MINI, rng: new Rng(0) });
      const rng = new Rng(1);
      const points = Float32Array.from({ length: 3 * POINTS }, () => rng.uniform(-1, 1));
      const labels = Float32Array.from({ length: POINTS }, () => rng.integer(2));
      // About half of the gradients of a field at its start are longer than this.
      const alpha = 0.5;
      const out = allocate("float32", field.parameters.length);
      const peer = await python("torch", {
        setup: `
import torch
torch.set_num_threads(1)
F, S, W, H, T = ${MINI.frequencies}, ${MINI.state}, ${MINI.width}, ${MINI.hiddenLayers}, ${MINI.passes}
theta = torch.tensor(${JSON.stringify(Array.from(field.parameters))}).requires_grad_()
points = torch.tensor(${JSON.stringify(Array.from(points))}).reshape(-1, 3)
labels = torch.tensor(${JSON.stringify(Array.from(labels))}, dtype=torch.float32)
sizes = [3 * (1 + 2 * F) + 1 + S] + [W] * H + [1 + S]
parts = [F, F, 1, S] + [k for m, n in zip(sizes, sizes[1:]) for k in (m * n, n)]
codes = [torch.tensor([[torch.sin, torch.cos][j % 2](torch.tensor(2.0 ** (j // 2) * i)) for j in range(S)]) for i in range(T)]
bce = torch.nn.functional.binary_cross_entropy_with_logits
def step():
    theta.grad = None
    fc, fs, l, h, *rest = theta.split(parts)
    x = points.clone().requires_grad_(${hinge > 0 ? "True" : "False"})
    a = x[:, :, None]
    g = torch.cat([a, torch.cos(a * fc), torch.sin(a * fs)], 2).reshape(len(x), -1)
    l, h = l.expand(len(x), 1), h.expand(len(x), S)
    loss = 0
    for i in range(T):
        v = torch.cat([g, l, h + codes[i]], 1)
        for k, (m, n) in enumerate(zip(sizes, sizes[1:])):
            v = torch.nn.functional.linear(v, rest[2 * k].reshape(n, m), rest[2 * k + 1])
            if k < H: v = torch.nn.functional.leaky_relu(v, 0.01)
        l, h = l + v[:, :1], v[:, 1:]
        loss = loss + bce(l[:, 0], labels) / T
    if ${hinge > 0 ? "True" : "False"}:
        (dx,) = torch.autograd.grad(l.sum(), x, create_graph=True)
        loss = loss + ${hinge} * torch.relu(dx.norm(dim=1) - ${alpha}).mean()
    loss.backward()`,
        run: "step()",
        value: "theta.grad",
      });
      const ours = () => void field.lossAndGradient(points, labels, { hinge, alpha, out });
      const error = async () => {
        const { gradient } = field.lossAndGradient(points, labels, { hinge, alpha });
        const expected = await peer.value();
        const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));
        return norm(gradient.map((g, k) => g - expected[k])) / norm(expected);
      };
      return { ours, peer, error };
    },
  };
}

/** A torus that was trained for a moment, on the nodes of 48³ cells. */
const coarseToFine: BenchCase = {
  what: "trained field on 49³ nodes, coarse to fine",
  peer: "every node",
  setup() {
    const rng = new Rng(2);
    const points = Float64Array.from({ length: 3 * 4000 }, () => rng.uniform(-1, 1));
    const labels = torusDistance(0.55, 0.22)(points).map((distance) => distance < 0 ? 0 : 1);
    const field = new IterativeField({ ...MINI, rng });
    fitField(field, [{ points, labels }], { epochs: [40], batch: 1000, hinge: 0, rng });
    const shape = [49, 49, 49];
    const evaluate = (x: Float64Array) => field.logits(x);
    const whole = () => evaluate(gridNodes(shape));
    return {
      ours: () => void sampleLevelSet(evaluate, shape),
      peer: () => void whole(),
      repeat: 1,
      // The share of nodes whose sign is another one.
      error: () => {
        const all = whole();
        const { values } = sampleLevelSet(evaluate, shape);
        return values.filter((value, i) => value > 0 !== all[i] > 0).length / all.length;
      },
    };
  },
};

export const cases: BenchCase[] = [step(1e-4), step(0), coarseToFine];

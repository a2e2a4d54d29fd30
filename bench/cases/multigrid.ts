/**
 * A training step's passes of MgNO, beside PyTorch; a V-cycle solver for Poisson's equation, beside SciPy.
 */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { mgNo, poissonVCycle } from "../../lib/multigrid/mod.ts";
import { conjugateGradients, FivePointStencil } from "../../lib/sparse/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

const N = 31;
const LEVELS = 4;
const CHANNELS = 8;
const LAYERS = 3;
const BATCH = 8;

/** The same network as modules of PyTorch are written, with the same numbers: parameters 0.1 cos(0.7 k). */
const torch = `
import torch
import torch.nn.functional as F
torch.manual_seed(0)
n, J, c, layers, batch = ${N}, ${LEVELS}, ${CHANNELS}, ${LAYERS}, ${BATCH}
place = 0
def weight(*shape):
    global place
    size = 1
    for s in shape:
        size *= s
    values = 0.1 * torch.cos(0.7 * torch.arange(place, place + size, dtype=torch.float64)).float()
    place += size
    if len(shape) == 3:  # [taps, in, out] here, [out, in, 3, 3] there; of a transposed kernel [in, out, 3, 3]
        values = values.reshape(3, 3, shape[1], shape[2]).permute(3, 2, 0, 1).contiguous()
    else:
        values = values.reshape(shape)
    return values.requires_grad_()
blocks = []
for k in range(layers):
    f = 1 if k == 0 else c
    levels = []
    for l in range(J):
        level = {"smoothers": []}
        for i in range(2 if l == J - 1 else 1):
            a = None if l == 0 and i == 0 else weight(9, c, f)
            level["smoothers"].append((a, weight(9, f, c)))
        if l < J - 1:
            level["Ar"] = weight(9, c, f)
            level["R"] = weight(9, f, f)
            level["Pi"] = weight(9, c, c)
            level["P"] = weight(9, c, c)
        levels.append(level)
    blocks.append((levels, weight(f, c), weight(c)))
output = weight(c, 1)
leaves = [t for levels, k, b in blocks for level in levels for v in level.values()
          for t in ([s for pair in v for s in pair] if isinstance(v, list) else [v]) if t is not None]
leaves += [t for _, k, b in blocks for t in (k, b)] + [output]
x = torch.sin(torch.arange(batch * n * n, dtype=torch.float64)).float().reshape(batch, 1, n, n)
v = torch.cos(torch.arange(batch * n * n, dtype=torch.float64)).float().reshape(batch, 1, n, n)
def forward():
    u0 = x
    for levels, k, b in blocks:
        f, u, kept = u0, None, []
        for l, level in enumerate(levels):
            for a, s in level["smoothers"]:
                if u is None:
                    u = F.conv2d(f, s, padding=1)
                else:
                    u = u + F.conv2d(f - F.conv2d(u, a, padding=1), s, padding=1)
            kept.append(u)
            if l < J - 1:
                r = f - F.conv2d(u, level["Ar"], padding=1)
                f, u = F.conv2d(r, level["R"], stride=2), F.conv2d(u, level["Pi"], stride=2)
        for l in range(J - 2, -1, -1):
            u = kept[l] + F.conv_transpose2d(u, levels[l]["P"], stride=2)
        u0 = F.gelu(u + F.conv2d(u0, k.t()[:, :, None, None], b))
    return F.conv2d(u0, output.t()[:, :, None, None])
def step():
    for t in leaves:
        t.grad = None
    (forward() * v).sum().backward()
`;

/** Points per axis of the solver's grid. */
const GRID = 127;

const scipy = `
import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spl
n = ${GRID}
line = sp.diags([-1, 2, -1], [-1, 0, 1], shape=(n, n))
a = (sp.kron(line, sp.identity(n)) + sp.kron(sp.identity(n), line)).tocsc()
f = np.sin(np.arange(n * n))
`;

export const cases: BenchCase[] = [
  {
    what: `mgno forward and backward, n = ${N}, c = ${CHANNELS}, batch ${BATCH}`,
    peer: "pytorch",
    async setup() {
      const net = mgNo({
        n: N,
        levels: LEVELS,
        layers: LAYERS,
        channels: CHANNELS,
        dtype: "float32",
        rng: new Rng(0),
      });
      for (let k = 0; k < net.parameters.length; k++) net.parameters[k] = 0.1 * Math.cos(0.7 * k);
      const at = (wave: (k: number) => number) =>
        Matrix.from(BATCH, N * N, (i, j) => wave(i * N * N + j)).astype("float32");
      const x = at(Math.sin);
      const v = at(Math.cos);
      const peer = await python("torch", { setup: torch, run: "step()", value: "forward()" });
      return {
        ours: () => void net.vjp(x, v),
        peer,
        error: async () => {
          const { data } = net.forward(x);
          const theirs = await peer.value();
          const size = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
          return theirs.reduce((most, value, k) => Math.max(most, Math.abs(value - data[k])), 0) / size;
        },
      };
    },
  },
  {
    what: `poisson equation on ${GRID} x ${GRID} points to 1e-10`,
    peer: "scipy sparse direct",
    async setup() {
      const a = new FivePointStencil(GRID, GRID);
      const f = Float64Array.from({ length: GRID * GRID }, (_, k) => Math.sin(k));
      const preconditioner = poissonVCycle(GRID);
      const solve = () => conjugateGradients(a, f, { preconditioner, tolerance: 1e-10 });
      const peer = await python("scipy", {
        setup: scipy,
        run: "spl.spsolve(a, f)",
        value: "spl.spsolve(a, f)",
      });
      return {
        ours: () => void solve(),
        peer,
        error: async () => {
          const { x } = solve();
          const theirs = await peer.value();
          const size = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
          return theirs.reduce((most, value, k) => Math.max(most, Math.abs(value - x[k])), 0) / size;
        },
      };
    },
  },
];

/** Poincaré layers: a block of layer, rectifier and midpoint normalization, and the two means of a batch. */
import * as tf from "@tensorflow/tfjs";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { PoincareBall, poincareBatchNormVjp, poincareLinearVjp } from "../../lib/hyperbolic/mod.ts";
import { poincareBatchNormOp, poincareLinearOp } from "../../lib/hyperbolic/layers/mod.ts";
import { useBestBackend } from "../../lib/tfjs/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

const C = 0.1;
const BATCH = 256;
const WIDTH = 64;

/** Arguments of the block: tangent vectors, weights, offsets, mean, and the gradient of the outputs. */
function blockArguments() {
  const rng = new Rng(1);
  const single = (rows: number, columns: number, scale: number) =>
    rng.normalMatrix(rows, columns, scale).astype("float32");
  return {
    u: single(BATCH, WIDTH, 0.3),
    Z: single(WIDTH, WIDTH, 0.06),
    r: single(1, WIDTH, 0.01),
    theta: single(1, WIDTH, 0.02),
    upstream: single(BATCH, WIDTH, 1),
  };
}

/** Value, and gradients with respect to u, Z, r and theta. */
function plainBlock({ u, Z, r, theta, upstream }: ReturnType<typeof blockArguments>): Float32Array[] {
  const linear = poincareLinearVjp(u, Z, r, { c: C });
  const active = linear.value.map((value) => Math.max(value, 0));
  const norm = poincareBatchNormVjp(active, theta, 1, { c: C });
  const back = norm.gradients(upstream);
  for (let k = 0; k < active.data.length; k++) if (active.data[k] === 0) back.u.data[k] = 0;
  const found = linear.gradients(back.u);
  return [norm.value.data, found.u.data, found.Z.data, found.r.data, back.theta.data];
}

/** The formulas of the official code (with the right conformal factor) in PyTorch. */
async function torchBlock(args: ReturnType<typeof blockArguments>) {
  const list = (m: Matrix<Float32Array>) =>
    `[${Array.from(m.data, (value) => value.toPrecision(9)).join(",")}]`;
  return await python("pytorch", {
    setup: `
import torch, math
torch.set_num_threads(1)
c = ${C}; rc = math.sqrt(c)
u = torch.tensor(${list(args.u)}).reshape(${BATCH}, ${WIDTH}).requires_grad_()
Z = torch.tensor(${list(args.Z)}).reshape(${WIDTH}, ${WIDTH}).requires_grad_()
r = torch.tensor(${list(args.r)}).requires_grad_()
theta = torch.tensor(${list(args.theta)}).requires_grad_()
gamma = torch.ones(1).requires_grad_()
g = torch.tensor(${list(args.upstream)}).reshape(${BATCH}, ${WIDTH})
norm = lambda x: x.norm(dim=-1, keepdim=True).clamp_min(1e-15)
sq = lambda x: x.pow(2).sum(dim=-1, keepdim=True)
def project(x):
    n = norm(x); m = (1 - 4e-3) / rc
    return torch.where(n > m, x / n * m, x)
artanh = lambda x: torch.atanh(x.clamp(-1 + 1e-7, 1 - 1e-7))
lam = lambda x: 2 / (1 - c * sq(x)).clamp_min(1e-15)
def exp0(v):
    n = rc * norm(v)
    return project(torch.tanh(n) * v / n)
def log0(y):
    n = rc * norm(y)
    return artanh(n) * y / n
def add(x, y):
    xx, yy, xy = sq(x), sq(y), (x * y).sum(dim=-1, keepdim=True)
    below = (1 + 2 * c * xy + c * c * xx * yy).clamp_min(1e-15)
    return ((1 + 2 * c * xy + c * yy) * x + (1 - c * xx) * y) / below
def log(x, y):
    z = add(-x, y); n = norm(z)
    return 2 / (rc * lam(x)) * artanh(rc * n) * z / n
def exp(x, v):
    n = norm(v)
    return project(add(x, torch.tanh(rc * lam(x) * n / 2) * v / (rc * n)))
def gyr(a, b, w):
    ab, aw, bw, aa, bb = (a * b).sum(-1, True), (a * w).sum(-1, True), (b * w).sum(-1, True), sq(a), sq(b)
    A = -c * c * aw * bb + c * bw + 2 * c * c * ab * bw
    B = -c * c * bw * aa - c * aw
    return w + 2 * (A * a + B * b) / (1 + 2 * c * ab + c * c * aa * bb).clamp_min(1e-15)
def transport(x, y, v): return gyr(y, -x, v) * lam(x) / lam(y)
def block():
    x = exp0(u)
    zn = Z.norm(dim=0).clamp_min(1e-15)
    l = lam(x); o = 2 * rc * r
    v = 2 * zn / rc * torch.asinh(rc * l * (x @ (Z / zn)) * torch.cosh(o) - (l - 1) * torch.sinh(o))
    w = torch.sinh(rc * v) / rc
    y = project(w / (1 + torch.sqrt(1 + c * sq(w))))
    p = exp0(torch.relu(log0(y)))
    l = lam(p)
    m = (l * p).sum(0, True) / (l - 1).sum(0, True)
    mu = m / (1 + torch.sqrt(1 - c * sq(m)))
    var = (2 / rc * artanh(rc * norm(add(-mu, p)))).pow(2).mean()
    b = exp0(theta[None])
    return log0(exp(b, transport(mu, b, log(mu, p)) * torch.sqrt(gamma / (var + 1e-6))))
`,
    run: "for t in (u, Z, r, theta, gamma): t.grad = None\nout = block()\nout.backward(g)",
    value: "torch.cat([t.flatten() for t in (out, u.grad, Z.grad, r.grad, theta.grad)]).tolist()",
  });
}

/** Largest difference over the largest value, part by part; the worst of them. */
function worst(parts: ArrayLike<number>[], theirs: number[]): number {
  let at = 0;
  let result = 0;
  for (const part of parts) {
    let off = 0;
    let size = 0;
    for (let i = 0; i < part.length; i++, at++) {
      off = Math.max(off, Math.abs(part[i] - theirs[at]));
      size = Math.max(size, Math.abs(theirs[at]));
    }
    result = Math.max(result, off / size);
  }
  return result;
}

/** Benchmarks of `lib/hyperbolic`. */
export const cases: BenchCase[] = [
  {
    what: "poincaré block (layer, relu, midpoint norm) 256x64 f32",
    peer: "pytorch",
    async setup() {
      const args = blockArguments();
      const peer = await torchBlock(args);
      return {
        ours: () => void plainBlock(args),
        peer,
        error: async () => worst(plainBlock(args), await peer.value()),
      };
    },
  },
  {
    what: "poincaré block by tfjs operations on native 256x64 f32",
    peer: "pytorch",
    async setup() {
      await useBestBackend({ verbose: false });
      const args = blockArguments();
      const [u, Z, upstream] = [args.u, args.Z, args.upstream].map((m) =>
        tf.tensor2d(m.data, [m.rows, m.columns])
      );
      const inputs = [u, Z, tf.tensor1d(args.r.data), tf.tensor1d(args.theta.data), tf.ones([1])];
      const gradients = tf.grads((...x) =>
        poincareBatchNormOp(tf.relu(poincareLinearOp(x[0], x[1], x[2], { c: C })), x[3], x[4], { c: C })
      );
      const ours = () => {
        const found = gradients(inputs, upstream);
        for (const gradient of found) gradient.dataSync();
        tf.dispose(found);
      };
      return { ours, peer: await torchBlock(args), dispose: () => tf.dispose([...inputs, upstream]) };
    },
  },
  {
    what: "poincaré midpoint N=4096 d=16 f64",
    peer: "fréchet mean, to 1e-12",
    setup() {
      const ball = new PoincareBall({ c: 1 });
      const rng = new Rng(2);
      const points = Matrix.fromRows(Array.from({ length: 4096 }, () => ball.exp0(rng.normals(16, 0.25))));
      return {
        ours: () => void ball.midpoint(points),
        peer: () => void ball.frechetMean(points, { tolerance: 1e-12 }),
        // How far apart the two are, over the spread.
        error: () => {
          const { mean } = ball.frechetMean(points, { tolerance: 1e-12 });
          return ball.distance(ball.midpoint(points), mean) / Math.sqrt(ball.frechetVariance(points, mean));
        },
      };
    },
  },
];

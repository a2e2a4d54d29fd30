/** The retrieval-conditioned denoiser beside PyTorch: training, and sampling with cached keys and values. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  EmbeddingDatabase,
  RetrievalDenoiser,
  sampleRetrieval,
  trainRetrievalDenoiser,
} from "../../lib/retrieval/mod.ts";
import { nearestNeighbors } from "../../lib/statistics/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

const [EXAMPLES, ENTRIES, K, BATCH, STEPS] = [393, 300, 4, 64, 25];

function start() {
  const rng = new Rng(0);
  const examples = rng.normalMatrix(EXAMPLES, 64, 0.75).astype("float32");
  const database = new EmbeddingDatabase(rng.normalMatrix(ENTRIES, 64, 0.75).astype("float32"));
  const { indices } = database.search(examples, K);
  const net = new RetrievalDenoiser({ dim: 64, tokenDim: 64, sigmaData: 0.75, rng: new Rng(1) });
  return { examples, database, indices, net };
}

const list = (values: ArrayLike<number>) => `torch.tensor(${JSON.stringify(Array.from(values))})`;

/** Our network in PyTorch, with the same parameters; `c` computes keys and values of tokens. */
const torchNetwork = ({ net, database, examples, indices }: ReturnType<typeof start>) => `
import torch
from torch.nn.functional import linear, silu, softmax
torch.set_num_threads(1)
flat, at, p = ${list(net.parameters)}, 0, {}
for name, n, m in [("input", 64, 64), ("noise", 16, 64), ("query", 64, 32), ("kv", 64, 96),
                   ("context", 64, 64), ("first", 64, 64), ("second", 64, 64), ("output", 64, 64)]:
    w = flat[at:at + n * m].reshape(m, n).clone(); at += n * m
    p[name] = (w.requires_grad_(), flat[at:at + m].clone().requires_grad_()); at += m
sd, freq = 0.75, torch.tensor([0.5, 1, 2, 4, 8, 16, 32, 64])
def F(x, sigma, kv):
    total = torch.sqrt(sigma ** 2 + sd ** 2)
    angle = torch.log(sigma) / 4 * freq
    e = torch.stack([torch.sin(angle), torch.cos(angle)], -1).flatten(-2)
    h = silu(linear(x / total, *p["input"]) + linear(e, *p["noise"]))
    a = softmax((linear(h, *p["query"])[:, None] * kv[..., :32]).sum(-1) / 32 ** 0.5, -1)
    h = h + linear((a[..., None] * kv[..., 32:]).sum(1), *p["context"])
    h = h + silu(linear(h, *p["first"]))
    h = h + silu(linear(h, *p["second"]))
    return linear(h, *p["output"]), total
table = ${list(database.tokens.data)}.reshape(-1, 64)
examples = ${list(examples.data)}.reshape(-1, 64)
nn = ${list(indices)}.reshape(-1, ${K})
`;

const training: BenchCase = {
  what: `RDM training, ${STEPS} steps of ${BATCH}, ${K} neighbours, f32`,
  peer: "torch",
  async setup() {
    const one = start();
    const { net, examples, database, indices } = one;
    const neighbors = { tokens: database.tokens, indices };
    const rng = new Rng(2);
    // A rate of zero: every step computes with the same weights.
    const options = { steps: STEPS, batchSize: BATCH, learningRate: 0, rng };
    const peer = await python("torch", {
      setup: `${torchNetwork(one)}
params = [q for pair in p.values() for q in pair]
opt = torch.optim.Adam(params, lr=0)
def loss(x, z, sigma, tokens):
    f, total = F(x + sigma * z, sigma, linear(tokens, *p["kv"]))
    skip, out = sd ** 2 / total ** 2, sigma * sd / total
    return ((f - (x - skip * (x + sigma * z)) / out) ** 2).mean()
def step():
    i = torch.randint(0, ${EXAMPLES}, (${BATCH},))
    x, z = examples[i], torch.randn(${BATCH}, 64)
    sigma = torch.exp(-0.6 + 1.2 * torch.randn(${BATCH}, 1))
    opt.zero_grad()
    loss(x, z, sigma, table[nn[i]]).backward()
    opt.step()
def gradient():
    opt.zero_grad()
    loss(examples, table[nn[:, 0]], torch.full((${EXAMPLES}, 1), 0.5), table[nn]).backward()
    return torch.cat([q.grad.ravel() for q in params])`,
      run: `for _ in range(${STEPS}): step()`,
      value: `gradient()`,
    });
    return {
      ours: () => void trainRetrievalDenoiser(net, examples, neighbors, options),
      peer,
      async error() {
        const noise = Matrix.from(EXAMPLES, 64, (i, j) => database.tokens.get(indices[K * i], j));
        const sigma = new Float64Array(EXAMPLES).fill(0.5);
        const { gradient } = net.lossAndGradient(examples, noise, sigma, neighbors);
        return relativeDistance(gradient, await peer.value());
      },
    };
  },
};

const COUNT = 1000;

/** Ours projects the database once; a peer that does not has them projected at every level. */
const sampling = (isCached: boolean): BenchCase => ({
  what: `RDM, ${COUNT} samples, 47 evaluations, f32`,
  peer: isCached ? "torch, cached keys" : "torch, keys at every level",
  async setup() {
    const one = start();
    const { net, database } = one;
    const project = (tokens: string) => isCached ? `linear(${tokens}, *p["kv"])` : tokens;
    const peer = await python("torch", {
      setup: `${torchNetwork(one)}
root = 10 ** (1 / 7)
sig = torch.tensor([*((root + i / 23 * (0.02 ** (1 / 7) - root)) ** 7 for i in range(24)), 0])
unit = table / table.norm(dim=1, keepdim=True)
own = (unit @ unit.T).topk(${K}).indices
@torch.no_grad()
def D(x, sigma, kv):
    f, total = F(x, sigma.reshape(1, 1), ${isCached ? "kv" : 'linear(kv, *p["kv"])'})
    return sd ** 2 / total ** 2 * x + sigma * sd / total * f
@torch.no_grad()
def sample():
    kv = ${project("table")}[own[torch.randint(0, ${ENTRIES}, (${COUNT},))]]
    x = torch.randn(${COUNT}, 64) * sig[0]
    for s, t in zip(sig[:-1], sig[1:]):
        d = (x - D(x, s, kv)) / s
        y = x + (t - s) * d
        x = y if t == 0 else x + (t - s) / 2 * (d + (y - D(y, t, kv)) / t)
    return x`,
      run: "x = sample()",
      value: `D(examples, torch.tensor(0.5), ${project("table")}[nn]).ravel()`,
    });
    return {
      ours: () => void sampleRetrieval(net, database, { count: COUNT, rng: new Rng(3) }),
      peer,
      async error() {
        const { examples, indices } = one;
        const denoised = net.denoise(examples, 0.5, { tokens: database.tokens, indices });
        return relativeDistance(denoised.data, await peer.value());
      },
    };
  },
});

const search: BenchCase = {
  what: "4 nearest of 100,000 points for 64 queries, 64 numbers each, f64",
  peer: "numpy, argpartition",
  async setup() {
    const rng = new Rng(4);
    const [points, queries] = [rng.normalMatrix(100_000, 64), rng.normalMatrix(64, 64)];
    const peer = await python("numpy", {
      setup: `
import numpy as np
points = np.random.default_rng(4).normal(size=(100000, 64))
queries = np.random.default_rng(5).normal(size=(64, 64))
def search():
    d = (points ** 2).sum(1) - 2 * queries @ points.T
    best = np.argpartition(d, 4, axis=1)[:, :4]
    return np.take_along_axis(best, np.argsort(np.take_along_axis(d, best, 1), 1), 1)`,
      run: "found = search()",
    });
    return {
      ours: () => void nearestNeighbors(queries, points, { k: 4 }),
      peer,
    };
  },
};

function relativeDistance(ours: ArrayLike<number>, expected: ArrayLike<number>): number {
  let size = 0;
  let distance = 0;
  for (let k = 0; k < expected.length; k++) {
    size += expected[k] ** 2;
    distance += (expected[k] - ours[k]) ** 2;
  }
  return Math.sqrt(distance / size);
}

export const cases: BenchCase[] = [training, sampling(true), sampling(false), search];

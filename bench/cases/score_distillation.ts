/** Score distillation in Flatland, and the exact score of a cloud of particles, beside PyTorch. */
import { Matrix } from "../../lib/arrays/mod.ts";
import { GaussianMixture } from "../../lib/diffusion/mod.ts";
import { flatlandRenderer, particleCloud, vsd } from "../../lib/score_distillation/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

const ALPHA = 0.8;
const SIGMA = 0.6;

/** Numbers that both sides make by themselves. */
const wave = (length: number, factor: number) =>
  Float64Array.from({ length }, (_, k) => Math.sin(factor * (k + 1)));

/**
 * One gradient of VSD: three true scenes and n particles rendered, two predictions of noise, the reverse
 * pass.
 */
const flatlandStep = (n: number) => `
import math
import torch
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
n, grid, pixels, samples = ${n}, 24, 24, 36
cells = grid * grid
wave = lambda length, factor: torch.sin(factor * torch.arange(1, length + 1, dtype=torch.float64))
scenes = wave(n * 2 * cells, 0.7).reshape(n, -1).requires_grad_(True)
truth = 2 * wave(3 * 2 * cells, 0.3).reshape(3, -1)
noise = wave(n * pixels, 1.3).reshape(n, -1)
log_weights = torch.log(torch.tensor([0.5, 0.3, 0.2]))
u = -1 + 2 * (torch.arange(pixels) + 0.5) / pixels
d = -1 + 2 * (torch.arange(samples) + 0.5) / samples
u, d = torch.meshgrid(u, d, indexing="ij")
camera = 0.0
def render(theta, points):
    m = theta.shape[0]
    fields = theta.reshape(m, 2, grid, grid)
    both = torch.cat([4 * torch.nn.functional.softplus(fields[:, :1]), torch.sigmoid(fields[:, 1:])], 1)
    both = torch.nn.functional.grid_sample(both, points.expand(m, -1, -1, -1), align_corners=False)
    behind = torch.exp(-torch.cumsum(both[:, 0], -1) * (2 / samples))
    before = torch.nn.functional.pad(behind[..., :-1], (1, 0), value=1.0)
    return 2 * ((before - behind) * both[:, 1]).sum(-1) - 1
def predict(x, images, logs, variance):
    away = x[:, None] - ${ALPHA} * images[None]
    r = torch.softmax(logs - (away ** 2).sum(-1) / (2 * variance), 1)
    return ${SIGMA} * (r[..., None] * away).sum(1) / variance
def step(camera):
    c, s = math.cos(camera), math.sin(camera)
    points = torch.stack([u * c - d * s, u * s + d * c], -1)[None]
    images = render(scenes, points)
    with torch.no_grad():
        x = ${ALPHA} * images + ${SIGMA} * noise
        prior = predict(x, render(truth, points), log_weights, ${ALPHA ** 2} * 0.0025 + ${SIGMA ** 2})
        own = predict(x, images, torch.zeros(n), ${SIGMA ** 2})
        residual = ${SIGMA ** 2} * (prior - own)
    return torch.autograd.grad(images, scenes, residual)[0]
`;

const flatland: BenchCase[] = [8, 64].map((n) => ({
  what: `flatland VSD gradient, ${n} particles`,
  peer: "pytorch",
  async setup() {
    const renderer = flatlandRenderer();
    const { parameters, pixels } = renderer;
    const scenes = new Matrix(n, parameters, wave(n * parameters, 0.7));
    const truth = new Matrix(3, parameters, wave(3 * parameters, 0.3).map((value) => 2 * value));
    const noise = new Matrix(n, pixels, wave(n * pixels, 1.3));
    const prior = (camera: number) =>
      new GaussianMixture({
        weights: [0.5, 0.3, 0.2],
        means: renderer.render(truth, camera).images,
        variances: [0.0025, 0.0025, 0.0025],
      });
    const gradient = (camera: number) =>
      vsd(scenes, { prior, renderer, camera, noise, alpha: ALPHA, sigma: SIGMA });
    let camera = 0;
    const peer = await python("pytorch", {
      setup: flatlandStep(n),
      run: "camera += 0.1\nresult = step(camera)",
      value: "step(0.5).flatten().tolist()",
    });
    return {
      // Another camera each time, as in a run.
      ours: () => void gradient(camera += 0.1),
      peer,
      error: async () => relativeError(gradient(0.5).data, await peer.value()),
    };
  },
}));

const clouds: BenchCase[] = [128, 512, 2048].map((n) => ({
  what: `particle score, n = ${n}`,
  peer: "pytorch",
  async setup() {
    const images = new Matrix(n, 2, wave(2 * n, 0.9));
    const x = images.data.map((value, k) => ALPHA * value + SIGMA * Math.sin(1.7 * (k + 1)));
    const cloud = particleCloud(images);
    const peer = await python("pytorch", {
      setup: `
import torch
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
n = ${n}
k = torch.arange(1, 2 * n + 1, dtype=torch.float64)
images = torch.sin(0.9 * k).reshape(n, 2)
x = ${ALPHA} * images + ${SIGMA} * torch.sin(1.7 * k).reshape(n, 2)
@torch.no_grad()
def predict():
    centers = ${ALPHA} * images
    squares = (x ** 2).sum(1)[:, None] - 2 * x @ centers.T + (centers ** 2).sum(1)
    r = torch.softmax(squares * ${-1 / (2 * SIGMA ** 2)}, 1)
    return (x - r @ centers) / ${SIGMA}
`,
      run: "result = predict()",
      value: "result.flatten().tolist()",
    });
    return {
      ours: () => void cloud.noisePrediction(x, ALPHA, SIGMA),
      peer,
      error: async () => relativeError(cloud.noisePrediction(x, ALPHA, SIGMA), await peer.value()),
    };
  },
}));

function relativeError(ours: Float64Array, theirs: number[]): number {
  const size = Math.hypot(...theirs.slice(0, 4096));
  return ours.reduce((worst, value, k) => Math.max(worst, Math.abs(value - theirs[k])), 0) / size;
}

export const cases: BenchCase[] = [...flatland, ...clouds];

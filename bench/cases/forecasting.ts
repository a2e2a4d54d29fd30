/**
 * Forecasting: correlations of windows beside direct sums, NormLin beside attention, a training step of OLinear beside
 * the network in PyTorch, layer by layer as the paper writes it.
 */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { OLinear, type VariateMixer, weightedL1Loss, windowCorrelation } from "../../lib/forecasting/mod.ts";
import { haarOrthogonal } from "../../lib/linalg/mod.ts";
import { flatAdam } from "../../lib/optimizers/flat_adam.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";
import { relativeDistance } from "../relative_distance.ts";

/** All products of all windows. */
function directCorrelation(x: Float64Array, T: number): Float64Array {
  const positions = x.length - T + 1;
  const mean = Float64Array.from({ length: T }, (_, i) => {
    let sum = 0;
    for (let s = 0; s < positions; s++) sum += x[s + i];
    return sum / positions;
  });
  const covariance = new Float64Array(T * T);
  for (let i = 0; i < T; i++) {
    for (let j = i; j < T; j++) {
      let sum = 0;
      for (let s = 0; s < positions; s++) sum += (x[s + i] - mean[i]) * (x[s + j] - mean[j]);
      covariance[i * T + j] = covariance[j * T + i] = sum;
    }
  }
  return covariance.map((value, k) =>
    value / Math.sqrt(covariance[Math.floor(k / T) * (T + 1)] * covariance[(k % T) * (T + 1)])
  );
}

const sizes = { variates: 21, inputLength: 96, horizon: 96, embedding: 16, width: 512, layers: 2 };
const BATCH = 32;

const torchNetwork = `
import torch
from torch import nn
from torch.nn.functional import softplus
torch.set_num_threads(1)
torch.manual_seed(0)
N, T, S, E, D, L, B = 21, 96, 96, 16, 512, 2, ${BATCH}
class Mixing(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.eye(N) + torch.randn(N, N))
        self.v, self.o, self.first, self.second = (nn.Linear(D, D) for _ in range(4))
        self.a, self.b = nn.LayerNorm(D), nn.LayerNorm(D)
    def forward(self, h):
        w = softplus(self.w)
        h = self.a(h + self.o((w / w.sum(1, keepdim=True)) @ self.v(h)))
        return self.b(h + self.second(nn.functional.gelu(self.first(h))))
class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.ones(N)), nn.Parameter(torch.zeros(N))
        self.phi = nn.Parameter(torch.randn(E))
        self.d1, self.d2 = nn.Parameter(torch.zeros(N, 1, T)), nn.Parameter(torch.zeros(N, 1, S))
        self.enc, self.dec = nn.Linear(E * T, D), nn.Linear(D, E * S)
        self.layers, self.norm = nn.Sequential(*(Mixing() for _ in range(L))), nn.LayerNorm(D)
        self.head = nn.Sequential(nn.Linear(E * S, D), nn.GELU(), nn.Linear(D, S))
        self.register_buffer("qi", torch.linalg.qr(torch.randn(T, T))[0])
        self.register_buffer("qo", torch.linalg.qr(torch.randn(S, S))[0])
    def forward(self, x):
        m = x.mean(-1, keepdim=True)
        s = torch.sqrt(x.var(-1, keepdim=True, unbiased=False) + 1e-5)
        h = (x - m) / s * self.scale[:, None] + self.shift[:, None]
        h = (h[:, :, None] * self.phi[:, None]) @ self.qi.T + self.d1
        h = self.norm(self.layers(self.enc(h.flatten(2))))
        z = self.dec(h).reshape(B, N, E, S) @ self.qo + self.d2
        return (self.head(z.flatten(2)) - self.shift[:, None]) / (self.scale[:, None] + 1e-10) * s + m
net = Network()
adam = torch.optim.Adam(net.parameters(), lr=1e-4)
x, y = torch.randn(B, N, T), torch.randn(B, N, S)
weight = torch.arange(1, S + 1) ** -0.5`;

/** Little but mixing: eight values in and out, one hidden feature. */
const mixerOnly = (mixer: VariateMixer, variates: number, batch: number) => {
  const net = new OLinear({
    variates,
    inputLength: 8,
    horizon: 8,
    embedding: 1,
    width: 512,
    hidden: 1,
    layers: 2,
    mixer,
    rng: new Rng(0),
  });
  const x = new Rng(1).normalMatrix(batch * variates, 8).astype("float32");
  return () => void net.predict(x);
};

export const cases: BenchCase[] = [
  {
    what: "correlation of windows, 6131 samples, T=96",
    peer: "direct sums",
    setup() {
      const x = new Rng(0).normals(6131);
      const series = new Matrix(x.length, 1, x);
      return {
        ours: () => void windowCorrelation(series, 96),
        peer: () => void directCorrelation(x, 96),
        error: () => relativeDistance(windowCorrelation(series, 96).data, directCorrelation(x, 96)),
      };
    },
  },
  ...([[7, 32], [21, 32], [321, 1]] as const).map(([variates, batch]): BenchCase => ({
    what: `NormLin N=${variates} D=512 batch ${batch}`,
    peer: "attention of 8 heads, ours",
    setup: () => ({
      ours: mixerOnly("normlin", variates, batch),
      peer: mixerOnly("attention", variates, batch),
    }),
  })),
  {
    what: `OLinear step with Adam, batch ${BATCH}, N=21, T=96, D=512`,
    peer: "torch",
    async setup() {
      const rng = new Rng(0);
      const [inputBasis, outputBasis] = [96, 96].map((n) => haarOrthogonal(n, { rng }));
      const net = new OLinear({ ...sizes, inputBasis, outputBasis, rng });
      const [x, y] = [0, 1].map(() => rng.normalMatrix(BATCH * sizes.variates, 96).astype("float32"));
      const adam = flatAdam("OLinear", net.parameters, 1e-4);
      const out = new Float32Array(net.parameters.length);
      const peer = await python("torch", {
        setup: torchNetwork,
        run: `adam.zero_grad()
((net(x) - y).abs() * weight).mean().backward()
adam.step()`,
      });
      const ours = () => {
        net.vjp(x, (outputs) => weightedL1Loss(outputs, y).gradient, { out });
        adam(out);
      };
      return { ours, peer };
    },
  },
];

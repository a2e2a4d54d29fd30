/**
 * Steps of continual modules beside the clip, beside PyTorch, and beside the authors' library. The latter
 * (`continual-inference` 1.2.4) is not among the requirements: `PYTHONPATH` may name an unpacked wheel.
 */
import { type Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  attentionWeights,
  CoConv1d,
  CoRetroactiveAttention,
  RetroactiveHead,
  SingleOutputHead,
  windowAttention,
} from "../../lib/continual/mod.ts";

import { build } from "../../experiments/continual-inference/networks.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

const n = 512;
const d = 64;

type Token = [Float32Array, Float32Array, Float32Array];
const stream = (count: number): Token[] => {
  const rng = new Rng(0);
  return Array.from(
    { length: count },
    () => [0, 1, 2].map(() => Float32Array.from(rng.normals(d))) as Token,
  );
};

/** A head that has seen a window, and what it is fed with next. */
function filled<Head extends { step(...token: Token): unknown }>(
  head: Head,
): { head: Head; next: () => Token } {
  const tokens = stream(n + 64);
  for (const token of tokens.slice(0, n)) head.step(...token);
  let t = 0;
  return { head, next: () => tokens[n + t++ % 64] };
}

const torch = `import torch
torch.set_num_threads(1)
torch.set_grad_enabled(False)
torch.manual_seed(0)
n, d = ${n}, ${d}
q, k, v = torch.randn(3, d)
Q, K, V, AV = torch.randn(4, n, d)
D = torch.rand(n) + n`;

export const cases: BenchCase[] = [
  {
    what: `retroactive attention step n=${n} d=${d} f32`,
    peer: "torch",
    async setup() {
      const { head, next } = filled(new RetroactiveHead({ dim: d, window: n, dtype: "float32" }));
      const out = new Float32Array(n * d);
      const peer = await python("torch", {
        setup: torch,
        // The state is the last n tokens in order: the oldest row leaves at the top, the newest comes below.
        run: `s = q / d ** 0.5
left = torch.exp(Q @ K[0])
right = torch.exp(Q @ k)
D = torch.cat((D - left + right, D[:1]))[1:]
AV = torch.cat((AV - torch.outer(left, V[0]) + torch.outer(right, v), AV[:1]))[1:]
Q = torch.cat((Q[1:], s[None]))
K = torch.cat((K[1:], k[None]))
V = torch.cat((V[1:], v[None]))
a = torch.exp(K @ s)
D[-1] = a.sum()
AV[-1] = a @ V
out = AV / D[:, None]`,
      });
      return { ours: () => void head.step(...next(), { out }), peer };
    },
  },
  {
    what: `retroactive attention step n=${n} d=${d} f32`,
    peer: "continual-inference",
    async setup() {
      const { head, next } = filled(new RetroactiveHead({ dim: d, window: n, dtype: "float32" }));
      const out = new Float32Array(n * d);
      const peer = await python("continual-inference", {
        setup: `${torch}
from continual.multihead_attention import retroactive_mha as mha
state = mha._scaled_dot_product_attention_default_state(1, n, d, 1)`,
        run: "out, state = mha._scaled_dot_product_attention_step(state, q[None], k[None], v[None])",
      });
      return { ours: () => void head.step(...next(), { out }), peer };
    },
  },
  {
    what: `retroactive attention layer step n=${n} E=${d} f32`,
    peer: "continual-inference",
    async setup() {
      const weights = attentionWeights(d, { dtype: "float32", rng: new Rng(1) });
      const layer = new CoRetroactiveAttention(weights, { heads: 1, window: n });
      const tokens = stream(n + 64).map(([x]) => x);
      for (const x of tokens.slice(0, n)) layer.step(x);
      let t = 0;
      const peer = await python("continual-inference", {
        setup: `${torch}
import continual as co
layer = co.RetroactiveMultiheadAttention(d, 1, batch_first=True, embed_dim_second=True, sequence_len=n,
                                         forward_returns_attn_mask=False).eval()
layer.forward_steps(torch.randn(1, d, n))
x = torch.randn(1, d)`,
        run: "out = layer.forward_step(x)",
      });
      return { ours: () => void layer.step(tokens[n + t++ % 64]), peer };
    },
  },
  {
    what: `retroactive attention step n=${n} d=${d} f32`,
    peer: "window from scratch",
    setup() {
      const { head, next } = filled(new RetroactiveHead({ dim: d, window: n, dtype: "float32" }));
      const out = new Float32Array(n * d);
      const [q, k, v] = window();
      return {
        ours: () => void head.step(...next(), { out }),
        peer: () => void windowAttention(q, k, v),
      };
    },
  },
  {
    what: `single-output attention step n=${n} d=${d} f32`,
    peer: "window from scratch",
    setup() {
      const { head, next } = filled(new SingleOutputHead({ dim: d, window: n, dtype: "float32" }));
      const out = new Float32Array(d);
      const [q, k, v] = window();
      return {
        ours: () => void head.step(...next(), { out }),
        peer: () => void windowAttention(q, k, v),
      };
    },
  },
  convolution("continual-inference"),
  convolution("torch"),
  {
    what: "CoST-GCN* step, a quarter of the width f32",
    peer: "clip of 300 frames",
    setup() {
      const rng = new Rng(0);
      const net = build("CoST-GCN*", "float32", rng);
      const size = net.inputShape.reduce((a, b) => a * b);
      const frame = Float32Array.from(rng.normals(size));
      const clip = Float32Array.from(rng.normals(300 * size));
      for (let t = 0; t < net.receptiveField; t++) net.step(frame);
      return { ours: () => void net.step(frame), peer: () => void net.forward(clip) };
    },
  },
];

function window(): [Matrix<Float32Array>, Matrix<Float32Array>, Matrix<Float32Array>] {
  const rng = new Rng(2);
  const draw = () => rng.normalMatrix(n, d).astype("float32");
  return [draw(), draw(), draw()];
}

/** 64 channels, 9 taps: one frame. */
function convolution(peer: "continual-inference" | "torch"): BenchCase {
  const C = 64;
  const k = 9;
  return {
    what: `continual convolution step C=${C} k=${k} f32`,
    peer,
    async setup() {
      const rng = new Rng(0);
      const weight = { shape: [C, C, k], data: Float32Array.from(rng.normals(C * C * k)) };
      const conv = new CoConv1d(weight, { bias: Float32Array.from(rng.normals(C)) });
      const x = Float32Array.from(rng.normals(C));
      for (let t = 0; t < k; t++) conv.step(x);
      const setup = `import torch
torch.set_num_threads(1)
torch.set_grad_enabled(False)
x = torch.randn(1, ${C})
w = torch.randn(${C}, ${C}, ${k})
b = torch.randn(${C})
clip = torch.randn(1, ${C}, ${k})`;
      const theirs = await python(
        peer,
        peer === "torch"
          // The window is kept and convolved; it has one output.
          ? {
            setup,
            run: `clip = torch.cat((clip[:, :, 1:], x[:, :, None]), 2)
y = torch.nn.functional.conv1d(clip, w, b)`,
          }
          : {
            setup: `${setup}
import continual as co
conv = co.Conv1d(${C}, ${C}, ${k}).eval()
conv.forward_steps(clip)`,
            run: "y = conv.forward_step(x)",
          },
      );
      return { ours: () => void conv.step(x), peer: theirs };
    },
  };
}

/** Group rationals: one pass forwards and one backwards against a composition of PyTorch operations. */
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../lib/arrays/mod.ts";
import { groupRational } from "../../lib/kan/layers/mod.ts";
import {
  BSplineKan,
  GroupRationalNetwork,
  rationalBackward,
  rationalForward,
  rationalPreset,
} from "../../lib/kan/mod.ts";
import { useBestBackend } from "../../lib/tfjs/mod.ts";
import type { BenchCase } from "../bench.ts";
import { floorMs } from "../floor.ts";
import { python } from "../python.ts";

const ROWS = 2048;
const CHANNELS = 512;
const GROUPS = 8;
const SIZE = ROWS * CHANNELS;

/** The same numbers on both sides, without sending a million. */
const x = Float32Array.from({ length: SIZE }, (_, i) => Math.fround(3 * Math.sin(i)));
const dy = Float32Array.from({ length: SIZE }, (_, i) => Math.fround(Math.cos(i)));
const swish = rationalPreset("swish", { groups: GROUPS });

/** Horner's rule by tensor operations, as compact as it gets. */
const TORCH = `
import torch
torch.set_num_threads(1)
i = torch.arange(${SIZE}, dtype=torch.float64)
x = (3 * torch.sin(i)).float().reshape(${ROWS}, ${GROUPS}, ${CHANNELS / GROUPS}).requires_grad_()
dy = torch.cos(i).float().reshape(x.shape)
a = torch.tensor([${[...swish.numerator]}], dtype=torch.float32).requires_grad_()
b = torch.tensor([${[...swish.denominator]}], dtype=torch.float32).reshape(${GROUPS}, 4).requires_grad_()
def rational(x):
    p = a[5] * x + a[4]
    for k in (3, 2, 1, 0): p = p * x + a[k]
    c = b.unsqueeze(-1)
    s = c[:, 3] * x + c[:, 2]
    for k in (1, 0): s = s * x + c[:, k]
    return p / (1 + (s * x).abs())
`;

/** Largest difference over the largest value. */
function relative(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  let off = 0;
  let size = 0;
  for (let i = 0; i < theirs.length; i++) {
    off = Math.max(off, Math.abs(ours[i] - theirs[i]));
    size = Math.max(size, Math.abs(theirs[i]));
  }
  return off / size;
}

async function native(): Promise<tf.Tensor[]> {
  await useBestBackend({ verbose: false });
  return [
    tf.tensor2d(x, [ROWS, CHANNELS]),
    tf.tensor1d(Float32Array.from(swish.numerator)),
    tf.tensor2d(Float32Array.from(swish.denominator), [GROUPS, 4]),
    tf.tensor2d(dy, [ROWS, CHANNELS]),
  ];
}

const forwardPeer = () =>
  python("pytorch", {
    setup: TORCH,
    run: "with torch.no_grad(): y = rational(x)",
    value: "y.flatten()[:1000].tolist()",
  });

const backwardPeer = () =>
  python("pytorch", {
    setup: `${TORCH}\ny = rational(x)`,
    run: "g = torch.autograd.grad(y, (x, a, b), dy, retain_graph=True)",
    value: "g[1].tolist() + g[2].flatten().tolist()",
  });

/** Benchmarks of `lib/kan`. */
export const cases: BenchCase[] = [
  {
    what: "group rational 1M forward f32, native",
    peer: "pytorch",
    async setup() {
      const [values, a, b] = await native();
      const peer = await forwardPeer();
      return {
        ours: () => tf.tidy(() => void groupRational(values, a, b)),
        peer,
        floorMs: floorMs({ bytes: 8 * SIZE }),
        error: async () => {
          const y = tf.tidy(() => groupRational(values, a, b).dataSync());
          return relative(y.subarray(0, 1000), await peer.value());
        },
      };
    },
  },
  {
    what: "group rational 1M backward f32, native",
    peer: "pytorch",
    async setup() {
      const [values, numerator, denominator, slopes] = await native();
      const inputs = { x: values, numerator, denominator, dy: slopes };
      const run = () =>
        tf.engine().runKernel("GroupRationalGrad", inputs, { form: "abs-of-sum" }) as tf.Tensor[];
      const peer = await backwardPeer();
      return {
        ours: () => tf.tidy(() => void run()),
        peer,
        floorMs: floorMs({ bytes: 12 * SIZE }),
        error: async () => {
          const sums = tf.tidy(() => run().slice(1, 3).flatMap((sum) => Array.from(sum.dataSync())));
          return relative(sums, await peer.value());
        },
      };
    },
  },
  {
    what: "group rational 1M forward f32, TypeScript",
    peer: "pytorch",
    async setup() {
      const out = new Float32Array(SIZE);
      const peer = await forwardPeer();
      return {
        ours: () => void rationalForward(x, ROWS, CHANNELS, swish, { out }),
        peer,
        floorMs: floorMs({ bytes: 8 * SIZE }),
        error: async () => relative(out.subarray(0, 1000), await peer.value()),
      };
    },
  },
  {
    what: "group rational 1M backward f32, TypeScript",
    peer: "pytorch",
    async setup() {
      const run = () => rationalBackward(x, ROWS, CHANNELS, swish, dy);
      const peer = await backwardPeer();
      return {
        ours: () => void run(),
        peer,
        floorMs: floorMs({ bytes: 12 * SIZE }),
        error: async () => {
          const { dNumerator, dDenominator } = run();
          return relative([...dNumerator, ...dDenominator], await peer.value());
        },
      };
    },
  },
  {
    what: "group-rational layer 64 to 256, 1024 rows",
    peer: "B-spline layer",
    setup() {
      const inputs = new Rng(0).normalMatrix(1024, 64, 0.5);
      const ours = new GroupRationalNetwork({ widths: [64, 256], activations: [swish], rng: new Rng(1) });
      const peer = new BSplineKan({ inputs: 64, outputs: 256, rng: new Rng(2) });
      return { ours: () => void ours.forward(inputs), peer: () => void peer.forward(inputs) };
    },
  },
];

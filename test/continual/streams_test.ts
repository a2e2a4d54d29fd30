/** Streams equal clips: closed forms, and random networks with every option. */
import { assert, assertEquals } from "@std/assert";
import { type DType, type RealArray, Rng } from "refigure/arrays";
import {
  CoAvgPool,
  CoBroadcastReduce,
  CoConv1d,
  coLayerNorm,
  CoMaxPool,
  type CoModule,
  coRelu,
  CoResidual,
  CoSequential,
  CoStGcn,
  Delay,
  flops,
  randomAdjacency,
  stateSize,
  Stepwise,
  stGcnBlocks,
} from "refigure/continual";
import { assertNear } from "./near.ts";

const numbers = (...values: number[]) => Float64Array.from(values);
const kernel = (...taps: number[]) => ({ shape: [1, 1, taps.length], data: Float64Array.from(taps) });
/** What a stream of one channel returns, step by step. */
const outputs = (module: CoModule, ...stream: number[]) =>
  stream.map((x) => module.step(numbers(x))).map((y) => y === null ? null : y[0]);

Deno.test("continual: a convolution with the taps 1, 2, 3", () => {
  for (const cache of ["input", "output"] as const) {
    const conv = new CoConv1d(kernel(1, 2, 3), { cache });
    assertEquals(outputs(conv, 0, 0, 1, 0, 0), [null, null, 3, 2, 1]);
    conv.reset();
    assertEquals(outputs(conv, 1, 0, 0, 0), [null, null, 1, 0]);
    assertEquals(conv.forward(numbers(1, 0, 0, 0)), numbers(1, 0));
    const padded = new CoConv1d(kernel(1, 2, 3), { padding: 2, cache });
    assertEquals(padded.forward(numbers(1)), numbers(3, 2, 1));
    assertEquals(padded.step(numbers(1)), numbers(3));
    padded.reset();
    assertEquals(padded.steps(numbers(1), { padEnd: true }), numbers(3, 2, 1));
    // The padding at the end is not kept: the stream goes on.
    assertEquals(outputs(padded, 0, 5), [2, 16]);
    const strided = new CoConv1d(kernel(1, 2, 3), { stride: 2, cache });
    assertEquals(outputs(strided, 1, 1, 1, 1, 1, 1, 1), [null, null, 6, null, 6, null, 6]);
  }
});

Deno.test("continual: a delay returns null so many times, then the stream", () => {
  for (const steps of [0, 1, 3]) {
    const delay = new Delay(steps, { shape: [1] });
    assertEquals(outputs(delay, 1, 2, 3, 4, 5), [...Array(steps).fill(null), 1, 2, 3, 4, 5].slice(0, 5));
    delay.reset();
    assertEquals(delay.steps(numbers(1, 2), { padEnd: true }), numbers(1, 2));
  }
});

Deno.test("continual: receptive field, padding, stride and delay of ST-GCN", () => {
  const rng = new Rng(0);
  const channels = [3, ...Array(4).fill(2), ...Array(3).fill(4), ...Array(3).fill(8)];
  const adjacency = randomAdjacency(4, { rng });
  const props = (
    { receptiveField, padding, stride, delay }: CoModule,
  ) => [receptiveField, padding, stride, delay];
  const padded = stGcnBlocks(channels, { strides: [1, 1, 1, 1, 2, 1, 1, 2, 1, 1], rng });
  assertEquals(props(new CoStGcn(padded, adjacency)), [153, 76, 4, 76]);
  const starred = new CoStGcn(stGcnBlocks(channels, { rng }), adjacency, { padded: false });
  assertEquals(props(starred), [81, 0, 1, 80]);
});

/** A random stack of convolutions, residuals, shortcuts, pools and norms. */
function randomNetwork(rng: Rng, dtype: DType): CoModule {
  const channels = 3;
  const positions = [2];
  const data = (label: string, count: number) => {
    const values = rng.split(label).normals(count, 0.4);
    return dtype === "float32" ? new Float32Array(values) : values;
  };
  const conv = (label: string, options: { k?: number; keep?: boolean; stride?: number } = {}) => {
    const { k = 1 + rng.integer(4), keep = false, stride = 1 } = options;
    const dilation = 1 + rng.integer(2);
    const padding = keep ? (k - 1) * dilation / 2 : rng.integer((k - 1) * dilation + 1);
    return new CoConv1d({ shape: [channels, channels, k], data: data(label, channels * channels * k) }, {
      bias: data(`${label} bias`, channels),
      dilation,
      padding,
      stride,
      fill: (["zeros", "replicate"] as const)[rng.integer(2)],
      cache: (["input", "output"] as const)[rng.integer(2)],
      polyphase: rng.integer(2) === 0,
      positions,
    });
  };
  const shape = [channels, ...positions];
  const modules: CoModule[] = [];
  for (let i = 0; i < 4; i++) {
    const stride = 1 + rng.integer(2);
    switch (rng.integer(6)) {
      case 0:
        modules.push(conv(`${i}`, { stride }));
        break;
      case 1:
        modules.push(
          new CoResidual(new CoSequential([conv(`${i}a`, { k: 3, keep: true }), conv(`${i}b`, { k: 1 })])),
        );
        break;
      case 2: {
        const shrinking = new CoConv1d({
          shape: [channels, channels, 5],
          data: data(`${i}`, channels ** 2 * 5),
        }, {
          padding: rng.integer(2),
          positions,
        });
        modules.push(
          new CoResidual(shrinking, { align: (["centred", "lagging", "leading"] as const)[rng.integer(3)] }),
        );
        break;
      }
      case 3: {
        const main = new CoSequential([
          conv(`${i}a`, { k: 5, keep: true }),
          conv(`${i}b`, { k: 3, keep: true, stride }),
        ]);
        modules.push(new CoBroadcastReduce([main, conv(`${i}c`, { k: 1, stride })], { reduce: "max" }));
        break;
      }
      case 4:
        modules.push(
          new (rng.integer(2) === 0 ? CoAvgPool : CoMaxPool)(1 + rng.integer(4), { shape, stride, dtype }),
        );
        break;
      default:
        modules.push(
          coLayerNorm({ scale: data(`${i}s`, channels), shift: data(`${i}t`, channels) }, { positions }),
          coRelu(shape, { dtype }),
          new Delay(rng.integer(3), { shape, dtype }),
        );
    }
  }
  return new CoSequential(modules);
}

Deno.test("continual: 60 random networks return the same in a stream and for a clip", () => {
  let compared = 0;
  for (let seed = 0; seed < 60; seed++) {
    const rng = new Rng(seed);
    const dtype = seed % 3 === 0 ? "float32" : "float64";
    const net = randomNetwork(rng, dtype);
    const frames = 1 + rng.integer(40);
    const noise = rng.split("clip").normals(3 * frames * 2);
    const clip = dtype === "float32" ? new Float32Array(noise) : noise;
    const whole = net.forward(clip);
    let scale = 1;
    for (const x of whole) scale = Math.max(scale, Math.abs(x));
    const tolerance = (dtype === "float32" ? 1e-5 : 1e-12) * scale;
    assertNear(net.steps(clip, { padEnd: true }), whole, tolerance, `seed ${seed}`);
    compared += whole.length;
    // The first output comes after `delay` steps, then one every `stride` steps.
    net.reset();
    const size = clip.length / frames;
    const positions = 2;
    for (let t = 0; t < frames; t++) {
      const frame = new (clip.constructor as typeof Float64Array)(size);
      for (let c = 0; c < 3; c++) {
        for (let p = 0; p < positions; p++) frame[c * positions + p] = clip[(c * frames + t) * positions + p];
      }
      const isDue = t >= net.delay && (t - net.delay) % net.stride === 0;
      assertEquals(net.step(frame) !== null, isDue, `seed ${seed}, step ${t} of delay ${net.delay}`);
    }
  }
  assert(compared > 2000, `${compared}`);
});

Deno.test("continual: steps are steps, reset starts again, updateState false changes nothing", () => {
  for (let seed = 100; seed < 112; seed++) {
    const net = randomNetwork(new Rng(seed), "float64");
    const rng = new Rng(seed).split("frames");
    const stream = Array.from({ length: 40 }, () => rng.normals(6));
    const once = stream.map((frame) => net.step(frame));
    net.reset();
    const again = stream.map((frame) => {
      const before = net.getState();
      const peeked = net.step(frame, { updateState: false });
      assertEquals(net.getState(), before);
      const taken = net.step(frame);
      assertEquals(peeked, taken);
      return taken;
    });
    assertEquals(again, once);
    // A state that was saved is a state to go on from, in another module too.
    net.reset();
    stream.slice(0, 20).forEach((frame) => net.step(frame));
    const other = randomNetwork(new Rng(seed), "float64");
    other.setState(net.getState());
    assertEquals(stream.slice(20).map((frame) => other.step(frame)), once.slice(20));
  }
});

Deno.test("continual: a mean over a window has no drift in 1e5 steps of float32, and max is exact", () => {
  const rng = new Rng(3);
  const n = 37;
  const mean = new CoAvgPool(n, { shape: [1], dtype: "float32" });
  const max = new CoMaxPool(n, { shape: [1], dtype: "float32" });
  const stream = new Float32Array(100_000);
  let worst = 0;
  for (let t = 0; t < stream.length; t++) {
    stream[t] = 1 + rng.normal();
    const frame = stream.subarray(t, t + 1);
    const y = mean.step(frame);
    const z = max.step(frame);
    if (t < n - 1 || (t % 97 !== 0 && t < stream.length - 100)) continue;
    const window = stream.subarray(t - n + 1, t + 1);
    const exact = window.reduce((sum, x) => sum + x, 0) / n;
    worst = Math.max(worst, Math.abs(y![0] - exact));
    assertEquals(z![0], window.reduce((a, b) => Math.max(a, b)));
  }
  assert(worst < 1e-6, `${worst}`);
});

Deno.test("continual: what is not a number is gone when its frame has left the receptive field", () => {
  const modules: [CoModule, number][] = [
    [new CoConv1d(kernel(1, -2, 3, 1), { cache: "input" }), 4],
    [new CoConv1d(kernel(1, -2, 3, 1), { cache: "output" }), 4],
    [new CoConv1d(kernel(1, 2), { dilation: 3, cache: "output" }), 4],
    [new CoAvgPool(4, { shape: [1] }), 4],
    [new CoMaxPool(4, { shape: [1] }), 4],
    [new CoResidual(new CoConv1d(kernel(1, 2, 1), { padding: 1 })), 3],
  ];
  for (const bad of [NaN, Infinity]) {
    for (const [module, field] of modules) {
      module.reset();
      const stream = Array.from({ length: 24 }, (_, t) => t === 9 ? bad : Math.sin(t));
      const found = outputs(module, ...stream);
      const first = found.findIndex((y) => y !== null && !Number.isFinite(y));
      assert(first >= 9 && first <= 9 + field, `propagates: ${first}`);
      assert(found.slice(9 + field).every((y) => y !== null && Number.isFinite(y)), `${found}`);
    }
  }
});

Deno.test("continual: operations of a stride-2 network with and without polyphase", () => {
  const weight = { shape: [4, 4, 3], data: new Float64Array(48).fill(1) };
  const net = (polyphase: boolean) =>
    new CoSequential([
      new CoConv1d(weight),
      new CoConv1d(weight, { stride: 2, polyphase }),
      new CoConv1d(weight, { stride: 2, polyphase }),
    ]);
  // Per output: four frames of the first, two and four (or one and two) of the others.
  assertEquals(flops(net(false), "step").mul, 48 * (4 + 4 + 2));
  assertEquals(flops(net(true), "step").mul, 48 * (4 + 2 + 1));
  assertEquals(flops(net(true), "forward", { frames: 15 }).mul, 48 * (13 + 6 + 2));
  assertEquals(stateSize(net(true)), 24);
  const apply = (x: RealArray) => x;
  const counted = new Stepwise(apply, { inputShape: [2], operations: { mul: 3, add: 2, exp: 1 } });
  assertEquals(flops(counted, "forward", { frames: 5 }), { mul: 15, add: 10, exp: 5 });
});

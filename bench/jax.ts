/**
 * Peers in jax-js (https://jax-js.com), a machine learning framework in JavaScript, on its WebAssembly
 * backend and one thread. Its operations take their arguments over: `ref` keeps one for later.
 */
import type { Array as JaxArray } from "@jax-js/jax";
import { Rng } from "../lib/arrays/mod.ts";

type Jax = typeof import("@jax-js/jax");
type Arrays = JaxArray[];
type Loss = (weights: Arrays, ...data: Arrays) => JaxArray;
/** A call that waits for its result. */
export type Peer = () => Promise<void>;

let loaded: Promise<Jax> | undefined;

async function load(): Promise<Jax> {
  // It starts as many workers as there are processors; a bench compares single threads.
  Object.defineProperty(navigator, "hardwareConcurrency", { value: 1 });
  const jax = await import("@jax-js/jax");
  await jax.init("wasm");
  jax.defaultDevice("wasm");
  return jax;
}

const rng = new Rng(5);

function normal(jax: Jax, shape: number[], scale = 1): JaxArray {
  const values = rng.normals(shape.reduce((a, b) => a * b, 1), scale);
  return jax.numpy.array(Float32Array.from(values), { shape });
}

/** `f` of two matrices of these sizes. */
export async function jaxFunction(
  f: (jax: Jax, x: JaxArray, y: JaxArray) => JaxArray,
  side: number,
): Promise<Peer> {
  const jax = await (loaded ??= load());
  const x = normal(jax, [side, side]);
  const y = normal(jax, [side, side]);
  const compiled = jax.jit((x: JaxArray, y: JaxArray) => f(jax, x, y));
  return async () => {
    const answer = compiled(x.ref, y.ref);
    await jax.blockUntilReady(answer);
    answer.dispose();
  };
}

/** Compiled steps of Adam. */
function trainer(jax: Jax, loss: Loss, weights: Arrays, data: Arrays): Peer {
  const { numpy: np } = jax;
  const step = jax.jit((w: Arrays, m: Arrays, v: Arrays, t: JaxArray, ...data: Arrays) => {
    const [value, slopes] = jax.valueAndGrad(loss)(w.map((x) => x.ref), ...data) as [JaxArray, Arrays];
    value.dispose();
    const means = m.map((x, i) => x.mul(0.9).add(slopes[i].ref.mul(0.1)));
    const squares = v.map((x, i) => x.mul(0.999).add(np.square(slopes[i]).mul(0.001)));
    const c1 = np.subtract(1, np.exp(t.ref.mul(Math.log(0.9))));
    const c2 = np.subtract(1, np.exp(t.mul(Math.log(0.999))));
    const next = w.map((x, i) =>
      x.sub(
        means[i].ref.div(c1.ref).mul(0.001).div(np.sqrt(squares[i].ref.div(c2.ref)).add(1e-7)),
      )
    );
    c1.dispose();
    c2.dispose();
    return [next, means, squares];
  });
  let w = weights;
  let m = w.map((x) => np.zeros(x.shape));
  let v = w.map((x) => np.zeros(x.shape));
  let t = 0;
  return async () => {
    const count = np.array(++t, { dtype: np.float32 });
    [w, m, v] = step(w, m, v, count, ...data.map((x) => x.ref)) as [Arrays, Arrays, Arrays];
    await jax.blockUntilReady([w, m, v]);
  };
}

function crossEntropy(jax: Jax, logits: JaxArray, wanted: JaxArray): JaxArray {
  const rows = logits.shape[0];
  return jax.numpy.sum(jax.nn.logSoftmax(logits, -1).mul(wanted)).mul(-1 / rows);
}

function oneHot(jax: Jax, n: number, classes: number): JaxArray {
  const labels = Int32Array.from({ length: n }, (_, i) => i % classes);
  return jax.nn.oneHot(jax.numpy.array(labels, { dtype: jax.numpy.int32 }), classes);
}

/** 784-256-256-256-10 on 256 rows. */
export async function jaxMlp(): Promise<Peer> {
  const jax = await (loaded ??= load());
  const { numpy: np, nn } = jax;
  const sizes = [784, 256, 256, 256, 10];
  const weights = sizes.slice(1).flatMap((n, i) => [
    normal(jax, [sizes[i], n], Math.sqrt(2 / sizes[i])),
    np.zeros([n]),
  ]);
  const loss: Loss = (w, x, y) => {
    let h = x;
    for (let i = 0; i < 4; i++) {
      h = np.matmul(h, w[2 * i]).add(w[2 * i + 1]);
      if (i < 3) h = nn.relu(h);
    }
    return crossEntropy(jax, h, y);
  };
  return trainer(jax, loss, weights, [normal(jax, [256, 784]), oneHot(jax, 256, 10)]);
}

/** Two convolutions, 16 and 32 channels, on 64 images of 28 x 28. */
export async function jaxCnn(): Promise<Peer> {
  const jax = await (loaded ??= load());
  const { numpy: np, nn, lax } = jax;
  const layer = (x: JaxArray, filter: JaxArray, bias: JaxArray) => {
    const h = nn.relu(lax.conv(x, filter, [1, 1], "SAME").add(bias));
    const [batch, channels, n] = h.shape;
    return np.max(h.reshape([batch, channels, n / 2, 2, n / 2, 2]), [3, 5]);
  };
  const loss: Loss = (w, x, y) => {
    const h = layer(layer(x, w[0], w[1]), w[2], w[3]).reshape([64, 32 * 49]);
    return crossEntropy(jax, np.matmul(h, w[4]).add(w[5]), y);
  };
  const weights = [
    normal(jax, [16, 1, 3, 3], 0.3),
    np.zeros([16, 1, 1]),
    normal(jax, [32, 16, 3, 3], 0.1),
    np.zeros([32, 1, 1]),
    normal(jax, [32 * 49, 10], 0.02),
    np.zeros([10]),
  ];
  return trainer(jax, loss, weights, [normal(jax, [64, 1, 28, 28]), oneHot(jax, 64, 10)]);
}

/** 4 layers, width 128, 4 heads, 128 of 73 characters, batch 8. */
export async function jaxTransformer(): Promise<Peer> {
  const jax = await (loaded ??= load());
  const { numpy: np, nn } = jax;
  const batch = 8;
  const length = 128;
  const width = 128;
  const rows = batch * length;
  const alphabet = 73;
  const perLayer = 10;
  const norm = (x: JaxArray, gain: JaxArray, shift: JaxArray) => nn.standardize(x, -1).mul(gain).add(shift);
  const split = (x: JaxArray) => x.reshape([batch, length, 4, 32]);
  const loss: Loss = (w, tokens, wanted) => {
    const [embedding, places, gain, shift, head] = w;
    let x = np.matmul(tokens, embedding).reshape([batch, length, width]).add(places).reshape([rows, width]);
    for (let l = 5; l < w.length; l += perLayer) {
      const [gain1, shift1, qkv, attended, gain2, shift2, up, upBias, down, downBias] = w.slice(
        l,
        l + perLayer,
      );
      const [q, k, v] = np.split(np.matmul(norm(x.ref, gain1, shift1), qkv), 3, 1).map(split);
      const mixed = nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([rows, width]);
      x = x.add(np.matmul(mixed, attended));
      const wide = nn.gelu(np.matmul(norm(x.ref, gain2, shift2), up).add(upBias), { approximate: false });
      x = x.add(np.matmul(wide, down).add(downBias));
    }
    return crossEntropy(jax, np.matmul(norm(x, gain, shift), head), wanted);
  };
  const matrix = (n: number, m: number) => normal(jax, [n, m], 0.02);
  const layer = () => [
    np.ones([width]),
    np.zeros([width]),
    matrix(width, 3 * width),
    matrix(width, width),
    np.ones([width]),
    np.zeros([width]),
    matrix(width, 4 * width),
    np.zeros([4 * width]),
    matrix(4 * width, width),
    np.zeros([width]),
  ];
  const weights = [
    matrix(alphabet, width),
    matrix(length, width),
    np.ones([width]),
    np.zeros([width]),
    matrix(width, alphabet),
    ...Array.from({ length: 4 }, layer).flat(),
  ];
  return trainer(jax, loss, weights, [oneHot(jax, rows, alphabet), oneHot(jax, rows, alphabet)]);
}

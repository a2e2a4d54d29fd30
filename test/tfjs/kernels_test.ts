import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Rng } from "../../lib/arrays/mod.ts";
import { agree, normals, on } from "./agree.ts";

const normal = normals(11);
const SPECIAL = [
  0,
  -0,
  1,
  -1,
  0.3,
  -0.3,
  1e-30,
  -1e-30,
  1e-42,
  90,
  -90,
  104,
  -110,
  1e38,
  -1e38,
  Infinity,
  -Infinity,
  NaN,
  5.9,
  6.1,
];

Deno.test("element-wise functions agree with cpu, special values included", async () => {
  const functions: Record<string, (x: tf.Tensor) => tf.Tensor> = {
    abs: tf.abs,
    ceil: tf.ceil,
    elu: tf.elu,
    erf: tf.erf,
    exp: tf.exp,
    floor: tf.floor,
    leakyRelu: (x) => tf.leakyRelu(x, 0.3),
    log: tf.log,
    neg: tf.neg,
    reciprocal: tf.reciprocal,
    relu: tf.relu,
    relu6: tf.relu6,
    rsqrt: tf.rsqrt,
    sigmoid: tf.sigmoid,
    sqrt: tf.sqrt,
    square: tf.square,
    step: (x) => tf.step(x, 0.25),
    tanh: tf.tanh,
    sin: tf.sin,
    log1p: tf.log1p,
    expm1: tf.expm1,
    softplus: tf.softplus,
    sign: tf.sign,
    gelu: (x) => tf.mul(x, tf.erf(x)),
  };
  for (const [name, f] of Object.entries(functions)) {
    // The formula of cpu's erf is exact to 1.5e-7 of 1, not of erf itself.
    const neighbour = name === "erf" || name === "gelu" ? [1] : [];
    for (const shape of [[1], [3], [7, 5], [2, 3, 4], []]) {
      const x = normal(...shape);
      await agree(
        `${name} [${shape}]`,
        () => neighbour.length > 0 ? f(tf.concat([x().flatten(), neighbour])) : f(x()),
      );
    }
    for (const value of SPECIAL) {
      await agree(`${name}(${value})`, () => f(tf.tensor1d([value, ...neighbour])));
    }
    await agree(`${name} empty`, () => f(tf.zeros([0, 3])));
  }
});

Deno.test("binary functions agree with cpu under every broadcast", async () => {
  const functions: Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor> = {
    add: tf.add,
    sub: tf.sub,
    mul: tf.mul,
    div: tf.div,
    maximum: tf.maximum,
    minimum: tf.minimum,
    squaredDifference: tf.squaredDifference,
    pow: (a, b) => tf.pow(tf.abs(a), b),
    greater: tf.greater,
    prelu: (a, b) => tf.prelu(a, b),
  };
  const pairs: [number[], number[]][] = [
    [[5], [5]],
    [[3, 7], [7]],
    [[7], [3, 7]],
    [[3, 7], [3, 1]],
    [[3, 1], [3, 7]],
    [[3, 7], []],
    [[], [3, 7]],
    [[2, 3, 5], [3, 5]],
    [[2, 3, 5], [2, 1, 5]],
    [[2, 1, 5], [1, 3, 1]],
    [[4, 1, 3, 1], [1, 5, 1, 2]],
    [[1, 6], [1]],
    [[2, 3, 4, 5], [3, 1, 5]],
  ];
  for (const [name, f] of Object.entries(functions)) {
    for (const [p, q] of pairs) {
      // prelu's slope broadcasts to its argument only.
      if (
        name === "prelu" &&
        (q.length > p.length || p.reduce((a, b) => a * b, 1) < q.reduce((a, b) => a * b, 1) ||
          [p, q].some((s) => String(s) === "2,1,5" || String(s) === "4,1,3,1"))
      ) continue;
      const a = normal(...p);
      const b = normal(...q);
      await agree(`${name} [${p}] [${q}]`, () => f(a(), b()));
    }
    for (const x of SPECIAL) {
      for (const y of SPECIAL) {
        // 1 to any power is 1; cpu has NaN.
        if (name === "pow" && Math.abs(x) === 1 && !Number.isFinite(y)) continue;
        await agree(`${name}(${x}, ${y})`, () => f(tf.tensor1d([x]), tf.tensor1d([y])));
      }
    }
    await agree(`${name} empty`, () => f(tf.zeros([0, 3]), tf.zeros([3])));
  }
  await agree("int32", () => tf.add(tf.tensor1d([1, 2], "int32"), tf.tensor1d([3, 4], "int32")));
  await agree(
    "select",
    () => tf.where(tf.tensor1d([1, 0, 1], "bool"), tf.tensor1d([1, 2, 3]), tf.tensor1d([4, 5, 6])),
  );
});

Deno.test("reductions agree with cpu over any axes", async () => {
  const functions: Record<string, (x: tf.Tensor, axis?: number | number[], keep?: boolean) => tf.Tensor> = {
    sum: tf.sum,
    mean: tf.mean,
    max: tf.max,
    min: tf.min,
    prod: tf.prod,
    argMax: (x, axis) => tf.argMax(x, typeof axis === "number" ? axis : 0),
  };
  for (const [name, f] of Object.entries(functions)) {
    for (const shape of [[37], [5, 19], [3, 4, 5], [2, 3, 4, 5], [1, 1], [2, 1, 3]]) {
      const x = normal(...shape);
      const axes: (number | number[] | undefined)[] = [undefined, 0, -1];
      if (shape.length > 1) axes.push([0, 1], shape.length - 2);
      if (shape.length > 2) axes.push([0, 2], [1, 2], [-2]);
      if (shape.length > 3) axes.push([0, 2], [1, 3], [0, 1, 3]);
      for (const axis of axes) {
        for (const keep of [false, true]) {
          await agree(`${name} [${shape}] over ${axis} ${keep}`, () => f(x(), axis, keep), 4e-6);
        }
      }
    }
  }
  await agree("NaN", () => tf.max(tf.tensor1d([1, NaN, 3])));
  await agree("sum of int32", () => tf.sum(tf.tensor1d([1, 2, 3], "int32")));
  await agree("sum of bool", () => tf.sum(tf.tensor1d([1, 0, 1], "bool")));
  await agree("empty", () => tf.sum(tf.zeros([0, 4]), 0));
  for (const shape of [[7], [5, 10], [2, 3, 17]]) {
    const x = normal(...shape);
    await agree(`softmax [${shape}]`, () => tf.softmax(x()));
    await agree(`logSoftmax [${shape}]`, () => tf.logSoftmax(x()));
    await agree(`logSumExp [${shape}]`, () => tf.logSumExp(x()));
  }
});

Deno.test("matrix products agree with cpu: transposed, batched, broadcast, fused", async () => {
  for (const [m, k, n] of [[1, 1, 1], [3, 5, 7], [8, 4, 16], [33, 17, 9], [64, 300, 31]]) {
    for (const ta of [false, true]) {
      for (const tb of [false, true]) {
        const a = ta ? normal(k, m) : normal(m, k);
        const b = tb ? normal(n, k) : normal(k, n);
        await agree(`${m} ${k} ${n} ${ta} ${tb}`, () => tf.matMul(a(), b(), ta, tb), 4e-6);
      }
    }
  }
  const batches: [number[], number[]][] = [
    [[4], [4]],
    [[4], [1]],
    [[1], [4]],
    [[2, 3], [2, 3]],
    [[2, 3], [3]],
    [[2, 3], []],
  ];
  for (const [p, q] of batches) {
    const a = normal(...p, 5, 6);
    const b = normal(...q, 6, 7);
    await agree(`batch [${p}] [${q}]`, () => tf.matMul(a(), b()), 4e-6);
    const at = normal(...p, 6, 5);
    await agree(`batch [${p}] [${q}] transposed`, () => tf.matMul(at(), b(), true), 4e-6);
  }
  // Two batches that both broadcast: the CPU backend pairs the wrong matrices here, so each is repeated for
  // it.
  const p = normal(2, 1, 5, 6);
  const q = normal(1, 3, 6, 7);
  const [{ values: expected }] = await on(
    "cpu",
    () => tf.matMul(tf.tile(p(), [1, 3, 1, 1]), tf.tile(q(), [2, 1, 1, 1])),
  );
  const [{ values: actual }] = await on("native", () => tf.matMul(p(), q()));
  actual.forEach((value, i) => assertAlmostEquals(Number(value), Number(expected[i]), 1e-5));
  const a = normal(5, 6);
  const b = normal(6, 10);
  const bias = normal(10);
  const slope = normal(10);
  for (const activation of ["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu"] as const) {
    await agree(
      `fused ${activation}`,
      () =>
        tf.fused.matMul({
          a: a() as tf.Tensor2D,
          b: b() as tf.Tensor2D,
          bias: bias(),
          activation,
          leakyreluAlpha: 0.1,
        }),
      4e-6,
    );
  }
  await agree(
    "fused prelu",
    () =>
      tf.fused.matMul({
        a: a() as tf.Tensor2D,
        b: b() as tf.Tensor2D,
        activation: "prelu",
        preluActivationWeights: slope(),
      }),
    4e-6,
  );
  await agree("empty", () => tf.matMul(tf.zeros([0, 3]), tf.zeros([3, 2])));
});

Deno.test("convolutions and pooling agree with cpu, with gradients", async () => {
  for (
    const [size, channels, out, filter, stride, pad, dilation] of [
      [7, 3, 5, 3, 1, "same", 1],
      [8, 1, 4, 3, 2, "valid", 1],
      [6, 4, 4, 1, 1, "same", 1],
      [9, 2, 3, 3, 1, "valid", 2],
      [8, 3, 2, 5, 3, "same", 1],
      [5, 2, 2, 2, 1, 1, 1],
    ] as [number, number, number, number, number, "same" | "valid" | number, number][]
  ) {
    const x = normal(2, size, size, channels);
    const w = normal(filter, filter, channels, out);
    const conv = (a: tf.Tensor, b: tf.Tensor) =>
      tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, pad, "NHWC", dilation);
    const name = `conv ${size} ${channels} ${out} ${filter} ${stride} ${pad} ${dilation}`;
    await agree(name, () => conv(x(), w()), 4e-6);
    if (dilation === 1) {
      await agree(
        `${name} gradients`,
        () => tf.grads((a, b) => tf.sum(tf.square(conv(a, b))))([x(), w()]),
        4e-6,
      );
      const depth = normal(filter, filter, channels, 2);
      await agree(
        `depthwise ${name}`,
        () => tf.depthwiseConv2d(x() as tf.Tensor4D, depth() as tf.Tensor4D, stride, pad),
        4e-6,
      );
    }
  }
  const bias = normal(5);
  const x = normal(2, 6, 6, 3);
  const w = normal(3, 3, 3, 5);
  await agree(
    "fused conv",
    () =>
      tf.fused.conv2d({
        x: x() as tf.Tensor4D,
        filter: w() as tf.Tensor4D,
        strides: 1,
        pad: "same",
        bias: bias() as tf.Tensor1D,
        activation: "relu",
      }),
    4e-6,
  );
  for (
    const [filter, stride, pad] of [[2, 2, "valid"], [3, 1, "same"], [3, 2, "same"]] as [
      number,
      number,
      "valid" | "same",
    ][]
  ) {
    const x = normal(2, 7, 7, 3);
    await agree(`max pool ${filter}`, () => tf.maxPool(x() as tf.Tensor4D, filter, stride, pad));
    await agree(`average pool ${filter}`, () => tf.avgPool(x() as tf.Tensor4D, filter, stride, pad));
    await agree(
      `max pool ${filter} gradient`,
      () => tf.grad((a) => tf.sum(tf.square(tf.maxPool(a as tf.Tensor4D, filter, stride, pad))))(x()),
    );
    // Where a window reaches out of the image, cpu is wrong.
    if (pad === "valid") {
      await agree(
        `average pool ${filter} gradient`,
        () => tf.grad((a) => tf.sum(tf.square(tf.avgPool(a as tf.Tensor4D, filter, stride, pad))))(x()),
      );
    }
  }
});

Deno.test("moves agree with cpu", async () => {
  for (
    const [shape, perm] of [
      [[3, 5], [1, 0]],
      [[2, 3, 4], [0, 2, 1]],
      [[2, 3, 4], [1, 0, 2]],
      [[2, 3, 4], [2, 0, 1]],
      [[2, 3, 4], [2, 1, 0]],
      [[2, 3, 4, 5], [0, 2, 1, 3]],
      [[2, 3, 4, 5], [3, 1, 0, 2]],
      [[2, 1, 4], [1, 2, 0]],
      [[1, 3, 1, 4], [2, 3, 0, 1]],
      [[3, 1, 4], [0, 1, 2]],
    ]
  ) {
    const x = normal(...shape);
    await agree(`transpose [${shape}] by ${perm}`, () => tf.transpose(x(), perm));
  }
  const x = normal(4, 5, 6);
  await agree("slice", () => tf.slice(x(), [1, 0, 2], [2, 5, 3]));
  await agree("slice rows", () => tf.slice(x(), [1, 0, 0], [2, 5, 6]));
  await agree("slice to the end", () => tf.slice(x(), [1, 2], [-1, 2]));
  await agree("pad", () => tf.pad(x(), [[1, 0], [0, 2], [3, 1]], 7));
  await agree("concat", () => tf.concat([x(), x()], 1));
  await agree("split", () => tf.split(x(), 3, 2));
  await agree("unstack", () => tf.unstack(x()));
  await agree("stack", () => tf.stack([x(), x()], 2));
  await agree("gather", () => tf.gather(x(), tf.tensor1d([3, 0, 3], "int32")));
  await agree(
    "gradient of gather",
    () => tf.grad((a) => tf.sum(tf.square(tf.gather(a, tf.tensor1d([3, 0, 3], "int32")))))(x()),
  );
  await agree("cast", () => tf.cast(x(), "int32"));
  await agree("one hot", () => tf.oneHot(tf.tensor1d([1, 0, 2], "int32"), 4));
  await agree("tile", () => tf.tile(x(), [2, 1, 1]));
  await agree(
    "einsum",
    () => tf.einsum("abc,acd->abd", normalConstant(3, 4, 5), normalConstant(3, 5, 2)),
    4e-6,
  );
  await agree("complex", () => {
    const z = tf.complex(tf.tensor1d([1, 2]), tf.tensor1d([3, 4]));
    return [tf.real(z), tf.imag(z)];
  });
  await agree("fft", () => {
    const z = tf.spectral.fft(tf.complex(tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([3, 4, 5, 6])));
    return [tf.real(z), tf.imag(z)];
  }, 1e-5);
  await agree("rfft", () => {
    const z = tf.spectral.rfft(tf.tensor1d([1, 2, 3, 4, 5]));
    return [tf.real(z), tf.imag(z)];
  }, 1e-5);
  await agree(
    "batch norm",
    () => tf.batchNorm(x(), tf.tensor1d([1, 2, 3, 4, 5, 6]), tf.tensor1d([1, 2, 3, 4, 5, 6])),
  );
});

function normalConstant(...shape: number[]): tf.Tensor {
  return tf.tensor(Float32Array.from(new Rng(3).normals(shape.reduce((a, b) => a * b, 1))), shape);
}

Deno.test("what is read stays as it is when memory is used again", async () => {
  await tf.setBackend("native");
  const x = tf.tidy(() => tf.add(tf.tensor1d([1, 2, 3]), 1));
  const read = x.dataSync();
  const slice = x.slice([1], [2]);
  x.dispose();
  tf.tidy(() => {
    for (let i = 0; i < 50; i++) tf.add(tf.tensor1d([7, 7, 7]), i);
  });
  assertEquals(Array.from(read), [2, 3, 4]);
  assertEquals(Array.from(slice.dataSync()), [3, 4]);
  slice.dispose();
});

Deno.test("the memory grows past its start and tensors survive it", async () => {
  await tf.setBackend("native");
  const kept = tf.add(tf.tensor1d([1, 2, 3]), 1);
  const big = [0, 1, 2, 3].map((i) => tf.add(tf.fill([3000, 3000], i), 1));
  assertEquals(Array.from(kept.dataSync()), [2, 3, 4]);
  big.forEach((t, i) => assertEquals(t.dataSync()[8_999_999], i + 1));
  tf.dispose([kept, ...big]);
});

Deno.test("the gradient of softmax agrees with cpu, and so does its own gradient", async () => {
  const composed = (y: tf.Tensor, dy: tf.Tensor) =>
    tf.sub(tf.mul(dy, y), tf.mul(tf.sum(tf.mul(dy, y), -1, true), y));
  const fused = (y: tf.Tensor, dy: tf.Tensor) => tf.engine().runKernel("SoftmaxGrad", { y, dy }) as tf.Tensor;
  for (const shape of [[1], [3], [5, 4], [2, 3, 7], [2, 33]]) {
    const x = normal(...shape);
    const dy = normal(...shape);
    const change = normal(...shape);
    await agree(`softmax gradient [${shape}]`, () => tf.grad((x) => tf.softmax(x))(x(), dy()));
    await agree(`its gradients [${shape}]`, () => {
      const f = tf.getBackend() === "native" ? fused : composed;
      return tf.grads(f)([x(), dy()], change());
    });
  }
});

Deno.test("running sums and products go along negative axes, where cpu makes an axis more", async () => {
  await tf.setBackend("native");
  const x = normal(2, 3, 4)();
  for (const scan of [tf.cumsum, tf.cumprod]) {
    const [a, b] = [scan(x, -2, true, true), scan(x, 1, true, true)];
    assertEquals(a.shape, [2, 3, 4]);
    assertEquals(a.dataSync(), b.dataSync());
    tf.dispose([a, b]);
  }
  x.dispose();
});

Deno.test("powers agree with cpu for one exponent, one for each and broadcasts", async () => {
  const x = normal(3, 4);
  const y = normal(3, 4);
  const row = normal(4);
  for (const exponent of [2, 1, 0, -1, 0.5, 3, NaN]) {
    await agree(`x^${exponent}`, () => tf.pow(tf.abs(x()), exponent));
  }
  for (const value of SPECIAL) {
    await agree(`${value}^2`, () => tf.pow(tf.tensor1d([value]), 2));
    await agree(`${value}^y`, () => tf.pow(tf.fill([3, 4], value), y()));
  }
  await agree("|x|^y", () => tf.pow(tf.abs(x()), y()));
  await agree("|x|^row", () => tf.pow(tf.abs(x()), row()));
});

Deno.test("Fourier transforms of long rows are those of cpu, and go back", async () => {
  const x = normal(3, 128);
  const y = normal(3, 128);
  const odd = normal(2, 45);
  const parts = (z: tf.Tensor) => [tf.real(z), tf.imag(z)];
  await agree("fft", () => parts(tf.spectral.fft(tf.complex(x(), y()))), 2e-6);
  await agree("ifft", () => parts(tf.spectral.ifft(tf.complex(x(), y()))), 2e-6);
  await agree("rfft", () => parts(tf.spectral.rfft(odd())), 5e-6);
  await tf.setBackend("native");
  tf.tidy(() => {
    const given = x();
    const z = tf.spectral.ifft(tf.spectral.fft(tf.complex(given, y())));
    const wanted = given.dataSync();
    tf.real(z).dataSync().forEach((value, i) => assertAlmostEquals(value, wanted[i], 1e-6));
  });
});

Deno.test("the first extreme of long rows is found, ties and NaN among them", async () => {
  const rng = new Rng(8);
  for (const n of [1, 3, 4, 15, 16, 17, 37, 64]) {
    const values = Float32Array.from(rng.normals(6 * n), (x) => Math.round(2 * x));
    values[n] = NaN;
    values[3 * n - 1] = NaN;
    values.fill(-Infinity, 3 * n, 4 * n);
    for (const find of [tf.argMax, tf.argMin]) {
      await agree(`[6, ${n}]`, () => find(tf.tensor2d(values, [6, n]), 1));
    }
  }
});

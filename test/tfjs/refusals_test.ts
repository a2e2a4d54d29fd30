/**
 * Calls that do not fit: every kernel with each of its inputs and options made wrong in many ways, one at a time.
 * A kernel may refuse or do something; what it may not do is touch other tensors' memory or leave any behind.
 */
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { NativeBackend } from "../../lib/tfjs/mod.ts";
import { Draw } from "./draw.ts";
import { everyKernel } from "./every_kernel.ts";

/** A call of a kernel. */
interface Call {
  kernel: string;
  inputs: Record<string, Input | undefined>;
  attributes: Record<string, unknown>;
}

interface Input {
  values: number[];
  shape: number[];
  dtype: tf.NumericDataType;
}

type RunKernel = (
  kernel: string,
  inputs: Record<string, tf.Tensor | undefined>,
  attributes?: Record<string, unknown>,
) => tf.Tensor | tf.Tensor[];
const engine = tf.engine() as unknown as { runKernel: RunKernel; startScope(): void; endScope(): void };

async function native(): Promise<NativeBackend> {
  await tf.setBackend("native");
  const backend = tf.backend();
  assert(backend instanceof NativeBackend);
  return backend;
}

/** One right call of every kernel that `run` reaches, of those with plain numbers as inputs. */
function recordCalls(run: () => void): Call[] {
  const calls = new Map<string, Call>();
  const { runKernel } = engine;
  const isNumeric = (x: unknown) => x instanceof tf.Tensor && ["float32", "int32", "bool"].includes(x.dtype);
  engine.runKernel = (kernel, inputs, attributes = {}) => {
    if (!calls.has(kernel) && Object.values(inputs).every(isNumeric)) {
      const copies = Object.entries(inputs).map(([name, x]): [string, Input] => [name, {
        values: Array.from(x!.dataSync()),
        shape: [...x!.shape],
        dtype: x!.dtype as tf.NumericDataType,
      }]);
      calls.set(kernel, { kernel, inputs: Object.fromEntries(copies), attributes });
    }
    return runKernel.call(engine, kernel, inputs, attributes);
  };
  try {
    run();
  } finally {
    engine.runKernel = runKernel;
  }
  return [...calls.values()];
}

/** The input with other shapes and types, and without it. */
function* badInputs(x: Input): Generator<Input | undefined> {
  const reshaped = (shape: number[]): Input => {
    const values = Array.from(
      { length: tf.util.sizeFromShape(shape) },
      (_, i) => x.values[i % x.values.length] ?? 1,
    );
    return { ...x, shape, values };
  };
  const { shape } = x;
  for (let axis = 0; axis < shape.length; axis++) {
    yield reshaped(shape.with(axis, 0));
    yield reshaped(shape.with(axis, shape[axis] + 1));
    if (shape[axis] > 1) yield reshaped(shape.with(axis, shape[axis] - 1));
  }
  for (const other of [[2, ...shape], [...shape, 2], [1, ...shape], shape.slice(1), shape.slice(0, -1)]) {
    yield reshaped(other);
  }
  for (const dtype of ["float32", "int32", "bool"] as const) {
    if (dtype !== x.dtype) yield { ...x, dtype, values: x.values.map((v) => Math.trunc(v) || 0) };
  }
  yield { ...x, values: x.values.map((v) => -v - 1) };
  yield undefined;
}

/** Other values of an option. */
function* badOptions(value: unknown): Generator<unknown> {
  if (typeof value === "number") yield* [-1, 0, 1, 5, NaN, 0.5, -7, undefined];
  else if (typeof value === "string") yield* ["nonsense", undefined];
  else if (typeof value === "boolean") yield !value;
  else if (Array.isArray(value)) {
    const eachNumber = (f: (n: number) => number) =>
      value.map((entry) => Array.isArray(entry) ? entry.map(f) : f(entry));
    yield* [[], value.slice(1), [...value, value[0]], undefined];
    for (const f of [(n: number) => -n - 1, (n: number) => n + 1, (n: number) => n + 0.5, () => NaN]) {
      yield eachNumber(f);
    }
  }
}

function* badCalls(call: Call): Generator<Call> {
  for (const [name, input] of Object.entries(call.inputs)) {
    for (const bad of badInputs(input!)) yield { ...call, inputs: { ...call.inputs, [name]: bad } };
  }
  for (const [name, value] of Object.entries(call.attributes)) {
    for (const bad of badOptions(value)) yield { ...call, attributes: { ...call.attributes, [name]: bad } };
  }
}

const asText = (value: unknown) =>
  JSON.stringify(
    value,
    (key, item) => key === "values" ? undefined : typeof item === "number" ? String(item) : item,
  );

/** Runs a call and frees what comes out; the error if there is one. */
function attempt({ kernel, inputs, attributes }: Call): unknown {
  engine.startScope();
  try {
    const tensors = Object.entries(inputs).map((
      [name, x],
    ) => [name, x && tf.tensor(x.values, x.shape, x.dtype)]);
    const isList = Object.keys(inputs).every((name, i) => name === String(i));
    const given = Object.fromEntries(tensors);
    const list = isList ? Object.values(given) : given;
    engine.runKernel(kernel, list as Record<string, tf.Tensor | undefined>, attributes);
  } catch (error) {
    return error;
  } finally {
    engine.endScope();
  }
  return undefined;
}

/** Of other libraries, which divide by zero. */
const TRAPS = ["StringToHashBucketFast"];

Deno.test("no wrong call of a kernel touches other tensors or leaves memory behind", async () => {
  const backend = await native();
  const calls = recordCalls(() => {
    for (const body of Object.values(everyKernel)) {
      tf.tidy(() => {
        body(new Draw({ seed: 3, shape: [2, 3], dtype: "float32" }));
      });
    }
    tf.tidy(() => {
      const x = tf.ones([3, 4]);
      const row = tf.ones([4]);
      engine.runKernel("LayerNorm", { x, gain: row, shift: row }, { epsilon: 1e-5 });
      engine.runKernel("LayerNormGrad", { x, gain: row, dy: x }, { epsilon: 1e-5 });
      engine.runKernel("SoftmaxGrad", { y: x, dy: x });
      engine.runKernel("Gelu", { x });
      engine.runKernel("GeluGrad", { a: x, b: x });
      const qkv = tf.ones([2, 3, 12]);
      const mask = tf.zeros([3, 3]);
      const [dy, weights] = engine.runKernel("SelfAttention", { qkv, mask }, { heads: 2 }) as tf.Tensor[];
      engine.runKernel("SelfAttentionGrad", { qkv, weights, dy }, { heads: 2 });
    });
  });
  assert(calls.length > 140, `only ${calls.length} kernels`);
  const others = [64, 700, 5000].map((size) => tf.tidy(() => tf.add(tf.range(0, size), 0.5)));
  let count = 0;
  let refused = 0;
  for (const call of calls) {
    for (const bad of badCalls(call)) {
      const bytes = backend.heap.bytesInUse;
      const ids = backend.numDataIds();
      const error = attempt(bad);
      const text = () => `${asText(bad)}: ${error}`;
      assert(!(error instanceof WebAssembly.RuntimeError) || TRAPS.includes(bad.kernel), text());
      assertEquals(backend.heap.bytesInUse, bytes, text());
      // What tfjs does not take from a kernel that returned is tfjs's.
      if (bad.attributes.dtype !== "nonsense") assertEquals(backend.numDataIds(), ids, text());
      const fresh = tf.tidy(() => tf.square(tf.fill([700], 3)).dataSync());
      assert(fresh.every((value) => value === 9), text());
      for (const other of others) assert(other.dataSync().every((value, i) => value === i + 0.5), text());
      count++;
      if (error !== undefined) refused++;
    }
  }
  tf.dispose(others);
  assert(count > 4000 && refused > count / 4, `${refused} of ${count} are refused`);
});

/** Calls that the CPU backend refuses, or fills with what is beyond the end of an array. */
const refused: Record<string, () => void> = {
  "a product of a matrix and a vector": () => tf.matMul(tf.ones([2, 3]), tf.ones([3])),
  "a product of matrices that do not fit": () => tf.matMul(tf.ones([2, 3]), tf.ones([4, 2])),
  "a product of batches that do not fit": () => tf.matMul(tf.ones([2, 2, 3]), tf.ones([3, 3, 2])),
  "a bias that does not fit": () =>
    tf.fused.matMul({ a: tf.ones([2, 3]), b: tf.ones([3, 4]), bias: tf.ones([5]) }),
  "rows of other lengths under each other": () => tf.concat([tf.ones([2, 2]), tf.ones([2, 3])], 0),
  "columns of other lengths side by side": () => tf.concat([tf.ones([2, 2]), tf.ones([1, 2])], 1),
  "a matrix beside a vector": () => tf.concat([tf.ones([2, 2]), tf.ones([2])], 1),
  "a matrix beside a batch": () => tf.concat([tf.ones([2, 2]), tf.ones([2, 2, 1])], 1),
  "a slice that begins behind the end": () => tf.slice(tf.ones([3, 3]), [4, 0], [1, 1]),
  "parts that are more than the whole": () => tf.split(tf.ones([4]), [2, 3]),
  "a pad that takes away more than there is": () => tf.pad(tf.ones([3]), [[-2, -2]]),
  "rows that are not there": () => tf.gather(tf.ones([3, 2]), tf.tensor1d([0, 3], "int32")),
  "more segment ids than rows": () =>
    tf.unsortedSegmentSum(tf.ones([3, 2]), tf.tensor1d([0, 1, 0, 1], "int32"), 2),
  "weights that are fewer than what is counted": () =>
    tf.bincount(tf.tensor1d([0, 1, 1], "int32"), tf.tensor1d([1, 2]), 2),
  "a transposed convolution of an image that is too small": () =>
    tf.conv2dTranspose(
      tf.ones([1, 2, 2, 1]) as tf.Tensor4D,
      tf.ones([3, 3, 1, 1]) as tf.Tensor4D,
      [1, 9, 9, 1],
      2,
      "same",
    ),
  "a filter for other channels": () =>
    tf.conv2d(tf.ones([1, 4, 4, 2]) as tf.Tensor4D, tf.ones([2, 2, 3, 1]) as tf.Tensor4D, 1, "same"),
  "a depthwise convolution with the channels first": () =>
    tf.depthwiseConv2d(
      tf.ones([1, 2, 4, 4]) as tf.Tensor4D,
      tf.ones([2, 2, 2, 1]) as tf.Tensor4D,
      1,
      "same",
      "NCHW",
    ),
  "a tensor that does not fit": () => tf.add(tf.ones([40000, 1]), tf.ones([1, 40000])),
  "a letter for an axis that is not there": () => tf.einsum("abc->a", tf.ones([2, 2])),
  "a letter twice in the result": () => tf.einsum("ab->aa", tf.ones([2, 2])),
};

for (const [name, call] of Object.entries(refused)) {
  Deno.test(`${name} is refused, and what comes after is right`, async () => {
    const backend = await native();
    const kept = tf.tidy(() => tf.square(tf.range(0, 300)));
    const bytes = backend.heap.bytesInUse;
    for (let turn = 0; turn < 3; turn++) assertThrows(() => tf.tidy(call), Error);
    assertEquals(backend.heap.bytesInUse, bytes);
    const [ones, squares] = tf.tidy(() => {
      const a = tf.square(tf.fill([5000], 1));
      const b = tf.square(tf.fill([5000], 7));
      return [a.dataSync(), b.dataSync()];
    });
    assert(ones.every((value) => value === 1));
    assert(squares.every((value) => value === 49));
    assert(kept.dataSync().every((value, i) => value === i * i));
    kept.dispose();
  });
}

Deno.test("a refused call leaves tensors of another backend where they went", async () => {
  await tf.setBackend("cpu");
  const a = tf.tensor2d([[1, 2], [3, 4]]);
  const b = tf.tensor2d([[1, 2, 3]]);
  await native();
  assertThrows(() => tf.concat([a, b], 0), Error);
  assertThrows(() => tf.matMul(b, a), Error);
  assertEquals(Array.from(tf.tidy(() => tf.matMul(a, a)).dataSync()), [7, 10, 15, 22]);
  assertEquals(Array.from(b.dataSync()), [1, 2, 3]);
  tf.dispose([a, b]);
});

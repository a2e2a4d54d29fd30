/** Self-attention as one operation beside the operations that it is made of. */
import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Rng } from "../../lib/arrays/mod.ts";
import { selfAttention } from "../../lib/tfjs/mod.ts";

/** The definition. */
function composed(qkv: tf.Tensor3D, heads: number, mask?: tf.Tensor): tf.Tensor3D {
  const [batch, length, triple] = qkv.shape;
  const size = triple / 3 / heads;
  const [q, k, v] = tf.split(qkv, 3, 2).map((x) =>
    x.reshape([batch, length, heads, size]).transpose([0, 2, 1, 3])
  );
  const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(size));
  const weights = tf.softmax(mask === undefined ? scores : tf.add(scores, mask));
  return tf.matMul(weights, v).transpose([0, 2, 1, 3]).reshape([batch, length, triple / 3]);
}

function random(shape: [number, number, number], rng: Rng): tf.Tensor3D {
  return tf.tensor3d(Float32Array.from(rng.normals(tf.util.sizeFromShape(shape))), shape);
}

const causal = (length: number) =>
  tf.tensor2d(
    Float32Array.from({ length: length ** 2 }, (_, k) => k % length > Math.floor(k / length) ? -1e9 : 0),
    [length, length],
  );

Deno.test("on native the result and the gradient have the bits of the operations one by one", async () => {
  await tf.setBackend("native");
  const rng = new Rng(1);
  for (
    const [batch, length, heads, size] of [
      [1, 1, 1, 1],
      [2, 3, 1, 5],
      [3, 7, 2, 3],
      [2, 13, 4, 8],
      [1, 33, 3, 17],
      [2, 128, 4, 32],
      [1, 130, 1, 300],
      [1, 512, 1, 9],
      // Too long to be made at once.
      [1, 516, 1, 4],
    ]
  ) {
    for (const isMasked of [false, true]) {
      tf.tidy(() => {
        const mask = isMasked ? causal(length) : undefined;
        const qkv = random([batch, length, 3 * heads * size], rng);
        const dy = random([batch, length, heads * size], rng);
        const [one, parts] = [
          (x: tf.Tensor) => selfAttention(x as tf.Tensor3D, { heads, mask }),
          (x: tf.Tensor) => composed(x as tf.Tensor3D, heads, mask),
        ].map((f) => [f(qkv).dataSync(), tf.grad(f)(qkv, dy).dataSync()]);
        assertEquals(one, parts, `${[batch, length, heads, size]}, masked: ${isMasked}`);
      });
    }
  }
});

Deno.test("other backends give the same to rounding, and only the result is left", async () => {
  const results: number[][] = [];
  for (const backend of ["cpu", "native"]) {
    await tf.setBackend(backend);
    const mask = causal(6);
    const qkv = random([2, 6, 24], new Rng(2));
    const before = tf.memory().numTensors;
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
      selfAttention(x as tf.Tensor3D, { heads: 2, mask }).square().sum()
    )(qkv);
    assertEquals(tf.memory().numTensors, before + 2);
    results.push([...value.dataSync(), ...grad.dataSync()]);
    tf.dispose([mask, qkv, value, grad]);
  }
  results[0].forEach((x, i) => assertAlmostEquals(results[1][i], x, 1e-5));
});

Deno.test("wrong shapes and options are named", async () => {
  for (const backend of ["cpu", "native"]) {
    await tf.setBackend(backend);
    tf.tidy(() => {
      const qkv = tf.ones([1, 2, 12]) as tf.Tensor3D;
      assertThrows(() => selfAttention(qkv, { heads: 3 }), RangeError, "a multiple of 3 * 3 heads");
      assertThrows(() => selfAttention(qkv, { heads: 0 }), RangeError, "`heads`");
      const mask = tf.zeros([2, 3]);
      assertThrows(() => selfAttention(qkv, { heads: 2, mask }), RangeError, "`mask` must have shape [2, 2]");
      assertThrows(
        () => selfAttention(qkv.toInt(), { heads: 2 }),
        TypeError,
        "`qkv` must be of type float32",
      );
    });
  }
});

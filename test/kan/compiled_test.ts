/** The compiled loops of the backend `native` against the loops in double precision. */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../lib/arrays/mod.ts";
import { groupRational } from "../../lib/kan/layers/mod.ts";
import {
  PADE_FORMS,
  type PadeForm,
  rationalBackward,
  rationalForward,
  rationalPreset,
} from "../../lib/kan/mod.ts";
import { Heap } from "../../lib/tfjs/mod.ts";

await tf.setBackend("native");

/** Largest difference over the largest value. */
function relative(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  const size = Math.max(...Array.from(expected, Math.abs));
  return Math.max(...Array.from(found, (value, i) => Math.abs(value - expected[i]))) / size;
}

function coefficientsOf(rng: Rng, groups: number, form: PadeForm) {
  const round = (values: Float64Array) => Float64Array.from(Float32Array.from(values));
  return { numerator: round(rng.normals(6)), denominator: round(rng.normals(4 * groups)), groups, form };
}

const SIZES = [[1, 4, 1], [3, 8, 1], [5, 24, 2], [2, 1200, 3], [300, 16, 4]];

Deno.test("values and gradients of compiled loops, long rows and many rows, both forms", () => {
  for (const form of PADE_FORMS) {
    for (const [rows, channels, groups] of SIZES) {
      const rng = new Rng(`${form} ${channels}`);
      const c = coefficientsOf(rng, groups, form);
      const x = Float32Array.from(rng.normals(rows * channels, 1.5));
      const dy = Float32Array.from(rng.normals(rows * channels));
      x[0] = 0;
      const expected = rationalBackward(x, rows, channels, c, dy);
      tf.tidy(() => {
        const weight = tf.tensor2d(dy, [rows, channels]);
        const inputs = [
          tf.tensor2d(x, [rows, channels]),
          tf.tensor1d(Float32Array.from(c.numerator)),
          tf.tensor2d(Float32Array.from(c.denominator), [groups, 4]),
        ];
        const y = groupRational(inputs[0], inputs[1], inputs[2], { form }).dataSync();
        assert(relative(y, rationalForward(x, rows, channels, c)) < 1e-6);
        const gradients = tf.grads((x, a, b) => tf.sum(tf.mul(weight, groupRational(x, a, b, { form }))))(
          inputs,
        );
        const { dx, dNumerator, dDenominator } = expected;
        const errors = [dx, dNumerator, dDenominator].map((list, i) =>
          relative(gradients[i].dataSync(), list)
        );
        assert(errors.every((error) => error < 3e-6), `${form} ${channels}: ${errors}`);
      });
    }
  }
});

Deno.test("the build without fused multiply-add computes the same", () => {
  const [rows, channels, groups] = [7, 12, 3];
  const rng = new Rng(1);
  const c = coefficientsOf(rng, groups, "abs-of-sum");
  const x = Float32Array.from(rng.normals(rows * channels));
  const heap = new Heap({ kernels: "plain" });
  const put = (values: ArrayLike<number>) => {
    const pointer = heap.allocate(4 * values.length);
    heap.floats(pointer, values.length).set(values);
    return pointer;
  };
  const [px, pa, pb, out] = [x, c.numerator, c.denominator, x].map(put);
  heap.kernels.rational(px, pa, pb, out, rows, channels / groups, groups, -1);
  assert(relative(heap.floats(out, x.length), rationalForward(x, rows, channels, c)) < 1e-6);
});

Deno.test("where powers overflow in single precision, the loops in double precision take over", () => {
  const swish = rationalPreset("swish", { groups: 1 });
  const x = Float32Array.of(1, 2, 1e12, -1e30);
  tf.tidy(() => {
    const [a, b] = [
      tf.tensor1d(Float32Array.from(swish.numerator)),
      tf.tensor2d(Float32Array.from(swish.denominator), [1, 4]),
    ];
    const f = (x: tf.Tensor) => groupRational(x, a, b);
    const expected = rationalForward(x, 1, 4, swish);
    assert(relative(f(tf.tensor1d(x)).dataSync(), expected) < 1e-6);
    const slopes = tf.grad(f)(tf.tensor1d(x)).dataSync();
    assert(Math.abs(slopes[2] - 0.5) < 0.01 && Math.abs(slopes[3] - 0.5) < 0.01);
    // A NaN stays where it is.
    assertEquals(Array.from(f(tf.tensor1d([1, NaN, 2, 3])).dataSync(), Number.isNaN), [
      false,
      true,
      false,
      false,
    ]);
  });
});

Deno.test("sums over a million entries keep their digits, and nothing leaks", () => {
  const rows = 1 << 17;
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const x = tf.fill([rows, 8], 0.1);
    const identity = rationalPreset("identity", { groups: 2 });
    const a = tf.tensor1d(Float32Array.from(identity.numerator));
    const b = tf.tensor2d(Float32Array.from(identity.denominator), [2, 4]);
    const [da] = tf.grads((a) => tf.sum(groupRational(x, a, b)))([a]).map((slope) => slope.dataSync());
    assert(
      Math.abs(da[0] / (8 * rows) - 1) < 1e-6 && Math.abs(da[1] / (8 * rows * Math.fround(0.1)) - 1) < 1e-6,
    );
  });
  assertEquals(tf.memory().numTensors, before);
});

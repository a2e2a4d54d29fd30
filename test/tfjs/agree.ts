import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import { Rng } from "../../lib/arrays/mod.ts";
import "../../lib/tfjs/mod.ts";

/** A result as read: numbers, or texts for string tensors. */
export interface Read {
  shape: number[];
  dtype: string;
  values: (number | string)[];
}

/** Runs `body` on a backend and reads its results; everything else is freed. */
export async function on(
  backend: string,
  body: () => tf.Tensor | tf.Tensor[],
): Promise<Read[]> {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const results = tf.tidy(() => {
    const made = body();
    return Array.isArray(made) ? made : [made];
  });
  const read = results.map((t) => ({
    shape: t.shape,
    dtype: t.dtype,
    values: Array.from(t.dataSync() as ArrayLike<number | string>),
  }));
  tf.dispose(results);
  assertEquals(tf.memory().numTensors, before, "no tensor is left");
  return read;
}

/** Asserts that `native` computes what `cpu` does, to a relative `tolerance` of the largest entry around. */
export async function agree(
  name: string,
  body: () => tf.Tensor | tf.Tensor[],
  tolerance = 2e-6,
): Promise<void> {
  const expected = await on("cpu", body);
  const actual = await on("native", body);
  assertEquals(actual.length, expected.length, name);
  actual.forEach(({ shape, dtype, values }, r) => {
    assertEquals([shape, dtype, values.length], [
      expected[r].shape,
      expected[r].dtype,
      expected[r].values.length,
    ], name);
    let scale = 1e-30;
    for (const x of expected[r].values) {
      if (typeof x === "number" && Number.isFinite(x)) scale = Math.max(scale, Math.abs(x));
    }
    values.forEach((value, i) => {
      const wanted = expected[r].values[i];
      const same = Object.is(value, wanted) || value === wanted ||
        typeof value === "number" && typeof wanted === "number" &&
          Math.abs(value - wanted) <= tolerance * scale;
      assert(same, `${name}: result ${r}, entry ${i}: got ${value}, cpu has ${wanted}`);
    });
  });
}

/** Makers of tensors of normal numbers, the same at every call of what they give. */
export function normals(seed: number): (...shape: number[]) => () => tf.Tensor {
  const rng = new Rng(seed);
  return (...shape) => {
    const values = Float32Array.from(rng.normals(shape.reduce((a, b) => a * b, 1)));
    return () => tf.tensor(values, shape);
  };
}

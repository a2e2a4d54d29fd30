import * as tf from "@tensorflow/tfjs";
import { getKernelsForBackend } from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { agree, on } from "./agree.ts";
import { type Choice, Draw, type NumberType } from "./draw.ts";
import { everyKernel } from "./every_kernel.ts";

const choices: fc.Arbitrary<Choice> = fc.record({
  seed: fc.integer({ min: 1, max: 1 << 20 }),
  shape: fc.array(fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 5 }) }, fc.constant(0)), {
    maxLength: 4,
  }),
  dtype: fc.constantFrom<NumberType>("float32", "float32", "int32", "bool"),
});

/** Errors of float32 sums, relative to the largest entry around; the others are exact to rounding. */
const TOLERANCE = 5e-6;

const names = (backend: string) => getKernelsForBackend(backend).map((kernel) => kernel.kernelName);

Deno.test("every kernel of cpu is registered on native, and every one is in the table", () => {
  const native = new Set(names("native"));
  for (const name of names("cpu")) {
    assert(native.has(name), name);
    assert(name in everyKernel || name === "Draw", `${name} is not in the table`);
  }
});

Deno.test("every operation of the table runs its kernel", async () => {
  await tf.setBackend("native");
  for (const [name, body] of Object.entries(everyKernel)) {
    const { kernelNames, result } = await tf.profile(() =>
      tf.tidy(() => body(new Draw({ seed: 2, shape: [2, 3], dtype: "float32" })))
    );
    tf.dispose(result);
    assert(kernelNames.includes(name), `${name}: ran ${kernelNames}`);
  }
});

for (const [name, body] of Object.entries(everyKernel)) {
  Deno.test(`${name} agrees with cpu on random shapes and types`, async () => {
    await fc.assert(
      fc.asyncProperty(choices, async (choice) => {
        const run = () => body(new Draw(choice));
        try {
          await on("cpu", run);
        } catch (error) {
          // What cpu refuses, native refuses.
          assert(error instanceof Error);
          await assertRejects(() => on("native", run));
          return;
        }
        await agree(name, run, TOLERANCE);
      }),
      { numRuns: 30, seed: 42 },
    );
  });
}

Deno.test("a cast to float leaves the integers that it was made of", async () => {
  await tf.setBackend("native");
  const integers = tf.tensor1d([16777217, -3], "int32");
  const floats = integers.toFloat();
  const sum = tf.add(floats, 1);
  assert(integers.dataSync() instanceof Int32Array);
  assertEquals(Array.from(integers.dataSync()), [16777217, -3]);
  // 2^24 + 1 is no float.
  assertEquals(Array.from(sum.dataSync()), [16777216, -2]);
  const flags = tf.tensor1d([1, 0], "bool");
  const numbers = tf.mul(flags.toFloat(), 2);
  assert(flags.dataSync() instanceof Uint8Array);
  assertEquals(Array.from(numbers.dataSync()), [2, 0]);
  tf.dispose([integers, floats, sum, flags, numbers]);
});

Deno.test("einsum sums a letter that only one factor has, where cpu loses axes", async () => {
  await tf.setBackend("native");
  const [actual, expected] = tf.tidy(() => {
    const d = new Draw({ seed: 6, shape: [], dtype: "float32" });
    const x = d.floats(2, 3, 4);
    const y = d.floats(3);
    const product = tf.sum(tf.mul(x, tf.reshape(y, [1, 3, 1])), [0, 1]);
    return [tf.einsum("abc,b->c", x, y), product].map((z) => ({ shape: z.shape, values: z.dataSync() }));
  });
  assertEquals(actual.shape, [4]);
  actual.values.forEach((value, i) => assert(Math.abs(value - expected.values[i]) < 1e-5));
});

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { softmax, softmaxRows } from "../../lib/arrays/softmax.ts";

Deno.test("softmax: shares of the exponentials and the logarithm of their sum, of large logits too", () => {
  const logits = Float64Array.of(Math.log(1), Math.log(3));
  assertAlmostEquals(softmax(logits), Math.log(4), 1e-15);
  assertAlmostEquals(logits[1], 0.75, 1e-15);
  const large = Float64Array.of(1000, 1000);
  assertAlmostEquals(softmax(large), 1000 + Math.LN2, 1e-12);
  assertEquals(large, Float64Array.of(0.5, 0.5));
});

Deno.test("softmax: entries outside of the range stay; one NaN makes its own row NaN and no other", () => {
  const part = Float32Array.of(7, 0, 0, 7);
  softmax(part, 1, 3);
  assertEquals(part, Float32Array.of(7, 0.5, 0.5, 7));
  const rows = Float64Array.of(0, NaN, 5, 5);
  softmaxRows(rows, 2);
  assertEquals([...rows], [NaN, NaN, 0.5, 0.5]);
});

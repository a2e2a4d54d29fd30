import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { compiledKernels } from "../../lib/wasm/module.ts";

Deno.test("the kernels are compiled once", () => {
  const kernels = compiledKernels();
  assert(kernels !== null);
  assertStrictEquals(compiledKernels(), kernels);
});

Deno.test("what is reserved stays where it is and as it is, while the memory grows", () => {
  const kernels = compiledKernels()!;
  const table = kernels.reserve(24);
  assertEquals(table % 64, 0);
  kernels.float64.set([1, 2, 3], table / 8);
  const before = kernels.float64.byteLength;
  const work = kernels.scratch(2 * before);
  assert(work >= table + 24 && work % 64 === 0);
  assert(kernels.float64.byteLength >= work + 2 * before);
  kernels.float64.fill(7, work / 8, work / 8 + before / 4);
  assertEquals([...kernels.float64.subarray(table / 8, table / 8 + 3)], [1, 2, 3]);
  assert(kernels.reserve(8) >= table + 64);
});

Deno.test("more than a gigabyte is refused, and nothing is lost", () => {
  const kernels = compiledKernels()!;
  const { float64 } = kernels;
  assertEquals(kernels.scratch(2 ** 31), 0);
  assertEquals(kernels.reserve(2 ** 40), 0);
  assertStrictEquals(kernels.float64, float64);
  assert(kernels.scratch(64) > 0);
});

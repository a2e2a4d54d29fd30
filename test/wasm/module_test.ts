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

Deno.test("loops that look at their results see an infinite one, wherever it is", () => {
  const kernels = compiledKernels()!;
  const { run } = kernels;
  const h = 8;
  const at = kernels.scratch(64 * h + 512);
  const other = at + 16 * h + 64;
  const table = other + 16 * h + 64;
  for (
    const [name, loop] of Object.entries({
      swapMiddles: () => run.swapMiddles(at, h / 2),
      realSpectrum: () => run.realSpectrum(at, other, h, table),
      cosines: () => run.cosines(at, other, h, table),
    })
  ) {
    for (let k = -1; k < 2 * h; k++) {
      kernels.float64.fill(0.5, at / 8, at / 8 + 8 * h + 64);
      if (k >= 0) kernels.float64[at / 8 + k] = Infinity;
      // Number h / 2 of a spectrum, which begins a block, is its own partner and not the loop's.
      const isMiddle = name !== "swapMiddles" && (k === h || k === h + 2);
      assertEquals(loop(), k < 0 || isMiddle ? 1 : 0, `${name}, number ${k}`);
    }
  }
});

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Heap } from "../../lib/tfjs/mod.ts";

const megabyte = 1 << 20;

Deno.test("what is not a size is refused, and the heap is as before", () => {
  const heap = new Heap();
  const before = heap.allocate(100);
  const { bytesInUse } = heap;
  for (const bytes of [NaN, -1, 0.5, Infinity, -Infinity, 2 ** 53]) {
    assertThrows(() => heap.allocate(bytes), RangeError);
  }
  assertThrows(() => heap.allocate(undefined as never), TypeError, "`bytes` must be");
  assertEquals(heap.bytesInUse, bytesInUse);
  const after = heap.allocate(100);
  assert(after !== before);
  heap.free(before, 100);
  heap.free(after, 100);
  assertEquals(heap.bytesInUse, 0);
  assertThrows(() => heap.free(before + 4, 100), RangeError, "`pointer` must be a multiple of 64");
  assertThrows(() => heap.free(2 ** 40, 100), RangeError, "`pointer` must be that of a block");
});

Deno.test("a block that does not fit is refused alone", () => {
  const heap = new Heap({ maximumBytes: 4 * megabyte });
  const first = heap.allocate(2 * megabyte);
  const { bytesInUse } = heap;
  assertThrows(() => heap.allocate(3 * megabyte), RangeError, "does not fit");
  assertThrows(() => heap.allocate(5e9), RangeError, "A tensor of 5000000000 bytes does not fit");
  assertEquals(heap.bytesInUse, bytesInUse);
  const second = heap.allocate(megabyte);
  assert(second >= first + 2 * megabyte);
});

Deno.test("freed blocks of other sizes are joined where there is no room", () => {
  const heap = new Heap({ maximumBytes: 4 * megabyte });
  for (let turn = 0; turn < 3; turn++) {
    const small = Array.from({ length: 30 }, () => heap.allocate(100_000));
    assertThrows(() => heap.allocate(2 * megabyte), RangeError);
    for (const block of small) heap.free(block, 100_000);
    const large = heap.allocate(3 * megabyte);
    heap.free(large, 3 * megabyte);
  }
  assertEquals(heap.bytesInUse, 0);
});

Deno.test("a borrowed block is free again, also after an error", () => {
  const heap = new Heap();
  assertEquals(heap.borrow(64, (pointer) => heap.floats(pointer, 2).length), 2);
  assertThrows(
    () =>
      heap.borrow(64, () => {
        throw new Error("in between");
      }),
    Error,
    "in between",
  );
  assertEquals(heap.bytesInUse, 0);
});

Deno.test("blocks do not overlap, whatever was allocated and freed before", () => {
  const steps = fc.array(fc.record({ bytes: fc.integer({ min: 0, max: 400_000 }), frees: fc.nat() }), {
    maxLength: 120,
  });
  fc.assert(
    fc.property(steps, (steps) => {
      const heap = new Heap({ maximumBytes: 4 * megabyte });
      const blocks: { start: number; bytes: number }[] = [];
      for (const { bytes, frees } of steps) {
        if (frees % 3 === 0 && blocks.length > 0) {
          const [{ start, bytes }] = blocks.splice(frees % blocks.length, 1);
          heap.free(start, bytes);
        }
        const { bytesInUse } = heap;
        try {
          const start = heap.allocate(bytes);
          assertEquals(start % 64, 0);
          // Kernels may write up to a vector behind the end.
          assert(start >= 65536 && start + bytes + 16 <= heap.buffer.byteLength);
          assert(
            blocks.every((other) =>
              start + bytes + 16 <= other.start || other.start + other.bytes + 16 <= start
            ),
          );
          blocks.push({ start, bytes });
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          assertEquals(heap.bytesInUse, bytesInUse);
        }
      }
      for (const { start, bytes } of blocks) heap.free(start, bytes);
      assertEquals(heap.bytesInUse, 0);
      // All of it is one piece again: a block of 3.5 MB, rounded up.
      heap.allocate(3.4 * megabyte | 0);
    }),
    { numRuns: 200, seed: 42 },
  );
});

Deno.test("views outlive what they view only until the memory grows, and its size is chosen", () => {
  const heap = new Heap({ maximumBytes: 200 * megabyte, kernels: "plain" });
  const pointer = heap.allocate(8);
  const view = heap.floats(pointer, 2);
  view.set([1, 2]);
  heap.allocate(100 * megabyte);
  assertEquals(view.length, 0);
  assertEquals([...heap.floats(pointer, 2)], [1, 2]);
  assertThrows(() => heap.floats(pointer, 1e9), RangeError, "`length` must be");
  assertThrows(() => heap.floats(pointer + 2, 1), RangeError, "`pointer` must be a multiple of 4");
  assertThrows(() => new Heap({ maximumBytes: 1 }), RangeError, "`maximumBytes` must be");
  assertThrows(() => new Heap({ kernels: "fused" as never }), TypeError, "`kernels` must be");
  assertThrows(() => new Heap({ kernel: "plain" } as never), TypeError, 'did you mean "kernels"');
});

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Complex, complexAbs, complexMultiply, deinterleave, interleave } from "refigure/arrays";
import {
  add,
  complex,
  divide,
  multiply,
  power,
  reciprocal,
  scale,
  subtract,
} from "../../lib/arrays/complex.ts";

const number = fc.double({ min: -10, max: 10, noNaN: true });
const numbers = fc.record({ re: number, im: number });

function close(a: Complex, b: Complex, tolerance: number) {
  assertAlmostEquals(a.re, b.re, tolerance);
  assertAlmostEquals(a.im, b.im, tolerance);
}

Deno.test("complex arithmetic obeys the laws of a field", () => {
  fc.assert(fc.property(numbers, numbers, numbers, (a, b, c) => {
    close(multiply(a, add(b, c)), add(multiply(a, b), multiply(a, c)), 1e-12);
    close(subtract(add(a, b), b), a, 1e-14);
    if (Math.hypot(b.re, b.im) < 1e-3) return;
    close(multiply(divide(a, b), b), a, 1e-11);
    close(divide(a, b), multiply(a, reciprocal(b)), 1e-10);
    close(
      power(b, 5),
      multiply(multiply(multiply(b, b), multiply(b, b)), b),
      1e-9 * Math.hypot(b.re, b.im) ** 5,
    );
    close(power(b, 0), complex(1), 0);
  }));
});

Deno.test("division neither overflows nor underflows where the quotient does not", () => {
  for (const size of [1e-300, 1e-200, 1e-160, 1, 1e160, 1e200, 1e300]) {
    const b = scale({ re: 3, im: -4 }, size);
    close(divide(scale({ re: 25, im: 50 }, size), b), { re: -5, im: 10 }, 1e-13);
    const { re, im } = reciprocal(b);
    assertAlmostEquals(re * size, 0.12, 1e-15);
    assertAlmostEquals(im * size, 0.16, 1e-15);
  }
  assert(Number.isNaN(divide(complex(1), complex(0)).re));
  assert(Number.isNaN(divide(complex(NaN), complex(1e200)).re));
  assertEquals(divide(complex(0), complex(1e-200)), { re: 0, im: 0 });
  assertEquals(divide(complex(1), complex(Infinity)), { re: 0, im: 0 });
});

Deno.test("vectors: parts, products and absolute values", () => {
  const z = interleave([1, 2, 3], Float32Array.of(-1, 0, 4));
  const { re, im } = deinterleave(z);
  assertEquals([[...re], [...im]], [[1, 2, 3], [-1, 0, 4]]);
  assertEquals(complexMultiply(z, z), new Float64Array([0, -2, 4, 0, -7, 24]));
  // The modulus of 3e200 + 4e200 i does not overflow on the way.
  assertAlmostEquals(complexAbs([3e200, 4e200])[0] / 5e200, 1, 1e-15);
  assertThrows(() => interleave([1, 2], [3]), RangeError, "`im` must have length 2, got 1");
  for (const run of [deinterleave, complexAbs]) {
    assertThrows(() => run([1, 2, 3]), RangeError, "`z` must hold (re, im) pairs");
    assertThrows(() => run(null as never), TypeError, "`z` must be an array of numbers, got null");
  }
  assertThrows(() => complexMultiply([1, 2], [1, 2, 3, 4]), RangeError, "`b` must have length 2, got 4");
  assertThrows(() => interleave("12" as never), TypeError, "`re` must be an array of numbers");
});

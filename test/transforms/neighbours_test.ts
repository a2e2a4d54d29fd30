/** Rows that share a transform do not touch each other, and only results beyond the range are infinite. */
import { assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import { convolve, dct, dctRows, fft, ifft, irfft, rfft } from "refigure/transforms";

const rng = new Rng(11);

for (const type of [2, 3] as const) {
  for (const n of [1, 2, 7, 16, 33]) {
    Deno.test(`dctRows, type ${type}, length ${n}: a row does not see its neighbour`, () => {
      const row = rng.normals(n);
      const alone = dct(row, { type });
      const neighbours: Record<string, Float64Array> = {
        large: rng.normals(n, 1e16),
        "very large": rng.normals(n, 1e300),
        small: rng.normals(n, 1e-16),
        "very small": rng.normals(n, 1e-300),
        zero: new Float64Array(n),
        NaN: rng.normals(n).fill(NaN, n - 1),
        infinite: rng.normals(n).fill(Infinity, 0, 1),
      };
      for (const [name, neighbour] of Object.entries(neighbours)) {
        for (const before of [false, true]) {
          const rows = before ? [neighbour, row] : [row, neighbour];
          const out = dctRows(Matrix.fromRows(rows), { type });
          const mine = out.row(before ? 1 : 0);
          const other = out.row(before ? 0 : 1);
          mine.forEach((x, k) => assertAlmostEquals(x, alone[k], 1e-13, `${name}, entry ${k}`));
          const otherAlone = dct(neighbour, { type });
          const size = Math.max(...otherAlone.map(Math.abs));
          if (Number.isFinite(size)) {
            other.forEach((x, k) => assertLess(Math.abs(x - otherAlone[k]), 1e-13 * size + 1e-313, name));
          } else {
            // What is not finite is not swallowed.
            assertEquals(other.some((x) => !Number.isFinite(x)), true);
          }
        }
      }
    });
  }
}

Deno.test("transforms of the largest numbers are finite where their results are", () => {
  const unit = 2 ** 1020;
  const y = rng.normals(60).map((value) => Math.max(-3, Math.min(3, value)));
  const large = y.map((value) => value * unit);
  for (const [name, transform] of Object.entries({ fft, ifft, rfft, irfft, dct })) {
    // Halved often enough that the results of length 60 are in the range.
    const wanted = transform(y.map((value) => value / 1024));
    const found = transform(y.map((value) => value / 1024 * unit));
    found.forEach((value, k) => assertAlmostEquals(value / unit, wanted[k], 1e-15, name));
  }
  // The inverse divides by the length: numbers overflow on the way and come back.
  ifft(large).forEach((value, k) => assertAlmostEquals(value / unit, ifft(y)[k], 1e-14));
  assertEquals(fft(new Float64Array([1e308, 0, 1e308, 0]))[0], Infinity);
  assertEquals(dct(new Float64Array([1e308, 0, 0, 0])).every(Number.isFinite), true);
  // Sums that cancel, in lengths whose results compiled loops look at: each of these is infinity less infinity at first.
  const n = 256;
  const x = new Float64Array(n);
  [x[0], x[n / 4], x[n / 2], x[3 * n / 4]] = [1e308, -1e308, 1e308, -1e308];
  assertEquals(rfft(x)[0], 0);
  assertEquals(fft(Float64Array.from({ length: 2 * n }, (_, k) => k % 2 === 0 ? x[k / 2] : 0))[0], 0);
  x.fill(0);
  [x[0], x[n / 2 - 1], x[n / 2], x[n - 1]] = [1e308, -1e308, -1e308, 1e308];
  assertAlmostEquals(dct(x)[0] / 1e308, 0, 1e-15);
  // Here it is the middle of each half alone that overflows on the way.
  assertEquals(dct(new Float64Array([0, 0, 5e307, -5e307, 0, 0, -5e307, 0])).every(Number.isFinite), true);
});

Deno.test("a convolution of large and small numbers does not overflow on the way", () => {
  const kernel = rng.normals(100);
  const signal = rng.normals(200);
  const wanted = convolve(kernel, signal, { method: "direct" });
  const found = convolve(kernel.map((x) => x * 2 ** 1018), signal.map((x) => x * 2 ** -1010), {
    method: "fft",
  });
  found.forEach((x, k) => assertAlmostEquals(x / 256, wanted[k], 1e-12));
});

Deno.test("transforms: options and arguments of the wrong type are named", () => {
  const x = rng.normals(4);
  assertThrows(
    () => dct(x, { tpye: 3 } as never),
    TypeError,
    '`options` has no option "tpye" (did you mean "type"?)',
  );
  assertThrows(
    () => dct(x, { orthonormal: "no" } as never),
    TypeError,
    '`orthonormal` must be true or false, got "no"',
  );
  assertThrows(() => dct(x, { type: "3" } as never), TypeError, '`type` must be 2 or 3, got "3"');
  assertThrows(() => dct(x, { type: 4 } as never), RangeError, "`type` must be 2 or 3, got 4");
  assertThrows(() => dctRows([[1]] as never), TypeError, "`a` must be a Matrix, got an Array of length 1");
  assertThrows(() => irfft(x, 2 as never), TypeError, "`options` must be an object of options, got 2");
  assertThrows(() => convolve(x, x, { mode: "valid" as never }), TypeError, "`mode` must be");
  assertThrows(
    () => convolve(x, x, null as never),
    TypeError,
    "`options` must be an object of options, got null",
  );
});

import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Rng } from "refigure/arrays";
import { convolve, type ConvolveOptions } from "refigure/transforms";
import fixtures from "../fixtures/transforms/transforms.json" with { type: "json" };
import { naiveConvolution, norm } from "./naive.ts";

const methods = ["auto", "direct", "fft"] as const;

/** The error of an FFT convolution is relative to the norms of both factors, not to each entry. */
function off(y: Float64Array, wanted: ArrayLike<number>, kernel: Float64Array, signal: Float64Array): number {
  assertEquals(y.length, wanted.length);
  const difference = norm(y.map((value, k) => value - wanted[k]));
  return difference / (norm(kernel) * norm(signal)) / 2 ** -52;
}

Deno.test("all modes and methods agree with NumPy and SciPy", () => {
  for (const item of fixtures.convolutions) {
    const kernel = Float64Array.from(item.kernel);
    const signal = Float64Array.from(item.signal);
    for (const method of methods) {
      for (const mode of ["full", "causal", "circular"] as const) {
        const wanted = item[mode];
        if (wanted === null) continue;
        const error = off(convolve(kernel, signal, { mode, method }), wanted, kernel, signal);
        assertLess(error, 30, `${mode}, ${method}, ${kernel.length} and ${signal.length}`);
      }
    }
  }
});

const pair = fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 200 }), fc.integer())
  .map(([m, n, seed]) => ({ kernel: new Rng(seed).normals(m), signal: new Rng(seed).split(1).normals(n) }));

Deno.test("full and causal convolutions are the defining sums", () => {
  fc.assert(
    fc.property(pair, fc.constantFrom(...methods), ({ kernel, signal }, method) => {
      const wanted = naiveConvolution(kernel, signal);
      assertLess(off(convolve(kernel, signal, { method }), wanted, kernel, signal), 60);
      const causal = Float64Array.from(signal, (_, t) => wanted[t] ?? 0);
      assertLess(off(convolve(kernel, signal, { mode: "causal", method }), causal, kernel, signal), 60);
    }),
    { seed: 1 },
  );
});

Deno.test("a causal result does not look ahead", () => {
  const kernel = new Rng(1).normals(100);
  const signal = new Rng(2).normals(100);
  const changed = signal.slice();
  changed.fill(1e3, 60);
  const [before, after] = [signal, changed].map((s) =>
    convolve(kernel, s, { mode: "causal", method: "fft" })
  );
  for (let t = 0; t < 60; t++) assertLess(Math.abs(before[t] - after[t]), 1e-9);
  assert(Math.abs(before[60] - after[60]) > 1);
});

Deno.test("circular convolution commutes with rotations", () => {
  fc.assert(
    fc.property(pair, fc.nat(), ({ signal }, given) => {
      const n = signal.length;
      const kernel = new Rng(n).normals(n);
      const by = given % n;
      const rotate = (x: Float64Array) => Float64Array.from(x, (_, t) => x[(t - by + n) % n]);
      const options: ConvolveOptions = { mode: "circular", method: "fft" };
      const rotated = rotate(convolve(kernel, signal, options));
      assertLess(off(convolve(kernel, rotate(signal), options), rotated, kernel, signal), 60);
    }),
    { seed: 2 },
  );
});

Deno.test("4096 terms: the FFT agrees with direct sums to 1e-13 of the norms", () => {
  const n = 4096;
  const kernel = new Rng(1).normals(n);
  const signal = new Rng(2).normals(n);
  const direct = convolve(kernel, signal, { mode: "causal", method: "direct" });
  assertLess(off(convolve(kernel, signal, { mode: "causal" }), direct, kernel, signal), 450);
});

Deno.test("precision and arguments are kept", () => {
  const kernel = Float32Array.from(new Rng(1).normals(100));
  const signal = Float32Array.from(new Rng(2).normals(90));
  const before = [kernel.slice(), signal.slice()];
  for (const mode of ["full", "causal"] as const) {
    assert(convolve(kernel, signal, { mode }) instanceof Float32Array);
  }
  assertEquals([kernel, signal], before);
});

Deno.test("bad input is named", () => {
  const one = new Float64Array(1);
  const two = new Float64Array(2);
  const none = new Float64Array(0);
  assertThrows(() => convolve(none, one), RangeError, "`kernel` must hold at least one number, got none");
  assertThrows(() => convolve(one, none), RangeError, "`signal` must hold at least one number, got none");
  assertThrows(
    () => convolve(one, two, { mode: "circular" }),
    RangeError,
    "`kernel` must have length 2, got 1",
  );
  assertThrows(
    () => convolve(one, two, { mode: "same" as "full" }),
    TypeError,
    '`mode` must be "full", "causal" or "circular", got "same"',
  );
  assertThrows(() => convolve(one, two, { method: "no" as "fft" }), TypeError, "`method`");
  assertThrows(
    () => convolve<Float32Array | Float64Array>(one, new Float32Array(2)),
    TypeError,
    "`signal` must be a Float64Array as `kernel` is, got a Float32Array",
  );
});

import { assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Rng } from "refigure/arrays";
import { fft, ifft, irfft, rfft } from "refigure/transforms";
import fixtures from "../fixtures/transforms/transforms.json" with { type: "json" };
import { complexify, naiveDft, norm, units } from "./naive.ts";

/** Units of epsilon: a transform rounds log2(n) times, Bluestein's does so three times over at up to 4n. */
const allowed = (n: number) => 2 + 4 * Math.log2(n + 1);

const lengths = fc.integer({ min: 1, max: 300 });
const signal = fc.tuple(lengths, fc.integer()).map(([n, seed]) => new Rng(seed).normals(2 * n));

Deno.test("fft, ifft, rfft and irfft agree with NumPy", () => {
  for (const { n, z, x, ...wanted } of fixtures.transforms) {
    const complex = Float64Array.from(z);
    const real = Float64Array.from(x);
    assertLess(units(fft(complex), wanted.fft), allowed(n), `fft ${n}`);
    assertLess(units(ifft(complex), wanted.ifft), allowed(n), `ifft ${n}`);
    assertLess(units(rfft(real), wanted.rfft), allowed(n), `rfft ${n}`);
    const half = complex.slice(0, 2 * Math.floor(n / 2) + 2);
    assertLess(units(irfft(half, { length: n }), wanted.irfft), allowed(n), `irfft ${n}`);
  }
});

Deno.test("every length up to 200, and some primes, agree with the defining sum", () => {
  for (const n of [...Array.from({ length: 200 }, (_, k) => k + 1), 257, 509, 1021, 1024]) {
    const z = new Rng(n).normals(2 * n);
    const x = new Rng(n).split("real").normals(n);
    // The sum itself rounds: its error grows with the root of n.
    const slack = allowed(n) + Math.sqrt(n);
    assertLess(units(fft(z), naiveDft(z)), slack, `fft ${n}`);
    const half = naiveDft(complexify(x)).slice(0, 2 * Math.floor(n / 2) + 2);
    assertLess(units(rfft(x), half), slack, `rfft ${n}`);
  }
});

Deno.test("the inverse inverts", () => {
  fc.assert(
    fc.property(signal, (z) => {
      const n = z.length / 2;
      assertLess(units(ifft(fft(z)), z), 2 * allowed(n));
      assertLess(units(fft(ifft(z)), z), 2 * allowed(n));
      assertLess(units(irfft(rfft(z), { length: z.length }), z), 2 * allowed(n));
      const odd = z.slice(1);
      assertLess(units(irfft(rfft(odd), { length: odd.length }), odd), 2 * allowed(n));
    }),
    { seed: 1 },
  );
});

Deno.test("Parseval: the energy is n times as large", () => {
  fc.assert(
    fc.property(signal, (z) => {
      const n = z.length / 2;
      assertLess(Math.abs(norm(fft(z)) / (Math.sqrt(n) * norm(z)) - 1), allowed(n) * 2 ** -52);
    }),
    { seed: 2 },
  );
});

Deno.test("a shift in time turns phases, and a product with a wave shifts frequencies", () => {
  fc.assert(
    fc.property(signal, fc.nat(), (z, given) => {
      const n = z.length / 2;
      const shift = given % n;
      const shifted = new Float64Array(2 * n);
      for (let j = 0; j < n; j++) shifted.set(z.subarray(2 * j, 2 * j + 2), 2 * ((j + shift) % n));
      const turned = fft(z);
      for (let k = 0; k < n; k++) {
        const angle = -2 * Math.PI * (k * shift % n) / n;
        const cos = Math.cos(angle);
        const sin = Math.sin(angle);
        const re = turned[2 * k];
        const im = turned[2 * k + 1];
        turned[2 * k] = re * cos - im * sin;
        turned[2 * k + 1] = re * sin + im * cos;
      }
      assertLess(units(fft(shifted), turned), 2 * allowed(n));
    }),
    { seed: 3 },
  );
});

Deno.test("linear, and conjugate symmetric for real input", () => {
  fc.assert(
    fc.property(signal, fc.double({ min: -10, max: 10, noNaN: true }), (z, factor) => {
      const n = z.length / 2;
      const y = new Rng("other").normals(2 * n);
      const sum = fft(z.map((value, k) => value + factor * y[k]));
      const fz = fft(z);
      const fy = fft(y);
      const apart = fz.map((value, k) => value + factor * fy[k]);
      assertLess(
        norm(sum.map((value, k) => value - apart[k])),
        12 * allowed(n) * 2 ** -52 * (norm(fz) + norm(fy)),
      );
      const real = z.subarray(0, n);
      const half = rfft(real);
      const full = fft(complexify(real));
      for (let k = 0; k <= n / 2; k++) {
        const j = (n - k) % n;
        const tolerance = allowed(n) * 2 ** -52 * norm(full);
        assertLess(
          Math.hypot(half[2 * k] - full[2 * j], half[2 * k + 1] + full[2 * j + 1]),
          tolerance + 1e-300,
        );
      }
    }),
    { seed: 4 },
  );
});

Deno.test("large lengths keep full precision: a power of two, a prime, an odd composite", () => {
  for (const n of [2 ** 18, 100_003, 3 ** 10]) {
    const z = new Rng(n).normals(2 * n);
    assertLess(units(ifft(fft(z)), z), 2 * allowed(n));
    // One wave has one line; its phase is reduced exactly.
    const line = Math.floor(n / 3);
    const wave = new Float64Array(2 * n);
    for (let j = 0; j < n; j++) {
      wave[2 * j] = Math.cos(2 * Math.PI * (line * j % n) / n);
      wave[2 * j + 1] = Math.sin(2 * Math.PI * (line * j % n) / n);
    }
    const spectrum = fft(wave);
    spectrum[2 * line] -= n;
    assertLess(norm(spectrum) / n, allowed(n) * 2 ** -52);
  }
});

Deno.test("huge and tiny scales come through", () => {
  for (const n of [8, 15]) {
    const z = new Rng(n).normals(2 * n);
    const wanted = fft(z);
    for (const scale of [2 ** 1000, 2 ** -1000]) {
      assertLess(units(fft(z.map((x) => x * scale)).map((x) => x / scale), wanted), allowed(n));
    }
  }
});

Deno.test("single precision in, single precision out, within one rounding", () => {
  const z = new Rng(1).normals(60);
  const single = Float32Array.from(z);
  for (const transform of [fft, ifft, rfft]) {
    const out = transform(single);
    assertEquals(out instanceof Float32Array, true);
    assertEquals(out, Float32Array.from(transform(Float64Array.from(single))));
  }
  assertEquals(irfft(single, { length: 58 }) instanceof Float32Array, true);
});

Deno.test("the input is left alone, and one call does not disturb another of the same length", () => {
  for (const n of [16, 15]) {
    const z = new Rng(n).normals(2 * n);
    const before = z.slice();
    const first = fft(z);
    const kept = first.slice();
    fft(new Rng("other").normals(2 * n));
    assertEquals(z, before);
    assertEquals(first, kept);
  }
});

Deno.test("more lengths than are kept as plans", () => {
  for (let round = 0; round < 2; round++) {
    for (let n = 1; n < 80; n++) {
      const z = new Rng(n).normals(2 * n);
      assertLess(units(ifft(fft(z)), z), 2 * allowed(n));
    }
  }
});

Deno.test("bad input is named", () => {
  assertThrows(() => fft(new Float64Array(0)), RangeError, "`x` must hold at least one number, got none");
  assertThrows(
    () => fft(new Float64Array(3)),
    RangeError,
    "`x` must hold (re, im) pairs, an even number of entries, got 3",
  );
  assertThrows(() => ifft(new Float64Array(0)), RangeError, "`z`");
  assertThrows(() => rfft(new Float64Array(0)), RangeError, "`x`");
  assertThrows(
    () => irfft(new Float64Array(6), { length: 3 }),
    RangeError,
    "`length` must be 4 or 5 for the 3 coefficients of `z`, got 3",
  );
  assertThrows(
    () => irfft(new Float64Array(6), { length: 4.5 }),
    RangeError,
    "`length` must be an integer of at least 1, got 4.5",
  );
  assertThrows(
    () => fft([1, 2] as unknown as Float64Array),
    TypeError,
    "`x` must be a Float64Array or a Float32Array, got an Array of length 2",
  );
});

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { burgersColeHopf, solveBurgers, subsample } from "../../lib/operators/mod.ts";
import { squareSpectrum } from "../../lib/operators/square_spectrum.ts";
import { fft } from "../../lib/transforms/mod.ts";
import { withoutKernels } from "../../lib/wasm/compiled.ts";
import { assertClose } from "./close.ts";

const sine = (amplitude: number, n: number) =>
  Matrix.from(1, n, (_, j) => amplitude * Math.sin(2 * Math.PI * j / n));
const potential = (amplitude: number) => (y: number) =>
  -amplitude * Math.cos(2 * Math.PI * y) / (2 * Math.PI);
const POINTS = [1 / 8, 1 / 4, 3 / 8];
const SINE = [0.462659870222, 0.8384373180236, 0.9372088788782];
const TWICE = [0.68382986482, 1.32142194202, 1.82052909824];

Deno.test("Burgers: the closed form has the known values", () => {
  const options = { viscosity: 0.01, time: 0.1 };
  assertClose(burgersColeHopf(potential(1), POINTS, options), SINE, 1e-12);
  assertClose(burgersColeHopf(potential(2), POINTS, options), TWICE, 1e-11);
  // For a small amplitude: exp(-nu (2 pi)^2 t), reached far from the start, too.
  const [u] = burgersColeHopf(potential(1e-6), [0.25], { viscosity: 0.1, time: 2 });
  assertAlmostEquals(u / (1e-6 * Math.exp(-0.1 * 4 * Math.PI ** 2 * 2)), 1, 1e-6);
});

Deno.test("neural-operators, criterion 8: the spectral solver agrees with the closed form to 1e-9", () => {
  const options = { viscosity: 0.01, time: 0.1, steps: 400 };
  const u = solveBurgers(
    new Matrix(2, 512, Float64Array.of(...sine(1, 512).data, ...sine(2, 512).data)),
    options,
  );
  POINTS.forEach((x, i) => {
    assertAlmostEquals(u.get(0, 512 * x), SINE[i], 1e-9);
    assertAlmostEquals(u.get(1, 512 * x), TWICE[i], 1e-9);
  });
});

Deno.test("Burgers: order four in time, mean conserved, other partners and grids change nothing", () => {
  const rng = new Rng(1);
  // 0.3 and six waves: far below the modes that are dropped.
  const starts = Matrix.from(3, 96, () => 0.3);
  for (let i = 0; i < 3; i++) {
    for (let k = 1; k <= 6; k++) {
      const [a, b] = [rng.normal() / 4, rng.normal() / 4];
      for (let j = 0; j < 96; j++) {
        const angle = 2 * Math.PI * k * j / 96;
        starts.data[i * 96 + j] += a * Math.cos(angle) + b * Math.sin(angle);
      }
    }
  }
  const solve = (steps: number, u0 = starts) => solveBurgers(u0, { viscosity: 0.05, time: 0.1, steps });
  const exact = solve(640);
  const error = (steps: number) =>
    solve(steps).data.reduce((largest, value, i) => Math.max(largest, Math.abs(value - exact.data[i])), 0);
  assertAlmostEquals(Math.log2(error(20) / error(40)), 4, 0.2);
  for (let i = 0; i < 3; i++) {
    assertAlmostEquals(
      exact.row(i).reduce((sum, value) => sum + value) / 96,
      starts.row(i).reduce((a, b) => a + b) / 96,
      1e-14,
    );
    // Alone, so that the partner is zero.
    assertClose(solve(40, starts.slice(i, i + 1)).data, solve(40).row(i), 1e-13);
  }
  assertEquals(solve(1, Matrix.zeros(0, 96)).rows, 0);
  // At time 0 what is left are the modes that are kept; here all of them.
  assertClose(solveBurgers(starts, { viscosity: 1, time: 0, steps: 1 }).data, starts.data, 1e-14);
  const coarse = subsample(starts, 48);
  assertClose(solve(40, coarse).data, subsample(solve(40), 48).data, 1e-3);
  const high = Matrix.from(1, 12, (_, j) => Math.cos(2 * Math.PI * 4 * j / 12));
  assertClose(
    solveBurgers(high, { viscosity: 1, time: 0, steps: 1 }).data.map((x) => x + 1),
    new Float64Array(12).fill(1),
    1e-14,
  );
});

Deno.test("Burgers: spectra of squares in place are those by whole transforms", () => {
  const rng = new Rng(2);
  for (const n of [15, 16, 32, 64, 128, 256, 512]) {
    const v = rng.normals(2 * n);
    const out = new Float64Array(2 * n);
    squareSpectrum(n)(v, out);
    assertClose(out, fft(fft(v).map((x) => x * x)), 1e-14);
  }
});

Deno.test("Burgers: compiled steps have the bits of those in TypeScript", () => {
  const rng = new Rng(3);
  for (const [rows, n] of [[5, 256], [3, 16], [2, 512], [4, 32], [7, 64]]) {
    const u0 = rng.normalMatrix(rows, n);
    const solve = () => solveBurgers(u0, { viscosity: 0.01, time: 0.01, steps: 7 });
    assertEquals(solve().data, withoutKernels(solve).data);
    assert(solve().data.every(Number.isFinite));
  }
});

Deno.test("Burgers: bad input", () => {
  const options = { viscosity: 0.01, time: 0.1, steps: 10 };
  const u0 = sine(1, 16);
  assertThrows(() => solveBurgers(sine(NaN, 16), options), RangeError, "`u0`");
  assertThrows(() => solveBurgers(Matrix.zeros(1, 3), options), RangeError, "`u0.columns`");
  assertThrows(() => solveBurgers(u0, { ...options, viscosity: 0 }), RangeError, "`viscosity`");
  assertThrows(() => solveBurgers(u0, { ...options, time: NaN }), RangeError, "`time`");
  assertThrows(() => solveBurgers(u0, { ...options, steps: 0.5 }), RangeError, "`steps`");
  assertThrows(() => solveBurgers(u0, { ...options, dt: 1 } as never), TypeError, "dt");
  const at = { viscosity: 0.01, time: 0.1 };
  assertThrows(() => burgersColeHopf(() => NaN, [0], at), RangeError, "`potential`");
  assertThrows(
    () => burgersColeHopf((y) => -1e9 * y * y, [0], at),
    RangeError,
    "`potential` must be bounded",
  );
  assertThrows(() => burgersColeHopf(Math.cos, [NaN], at), RangeError, "`x`");
  assertThrows(() => burgersColeHopf(Math.cos, [0], { ...at, time: 0 }), RangeError, "`time`");
});

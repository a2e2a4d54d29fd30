import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  convergenceStudy,
  convolutionSymbol,
  differentialConv,
  fourierResize,
  integralSymbol,
  interpolateInputOutput,
  kernelResampling,
  localIntegralConv,
  quadratureAttention,
  relativeH1,
  relativeL2,
  resampleKernel,
  spectralConv,
  subsample,
  truncatedDft,
} from "../../lib/operators/mod.ts";
import { fitPowerLaw } from "../../lib/statistics/mod.ts";
import { fft } from "../../lib/transforms/mod.ts";
import { assertClose } from "./close.ts";

/** Values of a function at the points j / n, as a column. */
const column = (n: number, f: (x: number) => number) => Matrix.from(n, 1, (j) => f(j / n));
const wave = (k: number) => (x: number) => Math.cos(2 * Math.PI * k * x);

const TAPS = [1, 2, -1, 0.5, 3, -0.5, 1, -2, 1.5];
const kernel = new Matrix(9, 1, Float64Array.from(TAPS));
const SIZES = [32, 64, 128, 256, 512, 1024];

/** The symbol of the resampled taps on n points, for exp(2 pi i k x). */
function symbol(k: number, n: number, method: "naive" | "hat" | "official") {
  const { first } = kernelResampling(9, n, { trainN: 64, method });
  const taps = resampleKernel(kernel, { n, trainN: 64, method }).data;
  return convolutionSymbol(taps, 2 * Math.PI * k / n, { first });
}

function distance(a: { re: number; im: number }, b: { re: number; im: number }): number {
  return Math.hypot(a.re - b.re, a.im - b.im);
}

Deno.test("resampling: the oracle kernel, its continuous symbol and the errors of both methods", () => {
  const limit1 = integralSymbol(TAPS, 2 * Math.PI / 64);
  const limit3 = integralSymbol(TAPS, 6 * Math.PI / 64);
  assertAlmostEquals(limit1.re, 5.3054355017, 1e-10);
  assertAlmostEquals(limit1.im, -0.6770893952, 1e-10);
  assertAlmostEquals(limit3.re, 3.9281892396, 1e-10);
  assertAlmostEquals(limit3.im, -1.7962054922, 1e-10);
  const naive = [1.4906845, 0.7038478, 0.3457633, 0.1720772, 0.0859369, 0.0429557];
  const hat = [0.0069740, 0.0042979, 0.00107409, 0.000268498, 0.000067123, 0.0000167806];
  SIZES.forEach((n, i) => {
    assertAlmostEquals(distance(symbol(1, n, "naive"), { re: 5.5, im: 0 }), naive[i], 6e-8);
    assertAlmostEquals(distance(symbol(1, n, "hat"), limit1), hat[i], 6e-8);
  });
  assertAlmostEquals(distance(symbol(3, 128, "hat"), limit3), 0.0078143582, 1e-10);
  assertAlmostEquals(distance(symbol(3, 1024, "hat"), limit3), 0.000121969, 1e-10);
});

Deno.test("resampling: taps on a finer and a coarser grid; sums are kept by hats, not by images", () => {
  const fine = resampleKernel(kernel, { n: 128, trainN: 64 }).data;
  assertEquals(fine.length, 19);
  assertEquals([...fine.subarray(0, 5)], [0.25, 0.5, 0.75, 1, 0.25]);
  assertEquals([...resampleKernel(kernel, { n: 32, trainN: 64 }).data], [2, 0.25, 3, -0.25, 0.5]);
  const sum = (values: Float64Array) => values.reduce((a, b) => a + b);
  for (const n of [16, 32, 64, 192, 512]) {
    assertAlmostEquals(sum(resampleKernel(kernel, { n, trainN: 64 }).data), 5.5, 1e-13);
  }
  const official = resampleKernel(kernel, { n: 128, trainN: 64, method: "official" });
  assertEquals(official.rows, 17);
  // A constant kernel keeps its sum, one with large taps at its edge does not.
  const ones = Matrix.from(9, 1, () => 1);
  assertAlmostEquals(sum(resampleKernel(ones, { n: 128, trainN: 64, method: "official" }).data), 9, 1e-13);
  const edge = Matrix.from(9, 1, (t) => t === 0 ? 1 : 0);
  const kept = sum(resampleKernel(edge, { n: 512, trainN: 64, method: "official" }).data);
  assert(Math.abs(kept - 1) < 0.1 && kept !== 1, `${kept}`);
  for (const method of ["hat", "official", "naive"] as const) {
    assertClose(resampleKernel(kernel, { n: 64, trainN: 64, method }).data, TAPS, 1e-15);
  }
});

Deno.test("resampling: images keep the sum of each tap to a few percent and squeeze their places", () => {
  for (const [taps, n] of [[9, 128], [9, 512], [5, 1024]]) {
    const scale = n / 64;
    const factor = (scale * (taps - 1) + 1) / (scale * taps);
    const { matrix, first } = kernelResampling(taps, n, { trainN: 64, method: "official" });
    for (let j = 0; j < taps; j++) {
      const column = matrix.column(j);
      const mass = column.reduce((a, b) => a + b);
      const place = column.reduce((sum, weight, p) => sum + weight * (first + p), 0) / mass / scale;
      assertAlmostEquals(mass, 1, 0.03);
      // What would lie outside is at the outermost taps, which are nearer by up to a step of the fine grid.
      const isOutermost = j === 0 || j === taps - 1;
      assertAlmostEquals(place, factor * (j - (taps - 1) / 2), isOutermost ? 0.1 : 0.5 / scale ** 2 + 0.01);
    }
  }
});

Deno.test("resampling: the convolution multiplies waves by its symbol", () => {
  for (const method of ["naive", "hat", "official"] as const) {
    for (const n of [32, 64, 256]) {
      const { re, im } = symbol(3, n, method);
      const y = localIntegralConv(column(n, wave(3)), kernel, { trainN: 64, method });
      const expected = column(n, (x) => re * Math.cos(6 * Math.PI * x) - im * Math.sin(6 * Math.PI * x));
      assertClose(y.data, expected.data, 1e-13);
    }
  }
});

Deno.test("neural-operators, criterion 3: plain convolutions collapse, slope -1", () => {
  const sizes = [256, 512, 1024];
  const errors = (taps: number[]) =>
    sizes.map((n) =>
      distance(convolutionSymbol(taps, 2 * Math.PI / n), { re: taps.reduce((a, b) => a + b), im: 0 })
    );
  assertAlmostEquals(fitPowerLaw(sizes, errors(TAPS)).slope, -1, 0.05);
  // The coefficient is 2 pi k |sum j W_j|.
  assertAlmostEquals(errors(TAPS)[2] * 1024 / (2 * Math.PI * 7), 1, 0.01);
  // Without a first moment the slope is -2.
  assertAlmostEquals(fitPowerLaw(sizes, errors([1, 2, 5, 2, 1])).slope, -2, 0.01);
});

Deno.test("neural-operators, criterion 4: the hat kernel converges with slope -2", () => {
  const sizes = [128, 256, 512, 1024];
  for (const k of [1, 3]) {
    const limit = integralSymbol(TAPS, 2 * Math.PI * k / 64);
    const errors = sizes.map((n) => distance(symbol(k, n, "hat"), limit));
    assertAlmostEquals(fitPowerLaw(sizes, errors).slope, -2, 0.02);
  }
  // The study sees the same through the layer, and that the others do not converge to the integral.
  const { re, im } = integralSymbol(TAPS, 2 * Math.PI / 64);
  const limit = (x: number) => re * Math.cos(2 * Math.PI * x) - im * Math.sin(2 * Math.PI * x);
  const study = (method: "naive" | "hat" | "official") =>
    convergenceStudy(
      (n) => localIntegralConv(column(n, wave(1)), kernel, { trainN: 64, method }).data,
      limit,
      {
        sizes,
      },
    );
  assertAlmostEquals(study("hat").slope, -2, 0.02);
  assertEquals([study("hat").converges, study("naive").converges, study("official").converges], [
    true,
    false,
    false,
  ]);
});

Deno.test("local integrals: several channels, and batches of kernels", () => {
  const rng = new Rng(1);
  const u = rng.normalMatrix(12, 2);
  const taps = rng.normalMatrix(6, 3);
  const y = localIntegralConv(u, taps, { trainN: 12 });
  for (const [x, o] of [[0, 0], [5, 2], [11, 1]]) {
    let expected = 0;
    for (let t = 0; t < 3; t++) {
      for (let c = 0; c < 2; c++) expected += u.get((x + t + 11) % 12, c) * taps.get(2 * t + c, o);
    }
    assertAlmostEquals(y.get(x, o), expected, 1e-14);
  }
});

Deno.test("neural-operators, criterion 5: slope -1 of a differential layer, -2 if a + c = 0", () => {
  const u = (n: number) => column(n, (x) => Math.sin(2 * Math.PI * x));
  const study = (taps: number[]) =>
    convergenceStudy(
      (n) => differentialConv(u(n), new Matrix(3, 1, Float64Array.from(taps))).data,
      (x) => (taps[2] - taps[0]) * 2 * Math.PI * Math.cos(2 * Math.PI * x),
      { sizes: [128, 256, 512, 1024] },
    );
  const first = study([1, 0.3, -0.4]);
  assertAlmostEquals(first.slope, -1, 0.01);
  assertAlmostEquals(first.errors[1], 0.0462692, 5e-8);
  assertAlmostEquals(0.5 / 256 * 0.6 * 4 * Math.PI ** 2, 0.0462638, 5e-8);
  assertAlmostEquals(study([-0.7, 5, 0.7]).slope, -2, 0.01);
  // A step measured in units of the grid of training.
  const half = differentialConv(u(64), Matrix.fromRows([[-1], [0], [1]]), { h: 1 });
  assertClose(
    half.data,
    differentialConv(u(64), Matrix.fromRows([[-1], [0], [1]])).times(1 / 64).data,
    1e-15,
  );
  const constant = differentialConv(Matrix.from(8, 2, (_, c) => c + 1), Matrix.from(6, 1, (t) => t));
  assertClose(constant.data, new Float64Array(8), 1e-15);
});

/** The largest error of attention with q . k = cos 2 pi (x - y) and v = cos 2 pi y at x = 0 and 0.2. */
function attentionError(points: Float64Array, weights?: Float64Array): number {
  const at = [0, 0.2];
  const circle = (x: ArrayLike<number>) =>
    Matrix.from(x.length, 2, (i, c) => c === 0 ? Math.cos(2 * Math.PI * x[i]) : Math.sin(2 * Math.PI * x[i]));
  const values = Matrix.from(points.length, 1, (j) => Math.cos(2 * Math.PI * points[j]));
  const out = quadratureAttention(circle(at), circle(points), values, { weights });
  return Math.max(
    ...at.map((x, i) => Math.abs(out.get(i, 0) - 0.4463899658965345 * Math.cos(2 * Math.PI * x))),
  );
}

Deno.test("neural-operators, criterion 6: attention with weights on warped points", () => {
  const grid = (n: number) => Float64Array.from({ length: n }, (_, j) => j / n);
  const warped = (n: number) => grid(n).map((t) => t + 0.9 / (2 * Math.PI) * Math.sin(2 * Math.PI * t));
  const weights = (n: number) => grid(n).map((t) => (1 + 0.9 * Math.cos(2 * Math.PI * t)) / n);
  assertAlmostEquals(attentionError(grid(8)), 1.197e-6, 1e-9);
  assertAlmostEquals(attentionError(grid(16)), 0, 1e-15);
  assertAlmostEquals(attentionError(warped(8), weights(8)), 0.0160046, 5e-8);
  assertAlmostEquals(attentionError(warped(16), weights(16)), 3.954e-6, 1e-9);
  assertAlmostEquals(attentionError(warped(32), weights(32)), 0, 1e-14);
  assertAlmostEquals(attentionError(warped(64)), 0.3471247382, 1e-9);
});

Deno.test("attention: linear kind by its sum; large logits do not overflow", () => {
  const rng = new Rng(2);
  const [q, k, v] = [rng.normalMatrix(3, 2), rng.normalMatrix(4, 2), rng.normalMatrix(4, 2)];
  const out = quadratureAttention(q, k, v, { kind: "linear", weights: [1, 2, 3, 4] });
  let expected = 0;
  for (let j = 0; j < 4; j++) {
    expected += (j + 1) * (q.get(2, 0) * k.get(j, 0) + q.get(2, 1) * k.get(j, 1)) * v.get(j, 1);
  }
  assertAlmostEquals(out.get(2, 1), expected, 1e-14);
  const large = quadratureAttention(
    Matrix.fromRows([[1e3]]),
    Matrix.fromRows([[1], [0]]),
    Matrix.fromRows([[5], [7]]),
  );
  assertEquals(large.get(0, 0), 5);
});

Deno.test("truncated transforms are rows and columns of the whole ones", () => {
  for (const n of [1, 2, 7, 8]) {
    const { analysis, synthesis, modes } = truncatedDft(n, 99);
    assertEquals(modes, Math.floor(n / 2) + 1);
    const x = new Rng(n).normals(n);
    const full = new Float64Array(2 * n);
    x.forEach((value, j) => full[2 * j] = value);
    const expected = fft(full);
    for (let k = 0; k < modes; k++) {
      for (let part = 0; part < 2; part++) {
        const row = analysis.row(2 * k + part);
        const value = row.reduce((sum, entry, j) => sum + entry * x[j], 0);
        assertAlmostEquals(value, expected[2 * k + part] / n, 1e-15 * n + 1e-15);
      }
    }
    // All modes there and back are the identity.
    const back = Matrix.from(n, n, (i, j) => {
      let sum = 0;
      for (let r = 0; r < 2 * modes; r++) sum += synthesis.get(i, r) * analysis.get(r, j);
      return sum;
    });
    assertClose(back.data, Matrix.identity(n).data, 1e-14);
  }
});

Deno.test("truncated transforms warn once where a grid has too few modes", () => {
  const url = new URL("../../lib/operators/truncated_dft.ts", import.meta.url).href;
  const code =
    `import { truncatedDft } from "${url}"; truncatedDft(8, 5); truncatedDft(8, 6); truncatedDft(4, 9);`;
  const { stderr } = new Deno.Command(Deno.execPath(), {
    args: ["eval", `--config=${new URL("../../deno.json", import.meta.url).pathname}`, code],
    env: { NO_COLOR: "1" },
  }).outputSync();
  const lines = new TextDecoder().decode(stderr).split("\n").filter((line) => line.startsWith("refigure"));
  assertEquals(lines, [
    "refigure: a grid of 8 points has 5 Fourier modes, fewer than the 6 asked for; those that it has are used.",
  ]);
});

Deno.test("spectral layer: the change with the grid is that of the modes it cannot see", () => {
  const rng = new Rng(8);
  const [re, im] = [rng.normalMatrix(8, 1), rng.normalMatrix(8, 1)];
  const at0 = (n: number, f: (x: number) => number) =>
    spectralConv(column(n, f), re, im, { modes: 8 }).get(0, 0);
  const smooth = (x: number) => Math.exp(Math.sin(2 * Math.PI * x));
  const limit = at0(1024, smooth);
  const change = (n: number) => Math.abs(at0(n, smooth) - limit);
  assert(change(16) > 1e-10 && change(16) < 1e-7, `${change(16)}`);
  assert(change(20) < 1e-12, `${change(20)}`);
  assert(change(24) < 1e-14 && change(48) < 1e-14, `${change(24)}`);
  const banded = (x: number) => 1 + wave(3)(x) - 2 * Math.sin(10 * Math.PI * x);
  for (const n of [16, 17, 64]) assertAlmostEquals(at0(n, banded), at0(1000, banded), 1e-13);
  // A grid with fewer modes uses those that it has.
  const few = spectralConv(column(8, wave(1)), re, im, { modes: 8 });
  assertClose(
    few.data,
    spectralConv(column(8, wave(1)), re.slice(0, 5), im.slice(0, 5), { modes: 5 }).data,
    1e-15,
  );
});

Deno.test("functions on other grids: Fourier modes are kept, the Nyquist mode is not", () => {
  const rng = new Rng(9);
  const u = rng.normalMatrix(2, 15);
  assertClose(fourierResize(fourierResize(u, 40), 15).data, u.data, 1e-14);
  const nyquist = Matrix.from(1, 8, (_, j) => (-1) ** j);
  fourierResize(nyquist, 16).data.forEach((value) => assertAlmostEquals(value, 0, 1e-15));
  assertEquals(fourierResize(nyquist, 8).data, nyquist.data);
  // Up to a multiple of the size and every m-th value is the identity, too.
  assertClose(subsample(fourierResize(u, 45), 15).data, u.data, 1e-14);
  const seen: number[] = [];
  const flat = interpolateInputOutput((v) => {
    seen.push(v.columns);
    return v.times(2);
  }, 9);
  const low = Matrix.from(1, 30, (_, j) => wave(4)(j / 30));
  assertClose(flat(low).data, low.times(2).data, 1e-14);
  assertEquals(seen, [9]);
  // Blind beyond half of the grid.
  const high = interpolateInputOutput((v) => v as Matrix, 9)(Matrix.from(1, 30, (_, j) => wave(6)(j / 30)));
  high.data.forEach((value) => assertAlmostEquals(value, 0, 1e-14));
});

Deno.test("metrics: equal functions, zero predictions, a derivative that counts", () => {
  const u = Matrix.fromRows([[1, 2, 3, 4], [0, 1, 0, -1]]);
  assertEquals(relativeL2(u, u), new Float64Array(2));
  assertEquals(relativeH1(u, u), new Float64Array(2));
  assertClose(relativeL2(Matrix.zeros(2, 4), u), [1, 1], 1e-15);
  assertClose(relativeH1(Matrix.zeros(2, 4), u), [1, 1], 1e-15);
  assertEquals(relativeL2(u, Matrix.zeros(2, 4)), Float64Array.of(Infinity, Infinity));
  assert(Number.isNaN(relativeL2(Matrix.zeros(1, 4), Matrix.zeros(1, 4))[0]));
  // The norm by integrals: u = 1 + sin 2 pi x has norm^2 3/2 and derivative 2 pi^2.
  const f = Matrix.from(1, 9, (_, j) => 1 + Math.sin(2 * Math.PI * j / 9));
  const g = f.minus(Matrix.from(1, 9, () => 1)) as Matrix;
  assertAlmostEquals(relativeH1(g, f)[0], 1 / Math.sqrt(1.5 + 2 * Math.PI ** 2), 1e-14);
});

Deno.test("studies: exact layers have no slope and converge; another limit is seen", () => {
  const exact = convergenceStudy((n) => column(n, wave(1)).data, wave(1));
  assertEquals([exact.converges, Number.isNaN(exact.slope)], [true, true]);
  const other = convergenceStudy((n) => column(n, wave(1)).data, wave(2));
  assertEquals(other.converges, false);
  const lost = convergenceStudy((n) => new Float64Array(n).fill(NaN), wave(2));
  assertEquals([lost.converges, lost.errors[0]], [false, NaN]);
});

Deno.test("operators: bad input", () => {
  const u = Matrix.from(8, 2, (i, j) => i + j);
  const nan = Matrix.from(8, 2, () => NaN);
  assertThrows(() => kernelResampling(4, 64, { trainN: 64 }), RangeError, "kernel size must be odd");
  assertThrows(
    () => localIntegralConv(u, Matrix.zeros(8, 1), { trainN: 8 }),
    RangeError,
    "kernel size must be odd",
  );
  assertThrows(() => kernelResampling(3, 96, { trainN: 64 }), RangeError, "n = 96 and trainN = 64");
  assertThrows(
    () => localIntegralConv(u, Matrix.zeros(6, 1), { trainN: 5 }),
    RangeError,
    "n = 8 and trainN = 5",
  );
  assertThrows(() => localIntegralConv(u, Matrix.zeros(5, 1), { trainN: 8 }), RangeError, "`kernel`");
  assertThrows(() => localIntegralConv(nan, Matrix.zeros(6, 1), { trainN: 8 }), RangeError, "`u`");
  assertThrows(
    () => localIntegralConv(u, Matrix.zeros(6, 1), { trainN: 8, method: "cubic" as never }),
    TypeError,
    "`method`",
  );
  assertThrows(
    () => spectralConv(u, Matrix.zeros(4, 1), Matrix.zeros(4, 1), { modes: 3 }),
    RangeError,
    "`re`",
  );
  assertThrows(
    () => spectralConv(u, Matrix.zeros(4, 1), Matrix.zeros(4, 2), { modes: 2 }),
    RangeError,
    "`im`",
  );
  assertThrows(
    () => spectralConv(nan, Matrix.zeros(4, 1), Matrix.zeros(4, 1), { modes: 2 }),
    RangeError,
    "`u`",
  );
  assertThrows(() => differentialConv(u, Matrix.zeros(6, 1), { h: 0 }), RangeError, "`h`");
  assertThrows(() => quadratureAttention(u, u, u, { weights: [1] }), RangeError, "`weights`");
  const zero = new Float64Array(8).fill(1);
  zero[3] = 0;
  assertThrows(() => quadratureAttention(u, u, u, { weights: zero }), RangeError, "entry 3 is 0");
  assertThrows(() => quadratureAttention(u, u, u, { weights: zero.fill(NaN) }), RangeError, "`weights`");
  assertThrows(() => quadratureAttention(u, nan, u), RangeError, "`k`");
  assertThrows(() => quadratureAttention(u, Matrix.zeros(8, 3), u), RangeError, "`q`");
  assertThrows(() => quadratureAttention(u, u, Matrix.zeros(7, 1)), RangeError, "`v`");
  assertThrows(() => quadratureAttention(u, u, u, { kind: "mean" as never }), TypeError, "`kind`");
  assertThrows(() => fourierResize(nan, 4), RangeError, "`u`");
  assertThrows(() => fourierResize(u, 0), RangeError, "`n`");
  assertThrows(() => relativeL2(u, Matrix.zeros(8, 3)), RangeError, "`prediction`");
  assertThrows(() => relativeH1(u, nan), RangeError, "`target`");
  assertThrows(() => convergenceStudy(() => [], () => 0, { sizes: [8] }), RangeError, "`sizes.length`");
  assertThrows(() => convergenceStudy(() => [], () => 0, { sizes: [8, 8] }), RangeError, "`sizes[1]`");
  assertThrows(() => convergenceStudy(() => [1], () => 0), RangeError, "`layer(64)`");
  assertThrows(() => convolutionSymbol([1, 2], 1), RangeError, "kernel size must be odd");
  assertThrows(() => truncatedDft(0, 1), RangeError, "`n`");
});

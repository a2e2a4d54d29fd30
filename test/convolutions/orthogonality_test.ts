/** The regularizer, its constant, and existence: reference values, closed forms, invariances. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import { gram, matmul } from "refigure/blas";
import {
  convolutionMatrix,
  type ConvolutionShape,
  convolutionSingularValues,
  glorotKernel,
  kernelAutocorrelation,
  kernelOrthogonality,
  lorth,
  lorthFloor,
  lorthGradient,
  lorthSpectralConstant,
  minimizeLorth,
  orthogonalConvExists,
  orthogonalityErrors,
  orthogonalKernel,
} from "refigure/convolutions";
import { frobeniusNorm, haarOrthogonal, spectralNorm } from "refigure/linalg";
import { assertClose, shapeOf } from "./helpers.ts";

/** K[m, c, a, b] = sin(1 + m + 2c + 3a + 5b) / 4. */
function sineKernel({ outChannels: M, inChannels: C, kernelSize: k }: ConvolutionShape): Float64Array {
  return Float64Array.from({ length: M * C * k * k }, (_, i) => {
    const b = i % k;
    const a = Math.floor(i / k) % k;
    const c = Math.floor(i / (k * k)) % C;
    const m = Math.floor(i / (k * k * C));
    return Math.sin(1 + m + 2 * c + 3 * a + 5 * b) / 4;
  });
}

/** K K^T - I or K^T K - I, whichever is smaller, from the explicit matrix. */
function residual(kernel: Float64Array, shape: ConvolutionShape, N: number): Matrix {
  const K = convolutionMatrix(kernel, shape, N);
  const product = gram(K, { side: K.rows <= K.columns ? "right" : "left" });
  return product.minus(Matrix.identity(product.rows));
}

// Computed in another language: M, C, k, S, N, then L, both errors and the largest singular value.
const TABLE = [
  [2, 1, 3, 1, 6, 0.859959066851, 5.564038677673, 1.774983026496, 1.665828030289],
  [1, 2, 3, 1, 6, 0.664474411132, 4.890917991621, 1.340935549254, 1.530011617359],
  [3, 1, 3, 2, 4, 1.966684829498, 5.609541627617, 1.000000000000, 1.317934425836],
  [5, 1, 3, 2, 4, 3.363889350663, 7.336363514072, 2.472240169139, 1.863394796907],
  [2, 2, 3, 1, 6, 2.926244391610, 10.263761401063, 3.998607221442, 2.235756521055],
];

for (const [M, C, k, S, N, value, frobenius, spectral, largest] of TABLE) {
  Deno.test(`reference values: ${[M, C, k, S, N]}`, () => {
    const shape = shapeOf(M, C, k, S);
    const kernel = sineKernel(shape);
    assertAlmostEquals(lorth(kernel, shape), value, 1e-11);
    const errors = orthogonalityErrors(kernel, shape, N);
    assertAlmostEquals(errors.frobenius, frobenius, 1e-11);
    assertAlmostEquals(errors.spectral, spectral, 1e-11);
    assertAlmostEquals(errors.largest, largest, 1e-11);
    assertEquals(errors.aliased, false);
    const explicit = residual(kernel, shape, N);
    assertAlmostEquals(frobeniusNorm(explicit), frobenius, 1e-11);
    assertAlmostEquals(spectralNorm(explicit), spectral, 1e-11);
  });
}

Deno.test("correlations: reference values at shift 0, and the symmetry of opposite shifts", () => {
  const shape = shapeOf(2, 1, 3);
  const { values, size } = kernelAutocorrelation(sineKernel(shape), shape);
  const centre = [0, 1, 2, 3].map((mn) => values[mn * size * size + 12]);
  assertClose(centre, [0.3221155295, 0.213148749, 0.213148749, 0.3065052894], 1e-9);
  const strided = shapeOf(3, 2, 5, 2);
  const found = kernelAutocorrelation(sineKernel(strided), strided);
  assertEquals(found.size, 5);
  for (let m = 0; m < 3; m++) {
    for (let n = 0; n < 3; n++) {
      for (let d = 0; d < 25; d++) {
        assertEquals(found.values[(m * 3 + n) * 25 + d], found.values[(n * 3 + m) * 25 + 24 - d]);
      }
    }
  }
  // The regularizer is made of them.
  let sum = 0;
  for (let m = 0; m < 3; m++) {
    for (let n = 0; n < 3; n++) {
      for (let d = 0; d < 25; d++) {
        sum += (found.values[(m * 3 + n) * 25 + d] - (m === n && d === 12 ? 1 : 0)) ** 2;
      }
    }
  }
  assertAlmostEquals(sum, lorth(sineKernel(strided), strided), 1e-12);
});

Deno.test("regularizer: at zero, and for multiples of an orthogonal kernel", () => {
  for (
    const [M, C, k, S] of [[3, 2, 3, 1], [2, 2, 3, 1], [9, 2, 3, 2], [3, 2, 5, 2], [1, 1, 1, 1], [4, 1, 3, 4]]
  ) {
    const shape = shapeOf(M, C, k, S);
    const least = Math.min(M, C * S * S);
    assertAlmostEquals(lorth(new Float64Array(M * C * k * k), shape), least, 1e-12);
    const kernel = orthogonalKernel(shape, { rng: new Rng(1) });
    for (const t of [0.5, 1, 2]) {
      assertAlmostEquals(lorth(kernel.map((x) => t * x), shape), least * (t * t - 1) ** 2, 1e-11);
    }
  }
});

Deno.test("regularizer: unchanged by rotating filters or channels, by flips and by moving taps", () => {
  const shape = shapeOf(4, 3, 5, 2);
  const rng = new Rng(2);
  const kernel = rng.normals(4 * 3 * 25, 0.3);
  const value = lorth(kernel, shape);
  const mixed = matmul(haarOrthogonal(4, { rng }), new Matrix(4, 75, kernel)).data;
  assertAlmostEquals(lorth(mixed, shape), value, 1e-11 * value);
  const U = haarOrthogonal(3, { rng });
  const channels = new Float64Array(kernel.length);
  for (let m = 0; m < 4; m++) {
    channels.set(matmul(U, new Matrix(3, 25, kernel.slice(75 * m, 75 * m + 75))).data, 75 * m);
  }
  assertAlmostEquals(lorth(channels, shape), value, 1e-11 * value);
  const rows = kernel.map((_, i) => kernel[i - i % 25 + (4 - Math.floor(i % 25 / 5)) * 5 + i % 5]);
  const columns = kernel.map((_, i) => kernel[i - i % 5 + 4 - i % 5]);
  assertAlmostEquals(lorth(rows, shape), value, 1e-11 * value);
  assertAlmostEquals(lorth(columns, shape), value, 1e-11 * value);
  const inside = kernel.map((x, i) => Math.floor(i % 25 / 5) < 3 && i % 5 < 3 ? x : 0);
  const moved = kernel.map((_, i) =>
    Math.floor(i % 25 / 5) >= 1 && i % 5 >= 2 && i % 5 < 5 ? inside[i - 5 - 2] : 0
  );
  assertAlmostEquals(lorth(moved, shape), lorth(inside, shape), 1e-12);
});

Deno.test("regularizer: for k = 1 it is kernel orthogonality; in general that one is blind", () => {
  const rng = new Rng(3);
  for (const [M, C] of [[2, 5], [5, 2]]) {
    const kernel = rng.normals(M * C);
    const shape = shapeOf(M, C, 1);
    assertAlmostEquals(lorth(kernel, shape), kernelOrthogonality(kernel, shape), 1e-11);
    const product = gram(new Matrix(M, C, kernel), { side: "right" }).minus(Matrix.identity(M));
    assertAlmostEquals(lorth(kernel, shape), frobeniusNorm(product) ** 2 - Math.max(0, M - C), 1e-11);
  }
  const mean = new Float64Array(9).fill(1 / 3);
  assertAlmostEquals(kernelOrthogonality(mean, shapeOf(1, 1, 3)), 0, 1e-14);
  assertAlmostEquals(lorth(mean, shapeOf(1, 1, 3)), (19 / 9) ** 2 - 1, 1e-13);
});

Deno.test("exact spurious minima: values, correlations, singular values", () => {
  const one = shapeOf(1, 1, 3);
  const p = Math.sqrt(0.08);
  const q = Math.sqrt(0.28);
  const t = 1 / Math.sqrt(5);
  const first = [-p, -q, -p, 0, 0, 0, p, -q, p];
  const third = [t, 0, t, 0, 0, 0, t, 0, -t];
  const { values } = kernelAutocorrelation(first, one);
  const wanted = new Float64Array(25);
  wanted[12] = 0.88;
  wanted[10] = wanted[14] = 0.16;
  wanted[2] = wanted[22] = 0.12;
  wanted[0] =
    wanted[4] =
    wanted[20] =
    wanted[24] =
      -0.08;
  assertClose(values, wanted, 1e-14);
  for (const [kernel, value, largest] of [[first, 0.12, 1.28], [third, 0.2, 1.6]] as const) {
    const found = lorthGradient(kernel, one);
    assertAlmostEquals(found.value, value, 1e-14);
    assert(Math.max(...found.gradient.map(Math.abs)) < 1e-13);
    const errors = orthogonalityErrors(kernel, one, 8);
    assertAlmostEquals(errors.largest, Math.sqrt(largest), 1e-12);
    assertAlmostEquals(errors.smallest, 0, 1e-12);
  }
});

Deno.test("spectral constant: the table, and the bound on random kernels of all shapes", () => {
  const cases = [[4, 2, 3, 1, 50], [2, 3, 3, 1, 50], [4, 1, 3, 2, 25], [6, 1, 5, 2, 81]];
  for (const [M, C, k, S, alpha] of cases) assertEquals(lorthSpectralConstant(shapeOf(M, C, k, S)), alpha);
  const rng = new Rng(4);
  for (let i = 0; i < 60; i++) {
    const [M, C, S] = [1 + rng.integer(6), 1 + rng.integer(3), 1 + rng.integer(3)];
    const k = 1 + 2 * rng.integer(3);
    const shape = shapeOf(M, C, k, S);
    const N = Math.ceil((2 * k - 1) / S) + rng.integer(2);
    const { spectral, bound, frobenius } = orthogonalityErrors(rng.normals(M * C * k * k, 0.4), shape, N);
    assert(spectral <= bound * (1 + 1e-12));
    assert(spectral <= frobenius * (1 + 1e-12));
  }
});

Deno.test("errors: images smaller than 2k - 1 are flagged, and the identity fails there", () => {
  const shape = shapeOf(3, 2, 3);
  const kernel = sineKernel(shape);
  const { frobenius, aliased } = orthogonalityErrors(kernel, shape, 3);
  assert(aliased);
  assertAlmostEquals(frobenius ** 2 / (9 * lorth(kernel, shape)), 0.285860150, 1e-8);
  assertAlmostEquals(frobeniusNorm(residual(kernel, shape, 3)), frobenius, 1e-11);
  const wide = orthogonalityErrors(kernel, shape, 5);
  assert(!wide.aliased);
  assertAlmostEquals(wide.frobenius ** 2 / (25 * lorth(kernel, shape)), 1, 1e-12);
  assertThrows(() => orthogonalityErrors(kernel, shape, 2), RangeError, "`outputSize`");
});

Deno.test("gradient: central differences, loops and products", () => {
  for (const [M, C, k, S] of [[3, 2, 3, 1], [4, 1, 5, 2], [5, 1, 3, 4], [16, 10, 3, 1], [34, 1, 5, 3]]) {
    const shape = shapeOf(M, C, k, S);
    const rng = new Rng(M);
    const kernel = rng.normals(M * C * k * k, 0.3);
    const { gradient } = lorthGradient(kernel, shape);
    let size = 0;
    for (const g of gradient) size = Math.max(size, Math.abs(g));
    for (let trial = 0; trial < 20; trial++) {
      const i = rng.integer(kernel.length);
      const at = (x: number) => lorth(kernel.map((y, j) => j === i ? x : y), shape);
      const h = 1e-4;
      // Of a quartic polynomial the error is the third derivative's: two steps cancel it.
      const central = (h: number) => (at(kernel[i] + h) - at(kernel[i] - h)) / (2 * h);
      assertAlmostEquals((4 * central(h) - central(2 * h)) / 3, gradient[i], 1e-7 * size);
    }
  }
});

Deno.test("existence: exactly where a construction reaches zero, over all small shapes", () => {
  let existing = 0;
  let missing = 0;
  for (let M = 1; M <= 19; M++) {
    for (let C = 1; C <= 3; C++) {
      for (const k of [1, 3, 5]) {
        for (let S = 1; S <= 4; S++) {
          const shape = shapeOf(M, C, k, S);
          const { exists, case: which } = orthogonalConvExists(shape);
          assertEquals(which, M < C * S * S ? "RO" : M > C * S * S ? "CO" : "square");
          assertEquals(lorthFloor(shape) === 0, exists);
          if (exists) {
            existing++;
            assert(Math.abs(lorth(orthogonalKernel(shape, { rng: new Rng(M) }), shape)) < 1e-12);
          } else {
            missing++;
            assertThrows(
              () => orthogonalKernel(shape, { rng: new Rng(M) }),
              RangeError,
              M <= C * S * S ? `but ${M} > ${C * k * k}` : `but ${S} > ${k}`,
            );
          }
        }
      }
    }
  }
  assert(existing > 500 && missing > 50);
});

Deno.test("existence: the floor is reached by descent where no orthogonal kernel exists", () => {
  for (const [M, C, k, S, floor] of [[10, 1, 3, 4, 1], [17, 1, 3, 4, 7]]) {
    const shape = shapeOf(M, C, k, S);
    assertEquals(lorthFloor(shape), floor);
    const found = minimizeLorth(glorotKernel(shape, { rng: new Rng(M) }), shape);
    assertAlmostEquals(found.value, floor, 1e-6);
    assert(found.value > floor - 1e-12);
  }
});

Deno.test("existence: other borders", () => {
  const at = (M: number, C: number, k: number, border: "valid" | "same") =>
    orthogonalConvExists(shapeOf(M, C, k), { border });
  assertEquals(
    [at(2, 3, 3, "valid"), at(3, 3, 3, "valid"), at(4, 3, 3, "valid"), at(4, 3, 1, "valid")].map((e) =>
      e.exists
    ),
    [
      true,
      true,
      false,
      true,
    ],
  );
  assertEquals([at(2, 3, 3, "same").centreTapOnly, at(2, 3, 1, "same").centreTapOnly], [true, false]);
  assertThrows(
    () => orthogonalConvExists(shapeOf(2, 3, 3, 2), { border: "valid" }),
    RangeError,
    '`shape.stride` must be 1 for the border "valid", got 2',
  );
  // Rows that are orthonormal for the circular border are so for "valid": every window is whole.
  const shape = shapeOf(2, 3, 3);
  const { kernel } = minimizeLorth(glorotKernel(shape, { rng: new Rng(1) }), shape, { steps: 4000 });
  const valid = gram(convolutionMatrix(kernel, shape, 4, { border: "valid" }), { side: "right" });
  assert(spectralNorm(valid.minus(Matrix.identity(valid.rows))) < 1e-3);
  // Centre taps only: orthogonal whatever the border.
  const centre = orthogonalKernel(shape, { rng: new Rng(2) });
  const same = gram(convolutionMatrix(centre, shape, 4, { border: "same" }), { side: "right" });
  assert(spectralNorm(same.minus(Matrix.identity(same.rows))) < 1e-13);
});

Deno.test("descent: statuses, the values on the way, and what it leaves alone", () => {
  const shape = shapeOf(4, 2, 3);
  const start = glorotKernel(shape, { rng: new Rng(5) });
  const copy = start.slice();
  const free = minimizeLorth(start, shape, { steps: 50 });
  assertEquals(start, copy);
  assertEquals([free.status, free.advice, free.values.length], ["finished", null, 50]);
  assertAlmostEquals(free.values[0], lorth(start, shape), 1e-14);
  assertAlmostEquals(free.value, lorth(free.kernel, shape), 1e-14);
  const met = minimizeLorth(start, shape, { until: 0.5 });
  assertEquals(met.status, "converged");
  assert(met.value <= 0.5 && met.values.every((value) => value > 0.5));
  const short = minimizeLorth(start, shape, { until: 1e-9, steps: 5 });
  assertEquals(short.status, "step-limit");
  assert(short.advice!.length > 0);
  assertEquals(minimizeLorth(start, shape, { steps: 0 }).value, lorth(start, shape));
  assertThrows(() => minimizeLorth(start.map(() => Infinity), shape), RangeError, "entry 0 is Infinity");
  assertThrows(() => minimizeLorth(start, shape, { learningRate: -1 }), RangeError, "learningRate");
  assertThrows(() => glorotKernel(shape, { rng: 1 as never }), TypeError, "`rng`");
  // Two kernels of near isometries: all singular values within sqrt(1 +- e).
  const { kernel } = minimizeLorth(start, shape);
  const { spectral, largest, smallest } = orthogonalityErrors(kernel, shape, 8);
  assert(smallest >= Math.sqrt(1 - spectral) - 1e-12 && largest <= Math.sqrt(1 + spectral) + 1e-12);
  assertEquals(convolutionSingularValues(kernel, shape, 8).length, 128);
});

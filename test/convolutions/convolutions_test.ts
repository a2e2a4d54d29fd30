/** Layers as linear maps against PyTorch and NumPy, closed forms, and against each other. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { ComplexMatrix, Matrix, Rng } from "refigure/arrays";
import { withEngine } from "refigure/blas";
import {
  applyConvolution,
  type Border,
  convolutionBlocks,
  convolutionMatrix,
  type ConvolutionShape,
  convolutionSingularValues,
  lorth,
  lorthGradient,
} from "refigure/convolutions";
import { batchedSingularValues, NotConvergedError, singularValues } from "refigure/linalg";
import { fft } from "refigure/transforms";
import fixtures from "../fixtures/convolutions/convolutions.json" with { type: "json" };
import { assertClose, engines, shapeOf } from "./helpers.ts";

for (const engine of engines) {
  for (const layer of fixtures.layers) {
    const { M, C, k, S, N, kernel } = layer;
    const shape = shapeOf(M, C, k, S);
    Deno.test(`PyTorch agrees: ${[M, C, k, S, N]}, ${engine}`, () =>
      withEngine(engine, () => {
        const { value, gradient } = lorthGradient(kernel, shape);
        assertAlmostEquals(value, layer.lorth, 1e-12 * Math.max(1, layer.lorth));
        assertAlmostEquals(lorth(kernel, shape), layer.lorth, 1e-12 * Math.max(1, layer.lorth));
        assertClose(gradient, layer.gradient, 1e-13);
        for (const border of ["circular", "same", "valid"] as Border[]) {
          const { image, output } = layer[border];
          assertClose(applyConvolution(kernel, shape, image, N, { border }), output, 1e-13);
          const matrix = convolutionMatrix(kernel, shape, N, { border });
          const product = Float64Array.from(
            { length: matrix.rows },
            (_, i) => matrix.row(i).reduce((sum, x, j) => sum + x * image[j], 0),
          );
          assertClose(product, output, 1e-13);
        }
        assertClose(convolutionSingularValues(kernel, shape, N), layer.singularValues, 1e-13);
        assertClose(singularValues(convolutionMatrix(kernel, shape, N)), layer.singularValues, 1e-12);
      }));
  }
}

Deno.test("blocks: the transform of the outputs is block times the transforms of the phases", () => {
  for (const [M, C, k, S, N] of [[2, 3, 3, 1, 5], [3, 2, 5, 2, 4], [2, 1, 3, 4, 3], [1, 1, 5, 1, 5]]) {
    const rng = new Rng(M + 10 * k);
    const shape = shapeOf(M, C, k, S);
    const kernel = rng.normals(M * C * k * k);
    const side = S * N;
    const image = rng.normals(C * side * side);
    const phases: Float64Array[] = [];
    for (let c = 0; c < C; c++) {
      for (let p = 0; p < S; p++) {
        for (let q = 0; q < S; q++) {
          phases.push(transform(N, (i, j) => image[(c * side + S * i + p) * side + S * j + q]));
        }
      }
    }
    const output = applyConvolution(kernel, shape, image, N);
    const blocks = convolutionBlocks(kernel, shape, N);
    assertEquals([blocks.rows, blocks.columns], [N * N * M, C * S * S]);
    for (let m = 0; m < M; m++) {
      const wanted = transform(N, (i, j) => output[(m * N + i) * N + j]);
      for (let f = 0; f < N * N; f++) {
        let re = 0;
        let im = 0;
        phases.forEach((phase, column) => {
          const { re: x, im: y } = blocks.get(f * M + m, column);
          re += x * phase[2 * f] - y * phase[2 * f + 1];
          im += x * phase[2 * f + 1] + y * phase[2 * f];
        });
        assertAlmostEquals(re, wanted[2 * f], 1e-11);
        assertAlmostEquals(im, wanted[2 * f + 1], 1e-11);
      }
    }
  }
});

/** Two-dimensional transform of N x N real numbers, by rows and then by columns. */
function transform(N: number, value: (i: number, j: number) => number): Float64Array {
  const rows = Array.from(
    { length: N },
    (_, i) => fft(Float64Array.from({ length: 2 * N }, (_, t) => t % 2 === 0 ? value(i, t / 2) : 0)),
  );
  const out = new Float64Array(2 * N * N);
  for (let v = 0; v < N; v++) {
    const column = fft(Float64Array.from({ length: 2 * N }, (_, t) => rows[t >> 1][2 * v + t % 2]));
    for (let u = 0; u < N; u++) out.set(column.subarray(2 * u, 2 * u + 2), 2 * (u * N + v));
  }
  return out;
}

Deno.test("singular values: of a shift all 1, of a mean and a difference by their formulas", () => {
  const one = { outChannels: 1, inChannels: 1, kernelSize: 3 };
  for (const N of [3, 4, 7]) {
    const shift = new Float64Array(9);
    shift[2] = -1;
    assert(convolutionSingularValues(shift, one, N).every((s) => Math.abs(s - 1) < 1e-14));
    const mean = new Float64Array(9).fill(1 / 9);
    const factor = (u: number) => (1 + 2 * Math.cos(2 * Math.PI * u / N)) / 3;
    const wanted = Array.from(
      { length: N * N },
      (_, f) => Math.abs(factor(Math.floor(f / N)) * factor(f % N)),
    );
    assertClose(convolutionSingularValues(mean, one, N), wanted.sort((a, b) => b - a), 1e-14);
  }
});

Deno.test("batched singular values: NumPy agrees", () => {
  for (const { m, n, stack, values } of fixtures.blocks) {
    const found = batchedSingularValues(new ComplexMatrix(3 * m, n, Float64Array.from(stack)), m);
    assertEquals([found.rows, found.columns], [3, Math.min(m, n)]);
    assertClose(found.data, values, 1e-14);
  }
});

Deno.test("batched singular values: LAPACK's one by one, of blocks of all kinds", () => {
  const kinds: Record<string, (x: number, row: number, column: number) => number> = {
    full: (x) => x,
    "rank one": (_, row, column) => (row + 1) * (column - 2),
    graded: (x, row) => x * 10 ** (-2 * row),
    diagonal: (x, row, column) => row === column ? x : 0,
    "zero column": (x, _, column) => column === 1 ? 0 : x,
    "upper bidiagonal with a zero": (x, row, column) =>
      column - row === 1 || (column === row && row !== 1) ? x : 0,
    zero: () => 0,
    large: (x) => 1e300 * x,
    small: (x) => 1e-300 * x,
  };
  for (const [m, n] of [[1, 1], [2, 2], [3, 3], [6, 4], [4, 9], [17, 17]]) {
    for (const [name, entry] of Object.entries(kinds)) {
      const rng = new Rng(m + 100 * n);
      const count = 3;
      const real = rng.normalMatrix(count * m, n).map((x, row, column) => entry(x, row % m, column));
      const imaginary = rng.normals(count * m * n);
      const complex = new ComplexMatrix(
        count * m,
        n,
        Float64Array.from({ length: 2 * count * m * n }, (_, t) => {
          const at = t >> 1;
          return t % 2 === 0 ? real.data[at] : entry(imaginary[at], Math.floor(at / n) % m, at % n);
        }),
      );
      for (const stack of [real, complex]) {
        const found = batchedSingularValues(stack, m);
        for (let i = 0; i < count; i++) {
          const width = stack instanceof ComplexMatrix ? 2 * n : n;
          const data = stack.data.slice(i * m * width, (i + 1) * m * width);
          const wanted = singularValues(
            stack instanceof ComplexMatrix ? new ComplexMatrix(m, n, data) : new Matrix(m, n, data),
          );
          assertClose(found.row(i), wanted, 1e-14 * m, `${name}, ${m} x ${n}`);
        }
      }
    }
  }
});

Deno.test("batched singular values: bad input", () => {
  const stack = new Rng(1).normalMatrix(6, 2);
  assertThrows(() => batchedSingularValues(stack, 4), RangeError, "`blockRows` must divide the 6 rows");
  assertThrows(() => batchedSingularValues(stack, 0), RangeError, "`blockRows`");
  stack.set(1, 1, NaN);
  assertThrows(() => batchedSingularValues(stack, 2), RangeError, "entry (1, 1) is NaN");
  assertThrows(() => batchedSingularValues([[1]] as never, 1), TypeError, "`stack`");
  assert(new NotConvergedError("x", "y") instanceof Error);
});

Deno.test("layers: bad input", () => {
  const shape: ConvolutionShape = { outChannels: 1, inChannels: 1, kernelSize: 3 };
  const kernel = new Float64Array(9);
  const calls: [() => unknown, string][] = [
    [
      () => convolutionMatrix(kernel, { ...shape, kernelSize: 4 }, 5),
      "`shape.kernelSize` must be odd, got 4",
    ],
    [
      () => convolutionMatrix(kernel, { ...shape, stride: 0 }, 5),
      "`shape.stride` must be an integer of at least 1",
    ],
    [() => convolutionMatrix(kernel, { ...shape, outChannels: 2 }, 5), "`kernel` must"],
    [() => convolutionSingularValues(kernel, shape, 2), "`outputSize` must be at least 3"],
    [() => convolutionSingularValues(kernel.map(() => NaN), shape, 4), "entry 0 is NaN"],
    [() => applyConvolution(kernel, shape, new Float64Array(15), 4), "`image`"],
    [() => convolutionBlocks(kernel, shape, 2.5), "`outputSize`"],
  ];
  for (const [call, message] of calls) assertThrows(call, RangeError, message);
  assertThrows(() => convolutionMatrix(kernel, shape, 4, { border: "zero" as never }), TypeError, "`border`");
  assertThrows(() => lorth(kernel, { ...shape, strides: 2 } as never), TypeError, '"stride"');
  assert(Number.isNaN(lorth(kernel.map(() => NaN), shape)));
  // A kernel as large as the image: opposite taps are neighbours.
  assertEquals(convolutionSingularValues(new Float64Array(9).fill(1), shape, 3)[0], 9);
});

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { blasInfo, matmul, withEngine } from "../../lib/blas/mod.ts";
import { eig, inverse, solve } from "../../lib/linalg/mod.ts";
import {
  conjugateGradients,
  convergenceGap,
  CsrMatrix,
  energyBound,
  type EnergyConstants,
  energyConstants,
  FivePointStencil,
  jacobiRadius,
  laplacian,
  nearAsymptoticBound,
  optimalOmega,
  sor,
  sorIterationMatrix,
  sorIterations,
  sorRadius,
  ssorPreconditioner,
} from "../../lib/sparse/mod.ts";

const ones = new Float64Array(100).fill(1);
const shifted = (shift: number) => new FivePointStencil(10, 10, { centre: 4 + shift });
const both = (shift: number) => [shifted(shift), laplacian([10, 10], { shift })];

/** A sparse symmetric matrix with a dominant diagonal, and its dense form. */
function randomSymmetric(n: number, seed: number): { sparse: CsrMatrix; dense: Matrix } {
  const rng = new Rng(seed);
  const dense = Matrix.zeros(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const value = rng.uniform() < 0.3 ? rng.normal() : 0;
      dense.set(i, j, value);
      dense.set(j, i, value);
    }
  }
  for (let i = 0; i < n; i++) dense.set(i, i, 1 + dense.row(i).reduce((sum, x) => sum + Math.abs(x), 0));
  return { sparse: CsrMatrix.fromDense(dense), dense };
}

const lowerPart = (a: Matrix) => Matrix.from(a.rows, a.columns, (i, j) => i > j ? a.get(i, j) : 0);
const diagonalPart = (a: Matrix) => Matrix.from(a.rows, a.columns, (i, j) => i === j ? a.get(i, j) : 0);

Deno.test("a stencil is the matrix with its entries", () => {
  for (const [rows, columns] of [[1, 1], [1, 5], [5, 1], [3, 4]]) {
    const a = new FivePointStencil(rows, columns, { centre: 3, neighbour: -0.5 });
    const x = new Rng(1).normals(a.order);
    const expected = a.toCsr().apply(x);
    a.apply(x).forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-14));
  }
});

// Counts, dense definitions in NumPy: b = ones, 10 x 10 points, 1e-8, x = 0 at the start.
const OMEGAS = [1, 1.2, 1.4, 1.6, 1.8, 1.9, 1.95];
const COUNTS: [shift: number, counts: number[], atOptimum: number][] = [
  [0, [223, 145, 88, 43, 89, 187, 383], 41],
  [-0.15, [2927, 1950, 1252, 724, 293, 189, 392], 147],
  [0.45, [64, 39, 25, 42, 89, 185, 379], 23],
];

Deno.test("iteration counts of SOR are those of the dense definition, in lanes and one by one", () => {
  for (const [shift, counts, atOptimum] of COUNTS) {
    const omegas = [...OMEGAS, optimalOmega(jacobiRadius(shifted(shift)))];
    const expected = [...counts, atOptimum];
    for (const a of both(shift)) {
      assertEquals([...sorIterations(a, ones, omegas)], expected);
      assertEquals(omegas.map((omega) => sor(a, ones, { omega }).iterations), expected);
    }
  }
});

Deno.test("the fewest iterations are a little to the right of the optimal parameter", () => {
  const grid = Array.from({ length: 99 }, (_, k) => (101 + k) / 100);
  for (const [shift, omega, fewest] of [[0, 1.57, 40], [-0.15, 1.86, 132]]) {
    const counts = sorIterations(shifted(shift), ones, grid);
    assertEquals(Math.min(...counts.subarray(0)), fewest);
    assertEquals(counts[grid.indexOf(omega)], fewest);
    assert(omega > optimalOmega(jacobiRadius(shifted(shift))));
  }
});

Deno.test("pairs of right-hand sides and parameters are counted row by row, whatever the lanes", () => {
  const rng = new Rng(3);
  const { sparse } = randomSymmetric(23, 4);
  const stencil = new FivePointStencil(4, 7, { centre: 3, neighbour: -0.7 });
  for (const a of [sparse, stencil]) {
    const n = a instanceof CsrMatrix ? a.rows : a.order;
    const b = rng.normalMatrix(5, n);
    b.row(2).fill(0);
    const omegas = [1.9, 0.3, 1];
    const expected = [0, 1, 2, 3, 4].flatMap((k) =>
      omegas.map((omega) => sor(a, b.row(k).slice(), { omega }).iterations)
    );
    assertEquals([...sorIterations(a, b, omegas)], expected);
    assertEquals(expected.slice(6, 9), [0, 0, 0]);
    assertEquals([...sorIterations(a, b, [])], []);
  }
});

Deno.test("SOR solves, from any start, at any scale", () => {
  for (const { sparse, dense } of [1, 2].map((seed) => randomSymmetric(20, seed))) {
    const rng = new Rng(7);
    const b = rng.normals(20);
    const exact = solve(dense, b);
    for (const omega of [0.7, 1, 1.5]) {
      for (const start of [undefined, rng.normals(20), exact]) {
        const { x, status, residual, iterations } = sor(sparse, b, { omega, start, tolerance: 1e-12 });
        assertEquals(status, "converged");
        assert(residual <= 1e-12);
        x.forEach((value, i) => assertAlmostEquals(value, exact[i], 1e-11));
        if (start === exact) assertEquals(iterations, 0);
      }
      for (const scale of [2 ** 1010, 2 ** -1000]) {
        const { x, iterations } = sor(sparse, b.map((value) => value * scale), { omega });
        const plain = sor(sparse, b, { omega });
        assertEquals(iterations, plain.iterations);
        assertEquals(x.map((value) => value / scale), plain.x);
        assertEquals(sorIterations(sparse, b.map((value) => value * scale), [omega])[0], iterations);
      }
    }
  }
});

Deno.test("a diagonal matrix takes one iteration at omega = 1, zeros none", () => {
  const diagonal = CsrMatrix.fromDense(Matrix.diagonal([1, 2, 5]));
  const b = new Float64Array([1, 4, -1]);
  const { x, iterations } = sor(diagonal, b, { omega: 1 });
  assertEquals([...x], [1, 2, -0.2]);
  assertEquals(iterations, 1);
  assertEquals([...sorIterations(diagonal, b, [1])], [1]);
  const zero = sor(shifted(0), new Float64Array(100), { omega: 1 });
  assertEquals([zero.iterations, zero.status, zero.x.every((value) => value === 0)], [0, "converged", true]);
});

Deno.test("the iteration matrix is I - A (D / omega + L)^{-1}, with determinant (1 - omega)^n", () => {
  const { sparse, dense } = randomSymmetric(12, 5);
  const small = new FivePointStencil(3, 4);
  for (const [a, full] of [[sparse, dense], [small, small.toCsr().toDense()]] as const) {
    for (const omega of [0.5, 1, 1.3, 1.9]) {
      const w = diagonalPart(full).times(1 / omega).plus(lowerPart(full));
      const expected = Matrix.identity(12).minus(matmul(full, inverse(w)));
      const c = sorIterationMatrix(a, omega);
      c.data.forEach((value, k) => assertAlmostEquals(value, expected.data[k], 1e-13));
      const { values } = eig(c);
      let [re, im] = [1, 0];
      let radius = 0;
      for (let k = 0; k < 24; k += 2) {
        [re, im] = [re * values[k] - im * values[k + 1], re * values[k + 1] + im * values[k]];
        radius = Math.max(radius, Math.hypot(values[k], values[k + 1]));
      }
      assertAlmostEquals(re, (1 - omega) ** 12, 1e-10);
      assertAlmostEquals(im, 0, 1e-10);
      // Kahan's theorem.
      assert(radius >= Math.abs(omega - 1) - 1e-9);
    }
  }
});

Deno.test("Young's formulas: values, and the dense eigenvalues", () => {
  for (
    const [shift, beta, omega] of [
      [0, 0.9594929736144974, 1.5603879212747742],
      [-0.15, 0.9968758167423349, 1.8535941503536357],
      [0.45, 0.8624655942602223, 1.3279192322517501],
    ]
  ) {
    for (const a of both(shift)) assertAlmostEquals(jacobiRadius(a), beta, 1e-14);
    assertAlmostEquals(optimalOmega(beta), omega, 1e-14);
    assertAlmostEquals(sorRadius(1, beta), beta ** 2, 1e-15);
    assertAlmostEquals(sorRadius(omega, beta), omega - 1, 1e-7);
    for (const at of [1, 1.2, 1.45, 1.7, 1.95]) {
      const c = sorIterationMatrix(shifted(shift), at);
      for (const engine of ["portable", blasInfo().engine] as const) {
        const { values } = withEngine(engine, () => eig(c));
        let radius = 0;
        for (let k = 0; k < 200; k += 2) radius = Math.max(radius, Math.hypot(values[k], values[k + 1]));
        assertAlmostEquals(radius, sorRadius(at, beta), 1e-9);
      }
    }
  }
  assertEquals(sorRadius(1, 0), 0);
});

Deno.test("the near-asymptotic bound: tau, its minimum at the optimum, and no count above it", () => {
  for (
    const [shift, tau, least, below] of [
      [-0.15, 0.19829224, 148.537, 0.56],
      [0, 0.18124314, 42.285, 0.98],
      [0.15, 0.18815763, 32.051],
      [0.45, 0.2455758, 27.043],
    ]
  ) {
    const a = shifted(shift);
    const beta = jacobiRadius(a);
    const optimum = optimalOmega(beta);
    const grid = [...Array.from({ length: 100 }, (_, k) => 1 + k / 100), optimum];
    const counts = sorIterations(a, ones, grid);
    const radii = grid.map((omega) => sorRadius(omega, beta));
    // The matrix of omega = 1.99 is the most work; powers by squaring.
    const gaps = grid.map((omega, k) =>
      convergenceGap(sorIterationMatrix(a, omega), counts[k] - 1, radii[k])
    );
    const largest = Math.max(...gaps.slice());
    assertAlmostEquals(largest, tau, 1e-7);
    const bounds = radii.map((radius) => nearAsymptoticBound(radius, largest, 1e-8));
    assertAlmostEquals(Math.min(...bounds.slice()), least, 1e-3);
    assertEquals(bounds.indexOf(Math.min(...bounds.slice())), 100);
    const slack = bounds.map((bound, k) => bound - counts[k]);
    assert(slack.every((value) => value > 0));
    if (shift === 0) {
      assert(slack.every((value) => value >= 1.28), `${Math.min(...slack.slice())}`);
      assert(bounds.every((bound, k) => bound / counts[k] <= 1.24));
    }
    if (below === undefined) continue;
    const asymptotic = radii.map((radius) => nearAsymptoticBound(radius, 0, 1e-8) - 1);
    const share = asymptotic.filter((value, k) => value < counts[k]).length / grid.length;
    assertAlmostEquals(share, below, 0.011);
  }
});

Deno.test("the energy bound: its constants and its values", () => {
  const constants = energyConstants(shifted(0));
  assertAlmostEquals(constants.condition, 48.37415, 1e-6);
  assertAlmostEquals(constants.gamma, 0.040507026, 1e-9);
  assertAlmostEquals(constants.q, 0.243882065, 1e-9);
  const omegas = [1, 1.4, 1.5603879212747742];
  const expected = [274.027, 144.639, 124.182];
  omegas.forEach((omega, k) => assertAlmostEquals(energyBound(omega, constants), expected[k], 1e-3));
});

Deno.test("the energy bound without its maximum, as it was released, is none", () => {
  const released = (omega: number, { condition, gamma, q }: EnergyConstants) => {
    const w = (2 - omega) / (2 * omega);
    const square = 1 - 2 * w * gamma / (w * w + gamma / omega + q - 0.25);
    return Math.log(1e-8 / (2 * Math.sqrt(condition))) / Math.log(Math.sqrt(square));
  };
  const constants = energyConstants(shifted(0));
  assertAlmostEquals(released(1.8, constants), 160.198, 1e-3);
  // The two agree where w^2 + q > 1/4.
  assertAlmostEquals(released(1.5, constants), energyBound(1.5, constants), 1e-9);
  assert(energyBound(1.8, constants) > 160.2);
  const dominant = energyConstants(shifted(0.45));
  const [count] = sorIterations(shifted(0.45), ones, [1.99]);
  assert(released(1.99, dominant) < 0.6 * count);
  assert(energyBound(1.99, dominant) >= count);
});

Deno.test("no count is above the energy bound, of any symmetric positive definite matrix", () => {
  for (let seed = 0; seed < 5; seed++) {
    const { sparse } = randomSymmetric(15, seed);
    const constants = energyConstants(sparse);
    const omegas = [0.4, 0.8, 1, 1.3, 1.7];
    const counts = sorIterations(sparse, new Rng(seed).normals(15), omegas);
    omegas.forEach((omega, k) => assert(counts[k] <= Math.ceil(energyBound(omega, constants))));
  }
});

Deno.test("the SSOR preconditioner inverts (D + w L^T) D^{-1} (D + w L) / (w (2 - w))", () => {
  const { sparse, dense } = randomSymmetric(12, 8);
  const small = new FivePointStencil(3, 4, { centre: 5, neighbour: -0.8 });
  const x = new Rng(9).normals(12);
  for (const [a, full] of [[sparse, dense], [small, small.toCsr().toDense()]] as const) {
    for (const omega of [0.5, 1, 1.6]) {
      const factor = diagonalPart(full).plus(lowerPart(full).times(omega));
      const m = matmul(factor, matmul(inverse(diagonalPart(full)), factor), { transposeA: true })
        .times(1 / (omega * (2 - omega)));
      const expected = solve(m, x);
      const out = new Float64Array(12);
      ssorPreconditioner(a, { omega })(x, out);
      out.forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-13));
    }
  }
});

Deno.test("iteration counts of conjugate gradients with SSOR", () => {
  const omegas = [1, 1.2, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9];
  for (
    const [shift, counts] of [
      [0, [13, 12, 13, 13, 13, 14, 15, 16]],
      [0.5, [10, 9, 9, 10, 11, 12, 13, 14]],
    ] as const
  ) {
    for (const a of both(shift)) {
      assertEquals(conjugateGradients(a, ones).iterations, 15);
      const found = omegas.map((omega) =>
        conjugateGradients(a, ones, { preconditioner: ssorPreconditioner(a, { omega }) }).iterations
      );
      assertEquals(found, [...counts]);
    }
  }
});

Deno.test("what does not converge has a status, and never throws", () => {
  const { status, iterations, advice } = sor(shifted(0), ones, { omega: 1, iterations: 5 });
  assertEquals([status, iterations], ["step-limit", 5]);
  assert(advice !== null);
  assertEquals([...sorIterations(shifted(0), ones, [1, 1.4], { iterations: 90 })], [90, 88]);
  // Indefinite: the largest eigenvalue of I - D^{-1} A is above 1.
  const indefinite = new CsrMatrix(2, 2, [[0, 0, 1], [0, 1, 3], [1, 0, 3], [1, 1, 1]]);
  const b = new Float64Array([1, 1]);
  assertEquals(sor(indefinite, b, { omega: 1 }).status, "diverged");
  assertEquals([...sorIterations(indefinite, b, [1], { iterations: 1000 })], [1000]);
});

Deno.test("bad input is refused by name", () => {
  const a = shifted(0);
  const negative = new CsrMatrix(2, 2, [[0, 0, 1], [1, 1, -1]]);
  const b = new Float64Array(2);
  for (const omega of [0, 2, -1, NaN]) {
    const text = "`omega` must be a finite number > 0 and < 2";
    assertThrows(() => sor(a, ones, { omega }), RangeError, text);
    assertThrows(() => ssorPreconditioner(a, { omega }), RangeError, text);
    assertThrows(() => sorRadius(omega, 0.5), RangeError, text);
    assertThrows(() => sorIterations(a, ones, [1, omega]), RangeError, "`omegas[1]`");
  }
  const zeroDiagonal = new CsrMatrix(2, 2, [[0, 0, 1], [0, 1, 2]]);
  const stencil = new FivePointStencil(1, 2, { centre: -1 });
  for (const bad of [negative, zeroDiagonal, stencil]) {
    const text = "`a` must have a positive diagonal, got";
    assertThrows(() => sor(bad, b, { omega: 1 }), RangeError, text);
    assertThrows(() => sorIterations(bad, b, [1]), RangeError, text);
    assertThrows(() => ssorPreconditioner(bad, { omega: 1 }), RangeError, text);
    assertThrows(() => jacobiRadius(bad), RangeError, text);
  }
  assertThrows(() => sor(a, ones.subarray(1), { omega: 1 }), RangeError, "`b`");
  assertThrows(() => sor(a, ones.with(3, NaN), { omega: 1 }), RangeError, "`b`");
  assertThrows(() => sor({} as never, ones, { omega: 1 }), TypeError, "`a` must be a CsrMatrix");
  assertThrows(() => sorIterations(a, Matrix.zeros(2, 99), [1]), RangeError, "100 columns");
  assertThrows(
    () => jacobiRadius(new CsrMatrix(2, 2, [[0, 0, 1], [1, 1, 1], [0, 1, 1]])),
    RangeError,
    "symmetric",
  );
  assertThrows(() => optimalOmega(1), RangeError, "`beta`");
  assertThrows(() => nearAsymptoticBound(1, 0, 1e-8), RangeError, "`radius`");
  assertThrows(() => new FivePointStencil(0, 3), RangeError, "`gridRows`");
});

import { assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ComplexMatrix, Matrix, Rng } from "refigure/arrays";
import { complexMatmul, withEngine } from "refigure/blas";
import { vandermondeMatrix, vandermondeProduct, vandermondeRealPart } from "refigure/transforms";
import fixtures from "../fixtures/transforms/transforms.json" with { type: "json" };
import { norm, units } from "./naive.ts";

/** Stable nodes exp(w), as a discretized state space model has them, and random coefficients. */
function problem(rows: number, count: number, seed: number | string) {
  const rng = new Rng(seed);
  const exponents = new Float64Array(2 * count);
  const nodes = new Float64Array(2 * count);
  for (let n = 0; n < count; n++) {
    const re = -rng.uniform(0.001, 0.1);
    const im = rng.uniform(-Math.PI, Math.PI);
    exponents.set([re, im], 2 * n);
    nodes.set([Math.exp(re) * Math.cos(im), Math.exp(re) * Math.sin(im)], 2 * n);
  }
  return { exponents, nodes, coefficients: new ComplexMatrix(rows, count, rng.normals(2 * rows * count)) };
}

Deno.test("agrees with NumPy's vander", () => {
  for (const { nodes, coefficients, length, product } of fixtures.vandermonde) {
    const c = new ComplexMatrix(2, nodes.length / 2, Float64Array.from(coefficients));
    const y = vandermondeProduct(Float64Array.from(nodes), c, length);
    assertEquals([y.rows, y.columns], [2, length]);
    assertLess(units(y.data, product), 20 + length);
  }
});

Deno.test("baby and giant steps equal the matrix, at every length around the squares, on both engines", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 70 }),
      fc.integer(),
      fc.constantFrom("portable" as const, undefined),
      (rows, count, length, seed, engine) => {
        const { nodes, coefficients } = problem(rows, count, seed);
        const v = vandermondeMatrix(nodes, length);
        const wanted = complexMatmul(coefficients, v);
        const run = () =>
          [
            vandermondeProduct(nodes, coefficients, length),
            vandermondeRealPart(nodes, coefficients, length),
          ] as const;
        const [full, real] = engine ? withEngine(engine, run) : run();
        const scale = norm(coefficients.data) * norm(v.data) * 2 ** -52;
        assertEquals([full.rows, full.columns, real.rows, real.columns], [rows, length, rows, length]);
        assertLess(norm(full.data.map((x, k) => x - wanted.data[k])), 40 * scale + 1e-300);
        assertLess(norm(real.data.map((x, k) => x - wanted.data[2 * k])), 40 * scale + 1e-300);
      },
    ),
    { seed: 1 },
  );
});

Deno.test("the powers are those of the exponential: relative error below 1e-12 at 4096 terms", () => {
  const { exponents, nodes, coefficients } = problem(1, 32, "kernel");
  const length = 4096;
  const wanted = new Float64Array(length);
  for (let l = 0; l < length; l++) {
    for (let n = 0; n < 32; n++) {
      const size = Math.exp(l * exponents[2 * n]);
      const angle = l * exponents[2 * n + 1];
      wanted[l] += size *
        (coefficients.data[2 * n] * Math.cos(angle) - coefficients.data[2 * n + 1] * Math.sin(angle));
    }
  }
  const kernel = vandermondeRealPart(nodes, coefficients, length);
  assertLess(norm(kernel.data.map((x, l) => x - wanted[l])) / norm(wanted), 1e-12);
});

Deno.test("geometric series: (z - 1) times the sum of powers is z^L - 1", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer(), (length, seed) => {
      const { nodes } = problem(1, 1, seed);
      const y = vandermondeProduct(nodes, new Float64Array([1, 0]), length + 1);
      let re = 0;
      let im = 0;
      for (let l = 0; l < length; l++) {
        re += y[2 * l];
        im += y[2 * l + 1];
      }
      const [a, b] = [nodes[0] - 1, nodes[1]];
      assertLess(Math.abs(a * re - b * im - (y[2 * length] - 1)), 1e-12);
      assertLess(Math.abs(a * im + b * re - y[2 * length + 1]), 1e-12);
    }),
    { seed: 2 },
  );
});

Deno.test("a node of zero counts in the first power alone, one row comes back as a vector", () => {
  assertEquals(
    vandermondeProduct(new Float64Array(2), new Float64Array([5, 1]), 3),
    new Float64Array([5, 1, 0, 0, 0, 0]),
  );
  assertEquals(
    vandermondeRealPart(new Float64Array(2), new Float64Array([5, 1]), 3),
    new Float64Array([5, 0, 0]),
  );
  assertEquals(vandermondeProduct(new Float64Array(2), new Float64Array([5, 1]), 0), new Float64Array(0));
  assertEquals(vandermondeRealPart(new Float64Array(2), ComplexMatrix.zeros(3, 1), 0), Matrix.zeros(3, 0));
});

Deno.test("bad input is named", () => {
  const nodes = new Float64Array([1, 0]);
  const one = new Float64Array([1, 0]);
  assertThrows(
    () => vandermondeProduct(new Float64Array(0), one, 3),
    RangeError,
    "`nodes` must hold at least one",
  );
  assertThrows(
    () => vandermondeProduct(nodes, new Float64Array(4), 3),
    RangeError,
    "`coefficients` must have 1 columns, one for each node, got 2",
  );
  assertThrows(() => vandermondeProduct(nodes, one, -1), RangeError, "`length`");
  assertThrows(
    () => vandermondeProduct(new Float64Array([NaN, 0]), one, 3),
    RangeError,
    "Cannot form powers of `nodes`: entry 0 is NaN",
  );
  assertThrows(() => vandermondeMatrix(new Float64Array([1, 0]), 1.5), RangeError, "`length`");
  assertThrows(
    () => vandermondeRealPart(nodes, new Float64Array([1, Infinity]), 3),
    RangeError,
    "`coefficients`: entry 1 is Infinity",
  );
});

import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Matrix, Rng } from "refigure/arrays";
import { blasInfo, withEngine } from "refigure/blas";
import { vandermondeKernels, vandermondeSums } from "refigure/ssm";
import fixtures from "../fixtures/transforms/transforms.json" with { type: "json" };
import { norm, units } from "../transforms/naive.ts";

const engines = blasInfo().engine === "native" ? ["native", "portable"] as const : ["portable"] as const;

/** Stable nodes exp(w), as a discretized state space model has them, and random weights. */
function problem(features: number, count: number, seed: number | string) {
  const rng = new Rng(seed);
  const exponents = new Float64Array(2 * features * count);
  const nodes = new Float64Array(2 * features * count);
  for (let n = 0; n < features * count; n++) {
    const re = -rng.uniform(0.001, 0.1);
    const im = rng.uniform(-Math.PI, Math.PI);
    exponents.set([re, im], 2 * n);
    nodes.set([Math.exp(re) * Math.cos(im), Math.exp(re) * Math.sin(im)], 2 * n);
  }
  return { exponents, nodes, weights: rng.normals(2 * features * count) };
}

/** Weights times -i: the real part of their sums is the imaginary part of the sums without. */
const turned = (weights: ArrayLike<number>) =>
  Float64Array.from(weights, (_, k) => k % 2 === 0 ? weights[k + 1] : -weights[k - 1]);

/** The sums, one product after the other. */
function direct(weights: Float64Array, nodes: Float64Array, features: number, length: number): Float64Array {
  const count = nodes.length / 2 / features;
  const out = new Float64Array(features * length);
  for (let k = 0; k < features * count; k++) {
    let re = weights[2 * k];
    let im = weights[2 * k + 1];
    for (let l = 0; l < length; l++) {
      out[Math.floor(k / count) * length + l] += re;
      const next = re * nodes[2 * k] - im * nodes[2 * k + 1];
      im = re * nodes[2 * k + 1] + im * nodes[2 * k];
      re = next;
    }
  }
  return out;
}

Deno.test("agrees with NumPy's vander, real and imaginary part", () => {
  for (const { nodes, coefficients, length, product } of fixtures.vandermonde) {
    const factors = Float64Array.from([...nodes, ...nodes]);
    const run = (weights: Float64Array) =>
      vandermondeKernels(weights, factors, length, { features: 2, pairs: false });
    const re = run(Float64Array.from(coefficients));
    const im = run(turned(coefficients));
    assertEquals([re.rows, re.columns], [2, length]);
    const both = product.map((_, k) => k % 2 === 0 ? re.data[k / 2] : im.data[(k - 1) / 2]);
    assertLess(units(Float64Array.from(both), product), 20 + length);
  }
});

Deno.test("baby and giant steps equal the sums, at every length around the squares, on both engines", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 70 }),
      fc.integer(),
      fc.constantFrom(...engines),
      (features, count, length, seed, engine) => {
        const { nodes, weights } = problem(features, count, seed);
        const wanted = direct(weights, nodes, features, length);
        withEngine(engine, () => {
          const kernel = vandermondeKernels(weights, nodes, length, { features, pairs: false });
          const twice = vandermondeKernels(weights, nodes, length, { features });
          assertEquals([kernel.rows, kernel.columns], [features, length]);
          const scale = norm(weights) * Math.sqrt(length) * 2 ** -52;
          assertLess(norm(kernel.data.map((x, k) => x - wanted[k])), 40 * scale + 1e-300);
          assertLess(norm(twice.data.map((x, k) => x - 2 * wanted[k])), 80 * scale + 1e-300);
        });
      },
    ),
    { seed: 1 },
  );
});

Deno.test("the powers are those of the exponential: relative error below 1e-12 at 4096 terms", () => {
  const { exponents, nodes, weights } = problem(1, 32, "kernel");
  const length = 4096;
  const wanted = new Float64Array(length);
  for (let l = 0; l < length; l++) {
    for (let n = 0; n < 32; n++) {
      const size = Math.exp(l * exponents[2 * n]);
      const angle = l * exponents[2 * n + 1];
      wanted[l] += size * (weights[2 * n] * Math.cos(angle) - weights[2 * n + 1] * Math.sin(angle));
    }
  }
  const kernel = vandermondeKernels(weights, nodes, length, { pairs: false });
  assertLess(norm(kernel.data.map((x, l) => x - wanted[l])) / norm(wanted), 1e-12);
});

Deno.test("geometric series: (z - 1) times the sum of powers is z^L - 1", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer(), (length, seed) => {
      const { nodes } = problem(1, 1, seed);
      const run = (weight: Float64Array) =>
        vandermondeKernels(weight, nodes, length + 1, { pairs: false }).data;
      const [x, y] = [run(new Float64Array([1, 0])), run(new Float64Array([0, -1]))];
      const sum = (values: ArrayLike<number>) =>
        Array.from(values).slice(0, length).reduce((total, value) => total + value, 0);
      const [re, im] = [sum(x), sum(y)];
      const [a, b] = [nodes[0] - 1, nodes[1]];
      assertLess(Math.abs(a * re - b * im - (x[length] - 1)), 1e-12);
      assertLess(Math.abs(a * im + b * re - y[length]), 1e-12);
    }),
    { seed: 2 },
  );
});

Deno.test("a node of zero counts in the first power alone; no samples, no modes", () => {
  const zero = new Float64Array(2);
  const weight = new Float64Array([5, 1]);
  assertEquals([...vandermondeKernels(weight, zero, 3, { pairs: false }).data], [5, 0, 0]);
  assertEquals(vandermondeKernels(weight, zero, 0).columns, 0);
  assertEquals([...vandermondeKernels(new Float64Array(0), new Float64Array(0), 3).data], [0, 0, 0]);
});

Deno.test("a NaN goes to the kernels of its own feature, and to no other", () => {
  const { nodes, weights } = problem(2, 3, 4);
  nodes[0] = NaN;
  const kernel = vandermondeKernels(weights, nodes, 20, { features: 2 });
  assert(kernel.row(0).subarray(1).every(Number.isNaN));
  assert(kernel.row(1).every(Number.isFinite));
  const { zeroth } = vandermondeSums(new Matrix(2, 4, new Float64Array(8).fill(1)), nodes);
  assert(Number.isNaN(zeroth[0]) && zeroth.subarray(2).every(Number.isFinite));
});

Deno.test("bad input is named", () => {
  const one = new Float64Array([1, 0]);
  const refused: [() => unknown, typeof RangeError | typeof TypeError, string][] = [
    [() => vandermondeKernels(one, new Float64Array(4), 3), RangeError, "of one size, got 1 and 2"],
    [() => vandermondeKernels(one, one, 3, { features: 2 }), RangeError, "2 x N complex numbers, got 1"],
    [() => vandermondeKernels(one, one, -1), RangeError, "`length`"],
    [() => vandermondeKernels(one, one, 1.5), RangeError, "`length`"],
    [() => vandermondeKernels(one, one, 3, { features: 0 }), RangeError, "`features`"],
    [() => vandermondeKernels([1, 0] as never, one, 3), TypeError, "`weights` must be a Float64Array"],
    [
      () => vandermondeKernels(one, one, 3, { dtype: "float16" as never }),
      TypeError,
      '"float64" or "float32"',
    ],
    [() => vandermondeKernels(one, one, 3, { pair: false } as never), TypeError, 'did you mean "pairs"?'],
    [
      () => vandermondeKernels(one, one, 3, { pairs: "no" as never }),
      TypeError,
      "`pairs` must be true or false",
    ],
    [() => vandermondeSums(Matrix.zeros(2, 3), one), RangeError, "2 x N complex numbers, got 1"],
    [() => vandermondeSums(Matrix.zeros(0, 3), one), RangeError, "`gradient.rows`"],
    [() => vandermondeSums(null as never, one), TypeError, "`gradient` must be a Matrix, got null"],
  ];
  for (const [run, kind, message] of refused) assertThrows(run, kind, message);
});

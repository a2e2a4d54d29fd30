/**
 * Products of random matrices and tanh networks: values computed independently for deep-linear-dynamics,
 * criteria 9 and 10.
 */
import { assert, assertAlmostEquals, assertLess, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { singularValues } from "../../lib/linalg/mod.ts";
import {
  gaussianWeights,
  meanFieldFixedPoint,
  meanFieldJacobian,
  meanFieldLength,
  meanFieldSlope,
  orthogonalWeights,
  tanhJacobian,
} from "../../lib/linear_networks/mod.ts";
import { gaussLegendre, integrate } from "../../lib/numerics/mod.ts";
import {
  gaussianLyapunovExponents,
  gaussianProductMoments,
  lyapunovSpectrum,
} from "../../lib/recurrent/mod.ts";

const factors = (make: typeof orthogonalWeights, n: number, count: number, rng: Rng) =>
  Array.from({ length: count }, (_, k) => make()(n, n, { rng: rng.split(k) }));

Deno.test("Lyapunov exponents of Gaussian products", () => {
  const ten = gaussianLyapunovExponents(10);
  const hundred = gaussianLyapunovExponents(100);
  const mean = (values: Float64Array) => values.reduce((sum, x) => sum + x, 0) / values.length;
  assertAlmostEquals(mean(ten), -0.56478133132874, 1e-13);
  assertAlmostEquals(mean(hundred), -0.51219304086738, 1e-13);
  assertAlmostEquals(ten[0], -0.0516601220011, 1e-12);
  assertAlmostEquals(hundred[0], -0.00501666600013, 1e-13);
  assertAlmostEquals(ten[9], -1.78647396923, 1e-11);
  assertAlmostEquals(hundred[99], -2.93776651572, 1e-11);
  const measured = lyapunovSpectrum(factors(gaussianWeights, 10, 4000, new Rng(0)));
  measured.forEach((value, i) => assertAlmostEquals(value, ten[i], 0.06));
  assertThrows(() => lyapunovSpectrum([]), RangeError, "factors");
  assertThrows(() => lyapunovSpectrum([Matrix.zeros(2, 3)]), RangeError, "2 x 3");
});

Deno.test("moments of Gaussian products, exactly and sampled", () => {
  for (const n of [1, 5, 20, 99]) assertAlmostEquals(gaussianProductMoments(1e9, n).fourth, n + 1, 1e-5);
  // N = 1: products of normal numbers, whose fourth moment is 3^n.
  assertAlmostEquals(gaussianProductMoments(1, 4).fourth, 81, 1e-12);
  let second = 0;
  let fourth = 0;
  for (let draw = 0; draw < 200; draw++) {
    const rng = new Rng(draw);
    const [a, b] = factors(gaussianWeights, 20, 2, rng);
    const product = Matrix.from(20, 20, (i, j) => a.row(i).reduce((sum, x, k) => sum + x * b.get(k, j), 0));
    for (const s of singularValues(product)) {
      second += s ** 2 / 4000;
      fourth += s ** 4 / 4000;
    }
  }
  assertAlmostEquals(second, 1, 0.03);
  assertAlmostEquals(fourth, gaussianProductMoments(20, 2).fourth, 0.2);
});

Deno.test("mean field of tanh: fixed points and slopes", () => {
  const oracle = [
    [1.05, 0.0532504913, 1.0028755781],
    [1.1, 0.1127498859, 1.0101893643],
    [1.5, 0.7933540426, 1.1393232250],
    [2, 2.1214735682, 1.3626733375],
  ];
  for (const [gain, q, slope] of oracle) {
    assertAlmostEquals(meanFieldFixedPoint(gain), q, 1e-10);
    assertAlmostEquals(meanFieldSlope(meanFieldFixedPoint(gain), gain), slope, 1e-10);
  }
  let q = 1;
  for (let l = 1; l < 20000; l++) q = meanFieldLength(q, 1);
  assertAlmostEquals(q * 2 * 20000, 1, 0.01);
  assertAlmostEquals(meanFieldJacobian({ q1: 1, gain: 1, factors: 99 }) / 7.2e-3, 1, 0.01);
  assertAlmostEquals(meanFieldJacobian({ q1: 1, gain: 0.9, factors: 99 }) / 1.1e-10, 1, 0.05);
  assertAlmostEquals(meanFieldJacobian({ q1: 1, gain: 1.1, factors: 99 }) / 0.435, 1, 0.01);
});

Deno.test("orthogonal products are orthogonal, and a Jacobian is a derivative", () => {
  const stack = factors(orthogonalWeights, 100, 99, new Rng(1));
  const spectrum = lyapunovSpectrum(stack);
  assert(spectrum.every((x) => Math.abs(x) * 99 < 1e-12));
  const weights = factors(orthogonalWeights, 5, 4, new Rng(2));
  const x = new Rng(3).normals(5);
  const through = (x: Float64Array) =>
    weights.reduce(
      (state, w) =>
        Float64Array.from({ length: 5 }, (_, i) =>
          1.1 * w.row(i).reduce((sum, value, j) => sum + value * Math.tanh(state[j]), 0)),
      x,
    );
  const jacobian = tanhJacobian(x, weights, 1.1);
  const h = 1e-6;
  for (let j = 0; j < 5; j++) {
    const move = (d: number) => through(x.map((value, k) => k === j ? value + d : value));
    const up = move(h);
    const down = move(-h);
    for (let i = 0; i < 5; i++) assertAlmostEquals(jacobian.get(i, j), (up[i] - down[i]) / (2 * h), 1e-8);
  }
});

Deno.test("quadrature", () => {
  const { nodes, weights } = gaussLegendre(12);
  assertAlmostEquals(weights.reduce((sum, w) => sum + w, 0), 2, 1e-14);
  for (let degree = 0; degree <= 23; degree++) {
    const exact = degree % 2 ? 0 : 2 / (degree + 1);
    assertAlmostEquals(nodes.reduce((sum, x, i) => sum + weights[i] * x ** degree, 0), exact, 1e-14);
  }
  assertLess(Math.abs(integrate((x) => 1 / (1 + x * x), 0, 1) - Math.PI / 4), 1e-15);
  assertThrows(() => gaussLegendre(0), RangeError, "n");
});

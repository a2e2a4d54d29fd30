import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { gram } from "../../lib/blas/mod.ts";
import { gaussLegendre } from "../../lib/numerics/mod.ts";
import { orthonormalPolynomials, polynomialEvaluator } from "../../lib/polynomials/mod.ts";
import { partialEvaluator } from "../../lib/polynomials/recurrence.ts";

// scipy.special.eval_legendre(j, x) sqrt(2 j + 1), eval_hermitenorm(j, x) / sqrt(j!), eval_chebyt(j, x) sqrt(2), SciPy 1.17.
const REFERENCE = [
  ["legendre", 7, 0.3, -0.8678309247162964],
  ["legendre", 40, -0.95, 1.7714953508162838],
  ["hermite", 6, 1.7, 0.5182485930633755],
  ["hermite", 30, -2.5, -0.796298479720203],
  ["chebyshev", 9, 0.8, 1.2466903040029433],
] as const;

Deno.test("values agree with SciPy's", () => {
  for (const [family, degree, x, value] of REFERENCE) {
    assertAlmostEquals(
      orthonormalPolynomials(family, degree + 1, [x]).get(0, degree),
      value,
      1e-12 * Math.max(1, Math.abs(value)),
    );
    assertAlmostEquals(
      polynomialEvaluator(family, degree + 1)(x)[degree],
      value,
      1e-12 * Math.max(1, Math.abs(value)),
    );
  }
});

Deno.test("Legendre polynomials are orthonormal under the uniform distribution", () => {
  const { nodes, weights } = gaussLegendre(40);
  const values = orthonormalPolynomials("legendre", 30, nodes);
  for (let i = 0; i < 40; i++) {
    for (let j = 0; j < 30; j++) values.data[i * 30 + j] *= Math.sqrt(weights[i] / 2);
  }
  const products = gram(values);
  for (let i = 0; i < 30; i++) {
    for (let j = 0; j < 30; j++) assertAlmostEquals(products.get(i, j), i === j ? 1 : 0, 1e-13);
  }
});

Deno.test("at the ends of the interval: sqrt(2 j + 1) (±1)^j and sqrt(2) (±1)^j", () => {
  const legendre = orthonormalPolynomials("legendre", 61, [1, -1]);
  const chebyshev = orthonormalPolynomials("chebyshev", 61, [1, -1]);
  for (let j = 1; j <= 60; j++) {
    assertAlmostEquals(legendre.get(0, j), Math.sqrt(2 * j + 1), 1e-11);
    assertAlmostEquals(legendre.get(1, j), (-1) ** j * Math.sqrt(2 * j + 1), 1e-11);
    assertAlmostEquals(chebyshev.get(1, j), (-1) ** j * Math.SQRT2, 1e-11);
  }
});

Deno.test("what is no family, count or point is refused by name", () => {
  assertThrows(() => orthonormalPolynomials("laguerre" as never, 3, [0]), TypeError, "`family`");
  assertThrows(() => orthonormalPolynomials("legendre", 0, [0]), RangeError, "`count`");
  assertThrows(() => orthonormalPolynomials("legendre", 3, [NaN]), RangeError, "`x`");
  assertThrows(() => polynomialEvaluator("hermite", 1.5), RangeError, "`count`");
});

Deno.test("values that are asked for by and by are those of all degrees at once", () => {
  const whole = polynomialEvaluator("legendre", 9);
  const partly = partialEvaluator("legendre", 9);
  for (const [x, ...counts] of [[0.3, 1, 2, 6, 6, 3, 9], [-0.7, 4], [0.3, 9], [0.3, 5], [1, 2, 3]]) {
    for (const count of counts) assertEquals(partly(x, count).slice(0, count), whole(x).slice(0, count));
  }
});

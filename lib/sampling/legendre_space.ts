import { requireNumber } from "../arrays/mod.ts";
import { polynomialEvaluator } from "../polynomials/mod.ts";
import { FunctionSpace, requireDimension } from "./function_space.ts";

/**
 * Polynomials of degree below m on [-1, 1], with the uniform probability measure. The basis is `sqrt(2 j + 1)
 * P_j`.
 *
 * The leverage density is the mixture of the `phi_j^2`. Each of them is at most `4 / (pi sqrt(1 - x^2))`
 * (Bernstein's inequality), so candidates of the arcsine distribution are kept half of the time, whatever the
 * degree.
 *
 * @param dimension The dimension m, which is one more than the highest degree.
 * @throws {RangeError} if it is not an integer from 1 to 500.
 * @throws {TypeError} if it is not a number.
 *
 * @example
 * ```ts
 * import { legendreSpace } from "refigure/sampling";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const space = legendreSpace(5);
 * assertAlmostEquals(space.leverage(1), 25, 1e-12);
 * assertAlmostEquals(space.leverage(0), 3.515625, 1e-12);
 * ```
 */
export function legendreSpace(dimension: number): FunctionSpace {
  requireDimension(dimension);
  const evaluate = polynomialEvaluator("legendre", dimension);
  let last = NaN;
  let values: Float64Array = new Float64Array(0);
  // A point that was drawn is evaluated again by whoever draws: then it is the last one.
  const basis = (x: number) => {
    if (x !== last) {
      values = evaluate(x);
      last = x;
    }
    return values;
  };
  return new FunctionSpace({
    dimension,
    basis,
    drawMeasure: (rng) => rng.uniform(-1, 1),
    drawLeverage: (rng) => {
      const j = rng.integer(dimension);
      for (;;) {
        const angle = Math.PI * rng.uniform();
        const x = Math.cos(angle);
        if (rng.uniform() < Math.PI / 4 * Math.sin(angle) * basis(x)[j] ** 2) return x;
      }
    },
    requirePoint: (name, x) => requireNumber(name, x, { min: -1, max: 1 }),
  });
}

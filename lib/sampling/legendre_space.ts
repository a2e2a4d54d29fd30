import { requireNumber } from "../arrays/mod.ts";
import { partialEvaluator } from "../polynomials/recurrence.ts";
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
  const evaluate = partialEvaluator("legendre", dimension);
  return new FunctionSpace({
    dimension,
    basis: (x) => evaluate(x, dimension),
    drawMeasure: (rng) => rng.uniform(-1, 1),
    drawLeverage: (rng) => {
      const j = rng.integer(dimension);
      for (;;) {
        const angle = Math.PI * rng.uniform();
        const x = Math.cos(angle);
        const sine = Math.sqrt((1 - x) * (1 + x));
        // Half of them need no more of the basis than this; of one that is kept, the rest is computed when it is asked for.
        if (rng.uniform() < Math.PI / 4 * sine * evaluate(x, j + 1)[j] ** 2) return x;
      }
    },
    requirePoint: (name, x) => requireNumber(name, x, { min: -1, max: 1 }),
  });
}

import { requireNumber, type Rng } from "../arrays/mod.ts";
import { polynomialEvaluator } from "../polynomials/mod.ts";
import { FunctionSpace } from "./function_space.ts";

/**
 * Polynomials of degree below m on [-1, 1], with the uniform probability measure. The basis is `sqrt(2 j + 1) P_j`.
 *
 * The leverage density is the mixture of the `phi_j^2`. Each of them is at most `4 / (pi sqrt(1 - x^2))` (Bernstein's
 * inequality), so candidates of the arcsine distribution are kept half of the time, whatever the degree.
 *
 * @example
 * ```ts
 * import { LegendreSpace } from "refigure/sampling";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const space = new LegendreSpace(5);
 * assertAlmostEquals(space.leverage(1), 25, 1e-12);
 * assertAlmostEquals(space.leverage(0), 3.515625, 1e-12);
 * ```
 */
export class LegendreSpace extends FunctionSpace {
  readonly #values: (x: number) => Float64Array;

  /** Polynomials of degree below `dimension`. @throws {RangeError} if it is not an integer from 1 to 500. */
  constructor(dimension: number) {
    super(dimension);
    this.#values = polynomialEvaluator("legendre", dimension);
  }

  protected override basisAt(x: number): Float64Array {
    return this.#values(x);
  }

  protected override requirePoints(name: string, points: ArrayLike<number>): void {
    super.requirePoints(name, points);
    for (let i = 0; i < points.length; i++) {
      if (points[i] < -1 || points[i] > 1) requireNumber(`${name}[${i}]`, points[i], { min: -1, max: 1 });
    }
  }

  protected override drawMeasure(rng: Rng): number {
    return rng.uniform(-1, 1);
  }

  protected override drawLeverage(rng: Rng): number {
    const j = rng.integer(this.dimension);
    for (;;) {
      const angle = Math.PI * rng.uniform();
      const x = Math.cos(angle);
      if (rng.uniform() < Math.PI / 4 * Math.sin(angle) * this.#values(x)[j] ** 2) return x;
    }
  }
}

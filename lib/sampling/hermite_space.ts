import { requireOptions, requireRng, type Rng } from "../arrays/mod.ts";
import { polynomialEvaluator } from "../polynomials/mod.ts";
import { type DppDraw, type DrawOptions, FunctionSpace } from "./function_space.ts";
import { tridiagonalEigenvalues } from "./tridiagonal_eigenvalues.ts";

/**
 * Polynomials of degree below m with the standard normal distribution. The basis is `He_j / sqrt(j!)`.
 *
 * The determinantal point process is that of the eigenvalues of an m x m matrix of the Gaussian unitary ensemble, which
 * a tridiagonal matrix of independent entries has too: normal variates on the diagonal, the square roots of gamma
 * variates of shape m - 1, ..., 1 beside it (Dumitriu & Edelman 2002). No candidate is rejected.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { HermiteSpace } from "refigure/sampling";
 * import { assertEquals } from "@std/assert";
 *
 * const { points, proposals } = new HermiteSpace(4).sampleDpp({ rng: new Rng(1) });
 * assertEquals([points.length, proposals], [4, 4]);
 * ```
 */
export class HermiteSpace extends FunctionSpace {
  readonly #values: (x: number) => Float64Array;

  /** Polynomials of degree below `dimension`. @throws {RangeError} if it is not an integer from 1 to 500. */
  constructor(dimension: number) {
    super(dimension);
    this.#values = polynomialEvaluator("hermite", dimension);
  }

  protected override basisAt(x: number): Float64Array {
    return this.#values(x);
  }

  protected override drawMeasure(rng: Rng): number {
    return rng.normal();
  }

  protected override drawLeverage(rng: Rng): number {
    return this.#eigenvalues(rng)[rng.integer(this.dimension)];
  }

  /** One draw of the process: all eigenvalues, in random order. @throws {TypeError} if `rng` is not an Rng. */
  override sampleDpp(options: DrawOptions): DppDraw {
    requireOptions("options", options, ["rng"]);
    const rng = requireRng("rng", options.rng);
    return { points: rng.shuffle(this.#eigenvalues(rng)), proposals: this.dimension };
  }

  #eigenvalues(rng: Rng): Float64Array {
    const m = this.dimension;
    const diagonal = rng.normals(m);
    const beside = Float64Array.from({ length: m - 1 }, (_, k) => Math.sqrt(rng.gamma(m - 1 - k)));
    return tridiagonalEigenvalues(diagonal, beside);
  }
}

import {
  Matrix,
  requireFinite,
  requireFunction,
  requireInteger,
  requireLength,
  requireNumber,
  requireNumbers,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { dot } from "./append_orthonormal.ts";
import { withChainRule } from "./chain_rule.ts";

/** Options of the methods of {@linkcode FunctionSpace} that draw points. */
export interface DrawOptions {
  /** Where the randomness comes from. */
  rng: Rng;
}

/** One draw of a projection determinantal point process. */
export interface DppDraw {
  /** The m points, all different, in random order: each of them alone has the leverage density. */
  points: Float64Array;
  /** How many candidates were drawn to get them; m where none is rejected. */
  proposals: number;
}

/** Far more than a draw takes: a space of dimension 500 needs 3,400 candidates on average. */
const MOST_PROPOSALS = 1e7;

/** What makes a space of functions. */
export interface FunctionSpaceOptions {
  /** The dimension m. */
  dimension: number;
  /** The m values of the basis at a point; the array may be used again by the next call. */
  basis: (x: number) => Float64Array;
  /** One point of the measure mu. */
  drawMeasure: (rng: Rng) => number;
  /** One point of the leverage density. */
  drawLeverage: (rng: Rng) => number;
  /** One draw of the determinantal point process. Default: by rejection, from `drawLeverage`. */
  drawDpp?: (rng: Rng) => DppDraw;
  /**
   * Throws if `x` is not a point of the domain; `name` is the argument. Default: every finite number is one.
   */
  requirePoint?: (name: string, x: number) => void;
}

/**
 * A space of functions with a basis `phi_1, ..., phi_m` that is orthonormal with respect to a probability
 * measure mu: {@linkcode legendreSpace}, {@linkcode hermiteSpace}, any basis on a list of candidates
 * ({@linkcode discreteSpace}), or one of your own.
 *
 * With `K(x, y) = sum_j phi_j(x) phi_j(y)`, `K(x, x)` is the leverage of a point (one over its Christoffel
 * function), and the probability measure with density `K(x, x) / m` with respect to mu is the leverage
 * density.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { FunctionSpace } from "refigure/sampling";
 * import { assertEquals } from "@std/assert";
 *
 * // 1 and a square wave on [0, 1): the leverage is 2 everywhere.
 * const squareWaves = new FunctionSpace({
 *   dimension: 2,
 *   basis: (x) => new Float64Array([1, x < 0.5 ? 1 : -1]),
 *   drawMeasure: (rng) => rng.uniform(),
 *   drawLeverage: (rng) => rng.uniform(),
 * });
 * const { points } = squareWaves.sampleDpp({ rng: new Rng(1) });
 * assertEquals(points.filter((x) => x < 0.5).length, 1, "one point on each half");
 * ```
 */
export class FunctionSpace {
  /** The dimension m. */
  readonly dimension: number;
  readonly #parts: FunctionSpaceOptions;

  /**
   * A space from its parts; that the basis is orthonormal is not checked.
   *
   * @throws {RangeError} if the dimension is not an integer from 1 to 500.
   * @throws {TypeError} if a part is not a function, or an option is unknown.
   */
  constructor(options: FunctionSpaceOptions) {
    requireOptions("options", options, [
      "dimension",
      "basis",
      "drawMeasure",
      "drawLeverage",
      "drawDpp",
      "requirePoint",
    ]);
    this.dimension = requireDimension(options.dimension);
    requireFunction("basis", options.basis);
    requireFunction("drawMeasure", options.drawMeasure);
    requireFunction("drawLeverage", options.drawLeverage);
    if (options.drawDpp !== undefined) requireFunction("drawDpp", options.drawDpp);
    if (options.requirePoint !== undefined) requireFunction("requirePoint", options.requirePoint);
    this.#parts = { ...options };
  }

  #basisAt(name: string, x: number): Float64Array {
    requireNumber(name, x);
    this.#parts.requirePoint?.(name, x);
    return this.#parts.basis(x);
  }

  /**
   * The values of the basis at some points.
   *
   * @returns One row per point, one column per function of the basis.
   * @throws {RangeError} if a point is outside of the domain.
   * @throws {TypeError} if `points` is not an array of numbers.
   */
  evaluate(points: ArrayLike<number>): Matrix {
    requireNumbers("points", points);
    requireFinite("`points` must be finite", points);
    const out = Matrix.zeros(points.length, this.dimension);
    for (let i = 0; i < points.length; i++) {
      out.data.set(this.#basisAt("points", points[i]), i * this.dimension);
    }
    return out;
  }

  /** The leverage `K(x, x)` of a point. @throws {RangeError} if the point is outside of the domain. */
  leverage(x: number): number {
    const phi = this.#basisAt("x", x);
    return dot(phi, 0, phi, phi.length);
  }

  /**
   * Independent points of the measure mu.
   *
   * @throws {RangeError} if `count` is not an integer from 0 to 10^8.
   * @throws {TypeError} if `rng` is not an Rng, or an option is unknown.
   */
  sampleMeasure(count: number, options: DrawOptions): Float64Array {
    requireDraw(count, options);
    return Float64Array.from({ length: count }, () => this.#parts.drawMeasure(options.rng));
  }

  /**
   * Independent points of the leverage density.
   *
   * @throws {RangeError} if `count` is not an integer from 0 to 10^8.
   * @throws {TypeError} if `rng` is not an Rng, or an option is unknown.
   */
  sampleLeverage(count: number, options: DrawOptions): Float64Array {
    requireDraw(count, options);
    return Float64Array.from({ length: count }, () => this.#parts.drawLeverage(options.rng));
  }

  /**
   * One draw of the projection determinantal point process of the space: m points with density
   * `det(phi_j(x_i))^2 / m!` with respect to mu on each. Points repel each other.
   *
   * Exact, by the chain rule: a candidate of the leverage density is kept with probability `|r|^2 / K(x, x)`,
   * where r is `phi(x)` without its components along those of the points so far. Step k keeps (m - k) / m of
   * its candidates, so a draw takes `m (1 + 1/2 + ... + 1/m)` of them on average. A space with a sampler of
   * its own uses that one.
   *
   * @throws {RangeError} if no point can be added, because the basis is not orthonormal for the measure.
   * @throws {TypeError} if `rng` is not an Rng, or an option is unknown.
   */
  sampleDpp(options: DrawOptions): DppDraw {
    requireDraw(0, options);
    const { rng } = options;
    const { basis, drawLeverage, drawDpp } = this.#parts;
    if (drawDpp !== undefined) return drawDpp(rng);
    const m = this.dimension;
    const points = new Float64Array(m);
    return withChainRule(m, (offer) => {
      let proposals = 0;
      for (let k = 0; k < m; proposals++) {
        if (proposals === MOST_PROPOSALS) {
          throw new RangeError(
            `Cannot draw point ${k} of ${m}: ${MOST_PROPOSALS} candidates rejected; is the basis orthonormal?`,
          );
        }
        const x = drawLeverage(rng);
        const phi = basis(x);
        requireLength("basis(x)", phi, m);
        if (offer(x, phi, rng.uniform())) points[k++] = x;
      }
      return { points, proposals };
    });
  }
}

function requireDraw(count: number, options: DrawOptions): void {
  requireInteger("count", count, { max: 1e8 });
  requireOptions("options", options, ["rng"]);
  requireRng("rng", options.rng);
}

/** Returns `dimension` if it can be that of a space. */
export function requireDimension(dimension: number): number {
  return requireInteger("dimension", dimension, { min: 1, max: 500 });
}

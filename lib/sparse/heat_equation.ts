import {
  requireFinite,
  requireFunction,
  requireInteger,
  requireNumber,
  requireOptions,
} from "../arrays/mod.ts";
import { requireVector } from "./check.ts";
import { FivePointStencil } from "./five_point_stencil.ts";

/** Options of {@linkcode HeatEquation}. */
export interface HeatEquationOptions {
  /** Cells per side of the unit square; there are `cells - 1` interior points per side. */
  cells: number;
  /** Length of a step in time. */
  timeStep: number;
  /** The solution at time 0. */
  initial: (x: number, y: number) => number;
  /** The diffusivity at a time, at least 0. */
  diffusivity: (time: number) => number;
  /** The source at a place and a time. Default none. */
  forcing?: (x: number, y: number, time: number) => number;
}

/** The linear system of one step of {@linkcode HeatEquation}. */
export interface HeatStep {
  /** The matrix, symmetric positive definite. */
  a: FivePointStencil;
  /** The right-hand side. */
  b: Float64Array;
}

/**
 * The heat equation `du/dt = kappa(t) (d^2u/dx^2 + d^2u/dy^2) + f` on the unit square with u = 0 on its boundary,
 * by the method of Crank and Nicolson on a grid of spacing h = 1 / cells: a step from time t solves
 *
 *     (I - s D) u_next = (I + s D) u + timeStep f,  s = kappa timeStep / (2 h^2),
 *
 * with kappa and f at `t + timeStep / 2` and D the five-point stencil (-4 in the centre, 1 around it). It is of
 * second order in h and in the length of the step. Who solves the systems, and how, is left to the caller: it is
 * the sequence of similar linear systems of Khodak, Chow, Balcan & Talwalkar 2024, "Learning to relax".
 *
 * @example
 * ```ts
 * import { conjugateGradients, HeatEquation } from "refigure/sparse";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const wave = (x: number, y: number) => Math.sin(Math.PI * x) * Math.sin(Math.PI * y);
 * const heat = new HeatEquation({ cells: 32, timeStep: 1e-3, initial: wave, diffusivity: () => 1 });
 * for (let step = 0; step < 50; step++) {
 *   const { a, b } = heat.system();
 *   heat.advance(conjugateGradients(a, b, { start: heat.solution }).x);
 * }
 * // It decays like exp(-2 pi^2 t); the point in the middle is number 15 of row 15.
 * assertAlmostEquals(heat.solution[15 * 31 + 15], Math.exp(-2 * Math.PI ** 2 * heat.time), 1e-3);
 * ```
 */
export class HeatEquation {
  /** Interior points per side. */
  readonly points: number;
  readonly #timeStep: number;
  readonly #diffusivity: (time: number) => number;
  readonly #forcing: ((x: number, y: number, time: number) => number) | undefined;
  #steps = 0;
  #solution: Float64Array;

  /**
   * The equation at time 0.
   *
   * @param options Grid, step, and the functions of the equation.
   * @throws {RangeError} if there are fewer than 2 cells, the step is not positive, or `initial` is not finite
   * somewhere.
   * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
   */
  constructor(options: HeatEquationOptions) {
    requireOptions("options", options, ["cells", "timeStep", "initial", "diffusivity", "forcing"]);
    const { cells, timeStep, initial, diffusivity, forcing } = options;
    this.points = requireInteger("cells", cells, { min: 2, max: 2 ** 12 }) - 1;
    this.#timeStep = requireNumber("timeStep", timeStep, { above: 0 });
    requireFunction("initial", initial);
    this.#diffusivity = requireFunction("diffusivity", diffusivity);
    if (forcing !== undefined) requireFunction("forcing", forcing);
    this.#forcing = forcing;
    this.#solution = this.#onGrid("initial", initial);
  }

  /** The time of the solution. */
  get time(): number {
    return this.#steps * this.#timeStep;
  }

  /** The solution on the interior points, row by row: point j of row i is at x = (j + 1) h, y = (i + 1) h. */
  get solution(): Float64Array {
    return this.#solution.slice();
  }

  /**
   * The system of the next step; its solution is for {@linkcode HeatEquation.advance}.
   *
   * @throws {RangeError} if the diffusivity is negative, or it or the source is not finite.
   * @throws {TypeError} if one of them is not a number.
   */
  system(): HeatStep {
    const middle = (this.#steps + 0.5) * this.#timeStep;
    const kappa = requireNumber("diffusivity", this.#diffusivity(middle), { min: 0 });
    const s = kappa * this.#timeStep / 2 * (this.points + 1) ** 2;
    const explicit = new FivePointStencil(this.points, this.points, { centre: 1 - 4 * s, neighbour: s });
    const b = explicit.apply(this.#solution);
    const forcing = this.#forcing;
    if (forcing !== undefined) {
      const source = this.#onGrid("forcing", (x, y) => forcing(x, y, middle));
      for (let k = 0; k < b.length; k++) b[k] += this.#timeStep * source[k];
    }
    return { a: new FivePointStencil(this.points, this.points, { centre: 1 + 4 * s, neighbour: -s }), b };
  }

  /**
   * Ends the step: the time goes on, and `solution` is the solution there.
   *
   * @param solution The solution of the last system, exact or not; it is copied.
   * @throws {RangeError} if its length is not the number of points, or a number is not finite.
   * @throws {TypeError} if it is not an array of float64 numbers.
   */
  advance(solution: Float64Array): void {
    requireVector("solution", solution, this.points ** 2);
    requireFinite("`solution`", solution);
    this.#solution = solution.slice();
    this.#steps++;
  }

  #onGrid(name: string, f: (x: number, y: number) => number): Float64Array {
    const h = 1 / (this.points + 1);
    const values = new Float64Array(this.points ** 2);
    for (let k = 0; k < values.length; k++) {
      const [i, j] = [Math.floor(k / this.points), k % this.points];
      values[k] = requireNumber(`${name} at a point`, f((j + 1) * h, (i + 1) * h));
    }
    return values;
  }
}

import {
  type IterationStatus,
  requireFunction,
  requireInteger,
  requireNumber,
  requireNumbers,
  requireOptions,
} from "../arrays/mod.ts";

/** Options of {@linkcode nelderMead}. */
export interface NelderMeadOptions {
  /** Stops when no vertex is farther from the best one than this, in any coordinate. Default 1e-8. */
  tolerance?: number;
  /** ... and no value is worse than the best by more than this. Default 1e-12. */
  valueTolerance?: number;
  /** Most evaluations of the function. Default 400 per dimension. */
  maxEvaluations?: number;
}

/** The result of {@linkcode nelderMead}. */
export interface NelderMeadResult {
  /** The best point. */
  point: number[];
  /** The value of the function there. */
  value: number;
  /** How often the function was evaluated. */
  evaluations: number;
  /** `converged`: both tolerances were met; `step-limit`: the evaluations ran out before. */
  status: Extract<IterationStatus, "converged" | "step-limit">;
  /** What to change if it did not converge; null if it did. */
  advice: string | null;
}

interface Vertex {
  point: number[];
  value: number;
}

/**
 * Minimizes a function of a few variables without derivatives, by a simplex that reflects, grows and shrinks
 * (Nelder & Mead 1965, with the standard factors 1, 2, 1/2, 1/2 and the order of cases of Lagarias et al.
 * 1998). The first simplex moves each coordinate by 5 %, a zero one by 0.00025.
 *
 * It finds a local minimum: start it from several points. A value that is NaN or infinite is as bad as can
 * be, so the search turns away from where the function is not defined.
 *
 * @param f The function; must not keep the array it is given.
 * @param start Where to start.
 * @param options Tolerances, and how many evaluations are allowed.
 * @returns The best point, also when the evaluations ran out: `status` tells which.
 * @throws {RangeError} if `start` is empty or not finite, an option is out of range, or the function is finite
 * at no vertex of the first simplex.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { nelderMead } from "refigure/statistics";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const valley = ([x, y]: readonly number[]) => (1 - x) ** 2 + 100 * (y - x * x) ** 2;
 * const { point, status } = nelderMead(valley, [-1.2, 1]);
 * assertEquals(status, "converged");
 * assertAlmostEquals(point[0], 1, 1e-6);
 * assertAlmostEquals(point[1], 1, 1e-6);
 * ```
 */
export function nelderMead(
  f: (point: readonly number[]) => number,
  start: ArrayLike<number>,
  options: NelderMeadOptions = {},
): NelderMeadResult {
  requireFunction("f", f);
  requireNumbers("start", start, { finite: true });
  requireOptions("options", options, ["tolerance", "valueTolerance", "maxEvaluations"]);
  const n = requireInteger("start.length", start.length, { min: 1 });
  const { tolerance = 1e-8, valueTolerance = 1e-12, maxEvaluations = 400 * n } = options;
  requireNumber("tolerance", tolerance, { min: 0 });
  requireNumber("valueTolerance", valueTolerance, { min: 0 });
  requireInteger("maxEvaluations", maxEvaluations, { min: n + 1 });
  let evaluations = 0;
  const vertex = (point: number[]): Vertex => {
    evaluations++;
    const value = f(point);
    return { point, value: Number.isFinite(value) ? value : Infinity };
  };
  const simplex = firstSimplex(Array.from(start)).map(vertex).sort(byValue);
  if (simplex[0].value === Infinity) {
    throw new RangeError(
      `The function is finite nowhere around \`start\` = [${simplex[0].point.join(", ")}]`,
    );
  }
  let converged = false;
  while (!(converged = isSmall(simplex, tolerance, valueTolerance)) && evaluations < maxEvaluations) {
    const [best, worst, second] = [simplex[0], simplex[n], simplex[n - 1]];
    const center = best.point.map((_, i) =>
      simplex.slice(0, n).reduce((sum, { point }) => sum + point[i], 0) / n
    );
    // The point at `t` on the line from the worst vertex (-1) through the center of the others (0).
    const along = (t: number) => vertex(center.map((c, i) => c + t * (c - worst.point[i])));
    const reflected = along(1);
    if (reflected.value < best.value) {
      const expanded = along(2);
      simplex[n] = expanded.value < reflected.value ? expanded : reflected;
    } else if (reflected.value < second.value) {
      simplex[n] = reflected;
    } else {
      const outside = reflected.value < worst.value;
      const contracted = along(outside ? 0.5 : -0.5);
      const better = outside ? contracted.value <= reflected.value : contracted.value < worst.value;
      if (better) simplex[n] = contracted;
      else {
        for (let k = 1; k <= n; k++) {
          simplex[k] = vertex(simplex[k].point.map((x, i) => best.point[i] + 0.5 * (x - best.point[i])));
        }
      }
    }
    simplex.sort(byValue);
  }
  return {
    ...simplex[0],
    evaluations,
    status: converged ? "converged" : "step-limit",
    advice: converged
      ? null
      : `${maxEvaluations} evaluations were not enough: raise \`maxEvaluations\`, loosen the tolerances, or ` +
        "start from the point that was found",
  };
}

const byValue = (a: Vertex, b: Vertex) => a.value === b.value ? 0 : a.value - b.value;

function firstSimplex(start: readonly number[]): number[][] {
  return [
    [...start],
    ...start.map((x, k) => start.map((y, i) => i !== k ? y : x !== 0 ? 1.05 * x : 0.00025)),
  ];
}

function isSmall([best, ...others]: Vertex[], tolerance: number, valueTolerance: number): boolean {
  return others.every(({ point, value }) =>
    value - best.value <= valueTolerance &&
    point.every((x, i) => Math.abs(x - best.point[i]) <= tolerance)
  );
}

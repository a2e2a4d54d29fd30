import {
  requireInstance,
  requireInteger,
  requireNumber,
  requireOneOf,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { type Design, isWellConditioned } from "./design_gram.ts";
import { FunctionSpace } from "./function_space.ts";

/**
 * How the points of a design are drawn:
 *
 * | design | points | weights |
 * | --- | --- | --- |
 * | `iid` | independent, from mu | 1 |
 * | `iid-optimal` | independent, from the leverage density | `m / K(x, x)` |
 * | `volume` | one draw of the process, n - m points as for `iid-optimal`, in random order | `m / K(x, x)` |
 * | `repeated-dpp` | n / m independent draws of the determinantal point process | `m / K(x, x)` |
 */
export type DesignKind = "iid" | "iid-optimal" | "volume" | "repeated-dpp";

/** The names of {@linkcode DesignKind}. */
export const designKinds: readonly DesignKind[] = ["iid", "iid-optimal", "volume", "repeated-dpp"];

/** Options of {@linkcode sampleDesign}. */
export interface SampleDesignOptions {
  /** How the points are drawn. */
  kind: DesignKind;
  /** Where the randomness comes from. */
  rng: Rng;
  /**
   * Draw again until the smallest eigenvalue of the Gram matrix is at least one minus this, in (0, 1).
   * Default: take the first draw.
   */
  delta?: number;
  /** How many draws to try with `delta`. Default 1000. */
  maxTries?: number;
}

/** What {@linkcode sampleDesign} returns. */
export interface SampledDesign extends Design {
  /** How many designs were drawn until one was accepted. */
  draws: number;
}

/**
 * Random points for a weighted least-squares fit in a space of functions (Nouy & Michel 2024).
 *
 * The volume-sampled design has a density proportional to the determinant of its Gram matrix; by the
 * Cauchy-Binet formula one draw of the determinantal point process and independent points give it. Fits on it
 * are unbiased. Repeated draws of the process have a well-conditioned Gram matrix with far fewer points.
 *
 * @param space The space.
 * @param n The number of points, at least m; a multiple of m for `repeated-dpp`.
 * @param options The kind, the randomness, and whether to draw until the design is well conditioned.
 * @returns Points, weights, and the number of draws.
 * @throws {RangeError} if `n` is out of range, or no draw of `maxTries` is well conditioned.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { isWellConditioned, legendreSpace, sampleDesign } from "refigure/sampling";
 * import { assert } from "@std/assert";
 *
 * const space = legendreSpace(10);
 * const design = sampleDesign(space, 40, { kind: "repeated-dpp", delta: 0.5, rng: new Rng(1) });
 * assert(isWellConditioned(space, design));
 * ```
 */
export function sampleDesign(space: FunctionSpace, n: number, options: SampleDesignOptions): SampledDesign {
  requireInstance("space", space, FunctionSpace);
  const m = space.dimension;
  requireOptions("options", options, ["kind", "rng", "delta", "maxTries"]);
  const { kind, rng, delta, maxTries = 1000 } = options;
  requireOneOf("kind", kind, designKinds);
  requireRng("rng", rng);
  requireInteger("maxTries", maxTries, { min: 1, max: 1e6 });
  if (delta !== undefined) requireNumber("delta", delta, { above: 0, below: 1 });
  requireInteger("n", n, { max: 1e7 });
  if (n < m) throw new RangeError(`\`n\` must be at least m = ${m}, need at least m points, got ${n}`);
  if (kind === "repeated-dpp" && n % m !== 0) {
    throw new RangeError(`\`n\` must be a multiple of m = ${m} for "repeated-dpp", got ${n}`);
  }
  for (let draws = 1;; draws++) {
    const points = drawPoints(space, n, kind, rng);
    const weights = points.map((x) => kind === "iid" ? 1 : m / space.leverage(x));
    const design = { points, weights, draws };
    if (delta === undefined || isWellConditioned(space, design, { delta })) return design;
    if (draws === maxTries) {
      throw new RangeError(
        `None of ${maxTries} designs has a smallest eigenvalue of at least ${
          1 - delta
        }: the probability of one is ` +
          // The rule of three: with that probability, no success in so many tries has a chance of 5 %.
          `below ${
            (3 / maxTries).toPrecision(1)
          } with 95 % confidence. Raise \`n\`, \`delta\` or \`maxTries\``,
      );
    }
  }
}

function drawPoints(space: FunctionSpace, n: number, kind: DesignKind, rng: Rng): Float64Array {
  if (kind === "iid") return space.sampleMeasure(n, { rng });
  if (kind === "iid-optimal") return space.sampleLeverage(n, { rng });
  const m = space.dimension;
  const points = new Float64Array(n);
  const repetitions = kind === "volume" ? 1 : n / m;
  for (let r = 0; r < repetitions; r++) points.set(space.sampleDpp({ rng }).points, r * m);
  if (kind === "repeated-dpp") return points;
  points.set(space.sampleLeverage(n - m, { rng }), m);
  return rng.shuffle(points);
}

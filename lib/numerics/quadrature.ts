import { requireInteger } from "../arrays/mod.ts";

/** Nodes and weights of a quadrature rule. */
export interface Quadrature {
  /** Where the integrand is evaluated. */
  nodes: Float64Array;
  /** What each value counts. */
  weights: Float64Array;
}

/**
 * Gauss-Legendre quadrature with n points on [-1, 1], exact for polynomials of degree 2n - 1: the roots of
 * the Legendre polynomial by Newton's method from Tricomi's guess.
 *
 * @throws {RangeError} if `n` is not a positive integer.
 *
 * @example
 * ```ts
 * import { gaussLegendre } from "refigure/numerics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { nodes, weights } = gaussLegendre(3);
 * assertAlmostEquals(nodes.reduce((sum, x, i) => sum + weights[i] * x ** 4, 0), 2 / 5, 1e-15);
 * ```
 */
export function gaussLegendre(n: number): Quadrature {
  requireInteger("n", n, { min: 1 });
  const nodes = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let x = -Math.cos(Math.PI * (i + 0.75) / (n + 0.5));
    let slope = 1;
    for (let round = 0; round < 10; round++) {
      let p = 1;
      let before = 0;
      for (let k = 1; k <= n; k++) [p, before] = [((2 * k - 1) * x * p - (k - 1) * before) / k, p];
      slope = n * (x * p - before) / (x * x - 1);
      x -= p / slope;
      if (Math.abs(p / slope) < 1e-16) break;
    }
    nodes[i] = x;
    weights[i] = 2 / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}

const panel = gaussLegendre(12);

/**
 * The integral of a smooth function from `from` to `to`: panels of at most `width`, 12 Gauss-Legendre points
 * each.
 *
 * @example
 * ```ts
 * import { integrate } from "refigure/numerics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(integrate(Math.exp, 0, 1), Math.E - 1, 1e-15);
 * ```
 */
export function integrate(f: (x: number) => number, from: number, to: number, width = 1): number {
  const panels = Math.max(1, Math.ceil(Math.abs(to - from) / width));
  const half = (to - from) / panels / 2;
  let sum = 0;
  for (let p = 0; p < panels; p++) {
    const middle = from + (2 * p + 1) * half;
    for (let i = 0; i < panel.nodes.length; i++) {
      sum += panel.weights[i] * f(middle + half * panel.nodes[i]);
    }
  }
  return sum * half;
}

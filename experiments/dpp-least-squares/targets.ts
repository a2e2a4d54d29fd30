/** The functions that are approximated, and their best approximations by quadrature. */
import { gaussLegendre } from "../../lib/numerics/mod.ts";
import type { FunctionSpace, MeasureRule } from "../../lib/sampling/mod.ts";
import type { Target } from "./rows.ts";

export const TARGETS: Record<Target, (x: number) => number> = {
  "|x|": Math.abs,
  "Runge": (x) => 1 / (1 + 25 * x * x),
  "exp": Math.exp,
};

/**
 * A rule for the uniform probability measure on [-1, 1], one half at a time: exact for |x| times polynomials.
 */
export function uniformRule(
  nodesPerHalf: number,
): MeasureRule & { nodes: Float64Array; weights: Float64Array } {
  const { nodes, weights } = gaussLegendre(nodesPerHalf);
  return {
    nodes: Float64Array.from([...nodes.map((x) => (x - 1) / 2), ...nodes.map((x) => (x + 1) / 2)]),
    weights: Float64Array.from([...weights, ...weights], (w) => w / 4),
  };
}

/** A function's best approximation in a space. */
export interface Projection {
  /** Coefficients of the best approximation. */
  coefficients: Float64Array;
  /** What is left, at a point. */
  residual: (x: number) => number;
  /** Its squared norm. */
  square: number;
  /** Its largest absolute value on a fine grid. */
  largest: number;
}

export function project(space: FunctionSpace, f: (x: number) => number): Projection {
  const { nodes, weights } = uniformRule(100);
  const phi = space.evaluate(nodes);
  const coefficients = new Float64Array(space.dimension);
  nodes.forEach((x, i) => phi.row(i).forEach((p, j) => coefficients[j] += weights[i] * f(x) * p));
  const residual = (x: number) => {
    const values = space.evaluate([x]).data;
    return f(x) - coefficients.reduce((sum, c, j) => sum + c * values[j], 0);
  };
  const square = nodes.reduce((sum, x, i) => sum + weights[i] * residual(x) ** 2, 0);
  let largest = 0;
  // Dense at the ends of the interval, with 0, where |x| has its kink.
  for (let k = 0; k <= 2000; k++) {
    largest = Math.max(largest, Math.abs(residual(k === 1000 ? 0 : Math.cos(Math.PI * k / 2000))));
  }
  return { coefficients, residual, square, largest };
}

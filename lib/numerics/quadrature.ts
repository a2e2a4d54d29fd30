import { requireFunction, requireInteger, requireNumber, requireOptions } from "../arrays/mod.ts";

/** Nodes and weights of a quadrature rule. */
export interface Quadrature {
  /** Where the integrand is evaluated. */
  nodes: Float64Array;
  /** The factor of the value at each node. */
  weights: Float64Array;
}

/** The work of {@linkcode gaussLegendre} grows with the square of the points: this many take a second. */
const MOST_POINTS = 10_000;

/** {@linkcode integrate} evaluates its function 12 times per panel: this many panels take a second or more. */
const MOST_PANELS = 10_000_000;

/**
 * Gauss-Legendre quadrature with n points on [-1, 1], exact for polynomials of degree 2n - 1: the roots of
 * the Legendre polynomial by Newton's method from Tricomi's guess.
 *
 * @throws {RangeError} if `n` is not an integer from 1 to 10,000.
 * @throws {TypeError} if `n` is not a number.
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
  requireInteger("n", n, { min: 1, max: MOST_POINTS });
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

/** The squares that {@linkcode gaussHermite} adds up grow like exp(2 n) and must stay in range. */
const MOST_HERMITE_POINTS = 300;

/**
 * Gauss-Hermite quadrature with n points for the standard normal distribution: the weights add up to 1, and
 * the expectation of a polynomial of degree up to 2n - 1 is exact. The nodes are the eigenvalues of the
 * symmetric tridiagonal matrix with sqrt(1), sqrt(2), ... beside a zero diagonal (Golub & Welsch 1969), found
 * by bisection on the number of eigenvalues below a point; a weight is one over the sum of the squared
 * orthonormal polynomials there.
 *
 * @throws {RangeError} if `n` is not an integer from 1 to 300.
 * @throws {TypeError} if `n` is not a number.
 *
 * @example
 * ```ts
 * import { gaussHermite } from "refigure/numerics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { nodes, weights } = gaussHermite(5);
 * // The fourth moment of the standard normal distribution.
 * assertAlmostEquals(nodes.reduce((sum, x, i) => sum + weights[i] * x ** 4, 0), 3, 1e-13);
 * ```
 */
export function gaussHermite(n: number): Quadrature {
  requireInteger("n", n, { min: 1, max: MOST_HERMITE_POINTS });
  const nodes = new Float64Array(n);
  const weights = new Float64Array(n);
  const bound = 2 * Math.sqrt(n) + 1;
  for (let i = 0; i < n; i++) {
    // Half of the nodes, and their mirror images: odd moments are exactly zero.
    if (2 * i + 1 === n) nodes[i] = 0;
    else if (2 * i + 1 > n) nodes[i] = -nodes[n - 1 - i];
    else {
      let low = -bound;
      let high = 0;
      for (let middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2) {
        if (hermiteNodesBelow(n, middle) > i) high = middle;
        else low = middle;
      }
      nodes[i] = high;
    }
    let p = 1;
    let before = 0;
    let sum = 1;
    for (let k = 1; k < n; k++) {
      [p, before] = [(nodes[i] * p - Math.sqrt(k - 1) * before) / Math.sqrt(k), p];
      sum += p * p;
    }
    weights[i] = 1 / sum;
  }
  return { nodes, weights };
}

/** How many nodes are below x: negative pivots of the tridiagonal matrix minus x (Sturm's theorem). */
function hermiteNodesBelow(n: number, x: number): number {
  let pivot = -x;
  let count = pivot < 0 ? 1 : 0;
  for (let k = 1; k < n; k++) {
    pivot = -x - k / (pivot === 0 ? 1e-300 : pivot);
    if (pivot < 0) count++;
  }
  return count;
}

const panel = gaussLegendre(12);

/** Options for {@linkcode integrate}. */
export interface IntegrateOptions {
  /** Largest width of a panel. Default 1. */
  width?: number;
}

/**
 * The integral of a smooth function from `from` to `to`, which may be the smaller one: panels of at most
 * `width`, 12 Gauss-Legendre points each. A function that is NaN at a point makes the integral NaN.
 *
 * @param f The integrand.
 * @param from Where to start; finite. Substitute variables for an infinite interval.
 * @param to Where to end; finite.
 * @param options How fine the panels are.
 * @returns The integral.
 * @throws {RangeError} if a number is not finite, `width` is not positive, or more than ten million panels
 * would be needed.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { integrate } from "refigure/numerics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(integrate(Math.exp, 0, 1), Math.E - 1, 1e-15);
 * assertAlmostEquals(integrate((x) => Math.cos(40 * x), 0, 1, { width: 0.1 }), Math.sin(40) / 40, 1e-15);
 * ```
 */
export function integrate(
  f: (x: number) => number,
  from: number,
  to: number,
  options: IntegrateOptions = {},
): number {
  requireFunction("f", f);
  requireNumber("from", from);
  requireNumber("to", to);
  requireOptions("options", options, ["width"]);
  const { width = 1 } = options;
  requireNumber("width", width, { above: 0 });
  const length = requireNumber("to - from", to - from);
  const panels = Math.max(1, Math.ceil(Math.abs(length) / width));
  if (panels > MOST_PANELS) {
    const least = Math.abs(length) / MOST_PANELS;
    throw new RangeError(
      `\`width\` must be at least ${least} for an interval of length ${Math.abs(length)}, got ${width}: ` +
        `more than ${MOST_PANELS} panels would be needed`,
    );
  }
  const half = length / panels / 2;
  let sum = 0;
  for (let p = 0; p < panels; p++) {
    const middle = from + (2 * p + 1) * half;
    for (let i = 0; i < panel.nodes.length; i++) {
      sum += panel.weights[i] * f(middle + half * panel.nodes[i]);
    }
  }
  return sum * half;
}

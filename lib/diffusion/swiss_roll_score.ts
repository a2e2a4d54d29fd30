import { Matrix, requireInstance, requireInteger, requireOptions } from "../arrays/mod.ts";
import { gaussLegendre } from "../numerics/mod.ts";
import { erfc } from "../statistics/mod.ts";
import { GaussianMixture } from "./gaussian_mixture.ts";
import { VpSde } from "./schedule.ts";
import { ScoreField } from "./score_field.ts";

/** Options of {@linkcode swissRollScore}. */
export interface SwissRollScoreOptions {
  /** Coordinates of a point, at least 3; those after the third are zero on the roll. Default 3. */
  ambientDim?: number;
  /**
   * Nodes along the spiral. They act as point masses where sigma is below half their spacing: 2048 serve down to
   * t = 1e-3, 512 down to 1e-2. Default 2048.
   */
  nodes?: number;
}

/** Half the width of the roll, in its units. */
const HALF_WIDTH = 1.05;

/** Nodes and weights of the spiral in the plane of the first and third coordinate. */
function spiral(nodes: number): { points: Matrix; weights: Float64Array } {
  const rule = gaussLegendre(nodes);
  // The means of u cos u and u sin u over [3 pi / 2, 9 pi / 2] are 2 and 2 / (3 pi).
  const points = Matrix.from(nodes, 2, (j, a) => {
    const u = 3 * Math.PI + 1.5 * Math.PI * rule.nodes[j];
    return a === 0 ? (u * Math.cos(u) - 2) / 10 : (u * Math.sin(u) - 2 / (3 * Math.PI)) / 10;
  });
  return { points, weights: rule.weights };
}

/**
 * The exact score of points on a Swiss roll that diffuse, with its derivatives and log-density. The roll is
 * (u cos u, h, u sin u) with u uniform in [3 pi / 2, 9 pi / 2] and h uniform in [0, 21], minus its mean, over 10.
 * The width is an interval whose noisy density is a difference of normal distribution functions; the spiral is
 * a mixture of the nodes of a Gauss-Legendre rule in u.
 *
 * @param sde The diffusion.
 * @param options Number of coordinates, number of nodes.
 * @throws {RangeError} if an option is out of range.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { swissRollScore, VpSde } from "refigure/diffusion";
 * import { assert } from "@std/assert";
 *
 * const field = swissRollScore(new VpSde(), { nodes: 256 });
 * const [, beyond] = field.score(Float64Array.of(0, 2, 0), 0.1);
 * assert(beyond < 0); // back to the roll, whose half width is 1.05
 * ```
 */
export function swissRollScore(sde: VpSde, options: SwissRollScoreOptions = {}): ScoreField {
  requireInstance("sde", sde, VpSde);
  requireOptions("options", options, ["ambientDim", "nodes"]);
  const { ambientDim: d = 3, nodes = 2048 } = options;
  requireInteger("ambientDim", d, { min: 3, max: 1_000_000 });
  requireInteger("nodes", nodes, { min: 2, max: 10_000 });
  const { points, weights } = spiral(nodes);
  const plane = new GaussianMixture({ weights, means: points, variances: new Float64Array(nodes) });
  const score2 = new Float64Array(2);
  const jacobian2 = new Float64Array(4);
  const xz = new Float64Array(2);
  const wall = { logDensity: 0, score: 0, slope: 0 };

  return new ScoreField({
    dim: d,
    sde,
    score(x, t, out) {
      const alpha = sde.alpha(t);
      const sigma = sde.sigma(t);
      for (let i = 0; i < x.length; i += d) {
        xz[0] = x[i];
        xz[1] = x[i + 2];
        plane.score(xz, alpha, sigma, { out: score2 });
        noisyInterval(x[i + 1], alpha * HALF_WIDTH, sigma, wall);
        out[i] = score2[0];
        out[i + 1] = wall.score;
        out[i + 2] = score2[1];
        for (let a = 3; a < d; a++) out[i + a] = -x[i + a] / (sigma * sigma);
      }
    },
    scoreAndJacobian(x, t, score, jacobian) {
      const alpha = sde.alpha(t);
      const sigma = sde.sigma(t);
      jacobian.fill(0);
      for (let i = 0; i < x.length; i += d) {
        xz[0] = x[i];
        xz[1] = x[i + 2];
        plane.scoreAndJacobian(xz, alpha, sigma, { out: { score: score2, jacobian: jacobian2 } });
        noisyInterval(x[i + 1], alpha * HALF_WIDTH, sigma, wall);
        const at = i * d;
        score[i] = score2[0];
        score[i + 1] = wall.score;
        score[i + 2] = score2[1];
        jacobian[at] = jacobian2[0];
        jacobian[at + 2] = jacobian2[1];
        jacobian[at + d + 1] = wall.slope;
        jacobian[at + 2 * d] = jacobian2[2];
        jacobian[at + 2 * d + 2] = jacobian2[3];
        for (let a = 3; a < d; a++) {
          score[i + a] = -x[i + a] / (sigma * sigma);
          jacobian[at + a * d + a] = -1 / (sigma * sigma);
        }
      }
    },
    logDensity(x, t) {
      const alpha = sde.alpha(t);
      const sigma = sde.sigma(t);
      const out = new Float64Array(x.length / d);
      for (let k = 0; k < out.length; k++) {
        const i = k * d;
        xz[0] = x[i];
        xz[1] = x[i + 2];
        noisyInterval(x[i + 1], alpha * HALF_WIDTH, sigma, wall);
        out[k] = plane.logDensity(xz, alpha, sigma)[0] + wall.logDensity;
        for (let a = 3; a < d; a++) {
          out[k] -= (x[i + a] / sigma) ** 2 / 2 + Math.log(2 * Math.PI * sigma * sigma) / 2;
        }
      }
      return out;
    },
  });
}

/**
 * Log-density of a uniform number in [-a, a] plus normal noise, and its two derivatives. Everything is in units
 * of the normal density at the nearer wall, so that nothing vanishes far outside.
 */
function noisyInterval(
  x: number,
  a: number,
  sigma: number,
  out: { logDensity: number; score: number; slope: number },
): void {
  const side = x < 0 ? -1 : 1;
  const far = (side * x + a) / sigma;
  const near = (side * x - a) / sigma;
  const e = Math.exp(-2 * a * side * x / (sigma * sigma));
  const mass = millsRatio(near) - e * millsRatio(far);
  out.score = side * (e - 1) / (sigma * mass);
  out.slope = (near - far * e) / (sigma * sigma * mass) - out.score * out.score;
  const logNormal = -near * near / 2 - Math.log(2 * Math.PI) / 2;
  // Deep inside, the interval's own density; there the normal density at the wall is too small for a double.
  out.logDensity = (mass === Infinity ? 0 : Math.log(mass) + logNormal) - Math.log(2 * a);
}

/** The upper tail of the standard normal distribution over its density; infinite far to the left. */
function millsRatio(u: number): number {
  if (u < 4) return erfc(u * Math.SQRT1_2) / 2 * Math.sqrt(2 * Math.PI) * Math.exp(u * u / 2);
  let fraction = u;
  for (let n = 60; n >= 1; n--) fraction = u + n / fraction;
  return 1 / fraction;
}

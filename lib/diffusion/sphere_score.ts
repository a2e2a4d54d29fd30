import { requireInstance, requireInteger, requireNumber, requireOptions } from "../arrays/mod.ts";
import { VpSde } from "./schedule.ts";
import { ScoreField } from "./score_field.ts";

/** Options of {@linkcode sphereScore}. */
export interface SphereScoreOptions {
  /** Radius R. Default 1. */
  radius?: number;
  /** Coordinates of a point, at least 3; those after the third are zero on the sphere. Default 3. */
  ambientDim?: number;
}

/**
 * The exact score of points that are uniform on a sphere of radius R in the first three coordinates and diffuse,
 * with its derivatives and log-density. With rho the distance from the centre, q = alpha R rho / sigma^2 and the
 * Langevin function L(q) = coth q - 1 / q, it is -x / sigma^2 plus a radial part alpha R / sigma^2 L(q), by the
 * mean direction of the von Mises-Fisher law of the sphere.
 *
 * @param sde The diffusion.
 * @param options Radius and number of coordinates.
 * @throws {RangeError} if an option is out of range.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { sphereScore, VpSde } from "refigure/diffusion";
 * import { assert, assertAlmostEquals } from "@std/assert";
 *
 * const field = sphereScore(new VpSde());
 * const [, , outside] = field.score(Float64Array.of(0, 0, 1.5), 0.01);
 * const [, , inside] = field.score(Float64Array.of(0, 0, 0.5), 0.01);
 * assert(outside < 0 && inside > 0);
 * assertAlmostEquals(field.score(new Float64Array(3), 0.01)[0], 0);
 * ```
 */
export function sphereScore(sde: VpSde, options: SphereScoreOptions = {}): ScoreField {
  requireInstance("sde", sde, VpSde);
  requireOptions("options", options, ["radius", "ambientDim"]);
  const { radius = 1, ambientDim: d = 3 } = options;
  requireNumber("radius", radius, { above: 0 });
  requireInteger("ambientDim", d, { min: 3, max: 1_000_000 });
  const langevin = new Float64Array(2);

  /** What all points have at a time: 1 / sigma^2, and alpha over it times the radius. */
  const level = (t: number) => {
    const variance = sde.sigma(t) ** 2;
    return { precision: 1 / variance, strength: sde.alpha(t) * radius / variance };
  };
  /** The pull towards the sphere at distance rho over rho, and its derivative by rho. */
  const pull = (rho: number, strength: number) => {
    langevinFunction(strength * rho, langevin);
    // L(q) / q is 1/3 at the centre.
    const overRho = strength * strength * (rho === 0 ? 1 / 3 : langevin[0] / (strength * rho));
    return { overRho, slope: strength * strength * langevin[1] };
  };

  return new ScoreField({
    dim: d,
    sde,
    score(x, t, out) {
      const { precision, strength } = level(t);
      for (let i = 0; i < x.length; i += d) {
        const { overRho } = pull(lengthOf(x[i], x[i + 1], x[i + 2]), strength);
        for (let a = 0; a < d; a++) out[i + a] = ((a < 3 ? overRho : 0) - precision) * x[i + a];
      }
    },
    scoreAndJacobian(x, t, score, jacobian) {
      const { precision, strength } = level(t);
      jacobian.fill(0);
      for (let i = 0; i < x.length; i += d) {
        const rho = lengthOf(x[i], x[i + 1], x[i + 2]);
        const { overRho, slope } = pull(rho, strength);
        for (let a = 0; a < d; a++) {
          const diagonal = (a < 3 ? overRho : 0) - precision;
          score[i + a] = diagonal * x[i + a];
          const row = (i + a) * d;
          jacobian[row + a] = diagonal;
          if (a >= 3 || rho === 0) continue;
          const radial = (slope - overRho) * x[i + a] / rho;
          for (let b = 0; b < 3; b++) jacobian[row + b] += radial * x[i + b] / rho;
        }
      }
    },
    logDensity(x, t) {
      const alpha = sde.alpha(t);
      const variance = sde.sigma(t) ** 2;
      const out = new Float64Array(x.length / d);
      for (let k = 0; k < out.length; k++) {
        const i = k * d;
        const rho = lengthOf(x[i], x[i + 1], x[i + 2]);
        let square = (rho - alpha * radius) ** 2;
        for (let a = 3; a < d; a++) square += x[i + a] ** 2;
        // The mean of exp(q cos) over the sphere is sinh(q) / q; exp(q) is in the square above.
        const q = alpha * radius * rho / variance;
        const mean = q < 1e-8 ? -q : Math.log(-Math.expm1(-2 * q) / (2 * q));
        out[k] = mean - square / (2 * variance) - d / 2 * Math.log(2 * Math.PI * variance);
      }
      return out;
    },
  });
}

/**
 * The length of a vector: the steps that V8 takes for `Math.hypot`, a compensated sum of squares relative to the largest,
 * and so the same bits there, in less than half of the time.
 */
function lengthOf(x: number, y: number, z: number): number {
  const largest = Math.max(Math.abs(x), Math.abs(y), Math.abs(z));
  if (!(largest > 0 && largest < Infinity)) return Math.hypot(x, y, z);
  const [a, b, c] = [x / largest, y / largest, z / largest];
  const first = a * a;
  const second = first + b * b;
  const term = c * c - (second - first - b * b);
  return Math.sqrt(second + term) * largest;
}

/**
 * Writes coth q - 1 / q and its derivative 1 / q^2 - 1 / sinh(q)^2, for q >= 0: their series where the terms
 * cancel.
 */
export function langevinFunction(q: number, out: Float64Array): void {
  if (q < 0.3) {
    const s = q * q;
    out[0] = q * (1 / 3 + s * (-1 / 45 + s * (2 / 945 + s * (-1 / 4725 + s * (2 / 93555 +
                      s * (-1382 / 638512875 + s * (4 / 18243225)))))));
    out[1] = 1 / 3 + s * (-3 / 45 + s * (10 / 945 + s * (-7 / 4725 + s * (18 / 93555 +
                      s * (-11 * 1382 / 638512875 + s * (52 / 18243225))))));
    return;
  }
  // In powers of exp(-2 q), which do not overflow.
  const e = Math.exp(-2 * q);
  out[0] = (1 + e) / (1 - e) - 1 / q;
  out[1] = 1 / (q * q) - 4 * e / ((1 - e) * (1 - e));
}

import {
  Matrix,
  requireFinite,
  requireFunction,
  requireInstance,
  requireMatrix,
  requireNumber,
  requireRealArray,
} from "../arrays/mod.ts";
import { requirePoints } from "./check.ts";
import { VpSde } from "./schedule.ts";
import { requireJacobian, requireTime, ScoreField } from "./score_field.ts";

/** Throws unless `m` is a finite double-precision matrix of this order. */
function requireOrder(name: string, m: Matrix, order: number): void {
  requireMatrix(name, m);
  requireRealArray(`${name}.data`, m.data, "float64");
  if (m.rows !== order || m.columns !== order) {
    throw new RangeError(`\`${name}\` must be ${order} x ${order}, got ${m.rows} x ${m.columns}`);
  }
  requireFinite(`\`${name}\` must be finite`, m.data, order);
}

/**
 * The field M s(x, t) for a constant matrix M: (1 + delta) I gives a conservative field that is wrong, an
 * antisymmetric matrix a gauge field.
 *
 * @param field The field s.
 * @param m M, square, as many rows as points have coordinates.
 * @throws {RangeError} if the shape does not fit or an entry is not finite.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { gaussianScore, transformField, VpSde } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const exact = gaussianScore(Matrix.identity(2), new VpSde());
 * const stronger = transformField(exact, Matrix.diagonal([1.2, 1.2]));
 * assertAlmostEquals(stronger.score(Float64Array.of(1, 0), 0.5)[0], -1.2, 1e-15);
 * ```
 */
export function transformField(field: ScoreField, m: Matrix): ScoreField {
  requireInstance("field", field, ScoreField);
  requireOrder("m", m, field.dim);
  const d = field.dim;
  const matrix = m.data.slice();
  const scratch = new Float64Array(d);
  /** Replaces each of the columns of blocks of d rows by M times the column. */
  const apply = (values: Float64Array, columns: number) => {
    for (let start = 0; start < values.length; start += d * columns) {
      for (let c = 0; c < columns; c++) {
        for (let a = 0; a < d; a++) {
          let sum = 0;
          for (let b = 0; b < d; b++) sum += matrix[a * d + b] * values[start + b * columns + c];
          scratch[a] = sum;
        }
        for (let a = 0; a < d; a++) values[start + a * columns + c] = scratch[a];
      }
    }
  };
  return new ScoreField({
    dim: d,
    sde: field.sde,
    score(x, t, out) {
      field.score(x, t, { out });
      apply(out, 1);
    },
    scoreAndJacobian: !field.hasJacobian ? undefined : (x, t, score, jacobian) => {
      field.scoreAndJacobian(x, t, { out: { score, jacobian } });
      apply(score, 1);
      apply(jacobian, d);
    },
  });
}

/**
 * The sum of two fields, s + weight r.
 *
 * @param field The field s.
 * @param remainder The field r.
 * @param weight Its factor. Default 1.
 * @returns The sum, with derivatives if both have them.
 * @throws {RangeError} if the fields differ in the number of coordinates or the weight is not finite.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { addFields, gaussianScore, linearField, VpSde } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const sde = new VpSde();
 * const turn = linearField(Matrix.fromRows([[0, -1], [1, 0]]), sde);
 * const sum = addFields(gaussianScore(Matrix.identity(2), sde), turn, 3);
 * assertAlmostEquals(sum.score(Float64Array.of(1, 0), 0.5)[1], 3, 1e-15);
 * ```
 */
export function addFields(field: ScoreField, remainder: ScoreField, weight: number = 1): ScoreField {
  requireInstance("field", field, ScoreField);
  requireInstance("remainder", remainder, ScoreField);
  requireNumber("weight", weight);
  if (remainder.dim !== field.dim) {
    throw new RangeError(`\`remainder.dim\` must be ${field.dim}, that of \`field\`, got ${remainder.dim}`);
  }
  const add = (to: Float64Array, from: Float64Array) => {
    for (let i = 0; i < to.length; i++) to[i] += weight * from[i];
  };
  return new ScoreField({
    dim: field.dim,
    sde: field.sde,
    score(x, t, out) {
      field.score(x, t, { out });
      add(out, remainder.score(x, t));
    },
    scoreAndJacobian: !field.hasJacobian || !remainder.hasJacobian ? undefined : (x, t, score, jacobian) => {
      field.scoreAndJacobian(x, t, { out: { score, jacobian } });
      const more = remainder.scoreAndJacobian(x, t);
      add(score, more.score);
      add(jacobian, more.jacobian);
    },
  });
}

/**
 * The field B x, the same at all times.
 *
 * @param b B, d x d.
 * @param sde The diffusion.
 * @throws {RangeError} if `b` is not square or an entry is not finite.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { linearField, VpSde } from "refigure/diffusion";
 * import { assertEquals } from "@std/assert";
 *
 * const turn = linearField(Matrix.fromRows([[0, -1], [1, 0]]), new VpSde());
 * assertEquals(turn.score(Float64Array.of(2, 3), 0.1), Float64Array.of(-3, 2));
 * ```
 */
export function linearField(b: Matrix, sde: VpSde): ScoreField {
  requireMatrix("b", b);
  requireOrder("b", b, b.columns);
  requireInstance("sde", sde, VpSde);
  const d = b.columns;
  const matrix = b.data.slice();
  const score = (x: Float64Array, _t: number, out: Float64Array) => {
    for (let i = 0; i < x.length; i++) {
      const start = i - i % d;
      let sum = 0;
      for (let c = 0; c < d; c++) sum += matrix[i % d * d + c] * x[start + c];
      out[i] = sum;
    }
  };
  return new ScoreField({
    dim: d,
    sde,
    score,
    scoreAndJacobian(x, t, out, jacobian) {
      score(x, t, out);
      for (let at = 0; at < jacobian.length; at += d * d) jacobian.set(matrix, at);
    },
  });
}

/**
 * A rotation of the plane whose speed depends on the distance from the origin: w(|x|) J x with J the quarter
 * turn. It is a gauge field of every law that is invariant under rotations.
 *
 * @param speed Returns the angular speed w at a distance and its derivative, `[w, w']`.
 * @param sde The diffusion.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { rotationField, VpSde } from "refigure/diffusion";
 * import { assertEquals } from "@std/assert";
 *
 * const swirl = rotationField((radius) => [radius, 1], new VpSde());
 * assertEquals(swirl.score(Float64Array.of(3, 4), 0.1), Float64Array.of(-20, 15));
 * ```
 */
export function rotationField(
  speed: (radius: number) => readonly [speed: number, derivative: number],
  sde: VpSde,
): ScoreField {
  requireFunction("speed", speed);
  requireInstance("sde", sde, VpSde);
  const score = (x: Float64Array, _t: number, out: Float64Array) => {
    for (let i = 0; i < x.length; i += 2) {
      const [w] = speed(Math.hypot(x[i], x[i + 1]));
      const [a, b] = [x[i], x[i + 1]];
      out[i] = -w * b;
      out[i + 1] = w * a;
    }
  };
  return new ScoreField({
    dim: 2,
    sde,
    score,
    scoreAndJacobian(x, t, out, jacobian) {
      score(x, t, out);
      for (let i = 0; i < x.length; i += 2) {
        const [a, b] = [x[i], x[i + 1]];
        const radius = Math.hypot(a, b);
        const [w, derivative] = speed(radius);
        const shear = radius === 0 ? 0 : derivative / radius;
        const at = 2 * i;
        jacobian[at] = -shear * a * b;
        jacobian[at + 1] = -w - shear * b * b;
        jacobian[at + 2] = w + shear * a * a;
        jacobian[at + 3] = shear * a * b;
      }
    },
  });
}

/**
 * Adds the gauge field omega A s for an antisymmetric matrix A. Where s is a score, A s satisfies
 * div(p A s) = 0 for any density p, so that the field (I + omega A) s moves the same densities as s does, without
 * being a gradient.
 *
 * @param field The score s.
 * @param a A, antisymmetric to 1e-12.
 * @param omega How much of it.
 * @returns The sum.
 * @throws {RangeError} if the shape does not fit, A is not antisymmetric, or a number is not finite.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { gaussianScore, VpSde, withGauge } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const exact = gaussianScore(Matrix.identity(2), new VpSde());
 * const turning = withGauge(exact, Matrix.fromRows([[0, -1], [1, 0]]), 5);
 * const [x, y] = turning.score(Float64Array.of(1, 0), 0.5);
 * assertAlmostEquals(x, -1, 1e-15);
 * assertAlmostEquals(y, -5, 1e-14);
 * ```
 */
export function withGauge(field: ScoreField, a: Matrix, omega: number): ScoreField {
  requireInstance("field", field, ScoreField);
  requireAntisymmetric("a", a, field.dim);
  requireNumber("omega", omega);
  const m = Matrix.from(a.rows, a.columns, (i, j) => (i === j ? 1 : 0) + omega * a.get(i, j));
  return transformField(field, m);
}

function requireAntisymmetric(name: string, a: Matrix, order: number): void {
  requireOrder(name, a, order);
  for (let i = 0; i < order; i++) {
    for (let j = 0; j <= i; j++) {
      const sum = a.get(i, j) + a.get(j, i);
      if (Math.abs(sum) > 1e-12) {
        throw new RangeError(
          `\`${name}\` must be antisymmetric, got ${a.get(i, j)} at (${i}, ${j}) and ${
            a.get(j, i)
          } at (${j}, ${i})`,
        );
      }
    }
  }
}

/**
 * div r + r . grad log p at points, which vanishes everywhere exactly if the field r is a gauge field of the
 * density p: adding it to the score leaves the densities as they are (Horvat & Pfister 2024).
 *
 * @param remainder The field r, with derivatives.
 * @param score The score of p.
 * @param x n points, one after another, n * dim numbers.
 * @param t Time in (0, 1].
 * @returns The residuals, n numbers.
 * @throws {RangeError} if a size does not fit or `t` is out of range.
 * @throws {TypeError} if an argument is of the wrong type, or `remainder` has no derivatives.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { gaugeResidual, gaussianScore, linearField, VpSde } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // A rotation about the origin is a gauge field of N(0, I), but not of a stretched normal law.
 * const sde = new VpSde();
 * const turn = linearField(Matrix.fromRows([[0, -1], [1, 0]]), sde);
 * const x = Float64Array.of(1, 2);
 * assertAlmostEquals(gaugeResidual(turn, gaussianScore(Matrix.identity(2), sde), x, 1e-9)[0], 0, 1e-12);
 * assertAlmostEquals(gaugeResidual(turn, gaussianScore(Matrix.diagonal([1, 4]), sde), x, 1e-9)[0], 1.5, 1e-6);
 * ```
 */
export function gaugeResidual(
  remainder: ScoreField,
  score: ScoreField,
  x: Float64Array,
  t: number,
): Float64Array {
  requireJacobian("remainder", remainder);
  requireInstance("score", score, ScoreField);
  if (score.dim !== remainder.dim) {
    throw new RangeError(`\`score.dim\` must be ${remainder.dim}, that of \`remainder\`, got ${score.dim}`);
  }
  const d = remainder.dim;
  const n = requirePoints("x", x, d);
  requireTime("t", t);
  const r = remainder.scoreAndJacobian(x, t);
  const s = score.score(x, t);
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < d; a++) {
      out[i] += r.jacobian[(i * d + a) * d + a] + r.score[i * d + a] * s[i * d + a];
    }
  }
  return out;
}

import {
  Matrix,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOptions,
  requireRng,
  Rng,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { columnNorms, householderProduct, householderVjp, reflectorsFromOrthonormal } from "../linalg/mod.ts";
import { nearestPartialIsometry, requireRank } from "./nearest_partial_isometry.ts";

/** Options of {@linkcode HouseholderProjector}. */
export interface HouseholderProjectorOptions {
  /** Number of singular values that are not zero: of directions. Default 10. */
  rank?: number;
  /** What these singular values are. Default 1. */
  gain?: number;
  /** Stream of the start: reflectors with normal entries of standard deviation 0.05. */
  rng: Rng;
}

/** Options of {@linkcode HouseholderProjector.fromMatrix}. */
export interface NearestProjectorOptions {
  /** Number of directions. Default 10. */
  rank?: number;
}

/** Gradients of a loss by the parts of {@linkcode HouseholderProjector.forward}. */
export interface ProjectorGradients {
  /** By the reflectors of the output side, outputs x rank. */
  outputReflectors: Matrix;
  /** By the reflectors of the input side, inputs x rank. */
  inputReflectors: Matrix;
  /** By the latents, n x inputs. */
  w: Matrix;
}

/** The two factors of a projector. */
interface Factors {
  /** Orthonormal columns, outputs x rank. */
  u: Matrix;
  /** Orthonormal columns, inputs x rank. */
  v: Matrix;
}

/**
 * A projection `A = gain U V^T` from latents to styles with `rank` singular values that are equal and others
 * that are zero, whatever its parameters: U and V are the first columns of products of Householder
 * reflections (Song, Zhang, Sebe & Wang 2023, "Householder projector for unsupervised latent semantics
 * discovery").
 *
 * A step `alpha v_j` along a column of V changes the style by exactly `gain alpha u_j`; latents orthogonal to
 * all of V change nothing. There are `rank` reflectors for each side, and these are all such matrices. (The
 * released code keeps as many as sizes, at d / rank times the work.)
 *
 * A fixes the space of its directions and where they go, but not the directions: `(U R)(V R)^T` is the same
 * matrix for every orthogonal R.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { singularValues } from "refigure/linalg";
 * import { HouseholderProjector } from "refigure/latent_directions";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const projector = new HouseholderProjector(8, 5, { rank: 3, rng: new Rng(0) });
 * const spectrum = singularValues(projector.matrix());
 * [1, 1, 1, 0, 0].forEach((value, i) => assertAlmostEquals(spectrum[i], value, 1e-14));
 * ```
 */
export class HouseholderProjector {
  /** Reflectors of U as columns, outputs x rank: a parameter to train. Its lengths do not matter. */
  readonly outputReflectors: Matrix;
  /** Reflectors of V as columns, inputs x rank: a parameter to train. Its lengths do not matter. */
  readonly inputReflectors: Matrix;
  /** The singular values that are not zero. */
  readonly gain: number;

  /**
   * A projector with random directions.
   *
   * @param outputs Size of a style.
   * @param inputs Size of a latent.
   * @param options Rank, gain and stream.
   * @throws {RangeError} if a size is not a positive integer, the rank is above the smaller one, or the gain
   * is not positive and finite.
   * @throws {TypeError} if an argument is of the wrong type or an option is unknown.
   */
  constructor(outputs: number, inputs: number, options: HouseholderProjectorOptions) {
    requireInteger("outputs", outputs, { min: 1 });
    requireInteger("inputs", inputs, { min: 1 });
    requireOptions("options", options, ["rank", "gain", "rng"]);
    const { rank = 10, gain = 1, rng } = options;
    requireRng("rng", rng);
    requireRank(outputs, inputs, rank);
    this.gain = requireNumber("gain", gain, { above: 0 });
    this.outputReflectors = rng.split("outputs").normalMatrix(outputs, rank, 0.05);
    this.inputReflectors = rng.split("inputs").normalMatrix(inputs, rank, 0.05);
  }

  /**
   * The projector that is nearest to a trained projection ({@linkcode nearestPartialIsometry}), with gain 1:
   * where a fine-tuning starts. Warns if `a` does not determine all of its directions.
   *
   * @param a outputs x inputs.
   * @param options The rank.
   * @returns The projector.
   * @throws {RangeError} if the rank is above the smaller size, or an entry of `a` is NaN or infinite.
   * @throws {TypeError} if `a` is not a matrix or an option is unknown.
   */
  static fromMatrix(a: Matrix, options: NearestProjectorOptions = {}): HouseholderProjector {
    requireMatrix("a", a);
    requireOptions("options", options, ["rank"]);
    const { rank = 10 } = options;
    const { u, v, arbitrary } = nearestPartialIsometry(a, rank);
    if (arbitrary > 0) {
      console.warn(
        `\`a\` has rank ${rank - arbitrary} only: the last ${arbitrary} of ${rank} directions are arbitrary`,
      );
    }
    const projector = new HouseholderProjector(a.rows, a.columns, { rank, rng: new Rng(0) });
    projector.outputReflectors.data.set(reflectorsFromOrthonormal(u).data);
    projector.inputReflectors.data.set(reflectorsFromOrthonormal(v).data);
    return projector;
  }

  /** Number of directions. */
  get rank(): number {
    return this.inputReflectors.columns;
  }

  /** The matrix A, outputs x inputs. */
  matrix(): Matrix {
    const { u, v } = this.#factors();
    return matmul(u, v, { transposeB: true, alpha: this.gain });
  }

  /** The directions, unit columns, inputs x rank: those that stand in V, not singular vectors of A. */
  directions(): Matrix {
    return householderProduct(this.inputReflectors);
  }

  /**
   * Where a step along each direction leads, per length of the step and gain: unit columns, outputs x rank.
   */
  responses(): Matrix {
    return householderProduct(this.outputReflectors);
  }

  /**
   * The styles of latents, `gain (w V) Uᵀ`: 2 rank (inputs + outputs) operations each.
   *
   * @param w n x inputs.
   * @returns n x outputs; NaN where a latent has one.
   * @throws {RangeError} if `w` has another number of columns, or a reflector is NaN or infinite.
   * @throws {TypeError} if `w` is not a matrix in double precision.
   */
  forward(w: Matrix): Matrix {
    this.#requireColumns("w", w, this.inputReflectors.rows);
    const { u, v } = this.#factors();
    return matmul(matmul(w, v), u, { transposeB: true, alpha: this.gain });
  }

  /**
   * The gradients of a loss, given its gradient by the styles.
   *
   * @param w n x inputs, as for {@linkcode HouseholderProjector.forward}.
   * @param ds The gradient by its result, n x outputs.
   * @returns The gradients by both sets of reflectors and by `w`.
   * @throws {RangeError} if a shape does not fit.
   * @throws {TypeError} if an argument is not a matrix in double precision.
   */
  gradients(w: Matrix, ds: Matrix): ProjectorGradients {
    this.#requireColumns("w", w, this.inputReflectors.rows);
    this.#requireColumns("ds", ds, this.outputReflectors.rows);
    if (ds.rows !== w.rows) {
      throw new RangeError(`\`ds\` must have ${w.rows} rows as \`w\` has, got ${ds.rows}`);
    }
    const { u, v } = this.#factors();
    const alpha = this.gain;
    const du = matmul(ds, matmul(w, v), { transposeA: true, alpha });
    const dp = matmul(ds, u, { alpha });
    return {
      outputReflectors: thinGradient(this.outputReflectors, u, du),
      inputReflectors: thinGradient(this.inputReflectors, v, matmul(w, dp, { transposeA: true })),
      w: matmul(dp, v, { transposeB: true }),
    };
  }

  /**
   * Gives every reflector length 1, which changes nothing but the next steps: gradients are orthogonal to
   * reflectors, so gradient descent makes them longer and its steps smaller. Columns of zeros stay. To be
   * called every hundred steps or so.
   */
  renormalize(): void {
    for (const { data, columns } of [this.outputReflectors, this.inputReflectors]) {
      const norms = columnNorms(new Matrix(data.length / columns, columns, data));
      for (let k = 0; k < data.length; k++) data[k] /= norms[k % columns] || 1;
    }
  }

  #factors(): Factors {
    return { u: this.responses(), v: this.directions() };
  }

  #requireColumns(name: string, x: Matrix, columns: number): void {
    if (requireMatrix(name, x).columns === columns) return;
    throw new RangeError(
      `\`${name}\` must have ${columns} columns, as the projector was made for, got ${x.columns}`,
    );
  }
}

/** Gradient by reflectors, given that by the first columns of their product, `q`. */
function thinGradient(reflectors: Matrix, q: Matrix, dq: Matrix): Matrix {
  const identity = Matrix.from(q.rows, q.columns, (i, j) => Number(i === j));
  return householderVjp(reflectors, identity, dq, { y: q }).dv;
}

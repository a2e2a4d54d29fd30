import {
  describeValue,
  Matrix,
  requireFinite,
  requireInstance,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { type NdArray, requireNdArray } from "./check.ts";

/** Which channels of a layer are kept: one number per channel, 0 or 1. */
export interface ChannelMask {
  /** Of the n inputs. Default: all are kept. */
  inputs?: ArrayLike<number>;
  /** Of the m outputs. Default: all are kept. */
  outputs?: ArrayLike<number>;
}

/** Options of {@linkcode SPLoRALinear}. */
export interface SPLoRAOptions {
  /** Rank r of the adapter, at most the smaller size of W. Default 16. */
  rank?: number;
  /** B starts uniform in (-initRange, initRange). Default 1e-4. */
  initRange?: number;
  /** Stream of the start. */
  rng: Rng;
}

/**
 * A structured pruning low-rank adapter: a frozen matrix W (m x n) is adapted as `(W + B A)` times the outer
 * product of two masks, and only A (r x n) and B (m x r) are learned, of them only what belongs to channels
 * that are kept.
 *
 * A starts uniform with variance 1 / (3 n), as PyTorch's Kaiming start with a = sqrt(5) has it, B nearly at
 * zero.
 *
 * Source: Hedegaard, Alok, Jose and Iosifidis, "Structured Pruning Adapters", 2022, arXiv 2211.10155, section
 * 4.1.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { SPLoRALinear } from "refigure/continual";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const rng = new Rng(0);
 * const layer = new SPLoRALinear(rng.normalMatrix(4, 6), { rank: 2, rng });
 * const mask = { outputs: [1, 0, 1, 0] };
 * assertEquals(layer.learnedParameters(mask), 2 * (6 + 2));
 * const x = rng.normalMatrix(6, 3);
 * const y = layer.apply(x, mask);
 * assertEquals(y.row(1), new Float64Array(3));
 * const compact = layer.compact(mask);
 * assertEquals([compact.rows, compact.columns], [2, 6]);
 * ```
 */
export class SPLoRALinear {
  /** The frozen matrix. */
  readonly weight: Matrix;
  /** The adapter's right factor A, r x n. Writing to it trains the layer. */
  readonly right: Matrix;
  /** The adapter's left factor B, m x r. */
  readonly left: Matrix;

  /**
   * An adapter at its start.
   *
   * @param weight W, m x n; not copied, and not changed.
   * @param options Rank and start.
   * @throws {RangeError} if the rank is not from 1 to the smaller size of W, or an entry is not finite.
   * @throws {TypeError} if an argument is of the wrong class, or an option is unknown.
   */
  constructor(weight: Matrix, options: SPLoRAOptions) {
    requireMatrix("weight", weight);
    requireFinite("`weight` must be finite", weight.data, weight.columns);
    requireOptions("options", options, ["rank", "initRange", "rng"]);
    const { rank = 16, initRange = 1e-4, rng } = options;
    requireRng("rng", rng);
    requireInteger("rank", rank, { min: 1, max: Math.min(weight.rows, weight.columns) });
    requireNumber("initRange", initRange, { min: 0 });
    this.weight = weight;
    const uniform = (label: string, rows: number, columns: number, bound: number) => {
      const stream = rng.split(label);
      return Matrix.from(rows, columns, () => stream.uniform(-bound, bound));
    };
    this.right = uniform("A", rank, weight.columns, 1 / Math.sqrt(weight.columns));
    this.left = uniform("B", weight.rows, rank, initRange);
  }

  /** Rank of the adapter. */
  get rank(): number {
    return this.right.rows;
  }

  /**
   * The matrix `(W + B A)` with zeros in rows and columns of channels that are pruned.
   *
   * @throws {RangeError} if a mask has another length or no channel is kept.
   */
  fuse(mask: ChannelMask = {}): Matrix {
    const { inputs, outputs } = requireMask(mask, this.weight);
    const fused = this.weight.plus(matmul(this.left, this.right));
    const { rows, columns, data } = fused;
    for (let i = 0; i < rows; i++) {
      if (outputs[i] === 0) data.fill(0, i * columns, (i + 1) * columns);
      else for (let j = 0; j < columns; j++) if (inputs[j] === 0) data[i * columns + j] = 0;
    }
    return fused;
  }

  /** The same without those rows and columns. @throws {RangeError} as {@linkcode SPLoRALinear.fuse}. */
  compact(mask: ChannelMask = {}): Matrix {
    const { inputs, outputs } = requireMask(mask, this.weight);
    return submatrix(this.fuse(), kept(outputs), kept(inputs));
  }

  /**
   * The layer's product without forming the fused matrix: `W x + B (A x)` with masked x and result.
   *
   * @param x n x batch.
   * @param mask Channels that are kept. Default all.
   * @returns m x batch.
   * @throws {RangeError} if sizes do not fit or no channel is kept.
   */
  apply(x: Matrix, mask: ChannelMask = {}): Matrix {
    requireMatrix("x", x);
    if (x.rows !== this.weight.columns) {
      throw new RangeError(`\`x\` must have ${this.weight.columns} rows, got ${x.rows}`);
    }
    const { inputs, outputs } = requireMask(mask, this.weight);
    const seen = x.map((value, i) => inputs[i] === 0 ? 0 : value);
    const y = matmul(this.weight, seen).plus(matmul(this.left, matmul(this.right, seen)));
    return y.map((value, i) => outputs[i] === 0 ? 0 : value);
  }

  /**
   * Weights that are learned: `r (inputs kept + outputs kept)`.
   *
   * @throws {RangeError} if a mask has another length or no channel is kept.
   */
  learnedParameters(mask: ChannelMask = {}): number {
    const { inputs, outputs } = requireMask(mask, this.weight);
    return this.rank * (kept(inputs).length + kept(outputs).length);
  }
}

/** Both masks, checked; ones where there is none. */
function requireMask(
  mask: ChannelMask,
  { rows, columns }: Matrix,
): { inputs: ArrayLike<number>; outputs: ArrayLike<number> } {
  requireOptions("mask", mask, ["inputs", "outputs"]);
  const one = (name: "inputs" | "outputs", length: number) => {
    const { [name]: values = new Uint8Array(length).fill(1) } = mask;
    requireNumbers(`mask.${name}`, values, { length });
    let count = 0;
    for (let i = 0; i < length; i++) {
      if (values[i] !== 0 && values[i] !== 1) {
        throw new RangeError(`\`mask.${name}[${i}]\` must be 0 or 1, got ${describeValue(values[i])}`);
      }
      count += values[i];
    }
    if (count === 0) throw new RangeError(`\`mask.${name}\` must keep a channel: all channels pruned`);
    return values;
  };
  return { inputs: one("inputs", columns), outputs: one("outputs", rows) };
}

function kept(mask: ArrayLike<number>): number[] {
  return Array.from(mask, (value, i) => value === 1 ? i : -1).filter((i) => i >= 0);
}

function submatrix(a: Matrix, rows: number[], columns: number[]): Matrix {
  return Matrix.from(rows.length, columns.length, (i, j) => a.get(rows[i], columns[j]));
}

/**
 * A convolution kernel with an adapter's matrix added at its centre, where it acts as a 1 x 1 convolution:
 * how low-rank (and full-rank, SPPaRA) adapters of convolutions are fused.
 *
 * @param kernel `[C_out, C_in, k, ...]` with odd lengths from the third axis on.
 * @param adapter C_out x C_in.
 * @throws {RangeError} if sizes do not fit, a kernel length is even, or an entry is not finite.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * Source: Hedegaard, Alok, Jose and Iosifidis, arXiv 2211.10155, section 4.1.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { fuseAtCentre } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * const kernel = { shape: [1, 2, 3], data: new Float64Array(6) };
 * assertEquals(fuseAtCentre(kernel, Matrix.fromRows([[5, 7]])).data, Float64Array.of(0, 5, 0, 0, 7, 0));
 * ```
 */
export function fuseAtCentre(kernel: NdArray<Float64Array>, adapter: Matrix): NdArray<Float64Array> {
  const axes = typeof kernel === "object" && kernel !== null ? kernel.shape?.length ?? 0 : 0;
  requireNdArray("kernel", kernel, Math.max(axes, 3));
  requireInstance("kernel.data", kernel.data, Float64Array);
  const [outputs, inputs, ...lengths] = kernel.shape;
  requireMatrix("adapter", adapter);
  if (adapter.rows !== outputs || adapter.columns !== inputs) {
    throw new RangeError(
      `\`adapter\` must be ${outputs} x ${inputs}, got ${adapter.rows} x ${adapter.columns}`,
    );
  }
  requireFinite("`adapter` must be finite", adapter.data, inputs);
  lengths.forEach((length, i) => {
    if (length % 2 === 0) {
      throw new RangeError(`\`kernel.shape[${i + 2}]\` must be odd to have a centre, got ${length}`);
    }
  });
  const data = kernel.data.slice();
  const taps = lengths.reduce((product, length) => product * length, 1);
  const centre = (taps - 1) / 2;
  for (let i = 0; i < adapter.data.length; i++) data[i * taps + centre] += adapter.data[i];
  return { shape: [...kernel.shape], data };
}

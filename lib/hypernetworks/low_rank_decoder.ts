import {
  allocate,
  type ArrayOf,
  type DType,
  DTYPES,
  Matrix,
  type RealArray,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumbers,
  requireOneOf,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import { matmul } from "../blas/mod.ts";
import { requireShape } from "./arch_graph.ts";

/** How the array of outputs is read as factors. */
export type FactorLayout = "official" | "transposed";

/** Options of {@linkcode LowRankDecoder}. */
export interface LowRankDecoderOptions<Precision extends DType = "float64"> {
  /** Number of columns of the factors. */
  rank: number;
  /** K, the largest outputs x height or inputs x width that can be decoded. */
  maxSize: number;
  /**
   * `"official"` reads the memory of the 2 rank x K array as 2K x rank, as the released code does;
   * `"transposed"` transposes its halves, so that every seed is one column of a factor. Default `"official"`.
   */
  layout?: FactorLayout;
  /** Precision of the maps and of all that is computed. Default `"float64"`. */
  dtype?: Precision;
  /** Stream of the start: uniform in ±1/sqrt(inputs) for weights and biases of every map. */
  rng: Rng;
}

/** The two factors of a weight W = A B^T. */
export interface LowRankFactors<Data extends RealArray = Float64Array> {
  /** outputs height x rank. */
  a: Matrix<Data>;
  /** inputs width x rank. */
  b: Matrix<Data>;
}

/** A map with weights and biases. */
export interface DecoderMap<Data extends RealArray = Float64Array> {
  /** outputs x inputs. */
  weight: Matrix<Data>;
  /** One for each output. */
  bias: Data;
}

/** Gradients of a loss by the parts of {@linkcode LowRankDecoder.decode}. */
export interface LowRankDecoderGradients<Data extends RealArray = Float64Array> {
  /** By the vector of the node. */
  h: Data;
  /** By the four maps. */
  maps: DecoderMap<Data>[];
  /** By the seeds before the rectifier, 2 rank x rank: rows of zeros are seeds that the weight does not use. */
  seeds: Matrix<Data>;
}

/**
 * The decoder of LoGAH: from the vector of a node, a weight `W = A B^T` of rank at most `rank` and of any shape
 * up to `maxSize`, without copies (Zhou et al. 2024, section 3.2).
 *
 * Three maps with rectifiers between, of hidden, 4 hidden, 8 hidden and 2 rank^2 numbers, give 2 rank "seeds"
 * of length `rank`; the fourth, rank to K = `maxSize`, takes each of them to a row of a 2 rank x K array. Its
 * row-major memory, read as 2K x rank, holds A in its first K rows and B in the others. Entry (p, c) of A is
 * therefore output `(p rank + c) mod K` of seed `floor((p rank + c) / K)`, and narrow weights use few of the
 * seeds. Only entries that are used are computed, `(outputs + inputs) rank^2` multiplications where the
 * released code takes `2 rank^2 K`.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { LowRankDecoder } from "refigure/hypernetworks";
 * import { assertEquals } from "@std/assert";
 *
 * const rng = new Rng(0);
 * const decoder = new LowRankDecoder(8, { rank: 4, maxSize: 64, rng });
 * const { a, b } = decoder.factors(rng.normals(8), [10, 6, 3, 3]);
 * assertEquals([a.rows, a.columns, b.rows, b.columns], [30, 4, 18, 4]);
 * ```
 */
export class LowRankDecoder<Precision extends DType = "float64"> {
  /** Number of columns of the factors. */
  readonly rank: number;
  /** Largest outputs x height or inputs x width. */
  readonly maxSize: number;
  /** How the array of outputs is read. */
  readonly layout: FactorLayout;
  /** Precision. */
  readonly dtype: Precision;
  /** The four maps: parameters to train. */
  readonly maps: readonly DecoderMap<ArrayOf<Precision>>[];

  /**
   * A decoder with random maps.
   *
   * @param hidden Size of the vector of a node.
   * @param options Rank, largest size, layout and stream.
   * @throws {RangeError} if a size is not a positive integer.
   * @throws {TypeError} if an argument is of the wrong type or a name is unknown.
   */
  constructor(hidden: number, options: LowRankDecoderOptions<Precision>) {
    requireInteger("hidden", hidden, { min: 1 });
    requireOptions("options", options, ["rank", "maxSize", "layout", "dtype", "rng"]);
    const { rank, maxSize, layout = "official", rng } = options;
    this.rank = requireInteger("rank", rank, { min: 1 });
    this.maxSize = requireInteger("maxSize", maxSize, { min: 1 });
    this.layout = requireOneOf("layout", layout, ["official", "transposed"]);
    const dtype = this.dtype = requireOneOf<DType>(
      "dtype",
      options.dtype === undefined ? "float64" : options.dtype,
      DTYPES,
    ) as Precision;
    requireRng("rng", rng);
    const sizes = [[hidden, 4 * hidden], [4 * hidden, 8 * hidden], [8 * hidden, 2 * rank ** 2], [
      rank,
      maxSize,
    ]];
    this.maps = sizes.map(([inputs, outputs], i) => randomMap(inputs, outputs, dtype, rng.split(`map ${i}`)));
  }

  /**
   * The factors of a weight.
   *
   * @param h Vector of the node, of size `hidden`.
   * @param shape `[outputs, inputs]`, `[outputs, inputs, height, width]`, or `[channels]`, which stands for
   * `[2 channels, 1]`.
   * @returns A and B; NaN where `h` has one.
   * @throws {RangeError} if the shape is larger than `maxSize` allows or `h` is of another size.
   * @throws {TypeError} if an argument is of the wrong type.
   */
  factors(h: ArrayLike<number>, shape: readonly number[]): LowRankFactors<ArrayOf<Precision>> {
    requireNumbers("h", h);
    requireLength("h", h, this.#hidden);
    return this.batchFactors(this.#row(h), shape)[0];
  }

  /**
   * The factors of weights of equal shape, of many nodes at once: one product for all of them.
   *
   * @param h Vectors of the nodes as rows, n x hidden.
   * @param shape As for {@linkcode LowRankDecoder.factors}.
   * @returns The factors of each node.
   * @throws {RangeError} if the shape is larger than `maxSize` allows or `h` has another number of columns.
   * @throws {TypeError} if an argument is of the wrong type.
   */
  batchFactors(
    h: Matrix<RealArray>,
    shape: readonly number[],
  ): LowRankFactors<ArrayOf<Precision>>[] {
    const sides = this.#sides(shape);
    requireMatrix("h", h);
    if (h.columns !== this.#hidden) {
      throw new RangeError(`\`h\` must have ${this.#hidden} columns, got ${h.columns}`);
    }
    const hidden = this.#hiddenLayers(
      h.dtype === this.dtype ? h as Matrix<ArrayOf<Precision>> : h.astype(this.dtype),
    );
    const [a, b] = sides.map((rows, half) => this.#factors(half, rows, hidden[2]));
    return a.map((factor, i) => ({ a: factor, b: b[i] }));
  }

  /**
   * A weight, or for `[channels]` the gains and then the shifts of a normalization (the second half is what a
   * bias takes), before any normalization.
   *
   * @param h Vector of the node, of size `hidden`.
   * @param shape As for {@linkcode LowRankDecoder.factors}.
   * @returns The entries, row-major in `shape`; 2 channels numbers for `[channels]`.
   * @throws {RangeError} if the shape is larger than `maxSize` allows or `h` is of another size.
   * @throws {TypeError} if an argument is of the wrong type.
   */
  decode(h: ArrayLike<number>, shape: readonly number[]): ArrayOf<Precision> {
    const { a, b } = this.factors(h, shape);
    const product = matmul(a, b, { transposeB: true }).data;
    const order = memoryOrder(shape);
    const out = allocate(this.dtype, order.length);
    for (let i = 0; i < out.length; i++) out[i] = product[order[i]];
    return out;
  }

  /**
   * Number of seeds, of 2 rank, that a weight of a shape depends on.
   *
   * @param shape As for {@linkcode LowRankDecoder.factors}.
   * @returns `ceil(outputs height rank / K) + ceil(inputs width rank / K)` for the official layout, 2 rank for
   * the transposed one.
   * @throws {RangeError} if the shape is larger than `maxSize` allows.
   * @throws {TypeError} if `shape` is not a list of numbers.
   */
  seedsUsed(shape: readonly number[]): number {
    const sides = this.#sides(shape);
    if (this.layout === "transposed") return 2 * this.rank;
    return sides.reduce((sum, rows) => sum + Math.ceil(rows * this.rank / this.maxSize), 0);
  }

  /**
   * The gradients of a loss, given its gradient by the weight.
   *
   * @param h Vector of the node.
   * @param shape As for {@linkcode LowRankDecoder.factors}.
   * @param dw Gradient by the result of {@linkcode LowRankDecoder.decode}, in the same order.
   * @returns The gradients by `h`, by the four maps and by the seeds.
   * @throws {RangeError} if a size does not fit.
   * @throws {TypeError} if an argument is of the wrong type.
   */
  gradients(
    h: ArrayLike<number>,
    shape: readonly number[],
    dw: ArrayLike<number>,
  ): LowRankDecoderGradients<ArrayOf<Precision>> {
    const sides = this.#sides(shape);
    const { a, b } = this.factors(h, shape);
    const zeros = (rows: number, columns: number) =>
      new Matrix(rows, columns, allocate(this.dtype, rows * columns));
    const inputs = this.#hiddenLayers(this.#row(h));
    inputs.push(new Matrix(2 * this.rank, this.rank, this.#mapped(2, inputs[2], 0, 2 * this.rank ** 2)));
    requireNumbers("dw", dw);
    requireLength("dw", dw, sides[0] * sides[1]);
    const dProduct = zeros(sides[0], sides[1]);
    memoryOrder(shape).forEach((k, i) => dProduct.data[k] = dw[i]);
    const dFactors = [matmul(dProduct, b), matmul(dProduct, a, { transposeA: true })];

    const { weight } = this.maps[3];
    const maps: DecoderMap<ArrayOf<Precision>>[] = [];
    maps[3] = { weight: zeros(weight.rows, weight.columns), bias: allocate(this.dtype, weight.rows) };
    const seeds = zeros(2 * this.rank, this.rank);
    dFactors.forEach((dFactor, half) =>
      this.#forEachEntry(half, dFactor.rows, (k, seed, output) => {
        const d = dFactor.data[k];
        maps[3].bias[output] += d;
        for (let c = 0; c < this.rank; c++) {
          maps[3].weight.data[output * this.rank + c] += d * inputs[3].data[seed * this.rank + c];
          seeds.data[seed * this.rank + c] += d * weight.data[output * this.rank + c];
        }
      })
    );
    let d = rectified(seeds, inputs[3]);
    const seedGradients = d;
    d = new Matrix(1, d.data.length, d.data);
    for (let i = 2; i >= 0; i--) {
      maps[i] = {
        weight: matmul(d, inputs[i], { transposeA: true }),
        bias: d.data.slice() as ArrayOf<Precision>,
      };
      d = matmul(d, this.maps[i].weight);
      if (i > 0) d = rectified(d, inputs[i]);
    }
    return { h: d.data, maps, seeds: seedGradients };
  }

  get #hidden(): number {
    return this.maps[0].weight.columns;
  }

  #row(h: ArrayLike<number>): Matrix<ArrayOf<Precision>> {
    const row = allocate(this.dtype, this.#hidden);
    row.set(h);
    return new Matrix(1, this.#hidden, row);
  }

  /** What goes into the first three maps. */
  #hiddenLayers(h: Matrix<ArrayOf<Precision>>): Matrix<ArrayOf<Precision>>[] {
    const first = new Matrix(h.rows, this.maps[1].weight.columns, this.#mapped(0, h));
    return [h, first, new Matrix(h.rows, this.maps[2].weight.columns, this.#mapped(1, first))];
  }

  /** Some outputs of map i, after the rectifier: one row for each row of its inputs. */
  #mapped(
    i: number,
    inputs: Matrix<ArrayOf<Precision>>,
    from = 0,
    count = this.maps[i].bias.length,
  ): ArrayOf<Precision> {
    const { weight, bias } = this.maps[i];
    const { rows, columns } = inputs;
    const y = allocate(this.dtype, rows * count);
    const part = weight.data.subarray(from * columns);
    engine().gemm(false, true, rows, count, columns, 1, inputs.data, columns, part, columns, 0, y, count);
    for (let k = 0; k < y.length;) {
      for (let j = from; j < from + count; j++, k++) {
        // Written so that NaN stays NaN.
        const value = y[k] + bias[j];
        y[k] = value < 0 ? 0 : value;
      }
    }
    return y;
  }

  /** A of every node for `half` 0, B for 1. */
  #factors(
    half: number,
    rows: number,
    hidden: Matrix<ArrayOf<Precision>>,
  ): Matrix<ArrayOf<Precision>>[] {
    const { rank, maxSize, dtype } = this;
    const { weight, bias } = this.maps[3];
    const n = hidden.rows;
    const length = rows * rank;
    const official = this.layout === "official";
    // Only the seeds that are used.
    const count = official ? Math.ceil(length / maxSize) : rank;
    const seeds = this.#mapped(2, hidden, half * rank * rank, count * rank);
    const all = allocate(dtype, n * length);
    /** Outputs of one seed of every node, added to the biases that are at `start` of rows of `out`. */
    const add = (s: number, outputs: number, out: ArrayOf<Precision>, start: number, distance: number) => {
      for (let i = 0; i < n; i++) out.set(bias.subarray(0, outputs), i * distance + start);
      const [used, to] = [seeds.subarray(s * rank), out.subarray(start)];
      const width = count * rank;
      engine().gemm(false, true, n, outputs, rank, 1, used, width, weight.data, rank, 1, to, distance);
    };
    if (official) {
      for (let s = 0; s < count; s++) {
        add(s, Math.min(maxSize, length - s * maxSize), all, s * maxSize, length);
      }
    } else {
      const part = allocate(dtype, n * rows);
      for (let s = 0; s < rank; s++) {
        add(s, rows, part, 0, rows);
        for (let k = 0; k < part.length; k++) all[k * rank + s] = part[k];
      }
    }
    return Array.from({ length: n }, (_, i) => {
      return new Matrix(rows, rank, all.subarray(i * length, (i + 1) * length) as ArrayOf<Precision>);
    });
  }

  /** Calls back with every entry of a factor, and the seed and the output that it comes from. */
  #forEachEntry(half: number, rows: number, visit: (k: number, seed: number, output: number) => void): void {
    const { rank, maxSize } = this;
    for (let k = 0; k < rows * rank; k++) {
      if (this.layout === "official") visit(k, half * rank + Math.floor(k / maxSize), k % maxSize);
      else visit(k, half * rank + k % rank, Math.floor(k / rank));
    }
  }

  /** Rows of both factors. */
  #sides(shape: readonly number[]): [number, number] {
    const sides = factorRows(shape);
    for (const rows of sides) {
      if (rows > this.maxSize) {
        throw new RangeError(
          `\`shape\` must fit the decoder: width ${rows} exceeds the supported K = ${this.maxSize}, got [${shape}]`,
        );
      }
    }
    return sides;
  }
}

/** Rows of both factors of a weight: outputs x height, inputs x width. */
export function factorRows(shape: readonly number[]): [number, number] {
  requireShape("shape", shape);
  if (shape.length === 1) return [2 * shape[0], 1];
  const [outputs, inputs, height = 1, width = 1] = shape;
  return [outputs * height, inputs * width];
}

/** For each entry of a weight, in its order, where it is in the product (outputs height) x (inputs width). */
function memoryOrder(shape: readonly number[]): Int32Array {
  const [rows, columns] = factorRows(shape);
  if (shape.length < 4) return Int32Array.from({ length: rows * columns }, (_, k) => k);
  const [, inputs, height, width] = shape;
  return Int32Array.from({ length: rows * columns }, (_, k) => {
    const x = k % width;
    const y = Math.floor(k / width) % height;
    const input = Math.floor(k / (width * height)) % inputs;
    const output = Math.floor(k / (width * height * inputs));
    return (output * height + y) * columns + input * width + x;
  });
}

function rectified<Data extends RealArray>(gradient: Matrix<Data>, output: Matrix<Data>): Matrix<Data> {
  return gradient.map((d, i, j) => output.get(i, j) > 0 ? d : 0);
}

function randomMap<Precision extends DType>(
  inputs: number,
  outputs: number,
  dtype: Precision,
  rng: Rng,
): DecoderMap<ArrayOf<Precision>> {
  const bound = 1 / Math.sqrt(inputs);
  const draw = (length: number) => {
    const values = allocate(dtype, length);
    for (let k = 0; k < length; k++) values[k] = rng.uniform(-bound, bound);
    return values;
  };
  return { weight: new Matrix(outputs, inputs, draw(outputs * inputs)), bias: draw(outputs) };
}

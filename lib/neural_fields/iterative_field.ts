import {
  allocate,
  type ArrayOf,
  type DType,
  DTYPES,
  type RealArray,
  requireFinite,
  requireInteger,
  requireLength,
  requireNumber,
  requireOneOf,
  requireOptions,
  requireRealArray,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { type FieldLayout, layoutOf, Passes } from "./iterative_passes.ts";

/** Options of {@linkcode IterativeField}. */
export interface IterativeFieldOptions<Precision extends DType = "float32"> {
  /** Coordinates of a point. Default 3. */
  inputs?: number;
  /** Neurons of a hidden layer. Default 64. */
  width?: number;
  /** Hidden layers. Default 7. */
  hiddenLayers?: number;
  /** Numbers that a pass hands to the next one beside the estimate. Default 32. */
  state?: number;
  /** Frequencies of the cosines, and as many of the sines; they are learned. Default 5, from 1 to 16. */
  frequencies?: number;
  /** How often the network is applied. Default 10. */
  passes?: number;
  /** Precision of parameters and of all that is computed. Default `"float32"`. */
  dtype?: Precision;
  /** All parameters, to start from a copy of them; then `rng` is not used. */
  parameters?: RealArray;
  /** Stream of the start. Needed without `parameters`. */
  rng?: Rng;
}

/** Options of {@linkcode IterativeField.lossAndGradient}. */
export interface FieldLossOptions<Data extends RealArray = Float32Array> {
  /** Weight of the hinge on the length of the gradient. Default 1e-4. */
  hinge?: number;
  /** Length up to which a gradient costs nothing. Default 100. */
  alpha?: number;
  /** Where the gradient is written. Default: a new array. */
  out?: Data;
}

/** What {@linkcode IterativeField.lossAndGradient} returns. */
export interface FieldLoss<Data extends RealArray = Float32Array> {
  /** Cross-entropy plus `hinge` times excess. */
  loss: number;
  /** Mean over points and passes of the binary cross-entropy between logit and label. */
  crossEntropy: number;
  /** Mean over points of max(|grad| - alpha, 0); 0 without the hinge, when no gradient is computed. */
  excess: number;
  /** Derivatives of `loss` by the parameters. */
  gradient: Data;
}

/**
 * A field in the plane or in space that a small network refines in several passes (Sawdayee, Vaxman & Bermano
 * 2023): from the features of a point, the last estimate l and a state h to a change of the estimate and the next
 * state,
 *
 * `h <- h + e(i)`, `[d, h] <- MLP([gamma(x), l, h])`, `l <- l + d`, i = 0 .. passes - 1,
 *
 * with the same weights in all passes, leaky rectifiers of slope 0.01, and features
 * `gamma(x) = [x_a, cos(x_a f_j), sin(x_a g_j)]` for each coordinate a, whose frequencies f and g are learned. e(i)
 * is `[sin(2^k i), cos(2^k i)]` for k = 0, 1, ... . The result is a logit: positive outside.
 *
 * Derivatives are written out. The hinge on the gradient by the inputs needs no second derivatives: rectifiers
 * have none, so that one backward pass from the last logit, which gives the gradient by the inputs, and one
 * forward pass of its direction give the derivatives of its length by all parameters.
 *
 * `parameters` holds the frequencies of the cosines, those of the sines, the first l and h, then of each layer the
 * weights `[out, in]` row by row and the biases. The first layer's inputs are the features of coordinate 0, then 1,
 * ..., then l, then h.
 *
 * @example A disc from labelled points
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { fitField, IterativeField } from "refigure/neural_fields";
 * import { assert } from "@std/assert";
 *
 * const rng = new Rng(0);
 * const points = Float64Array.from({ length: 1000 }, () => rng.uniform(-1, 1));
 * const labels = Float64Array.from({ length: 500 }, (_, i) =>
 *   Math.hypot(points[2 * i], points[2 * i + 1]) < 0.6 ? 0 : 1);
 * const field = new IterativeField({ inputs: 2, width: 16, hiddenLayers: 2, state: 4, passes: 2, rng });
 * fitField(field, [{ points, labels }], { steps: [100], rng });
 * const [center, corner] = field.logits(Float64Array.of(0, 0, 0.9, 0.9));
 * assert(center < 0 && corner > 0);
 * ```
 */
export class IterativeField<Precision extends DType = "float32"> {
  /** Coordinates of a point. */
  readonly inputs: number;
  /** How often the network is applied. */
  readonly passes: number;
  /** Precision. */
  readonly dtype: Precision;
  /** All parameters. Writing to them changes the field. */
  readonly parameters: ArrayOf<Precision>;
  readonly #layout: FieldLayout;
  readonly #work: Passes<ArrayOf<Precision>>;

  /**
   * A field at its start: weights uniform within sqrt(6 / (in + out)), biases and the first l and h uniform in
   * [0, 1], frequencies 1, 2, 4, ...
   *
   * @throws {RangeError} if a size is out of range, or `parameters` has another length than the field needs.
   * @throws {TypeError} if an option is unknown, or neither `parameters` nor `rng` is given.
   */
  constructor(options: IterativeFieldOptions<Precision>) {
    requireOptions("options", options, [
      "inputs",
      "width",
      "hiddenLayers",
      "state",
      "frequencies",
      "passes",
      "dtype",
      "parameters",
      "rng",
    ]);
    const { inputs = 3, width = 64, hiddenLayers = 7, state = 32, frequencies = 5, passes = 10 } = options;
    const { dtype = "float32" as Precision, parameters, rng } = options;
    requireInteger("inputs", inputs, { min: 1, max: 3 });
    requireInteger("width", width, { min: 1, max: 4096 });
    requireInteger("hiddenLayers", hiddenLayers, { min: 1, max: 64 });
    requireInteger("state", state, { min: 1, max: 4096 });
    requireInteger("frequencies", frequencies, { min: 1, max: 16 });
    requireInteger("passes", passes, { min: 1, max: 64 });
    requireOneOf<DType>("dtype", dtype, DTYPES);
    const layout = layoutOf({ inputs, width, hiddenLayers, state, frequencies, passes });
    this.inputs = inputs;
    this.passes = passes;
    this.dtype = dtype;
    this.#layout = layout;
    this.parameters = allocate(dtype, layout.count);
    if (parameters !== undefined) {
      requireLength("parameters", requireRealArray("parameters", parameters), layout.count);
      this.parameters.set(parameters);
    } else this.#start(requireRng("rng", rng!));
    this.#work = new Passes(layout, this.parameters, dtype);
  }

  #start(rng: Rng): void {
    const { frequencies, start, state, layers } = this.#layout;
    for (let j = 0; j < frequencies; j++) {
      this.parameters[j] = 2 ** j;
      this.parameters[frequencies + j] = 2 ** j;
    }
    const first = rng.split("start");
    for (let j = 0; j <= state; j++) this.parameters[start + j] = first.uniform();
    layers.forEach(({ weights, biases, inputs, outputs }, l) => {
      const stream = rng.split(`layer ${l}`);
      const bound = Math.sqrt(6 / (inputs + outputs));
      for (let k = weights; k < biases; k++) this.parameters[k] = stream.uniform(-bound, bound);
      for (let k = biases; k < biases + outputs; k++) this.parameters[k] = stream.uniform();
    });
  }

  /** A field with a copy of the parameters. */
  clone(): IterativeField<Precision> {
    const { inputs, width, hiddenLayers, state, frequencies, passes } = this.#layout;
    const { dtype, parameters } = this;
    return new IterativeField<Precision>({
      inputs,
      width,
      hiddenLayers,
      state,
      frequencies,
      passes,
      dtype,
      parameters,
    });
  }

  /**
   * The logits at points: positive outside.
   *
   * @param points The coordinates of N points, one point after the other.
   * @returns N numbers.
   * @throws {RangeError} if the length is no multiple of the number of coordinates.
   */
  logits(points: RealArray): ArrayOf<Precision> {
    const x = this.#points("points", points);
    const out = allocate(this.dtype, x.length / this.inputs);
    this.#work.eachTile(x, (rows, from) => {
      out.set(this.#work.logits[this.passes].subarray(0, rows), from);
    });
    return out;
  }

  /**
   * The estimate after each pass.
   *
   * @param points The coordinates of N points, one point after the other.
   * @returns `passes` times N numbers, those of the first pass first.
   * @throws {RangeError} if the length is no multiple of the number of coordinates.
   */
  logitsPerPass(points: RealArray): ArrayOf<Precision> {
    const x = this.#points("points", points);
    const count = x.length / this.inputs;
    const out = allocate(this.dtype, this.passes * count);
    this.#work.eachTile(x, (rows, from) => {
      for (let i = 0; i < this.passes; i++) {
        out.set(this.#work.logits[i + 1].subarray(0, rows), i * count + from);
      }
    });
    return out;
  }

  /**
   * The derivatives of the logit by the coordinates.
   *
   * @param points The coordinates of N points, one point after the other.
   * @returns One vector per point, as long as `points`.
   * @throws {RangeError} if the length is no multiple of the number of coordinates.
   */
  gradient(points: RealArray): ArrayOf<Precision> {
    const x = this.#points("points", points);
    const out = allocate(this.dtype, x.length);
    this.#work.eachTile(x, (rows, from) => {
      this.#work.backward(rows, { field: true });
      this.#work.inputGradient(rows, out.subarray(from * this.inputs) as ArrayOf<Precision>);
    }, { keep: true });
    return out;
  }

  /**
   * The loss at labelled points, and its derivatives by the parameters: the mean over points and passes of the
   * cross-entropy between the logit and the label, plus `hinge` times the mean over points of
   * max(|grad of the last logit| - alpha, 0).
   *
   * @param points The coordinates of N points, one point after the other.
   * @param labels N numbers from 0, inside, to 1, outside; 0.5 on the surface.
   * @param options The hinge, and where to write.
   * @returns The loss with its parts, and the gradient.
   * @throws {RangeError} if a length does not fit, there is no point, a label is not from 0 to 1, or a number is not
   * finite or negative.
   * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
   */
  lossAndGradient(
    points: RealArray,
    labels: RealArray,
    options: FieldLossOptions<ArrayOf<Precision>> = {},
  ): FieldLoss<ArrayOf<Precision>> {
    const x = this.#points("points", points);
    const count = x.length / this.inputs;
    requireLength("labels", requireRealArray("labels", labels), count);
    if (count === 0) throw new RangeError("`points` must have at least one point, got none");
    requireFinite("`points` must be finite", points, this.inputs);
    for (let i = 0; i < count; i++) {
      if (!(labels[i] >= 0 && labels[i] <= 1)) {
        throw new RangeError(`\`labels[${i}]\` must be from 0 to 1, got ${labels[i]}`);
      }
    }
    requireOptions("options", options, ["hinge", "alpha", "out"]);
    const { hinge = 1e-4, alpha = 100, out } = options;
    requireNumber("hinge", hinge, { min: 0 });
    requireNumber("alpha", alpha, { min: 0 });
    const gradient = out === undefined ? allocate(this.dtype, this.parameters.length) : out;
    if (out !== undefined) {
      requireRealArray("out", out, this.dtype);
      requireLength("out", out, this.parameters.length);
      if (out.buffer === this.parameters.buffer) {
        throw new RangeError("`out` must not be the parameters of the field");
      }
      out.fill(0);
    }
    const work = this.#work;
    let crossEntropy = 0;
    let excess = 0;
    work.eachTile(x, (rows, from) => {
      const y = labels.subarray(from, from + rows);
      crossEntropy += work.crossEntropy(rows, y);
      work.backward(rows, { labels: y, weight: 1 / (count * this.passes), field: hinge > 0 });
      const found = hinge > 0 ? work.hingeDirections(rows, alpha, hinge / count) : 0;
      excess += found;
      work.accumulate(rows, gradient, found > 0);
    }, { keep: true });
    crossEntropy /= count * this.passes;
    excess /= count;
    return { loss: crossEntropy + hinge * excess, crossEntropy, excess, gradient };
  }

  #points(name: string, points: RealArray): ArrayOf<Precision> {
    requireRealArray(name, points);
    if (points.length % this.inputs !== 0) {
      throw new RangeError(
        `\`${name}\` must have ${this.inputs} entries per point, got length ${points.length}`,
      );
    }
    const isOwn = points instanceof Float32Array === (this.dtype === "float32");
    if (isOwn) return points as ArrayOf<Precision>;
    const own = allocate(this.dtype, points.length);
    own.set(points);
    return own;
  }
}

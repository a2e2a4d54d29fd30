import * as tf from "@tensorflow/tfjs";
import { requireInteger, requireOptions, Rng } from "../../arrays/mod.ts";
import { fromOwnConfig, LAYER_ARGS, type LayerArgs } from "../../tfjs/layers.ts";
import { bsplineBasis, BSplineKan, type BSplineOptions, bsplineSlopes, requireBSpline } from "../bspline.ts";
import { adder, requireChannels, requireInput, withChannels } from "./common.ts";

/** Options of {@linkcode BSplineDense}. */
export interface BSplineDenseArgs extends LayerArgs, BSplineOptions {
  /** Number of outputs. */
  units: number;
  /** Seed of the start; a number, as a saved layer holds no stream. Default 0. */
  seed?: number;
}

/** Options of {@linkcode BSplineDense} with their defaults. */
type BSplineDenseOptions = Required<Omit<BSplineDenseArgs, keyof LayerArgs>>;

/**
 * The original Kolmogorov-Arnold layer for tfjs, as a baseline: a function of its own on every edge, SiLU
 * times a weight plus G + K B-splines of order K on [-1, 1] (Liu et al. 2024). See `BSplineKan` of
 * `refigure/kan`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { BSplineDense } from "refigure/kan/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const layer = new BSplineDense({ units: 4 });
 * assertEquals((layer.apply(tf.ones([2, 3])) as tf.Tensor).shape, [2, 4]);
 * assertEquals(layer.countParams(), 3 * 4 * (1 + 5 + 3));
 * ```
 */
export class BSplineDense extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "BSplineDense";
  readonly #args: BSplineDenseOptions;
  #weights: tf.LayerVariable[] = [];
  #channels = 0;

  /**
   * A layer without weights yet.
   *
   * @param args Sizes and the start.
   * @throws {RangeError} if a size is out of range.
   * @throws {TypeError} if an option is unknown or of the wrong type.
   */
  constructor(args: BSplineDenseArgs) {
    requireOptions("args", args, [...LAYER_ARGS, "units", "intervals", "order", "seed"]);
    super(args);
    const { units, seed = 0 } = args;
    requireInteger("units", units, { min: 1 });
    requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
    this.#args = { units, seed, ...requireBSpline(args) };
  }

  /** Creates the weights. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    this.#channels = requireChannels(inputShape);
    const { units, seed, ...knots } = this.#args;
    const { base, splines } = new BSplineKan({
      inputs: this.#channels,
      outputs: units,
      rng: new Rng(seed),
      ...knots,
    });
    const add = adder(this);
    this.#weights = [
      add("base", [base.rows, base.columns], base.data),
      add("splines", [splines.rows, splines.columns], splines.data),
    ];
    super.build(inputShape);
  }

  /** The shape that came in, with `units` channels. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape | tf.Shape[] {
    return withChannels(inputShape, this.#args.units);
  }

  /** Sums the functions of all edges. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = requireInput(inputs, this.#channels);
      const [base, splines] = this.#weights.map((weight) => weight.read()) as tf.Tensor2D[];
      const rows = tf.reshape(x, [-1, this.#channels]) as tf.Tensor2D;
      const expanded = tf.reshape(expand(rows, this.#args), [-1, splines.shape[0]]) as tf.Tensor2D;
      const sum = tf.add(
        tf.matMul(tf.mul(rows, tf.sigmoid(rows)), base),
        tf.matMul(expanded, splines),
      );
      return tf.reshape(sum, [...x.shape.slice(0, -1), this.#args.units]);
    });
  }

  /** A layer from what {@linkcode getConfig} returned, as tfjs calls it on loading. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    Class: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    return fromOwnConfig(Class, config);
  }

  /** The options that make the same layer again. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#args };
  }
}

/** The splines at every entry, [entries, G + K], with their slopes as the gradient. */
function expand(x: tf.Tensor2D, { intervals, order }: Required<BSplineOptions>): tf.Tensor {
  const knots = { intervals, order };
  const size = intervals + order;
  const op = tf.customGrad((...args) => {
    const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
    save([x]);
    return {
      value: tf.tensor2d(Float32Array.from(bsplineBasis(x.dataSync(), knots).data), [x.size, size]),
      gradFunc: (dy: tf.Tensor, [x]: tf.Tensor[]) => {
        const slopes = Float32Array.from(bsplineSlopes(x.dataSync(), knots).data);
        return tf.reshape(tf.sum(tf.mul(dy, tf.tensor2d(slopes, [x.size, size])), 1), x.shape);
      },
    };
  });
  return op(x);
}

tf.serialization.registerClass(BSplineDense);

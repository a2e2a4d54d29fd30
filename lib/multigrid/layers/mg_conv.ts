import * as tf from "@tensorflow/tfjs";
import { requireInteger, requireOptions, Rng } from "../../arrays/mod.ts";
import { constant, fromOwnConfig, LAYER_ARGS, type LayerArgs, requireTensor } from "../../tfjs/layers.ts";
import { requireCycle } from "../check.ts";
import { coarserSize, type GridPadding, place } from "../grid.ts";
import { mgConv } from "../mg_conv.ts";

/** Options of {@linkcode MgConv}. */
export interface MgConvArgs extends LayerArgs {
  /** Number of grids J, the finest one included. */
  levels: number;
  /** Channels of the output. */
  filters: number;
  /** Smoothing steps of each level on the way down. Default 1, on the coarsest 2. */
  smoothings?: number[];
  /** Smoothing steps of each level on the way up. Default 0. */
  postSmoothings?: number[];
  /** Whether the residual is restricted, or the right-hand side as it is. Default true. */
  residual?: boolean;
  /** What convolutions read beyond the border; it decides which sizes can be halved. Default `"zero"`. */
  padding?: GridPadding;
  /** Seed of the start; a number, as a saved layer holds no stream. Default 0. */
  seed?: number;
}

/**
 * A learned V-cycle as a layer, `[batch, n, channels]` or `[batch, n, n, channels]` in, the same grid with
 * `filters` channels out (He, Liu & Xu 2024). It is linear and without bias; the operator, its options and
 * its start for a seed are those of `mgConv` in `refigure/multigrid`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { MgConv } from "refigure/multigrid/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const model = tf.sequential({
 *   layers: [
 *     new MgConv({ inputShape: [15, 15, 1], levels: 3, filters: 4 }),
 *     tf.layers.activation({ activation: "relu" }),
 *     new MgConv({ levels: 3, filters: 1 }),
 *   ],
 * });
 * assertEquals((model.predict(tf.ones([2, 15, 15, 1])) as tf.Tensor).shape, [2, 15, 15, 1]);
 * ```
 */
export class MgConv extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "MgConv";
  readonly #args: Required<Pick<MgConvArgs, "levels" | "filters" | "residual" | "padding" | "seed">> & {
    smoothings?: number[];
    postSmoothings?: number[];
  };
  #kernels: Map<string, tf.LayerVariable> = new Map();
  /** Sizes of the input that it was built for, without the batch. */
  #sizes: tf.Shape = [];

  /**
   * A layer without weights yet.
   *
   * @param args Levels and channels.
   * @throws {RangeError} if a number is out of range; when it is built, if the grid cannot be halved.
   * @throws {TypeError} if an option or a name is unknown.
   */
  constructor(args: MgConvArgs) {
    requireOptions("args", args, [
      ...LAYER_ARGS,
      "levels",
      "filters",
      "smoothings",
      "postSmoothings",
      "residual",
      "padding",
      "seed",
    ]);
    const { levels, filters, smoothings, postSmoothings, residual = true, padding = "zero", seed = 0 } = args;
    requireInteger("filters", filters, { min: 1, max: 4096 });
    requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
    // With a grid that fits, whatever the levels are.
    const n = { zero: 2 ** levels - 1, circular: 2 ** levels, reflect: 2 ** levels + 1 }[padding] ?? 1;
    requireCycle({ n, levels, smoothings, postSmoothings, residual, padding, rng: new Rng(seed) });
    super(args);
    this.#args = { levels, filters, smoothings, postSmoothings, residual, padding, seed };
  }

  /** Creates the kernels. @throws {RangeError} unless the input is a grid that can be halved often enough. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const { filters, seed, ...cycle } = this.#args;
    const { shape, dimension, n, channels } = requireGrid(inputShape);
    const start = mgConv({
      ...cycle,
      dimension,
      n,
      channelsIn: channels,
      channelsOut: filters,
      rng: new Rng(seed),
    });
    for (const { name, shape: [, inputs, outputs], data } of start.tensors) {
      // One-dimensional grids are squares of width 1.
      const taps = [3, dimension === 1 ? 1 : 3, inputs, outputs];
      this.#kernels.set(name, this.addWeight(name, taps, "float32", constant(taps, data)));
    }
    this.#sizes = shape.slice(1);
    super.build(inputShape);
  }

  /** The shape with `filters` channels. @throws {RangeError} unless the input is a grid. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const { shape } = requireGrid(inputShape);
    return [...shape.slice(0, -1), this.#args.filters];
  }

  /** Applies the V-cycle. @throws {RangeError} if the layer was built for other sizes, or not at all. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    if (Array.isArray(inputs) && inputs.length !== 1) {
      throw new RangeError(`\`inputs\` must be one tensor, got ${inputs.length}`);
    }
    return tf.tidy(() => {
      const x = requireTensor("inputs", Array.isArray(inputs) ? inputs[0] : inputs);
      if (x.shape.slice(1).join() !== this.#sizes.join()) {
        throw new RangeError(`\`inputs\` must be [batch, ${this.#sizes}], got [${x.shape}]`);
      }
      const isLine = x.rank === 3;
      const f = (isLine ? tf.expandDims(x, 2) : x) as tf.Tensor4D;
      const u = this.#cycle(f, isLine ? [1] : [1, 2]);
      return isLine ? tf.squeeze(u, [2]) : u;
    });
  }

  /** @param axes The axes of the grid. */
  #cycle(input: tf.Tensor4D, axes: readonly number[]): tf.Tensor4D {
    const { levels, padding, residual } = this.#args;
    const stride: [number, number] = axes.length === 1 ? [2, 1] : [2, 2];
    const kernel = (name: string) => this.#kernels.get(name)!.read() as tf.Tensor4D;
    const same = (x: tf.Tensor4D, name: string) =>
      tf.conv2d(padded(x, axes, padding, [1, 1]), kernel(name), 1, "valid");
    const down = (x: tf.Tensor4D, name: string) => {
      const read = padding === "zero" ? x : padded(x, axes, padding, [1, padding === "circular" ? 0 : 1]);
      return tf.conv2d(read, kernel(name), stride, "valid");
    };
    const up = (x: tf.Tensor4D, name: string, n: number) => {
      const [batch, rows, columns] = x.shape;
      const weights = kernel(name);
      const shape: [number, number, number, number] = [
        batch,
        2 * rows + 1,
        axes.length === 1 ? 1 : 2 * columns + 1,
        weights.shape[2],
      ];
      const y = tf.conv2dTranspose(x, weights, shape, stride, "valid");
      return padding === "zero" ? y : axes.reduce((part, axis) => folded(part, axis, n, padding), y);
    };
    const smoothed = (f: tf.Tensor4D, u: tf.Tensor4D | undefined, step: string): tf.Tensor4D =>
      u === undefined ? same(f, `S${step}`) : tf.add(u, same(tf.sub(f, same(u, `A${step}`)), `S${step}`));
    const { smoothings, postSmoothings } = this.#counts();
    const kept: { f: tf.Tensor4D; u: tf.Tensor4D }[] = [];
    let f = input;
    let u: tf.Tensor4D | undefined;
    for (let level = 1; level <= levels; level++) {
      for (let i = 1; i <= smoothings[level - 1]; i++) u = smoothed(f, u, `${level}.${i}`);
      kept.push({ f, u: u! });
      if (level === levels) break;
      f = down(residual ? tf.sub(f, same(u!, `Ar${level}`)) : f, `R${level}`);
      u = down(u!, `Pi${level}`);
    }
    for (let level = levels - 1; level >= 1; level--) {
      const fine = kept[level - 1];
      u = tf.add(fine.u, up(u!, `P${level}`, fine.u.shape[1]));
      for (let i = 1; i <= postSmoothings[level - 1]; i++) u = smoothed(fine.f, u, `${level}.post${i}`);
    }
    return u!;
  }

  #counts() {
    const { levels, smoothings, postSmoothings } = this.#args;
    const all = (last: number, rest: number) =>
      Array.from({ length: levels }, (_, l) => l === levels - 1 ? last : rest);
    return { smoothings: smoothings ?? all(2, 1), postSmoothings: postSmoothings ?? all(0, 0) };
  }

  /** What a saved model keeps. */
  override getConfig(): tf.serialization.ConfigDict {
    const { smoothings, postSmoothings, ...rest } = this.#args;
    return {
      ...super.getConfig(),
      ...rest,
      ...(smoothings === undefined ? {} : { smoothings }),
      ...(postSmoothings === undefined ? {} : { postSmoothings }),
    };
  }

  /** A layer from its configuration. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    Class: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    return fromOwnConfig(Class, config);
  }
}

tf.serialization.registerClass(MgConv);

/** Dimension, size and channels of a grid. @throws {RangeError} */
function requireGrid(inputShape: tf.Shape | tf.Shape[]) {
  const shape = (Array.isArray(inputShape?.[0]) ? inputShape[0] : inputShape) as tf.Shape;
  const sizes = Array.isArray(shape) ? shape.slice(1) : [];
  const isGrid = (sizes.length === 2 || sizes.length === 3 && sizes[0] === sizes[1]) &&
    sizes.every((size) => Number.isInteger(size) && size! > 0);
  if (!isGrid) {
    throw new RangeError(
      `\`inputs\` must be [batch, n, channels] or [batch, n, n, channels] with known sizes, got [${shape}]`,
    );
  }
  return {
    shape,
    dimension: sizes.length === 2 ? 1 as const : 2 as const,
    n: sizes[0]!,
    channels: sizes[sizes.length - 1]!,
  };
}

/** Continues a grid beyond its borders. */
function padded(
  x: tf.Tensor4D,
  axes: readonly number[],
  padding: GridPadding,
  [before, after]: readonly [number, number],
): tf.Tensor4D {
  if (padding === "zero") {
    return tf.pad(
      x,
      x.shape.map((_, axis) => axes.includes(axis) ? [before, after] : [0, 0]) as [
        [number, number],
        [number, number],
        [number, number],
        [number, number],
      ],
    );
  }
  return axes.reduce((part, axis) => {
    const n = part.shape[axis];
    const read = Array.from({ length: n + before + after }, (_, i) => place(i - before, n, padding));
    return tf.gather(part, tf.tensor1d(read, "int32"), axis);
  }, x);
}

/** The adjoint: values at the points from -1 on are added where those points are read. */
function folded(x: tf.Tensor4D, axis: number, n: number, padding: GridPadding): tf.Tensor4D {
  const piece = (from: number, size: number) => {
    const begin = x.shape.map((_, k) => k === axis ? from + 1 : 0);
    return tf.slice(x, begin, x.shape.map((length, k) => k === axis ? size : length));
  };
  const last = 2 * coarserSize(n, padding) - 1;
  return [-1, last].filter((i) => i < 0 || i >= n).reduce((sum, i) => {
    const to = place(i, n, padding);
    const zeros = x.shape.map((_, k) => k === axis ? [to, n - 1 - to] : [0, 0]) as [number, number][];
    return tf.add(sum, tf.pad(piece(i, 1), zeros));
  }, piece(0, n)) as tf.Tensor4D;
}

import { type DType, requireBoolean, requireInteger, requireOptions } from "../arrays/mod.ts";
import { type LearnedCycleOptions, type NetworkStartOptions, requireCycle, requireStart } from "./check.ts";
import { GridNetwork } from "./grid_network.ts";
import {
  convolutionLayer,
  coordinatesLayer,
  geluLayer,
  type GridLayer,
  reindexLayer,
  sumLayer,
} from "./layer.ts";
import { Patches } from "./patches.ts";
import { spectralLayer } from "./spectral_layer.ts";
import { vCycleLayer } from "./v_cycle_layer.ts";

/** Options of {@linkcode mgNo}. */
export interface MgNoOptions<Precision extends DType = "float64"> extends LearnedCycleOptions<Precision> {
  /** Layers. Default 4. */
  layers?: number;
  /** Channels between layers. Default 24. */
  channels?: number;
  /**
   * Whether an activation follows each layer; without it and without biases the network is linear. Default
   * true.
   */
  activation?: boolean;
  /** Channels of an input. Default 1. */
  channelsIn?: number;
}

/**
 * MgNO, a neural operator without lifting, projection and coordinates (He, Liu & Xu 2024): layers
 * `gelu(V u + K u + b)` with a learned V-cycle V ({@linkcode mgConv}) and a matrix K on the channels, then a
 * linear combination of the channels. Without `activation` a layer is V alone.
 *
 * @throws {RangeError} if the grid cannot be halved `levels - 1` times, or a number is out of range.
 * @throws {TypeError} if an option or a name is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { mgNo } from "refigure/multigrid";
 * import { assertEquals } from "@std/assert";
 *
 * const net = mgNo({ n: 15, levels: 3, layers: 3, channels: 8, dtype: "float32", rng: new Rng(0) });
 * assertEquals(net.parameters.length, 20418);
 * assertEquals(net.forward(Matrix.zeros(4, 225)).columns, 225);
 * ```
 */
export function mgNo<Precision extends DType = "float64">(
  options: MgNoOptions<Precision>,
): GridNetwork<Precision> {
  requireOptions("options", options, [
    "dimension",
    "n",
    "levels",
    "layers",
    "channels",
    "activation",
    "channelsIn",
    "smoothings",
    "postSmoothings",
    "residual",
    "padding",
    "dtype",
    "rng",
  ]);
  const { layers = 4, channels = 24, channelsIn = 1, activation = true } = options;
  const { dtype = "float64" as Precision, rng } = options;
  const cycle = requireCycle(options);
  requireInteger("layers", layers, { min: 1, max: 1000 });
  requireInteger("channels", channels, { min: 1, max: 4096 });
  requireInteger("channelsIn", channelsIn, { min: 1, max: 4096 });
  requireBoolean("activation", activation);
  const { dimension, n } = cycle;
  const points = pointwise(dimension, n);
  const hidden = Array.from({ length: layers }, (_, k): GridLayer[] => {
    const name = `layer ${k + 1}`;
    const shape: [number, number] = [k === 0 ? channelsIn : channels, channels];
    const linear = vCycleLayer({ ...cycle, channelsIn: shape[0], channelsOut: channels }, name);
    if (!activation) return [linear];
    return [sumLayer(linear, points(shape, `${name} mixing`)), geluLayer(linear.output)];
  });
  const output = points([channels, 1], "output", false);
  return new GridNetwork<Precision>({ dimension, n, layers: [...hidden.flat(), output], dtype, rng });
}

/** A matrix on the channels, at every point. */
function pointwise(dimension: number, n: number) {
  const patches = new Patches(dimension, n, 1, 1, "zero");
  return (shape: readonly [channelsIn: number, channelsOut: number], name: string, bias = true) =>
    convolutionLayer(patches, shape, { bias, name });
}

/** What {@linkcode fourierOperator} and {@linkcode localOperator} share. */
export interface SquareOperatorOptions<Precision extends DType> extends NetworkStartOptions<Precision> {
  /** Points per axis. */
  n: number;
  /** Channels between layers. */
  width?: number;
  /** Neurons of the hidden layer of the head. */
  head?: number;
  /** Layers. Default 4. */
  layers?: number;
}

/** Options of {@linkcode fourierOperator}. */
export interface FourierOperatorOptions<Precision extends DType = "float64">
  extends SquareOperatorOptions<Precision> {
  /** Fourier modes of each sign along rows, and along columns. Default 12. */
  modes?: number;
  /** Zeros appended along both axes, so that opposite borders are not neighbours. Default 9. */
  padding?: number;
}

/**
 * A Fourier neural operator on the square (Li et al. 2021), the paper's main baseline: the coordinates are
 * two further channels of the input; a matrix lifts to `width` channels; layers `gelu(F u + W u + b)` with a
 * multiplier F of the lowest Fourier modes, the last one without activation; a head of one hidden layer.
 * Defaults are those of MgNO's comparison: width 32, head 128.
 *
 * @throws {RangeError} if a number is out of range, or there are not that many modes on the padded grid.
 * @throws {TypeError} if an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { fourierOperator } from "refigure/multigrid";
 * import { assertEquals } from "@std/assert";
 *
 * const net = fourierOperator({ n: 15, width: 12, modes: 3, padding: 3, head: 64, rng: new Rng(0) });
 * assertEquals(net.parameters.length, 22305);
 * ```
 */
export function fourierOperator<Precision extends DType = "float64">(
  options: FourierOperatorOptions<Precision>,
): GridNetwork<Precision> {
  requireOptions("options", options, [
    "n",
    "width",
    "head",
    "layers",
    "modes",
    "padding",
    "dtype",
    "rng",
  ]);
  const { n, width = 32, layers = 4, modes = 12, padding = 9 } = options;
  requireBaseline({ ...options, width, layers });
  requireInteger("padding", padding, { max: 4096 });
  const padded = n + padding;
  requireInteger("modes", modes, { min: 1 });
  if (2 * modes > padded) {
    throw new RangeError(
      `\`modes\` must be at most ${Math.floor(padded / 2)}, half of the points with padding, got ${modes}`,
    );
  }
  const points = pointwise(2, padded);
  const blocks = Array.from({ length: layers }, (_, k): GridLayer[] => {
    const spectral = spectralLayer(padded, [width, width], { modes, name: `layer ${k + 1} spectrum` });
    const block = sumLayer(spectral, points([width, width], `layer ${k + 1} mixing`));
    return k === layers - 1 ? [block] : [block, geluLayer(block.output)];
  });
  const places = Int32Array.from({ length: padded * padded }, (_, p) => {
    const [row, column] = [Math.floor(p / padded), p % padded];
    return row < n && column < n ? row * n + column : -1;
  });
  const back = Int32Array.from({ length: n * n }, (_, p) => Math.floor(p / n) * padded + p % n);
  return onSquare({ ...options, width, layers }, [
    reindexLayer(width, n * n, places),
    ...blocks.flat(),
    reindexLayer(width, padded * padded, back),
  ]);
}

/** Options of {@linkcode localOperator}. */
export interface LocalOperatorOptions<Precision extends DType = "float64">
  extends SquareOperatorOptions<Precision> {
  /** Taps of a convolution along each axis, odd. Default 5. */
  kernel?: number;
}

/**
 * The Fourier operator with convolutions of few taps, padded by zeros, in place of the multipliers: a plain
 * convolutional network, whose points see `layers (kernel - 1) / 2` points far.
 *
 * @throws {RangeError} if a number is out of range, or `kernel` is even.
 * @throws {TypeError} if an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { localOperator } from "refigure/multigrid";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(localOperator({ n: 15, width: 12, head: 64, rng: new Rng(0) }).parameters.length, 15969);
 * ```
 */
export function localOperator<Precision extends DType = "float64">(
  options: LocalOperatorOptions<Precision>,
): GridNetwork<Precision> {
  requireOptions("options", options, ["n", "width", "head", "layers", "kernel", "dtype", "rng"]);
  const { n, width = 32, layers = 4, kernel = 5 } = options;
  requireBaseline({ ...options, width, layers });
  requireInteger("kernel", kernel, { min: 1, max: 101 });
  if (kernel % 2 === 0) throw new RangeError(`\`kernel\` must be odd, got ${kernel}`);
  const points = pointwise(2, n);
  const patches = new Patches(2, n, kernel, 1, "zero");
  const blocks = Array.from({ length: layers }, (_, k): GridLayer[] => {
    const local = convolutionLayer(patches, [width, width], { bias: false, name: `layer ${k + 1}` });
    const block = sumLayer(local, points([width, width], `layer ${k + 1} mixing`));
    return k === layers - 1 ? [block] : [block, geluLayer(block.output)];
  });
  return onSquare({ ...options, width, layers }, blocks.flat());
}

function requireBaseline<Precision extends DType>(options: SquareOperatorOptions<Precision>): void {
  const { n, width, head = 128, layers } = options;
  requireInteger("n", n, { min: 1, max: 1024 });
  requireInteger("width", width!, { min: 1, max: 4096 });
  requireInteger("head", head, { min: 1, max: 65536 });
  requireInteger("layers", layers!, { min: 1, max: 1000 });
  requireStart(options);
}

/** Coordinates and lifting before the layers, the head after them. */
function onSquare<Precision extends DType>(
  options: SquareOperatorOptions<Precision>,
  layers: readonly GridLayer[],
): GridNetwork<Precision> {
  const { n, width = 32, head = 128, dtype = "float64" as Precision, rng } = options;
  const points = pointwise(2, n);
  const hidden = points([width, head], "head 1");
  return new GridNetwork<Precision>({
    dimension: 2,
    n,
    layers: [
      coordinatesLayer(1, n),
      points([3, width], "lifting"),
      ...layers,
      hidden,
      geluLayer(hidden.output),
      points([head, 1], "head 2"),
    ],
    dtype,
    rng,
  });
}

import {
  type DType,
  requireInstance,
  requireInteger,
  requireNumber,
  requireOneOf,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { DenseNetwork } from "../networks/mod.ts";

/** Options of {@linkcode siren}. */
export interface SirenOptions<Precision extends DType = "float64"> {
  /** Coordinates of a point. Default 1. */
  inputs?: number;
  /** Neurons d of a hidden layer. Default 256. */
  width?: number;
  /** Number of sine layers L. Default 4. */
  layers?: number;
  /** Numbers of the signal at a point. Default 1. */
  outputs?: number;
  /** Factor on the pre-activations of all sine layers but the first. Default 30. */
  omega0?: number;
  /** Factor on the pre-activations of the first layer. Default `omega0`. */
  firstOmega?: number;
  /** Standard deviation of WINNER's noise on the first layer's frequencies, radians. Default 0. */
  s0?: number;
  /** Scale of WINNER's noise on the second layer. Default 0. */
  s1?: number;
  /** Biases: uniform within 1/sqrt(fan-in), PyTorch's default, or zero. Default `"pytorch"`. */
  biases?: "pytorch" | "zero";
  /** Precision. Default `"float64"`. */
  dtype?: Precision;
  /** Stream of the start. Weights and noise have streams of their own. */
  rng: Rng;
}

/**
 * A sinusoidal representation network (SIREN, Sitzmann et al. 2020): L layers `sin(omega (W h + b))` and a linear
 * one. Weights of the first layer are uniform within 1/inputs, those of all others within sqrt(6/d)/omega0.
 * With `s0` or `s1` it is SIREN^2: {@linkcode addWinnerNoise} is added.
 *
 * Coordinates are meant to be in [-1, 1], as {@linkcode gridCoordinates} gives them: neuron j of the first layer
 * has the angular frequency `firstOmega W_0j`.
 *
 * @throws {RangeError} if a number is out of range, or `s1` is positive and there is no second layer.
 * @throws {TypeError} if an option or a name is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { siren } from "refigure/neural_fields";
 * import { assertEquals } from "@std/assert";
 *
 * const plain = siren({ width: 32, rng: new Rng(0) });
 * const noisy = siren({ width: 32, s0: 40, s1: 0.9, rng: new Rng(0) });
 * assertEquals(plain.parameters.length, 3265);
 * assertEquals(noisy.weights[2].data, plain.weights[2].data);
 * ```
 */
export function siren<Precision extends DType = "float64">(
  options: SirenOptions<Precision>,
): DenseNetwork<Precision> {
  requireOptions("options", options, [
    "inputs",
    "width",
    "layers",
    "outputs",
    "omega0",
    "firstOmega",
    "s0",
    "s1",
    "biases",
    "dtype",
    "rng",
  ]);
  const { inputs = 1, width = 256, layers = 4, outputs = 1, omega0 = 30 } = options;
  const { firstOmega = omega0, s0 = 0, s1 = 0, biases = "pytorch", dtype, rng } = options;
  requireInteger("inputs", inputs, { min: 1 });
  requireInteger("width", width, { min: 1 });
  requireInteger("layers", layers, { min: 1 });
  requireInteger("outputs", outputs, { min: 1 });
  requireNumber("omega0", omega0, { above: 0 });
  requireNumber("firstOmega", firstOmega, { above: 0 });
  requireOneOf("biases", biases, ["pytorch", "zero"]);
  requireRng("rng", rng);
  const net = new DenseNetwork<Precision>({
    widths: [inputs, ...Array.from({ length: layers }, () => width), outputs],
    activation: "sine",
    scale: [firstOmega, ...Array.from({ length: layers - 1 }, () => omega0)],
    dtype,
    rng: rng.split("siren"),
  });
  net.weights.forEach((w, l) => {
    // The start is uniform within 1/sqrt(fan-in).
    const factor = l === 0 ? 1 / Math.sqrt(inputs) : Math.sqrt(6) / omega0;
    for (let k = 0; k < w.data.length; k++) w.data[k] *= factor;
    if (biases === "zero") net.biases[l].fill(0);
  });
  addWinnerNoise(net, { s0, s1, rng: rng.split("winner") });
  return net;
}

/** Options of {@linkcode addWinnerNoise}. */
export interface WinnerNoiseOptions {
  /** Scale of the noise on the first layer. Default 0. */
  s0?: number;
  /** Scale of the noise on the second layer. Default 0. */
  s1?: number;
  /** Stream of the noise. */
  rng: Rng;
}

/**
 * WINNER, weight initialization with noise (Chandravamsi et al. 2025): adds normal noise of standard deviation
 * `s0 / omega` to the weights of the first layer and `s1 / omega` to those of the second, where omega is the
 * layer's factor on its pre-activations. All other parameters stay as they are; {@linkcode winnerScales} gives
 * the scales for a target.
 *
 * @param net A network of any activation; it is changed.
 * @param options Scales and the stream.
 * @returns `net`.
 * @throws {RangeError} if a scale is negative, or positive where the network has no such hidden layer.
 * @throws {TypeError} if an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { DenseNetwork } from "refigure/networks";
 * import { addWinnerNoise } from "refigure/neural_fields";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const net = new DenseNetwork({ widths: [1, 5000, 1], activation: "sine", init: "zeros", scale: 30, rng: new Rng(0) });
 * addWinnerNoise(net, { s0: 60, rng: new Rng(1) });
 * const squares = net.weights[0].data.reduce((sum, w) => sum + w * w, 0);
 * assertAlmostEquals(Math.sqrt(squares / 5000), 60 / 30, 0.1);
 * ```
 */
export function addWinnerNoise<Precision extends DType>(
  net: DenseNetwork<Precision>,
  options: WinnerNoiseOptions,
): DenseNetwork<Precision> {
  requireInstance("net", net, DenseNetwork as never);
  requireOptions("options", options, ["s0", "s1", "rng"]);
  const { s0 = 0, s1 = 0, rng } = options;
  requireNumber("s0", s0, { min: 0 });
  requireNumber("s1", s1, { min: 0 });
  requireRng("rng", rng);
  const hidden = net.depth - 1;
  if (s0 > 0 && hidden < 1) throw new RangeError("`s0` must be 0 without hidden layers: nothing to perturb");
  if (s1 > 0 && hidden < 2) {
    throw new RangeError(`\`s1\` must be 0, got ${s1}: there is no second layer to perturb`);
  }
  [s0, s1].forEach((scale, l) => {
    if (scale === 0) return;
    const { data } = net.weights[l];
    const noise = rng.split(`layer ${l}`).normals(data.length, scale / Math.abs(net.scales[l]));
    for (let k = 0; k < data.length; k++) data[k] += noise[k];
  });
  return net;
}

/** Options of {@linkcode secondLayerVariance}. */
export interface SecondLayerVarianceOptions {
  /** Neurons d of a hidden layer. Default 256. */
  width?: number;
  /** Scale of WINNER's noise on the second layer. Default 0. */
  s1?: number;
  /** Factor on the pre-activations of the second layer. Default 30. */
  omega0?: number;
  /** Biases of the start. Default `"pytorch"`. */
  biases?: "pytorch" | "zero";
}

/**
 * Variance of the second layer's pre-activations at the start, for first-layer phases that are spread over many
 * turns, so that their sines have mean square 1/2: 1 from the weights, d s1^2 / 2 from the noise, and
 * omega0^2 / (3 d) from PyTorch's biases, which the paper leaves out.
 *
 * @throws {RangeError} if a number is out of range.
 * @throws {TypeError} if an option or a name is unknown.
 *
 * @example
 * ```ts
 * import { secondLayerVariance } from "refigure/neural_fields";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(secondLayerVariance({ width: 256, s1: 1, biases: "zero" }), 129);
 * ```
 */
export function secondLayerVariance(options: SecondLayerVarianceOptions = {}): number {
  requireOptions("options", options, ["width", "s1", "omega0", "biases"]);
  const { width = 256, s1 = 0, omega0 = 30, biases = "pytorch" } = options;
  requireInteger("width", width, { min: 1 });
  requireNumber("s1", s1, { min: 0 });
  requireNumber("omega0", omega0, { above: 0 });
  requireOneOf("biases", biases, ["pytorch", "zero"]);
  return 1 + width * s1 * s1 / 2 + (biases === "pytorch" ? omega0 * omega0 / (3 * width) : 0);
}

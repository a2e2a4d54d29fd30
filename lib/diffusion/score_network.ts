import {
  Matrix,
  requireBoolean,
  requireFunction,
  requireInstance,
  requireInteger,
  requireNumber,
  requireNumbers,
  requireOptions,
  requireRng,
  requireSameShape,
  type Rng,
} from "../arrays/mod.ts";
import { DenseNetwork } from "../networks/mod.ts";
import { scaleByAdam } from "../optimizers/adam.ts";
import { scaleByLearningRate } from "../optimizers/scale.ts";
import { chain } from "../optimizers/transformation.ts";
import { requirePointMatrix } from "./check.ts";
import { VpSde } from "./schedule.ts";
import { requireTime, ScoreField } from "./score_field.ts";

/** Options of {@linkcode ScoreNetwork}. */
export interface ScoreNetworkOptions {
  /** Coordinates of a point. */
  dim: number;
  /** The diffusion. */
  sde: VpSde;
  /** Stream of the start. */
  rng: Rng;
  /** Whether the noise is predicted as the gradient of a scalar network. Default false. */
  conservative?: boolean;
  /** Units of a hidden layer. Default 48. */
  width?: number;
  /** Hidden layers. Default 3. */
  layers?: number;
}

/** Numbers that tell the network the noise level: sigma, and three functions of its logarithm. */
const FEATURES = 4;

/**
 * A network that predicts the noise of a point, eps(x, t), and with it the score -eps(x, t) / sigma(t), in single
 * precision: hidden layers with SiLU of x and of sigma, log(sigma) / 4, sin(2 log sigma) and cos(2 log sigma). Either
 * it has one output per coordinate and any Jacobian, or it is conservative: the gradient by x of a network with one
 * output, with a Jacobian that is symmetric (Salimans & Ho 2021, "Should EBMs model the energy or the score?").
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { ScoreNetwork, VpSde } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const net = new ScoreNetwork({ dim: 2, sde: new VpSde(), rng: new Rng(0), conservative: true });
 * const { jacobian } = net.field().scoreAndJacobian(Float64Array.of(0.5, -1), 0.3);
 * assertAlmostEquals(jacobian[1], jacobian[2], 1e-6);
 * ```
 */
export class ScoreNetwork {
  /** Coordinates of a point. */
  readonly dim: number;
  /** The diffusion. */
  readonly sde: VpSde;
  /** Whether the predicted noise is a gradient. */
  readonly conservative: boolean;
  /** The network: the coordinates and four features of the noise level to the noise, or to a scalar. */
  readonly net: DenseNetwork<"float32">;

  /**
   * A network at its start.
   *
   * @param options Sizes, diffusion and stream.
   * @throws {RangeError} if a size is not a positive integer.
   * @throws {TypeError} if an option is of the wrong type or unknown.
   */
  constructor(options: ScoreNetworkOptions) {
    requireOptions("options", options, ["dim", "sde", "rng", "conservative", "width", "layers"]);
    const { dim, sde, rng, conservative = false, width = 48, layers = 3 } = options;
    this.dim = requireInteger("dim", dim, { min: 1, max: 10_000 });
    this.sde = requireInstance("sde", sde, VpSde);
    requireRng("rng", rng);
    this.conservative = requireBoolean("conservative", conservative);
    requireInteger("width", width, { min: 1, max: 100_000 });
    requireInteger("layers", layers, { min: 1, max: 1000 });
    this.net = new DenseNetwork({
      widths: [dim + FEATURES, ...Array(layers).fill(width), conservative ? 1 : dim],
      activation: "silu",
      dtype: "float32",
      rng,
    });
  }

  /**
   * The mean squared error of the predicted noise of points alpha x_0 + sigma eps, and its gradient by the
   * parameters: denoising score matching (Vincent 2011). For a conservative network the gradient is that of a
   * gradient by x, by one reverse pass over a forward tangent.
   *
   * @param x0 Clean points, one per row.
   * @param t Times in (0, 1], one per point.
   * @param noise The noise eps, n x dim.
   * @returns The loss, a mean over points and coordinates, and the gradient, flat as the parameters.
   * @throws {RangeError} if a size does not fit or a time is out of range.
   * @throws {TypeError} if an argument is of the wrong type.
   */
  denoisingLoss(x0: Matrix, t: ArrayLike<number>, noise: Matrix): { loss: number; gradient: Float32Array } {
    requirePointMatrix("x0", x0, this.dim);
    requirePointMatrix("noise", noise, this.dim);
    requireSameShape("noise", noise, x0);
    const inputs = this.#inputs(x0.data, t, noise.data);
    const { columns } = inputs;
    const n = x0.rows;
    const d = this.dim;
    let loss = 0;
    /** Adds an error to the loss; returns its derivative by the prediction. */
    const slope = (prediction: number, i: number) => {
      const error = prediction - noise.data[i];
      loss += error * error;
      return 2 * error / (n * d);
    };
    let gradient: Float32Array;
    if (!this.conservative) {
      gradient = this.net.vjp(inputs, (outputs, start) => {
        const cotangents = new Float32Array(outputs.data.length);
        for (let k = 0; k < cotangents.length; k++) cotangents[k] = slope(outputs.data[k], start * d + k);
        return new Matrix(outputs.rows, d, cotangents);
      }).parameters;
    } else {
      const predicted = this.net.vjp(inputs, ones(n), { inputs: true }).inputs!;
      // The direction in which the scalar's derivative is the sum of slopes times predictions.
      const direction = new Matrix(n, columns, new Float32Array(n * columns));
      for (let i = 0; i < n; i++) {
        for (let a = 0; a < d; a++) {
          const k = i * columns + a;
          direction.data[k] = slope(predicted.data[k], i * d + a);
        }
      }
      gradient = this.net.vjpOfJvp(inputs, { inputs: direction }, { tangents: ones(n) }).parameters;
    }
    return { loss: loss / (n * d), gradient };
  }

  /** The field -eps(x, t) / sigma(t), with derivatives; it follows the parameters as they change. */
  field(): ScoreField {
    const d = this.dim;
    const columns = d + FEATURES;
    const at = (x: Float64Array, t: number) => this.#inputs(x, new Float64Array(x.length / d).fill(t));
    return new ScoreField({
      dim: d,
      sde: this.sde,
      score: (x, t, out) => {
        const inputs = at(x, t);
        const factor = -1 / this.sde.sigma(t);
        if (!this.conservative) {
          this.net.forward(inputs).data.forEach((value, k) => out[k] = factor * value);
          return;
        }
        const slopes = this.net.vjp(inputs, ones(inputs.rows), { inputs: true }).inputs!.data;
        for (let k = 0; k < out.length; k++) out[k] = factor * slopes[Math.floor(k / d) * columns + k % d];
      },
      scoreAndJacobian: (x, t, score, jacobian) => {
        const inputs = at(x, t);
        const n = inputs.rows;
        const factor = -1 / this.sde.sigma(t);
        // Column b of the Jacobians is the derivative in the direction of coordinate b.
        const tangent = { inputs: new Matrix(n, columns, new Float32Array(n * columns)) };
        for (let b = 0; b < d; b++) {
          for (let i = 0; i < n; i++) {
            tangent.inputs.data[i * columns + b] = 1;
            if (b > 0) tangent.inputs.data[i * columns + b - 1] = 0;
          }
          if (!this.conservative) {
            const { outputs, tangents } = this.net.jvp(inputs, tangent);
            tangents.data.forEach((value, k) => jacobian[k * d + b] = factor * value);
            if (b === 0) outputs.data.forEach((value, k) => score[k] = factor * value);
            continue;
          }
          const { tangents, inputs: slopes } = this.net.vjpOfJvp(inputs, tangent, { tangents: ones(n) }, {
            inputs: true,
          });
          for (let i = 0; i < n; i++) {
            score[i * d + b] = factor * tangents.data[i];
            for (let a = 0; a < d; a++) {
              jacobian[(i * d + a) * d + b] = factor * slopes!.data[i * columns + a];
            }
          }
        }
      },
    });
  }

  /** Inputs of the network for points with their times; with noise, of the noisy points. */
  #inputs(x: Float64Array, t: ArrayLike<number>, noise?: Float64Array): Matrix<Float32Array> {
    const d = this.dim;
    const n = x.length / d;
    requireNumbers("t", t, { length: n });
    const columns = d + FEATURES;
    const inputs = new Matrix(n, columns, new Float32Array(n * columns));
    for (let i = 0; i < n; i++) {
      requireTime(`t[${i}]`, t[i]);
      const sigma = this.sde.sigma(t[i]);
      const alpha = noise === undefined ? 1 : this.sde.alpha(t[i]);
      const row = i * columns;
      for (let a = 0; a < d; a++) {
        inputs.data[row + a] = alpha * x[i * d + a] + (noise === undefined ? 0 : sigma * noise[i * d + a]);
      }
      const log = Math.log(sigma);
      inputs.data[row + d] = sigma;
      inputs.data[row + d + 1] = log / 4;
      inputs.data[row + d + 2] = Math.sin(2 * log);
      inputs.data[row + d + 3] = Math.cos(2 * log);
    }
    return inputs;
  }
}

function ones(n: number): Matrix<Float32Array> {
  return new Matrix(n, 1, new Float32Array(n).fill(1));
}

/** Options of {@linkcode fitScoreNetwork}. */
export interface FitScoreNetworkOptions {
  /** Stream of data, times and noise. */
  rng: Rng;
  /** Steps of Adam. Default 1500. */
  steps?: number;
  /** Points per step. Default 128. */
  batch?: number;
  /** First learning rate; it falls to 0 along half a cosine. Default 2e-3. */
  learningRate?: number;
  /** The least time, in (0, 1). Default 5e-3. */
  tMin?: number;
  /** Called after every step with its number, from 0, and its loss. */
  onStep?: (step: number, loss: number) => void;
}

/**
 * Trains a network by denoising score matching with Adam. Half of the times are uniform on [tMin, 1], half are
 * uniform in their logarithm.
 *
 * @param network The network; its parameters are changed.
 * @param sample Draws clean points: n of them, one per row, from the stream it is given.
 * @param options Stream, length and rates.
 * @returns The loss of every step.
 * @throws {RangeError} if an option is out of range, or the points have another number of coordinates.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { fitScoreNetwork, ScoreNetwork, VpSde } from "refigure/diffusion";
 * import { assert } from "@std/assert";
 *
 * const net = new ScoreNetwork({ dim: 2, sde: new VpSde(), width: 16, rng: new Rng(0) });
 * const normals = (n: number, rng: Rng) => rng.normalMatrix(n, 2);
 * const losses = fitScoreNetwork(net, normals, { rng: new Rng(1), steps: 100 });
 * assert(losses[99] < losses[0]);
 * ```
 */
export function fitScoreNetwork(
  network: ScoreNetwork,
  sample: (n: number, rng: Rng) => Matrix,
  options: FitScoreNetworkOptions,
): Float64Array {
  requireInstance("network", network, ScoreNetwork);
  requireFunction("sample", sample);
  requireOptions("options", options, ["rng", "steps", "batch", "learningRate", "tMin", "onStep"]);
  const { rng, steps = 1500, batch = 128, learningRate = 2e-3, tMin = 5e-3, onStep } = options;
  requireRng("rng", rng);
  requireInteger("steps", steps, { max: 10_000_000 });
  requireInteger("batch", batch, { min: 1, max: 10_000_000 });
  requireNumber("learningRate", learningRate, { min: 0 });
  requireNumber("tMin", tMin, { above: 0, below: 1 });
  if (onStep !== undefined) requireFunction("onStep", onStep);
  const { parameters } = network.net;
  const adam = chain(
    scaleByAdam(),
    scaleByLearningRate((step) => learningRate * (1 + Math.cos(Math.PI * step / steps)) / 2),
  );
  const weights = new Matrix(1, parameters.length, parameters);
  const parameter = { name: "score", weights, outputs: "rows" as const };
  const state = adam.init(parameter);
  const streams = { data: rng.split("data"), times: rng.split("times"), noise: rng.split("noise") };
  const losses = new Float64Array(steps);
  const t = new Float64Array(batch);
  for (let step = 0; step < steps; step++) {
    const x0 = requirePointMatrix("sample(...)", sample(batch, streams.data), network.dim);
    for (let i = 0; i < batch; i++) {
      const u = streams.times.uniform();
      t[i] = i % 2 === 0 ? Math.min(1, tMin ** (1 - u)) : tMin + (1 - tMin) * u;
    }
    const noise = streams.noise.normalMatrix(batch, network.dim);
    const { loss, gradient } = network.denoisingLoss(x0, t, noise);
    losses[step] = loss;
    const update = adam.update(new Matrix(1, gradient.length, gradient), state, parameter).data;
    for (let k = 0; k < parameters.length; k++) parameters[k] += update[k];
    onStep?.(step, loss);
  }
  return losses;
}

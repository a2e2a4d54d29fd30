import * as tf from "@tensorflow/tfjs";
import {
  allocate,
  describeValue,
  type DType,
  type RealArray,
  requireOneOf,
  requireOptions,
} from "../../arrays/mod.ts";
import { DTYPES } from "../check.ts";
import { CoSequential } from "../containers.ts";
import { CoConv1d } from "../conv.ts";
import type { CoModule } from "../module.ts";
import { CoAvgPool, CoMaxPool } from "../pooling.ts";
import { coRelu, Stepwise } from "../stepwise.ts";

/** Settings of a layer, as tfjs lists them. */
type Config = Record<string, unknown>;

/** What is known while a model is gone through. */
interface Place {
  /** The layer's name, for messages. */
  name: string;
  config: Config;
  /** Channels that the layer gets. */
  channels: number;
  dtype: DType;
  weights: tf.Tensor[];
}

/**
 * A trained `tf.Sequential` over `[batch, time, channels]` as a continual network with frames `[channels]`.
 * Weights are copied.
 *
 * Layers may be conv1d, dense, activation and reLU, batchNormalization over channels, averagePooling1d and
 * maxPooling1d without padding, dropout (left out) and inputLayer. Activations are linear, relu, tanh and
 * sigmoid.
 *
 * With `padding: "same"` a convolution waits for the frames that it looks ahead to; `steps` with `padEnd`
 * returns what `predict` does.
 *
 * @param model The model; its last layer must keep the time axis.
 * @param options `dtype`: precision of frames, weights and state. Default "float32", that of tfjs.
 * @throws {TypeError} if `model` is not a tf.Sequential, or an option is of the wrong type or unknown.
 * @throws {RangeError} if a layer, a padding or an activation has no continual form.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { fromSequential } from "refigure/continual/layers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const model = tf.sequential({
 *   layers: [
 *     tf.layers.conv1d({ filters: 4, kernelSize: 3, activation: "relu", inputShape: [10, 2] }),
 *     tf.layers.dense({ units: 1 }),
 *   ],
 * });
 * const clip = tf.randomNormal([1, 10, 2]);
 * const whole = (model.predict(clip) as tf.Tensor).dataSync();
 * const net = fromSequential(model);
 * const frames = clip.dataSync();
 * for (let t = 0; t < 10; t++) {
 *   const out = net.step(Float32Array.from(frames.slice(2 * t, 2 * t + 2)));
 *   if (out !== null) assertAlmostEquals(out[0], whole[t - net.delay], 1e-5);
 * }
 * ```
 */
export function fromSequential(model: tf.Sequential, options: { dtype?: DType } = {}): CoSequential {
  if (!(model instanceof tf.Sequential)) {
    throw new TypeError(`\`model\` must be a tf.Sequential, got ${describeValue(model)}`);
  }
  requireOptions("options", options, ["dtype"]);
  const { dtype = "float32" } = options;
  requireOneOf("dtype", dtype, DTYPES);
  const { inputShape } = model.layers[0] as { inputShape?: (number | null)[] };
  const input = inputShape ?? (model.inputs[0].shape as (number | null)[]);
  let channels = input[input.length - 1];
  if (input.length !== 3 || channels === null) {
    throw new RangeError(
      `\`model\` must take [batch, time, channels] with known channels, got [${input.join(", ")}]`,
    );
  }
  const modules: CoModule[] = [];
  for (const layer of model.layers) {
    const kind = layer.getClassName();
    const convert = CONVERSIONS[kind];
    if (convert === undefined) {
      throw new RangeError(
        `\`model\`: layer "${layer.name}" is a ${kind}, which has no continual form here; there are: ` +
          Object.keys(CONVERSIONS).join(", "),
      );
    }
    const weights = layer.getWeights();
    for (const module of convert({ name: layer.name, config: layer.getConfig(), channels, dtype, weights })) {
      modules.push(module);
      [channels] = module.outputShape;
    }
  }
  if (modules.length === 0) modules.push(new Stepwise((x) => x, { inputShape: [channels], dtype }));
  return new CoSequential(modules);
}

const CONVERSIONS: Record<string, (place: Place) => CoModule[]> = {
  InputLayer: () => [],
  Dropout: () => [],
  Conv1D: convolution,
  Dense: (place) => [pointwise(place, [1, ...place.weights[0].shape]), ...activation(place)],
  Activation: activation,
  ReLU: (place) => {
    if (place.config.maxValue !== undefined && place.config.maxValue !== null) {
      throw refused(place, "maxValue", "no largest value");
    }
    return [coRelu([place.channels], { dtype: place.dtype })];
  },
  BatchNormalization: batchNorm,
  AveragePooling1D: (place) => [pooling(place, CoAvgPool)],
  MaxPooling1D: (place) => [pooling(place, CoMaxPool)],
};

function refused({ name, config }: Place, key: string, allowed: string): RangeError {
  return new RangeError(
    `\`model\`: layer "${name}" must have ${allowed}, got ${key} ${JSON.stringify(config[key])}`,
  );
}

function copied(tensor: tf.Tensor, dtype: DType): RealArray {
  const out = allocate(dtype, tensor.size);
  out.set(tensor.dataSync());
  return out;
}

function first(value: unknown): number {
  return Array.isArray(value) ? value[0] : value as number;
}

/** A kernel `[k, inputs, outputs]` as weights `[outputs, inputs, k]`, with the layer's bias. */
function pointwise(
  place: Place,
  [k, inputs, outputs]: readonly number[],
  options: { padding?: number; stride?: number; dilation?: number } = {},
): CoConv1d {
  const { weights: [kernel, bias], dtype } = place;
  const values = kernel.dataSync();
  const data = allocate(dtype, values.length);
  for (let i = 0; i < k; i++) {
    for (let c = 0; c < inputs; c++) {
      for (let o = 0; o < outputs; o++) {
        data[(o * inputs + c) * k + i] = values[(i * inputs + c) * outputs + o];
      }
    }
  }
  const weight = { shape: [outputs, inputs, k], data };
  return new CoConv1d(weight, { ...options, bias: bias === undefined ? undefined : copied(bias, dtype) });
}

function convolution(place: Place): CoModule[] {
  const { config } = place;
  if (config.dataFormat === "channelsFirst") throw refused(place, "dataFormat", "channels last");
  const [kernel] = place.weights;
  const stride = first(config.strides);
  const dilation = first(config.dilationRate ?? 1);
  const span = (kernel.shape[0] - 1) * dilation;
  let padding = 0;
  if (config.padding === "same") {
    // With a stride tfjs pads by what the length of the clip needs, which a stream does not have.
    if (stride !== 1 || span % 2 !== 0) {
      throw refused(place, "padding", "padding valid unless its stride is 1 and its span even");
    }
    padding = span / 2;
  }
  const conv = pointwise(place, kernel.shape, { padding, stride, dilation });
  return [conv, ...activation({ ...place, channels: conv.outputShape[0] })];
}

const ACTIVATIONS: Record<string, (x: number) => number> = {
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

function activation(place: Place): CoModule[] {
  const { config, dtype } = place;
  const channels = (config.units as number | undefined) ?? place.channels;
  const name = config.activation ?? "linear";
  if (name === "linear") return [];
  if (name === "relu") return [coRelu([channels], { dtype })];
  const apply = ACTIVATIONS[name as string];
  if (apply === undefined) throw refused(place, "activation", "activation linear, relu, tanh or sigmoid");
  return [new Stepwise((x) => x.map(apply), { inputShape: [channels], dtype })];
}

/** Fixed statistics are a scale and a shift per channel. */
function batchNorm(place: Place): CoModule[] {
  const { config, channels, dtype, weights } = place;
  if (config.axis !== -1 && config.axis !== 2) throw refused(place, "axis", "the axis of channels, -1");
  const values = weights.map((tensor) => copied(tensor, "float64"));
  const gamma = config.scale === false ? new Float64Array(channels).fill(1) : values.shift()!;
  const beta = config.center === false ? new Float64Array(channels) : values.shift()!;
  const [mean, variance] = values;
  const scale = gamma.map((g: number, c: number) => g / Math.sqrt(variance[c] + (config.epsilon as number)));
  return [
    new Stepwise((x) => {
      const out = allocate(dtype, x.length);
      const columns = x.length / channels;
      for (let c = 0; c < channels; c++) {
        for (let i = c * columns; i < (c + 1) * columns; i++) out[i] = (x[i] - mean[c]) * scale[c] + beta[c];
      }
      return out;
    }, { inputShape: [channels], dtype, operations: { mul: channels, add: 2 * channels, exp: 0 } }),
  ];
}

function pooling(place: Place, Pool: typeof CoAvgPool | typeof CoMaxPool): CoModule {
  const { config, channels, dtype } = place;
  if (config.padding !== "valid") throw refused(place, "padding", "padding valid");
  const stride = first(config.strides ?? config.poolSize);
  return new Pool(first(config.poolSize), { shape: [channels], stride, dtype });
}

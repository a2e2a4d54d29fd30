/** Where the parameters of an OLinear are in its flat array, and how they start. Not public. */
import type { RealArray, Rng } from "../arrays/mod.ts";
import type { Linear } from "./dense.ts";

/**
 * How a layer of {@linkcode OLinear} mixes variates: by NormLin, by multi-head attention, by a free matrix with a
 * bias, by the fixed softmax of a correlation matrix (OLinear-C), or not at all.
 */
export type VariateMixer = "normlin" | "attention" | "linear" | "correlation" | "none";

/** Sizes that the number of parameters follows from. */
export interface Sizes {
  variates: number;
  inputLength: number;
  horizon: number;
  embedding: number;
  width: number;
  hidden: number;
  layers: number;
  mixer: VariateMixer;
}

/** Parameters of one layer, or derivatives by them. */
export interface Layer<Data> {
  /** N x N; absent for attention and none. */
  mixing: Data | undefined;
  /** One per variate, after a linear mixer. */
  mixingBias: Data | undefined;
  /** Value and output maps, after query and key for attention; empty for none. */
  maps: Linear<Data>[];
  mixingNorm: Linear<Data> | undefined;
  first: Linear<Data>;
  second: Linear<Data>;
  norm: Linear<Data>;
}

/** All parameters, or derivatives by them. */
export interface Parts<Data> {
  scale: Data;
  shift: Data;
  phi: Data;
  encoderDelta: Data;
  encoder: Linear<Data>;
  layers: Layer<Data>[];
  norm: Linear<Data>;
  decoder: Linear<Data>;
  decoderDelta: Data;
  head: Linear<Data>;
  last: Linear<Data>;
}

/** How the entries of a part start: uniform within ± a number, ones, or normal, for NormLin around the identity. */
export type Start = number | "one" | "normal" | "normlin";

/** All parameters in order, by a function that takes the next ones: their number and start. */
export function visitParameters<Data>(
  sizes: Sizes,
  take: (length: number, start: Start) => Data,
): Parts<Data> {
  const { variates, inputLength, horizon, embedding, width, hidden, mixer } = sizes;
  const map = (outputs: number, inputs: number): Linear<Data> => ({
    weights: take(outputs * inputs, 1 / Math.sqrt(inputs)),
    bias: take(outputs, 1 / Math.sqrt(inputs)),
  });
  const norm = (): Linear<Data> => ({ weights: take(width, "one"), bias: take(width, 0) });
  const maps = mixer === "none" ? 0 : mixer === "attention" ? 4 : 2;
  // In the order in which properties are written.
  return {
    scale: take(variates, "one"),
    shift: take(variates, 0),
    phi: take(embedding, "normal"),
    encoderDelta: take(variates * inputLength, 0),
    encoder: map(width, embedding * inputLength),
    layers: Array.from({ length: sizes.layers }, () => ({
      mixing: mixer === "normlin"
        ? take(variates * variates, "normlin")
        : mixer === "linear"
        ? take(variates * variates, 1 / Math.sqrt(variates))
        : undefined,
      mixingBias: mixer === "linear" ? take(variates, 1 / Math.sqrt(variates)) : undefined,
      maps: Array.from({ length: maps }, () => map(width, width)),
      mixingNorm: maps > 0 ? norm() : undefined,
      first: map(hidden, width),
      second: map(width, hidden),
      norm: norm(),
    })),
    norm: norm(),
    decoder: map(embedding * horizon, width),
    decoderDelta: take(variates * horizon, 0),
    head: map(hidden, embedding * horizon),
    last: map(horizon, hidden),
  };
}

/** Views of a flat array of parameters, or of derivatives by them. */
export function parameterViews<Data extends RealArray>(sizes: Sizes, flat: Data): Parts<Data> {
  let at = 0;
  return visitParameters(sizes, (length) => flat.subarray(at, at += length) as Data);
}

/** Writes the start of a network, each part from a stream of its own. */
export function initializeParameters(sizes: Sizes, parameters: RealArray, rng: Rng): void {
  const { variates } = sizes;
  let at = 0;
  let part = 0;
  visitParameters(sizes, (length, start) => {
    const to = parameters.subarray(at, at += length);
    const stream = rng.split(`part ${part++}`);
    if (start === "one") {
      to.fill(1);
    } else if (typeof start === "number") {
      for (let k = 0; k < length; k++) to[k] = stream.uniform(-start, start);
    } else {
      to.set(stream.normals(length));
    }
    if (start === "normlin") {
      for (let v = 0; v < variates; v++) to[v * (variates + 1)] += 1;
    }
  });
}

/** Forecasts of an OLinear, with what their derivatives need. Not public. */
import { allocateLike, Matrix, type RealArray } from "../arrays/mod.ts";
import { activate } from "../networks/activation.ts";
import { attend, type AttentionShape } from "./attention.ts";
import { addTo, addToRows, layerNorm, linear, type NormTape, product } from "./dense.ts";
import { normLinWeights } from "./normlin.ts";
import { type Architecture, fuse, type Fused } from "./olinear_fused.ts";
import type { Layer, Parts } from "./olinear_parameters.ts";
import { normalizeWindows } from "./windows.ts";

/** Added to the scale when the affine map of a window is undone. */
export const SCALE_EPS = 1e-10;

/** What a layer keeps for its derivatives. */
export interface LayerTape<Data> {
  input: Data;
  mapped: Data[];
  mixed: Data;
  /** Weights of the mixing: N x N, or of attention. */
  weights: Data;
  mixingNorm: NormTape<Data> | undefined;
  middle: Data;
  hidden: Data;
  slope: Data;
  norm: NormTape<Data>;
}

/** What a pass keeps for its derivatives. */
export interface Tape<Data> {
  batch: number;
  normalized: Data;
  deviation: Float64Array;
  x: Data;
  fused: Fused<Data>;
  layers: LayerTape<Data>[];
  norm: NormTape<Data>;
  features: Data;
  hidden: Data;
  slope: Data;
  forecasts: Data;
}

/** One pass: forecasts in the order of the inputs, and the tape. */
export function forward<Data extends RealArray>(
  of: Architecture<Data>,
  inputs: Matrix<RealArray>,
  parts: Parts<Data>,
): { outputs: Matrix<Data>; tape: Tape<Data> } {
  const { variates, inputLength, horizon, width, heads, mixer } = of;
  const { rows } = inputs;
  const batch = rows / variates;
  const shape: AttentionShape = { variates, batch, width, heads };
  const { windows, mean, deviation } = normalizeWindows(inputs);
  const normalized = rowsByVariate(variates, windows, allocateLike(parts.phi, rows * inputLength));
  const x = allocateLike(normalized, normalized.length);
  let k = 0;
  for (let r = 0; r < rows; r++) {
    const v = Math.floor(r / batch);
    for (let t = 0; t < inputLength; t++, k++) x[k] = normalized[k] * parts.scale[v] + parts.shift[v];
  }
  const fused = fuse(of, parts);
  let h = affine(x, fused.encoder, fused.encoderBias, variates);
  const layers = parts.layers.map((layer): LayerTape<Data> => {
    const input = h;
    let middle = input;
    let mapped: Data[] = [];
    let mixed = input;
    let weights = allocateLike(parts.phi, 0);
    let mixingNorm: NormTape<Data> | undefined;
    if (mixer !== "none") {
      mapped = layer.maps.slice(0, -1).map((map) => linear(input, map));
      if (mixer === "attention") {
        ({ mixed, weights } = attend(mapped[0], mapped[1], mapped[2], shape));
      } else {
        weights = mixingWeights(of, layer);
        mixed = allocateLike(input, input.length);
        product(mixed, weights, mapped[0], [variates, batch * width, variates]);
        layer.mixingBias?.forEach((bias, v) => {
          for (let k = v * batch * width; k < (v + 1) * batch * width; k++) mixed[k] += bias;
        });
      }
      const sum = linear(mixed, layer.maps[layer.maps.length - 1]);
      addTo(sum, input);
      ({ y: middle, tape: mixingNorm } = layerNorm(sum, layer.mixingNorm!));
    }
    const hidden = linear(middle, layer.first);
    const slope = allocateLike(hidden, hidden.length);
    activate("gelu", hidden, hidden.length, slope);
    const sum = linear(hidden, layer.second);
    addTo(sum, middle);
    const { y, tape: norm } = layerNorm(sum, layer.norm);
    h = y;
    return { input, mapped, mixed, weights, mixingNorm, middle, hidden, slope, norm };
  });
  const { y: features, tape: norm } = layerNorm(h, parts.norm);
  const hidden = affine(features, fused.decoder, fused.decoderBias, variates);
  const slope = allocateLike(hidden, hidden.length);
  activate("gelu", hidden, hidden.length, slope);
  const forecasts = linear(hidden, parts.last);
  const outputs = new Matrix(rows, horizon, allocateLike(parts.phi, rows * horizon));
  for (let r = 0; r < rows; r++) {
    const v = r % variates;
    const from = (v * batch + Math.floor(r / variates)) * horizon;
    const scale = deviation[r] / (parts.scale[v] + SCALE_EPS);
    for (let k = 0; k < horizon; k++) {
      outputs.data[r * horizon + k] = (forecasts[from + k] - parts.shift[v]) * scale + mean[r];
    }
  }
  const tape = { batch, normalized, deviation, x, fused, layers, norm, features, hidden, slope, forecasts };
  return { outputs, tape };
}

/** N x N weights of the mixing of one layer. */
export function mixingWeights<Data extends RealArray>(
  { variates, mixer, fixedMixing }: Architecture<Data>,
  { mixing }: Layer<Data>,
): Data {
  if (fixedMixing !== undefined) return fixedMixing;
  return mixer === "normlin" ? normLinWeights(new Matrix(variates, variates, mixing!)).data : mixing!;
}

/** Rows by variate, so that mixing them is one product: row v batch + b in the place of b variates + v. */
export function rowsByVariate<Data extends RealArray>(
  variates: number,
  from: Matrix<RealArray>,
  to: Data,
): Data {
  const batch = from.rows / variates;
  for (let b = 0; b < batch; b++) {
    for (let v = 0; v < variates; v++) to.set(from.row(b * variates + v), (v * batch + b) * from.columns);
  }
  return to;
}

/** `x W^T` for rows by variate, plus the row of the variate. */
function affine<Data extends RealArray>(x: Data, weights: Data, bias: Data, variates: number): Data {
  const outputs = bias.length / variates;
  const inputs = weights.length / outputs;
  const rows = x.length / inputs;
  const batch = rows / variates;
  const y = allocateLike(x, rows * outputs);
  product(y, x, weights, [rows, outputs, inputs], { transposeB: true });
  for (let v = 0; v < variates; v++) {
    const block = y.subarray(v * batch * outputs, (v + 1) * batch * outputs);
    addToRows(block, bias.subarray(v * outputs, (v + 1) * outputs));
  }
  return y;
}

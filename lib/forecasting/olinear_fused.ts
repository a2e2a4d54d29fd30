/** The matrices that the linear parts of an OLinear amount to, and their derivatives. Not public. */
import { allocateLike, type RealArray } from "../arrays/mod.ts";
import { addRowsTo, product } from "./dense.ts";
import type { Parts, Sizes } from "./olinear_parameters.ts";

/** What an OLinear computes with besides its parameters. */
export interface Architecture<Data> extends Sizes {
  /** Heads of attention. */
  heads: number;
  /** T x T, one basis vector per row. */
  inputBasis: Data;
  /** tau x tau. */
  outputBasis: Data;
  /** Weights of the mixer `"correlation"`, N x N. */
  fixedMixing: Data | undefined;
}

/** What the linear parts amount to, with what their derivatives need. */
export interface Fused<Data> {
  encoder: Data;
  encoderBias: Data;
  decoder: Data;
  decoderBias: Data;
  /** Sum of the encoder's copies, for delta: D x T. */
  summed: Data;
  /** The decoder in the output basis: d tau x D. */
  rotated: Data;
  rotatedBias: Data;
  /** Sum of the head's copies, for delta: F x tau. */
  summedHead: Data;
}

/** The fused matrices of some parameters. */
export function fuse<Data extends RealArray>(of: Architecture<Data>, parts: Parts<Data>): Fused<Data> {
  const { phi, encoderDelta, encoder, decoder, decoderDelta, head } = parts;
  const { variates, inputLength: T, horizon, embedding, width, hidden, inputBasis, outputBasis } = of;
  // encoder = (sum_e phi_e W_e) inputBasis; a delta goes in the place of all d copies.
  const weighted = allocateLike(phi, width * T);
  const summed = allocateLike(phi, width * T);
  for (let i = 0; i < width; i++) {
    const block = encoder.weights.subarray(i * embedding * T, (i + 1) * embedding * T);
    addRowsTo(summed.subarray(i * T, (i + 1) * T), block);
    for (let e = 0; e < embedding; e++) addScaledAt(weighted, i * T, phi[e], block, e * T, T);
  }
  const first = allocateLike(phi, width * T);
  product(first, weighted, inputBasis, [width, T, T]);
  const encoderBias = allocateLike(phi, variates * width);
  for (let v = 0; v < variates; v++) encoderBias.set(encoder.bias, v * width);
  product(encoderBias, encoderDelta, summed, [variates, width, T], { transposeB: true, beta: 1 });
  // decoder = sum_e V_e outputBasis^T W_e, with V_e of the head.
  const rotated = allocateLike(phi, embedding * horizon * width);
  const rotatedBias = allocateLike(phi, embedding * horizon);
  for (let e = 0; e < embedding; e++) {
    const [from, to] = [e * horizon, (e + 1) * horizon];
    product(
      rotated.subarray(from * width, to * width),
      outputBasis,
      decoder.weights.subarray(from * width, to * width),
      [horizon, width, horizon],
      { transposeA: true },
    );
    product(rotatedBias.subarray(from, to), outputBasis, decoder.bias.subarray(from, to), [
      horizon,
      1,
      horizon,
    ], { transposeA: true });
  }
  const second = allocateLike(phi, hidden * width);
  product(second, head.weights, rotated, [hidden, width, embedding * horizon]);
  const summedHead = allocateLike(phi, hidden * horizon);
  for (let i = 0; i < hidden; i++) {
    const to = summedHead.subarray(i * horizon, (i + 1) * horizon);
    addRowsTo(to, head.weights.subarray(i * embedding * horizon, (i + 1) * embedding * horizon));
  }
  const common = allocateLike(phi, hidden);
  common.set(head.bias);
  product(common, head.weights, rotatedBias, [hidden, 1, embedding * horizon], { beta: 1 });
  const decoderBias = allocateLike(phi, variates * hidden);
  for (let v = 0; v < variates; v++) decoderBias.set(common, v * hidden);
  product(decoderBias, decoderDelta, summedHead, [variates, hidden, horizon], {
    transposeB: true,
    beta: 1,
  });
  return {
    encoder: first,
    encoderBias,
    decoder: second,
    decoderBias,
    summed,
    rotated,
    rotatedBias,
    summedHead,
  };
}

/** Adds the derivatives by the decoder, its delta and the first map of the head, from those by the fused decoder. */
export function decoderBackward<Data extends RealArray>(
  of: Architecture<Data>,
  fused: Fused<Data>,
  { decoder: dDecoder, bias: dBias }: { decoder: Data; bias: Data },
  parts: Parts<Data>,
  gradient: Parts<Data>,
): void {
  const { variates, horizon, embedding, width, hidden: F, outputBasis } = of;
  const inner = embedding * horizon;
  addRowsTo(gradient.head.bias, dBias);
  product(gradient.head.weights, dDecoder, fused.rotated, [F, inner, width], { transposeB: true, beta: 1 });
  product(gradient.head.weights, gradient.head.bias, fused.rotatedBias, [F, inner, 1], { beta: 1 });
  const dSummedHead = allocateLike(dDecoder, F * horizon);
  product(dSummedHead, dBias, parts.decoderDelta, [F, horizon, variates], { transposeA: true });
  addToCopies(gradient.head.weights, dSummedHead, horizon, embedding);
  product(gradient.decoderDelta, dBias, fused.summedHead, [variates, horizon, F], { beta: 1 });
  const dRotated = allocateLike(dDecoder, inner * width);
  product(dRotated, parts.head.weights, dDecoder, [inner, width, F], { transposeA: true });
  const dRotatedBias = allocateLike(dDecoder, inner);
  product(dRotatedBias, parts.head.weights, gradient.head.bias, [inner, 1, F], { transposeA: true });
  for (let e = 0; e < embedding; e++) {
    const [from, to] = [e * horizon, (e + 1) * horizon];
    product(
      gradient.decoder.weights.subarray(from * width, to * width),
      outputBasis,
      dRotated.subarray(from * width, to * width),
      [horizon, width, horizon],
    );
    product(gradient.decoder.bias.subarray(from, to), outputBasis, dRotatedBias.subarray(from, to), [
      horizon,
      1,
      horizon,
    ]);
  }
}

/** Adds the derivatives by phi, the encoder and its delta, from those by the fused encoder. */
export function encoderBackward<Data extends RealArray>(
  of: Architecture<Data>,
  fused: Fused<Data>,
  { encoder: dEncoder, bias: dBias }: { encoder: Data; bias: Data },
  parts: Parts<Data>,
  gradient: Parts<Data>,
): void {
  const { variates, inputLength: T, embedding, width, inputBasis } = of;
  addRowsTo(gradient.encoder.bias, dBias);
  const dWeighted = allocateLike(dEncoder, width * T);
  product(dWeighted, dEncoder, inputBasis, [width, T, T], { transposeB: true });
  const dSummed = allocateLike(dEncoder, width * T);
  product(dSummed, dBias, parts.encoderDelta, [width, T, variates], { transposeA: true });
  product(gradient.encoderDelta, dBias, fused.summed, [variates, T, width], { beta: 1 });
  const { phi, encoder: { weights } } = parts;
  const { phi: byPhi, encoder: { weights: byWeights } } = gradient;
  let k = 0;
  for (let i = 0; i < width; i++) {
    const at = k;
    for (let e = 0; e < embedding; e++) {
      const factor = phi[e];
      for (let t = i * T; t < (i + 1) * T; t++, k++) byWeights[k] += factor * dWeighted[t] + dSummed[t];
    }
    // Copies side by side: the sum of one waits for its last term, sums of different ones do not wait for each other.
    for (let t = 0; t < T; t++) {
      const by = dWeighted[i * T + t];
      for (let e = 0; e < embedding; e++) byPhi[e] += by * weights[at + e * T + t];
    }
  }
}

/** `to += factor from` for `count` entries of both; four at a time, as V8 does not unroll loops. */
function addScaledAt(
  to: RealArray,
  toStart: number,
  factor: number,
  from: RealArray,
  fromStart: number,
  count: number,
): void {
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    const i = toStart + k;
    const j = fromStart + k;
    to[i] += factor * from[j];
    to[i + 1] += factor * from[j + 1];
    to[i + 2] += factor * from[j + 2];
    to[i + 3] += factor * from[j + 3];
  }
  for (; k < count; k++) to[toStart + k] += factor * from[fromStart + k];
}

/** Adds an array of rows of `length` to each of the `copies` beside each other in the rows of another. */
function addToCopies(to: RealArray, rows: RealArray, length: number, copies: number): void {
  let k = 0;
  for (let from = 0; from < rows.length; from += length) {
    for (let e = 0; e < copies; e++, k += length) addScaledAt(to, k, 1, rows, from, length);
  }
}

/**
 * A small style-based decoder: modulated layers as in StyleGAN2, for vectors instead of pictures; notes 6.
 */
import { Matrix, type Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import { PIXELS } from "./blobs.ts";

/** Size of a latent. */
export const LATENTS = 16;

/** Size of a style, and of a hidden vector. */
export const FEATURES = 32;

const LAYERS = 3;

/** Factor on the last hidden vector. */
const LAST = 4;

/** Slope of the leaky rectifier below zero, and its gain, as in StyleGAN2. */
const LEAK = 0.2;
const GAIN = Math.SQRT2;

/**
 * A layer whose weights `weights[o, i]` are multiplied by a style s[i], then each row divided by its norm.
 */
export interface ModulatedLayer {
  /** A in `s = A w + bias`, FEATURES x LATENTS. */
  projection: Matrix;
  /** 1 x FEATURES. */
  bias: Matrix;
  /** FEATURES x FEATURES. */
  weights: Matrix;
}

/** All weights; also their gradients. */
export interface Decoder {
  /** The vector that comes into the first layer, 1 x FEATURES. */
  start: Matrix;
  layers: ModulatedLayer[];
  /** PIXELS x FEATURES. */
  output: Matrix;
  /** 1 x PIXELS. */
  outputBias: Matrix;
}

/** A decoder at its start, with free projections. */
export function newDecoder(rng: Rng): Decoder {
  const bound = 1 / Math.sqrt(FEATURES);
  return {
    start: rng.split("start").normalMatrix(1, FEATURES),
    layers: Array.from({ length: LAYERS }, (_, l) => ({
      projection: rng.split(`projection ${l}`).normalMatrix(FEATURES, LATENTS, 1 / Math.sqrt(LATENTS)),
      bias: Matrix.from(1, FEATURES, () => 1),
      weights: rng.split(`weights ${l}`).normalMatrix(FEATURES, FEATURES, bound),
    })),
    output: ((draws) => Matrix.from(PIXELS, FEATURES, () => draws.uniform(-bound, bound)))(
      rng.split("output"),
    ),
    outputBias: Matrix.zeros(1, PIXELS),
  };
}

/** A copy. */
export function copyDecoder({ start, layers, output, outputBias }: Decoder): Decoder {
  return {
    start: start.clone(),
    layers: layers.map(({ projection, bias, weights }) => ({
      projection: projection.clone(),
      bias: bias.clone(),
      weights: weights.clone(),
    })),
    output: output.clone(),
    outputBias: outputBias.clone(),
  };
}

/** What a layer keeps for its gradient, one row for each latent. */
interface LayerTape {
  /** What came in. */
  inputs: Matrix;
  styles: Matrix;
  /** Inputs times styles. */
  modulated: Matrix;
  /** Squared styles. */
  squares: Matrix;
  /** The layer's weights squared. */
  squaredWeights: Matrix;
  /** Products before demodulation. */
  products: Matrix;
  /** One over the norms of the modulated rows of weights. */
  inverseNorms: Matrix;
  /** After the rectifier. */
  outputs: Matrix;
}

/** Pictures, and what their gradient needs. */
export interface DecoderTape {
  w: Matrix;
  layers: LayerTape[];
  pictures: Matrix;
}

/** Pictures of latents, as rows. */
export function decode(decoder: Decoder, w: Matrix): Matrix {
  return forward(decoder, w).pictures;
}

/** Pictures of latents, and what {@linkcode backward} needs. */
export function forward({ start, layers, output, outputBias }: Decoder, w: Matrix): DecoderTape {
  let hidden = Matrix.zeros(w.rows, FEATURES);
  for (let i = 0; i < w.rows; i++) hidden.row(i).set(start.data);
  const tapes = layers.map((layer) => {
    const tape = layerForward(layer, w, hidden);
    hidden = tape.outputs;
    return tape;
  });
  const pictures = filled(w.rows, outputBias);
  matmul(hidden, output, { transposeB: true, alpha: LAST, beta: 1, out: pictures });
  return { w, layers: tapes, pictures };
}

function layerForward({ projection, bias, weights }: ModulatedLayer, w: Matrix, inputs: Matrix): LayerTape {
  const styles = filled(w.rows, bias);
  matmul(w, projection, { transposeB: true, out: styles, beta: 1 });
  const modulated = Matrix.zeros(w.rows, FEATURES);
  const squares = Matrix.zeros(w.rows, FEATURES);
  for (let k = 0; k < styles.data.length; k++) {
    modulated.data[k] = styles.data[k] * inputs.data[k];
    squares.data[k] = styles.data[k] * styles.data[k];
  }
  const squaredWeights = Matrix.zeros(FEATURES, FEATURES);
  for (let k = 0; k < weights.data.length; k++) squaredWeights.data[k] = weights.data[k] * weights.data[k];
  const products = matmul(modulated, weights, { transposeB: true });
  const inverseNorms = matmul(squares, squaredWeights, { transposeB: true });
  const outputs = Matrix.zeros(w.rows, FEATURES);
  for (let k = 0; k < outputs.data.length; k++) {
    const inverse = 1 / Math.sqrt(inverseNorms.data[k] + 1e-8);
    inverseNorms.data[k] = inverse;
    const value = products.data[k] * inverse;
    outputs.data[k] = GAIN * (value > 0 ? value : LEAK * value);
  }
  return { inputs, styles, modulated, squares, squaredWeights, products, inverseNorms, outputs };
}

/**
 * Gradients of a loss, given that by the pictures: by the latents, and by all weights, which is added to what
 * `gradient` holds.
 */
export function backward(decoder: Decoder, tape: DecoderTape, dPictures: Matrix, gradient: Decoder): Matrix {
  const last = tape.layers[LAYERS - 1].outputs;
  matmul(dPictures, last, { transposeA: true, alpha: LAST, beta: 1, out: gradient.output });
  addColumnSums(gradient.outputBias, dPictures);
  let dHidden = matmul(dPictures, decoder.output, { alpha: LAST });
  const dw = Matrix.zeros(tape.w.rows, LATENTS);
  for (let l = LAYERS - 1; l >= 0; l--) {
    dHidden = layerBackward(decoder.layers[l], tape.layers[l], tape.w, dHidden, gradient.layers[l], dw);
  }
  addColumnSums(gradient.start, dHidden);
  return dw;
}

/** Gradient by what came into a layer; those by its weights and by the latents are added to theirs. */
function layerBackward(
  { projection, weights }: ModulatedLayer,
  tape: LayerTape,
  w: Matrix,
  dOutputs: Matrix,
  gradient: ModulatedLayer,
  dw: Matrix,
): Matrix {
  const { inputs, styles, modulated, squares, squaredWeights, products, inverseNorms, outputs } = tape;
  const dProducts = dOutputs;
  // By the squared norms, of which the inverse roots were taken.
  const dNorms = Matrix.zeros(w.rows, FEATURES);
  for (let k = 0; k < dProducts.data.length; k++) {
    const slope = outputs.data[k] > 0 ? GAIN : GAIN * LEAK;
    const inverse = inverseNorms.data[k];
    const d = dOutputs.data[k] * slope * inverse;
    dNorms.data[k] = -0.5 * d * products.data[k] * inverse * inverse;
    dProducts.data[k] = d;
  }
  matmul(dProducts, modulated, { transposeA: true, beta: 1, out: gradient.weights });
  const dSquaredWeights = matmul(dNorms, squares, { transposeA: true });
  for (let k = 0; k < weights.data.length; k++) {
    gradient.weights.data[k] += 2 * weights.data[k] * dSquaredWeights.data[k];
  }
  const dInputs = matmul(dProducts, weights);
  const dStyles = matmul(dNorms, squaredWeights);
  for (let k = 0; k < dInputs.data.length; k++) {
    dStyles.data[k] = 2 * styles.data[k] * dStyles.data[k] + inputs.data[k] * dInputs.data[k];
    dInputs.data[k] *= styles.data[k];
  }
  matmul(dStyles, w, { transposeA: true, beta: 1, out: gradient.projection });
  addColumnSums(gradient.bias, dStyles);
  matmul(dStyles, projection, { beta: 1, out: dw });
  return dInputs;
}

/** A matrix whose rows are all the same. */
function filled(rows: number, row: Matrix): Matrix {
  const out = Matrix.zeros(rows, row.columns);
  for (let i = 0; i < rows; i++) out.data.set(row.data, i * row.columns);
  return out;
}

function addColumnSums(sums: Matrix, a: Matrix): void {
  let k = 0;
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < a.columns; j++, k++) sums.data[j] += a.data[k];
}

import * as tf from "@tensorflow/tfjs";
import { describeValue, requireInteger, requireOptions, requireRng, type Rng } from "../arrays/mod.ts";
import { gelu, layerNorm, selfAttention } from "../tfjs/mod.ts";

/** Sizes of a {@linkcode CharacterTransformer}. */
export interface CharacterTransformerSizes {
  /** Size of the alphabet. */
  alphabet: number;
  /** Characters that are seen at once. */
  length: number;
  /** Width of the residual stream. */
  width: number;
  /** Attention heads; divides the width. */
  heads: number;
  /** Blocks. */
  layers: number;
}

/** Models so far: in tfjs, names of variables must differ between models. */
let models = 0;

/**
 * A decoder-only Transformer with normalization before each part (Radford et al. 2019), for characters.
 *
 * @throws {RangeError} if a size is not a positive integer, or `heads` does not divide `width`.
 * @throws {TypeError} if a size or an option is unknown.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { Rng } from "refigure/arrays";
 * import { CharacterTransformer } from "refigure/training";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const sizes = { alphabet: 5, length: 4, width: 8, heads: 2, layers: 1 };
 * const model = new CharacterTransformer(sizes, { rng: new Rng(0) });
 * // At its start all characters are about equally likely.
 * const loss = model.loss(tf.tensor2d([[0, 1, 2, 3, 4]], [1, 5], "int32"));
 * assertAlmostEquals(loss.dataSync()[0], Math.log(5), 0.1);
 * model.dispose();
 * ```
 */
export class CharacterTransformer {
  /** All weights by name: matrices are `[in, out]`. The names of the tfjs variables end with these. */
  readonly variables: Record<string, tf.Variable> = {};
  readonly #sizes: CharacterTransformerSizes;
  readonly #mask: tf.Tensor;

  /**
   * A model at its start.
   *
   * @param sizes Sizes of all parts.
   * @param options Stream of the weights: normal with standard deviation 0.02, less where a branch ends.
   */
  constructor(sizes: CharacterTransformerSizes, options: { rng: Rng }) {
    requireOptions("sizes", sizes, ["alphabet", "length", "width", "heads", "layers"]);
    requireOptions("options", options, ["rng"]);
    const { alphabet, length, width, heads, layers } = sizes;
    for (const [name, size] of Object.entries({ alphabet, length, width, heads, layers })) {
      requireInteger(name, size, { min: 1 });
    }
    if (width % heads !== 0) {
      throw new RangeError(`\`heads\` must divide \`width\` = ${width}, got ${heads}`);
    }
    const rng = requireRng("rng", options.rng);
    this.#sizes = { alphabet, length, width, heads, layers };
    const model = models++;
    const register = (name: string, value: tf.Tensor) => {
      this.variables[name] = tf.variable(value, true, `transformer${model}/${name}`);
      value.dispose();
    };
    const matrix = (name: string, rows: number, columns: number, scale = 0.02) => {
      const values = Float32Array.from(rng.split(name).normals(rows * columns, scale));
      register(name, tf.tensor2d(values, [rows, columns]));
    };
    const vector = (name: string, n: number, value: number) => register(name, tf.fill([n], value));
    matrix("embedding/tokens", alphabet, width);
    matrix("embedding/positions", length, width);
    for (let l = 0; l < layers; l++) {
      for (const norm of ["norm1", "norm2"]) {
        vector(`${l}/${norm}/gain`, width, 1);
        vector(`${l}/${norm}/shift`, width, 0);
      }
      matrix(`${l}/qkv`, width, 3 * width);
      matrix(`${l}/attended`, width, width, 0.02 / Math.sqrt(2 * layers));
      matrix(`${l}/up`, width, 4 * width);
      matrix(`${l}/down`, 4 * width, width, 0.02 / Math.sqrt(2 * layers));
      vector(`${l}/up/bias`, 4 * width, 0);
      vector(`${l}/down/bias`, width, 0);
    }
    vector("norm/gain", width, 1);
    vector("norm/shift", width, 0);
    matrix("head", width, alphabet);
    this.#mask = tf.keep(tf.tidy(() => {
      const i = tf.range(0, length).expandDims(1);
      const j = tf.range(0, length).expandDims(0);
      return tf.mul(tf.cast(tf.greater(j, i), "float32"), -1e9);
    }));
  }

  /** Mean cross-entropy of the next character, in nats; `tokens` is `[batch, length + 1]`, integers. */
  loss(tokens: tf.Tensor2D): tf.Scalar {
    const { alphabet, length } = this.#sizes;
    const batch = this.#requireTokens(tokens, length + 1);
    const logits = this.logits(tokens.slice([0, 0], [batch, length]));
    const wanted = tf.oneHot(tokens.slice([0, 1], [batch, length]).reshape([batch * length]), alphabet);
    return tf.losses.softmaxCrossEntropy(wanted, logits);
  }

  /** Logits of the next character at every place, `[batch * length, alphabet]`. */
  logits(tokens: tf.Tensor2D): tf.Tensor2D {
    const { width, heads, layers, length } = this.#sizes;
    const w = this.variables;
    const batch = this.#requireTokens(tokens, length);
    const rows = batch * length;
    const product = (x: tf.Tensor, name: string, bias?: tf.Tensor) =>
      tf.fused.matMul({ a: x as tf.Tensor2D, b: w[name] as tf.Tensor as tf.Tensor2D, bias });
    const places = tf.gather(w["embedding/tokens"], tokens.reshape([rows]).toInt()).reshape([
      batch,
      length,
      width,
    ]);
    let x: tf.Tensor = tf.add(places, w["embedding/positions"]).reshape([rows, width]);
    for (let l = 0; l < layers; l++) {
      const seen = layerNorm(x, w[`${l}/norm1/gain`], w[`${l}/norm1/shift`]);
      const qkv = product(seen, `${l}/qkv`).reshape([batch, length, 3 * width]) as tf.Tensor3D;
      const mixed = selfAttention(qkv, { heads, mask: this.#mask });
      x = tf.add(x, product(mixed.reshape([rows, width]), `${l}/attended`));
      const normalized = layerNorm(x, w[`${l}/norm2/gain`], w[`${l}/norm2/shift`]);
      const up = gelu(product(normalized, `${l}/up`, w[`${l}/up/bias`]));
      x = tf.add(x, product(up, `${l}/down`, w[`${l}/down/bias`]));
    }
    return product(layerNorm(x, w["norm/gain"], w["norm/shift"]), "head") as tf.Tensor2D;
  }

  /** Returns how many windows of `width` characters there are. @throws {TypeError | RangeError} */
  #requireTokens(tokens: tf.Tensor2D, width: number): number {
    if (!(tokens instanceof tf.Tensor)) {
      throw new TypeError(`\`tokens\` must be a tensor, got ${describeValue(tokens)}`);
    }
    const [batch, columns] = tokens.shape;
    if (tokens.shape.length !== 2 || columns !== width) {
      throw new RangeError(`\`tokens\` must be [batch, ${width}], got [${tokens.shape}]`);
    }
    if (this.#mask.isDisposed) throw new Error("The model is disposed: make a new one");
    return batch;
  }

  /** Frees all tensors. */
  dispose(): void {
    tf.dispose([this.variables, this.#mask]);
  }
}

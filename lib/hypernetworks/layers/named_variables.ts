/** The variables of a graph hypernetwork by name, and the operations with them. Not public. */
import * as tf from "@tensorflow/tfjs";
import type { Rng } from "../../arrays/mod.ts";
import { layerNorm } from "../../tfjs/operations.ts";

/** Tables, dense layers and normalizations, each variable at its start until it is trained. */
export class NamedVariables {
  readonly #rng: Rng;
  readonly #variables = new Map<string, tf.Variable>();

  /** None yet. @param rng Each table and layer has a stream of its own, split by its name. */
  constructor(rng: Rng) {
    this.#rng = rng;
  }

  /** All of them, in the order of their creation. */
  get all(): tf.Variable[] {
    return [...this.#variables.values()];
  }

  /** Frees them. */
  dispose(): void {
    for (const variable of this.all) variable.dispose();
    this.#variables.clear();
  }

  /** A variable whose entry k is `value(k)`. */
  create(name: string, shape: number[], value: (k: number) => number): void {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => value(k));
    const start = tf.tensor(values, shape);
    this.#variables.set(name, tf.variable(start));
    start.dispose();
  }

  /** A table, truncated normal. */
  createTable(name: string, rows: number, columns: number, scale: number): void {
    const stream = this.#rng.split(name);
    this.create(name, [rows, columns], () => scale * truncatedNormal(stream));
  }

  /** Gain 1 and shift 0 of a normalization. */
  createNorm(name: string, width: number): void {
    this.create(`${name} gain`, [width], () => 1);
    this.create(`${name} shift`, [width], () => 0);
  }

  /** A dense layer, uniform in ± `scale` / sqrt(inputs). */
  createDense(
    name: string,
    inputs: number,
    outputs: number,
    { useBias = true, scale = 1 }: { useBias?: boolean; scale?: number } = {},
  ): void {
    const bound = scale / Math.sqrt(inputs);
    const stream = this.#rng.split(name);
    this.create(`${name} weight`, [inputs, outputs], () => stream.uniform(-bound, bound));
    if (useBias) this.create(`${name} bias`, [outputs], () => stream.uniform(-bound, bound));
  }

  /** Rows of a table, as a product with ones: the gradient of `tf.gather` is slower by far. */
  lookup(name: string, rows: readonly number[]): tf.Tensor {
    const table = this.#variables.get(name)! as tf.Variable<tf.Rank.R2>;
    return tf.matMul(selection(rows, table.shape[0]), table);
  }

  /** Layer normalization. */
  norm(name: string, x: tf.Tensor): tf.Tensor {
    return layerNorm(x, this.#variables.get(`${name} gain`)!, this.#variables.get(`${name} shift`)!);
  }

  /** A dense layer, or those of its outputs that are asked for. */
  dense(name: string, x: tf.Tensor, outputs?: { from: number; count: number }): tf.Tensor {
    let weight: tf.Tensor = this.#variables.get(`${name} weight`)!;
    let bias: tf.Tensor | undefined = this.#variables.get(`${name} bias`);
    if (outputs !== undefined) {
      weight = tf.slice(weight, [0, outputs.from], [weight.shape[0], outputs.count]);
      if (bias !== undefined) bias = tf.slice(bias, outputs.from, outputs.count);
    }
    const y = tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D);
    return bias === undefined ? y : tf.add(y, bias);
  }
}

/** A matrix that selects rows of another by a product with it. */
export function selection(rows: ArrayLike<number>, count: number): tf.Tensor2D {
  const ones = new Float32Array(rows.length * count);
  for (let i = 0; i < rows.length; i++) ones[i * count + rows[i]] = 1;
  return tf.tensor2d(ones, [rows.length, count]);
}

/** A standard normal number within two standard deviations. */
function truncatedNormal(rng: Rng): number {
  for (;;) {
    const value = rng.normal();
    if (Math.abs(value) <= 2) return value;
  }
}

import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../lib/arrays/mod.ts";

/** Number types of tensors. */
export type NumberType = "float32" | "int32" | "bool";

/** What fast-check chooses. */
export interface Choice {
  seed: number;
  shape: number[];
  dtype: NumberType;
}

const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -2, 90, -90];

/** Random tensors and options, the same for the same choice. */
export class Draw {
  readonly #rng: Rng;

  constructor(readonly choice: Choice) {
    this.#rng = new Rng(choice.seed);
  }

  /** An integer of `low..high`. */
  int(low: number, high: number): number {
    return low + Math.min(high - low, Math.floor(this.#rng.uniform() * (high - low + 1)));
  }

  /** One of these. */
  of<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)];
  }

  flip(): boolean {
    return this.int(0, 1) === 1;
  }

  /** Numbers of any kind, special ones among them. */
  tensor(shape: number[] = this.choice.shape, dtype: NumberType = this.choice.dtype): tf.Tensor {
    const values = Array.from({ length: tf.util.sizeFromShape(shape) }, () => {
      if (dtype === "bool") return this.int(0, 1);
      if (dtype === "int32") return this.int(-5, 5);
      return this.int(0, 9) === 0 ? this.of(SPECIAL) : this.#rng.normals(1, 3)[0];
    });
    return tf.tensor(values, shape, dtype);
  }

  /** Ordinary floats. */
  floats(...shape: number[]): tf.Tensor {
    return tf.tensor(Float32Array.from(this.#rng.normals(tf.util.sizeFromShape(shape))), shape);
  }

  /** Integers of `low..high`. */
  ints(shape: number[], low: number, high: number): tf.Tensor {
    const values = Array.from({ length: tf.util.sizeFromShape(shape) }, () => this.int(low, high));
    return tf.tensor(values, shape, "int32");
  }

  /** The chosen shape with at least `rank` axes. */
  shapeOf(rank: number): number[] {
    const { shape } = this.choice;
    return shape.length >= rank ? shape : [...shape, ...[2, 3, 1, 2].slice(0, rank - shape.length)];
  }

  /** A shape that broadcasts with this one. */
  broadcast(shape: number[] = this.choice.shape): number[] {
    return shape.slice(this.int(0, shape.length)).map((n) => this.int(0, 2) === 0 ? 1 : n);
  }

  /** An axis, negative or not. */
  axis(rank: number): number {
    return this.int(-rank, rank - 1);
  }

  /** Different axes, negative or not; undefined for all. */
  axes(rank: number): number[] | undefined {
    const chosen: number[] = [];
    for (let axis = 0; axis < rank; axis++) if (this.flip()) chosen.push(this.flip() ? axis : axis - rank);
    return chosen.length > 0 ? chosen : undefined;
  }

  /** A permutation of the axes. */
  permutation(rank: number): number[] {
    const order = Array.from({ length: rank }, (_, i) => i);
    for (let i = rank - 1; i > 0; i--) {
      const j = this.int(0, i);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }
}

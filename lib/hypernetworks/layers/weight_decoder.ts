/** Decoders: the weights of a node from its vector. Not public. */
import * as tf from "@tensorflow/tfjs";
import type { ArchNode } from "../arch_graph.ts";
import { factorRows } from "../low_rank_decoder.ts";
import type { HypernetworkSizes } from "../parameter_counts.ts";
import type { NamedVariables } from "./named_variables.ts";

/** The weights of the node in a row of the vectors. */
export type Decode = (row: number, shape: readonly number[], classifier: boolean) => tf.Tensor;
type LowRank = Extract<HypernetworkSizes["decoder"], { kind: "lowRank" }>;
type Tile = Extract<HypernetworkSizes["decoder"], { kind: "tile" }>;

/** Creates the variables of a decoder. */
export function createDecoder(
  variables: NamedVariables,
  { hidden: d, classes, decoder }: Required<HypernetworkSizes>,
): void {
  if (decoder.kind === "lowRank") {
    const { rank, maxSize } = decoder;
    variables.createDense("decoder 1", d, 4 * d);
    variables.createDense("decoder 2", 4 * d, 8 * d);
    variables.createDense("decoder 3", 8 * d, 2 * rank ** 2);
    variables.createDense("decoder 4", rank, maxSize);
    return;
  }
  const { maxKernel = 16 } = decoder;
  variables.createDense("decoder 1", d, 4 * d * maxKernel ** 2);
  variables.createDense("decoder 2", 4 * d, 8 * d);
  variables.createDense("decoder 3", 8 * d, d * d, { scale: 0.2 });
  variables.createDense("vectors 1", d, 2 * d);
  variables.createDense("vectors 2", 2 * d, 2 * d, { scale: 0.2 });
  variables.createDense("class weights", d, classes, { scale: 0.2 });
  variables.createDense("class biases", d, classes);
}

/** How the weights of some nodes follow from their vectors, one row of `h` per node. */
export function decoderOf(
  variables: NamedVariables,
  sizes: Required<HypernetworkSizes>,
  h: tf.Tensor2D,
  nodes: readonly Required<ArchNode>[],
): Decode {
  const { decoder } = sizes;
  return decoder.kind === "lowRank"
    ? lowRankProduct(variables, decoder, h, nodes)
    : tiled(variables, sizes, decoder, h);
}

/** Weights as products of two factors; of the seeds and outputs only as many as the largest shape uses. */
function lowRankProduct(
  variables: NamedVariables,
  { rank, maxSize, layout = "official" }: LowRank,
  h: tf.Tensor2D,
  nodes: readonly Required<ArchNode>[],
): Decode {
  const n = nodes.length;
  const hidden = tf.relu(variables.dense("decoder 2", tf.relu(variables.dense("decoder 1", h))));
  const seeds = tf.reshape(tf.relu(variables.dense("decoder 3", hidden)), [n, 2, rank, rank]);
  const transposed = layout === "transposed";
  const most = nodes.flatMap(({ shape }) => factorRows(shape)).reduce((a, b) => Math.max(a, b));
  const length = transposed ? most : most * rank;
  const count = transposed ? rank : Math.ceil(length / maxSize);
  const outputs = Math.min(length, maxSize);
  const used = tf.reshape(tf.slice(seeds, [0, 0, 0, 0], [n, 2, count, rank]), [2 * n * count, rank]);
  const array = variables.dense("decoder 4", used, { from: 0, count: outputs });
  const halves = tf.unstack(
    transposed
      ? tf.reshape(tf.transpose(tf.reshape(array, [2 * n, rank, outputs]), [0, 2, 1]), [2 * n, -1])
      : tf.reshape(array, [2 * n, -1]),
  );
  const factor = (row: number, half: number, rows: number) =>
    tf.reshape(tf.slice(halves[2 * row + half], 0, rows * rank), [rows, rank]) as tf.Tensor2D;
  return (row, shape) => {
    const [outputs, inputs, height = 1, width = 1] = shape;
    const [rows, columns] = factorRows(shape);
    const product = tf.matMul(factor(row, 0, rows), factor(row, 1, columns), false, true);
    if (shape.length === 1) return tf.reshape(product, [2, outputs]);
    if (shape.length === 2) return product;
    return tf.transpose(tf.reshape(product, [outputs, height, inputs, width]), [0, 2, 1, 3]);
  };
}

/** Weights as a tile, repeated and cropped. */
function tiled(
  variables: NamedVariables,
  { hidden: d, classes }: Required<HypernetworkSizes>,
  { maxKernel = 16 }: Tile,
  h: tf.Tensor2D,
): Decode {
  return (row, shape, classifier) => {
    const [outputs, inputs, height = 1, width = 1] = shape;
    const vector = tf.slice(h, [row, 0], [1, d]);
    if (shape.length === 1) {
      const pair = variables.dense("vectors 2", tf.relu(variables.dense("vectors 1", vector)));
      const tile = tf.reshape(pair, [2, d]);
      return repeat(classifier ? variables.dense("class biases", tf.relu(tile)) : tile, [2, outputs]);
    }
    // The positions in the middle of the largest kernel, one after another.
    const top = Math.floor((maxKernel - height) / 2);
    const left = Math.floor((maxKernel - width) / 2);
    const positions = Array.from({ length: height }, (_, y) =>
      tf.reshape(
        variables.dense("decoder 1", vector, {
          from: 4 * d * ((top + y) * maxKernel + left),
          count: 4 * d * width,
        }),
        [width, 4 * d],
      ));
    const inner = tf.relu(variables.dense("decoder 2", tf.relu(tf.concat(positions, 0))));
    // Kernel positions, inputs, outputs.
    let tile: tf.Tensor = tf.reshape(variables.dense("decoder 3", inner), [height * width, d, d]);
    if (classifier) {
      tile = tf.reshape(variables.dense("class weights", tf.reshape(tf.relu(tile), [-1, d])), [
        height * width,
        d,
        classes,
      ]);
    }
    const full = tf.transpose(repeat(tile, [height * width, inputs, outputs]), [2, 1, 0]);
    return tf.reshape(full, [...shape]);
  };
}

/** Repeats a tensor along each axis and crops it. */
function repeat(tile: tf.Tensor, shape: number[]): tf.Tensor {
  const times = shape.map((size, axis) => Math.ceil(size / tile.shape[axis]));
  return tf.slice(tf.tile(tile, times), shape.map(() => 0), shape);
}

/** @throws {RangeError} if the decoder cannot make the weights of a node. */
export function requireDecodable(
  name: string,
  { shape, classifier = false }: ArchNode,
  { decoder, classes }: Required<HypernetworkSizes>,
): void {
  if (shape === undefined) return;
  if (decoder.kind === "lowRank") {
    const width = factorRows(shape).reduce((a, b) => Math.max(a, b));
    if (width > decoder.maxSize) {
      throw new RangeError(
        `\`${name}.shape\` must fit the decoder: width ${width} exceeds the supported K = ${decoder.maxSize}`,
      );
    }
    return;
  }
  const [outputs, , height = 1, width = 1] = shape;
  const { maxKernel = 16 } = decoder;
  if (Math.max(height, width) > maxKernel) {
    throw new RangeError(`\`${name}.shape\` must have kernels of at most ${maxKernel}, got [${shape}]`);
  }
  if (classifier && outputs !== classes) {
    throw new RangeError(`\`${name}.shape\` must have ${classes} outputs as \`classes\`, got [${shape}]`);
  }
}

import * as tf from "@tensorflow/tfjs";
import { describeValue, requireOptions, requireRng, type Rng } from "../../arrays/mod.ts";
import { gelu, layerNorm } from "../../tfjs/operations.ts";
import {
  type ArchGraph,
  type ArchNode,
  distancesFrom,
  operationTypes,
  requireGraph,
  shortestPaths,
  successors,
} from "../arch_graph.ts";
import { factorRows } from "../low_rank_decoder.ts";
import { type HypernetworkSizes, requireSizes, TABLE_ROWS } from "../parameter_counts.ts";
import { normalizePrediction } from "./normalize_prediction.ts";

/** Options of {@linkcode GraphHyperNetwork}. */
export interface GraphHyperNetworkOptions extends HypernetworkSizes {
  /** Stream of the start. */
  rng: Rng;
}

/** Sizes of kernels with a row of their own in the table, in its order. */
const KERNELS = [1, 3, 5, 7, 9, 11, 13, 15, 14, 16];
/** Row of a size that a node does not have. */
const NO_CHANNELS = TABLE_ROWS.channels - 1;
const NO_KERNEL = TABLE_ROWS.kernels - 1;
/** Longest path between nodes that their attention sees. */
const CUTOFF = 50;
/** Added to the logits of attention between nodes of different graphs. */
const APART = -(2 ** 15);

/**
 * A graph hypernetwork: a Graphormer reads the graph of a network, and a decoder makes the weights of every
 * node from its vector. With the low-rank decoder it is LoGAH (Zhou et al. 2024, section 3), with the tile
 * decoder GHN-3 (Knyazev et al. 2023), which repeats one tile of `hidden` x `hidden` channels over wider layers.
 *
 * Gradients pass through {@linkcode GraphHyperNetwork.predict}: to train, predict weights, apply the network
 * with them to data, and minimize its loss over {@linkcode GraphHyperNetwork.variables}.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { Rng } from "refigure/arrays";
 * import { mlpGraph } from "refigure/hypernetworks";
 * import { GraphHyperNetwork } from "refigure/hypernetworks/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const decoder = { kind: "lowRank", rank: 4, maxSize: 128 } as const;
 * const network = new GraphHyperNetwork({ hidden: 8, layers: 1, heads: 2, decoder, rng: new Rng(0) });
 * const weights = network.predict(mlpGraph([5, 40, 10]));
 * assertEquals(weights.map(({ shape }) => shape), [[40, 5], [40], [10, 40], [10]]);
 * ```
 */
export class GraphHyperNetwork {
  readonly #sizes: Required<HypernetworkSizes>;
  readonly #variables = new Map<string, tf.Variable>();

  /**
   * A network with random weights: dense layers uniform in ±1/sqrt(inputs), tables truncated normal with
   * standard deviation 1/sqrt(hidden), distances of edges as sines and cosines.
   *
   * @param options Sizes and stream.
   * @throws {RangeError} if a size is not a positive integer, or `hidden` is not a multiple of 4 and of `heads`.
   * @throws {TypeError} if an argument is of the wrong type or a name is unknown.
   */
  constructor(options: GraphHyperNetworkOptions) {
    requireOptions("options", options, ["hidden", "layers", "heads", "classes", "decoder", "rng"]);
    const { rng, ...sizes } = options;
    requireSizes("options", sizes);
    requireRng("rng", rng);
    this.#sizes = { classes: 1000, ...sizes };
    this.#createEncoder(rng);
    this.#createDecoder(rng);
  }

  /** All variables, to be trained; they belong to the network. */
  get variables(): tf.Variable[] {
    return [...this.#variables.values()];
  }

  /**
   * Number of numbers in {@linkcode GraphHyperNetwork.variables}: what `hypernetworkParameterCount` counts, but
   * without the linear layer and the placeholders that nothing uses.
   */
  parameterCount(): number {
    return this.variables.reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * The vectors of the nodes, after the Graphormer.
   *
   * @param graph The network.
   * @returns nodes x hidden.
   * @throws {Error} if the graph has a cycle.
   * @throws {RangeError} if a part of the graph is out of range.
   * @throws {TypeError} if an argument is of the wrong type or a name is unknown.
   */
  embeddings(graph: ArchGraph): tf.Tensor2D {
    requireGraph("graph", graph);
    return this.#embeddings([graph]);
  }

  /** Vectors of the nodes of all graphs, one below the other. */
  #embeddings(graphs: readonly ArchGraph[]): tf.Tensor2D {
    return tf.tidy(() => {
      let x = tf.add(this.#nodeVectors(graphs.flatMap(({ nodes }) => nodes)), this.#places(graphs));
      const bias = this.#edgeBias(graphs);
      for (let layer = 0; layer < this.#sizes.layers; layer++) {
        const name = `layer ${layer}`;
        x = tf.add(x, this.#attention(name, this.#norm(`${name} norm 1`, x), bias));
        const inner = gelu(this.#dense(`${name} in`, this.#norm(`${name} norm 2`, x)));
        x = tf.add(x, this.#dense(`${name} out`, inner));
      }
      return this.#norm("norm", x) as tf.Tensor2D;
    });
  }

  /**
   * The weights of a network, normalized ({@linkcode normalizePrediction}).
   *
   * @param graph The network.
   * @returns One tensor for each node with a `shape`, in their order and of that shape; of nodes `"bn"` and `"ln"`
   * `[2, channels]`, gains and shifts.
   * @throws {Error} if the graph has a cycle.
   * @throws {RangeError} if a part of the graph is out of range, or a shape is larger than the decoder allows.
   * @throws {TypeError} if an argument is of the wrong type or a name is unknown.
   */
  predict(graph: ArchGraph): tf.Tensor[] {
    this.#requireReadable("graph", graph);
    return this.#predict([graph])[0];
  }

  /**
   * The weights of several networks at once, those of {@linkcode GraphHyperNetwork.predict}: faster than one
   * after another, above all with gradients.
   *
   * @param graphs The networks.
   * @returns For each network a tensor for each node with a `shape`.
   * @throws {Error} if a graph has a cycle.
   * @throws {RangeError} if a part of a graph is out of range, or a shape is larger than the decoder allows.
   * @throws {TypeError} if an argument is of the wrong type or a name is unknown.
   */
  predictAll(graphs: readonly ArchGraph[]): tf.Tensor[][] {
    if (!Array.isArray(graphs)) {
      throw new TypeError(`\`graphs\` must be an array of graphs, got ${describeValue(graphs)}`);
    }
    graphs.forEach((graph, i) => this.#requireReadable(`graphs[${i}]`, graph));
    return this.#predict(graphs);
  }

  #predict(graphs: readonly ArchGraph[]): tf.Tensor[][] {
    return tf.tidy(() => {
      const all = graphs.flatMap(({ nodes }) => nodes);
      const indices = all.flatMap(({ shape }, i) => shape === undefined ? [] : [i]);
      if (indices.length === 0) return graphs.map(() => []);
      const nodes = indices.map((index) => all[index] as Required<ArchNode>);
      const h = tf.gather(this.#embeddings(graphs), indices) as tf.Tensor2D;
      const decode = this.#sizes.decoder.kind === "lowRank" ? this.#lowRank(h, nodes) : this.#tile(h);
      const weights = nodes.map(({ op, shape, classifier = false }, row) => {
        const raw = decode(row, shape, classifier);
        if (shape.length > 1) return normalizePrediction(raw);
        const [gain, shift] = tf.unstack(raw);
        const bias = normalizePrediction(shift, { kind: "bias" });
        return op === "bias" ? bias : tf.stack([normalizePrediction(gain, { kind: "gain" }), bias]);
      });
      let from = 0;
      return graphs.map(({ nodes }) => {
        const count = nodes.filter(({ shape }) => shape !== undefined).length;
        from += count;
        return weights.slice(from - count, from);
      });
    });
  }

  /** Frees the variables. */
  dispose(): void {
    for (const variable of this.variables) variable.dispose();
    this.#variables.clear();
  }

  #createEncoder(rng: Rng): void {
    const { hidden: d, layers, heads } = this.#sizes;
    const { channels, kernels, degrees, distances, edges } = TABLE_ROWS;
    this.#createTable("types", operationTypes.length, d, rng);
    this.#createTable("channels", channels, d / 4, rng);
    this.#createTable("kernels", kernels, d / 4, rng);
    this.#createTable("in-degrees", degrees, d, rng);
    this.#createTable("out-degrees", degrees, d, rng);
    this.#createTable("distances", distances, d, rng);
    this.#create("edges", [edges, d], (k) => {
      const angle = Math.floor(k / d) * 10000 ** (-2 * Math.floor(k % d / 2) / d);
      return k % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    });
    this.#createDense("edges in", 2 * d, d, rng);
    this.#createDense("edges out", d, heads, rng);
    for (let layer = 0; layer < layers; layer++) {
      const name = `layer ${layer}`;
      this.#createNorm(`${name} norm 1`);
      this.#createDense(`${name} qkv`, d, 3 * d, rng, { useBias: false });
      this.#createDense(`${name} attention`, d, d, rng);
      this.#createNorm(`${name} norm 2`);
      this.#createDense(`${name} in`, d, 4 * d, rng);
      this.#createDense(`${name} out`, 4 * d, d, rng);
    }
    this.#createNorm("norm");
  }

  #createDecoder(rng: Rng): void {
    const { hidden: d, classes, decoder } = this.#sizes;
    if (decoder.kind === "lowRank") {
      const { rank, maxSize } = decoder;
      this.#createDense("decoder 1", d, 4 * d, rng);
      this.#createDense("decoder 2", 4 * d, 8 * d, rng);
      this.#createDense("decoder 3", 8 * d, 2 * rank ** 2, rng);
      this.#createDense("decoder 4", rank, maxSize, rng);
      return;
    }
    const { maxKernel = 16 } = decoder;
    this.#createDense("decoder 1", d, 4 * d * maxKernel ** 2, rng);
    this.#createDense("decoder 2", 4 * d, 8 * d, rng);
    this.#createDense("decoder 3", 8 * d, d * d, rng, { scale: 0.2 });
    this.#createDense("vectors 1", d, 2 * d, rng);
    this.#createDense("vectors 2", 2 * d, 2 * d, rng, { scale: 0.2 });
    this.#createDense("class weights", d, classes, rng, { scale: 0.2 });
    this.#createDense("class biases", d, classes, rng);
  }

  /** Embeddings of types and shapes. */
  #nodeVectors(nodes: readonly ArchNode[]): tf.Tensor {
    const types = nodes.map(({ op }) => operationTypes.indexOf(op));
    const rows = nodes.map(({ shape }) => shapeRows(shape, this.#sizes.classes));
    const pieces = [0, 1, 2, 3].map((part) =>
      this.#lookup(part < 2 ? "channels" : "kernels", rows.map((row) => row[part]))
    );
    return tf.add(this.#lookup("types", types), tf.concat(pieces, 1));
  }

  /** Embeddings of degrees and of distances from the input. */
  #places(graphs: readonly ArchGraph[]): tf.Tensor {
    const places = graphs.flatMap((graph) => {
      const next = successors(graph);
      const incoming = new Int32Array(graph.nodes.length);
      for (const [, to] of graph.edges) incoming[to]++;
      const distances = distancesFrom(next, 0);
      return graph.nodes.map((_, i) => ({
        incoming: Math.min(incoming[i], TABLE_ROWS.degrees - 1),
        outgoing: Math.min(next[i].length, TABLE_ROWS.degrees - 1),
        // Nodes that the input does not reach are taken to be at its place.
        distance: distances[i] === Infinity ? 0 : Math.min(distances[i], TABLE_ROWS.distances - 1),
      }));
    });
    return tf.addN([
      this.#lookup("in-degrees", places.map(({ incoming }) => incoming)),
      this.#lookup("out-degrees", places.map(({ outgoing }) => outgoing)),
      this.#lookup("distances", places.map(({ distance }) => distance)),
    ]);
  }

  /** What is added to the logits of the attention, heads x nodes x nodes. */
  #edgeBias(graphs: readonly ArchGraph[]): tf.Tensor3D {
    const n = graphs.reduce((sum, { nodes }) => sum + nodes.length, 0);
    // Few of the pairs of distances forward and backward differ; pairs of different graphs are as those without path.
    const distinct = new Map<string, number>([["0 0", 0]]);
    const lengths: [number, number][] = [[0, 0]];
    const pairOf = new Int32Array(n * n);
    const apart = new Float32Array(n * n).fill(APART);
    let from = 0;
    for (const graph of graphs) {
      const size = graph.nodes.length;
      const forward = shortestPaths(graph, { cutoff: CUTOFF });
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          const pair: [number, number] = [forward[i * size + j], forward[j * size + i]];
          const key = pair.join(" ");
          if (!distinct.has(key)) distinct.set(key, lengths.push(pair) - 1);
          pairOf[(from + i) * n + from + j] = distinct.get(key)!;
          apart[(from + i) * n + from + j] = 0;
        }
      }
      from += size;
    }
    const vectors = tf.concat([
      this.#lookup("edges", lengths.map(([forward]) => forward + 2)),
      this.#lookup("edges", lengths.map(([, backward]) => backward + 2)),
    ], 1);
    const biases = this.#dense("edges out", tf.relu(this.#dense("edges in", vectors)));
    const bias = tf.matMul(biases as tf.Tensor2D, selection(pairOf, lengths.length), true, true);
    const perHead = tf.reshape(bias, [this.#sizes.heads, n, n]) as tf.Tensor3D;
    return graphs.length === 1 ? perHead : tf.add(perHead, tf.tensor2d(apart, [n, n]));
  }

  #attention(name: string, x: tf.Tensor, bias: tf.Tensor3D): tf.Tensor {
    const { hidden, heads } = this.#sizes;
    const n = x.shape[0];
    const size = hidden / heads;
    const split = tf.transpose(tf.reshape(this.#dense(`${name} qkv`, x), [n, 3, heads, size]), [1, 2, 0, 3]);
    const [q, k, v] = tf.unstack(split);
    const logits = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(size)), bias);
    const mixed = tf.transpose(tf.matMul(tf.softmax(logits), v), [1, 0, 2]);
    return this.#dense(`${name} attention`, tf.reshape(mixed, [n, hidden]));
  }

  /** Weights as products of two factors; of the seeds and outputs only as many as the largest shape uses. */
  #lowRank(h: tf.Tensor2D, nodes: readonly Required<ArchNode>[]): Decode {
    const { rank, maxSize, layout = "official" } = this.#sizes.decoder as LowRank;
    const n = nodes.length;
    const hidden = tf.relu(this.#dense("decoder 2", tf.relu(this.#dense("decoder 1", h))));
    const seeds = tf.reshape(tf.relu(this.#dense("decoder 3", hidden)), [n, 2, rank, rank]);
    const transposed = layout === "transposed";
    const most = nodes.flatMap(({ shape }) => factorRows(shape)).reduce((a, b) => Math.max(a, b));
    const length = transposed ? most : most * rank;
    const count = transposed ? rank : Math.ceil(length / maxSize);
    const outputs = Math.min(length, maxSize);
    const used = tf.reshape(tf.slice(seeds, [0, 0, 0, 0], [n, 2, count, rank]), [2 * n * count, rank]);
    const array = this.#dense("decoder 4", used, { from: 0, count: outputs });
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
  #tile(h: tf.Tensor2D): Decode {
    const { hidden: d, decoder } = this.#sizes;
    const { maxKernel = 16 } = decoder as Tile;
    return (row, shape, classifier) => {
      const [outputs, inputs, height = 1, width = 1] = shape;
      const vector = tf.slice(h, [row, 0], [1, d]);
      if (shape.length === 1) {
        const pair = this.#dense("vectors 2", tf.relu(this.#dense("vectors 1", vector)));
        const tile = tf.reshape(pair, [2, d]);
        return repeat(classifier ? this.#dense("class biases", tf.relu(tile)) : tile, [2, outputs]);
      }
      // The positions in the middle of the largest kernel, one after another.
      const top = Math.floor((maxKernel - height) / 2);
      const left = Math.floor((maxKernel - width) / 2);
      const positions = Array.from({ length: height }, (_, y) =>
        tf.reshape(
          this.#dense("decoder 1", vector, {
            from: 4 * d * ((top + y) * maxKernel + left),
            count: 4 * d * width,
          }),
          [width, 4 * d],
        ));
      const inner = tf.relu(this.#dense("decoder 2", tf.relu(tf.concat(positions, 0))));
      // Kernel positions, inputs, outputs.
      let tile: tf.Tensor = tf.reshape(this.#dense("decoder 3", inner), [height * width, d, d]);
      if (classifier) {
        tile = tf.reshape(this.#dense("class weights", tf.reshape(tf.relu(tile), [-1, d])), [
          height * width,
          d,
          this.#sizes.classes,
        ]);
      }
      const full = tf.transpose(repeat(tile, [height * width, inputs, outputs]), [2, 1, 0]);
      return tf.reshape(full, [...shape]);
    };
  }

  /** @throws {Error | RangeError | TypeError} */
  #requireReadable(name: string, graph: ArchGraph): void {
    requireGraph(name, graph);
    graph.nodes.forEach((node, i) => this.#requireFits(`${name}.nodes[${i}]`, node));
  }

  /** @throws {RangeError} */
  #requireFits(name: string, { shape, classifier = false }: ArchNode): void {
    if (shape === undefined) return;
    const { decoder, classes } = this.#sizes;
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

  #create(name: string, shape: number[], value: (k: number) => number): void {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => value(k));
    const start = tf.tensor(values, shape);
    this.#variables.set(name, tf.variable(start));
    start.dispose();
  }

  #createTable(name: string, rows: number, columns: number, rng: Rng): void {
    const stream = rng.split(name);
    const scale = 1 / Math.sqrt(this.#sizes.hidden);
    this.#create(name, [rows, columns], () => scale * truncatedNormal(stream));
  }

  #createNorm(name: string): void {
    const { hidden } = this.#sizes;
    this.#create(`${name} gain`, [hidden], () => 1);
    this.#create(`${name} shift`, [hidden], () => 0);
  }

  #createDense(
    name: string,
    inputs: number,
    outputs: number,
    rng: Rng,
    { useBias = true, scale = 1 }: { useBias?: boolean; scale?: number } = {},
  ): void {
    const bound = scale / Math.sqrt(inputs);
    const stream = rng.split(name);
    this.#create(`${name} weight`, [inputs, outputs], () => stream.uniform(-bound, bound));
    if (useBias) this.#create(`${name} bias`, [outputs], () => stream.uniform(-bound, bound));
  }

  /** Rows of a table, as a product with ones: the gradient of `tf.gather` is slower by far. */
  #lookup(name: string, rows: readonly number[]): tf.Tensor {
    const table = this.#variables.get(name)! as tf.Variable<tf.Rank.R2>;
    return tf.matMul(selection(rows, table.shape[0]), table);
  }

  #norm(name: string, x: tf.Tensor): tf.Tensor {
    return layerNorm(x, this.#variables.get(`${name} gain`)!, this.#variables.get(`${name} shift`)!);
  }

  /** A dense layer, or those of its outputs that are asked for. */
  #dense(name: string, x: tf.Tensor, outputs?: { from: number; count: number }): tf.Tensor {
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
function selection(rows: ArrayLike<number>, count: number): tf.Tensor2D {
  const ones = new Float32Array(rows.length * count);
  for (let i = 0; i < rows.length; i++) ones[i * count + rows[i]] = 1;
  return tf.tensor2d(ones, [rows.length, count]);
}

type Decode = (row: number, shape: readonly number[], classifier: boolean) => tf.Tensor;
type LowRank = Extract<HypernetworkSizes["decoder"], { kind: "lowRank" }>;
type Tile = Extract<HypernetworkSizes["decoder"], { kind: "tile" }>;

/** Repeats a tensor along each axis and crops it. */
function repeat(tile: tf.Tensor, shape: number[]): tf.Tensor {
  const times = shape.map((size, axis) => Math.ceil(size / tile.shape[axis]));
  return tf.slice(tf.tile(tile, times), shape.map(() => 0), shape);
}

/** Rows of the tables for outputs, inputs, height and width. */
function shapeRows(shape: readonly number[] | undefined, classes: number): number[] {
  if (shape === undefined) return [NO_CHANNELS, NO_CHANNELS, NO_KERNEL, NO_KERNEL];
  const [outputs, inputs = 1, height = 1, width = 1] = shape;
  return [channelRow(outputs, classes), channelRow(inputs, classes), kernelRow(height), kernelRow(width)];
}

/** Row of a number of channels: 1, 3 and the number of classes, then 8 to 56, 64 to 4080 and 4096 to 8192. */
function channelRow(channels: number, classes: number): number {
  const exact = [1, 3, classes].indexOf(channels);
  if (exact >= 0) return exact;
  const candidates = [1, 3, classes, ...CHANNELS];
  return nearestIndex(candidates, channels);
}

/** 8 to 56 by 8, 64 to 4080 by 16, 4096 to 8192 by 32. */
const CHANNELS = [
  ...Array.from({ length: 7 }, (_, i) => 8 * (i + 1)),
  ...Array.from({ length: 252 }, (_, i) => 64 + 16 * i),
  ...Array.from({ length: 129 }, (_, i) => 4096 + 32 * i),
];

function kernelRow(size: number): number {
  return nearestIndex(KERNELS, size);
}

function nearestIndex(values: readonly number[], value: number): number {
  let best = 0;
  values.forEach((other, i) => {
    if (Math.abs(other - value) < Math.abs(values[best] - value)) best = i;
  });
  return best;
}

/** A standard normal number within two standard deviations. */
function truncatedNormal(rng: Rng): number {
  for (;;) {
    const value = rng.normal();
    if (Math.abs(value) <= 2) return value;
  }
}

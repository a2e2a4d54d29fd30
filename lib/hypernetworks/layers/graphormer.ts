/** The Graphormer that reads the graph of a network (Ying et al. 2021, as in GHN-3). Not public. */
import * as tf from "@tensorflow/tfjs";
import { gelu } from "../../tfjs/operations.ts";
import {
  type ArchGraph,
  type ArchNode,
  distancesFrom,
  operationTypes,
  shortestPaths,
  successors,
} from "../arch_graph.ts";
import { type HypernetworkSizes, TABLE_ROWS } from "../parameter_counts.ts";
import { type NamedVariables, selection } from "./named_variables.ts";

/** Sizes of kernels with a row of their own in the table, in its order. */
const KERNELS = [1, 3, 5, 7, 9, 11, 13, 15, 14, 16];
/** Row of a size that a node does not have. */
const NO_CHANNELS = TABLE_ROWS.channels - 1;
const NO_KERNEL = TABLE_ROWS.kernels - 1;
/** Longest path between nodes that their attention sees. */
const CUTOFF = 50;
/** Added to the logits of attention between nodes of different graphs. */
const APART = -(2 ** 15);

/** Creates its variables. */
export function createGraphormer(
  variables: NamedVariables,
  { hidden: d, layers, heads }: HypernetworkSizes,
): void {
  const { channels, kernels, degrees, distances, edges } = TABLE_ROWS;
  const scale = 1 / Math.sqrt(d);
  variables.createTable("types", operationTypes.length, d, scale);
  variables.createTable("channels", channels, d / 4, scale);
  variables.createTable("kernels", kernels, d / 4, scale);
  variables.createTable("in-degrees", degrees, d, scale);
  variables.createTable("out-degrees", degrees, d, scale);
  variables.createTable("distances", distances, d, scale);
  variables.create("edges", [edges, d], (k) => {
    const angle = Math.floor(k / d) * 10000 ** (-2 * Math.floor(k % d / 2) / d);
    return k % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  variables.createDense("edges in", 2 * d, d);
  variables.createDense("edges out", d, heads);
  for (let layer = 0; layer < layers; layer++) {
    const name = `layer ${layer}`;
    variables.createNorm(`${name} norm 1`, d);
    variables.createDense(`${name} qkv`, d, 3 * d, { useBias: false });
    variables.createDense(`${name} attention`, d, d);
    variables.createNorm(`${name} norm 2`, d);
    variables.createDense(`${name} in`, d, 4 * d);
    variables.createDense(`${name} out`, 4 * d, d);
  }
  variables.createNorm("norm", d);
}

/** Vectors of the nodes of all graphs, one below the other. */
export function nodeEmbeddings(
  variables: NamedVariables,
  sizes: Required<HypernetworkSizes>,
  graphs: readonly ArchGraph[],
): tf.Tensor2D {
  return tf.tidy(() => {
    let x = tf.add(
      nodeVectors(variables, sizes.classes, graphs.flatMap(({ nodes }) => nodes)),
      placeVectors(variables, graphs),
    );
    const bias = edgeBias(variables, sizes.heads, graphs);
    for (let layer = 0; layer < sizes.layers; layer++) {
      const name = `layer ${layer}`;
      x = tf.add(x, attention(variables, name, variables.norm(`${name} norm 1`, x), bias));
      const inner = gelu(variables.dense(`${name} in`, variables.norm(`${name} norm 2`, x)));
      x = tf.add(x, variables.dense(`${name} out`, inner));
    }
    return variables.norm("norm", x) as tf.Tensor2D;
  });
}

/** Embeddings of types and shapes. */
function nodeVectors(variables: NamedVariables, classes: number, nodes: readonly ArchNode[]): tf.Tensor {
  const types = nodes.map(({ op }) => operationTypes.indexOf(op));
  const rows = nodes.map(({ shape }) => shapeRows(shape, classes));
  const pieces = [0, 1, 2, 3].map((part) =>
    variables.lookup(part < 2 ? "channels" : "kernels", rows.map((row) => row[part]))
  );
  return tf.add(variables.lookup("types", types), tf.concat(pieces, 1));
}

/** Embeddings of degrees and of distances from the input. */
function placeVectors(variables: NamedVariables, graphs: readonly ArchGraph[]): tf.Tensor {
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
    variables.lookup("in-degrees", places.map(({ incoming }) => incoming)),
    variables.lookup("out-degrees", places.map(({ outgoing }) => outgoing)),
    variables.lookup("distances", places.map(({ distance }) => distance)),
  ]);
}

/** What is added to the logits of the attention, heads x nodes x nodes. */
function edgeBias(variables: NamedVariables, heads: number, graphs: readonly ArchGraph[]): tf.Tensor3D {
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
    variables.lookup("edges", lengths.map(([forward]) => forward + 2)),
    variables.lookup("edges", lengths.map(([, backward]) => backward + 2)),
  ], 1);
  const biases = variables.dense("edges out", tf.relu(variables.dense("edges in", vectors)));
  const bias = tf.matMul(biases as tf.Tensor2D, selection(pairOf, lengths.length), true, true);
  const perHead = tf.reshape(bias, [heads, n, n]) as tf.Tensor3D;
  return graphs.length === 1 ? perHead : tf.add(perHead, tf.tensor2d(apart, [n, n]));
}

/** Multi-head attention with a bias per head and pair of nodes. */
function attention(variables: NamedVariables, name: string, x: tf.Tensor, bias: tf.Tensor3D): tf.Tensor {
  const [n, hidden] = x.shape;
  const heads = bias.shape[0];
  const size = hidden / heads;
  const split = tf.transpose(tf.reshape(variables.dense(`${name} qkv`, x), [n, 3, heads, size]), [
    1,
    2,
    0,
    3,
  ]);
  const [q, k, v] = tf.unstack(split);
  const logits = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(size)), bias);
  const mixed = tf.transpose(tf.matMul(tf.softmax(logits), v), [1, 0, 2]);
  return variables.dense(`${name} attention`, tf.reshape(mixed, [n, hidden]));
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

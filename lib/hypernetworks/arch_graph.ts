import {
  describeValue,
  requireInteger,
  requireLength,
  requireNumbers,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";

/** Types of operations that a graph hypernetwork knows, in the order of its table of embeddings. */
export const operationTypes = [
  "max_pool",
  "avg_pool",
  "sep_conv",
  "dil_conv",
  "conv",
  "msa",
  "cse",
  "sum",
  "concat",
  "input",
  "bias",
  "bn",
  "ln",
  "pos_enc",
  "glob_avg",
] as const;

/** One of {@linkcode operationTypes}. */
export type OperationType = typeof operationTypes[number];

/** One operation of a network. */
export interface ArchNode {
  /** The type; a dense layer is a `"conv"` with a kernel of one pixel. */
  op: OperationType;
  /**
   * Shape of its parameter: `[outputs, inputs]` or `[outputs, inputs, height, width]` for weights, `[channels]`
   * for a bias (`op` `"bias"`) and for the gains and shifts of a normalization (`"bn"`, `"ln"`). Default: none.
   */
  shape?: readonly number[];
  /** Whether it belongs to the last layer, whose outputs are the classes. Default false. */
  classifier?: boolean;
}

/** A network as a directed graph without cycles: one node for each operation, the input first. */
export interface ArchGraph {
  /** The operations. */
  nodes: readonly ArchNode[];
  /** Pairs of indices of nodes: data flow from the first to the second. */
  edges: readonly (readonly [from: number, to: number])[];
}

/** Options of {@linkcode shortestPaths}. */
export interface ShortestPathsOptions {
  /** Longest path that counts, at most 250; node pairs farther apart get 0. Default 50. */
  cutoff?: number;
}

/**
 * The graph of a multilayer perceptron: a chain from the input through a weight and a bias for each layer.
 *
 * @param widths Number of inputs, of units of every hidden layer, and of classes.
 * @returns 1 + 2 (widths.length - 1) nodes.
 * @throws {RangeError} if there are fewer than two widths, or one is not a positive integer.
 * @throws {TypeError} if `widths` is not a list of numbers.
 *
 * @example
 * ```ts
 * import { mlpGraph } from "refigure/hypernetworks";
 * import { assertEquals } from "@std/assert";
 *
 * const { nodes, edges } = mlpGraph([49, 64, 10]);
 * assertEquals(nodes.map(({ op }) => op), ["input", "conv", "bias", "conv", "bias"]);
 * assertEquals(nodes[1].shape, [64, 49]);
 * assertEquals(edges, [[0, 1], [1, 2], [2, 3], [3, 4]]);
 * ```
 */
export function mlpGraph(widths: readonly number[]): ArchGraph {
  requireNumbers("widths", widths);
  if (widths.length < 2) {
    throw new RangeError(`\`widths\` must have at least 2 entries, got ${widths.length}`);
  }
  widths.forEach((width, i) => requireInteger(`widths[${i}]`, width, { min: 1 }));
  const nodes: ArchNode[] = [{ op: "input" }];
  for (let layer = 1; layer < widths.length; layer++) {
    const classifier = layer === widths.length - 1;
    nodes.push({ op: "conv", shape: [widths[layer], widths[layer - 1]], classifier });
    nodes.push({ op: "bias", shape: [widths[layer]], classifier });
  }
  return { nodes, edges: nodes.slice(1).map((_, i) => [i, i + 1] as const) };
}

/**
 * Lengths of the shortest paths between all nodes, along the direction of the edges: the values of edges that
 * the attention of a graph hypernetwork sees.
 *
 * @param graph The network.
 * @param options The longest path that counts.
 * @returns Row-major, nodes x nodes: entry (i, j) is the length of the path from i to j, and 0 if there is
 * none or it is longer than the cutoff.
 * @throws {Error} if the graph has a cycle.
 * @throws {RangeError} if an edge leads to no node, a type of operation or a shape is not allowed, or the
 * cutoff is not an integer from 1 to 250.
 * @throws {TypeError} if an argument is of the wrong type or an option is unknown.
 *
 * @example
 * ```ts
 * import { mlpGraph, shortestPaths } from "refigure/hypernetworks";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...shortestPaths(mlpGraph([4, 3]))], [0, 1, 2, 0, 0, 1, 0, 0, 0]);
 * ```
 */
export function shortestPaths(graph: ArchGraph, options: ShortestPathsOptions = {}): Uint8Array {
  requireGraph("graph", graph);
  requireOptions("options", options, ["cutoff"]);
  const { cutoff = 50 } = options;
  requireInteger("cutoff", cutoff, { min: 1, max: 250 });
  const n = graph.nodes.length;
  const next = successors(graph);
  const lengths = new Uint8Array(n * n);
  for (let from = 0; from < n; from++) {
    distancesFrom(next, from).forEach((distance, to) => {
      if (distance <= cutoff) lengths[from * n + to] = distance;
    });
  }
  return lengths;
}

/** Lists of the nodes that follow each node. */
export function successors(graph: ArchGraph): number[][] {
  const next: number[][] = graph.nodes.map(() => []);
  for (const [from, to] of graph.edges) next[from].push(to);
  return next;
}

/** Number of edges from one node to every node; infinity where no path leads. */
export function distancesFrom(next: readonly number[][], from: number): Float64Array {
  const distances = new Float64Array(next.length).fill(Infinity);
  distances[from] = 0;
  const queue = [from];
  for (const node of queue) {
    for (const to of next[node]) {
      if (distances[to] === Infinity) {
        distances[to] = distances[node] + 1;
        queue.push(to);
      }
    }
  }
  return distances;
}

/** Returns `graph` if it is one that a hypernetwork can read. @throws {Error | RangeError | TypeError} */
export function requireGraph(name: string, graph: ArchGraph): ArchGraph {
  requireOptions(name, graph, ["nodes", "edges"]);
  const { nodes, edges } = graph;
  for (const [part, list] of Object.entries({ nodes, edges })) {
    if (!Array.isArray(list)) {
      throw new TypeError(`\`${name}.${part}\` must be an array, got ${describeValue(list)}`);
    }
  }
  if (nodes.length === 0) throw new RangeError(`\`${name}.nodes\` must have at least one node, got none`);
  nodes.forEach((node, i) => requireNode(`${name}.nodes[${i}]`, node));
  edges.forEach((edge, i) => {
    if (!Array.isArray(edge)) {
      throw new TypeError(`\`${name}.edges[${i}]\` must be a pair of numbers, got ${describeValue(edge)}`);
    }
    requireLength(`${name}.edges[${i}]`, edge, 2);
    for (const end of edge) requireInteger(`${name}.edges[${i}]`, end, { max: nodes.length - 1 });
  });
  requireAcyclic(graph);
  return graph;
}

function requireNode(name: string, node: ArchNode): void {
  requireOptions(name, node, ["op", "shape", "classifier"]);
  const { op, shape } = node;
  requireOneOf(`${name}.op`, op, operationTypes);
  if (shape === undefined) return;
  requireShape(`${name}.shape`, shape);
  if ((shape.length === 1) !== ["bias", "bn", "ln"].includes(op)) {
    throw new RangeError(
      `\`${name}.shape\` must have one entry for a bias, bn or ln and 2 or 4 for others, got [${shape}] for ${op}`,
    );
  }
}

/** Returns `shape` if it is that of a parameter. @throws {RangeError | TypeError} */
export function requireShape(name: string, shape: readonly number[]): readonly number[] {
  requireNumbers(name, shape);
  if (![1, 2, 4].includes(shape.length)) {
    throw new RangeError(
      `\`${name}\` must be [channels], [outputs, inputs] or [outputs, inputs, height, width], got [${shape}]`,
    );
  }
  for (const size of shape) requireInteger(name, size, { min: 1 });
  return shape;
}

/** Takes away nodes that nothing leads to, until none is left or all that are left follow each other. */
function requireAcyclic(graph: ArchGraph): void {
  const next = successors(graph);
  const incoming = new Int32Array(graph.nodes.length);
  for (const [, to] of graph.edges) incoming[to]++;
  const free = [...incoming.keys()].filter((node) => incoming[node] === 0);
  for (const node of free) {
    for (const to of next[node]) if (--incoming[to] === 0) free.push(to);
  }
  if (free.length < graph.nodes.length) throw new Error("graph must be acyclic");
}

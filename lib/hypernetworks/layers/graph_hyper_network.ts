import * as tf from "@tensorflow/tfjs";
import { describeValue, requireOptions, requireRng, type Rng } from "../../arrays/mod.ts";
import { type ArchGraph, type ArchNode, requireGraph } from "../arch_graph.ts";
import { type HypernetworkSizes, requireSizes } from "../parameter_counts.ts";
import { createGraphormer, nodeEmbeddings } from "./graphormer.ts";
import { NamedVariables } from "./named_variables.ts";
import { normalizePrediction } from "./normalize_prediction.ts";
import { createDecoder, decoderOf, requireDecodable } from "./weight_decoder.ts";

/** Options of {@linkcode GraphHyperNetwork}. */
export interface GraphHyperNetworkOptions extends HypernetworkSizes {
  /** Stream of the start. */
  rng: Rng;
}

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
  readonly #variables: NamedVariables;

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
    this.#variables = new NamedVariables(rng);
    createGraphormer(this.#variables, this.#sizes);
    createDecoder(this.#variables, this.#sizes);
  }

  /** All variables, to be trained; they belong to the network. */
  get variables(): tf.Variable[] {
    return this.#variables.all;
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
    return nodeEmbeddings(this.#variables, this.#sizes, [graph]);
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
      const h = tf.gather(nodeEmbeddings(this.#variables, this.#sizes, graphs), indices) as tf.Tensor2D;
      const decode = decoderOf(this.#variables, this.#sizes, h, nodes);
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
    this.#variables.dispose();
  }

  /** @throws {Error | RangeError | TypeError} */
  #requireReadable(name: string, graph: ArchGraph): void {
    requireGraph(name, graph);
    graph.nodes.forEach((node, i) => requireDecodable(`${name}.nodes[${i}]`, node, this.#sizes));
  }
}

/**
 * Hypernetworks that read the computation graph of a network and return its weights: graphs of networks, the
 * low-rank decoder of LoGAH with its gradient, tiling, and how many parameters each of them takes. The
 * network that is trained is in `refigure/hypernetworks/layers`, so that nothing here loads tfjs.
 *
 * Source: X. Zhou, B. Knyazev, A. Jolicoeur-Martineau & J. Fu, "LoGAH: Predicting 774-million-parameter
 * transformers using graph hypernetworks with 1/100 parameters", arXiv 2405.16287 (2024).
 *
 * @module
 */
export {
  type ArchGraph,
  type ArchNode,
  mlpGraph,
  type OperationType,
  operationTypes,
  shortestPaths,
  type ShortestPathsOptions,
} from "./arch_graph.ts";
export {
  type DecoderMap,
  type FactorLayout,
  LowRankDecoder,
  type LowRankDecoderGradients,
  type LowRankDecoderOptions,
  type LowRankFactors,
} from "./low_rank_decoder.ts";
export {
  type Gpt2Options,
  gpt2ParameterCount,
  hypernetworkParameterCount,
  type HypernetworkParameters,
  type HypernetworkSizes,
  type LowRankDecoderConfig,
  type TileDecoderConfig,
  type VitOptions,
  vitParameterCount,
} from "./parameter_counts.ts";
export * from "./tile_to.ts";

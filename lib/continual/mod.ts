/**
 * Continual inference: networks for clips that run on a stream, one frame at a time, with the same weights
 * and the same outputs. Convolutions, pooling and residuals over time, spatio-temporal graph convolutions,
 * two forms of attention over a sliding window; and structured pruning adapters.
 *
 * A frame is a typed array of shape `[C, ...positions]`, a clip of shape `[C, T, ...positions]`, both
 * row-major. Models of tfjs are converted by `refigure/continual/layers`; nothing here loads tfjs.
 *
 * @module
 */
export type { Fill, NdArray } from "./check.ts";
export * from "./ring_buffer.ts";
export { CoModule, type ContinualState, type Mode, type OperationCount } from "./module.ts";
export * from "./conv.ts";
export { Delay } from "./delay.ts";
export * from "./pooling.ts";
export {
  coLayerNorm,
  coRelu,
  type FrameFunction,
  type NormWeights,
  Stepwise,
  type StepwiseOptions,
} from "./stepwise.ts";
export {
  type BranchAlignment,
  type BroadcastReduceOptions,
  CoBroadcastReduce,
  CoResidual,
  CoSequential,
  type Reduction,
} from "./containers.ts";
export * from "./st_gcn.ts";
export * from "./attention.ts";
export {
  type AttentionWeights,
  attentionWeights,
  CoRetroactiveAttention,
  CoSingleOutputAttention,
  type RetroactiveOptions,
  type SingleOutputOptions,
} from "./multihead.ts";
export * from "./window.ts";
export * from "./positional_encoding.ts";
export * from "./encoder.ts";
export * from "./operations.ts";
export * from "./splora.ts";

/** What trials return. */
import type { PadeForm, RationalPreset } from "../../lib/kan/mod.ts";

/** Error of a published table of coefficients, or of our fit, against its function on [-3, 3]. */
export interface FitRow {
  kind: "fit";
  preset: RationalPreset;
  form: PadeForm;
  /** Whether the published table is meant for this form. */
  isMeant: boolean;
  mse: number;
  maxError: number;
  /** Mean squared error of our own fit in this form. */
  refit: number;
}

/** A point of a published table's function, or of the function it stands for. */
export interface CurveRow {
  kind: "curve";
  preset: RationalPreset;
  series: PadeForm | "target";
  x: number;
  y: number;
}

/** What one layer costs. */
export interface CostRow {
  kind: "cost";
  layer: "mlp" | "kan" | "gr-kan";
  inputs: number;
  outputs: number;
  intervals: number;
  parameters: number;
  flops: number;
}

/** Parameters of a vision transformer of ImageNet size. */
export interface SizeRow {
  kind: "size";
  width: number;
  channelMixer: "mlp" | "gr-kan";
  parameters: number;
}

/** The gain of an activation. */
export interface GainRow {
  kind: "gain";
  activation: string;
  gain: number;
}

/** The second moment after activation and dense layer over that before, for normal inputs of deviation √q. */
export interface MapRow {
  kind: "map";
  activation: string;
  q: number;
  /** M(q) / q. */
  growth: number;
}

/** The logarithmic slope of the map of second moments at its fixed point q = 1. */
export interface SlopeRow {
  kind: "slope";
  activation: string;
  slope: number;
}

/** How the kernels of a stack start. */
export type StackInit = "variance-preserving" | "He" | "LeCun" | "0.02";

/** The second moment of the entries after some blocks of a stack. */
export interface DepthRow {
  kind: "depth";
  init: StackInit;
  /** Whether each block begins with layer normalization. */
  norm: boolean;
  seed: number;
  block: number;
  moment: number;
  /** What the variance map predicts, from 1 at the start. */
  predicted: number;
}

/** A network on the synthetic function, at one step. */
export interface TrainingRow {
  kind: "training";
  network: string;
  seed: number;
  step: number;
  /** Mean squared error over the training points. */
  loss: number;
}

/** A network on the synthetic function after its last step. */
export interface FinalRow {
  kind: "final";
  network: string;
  seed: number;
  parameters: number;
  /** Mean squared error over the training points. */
  loss: number;
  /** Root mean squared error over the test points. */
  testRmse: number;
}

/** A variant of the network after a shorter run. */
export interface AblationRow {
  kind: "ablation";
  variant: string;
  seed: number;
  loss: number;
  testRmse: number;
}

/** A learned activation of a trained network, first seed. */
export interface ShapeRow {
  kind: "shape";
  /** Before which dense layer, from 1. */
  layer: number;
  /** From 1; 0 is the function at the start. */
  group: number;
  x: number;
  y: number;
}

/** A classifier of digits after its last epoch. */
export interface DigitsRow {
  kind: "digits";
  network: string;
  seed: number;
  parameters: number;
  /** Cross-entropy over the training images. */
  loss: number;
  /** Share of the test images that are right. */
  accuracy: number;
}

/** A tiny transformer on digits after its last epoch. */
export interface TransformerRow {
  kind: "transformer";
  /** Of the blocks. */
  activation: "rational" | "gelu";
  seed: number;
  /** Cross-entropy over the training images, and over the test images. */
  loss: number;
  testLoss: number;
  /** Share of the test images that are right. */
  accuracy: number;
}

/** A row of any kind. */
export type Row =
  | FitRow
  | CurveRow
  | CostRow
  | SizeRow
  | GainRow
  | MapRow
  | SlopeRow
  | DepthRow
  | TrainingRow
  | FinalRow
  | AblationRow
  | ShapeRow
  | DigitsRow
  | TransformerRow;

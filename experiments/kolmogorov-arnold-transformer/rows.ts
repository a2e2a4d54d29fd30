/** What trials return. */
import type { PadeForm, RationalPreset } from "../../lib/kan/mod.ts";
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** How the kernels of a stack start. */
export type StackInit = "variance-preserving" | "He" | "LeCun" | "0.02";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** Error of a published table of coefficients, or of our fit, against its function on [-3, 3]. */
  fit: {
    preset: RationalPreset;
    form: PadeForm;
    /** Whether the published table is meant for this form. */
    isMeant: boolean;
    mse: number;
    maxError: number;
    /** Mean squared error of our own fit in this form. */
    refit: number;
  };
  /** A point of a published table's function, or of the function it stands for. */
  curve: { preset: RationalPreset; series: PadeForm | "target"; x: number; y: number };
  /** What one layer costs. */
  cost: {
    layer: "mlp" | "kan" | "gr-kan";
    inputs: number;
    outputs: number;
    intervals: number;
    parameters: number;
    flops: number;
  };
  /** Parameters of a vision transformer of ImageNet size. */
  size: { width: number; channelMixer: "mlp" | "gr-kan"; parameters: number };
  /** The gain of an activation. */
  gain: { activation: string; gain: number };
  /**
   * The second moment after activation and dense layer over that before, for normal inputs of deviation √q.
   */
  map: {
    activation: string;
    q: number;
    /** M(q) / q. */
    growth: number;
  };
  /** The logarithmic slope of the map of second moments at its fixed point q = 1. */
  slope: { activation: string; slope: number };
  /** The second moment of the entries after some blocks of a stack. */
  depth: {
    init: StackInit;
    /** Whether each block begins with layer normalization. */
    norm: boolean;
    seed: number;
    block: number;
    moment: number;
    /** What the variance map predicts, from 1 at the start. */
    predicted: number;
  };
  /** A network on the synthetic function, at one step. */
  training: {
    network: string;
    seed: number;
    step: number;
    /** Mean squared error over the training points. */
    loss: number;
  };
  /** A network on the synthetic function after its last step. */
  final: {
    network: string;
    seed: number;
    parameters: number;
    /** Mean squared error over the training points. */
    loss: number;
    /** Root mean squared error over the test points. */
    testRmse: number;
  };
  /** A variant of the network after a shorter run. */
  ablation: { variant: string; seed: number; loss: number; testRmse: number };
  /** A learned activation of a trained network, first seed. */
  shape: {
    /** Before which dense layer, from 1. */
    layer: number;
    /** From 1; 0 is the function at the start. */
    group: number;
    x: number;
    y: number;
  };
  /** A classifier of digits after its last epoch. */
  digits: {
    network: string;
    seed: number;
    parameters: number;
    /** Cross-entropy over the training images. */
    loss: number;
    /** Share of the test images that are right. */
    accuracy: number;
  };
  /** A tiny transformer on digits after its last epoch. */
  transformer: {
    /** Of the blocks. */
    activation: "rational" | "gelu";
    seed: number;
    /** Cross-entropy over the training images, and over the test images. */
    loss: number;
    testLoss: number;
    /** Share of the test images that are right. */
    accuracy: number;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

import type { BasisName } from "../../lib/optimizers/mod.ts";
import type { Method } from "./methods.ts";
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** What is projected: rows of a smooth process, the same with shuffled columns, or white noise. */
export type Data = "ar1" | "permuted" | "gaussian";

/** A fixed basis or the singular vectors. */
export type Basis = BasisName | "svd";

/** Sizes of the projected matrices. */
export const ROWS = 256;
export const COLUMNS = 64;

/** Steps of the training runs that the claims are about. */
export const PROTOCOL_STEPS = 150;

/** Which vectors of a layer's gradient are projected. */
export type GradientSide = "inputs" | "shuffled inputs" | "outputs";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** What a projection of a synthetic matrix loses. */
  projection: {
    data: Data;
    /** Correlation of neighbouring entries of the smooth process. */
    correlation: number;
    /** Of the data, and of the random basis. */
    seed: number;
    basis: Basis;
    /** By which norm the vectors of the basis are ranked. */
    norm: 1 | 2;
    /** How many vectors are kept. */
    rank: number;
    /** `|G - G Q_I Q_I^T|^2 / |G|^2`, from the reconstruction itself. */
    error: number;
    /** How far the identity `|G - G Q_I Q_I^T|^2 = |G|^2 - |G Q_I|^2` is off, relative to `|G|^2`. */
    identity: number;
  };
  /** What a projection of a gradient of the digits network loses. */
  gradient: {
    seed: number;
    step: number;
    /** 0 for the layer that sees the pixels. */
    layer: number;
    side: GradientSide;
    basis: Basis;
    /** Share of the squared norm that is lost. */
    error: number;
  };
  /** A training run. */
  training: {
    optimizer: Method;
    steps: number;
    /** Before its decay. */
    learningRate: number;
    /** Of the start, the batches and random choices. */
    seed: number;
    /** On the training set after the last step; null if the run diverged. */
    loss: number | null;
  };
  /** Which of the 64 cosines a run uses at a step, in its second matrix. */
  usage: {
    optimizer: Method;
    /** From 1. */
    step: number;
    indices: number[];
    /** Share of them that is new. */
    turnover: number;
  };
  /** What a low-rank relative of Muon misses of its momentum. */
  momentum: {
    optimizer: Method;
    seed: number;
    step: number;
    layer: number;
    /** Share of the squared norm that is missed. */
    error: number;
  };
  /** How far a step of Adam in a changing subspace goes along fresh vectors. */
  boost: {
    /** Bias corrections by the step or by the age of a vector. */
    correction: "step" | "age";
    step: number;
    /** Root mean square of the update's coordinates along vectors chosen at this step, in learning rates. */
    fresh: number;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** What trials return. */
import type { VariateMixer } from "../../lib/forecasting/mod.ts";
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** Bases in which windows are written. */
export type BasisName = "time" | "DCT" | "Fourier" | "complex Fourier" | "OrthoTrans";

/** Tasks of the linear forecaster, with the lengths of window and horizon. */
export type Task = "hourly 96 → 24" | "jobs 12 → 12" | "jobs 12 → 6" | "daily 96 → 24" | "daily 96 → 96";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** How well a basis concentrates and decorrelates. */
  basis: {
    source: string;
    /** Correlation of neighbours of an autoregressive process; null for data. */
    rho: number | null;
    basis: BasisName;
    size: number;
    /** Frobenius norm off the diagonal over that of the whole. */
    offDiagonal: number;
    /** Largest entry of Q Q^T - I. */
    orthogonality: number;
    /** Sum of the variances over the size. */
    trace: number;
    /** Share of the variance in 8 coefficients. */
    top8: number;
    /** Share in a twelfth of the coefficients. */
    topTwelfth: number;
    /** The smallest lead of OrthoTrans over this basis in share, over all k. */
    lead: number;
  };
  /** Share of the variance in k coefficients. */
  energy: { source: string; rho: number | null; basis: BasisName; k: number; share: number };
  /** Correlation of two coefficients of a window. */
  cell: { basis: BasisName; i: number; j: number; value: number };
  /** A window from its largest coefficients. */
  window: { basis: BasisName; keep: number; t: number; value: number };
  /** Test error along full-batch gradient descent. */
  descent: {
    basis: "time" | "OrthoTrans" | "random";
    step: number;
    mse: number;
    /** Largest difference to the time domain so far, over its error. */
    difference: number;
  };
  /** A linear forecaster trained by Adam. */
  fit: { task: Task; basis: BasisName; learningRate: number; seed: number; mse: number };
  /** An OLinear on the synthetic panel. */
  training: {
    variates: number;
    mixer: VariateMixer;
    basis: BasisName;
    seed: number;
    steps: number;
    mse: number;
    /** exp of the entropy of the singular values of the mixing matrix. */
    effectiveRank: number;
    /** Singular values above a hundredth of the largest. */
    numericalRank: number;
    /** Largest distance of a row sum from 1. */
    rowSum: number;
    smallestEntry: number;
    /** Growth of a positive vector under repeated mixing. */
    radius: number;
  };
  /** Multiply-adds of mixing. */
  cost: { variates: number; width: number; attention: number; normLin: number };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** What trials return. */
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** Fields in place of the score of the mixture. */
export type FieldKind = "gauge" | "scaled" | "rotation";

/** Data whose score is known. */
export type Surface = "sphere" | "Swiss roll";

/** Which network. */
export interface NetworkKey {
  surface: Surface;
  dim: number;
  conservative: boolean;
  width: number;
  steps: number;
  seed: number;
}

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** A mixture sampled by Heun's method through one field. */
  sampling: {
    /** gauge: s + strength A s; scaled: (1 + strength) s; rotation: s + strength J x. */
    field: FieldKind;
    strength: number;
    steps: number;
    seed: number;
    /** Energy distance to exact draws; null where the samples are not finite. */
    distance: number | null;
  };
  /** A sample of the mixture. */
  cloud: { field: FieldKind | "exact"; strength: number; x: number; y: number };
  /**
   * |r| / |s| over all points and times, for a gauge field of the mixture, and the residual of its condition.
   */
  norm: {
    omega: number;
    smallest: number;
    largest: number;
    /** The largest |div r + r . grad log p|. */
    residual: number;
  };
  /** A point of a trajectory of a Gaussian's probability flow under a gauge. */
  path: {
    omega: number;
    path: number;
    step: number;
    x: number;
    y: number;
    /** x^T C_t^-1 x. */
    level: number;
  };
  /** A log-density by the flow, minus the exact one. */
  likelihood: { field: "gauge" | "scaled"; strength: number; value: number; error: number };
  /** E|Bx|^2 and what the parts have of it. */
  decomposition: {
    /** The density of the inner product that makes the parts orthogonal: N(0, C), or a constant one. */
    weight: "weighted" | "ordinary";
    field: number;
    gradient: number;
    gauge: number;
    /** E[grad . rest] under N(0, C). */
    cross: number;
    /** The gradient part, row by row. */
    matrix: number[];
  };
  /** The same decomposition on a grid of cells. */
  grid: { cells: number; gradient: number; gauge: number };
  /** Arrows of a field and its parts. */
  arrow: {
    part: "field" | "weighted rest" | "ordinary rest";
    arrow: number;
    /** 0: tail, 1: head. */
    end: number;
    x: number;
    y: number;
  };
  /** Singular values of a differential rotation of N(0, I). */
  shear: {
    kappa: number;
    values: number[];
    /** How far the distance from the origin changes. */
    radiusChange: number;
    residual: number;
  };
  /** A singular value on the way. */
  variability: { surface: Surface; dim: number; omega: number; rank: number; sigma: number; value: number };
  /** The end of a trajectory. */
  dimension: {
    surface: Surface;
    dim: number;
    omega: number;
    start: number;
    /** |x_1| in the first three coordinates. */
    startRadius: number;
    endRadius: number;
    values: number[];
    slopes: number[];
    dimension: number;
    byGap: number;
  };
  /** The intrinsic dimension at each noise level of the score of a finite sample of the sphere. */
  window: { sigma: number; dimension: number };
  /** A learned score, judged by its singular values at the end of the flow. */
  learned: NetworkKey & {
    /** How many of the points report 0, 1, ... values above the threshold. */
    counts: number[];
    /** Median of the third value. */
    third: number;
    /** Median distance of the end points from the sphere; null for other data. */
    offSurface: number | null;
    /** Median of |J - J^T| / (2 |J|). */
    asymmetry: number;
    loss: number;
  };
  /**
   * Singular values of a learned score on the way: the median of the points and the range of their middle
   * half.
   */
  "learned-variability": NetworkKey & {
    rank: number;
    sigma: number;
    value: number;
    low: number;
    high: number;
  };
  /** The mean square error of a learned score of the sphere, split into a gradient and a gauge field. */
  split: NetworkKey & {
    /** Steps of training so far. */
    after: number;
    sigma: number;
    /** sigma^2 E|s - grad log p|^2. */
    error: number;
    gradient: number;
    gauge: number;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

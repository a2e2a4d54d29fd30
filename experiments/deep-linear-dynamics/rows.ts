/** How the first weights are drawn. */
export type Start = "gaussian" | "orthogonal" | "decoupled";

/** A mode's strength in a network and in theory, at one time. */
export interface CurveRow {
  /** A point of a curve. */
  type: "curve";
  /**
   * Decoupled start and gradient flow (of 3 or 5 layers of units); the tree task from a random start, linear
   * or tanh.
   */
  run: "flow 3" | "flow 5" | "linear" | "tanh";
  /** Number of the mode, 1 for the strongest. */
  mode: number;
  /** Strength of the correlation. */
  s: number;
  /** Time, or iterations. */
  time: number;
  /** Strength in the network. */
  strength: number;
  /** Strength by the closed form (5 layers: by its differential equation). */
  theory: number;
}

/** The largest distance between network and theory, over modes and times, relative to s. */
export interface ErrorRow {
  /** An error. */
  type: "error";
  /** Gradient flow, or descent with a rate. */
  run: "flow 3" | "flow 5" | "riccati" | "descent";
  /** Learning rate of descent; null for flow. */
  rate: number | null;
  /** Over all times. */
  largest: number;
  /** At the last time. */
  last: number;
}

/** From a random balanced start: alignment with the task, and how much is learned. */
export interface AlignmentRow {
  /** A point of the alignment curves. */
  type: "alignment";
  /** Time. */
  time: number;
  /** Share of the map's squared size that lies on the task's modes. */
  aligned: number;
  /** Share of the task that is learned. */
  learned: number;
}

/** When a mode of the tree task is half learned. */
export interface HalfRow {
  /** A half-learning time. */
  type: "half";
  /** Which network. */
  model: "linear" | "tanh";
  /** Seed of data and start. */
  seed: number;
  /** Number of the mode. */
  mode: number;
  /** Its strength. */
  s: number;
  /** Iterations in the network; null if it never happened. */
  simulated: number | null;
  /** Iterations by theory. */
  analytic: number;
}

/** Descent on one mode of a deep network. */
export interface DepthRow {
  /** A depth. */
  type: "depth";
  /** Layers of units. */
  layers: number;
  /** Strength at the start. */
  u0: number;
  /** Steps with the best rate of the grid. */
  steps: number;
  /** The best rate. */
  rate: number;
  /** The rate of the curvature at the solution. */
  optimal: number;
  /** Steps with that rate. */
  optimalSteps: number;
  /** The same by the closed form. */
  theory: number;
}

/** Steps from 0.001 to 0.999 by the closed form, at the optimal rate. */
export interface DelayRow {
  /** A time by theory. */
  type: "delay";
  /** Layers of units; null for infinitely many. */
  layers: number | null;
  /** Steps. */
  steps: number;
}

/** Learning a task with a deep network of width 32. */
export interface LearningRow {
  /** A training run at its best rate. */
  type: "learning";
  /** How it starts. */
  start: Start;
  /** Layers of units. */
  layers: number;
  /** Seed. */
  seed: number;
  /** Steps to 1 % of the loss, with the best rate; the cap if that was not enough. */
  steps: number;
  /** Whether no rate was good enough. */
  capped: boolean;
  /** The best rate times the number of weight matrices. */
  factor: number;
}

/** Singular values of a product of random matrices. */
export interface SpectrumRow {
  /** A product. */
  type: "spectrum";
  /** Which matrices. */
  start: "gaussian" | "orthogonal";
  /** How many. */
  factors: number;
  /** Seed. */
  seed: number;
  /** Size N. */
  size: number;
  /** Share of the singular values below 0.01. */
  small: number;
  /** Mean of their squares. */
  second: number;
  /** Mean of their fourth powers. */
  fourth: number;
  /** What that is on average. */
  expectedFourth: number;
  /** Largest |sigma - 1|. */
  deviation: number;
  /** The singular values, descending; for the first seed, else empty. */
  values: number[];
  /**
   * Logarithms (base 10) of the growth along re-orthogonalized directions; for the longest product of the
   * first seed.
   */
  qr: number[];
}

/** The Jacobian of a deep tanh network. */
export interface JacobianRow {
  /** A Jacobian. */
  type: "jacobian";
  /** Which matrices. */
  start: "gaussian" | "orthogonal";
  /** Gain. */
  gain: number;
  /** Mean square of the first pre-activations. */
  q1: number;
  /** Seed. */
  seed: number;
  /** Mean squared singular value. */
  meanSquare: number;
  /** Median singular value. */
  median: number;
  /** Mean square by mean field. */
  meanField: number;
}

/** All rows. */
export type Row =
  | CurveRow
  | ErrorRow
  | AlignmentRow
  | HalfRow
  | DepthRow
  | DelayRow
  | LearningRow
  | SpectrumRow
  | JacobianRow;

/** The rows of one type. */
export function rowsOf<Type extends Row["type"]>(
  rows: readonly Row[],
  type: Type,
): Extract<Row, { type: Type }>[] {
  return rows.filter((row): row is Extract<Row, { type: Type }> => row.type === type);
}

/** The modes that Figure 3 of the paper shows. */
export const SHOWN_MODES = [1, 2, 3, 5, 12, 18, 31];

/** The mean; NaN of no values, which no claim accepts: runs can be partial. */
export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

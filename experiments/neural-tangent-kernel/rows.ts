/** What trials of the tangent-kernel experiment are, and what they report. */
import type { Activation } from "../../lib/tangent_kernels/mod.ts";

/** Parameters of a preset. */
export interface Params {
  seed: number;
  /** Depth L and bias weight beta of every network. */
  depth: number;
  beta: number;
  /** Spread of the kernel at initialization. */
  spread: { widths: number[]; inits: number; angles: number };
  /** Change of the kernel by training. */
  drift: { widths: number[]; inits: number; erfInits: number; points: number; steps: number; angles: number };
  /** Trained functions against their Gaussian law. */
  functions: { widths: number[]; inits: number; steps: number; angles: number };
  /** Learning of single Fourier modes. */
  modes: { widths: number[]; inits: number; points: number; tracked: number[]; halfOnly: number[] };
  /** Exact finite-width law of depth 2. */
  shallow: { widths: number[]; draws: number };
}

interface Network {
  seed: number;
  depth: number;
  beta: number;
}

/** A unit of work. */
export type Trial =
  | Network & {
    kind: "limit";
    angles: number;
    bandAngles: number;
    times: number[];
    points: number;
    modes: number;
  }
  | Network & { kind: "spread"; width: number; inits: number; angles: number }
  | Network & {
    kind: "drift";
    width: number;
    init: number;
    activation: Activation;
    points: number;
    steps: number;
    angles: number;
  }
  | Network & { kind: "function"; width: number; init: number; times: number[]; angles: number }
  | Network & { kind: "mode"; width: number; init: number; mode: number; points: number; span: number }
  | Network & { kind: "linearized"; width: number; points: number; steps: number }
  | Network & { kind: "shallow"; width: number; draws: number };

/** Infinite-width tangent kernel between angle 0 and gamma. */
export interface LimitRow {
  kind: "limit";
  activation: Activation;
  gamma: number;
  ntk: number;
}
/** Law of the trained function at infinite width. */
export interface BandRow {
  kind: "band";
  time: number;
  gamma: number;
  mean: number;
  sd: number;
}
/** Eigenvalue of a Fourier mode. */
export interface EigenvalueRow {
  kind: "eigenvalue";
  mode: number;
  rate: number;
}
/** Mean and standard deviation of finite-width kernels over initializations. */
export interface SpreadRow {
  kind: "spread";
  width: number;
  inits: number;
  gamma: number;
  mean: number;
  sd: number;
}
/** One network's kernel before and after training. */
export interface DriftRow {
  kind: "drift";
  width: number;
  activation: Activation;
  init: number;
  gamma: number[];
  before: number[];
  after: number[];
}
/** One network's function at a time of training, on a grid and at the test angles. */
export interface FunctionRow {
  kind: "function";
  width: number;
  init: number;
  time: number;
  gamma: number[];
  values: number[];
  test: number[];
  rmse: number;
}
/** Error along and off the mode being learned, at time t. */
export interface ModeRow {
  kind: "mode";
  width: number;
  mode: number;
  init: number;
  rate: number;
  t: number;
  along: number;
  off: number;
  kernelTime: number;
}
/** One run's numbers: peak of the off-mode error, share of the error left at t = 1/rate, time to halve it. */
export interface ModeSummaryRow {
  kind: "mode-summary";
  width: number;
  mode: number;
  init: number;
  rate: number;
  peak: number | null;
  left: number | null;
  half: number | null;
}
/** Largest distance of a linearized network from (1 - step rate)^k. */
export interface LinearizedRow {
  kind: "linearized";
  steps: number;
  deviation: number;
}
/** Depth 2 kernel at a point over many initializations. */
export interface ShallowRow {
  kind: "shallow";
  width: number;
  draws: number;
  mean: number;
  sd: number;
  limit: number;
  expectedSd: number;
}

/** A row. */
export type Row =
  | LimitRow
  | BandRow
  | EigenvalueRow
  | SpreadRow
  | DriftRow
  | FunctionRow
  | ModeRow
  | ModeSummaryRow
  | LinearizedRow
  | ShallowRow;

/** The rows of one kind. */
export function rowsOf<Kind extends Row["kind"]>(
  rows: readonly Row[],
  kind: Kind,
): Extract<Row, { kind: Kind }>[] {
  return rows.filter((row): row is Extract<Row, { kind: Kind }> => row.kind === kind);
}

/** Distinct values, ascending. */
export function distinct(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

/** Training angles of Figure 2 and the test angles away from them. */
export const trainingAngles = [-2.4, -0.8, 0.5, 2.0];
export const testAngles = [0, 1.25, Math.PI / 2, 3.0, -1.6];

/** The target x1 x2 on the circle. */
export const circleTarget = (angle: number) => Math.sin(2 * angle) / 2;

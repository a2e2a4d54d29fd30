/** The usual distance from the target at which factors are rebalanced. */
export const TOLERANCE = 0.3;

/** How the factors are updated. */
export type Kind = "symmetric" | "asymmetric" | "rebalanced" | "balanced";

/** Which run a row belongs to. */
interface RunKey {
  /** How the factors are updated. */
  kind: Kind;
  /** Measurements; null for infinitely many. */
  m: number | null;
  /** Size of the target. */
  n: number;
  /** Columns of the factors. */
  k: number;
  /** Scale of the start. */
  alpha: number;
  /** `||G_0|| / ||F_0||`. */
  ratio: number;
  /** Scale of the rebalanced factor; null where nothing is rebalanced. */
  beta: number | null;
  /** Distance from the target at which the factors are rebalanced; null where nothing is. */
  tolerance: number | null;
  /** Seed. */
  seed: number;
}

/** One point of an error curve. */
export interface CurveRow extends RunKey {
  /** A point of a curve. */
  type: "curve";
  /** Steps taken. */
  step: number;
  /** `||F G^T - target||_F`. */
  error: number;
}

/** What a run came to. */
export interface RunRow extends RunKey {
  /** A whole run. */
  type: "run";
  /** Whether it diverged. */
  diverged: boolean;
  /** Error after the last step. */
  lastError: number;
  /** The last step. */
  lastStep: number;
  /**
   * Exponent of the power law fitted to the last nine tenths (log error against log step), where it applies.
   */
  power: number | null;
  /**
   * Rate of the exponential fitted where the error is in [1e-10, 1e-4] (few measurements: [1e-12, 1e-8]),
   * where it applies.
   */
  rate: number | null;
  /** Half the width of its 95 % confidence interval. */
  rateMargin: number | null;
  /**
   * The rate that theory predicts: `ln(1 - stepSize lambda_min)` of the imbalance, or of the Gauss-Newton
   * matrix.
   */
  predicted: number | null;
  /** Asymmetric, large start: the rate of the linearization at the limit, known only after the run. */
  linearized: number | null;
  /** First recorded step at which the error is below 1e-12, 1e-8 and 1e-6; null if none. */
  below: { "1e-12": number | null; "1e-8": number | null; "1e-6": number | null };
  /**
   * Of a rebalanced run: how much the product changed, and how far `F^T F` is from `beta^2 I` right after.
   */
  rebalancing: { step: number; product: number; gram: number } | null;
  /**
   * Of a balanced run: the largest distance between F and G, and between F and the symmetric run, over all
   * steps.
   */
  balance: { factors: number; symmetric: number } | null;
}

/** All rows. */
export type Row = CurveRow | RunRow;

/** The rows of whole runs. */
export function runsOf(rows: readonly Row[], kind: Kind, sensing: boolean): RunRow[] {
  return rows.filter((row): row is RunRow =>
    row.type === "run" && row.kind === kind && (row.m !== null) === sensing && (!sensing || row.m === 320)
  );
}

/** The points of curves; of rebalanced runs, those at the usual distance. */
export function curvesOf(rows: readonly Row[], kind: Kind, m: number | null): CurveRow[] {
  return rows.filter((row): row is CurveRow =>
    row.type === "curve" && row.kind === kind && row.m === m && (row.tolerance ?? TOLERANCE) === TOLERANCE
  );
}

/** What trials return. */
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** The usual distance from the target at which factors are rebalanced. */
export const TOLERANCE = 0.3;
/** The step size of every run. */
export const STEP_SIZE = 0.1;

/** How the factors are updated. */
export type Model = "symmetric" | "asymmetric" | "rebalanced" | "balanced";

/** Which run a row belongs to. */
export interface RunKey {
  /** How the factors are updated. */
  model: Model;
  /** Measurements; null for infinitely many. */
  m: number | null;
  /** Size of the target. */
  n: number;
  /** Columns of the factors. */
  k: number;
  /** Scale of the start. */
  alpha: number;
  /** ‖G₀‖ / ‖F₀‖. */
  ratio: number;
  /** Scale of the rebalanced factor; null where nothing is rebalanced. */
  beta: number | null;
  /** Distance from the target at which the factors are rebalanced; null where nothing is. */
  tolerance: number | null;
  /** Seed. */
  seed: number;
}

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** One point of an error curve. */
  curve: RunKey & {
    /** Steps taken. */
    step: number;
    /** ‖FGᵀ − Σ‖. */
    error: number;
  };
  /** What a run came to. */
  run: RunKey & {
    /** Whether it diverged. */
    diverged: boolean;
    /** Error after the last step. */
    lastError: number;
    /** The last step. */
    lastStep: number;
    /**
     * Exponent of the power law fitted to the last nine tenths (log error against log step), where it
     * applies.
     */
    power: number | null;
    /**
     * Rate of the exponential fitted where the error is in [1e-10, 1e-4] (few measurements: [1e-12, 1e-8]).
     */
    rate: number | null;
    /** Half the width of its 95 % confidence interval. */
    rateMargin: number | null;
    /** The rate that theory predicts: ln(1 − η λ_min) of the imbalance, or of the Gauss-Newton matrix. */
    predicted: number | null;
    /** Asymmetric, large start: the rate of the linearization at the limit, known only after the run. */
    linearized: number | null;
    /** First recorded step at which the error is below 1e-12, 1e-8 and 1e-6; null if none. */
    below: { "1e-12": number | null; "1e-8": number | null; "1e-6": number | null };
    /** Of a rebalanced run: how much the product changed, and how far FᵀF is from β²I right after. */
    rebalancing: { step: number; product: number; gram: number } | null;
    /**
     * Of a balanced run: the largest distance between F and G, and between F and the symmetric run, over all
     * steps.
     */
    balance: { factors: number; symmetric: number } | null;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** Runs of one model: with infinitely many measurements, or with 320. */
export function runsOf(
  runs: readonly Row<"run">[],
  model: Model,
  measurements: null | 320 = null,
): Row<"run">[] {
  return runs.filter((row) => row.model === model && row.m === measurements);
}

/** Points of the curves of one model; of rebalanced runs, those at the usual distance. */
export function curvesOf(
  curves: readonly Row<"curve">[],
  model: Model,
  m: number | null = null,
): Row<"curve">[] {
  return curves.filter((row) =>
    row.model === model && row.m === m && (row.tolerance ?? TOLERANCE) === TOLERANCE
  );
}

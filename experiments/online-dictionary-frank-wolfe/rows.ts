import { dictionarySchedule, noiseFloor } from "../../lib/dictionary/mod.ts";
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** Ways of learning. */
export type Method =
  | "noncvx"
  | "convex"
  | "l4"
  | "no retraction"
  | "no averaging"
  | "alternating";

/** Which run a row belongs to. */
export interface RunKey {
  method: Method;
  /** Length of a sample, number of atoms. */
  n: number;
  /** Share of nonzero entries of a code. */
  theta: number;
  /** Samples per step. */
  batch: number;
  /** Weight of the l1 norm, of alternating minimization; else null. */
  lambda: number | null;
  seed: number;
}

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** A point of a run. */
  curve: RunKey & {
    /** Number of the step, from 0, after which the error was measured. */
    step: number;
    /** `|1 - sum (A D)^4 / n|`. */
    error: number;
    /** Population Frank-Wolfe gap, where it is measured; else null. */
    gap: number | null;
    /** The smallest gap so far (looked at every tenth step). */
    leastGap: number | null;
  };
  /** What a run never violated. */
  feasibility: RunKey & {
    /** Largest `||A A^T - I||_F` after a step, with retraction; else null. */
    orthogonality: number | null;
    /** Largest `||A||_2` after a step, without retraction; else null. */
    spectralNorm: number | null;
    /** Smallest Frank-Wolfe gap of the averaged gradient. */
    leastStochasticGap: number;
  };
  /** A step of the population power method. */
  power: { n: number; theta: number; seed: number; step: number; error: number };
  /** How sparse real windows are in a basis. */
  weather: {
    sensor: "pressure" | "temperature" | "wind";
    basis: "learned" | "DCT" | "principal components" | "readings";
    /** How many of the largest entries of a code are kept. */
    kept: number;
    /** Their share of the energy, on months that were not learned from. */
    share: number;
    seed: number;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** Runs in the setting of the paper's first figure, n = 10 and θ = 0.3 unless said otherwise. */
export function curvesOf(rows: readonly Row<"curve">[], wanted: Partial<RunKey>): Row<"curve">[] {
  const all = Object.entries({ n: 10, theta: 0.3, ...wanted });
  return rows.filter((row) => all.every(([key, value]) => row[key as keyof RunKey] === value));
}

/** The share of nonzero entries with which methods are compared. */
export function thetaOf(rows: readonly Row<"curve">[]): number {
  return rows.find(({ method }) => method === "convex")?.theta ?? 0.3;
}

/** The values at a step, one per seed. */
export function at(
  rows: readonly Row<"curve">[],
  step: number,
  field: "error" | "gap" | "leastGap" = "error",
): number[] {
  return rows.filter((row) => row.step === step).map((row) => row[field] ?? NaN);
}

/** The error that the noise law predicts after a step of the paper's method. */
export function lawAt(setting: { n: number; theta: number; batch: number }, step: number): number {
  return noiseFloor({ ...setting, gamma: dictionarySchedule("noncvx").gamma(step) });
}

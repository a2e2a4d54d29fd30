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

/** A point of a run. */
export interface CurveRow extends RunKey {
  type: "curve";
  /** Number of the step, from 0, after which the error was measured. */
  step: number;
  /** `|1 - sum (A D)^4 / n|`. */
  error: number;
  /** Population Frank-Wolfe gap, where it is measured; else null. */
  gap: number | null;
  /** The smallest gap so far (looked at every tenth step). */
  leastGap: number | null;
}

/** What a run never violated. */
export interface FeasibilityRow extends RunKey {
  type: "feasibility";
  /** Largest `||A A^T - I||_F` after a step, with retraction; else null. */
  orthogonality: number | null;
  /** Largest `||A||_2` after a step, without retraction; else null. */
  spectralNorm: number | null;
  /** Smallest Frank-Wolfe gap of the averaged gradient. */
  leastStochasticGap: number;
}

/** A step of the population power method. */
export interface PowerRow {
  type: "power";
  n: number;
  theta: number;
  seed: number;
  step: number;
  error: number;
}

/** How sparse real windows are in a basis. */
export interface WeatherRow {
  type: "weather";
  sensor: "pressure" | "temperature" | "wind";
  basis: "learned" | "DCT" | "principal components" | "readings";
  /** How many of the largest entries of a code are kept. */
  kept: number;
  /** Their share of the energy, on months that were not learned from. */
  share: number;
  seed: number;
}

/** All rows. */
export type Row = CurveRow | FeasibilityRow | PowerRow | WeatherRow;

/** The rows of one type. */
export function ofType<Type extends Row["type"]>(rows: Row[], type: Type): Extract<Row, { type: Type }>[] {
  return rows.filter((row): row is Extract<Row, { type: Type }> => row.type === type);
}

/** Curves that fit a pattern. */
export function curves(rows: Row[], wanted: Partial<RunKey>): CurveRow[] {
  return ofType(rows, "curve").filter((row) =>
    Object.entries(wanted).every(([key, value]) => row[key as keyof RunKey] === value)
  );
}

/** The values at a step, one a seed. */
export function at(rows: CurveRow[], step: number, field: "error" | "gap" | "leastGap" = "error"): number[] {
  return rows.filter((row) => row.step === step).map((row) => row[field] ?? NaN);
}

/** Average; NaN of nothing. */
export const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Mean error of one kind of run over that of another at a step, on the seeds that both have: they learned
 * from the same samples.
 */
export function pairedRatio(
  rows: Row[],
  over: Partial<RunKey>,
  under: Partial<RunKey>,
  step: number,
): number {
  const [a, b] = [over, under].map((key) => curves(rows, key).filter((row) => row.step === step));
  const both = (one: CurveRow[], other: CurveRow[]) =>
    mean(one.filter(({ seed }) => other.some((row) => row.seed === seed)).map(({ error }) => error));
  return both(a, b) / both(b, a);
}

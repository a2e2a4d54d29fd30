/** One number or one point of a curve, named by `part`. */
export type Row =
  | { part: "curve"; n: number; system: System; omega: number; gain: number }
  | { part: "spike"; n: number; j: number; omega: number; height: number; dplr: number }
  | { part: "fixed-input"; n: number; decay: 1 | 2; error: number }
  | { part: "norms"; n: number; relative: number; lowRank: number; resolvent: number }
  | { part: "naive"; n: number; kappa: number; backwardError: number; bySolve: number }
  | {
    part: "sweep";
    n: number;
    seed: number;
    eps: number;
    kappa: number;
    deviation: number;
    maxRe: number;
    backwardError: number;
  }
  | {
    part: "optimized";
    method: "random" | "optimized";
    seed: number;
    gamma: number;
    size: number;
    kappa: number;
    deviation: number;
  }
  | { part: "readout"; system: System; seed: number; clean: number; noisy: number; toneGain: number }
  | { part: "gain"; system: System; theta: number; gain: number };

/** The three systems. */
export type System = "S4" | "S4D" | "PTD";

/** Rows of one part. */
export function part<P extends Row["part"]>(rows: readonly Row[], name: P): Extract<Row, { part: P }>[] {
  return rows.filter((row): row is Extract<Row, { part: P }> => row.part === name);
}

/** `count` numbers from `low` to `high`, evenly in the logarithm. */
export function logSpace(low: number, high: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => low * (high / low) ** (i / (count - 1)));
}

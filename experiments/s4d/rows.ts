import type { DiagonalInit } from "../../lib/ssm/mod.ts";

/** How a kernel is sampled. */
export type Sampling = "raw" | "zoh" | "bilinear" | "zoh, B not halved";

/** One number or one point of a curve, named by `part`. */
export type Row =
  | { part: "kernel"; n: number; order: number; t: number; y: number; exact: number }
  | { part: "error"; n: number; order: number; sampling: Sampling; rms: number; max: number }
  | { part: "spectrum"; n: number; init: string; index: number; im: number }
  | { part: "root"; n: number; ratio: number; invBelow: number; commutator: number; realPart: number }
  | { part: "singular"; init: string; seed: number; index: number; value: number }
  | { part: "basis"; init: string; seed: number; rank: number; effectiveRank: number }
  | { part: "fit"; init: string; seed: number; target: string; error: number }
  | { part: "agreement"; n: number; length: number; recurrence: number; direct: number }
  | { part: "training"; init: string; seed: number; step: number; loss: number }
  | { part: "digits"; init: string; seed: number; epoch: number; loss: number; accuracy: number };

/** Rows of one part. */
export function part<P extends Row["part"]>(rows: readonly Row[], name: P): Extract<Row, { part: P }>[] {
  return rows.filter((row): row is Extract<Row, { part: P }> => row.part === name);
}

/** Initializations as the figures order them. */
export const INITS: { init: DiagonalInit; label: string }[] = [
  { init: "lin", label: "S4D-Lin" },
  { init: "legs", label: "S4D-LegS" },
  { init: "inv", label: "S4D-Inv" },
  { init: "random", label: "Random" },
  { init: "real", label: "S4D-Real" },
];

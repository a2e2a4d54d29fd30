/** What trials return. */
import type { DiagonalInit } from "../../lib/ssm/mod.ts";
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** How a kernel is sampled. */
export type Sampling = "raw" | "zoh" | "bilinear" | "zoh, B not halved";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /**
   * A point of the kernel of one basis function (`order`): the diagonal model's with N = n, and that of LegS.
   */
  kernel: { n: number; order: number; t: number; y: number; exact: number };
  /** Distance of a diagonal model's kernel to that of LegS over the horizon. */
  error: { n: number; order: number; sampling: Sampling; rms: number; max: number };
  /** An imaginary part of a spectrum, the largest first. */
  spectrum: { n: number; init: string; index: number; im: number };
  /** The largest root over its limit n²/π, S4D-Inv's distance below it, and how normal the normal part is. */
  root: {
    n: number;
    ratio: number;
    invBelow: number;
    commutator: number;
    /** Largest distance of a real part to -1/2. */
    realPart: number;
  };
  /** A singular value of the frozen basis, over the largest. */
  singular: { init: string; seed: number; index: number; value: number };
  /** Numerical and effective rank of the frozen basis. */
  basis: { init: string; seed: number; rank: number; effectiveRank: number };
  /** Relative error of the best fit of a target by the frozen basis. */
  fit: { init: string; seed: number; target: string; error: number };
  /** Relative differences of recurrence and plain sum to the convolution. */
  agreement: { n: number; length: number; recurrence: number; direct: number };
  /** Loss of a trained kernel. */
  training: { init: string; seed: number; step: number; loss: number };
  /** Loss and test accuracy on the digits after an epoch. */
  digits: { init: string; seed: number; epoch: number; loss: number; accuracy: number };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** Initializations as the figures order them. */
export const INITS: { init: DiagonalInit; label: string }[] = [
  { init: "lin", label: "S4D-Lin" },
  { init: "legs", label: "S4D-LegS" },
  { init: "inv", label: "S4D-Inv" },
  { init: "random", label: "Random" },
  { init: "real", label: "S4D-Real" },
];

/** What trials return. */
import type { DiagonalInit } from "../../lib/ssm/mod.ts";

/** How a kernel is sampled. */
export type Sampling = "raw" | "zoh" | "bilinear" | "zoh, B not halved";

/** A point of the kernel of one basis function (`order`): the diagonal model's with N = n, and that of LegS. */
export interface KernelRow {
  kind: "kernel";
  n: number;
  order: number;
  t: number;
  y: number;
  exact: number;
}

/** Distance of a diagonal model's kernel to that of LegS over the horizon. */
export interface ErrorRow {
  kind: "error";
  n: number;
  order: number;
  sampling: Sampling;
  rms: number;
  max: number;
}

/** An imaginary part of a spectrum, the largest first. */
export interface SpectrumRow {
  kind: "spectrum";
  n: number;
  init: string;
  index: number;
  im: number;
}

/** The largest root over its limit n²/π, S4D-Inv's distance below it, and how normal the normal part is. */
export interface RootRow {
  kind: "root";
  n: number;
  ratio: number;
  invBelow: number;
  commutator: number;
  /** Largest distance of a real part to -1/2. */
  realPart: number;
}

/** A singular value of the frozen basis, over the largest. */
export interface SingularRow {
  kind: "singular";
  init: string;
  seed: number;
  index: number;
  value: number;
}

/** Numerical and effective rank of the frozen basis. */
export interface BasisRow {
  kind: "basis";
  init: string;
  seed: number;
  rank: number;
  effectiveRank: number;
}

/** Relative error of the best fit of a target by the frozen basis. */
export interface FitRow {
  kind: "fit";
  init: string;
  seed: number;
  target: string;
  error: number;
}

/** Relative differences of recurrence and plain sum to the convolution. */
export interface AgreementRow {
  kind: "agreement";
  n: number;
  length: number;
  recurrence: number;
  direct: number;
}

/** Loss of a trained kernel. */
export interface TrainingRow {
  kind: "training";
  init: string;
  seed: number;
  step: number;
  loss: number;
}

/** Loss and test accuracy on the digits after an epoch. */
export interface DigitsRow {
  kind: "digits";
  init: string;
  seed: number;
  epoch: number;
  loss: number;
  accuracy: number;
}

/** A row of any kind. */
export type Row =
  | KernelRow
  | ErrorRow
  | SpectrumRow
  | RootRow
  | SingularRow
  | BasisRow
  | FitRow
  | AgreementRow
  | TrainingRow
  | DigitsRow;

/** Initializations as the figures order them. */
export const INITS: { init: DiagonalInit; label: string }[] = [
  { init: "lin", label: "S4D-Lin" },
  { init: "legs", label: "S4D-LegS" },
  { init: "inv", label: "S4D-Inv" },
  { init: "random", label: "Random" },
  { init: "real", label: "S4D-Real" },
];

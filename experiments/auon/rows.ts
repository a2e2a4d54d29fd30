/** What a matrix is turned into. */
export type Stage = "0" | "1" | "2" | "3" | "4" | "5" | "Hybrid-AuON" | "AuON";

/** The stages in the order of the figure: Newton-Schulz steps, then the two methods. */
export const STAGES: readonly Stage[] = ["0", "1", "2", "3", "4", "5", "Hybrid-AuON", "AuON"];

/** A matrix of figure 1 at one stage. */
export interface StageRow {
  /** One matrix at one stage. */
  type: "stage";
  /** Which matrix: the fixed one of four rows, a random one, or the momentum of a network in training. */
  matrix: "fixed" | "gaussian 4" | "gaussian 64" | "momentum 64";
  /** Seed. */
  seed: number;
  /** What was done to it. */
  stage: Stage;
  /** Singular values, largest first. */
  singularValues: number[];
  /** The entries, of the matrices of four rows only. */
  entries: number[][] | null;
}

/** Where the entries of a matrix come from. */
export type Entries = "flat" | "gaussian" | "student-t(2)" | "cauchy" | "one-hot" | "training";

/** The brake at one matrix. */
export interface BrakeRow {
  /** R at one matrix of norm 1. */
  type: "brake";
  /** Where its entries come from. */
  entries: Entries;
  /** How many there are. */
  n: number;
  /** Seed. */
  seed: number;
  /** R - 1. */
  rmsMinus1: number;
  /** The theorem's bounds of it. */
  lower: number;
  /** The upper one. */
  upper: number;
}

/** What a thousand random matrices say about the bounds. */
export interface BoundsRow {
  /** Many matrices of all shapes, tails and gammas. */
  type: "bounds";
  /** How many. */
  matrices: number;
  /** Smallest (R - 1) / lower: at least 1 if the bound holds. */
  aboveLower: number;
  /** Largest (R - 1) / upper: at most 1 if the bound holds. */
  belowUpper: number;
  /** Largest |R / lower - 1| of flat and |R / upper - 1| of one-hot matrices. */
  tightness: number;
}

/** What must be equal, on one random matrix. */
export interface IdentityRow {
  /** Equalities on one matrix. */
  type: "identity";
  /** Its shape. */
  shape: string;
  /** Seed. */
  seed: number;
  /** 1 - cosine of the angle between the paper's update and the momentum. */
  angle: number;
  /** Relative change of the condition number. */
  condition: number;
  /** Spectral norm of the update. */
  spectralNorm: number;
  /** Largest distance of AuON(c G) from AuON(G), c from 1e-3 to 1e6, relative. */
  paperScale: number;
  /** Largest distance of repo AuON(c G) from c times repo AuON(G), relative. */
  repoScale: number;
  /** Relative distance of repo Hybrid-AuON from Muon over R; R - 1; entries. */
  hybrid: { distance: number; rmsMinus1: number; n: number };
}

/** One training run. */
export interface RunRow {
  /** A run on digits. */
  type: "run";
  /** Name of the optimizer. */
  optimizer: OptimizerName;
  /** Learning rate. */
  learningRate: number;
  /** Seed. */
  seed: number;
  /** Loss on all training images after the last step. */
  loss: number;
  /** Share of the test images that are wrong. */
  testError: number;
  /** Mean loss of five batches each. */
  curve: number[];
}

/** The control. */
export interface ControlRow {
  /** AuON beside normalized descent, from the same start and on the same batches. */
  type: "control";
  /** The paper's definition beside normalized descent, or the code's beside plain descent. */
  variant: "paper" | "repo";
  /** Seed. */
  seed: number;
  /**
   * |difference| of the batch losses of AuON and of descent at the rate over R's lower bound, before every
   * step.
   */
  brake: number[];
  /** The same between descent at that rate and at the rate itself. */
  tweak: number[];
}

/** Learning rare facts. */
export interface MemoryRow {
  /** A run on the associative memory. */
  type: "memory";
  /** Name of the optimizer. */
  optimizer: OptimizerName;
  /** Seed. */
  seed: number;
  /** Mean loss before every step. */
  mean: number[];
  /** Loss of the rarest quarter. */
  tail: number[];
}

/** Operations, counted while the pseudo-code runs. */
export interface CountRow {
  /** A counted run. */
  type: "count";
  /** What was run. */
  method: "Newton–Schulz, 5 steps" | "Hybrid-AuON" | "AuON";
  /** Rows of the square matrix. */
  size: number;
  /** Multiplications and additions. */
  operations: number;
  /** Relative distance from the library's answer. */
  distance: number;
}

/** All rows. */
export type Row = StageRow | BrakeRow | BoundsRow | IdentityRow | RunRow | ControlRow | MemoryRow | CountRow;

/** Optimizers that are compared. */
export type OptimizerName = "Muon" | "AdamW" | "Hybrid-AuON" | "SGD" | "AuON" | "normalized SGD";

/** The rows of one type. */
export function rowsOf<Type extends Row["type"]>(
  rows: readonly Row[],
  type: Type,
): Extract<Row, { type: Type }>[] {
  return rows.filter((row): row is Extract<Row, { type: Type }> => row.type === type);
}

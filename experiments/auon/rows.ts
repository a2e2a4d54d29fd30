import type { OptimizerName } from "./optimizers.ts";
import type { Variant } from "./training.ts";
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** What a matrix is turned into, in the order of the figure: Newton-Schulz steps, then the two methods. */
export const STAGES = ["0", "1", "2", "3", "4", "5", "Hybrid-AuON", "AuON"] as const;

/** What a matrix is turned into. */
export type Stage = typeof STAGES[number];

/** Where the entries of a matrix come from. */
export type Entries = "flat" | "gaussian" | "student-t(2)" | "cauchy" | "one-hot" | "training";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** A matrix of Figure 1 at one stage. */
  stage: {
    /** The fixed one of four rows, a random one, or the momentum of a network in training. */
    matrix: "fixed" | "gaussian 4" | "gaussian 64" | "momentum 64";
    seed: number;
    stage: Stage;
    /** Largest first. */
    singularValues: number[];
    /** Of the matrices of four rows only. */
    entries: number[][] | null;
  };
  /** The brake R at one matrix of norm 1. */
  brake: {
    entries: Entries;
    /** How many entries. */
    n: number;
    seed: number;
    /** R - 1. */
    rmsMinus1: number;
    /** The theorem's bounds of it. */
    lower: number;
    upper: number;
  };
  /** Many matrices of all shapes, tails and gammas beside the bounds of R. */
  bounds: {
    matrices: number;
    /** Smallest (R - 1) / lower: at least 1 if the bound holds. */
    aboveLower: number;
    /** Largest (R - 1) / upper: at most 1 if the bound holds. */
    belowUpper: number;
    /** Largest |R / lower - 1| of flat and |R / upper - 1| of one-hot matrices. */
    tightness: number;
  };
  /** What must be equal, on one random matrix. */
  identity: {
    shape: string;
    seed: number;
    /** 1 - cosine of the angle between the paper's update and the momentum. */
    angle: number;
    /** Relative change of the condition number. */
    condition: number;
    /** Spectral norm of the update. */
    spectralNorm: number;
    /** Largest relative distance of AuON(c G) from AuON(G), c from 1e-3 to 1e6. */
    paperScale: number;
    /** Largest relative distance of the code's AuON(c G) from c times that of G. */
    repoScale: number;
    /** Relative distance of the code's Hybrid-AuON from Muon over R; R - 1; entries. */
    hybrid: { distance: number; rmsMinus1: number; n: number };
  };
  /** A run on digits. */
  training: {
    optimizer: OptimizerName;
    learningRate: number;
    seed: number;
    /** Loss on all training images after the last step. */
    loss: number;
    /** Share of the test images that are wrong. */
    testError: number;
    /** Mean loss of five batches each. */
    curve: number[];
  };
  /**
   * AuON beside descent, from the same start and on the same batches: differences of the batch losses, step
   * by step.
   */
  control: {
    /** The paper's definition beside normalized descent, or the code's beside plain descent. */
    variant: Variant;
    seed: number;
    /** AuON against descent at the rate over R's lower bound. */
    brake: number[];
    /** Descent at that rate against descent at the rate itself. */
    tweak: number[];
  };
  /** A run on the associative memory. */
  memory: {
    optimizer: OptimizerName;
    seed: number;
    /** Mean loss before every step. */
    mean: number[];
    /** Loss of the rarest quarter. */
    tail: number[];
  };
  /** Operations, counted while the pseudo-code runs on a square matrix. */
  count: {
    method: "Newton–Schulz, 5 steps" | "Hybrid-AuON" | "AuON";
    /** Rows of the matrix. */
    size: number;
    /** Multiplications and additions. */
    operations: number;
    /** Relative distance from what the library computes. */
    distance: number;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** What trials return. */
import type { InvariancePenalty } from "../../lib/invariance/mod.ts";
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** How a network starts before the penalty is applied. */
export type Start = "rich" | "random" | "annealed" | "ERM" | "gray";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** Worst accuracy over the three tests, after some steps. */
  accuracy: {
    seed: number;
    /** Where the network starts. */
    start: Start;
    /** Whether its features are frozen. */
    frozen: boolean;
    penalty: InvariancePenalty;
    /** Weight of the penalty. */
    weight: number;
    step: number;
    /** Whether it is the last step. */
    final: boolean;
    /** Whether it is the long training, for the decay. */
    long: boolean;
    /** Number of training examples. */
    examples: number;
    /** Smallest accuracy over color flips 0.9, 0.1 and 0.5. */
    worst: number;
    /** Accuracy at each of these. */
    tests: number[];
  };
  /** One round of discovery. */
  round: {
    seed: number;
    round: number;
    /** Number of training examples. */
    examples: number;
    /** Accuracy on all training examples. */
    accuracy: number;
    /** Share of predictions that are the color. */
    agreement: number;
    /** Loss and accuracy on what round 1 has right and wrong. */
    groupLosses: number[];
    groupAccuracies: number[];
    /** Share of the round's predictions that its head of the synthesis repeats. */
    repeated: number;
    /** Accuracy at color flips 0.9, 0.1 and 0.5. */
    tests: number[];
  };
  /** A point of the two-sign model. */
  point: {
    /** `minimum`: the smallest value; `descent`: the end of gradient descent from the origin. */
    what: "minimum" | "descent";
    penalty: InvariancePenalty;
    weight: number;
    /** Color flips of the environments. */
    colorFlips: number[];
    a: number;
    b: number;
    risks: number[];
  };
  /** Gradient descent of the two-sign model. */
  path: { weight: number; step: number; a: number; b: number };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

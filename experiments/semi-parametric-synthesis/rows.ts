/** What trials return. */
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** What is trained; notes 4. */
export type Arm = "RDM" | "parametric, 18 k" | "parametric, 52 k" | "random neighbours" | "RDM, predicts x₀";

/** Which half of the digits: those of training, or those that no weight has seen. */
export type Domain = "old" | "new";

/** Measurements of 1000 samples against the test images of a domain; notes 6.3. */
export interface Quality {
  fd: number;
  precision: number;
  recall: number;
  /** Share of the samples that are digits 5 to 9. */
  isNew: number;
  /** Share of the samples in the class of their query; 0 without a database. */
  queryClass: number;
  /** Distance to the training images over that of test images. */
  memorization: number;
}

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** One trained model, sampled from the database of one domain. */
  model: Quality & {
    arm: Arm;
    /** Probability with which neighbours were dropped in training. */
    drop: number;
    /** Neighbours; 0 for a model without a database. */
    k: number;
    seed: number;
    steps: number;
    domain: Domain;
    parameters: number;
    /** Mean loss of the last 200 steps. */
    loss: number;
  };
  /** Samples from the most frequent entries of the database only. */
  topM: Quality & {
    seed: number;
    /** Share m of the entries. */
    m: number;
  };
  /** Samples with guidance. */
  guidance: Quality & {
    seed: number;
    domain: Domain;
    /** Probability with which neighbours were dropped in training. */
    drop: number;
    /** Strength s. */
    strength: number;
  };
  /** Samples after all entries of a digit have left the database. */
  deleted: {
    seed: number;
    digit: number;
    /** Share of the samples that are this digit, before and after. */
    before: number;
    after: number;
  };
  /** What is fixed by the data: distances between the parts, and the proposal distribution. */
  data: Quality & {
    /** Which images are measured: the training images, the database, or the means of 4 neighbours. */
    of: "train" | "database" | "mean of the neighbours";
    /** Where they are from; and against which test images. */
    from: Domain;
    domain: Domain;
    count: number;
  };
  /** The proposal distribution p_D of the old database. */
  proposal: {
    /** k times the number of training images. */
    total: number;
    sum: number;
    /** Share of the entries that are a neighbour of something. */
    used: number;
    largest: number;
  };
  /** How strongly the denoised digit depends on the neighbours, by noise level. */
  influence: {
    seed: number;
    sigma: number;
    /**
     * Change of the denoised digits when neighbours of another class are given, root mean square over
     * sigmaData.
     */
    change: number;
    /** Error of the denoised digits with the right neighbours. */
    right: number;
    /** With those of another class. */
    wrong: number;
    /** The largest weight of attention, mean. */
    attention: number;
  };
  /** A few samples side by side. */
  strip: {
    /** What the samples are from: a model, the database, or a model whose database has lost a digit. */
    of: Arm | "database" | "without 7";
    domain: Domain;
    seed: number;
    /** Pixels of one digit after the other, row by row, a letter each: A (white) to Q. */
    pixels: string;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

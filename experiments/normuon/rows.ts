import type { Method } from "./methods.ts";
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** How unequal one layer's update was at one step of training. */
  spread: {
    optimizer: Method;
    /** 0 for the first; layer 2 is the one of the paper's figure, 256 x 64 at the usual width. */
    layer: number;
    step: number;
    seed: number;
    /** Standard deviation over mean of the neurons' update norms. */
    variation: number;
    /** Largest over smallest singular value; null for the first layer, whose inputs have dead pixels. */
    condition: number | null;
  };
  /** Everything about one update of layer 2: what the key figure draws. */
  profile: {
    optimizer: Method;
    seed: number;
    /** Update norms over their mean, one a neuron, descending. */
    neuronNorms: number[];
    /** Singular values over the largest, descending. */
    singularValues: number[];
  };
  /**
   * Layer 2's squared update norms beside the leverage scores of its momentum, at one step of a run with
   * Muon.
   */
  leverage: {
    seed: number;
    leverage: number[];
    /** Squared row norms of the exact polar factor and of Muon's five Newton-Schulz steps. */
    exact: number[];
    muon: number[];
  };
  /** How unequal the rows are after so many Newton-Schulz steps. */
  precision: {
    seed: number;
    shape: "tall" | "wide";
    schedule: string;
    steps: number;
    variation: number;
    /** Of the exact polar factor: by its leverage scores. */
    limit: number;
  };
  /** Gaussian matrices: the theorem and the law of the leverage scores. */
  gaussian: {
    draw: number;
    rows: number;
    columns: number;
    /** Variation of the leverage scores. */
    variation: number;
    /** Largest difference between a score and the squared row norm of the polar factor. */
    error: number;
  };
  /** How far each neuron travelled on the quadratic. */
  travel: {
    method: Method;
    outputs: number;
    inputs: number;
    seed: number;
    /** Distance of each neuron from its start, the heaviest first. */
    travel: number[];
    variation: number;
    /** Mean of the heaviest quarter over that of the lightest. */
    quartiles: number;
    /** Relative error of the lightest quarter of the neurons. */
    lightError: number;
    /** Distance of the whole matrix. */
    length: number;
    lossRatio: number;
  };
  /** What must hold exactly, on the quadratic: largest relative deviations. */
  identity: {
    seed: number;
    /** First step: a neuron's norm from |O| / sqrt(m). */
    firstStep: number;
    /** The same with eps = 1e-12. */
    firstStepSmallEps: number;
    /** Every step: |H| from |O|. */
    length: number;
    /** Every step, the paper's variant: the update's norm from 0.2 lr sqrt(mn). */
    paperLength: number;
  };
  /** One run of the training comparison. */
  training: { optimizer: Method; learningRate: number; seed: number; loss: number };
  /** The update of a neuron whose gradient has ended, over the mean update norm of the others. */
  dead: {
    shape: "tall" | "wide";
    line: string;
    /** Steps since the last gradient. */
    since: number;
    size: number;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** Neurons of the wide layers that were looked at. */
export function widthOf(profiles: readonly Row<"profile">[]): number {
  return profiles[0]?.neuronNorms.length ?? 256;
}

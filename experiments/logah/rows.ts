/** What trials return. */
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** Where the weights of a network come from before it is trained. */
export type Start = "LoGAH" | "transposed" | "tiled" | "random";

/** What all rows about predicted networks have. */
export interface Setting {
  start: Start;
  seed: number;
  /** Steps of the hypernetwork's training; 0 for random starts. */
  steps: number;
  rank: number;
}

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** Number of parameters of a hypernetwork of the paper. */
  size: {
    name: string;
    method: "LoGAH" | "GHN-3";
    /** Largest width that it predicts without copies. */
    width: number;
    parameters: number;
    /** Weights of the decoder, without biases. */
    decoder: number;
    /** Millions of parameters as the paper prints them; null where it does not. */
    printed: number | null;
  };
  /** Number of parameters that a method needs for a width. */
  width: { method: "LoGAH" | "GHN-3"; width: number; parameters: number };
  /** Seeds of the decoder on which a weight depends. */
  usage: {
    rank: number;
    maxSize: number;
    outputs: number;
    inputs: number;
    /** Seeds with a gradient that is not zero. */
    active: number;
    /** ceil(outputs rank / K) + ceil(inputs rank / K). */
    formula: number;
  };
  /** Accuracy of a network as predicted, without any step of its own. */
  accuracy: Setting & {
    /** Hidden layers. */
    depth: number;
    width: number;
    accuracy: number;
  };
  /** Accuracy after steps of fine-tuning, two hidden layers. */
  tuning: Setting & {
    width: number;
    rate: number;
    /** Order of the data. */
    order: number;
    step: number;
    accuracy: number;
  };
  /** How many units of the second hidden layer differ, before (rate null) or after fine-tuning. */
  units: Setting & { width: number; rate: number | null; order: number; distinct: number };
  /** Units of a tiled network after fine-tuning in double precision. */
  copies: Setting & {
    width: number;
    rate: number;
    step: number;
    distinct: number;
    /** Largest difference between units i and i + 32, relative to the largest value. */
    apart: number;
  };
  /** Singular values of the weight of a hidden layer, over the largest one. */
  spectrum: Setting & {
    layer: number;
    width: number;
    /** Those above 1e-5. */
    numericalRank: number;
    /** The first of them, rank + 1 at least. */
    values: number[];
  };
  /** Mean of 1 - |cosine| between the weights of equal shape of one network. */
  diversity: Setting & { isTrained: boolean; distance: number };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

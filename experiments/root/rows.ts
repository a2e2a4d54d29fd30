/** What trials return: protocols A to D are those of notes 6. */
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** Names of Newton-Schulz coefficients, as rows and legends call them. */
export type Schedule =
  | "cubic"
  | "classic"
  | "Muon"
  | "You"
  | "Polar Express"
  | "AdaNewton"
  | "AdaNewton, one for the shape"
  | "fitted to a 1:3 mix"
  | "fitted to Gaussians"
  | "published";

/** Optimizers of the training runs. */
export type Method = "Muon" | "AdamW" | "ROOT" | "AdaNewton only" | "clip only" | "clip before momentum";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** Protocol A: relative error on the Marchenko-Pastur spectrum of a Gaussian m x n matrix. */
  fragility: { m: number; n: number; schedule: Schedule; error: number };
  /** What a published triple does to the singular values of any matrix of its shape. */
  bound: {
    m: number;
    n: number;
    /** The largest value that five steps make of one in [0, 1]. */
    worst: number;
    /** What no number of steps exceeds; null if there is no such bound. */
    bound: number | null;
  };
  /** Its cross-check: the error on sampled Gaussian matrices. */
  sampled: { m: number; n: number; schedule: Schedule; seed: number; error: number };
  /** A calibration of protocol B. */
  fit: {
    /** Seed of the run whose spectra were fitted. */
    calibration: number;
    /** Hidden layer, 2 to 4. */
    layer: number;
    schedule: Schedule;
    quintic: [number, number, number];
    /** Error on what it was fitted to. */
    error: number;
  };
  /** Protocol B, the key figure: relative error on the momentum of a training run. */
  precision: {
    calibration: number;
    /** Seed of the run whose momentum this is. */
    evaluation: number;
    layer: number;
    step: number;
    schedule: Schedule;
    error: number;
  };
  /** Share of the normalized singular values in a logarithmic bin. */
  spectrum: {
    /** Momenta of protocol B, or Gaussian matrices of the same shape. */
    source: "momentum" | "Gaussian";
    seed: number;
    /** Middle of the bin. */
    value: number;
    share: number;
  };
  /** Protocol C: twenty entries of a Gaussian matrix are raised by `size`. */
  outlier: {
    seed: number;
    size: number;
    method: "Muon" | "ROOT" | "exact polar factor";
    /** With the polar factor of the matrix before. */
    cosine: number;
    /** Largest distance of an entry from the result at size 100. */
    change: number;
  };
  /** One entry of a Gaussian matrix is huge. */
  single: {
    seed: number;
    /** The entry over the Frobenius norm of the matrix. */
    size: number;
    /** Newton-Schulz at that entry. */
    corner: number;
    /** Frobenius norm of what is left of the rest, and what the slope at zero predicts. */
    rest: number;
    predictedRest: number;
    /** Distance of the exact polar factor from its limit. */
    polarError: number;
  };
  /** Momentum of hit Gaussian gradients: when is the threshold itself an outlier? */
  breakdown: {
    seed: number;
    probability: number;
    size: number;
    quantile: number;
    clip: "momentum" | "gradient" | "none";
    /** Threshold over that of clean values; null where nothing is clipped. */
    inflation: number | null;
    /** The same, from the law of the last hit; null where nothing is clipped. */
    predicted: number | null;
    /** Cosine of the orthogonalized update with the polar factor of the clean momentum. */
    cosine: number;
  };
  /** Protocol D: a training run whose gradients are hit. */
  training: {
    probability: number;
    size: number;
    method: Method;
    learningRate: number;
    /** `learningRate` over the protocol's. */
    ratio: number;
    seed: number;
    /** Loss on the full training set after the last step; null if the run diverged. */
    loss: number | null;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** The runs of the grid of learning rates at one setting, at the seeds that tried every rate. */
export function gridOf(
  training: readonly Row<"training">[],
  probability: number,
  size: number,
): Row<"training">[] {
  const here = training.filter((row) => row.probability === probability && row.size === size);
  const tried = here.filter(({ ratio }) => ratio !== 1);
  const seeds = new Set(tried.map(({ seed }) => seed));
  const methods = new Set(tried.map(({ method }) => method));
  return here.filter(({ seed, method }) => seeds.has(seed) && methods.has(method));
}

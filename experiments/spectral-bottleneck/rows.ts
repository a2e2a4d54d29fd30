/** What trials return. */
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** How a network starts; notes 4. */
export type Start =
  | "SIREN"
  | "SIREN²"
  | "s₀ only"
  | "s₁ only"
  | "wide s₀"
  | "SIREN, tuned"
  | "FINER"
  | "Gauss"
  | "Fourier features";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** One network fitted to one band of frequencies. */
  fit: {
    start: Start;
    /** Centre of the target's band over the Nyquist frequency. */
    center: number;
    seed: number;
    steps: number;
    /** Decibels of the zero output. */
    zero: number;
    /** Decibels after the last step. */
    psnr: number;
    /** Root mean square of the output over that of the target. */
    rms: number;
    /** Rate of the target's central frequency under the tangent kernel at the start. */
    rate: number;
  };
  /** A point of a training curve. */
  curve: { start: Start; center: number; seed: number; step: number; psnr: number };
  /**
   * A fit with noise on the first layer alone, on its grid and in the middle between the points of the grid.
   */
  between: {
    /** s0 over the angular frequency of the target's centre. */
    share: number;
    center: number;
    seed: number;
    grid: number;
    between: number;
  };
  /** A network with many more parameters than samples. */
  control: { center: number; seed: number; parameters: number; samples: number; psnr: number };
  /** A network fitted to an image of white noise. */
  image: {
    start: "SIREN" | "SIREN²";
    seed: number;
    /** Pixels of one side. */
    size: number;
    zero: number;
    psnr: number;
  };
  /** Variance of the second layer's pre-activations at the start. */
  variance: {
    s1: number;
    biases: "pytorch" | "zero";
    width: number;
    seed: number;
    measured: number;
    predicted: number;
  };
  /** A bar of the histogram of the second layer's pre-activations. */
  histogram: {
    s1: number;
    z: number;
    density: number;
    /** Density of the normal law of the predicted variance. */
    normal: number;
  };
  /** Power of the activations of a hidden layer at a frequency, at the start, over the layer's total. */
  spectrum: {
    start: Start;
    /** From 1. */
    layer: number;
    frequency: number;
    power: number;
  };
  /** The tangent kernel at the start, in numbers. */
  kernel: {
    start: Start;
    psi: number;
    seed: number;
    /** Points of the grid. */
    samples: number;
    /** Eigenvalues at index 100 and 200 over the largest. */
    ratio100: number;
    ratio200: number;
    /** Rates of two frequencies. */
    low: number;
    high: number;
  };
  /** An eigenvalue of the tangent kernel, over the largest. */
  eigenvalue: { start: Start; psi: number; seed: number; index: number; value: number };
  /** Rate of a Fourier mode under the tangent kernel. */
  rate: { start: Start; psi: number; seed: number; frequency: number; rate: number };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

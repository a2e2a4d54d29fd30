/** What trials return. Sizes have the letters of the paper. */
import type { ConvolutionShape } from "../../lib/convolutions/mod.ts";
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** Sizes of a layer: M filters, C channels, k x k taps, stride S. */
export interface Layer {
  M: number;
  C: number;
  k: number;
  S: number;
}

/** The same as the library names them. */
export function shapeOf({ M, C, k, S }: Layer): ConvolutionShape {
  return { outChannels: M, inChannels: C, kernelSize: k, stride: S };
}

/** Whether a layer has as many filters as its inputs have numbers per output pixel. */
export function isSquare({ M, C, S }: Layer): boolean {
  return M === C * S * S;
}

/** Singular values of a layer and the regularizer. */
export interface Spectrum {
  lorth: number;
  smallest: number;
  largest: number;
}

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /**
   * err_F² / (N² L) from the explicit matrix, and how far its singular values are from those of the blocks.
   */
  identity: Layer & {
    N: number;
    kernel: "sine" | "random";
    seed: number;
    aliased: boolean;
    ratio: number;
    singularValues: number;
  };
  /** err_s² / (α L) of many random kernels of one shape. */
  bound: Layer & { ratios: number[] };
  /** The constant of the spectral bound. */
  constant: Layer & { alpha: number };
  /** Largest difference of the gradient from central differences, over its largest entry. */
  gradient: Layer & { seed: number; error: number };
  /** Shapes with `from` to `to` filters, for which the answer is the same. */
  existence: {
    C: number;
    k: number;
    S: number;
    from: number;
    to: number;
    exists: boolean;
    case: "RO" | "CO" | "square";
    /**
     * Largest regularizer of the best kernels that can be constructed, in absolute value, over these shapes.
     */
    lorth: number;
    /** Its largest distance from the floor. */
    residual: number;
    /** The smallest floor of these shapes. */
    floor: number;
  };
  /** Where a descent ends for a shape without an orthogonal kernel. */
  floor: Layer & { seed: number; lorth: number; floor: number };
  /** Where a descent from a Glorot draw ends. */
  landscape: Layer & Spectrum & { seed: number };
  /** A point on the way of a descent. */
  path: Layer & { seed: number; step: number; lorth: number };
  /** Where a descent for a square layer ends from another start. */
  start: Layer & Spectrum & {
    start: "Glorot draw" | "pruned from M + 1" | "near a construction";
    seed: number;
  };
  /** Errors of one trained kernel on images of one size. */
  scaling: Layer & Spectrum & { seed: number; N: number; frobenius: number; spectral: number; bound: number };
  /** Singular values of a trained kernel with a border between circular (0) and zero padding (1). */
  border: Layer & Spectrum & { seed: number; border: "blend" | "valid"; blend: number };
  /** A layer made orthogonal by different notions. */
  baseline: Layer & Spectrum & {
    method: "Glorot draw" | "orthonormal filters" | "L_orth" | "construction";
    seed: number;
    kernelOrthogonality: number;
  };
  /** A kernel under the regularizer as the code of Wang et al. has it. */
  release: Layer & Spectrum & { name: "stride 1" | "stride 2"; seed: number; released: number };
  /** A stationary point for M = C = 1, k = 3. */
  minimum: Spectrum & { name: string; gradient: number; curvature: number };
  /** Where a descent for M = C = 1, k = 3 ends when its rate falls to nothing. */
  ending: { seed: number; lorth: number };
  /** Squared gain of a stationary point at a frequency (in turns per pixel). */
  response: { name: string; u: number; v: number; power: number };
  /** The regularizer in the plane of a spurious minimum and the centre tap. */
  slice: { x: number; y: number; lorth: number };
  /** A small network trained with a weight of the regularizer. */
  digits: {
    lambda: number;
    seed: number;
    accuracy: number;
    /** Accuracy under a gradient attack. */
    attacked: number;
    /** Share of test images that are right and stay so, provably, within the attack's radius. */
    certified: number;
    /** Product of the layers' largest singular values. */
    lipschitz: number;
    /** Smallest singular value of the second convolution over its largest. */
    isometry: number;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

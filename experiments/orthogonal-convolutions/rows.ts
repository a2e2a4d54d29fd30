/** What trials return. Sizes have the letters of the paper. */
import type { ConvolutionShape } from "../../lib/convolutions/mod.ts";

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

/** err_F² / (N² L) from the explicit matrix, and how far its singular values are from those of the blocks. */
export interface IdentityRow extends Layer {
  kind: "identity";
  N: number;
  kernel: "sine" | "random";
  seed: number;
  aliased: boolean;
  ratio: number;
  singularValues: number;
}

/** err_s² / (α L) of many random kernels of one shape. */
export interface BoundRow extends Layer {
  kind: "bound";
  ratios: number[];
}

/** The constant of the spectral bound. */
export interface ConstantRow extends Layer {
  kind: "constant";
  alpha: number;
}

/** Largest difference of the gradient from central differences, over its largest entry. */
export interface GradientRow extends Layer {
  kind: "gradient";
  seed: number;
  error: number;
}

/** Shapes with `from` to `to` filters, for which the answer is the same. */
export interface ExistenceRow {
  kind: "existence";
  C: number;
  k: number;
  S: number;
  from: number;
  to: number;
  exists: boolean;
  case: "RO" | "CO" | "square";
  /** Largest regularizer of the best kernels that can be constructed, in absolute value, over these shapes. */
  lorth: number;
  /** Its largest distance from the floor. */
  residual: number;
  /** The smallest floor of these shapes. */
  floor: number;
}

/** Where a descent ends for a shape without an orthogonal kernel. */
export interface FloorRow extends Layer {
  kind: "floor";
  seed: number;
  lorth: number;
  floor: number;
}

/** Where a descent from a Glorot draw ends. */
export interface LandscapeRow extends Layer, Spectrum {
  kind: "landscape";
  seed: number;
}

/** A point on the way of a descent. */
export interface PathRow extends Layer {
  kind: "path";
  seed: number;
  step: number;
  lorth: number;
}

/** Where a descent for a square layer ends from another start. */
export interface StartRow extends Layer, Spectrum {
  kind: "start";
  start: "Glorot draw" | "pruned from M + 1" | "near a construction";
  seed: number;
}

/** Errors of one trained kernel on images of one size. */
export interface ScalingRow extends Layer, Spectrum {
  kind: "scaling";
  seed: number;
  N: number;
  frobenius: number;
  spectral: number;
  bound: number;
}

/** Singular values of a trained kernel with a border between circular (0) and zero padding (1). */
export interface BorderRow extends Layer, Spectrum {
  kind: "border";
  seed: number;
  border: "blend" | "valid";
  blend: number;
}

/** A layer made orthogonal by different notions. */
export interface BaselineRow extends Layer, Spectrum {
  kind: "baseline";
  method: "Glorot draw" | "orthonormal filters" | "L_orth" | "construction";
  seed: number;
  kernelOrthogonality: number;
}

/** A kernel under the regularizer as the code of Wang et al. has it. */
export interface ReleaseRow extends Layer, Spectrum {
  kind: "release";
  name: "stride 1" | "stride 2";
  seed: number;
  released: number;
}

/** A stationary point for M = C = 1, k = 3. */
export interface MinimumRow extends Spectrum {
  kind: "minimum";
  name: string;
  gradient: number;
  curvature: number;
}

/** Where a descent for M = C = 1, k = 3 ends when its rate falls to nothing. */
export interface EndingRow {
  kind: "ending";
  seed: number;
  lorth: number;
}

/** Squared gain of a stationary point at a frequency (in turns per pixel). */
export interface ResponseRow {
  kind: "response";
  name: string;
  u: number;
  v: number;
  power: number;
}

/** The regularizer in the plane of a spurious minimum and the centre tap. */
export interface SliceRow {
  kind: "slice";
  x: number;
  y: number;
  lorth: number;
}

/** A small network trained with a weight of the regularizer. */
export interface DigitsRow {
  kind: "digits";
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
}

/** A row of any kind. */
export type Row =
  | IdentityRow
  | BoundRow
  | ConstantRow
  | GradientRow
  | ExistenceRow
  | FloorRow
  | LandscapeRow
  | PathRow
  | StartRow
  | ScalingRow
  | BorderRow
  | BaselineRow
  | ReleaseRow
  | MinimumRow
  | EndingRow
  | ResponseRow
  | SliceRow
  | DigitsRow;

/** What trials return. */
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** How a layer of the depth experiment starts. */
export type Start = "identity" | "identity, float32" | "½Q" | "HNN++";

/** A network's start, as the training experiment calls it. */
export type NetworkStart = "identity" | "orthogonal" | "hnn++";

/** Batch normalization between its layers. */
export type Norm = "none" | "midpoint" | "frechet";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** Features through a stack of square layers: mean tangent norm after each of them, the input first. */
  depth: {
    start: Start;
    d: number;
    c: number;
    rho: number;
    seed: number;
    norms: number[];
    /** Largest |norm / ρ - 1| of a vector after any layer. */
    worst: number;
  };
  /** The identity start through layers with the conformal factor of the released code. */
  released: { c: number; rho: number; norms: number[] };
  /** A batch on its way through layers: the first two coordinates of its points, over the ball's radius. */
  disk: {
    start: "identity" | "HNN++" | "released code";
    /** Layers behind the points. */
    layer: number;
    points: [x: number, y: number][];
  };
  /** One layer in single precision at the identity start: in the ball, and fused. */
  boundary: {
    form: "ball" | "fused";
    /** Norm of the tangent vector that goes in. */
    norm: number;
    /** Norm that comes out over it, minus 1; null for NaN. */
    error: number | null;
  };
  /** Midpoint and Fréchet mean of one sample. */
  means: {
    c: number;
    sigma: number;
    seed: number;
    /** Their distance over the rms distance of the points from the Fréchet mean. */
    relative: number;
    /** Steps of the Fréchet mean. */
    iterations: number;
    /** Variance about the midpoint over that about the Fréchet mean, minus 1. */
    excess: number;
  };
  /** A batch after normalization. */
  normalization: {
    mean: "midpoint" | "frechet";
    seed: number;
    /** Fréchet variance of the batch before. */
    variance: number;
    /** Fréchet variance of the outputs about exp0(θ) over γV/(V + eps), minus 1. */
    varianceError: number;
    /** Norm of the mean of the outputs' tangent vectors at exp0(θ). */
    offCentre: number;
  };
  /** A network trained on digits. */
  training: {
    layers: number;
    init: NetworkStart;
    norm: Norm;
    seed: number;
    epochs: number;
    /** Norm of the first batch's gradient with respect to the normals of each layer. */
    gradientNorms: number[];
    /** Mean loss of the batches of each epoch. */
    losses: number[];
    /** Loss on the whole training set at the end. */
    loss: number;
    /** Share of the test images that are recognized at the end. */
    accuracy: number;
  };
  /** What a block's forward pass leaves for its backward pass. */
  graph: {
    form: "tensor operations" | "fused";
    /** Operations on the tape. */
    operations: number;
    /** Tensors that are kept. */
    tensors: number;
    /** Their bytes. */
    bytes: number;
    /** Largest difference of the outputs from those of the fused form, over their largest entry. */
    difference: number;
  };
  /** A small ResNet on digits, after an epoch. */
  resnet: { network: "Poincaré" | "Euclidean"; seed: number; epoch: number; loss: number; accuracy: number };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** What trials return. */
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** What is compared in the plane: both methods, and one with something changed. */
export type Variant =
  | "SDS"
  | "VSD"
  | "SJC"
  | "SDS, not annealed"
  | "VSD, not annealed"
  | "VSD, ω = 1"
  | "SDS, fresh noise"
  | "VSD, fresh noise"
  | "VSD, wrong sign";

/** The samplers that particles are compared with. */
export type Sampler = "DDPM" | "DDIM";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** A cloud of particles, or of samples, in the plane after the last step. */
  study: {
    method: Variant | Sampler;
    /** Weight s of the guidance. */
    guidance: number;
    seed: number;
    /** Points of the cloud. */
    particles: number;
    steps: number;
    /** Energy distance to the prior where s = 1, else to the draws of DDPM; null for DDPM itself there. */
    energy: number | null;
    /** Energy distance to the draws of DDIM; null where there are none. */
    energyDdim: number | null;
    /** Share of the points that are nearest to each of the three means. */
    shares: number[];
    /** Sum of the variances of both coordinates. */
    totalVariance: number;
    /** Root mean square of the distances to the nearest mean. */
    rms: number;
    /** The mean of the points, and how far it is from the nearest of the three means. */
    mean: number[];
    distance: number;
  };
  /** A point of such a cloud. */
  point: { method: Variant | Sampler; guidance: number; x: number; y: number };
  /** Particles on their way, as they are after some steps. */
  frame: { method: "SDS" | "VSD"; step: number; x: number; y: number };
  /** A cloud of few or many particles. */
  count: {
    particles: number;
    seed: number;
    totalVariance: number;
    energy: number;
    /** The expected energy distance of as many independent draws: notes 6.1. */
    independent: number;
    /** Where they are, for the first seed. */
    points: number[][];
  };
  /** Where SDS ends on average: the zero of its expected gradient, by quadrature. */
  attractor: {
    guidance: number;
    /** The largest time of the schedule that is drawn. */
    largest: number;
    x: number;
    y: number;
    /** To the nearest of the three means. */
    distance: number;
  };
  /** Where the flow of the expected SDS gradient ends, and where SDS itself does at a small learning rate. */
  settled: { by: "flow" | "particles"; start: string; seed: number; x: number; y: number };
  /** The variance of Gaussian particles against the differential equation. */
  variance: {
    method: "SDS" | "VSD";
    /** `own times`: each particle draws its own time; `one time`: the loop of the paper. */
    times: "own times" | "one time";
    seed: number;
    /** Sum of the learning rates. */
    tau: number;
    measured: number;
    exact: number;
  };
  /** Gaussian particles under guidance, at the end, against the formula. */
  guided: {
    guidance: number;
    seed: number;
    mean: number;
    exactMean: number;
    variance: number;
    exactVariance: number;
  };
  /** A scene of Flatland after the last step. */
  scene: {
    method: "SDS" | "VSD";
    seed: number;
    steps: number;
    /** How many views the prior sees at once. */
    views: number;
    particle: number;
    /** The true scene whose views are nearest, and the root mean square error over all views and pixels. */
    nearest: number;
    rmse: number;
    /** The nearest true scene view by view, and its error, at equally spaced angles. */
    nearestByView: number[];
    rmseByView: number[];
  };
  /** A cell of a scene in which something is to be seen. */
  cell: {
    scene: string;
    x: number;
    y: number;
    /** How much light a cell absorbs, and its colour. */
    opacity: number;
    color: number;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

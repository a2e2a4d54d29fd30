/** What trials return. */
import type { DesignKind } from "../../lib/sampling/mod.ts";
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** Spaces of polynomials. */
export type Family = "Legendre" | "Hermite";

/** Functions to approximate. */
export type Target = "|x|" | "Runge" | "exp";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** How often a design of n = ratio m points has a smallest eigenvalue of at least 1 - delta. */
  conditioning: {
    family: Family;
    m: number;
    delta: number;
    design: DesignKind;
    ratio: number;
    seed: number;
    replicates: number;
    probability: number;
  };
  /**
   * Squared errors of fits over the best possible one: quantiles 5, 50 and 95 %, and what theorems are about.
   */
  error: {
    m: number;
    target: Target;
    design: DesignKind;
    n: number;
    seed: number;
    replicates: number;
    q05: number;
    median: number;
    q95: number;
    /** The largest error over its bound in the sup norm, over all samples. */
    worst: number;
    /** Share of samples whose smallest eigenvalue is at least 1/2. */
    accepted: number;
    /** Mean of the ratio over those; 0 where there are none. */
    acceptedMean: number;
  };
  /** The mean of something over independent draws, whose expectation is known. */
  estimate: {
    quantity: "interpolation ratio" | "coefficient" | "inverse Gram" | "moment" | "noise" | "proposals";
    /** What of it: the space, the design, the moment. */
    of: string;
    seed: number;
    draws: number;
    mean: number;
    standardError: number;
    expected: number;
  };
  /** Chi-square statistic of the points of draws in 20 bins against the leverage density. */
  marginal: { seed: number; chiSquare: number };
  /** Expectations over all samples on six points. */
  exact: {
    design: "volume" | "iid-optimal" | "repeated-dpp";
    n: number;
    /** Expected squared error over the best one. */
    ratio: number;
    /** Expected coefficients minus the true ones. */
    bias: number[];
    /** Diagonal of the expected inverse of the Gram matrix. */
    inverse: number[];
    /** Of a smallest eigenvalue of at least 1/2. */
    probability: number;
    nonSingular: number;
  };
  /** What repetition gains for a residual. */
  gain: {
    m: number;
    residual: string;
    /** The degree, where the residual is one polynomial of the basis. */
    degree: number | null;
    kappa: number;
  };
  /** A point of one draw on [-1, 1]. */
  strip: { design: DesignKind; x: number };
  /** The leverage density. */
  density: { x: number; density: number };
  /** Share of the gaps between neighbours, in units of their mean, in a bin of width 0.2. */
  gap: { design: DesignKind; gap: number; density: number };
  /** A point of one draw in the square [-1, 1]^2. */
  plane: { design: DesignKind; x: number; y: number };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** What trials return. */
import type { Setting } from "./setting.ts";
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** How a predictor is found. */
export type Method = "ols" | "ridge" | "pcr" | "pretrained" | "oracle";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** Excess risk of a method, the mean and the quantiles 10 and 90 % of independent repetitions. */
  risk: {
    setting: Setting;
    method: Method;
    /** Unlabeled inputs; null for methods that use none, and for the true subspace. */
    m: number | null;
    /** Targets. */
    n: number;
    seed: number;
    replicates: number;
    mean: number;
    q10: number;
    q90: number;
  };
  /** A mean excess risk that has a formula. */
  mean: {
    method: Method;
    m: number | null;
    n: number;
    seed: number;
    replicates: number;
    mean: number;
    standardError: number;
    /** What the formula gives; null where there is none. */
    expected: number | null;
  };
  /**
   * Excess risk of the best predictor on the factors that m inputs give, as if there were infinitely many
   * targets.
   */
  subspace: {
    m: number;
    /** Whether the sample covariance comes from inputs or from its own distribution. */
    sampled: "inputs" | "Wishart";
    seed: number;
    replicates: number;
    mean: number;
    standardError: number;
    expected: number;
  };
  /** How much the predictor changes when the factors are mapped, relative to its length. */
  invariance: { map: "rotation" | "invertible map"; change: number };
  /** Squared cosine between the first principal direction and the true one. */
  spike: {
    d: number;
    s: number;
    gamma: number;
    seed: number;
    replicates: number;
    cosine2: number;
    sd: number;
    expected: number;
  };
  /** A target that also depends on the noise of the input: excess risk. */
  "noise target": {
    method: "ols" | "pretrained";
    n: number;
    seed: number;
    replicates: number;
    mean: number;
    /** What the factors cannot predict, however many targets there are. */
    floor: number;
  };
  /** Error of a classifier of clusters. */
  mixture: {
    method: "pretrained" | "EM on the labeled" | "1-NN";
    n: number;
    seed: number;
    draws: number;
    error: number;
  };
  /** A mixture that was fitted to unlabeled inputs. */
  clusters: {
    seed: number;
    m: number;
    /** Means that have no fitted mean within distance 1. */
    missed: number;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

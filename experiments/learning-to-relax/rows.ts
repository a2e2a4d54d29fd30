/** What trials return. */
import type { TsallisNewton } from "../../lib/bandits/mod.ts";
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** The two distributions of the diagonal shift: the same mean, and a standard deviation of 0.15 or 0.087. */
export type Variance = "high" | "low";

/** Who learns a parameter. */
export type LearnerName = "Tsallis-INF" | "Tsallis-INF-CB" | "ChebCB";

/** Who chooses a parameter; "fixed" ones have an `omega`. */
export type Method = LearnerName | "instance-optimal" | "fixed";

/** What a run of instances is made of. */
export interface Setting {
  /** Parameters of the beta distribution of the shift. */
  alpha: number;
  beta: number;
  /** Number of actions, evenly from 1 to 1.95. */
  actions: number;
  /** Degree of ChebCB's polynomials. */
  degree: number;
  seed: number;
}

/** How a heat solver is chosen; "fixed" ones have an `omega`. */
export type HeatMethod = "CG" | "grid-optimal" | Exclude<Method, "instance-optimal">;

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** Iterations that a method took for the first `round` instances. */
  progress: Setting & {
    variance: Variance;
    /** All instances of the run. */
    rounds: number;
    method: Method;
    omega: number | null;
    round: number;
    total: number;
  };
  /** A parameter that a learner chose for a shift, late in a run. */
  choice: { variance: Variance; method: LearnerName; shift: number; omega: number };
  /** How far the probabilities of Tsallis-INF are from a sum of 1, at worst, in the rounds of a run. */
  probability: {
    newton: TsallisNewton;
    variance: Variance;
    seed: number;
    rounds: number;
    worst: number;
    /** The first round with a sum off by more than 1e-6; null if there is none. */
    broken: number | null;
    total: number;
  };
  /** The sum of the probabilities in one round, and the mean of the parameters chosen in the last 25. */
  weight: { newton: TsallisNewton; round: number; sum: number; omega: number };
  /** Iterations of ChebCB or Tsallis-INF with another number of actions or another degree. */
  price: Setting & { method: LearnerName; rounds: number; total: number };
  /** Iterations for b = ones, and what theory makes of them. */
  surrogate: {
    shift: number;
    omega: number;
    /** Whether this is the parameter with the smallest spectral radius. */
    optimal: boolean;
    actual: number;
    asymptotic: number;
    bound: number;
    energy: number;
    tau: number;
  };
  /** The spectral radius of the iteration from the dense eigenvalues, and from Young's formula. */
  radius: { shift: number; omega: number; optimal: boolean; dense: number; formula: number };
  /** Iterations of conjugate gradients for the first `steps` steps of the heat equation. */
  heat: {
    /** Cells per side. */
    cells: number;
    method: HeatMethod;
    omega: number | null;
    seed: number;
    steps: number;
    total: number;
    /** Sum of the solution after them. */
    sum: number;
  };
  /** Iterations for one step of the heat equation with each parameter. */
  landscape: { cells: number; step: number; omega: number; iterations: number };
  /** Mean of the parameters that were chosen for the last 25 steps. */
  track: { cells: number; method: HeatMethod; step: number; omega: number };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

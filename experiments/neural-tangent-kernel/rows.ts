/** What trials return. */
import type { Activation } from "../../lib/tangent_kernels/mod.ts";
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** Infinite-width tangent kernel between angle 0 and gamma. */
  limit: { activation: Activation; gamma: number; ntk: number };
  /** Law of the trained function at infinite width. */
  band: { time: number; gamma: number; mean: number; sd: number };
  /** Eigenvalue of a Fourier mode. */
  eigenvalue: { mode: number; rate: number };
  /** Mean and standard deviation of finite-width kernels over initializations. */
  spread: { width: number; inits: number; gamma: number; mean: number; sd: number };
  /** One network's kernel before and after training. */
  drift: {
    width: number;
    activation: Activation;
    init: number;
    gamma: number[];
    before: number[];
    after: number[];
  };
  /** One network's function at a time of training, on a grid and at the test angles. */
  function: {
    width: number;
    init: number;
    time: number;
    gamma: number[];
    values: number[];
    test: number[];
    rmse: number;
  };
  /** Error along and off the mode being learned, at time t. */
  mode: {
    width: number;
    mode: number;
    init: number;
    rate: number;
    t: number;
    along: number;
    off: number;
    kernelTime: number;
  };
  /**
   * One run's numbers: peak of the off-mode error, share of the error left at t = 1/rate, time to halve it.
   */
  "mode-summary": {
    width: number;
    mode: number;
    init: number;
    rate: number;
    peak: number | null;
    left: number | null;
    half: number | null;
  };
  /** Largest distance of a linearized network from (1 - step rate)^k. */
  linearized: { steps: number; deviation: number };
  /** Depth 2 kernel at a point over many initializations. */
  shallow: { width: number; draws: number; mean: number; sd: number; limit: number; expectedSd: number };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** Training angles of Figure 2 and the test angles away from them. */
export const trainingAngles = [-2.4, -0.8, 0.5, 2.0];
export const testAngles = [0, 1.25, Math.PI / 2, 3.0, -1.6];

/** The target x1 x2 on the circle. */
export const circleTarget = (angle: number) => Math.sin(2 * angle) / 2;

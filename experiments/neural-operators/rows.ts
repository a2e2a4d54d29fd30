/** What trials measure. */
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** How a network comes to a test grid: what is trained, and what is done on another grid. */
export type Route =
  | "FNO"
  | "plain CNN"
  | "official resizing"
  | "hat kernel"
  | "input and output resized"
  | "hat kernel, three grids";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** Error of a trained network on a grid. */
  error: {
    /** The protocol: that of notes 6.2, or the larger one of notes 6.3. */
    setting: "default" | "larger";
    route: Route;
    /** Points of the test grid. */
    n: number;
    seed: number;
    /** Steps of training. */
    steps: number;
    /** Mean relative L2 error over test functions. */
    error: number;
    /** The same of the start itself as the prediction. */
    identity: number;
  };
  /** One test function: a prediction, the truth or the start, at a point. */
  prediction: { route: Route | "solution" | "start"; n: number; x: number; u: number };
  /** Convolution kernels of a trained network on the finest grid, by the official resizing. */
  squeeze: {
    seed: number;
    /**
     * Distance of their symbols, over waves 1 to 8 and all pairs of channels, from those of the trained
     * kernel function, relative; and from those of that function with its argument squeezed (notes 3.1).
     */
    fromTrained: number;
    fromSqueezed: number;
  };
  /** Symbol of a single kernel (notes 8) for a wave. */
  symbol: {
    /** `"oracle"`, or `"symmetric"`, whose first moment is zero. */
    kernel: "oracle" | "symmetric";
    method: "naive" | "hat" | "official";
    wave: number;
    n: number;
    /** Distance from the symbol of the integral operator. */
    fromIntegral: number;
    /** Distance from the sum of the taps. */
    fromSum: number;
    /** Modulus of the first moment of the taps. */
    moment: number;
  };
  /** Value of a kernel function at a place, both in steps of the grid of training. */
  kernel: { method: "trained taps" | "hat kernel" | "official resizing"; place: number; value: number };
  /** Largest error of a layer on a grid. */
  layer: {
    layer:
      | "plain convolution"
      | "local integral, hat kernel"
      | "differential"
      | "differential, a + c = 0"
      | "spectral"
      | "attention, weights"
      | "attention, no weights";
    n: number;
    error: number;
  };
  /** Error of the solver against the closed form. */
  solver: {
    /** Amplitude of the sine that it starts with. */
    amplitude: number;
    steps: number;
    /** Largest error at 64 points, and at 1/8, 1/4 and 3/8. */
    error: number;
    atPoints: number;
  };
  /** Relative error of one function of the data, against four times the steps and twice the points. */
  data: { function: number; error: number };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** What trials return. */
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** Smoothing steps of a classical V-cycle, down and up. */
export type Cycle = "V(1,0)" | "V(1,1)" | "V(2,1)";

/** Names of the operators whose columns are drawn. */
export type Drawn = "Green's function" | "best circulant" | "best Toeplitz" | "learned V-cycle";

/** A coefficient of Darcy flow. */
export type Coefficient = "trig" | "rough";

/** A network that learns Darcy flow. */
export type Model = "MgNO" | "FNO" | "CNN";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** How fast a classical V-cycle for five-point stencils converges. */
  factor: {
    n: number;
    cycle: Cycle;
    /** Spectral radius of the error's map. */
    radius: number;
    /**
     * Largest difference of the learned form with classical kernels from the written-out loops, over the
     * result.
     */
    difference: number;
  };
  /** Damped Jacobi alone, on the smoothest mode. */
  jacobi: { n: number; radius: number };
  /** A family of operators whose best member is known in closed form, or a classical V-cycle. */
  reference: {
    n: number;
    operator: string;
    parameters: number;
    /** Relative Frobenius distance from Green's function. */
    error: number;
  };
  /** A point of a column of an operator: its response to a unit source. */
  column: {
    operator: Drawn;
    /** Number of grids of the learned one; 0 for the others. */
    levels: number;
    /** Place of the source, in (0, 1). */
    source: number;
    x: number;
    value: number;
  };
  /** Error of one column of an operator. */
  where: {
    operator: Drawn;
    /** Number of grids of the learned one; 0 for the others. */
    levels: number;
    /** Place of the source. */
    source: number;
    /** Norm of the column's error over the norm of an average column. */
    error: number;
  };
  /** One learned V-cycle. */
  learned: {
    n: number;
    levels: number;
    channels: number;
    residual: boolean;
    seed: number;
    steps: number;
    parameters: number;
    error: number;
  };
  /** One trained network. */
  darcy: {
    coefficient: Coefficient;
    model: Model;
    n: number;
    seed: number;
    steps: number;
    parameters: number;
    /** Mean relative errors of the test functions. */
    l2: number;
    h1: number;
    /** Relative L2 error for doubled test coefficients, whose solutions are the halves. */
    doubled: number;
  };
  /** A point of a training curve. */
  curve: {
    coefficient: Coefficient;
    model: Model;
    n: number;
    seed: number;
    step: number;
    /** Relative L2 error of the test functions. */
    l2: number;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

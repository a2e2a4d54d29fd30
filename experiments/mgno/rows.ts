/** What trials return. */

/** Smoothing steps of a classical V-cycle, down and up. */
export type Cycle = "V(1,0)" | "V(1,1)" | "V(2,1)";

/** How fast a classical V-cycle for five-point stencils converges. */
export interface FactorRow {
  kind: "factor";
  n: number;
  cycle: Cycle;
  /** Spectral radius of the error's map. */
  radius: number;
  /**
   * Largest difference of the learned form with classical kernels from the written-out loops, over the
   * result.
   */
  difference: number;
}

/** Damped Jacobi alone, on the smoothest mode. */
export interface JacobiRow {
  kind: "jacobi";
  n: number;
  radius: number;
}

/** A family of operators whose best member is known in closed form, or a classical V-cycle. */
export interface ReferenceRow {
  kind: "reference";
  n: number;
  operator: string;
  parameters: number;
  /** Relative Frobenius distance from Green's function. */
  error: number;
}

/** Names of the operators whose columns are drawn. */
export type Drawn = "Green's function" | "best circulant" | "best Toeplitz" | "learned V-cycle";

/** A point of a column of an operator: its response to a unit source. */
export interface ColumnRow {
  kind: "column";
  operator: Drawn;
  /** Number of grids of the learned one; 0 for the others. */
  levels: number;
  /** Place of the source, in (0, 1). */
  source: number;
  x: number;
  value: number;
}

/** Error of one column of an operator. */
export interface WhereRow {
  kind: "where";
  operator: Drawn;
  /** Number of grids of the learned one; 0 for the others. */
  levels: number;
  /** Place of the source. */
  source: number;
  /** Norm of the column's error over the norm of an average column. */
  error: number;
}

/** One learned V-cycle. */
export interface LearnedRow {
  kind: "learned";
  n: number;
  levels: number;
  channels: number;
  residual: boolean;
  seed: number;
  steps: number;
  parameters: number;
  error: number;
}

/** A coefficient of Darcy flow. */
export type Coefficient = "trig" | "rough";

/** A network that learns Darcy flow. */
export type Model = "MgNO" | "FNO" | "CNN";

/** One trained network. */
export interface DarcyRow {
  kind: "darcy";
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
}

/** A point of a training curve. */
export interface CurveRow {
  kind: "curve";
  coefficient: Coefficient;
  model: Model;
  n: number;
  seed: number;
  step: number;
  /** Relative L2 error of the test functions. */
  l2: number;
}

/** A row of any kind. */
export type Row =
  | FactorRow
  | JacobiRow
  | ReferenceRow
  | ColumnRow
  | WhereRow
  | LearnedRow
  | DarcyRow
  | CurveRow;

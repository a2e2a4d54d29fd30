import type { BasisName, RankedBasisOptions } from "../../lib/optimizers/mod.ts";

/** What is projected: rows of a smooth process, the same with shuffled columns, or white noise. */
export type Data = "ar1" | "permuted" | "gaussian";

/** A fixed basis or the singular vectors. */
export type Basis = BasisName | "svd";

/** Correlation of neighbouring entries of the smooth process. */
export const CORRELATION = 0.95;

/** Sizes of the projected matrices. */
export const ROWS = 256;
export const COLUMNS = 64;

/** What a projection loses. */
export interface ProjectionRow {
  /** A projection. */
  type: "projection";
  /** What is projected. */
  data: Data;
  /** Seed of the data, and of the random basis. */
  seed: number;
  /** Where the vectors come from. */
  basis: Basis;
  /** By which norm they are ranked. */
  norm: 1 | 2;
  /** How many are kept. */
  rank: number;
  /** `1 - |G Q_I|^2 / |G|^2`, from the reconstruction itself. */
  error: number;
  /** How far the identity `|G - G Q_I Q_I^T|^2 = |G|^2 - |G Q_I|^2` is off, relative to `|G|^2`. */
  identity: number;
}

/** Which vectors of a layer's gradient are projected. */
export type GradientSide = "inputs" | "shuffled inputs" | "outputs";

/** What a projection of a real gradient loses. */
export interface GradientRow {
  /** A projection of a gradient of the digits network. */
  type: "gradient";
  /** Seed of the training run. */
  seed: number;
  /** Step at which the gradient was taken. */
  step: number;
  /** Layer, 0 for the one that sees the pixels. */
  layer: number;
  /** What is projected. */
  side: GradientSide;
  /** Where the vectors come from. */
  basis: Basis;
  /** Share of the squared norm that is lost. */
  error: number;
}

/** How a training run is set up; absent fields do not apply. */
export interface Method {
  /** Adam and its projections, or the orthogonalized ones. */
  family: "adam" | "muon";
  /** Name in figures. */
  optimizer: string;
  /** The transformation. */
  kind: "adam" | "subspace" | "muon" | "trion" | "dion";
  /** Dimension of the subspace. */
  rank?: number;
  /** Where the vectors come from. */
  basis?: Basis;
  /** How they are chosen. */
  selection?: RankedBasisOptions["selection"];
  /** By which norm they are ranked. */
  norm?: 1 | 2;
  /** Whether what is lost is fed back. */
  errorFeedback?: boolean;
  /** Steps between choices. */
  updateGap?: number;
  /** Bias corrections by the step or by the age of a vector. */
  biasCorrection?: "step" | "age";
}

/** A training run. */
export interface TrainingRow extends Method {
  /** A training run. */
  type: "training";
  /** Steps of the run. */
  steps: number;
  /** Learning rate before its decay. */
  learningRate: number;
  /** Seed of start, batches and random choices. */
  seed: number;
  /** Loss on the training set after the last step; null if the run diverged. */
  loss: number | null;
}

/** Which vectors were in use at a step. */
export interface UsageRow {
  /** Columns in use. */
  type: "usage";
  /** How the vectors are chosen. */
  selection: string;
  /** Step, from 1. */
  step: number;
  /** Indices of the chosen vectors. */
  indices: number[];
  /** Share of them that is new. */
  turnover: number;
}

/** How far a step goes along fresh vectors. */
export interface BoostRow {
  /** A step of Adam in a changing subspace. */
  type: "boost";
  /** Bias corrections by the step or by the age of a vector. */
  correction: "step" | "age";
  /** Step, from 1. */
  step: number;
  /** Root mean square of the update's coordinates along vectors chosen at this step, in learning rates. */
  fresh: number;
}

/** What a low-rank relative of Muon misses of its momentum. */
export interface MomentumRow {
  /** A projection of a momentum of the digits network. */
  type: "momentum";
  /** Trion or Dion. */
  optimizer: string;
  /** Seed of the training run. */
  seed: number;
  /** Step, from 1. */
  step: number;
  /** Name of the layer. */
  layer: string;
  /** Share of the squared norm that is missed. */
  error: number;
}

/** All rows. */
export type Row = ProjectionRow | GradientRow | TrainingRow | UsageRow | BoostRow | MomentumRow;

/** The rows of one type. */
export function rowsOf<Type extends Row["type"]>(
  rows: readonly Row[],
  type: Type,
): Extract<Row, { type: Type }>[] {
  return rows.filter((row): row is Extract<Row, { type: Type }> => row.type === type);
}

/** Mean over whatever is left open; NaN of nothing. */
export function meanOf<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0) / items.length;
}

/** Mean error over seeds of the projections of one kind; ranked by squares unless it says otherwise. */
export function projectionError(
  rows: readonly Row[],
  { data, basis, rank, norm = 2 }: { data: Data; basis: Basis; rank: number; norm?: 1 | 2 },
): number {
  const found = rows.filter((row): row is ProjectionRow =>
    row.type === "projection" && row.rank === rank && row.basis === basis && row.data === data &&
    row.norm === norm
  );
  return meanOf(found, ({ error }) => error);
}

/** What trials return. */
import type { DType } from "../../lib/arrays/mod.ts";
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** What a row of kind `drift` is about. */
export type Method = "plain" | "guarded";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** A network on a stream against the same network on the clip. */
  identity: {
    network: string;
    dtype: DType;
    seed: number;
    /** Numbers compared. */
    compared: number;
    /** Largest absolute difference. */
    error: number;
    /** Largest absolute output of the clip, at least 1. */
    scale: number;
  };
  /** Receptive field, padding, stride and delay of a network, in frames. */
  geometry: { network: string; receptiveField: number; padding: number; stride: number; delay: number };
  /** Multiply-adds for one prediction of ST-GCN for two skeletons, in billions. */
  count: { network: string; gmac: number };
  /** Multiplications of a clip over those of a step. */
  saving: { network: string; ratio: number };
  /** Multiplications of one head of attention per step. */
  "attention-count": {
    form: "regular" | "retroactive" | "single-output";
    window: number;
    dim: number;
    mul: number;
  };
  /** Continual attention against the window from scratch in float64. */
  attention: {
    form: "retroactive" | "single-output";
    window: number;
    dtype: DType;
    seed: number;
    error: number;
  };
  /** The largest error of retroactive attention on a long stream. */
  drift: {
    method: Method;
    dtype: DType;
    /** Standard deviation of queries, keys and values. */
    sigma: number;
    seed: number;
    /** Largest absolute error; 1e40 where an output overflowed. */
    error: number;
    /** Share of the rows that were computed in full. */
    recomputed: number;
  };
  /** The error of one step. */
  trace: { method: Method; sigma: number; step: number; error: number };
  /** The residual of a retroactive layer: its error with the released cache, and with a ring. */
  residual: { cache: "released" | "ring"; window: number; seed: number; step: number; error: number };
  /** The second layer of an encoder: from the ring of newest rows, or from all rows of the first one. */
  "second-layer": { keys: "ring of newest rows" | "all rows anew"; seed: number; error: number };
  /** How far the closest two relative positions of a window are apart in a table of `count` encodings. */
  positions: { window: number; count: number; separation: number };
  /** A sample of a signal. */
  signal: { series: string; step: number; value: number };
  /**
   * An adapted network: accuracy on the target's test set, and how many weights of the hidden layers were
   * learned.
   */
  adapter: {
    method: string;
    /** Rank of the adapter; 0 for fine-tuning. */
    rank: number;
    /** Share of the hidden units that are kept. */
    keep: number;
    seed: number;
    accuracy: number;
    learned: number;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** Largest absolute difference; 1e40 where one is not finite. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} numbers against ${b.length}`);
  let max = 0;
  for (let i = 0; i < a.length; i++) {
    const off = Math.abs(a[i] - b[i]);
    if (!Number.isFinite(off)) return 1e40;
    max = Math.max(max, off);
  }
  return Math.min(max, 1e40);
}

/** What trials return. */
import { summarizeBy } from "../../lib/statistics/mod.ts";
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** Held-out loss of a run at the chosen rate while it goes on, always on the same windows. */
  curve: {
    optimizer: string;
    learningRate: number;
    seed: number;
    /** Steps taken. */
    step: number;
    /** Nats per character. */
    loss: number;
  };
  /** What a run came to. */
  run: {
    optimizer: string;
    learningRate: number;
    seed: number;
    /** Whether it is one of the runs that chose the learning rate. */
    tuning: boolean;
    /** Whether it is at the chosen rate. */
    chosen: boolean;
    /**
     * Loss on all of the held-out text after the last step, in nats per character; null for a run that
     * diverged.
     */
    loss: number | null;
    /** Numbers that the optimizer keeps per weight of the hidden matrices. */
    stateSize: number;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** A run that did not diverge. */
export type FiniteRun = Row<"run"> & { loss: number };

/** The runs of an optimizer at its chosen rate, by seed, without those that diverged. */
export function finalRuns(runs: readonly Row<"run">[], optimizer: string): FiniteRun[] {
  return runs.filter((row): row is FiniteRun =>
    row.chosen && row.optimizer === optimizer && row.loss !== null
  );
}

/**
 * The runs that chose the learning rates; one that diverged has loss Infinity, as `tuneLearningRates` wants
 * it.
 */
export function gridRuns(runs: readonly Row<"run">[]): FiniteRun[] {
  return runs.filter(({ tuning }) => tuning).map((row) => ({ ...row, loss: row.loss ?? Infinity }));
}

/** The mean over seeds of an optimizer's curve, step by step. */
export function meanCurve(
  curve: readonly Row<"curve">[],
  optimizer: string,
): { step: number; loss: number }[] {
  const own = curve.filter((row) => row.optimizer === optimizer);
  return summarizeBy(own, ["step"], "loss").map(({ step, mean }) => ({ step, loss: mean }));
}

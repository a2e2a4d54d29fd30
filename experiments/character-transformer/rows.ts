/** What trials return. */
import { summarizeBy } from "../../lib/statistics/mod.ts";

/** Held-out loss of a run at the chosen rate while it goes on, always on the same windows. */
export interface CurveRow {
  kind: "curve";
  optimizer: string;
  learningRate: number;
  seed: number;
  /** Steps taken. */
  step: number;
  /** Nats per character. */
  loss: number;
}

/** What a run came to. */
export interface RunRow {
  kind: "run";
  optimizer: string;
  learningRate: number;
  seed: number;
  /** Whether it is one of the runs that chose the learning rate. */
  tuning: boolean;
  /** Whether it is at the chosen rate. */
  chosen: boolean;
  /** Loss on all of the held-out text after the last step, in nats per character; null for a run that diverged. */
  loss: number | null;
  /** Numbers that the optimizer keeps per weight of the hidden matrices. */
  stateSize: number;
}

/** A row of any kind. */
export type Row = CurveRow | RunRow;

/** A run that did not diverge. */
export type FiniteRun = RunRow & { loss: number };

/** The runs of an optimizer at its chosen rate, by seed, without those that diverged. */
export function finalRuns(runs: readonly RunRow[], optimizer: string): FiniteRun[] {
  return runs.filter((row): row is FiniteRun =>
    row.chosen && row.optimizer === optimizer && row.loss !== null
  );
}

/** The runs that chose the learning rates; one that diverged has loss Infinity, as `tuneLearningRates` wants it. */
export function gridRuns(runs: readonly RunRow[]): FiniteRun[] {
  return runs.filter(({ tuning }) => tuning).map((row) => ({ ...row, loss: row.loss ?? Infinity }));
}

/** The mean over seeds of an optimizer's curve, step by step. */
export function meanCurve(curve: readonly CurveRow[], optimizer: string): { step: number; loss: number }[] {
  const own = curve.filter((row) => row.optimizer === optimizer);
  return summarizeBy(own, ["step"], "loss").map(({ step, mean }) => ({ step, loss: mean }));
}

/** The training loss of a run, averaged over the steps since the last point. */
export interface CurveRow {
  type: "curve";
  optimizer: string;
  learningRate: number;
  seed: number;
  /** Last step of the average, from 1. */
  step: number;
  /** Nats a character. */
  loss: number;
}

/** What a run came to. */
export interface RunRow {
  type: "run";
  optimizer: string;
  learningRate: number;
  seed: number;
  /** `"grid"`: one of the runs that chose the rate. `"final"`: at that rate, with a seed that had no part in the choice. */
  stage: "grid" | "final";
  /** Loss on the held-out text after the last step, in nats a character; null for a run that diverged. */
  loss: number | null;
  /** Numbers that the optimizer keeps for each weight of the hidden matrices. */
  stateSize: number;
}

/** A row of this experiment. */
export type Row = CurveRow | RunRow;

/** The final runs of an optimizer that did not diverge. */
export function finalRuns(rows: readonly Row[], optimizer: string): (RunRow & { loss: number })[] {
  return rows.filter((row): row is RunRow & { loss: number } =>
    row.type === "run" && row.stage === "final" && row.optimizer === optimizer && row.loss !== null
  );
}

/** The runs that chose the learning rates; a run that diverged has loss Infinity, as `tuneLearningRates` wants it. */
export function gridRuns(rows: readonly Row[]): (RunRow & { loss: number })[] {
  return rows
    .filter((row): row is RunRow => row.type === "run" && row.stage === "grid")
    .map((row) => ({ ...row, loss: row.loss ?? Infinity }));
}

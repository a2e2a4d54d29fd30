/** Held-out loss of a run at the chosen rate while it goes on, always on the same windows. */
export interface CurveRow {
  type: "curve";
  optimizer: string;
  learningRate: number;
  seed: number;
  /** Steps taken. */
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
  /** Whether it is one of the runs that chose the learning rate. */
  tuning: boolean;
  /** Whether it is at the chosen rate. */
  chosen: boolean;
  /**
   * Loss on all of the held-out text after the last step, in nats a character; null for a run that diverged.
   */
  loss: number | null;
  /** Numbers that the optimizer keeps for each weight of the hidden matrices. */
  stateSize: number;
}

/** A row of this experiment. */
export type Row = CurveRow | RunRow;

/** The runs of an optimizer at its chosen rate, by seed, without those that diverged. */
export function finalRuns(rows: readonly Row[], optimizer: string): (RunRow & { loss: number })[] {
  return rows.filter((row): row is RunRow & { loss: number } =>
    row.type === "run" && row.chosen && row.optimizer === optimizer && row.loss !== null
  );
}

/**
 * The runs that chose the learning rates; a run that diverged has loss Infinity, as `tuneLearningRates` wants
 * it.
 */
export function gridRuns(rows: readonly Row[]): (RunRow & { loss: number })[] {
  return rows
    .filter((row): row is RunRow => row.type === "run" && row.tuning)
    .map((row) => ({ ...row, loss: row.loss ?? Infinity }));
}

/** Where trials run and where finished ones are kept: the two seams of the runner. */

/** Told what becomes of trials; `index` counts the trials that were given. */
export interface TrialEvents {
  /** A trial starts. */
  start(index: number): void;
  /** How far it is, with its rows so far if it hands them out. */
  report(index: number, fraction: number, partial?: unknown[]): void;
  /** It is finished; its rows as JSON. */
  rows(index: number, json: string): void;
  /** It failed. */
  error(index: number, error: { message: string; stack?: string }): void;
}

/** Runs trials of one experiment: in Web Workers, or on other machines. */
export interface Executor {
  /** Runs all trials, in their order as far as possible; resolves when all are finished or `end` was called. */
  runAll(trials: readonly unknown[], on: TrialEvents): Promise<void>;
  /** Ends everything at once; what was running is lost. */
  end(): void;
}

/** Keeps the rows of finished trials. */
export interface TrialStore {
  /** The rows of a trial, or undefined if they are not there or cannot be trusted. */
  read(trial: unknown): Promise<unknown[] | undefined>;
  /** Keeps rows, given as JSON; never rejects. */
  write(trial: unknown, rows: string): Promise<void>;
  /** Told when a trial starts, so that a run that dies can name it afterwards. */
  started?(trial: unknown, label: string): void;
  /** Told at the end of the run. */
  close?(): Promise<void>;
}

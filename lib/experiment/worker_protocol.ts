/** What passes between the pool and its workers, on a port that trials cannot reach. */

/** Sent once, with the port, as the first message of a worker. */
export interface Hello {
  /** URL of the module that exports `experiment`. */
  module: string;
}

/** A trial to run. */
export interface ToWorker {
  trial: unknown;
}

/**
 * What a worker sends for each trial: when it starts, any number of reports, then rows or an error. A worker in another
 * process also sends what was thrown outside of any trial, and why it ended, so that it comes after the rows before it.
 */
export type FromWorker =
  | { kind: "uncaught"; message: string }
  | { kind: "started" }
  | { kind: "report"; fraction: number; partial?: unknown[] }
  | { kind: "rows"; json: string }
  | { kind: "error"; message: string; stack?: string };

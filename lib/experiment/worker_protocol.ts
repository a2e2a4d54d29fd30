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

/** What a worker sends for each trial: when it starts, any number of reports, then rows or an error. */
export type FromWorker =
  | { kind: "started" }
  | { kind: "report"; fraction: number; partial?: unknown[] }
  | { kind: "rows"; json: string }
  | { kind: "error"; message: string; stack?: string };

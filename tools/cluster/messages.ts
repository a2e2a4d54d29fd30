/** What passes between `reproduce`, the program beside it and the workers of a cluster: one JSON object a line. */

/** A trial to run. */
export interface Request {
  /** Names the trial in all that comes back. */
  id: number;
  slug: string;
  trial: unknown;
  /** Fingerprint of the sources and kernels that the rows are wanted from. */
  expects: string;
}

/** What comes back: any number of reports, then one of the others. */
export type Reply =
  | { id: number; kind: "report"; fraction: number; partial?: unknown[] }
  | { id: number; kind: "rows"; json: string }
  | { id: number; kind: "error"; message: string; stack?: string }
  /** The worker has other sources or kernels. */
  | { id: number; kind: "refused"; message: string }
  /** About the cluster. */
  | { kind: "notice"; message: string }
  /** There is no cluster any more, or never was. */
  | { kind: "lost"; message: string };

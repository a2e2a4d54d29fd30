import { groupsOf, type RowOfKind } from "../../lib/experiment/mod.ts";

/** Tasks of the recurrent networks. */
export type Task = "2AF" | "DMS" | "CXT";

/** How recurrent weights are drawn; all have the norm of the same Gaussian matrix. */
export type Structure = "gaussian" | "dale" | "blocks" | "heavy";

/**
 * What a recurrent run is for: the comparison of ranks, the same with wider networks, that of gains, and that
 * of structures.
 */
export type Purpose = "ranks" | "wide" | "gain" | "structure";

/** Where the rows of an anisotropic task start from. */
export type AnisotropicStart = "aligned" | "full" | "random";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** A rank's alignment over random tasks, from a very small start. */
  average: {
    d: number;
    sigma: number;
    rank: number;
    tasks: number;
    mean: number;
    sd: number;
    /** The theorem's. */
    predicted: { mean: number; sd: number };
    /** Some of the tasks, for the figure. */
    some: number[];
  };
  /** An isotropic start of full rank. */
  isotropic: {
    sigma: number;
    alignment: number;
    predicted: number;
    /** Largest change of `W1 W1^T - w2 w2^T`, which the flow conserves. */
    drift: number;
  };
  /** One task learned from one start. */
  flow: { sigma: number; rank: number; seed: number; alignment: number; change: number; converged: boolean };
  /** Means over draws of features and teachers. */
  anisotropic: { kappa: number; start: AnisotropicStart; draws: number; mean: number; sd: number };
  /** A recurrent network, trained. */
  rnn: {
    purpose: Purpose;
    task: Task;
    structure: Structure;
    n: number;
    rank: number;
    gain: number;
    seed: number;
    /** Norm of the change of the recurrent weights. */
    change: number;
    /** Alignment of representations, and of tangent kernels. */
    ra: number;
    ka: number;
    /** Share of hidden units whose activity at the decision stays on or off. */
    sameSigns: number;
    /** Mean loss of the last tenth of training, at most 100 steps. */
    loss: number;
    /** Share of probe trials that are answered right. */
    accuracy: number;
    probes: number;
    /**
     * Norm of the recurrent weights at the start, that of the Gaussian matrix, and how many singular values
     * count.
     */
    norm: number;
    gaussianNorm: number;
    numericalRank: number;
    /** Effective rank by participation ratio, entropy, and norms. */
    participation: number;
    entropy: number;
    stable: number;
    /** The loss while training, thinned. */
    curve: { step: number; loss: number }[];
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** Recurrent runs of one purpose, and perhaps of one task. */
export function runsOf(rnn: readonly Row<"rnn">[], purpose: Purpose, task?: Task): Row<"rnn">[] {
  return rnn.filter((row) => row.purpose === purpose && (task === undefined || row.task === task));
}

/** Rows that agree in the rank of the start, lowest rank first. */
export function byRank<R extends { rank: number }>(rows: readonly R[]): { rank: number; rows: R[] }[] {
  return groupsOf(rows, "rank").map(({ value, rows }) => ({ rank: value, rows }))
    .sort((a, b) => a.rank - b.rank);
}

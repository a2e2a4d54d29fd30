import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** How the first weights are drawn. */
export type Start = "gaussian" | "orthogonal" | "decoupled";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** A mode's strength in a network and in theory, at one time. */
  curve: {
    /**
     * Gradient flow from a decoupled start, with 3 or 5 layers of units; the tree task from a random start,
     * linear or tanh.
     */
    run: "flow 3" | "flow 5" | "linear" | "tanh";
    /** 1 for the strongest. */
    mode: number;
    /** Strength of the correlation. */
    s: number;
    /** Time, or iterations. */
    time: number;
    /** Strength in the network. */
    strength: number;
    /** Strength by the closed form (5 layers: by its differential equation). */
    theory: number;
  };
  /** The largest distance between network and theory, over modes and times, relative to s. */
  error: {
    run: "flow 3" | "flow 5" | "riccati" | "descent";
    /** Learning rate of descent; null for flow. */
    rate: number | null;
    /** Over all times. */
    largest: number;
    /** At the last time. */
    last: number;
  };
  /** From a random balanced start, at one time: alignment with the task, and how much is learned. */
  alignment: {
    time: number;
    /** Share of the map's squared size that lies on the task's modes. */
    aligned: number;
    /** Share of the task that is learned. */
    learned: number;
  };
  /** When a mode of the tree task is half learned. */
  half: {
    model: "linear" | "tanh";
    /** Seed of data and start. */
    seed: number;
    mode: number;
    s: number;
    /** Iterations in the network; null if it never happened. */
    simulated: number | null;
    /** Iterations by theory. */
    analytic: number;
  };
  /** Descent on one mode of a deep network. */
  depth: {
    /** Layers of units. */
    layers: number;
    /** Strength at the start. */
    u0: number;
    /** Steps with the best rate of the grid. */
    steps: number;
    /** The best rate. */
    rate: number;
    /** The rate of the curvature at the solution. */
    optimal: number;
    /** Steps with that rate. */
    optimalSteps: number;
    /** The same by the closed form. */
    theory: number;
  };
  /** Steps from 0.001 to 0.999 by the closed form, at the optimal rate. */
  delay: {
    /** Layers of units; null for infinitely many. */
    layers: number | null;
    steps: number;
  };
  /** Learning a task with a whole network, at its best rate. */
  learning: {
    start: Start;
    /** Layers of units. */
    layers: number;
    seed: number;
    /** Steps to 1 % of the loss; the cap if that was not enough. */
    steps: number;
    /** Whether no rate was good enough. */
    capped: boolean;
    /** The best rate times the number of weight matrices. */
    factor: number;
  };
  /** Singular values of a product of random matrices. */
  spectrum: {
    start: "gaussian" | "orthogonal";
    /** How many matrices. */
    factors: number;
    seed: number;
    /** Size N. */
    size: number;
    /** Share of the singular values below 0.01. */
    small: number;
    /** Mean of their squares. */
    second: number;
    /** Mean of their fourth powers, and what that is on average. */
    fourth: number;
    expectedFourth: number;
    /** Largest |sigma - 1|. */
    deviation: number;
    /** The singular values, descending; for the first seed, else empty. */
    values: number[];
    /**
     * Logarithms (base 10) of the growth along re-orthogonalized directions; for the longest product of the
     * first seed.
     */
    qr: number[];
  };
  /** The Jacobian of a deep tanh network. */
  jacobian: {
    start: "gaussian" | "orthogonal";
    gain: number;
    /** Mean square of the first pre-activations. */
    q1: number;
    seed: number;
    /** Mean squared singular value. */
    meanSquare: number;
    /** Median singular value. */
    median: number;
    /** Mean square by mean field. */
    meanField: number;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** The modes that Figure 3 of the paper shows. */
export const SHOWN_MODES = [1, 2, 3, 5, 12, 18, 31];

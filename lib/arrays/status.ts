/**
 * How an iteration ended; results of iterations have a `status` that is some of these, and `advice`.
 *
 * - `finished`: it made all the steps that were asked for.
 * - `converged`: it met its tolerance.
 * - `step-limit`: it used up its steps before it met its tolerance.
 * - `step-too-small`: the step size vanished.
 * - `diverged`: the iterates grew without bound.
 */
export type IterationStatus = "finished" | "converged" | "step-limit" | "step-too-small" | "diverged";

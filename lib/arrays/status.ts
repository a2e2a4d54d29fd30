/**
 * How an iteration ended, the same names in the whole library:
 *
 * | status | meaning |
 * | --- | --- |
 * | `converged` | the criterion that was asked for is met |
 * | `finished` | all steps that were asked for were taken; there was no criterion |
 * | `step-limit` | the steps ran out before the criterion was met |
 * | `step-too-small` | the step size vanished, so that nothing moves any more |
 * | `diverged` | the iterates grew beyond all bounds, relative to where they began and should go |
 * | `degenerate` | the input does not determine a result; what is returned is the start |
 */
export type IterationStatus =
  | "converged"
  | "finished"
  | "step-limit"
  | "step-too-small"
  | "diverged"
  | "degenerate";

/** What the results of all iterations have in common. */
export interface IterationOutcome {
  /** How the iteration ended. */
  status: IterationStatus;
  /** What to change if it did not end well; null if it did. */
  advice: string | null;
}

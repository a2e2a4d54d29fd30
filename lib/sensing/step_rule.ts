import { requireInteger, requireNumber, requireOneOf, requireOptions } from "../arrays/mod.ts";

/**
 * How long the steps of a sub-gradient method are. Sub-gradients of an absolute loss do not shrink near the
 * solution, so the steps must: `geometric` is `first decay^t`; `loss` is `factor` times the mean absolute
 * residual (for data without outliers); `constant` suits dense noise, which smooths the loss.
 */
export type StepRule =
  | { kind: "geometric"; first: number; decay: number }
  | { kind: "loss"; factor: number }
  | { kind: "constant"; size: number };

/** Throws unless the kind is known and the numbers are in range. @throws {TypeError | RangeError} */
export function requireStepRule(rule: StepRule): void {
  requireOptions("step", rule, ["kind", "first", "decay", "factor", "size"]);
  requireOneOf("step.kind", rule.kind, ["geometric", "loss", "constant"]);
  if (rule.kind === "geometric") {
    requireNumber("step.first", rule.first, { above: 0 });
    requireNumber("step.decay", rule.decay, { above: 0, max: 1 });
  } else if (rule.kind === "loss") requireNumber("step.factor", rule.factor, { above: 0 });
  else requireNumber("step.size", rule.size, { above: 0 });
}

/** The size of step t, when the mean absolute residual is `absolute`. */
export function stepLength(rule: StepRule, t: number, absolute: number): number {
  if (rule.kind === "geometric") return rule.first * rule.decay ** t;
  return rule.kind === "loss" ? rule.factor * absolute : rule.size;
}

/** Options of {@linkcode stepBudget}. */
export interface StepBudgetOptions {
  /** The rule; for `loss`, the residual is taken to be that at the start, without noise. */
  step: StepRule;
  /** How many steps. */
  steps: number;
  /** {@linkcode signRipScale} at the target's norm. */
  phi: number;
  /** Smallest nonzero eigenvalue of the target. */
  sigmaR: number;
  /** Frobenius norm of the target. */
  norm: number;
  /** Scale of the start. */
  alpha: number;
}

/** Whether a start can grow to the size of the target. */
export interface StepBudget {
  /** Logarithm of how much the signal grows over all steps. */
  have: number;
  /** What it needs to grow from `alpha` to the size of the target, `ln(1 / alpha) + 1`. */
  need: number;
  /** Whether that is enough. */
  ok: boolean;
  /** What to change if it is not; null if it is. */
  advice: string | null;
}

/**
 * Whether steps that shrink suffice for a small start: while `U` is small its signal part grows by
 * `1 + step phi sigma_r / ||X||` per step, so that `phi sigma_r / ||X|| sum_t step_t >= ln(1 / alpha) + 1` is
 * needed.
 *
 * @throws {RangeError} if a number is not positive.
 *
 * @example
 * ```ts
 * import { signRipScale, stepBudget } from "refigure/sensing";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const phi = signRipScale(Math.SQRT2, { kind: "outliers", probability: 0.1, std: 10 });
 * const step = { kind: "geometric", first: 0.3, decay: 0.99 } as const;
 * const problem = { step, steps: 2000, phi, sigmaR: 1, norm: Math.SQRT2 };
 * assertEquals(stepBudget({ ...problem, alpha: 1e-6 }).ok, true);
 * const { advice } = stepBudget({ ...problem, alpha: 1e-7 });
 * assertStringIncludes(advice!, "grows by e^15.5 only and needs e^17.1");
 * ```
 */
export function stepBudget(options: StepBudgetOptions): StepBudget {
  requireOptions("options", options, ["step", "steps", "phi", "sigmaR", "norm", "alpha"]);
  const { step, steps, phi, sigmaR, norm, alpha } = options;
  requireStepRule(step);
  requireInteger("steps", steps);
  for (const [name, value] of Object.entries({ phi, sigmaR, norm, alpha })) {
    requireNumber(name, value, { above: 0 });
  }
  const atStart = Math.sqrt(2 / Math.PI) * norm;
  const sum = step.kind === "geometric" && step.decay < 1
    ? step.first * (1 - step.decay ** steps) / (1 - step.decay)
    : steps * stepLength(step, 0, atStart);
  const have = phi * sigmaR / norm * sum;
  const need = Math.log(1 / alpha) + 1;
  const ok = have >= need;
  return {
    have,
    need,
    ok,
    advice: ok
      ? null
      : `the start grows by e^${have.toFixed(1)} only and needs e^${
        need.toFixed(1)
      }: decay more slowly, or start larger`,
  };
}

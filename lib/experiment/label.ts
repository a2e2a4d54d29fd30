import { list } from "./check.ts";
import { formatNumber } from "./numbers.ts";

/**
 * Trials as a reader would name them: the kind in words and the values in which trials of that kind differ, such
 * as `error curves, alpha = 0.3, seed = 1`.
 *
 * @example
 * ```ts
 * import { trialLabels } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * const trials = [{ kind: "errorCurves", n: 20, alpha: 1e-6 }, { kind: "errorCurves", n: 20, alpha: 1 }];
 * assertEquals(trialLabels(trials), ["error curves, α = 10⁻⁶", "error curves, α = 1"]);
 * ```
 */
export function trialLabels(trials: readonly unknown[]): string[] {
  list(() => {})("trials", trials);
  const varying = new Map<string, Map<string, Set<string>>>();
  for (const trial of trials) {
    const { kind, values } = parts(trial);
    if (!varying.has(kind)) varying.set(kind, new Map());
    const fields = varying.get(kind)!;
    for (const [key, value] of values) {
      if (!fields.has(key)) fields.set(key, new Set());
      fields.get(key)!.add(value);
    }
  }
  return trials.map((trial) => {
    const { kind, values } = parts(trial);
    const fields = varying.get(kind)!;
    const told = values.filter(([key]) => fields.get(key)!.size > 1).map(([key, value]) =>
      `${GREEK[key] ?? key} = ${value}`
    );
    return [kind, ...told].filter((part) => part !== "").join(", ");
  });
}

function parts(trial: unknown): { kind: string; values: [string, string][] } {
  if (typeof trial !== "object" || trial === null) return { kind: String(trial), values: [] };
  const { kind = "", ...rest } = trial as { kind?: string };
  const values = Object.entries(rest).filter(([, value]) => typeof value !== "object").map((
    [key, value],
  ): [string, string] => [key, typeof value === "number" ? power(formatNumber(value)) : String(value)]);
  return { kind: words(String(kind)), values };
}

/** "errorCurves" and "error-curves" as "error curves". */
function words(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, "$1 $2").replace(/[-_]/g, " ").toLowerCase();
}

/** "1e-6" as "10⁻⁶". */
function power(text: string): string {
  return text.replace(/^(-?)(?:1|([\d.]+))e([+-]?)(\d+)$/, (_, sign, mantissa, minus, digits) => {
    const raised = Array.from(digits as string, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
    return `${sign}${mantissa === undefined ? "" : `${mantissa}×`}10${minus === "-" ? "⁻" : ""}${raised}`;
  });
}

const GREEK: Record<string, string> = {
  alpha: "α",
  beta: "β",
  gamma: "γ",
  delta: "δ",
  eps: "ε",
  epsilon: "ε",
  eta: "η",
  theta: "θ",
  lambda: "λ",
  mu: "μ",
  rho: "ρ",
  sigma: "σ",
  tau: "τ",
};

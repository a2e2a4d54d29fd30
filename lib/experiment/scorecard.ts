import { requireBoolean, requireString } from "../arrays/mod.ts";
import { judged, list, run as runCheck } from "./check.ts";
import type { Claim } from "./experiment.ts";
import { groupFailures, type Run } from "./run.ts";

/**
 * The verdict on a claim as a sign: it holds, it does not, or too little was run to decide.
 *
 * @example
 * ```ts
 * import { verdictSign } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([true, false, null].map(verdictSign), ["✓", "✗", "?"]);
 * ```
 */
export function verdictSign(holds: boolean | null): string {
  if (holds !== null) requireBoolean("holds", holds);
  return holds === null ? "?" : holds ? "✓" : "✗";
}

/**
 * The verdict on a claim as words: "holds", "does not hold" or "undecided".
 *
 * @example
 * ```ts
 * import { verdictWord } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([true, false, null].map(verdictWord), ["holds", "does not hold", "undecided"]);
 * ```
 */
export function verdictWord(holds: boolean | null): "holds" | "does not hold" | "undecided" {
  if (holds !== null) requireBoolean("holds", holds);
  return holds === null ? "undecided" : holds ? "holds" : "does not hold";
}

/**
 * How many claims hold, as words.
 *
 * @example
 * ```ts
 * import { type Claim, countText } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * const claim = { id: "a", statement: "A.", source: "figure", reference: "Figure 1", expected: "", measured: "" } as const;
 * const claims: Claim[] = [{ ...claim, holds: true }, { ...claim, holds: null }];
 * assertEquals(countText(claims), "1 of 2 claims hold, 1 undecided at this size");
 * ```
 */
export function countText(claims: readonly Claim[]): string {
  list(judged)("claims", claims);
  const held = claims.filter(({ holds }) => holds).length;
  const open = claims.filter(({ holds }) => holds === null).length;
  return `${held} of ${claims.length} claims hold${open > 0 ? `, ${open} undecided at this size` : ""}`;
}

/**
 * The claims in the order in which they are shown: the headline first.
 *
 * @example
 * ```ts
 * import { headlineFirst } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(headlineFirst([]), []);
 * ```
 */
export function headlineFirst(claims: readonly Claim[]): Claim[] {
  list(judged)("claims", claims);
  return [...claims].sort((a, b) => Number(b.headline ?? false) - Number(a.headline ?? false));
}

/**
 * The scorecard as text: the title, a paragraph per claim (headline first), and what failed.
 *
 * @param run The run.
 * @param title The paper's title.
 *
 * @example
 * ```ts
 * import { scorecardText } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * const run = { slug: "example", preset: "quick" as const, params: {}, rows: [], claims: [], failures: [], seconds: 1, interrupted: false };
 * assertEquals(scorecardText(run, "An Example"), "An Example (example, quick)\n  0 of 0 claims hold");
 * ```
 */
export function scorecardText(run: Run, title: string): string {
  runCheck("run", run);
  requireString("title", title);
  const lines = [`${title} (${run.slug}, ${run.preset})`];
  for (const claim of headlineFirst(run.claims)) {
    lines.push(
      `  ${verdictSign(claim.holds)} ${claim.statement}${claim.headline ? " [headline]" : ""}`,
      `      expected ${claim.expected} (${claim.source}: ${claim.reference})`,
      `      measured ${claim.measured}`,
    );
  }
  for (const { error, labels } of groupFailures(run.failures)) {
    const others = labels.length > 1 ? ` and ${labels.length - 1} more` : "";
    lines.push(`  ✗ failed: ${labels[0]}${others}: ${error}`);
  }
  lines.push(`  ${countText(run.claims)}`);
  return lines.join("\n");
}

import type { Run } from "./types.ts";

/** What a claim came to, as a sign: it holds, it does not, or this preset is too small to decide. */
export function sign(holds: boolean | null): string {
  return holds === null ? "?" : holds ? "✓" : "✗";
}

/** The claims in the order they are shown: the headline first. */
export function inOrder(claims: Run["claims"]): Run["claims"] {
  return [...claims].sort((a, b) => Number(b.headline ?? false) - Number(a.headline ?? false));
}

/** The scorecard as text: the title, a paragraph a claim (headline first), and what failed. */
export function scorecardText(run: Run, title: string): string {
  const lines = [`${title} (${run.slug}, ${run.preset})`];
  for (const claim of inOrder(run.claims)) {
    lines.push(
      `  ${sign(claim.holds)} ${claim.statement}${claim.headline ? " [headline]" : ""}`,
      `      expected ${claim.expected} (${claim.source}: ${claim.reference})`,
      `      measured ${claim.measured}`,
    );
  }
  for (const { trial, error } of run.failures) {
    lines.push(`  ✗ ${trial === null ? "" : `trial ${JSON.stringify(trial)} failed: `}${error}`);
  }
  const held = run.claims.filter(({ holds }) => holds).length;
  const open = run.claims.filter(({ holds }) => holds === null).length;
  lines.push(
    `  ${held} of ${run.claims.length} claims hold${open > 0 ? `, ${open} undecided at this size` : ""}`,
  );
  return lines.join("\n");
}

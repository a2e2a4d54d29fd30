/**
 * `deno run -A tools/papers/scorecard.ts`: writes the scorecard of README.md, a table for each family of papers, from results/, which `deno task
 * reproduce` leaves.
 */
import { type Claim, verdictSign } from "../../lib/experiment/mod.ts";
import { experimentSlugs, loadExperiment } from "../../lib/experiment/deno/mod.ts";

const readme = new URL("../../README.md", import.meta.url);
const begin = "<!-- scorecard -->";
const end = "<!-- /scorecard -->";

/** The table of each family of papers. */
const families = new Map<string, string[]>();
for (const slug of experimentSlugs()) {
  const { title, paper, family } = await loadExperiment(slug);
  const text = await Deno.readTextFile(new URL(`../../results/${slug}/claims.json`, import.meta.url));
  const { claims } = JSON.parse(text) as { claims: Claim[] };
  const headline = claims.find((claim) => claim.headline)!;
  const held = claims.filter(({ holds }) => holds).length;
  const cells = [
    `[${title}](notebooks/${slug}.ipynb) (${paper.year})`,
    headline.statement.replaceAll("|", "\\|"),
    verdictSign(headline.holds),
    `${held} of ${claims.length}`,
  ];
  if (!families.has(family)) families.set(family, []);
  families.get(family)!.push(`| ${cells.join(" | ")} |`);
}
const tables = [...families].map(([family, rows]) =>
  [
    `**${family}**`,
    "",
    "| paper | headline claim | holds | all claims |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n")
);
const before = await Deno.readTextFile(readme);
const table = `${begin}\n${tables.join("\n\n")}\n${end}`;
await Deno.writeTextFile(readme, before.replace(new RegExp(`${begin}[\\s\\S]*${end}`), () => table));

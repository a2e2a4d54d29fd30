/**
 * `deno run -A tools/papers/scorecard.ts`: writes the scorecard table of README.md from results/, which `deno task
 * reproduce` leaves.
 */
import { type Claim, verdictSign } from "../../lib/experiment/mod.ts";
import { experimentSlugs, loadExperiment } from "../../lib/experiment/deno/mod.ts";

const readme = new URL("../../README.md", import.meta.url);
const begin = "<!-- scorecard -->";
const end = "<!-- /scorecard -->";

const rows: string[] = ["| paper | headline claim | | claims that hold |", "| --- | --- | --- | --- |"];
for (const slug of experimentSlugs()) {
  const { title, paper } = await loadExperiment(slug);
  const text = await Deno.readTextFile(new URL(`../../results/${slug}/claims.json`, import.meta.url));
  const { claims } = JSON.parse(text) as { claims: Claim[] };
  const headline = claims.find((claim) => claim.headline)!;
  const held = claims.filter(({ holds }) => holds).length;
  rows.push(
    `| [${title}](notebooks/${slug}.ipynb) (${paper.year}) | ${
      headline.statement.replaceAll("|", "\\|")
    } Measured: ${headline.measured.replaceAll("|", "\\|")} | ${
      verdictSign(headline.holds)
    } | ${held} of ${claims.length} |`,
  );
}
const before = await Deno.readTextFile(readme);
const table = `${begin}\n${rows.join("\n")}\n${end}`;
await Deno.writeTextFile(readme, before.replace(new RegExp(`${begin}[\\s\\S]*${end}`), () => table));

/**
 * `deno run -A tools/papers/findings.ts`: writes docs/findings.md from results/, which `deno task reproduce` leaves: what is
 * reproduced of every paper, what is not, and what turned out different.
 */
import { experimentSlugs, loadExperiment } from "../../lib/experiment/deno/mod.ts";
import {
  type Claim,
  findingsOf,
  type NotesSection,
  notesSection,
  notesSections,
  resultsSection,
  verdictSign,
  verdictWord,
} from "../../lib/experiment/mod.ts";

/** What the page needs of a paper. */
export interface FindingsPaper {
  /** Folder name of the experiment. */
  slug: string;
  /** The paper's title. */
  title: string;
  /** Year of publication. */
  year: number;
  /** The claims, judged. */
  claims: readonly Claim[];
  /** What of the paper is not shown. */
  notReproduced: string;
  /** The paper's notes as Markdown. */
  notes: string;
}

/** The page as Markdown. */
export function findingsMarkdown(papers: readonly FindingsPaper[]): string {
  const all = papers.flatMap(({ claims }) => claims);
  const { reproduced, different, undecided } = findingsOf(all);
  const notable = papers.filter(({ claims }) => claims.some(({ holds }) => holds !== true));
  return `# Findings

What is reproduced of each paper, what is not, and what turned out different, at laptop size. \`deno task paper\` writes this page
from the claims and what was measured; do not edit it.

${all.length} claims about ${papers.length} papers: ${reproduced.length} hold, ${different.length} ${
    different.length === 1 ? "does" : "do"
  } not, ${undecided.length} ${undecided.length === 1 ? "is" : "are"} undecided.

| paper | reproduced | different | not reproduced |
| --- | --- | --- | --- |
${papers.map(tableRow).join("\n")}

## What turned out different

Claims that do not hold, and those for which too little was run to decide, each with its bound, what was measured, and
the section of the notes that explains it.
${notable.map(paperSection).join("")}`;
}

function tableRow(paper: FindingsPaper): string {
  const { slug, title, year, claims, notReproduced } = paper;
  const { reproduced, different, undecided } = findingsOf(claims);
  const exceptions = [
    different.length > 0 ? `${different.length} of ${claims.length}` : "",
    undecided.length > 0 ? `${undecided.length} undecided` : "",
  ].filter((text) => text !== "").join(", ");
  const link = exceptions === "" ? "" : `[${exceptions}](#${headingAnchor(title)})`;
  return `| [${
    cell(title)
  }](../experiments/${slug}/README.md) (${year}) | ${reproduced.length} of ${claims.length} claims | ${link} | ${
    cell(notReproduced)
  } |`;
}

function paperSection(paper: FindingsPaper): string {
  const { different, undecided } = findingsOf(paper.claims);
  return `
### ${text(paper.title)}

${[...different, ...undecided].map((claim) => claimItem(paper, claim)).join("\n")}
`;
}

function claimItem({ slug, notes }: FindingsPaper, claim: Claim): string {
  const sections = notesSections(notes);
  const from = claim.notes === undefined ? undefined : notesSection(sections, claim.notes);
  const explained = resultsSection(sections);
  const links = [
    from === undefined ? "" : `the bound: ${notesLink(slug, from)}`,
    explained === undefined || explained === from ? "" : `what came out: ${notesLink(slug, explained)}`,
  ].filter((text) => text !== "");
  return [
    `- **${verdictSign(claim.holds)} ${verdictWord(claim.holds)}**: ${text(claim.statement)}`,
    `  - expected: ${text(claim.expected)} (${text(claim.reference)})`,
    `  - measured: ${text(claim.measured)}`,
    ...(links.length === 0 ? [] : [`  - notes: ${links.join("; ")}`]),
  ].join("\n");
}

function notesLink(slug: string, { number, title }: NotesSection): string {
  const plain = title.replaceAll("`", "");
  return `[${number} ${plain}](../experiments/${slug}/README.md#${headingAnchor(`${number} ${title}`)})`;
}

/** The anchor that GitHub gives a heading. */
export function headingAnchor(heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N}\p{M} _-]/gu, "").replaceAll(" ", "-");
}

/** Text of a claim, in which nothing is Markdown. */
function text(plain: string): string {
  return plain.replace(/[\\`*_<>[\]$|]/g, "\\$&");
}

/** Text inside a table. */
function cell(plain: string): string {
  return text(plain).replaceAll("\n", " ");
}

if (import.meta.main) {
  const project = new URL("../../", import.meta.url);
  const papers: FindingsPaper[] = [];
  for (const slug of experimentSlugs()) {
    const { title, paper, notReproduced } = await loadExperiment(slug);
    const notes = await Deno.readTextFile(new URL(`experiments/${slug}/README.md`, project));
    const { preset, claims } = JSON.parse(
      await Deno.readTextFile(new URL(`results/${slug}/claims.json`, project)),
    );
    if (preset !== "laptop") {
      console.error(
        `refigure: results/${slug} has the ${preset} preset; run \`deno task reproduce ${slug}\` first`,
      );
      Deno.exit(1);
    }
    papers.push({ slug, title, year: paper.year, claims, notReproduced, notes });
  }
  await Deno.writeTextFile(new URL("docs/findings.md", project), findingsMarkdown(papers));
  Deno.exit(0); // backends of tfjs may keep the process alive
}

/**
 * The papers at their `full` preset: what was measured is kept in experiments/<slug>/full.json, and docs/full.md shows
 * it beside the laptop preset.
 *
 *     /usr/bin/time -v -a -o full.time deno task reproduce <slug> --preset full
 *     deno run -A tools/papers/full.ts keep <slug> full.time
 *     deno run -A tools/papers/full.ts
 *
 * The second line writes the record from results/ and from what GNU time has measured (a run that was interrupted and
 * taken up again appends to the same file); the third one writes the table of docs/full.md from all records. The
 * verdicts at laptop size are those of the stored notebooks.
 */
import { type Claim, type Experiment, verdictSign } from "../../lib/experiment/mod.ts";
import { experimentSlugs, loadExperiment } from "../../lib/experiment/deno/mod.ts";
import { refuse } from "../command_line.ts";
import { machine } from "../machine.ts";

/** What is kept of a paper's run at full size. */
export interface FullRecord {
  /** Day of the run. */
  date: string;
  /** Processor and cores. */
  machine: string;
  /** How many trials there were. */
  trials: number;
  /** Processor time. */
  coreSeconds: number;
  /** Largest resident memory; absent if it was not measured. */
  megabytes?: number;
  /** What the paper's own scale would cost, where the preset stays below it. */
  ownScale?: string;
  /** By the claim's id. */
  claims: Record<string, FullClaim>;
}

/** A claim at full size. */
export interface FullClaim {
  holds: boolean | null;
  /** What was measured, in words. */
  measured?: string;
  /** Why the verdict is not that of the laptop preset; demanded where it is another one, not where it was undecided. */
  difference?: string;
}

/** A paper as the page shows it. */
export interface PaperAtFullSize {
  slug: string;
  title: string;
  /** Trials of the preset as it is now. */
  trials: number;
  /** The claims in their order, with the verdict at laptop size. */
  claims: { id: string; statement: string; laptop?: Verdict }[];
  /** Absent if the preset was never run to its end. */
  record?: FullRecord;
}

/** A verdict and what was measured. */
export interface Verdict {
  holds: boolean | null;
  measured: string;
}

const SIGNS = new Map([true, false, null].map((holds) => [verdictSign(holds), holds]));

/** Processor time and largest memory in what GNU time (`-v`) has written; the runs of a resumed one are added up. */
export function resourcesOf(text: string): { coreSeconds: number; megabytes: number } {
  const all = (name: string) =>
    [...text.matchAll(new RegExp(`^\\s*${name} \\(\\w+\\): ([\\d.]+)$`, "gm"))].map(([, value]) =>
      Number(value)
    );
  const seconds = [...all("User time"), ...all("System time")];
  const kilobytes = all("Maximum resident set size");
  if (seconds.length === 0 || kilobytes.length === 0) {
    throw new Error("this is not what /usr/bin/time -v writes: it has no times or no resident set size");
  }
  return {
    coreSeconds: Math.round(seconds.reduce((sum, value) => sum + value, 0)),
    megabytes: Math.round(Math.max(...kilobytes) / 1024),
  };
}

/** The verdicts on a scorecard as text (`scorecardText`), by the claim's statement. */
export function verdictsOf(scorecard: string): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  for (
    const [, sign, statement, measured] of scorecard.matchAll(/^ {2}(\S) (.+)\n.*\n {6}measured (.*)$/gm)
  ) {
    verdicts.set(statement.replace(/ \[headline\]$/, ""), { holds: SIGNS.get(sign) ?? null, measured });
  }
  return verdicts;
}

/** The scorecard in a stored notebook; empty if it has none. */
export function scorecardOf(notebook: string): string {
  const { cells } = JSON.parse(notebook) as {
    cells: { outputs?: { data?: Record<string, string | string[]> }[] }[];
  };
  const texts = cells.flatMap(({ outputs = [] }) => outputs)
    .map(({ data = {} }) => [data["text/plain"] ?? []].flat().join(""));
  return texts.findLast((text) => /^ {2}\d+ of \d+ claims hold/m.test(text)) ?? "";
}

/** Table and paragraphs of the page. */
export function fullPage(papers: readonly PaperAtFullSize[]): string {
  const lines = [
    "| paper | trials | time of one core | memory | laptop | full | what changed |",
    "| --- | --- | --- | --- | --- | --- | --- |",
  ];
  const paragraphs: string[] = [];
  const scales: string[] = [];
  for (const { slug, title, trials, claims, record } of papers) {
    const name = `[${title.replaceAll("|", "\\|")}](../experiments/${slug}/README.md)`;
    const laptop = count(claims.map((claim) => claim.laptop));
    if (record === undefined) {
      lines.push(`| ${name} | ${trials} | not run to its end | | ${laptop} | | |`);
      continue;
    }
    const changed: string[] = [];
    for (const { id, statement, laptop: before } of claims) {
      const now = record.claims[id];
      if (now === undefined || before === undefined || now.holds === before.holds) continue;
      const isDecided = before.holds === null;
      changed.push(
        isDecided
          ? `\`${id}\` is decided: ${verdictSign(now.holds)}`
          : `\`${id}\` ${verdictSign(before.holds)} → ${verdictSign(now.holds)}`,
      );
      if (isDecided && now.difference === undefined) continue;
      if (!now.difference) {
        throw new Error(`${slug}: the verdict on "${id}" differs, and \`difference\` is missing`);
      }
      const measured = now.measured === undefined ? "" : ` Full: ${now.measured}.`;
      paragraphs.push(
        `**${title}: ${statement}** ${verdictSign(before.holds)} at laptop size, ${
          verdictSign(now.holds)
        } at full. ` +
          `${now.difference}\n\nMeasured at laptop size: ${before.measured}.${measured}`,
      );
    }
    if (record.ownScale !== undefined) scales.push(`- ${title}: ${record.ownScale}`);
    const full = count(claims.map(({ id }) => record.claims[id]));
    const memory = record.megabytes === undefined ? "" : `${(record.megabytes / 1000).toFixed(2)} GB`;
    lines.push(
      `| ${name} | ${record.trials} | ${duration(record.coreSeconds)} | ${memory} | ${laptop} | ${full} | ${
        changed.join("; ")
      } |`,
    );
  }
  const records = papers.flatMap(({ record }) => record ?? []);
  const seconds = records.reduce((sum, { coreSeconds }) => sum + coreSeconds, 0);
  lines.push("", `${records.length} of ${papers.length} papers, ${duration(seconds)} of one core in all.`);
  if (paragraphs.length > 0) lines.push("", "## Verdicts that differ", "", paragraphs.join("\n\n"));
  if (scales.length > 0) lines.push("", "## Presets below the paper's own scale", "", ...scales);
  return lines.join("\n");
}

/** How many of the verdicts that there are hold. */
function count(verdicts: readonly ({ holds: boolean | null } | undefined)[]): string {
  const given = verdicts.filter((verdict) => verdict !== undefined);
  const open = given.filter(({ holds }) => holds === null).length;
  const text = `${given.filter(({ holds }) => holds).length} of ${given.length}`;
  return open > 0 ? `${text}, ${open} undecided` : text;
}

function duration(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return seconds < 100 * 60 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function recordUrl(slug: string): URL {
  return new URL(`../../experiments/${slug}/full.json`, import.meta.url);
}

function readRecord(slug: string): FullRecord | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(recordUrl(slug)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Writes the record of a paper from results/ and a file of GNU time. */
async function keep(slug: string, timeFile: string, results: string): Promise<void> {
  const stored = JSON.parse(Deno.readTextFileSync(`${results}/${slug}/claims.json`)) as {
    preset: string;
    claims: Claim[];
  };
  if (stored.preset !== "full") refuse(`${results}/${slug} is of preset ${stored.preset}, not full`);
  const { presets, trials } = await loadExperiment(slug);
  const before = readRecord(slug);
  const record: FullRecord = {
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    trials: trials(presets.full).length,
    ...resourcesOf(Deno.readTextFileSync(timeFile)),
    ...(before?.ownScale === undefined ? {} : { ownScale: before.ownScale }),
    claims: Object.fromEntries(stored.claims.map(({ id, holds, measured }) => {
      const difference = before?.claims[id]?.difference;
      return [id, { holds, measured, ...(difference === undefined ? {} : { difference }) }];
    })),
  };
  Deno.writeTextFileSync(recordUrl(slug), JSON.stringify(record, null, 2) + "\n");
}

function paperOf({ slug, title, trials, presets, claims }: Experiment): PaperAtFullSize {
  const notebook = Deno.readTextFileSync(new URL(`../../notebooks/${slug}.ipynb`, import.meta.url));
  const laptop = verdictsOf(scorecardOf(notebook));
  return {
    slug,
    title,
    trials: trials(presets.full).length,
    claims: claims.map(({ id, statement }) => ({ id, statement, laptop: laptop.get(statement) })),
    record: readRecord(slug),
  };
}

async function writePage(): Promise<void> {
  const url = new URL("../../docs/full.md", import.meta.url);
  const papers: PaperAtFullSize[] = [];
  for (const slug of experimentSlugs()) papers.push(paperOf(await loadExperiment(slug)));
  const text = Deno.readTextFileSync(url);
  const page = `<!-- full -->\n\n${fullPage(papers)}\n\n<!-- /full -->`;
  Deno.writeTextFileSync(url, text.replace(/<!-- full -->[\s\S]*<!-- \/full -->/, () => page));
}

if (import.meta.main) {
  const [command, slug, timeFile, results = "results"] = Deno.args;
  if (command === undefined) await writePage();
  else if (command === "keep" && slug !== undefined && timeFile !== undefined) {
    await keep(slug, timeFile, results);
  } else refuse("usage: full.ts, or full.ts keep SLUG TIME-FILE [RESULTS]");
}

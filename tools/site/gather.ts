/** What the website shows of a paper: a run of its experiment, its notes, and a program from its notebook. */
import { loadExperiment, runExperiment } from "../../lib/experiment/deno/mod.ts";
import {
  type Figure,
  headlineFirst,
  type PresetName,
  type Progress,
  rowTable,
} from "../../lib/experiment/mod.ts";
import { figure, renderSvg } from "../../lib/figures/mod.ts";
import { slimSvg } from "../../lib/notebook/slim_svg.ts";
import type { SiteFigure, SitePaper } from "../../site/content.ts";
import { withImports } from "./imports.ts";

/** How {@linkcode gatherPaper} runs the experiment. */
export interface GatherOptions {
  /** How much to run. */
  preset: PresetName;
  /** Told what does not stop the work, one line each. */
  onWarning: (line: string) => void;
  /** Told how far the run is. */
  onProgress?: (progress: Progress) => void;
}

const root = new URL("../../", import.meta.url);

/** The content of one paper's page. Rejects when it cannot be loaded or its key figure cannot be drawn. */
export async function gatherPaper(slug: string, options: GatherOptions): Promise<SitePaper> {
  const { preset, onWarning, onProgress } = options;
  const experiment = await loadExperiment(slug);
  const run = await runExperiment(slug, { preset, onWarning, onProgress });
  for (const { label, error } of run.failures) onWarning(`${slug}: ${label}: ${error}`);
  const table = rowTable(run.rows);
  const figures: SiteFigure[] = [];
  for (const [name, draw] of Object.entries(experiment.figures)) {
    try {
      const drawn = figure(draw(table) as Parameters<typeof figure>[0]);
      // Before vega draws it, which leaves notes in its rows.
      const spec: Figure = JSON.parse(JSON.stringify(drawn));
      const title = titleOf(spec) || name;
      figures.push({ name, title, spec, svg: slimSvg(await renderSvg(drawn), title) });
    } catch (error) {
      // The first one is the key figure, without which there is no page.
      if (figures.length === 0) throw error;
      onWarning(`${slug}: figure "${name}" cannot be drawn: ${oneLine(error)}`);
    }
  }
  const { title, paper, family, summary, notReproduced, knobs = [], presets } = experiment;
  return {
    slug,
    title,
    citation: `${paper.authors}, ${paper.year}`,
    year: paper.year,
    arxiv: paper.arxiv,
    family,
    summary,
    notReproduced,
    figureOfPaper: paper.figure,
    preset,
    params: run.params,
    figures,
    claims: headlineFirst(run.claims),
    claimFigures: Object.fromEntries(
      experiment.claims.flatMap(({ id, figure }) => typeof figure === "string" ? [[id, figure]] : []),
    ),
    knobs: [...knobs],
    quick: presets.quick,
    usage: usageIn(await readText(`notebooks/${slug}.ipynb`) ?? ""),
    notes: await readText(`experiments/${slug}/README.md`) ?? "",
  };
}

/** The first line of what went wrong. */
export function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0];
}

function titleOf(spec: Figure): string {
  const { title } = spec as { title?: string | string[] | { text?: string | string[] } };
  const text = typeof title === "object" && !Array.isArray(title) ? title.text : title;
  return [text ?? []].flat().join(" ");
}

/** A cell of a notebook, as far as it is read here. */
interface Cell {
  cell_type: string;
  source: string | string[];
}

/**
 * The program that a notebook has under the heading "Use it in your own code": in its text, or in the cells of code
 * below, with the imports of earlier cells that it needs; empty if there is none.
 */
export function usageIn(notebook: string): string {
  if (notebook === "") return "";
  const { cells } = JSON.parse(notebook) as { cells: Cell[] };
  const programs: string[] = [];
  let isInside = false;
  for (const { cell_type: type, source } of cells) {
    const text = [source].flat().join("");
    if (type === "code" && isInside) programs.push(text.trim());
    if (type !== "markdown") continue;
    // What stands between a heading and the next one.
    for (const section of text.split(/^(?=#{1,3} )/m)) {
      const heading = /^#{1,3} (.*)/.exec(section)?.[1];
      if (heading !== undefined) isInside = /^use it\b|\byour own code\b/i.test(heading);
      if (!isInside) continue;
      for (const [, program] of section.matchAll(/^```(?:ts|typescript)\n([^]*?)^```/gm)) {
        programs.push(program.trim());
      }
    }
  }
  const code = cells.filter((cell) => cell.cell_type === "code").map(({ source }) =>
    [source].flat().join("")
  );
  return withImports(programs.join("\n\n"), code.join("\n"));
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(new URL(path, root));
  } catch {
    return undefined;
  }
}

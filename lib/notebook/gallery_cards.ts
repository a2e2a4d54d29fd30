import { requireInstance, requireOneOf, requireOptions, requireString } from "../arrays/check.ts";
import { callback, list, maybe, signal as signalCheck } from "../experiment/check.ts";
import {
  citationOf,
  type Claim,
  type Experiment,
  type PresetName,
  presetNames,
  rowTable,
  type Run,
  verdictWord,
} from "../experiment/mod.ts";
import { figure, renderSvg } from "../figures/mod.ts";

/** What the gallery shows of one paper, as data. */
export interface GalleryCard {
  /** Folder name of the experiment, also the notebook's name. */
  slug: string;
  /** The paper's title; the slug if the experiment could not be loaded. */
  title: string;
  /** Authors and year, as cited; empty if the experiment could not be loaded. */
  citation: string;
  /** The family of papers it belongs to. */
  family: string;
  /** What the paper found, in plain words. */
  summary: string;
  /** The headline claim and what was measured, if it was. */
  claim?: Claim;
  /** What came of the headline claim; "failed" if the paper could not be loaded, run or drawn. */
  verdict: "holds" | "does not hold" | "undecided" | "failed";
  /** Why there is no claim or no figure, in one sentence. */
  problem?: string;
  /** The key figure as an SVG image, if it could be drawn. */
  svg?: string;
}

/** How {@linkcode galleryCards} runs the papers. */
export interface GalleryCardsOptions {
  /** How much to run; default `"quick"`, which takes seconds for each paper. */
  preset?: PresetName;
  /** Ends the work: the cards that are ready are returned. */
  signal?: AbortSignal;
  /** Called before each paper with its place in the list and its slug. */
  onPaper?: (index: number, slug: string) => void;
  /** Folder of the experiments, ending in a slash; default that of this project. */
  root?: URL;
}

/**
 * The content of the gallery: each paper's key figure and headline claim, measured at a small size. A paper
 * that cannot be loaded or run becomes a card with its problem.
 *
 * @param slugs Which papers; default all of them.
 * @throws {RangeError} if there is no experiment with one of the slugs.
 *
 * @example
 * ```ts
 * import { galleryCards } from "refigure/notebook";
 * import { assertEquals } from "@std/assert";
 *
 * // const cards = await galleryCards();
 * assertEquals(await galleryCards([]), []);
 * ```
 */
export async function galleryCards(
  slugs?: readonly string[],
  options: GalleryCardsOptions = {},
): Promise<GalleryCard[]> {
  requireOptions("options", options, ["preset", "signal", "onPaper", "root"]);
  const { preset = "quick", signal, onPaper, root } = options;
  maybe(list(requireString))("slugs", slugs);
  requireOneOf("preset", preset, presetNames);
  maybe(signalCheck)("signal", signal);
  maybe(callback)("onPaper", onPaper);
  if (root !== undefined) requireInstance("root", root, URL);
  const { experimentSlugs, experimentUrl, loadExperiment, runExperiment } = await import(
    "../experiment/deno/mod.ts"
  );
  const known = experimentSlugs(root);
  // For its message about a slug that does not exist.
  for (const slug of slugs ?? []) if (!known.includes(slug)) await loadExperiment(slug, root);
  const cards: GalleryCard[] = [];
  for (const [i, slug] of (slugs ?? known).entries()) {
    if (signal?.aborted) break;
    onPaper?.(i, slug);
    let experiment: Experiment | undefined;
    try {
      experiment = await loadExperiment(slug, root);
      const which = root === undefined ? slug : experimentUrl(slug, root);
      const run = await runExperiment(which, { preset, signal, onWarning: () => {} });
      if (run.interrupted) break;
      cards.push(await cardOf(experiment, run));
    } catch (error) {
      cards.push({ ...about(slug, experiment), verdict: "failed", problem: oneLine(error) });
    }
  }
  return cards;
}

async function cardOf(experiment: Experiment, run: Run): Promise<GalleryCard> {
  const claim = run.claims.find(({ headline }) => headline);
  const card: GalleryCard = { ...about(run.slug, experiment), claim, verdict: verdictOf(claim) };
  if (run.failures.length > 0) card.problem = run.failures[0].error;
  try {
    const [draw] = Object.values(experiment.figures);
    card.svg = await renderSvg(figure(draw(rowTable(run.rows))));
  } catch (error) {
    card.problem ??= `The figure cannot be drawn: ${oneLine(error)}`;
  }
  return card;
}

function about(slug: string, experiment: Experiment | undefined) {
  return {
    slug,
    title: experiment?.title ?? slug,
    citation: experiment === undefined ? "" : citationOf(experiment.paper),
    family: experiment?.family ?? "",
    summary: experiment?.summary ?? "",
  };
}

function verdictOf(claim: Claim | undefined): GalleryCard["verdict"] {
  return claim === undefined ? "failed" : verdictWord(claim.holds);
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0];
}

/**
 * What the website's pages are made of, as plain JSON. `tools/site/` gathers it by running every experiment;
 * `site/pages/` turns it into HTML; `site/client/` makes the pages live.
 *
 * Where files are, seen from the root of the site: the pages as `site/pages/` names them, and the bundled programs
 * below `code/`. A page loads `code/site/client/<name>.js` for `site/client/<name>.ts`.
 */
import type { AnyParams, Claim, Figure, Knob, PresetName } from "../lib/experiment/mod.ts";

/** One figure of a paper. */
export interface SiteFigure {
  /** The figure's name in the experiment. */
  name: string;
  /** Its title as text. */
  title: string;
  /** The vega-lite spec with its rows. */
  spec: Figure;
  /** The same figure as an SVG image, for readers without JavaScript and until vega is loaded. */
  svg: string;
}

/** What a page of one paper shows. */
export interface SitePaper {
  /** Folder name of the experiment, also the notebook's name. */
  slug: string;
  /** The paper's title. */
  title: string;
  /** Authors and year. */
  citation: string;
  /** Year of publication. */
  year: number;
  /** arXiv identifier, such as `2310.01769`. */
  arxiv?: string;
  /** The family of papers it belongs to, such as "Optimizers". */
  family: string;
  /** What the paper found, in plain words. */
  summary: string;
  /** What of the paper is not shown. */
  notReproduced: string;
  /** The figure of the paper that is re-run. */
  figureOfPaper: string;
  /** The preset that `figures` and `claims` come from. */
  preset: PresetName;
  /** Its parameters. */
  params: AnyParams;
  /** The figures; the first is the key figure. */
  figures: SiteFigure[];
  /** The claims, judged; the headline first. */
  claims: Claim[];
  /** The figure that shows a claim, by the claim's id; some claims are shown by none. */
  claimFigures?: Record<string, string>;
  /** Parameters that a reader may turn. */
  knobs: Knob[];
  /** Parameters of the quick preset, which a page runs. */
  quick: AnyParams;
  /** A program that uses the method: what the notebook has under "Use it in your own code". May be empty. */
  usage: string;
  /** The paper's notes, `experiments/<slug>/README.md`, as Markdown. */
  notes: string;
}

/** What all pages are made of. */
export interface SiteContent {
  /** The papers, in alphabetical order of their slugs. */
  papers: SitePaper[];
}

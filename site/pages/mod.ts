/** The pages of the website: `content` in, text by path out. */
import type { SiteContent } from "../content.ts";
import { formulaStyle } from "../formulas.ts";
import { aboutPage } from "./about_page.ts";
import { findingsPage } from "./findings_page.ts";
import { indexPage } from "./index_page.ts";
import { notesPage } from "./notes_page.ts";
import { paperPage } from "./paper_page.ts";
import { pathOf } from "./parts.ts";
import { scorecardPage } from "./scorecard_page.ts";
import style from "../style.css" with { type: "text" };

/**
 * All files of the site that are text, by their path from its root: pages, the style sheet, and every figure as SVG and
 * as vega-lite. Pages load programs from `code/site/client/`, fonts from `fonts/`, and link to
 * the notebooks in `notebooks/`; the build puts these beside them.
 */
export function pages(content: SiteContent): Map<string, string> {
  const files = new Map<string, string>([
    ["style.css", style],
    ["katex.css", formulaStyle],
    ["index.html", indexPage(content)],
    ["scorecard.html", scorecardPage(content)],
    ["findings.html", findingsPage(content)],
    ["about.html", aboutPage(content)],
  ]);
  for (const paper of content.papers) {
    const { slug } = paper;
    files.set(pathOf.page(slug), paperPage(paper, content));
    if (paper.notes !== "") files.set(pathOf.notes(slug), notesPage(paper, content));
    for (const { name, spec, svg } of paper.figures) {
      files.set(pathOf.svg(slug, name), svg);
      files.set(pathOf.spec(slug, name), JSON.stringify(spec));
    }
  }
  return files;
}

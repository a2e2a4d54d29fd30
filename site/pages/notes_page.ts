/** The notes of one paper. */
import { notesSections } from "../../lib/experiment/mod.ts";
import type { SiteContent, SitePaper } from "../content.ts";
import { markdownToHtml } from "../markdown.ts";
import { layout, linkFrom } from "./layout.ts";
import { markup, raw } from "./markup.ts";
import { pathOf } from "./parts.ts";
import { sectionId } from "./sections.ts";

/** The page as text. */
export function notesPage({ slug, title, notes }: SitePaper, { papers }: SiteContent): string {
  const path = pathOf.notes(slug);
  const to = (target: string) => linkFrom(path, target);
  const known = new Set(papers.map((paper) => paper.slug));
  const link = (href: string): string => {
    const [, other, hash = ""] = /^\.\.\/([\w-]+)\/README\.md(#.*)?$/.exec(href) ?? [];
    if (other !== undefined && known.has(other)) return to(pathOf.notes(other)) + hash;
    const [, notebook] = /^\.\.\/\.\.\/notebooks\/([\w-]+)\.ipynb$/.exec(href) ?? [];
    return notebook !== undefined && known.has(notebook) ? to(pathOf.notebook(notebook)) : href;
  };
  const sections = notesSections(notes).filter(({ depth }) => depth <= 3);
  const body = scrollable(markdownToHtml(notes, { link }));
  const main = markup`
<div class="wide notes-page">
<nav class="contents" aria-label="Sections">
<p><a href="${to(pathOf.page(slug))}">${title}</a></p>
<ol>${
    sections.map(({ number, title, depth }) =>
      markup`<li class="depth-${depth}"><a href="#${
        sectionId(number)
      }"><span class="number">${number}</span> ${plain(title)}</a></li>`
    )
  }</ol>
</nav>
<article class="notes text">${raw(body)}</article>
</div>
`;
  return layout({
    path,
    title: `Notes: ${title} · Refigure`,
    description: `Notes on ${title}.`,
    main,
    formulas: notes.includes("$"),
    scripts: ["notes"],
  });
}

/** A heading without the marks of Markdown. */
function plain(title: string): string {
  return title.replace(/[`*$]/g, "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
}

/** Wide parts scroll by themselves, also by the keyboard, instead of the page. */
function scrollable(html: string): string {
  return html
    .replaceAll("<table>", `<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>`)
    .replaceAll("</table>", "</table></div>")
    .replaceAll("<pre>", `<pre tabindex="0">`);
}

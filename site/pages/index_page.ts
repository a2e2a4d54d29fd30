/** The index: a card for each paper. */
import type { SiteContent, SitePaper } from "../content.ts";
import { layout, linkFrom } from "./layout.ts";
import { type Markup, markup } from "./markup.ts";
import { countsOf, figureImage, headlineOf, pathOf, shortCitation, verdict } from "./parts.ts";
import { countText } from "../../lib/experiment/mod.ts";

const path = "index.html";

/** The page as text. */
export function indexPage({ papers }: SiteContent): string {
  const families = familiesOf(papers);
  const { held, notHeld, open, total } = countsOf(papers.flatMap(({ claims }) => claims));
  const chips = [
    ["", "All", papers.length] as const,
    ...families.map((f) => [f.name, f.name, f.papers.length] as const),
  ]
    .map(([value, name, count], i) =>
      markup`<label class="chip"><input type="radio" name="family" value="${value}"${
        i === 0 ? markup` checked` : ""
      }><span>${name} <span class="count">${count}</span></span></label>`
    );
  const main = markup`
<div class="wide hero split">
<h1>The key figures of <span class="together">machine-learning</span> papers, run again</h1>
<p class="lead">Each paper below is a program you can run in this page. Its claims have thresholds taken from the
paper, and a verdict that follows from what was measured, also where that is not what the paper found.</p>
<dl class="totals">
<div><dt>papers</dt><dd>${papers.length}</dd></div>
<div><dt>claims</dt><dd><a href="scorecard.html">${total}</a></dd></div>
<div><dt>hold</dt><dd class="held">${held}</dd></div>
<div><dt>do not hold</dt><dd class="not-held"><a href="findings.html">${notHeld}</a></dd></div>
<div><dt>undecided</dt><dd class="open"><a href="findings.html">${open}</a></dd></div>
</dl>
</div>
<div class="wide">
<form class="filter js-only" id="filter" role="search" aria-label="Papers">
<input type="search" id="search" placeholder="Search titles, authors, claims" aria-label="Search titles, authors and claims" autocomplete="off" spellcheck="false">
<fieldset class="chips"><legend class="hidden">Family</legend>${chips}</fieldset>
<p id="found" class="muted" role="status"></p>
</form>
${families.map(({ name, papers }) => family(name, papers))}
<p id="nothing" hidden>No paper has these words. <button type="button" id="clear" class="plain">Show all papers</button></p>
</div>
`;
  return layout({
    path,
    title: "Refigure: the key figures of machine-learning papers, run again",
    description:
      `The key figures of ${papers.length} machine-learning papers, re-run in the reader's browser, with claims that can fail.`,
    main,
    scripts: ["index"],
  });
}

/** Papers of one family, in the order of the content. */
export interface Family {
  name: string;
  papers: SitePaper[];
}

/** The families, those with most papers first. */
export function familiesOf(papers: readonly SitePaper[]): Family[] {
  const families = new Map<string, SitePaper[]>();
  for (const paper of papers) families.set(paper.family, [...families.get(paper.family) ?? [], paper]);
  return [...families].map(([name, papers]) => ({ name, papers }))
    .sort((a, b) => b.papers.length - a.papers.length || (a.name < b.name ? -1 : 1));
}

function family(name: string, papers: readonly SitePaper[]): Markup {
  return markup`<section class="family" data-family="${name}">
<h2>${name}</h2>
<ul class="cards">
${papers.map(card)}</ul>
</section>
`;
}

function card(paper: SitePaper): Markup {
  const { slug, title, figures: [key], claims, citation, summary } = paper;
  const href = linkFrom(path, pathOf.page(slug));
  const headline = headlineOf(paper);
  const words = [title, citation, slug, headline?.statement, summary].join(" ").toLowerCase();
  return markup`<li class="card" data-words="${words}">
<h3><a href="${href}">${title}</a></h3>
<p class="cite">${shortCitation(paper)}</p>
<div class="picture">${figureImage(path, slug, key, "lazy")}</div>
<p class="headline">${headline?.statement ?? summary}</p>
<p class="card-foot">${headline === undefined ? "" : verdict(headline.holds)} <span class="muted">${
    countText(claims)
  }</span></p>
</li>
`;
}

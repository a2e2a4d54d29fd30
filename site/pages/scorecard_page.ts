/** The scorecard of all papers: every claim as a sign, every headline with its verdict. */
import { type Claim, verdictSign, verdictWord } from "../../lib/experiment/mod.ts";
import type { SiteContent, SitePaper } from "../content.ts";
import { familiesOf } from "./index_page.ts";
import { layout, linkFrom } from "./layout.ts";
import { type Markup, markup } from "./markup.ts";
import { countsOf, headlineOf, pathOf, verdict, verdictClass } from "./parts.ts";

const path = "scorecard.html";

/** The page as text. */
export function scorecardPage({ papers }: SiteContent): string {
  const { held, total, notHeld, open } = countsOf(papers.flatMap(({ claims }) => claims));
  const main = markup`
<div class="wide hero">
<h1>Scorecard</h1>
<p class="lead">${held} of ${total} claims hold; ${notHeld} do not, and ${open} are undecided at the size that was run. Each
square is a claim: the first is the headline. <a href="findings.html">What turned out different</a> has a page of its own.</p>
<ul class="key-list" aria-label="Signs"><li>${verdict(true)}</li><li>${verdict(false)}</li><li>${
    verdict(null)
  }</li></ul>
</div>
${
    familiesOf(papers).map(({ name, papers }) =>
      markup`<section class="wide score-family">
<h2>${name}</h2>
<ul class="scores">${papers.map(score)}</ul>
</section>
`
    )
  }`;
  return layout({
    path,
    title: "Scorecard · Refigure",
    description:
      `${held} of ${total} claims of ${papers.length} machine-learning papers hold when they are run again.`,
    main,
  });
}

function score(paper: SitePaper): Markup {
  const { slug, title, year, claims } = paper;
  const href = linkFrom(path, pathOf.page(slug));
  const { held, total } = countsOf(claims);
  const headline = headlineOf(paper);
  return markup`<li class="score">
<div class="score-title"><a href="${href}">${title}</a> <span class="muted">${year}</span></div>
<div class="score-count"><b>${held}</b> of ${total}</div>
<ul class="dots" aria-label="Claims of ${title}">${claims.map((claim) => dot(href, claim))}</ul>
${headline === undefined ? "" : markup`<p class="score-headline">${headline.statement}</p>`}
</li>
`;
}

function dot(href: string, { id, holds, statement }: Claim): Markup {
  return markup`<li><a class="dot ${
    verdictClass(holds)
  }" href="${href}#claim-${id}" title="${statement}" aria-label="${verdictWord(holds)}: ${statement}">${
    verdictSign(holds)
  }</a></li>`;
}

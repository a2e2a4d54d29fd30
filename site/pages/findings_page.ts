/** What is reproduced, what is not, and what turned out different, over all papers. */
import { type Claim, findingsOf, notesSections, resultsSection } from "../../lib/experiment/mod.ts";
import type { SiteContent, SitePaper } from "../content.ts";
import { layout, linkFrom } from "./layout.ts";
import { type Markup, markup } from "./markup.ts";
import { countsOf, pathOf, quantityTable, verdict, verdictClass } from "./parts.ts";
import { sectionId } from "./sections.ts";

const path = "findings.html";

/** The page as text. */
export function findingsPage({ papers }: SiteContent): string {
  const { held, notHeld, open, total } = countsOf(papers.flatMap(({ claims }) => claims));
  const notable = papers.filter(({ claims }) => claims.some(({ holds }) => holds !== true));
  const main = markup`
<div class="wide hero">
<h1>Findings</h1>
<p class="lead">Of ${total} claims about ${papers.length} papers, ${held} hold. ${notHeld} do not hold and ${open} cannot be
decided at the size that was run: these are listed first, each with its bound, what was measured, and where the notes
explain it. Below is what each paper's experiment leaves out.</p>
</div>
<section class="wide" aria-labelledby="different">
<h2 id="different">What turned out different</h2>
${notable.map(differences)}
</section>
<section class="wide" aria-labelledby="papers">
<h2 id="papers">All papers</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Table of all papers">
<table class="findings">
<thead><tr><th scope="col">Paper</th><th scope="col">Claims that hold</th><th scope="col">Different or undecided</th><th scope="col">Not reproduced</th></tr></thead>
<tbody>
${papers.map(row)}</tbody>
</table>
</div>
</section>
`;
  return layout({
    path,
    title: "Findings · Refigure",
    description:
      `What is reproduced of ${papers.length} machine-learning papers, what is not, and what turned out different.`,
    main,
  });
}

function differences(paper: SitePaper): Markup {
  const { slug, title, claims } = paper;
  const { different, undecided } = findingsOf(claims);
  const page = linkFrom(path, pathOf.page(slug));
  return markup`<section class="finding" id="finding-${slug}">
<h3><a href="${page}">${title}</a></h3>
<ol class="claims">${[...different, ...undecided].map((claim) => finding(paper, claim))}</ol>
</section>
`;
}

function finding(paper: SitePaper, claim: Claim): Markup {
  const { slug } = paper;
  const page = linkFrom(path, pathOf.page(slug));
  return markup`<li class="claim ${verdictClass(claim.holds)}">
<div class="claim-verdict">${verdict(claim.holds)}</div>
<div class="claim-body">
<p class="claim-statement">${claim.statement}</p>
${quantityTable(claim)}
<p class="claim-source"><a href="${page}#claim-${claim.id}">The claim</a>${explanation(paper)}</p>
</div>
</li>
`;
}

/** A link to the notes' discussion of the results. */
function explanation({ slug, notes, title }: SitePaper): Markup | undefined {
  const results = resultsSection(notesSections(notes));
  if (results === undefined) return undefined;
  const href = `${linkFrom(path, pathOf.notes(slug))}#${sectionId(results.number)}`;
  return markup`, <a href="${href}">explained in the notes, section ${results.number}<span class="hidden"> of ${title}</span></a>`;
}

function row({ slug, title, claims, notReproduced }: SitePaper): Markup {
  const { held, notHeld, open, total } = countsOf(claims);
  const others = [notHeld > 0 ? `${notHeld} different` : "", open > 0 ? `${open} undecided` : ""].filter(
    Boolean,
  );
  return markup`<tr><th scope="row"><a href="${
    linkFrom(path, pathOf.page(slug))
  }">${title}</a></th><td>${held} of ${total}</td><td>${
    others.length === 0 ? "–" : markup`<a href="#finding-${slug}">${others.join(", ")}</a>`
  }</td><td>${notReproduced}</td></tr>
`;
}

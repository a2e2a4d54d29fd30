/** The page of one paper. */
import { countText } from "../../lib/experiment/mod.ts";
import type { SiteContent, SiteFigure, SitePaper } from "../content.ts";
import { highlighted } from "./code.ts";
import { knobFields } from "./knob_fields.ts";
import { layout, linkFrom } from "./layout.ts";
import { jsonScript, type Markup, markup } from "./markup.ts";
import { claimItem, figureImage, headlineCard, headlineOf, pathOf } from "./parts.ts";
import { notesLinks } from "./sections.ts";

/** The page as text. */
export function paperPage(paper: SitePaper, { papers }: SiteContent): string {
  const { slug, title, citation, arxiv, family, summary, notReproduced, figures, claims, usage, notes } =
    paper;
  const path = pathOf.page(slug);
  const to = (target: string) => linkFrom(path, target);
  const headline = headlineOf(paper);
  const [key, ...others] = figures;
  const neighbours = papers.filter((other) => other.family === family && other.slug !== slug);
  const links = notesLinks(path, paper);
  const onPage = [
    ["claims-title", "Claims"],
    ...(others.length > 0 ? [["figures-title", "More figures"]] : []),
    ["missing-title", "What is not reproduced"],
    ...(usage === "" ? [] : [["usage-title", "Use it in code"]]),
    ...(neighbours.length > 0 ? [["neighbours-title", "Of the same family"]] : []),
  ];
  const main = markup`
<article class="paper">
<header class="wide">
<p class="crumbs"><a href="${to("index.html")}">Papers</a> <span aria-hidden="true">/</span> ${family}</p>
<h1>${title}</h1>
<p class="cite">${citation}</p>
<ul class="links">
${
    arxiv === undefined ? "" : markup`<li><a href="https://arxiv.org/abs/${arxiv}">arXiv ${arxiv}</a></li>
`
  }${
    notes === "" ? "" : markup`<li><a href="${to(pathOf.notes(slug))}">Notes</a></li>
`
  }<li><a href="${to(pathOf.notebook(slug))}" download>Notebook</a></li>
</ul>
</header>
<div class="wide columns">
<div class="column">
<p class="lead">${summary}</p>
${
    headline === undefined ? "" : markup`<div class="callout" id="headline">
${headlineCard(headline, "Headline claim")}</div>
`
  }${figureBlock(path, slug, key, true)}
</div>
${runPanel(paper)}
</div>
<nav class="wide on-page" aria-label="On this page">${
    onPage.map(([id, name]) => markup`<a href="#${id}">${name}</a>`)
  }</nav>
<section class="wide" aria-labelledby="claims-title">
<h2 id="claims-title">Claims</h2>
<p class="section-note"><span id="claims-count">${countText(claims)}</span>. <span id="claims-from">${
    storedFrom(paper)
  }</span> <button type="button" class="plain" id="stored" hidden>Show the stored results</button></p>
<ol class="claims" id="claims">
${claims.map((claim) => claimItem(claim, { notes: links, figure: figureLink(paper, claim.id) }))}</ol>
</section>
${
    others.length === 0 ? "" : markup`<section class="wide" aria-labelledby="figures-title">
<h2 id="figures-title">More figures</h2>
<div class="figures">
${others.map((figure) => figureBlock(path, slug, figure, false))}</div>
</section>
`
  }<section class="wide text" aria-labelledby="missing-title">
<h2 id="missing-title">What is not reproduced</h2>
<p>${notReproduced}</p>
</section>
${
    usage === "" ? "" : markup`<section class="wide" aria-labelledby="usage-title">
<h2 id="usage-title">Use it in code</h2>
<div class="code"><button type="button" class="copy js-only" data-copy="usage">Copy</button>
<pre tabindex="0" id="usage"><code>${highlighted(usage)}</code></pre></div>
</section>
`
  }${
    neighbours.length === 0 ? "" : markup`<section class="wide" aria-labelledby="neighbours-title">
<h2 id="neighbours-title">${family}: more papers</h2>
<ul class="neighbours">
${
      neighbours.map((other) =>
        markup`<li><a href="${to(pathOf.page(other.slug))}">${other.title}</a><p class="muted">${
          headlineOf(other)?.statement
        }</p></li>
`
      )
    }</ul>
</section>
`
  }</article>
${
    jsonScript("paper", {
      slug,
      quick: paper.quick,
      knobs: paper.knobs,
      links: Object.fromEntries(claims.map(({ id, notes }) => [id, {
        notes: notes === undefined ? undefined : links(notes),
        figure: figureLink(paper, id),
      }])),
    })
  }
`;
  return layout({ path, title: `${title} · Refigure`, description: summary, main, scripts: ["paper"] });
}

/** Where the stored results come from. */
function storedFrom({ preset }: SitePaper): string {
  return `Stored results, at ${preset} size`;
}

function figureLink(
  { figures, claimFigures }: SitePaper,
  id: string,
): { href: string; title: string } | undefined {
  const name = claimFigures?.[id];
  const figure = figures.find((one) => one.name === name);
  return figure === undefined ? undefined : { href: `#figure-${figure.name}`, title: figure.title };
}

/** A figure: an image until a script draws it; the files for those who want to go on with it. */
function figureBlock(page: string, slug: string, figure: SiteFigure, isKey: boolean): Markup {
  const { name, title } = figure;
  const to = (target: string) => linkFrom(page, target);
  return markup`<figure class="figure${isKey ? " key" : ""}" id="figure-${name}">
<div class="canvas"${
    isKey ? markup` id="figure"` : ""
  } data-figure="${name}" tabindex="0" role="group" aria-label="${title}">${
    figureImage(page, slug, figure, isKey ? "eager" : "lazy")
  }</div>
<p class="figure-error" role="alert" hidden></p>
<figcaption>${isKey ? "Key figure" : "Figure"} <code>${name}</code>: <a href="${
    to(pathOf.svg(slug, name))
  }">SVG</a>, <a href="${to(pathOf.spec(slug, name))}">Vega-Lite</a></figcaption>
</figure>
`;
}

/** Run it here: the knobs, the buttons, and what comes of it. */
function runPanel({ knobs, quick, slug }: SitePaper): Markup {
  return markup`<section class="run" aria-labelledby="run-title">
<h2 id="run-title">Run it here</h2>
<noscript><p>Running the experiment in this page needs JavaScript. In a terminal: <code>deno task reproduce ${slug}</code>.</p></noscript>
<form id="knobs" class="js-only">
<p class="muted">The experiment at its quick size, in your browser. Nothing is sent anywhere.</p>
${knobFields(knobs, quick as unknown as Record<string, unknown>)}
<p id="changed" class="changed" hidden>With your values, not the paper's. <button type="button" class="plain" id="reset">Reset</button></p>
<p class="buttons"><button type="submit" id="run" class="primary">Run</button> <button type="button" id="stop" hidden>Stop</button></p>
<div id="running" hidden><progress id="bar" max="1" value="0" aria-label="Progress of the run"></progress></div>
<p id="status" role="status"></p>
<div id="failures" role="alert" hidden></div>
</form>
</section>`;
}

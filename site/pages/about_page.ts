/** What this is and how to read it. */
import type { SiteContent } from "../content.ts";
import { layout } from "./layout.ts";
import { markup } from "./markup.ts";
import { countsOf, verdict } from "./parts.ts";

const path = "about.html";

/** The page as text. */
export function aboutPage({ papers }: SiteContent): string {
  const { total } = countsOf(papers.flatMap(({ claims }) => claims));
  const main = markup`
<div class="wide hero"><h1>About</h1>
<p class="lead">Refigure runs the key figures of machine-learning papers again. A library in TypeScript holds the methods, one
experiment per paper runs them at a size for a laptop, and ${total} claims about ${papers.length} papers say what must come
out.</p></div>
<div class="wide text">
<h2 id="verdicts">What a verdict means</h2>
<p>A claim is a sentence with one or more measured quantities and a bound for each. The bounds come from the paper (a
theorem, a table, a figure, an equation) or from a derivation in the notes, which every claim names.</p>
<ul class="key-list stacked">
<li>${verdict(true)} Every measured value satisfies its bound, on every seed where there are several.</li>
<li>${
    verdict(false)
  } At least one value does not. The claim stays on the scorecard, and the notes discuss why.</li>
<li>${verdict(null)} Too little was run to decide at this size.</li>
</ul>
<p>A claim that holds here is evidence about the method at a small size. What is not shown, such as training on a large data
set, is listed on each page under “What is not reproduced”.</p>
<h2 id="run">What “Run” does</h2>
<p>The stored results come from a run in Deno. “Run” repeats the experiment in your browser, with its quick parameters, in
background threads, and judges the claims on the new rows. It takes seconds for most papers. Nothing is sent anywhere: the
program is part of the page. Some claims are undecided at the quick size. The knobs change parameters of the experiment; its
bounds stay those of the paper, so with other values a claim may well fail.</p>
<h2 id="terminal">In a terminal and in a notebook</h2>
<p>In a copy of the repository, with git, make and Python:</p>
<pre tabindex="0"><code>make lab         # the notebooks, in JupyterLab with the Deno kernel
make reproduce   # run the experiments of all papers and print the scorecard
make site        # build these pages
</code></pre>
<p>Every experiment has three sizes: <code>quick</code> (seconds, as in this page), <code>laptop</code> (the notebook's) and
<code>full</code> (the paper's own scale): <code>deno task reproduce s4d --preset full</code>.</p>
<h2 id="code">In your own code</h2>
<p>Methods are imported by the name of their subject, such as <code>refigure/optimizers</code> or <code>refigure/ssm</code>; each
paper's page shows a first program. The library runs in Deno, Node and browsers.</p>
<h2 id="figures">The figures</h2>
<p>Every figure is a Vega-Lite specification with its data. Below each one are links to the specification and to an SVG
image. Point at a mark for its numbers.</p>
</div>
`;
  return layout({
    path,
    title: "About · Refigure",
    description: "What Refigure is, what a verdict means, and how to run the experiments yourself.",
    main,
  });
}

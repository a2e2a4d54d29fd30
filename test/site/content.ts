/** A small content for tests of the pages: two papers of one family and one of another, with awkward texts. */
import type { Claim } from "../../lib/experiment/mod.ts";
import type { SiteContent, SiteFigure, SitePaper } from "../../site/content.ts";

function figure(name: string, title: string): SiteFigure {
  return {
    name,
    title,
    spec: {
      $schema: "https://vega.github.io/schema/vega-lite/v5.json",
      title: { text: title, subtitle: "One series" },
      data: { values: [{ x: 0, y: 1 }, { x: 1, y: 2 }] },
      mark: "line",
      encoding: { x: { field: "x", type: "quantitative" }, y: { field: "y", type: "quantitative" } },
    },
    svg: `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200" viewBox="0 0 300 200">` +
      `<path d="M10 10L290 190" stroke="black"/></svg>`,
  };
}

function claim(id: string, holds: boolean | null, more: Partial<Claim> = {}): Claim {
  return {
    id,
    statement: `The statement of ${id}.`,
    source: "theorem",
    reference: "Theorem 2; notes 3.5",
    notes: "3.5",
    expected: "error at most 0.1; rate in [0.9, 1.1]",
    measured: "error 0.01..0.02; rate 1; of tries 3",
    holds,
    ...more,
  };
}

function paper(slug: string, more: Partial<SitePaper>): SitePaper {
  return {
    slug,
    title: `The paper ${slug}`,
    citation: "A. Author, B. Author, C. Author, D. Author, 2024",
    year: 2024,
    arxiv: "2401.00001",
    family: "Lines",
    summary: "A line goes up.",
    notReproduced: "The other lines.",
    figureOfPaper: "Figure 1",
    preset: "laptop",
    params: { seed: 0 },
    figures: [figure("key", "The line goes up")],
    claims: [claim("up", true, { headline: true })],
    knobs: [],
    quick: { seed: 0 },
    usage: "",
    notes: "",
    ...more,
  };
}

/** The content. */
export const content: SiteContent = {
  papers: [
    paper("first", {
      title: `Lines <b>of</b> "tests" & more</script>`,
      figures: [figure("key", "a < b, and so on"), figure("other", "Another")],
      claims: [
        claim("up", true, { headline: true, statement: "‖a‖ < ‖b‖ & <i>more</i>." }),
        claim("down", false, { source: "derived", reference: "notes 9", notes: "9" }),
        claim("open", null, {
          measured: "too little was run to decide",
          notes: undefined,
          reference: "Table 1",
        }),
      ],
      claimFigures: { up: "key", down: "other" },
      knobs: [
        { parameter: "rate", label: "Rate <η>", min: 0.1, max: 1, step: 0.1 },
        { parameter: "eps", label: "Size ε", min: 0.01, max: 100, step: 0.01 },
        { parameter: "steps", label: "Steps", min: 10, max: 100, step: 10 },
      ],
      quick: { seed: 3, rate: 1 / 3, eps: 0.5, steps: 20 } as SitePaper["quick"],
      usage: `import { line } from "refigure/lines";\n\n// 1 < 2 && "<b>"\nline(2, "up");\n`,
      notes:
        "# Notes <b>bold</b>\n\nSee [second](../second/README.md), the [notebook](../../notebooks/first.ipynb) and " +
        "[the paper](https://arxiv.org/abs/2401.00001).\n\n## 3 Method\n\n### 3.5 The `limit` of $x_1$\n\n" +
        "With $a < b$ and\n\n$$\\sum_i x_i^2 \\le 1$$\n\n| a | b |\n| --- | --- |\n| 1 | $\\frac12$ |\n\n" +
        "```ts\nconst a = 1 < 2;\n```\n\n## 9 Results\n\nOne claim does not hold.\n",
    }),
    paper("second", { notes: "# Notes\n\n## 3 Method\n" }),
    paper("third", {
      family: "Planes & spaces",
      arxiv: undefined,
      claims: [claim("up", null, { headline: true })],
    }),
  ],
};

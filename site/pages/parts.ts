/** Parts that several pages show: verdicts, claims, figures. */
import { type Claim, verdictSign, verdictWord } from "../../lib/experiment/mod.ts";
import type { SiteFigure, SitePaper } from "../content.ts";
import { linkFrom } from "./layout.ts";
import { type Markup, markup, type Part, raw } from "./markup.ts";
import { quantitiesOf } from "./quantities.ts";

/** The class that colours a verdict. */
export function verdictClass(holds: boolean | null): string {
  return holds === null ? "open" : holds ? "held" : "not-held";
}

/** A verdict as a sign and a word. */
export function verdict(holds: boolean | null): Markup {
  return markup`<span class="verdict ${verdictClass(holds)}"><span aria-hidden="true">${
    verdictSign(holds)
  }</span> ${verdictWord(holds)}</span>`;
}

/** How many claims hold, do not, and are undecided. */
export interface Counts {
  held: number;
  notHeld: number;
  open: number;
  total: number;
}

/** Counts the verdicts. */
export function countsOf(claims: readonly Claim[]): Counts {
  return {
    held: claims.filter(({ holds }) => holds).length,
    notHeld: claims.filter(({ holds }) => holds === false).length,
    open: claims.filter(({ holds }) => holds === null).length,
    total: claims.length,
  };
}

/** The claim that stands for the paper. */
export function headlineOf({ claims }: SitePaper): Claim | undefined {
  return claims.find(({ headline }) => headline) ?? claims[0];
}

/** The citation on a card: with more than three authors only the first. */
export function shortCitation({ citation, year }: SitePaper): string {
  const authors = citation.replace(/, \d{4}$/, "").split(/, | and /);
  return authors.length > 3 ? `${authors[0]} et al., ${year}` : citation;
}

/** The claim that stands for a paper, with its numbers folded away. */
export function headlineCard(claim: Claim, label: string): Markup {
  return markup`<p class="callout-head">${verdict(claim.holds)} <span class="muted">${label}</span></p>
<p>${claim.statement}</p>
<details><summary>Expected and measured</summary>${quantityTable(claim)}</details>
`;
}

/** What a claim is linked to. */
export interface ClaimLinks {
  /** Section of the notes that a section number of the claim is. */
  notes?: (section: string) => string | undefined;
  /** Address of the figure that shows the claim, and its title. */
  figure?: { href: string; title: string };
}

/** One claim: the verdict, the sentence, where it is from, and every quantity beside its bound. */
export function claimItem(claim: Claim, links: ClaimLinks = {}): Markup {
  const { id, statement, headline, holds } = claim;
  const figure = links.figure === undefined
    ? ""
    : markup` <a class="claim-figure" href="${links.figure.href}">Figure: ${links.figure.title}</a>`;
  return markup`<li class="claim ${verdictClass(holds)}" id="claim-${id}">
<div class="claim-verdict">${verdict(holds)}</div>
<div class="claim-body">
<p class="claim-statement">${headline ? raw(`<span class="tag">Headline</span> `) : ""}${statement}</p>
${quantityTable(claim)}
<p class="claim-source">${sourceOf(claim, links)}${figure}</p>
</div>
</li>
`;
}

/** Every quantity of a claim: what was expected, what was measured. */
export function quantityTable({ expected, measured }: Pick<Claim, "expected" | "measured">): Markup {
  const quantities = quantitiesOf(expected, measured);
  if (quantities === undefined) {
    return markup`<dl class="texts"><dt>Expected</dt><dd>${
      shortened(expected)
    }</dd><dt>Measured</dt><dd>${measured}</dd></dl>`;
  }
  const rows = quantities.map(({ name, expected, measured }) =>
    markup`<tr${expected === undefined && raw(' class="context"')}><th scope="row">${name}</th><td>${
      expected === undefined ? raw('<span class="muted">–</span>') : shortened(expected)
    }</td><td><span>${range(measured ?? "")}</span></td></tr>`
  );
  const head = ["Quantity", "Expected", "Measured"].map((name) => markup`<th scope="col">${name}</th>`);
  return markup`<table class="quantities"><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>`;
}

/** Bounds such as 2/3, which are written with all their digits, with four. */
function shortened(bounds: string): string {
  return bounds.replace(/\d\.\d{12,}/g, (number) => String(Number(Number(number).toPrecision(4))));
}

/** A range with room around its dots. */
function range(measured: string): Part {
  const [low, high] = measured.split("..");
  return high === undefined ? measured : [low, raw(` <span class="to">to</span> `), high];
}

/** Where a claim comes from; the section of the notes is a link if it can be found. */
function sourceOf({ source, reference, notes }: Claim, links: ClaimLinks): Part {
  const kind = {
    theorem: "Theorem",
    table: "Table",
    figure: "Figure",
    equation: "Equation",
    derived: "Derived",
  };
  const place = notes === undefined
    ? reference
    : reference.replace(new RegExp(`(?:; )?notes ${escapePattern(notes)}$`), "");
  const href = notes === undefined ? undefined : links.notes?.(notes);
  const section = notes === undefined
    ? undefined
    : href === undefined
    ? `notes ${notes}`
    : markup`<a href="${href}">notes ${notes}</a>`;
  // "Theorem: Theorem 3" names it twice.
  const isNamed = place.toLowerCase().startsWith(source) || place === "";
  return [
    isNamed && source !== "derived" ? "" : `${kind[source]}: `,
    place,
    place !== "" && section !== undefined ? "; " : "",
    section,
  ];
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The size of an SVG image, as it is written in it. */
export function sizeOf(svg: string): { width: number; height: number } {
  const [, width, height] = /<svg\b[^>]*? width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  return { width: Math.ceil(Number(width ?? 640)), height: Math.ceil(Number(height ?? 400)) };
}

/** Title and subtitle of a figure as one text. */
export function captionOf({ title, spec }: SiteFigure): string {
  const of = (spec as { title?: { subtitle?: string | string[] } }).title;
  const subtitle = typeof of === "object" && of !== null ? [of.subtitle ?? []].flat().join(" ") : "";
  return [title, subtitle].filter((text) => text !== "").join(". ");
}

/** Paths of a paper's files. */
export const pathOf = {
  page: (slug: string) => `${slug}/index.html`,
  notes: (slug: string) => `${slug}/notes.html`,
  svg: (slug: string, figure: string) => `${slug}/${figure}.svg`,
  spec: (slug: string, figure: string) => `${slug}/${figure}.vl.json`,
  notebook: (slug: string) => `notebooks/${slug}.ipynb`,
};

/** A figure as an image, which a script replaces by an interactive one. */
export function figureImage(
  page: string,
  slug: string,
  figure: SiteFigure,
  loading: "eager" | "lazy",
): Markup {
  const { width, height } = sizeOf(figure.svg);
  return markup`<img src="${linkFrom(page, pathOf.svg(slug, figure.name))}" alt="${
    captionOf(figure)
  }" width="${width}" height="${height}" loading="${loading}" decoding="async">`;
}

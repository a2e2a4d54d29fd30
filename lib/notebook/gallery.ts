import { requireString } from "../arrays/check.ts";
import { list, maybe } from "../experiment/check.ts";
import { verdictSign } from "../experiment/mod.ts";
import { type Displayable, displaySymbol, escapeHtml, type MediaBundle } from "./display.ts";
import { type GalleryCard, galleryCards } from "./gallery_cards.ts";
import { progress } from "./progress.ts";
import { stoppable } from "./stop.ts";
import { slimSvg } from "./slim_svg.ts";

/**
 * Shows every paper as a card: its key figure, its headline claim, whether the claim holds, and a link to its
 * notebook. The cards come from the `quick` presets, which take seconds, so a verdict here can differ from
 * that of the notebook, which runs more. A paper that cannot be loaded or run has a card with the error.
 *
 * @param slugs Which papers; default all of them.
 * @throws {RangeError} if there is no experiment with one of the slugs.
 *
 * @example
 * ```ts
 * import { gallery } from "refigure/notebook";
 * import { assertRejects } from "@std/assert";
 *
 * // await gallery() as the last expression of a cell
 * await assertRejects(() => gallery(["no-such-paper"]), RangeError, "Unknown experiment");
 * ```
 */
export async function gallery(slugs?: readonly string[]): Promise<Displayable> {
  maybe(list(requireString))("slugs", slugs);
  const { experimentSlugs } = await import("../experiment/deno/mod.ts");
  const total = (slugs ?? experimentSlugs()).length;
  const bar = progress("Gallery");
  using work = stoppable();
  const cards = await galleryCards(slugs, {
    signal: work.signal,
    onPaper: (i, slug) => bar.update(i / total, `${slug} (${i} of ${total} papers done)`),
  });
  await bar.end(
    cards.length < total
      ? `Gallery interrupted after ${cards.length} of ${total} papers`
      : `${cards.length} papers`,
  );
  return { [displaySymbol]: () => galleryBundle(cards) };
}

/** The cards as HTML and as text. */
export function galleryBundle(cards: readonly GalleryCard[]): MediaBundle {
  const held = cards.filter(({ verdict }) => verdict === "holds").length;
  const total = `${held} of ${cards.length} headline claims hold on the quick presets.`;
  const families = [...new Set(cards.map(({ family }) => family))];
  const html = families.map((family) => {
    const heading = families.length > 1 && family !== "" ? `<h3>${escapeHtml(family)}</h3>` : "";
    const those = cards.filter((card) => card.family === family).map(cardHtml);
    return `${heading}<div class="refigure-gallery">${those.join("")}</div>`;
  });
  const lines = cards.map((card) =>
    `${verdictText(card)} | ${card.slug}: ${card.title} | ${
      card.claim?.statement ?? card.problem ?? "not measured"
    }`
  );
  return { "text/html": `<p>${total}</p>${html.join("")}`, "text/plain": [...lines, total].join("\n") };
}

/**
 * One card. JupyterLab removes `<svg>` and most styles from the outputs of a notebook that was not run on
 * this machine; it keeps images with data URLs, classes, and the styles used here. `tools/lab.css` makes the
 * cards columns that fill the width, and the pictures dark on a dark theme.
 */
function cardHtml(card: GalleryCard): string {
  const { slug, title, citation, claim, problem, svg } = card;
  const name = escapeHtml(title);
  const image = svg === undefined
    ? ""
    : `<div style="margin:8px 0"><img alt="Key figure of ${name}" width="100%" ` +
      `src="${dataUrl(slimSvg(svg, title, 2))}"></div>`;
  const measured = claim === undefined ? "" : `: ${escapeHtml(claim.measured)}`;
  return `<div style="display:inline-block;vertical-align:top;width:340px;max-width:100%;box-sizing:border-box;` +
    `margin:0 16px 16px 0;border:1px solid #c3c8d1;border-radius:6px;padding:12px">` +
    `<div style="font-weight:600"><a href="${slug}.ipynb">${name}</a></div>` +
    `<div>${escapeHtml(citation)}</div>${image}` +
    `<div>${escapeHtml(claim?.statement ?? "The claims were not measured.")}</div>` +
    `<div><b>${verdictText(card)}</b>${measured}</div>` +
    (problem === undefined ? "" : `<div>${escapeHtml(problem)}</div>`) + `</div>`;
}

/** An SVG image as an address, in less text than base64. */
function dataUrl(svg: string): string {
  const text = svg.replaceAll("'", "&#39;").replaceAll('"', "'");
  return `data:image/svg+xml,${text.replace(/[%#<>&\n]/g, encodeURIComponent)}`;
}

function verdictText({ claim, verdict }: GalleryCard): string {
  return `${verdictSign(claim === undefined ? false : claim.holds)} ${verdict}`;
}

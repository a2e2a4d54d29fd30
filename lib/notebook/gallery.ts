import { type Experiment, rowTable, type Run } from "../experiment/mod.ts";
import { figure, renderSvg } from "../figures/mod.ts";
import { type Displayable, displaySymbol, escapeHtml, type MediaBundle } from "./display.ts";
import { progress } from "./progress.ts";
import { stoppable } from "./stop.ts";

/** One paper of the gallery. */
interface Exhibit {
  experiment: Experiment;
  run: Run;
  svg: string;
}

/**
 * Every paper there is, at a glance: key figure, headline claim, whether it holds, and a link to its
 * notebook. It is built from the `quick` presets, which take seconds, so a verdict here can differ from that
 * of the notebook, which runs more; there is nothing to register.
 *
 * @param slugs Which papers; default all of them.
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
  const { experimentSlugs, loadExperiment, runExperiment } = await import("../experiment/deno/mod.ts");
  const names = slugs ?? experimentSlugs();
  const bar = progress("Gallery");
  const exhibits: Exhibit[] = [];
  using work = stoppable();
  for (const [i, slug] of names.entries()) {
    if (work.signal.aborted) break;
    const experiment = await loadExperiment(slug);
    bar.update(i / names.length, `${names.length - i} of ${names.length} papers left: ${slug}`);
    const run = await runExperiment(slug, { preset: "quick", signal: work.signal, onWarning: () => {} });
    exhibits.push({ experiment, run, svg: await thumbnail(experiment, run) });
  }
  const whole = work.signal.aborted ? `interrupted after ${exhibits.length} of ${names.length} papers` : "";
  await bar.end(whole === "" ? `${exhibits.length} papers` : `Gallery ${whole}`);
  return { [displaySymbol]: () => galleryBundle(exhibits) };
}

/** The key figure as SVG that fits its card, or a sentence if it can't be drawn. */
async function thumbnail(experiment: Experiment, run: Run): Promise<string> {
  const [draw] = Object.values(experiment.figures);
  try {
    const svg = await renderSvg(figure(draw(rowTable(run.rows))));
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
    return svg.replace(`width="${width}" height="${height}"`, `width="100%"`);
  } catch (error) {
    return `<p>The figure can't be drawn: ${
      escapeHtml(error instanceof Error ? error.message : String(error))
    }</p>`;
  }
}

function galleryBundle(exhibits: readonly Exhibit[]): MediaBundle {
  const held = exhibits.filter(({ run }) => headline(run)?.holds).length;
  const total = `${held} of ${exhibits.length} headline claims hold on the quick presets.`;
  const grid = "display:grid;grid-template-columns:repeat(auto-fill,minmax(340px,1fr));gap:20px";
  const html = `<p>${total}</p><div style="${grid}">${exhibits.map(card).join("")}</div>`;
  const lines = exhibits.map(({ experiment, run }) =>
    `${verdict(run)} | ${experiment.slug}: ${experiment.title} | ${
      headline(run)?.statement ?? "not measured"
    }`
  );
  return { "text/html": html, "text/plain": [...lines, total].join("\n") };
}

function card({ experiment, run, svg }: Exhibit): string {
  const { slug, title, paper } = experiment;
  const claim = headline(run);
  return `<section style="border:1px solid #c3c8d1;border-radius:6px;padding:12px">` +
    `<div style="font-weight:600"><a href="${slug}.ipynb">${escapeHtml(title)}</a></div>` +
    `<div style="opacity:.75">${escapeHtml(`${paper.authors}, ${paper.year}`)}</div>` +
    `<div style="background:white;margin:8px 0">${svg}</div>` +
    `<div>${escapeHtml(claim?.statement ?? "The claims were not measured.")}</div>` +
    `<div><b>${verdict(run)}</b>${
      claim === undefined ? "" : `: ${escapeHtml(claim.measured)}`
    }</div></section>`;
}

function headline(run: Run): Run["claims"][number] | undefined {
  return run.claims.find((claim) => claim.headline);
}

function verdict(run: Run): string {
  const claim = headline(run);
  if (claim === undefined) return run.interrupted ? "– interrupted" : "✗ failed";
  return claim.holds === null ? "? undecided" : claim.holds ? "✓ holds" : "✗ does not hold";
}

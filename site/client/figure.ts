/** Figures drawn by vega, with their tooltips, legends to click on, and sliders. */
import * as vegaEmbed from "vega-embed";
import type { Figure } from "../../lib/experiment/mod.ts";

/** A figure in the page. */
export interface LiveFigure {
  /** Takes it out of the page. */
  finalize(): void;
}

/** What of vega-embed is used; its own types are those of a CommonJS module, which it is not in a page. */
type Embed = (where: HTMLElement, spec: Figure, options: Record<string, unknown>) => Promise<LiveFigure>;

const embed = vegaEmbed.default as unknown as Embed;

/** Draws a figure into an element, in place of what is there. Rejects if vega cannot draw it. */
export async function showFigure(where: HTMLElement, spec: Figure): Promise<LiveFigure> {
  return await embed(where, spec, { actions: false, renderer: "svg" });
}

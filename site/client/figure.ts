/** Figures drawn by vega, with their tooltips, legends to click on, and sliders. */
import * as vega from "vega";
import { compile } from "vega-lite";
import { Handler } from "vega-tooltip";
import type { Figure } from "../../lib/experiment/mod.ts";

/** A figure in the page. */
export interface LiveFigure {
  /** Takes it out of the page. */
  finalize(): void;
}

/** Draws a figure into an element, in place of what is there. Rejects if vega cannot draw it. */
export async function showFigure(where: HTMLElement, spec: Figure): Promise<LiveFigure> {
  // While a figure grows it may have layers without rows, which is worth no warning.
  const quiet = vega.logger(vega.Error);
  const compiled = compile(spec, { logger: quiet as never }).spec;
  const tooltip = new Handler().call;
  const view = new vega.View(vega.parse(compiled), {
    renderer: "svg",
    logger: quiet,
    hover: true,
    tooltip,
    container: where,
  });
  where.classList.add("vega-embed");
  await view.runAsync();
  return view;
}

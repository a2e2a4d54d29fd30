import { figure, type FigureInput, type FigureSpec, interactive, renderSvg } from "../figures/mod.ts";
import { compactData } from "./compact_data.ts";
import { type Displayable, displaySymbol, type MediaBundle } from "./display.ts";
import { slimSvg } from "./slim_svg.ts";

/** A figure as the last expression of a cell. */
export interface Plot extends Displayable {
  /** The complete spec, to save it or to draw it elsewhere. */
  readonly spec: FigureSpec;
}

/**
 * Shows a figure. JupyterLab draws the spec itself (`application/vnd.vegalite.v5+json`), and reacts to the mouse:
 * tooltips, a click on the legend, zoom with Shift and the wheel (see `interactive`). Code hosts and exported
 * pages show the same picture as SVG; where neither works there is a line of text.
 *
 * @param spec A vega-lite figure; the theme is added if it is not there.
 * @returns Shown when it is the last expression of a cell; a warning of vega ends that cell with a
 * `FigureError`.
 * @throws {TypeError} if `spec` is not a vega-lite spec, has an unknown mark, or holds a value that JSON
 * cannot hold.
 *
 * @example
 * ```ts
 * import { plot } from "refigure/notebook";
 * import { linearAxis } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * const shown = plot({
 *   title: "Loss falls",
 *   data: { values: [{ step: 0, loss: 2 }, { step: 1, loss: 1 }] },
 *   mark: "line",
 *   encoding: { x: linearAxis("step", "Step"), y: linearAxis("loss", "Loss") },
 * });
 * assertEquals(shown.spec.title, "Loss falls");
 * ```
 */
export function plot(spec: FigureInput | FigureSpec): Plot {
  const complete = figure(spec);
  return { spec: complete, [displaySymbol]: () => plotBundle(complete) };
}

/** A figure in all its formats. */
export async function plotBundle(spec: FigureSpec): Promise<MediaBundle> {
  return { ...growingBundle(spec), "image/svg+xml": slimSvg(await renderSvg(spec), caption(spec)) };
}

/** A figure without the SVG, which takes time: for what is replaced in a moment. */
export function growingBundle(spec: FigureSpec): MediaBundle {
  return {
    "application/vnd.vegalite.v5+json": compactData(interactive(spec)),
    "text/plain": `[Figure] ${caption(spec)}`,
  };
}

/** Title and subtitle in one line. */
function caption(spec: FigureSpec): string {
  const { title } = spec;
  if (title === undefined) return spec.description ?? "without a title";
  if (typeof title === "string" || Array.isArray(title)) return [title].flat().join(" ");
  const { text, subtitle } = title as { text: string | string[]; subtitle?: string | string[] };
  return [text, subtitle ?? []].map((part) => [part].flat().join(" ")).filter(Boolean).join(" | ");
}

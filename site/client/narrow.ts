/** Figures on screens that are narrower than they are: panels below each other, legends below, titles on several lines. */
import type { Figure } from "../../lib/experiment/mod.ts";
import { textWidth } from "../../lib/figures/text_width.ts";

/** What a vertical axis with its labels and title takes of the width, and the padding. */
const BESIDE = 76;
/** Drawing areas are not made narrower than this. */
const SMALLEST = 150;
/** Pixels between panels, as vega-lite has it. */
const SPACING = 20;

/** Pixels that a text takes. */
export type Measure = (text: string, fontSize: number, bold: boolean) => number;

/** A vega-lite view or a composition of views, as far as it is read here. */
interface View {
  width?: unknown;
  height?: unknown;
  title?: unknown;
  hconcat?: View[];
  concat?: View[];
  vconcat?: View[];
  columns?: number;
  [property: string]: unknown;
}

/**
 * The figure for a place of some width: as it is if its drawing area has room, else laid out anew. Squares stay squares.
 *
 * @param spec The figure; it is not changed.
 * @param available Pixels.
 * @param measure How wide a text is in the font that the reader has. Default: in that of the figures.
 */
export function narrowed(spec: Figure, available: number, measure: Measure = textWidth): Figure {
  const own = structuredClone(spec) as unknown as View & { config?: Record<string, any> };
  const width = Math.max(SMALLEST, available - BESIDE);
  const config = own.config ?? {};
  const title = { fontSize: 15, subtitleFontSize: 12, ...config.title };
  const wrapTitle = (of: unknown, size: number) =>
    wrappedTitle(of, width, size, title.subtitleFontSize, measure);
  own.title = wrapTitle(own.title, title.fontSize);
  // A legend below many panels would be a screen away from the first of them.
  const legend = { orient: own.hconcat ?? own.concat ?? own.vconcat ? "top" : "bottom" };
  own.config = {
    ...config,
    padding: 4,
    legend: { ...config.legend, ...legend, direction: "vertical", columns: 1, labelLimit: width },
  };
  setWidths(own, width, config.view?.continuousHeight ?? 340, (of) => wrapTitle(of, title.subtitleFontSize));
  return own as unknown as Figure;
}

/** Puts panels below each other and gives every drawing area its width. */
function setWidths(
  view: View,
  width: number,
  usualHeight: number,
  wrapTitle: (title: unknown) => unknown,
): void {
  const panels = view.hconcat ?? view.concat ?? view.vconcat;
  if (panels === undefined) {
    const { width: before, height } = view;
    const side = sideOf(view, usualHeight);
    if (side !== undefined && side > width) view.height = Number(height ?? usualHeight) * width / side;
    if (before === undefined || typeof before === "number") view.width = Math.min(side ?? width, width);
    return;
  }
  const columns = view.vconcat === undefined ? columnsOf(view, panels, width, usualHeight) : 1;
  delete view.hconcat;
  delete view.concat;
  delete view.columns;
  if (columns > 1) Object.assign(view, { concat: panels, columns });
  else view.vconcat = panels;
  for (const panel of panels) {
    panel.title = wrapTitle(panel.title);
    setWidths(panel, width, usualHeight, wrapTitle);
  }
}

/** How many small squares, or columns of such, stand side by side within a width; 1 for other panels. */
function columnsOf(
  { spacing = SPACING }: View,
  panels: readonly View[],
  width: number,
  usualHeight: number,
): number {
  const sides = panels.flatMap((panel) => panel.vconcat ?? [panel]).map((view) => sideOf(view, usualHeight));
  const side = Math.max(...sides.map((side) => side ?? width));
  return Math.max(1, Math.floor((width + Number(spacing)) / (side + Number(spacing))));
}

/** The width of a view that is about a square. */
function sideOf({ width, height }: View, usualHeight: number): number | undefined {
  const isSquare = typeof width === "number" && Math.abs(width / Number(height ?? usualHeight) - 1) < 0.2;
  return isSquare ? width : undefined;
}

/** A title whose lines are not wider than a width. */
function wrappedTitle(
  title: unknown,
  width: number,
  size: number,
  subtitleSize: number,
  measure: Measure,
): unknown {
  if (title === undefined || title === null) return title;
  const { text, subtitle, ...rest } = (isObject(title) ? title : { text: title }) as Record<string, any>;
  return {
    ...rest,
    ...(text === undefined ? {} : { text: wrapped(text, width, rest.fontSize ?? size, true, measure) }),
    ...(subtitle === undefined ? {} : { subtitle: wrapped(subtitle, width, subtitleSize, false, measure) }),
  };
}

/** Text in lines of at most a width; a word that is wider has a line of its own. */
function wrapped(
  text: string | string[],
  width: number,
  fontSize: number,
  bold: boolean,
  measure: Measure,
): string[] {
  const lines: string[] = [];
  for (const paragraph of [text].flat()) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (line !== "" && measure(longer, fontSize, bold) > width) {
        lines.push(line);
        line = word;
      } else line = longer;
    }
    lines.push(line);
  }
  return lines;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

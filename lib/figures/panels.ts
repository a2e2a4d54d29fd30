import {
  describeValue,
  requireInteger,
  requireNumber,
  requireOneOf,
  requireOptions,
} from "../arrays/check.ts";
import { requireNumberList, requireStrings } from "./check.ts";
import { channelsInEncoding } from "./shorthand.ts";
import type { Channel, FigureInput, Layer, View } from "./spec.ts";

/** A panel: a view with a short title. */
export interface Panel extends View {
  /** What this panel shows, in a few words. */
  title?: string;
  /** Pixels of its drawing area; default {@linkcode PanelsOptions.width}. */
  width?: number;
  /** Pixels of its drawing area; default {@linkcode PanelsOptions.height}. */
  height?: number;
}

/** Options of {@linkcode panels}. */
export interface PanelsOptions {
  /** Panels per row; default all of them in one row. */
  columns?: number;
  /** Pixels of each drawing area; default what makes a row about as wide as a single figure. */
  width?: number;
  /** Pixels of each drawing area, or those of each row; default 260. */
  height?: number | readonly number[];
  /** Pixels between panels; default 16. */
  spacing?: number;
  /** One legend for all panels, or one for each. Default `"shared"`. */
  colors?: "shared" | "independent";
}

/** Panels as a part of a figure. */
export interface PanelsPart {
  /** Panels in one row. */
  hconcat?: readonly FigureInput[];
  /** Panels in one column. */
  vconcat?: readonly FigureInput[];
  /** Panels in rows of `columns`. */
  concat?: readonly FigureInput[];
  /** Panels per row of `concat`. */
  columns?: number;
  /** Pixels between panels. */
  spacing: number;
  /** Whether colours are shared. */
  resolve?: { scale: { color: string } };
}

const wholeWidth = 560;
/** What an axis with its labels takes of a row. */
const axisWidth = 42;

/**
 * Small figures in rows and columns, with one legend. The title of a vertical axis that repeats the one to its
 * left, and of a horizontal axis that is repeated below, is left out.
 *
 * @param views The panels, row by row. Each has its own axes, as `x` and `y` or in `encoding`, or is a single mark.
 * @returns What {@linkcode figure} needs, to be spread into it beside the title.
 * @throws {RangeError} if there is no panel, or a number in the options is not positive.
 * @throws {TypeError} if `colors` has an unknown value.
 *
 * @example
 * ```ts
 * import { figure, linearAxis, lines, panels, renderSvg } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * const panel = (k: number) => ({
 *   title: `k = ${k}`,
 *   x: linearAxis("step", "Step"),
 *   y: linearAxis("loss", "Loss"),
 *   layer: [lines([{ step: 0, loss: k }, { step: 1, loss: 0 }])],
 * });
 * const svg = await renderSvg(figure({ title: "Loss", ...panels([panel(1), panel(2)]) }));
 * assertEquals(svg.match(/>Step</g)?.length, 2, "both have a horizontal axis");
 * assertEquals(svg.match(/>Loss</g)?.length, 2, "the figure's title and the first panel's axis");
 * ```
 */
export function panels(views: readonly Panel[], options: PanelsOptions = {}): PanelsPart {
  requirePanels(views);
  requireOptions("options", options, ["columns", "width", "height", "spacing", "colors"]);
  if (views.length === 0) throw new RangeError("`views` must have at least one panel, got none");
  const { columns = views.length, spacing = 16, colors = "shared", height: heights = 260 } = options;
  requireInteger("columns", columns, { min: 1 });
  requireNumber("spacing", spacing, { min: 0 });
  requireOneOf("colors", colors, ["shared", "independent"]);
  const { width = Math.floor((wholeWidth - (columns - 1) * (spacing + axisWidth)) / columns) } = options;
  requireNumber("width", width, { above: 0 });
  if (typeof heights === "number") requireNumber("height", heights, { above: 0 });
  else {
    requireNumberList("height", heights, { above: 0 });
    if (heights.length === 0) throw new RangeError("`height` must have at least one entry, got none");
  }
  const encoded = views.map((view, i) => channelsInEncoding(view, `views[${i}]`));
  const list = encoded.map((view, i) => {
    const { title, encoding, ...rest } = view;
    const row = Math.floor(i / columns);
    const leftOf = i % columns === 0 ? undefined : encoded[i - 1];
    const below = encoded[i + columns];
    return {
      width,
      height: typeof heights === "number" ? heights : heights[Math.min(row, heights.length - 1)],
      ...(title === undefined ? {} : { title: { text: title, fontSize: 12.5, frame: "group", offset: 5 } }),
      ...rest,
      ...(encoding === undefined ? {} : {
        encoding: untitled(untitled(encoding, "y", leftOf), "x", below),
      }),
    };
  });
  const resolve = colors === "shared" ? {} : { resolve: { scale: { color: "independent" } } };
  if (columns >= views.length) return { hconcat: list, spacing, ...resolve };
  if (columns === 1) return { vconcat: list, spacing, ...resolve };
  return { concat: list, columns, spacing, ...resolve };
}

type Encoding = NonNullable<Layer["encoding"]>;

/** The encoding without the title of an axis that a neighbour has too. */
function untitled(encoding: Encoding, channel: "x" | "y", neighbour: Layer | undefined): Encoding {
  const own = encoding[channel] as Channel | undefined;
  const other = neighbour?.encoding?.[channel] as Channel | undefined;
  if (own?.title === undefined || own.title !== other?.title) return encoding;
  return { ...encoding, [channel]: { ...own, title: "" } };
}

function requirePanels(views: readonly Panel[]): void {
  if (!Array.isArray(views)) {
    throw new TypeError(`\`views\` must be a list of panels, got ${describeValue(views)}`);
  }
  views.forEach((view, i) => {
    if (typeof view !== "object" || view === null || Array.isArray(view)) {
      throw new TypeError(`\`views[${i}]\` must be a panel, got ${describeValue(view)}`);
    }
    requireStrings({ [`views[${i}].title`]: view.title });
  });
}

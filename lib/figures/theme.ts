import { palette } from "./color.ts";

const font = "'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif";
const ink = "#1f2430";
const muted = "#565d6b";
const line = "#c3c8d1";
const grid = "#e9ecf1";

/**
 * The look of all figures, as vega-lite's `config`: sizes for a notebook, a light grid, titles that start at
 * the left.
 *
 * @example
 * ```ts
 * import { palette, theme } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(theme.range.category, [...palette]);
 * ```
 */
export const theme = {
  background: "white",
  font,
  padding: 8,
  view: {
    stroke: null,
    continuousWidth: 560,
    continuousHeight: 340,
    discreteWidth: 560,
    discreteHeight: 340,
  },
  range: { category: [...palette] },
  title: {
    anchor: "start" as const,
    frame: "group" as const,
    offset: 12,
    fontSize: 15,
    fontWeight: 600,
    color: ink,
    subtitleFontSize: 12,
    subtitleColor: muted,
    subtitlePadding: 5,
    subtitleLineHeight: 16,
    lineHeight: 19,
  },
  axis: {
    labelFontSize: 12,
    titleFontSize: 12.5,
    titleFontWeight: 500,
    titlePadding: 8,
    labelColor: muted,
    titleColor: ink,
    domainColor: line,
    tickColor: line,
    gridColor: grid,
    labelPadding: 4,
    // The last label of an axis is set flush to its end, and so close to the one before it.
    labelSeparation: 7,
  },
  legend: {
    labelFontSize: 12,
    titleFontSize: 12.5,
    titleFontWeight: 500,
    labelColor: ink,
    titleColor: ink,
    symbolStrokeWidth: 2.5,
    // Else the symbols are as faint as the bands.
    symbolOpacity: 1,
    labelLimit: 260,
  },
  header: {
    labelFontSize: 12.5,
    titleFontSize: 12.5,
    titleFontWeight: 500,
    labelColor: ink,
    titleColor: ink,
  },
  mark: { color: palette[0] },
  line: { strokeWidth: 2.2, strokeCap: "round" as const, strokeJoin: "round" as const },
  rule: { strokeWidth: 1.4 },
  area: { opacity: 0.2, line: false },
  errorband: { opacity: 0.2 },
  point: { size: 45, filled: true, opacity: 0.9 },
  text: { fontSize: 12, color: ink },
};

import { checkSpec } from "./check_spec.ts";
import { clipOutside } from "./clip.ts";
import { chooseLegendSymbols } from "./legend_symbols.ts";
import { labelLogAxes, leaveOutNotPositive } from "./log_axes.ts";
import { replaceWithoutRows } from "./no_rows.ts";
import { plain } from "./plain.ts";
import { channelsInEncoding, subtitleInTitle } from "./shorthand.ts";
import type { FigureInput, FigureSpec } from "./spec.ts";
import { theme } from "./theme.ts";

/**
 * A complete figure: the spec with the schema, the theme (what the spec configures itself wins) and 560 x 340
 * pixels unless it sets a size. The spec may be a plain literal, in which `subtitle` may stand beside `title`, and
 * the channels `x`, `y` and `color` of the whole figure beside its layers instead of in `encoding`.
 *
 * The rows become plain and small data, so that a stored figure does not change with the last bits of a
 * machine: numbers have 5 significant digits, or more where they differ by less than that; a `Date` is its ISO
 * text; a number that is not finite is null, which is not drawn. A value that is not positive has no place on a
 * logarithmic axis: it is left out, and a line below the title tells how many were. A figure without a single row
 * is its title and the line "No rows to show".
 *
 * @param spec A vega-lite figure; it is not changed.
 * @throws {TypeError} if a mark, channel or type is unknown, a channel is given twice, no row has the field of a
 * position, or something in it is not plain data.
 * @throws {RangeError} if the domain of a logarithmic axis is not positive, or a view has rows but no number that
 * its axis could show.
 *
 * @example
 * ```ts
 * import { figure, linearAxis, logAxis } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * const spec = figure({
 *   title: "Error falls geometrically",
 *   subtitle: "n = 20",
 *   data: { values: [{ step: 0, error: 1 / 3 }, { step: 1, error: 1 / 9 }] },
 *   mark: "line",
 *   x: linearAxis("step", "Step"),
 *   y: logAxis("error", "Relative error"),
 * });
 * assertEquals(spec.data, { values: [{ step: 0, error: 0.33333 }, { step: 1, error: 0.11111 }] });
 * ```
 */
export function figure(spec: FigureInput | FigureSpec): FigureSpec {
  const whole = channelsInEncoding(subtitleInTitle(spec as FigureInput), "spec");
  checkSpec(whole);
  const own = plain(whole);
  replaceWithoutRows(own);
  leaveOutNotPositive(own);
  labelLogAxes(own);
  clipOutside(own);
  chooseLegendSymbols(own);
  const schema = "https://vega.github.io/schema/vega-lite/v5.json";
  const config = merge(theme, own.config ?? {});
  return { $schema: schema, ...own, config } as FigureSpec;
}

/** The second object's values over those of the first, through all levels. */
function merge(base: unknown, over: unknown): unknown {
  if (!isPlain(base) || !isPlain(over)) return over;
  const out = { ...base };
  for (const [key, value] of Object.entries(over)) out[key] = key in out ? merge(out[key], value) : value;
  return out;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { requireString } from "../arrays/check.ts";
import { requireTexts } from "./check.ts";

/**
 * Colours for series, in the order they are used: those of Okabe and Ito, which people with any colour vision
 * tell apart, the light ones darkened (and yellow replaced) so that a thin line is seen on white.
 *
 * Source: M. Okabe and K. Ito, "Color Universal Design", 2008.
 *
 * @example
 * ```ts
 * import { palette } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(palette[0], "#0072b2");
 * assertEquals(new Set(palette).size, palette.length);
 * ```
 */
export const palette: readonly string[] = [
  "#0072b2", // blue
  "#c85200", // vermillion
  "#009e73", // bluish green
  "#c0629a", // reddish purple
  "#d28b00", // orange
  "#3d9bd6", // sky blue
  "#882255", // wine
  "#7f7f2a", // olive
];

/**
 * The colour of theory: what a paper predicts is drawn in it, dashed, on top of what was measured.
 *
 * @example
 * ```ts
 * import { palette, theoryColor } from "refigure/figures";
 * import { assert } from "@std/assert";
 *
 * assert(!palette.includes(theoryColor));
 * ```
 */
export const theoryColor = "#222222";

/** A colour channel of vega-lite: one colour a value, in the order of the domain. */
export interface ColorChannel {
  /** Which field of a row names its series. */
  field: string;
  /** Names, not numbers. */
  type: "nominal";
  /** Title of the legend; null for none. */
  title: string | null;
  /** Legend in the order of the domain, or of the rows when none was given. */
  sort: null;
  /** Which value has which colour. */
  scale: { domain?: string[]; range: string[] };
}

/**
 * Colours the series that `field` names.
 *
 * @param field The field of a row that names its series.
 * @param title Title of the legend; null for none.
 * @param domain The series in the order of the legend; default the order of the rows.
 * @param range Their colours; default {@link palette}.
 * @returns The channel, for `encoding.color`.
 * @throws {RangeError} if there are more series than colours: a reader could not tell them apart.
 *
 * @example
 * ```ts
 * import { colorBy, palette } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * const color = colorBy("method", "Method", ["GD", "Muon"]);
 * assertEquals(color.scale, { domain: ["GD", "Muon"], range: [palette[0], palette[1]] });
 * ```
 */
export function colorBy(
  field: string,
  title: string | null,
  domain?: readonly string[],
  range: readonly string[] = palette,
): ColorChannel {
  requireString("field", field);
  if (title !== null) requireString("title", title);
  requireTexts("range", range);
  if (domain !== undefined) requireTexts("domain", domain);
  if (domain !== undefined && domain.length > range.length) {
    throw new RangeError(
      `\`domain\` must have at most ${range.length} entries, one a colour of \`range\`, got ${domain.length}`,
    );
  }
  const scale = domain === undefined
    ? { range: [...range] }
    : { domain: [...domain], range: range.slice(0, domain.length) };
  return { field, type: "nominal", title, sort: null, scale };
}

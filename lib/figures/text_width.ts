import { requireBoolean, requireNumber, requireString } from "../arrays/check.ts";

/**
 * Advance widths of Helvetica for the characters from space to tilde, in thousandths of the font size
 * (Adobe's font metrics of the standard fonts; Arial and Liberation Sans have the same).
 */
// deno-fmt-ignore
const WIDTHS = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
  556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
  1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
  667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
  333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
  556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/**
 * Width of a character that is not in the table: most Greek letters and mathematical signs are about as wide
 * as a digit.
 */
const OTHER = 580;

/** Superscripts are set small. */
const SMALL = 350;

/**
 * Bold letters are wider, and the fonts that stand in for Helvetica where it is missing a little wider than
 * it.
 */
const BOLD = 1.07;
const SUBSTITUTE = 1.04;

/**
 * About how wide a text is in the figures' font, in pixels: vega lays out legends and margins by it where
 * there is no canvas to measure on.
 *
 * @param text One line.
 * @param fontSize In pixels.
 * @param bold Whether the weight is 600 or more. Default false.
 * @returns The width in pixels.
 *
 * @example
 * ```ts
 * import { textWidth } from "refigure/figures";
 * import { assert } from "@std/assert";
 *
 * assert(textWidth("illicit", 12) < textWidth("MAXIMUM", 12) / 2);
 * ```
 */
export function textWidth(text: string, fontSize: number, bold = false): number {
  requireString("text", text);
  requireNumber("fontSize", fontSize, { min: 0 });
  requireBoolean("bold", bold);
  return helveticaWidth(text, fontSize, bold) * SUBSTITUTE;
}

/** The width in Helvetica itself, and in fonts of its metrics. */
export function helveticaWidth(text: string, fontSize: number, bold: boolean): number {
  let sum = 0;
  for (const character of text) {
    const superscript = /[⁰¹²³⁴-⁹⁻⁺ᵀ₀-₉]/.test(character);
    sum += superscript ? SMALL : WIDTHS[character.codePointAt(0)! - 32] ?? OTHER;
  }
  return sum / 1000 * fontSize * (bold ? BOLD : 1);
}

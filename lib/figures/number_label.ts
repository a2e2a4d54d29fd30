import { requireInteger, requireNumber, requireOptions } from "../arrays/check.ts";

/**
 * A number as a text in a figure, in the style of its axes: from 0.001 to 100,000 as a plain number, else with
 * a power of ten (10⁻⁶, 2.5×10⁷), and with a minus sign instead of a hyphen.
 *
 * @param value The number.
 * @param options `digits`: significant digits at most, default 3.
 * @throws {RangeError} if `value` is not finite, or `digits` is not an integer from 1 to 15.
 *
 * @example
 * ```ts
 * import { numberLabel } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([0.05, 1500, 7071068, 1e-6, -2.5].map((value) => numberLabel(value)), [
 *   "0.05",
 *   "1,500",
 *   "7.07×10⁶",
 *   "10⁻⁶",
 *   "−2.5",
 * ]);
 * ```
 */
export function numberLabel(value: number, options: { digits?: number } = {}): string {
  requireNumber("value", value);
  requireOptions("options", options, ["digits"]);
  const { digits = 3 } = options;
  requireInteger("digits", digits, { min: 1, max: 15 });
  const sign = value < 0 ? "−" : "";
  // Of "9.996e-4" with three digits the mantissa is 1 and the exponent -3: toExponential carries.
  const [mantissa, exponent] = Math.abs(value).toExponential(digits - 1).split("e").map(Number);
  const rounded = Number(`${mantissa}e${exponent}`);
  if (rounded === 0 || (rounded >= 0.001 && rounded <= 100_000)) {
    return sign + rounded.toLocaleString("en-US", { maximumFractionDigits: 20 });
  }
  return `${sign}${mantissa === 1 ? "" : `${mantissa}×`}10${superscript(exponent)}`;
}

function superscript(exponent: number): string {
  return [...String(exponent)].map((sign) => sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(sign)]).join("");
}

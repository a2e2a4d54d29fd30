/** The labels of logarithmic axes, as vega expressions and formats. */

const exponent = "floor(log(datum.value) / LN10 + 1e-9)";
const digit = (of: string) => `['⁰','¹','²','³','⁴','⁵','⁶','⁷','⁸','⁹'][${of}]`;
const superscript = `(${exponent} < 0 ? '⁻' : '') + ` +
  `(abs(${exponent}) >= 100 ? ${digit(`floor(abs(${exponent}) / 100)`)} : '') + ` +
  `(abs(${exponent}) >= 10 ? ${digit(`floor(abs(${exponent}) / 10) % 10`)} : '') + ` +
  `${digit(`abs(${exponent}) % 10`)}`;
const mantissa = `datum.value / pow(10, ${exponent})`;
const power =
  `(abs(${mantissa} - 1) < 1e-6 ? '' : format(${mantissa}, '.3~r') + '×') + '10' + ${superscript}`;
/** Powers of ten; vega leaves `datum.label` empty where labels would be too many. */
export const powerLabels = `datum.label === '' ? '' : ${power}`;
/** Plain numbers; with a `format`, vega would label every tick. */
export const numberLabels = "datum.label === '' ? '' : format(datum.value, ',.4~r')";

/** What stands for the labels until the figure knows the values on the axis; on its own it makes powers. */
export const autoLabels = powerLabels + " + ''";

/** Labels of a log axis that shows these values: plain numbers where they are short, else powers of ten. */
export function labelStyle(
  [low, high]: readonly [number, number],
): string {
  return Math.min(low, high) >= 0.000999 && Math.max(low, high) <= 100_001 ? numberLabels : powerLabels;
}

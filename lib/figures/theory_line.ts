import {
  requireInteger,
  requireNumber,
  requireOneOf,
  requireOptions,
  requireString,
} from "../arrays/check.ts";
import { requireFields, requireNumberList, requireRows } from "./check.ts";
import { theoryColor } from "./color.ts";
import { place } from "./rows.ts";
import type { FieldOf, Layer } from "./spec.ts";

/** How a line of theory looks, everywhere: dark, thin, and dashed one way. */
const dashes = { color: theoryColor, strokeDash: [5, 4], strokeWidth: 1.4 };
/** A second theory in the same figure, such as a bound beside a law. */
const dots = { ...dashes, strokeDash: [1.5, 3] };

/** How a line of theory differs from the default. */
export interface TheoryStyle {
  /** `"dashed"`, or `"dotted"` for a second theory in the same figure. Default `"dashed"`. */
  stroke?: "dashed" | "dotted";
}

/** Options of {@linkcode theoryLine} for rows. */
export interface TheoryLineOptions<Row> extends TheoryStyle {
  /** The field along the horizontal axis; default that of the view. */
  x?: FieldOf<Row>;
  /** The field along the vertical axis; default that of the view. */
  y?: FieldOf<Row>;
  /** The field that tells lines apart, if there are several. */
  series?: FieldOf<Row>;
}

/** Options of {@linkcode theoryLine} for a function. */
export interface TheoryCurveOptions extends TheoryStyle {
  /** The field along the horizontal axis. */
  x: string;
  /** The field along the vertical axis. */
  y: string;
  /** From where to where the line goes. */
  domain: readonly [number, number];
  /**
   * Whether the points are at equal distances or at equal ratios, which is right for a logarithmic axis.
   * Default `"linear"`.
   */
  spacing?: "linear" | "log";
  /** How many points; default 61. Two are enough for a straight line. */
  count?: number;
}

/**
 * What theory predicts: a dark dashed line on top of what was measured.
 *
 * @param law The points of the line, or a function of `x`; a function that is not finite somewhere leaves a
 * gap there.
 * @returns A layer.
 * @throws {RangeError} if no row has one of the fields, or the domain is not finite, or not positive with
 * `spacing: "log"`.
 * @throws {TypeError} if `stroke` or `spacing` has an unknown value.
 *
 * @example
 * ```ts
 * import { figure, logAxis, points, renderSvg, theoryLine } from "refigure/figures";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const law = (m: number) => Math.sqrt(40 / m);
 * const line = theoryLine(law, { x: "m", y: "error", domain: [40, 4000], spacing: "log", count: 3 });
 * assertEquals(line.data?.values.map(({ m }: { m: number }) => Math.round(m)), [40, 400, 4000]);
 * const svg = await renderSvg(figure({
 *   title: { text: "The rate is known", subtitle: "Dashed: √(40/m)" },
 *   encoding: { x: logAxis("m", "Measurements m"), y: logAxis("error", "Error") },
 *   layer: [points([{ m: 50, error: 0.9 }, { m: 3000, error: 0.1 }]), line],
 * }));
 * assertStringIncludes(svg, "stroke-dasharray");
 * ```
 */
export function theoryLine<Row extends object>(
  law: readonly Row[],
  options?: TheoryLineOptions<Row>,
): Layer;
/** The same for a function of `x`. */
export function theoryLine(law: (x: number) => number, options: TheoryCurveOptions): Layer;
export function theoryLine(
  law: readonly object[] | ((x: number) => number),
  options: TheoryLineOptions<Record<string, unknown>> | TheoryCurveOptions = {},
): Layer {
  const { values, series } = typeof law === "function"
    ? { values: sample(law, options as TheoryCurveOptions), series: undefined }
    : pointsOf(law, options as TheoryLineOptions<Record<string, unknown>>);
  const { x, y, stroke = "dashed" } = options;
  requireOneOf("stroke", stroke, ["dashed", "dotted"]);
  return {
    data: { values },
    mark: { type: "line", clip: true, ...(stroke === "dotted" ? dots : dashes) },
    encoding: {
      ...place(x, y),
      color: { value: theoryColor },
      ...(series === undefined ? {} : { detail: { field: series, type: "nominal" } }),
    },
  };
}

/**
 * A straight dark dashed line across the figure at one value of `x` or of `y`: a bound, a limit, zero.
 *
 * @param at The value of `x`, for a vertical line, or of `y`, for a horizontal one.
 * @returns A layer.
 * @throws {RangeError} if the value is not finite, or not exactly one is given.
 * @throws {TypeError} if `stroke` has an unknown value.
 *
 * @example
 * ```ts
 * import { figure, linearAxis, points, renderSvg, theoryRule } from "refigure/figures";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const limit = theoryRule({ y: 2 / Math.PI });
 * assertEquals(limit.data?.values, [{ y: 2 / Math.PI }]);
 * const svg = await renderSvg(figure({
 *   encoding: { x: linearAxis("n", "n"), y: linearAxis("height", "Height") },
 *   layer: [points([{ n: 16, height: 0.7 }, { n: 64, height: 0.64 }]), limit],
 * }));
 * assertStringIncludes(svg, "stroke-dasharray");
 * ```
 */
export function theoryRule(at: { x?: number; y?: number }, style: TheoryStyle = {}): Layer {
  requireOptions("at", at, ["x", "y"]);
  requireOptions("style", style, ["stroke"]);
  const { x, y } = at;
  const { stroke = "dashed" } = style;
  requireOneOf("stroke", stroke, ["dashed", "dotted"]);
  for (const [name, value] of Object.entries({ x, y })) {
    if (value !== undefined) requireNumber(`at.${name}`, value);
  }
  if ((x === undefined) === (y === undefined)) {
    throw new RangeError(`\`at\` must have \`x\` or \`y\`, got ${x === undefined ? "neither" : "both"}`);
  }
  // A row with the value: a `datum` would lose against the field that the view's axis names.
  const row = Object.fromEntries(
    Object.entries(at).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]),
  );
  return {
    data: { values: [row] },
    mark: { type: "rule", clip: true, ...(stroke === "dotted" ? dots : dashes) },
    encoding: {
      x: x === undefined ? null : { field: "x" },
      y: y === undefined ? null : { field: "y" },
      color: { value: theoryColor },
    },
  };
}

function pointsOf(law: readonly object[], options: TheoryLineOptions<Record<string, unknown>>) {
  requireRows("law", law);
  requireOptions("options", options, ["x", "y", "series", "stroke"]);
  const { x, y, series } = options;
  requireFields(law, { x, y, series });
  return { values: law, series };
}

function sample(law: (x: number) => number, options: TheoryCurveOptions): object[] {
  requireOptions("options", options, ["x", "y", "domain", "spacing", "count", "stroke"]);
  const { x, y, domain, spacing = "linear", count = 61 } = options;
  requireString("x", x);
  requireString("y", y);
  requireOneOf("spacing", spacing, ["linear", "log"]);
  requireInteger("count", count, { min: 2 });
  const above = spacing === "log" ? { above: 0 } : {};
  requireNumberList("domain", domain, above);
  if (domain.length !== 2) throw new RangeError(`\`domain\` must be two numbers, got ${domain.length}`);
  const [from, to] = domain;
  return Array.from({ length: count }, (_, i) => {
    const share = i / (count - 1);
    // The ends are exact, whatever the rounding of the powers.
    const at = i === 0
      ? from
      : i === count - 1
      ? to
      : spacing === "log"
      ? from * (to / from) ** share
      : from + share * (to - from);
    const value = law(at);
    return { [x]: at, [y]: Number.isFinite(value) ? value : null };
  });
}

import { requireInteger, requireOptions, requireString } from "../arrays/check.ts";
import { requireBooleans, requireDomain, requireNumberList, requireStrings } from "./check.ts";
import { autoLabels, labelStyle } from "./log_labels.ts";

/** How an axis may differ from the default. */
export interface AxisOptions {
  /**
   * The range shown; default that of the data. What lies outside is clipped only if the mark has `clip:
   * true`.
   */
  domain?: [number, number];
  /**
   * Whether the range is extended to round values; default true for linear axes, false for logarithmic ones.
   */
  nice?: boolean;
  /** Whether a linear axis includes zero; default false. */
  zero?: boolean;
  /** How many ticks are wanted; a hint. */
  tickCount?: number;
  /** Ticks at these values only. */
  values?: number[];
  /** Format of the labels of a linear axis, in the language of d3-format, such as `".2f"` or `"%"`. */
  format?: string;
  /** Whether lines are drawn across the figure; default true. */
  grid?: boolean;
}

/** A position channel of vega-lite for numbers, usable as `x` and as `y`. */
export interface PositionChannel {
  /** Which field of a row is shown. */
  field: string;
  /** Numbers. */
  type: "quantitative";
  /** Title of the axis, unit included. */
  title: string;
  /** How numbers become places. */
  scale: {
    type: "linear" | "log";
    domain?: [number, number];
    nice: boolean;
    zero?: boolean;
    padding?: number;
  };
  /** Ticks, labels and grid. */
  axis: {
    tickCount?: number;
    values?: number[];
    format?: string;
    labelExpr?: string;
    labelOverlap?: boolean;
    grid: boolean;
    gridOpacity?: { condition: { test: string; value: number }; value: number };
    tickSize?: { condition: { test: string; value: number }; value: number };
  };
}

/**
 * An axis for numbers on a linear scale, as `x` or `y` of an encoding.
 *
 * @param field The field of a row.
 * @param title Title of the axis, unit included.
 * @param options The domain, the ticks, the grid: see {@link AxisOptions}.
 * @returns The channel, for `encoding.x` or `encoding.y`.
 * @throws {RangeError} if a number in the options is not finite, or the ends of the domain are the same.
 *
 * @example
 * ```ts
 * import { linearAxis } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(linearAxis("loss", "Loss", { domain: [0, 1] }).scale.domain, [0, 1]);
 * ```
 */
export function linearAxis(field: string, title: string, options: AxisOptions = {}): PositionChannel {
  requireAxis(field, title, options, {});
  const { domain, nice = domain === undefined, zero = false, grid = true, ...axis } = options;
  return {
    field,
    type: "quantitative",
    title,
    scale: { type: "linear", nice, ...(domain === undefined ? { zero } : { domain }) },
    axis: { grid, ...axis },
  };
}

/**
 * An axis for positive numbers on a logarithmic scale, as `x` or `y` of an encoding. All labels of an axis have
 * one style: plain numbers where all values are from 0.001 to 100,000, else powers of ten (10⁻³). Over less
 * than two decades some values in between are labelled too.
 *
 * Rows whose value is not positive have no place on it: `figure` leaves them out and adds a line below the
 * title that tells how many.
 *
 * @param field The field of a row.
 * @param title Title of the axis, unit included.
 * @param options The domain, the ticks, the grid: see {@link AxisOptions}.
 * @returns The channel, for `encoding.x` or `encoding.y`.
 * @throws {RangeError} if a number in the options is not finite or not positive, or the ends of the domain are
 * the same.
 *
 * @example
 * ```ts
 * import { logAxis } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(logAxis("error", "Relative error").scale.type, "log");
 * ```
 */
export function logAxis(field: string, title: string, options: AxisOptions = {}): PositionChannel {
  requireAxis(field, title, options, { above: 0 });
  const { domain, nice = false, grid = true, tickCount = 5, values } = options;
  // Only labelled ticks carry a line across the figure; the others are short marks.
  const whenLabelled = (labelled: number, otherwise: number) =>
    values === undefined
      ? { condition: { test: "datum.label !== ''", value: labelled }, value: otherwise }
      : undefined;
  const ends = domain ??
    (values === undefined || values.length === 0
      ? undefined
      : [Math.min(...values), Math.max(...values)] as const);
  const labelExpr = ends === undefined ? autoLabels : labelStyle(ends);
  const gridOpacity = whenLabelled(1, 0);
  const tickSize = whenLabelled(5, 2.5);
  return {
    field,
    type: "quantitative",
    title,
    // A few pixels of air, so that lines do not run along the frame.
    scale: { type: "log", nice, ...(domain === undefined ? { padding: 6 } : { domain }) },
    axis: {
      ...(values === undefined ? { tickCount } : { values }),
      labelExpr,
      grid,
      ...(gridOpacity === undefined ? {} : { gridOpacity }),
      ...(tickSize === undefined ? {} : { tickSize }),
    },
  };
}

function requireAxis(field: string, title: string, options: AxisOptions, range: { above?: number }): void {
  requireString("field", field);
  requireString("title", title);
  requireOptions("options", options, ["domain", "nice", "zero", "tickCount", "values", "format", "grid"]);
  const { domain, nice, zero, tickCount, values, format, grid } = options;
  if (domain !== undefined) requireDomain("domain", domain, range);
  if (values !== undefined) requireNumberList("values", values, range);
  if (tickCount !== undefined) requireInteger("tickCount", tickCount, { min: 1 });
  requireBooleans({ nice, zero, grid });
  requireStrings({ format });
}

import { requireInteger, requireNumber, requireOneOf, requireOptions } from "../arrays/check.ts";

/** Options of {@linkcode legendAt}. */
export interface LegendOptions {
  /** Entries per row of a legend above or below the figure; default as many as fit. */
  columns?: number;
  /** What stands beside each name: a piece of line, a dot, or a square. Default `"line"`. */
  symbols?: "line" | "dot" | "square";
  /** Pixels after which a name is cut off; default 260. */
  labelLimit?: number;
}

/** The `legend` part of a figure's `config`. */
export interface LegendConfig {
  /** Settings of all legends of the figure. */
  legend: { orient: string; columns?: number; symbolType: string; labelLimit?: number };
}

/**
 * Where the legends of a figure are, as its `config`.
 *
 * @param place The side of the figure, or a corner inside of it.
 * @throws {RangeError} if `columns` is not a positive integer, or `labelLimit` is negative or not finite.
 * @throws {TypeError} if `place` or `symbols` has an unknown value.
 *
 * @example
 * ```ts
 * import { colorBy, figure, legendAt, linearAxis, lines, renderSvg } from "refigure/figures";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const rows = [{ step: 0, loss: 2, run: "a" }, { step: 1, loss: 1, run: "a" }];
 * const svg = await renderSvg(figure({
 *   encoding: { x: linearAxis("step", "Step"), y: linearAxis("loss", "Loss"), color: colorBy("run", "Run") },
 *   layer: [lines(rows)],
 *   config: legendAt("bottom", { columns: 3 }),
 * }));
 * assertStringIncludes(svg, "Run");
 * ```
 */
export function legendAt(
  place: "right" | "bottom" | "top" | "top-left" | "top-right" | "bottom-left" | "bottom-right",
  options: LegendOptions = {},
): LegendConfig {
  requireOptions("options", options, ["columns", "symbols", "labelLimit"]);
  const { columns, symbols = "line", labelLimit } = options;
  requireOneOf("place", place, [
    "right",
    "bottom",
    "top",
    "top-left",
    "top-right",
    "bottom-left",
    "bottom-right",
  ]);
  const symbolType = { line: "stroke", dot: "circle", square: "square" };
  requireOneOf("symbols", symbols, ["line", "dot", "square"]);
  return {
    legend: {
      orient: place,
      symbolType: symbolType[symbols],
      ...(columns === undefined ? {} : { columns: requireInteger("columns", columns, { min: 1 }) }),
      ...(labelLimit === undefined
        ? {}
        : { labelLimit: requireNumber("labelLimit", labelLimit, { min: 0 }) }),
    },
  };
}

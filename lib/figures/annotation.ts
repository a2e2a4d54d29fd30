import { requireNumber, requireOneOf, requireOptions, requireString } from "../arrays/check.ts";
import { requireLines } from "./check.ts";
import { theoryColor } from "./color.ts";
import { paint, place } from "./rows.ts";
import type { Layer } from "./spec.ts";

/** Options of {@linkcode annotation}. */
export interface AnnotationOptions {
  /** Where the label is, in units of the horizontal axis; a name on an axis of categories. */
  x: number | string;
  /** Where the label is, in units of the vertical axis; a name on an axis of categories. */
  y: number | string;
  /**
   * On which side of that place the text is, some pixels away, so that it does not cover the line or point
   * that it names. Default `"center"`: right on it.
   */
  side?: "left" | "right" | "above" | "below" | "center";
  /** Colour of the text; default that of theory. Use the colour of the line that it names. */
  color?: string;
  /** Size of the letters in pixels; default 11.5. */
  fontSize?: number;
}

const gap = 7;
const sides = {
  left: { align: "right", baseline: "middle", dx: -gap },
  right: { align: "left", baseline: "middle", dx: gap },
  above: { align: "center", baseline: "bottom", dy: -gap },
  below: { align: "center", baseline: "top", dy: gap },
  center: { align: "center", baseline: "middle" },
};

/**
 * A label in the figure, beside what it names, with a white edge that keeps it readable on top of a line.
 *
 * @param text The label; a list of texts makes several lines.
 * @returns A layer.
 * @throws {RangeError} if the place is not finite.
 * @throws {TypeError} if `side` has an unknown value.
 *
 * @example
 * ```ts
 * import { annotation, figure, linearAxis, lines, renderSvg } from "refigure/figures";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const svg = await renderSvg(figure({
 *   encoding: { x: linearAxis("step", "Step"), y: linearAxis("loss", "Loss") },
 *   layer: [
 *     lines([{ step: 0, loss: 2 }, { step: 100, loss: 1 }]),
 *     annotation("the plateau", { x: 100, y: 1, side: "left" }),
 *   ],
 * }));
 * assertStringIncludes(svg, "the plateau");
 * ```
 */
export function annotation(text: string | readonly string[], options: AnnotationOptions): Layer {
  requireLines("text", text);
  requireOptions("options", options, ["x", "y", "side", "color", "fontSize"]);
  const { x, y, side = "center", color = theoryColor, fontSize = 11.5 } = options;
  requireString("color", color);
  requireNumber("fontSize", fontSize, { above: 0 });
  requireOneOf("side", side, ["left", "right", "above", "below", "center"]);
  for (const [name, value] of Object.entries({ x, y })) {
    if (typeof value !== "string") requireNumber(name, value);
  }
  const letters = { type: "text", text, fontSize, ...sides[side] };
  // In white behind itself, so that it can be read on top of lines, too.
  const halo = { ...letters, stroke: "white", strokeWidth: 3, strokeJoin: "round", aria: false };
  return {
    data: { values: [{ x, y }] },
    encoding: place("x", "y"),
    layer: [
      { mark: halo, encoding: { ...paint("white"), stroke: { value: "white" } } },
      { mark: letters, encoding: paint(color) },
    ],
  };
}

import { requireInteger, requireNumber, requireNumbers, requireOptions } from "../arrays/check.ts";
import { requireRows } from "./check.ts";
import { theoryColor } from "./color.ts";
import type { Layer } from "./spec.ts";

/** A small picture; fields beside these are kept in its rows, for filters and tooltips. */
export interface Picture {
  /** From 0 (white) to 1 (black), row by row; what is beyond is taken for the nearer one. */
  pixels: ArrayLike<number>;
  /** Pixels per row. */
  columns: number;
  /** Where its left edge is, in pixels. */
  left: number;
  /** Where its upper edge is, in pixels, downwards. */
  top: number;
}

/** A run of pixels of one shade, counted from 1; beside it the picture's other fields. */
interface Rectangle {
  x: number;
  x2: number;
  y: number;
  y2: number;
  shade: number;
}

/** Options of {@linkcode pictures}. */
export interface PicturesOptions {
  /** What is shown, in pixels: from the left, the top, to the right and the bottom. Default: all pictures. */
  frame?: { left?: number; top?: number; right?: number; bottom?: number };
  /** Shades of grey, white among them. Default 5. */
  shades?: number;
}

/**
 * Small grey pictures, such as digits, side by side. Neighbouring pixels of one shade become one rectangle
 * and white ones none, so that many pictures fit into a notebook. The layer has axes of its own, which are
 * not drawn.
 *
 * @param images Pictures, and where each of them is.
 * @param options What is shown, and in how many shades.
 * @returns A layer; give its view `width` and `height` in the proportions of the frame.
 * @throws {RangeError} if there is no picture, a number of pixels is not a multiple of `columns`, a place or
 * a pixel is not finite, or there are fewer than two shades.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { figure, pictures, renderSvg } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * const cross = [0, 1, 0, 1, 1, 1, 0, 1, 0];
 * const images = [0, 4].map((left) => ({ pixels: cross, columns: 3, left, top: 0 }));
 * const svg = await renderSvg(figure({ width: 70, height: 30, layer: [pictures(images)] }));
 * // Three rectangles each: above, the middle row, below.
 * assertEquals(svg.match(/fill="#222222"/g)?.length, 6);
 * ```
 */
export function pictures<Image extends Picture>(
  images: readonly Image[],
  options: PicturesOptions = {},
): Layer {
  requireRows("images", images);
  requireInteger("images.length", images.length, { min: 1 });
  requireOptions("options", options, ["frame", "shades"]);
  const { frame = {}, shades = 5 } = options;
  requireInteger("shades", shades, { min: 2, max: 256 });
  requireOptions("frame", frame, ["left", "top", "right", "bottom"]);
  const size = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  const values: Rectangle[] = [];
  images.forEach((image, at) => {
    const { pixels, columns, left, top, ...fields } = image;
    requireInteger(`images[${at}].columns`, columns, { min: 1 });
    requireNumbers(`images[${at}].pixels`, pixels, { finite: true });
    requireNumber(`images[${at}].left`, left);
    requireNumber(`images[${at}].top`, top);
    const rows = pixels.length / columns;
    if (!Number.isInteger(rows)) {
      throw new RangeError(
        `\`images[${at}].pixels\` must have a multiple of ${columns} entries, got ${pixels.length}`,
      );
    }
    const shadeOf = (row: number, column: number) =>
      Math.round(Math.min(1, Math.max(0, pixels[row * columns + column])) * (shades - 1));
    for (let row = 0; row < rows; row++) {
      let start = 0;
      for (let column = 1; column <= columns; column++) {
        const shade = shadeOf(row, start);
        if (column < columns && shadeOf(row, column) === shade) continue;
        const y = top + row;
        if (shade > 0) {
          values.push({
            x: left + start,
            x2: left + column,
            y,
            y2: y + 1,
            shade,
            ...fields,
          });
        }
        start = column;
      }
    }
    size.left = Math.min(size.left, left);
    size.top = Math.min(size.top, top);
    size.right = Math.max(size.right, left + columns);
    size.bottom = Math.max(size.bottom, top + rows);
  });
  const { left, top, right, bottom } = { ...size, ...frame };
  for (const [name, value] of Object.entries({ left, top, right, bottom })) {
    requireNumber(`frame.${name}`, value);
  }
  const axis = (field: string, domain: [number, number]) => ({
    field,
    type: "quantitative",
    axis: null,
    scale: { domain, nice: false, zero: false },
  });
  const visible = [...new Set(values.map(({ shade }) => shade))].sort((a, b) => a - b);
  return {
    data: { values },
    encoding: {
      x: axis("x", [left, right]),
      x2: { field: "x2" },
      y: axis("y", [bottom, top]),
      y2: { field: "y2" },
    },
    // One mark per shade: a drawing then tells the colour once, and not for each rectangle.
    layer: visible.map((shade) => ({
      transform: [{ filter: `datum.shade === ${shade}` }],
      mark: { type: "rect", color: grayOf(shade / (shades - 1)), aria: false, tooltip: null },
    })),
  };
}

/** White at 0, the dark of theory at 1. */
function grayOf(shade: number): string {
  const channel = (at: number) =>
    Math.round(255 + shade * (parseInt(theoryColor.slice(at, at + 2), 16) - 255)).toString(16).padStart(
      2,
      "0",
    );
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}

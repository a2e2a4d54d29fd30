import type { FigureSpec } from "./spec.ts";
import { textWidth } from "./text_width.ts";

/**
 * A figure could not be drawn, or vega had something to say against it.
 *
 * @example
 * ```ts
 * import { FigureError, renderSvg } from "refigure/figures";
 * import { assertRejects } from "@std/assert";
 *
 * // There is no logarithm of 0.
 * const values = [{ x: 0, y: 1 }];
 * const x = { field: "x", type: "quantitative" as const, scale: { type: "log" as const } };
 * await assertRejects(() => renderSvg({ data: { values }, mark: "point", encoding: { x } }), FigureError);
 * ```
 */
export class FigureError extends Error {
  /** `FigureError`. */
  override name = "FigureError";
}

/**
 * Draws a figure as SVG. The same spec gives the same text.
 *
 * @throws {FigureError} on any warning of vega-lite or vega: a figure that they warn about does not show what
 * it should.
 *
 * @example
 * ```ts
 * import { figure, linearAxis, renderSvg } from "refigure/figures";
 * import { assert } from "@std/assert";
 *
 * const svg = await renderSvg(figure({
 *   data: { values: [{ step: 0, loss: 2 }, { step: 1, loss: 1 }] },
 *   mark: "line",
 *   encoding: { x: linearAxis("step", "Step"), y: linearAxis("loss", "Loss") },
 * }));
 * assert(svg.startsWith("<svg") && svg.includes("Loss"));
 * ```
 */
export async function renderSvg(spec: FigureSpec): Promise<string> {
  // Loaded when needed: who imports the library to train with it does not wait for vega.
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  // Without a canvas vega takes every character for 0.8 em wide, which leaves wide margins and cuts labels
  // short.
  (vega as unknown as TextMetrics).textMetrics.width = ({ fontSize = 11, fontWeight }, text) =>
    textWidth(String(text ?? ""), fontSize, fontWeight === "bold" || Number(fontWeight) >= 600);
  const complaints: string[] = [];
  const logger = remember(complaints);
  const compiled = vegaLite.compile(spec, { logger }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "none", logger });
  try {
    const svg = await view.toSVG();
    if (complaints.length > 0) {
      throw new FigureError(`This figure can't be drawn as it is: ${complaints.join("; ")}`);
    }
    return withOwnIds(shrink(svg));
  } finally {
    view.finalize();
  }
}

/** How vega measures text: part of its module, and not of its types. */
interface TextMetrics {
  textMetrics: {
    width: (item: { fontSize?: number; fontWeight?: string | number }, text: unknown) => number;
  };
}

/**
 * A logger that remembers warnings and errors. Vega calls its methods on objects of its own, so they use no
 * `this`.
 */
function remember(said: string[]) {
  const complain = (...words: readonly unknown[]) => {
    said.push(words.map(String).join(" "));
    return logger;
  };
  const ignore = () => logger;
  // Vega reads the level to decide what is worth telling: 2 is warnings.
  const level = ((value?: number) => value === undefined ? 2 : logger) as {
    (): number;
    (value: number): Logger;
  };
  interface Logger {
    level: typeof level;
    error: typeof complain;
    warn: typeof complain;
    info: typeof ignore;
    debug: typeof ignore;
  }
  const logger: Logger = { level, error: complain, warn: complain, info: ignore, debug: ignore };
  return logger;
}

/** Less text for the same picture: no defaults, the font once, coordinates to a hundredth of a pixel. */
function shrink(svg: string): string {
  const fonts = new Set(svg.match(/ font-family="[^"]*"/g));
  const [font = ""] = fonts;
  const short = svg.replace(/ (?:opacity="1"|pointer-events="none"|stroke-opacity="1"|fill-opacity="1")/g, "")
    .replace(
      / (?:d|transform)="[^"]*"/g,
      (text) => text.replace(/-?\d+\.\d{3,}/g, (x) => String(Number(Number(x).toFixed(2)))),
    );
  return fonts.size === 1 ? short.replaceAll(font, "").replace("<svg", `<svg${font}`) : short;
}

/**
 * Vega numbers clips and gradients through the life of the program. Numbered from 0 per figure they are the
 * same on every drawing; with a hash of the figure they are not taken for another figure's on the same page.
 */
function withOwnIds(svg: string): string {
  const ids = new Map<string, number>();
  const pattern = /\b(id="|url\(#)((?:clip|gradient|pattern)_?\d+)/g;
  const numbered = svg.replace(pattern, (_, before: string, id: string) => {
    if (!ids.has(id)) ids.set(id, ids.size);
    return `${before}@${ids.get(id)}`;
  });
  if (ids.size === 0) return svg;
  const own = hash(numbered);
  return numbered.replace(/(id="|url\(#)@/g, `$1f${own}-`);
}

/** FNV-1a of a text, in hexadecimal. */
function hash(text: string): string {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return (h >>> 0).toString(16).padStart(8, "0");
}

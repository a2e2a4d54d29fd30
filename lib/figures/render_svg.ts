import type { Loader, View } from "vega";
import type { FigureSpec } from "./spec.ts";
import { checkSpec } from "./check_spec.ts";
import { helveticaWidth, textWidth } from "./text_width.ts";

/**
 * A figure could not be drawn, or vega had something to say against it.
 *
 * @example
 * ```ts
 * import { figure, FigureError, renderSvg } from "refigure/figures";
 * import { assertRejects } from "@std/assert";
 *
 * const elsewhere = figure({ data: { url: "runs.json" }, mark: "point" });
 * await assertRejects(() => renderSvg(elsewhere), FigureError, 'from "runs.json"');
 * ```
 */
export class FigureError extends Error {
  /** `FigureError`. */
  override name = "FigureError";
}

/**
 * Draws a figure as SVG, as it is before anybody touches it. The same spec gives the same text. Nothing is
 * read from outside: rows are in the spec.
 *
 * @throws {FigureError} on any warning of vega-lite or vega: a figure that they warn about does not show what
 * it should; if a value has no place on its axis; if the figure reads its rows from a URL; or if one of the packages
 * `vega` and `vega-lite` is not installed, which are optional in npm.
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
  checkSpec(spec);
  const { vega, vegaLite } = await loadVega();
  // Without a canvas vega takes every character for 0.8 em wide, which leaves wide margins and cuts labels
  // short.
  (vega as unknown as TextMetrics).textMetrics.width = ({ fontSize = 11, fontWeight }, text) =>
    textWidth(String(text ?? ""), fontSize, fontWeight === "bold" || Number(fontWeight) >= 600);
  const url = findUrl(spec);
  if (url !== undefined) {
    throw new FigureError(
      `This figure can't be drawn: it reads rows from "${url}"; give them as \`data: { values: [...] }\``,
    );
  }
  const complaints: string[] = [];
  const logger = remember(complaints);
  let view: View | undefined;
  try {
    const compiled = vegaLite.compile(spec, { logger }).spec;
    view = new vega.View(vega.parse(compiled), { renderer: "none", logger, loader: sealed(vega.loader()) });
    const svg = await view.toSVG();
    complaints.push(...withoutPlace(view));
    if (complaints.length > 0) throw new FigureError([...new Set(complaints)].join("; "));
    return withOwnIds(shrink(fitTexts(svg)));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new FigureError(`This figure can't be drawn as it is: ${message}`, { cause: error });
  } finally {
    view?.finalize();
  }
}

/** Loaded when needed: who imports the library to train with it does not wait for vega, and need not install it. */
async function loadVega(): Promise<{ vega: typeof import("vega"); vegaLite: typeof import("vega-lite") }> {
  try {
    // Bundlers let a package be missing where its import is awaited in a `try`.
    const vega = await import("vega");
    const vegaLite = await import("vega-lite");
    return { vega, vegaLite };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new FigureError(
      `Drawing a figure needs the packages vega and vega-lite (npm install vega@5 vega-lite@5): ${message}`,
      { cause: error },
    );
  }
}

/** The first URL that rows come from, if there is one. */
function findUrl(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, child] of Object.entries(value)) {
    if (key === "values") continue;
    const url = key === "data" ? (child as { url?: unknown } | null)?.url : undefined;
    if (url !== undefined) return String(url);
    const inner = findUrl(child);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** A loader that reads nothing, and lets an SVG refer to the web or to what it contains, but not to files. */
function sealed(loader: Loader): Loader {
  const refuse = (uri: string) => Promise.reject(new FigureError(`it reads "${uri}"`));
  return {
    ...loader,
    load: refuse,
    http: refuse,
    file: refuse,
    sanitize: (uri: string, options: Parameters<Loader["sanitize"]>[1]) =>
      /^(?:data:|https?:|#)/.test(uri) ? loader.sanitize(uri, options) : refuse(uri),
  } as Loader;
}

/** What of the marks is nowhere: a value that is NaN on its axis is drawn at an end of it. */
function withoutPlace(view: View): string[] {
  const found = new Map<string, number>();
  const visit = (mark: SceneMark) => {
    for (const item of mark.items ?? []) {
      if (mark.role === "mark" && mark.marktype !== "group" && item.defined !== false) {
        for (const channel of ["x", "y", "x2", "y2"] as const) {
          const place = item[channel];
          if (typeof place !== "number" || Number.isFinite(place)) continue;
          const what = `${mark.marktype} at ${channel.slice(0, 1)}`;
          found.set(what, (found.get(what) ?? 0) + 1);
        }
      }
      for (const child of item.items ?? []) visit(child);
    }
  };
  visit((view.scenegraph() as unknown as { root: SceneMark }).root);
  return [...found].map(([what, count]) =>
    `${count} ${count === 1 ? "value has" : "values have"} no place on the axis (${what})`
  );
}

/** What of vega's picture is read here: marks hold items, and items that are groups hold marks. */
interface SceneMark {
  role?: string;
  marktype: string;
  items?: {
    x?: number;
    y?: number;
    x2?: number;
    y2?: number;
    defined?: boolean;
    items?: SceneMark[];
  }[];
}

/** How vega measures text: part of its module, and not of its types. */
interface TextMetrics {
  textMetrics: {
    width: (item: { fontSize?: number; fontWeight?: string | number }, text: unknown) => number;
  };
}

/** Warnings that are about no fault of the figure. */
const harmless = [
  // A layer without rows: no outliers, nothing left by a filter, no runs yet.
  /^Infinite extent for field /,
  // Interaction needs a page, and an SVG has none.
  /^Can not resolve event source: /,
];

/**
 * A logger that remembers warnings and errors. Vega calls its methods on objects of its own, so they use no
 * `this`.
 */
function remember(said: string[]) {
  const complain = (...words: readonly unknown[]) => {
    const text = words.map(String).join(" ");
    if (!harmless.some((pattern) => pattern.test(text))) said.push(text);
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

/** Shorter texts are not worth it. */
const shortText = 12;

/**
 * Gives titles, names in legends and names along axes the width that the figure has room for: in a font wider than
 * Helvetica, where that is missing, they are squeezed instead of cut off.
 */
function fitTexts(svg: string): string {
  const groups =
    /<g class="mark-text role-(?:title-text|title-subtitle|legend-label|legend-title|axis-label)".*?<\/g>/gs;
  return svg.replace(groups, (group) =>
    group.replace(/<text[^>]*>.*?<\/text>/gs, (text) => {
      const size = Number(/font-size="([\d.]+)px"/.exec(text)?.[1] ?? 11);
      const weight = /font-weight="(\w+)"/.exec(text)?.[1] ?? "";
      const isBold = weight === "bold" || Number(weight) >= 600;
      return text.replace(/<(text|tspan)([^>]*)>([^<]+)(?=<)/g, (all, tag, attributes, content) => {
        if (content.length < shortText) return all;
        const plain = content.replace(/&(?:amp|lt|gt|quot|#\d+);/g, "&");
        const width = helveticaWidth(plain, size, isBold);
        return `<${tag}${attributes} textLength="${
          width.toFixed(1)
        }" lengthAdjust="spacingAndGlyphs">${content}`;
      });
    }));
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

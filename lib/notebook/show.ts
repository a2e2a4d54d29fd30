import { ComplexMatrix, Matrix, type RealArray } from "../arrays/mod.ts";
import { type Displayable, displaySymbol, escapeHtml, jupyter, type MediaBundle } from "./display.ts";

/** What {@link show} takes: a real or complex matrix, or a vector. */
export type Showable = Matrix<RealArray> | ComplexMatrix | readonly number[] | RealArray;

/** How a matrix is shown. */
export interface ShowOptions {
  /**
   * A table of numbers, or a heat map; default a table up to 12 x 12 entries, else a heat map. Vectors are
   * tables.
   */
  as?: "table" | "heatmap";
  /** Significant digits of the table; default 4. */
  digits?: number;
}

const tableSide = 12;
const heatSide = 64;
/** From blue through white to vermillion, as in the palette. */
const low = [0, 114, 178];
const high = [200, 82, 0];
const levels = 10;

/**
 * Shows a matrix or a vector: small ones as a table, large ones as a heat map (blocks averaged, colours
 * symmetric around zero, the modulus of complex entries). In a notebook, matrices and vectors that end a cell
 * are shown like this by themselves.
 *
 * @example
 * ```ts
 * import { show } from "refigure/notebook";
 * import { Matrix } from "refigure/arrays";
 * import { assert } from "@std/assert";
 *
 * const shown = show(Matrix.identity(3)); // as the last expression of a cell
 * assert(shown !== undefined);
 * ```
 */
export function show(value: Showable, options: ShowOptions = {}): Displayable {
  return { [displaySymbol]: () => showBundle(value, options) };
}

/** A matrix or vector in all its formats. */
export function showBundle(value: Showable, { as, digits = 4 }: ShowOptions = {}): MediaBundle {
  const isVector = !(value instanceof Matrix || value instanceof ComplexMatrix);
  const rows = isVector ? 1 : value.rows;
  const columns = isVector ? value.length : value.columns;
  const kind = isVector
    ? `vector of length ${columns}`
    : `${rows} x ${columns} ${value instanceof ComplexMatrix ? "complex matrix" : "matrix"}`;
  const asHeatmap = as === undefined ? !isVector && Math.max(rows, columns) > tableSide : as === "heatmap";
  if (asHeatmap) return heatmapBundle(value, rows, columns, kind);
  const shownRows = indices(rows);
  const shownColumns = indices(columns);
  const cells = shownRows.map((i) =>
    shownColumns.map((j) => i < 0 || j < 0 ? "…" : entryText(value, i, j, columns, digits))
  );
  const body = cells.map((row) =>
    `<tr>${
      row.map((text) => `<td style="text-align:right;font-variant-numeric:tabular-nums">${text}</td>`).join(
        "",
      )
    }</tr>`
  ).join("");
  const html = `<table><caption style="caption-side:top;text-align:left">${
    escapeHtml(kind)
  }</caption>${body}</table>`;
  const width = Math.max(0, ...cells.flat().map((text) => text.length));
  const text = cells.map((row) => "  " + row.map((item) => item.padStart(width)).join("  "));
  return { "text/html": html, "text/plain": [kind, ...text].join("\n") };
}

/** All indices, or the first and last ones around a gap, -1. */
function indices(count: number): number[] {
  if (count <= tableSide) return Array.from({ length: count }, (_, i) => i);
  const half = tableSide / 2;
  return Array.from(
    { length: tableSide + 1 },
    (_, i) => i < half ? i : i === half ? -1 : count - tableSide - 1 + i,
  );
}

function entryText(value: Showable, i: number, j: number, columns: number, digits: number): string {
  const text = (x: number) => Number.isFinite(x) ? String(Number(x.toPrecision(digits))) : String(x);
  if (!(value instanceof ComplexMatrix)) return text(entry(value, i, j, columns));
  const at = 2 * (i * columns + j);
  const re = value.data[at];
  const im = value.data[at + 1];
  return `${text(re)}${im < 0 ? "-" : "+"}${text(Math.abs(im))}i`;
}

/** The entry as one number: of a complex one the modulus. */
function entry(value: Showable, i: number, j: number, columns: number): number {
  if (value instanceof ComplexMatrix) {
    const at = 2 * (i * columns + j);
    return Math.hypot(value.data[at], value.data[at + 1]);
  }
  return value instanceof Matrix ? value.data[i * columns + j] : value[j];
}

function heatmapBundle(value: Showable, rows: number, columns: number, kind: string): MediaBundle {
  const block = Math.max(1, Math.ceil(Math.max(rows, columns) / heatSide));
  const height = Math.ceil(rows / block);
  const width = Math.ceil(columns / block);
  const means = new Float64Array(height * width);
  let largest = 0;
  let isFinite = true;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const x = entry(value, i, j, columns);
      if (!Number.isFinite(x)) isFinite = false;
      largest = Math.max(largest, Math.abs(x) || 0);
      const area = Math.min(block, rows - i + i % block) * Math.min(block, columns - j + j % block);
      means[Math.floor(i / block) * width + Math.floor(j / block)] += x / area;
    }
  }
  // One path a colour keeps the picture small.
  const paths = new Map<number, string>();
  means.forEach((mean, k) => {
    const level = Math.round(levels * mean / (largest || 1));
    if (level === 0) return;
    paths.set(level, (paths.get(level) ?? "") + `M${k % width} ${Math.floor(k / width)}h1v1h-1z`);
  });
  const scale = Math.max(1, Math.floor(384 / Math.max(width, height, 1)));
  const marks = [...paths].sort(([a], [b]) => a - b)
    .map(([level, d]) => `<path fill="${levelColor(level)}" d="${d}"/>`).join("");
  const limit = String(Number(largest.toPrecision(3)));
  const label = `${kind}, colours from -${limit} (blue) to ${limit} (red)` +
    `${block > 1 ? `, each square the mean of ${block} x ${block} entries` : ""}${
      isFinite ? "" : ", with entries that are not finite"
    }`;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width * scale}" height="${
      height * scale
    }" ` +
    `viewBox="0 0 ${width} ${height}" shape-rendering="crispEdges"><title>${escapeHtml(label)}</title>` +
    `<rect width="100%" height="100%" fill="white" stroke="#c3c8d1" stroke-width=".1"/>${marks}</svg>`;
  const html = `<figure style="margin:0">${svg}<figcaption>${escapeHtml(label)}</figcaption></figure>`;
  return { "text/html": html, "image/svg+xml": svg, "text/plain": label };
}

function levelColor(level: number): string {
  const end = level < 0 ? low : high;
  const share = Math.min(1, Math.abs(level) / levels);
  return `rgb(${end.map((channel) => Math.round(255 + share * (channel - 255))).join(",")})`;
}

/**
 * In a kernel, from the import of this module on, matrices and vectors that end a cell are shown by {@link
 * show}.
 */
if (jupyter() !== undefined) {
  for (const { prototype } of [Matrix, ComplexMatrix, Float64Array, Float32Array]) {
    Object.defineProperty(prototype, displaySymbol, {
      configurable: true,
      value(this: Showable) {
        return showBundle(this);
      },
    });
  }
}

import {
  ComplexMatrix,
  Matrix,
  type RealArray,
  requireInteger,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { type Displayable, displaySymbol, escapeHtml, jupyter, type MediaBundle } from "./display.ts";

/** What {@link show} takes: a real or complex matrix, rows of numbers, or a vector. */
export type Showable =
  | Matrix<RealArray>
  | ComplexMatrix
  | readonly (readonly number[] | RealArray)[]
  | readonly number[]
  | RealArray;

/** What is shown, in one of three forms. */
type Shown = Matrix<RealArray> | ComplexMatrix | ArrayLike<number>;

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
const notFinite = "rgb(128,128,128)";
const levels = 10;

/**
 * Shows a matrix or a vector: small ones as a table, large ones as a heat map (blocks averaged, colours
 * symmetric around zero, the modulus of complex entries, grey where an entry is not finite). In a notebook,
 * matrices and vectors that end a cell are shown like this by themselves.
 *
 * @param value A matrix, a list of rows of one length, or a vector.
 * @throws {TypeError} if `value` is none of these, or an option has an unknown name or value.
 * @throws {RangeError} if rows differ in length, or `digits` is not an integer from 1 to 17.
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
  // Made at once, so that a wrong argument is an error of the cell and not of its display.
  const bundle = showBundle(value, options);
  return { [displaySymbol]: () => bundle };
}

/** A matrix or vector in all its formats. */
export function showBundle(given: Showable, options: ShowOptions = {}): MediaBundle {
  requireOptions("options", options, ["as", "digits"]);
  const { as, digits = 4 } = options;
  if (as !== undefined) requireOneOf("as", as, ["table", "heatmap"]);
  requireInteger("digits", digits, { min: 1, max: 17 });
  const value = shownAs(given);
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

/** A list of rows as a matrix; what can be shown as it is stays. */
function shownAs(value: unknown): Shown {
  if (value instanceof Matrix || value instanceof ComplexMatrix) return value;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView) && isNumbers(value)) {
    return value as unknown as ArrayLike<number>;
  }
  if (Array.isArray(value)) {
    if (isNumbers(value)) return value;
    const isRow = (row: unknown) => (Array.isArray(row) || ArrayBuffer.isView(row)) && isNumbers(row);
    if (value.every(isRow)) return Matrix.fromRows(value.map((row) => Array.from(row as ArrayLike<number>)));
  }
  throw new TypeError(
    `\`value\` must be a matrix, a list of rows of numbers, or a vector, got ${kindOf(value)}`,
  );
}

function isNumbers(values: unknown): boolean {
  return Array.prototype.every.call(values, (item) => typeof item === "number");
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list of something else";
  if (typeof value === "object" && value !== null) {
    return `an object (${value.constructor?.name ?? "no class"})`;
  }
  return typeof value === "string" ? JSON.stringify(value) : String(value);
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

function entryText(value: Shown, i: number, j: number, columns: number, digits: number): string {
  const text = (x: number) => Number.isFinite(x) ? String(Number(x.toPrecision(digits))) : String(x);
  if (!(value instanceof ComplexMatrix)) return text(entry(value, i, j, columns));
  const at = 2 * (i * columns + j);
  const re = value.data[at];
  const im = value.data[at + 1];
  return `${text(re)}${im < 0 ? "-" : "+"}${text(Math.abs(im))}i`;
}

/** The entry as one number: of a complex one the modulus. */
function entry(value: Shown, i: number, j: number, columns: number): number {
  if (value instanceof ComplexMatrix) {
    const at = 2 * (i * columns + j);
    return Math.hypot(value.data[at], value.data[at + 1]);
  }
  return value instanceof Matrix ? value.data[i * columns + j] : value[j];
}

function heatmapBundle(value: Shown, rows: number, columns: number, kind: string): MediaBundle {
  const block = Math.max(1, Math.ceil(Math.max(rows, columns) / heatSide));
  const height = Math.ceil(rows / block);
  const width = Math.ceil(columns / block);
  const means = new Float64Array(height * width);
  let largest = 0;
  let lost = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const x = entry(value, i, j, columns);
      if (Number.isFinite(x)) largest = Math.max(largest, Math.abs(x));
      else lost++;
      const area = Math.min(block, rows - i + i % block) * Math.min(block, columns - j + j % block);
      means[Math.floor(i / block) * width + Math.floor(j / block)] += x / area;
    }
  }
  // One path per colour keeps the picture small; NaN is the level of blocks that are not finite.
  const paths = new Map<number, string>();
  means.forEach((mean, k) => {
    const level = Number.isFinite(mean) ? Math.round(levels * mean / (largest || 1)) : NaN;
    if (level === 0) return;
    paths.set(level, (paths.get(level) ?? "") + `M${k % width} ${Math.floor(k / width)}h1v1h-1z`);
  });
  const scale = Math.max(1, Math.floor(384 / Math.max(width, height, 1)));
  const marks = [...paths].sort(([a], [b]) => (a || 0) - (b || 0))
    .map(([level, d]) => `<path fill="${levelColor(level)}" d="${d}"/>`).join("");
  const limit = String(Number(largest.toPrecision(3)));
  const label = `${kind}, colours from -${limit} (blue) to ${limit} (red)` +
    `${block > 1 ? `, each square the mean of ${block} x ${block} entries` : ""}${
      lost === 0 ? "" : `, grey where ${lost === 1 ? "an entry is" : `${lost} entries are`} not finite`
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
  if (Number.isNaN(level)) return notFinite;
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

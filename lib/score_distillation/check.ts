/** Checks of the folder's arguments. Not public. */
import {
  describeValue,
  type Matrix,
  requireFinite,
  requireFunction,
  requireInteger,
  requireMatrix,
  requireRealArray,
} from "../arrays/mod.ts";
import type { NoisePredictor } from "../diffusion/mod.ts";
import type { TimeRange } from "./distill.ts";
import type { Renderer } from "./renderer.ts";

/** A matrix of float64 of the given size, all of whose entries are finite. */
export function requireBatch(name: string, value: Matrix, columns?: number, rows?: number): void {
  requireMatrix(name, value);
  requireRealArray(`${name}.data`, value.data, "float64");
  if (columns !== undefined && value.columns !== columns || rows !== undefined && value.rows !== rows) {
    throw new RangeError(
      `\`${name}\` must be ${rows ?? "n"} x ${columns}, got ${value.rows} x ${value.columns}`,
    );
  }
  requireFinite(`\`${name}\` must be finite`, value.data, value.columns);
}

export function requirePredictor(name: string, value: NoisePredictor): void {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`\`${name}\` must predict noise, got ${describeValue(value)}`);
  }
  requireFunction(`${name}.noisePrediction`, value.noisePrediction);
  requireInteger(`${name}.dim`, value.dim, { min: 1 });
}

export function requireRenderer(name: string, value: Renderer): void {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`\`${name}\` must be a renderer, got ${describeValue(value)}`);
  }
  requireFunction(`${name}.render`, value.render);
  requireInteger(`${name}.parameters`, value.parameters, { min: 1 });
  requireInteger(`${name}.pixels`, value.pixels, { min: 1 });
}

/** Checks a range of times. */
export function requireTimeRange(name: string, range: TimeRange): void {
  if (!Array.isArray(range) || range.length !== 2) {
    throw new TypeError(
      `\`${name}\` must be the smallest and the largest time, got ${JSON.stringify(range)}`,
    );
  }
  requireInteger(`${name}[0]`, range[0]);
  requireInteger(`${name}[1]`, range[1], { min: range[0] });
}

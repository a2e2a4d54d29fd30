import type { FigureInput } from "./spec.ts";
import { units } from "./views.ts";

/**
 * Pieces of line beside the names in legends of lines, unless the figure configures other symbols: vega-lite takes
 * those of the lowest layer, so that a band makes discs of them. Changes the spec, which is a copy.
 */
export function chooseLegendSymbols(spec: FigureInput): void {
  if (spec.config?.legend?.symbolType !== undefined) return;
  const isLine = units(spec).some(({ mark, encoding }) =>
    mark === "line" && encoding.color?.field !== undefined
  );
  if (!isLine) return;
  spec.config = { ...spec.config, legend: { ...spec.config?.legend, symbolType: "stroke" } };
}

import { figure } from "../../lib/figures/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import type { PixelRow, Row } from "./rows.ts";

const names: Record<PixelRow["method"], string> = {
  truth: "truth",
  absolute: "absolute loss",
  squared: "squared loss",
};

/** Principal components of images, true and recovered. */
export function digitsFigure(rows: Row[]): Figure {
  const values = rows.filter((row) => row.type === "pixel").map(({ method, component, x, y, value }) => ({
    method: names[method],
    component: `component ${component}`,
    x,
    y,
    value,
  }));
  return figure({
    title: {
      text: "Principal components of real digits, from sketches of which a tenth are wrong",
      subtitle: "Covariance of 1,797 images, 64 × 64, rank 3, 2,500 sketches, 8 columns",
    },
    data: { values },
    mark: { type: "rect" },
    width: 110,
    height: 110,
    encoding: {
      x: { field: "x", type: "ordinal", axis: null },
      y: { field: "y", type: "ordinal", axis: null },
      color: {
        field: "value",
        type: "quantitative",
        title: null,
        legend: null,
        scale: { scheme: "redblue", domain: [-0.35, 0.35], clamp: true },
      },
      row: { field: "component", type: "nominal", title: null, spacing: 6 },
      column: { field: "method", type: "nominal", title: null, sort: Object.values(names), spacing: 6 },
    },
    config: { view: { stroke: null } },
  });
}

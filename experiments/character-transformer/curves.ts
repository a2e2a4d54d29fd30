import { summarizeBy } from "../../lib/statistics/mod.ts";
import type { CurveRow, Row } from "./rows.ts";

/** A point of an optimizer's training curve: mean and extremes over seeds. */
export interface CurvePoint {
  optimizer: string;
  step: number;
  loss: number;
  low: number;
  high: number;
}

/** Training curves by optimizer, in the order of the rows. */
export function curves(rows: readonly Row[]): Map<string, CurvePoint[]> {
  const points = rows.filter((row): row is CurveRow => row.type === "curve");
  const out = new Map<string, CurvePoint[]>();
  for (const { optimizer, step, mean, min, max } of summarizeBy(points, ["optimizer", "step"], "loss")) {
    if (!out.has(optimizer)) out.set(optimizer, []);
    out.get(optimizer)!.push({ optimizer, step, loss: mean, low: min, high: max });
  }
  return out;
}

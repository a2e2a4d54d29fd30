import { mean } from "simple-statistics";
import { colorBy, palette, theoryColor } from "../../lib/figures/mod.ts";
import type { Method } from "./methods.ts";

/** A method has one colour in all figures. */
export const COLORS: Record<Method, string> = {
  "Muon": palette[0],
  "Adam": palette[1],
  "NorMuon": palette[2],
  "SGD": palette[3],
  "Front": palette[5],
  "exact polar": palette[4],
  "coordinate-wise": palette[6],
  "wrong axis": palette[7],
};

/** Colours of some methods, with a legend of strokes. */
export const colorOf = (field: string, methods: readonly Method[]) => ({
  ...colorBy(field, null, methods, methods.map((method) => COLORS[method])),
  legend: { symbolType: "stroke", symbolOpacity: 1, symbolStrokeWidth: 2.5, title: null },
});

/** Theory's line. */
export const dashed = { type: "line" as const, strokeDash: [5, 4], color: theoryColor, strokeWidth: 1.2 };

/** Entry by entry: mean and extremes over seeds of equally long lists. */
export function overSeeds(
  lists: readonly (readonly number[])[],
): { rank: number; value: number; low: number; high: number }[] {
  return (lists[0] ?? []).map((_, i) => {
    const values = lists.map((list) => list[i]);
    return { rank: i + 1, value: mean(values), low: Math.min(...values), high: Math.max(...values) };
  });
}

/** A line over a band, of the panel's data. */
export function banded(color: object) {
  return [
    {
      mark: { type: "area" as const, opacity: 0.2, clip: true },
      encoding: { y: { field: "low", type: "quantitative" as const }, y2: { field: "high" }, color },
    },
    { mark: { type: "line" as const, strokeWidth: 2.2, clip: true }, encoding: { color } },
  ];
}

/** The title of one of two panels. */
export const panelTitle = (text: string) => ({ text, fontSize: 12, frame: "group" as const, offset: 4 });

import { colorBy, figure, linearAxis, palette } from "../../../lib/figures/mod.ts";
import type { Figure } from "../../../lib/experiment/mod.ts";
import { distinct, type Row, rowsOf, type Schedule } from "../rows.ts";

const PANELS: [Schedule, string][] = [
  ["cubic", "cubic"],
  ["classic", "classic quintic"],
  ["Muon", "Muon"],
  ["You", "You"],
  ["Polar Express", "Polar Express"],
  ["fitted to Gaussians", "fitted to each shape"],
];

/** Protocol A: the error of a schedule as a function of the shape. */
export function fragility(rows: Row[]): Figure {
  const all = rowsOf(rows, "fragility").filter(({ m, n }) => Number.isInteger(Math.log2(n / m)));
  const sides = distinct(all.map(({ m }) => m)).sort((a, b) => b - a).map(String);
  const aspects = distinct(all.map(({ m, n }) => n / m)).sort((a, b) => a - b).map(String);
  const panel = ([schedule, title]: [Schedule, string], at: number) => ({
    width: 165,
    height: 150,
    title: { text: title, fontSize: 12.5, frame: "group" as const, offset: 4 },
    data: {
      values: all.filter((row) => row.schedule === schedule).map(({ m, n, error }) => ({
        m: String(m),
        aspect: String(n / m),
        error,
        text: error < 0.0095 ? "<.01" : error.toFixed(2).slice(1),
      })),
    },
    encoding: {
      x: {
        field: "aspect",
        type: "ordinal" as const,
        sort: aspects,
        title: at >= 3 ? "Longer over shorter side" : null,
        axis: { labelAngle: 0 },
      },
      y: { field: "m", type: "ordinal" as const, sort: sides, title: at % 3 === 0 ? "Shorter side" : null },
    },
    layer: [
      {
        mark: { type: "rect" as const },
        encoding: {
          color: {
            field: "error",
            type: "quantitative" as const,
            title: "Relative error",
            scale: { domain: [0, 0.9], scheme: "yelloworangebrown" as const },
            legend: { gradientLength: 150, orient: "bottom" as const, direction: "horizontal" as const },
          },
        },
      },
      {
        mark: { type: "text" as const, fontSize: 9.5 },
        encoding: {
          text: { field: "text" },
          color: { condition: { test: "datum.error > 0.55", value: "white" }, value: "#1f2430" },
        },
      },
    ],
  });
  return figure({
    title: {
      text: "How imprecise five steps are depends on the shape",
      subtitle: "Gaussian matrices, by the Marchenko–Pastur law (exact for large matrices)",
    },
    concat: PANELS.map(panel),
    columns: 3,
    spacing: 14,
  });
}

/** The published triples at their shapes. */
export function published(rows: Row[]): Figure {
  const all = rowsOf(rows, "fragility");
  const shapes = all.filter(({ schedule }) => schedule === "published").sort((a, b) => a.n - b.n);
  const names: [Schedule, string][] = [
    ["Muon", "Muon"],
    ["published", "ROOT, published"],
    ["fitted to Gaussians", "fitted to each shape"],
  ];
  const values = shapes.flatMap(({ m, n }) =>
    names.flatMap(([schedule, line]) =>
      all.filter((row) => row.schedule === schedule && row.m === m && row.n === n)
        .map(({ error }) => ({ shape: `${m} × ${n}`, line, error }))
    )
  );
  return figure({
    title: {
      text: "The published triples suit their shapes",
      subtitle: "Gaussian matrices of the four shapes of the paper’s 1B model",
    },
    width: 430,
    height: 150,
    data: { values },
    encoding: {
      y: { field: "shape", type: "nominal", sort: shapes.map(({ m, n }) => `${m} × ${n}`), title: null },
      x: linearAxis("error", "Relative error", { domain: [0, 0.25] }),
    },
    layer: [
      { mark: { type: "line", color: "#c3c8d1", strokeWidth: 2 }, encoding: { detail: { field: "shape" } } },
      {
        mark: { type: "point", size: 110 },
        encoding: {
          color: {
            ...colorBy("line", null, names.map(([, line]) => line), [palette[0], palette[2], palette[3]]),
            legend: { orient: "bottom" as const },
          },
        },
      },
    ],
  });
}

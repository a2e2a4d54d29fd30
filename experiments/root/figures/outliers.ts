import { colorBy, figure, linearAxis, logAxis, palette, theoryColor } from "../../../lib/figures/mod.ts";
import { summarizeBy } from "../../../lib/statistics/mod.ts";
import type { Figure } from "../../../lib/experiment/mod.ts";
import { type OutlierRow, type Row, rowsOf } from "../rows.ts";

/** Protocol C: cosine with the clean polar factor against the size of the outliers. */
export function outliers(rows: Row[]): Figure {
  const names: [OutlierRow["method"], string, string][] = [
    ["ROOT", "ROOT", palette[2]],
    ["exact polar factor", "exact polar factor", palette[4]],
    ["Muon", "Muon", palette[0]],
  ];
  const values = summarizeBy(
    rowsOf(rows, "outlier").filter(({ size }) => size > 0),
    ["method", "size"],
    "cosine",
  )
    .map(({ method, size, mean, min, max }) => ({
      size,
      mean,
      min,
      max,
      line: names.find(([name]) => name === method)![1],
    }));
  const color = colorBy("line", null, names.map(([, line]) => line), names.map(([, , hue]) => hue));
  return figure({
    title: {
      text: "Beyond its threshold, ROOT ignores the size of an outlier",
      subtitle: "32 × 64 Gaussian, 20 entries raised; mean and range of draws",
    },
    height: 300,
    data: { values },
    encoding: { x: logAxis("size", "Size K of the outliers", { domain: [1, 1e8] }) },
    layer: [
      {
        mark: { type: "area", opacity: 0.2 },
        encoding: {
          y: linearAxis("min", "Cosine with clean polar factor", { domain: [-0.05, 1], tickCount: 6 }),
          y2: { field: "max" },
          color: { ...color, legend: { symbolType: "stroke", symbolOpacity: 1 } },
        },
      },
      { mark: { type: "line" }, encoding: { y: { field: "mean", type: "quantitative" }, color } },
    ],
    config: { legend: { orient: "bottom" } },
  });
}

/** When the threshold itself is an outlier. */
export function breakdown(rows: Row[]): Figure {
  const all = rowsOf(rows, "breakdown");
  const domain: [number, number] = [1e-4, 0.1];
  const settings = ["K = 1000, q = 0.9", "K = 100, q = 0.9", "K = 100, q = 0.8"];
  const momentum = all.filter(({ clip }) => clip === "momentum").map((row) => ({
    probability: row.probability,
    inflation: row.inflation,
    predicted: row.predicted,
    line: `K = ${row.size}, q = ${row.quantile}`,
  })).filter(({ line }) => settings.includes(line));
  const places: Record<string, [string, string]> = {
    gradient: ["clip before", palette[4]],
    momentum: ["ROOT", palette[2]],
    none: ["Muon", palette[0]],
  };
  const order = ["gradient", "momentum", "none"];
  const cosines = all.filter(({ size, quantile }) => size === 100 && quantile === 0.9).map((row) => ({
    probability: row.probability,
    cosine: row.cosine,
    line: places[row.clip][0],
  }));
  const x = logAxis("probability", "Share of entries hit", { domain });
  return figure({
    title: {
      text: "Momentum spreads hits until the threshold is an outlier too",
      subtitle: "Gaussian gradients, momentum 0.95; dashed: law of the last hit",
    },
    hconcat: [
      {
        width: 255,
        height: 250,
        title: { text: "ROOT’s threshold", fontSize: 12.5, frame: "group", offset: 4 },
        data: { values: momentum },
        encoding: { x },
        layer: [
          {
            mark: { type: "point", size: 50 },
            encoding: {
              y: logAxis("inflation", "Threshold over clean one", { domain: [0.9, 400] }),
              color: {
                ...colorBy("line", null, settings, [palette[6], palette[2], palette[5]]),
                legend: { orient: "top-left" as const },
              },
            },
          },
          {
            mark: { type: "line", strokeDash: [5, 4], color: theoryColor, strokeWidth: 1.2 },
            encoding: { y: { field: "predicted", type: "quantitative" }, detail: { field: "line" } },
          },
        ],
      },
      {
        width: 255,
        height: 250,
        title: { text: "Direction, K = 100", fontSize: 12.5, frame: "group", offset: 4 },
        data: { values: cosines },
        mark: { type: "line", point: true },
        encoding: {
          x,
          y: linearAxis("cosine", "Cosine with clean factor", { domain: [0, 1] }),
          color: {
            ...colorBy("line", null, order.map((key) => places[key][0]), order.map((key) => places[key][1])),
            legend: { orient: "bottom-left" as const, symbolType: "stroke" },
          },
        },
      },
    ],
    resolve: { scale: { color: "independent" } },
    spacing: 20,
  });
}

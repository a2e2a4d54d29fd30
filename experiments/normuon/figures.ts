import { mean } from "simple-statistics";
import { colorBy, figure, learningRateFigure, linearAxis, logAxis, palette } from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import { colorOf, COLORS, dashed, overSeeds, panelTitle } from "./figure_parts.ts";
import type { Method } from "./methods.ts";
import { type Row, rowsOf } from "./rows.ts";
import { key, layers, leverage, precision } from "./update_figures.ts";

/** Where twenty steps go. */
function travel(rows: Row[]): Figure {
  const methods: Method[] = ["Muon", "exact polar", "wrong axis", "Front", "coordinate-wise", "NorMuon"];
  const own = rowsOf(rows, "travel").filter(({ outputs }) => outputs === 256);
  // The bars name the colours.
  const color = { ...colorOf("method", methods), legend: null };
  const lines = methods.flatMap((method) => {
    const points = overSeeds(own.filter((row) => row.method === method).map((row) => row.travel));
    // Four neighbours a point: single neurons are noise to the eye.
    return Array.from({ length: points.length / 4 }, (_, k) => ({
      method,
      rank: 4 * k + 2.5,
      value: mean(points.slice(4 * k, 4 * k + 4).map(({ value }) => value)),
    }));
  });
  const losses = summarizeBy(own, ["method"], "lossRatio")
    .map(({ method, mean }) => ({ method, value: mean, text: mean.toFixed(2) }));
  return figure({
    title: {
      text: "Steps of the same length, spent evenly: and what that costs",
      subtitle:
        "Quadratic whose neuron i has weight 1/i, 256 × 64, 20 steps; mean of seeds, colours as in the bars",
    },
    hconcat: [
      {
        width: 330,
        height: 270,
        title: panelTitle("How far each neuron travelled"),
        data: { values: lines },
        mark: { type: "line", strokeWidth: 2, clip: true },
        encoding: {
          x: linearAxis("rank", "Neuron i, heaviest first", {
            domain: [1, 256],
            values: [1, 64, 128, 192, 256],
          }),
          y: linearAxis("value", "Distance from the start", { domain: [0, 4.4], values: [0, 1, 2, 3, 4] }),
          color,
          strokeDash: {
            condition: { test: "datum.method === 'wrong axis'", value: [5, 4] },
            value: [1, 0],
          },
        },
      },
      {
        width: 160,
        height: 270,
        title: panelTitle("Loss left"),
        data: { values: losses },
        encoding: {
          y: { field: "method", type: "nominal", sort: methods, title: null },
          x: linearAxis("value", "Loss over the first one", { domain: [0, 0.8], tickCount: 4 }),
        },
        layer: [
          { mark: { type: "bar" }, encoding: { color } },
          {
            mark: { type: "text", align: "left", dx: 4, fontSize: 11 },
            encoding: { text: { field: "text" } },
          },
        ],
      },
    ],
    spacing: 20,
  });
}

/** What happens to a neuron whose gradient has ended. */
function dead(rows: Row[]): Figure {
  const own = rowsOf(rows, "dead");
  const lines = [...new Set(own.map(({ line }) => line))];
  const color = {
    ...colorBy("line", null, lines, [palette[0], palette[2], palette[6], palette[4]]),
    legend: { symbolType: "stroke", symbolOpacity: 1, symbolStrokeWidth: 2.5, title: null },
  };
  const beta2 = Number(lines[1]?.split("= ")[1] ?? 0.95);
  const laws = [0.95, 0.95 / Math.sqrt(Math.max(beta2, 0.95 ** 2))].flatMap((rate, law) => {
    const at100 = own.find((row) =>
      row.shape === "tall" && row.line === lines[law] && row.since === 100
    )?.size ?? NaN;
    return [0, 300].map((since) => ({ law, since, size: at100 * rate ** (since - 100) }));
  });
  const panel = (shape: "tall" | "wide", title: string, isFirst: boolean) => ({
    width: 250,
    height: 260,
    title: panelTitle(title),
    layer: [
      {
        data: { values: own.filter((row) => row.shape === shape) },
        mark: { type: "line" as const, strokeWidth: 2.2, clip: true },
        encoding: { color },
      },
      ...(shape === "tall"
        ? [{
          data: { values: laws.filter(({ size }) => Number.isFinite(size)) },
          mark: { ...dashed, clip: true },
          encoding: { detail: { field: "law", type: "nominal" as const } },
        }]
        : []),
    ],
    encoding: {
      x: linearAxis("since", "Steps since its last gradient", { domain: [0, 300] }),
      y: logAxis("size", isFirst ? "Size, relative to others" : "", { domain: [1e-6, 3] }),
    },
  });
  return figure({
    title: {
      text: "A dead neuron is pushed on: β₂ says how long, ε is the way out",
      subtitle:
        "Constant gradients, that of one neuron ends; dashed: momentum over the root of its running square",
    },
    hconcat: [panel("tall", "Tall, 256 × 64", true), panel("wide", "Wide, 64 × 256", false)],
    spacing: 24,
    config: { legend: { orient: "bottom", columns: 2 } },
  });
}

/** The grid behind the training comparison. */
function training(rows: Row[]): Figure {
  const optimizers: Method[] = ["Adam", "Muon", "NorMuon"];
  return learningRateFigure(rowsOf(rows, "training"), {
    title: "On small digits NorMuon and Muon tie; both beat Adam",
    subtitle: "64-64-64-64-10 ReLU network, 100 steps; a point a run, lines the mean, rings the best rate",
    optimizers,
    colors: optimizers.map((optimizer) => COLORS[optimizer]),
    loss: "Training loss after 100 steps",
  });
}

/** All figures; the key figure first. */
export const figures = { key, leverage, layers, travel, precision, dead, training };

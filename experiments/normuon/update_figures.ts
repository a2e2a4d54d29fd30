import { colorBy, figure, linearAxis, logAxis, palette, theoryColor } from "../../lib/figures/mod.ts";
import { mean } from "simple-statistics";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import { banded, colorOf, dashed, overSeeds, panelTitle } from "./figure_parts.ts";
import type { Method } from "./methods.ts";
import { type Row, rowsOf, widthOf } from "./rows.ts";

/** Figure 1 in small: the neurons' norms and the singular values of one update. */
export function key(rows: Row[]): Figure {
  const methods: Method[] = ["SGD", "Adam", "Muon", "NorMuon"];
  const width = widthOf(rows);
  const color = colorOf("optimizer", methods);
  const values = (field: "neuronNorms" | "singularValues") =>
    methods.flatMap((optimizer) =>
      overSeeds(rowsOf(rows, "profile").filter((row) => row.optimizer === optimizer).map((row) => row[field]))
        // Every other neuron draws the same line.
        .filter(({ rank }, _, { length }) => length < 100 || rank % 2 === 1 || rank === length)
        .map((point) => ({ ...point, optimizer }))
    );
  return figure({
    title: {
      text: "NorMuon's update is flat both ways: every neuron, and every singular direction",
      subtitle: `Step 60 of training on digits, the ${width} × 64 hidden layer; mean and range of seeds`,
    },
    hconcat: [
      {
        width: 250,
        height: 270,
        title: panelTitle("Update of each neuron"),
        data: { values: values("neuronNorms") },
        layer: banded(color),
        encoding: {
          x: linearAxis("rank", "Neuron, by the size of its update", {
            domain: [1, width],
            values: [1, width / 4, width / 2, 3 * width / 4, width],
          }),
          y: linearAxis("value", "Norm over the mean norm", {
            domain: [0, 2.4],
            values: [0, 0.5, 1, 1.5, 2],
          }),
        },
      },
      {
        width: 250,
        height: 270,
        title: panelTitle("Singular values of the update"),
        data: { values: values("singularValues") },
        layer: banded(color),
        encoding: {
          x: linearAxis("rank", "Index", { domain: [1, 64], values: [1, 16, 32, 48, 64] }),
          y: logAxis("value", "Value over the largest", { domain: [1e-3, 1.3] }),
        },
      },
    ],
    spacing: 24,
    config: { legend: { orient: "bottom", columns: 4 } },
  });
}

/** Which layers are uneven. */
export function layers(rows: Row[]): Figure {
  const methods: Method[] = ["SGD", "Adam", "Muon", "NorMuon"];
  const width = widthOf(rows);
  const tall = `${width} × 64`;
  const wide = `64 × ${width}`;
  const names = [`1st, ${tall}`, `2nd, ${wide}`, `3rd, ${tall}`, `4th, ${wide}`];
  const runs = summarizeBy(rowsOf(rows, "spread"), ["optimizer", "layer", "seed"], "variation");
  const points = summarizeBy(
    runs.map(({ optimizer, layer, mean }) => ({ optimizer, layer: names[layer], variation: mean })),
    ["optimizer", "layer"],
    "variation",
  );
  const color = {
    ...colorOf("optimizer", methods),
    legend: { symbolType: "circle", title: null, symbolSize: 90 },
  };
  return figure({
    title: {
      text: "Muon leaves tall layers uneven; wide ones it evens out itself",
      subtitle:
        "Variation of the neurons' update norms: mean over steps 20 to 90, range of seeds. Layers: out × in",
    },
    width: 440,
    height: 210,
    data: { values: points },
    encoding: {
      y: { field: "layer", type: "nominal", sort: names, title: null, axis: { grid: true } },
      color,
    },
    layer: [
      {
        mark: { type: "rule", strokeWidth: 2 },
        encoding: {
          x: linearAxis("min", "Standard deviation over mean", { domain: [0, 0.45] }),
          x2: { field: "max" },
        },
      },
      {
        mark: { type: "point", filled: true, size: 90, opacity: 1 },
        encoding: { x: { field: "mean", type: "quantitative" } },
      },
    ],
  });
}

/** Why tall layers are uneven. */
export function leverage(rows: Row[]): Figure {
  const lines: Method[] = ["exact polar", "Muon"];
  const values = rowsOf(rows, "leverage").slice(0, 1).flatMap((row) =>
    row.leverage.flatMap((score, i) => [
      { method: "Muon", leverage: score, size: row.muon[i] },
      { method: "exact polar", leverage: score, size: row.exact[i] },
    ])
  );
  const ends = [0.1, 0.58].map((x) => ({ leverage: x, size: x }));
  const color = {
    ...colorOf("method", lines),
    legend: { symbolType: "circle", symbolOpacity: 1, title: null },
  };
  return figure({
    title: {
      text: "The imbalance has a name: leverage scores of the momentum",
      subtitle: `A point a neuron, ${widthOf(rows)} × 64 layer at step 60; dashed: the theorem, size = score`,
    },
    width: 380,
    height: 340,
    layer: [
      {
        data: { values },
        mark: { type: "point", filled: true, size: 28, opacity: 0.75, clip: true },
        encoding: { color },
      },
      { data: { values: ends }, mark: dashed },
    ],
    encoding: {
      x: linearAxis("leverage", "Leverage score of the neuron's momentum", { domain: [0.1, 0.58] }),
      y: linearAxis("size", "Squared norm of its row in the update", { domain: [0, 0.6] }),
    },
  });
}

/** What precision can even out. */
export function precision(rows: Row[]): Figure {
  const schedules = ["Polar Express", "Muon's quintic", "cubic"];
  const color = {
    ...colorBy("schedule", null, schedules, [palette[5], palette[0], palette[4]]),
    legend: { symbolType: "stroke", symbolOpacity: 1, symbolStrokeWidth: 2.5, title: null },
  };
  const points = summarizeBy(rowsOf(rows, "precision"), ["shape", "schedule", "steps"], "variation")
    .map(({ shape, schedule, steps, mean, min, max }) => ({
      shape,
      schedule,
      steps,
      value: mean,
      low: min,
      high: max,
    })).filter(({ low }) => low > 0);
  const width = widthOf(rows);
  const limit = rowsOf(rows, "precision").filter(({ shape }) => shape === "tall").map((row) => row.limit);
  const panel = (shape: "tall" | "wide", title: string, isFirst: boolean) => ({
    width: 250,
    height: 260,
    title: panelTitle(title),
    data: { values: points.filter((row) => row.shape === shape) },
    layer: [
      ...banded(color),
      ...(shape === "tall" && limit.length > 0
        ? [{
          data: { values: [1, 20].map((steps) => ({ steps, value: mean(limit) })) },
          mark: dashed,
        }, {
          data: { values: [{ steps: 20, value: mean(limit), text: "leverage scores" }] },
          mark: { type: "text" as const, align: "right" as const, dy: 12, color: theoryColor, fontSize: 11 },
          encoding: { text: { field: "text" } },
        }]
        : []),
    ],
    encoding: {
      x: linearAxis("steps", "Newton–Schulz steps", { domain: [1, 20], values: [1, 5, 10, 15, 20] }),
      y: logAxis("value", isFirst ? "Variation of row norms" : "", { domain: [1e-5, 0.5] }),
    },
  });
  return figure({
    title: {
      text: "Precision evens out wide layers, never tall ones",
      subtitle: "Muon's momentum at step 60, orthogonalized by three schedules; mean and range of seeds",
    },
    hconcat: [panel("tall", `Tall, ${width} × 64`, true), panel("wide", `Wide, 64 × ${width}`, false)],
    spacing: 24,
    config: { legend: { orient: "bottom", columns: 3 } },
  });
}

import {
  colorBy,
  figure,
  learningRateFigure,
  linearAxis,
  logAxis,
  palette,
  theoryColor,
} from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import { tuneLearningRates } from "../../lib/training/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import { tunedRuns } from "./claims.ts";
import { colorsOf } from "./optimizers.ts";
import { ofType, type Row } from "./rows.ts";

const FOUR = ["Muon", "Adam", "SGD", "normalized SGD"];

/** The grid behind the comparison on the digits. */
export function learningRates(rows: Row[]): Figure {
  const runs = tunedRuns(ofType(rows, "digits")).filter(({ optimizer }) => FOUR.includes(optimizer));
  return learningRateFigure(runs, {
    title: "Each at its own best rate, Muon ends lowest",
    subtitle: "Handwritten digits, 64-64-64-64-10, 100 steps of 128 images; points: seeds, ring: best mean",
    optimizers: FOUR,
    colors: colorsOf(FOUR),
    loss: "Final training loss (nats)",
    domain: [0.0015, 2.3],
  });
}

/** Everything at its best rate: does a better polar factor help? */
export function best(rows: Row[]): Figure {
  const tuned = tuneLearningRates(tunedRuns(ofType(rows, "digits"))).sort((a, b) => a.mean - b.mean);
  const names = tuned.map(({ optimizer }) => optimizer);
  const seeds = tuned.flatMap(({ optimizer, losses }) => losses.map((loss) => ({ optimizer, loss })));
  const y = { field: "optimizer", type: "nominal" as const, sort: names, title: null };
  const color = { ...colorBy("optimizer", null, names, colorsOf(names)), legend: null };
  return figure({
    title: {
      text: "Roughly orthogonal is enough, not orthogonal at all is not",
      subtitle: "Final training loss at each one's best learning rate; points: seeds, bar: mean",
    },
    height: 34 * names.length,
    encoding: { y },
    layer: [
      {
        data: { values: tuned.map(({ optimizer, mean }) => ({ optimizer, loss: mean })) },
        mark: { type: "tick", thickness: 3, size: 22 },
        encoding: { x: logAxis("loss", "Final training loss (nats)"), color },
      },
      {
        data: { values: seeds },
        mark: { type: "point", filled: true, size: 40, opacity: 0.5 },
        encoding: { x: logAxis("loss", "Final training loss (nats)"), color },
      },
    ],
  });
}

/** Steps against time: Adam with as many steps as it likes. */
export function steps(rows: Row[]): Figure {
  const runs = ofType(rows, "digits").filter(({ batch }) => batch === 128);
  const point = (optimizer: string, steps: number) => {
    const own = tunedRuns(runs, 128, steps).filter((run) => run.optimizer === optimizer);
    return own.length === 0 ? [] : tuneLearningRates(own).map(({ mean, losses }) => ({
      optimizer,
      steps,
      loss: mean,
      low: Math.min(...losses),
      high: Math.max(...losses),
    }));
  };
  const lengths = [...new Set(runs.map(({ steps }) => steps))].sort((a, b) => a - b);
  const adam = lengths.flatMap((steps) => point("Adam", steps));
  const muon = point("Muon", 100);
  const names = ["Muon", "Adam"];
  const worth = stepsToReach(muon[0]?.loss ?? NaN, adam);
  const color = colorBy("optimizer", null, names, colorsOf(names));
  const axis = logAxis("loss", "Final training loss (nats)");
  return figure({
    title: {
      text: Number.isFinite(worth)
        ? `A hundred steps of Muon are worth some ${Math.round(worth / 10) * 10} of Adam's`
        : "A hundred steps of Muon and of Adam",
      subtitle: "Digits, batches of 128, best learning rate at each length; mean and range of seeds",
    },
    height: 260,
    encoding: { x: linearAxis("steps", "Steps of the run", { domain: [90, 260] }), y: axis, color },
    layer: [
      { data: { values: adam }, mark: "line" },
      {
        data: { values: [...adam, ...muon] },
        mark: "rule",
        encoding: { y: { ...axis, field: "low" }, y2: { field: "high" } },
      },
      { data: { values: [...adam, ...muon] }, mark: { type: "point", filled: true, size: 80, opacity: 1 } },
    ],
  });
}

/**
 * The length at which the losses of longer and longer runs pass a level, on a straight line in the logarithm;
 * NaN if they do not.
 */
function stepsToReach(loss: number, runs: readonly { steps: number; loss: number }[]): number {
  const i = runs.findIndex((run) => run.loss <= loss);
  if (i < 1) return NaN;
  const [a, b] = [runs[i - 1], runs[i]];
  return a.steps + (b.steps - a.steps) * Math.log(a.loss / loss) / Math.log(a.loss / b.loss);
}

/** Small batches: the training. */
export function batches(rows: Row[]): Figure {
  const runs = ofType(rows, "digits");
  const names = ["Muon", "Adam", "SGD"];
  const sizes = [...new Set(runs.map(({ batch }) => batch))].sort((a, b) => a - b);
  const values = sizes.flatMap((batch) => {
    const own = tunedRuns(runs, batch).filter(({ optimizer }) => names.includes(optimizer));
    return tuneLearningRates(own).map(({ optimizer, mean, losses }) => ({
      optimizer,
      batch,
      loss: mean,
      low: Math.min(...losses),
      high: Math.max(...losses),
    }));
  });
  const color = {
    ...colorBy("optimizer", null, names, colorsOf(names)),
    legend: { symbolType: "stroke", symbolOpacity: 1, symbolStrokeWidth: 2.5 },
  };
  return figure({
    title: {
      text: "Muon leads at every batch, and most where batches are large",
      subtitle: "Digits, 100 steps, best learning rate at each batch; mean and range of seeds",
    },
    height: 260,
    data: { values },
    encoding: { x: logAxis("batch", "Images in a batch", { domain: [1.8, 140], values: sizes }), color },
    layer: [
      {
        mark: { type: "area", opacity: 0.18 },
        encoding: { y: logAxis("low", "Final training loss (nats)"), y2: { field: "high" } },
      },
      { mark: { type: "line", point: true }, encoding: { y: logAxis("loss", "Final training loss (nats)") } },
    ],
  });
}

/** Small batches: the direction. */
export function noise(rows: Row[]): Figure {
  const parts: [string, "gradient" | "update" | "descent", string][] = [
    ["the two gradients", "gradient", palette[3]],
    ["their Muon updates", "update", palette[0]],
    ["update · full gradient", "descent", palette[2]],
  ];
  const runs = ofType(rows, "noise");
  const values = parts.flatMap(([what, field]) =>
    summarizeBy(runs, ["batch"], field).map(({ batch, mean, min, max }) => ({
      what,
      batch,
      cosine: mean,
      min,
      max,
    }))
  );
  const ceiling = runs.reduce((sum, row) => sum + row.ceiling, 0) / runs.length;
  const names = parts.map(([name]) => name);
  const color = {
    ...colorBy("what", null, names, parts.map(([, , color]) => color)),
    legend: { symbolType: "stroke", symbolOpacity: 1, symbolStrokeWidth: 2.5, columns: 1 },
  };
  const ends = [Math.min(...runs.map(({ batch }) => batch)), Math.max(...runs.map(({ batch }) => batch))];
  return figure({
    title: {
      text: "Equal lengths for all directions are equal lengths for noise",
      subtitle: "Cosines between a batch and all images; dashed: update · gradient without noise",
    },
    height: 280,
    encoding: {
      x: logAxis("batch", "Images in a batch"),
      y: linearAxis("cosine", "Cosine", { domain: [0, 1] }),
    },
    layer: [
      {
        data: { values },
        mark: { type: "area", opacity: 0.18 },
        encoding: { color, y: { field: "min", type: "quantitative" }, y2: { field: "max" } },
      },
      { data: { values }, mark: { type: "line", point: true }, encoding: { color } },
      {
        data: { values: ends.map((batch) => ({ batch, cosine: ceiling })) },
        mark: { type: "line", color: theoryColor, strokeDash: [5, 4], strokeWidth: 1.2 },
      },
    ],
  });
}

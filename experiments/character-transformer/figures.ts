import { colorBy, figure, learningRateFigure, linearAxis, palette } from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import type { Figure } from "../experiment.ts";
import { curves } from "./curves.ts";
import { contestants } from "./optimizers.ts";
import { finalRuns, gridRuns, type Row, type RunRow } from "./rows.ts";

const names = contestants.map(({ name }) => name);

/** Blue and green where the momentum is orthogonalized, red and orange for Adam, grey for descent. */
const colors: Record<string, string> = {
  "Muon": palette[0],
  "AdamW": palette[1],
  "NorMuon": palette[2],
  "ROOT": palette[5],
  "ROOT + NorMuon": "#0b3d5c",
  "Hybrid-AuON": palette[7],
  "AuON": palette[3],
  "Trion": "#66c2a5",
  "DCT-AdamW": palette[4],
  "SGD": "#8a8a8a",
};

const color = (order: readonly string[]) =>
  colorBy("optimizer", null, order, order.map((name) => colors[name]));

/** Final runs of all optimizers, and the optimizers from best to worst. */
function finals(rows: Row[]): { runs: (RunRow & { loss: number })[]; order: string[] } {
  const runs = names.flatMap((name) => finalRuns(rows, name));
  const order = summarizeBy(runs, ["optimizer"], "loss").sort((a, b) => a.mean - b.mean)
    .map(({ optimizer }) => optimizer);
  return { runs, order };
}

/** The optimizers with a curve, best first; while a run goes on some have no final loss yet. */
function legend(rows: Row[]): string[] {
  const { order } = finals(rows);
  return [...order, ...[...curves(rows).keys()].filter((name) => !order.includes(name))];
}

/** Training loss against `x`, one line an optimizer. */
function lines(
  rows: Row[],
  x: ReturnType<typeof linearAxis>,
  place: (optimizer: string, step: number) => number | null,
) {
  const order = legend(rows);
  const values = [...curves(rows).values()].flat().flatMap((point) => {
    const at = place(point.optimizer, point.step);
    return at === null ? [] : [{ ...point, [x.field]: at }];
  });
  const largest = Math.max(...values.filter(({ step }) => step >= 20).map(({ loss }) => loss));
  return {
    data: { values },
    mark: { type: "line" as const, clip: true, strokeWidth: 1.8 },
    encoding: {
      x,
      y: linearAxis("loss", "Training loss (nats a character)", {
        domain: [
          Math.floor(10 * Math.min(...values.map(({ loss }) => loss))) / 10,
          Math.ceil(10 * largest) / 10,
        ],
      }),
      color: { ...color(order), legend: { symbolType: "stroke", symbolStrokeWidth: 3 } },
    },
  };
}

/** The key figure: what is learned in equal steps, and where it ends. */
function key(rows: Row[]): Figure {
  const { runs, order } = finals(rows);
  return figure({
    title: {
      text: "In equal steps, orthogonalized momentum learns most",
      subtitle:
        "Character Transformer on Moby-Dick; every optimizer at its best rate; mean of the seeds, held-out loss for each",
    },
    hconcat: [
      { width: 330, height: 300, ...lines(rows, linearAxis("step", "Step"), (_, step) => step) },
      {
        width: 190,
        height: 300,
        data: { values: runs.map(({ optimizer, loss }) => ({ optimizer, loss })) },
        encoding: {
          y: { field: "optimizer", type: "nominal", sort: order, title: null, axis: { grid: true } },
          x: linearAxis("loss", "Held-out loss at the end", { tickCount: 4 }),
          color: { ...color(legend(rows)), legend: { symbolType: "stroke", symbolStrokeWidth: 3 } },
        },
        layer: [
          { mark: { type: "point", filled: true, size: 45, opacity: 0.7 } },
          {
            mark: { type: "tick", thickness: 2, size: 16 },
            encoding: { x: { aggregate: "mean", field: "loss" } },
          },
        ],
      },
    ],
    spacing: 16,
  });
}

/** The grid behind it. */
function rates(rows: Row[]): Figure {
  const grid = gridRuns(rows), order = legend(rows);
  return learningRateFigure(grid, {
    title: "Every optimizer is judged at its own best learning rate",
    subtitle:
      "Held-out loss of the runs that chose it (one seed, which is not used again); a ring marks the choice",
    optimizers: order,
    colors: order.map((name) => colors[name]),
    loss: "Held-out loss",
  });
}

/** Quality and memory. */
function memory(rows: Row[]): Figure {
  const { runs, order } = finals(rows);
  const values = summarizeBy(runs, ["optimizer", "stateSize"], "loss")
    .map(({ optimizer, stateSize, mean, min, max }) => ({
      optimizer,
      stateSize,
      loss: mean,
      low: min,
      high: max,
    }));
  return figure({
    title: {
      text: "Quality does not need AdamW's memory",
      subtitle:
        "Held-out loss (mean and range of the seeds) and numbers kept for each weight of the hidden matrices",
    },
    data: { values },
    encoding: {
      x: linearAxis("stateSize", "Numbers kept for each weight", { domain: [0.8, 2.4] }),
      color: { ...color(order), legend: null },
    },
    layer: [
      {
        mark: { type: "rule", strokeWidth: 2 },
        encoding: { y: linearAxis("low", "Held-out loss"), y2: { field: "high" } },
      },
      {
        mark: { type: "point", filled: true, size: 60 },
        encoding: { y: linearAxis("loss", "Held-out loss") },
      },
      {
        mark: { type: "text", align: "left", dx: 8, fontSize: 11 },
        encoding: { y: linearAxis("loss", "Held-out loss"), text: { field: "optimizer" } },
      },
    ],
  });
}

/** Figures by name; the first one is the key figure. */
export const figures = { key, rates, memory };

/**
 * The curves against time: what a step costs is measured by who draws it, as it differs from machine to machine.
 *
 * @param milliseconds Of one step, by optimizer; those without are left out.
 */
export function againstSeconds(rows: Row[], milliseconds: Readonly<Record<string, number>>): Figure {
  const x = linearAxis("seconds", "Seconds of training on this machine");
  return figure({
    title: {
      text: "The same runs against the clock",
      subtitle: "A step's cost is the median of steps taken in turn, one thread",
    },
    ...lines(
      rows,
      x,
      (optimizer, step) => optimizer in milliseconds ? step * milliseconds[optimizer] / 1000 : null,
    ),
  });
}

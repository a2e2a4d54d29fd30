import { colorBy, figure, learningRateFigure, linearAxis, palette } from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
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

/** Losses above this are left out of the figures: all optimizers pass it in their first steps. */
const HIGHEST = 3;

/** Held-out loss against `x`, one line an optimizer. */
function lines(
  rows: Row[],
  x: ReturnType<typeof linearAxis>,
  place: (optimizer: string, step: number) => number | undefined,
  shown: object | null = { symbolType: "stroke", symbolStrokeWidth: 3 },
) {
  const values = [...curves(rows).values()].flat().flatMap(({ optimizer, step, loss }) => {
    const at = place(optimizer, step);
    return at === undefined ? [] : [{ optimizer, loss, [x.field]: at }];
  });
  const lowest = Math.floor(10 * Math.min(...values.map(({ loss }) => loss))) / 10;
  return {
    data: { values },
    mark: { type: "line" as const, clip: true, strokeWidth: 1.8 },
    encoding: {
      x,
      y: linearAxis("loss", "Held-out loss (nats a character)", {
        domain: [Math.min(lowest, HIGHEST - 0.2), HIGHEST],
      }),
      color: { ...color(legend(rows)), legend: shown },
    },
  };
}

/** The key figure: what is learned in equal steps, and where it ends. */
function key(rows: Row[]): Figure {
  const { runs, order } = finals(rows);
  return figure({
    title: {
      text: "In equal steps, orthogonalized momentum learns most",
      subtitle: [
        "A small Transformer learns Moby-Dick, every optimizer at its best rate.",
        "Left: mean of the seeds. Right: each seed, the mean as a bar; the names are the legend.",
      ],
    },
    hconcat: [
      { width: 330, height: 300, ...lines(rows, linearAxis("step", "Step"), (_, step) => step, null) },
      {
        width: 170,
        height: 300,
        data: { values: runs.map(({ optimizer, loss }) => ({ optimizer, loss })) },
        encoding: {
          y: {
            field: "optimizer",
            type: "nominal",
            sort: order,
            title: null,
            axis: {
              grid: true,
              labelFontWeight: "bold",
              labelColor: { condition: conditions(order), value: "#444" },
            },
          },
          x: linearAxis("loss", "Held-out loss at the end", { tickCount: 4 }),
          color: { ...color(legend(rows)), legend: null },
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

/** Labels in the colours of what they name. */
function conditions(order: readonly string[]) {
  return order.map((name) => ({ test: `datum.value === '${name}'`, value: colors[name] }));
}

/** The grid behind it. */
function rates(rows: Row[]): Figure {
  const grid = gridRuns(rows);
  const order = legend(rows);
  return learningRateFigure(grid, {
    title: "Every optimizer is judged at its own best learning rate",
    subtitle: "Held-out loss of the runs that chose it, on the first seed; a ring marks the choice",
    optimizers: order,
    colors: order.map((name) => colors[name]),
    loss: "Held-out loss",
  });
}

/** Figures by name; the first one is the key figure. */
export const figures = { key, rates };

/**
 * The curves against time: what a step costs is measured by who draws it, as it differs from machine to
 * machine.
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
      (optimizer, step) => optimizer in milliseconds ? step * milliseconds[optimizer] / 1000 : undefined,
    ),
  });
}

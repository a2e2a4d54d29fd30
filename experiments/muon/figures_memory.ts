import {
  colorBy,
  figure,
  linearAxis,
  logAxis,
  type PositionChannel,
  theoryColor,
} from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import { colorsOf } from "./optimizers.ts";
import { STOP_AT } from "./run_training.ts";
import { memoryOf, type MemoryRow, ofType, type Row } from "./rows.ts";

const FIVE = ["SGD", "normalized SGD", "Adam", "Muon", "exact polar"];
const legend = { symbolType: "stroke", symbolOpacity: 1, symbolStrokeWidth: 2.5 };

/** Lines of the runs that are drawn, on the axes and in random bases side by side. */
function bothBases(rows: Row[], options: {
  names: string[];
  title: { text: string; subtitle: string };
  points: (run: MemoryRow) => Record<string, number>[];
  x: PositionChannel;
  y: PositionChannel;
  dashed: Record<string, number>[];
}): Figure {
  const { names, title, points, x, y, dashed } = options;
  const bases: [MemoryRow["turn"], string][] = [[0, "Facts on the axes"], ["random", "In a random basis"]];
  // On the axes there is nothing random, and what is equivariant is the same in every basis: one seed shows
  // all.
  const first = Math.min(...memoryOf(rows, "bases", "Muon").map(({ seed }) => seed));
  const isDrawn = (run: MemoryRow) =>
    run.curve !== null && (run.seed === first || (run.optimizer === "Adam" && run.turn === "random"));
  const panel = (turn: MemoryRow["turn"], text: string) => ({
    width: 255,
    height: 270,
    title: { text, fontSize: 12.5, offset: 6, frame: "group" as const },
    encoding: { x, y: turn === 0 ? y : { ...y, title: "" } },
    layer: [
      {
        data: {
          values: names.flatMap((optimizer) =>
            memoryOf(rows, "bases", optimizer, turn).filter(isDrawn).flatMap((run) =>
              points(run).map((point, order) => ({ ...point, optimizer, seed: run.seed, order }))
            )
          ),
        },
        mark: { type: "line" as const, clip: true, strokeWidth: 2 },
        encoding: {
          color: { ...colorBy("optimizer", null, names, colorsOf(names)), legend },
          detail: { field: "seed" },
          order: { field: "order", type: "quantitative" as const },
        },
      },
      {
        data: { values: dashed },
        mark: { type: "line" as const, clip: true, color: theoryColor, strokeDash: [5, 4], strokeWidth: 1.2 },
      },
    ],
  });
  return figure({
    title,
    hconcat: bases.map(([turn, text]) => panel(turn, text)),
    spacing: 26,
    config: { legend: { orient: "bottom" as const, columns: names.length === 3 ? 3 : 2 } },
  });
}

/** How well each fact is known when the mean is the same. */
export function rareFacts(rows: Row[]): Figure {
  return bothBases(rows, {
    names: ["SGD", "Adam", "exact polar", "Muon"],
    title: {
      text: "Fact by fact: the ripple of five steps is seen, the frequency is not",
      subtitle: "64 facts of frequency 1/rank, when the mean loss reaches 1.7; dashed: all alike",
    },
    points: ({ losses }) => losses!.map((loss, i) => ({ rank: i + 1, loss })),
    x: logAxis("rank", "Rank of the fact", {
      domain: [1, 64],
      values: [1, 2, 4, 8, 16, 32, 64],
    }),
    y: linearAxis("loss", "Loss of the fact (nats)", { domain: [0, 4.5] }),
    dashed: [1, 64].map((rank) => ({ rank, loss: STOP_AT })),
  });
}

/** The key figure: tail loss against mean loss over the whole run. */
export function rareDirections(rows: Row[]): Figure {
  return bothBases(rows, {
    names: ["SGD", "Adam", "Muon"],
    title: {
      text: "Muon learns rare facts as fast as common ones, in any basis",
      subtitle:
        "Tail: the rarest quarter of 64 facts; training goes right; dashed: as well known as the rest",
    },
    points: ({ curve }) => curve!.map(([mean, tail]) => ({ mean, tail })),
    x: linearAxis("mean", "Mean loss (nats)", { domain: [4.2, 1.6] }),
    y: linearAxis("tail", "Tail loss (nats)", { domain: [1.6, 4.4] }),
    dashed: [Math.log(64), STOP_AT].map((loss) => ({ mean: loss, tail: loss })),
  });
}

/** The ratio against the learning rate: it does not depend on it. */
export function memoryRates(rows: Row[]): Figure {
  const values = ofType(rows, "memory").filter(({ part }) => part === "bases").map((row) => ({
    optimizer: row.optimizer,
    learningRate: row.learningRate,
    ratio: row.ratio,
    basis: row.turn === 0 ? "axes" : "random basis",
  }));
  const means = summarizeBy(values, ["optimizer", "basis", "learningRate"], "ratio").map((
    { optimizer, basis, learningRate, mean },
  ) => ({ optimizer, basis, learningRate, ratio: mean }));
  const color = { ...colorBy("optimizer", null, FIVE, colorsOf(FIVE)), legend };
  return figure({
    title: {
      text: "The ratio belongs to the optimizer, not to its learning rate",
      subtitle:
        "Loss of the rarest quarter over the mean loss, at mean loss 1.7, at every learning rate tried",
    },
    height: 260,
    encoding: {
      x: logAxis("learningRate", "Learning rate", { domain: [0.002, 50] }),
      y: linearAxis("ratio", "Tail loss / mean loss", { domain: [0.8, 2.6] }),
    },
    layer: [
      {
        data: { values: means },
        mark: { type: "line", strokeWidth: 1.8 },
        encoding: {
          color,
          strokeDash: {
            field: "basis",
            type: "nominal",
            title: null,
            scale: { domain: ["random basis", "axes"], range: [[1, 0], [3, 4]] },
          },
        },
      },
      {
        data: { values },
        mark: { type: "point", size: 25, opacity: 0.7, filled: true },
        encoding: { color },
      },
    ],
  });
}

/** The ripple: tail over mean at other sizes. */
export function ripple(rows: Row[]): Figure {
  const names = ["SGD", "Adam", "Muon", "exact polar", "Polar Express"];
  const values = names.flatMap((optimizer) =>
    memoryOf(rows, "sizes", optimizer).map(({ facts, ratio }) => ({ optimizer, facts, ratio }))
  );
  const color = { ...colorBy("optimizer", null, names, colorsOf(names)), legend };
  return figure({
    title: {
      text: "Five steps ripple; polynomials that converge do not",
      subtitle: "Tail loss over mean loss at mean loss 1.7, random basis, against the number of facts",
    },
    height: 280,
    encoding: {
      x: linearAxis("facts", "Facts, and dimension", { domain: [30, 98] }),
      y: linearAxis("ratio", "Tail loss / mean loss", { domain: [0.8, 2.6] }),
    },
    layer: [
      {
        data: { values: [{ facts: 30, ratio: 1 }, { facts: 98, ratio: 1 }] },
        mark: { type: "line", color: theoryColor, strokeDash: [5, 4], strokeWidth: 1.2 },
      },
      // Two lines agree: the wide one is seen beneath the narrow one.
      {
        data: { values: values.filter(({ optimizer }) => optimizer === "exact polar") },
        mark: { type: "line", strokeWidth: 7, opacity: 0.45 },
        encoding: { color },
      },
      {
        data: { values: values.filter(({ optimizer }) => optimizer !== "exact polar") },
        mark: { type: "line", point: { size: 22 } },
        encoding: { color },
      },
    ],
  });
}

/** The rotation knob: Adam from the axes to a random basis. */
export function rotation(rows: Row[]): Figure {
  const names = ["SGD", "Adam", "Muon"];
  const values = names.flatMap((optimizer) =>
    memoryOf(rows, "angles", optimizer).map(({ turn, ratio, seed }) => ({
      optimizer,
      turn: turn as number,
      ratio,
      seed,
    }))
  );
  const means = summarizeBy(values, ["optimizer", "turn"], "ratio")
    .map(({ optimizer, turn, mean, min, max }) => ({ optimizer, turn, ratio: mean, min, max }));
  const color = { ...colorBy("optimizer", null, names, colorsOf(names)), legend };
  return figure({
    title: {
      text: "Adam depends on the basis; Muon and SGD cannot see it",
      subtitle: "Keys and values turned in 32 random planes each; mean and range of seeds",
    },
    height: 260,
    encoding: {
      x: linearAxis("turn", "Turn away from the axes (degrees)", {
        domain: [0, 90],
        values: [0, 15, 30, 45, 60, 75, 90],
      }),
      y: linearAxis("ratio", "Tail loss / mean loss", { domain: [0.8, 2.6] }),
    },
    layer: [
      {
        data: { values: means },
        mark: { type: "area", opacity: 0.18 },
        encoding: { color, y: { field: "min", type: "quantitative" }, y2: { field: "max" } },
      },
      { data: { values: means }, mark: { type: "line", point: { size: 22 } }, encoding: { color } },
    ],
  });
}

/** Figures of the training on the digits. */
import { distinct, type Figure, mean, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
  type Layer,
  learningRateFigure,
  legendAt,
  linearAxis,
  logAxis,
  meanAndRange,
  palette,
  rankBy,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import { tuneLearningRates } from "../../lib/training/mod.ts";
import { tunedRuns } from "./claims.ts";
import { colors, CONTENDERS } from "./contenders.ts";
import type { Row } from "./rows.ts";

const FOUR = ["Muon", "Adam", "SGD", "normalized SGD"];
const lossAxis = (field = "loss") => logAxis(field, "Final training loss (nats)");

/** The grid behind the comparison on the digits. */
export function learningRates({ digits }: RowTable<Row>): Figure {
  return learningRateFigure(tunedRuns(digits).filter(({ optimizer }) => FOUR.includes(optimizer)), {
    title: "Each at its own best rate, Muon ends lowest",
    subtitle: "Handwritten digits, 64-64-64-64-10, 100 steps of 128 images; points: seeds, ring: best mean",
    optimizers: FOUR,
    colors: FOUR.map((name) => CONTENDERS[name].color),
    loss: "Final training loss (nats)",
    domain: [0.0015, 2.3],
  });
}

/** Everything at its best rate: does a better polar factor help? */
export function best({ digits }: RowTable<Row>): Figure {
  const tuned = rankBy(tuneLearningRates(tunedRuns(digits)), ({ mean }) => mean);
  const names = tuned.map(({ optimizer }) => optimizer);
  return figure({
    title: "Roughly orthogonal is enough, not orthogonal at all is not",
    subtitle: "Final training loss at each one's best learning rate; points: seeds, bar: mean",
    height: 34 * names.length,
    x: lossAxis(),
    y: categoryAxis("optimizer", { order: names }),
    color: { ...colors(names), legend: null },
    layer: [
      dotsAndMean(tuned.flatMap(({ optimizer, losses }) => losses.map((loss) => ({ optimizer, loss }))), {
        value: "loss",
        category: "optimizer",
      }),
    ],
  });
}

/** Final losses of some optimizers at their best rate, one row per seed. */
function bestLosses(digits: RowTable<Row>["digits"], names: string[], batch: number, steps: number) {
  const own = tunedRuns(digits, batch, steps).filter(({ optimizer }) => names.includes(optimizer));
  return own.length === 0
    ? []
    : tuneLearningRates(own).flatMap(({ optimizer, losses }) =>
      losses.map((loss) => ({ optimizer, batch, steps, loss }))
    );
}

/** Steps against time: Adam with as many steps as it likes. */
export function steps({ digits }: RowTable<Row>): Figure {
  const names = ["Muon", "Adam"];
  const lengths = distinct(digits, "steps").sort((a, b) => a - b);
  const shown = lengths.flatMap((steps) => bestLosses(digits, names, 128, steps));
  const means = summarizeBy(shown, ["optimizer", "steps"], "loss")
    .map(({ optimizer, steps, mean }) => ({ optimizer, steps, loss: mean }));
  const level = means.find(({ optimizer, steps }) => optimizer === "Muon" && steps === 100)?.loss ?? NaN;
  const worth = stepsToReach(level, means.filter(({ optimizer }) => optimizer === "Adam"));
  return figure({
    title: Number.isFinite(worth)
      ? `A hundred steps of Muon are worth some ${Math.round(worth / 10) * 10} of Adam's`
      : "Muon and Adam, with as many steps as they like",
    subtitle: "Digits, batches of 128, best learning rate at each length; mean and range of seeds",
    height: 260,
    x: linearAxis("steps", "Steps of the run", { domain: [90, 260], values: lengths }),
    y: lossAxis(),
    color: colors(names),
    layer: [
      meanAndRange(shown, { x: "steps", y: "loss", series: "optimizer", as: "bars" }),
      ...(Number.isFinite(worth)
        ? [
          theoryLine([100, worth].map((steps) => ({ steps, loss: level })), { x: "steps", y: "loss" }),
          annotation("the same loss", { x: (100 + worth) / 2, y: level, side: "above" }),
        ]
        : []),
    ] satisfies Layer[],
  });
}

/**
 * The length at which the losses of longer and longer runs pass a level, on a straight line in the logarithm; NaN if
 * they do not.
 */
function stepsToReach(loss: number, runs: readonly { steps: number; loss: number }[]): number {
  const i = runs.findIndex((run) => run.loss <= loss);
  if (i < 1) return NaN;
  const [a, b] = [runs[i - 1], runs[i]];
  return a.steps + (b.steps - a.steps) * Math.log(a.loss / loss) / Math.log(a.loss / b.loss);
}

/** Small batches: the training. */
export function batches({ digits }: RowTable<Row>): Figure {
  const names = ["Muon", "Adam", "SGD"];
  const sizes = distinct(digits, "batch").sort((a, b) => a - b);
  return figure({
    title: "Muon leads at every batch, and most where batches are large",
    subtitle: "Digits, 100 steps, best learning rate at each batch; mean and range of seeds",
    height: 260,
    x: logAxis("batch", "Images in a batch", { values: sizes }),
    y: lossAxis(),
    color: colors(names),
    layer: [
      meanAndRange(sizes.flatMap((batch) => bestLosses(digits, names, batch, 100)), {
        x: "batch",
        y: "loss",
        series: "optimizer",
        dots: true,
      }),
    ],
  });
}

/** Small batches: the direction. */
export function noise({ noise }: RowTable<Row>): Figure {
  const parts = [
    ["the two gradients", "gradient", palette[3]],
    ["their Muon updates", "update", palette[0]],
    ["update · full gradient", "descent", palette[2]],
  ] as const;
  const names = parts.map(([name]) => name);
  return figure({
    title: "Equal lengths for all directions are equal lengths for noise",
    subtitle: "Cosines between a batch and all images; dashed: update · gradient without noise",
    height: 280,
    x: logAxis("batch", "Images in a batch"),
    y: linearAxis("cosine", "Cosine", { domain: [0, 1] }),
    color: colorBy("what", null, names, parts.map(([, , color]) => color)),
    layer: [
      meanAndRange(
        parts.flatMap(([what, field]) =>
          noise.map((row) => ({ what, batch: row.batch, cosine: row[field] }))
        ),
        { x: "batch", y: "cosine", series: "what", dots: true },
      ),
      theoryRule({ y: mean(noise.map(({ ceiling }) => ceiling)) }),
    ],
    config: legendAt("bottom", { columns: 3 }),
  });
}

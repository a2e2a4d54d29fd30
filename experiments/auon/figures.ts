/** Figures, the key one first. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
  learningRateFigure,
  legendAt,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  numberLabel,
  palette,
  panels,
  points,
  theoryLine,
  thin,
} from "../../lib/figures/mod.ts";
import { coshRmsBounds } from "../../lib/optimizers/mod.ts";
import { tuneLearningRates } from "../../lib/training/mod.ts";
import type { OptimizerName } from "./optimizers.ts";
import type { Entries, Row } from "./rows.ts";
import { spectra } from "./spectra_figure.ts";

/** In the order of the legends, with the colours that all optimizer papers share. */
const COLORS: Record<OptimizerName, string> = {
  "Muon": palette[0],
  "Hybrid-AuON": palette[4],
  "AdamW": palette[1],
  "AuON": palette[2],
  "normalized SGD": palette[6],
  "SGD": palette[3],
};
const NAMES = Object.keys(COLORS) as OptimizerName[];

const optimizerColor = colorBy("optimizer", null, NAMES, Object.values(COLORS));

/** Names and colours of what the brake is looked at, the most uneven first. */
const ENTRIES: Record<Entries, [name: string, color: string]> = {
  "one-hot": ["a single spike", palette[3]],
  "cauchy": ["Cauchy", palette[1]],
  "student-t(2)": ["Student-t, 2 degrees", palette[4]],
  "gaussian": ["Gaussian", palette[0]],
  "training": ["momentum in training", palette[2]],
  "flat": ["flat", palette[7]],
};

/** The brake of every matrix, between the curves of the theorem. */
function brake({ brake }: RowTable<Row>): Figure {
  const relative = (n: number, excess: number) => ({ n, excess, relative: 2 * n * excess });
  const measured = brake.map(({ entries, n, rmsMinus1 }) => ({
    ...relative(n, rmsMinus1),
    entries: ENTRIES[entries][0],
  }));
  const sizes = distinct(brake, "n").sort((a, b) => a - b);
  const bounds = sizes.flatMap((n) => {
    const { lowerMinus1, upperMinus1 } = coshRmsBounds(n, 1);
    return [{ ...relative(n, lowerMinus1), bound: "lower" }, { ...relative(n, upperMinus1), bound: "upper" }];
  });
  const shared = {
    x: logAxis("n", "Entries N", { domain: [sizes[0] / 1.5, sizes[sizes.length - 1] * 1.5], tickCount: 4 }),
    color: colorBy(
      "entries",
      null,
      Object.values(ENTRIES).map(([name]) => name),
      Object.values(ENTRIES).map(([, color]) => color),
    ),
  };
  return figure({
    title: "The brake knows the size of a matrix and hardly anything else",
    subtitle: "R of matrices of norm 1; dashed: the theorem's bounds. Right: all that a matrix can change",
    ...panels([
      {
        title: "What is divided by is 1 + 1/2N",
        encoding: { ...shared, y: logAxis("excess", "R − 1") },
        layer: [
          points(measured),
          theoryLine(bounds, { x: "n", y: "excess", series: "bound" }),
        ],
      },
      {
        title: "What is left of the matrix in it",
        encoding: { ...shared, y: linearAxis("relative", "2N (R − 1)", { domain: [0.98, 1.4] }) },
        layer: [
          points(measured),
          theoryLine(bounds, { x: "n", y: "relative", series: "bound" }),
        ],
      },
    ], { spacing: 24 }),
    config: legendAt("bottom", { columns: 3, symbols: "dot" }),
  });
}

/** The control: differences of losses, step by step. */
function control({ control }: RowTable<Row>): Figure {
  const names = { tweak: "rate 0.3 instead", brake: "AuON, rate 0.3" };
  const differences = control.filter(({ variant }) => variant === "paper").flatMap((row) =>
    (["tweak", "brake"] as const).flatMap((run) =>
      row[run].map((difference, i) => ({ step: i + 1, difference, run: names[run], seed: row.seed }))
    )
    // Before the first step all are equal.
  ).filter(({ step }) => step > 1);
  return figure({
    title: "AuON cannot be told from normalized SGD at the rate 0.3 / 1.000122",
    subtitle: [
      "Difference of the batch losses from that run, same start and batches; one line per seed.",
      "Those 0.012 % of the rate make far more of a difference than AuON does",
    ],
    x: linearAxis("step", "Step", { domain: [0, 100] }),
    y: logAxis("difference", "|difference of losses|", { domain: [1e-12, 1] }),
    color: colorBy("run", null, Object.values(names), [palette[6], palette[2]]),
    layer: [
      lines(differences, { each: "seed", strokeWidth: 1.3, opacity: 0.8 }),
      theoryLine([0, 30].map((step) => ({ step, difference: 1e-5 })), { x: "step", y: "difference" }),
      annotation("AuON must stay below", { x: 30, y: 1e-5, side: "right" }),
    ],
  });
}

/** Losses at the best rates, seed by seed. */
function losses({ training }: RowTable<Row>): Figure {
  const order = tuneLearningRates(training).sort((a, b) => a.mean - b.mean).map((one) => ({
    ...one,
    label: `${one.optimizer} (${numberLabel(one.learningRate)})`,
  }));
  return figure({
    title: "Muon learns best; AuON is no better than normalized SGD",
    subtitle: `Digits, 100 steps, each at its best rate (in brackets); one dot per seed (${
      order[0].losses.length
    }), a bar at their mean`,
    height: 210,
    x: logAxis("loss", "Final training loss", { domain: [1e-3, 0.1] }),
    y: categoryAxis("label", { order: order.map(({ label }) => label), grid: true }),
    color: { ...optimizerColor, legend: null },
    layer: order.map(({ optimizer, label, losses }) =>
      dotsAndMean(losses.map((loss) => ({ label, loss })), {
        value: "loss",
        category: "label",
        color: COLORS[optimizer as OptimizerName],
      })
    ),
  });
}

/** Loss against steps at the best rates. */
function curves({ training }: RowTable<Row>): Figure {
  const best = new Map(tuneLearningRates(training).map((one) => [one.optimizer, one.learningRate]));
  const values = NAMES.flatMap((optimizer) =>
    training.filter((row) => row.optimizer === optimizer && row.learningRate === best.get(optimizer))
      .flatMap(({ curve }) => curve.map((loss, i) => ({ step: 5 * i + 3, loss, optimizer })))
  );
  return figure({
    title: "Loss against steps, each at its best rate",
    subtitle: "Digits; means of five batches; geometric mean and range over seeds",
    x: linearAxis("step", "Step", { domain: [0, 100] }),
    y: logAxis("loss", "Loss of the batch"),
    color: optimizerColor,
    layer: [meanAndRange(values, { x: "step", y: "loss", series: "optimizer", center: "geometric mean" })],
  });
}

/** The grid of learning rates. */
function rates({ training }: RowTable<Row>): Figure {
  return learningRateFigure(training, {
    title: "Every optimizer at its own best rate",
    subtitle:
      "Digits, 100 steps; one dot per run, a line through the means over seeds, a ring at the best rate",
    optimizers: NAMES,
    colors: Object.values(COLORS),
    loss: "Final training loss",
    domain: [1e-3, 3],
  });
}

/** Rare facts against all facts. */
function memory({ memory }: RowTable<Row>): Figure {
  const first = Math.min(...memory.map(({ seed }) => seed));
  const of = (...names: OptimizerName[]) =>
    names.flatMap((name) =>
      memory.filter(({ seed, optimizer }) => seed === first && optimizer === name).flatMap((run) =>
        thin(run.mean.map((mean, i) => ({ mean, tail: run.tail[i], optimizer: name })), { count: 40 })
      )
    );
  return figure({
    title: "Rare facts: only all five steps treat them like the others",
    subtitle: "64 facts of frequency ∝ 1/rank; training goes right; dashed: as well known as all; wide: " +
      "normalized SGD",
    x: linearAxis("mean", "Mean loss", { domain: [4.25, 1.6] }),
    y: linearAxis("tail", "Loss of the rarest quarter", { domain: [1.5, 4.6] }),
    color: optimizerColor,
    layer: [
      // AuON is the same curve: the wide one is seen beneath it.
      lines(of("normalized SGD"), { inOrder: true, strokeWidth: 7, opacity: 0.4 }),
      lines(of("Muon", "Hybrid-AuON", "AdamW", "SGD", "AuON"), { inOrder: true }),
      theoryLine([1.6, 4.2].map((loss) => ({ mean: loss, tail: loss })), { x: "mean", y: "tail" }),
      annotation("all others", { x: 2.45, y: 3.72 }),
      annotation("Muon", { x: 2.95, y: 2.6, color: COLORS.Muon }),
    ],
  });
}

/** Operations against size. */
function operations({ count }: RowTable<Row>): Figure {
  const powers = { "Newton–Schulz, 5 steps": 3, "Hybrid-AuON": 3, "AuON": 2 };
  const sizes = distinct(count, "size").sort((a, b) => a - b);
  const largest = sizes[sizes.length - 1];
  const laws = count.filter(({ size }) => size === largest).flatMap(({ method, operations }) =>
    sizes.map((size) => ({
      size,
      operations: operations * (size / largest) ** powers[method],
      method,
    }))
  );
  return figure({
    title: "AuON is linear in the entries, and that is its whole advantage",
    subtitle: "Multiplications and additions counted while the pseudo-code runs; dashed: n³, n³ and n²",
    x: logAxis("size", "Rows of the square matrix n", { values: sizes }),
    y: logAxis("operations", "Operations"),
    color: colorBy("method", null, Object.keys(powers), [palette[0], palette[4], palette[2]]),
    layer: [
      points(count, { x: "size", y: "operations", size: 70 }),
      theoryLine(laws, { x: "size", y: "operations", series: "method" }),
    ],
  });
}

export const figures = { key: spectra, brake, control, losses, curves, rates, memory, operations };

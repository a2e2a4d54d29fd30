/** Figures, the key one first. */
import { mean } from "simple-statistics";
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
  knob,
  learningRateFigure,
  legendAt,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  palette,
  panels,
  points,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import type { Method } from "./methods.ts";
import { type Row, widthOf } from "./rows.ts";

/** A method has one colour in all figures. */
const COLORS: Record<Method, string> = {
  "Muon": palette[0],
  "Adam": palette[1],
  "NorMuon": palette[2],
  "SGD": palette[3],
  "Front": palette[5],
  "exact polar": palette[4],
  "coordinate-wise": palette[6],
  "wrong axis": palette[7],
};

function colors(field: string, methods: readonly Method[]) {
  return colorBy(field, null, methods, methods.map((method) => COLORS[method]));
}

/** A list per row as points: its entries by their rank. */
function ranked<R extends object>(
  rows: readonly R[],
  list: (row: R) => readonly number[],
  name: (row: R) => string,
) {
  return rows.flatMap((row) => list(row).map((value, i) => ({ rank: i + 1, value, series: name(row) })));
}

/** Figure 1 in small: the neurons' norms and the singular values of one update. */
function key({ profile }: RowTable<Row>): Figure {
  const methods: Method[] = ["SGD", "Adam", "Muon", "NorMuon"];
  const width = widthOf(profile);
  const color = colors("series", methods);
  const neurons = ranked(profile, (row) => row.neuronNorms, ({ optimizer }) => optimizer)
    // Every fourth neuron draws the same line.
    .filter(({ rank }) => rank === 1 || rank % 4 === 0);
  const values = ranked(profile, (row) => row.singularValues, ({ optimizer }) => optimizer);
  return figure({
    title: "NorMuon's update is flat both ways: every neuron, and every singular direction",
    subtitle: `Step 60 of training on digits, the ${width} × 64 hidden layer; mean and range of seeds`,
    ...panels([
      {
        title: "Update of each neuron",
        x: linearAxis("rank", "Neuron, by the size of its update", {
          domain: [1, width],
          values: [1, width / 4, width / 2, 3 * width / 4, width],
        }),
        y: linearAxis("value", "Norm over the mean norm", {
          domain: [0, 2.4],
          values: [0, 0.5, 1, 1.5, 2],
        }),
        color,
        layer: [meanAndRange(neurons, { x: "rank", y: "value", series: "series" })],
      },
      {
        title: "Singular values of the update",
        x: linearAxis("rank", "Index", { domain: [1, 64], values: [1, 16, 32, 48, 64] }),
        y: logAxis("value", "Value over the largest", { domain: [1e-3, 1.3] }),
        color,
        layer: [meanAndRange(values, { x: "rank", y: "value", series: "series" })],
      },
    ]),
    config: legendAt("bottom", { columns: 4 }),
  });
}

/** Which layers are uneven. */
function layers({ spread, profile }: RowTable<Row>): Figure {
  const methods: Method[] = ["SGD", "Adam", "Muon", "NorMuon"];
  const tall = `${widthOf(profile)} × 64`;
  const wide = `64 × ${widthOf(profile)}`;
  const names = [`1st, ${tall}`, `2nd, ${wide}`, `3rd, ${tall}`, `4th, ${wide}`];
  const shown = methods.flatMap((optimizer) =>
    spread.filter((row) => row.optimizer === optimizer)
      .map(({ layer, step, variation }) => ({ optimizer, layer: names[layer], step, variation }))
  );
  const steps = distinct(shown, "step").sort((a, b) => a - b);
  const step = knob("step", steps, { label: "step of training", start: Math.max(0, steps.indexOf(60)) });
  return figure({
    params: [step.param],
    title: "Muon leaves tall layers uneven; wide ones it evens out itself",
    subtitle: "Variation of the neurons' update norms at one step; one dot per seed. Layers: out × in",
    height: 210,
    x: linearAxis("variation", "Standard deviation over mean", { domain: [0, 0.6] }),
    y: categoryAxis("layer", { order: names, grid: true }),
    color: colors("optimizer", methods),
    layer: [step.show(points(shown, { size: 80 })), step.readout],
  });
}

/** Why tall layers are uneven. */
function leverage({ leverage, profile }: RowTable<Row>): Figure {
  const neurons = leverage.slice(0, 1).flatMap((row) =>
    row.leverage.flatMap((score, i) => [
      { method: "Muon", leverage: score, size: row.muon[i] },
      { method: "exact polar", leverage: score, size: row.exact[i] },
    ])
  );
  return figure({
    title: "The imbalance has a name: leverage scores of the momentum",
    subtitle: `One point per neuron, ${
      widthOf(profile)
    } × 64 layer at step 60; dashed: the theorem, size = score`,
    height: 340,
    x: linearAxis("leverage", "Leverage score of the neuron's momentum", { domain: [0.1, 0.58] }),
    y: linearAxis("size", "Squared norm of its row in the update", { domain: [0, 0.6] }),
    color: colors("method", ["exact polar", "Muon"]),
    layer: [
      points(neurons, { size: 28 }),
      theoryLine((x) => x, { x: "leverage", y: "size", domain: [0.1, 0.58], count: 2 }),
    ],
  });
}

/** What precision can even out. */
function precision({ precision, profile }: RowTable<Row>): Figure {
  const schedules = ["Polar Express", "Muon's quintic", "cubic"];
  const shown = precision.filter(({ variation }) => variation > 0);
  const limit = mean(precision.filter(({ shape }) => shape === "tall").map((row) => row.limit));
  const panel = (shape: "tall" | "wide", title: string) => ({
    title,
    x: linearAxis("steps", "Newton–Schulz steps", { domain: [1, 20], values: [1, 5, 10, 15, 20] }),
    y: logAxis("variation", "Variation of row norms", { domain: [1e-5, 0.5] }),
    color: colorBy("schedule", null, schedules, [palette[5], palette[0], palette[4]]),
    layer: [
      meanAndRange(shown.filter((row) => row.shape === shape), {
        x: "steps",
        y: "variation",
        series: "schedule",
        center: "geometric mean",
      }),
      ...(shape === "tall" ? [theoryRule({ y: limit })] : []),
    ],
  });
  return figure({
    title: "Precision evens out wide layers, never tall ones",
    subtitle:
      "Momentum at step 60, orthogonalized by three schedules; dashed: variation of the leverage scores",
    ...panels([
      panel("tall", `Tall, ${widthOf(profile)} × 64`),
      panel("wide", `Wide, 64 × ${widthOf(profile)}`),
    ]),
    config: legendAt("bottom", { columns: 3 }),
  });
}

/** Where twenty steps go. */
function travel({ travel }: RowTable<Row>): Figure {
  const methods: Method[] = ["Muon", "exact polar", "wrong axis", "Front", "coordinate-wise", "NorMuon"];
  const own = travel.filter(({ outputs }) => outputs === 256);
  const losses = own.map(({ method, lossRatio }) => ({ series: method, lossRatio }));
  // Sixteen neighbours per point: single neurons are noise to the eye.
  const distances = own.flatMap(({ method, travel }) =>
    Array.from({ length: travel.length / 16 }, (_, k) => ({
      series: method,
      rank: 16 * k + 8.5,
      value: mean(travel.slice(16 * k, 16 * k + 16)),
    }))
  );
  const color = colors("series", methods);
  return figure({
    title: "Steps of the same length, spent evenly: and what that costs",
    subtitle: "Quadratic whose neuron i has weight 1/i, 256 × 64, 20 steps; mean and range of seeds",
    ...panels([
      {
        title: "How far each neuron travelled",
        width: 320,
        x: linearAxis("rank", "Neuron i, heaviest first", {
          domain: [1, 256],
          values: [1, 64, 128, 192, 256],
        }),
        y: linearAxis("value", "Distance from the start", { domain: [0, 4.4], values: [0, 1, 2, 3, 4] }),
        color,
        layer: [meanAndRange(distances, { x: "rank", y: "value", series: "series" })],
      },
      {
        title: "Loss left",
        width: 150,
        x: linearAxis("lossRatio", "Loss over the first one", { domain: [0, 0.8], tickCount: 4 }),
        y: categoryAxis("series", { order: methods }),
        color,
        layer: [dotsAndMean(losses, { value: "lossRatio", category: "series" })],
      },
    ]),
  });
}

/** What happens to a neuron whose gradient has ended. */
function dead({ dead }: RowTable<Row>): Figure {
  const names = distinct(dead, "line");
  const beta2 = Number(names[1].split("= ")[1]);
  const rates = [0.95, 0.95 / Math.sqrt(Math.max(beta2, 0.95 ** 2))];
  const laws = rates.map((rate, i) => {
    const start = dead.find((row) =>
      row.shape === "tall" && row.line === names[i] && row.since === 100
    )?.size ?? NaN;
    return (since: number) => start * rate ** (since - 100);
  });
  const panel = (shape: "tall" | "wide", title: string) => ({
    title,
    x: linearAxis("since", "Steps since its last gradient", { domain: [0, 300] }),
    y: logAxis("size", "Size, relative to others", { domain: [1e-6, 3] }),
    color: colorBy("line", null, names, [palette[0], palette[2], palette[6], palette[4]]),
    layer: [
      lines(dead.filter((row) => row.shape === shape && row.size > 0)),
      ...(shape === "tall"
        ? laws.map((law) => theoryLine(law, { x: "since", y: "size", domain: [0, 300], count: 31 }))
        : []),
    ],
  });
  return figure({
    title: "A dead neuron is pushed on: β₂ says how long, ε is the way out",
    subtitle:
      "Constant gradients, that of one neuron ends; dashed: momentum over the root of its running square",
    ...panels([panel("tall", "Tall, 256 × 64"), panel("wide", "Wide, 64 × 256")]),
    config: legendAt("bottom", { columns: 2 }),
  });
}

/** The grid behind the training comparison. */
function training({ training }: RowTable<Row>): Figure {
  const optimizers: Method[] = ["Adam", "Muon", "NorMuon"];
  return learningRateFigure(training, {
    title: "On small digits NorMuon and Muon tie; both beat Adam",
    subtitle:
      "64-64-64-64-10 ReLU network, 100 steps; one point per run, lines the mean, rings the best rate",
    optimizers,
    colors: optimizers.map((optimizer) => COLORS[optimizer]),
    loss: "Training loss after 100 steps",
  });
}

export const figures = { key, leverage, layers, travel, precision, dead, training };

/** Figures, the key one first. */
import type { Figure, RowTable } from "../../lib/experiment/mod.ts";
import {
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
  knob,
  linearAxis,
  lines,
  palette,
  panels,
  points,
  publishedPoints,
  theoryRule,
} from "../../lib/figures/mod.ts";
import type { Row } from "./rows.ts";

/** Methods, best first, with what Table 1 of the paper prints. */
const METHODS: { name: string; published?: number; is: (row: Row<"accuracy">) => boolean }[] = [
  { name: "oracle: gray images", published: 0.721, is: (row) => row.start === "gray" && !row.long },
  { name: "vREx, rich, frozen", published: 0.699, is: of("rich", "vrex", true) },
  { name: "IRMv1, rich, frozen", published: 0.699, is: of("rich", "irmv1", true) },
  { name: "vREx, rich", published: 0.703, is: of("rich", "vrex", false) },
  { name: "IRMv1, rich", published: 0.665, is: of("rich", "irmv1", false) },
  { name: "vREx, first round, frozen", is: of("ERM", "vrex", true) },
  { name: "vREx, annealed", published: 0.693, is: of("annealed", "vrex", false) },
  { name: "IRMv1, annealed", published: 0.689, is: of("annealed", "irmv1", false) },
  { name: "IRMv1, random", published: 0.54, is: of("random", "irmv1", false) },
  { name: "vREx, random", published: 0.531, is: of("random", "vrex", false) },
  { name: "ERM, rich, frozen", published: 0.356, is: of("rich", "none", true) },
  { name: "ERM", published: 0.273, is: of("random", "none", false) },
];

function of(start: Row<"accuracy">["start"], penalty: Row<"accuracy">["penalty"], frozen: boolean) {
  return (row: Row<"accuracy">) =>
    row.start === start && row.penalty === penalty && row.frozen === frozen && !row.long;
}

/** Final worst-case accuracy of each method. */
function table({ accuracy }: RowTable<Row>): Figure {
  const shown = METHODS.flatMap(({ name, is, published }) =>
    accuracy.filter((row) => row.final && is(row)).map((row) => ({ ...row, method: name, published }))
  );
  const names = METHODS.map(({ name }) => name).filter((name) => shown.some(({ method }) => method === name));
  const printed = METHODS.filter(({ name, published }) => published !== undefined && names.includes(name));
  return figure({
    title: "From rich features the same penalties work that fail from a random start",
    subtitle: "At the last step; a dot per seed; diamonds: Table 1, full size; dashed: chance and 1 - η",
    height: 26 * names.length,
    x: linearAxis("worst", "Worst accuracy over color flips 0.9, 0.1 and 0.5", { domain: [0, 0.8] }),
    y: categoryAxis("method", { order: names }),
    layer: [
      theoryRule({ x: 0.5 }),
      theoryRule({ x: 0.75 }),
      dotsAndMean(shown, { value: "worst", category: "method", color: palette[0] }),
      publishedPoints(printed.map(({ name, published }) => ({ method: name, worst: published! })), {
        x: "worst",
        y: "method",
      }),
    ],
  });
}

/** What each round predicts, on examples that round 1 has right and wrong. */
function rounds({ round }: RowTable<Row>): Figure {
  const shown = round.flatMap(({ groupAccuracies, ...row }) =>
    groupAccuracies.map((accuracy, g) => ({
      seed: row.seed,
      round: `round ${row.round}`,
      group: g === 0 ? "color right" : "color wrong",
      accuracy,
    }))
  );
  return figure({
    title: "The second round gives up the color: it does as well where the color is wrong",
    subtitle: "Accuracy on what the first round has right and wrong; a dot per seed; dashed: the digit alone",
    ...panels(["round 1", "round 2"].map((name) => ({
      title: name,
      width: 240,
      height: 110,
      x: linearAxis("accuracy", "Accuracy", { domain: [0, 1] }),
      y: categoryAxis("group", { order: ["color right", "color wrong"] }),
      layer: [
        theoryRule({ x: 0.75 }),
        dotsAndMean(shown.filter((row) => row.round === name), {
          value: "accuracy",
          category: "group",
          color: palette[0],
        }),
      ],
    }))),
  });
}

/** Accuracy over steps. */
function decay({ accuracy }: RowTable<Row>): Figure {
  const long = accuracy.filter((row) => row.long);
  const rows = (long.length > 0 ? long : accuracy.filter((row) => row.penalty === "vrex")).map((row) => ({
    step: row.step,
    worst: row.worst,
    seed: `${row.seed} ${row.start}`,
    series: row.start === "gray"
      ? "whole network, perfect start"
      : row.start === "rich"
      ? "frozen rich features"
      : "random start",
  }));
  const series = [
    { name: "frozen rich features", color: palette[0] },
    { name: "whole network, perfect start", color: palette[1] },
    { name: "random start", color: palette[3] },
  ].filter(({ name }) => rows.some((row) => row.series === name));
  return figure({
    title: "Under vREx a whole network forgets even a perfect start; frozen features keep more",
    subtitle: "Worst accuracy over three tests; dashed: chance",
    x: linearAxis("step", "Step of the training with the penalty"),
    y: linearAxis("worst", "Worst accuracy", { domain: [0, 0.8] }),
    color: colorBy("series", null, series.map(({ name }) => name), series.map(({ color }) => color)),
    layer: [theoryRule({ y: 0.5 }), lines(rows, { each: "seed" })],
  });
}

/** Gradient descent of the two-sign model on IRMv1. */
function trap({ path }: RowTable<Row>): Figure {
  const weights = [...new Set(path.map(({ weight }) => weight))];
  const weight = knob("weight", weights, { label: "λ", start: Math.max(0, weights.indexOf(300)) });
  return figure({
    params: [weight.param],
    title: "A strong IRMv1 penalty holds the descent at its start; a weaker one lets it go",
    subtitle: "Two-sign model, gradient descent from the origin; dashed: the invariant predictor (log 3, 0)",
    x: linearAxis("b", "Coefficient b of the color", { domain: [-0.3, 1.3], nice: false }),
    y: linearAxis("a", "Coefficient a of the digit", { domain: [-0.1, 1.6], nice: false }),
    layer: [
      theoryRule({ x: 0 }),
      theoryRule({ y: Math.log(3) }),
      weight.show(lines(path, { x: "b", y: "a", inOrder: true, color: palette[0] })),
      weight.show(points(path.filter(({ step }) => step === Math.max(...path.map((row) => row.step))), {
        x: "b",
        y: "a",
        color: palette[0],
      })),
      weight.readout,
    ],
  });
}

export const figures = { table, rounds, decay, trap };

/** Figures, the key one first. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
  knob,
  legendAt,
  linearAxis,
  logAxis,
  meanAndRange,
  palette,
  panels,
  publishedPoints,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import { mainRank, ratios } from "./claims.ts";
import { LATENTS } from "./decoder.ts";
import type { Model, Row } from "./rows.ts";

type StartName = Model["start"];

const FREE = "free";

/** Names of the models: free, the main rank from the nearest projector, and the same from a random one. */
function names({ training }: RowTable<Row>): [free: string, nearest: string, random: string] {
  const nearest = mainRank(training)[0].model;
  return [FREE, nearest, training.find(({ start }) => start === "random")!.model];
}

/** Names of models in the order of their ranks, free first and random starts last. */
function modelNames(training: readonly Row<"training">[]): string[] {
  const place = { free: 0, nearest: 1, random: 2 };
  return distinct([...training].sort((a, b) => place[a.start] - place[b.start] || b.rank - a.rank), "model");
}

/** What a projection does along each of its directions, and what becomes of the picture. */
function key(rows: RowTable<Row>): Figure {
  const list = (values: number[]) => Array.from({ length: LATENTS }, (_, i) => values[i] ?? 0);
  const points = (start: StartName, model: string) =>
    rows.directions.filter((row) => row.start === start).flatMap(({ rank, spectrum, pathLengths }) =>
      list(pathLengths).map((pathLength, i) => ({
        model,
        rank,
        index: i + 1,
        value: spectrum[i],
        pathLength,
      }))
    );
  const own = points("nearest", "projector");
  const ranks = distinct(own, "rank").sort((a, b) => a - b);
  const rank = knob("rank", ranks, {
    label: "rank r",
    start: ranks.indexOf(mainRank(rows.training)[0].rank),
  });
  const color = colorBy("model", null, [FREE, "projector"], [palette[0], palette[2]]);
  const lengths = summarizeBy([...points("free", FREE), ...own], ["model", "rank", "index"], "pathLength");
  const top = Math.max(...lengths.map(({ mean, sd }) => mean + sd));
  const layer = (options: { y: "value" | "pathLength"; spread: "range" | "sd" }) => [
    meanAndRange(points("free", FREE), { x: "index", series: "model", ...options }),
    rank.show(meanAndRange(own, { x: "index", series: "model", by: ["rank"], ...options })),
  ];
  const x = linearAxis("index", "Direction, strongest first", {
    domain: [1, LATENTS],
    values: [1, 4, 8, 12, 16],
  });
  return figure({
    params: [rank.param],
    title: "A projector has r directions of equal strength and no others",
    subtitle:
      "Three projections 32 × 16 of an autoencoder, fine-tuned; layers and seeds: range left, deviation right",
    ...panels([
      {
        title: "Change of the style: singular values",
        x,
        y: linearAxis("value", "Per unit step", { domain: [0, 2.8] }),
        color,
        layer: layer({ y: "value", spread: "range" }),
      },
      {
        title: "Change of the picture: path length (PIPL)",
        x,
        y: linearAxis("pathLength", "Squared, per pixel", { domain: [0, top] }),
        color,
        layer: [...layer({ y: "pathLength", spread: "sd" }), rank.readout],
      },
    ]),
    config: legendAt("bottom", { columns: 2 }),
  });
}

/**
 * FID of the authors' diffusion autoencoders over that of the base model of the same data, from the
 * evaluation logs in their repository (notes 5).
 */
const PUBLISHED = [
  { model: "FID, nearest", ratio: 14.59 / 13.44 },
  { model: "FID, nearest", ratio: 9.44 / 8.84 },
  { model: "FID, nearest", ratio: 9.89 / 6.13 },
  { model: "FID, random", ratio: 15.15 / 13.44 },
];

/** What it costs. */
function fidelity(rows: RowTable<Row>): Figure {
  const [free, nearest, random] = names(rows);
  const tuned = rows.training.filter(({ start }) => start !== "free");
  const overFree = ratios(tuned, rows.training.filter(({ start }) => start === "free"), "error");
  const measured = tuned.map(({ model }, i) => ({ model, ratio: overFree[i] }));
  const curves = rows.curve.filter(({ model }) => [free, nearest, random].includes(model));
  const color = colorBy("model", null, [free, nearest, random], [palette[0], palette[2], palette[3]]);
  return figure({
    title: "Fidelity is kept if the rank suffices and the start is the nearest projector",
    subtitle: "One dot per seed; hollow: FID of the authors’ projectors over their base models",
    ...panels([
      {
        title: "Error after fine-tuning, over free",
        width: 250,
        x: logAxis("ratio", "Mean squared error (hollow: FID)", { domain: [0.7, 8], values: [1, 2, 4, 8] }),
        y: categoryAxis("model", {
          order: [...modelNames(tuned), ...distinct(PUBLISHED, "model")],
        }),
        layer: [
          theoryRule({ x: 1 }),
          dotsAndMean(measured, { value: "ratio", category: "model", color: palette[2] }),
          publishedPoints(PUBLISHED, { x: "ratio", y: "model" }),
        ],
      },
      {
        title: "During the fine-tuning",
        width: 200,
        x: linearAxis("step", "Step"),
        y: logAxis("error", "Mean squared error"),
        color,
        layer: [
          meanAndRange(curves, {
            x: "step",
            y: "error",
            series: "model",
            center: "geometric mean",
          }),
        ],
      },
    ]),
    config: legendAt("bottom", { columns: 3 }),
  });
}

/** PIPL, raw and per squared change of style. */
function pathLength(rows: RowTable<Row>): Figure {
  const y = categoryAxis("model", { order: modelNames(rows.training) });
  const panel = (field: "pathLength" | "normalized" | "entanglement", title: string, x: string) => ({
    title,
    x: linearAxis(field, x, { zero: true, tickCount: 4 }),
    // The names stand once.
    y: field === "pathLength" ? y : { ...y, axis: { ...y.axis, labels: false } },
    layer: [dotsAndMean([...rows.training], { value: field, category: "model", color: palette[2] })],
  });
  return figure({
    title: "Paths are shorter because styles move less, not because directions are purer",
    subtitle: "Five strongest directions of three layers; one dot per seed, bars their mean",
    ...panels([
      panel("pathLength", "Path length (PIPL)", "Squared, per pixel"),
      panel("normalized", "Over squared style change", "Squared, per pixel"),
      panel("entanglement", "Entanglement", "1 − largest share"),
    ], { width: 160, spacing: 24 }),
  });
}

/** Ways to start, before any fine-tuning. */
function starts({ start }: RowTable<Row>): Figure {
  const methods: Row<"start">["method"][] = [
    "random member",
    "released code",
    "best of 1000 random",
    "nearest",
  ];
  const formula = summarizeBy(start.filter(({ method }) => method === "nearest"), ["rank"], "formula")
    .map(({ rank, mean }) => ({ rank, distance: mean }));
  return figure({
    title: "The released start is as far from the trained projection as a random one",
    subtitle:
      "Random 16 × 16 projections; mean and range of seeds; dashed: the formula of the smallest distance",
    x: linearAxis("rank", "Rank r", { domain: [1, LATENTS], values: formula.map(({ rank }) => rank) }),
    y: linearAxis("distance", "Distance from the projection", { domain: [0, 6.5] }),
    color: colorBy("method", null, methods, [palette[0], palette[3], palette[5], palette[2]]),
    layer: [
      meanAndRange(start, { x: "rank", y: "distance", series: "method", dots: true }),
      theoryLine(formula, { x: "rank", y: "distance" }),
    ],
  });
}

/** Directions that a projection does not determine. */
function axes({ axes }: RowTable<Row>): Figure {
  const order: Row<"axes">["axes"][] = ["columns of V", "singular vectors", "random rotation", "varimax"];
  const y = categoryAxis("axes", { order });
  const panel = (field: "cosine" | "entanglement", title: string, x: string) => ({
    title,
    x: linearAxis(field, x, { domain: [0, field === "cosine" ? 1 : 0.8] }),
    y: field === "cosine" ? y : { ...y, axis: { ...y.axis, labels: false } },
    layer: [dotsAndMean([...axes], { value: field, category: "axes", color: palette[2] })],
  });
  return figure({
    title: "The same projection, other directions: it fixes their space and nothing more",
    subtitle: "Four bases of the space of directions; one dot per layer and seed",
    height: 150,
    ...panels([
      panel("cosine", "Agreement with the columns of V", "Largest |cosine|, mean of directions"),
      panel("entanglement", "Entanglement", "1 − largest share of an attribute"),
    ], { height: 150 }),
  });
}

export const figures = { key, fidelity, pathLength, starts, axes };

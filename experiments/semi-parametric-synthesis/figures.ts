/** Figures, the key one first. */
import { distinct, type Figure, mean, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
  type Layer,
  linearAxis,
  logAxis,
  meanAndRange,
  palette,
  panels,
  type Picture,
  pictures,
  points,
  publishedPoints,
  theoryRule,
} from "../../lib/figures/mod.ts";
import { K } from "./domains.ts";
import { rdm } from "./claims.ts";
import type { Domain, Row } from "./rows.ts";

const COPY = "mean of the neighbours";
const ARMS = ["RDM", "parametric, 52 k", "parametric, 18 k", "random neighbours", "RDM, predicts x₀", COPY];
const COLORS = [palette[0], palette[1], palette[2], palette[3], palette[4], palette[5]];

/** Pixels of a digit with the gap beside it, of a row of them, of a heading, and of the names. */
const PITCH = 9;
const ROW = 10;
const HEADING = 8;
const NAMES = 30;

/** What the strips show, from above, one block per database. */
const SHOWN: [of: Row<"strip">["of"], name: string][] = [
  ["database", "database"],
  ["RDM", "RDM draws"],
  ["without 7", "without sevens"],
  ["parametric, 18 k", "parametric, 18 k"],
];
const HEADINGS: Record<Domain, string> = {
  old: "With the database of training, zeros to fours",
  new: "With another database, fives to nines; nothing is trained",
};

/** Samples from the database of training and from another one. */
function swap({ strip }: RowTable<Row>): Figure {
  const images: Picture[] = [];
  const names: Word[] = [];
  const headings: Word[] = [];
  let top = 0;
  for (const domain of ["old", "new"] as const) {
    headings.push({ text: HEADINGS[domain], x: NAMES, y: top + HEADING / 2 });
    top += HEADING;
    for (const [of, text] of SHOWN) {
      const row = strip.find((row) => row.of === of && row.domain === domain);
      if (row === undefined) continue;
      names.push({ text, x: NAMES - 2, y: top + 4 });
      images.push(...picturesOf(row.pixels, NAMES, top));
      top += ROW;
    }
    top += 2;
  }
  const right = images.map(({ left }) => left + 8).reduce((a, b) => Math.max(a, b));
  return figure({
    title: "Another database, the same weights: digits that were never trained on",
    subtitle: "Samples, not chosen; below each other: of the same noise. A model without a database has no " +
      "such choice",
    width: 560,
    height: Math.round(560 * top / right),
    layer: [
      pictures(images, { frame: { left: 0, top: 0, right, bottom: top } }),
      words(names, "right"),
      words(headings, "left"),
    ],
  });
}

/** The digits of a strip. */
function picturesOf(pixels: string, left: number, top: number): Picture[] {
  return Array.from({ length: pixels.length / 64 }, (_, i) => ({
    pixels: Array.from(pixels.slice(64 * i, 64 * i + 64), (letter) => (letter.charCodeAt(0) - 65) / 16),
    columns: 8,
    left: left + PITCH * i,
    top,
  }));
}

/** A text at a place among pictures. */
interface Word {
  text: string;
  x: number;
  y: number;
}

/** Texts among pictures. */
function words(values: Word[], align: "left" | "right"): Layer {
  return {
    data: { values },
    mark: { type: "text", align, baseline: "middle", fontSize: 12 },
    encoding: {
      x: { field: "x", type: "quantitative" },
      y: { field: "y", type: "quantitative" },
      text: { field: "text" },
    },
  };
}

/** Models and the copy baseline under common names. */
function named(model: readonly Row<"model">[], data: readonly Row<"data">[], domain: Domain) {
  const models = model.filter((row) =>
    row.domain === domain && row.drop === 0 && (row.arm !== "RDM" || row.k === K)
  );
  const copies = data.filter((row) => row.of === COPY && row.domain === domain);
  return [
    ...models.map((row) => ({ ...row, name: row.arm as string })),
    ...copies.map((row) => ({ ...row, name: COPY })),
  ];
}

/** All models in four numbers. */
function quality({ model, data }: RowTable<Row>): Figure {
  const floor = (domain: Domain) =>
    data.find((row) => row.of === (domain === "old" ? "train" : "database") && row.domain === domain)!.fd;
  const panel = <Shown extends { name: string }>(
    title: string,
    rows: readonly Shown[],
    value: keyof Shown & string,
    axis: string,
    layer: Layer[] = [],
  ) => ({
    title,
    x: linearAxis(value, axis, { zero: layer.length > 0 }),
    y: categoryAxis("name", { order: ARMS.filter((name) => rows.some((row) => row.name === name)) }),
    layer: [...layer, dotsAndMean(rows, { value, category: "name", color: palette[0] })],
  });
  const [old, swapped] = (["old", "new"] as const).map((domain) => named(model, data, domain));
  // The loss of the model that predicts digits is another one.
  const trained = named(model, [], "old").flatMap((row) =>
    "loss" in row && !row.name.includes("x₀") ? [{ name: row.name, loss: row.loss }] : []
  );
  return figure({
    title: "With a database: fewer weights, a lower loss, and no copies",
    subtitle:
      "Dots: seeds; bars: their mean. Dashed: real images of another part of the data, in the same measure",
    ...panels([
      panel("Digits of training", old, "fd", "Fréchet distance", [theoryRule({ x: floor("old") })]),
      panel("New digits, database swapped", swapped, "fd", "Fréchet distance", [
        theoryRule({ x: floor("new") }),
      ]),
      panel("Copies? Below 1 is too near", old, "memorization", "Distance to training set", [
        theoryRule({ x: 1 }),
      ]),
      panel("Loss at the end of training", trained, "loss", "Denoising loss"),
    ], { columns: 2, height: 150, width: 190 }),
  });
}

/** Printed in the model zoo of the authors' code: FID, precision, recall. */
const PRINTED = [
  { name: "RDM, ImageNet", fid: 5.32, precision: 0.74, recall: 0.51 },
  { name: "RDM, OpenImages", fid: 12.28, precision: 0.69, recall: 0.55 },
  { name: "RDM, FFHQ", fid: 1.92, precision: 0.93, recall: 0.35 },
  { name: "RARM, dogs", fid: 45.27, precision: 0.64, recall: 0.55 },
  { name: "RARM, mammals", fid: 49.92, precision: 0.56, recall: 0.58 },
  { name: "RARM, animals", fid: 49.03, precision: 0.55, recall: 0.58 },
];

/** Printed distances and millions of weights on ImageNet 256: the best and the worst way of sampling RDM. */
const PRINTED_SIZES = [
  { name: "ADM", parameters: 554 / 554, fd: 1 },
  { name: "ADM-G", parameters: 554 / 554, fd: 12 / 26.21 },
  { name: "RDM, best", parameters: 400 / 554, fd: 12.21 / 26.21 },
  { name: "RDM, worst", parameters: 400 / 554, fd: 24.5 / 26.21 },
];

/** Precision and recall, and size, with the printed numbers. */
function printed({ model, data }: RowTable<Row>): Figure {
  const rows = named(model, data, "old");
  const order = ARMS.filter((name) => rows.some((row) => row.name === name));
  const color = colorBy("name", null, order, order.map((name) => COLORS[ARMS.indexOf(name)]));
  const large = model.filter((row) => row.arm === "parametric, 52 k" && row.domain === "old");
  const unit = large.length > 0
    ? large
    : model.filter((row) => row.arm === "parametric, 18 k" && row.domain === "old");
  const sized = rows.filter((row): row is Row<"model"> & { name: string } =>
    "parameters" in row && !/x₀|random/.test(row.name)
  )
    .map((row) => ({
      name: row.name,
      parameters: row.parameters / unit[0].parameters,
      fd: row.fd / mean(unit.map(({ fd }) => fd)),
    }));
  return figure({
    title: "A database buys precision and is worth more than the weights it replaces",
    subtitle: "Dots: ours, digits of training, seeds; diamonds: printed, for photographs, not to be matched",
    ...panels([
      {
        title: "Diversity and quality",
        x: linearAxis("recall", "Recall", { domain: [0, 0.8] }),
        y: linearAxis("precision", "Precision", { domain: [0.3, 1], zero: false }),
        color,
        layer: [
          points(rows, { size: 55 }),
          publishedPoints(PRINTED),
          annotation("FFHQ", { x: 0.35, y: 0.93, side: "left" }),
          annotation("ImageNet", { x: 0.51, y: 0.74, side: "left" }),
          annotation("RARM", { x: 0.55, y: 0.56, side: "left" }),
        ],
      },
      {
        title: "Size and distance, over the large model's",
        x: linearAxis("parameters", "Weights", { domain: [0, 1.1] }),
        y: linearAxis("fd", "Fréchet distance", { domain: [0, 1.5] }),
        color,
        layer: [
          points(sized, { size: 55 }),
          publishedPoints(PRINTED_SIZES),
          annotation("ADM-G", { x: 1, y: 12 / 26.21, side: "left" }),
          annotation(["RDM, by the", "way of sampling"], { x: 400 / 554, y: 0.7, side: "center" }),
        ],
      },
    ]),
  });
}

/** Three dials between quality and diversity. */
function dials({ model, topM, guidance }: RowTable<Row>): Figure {
  const both = <R extends { precision: number; recall: number; seed: number }>(
    rows: readonly R[],
    dial: (row: R) => number,
  ) =>
    rows.flatMap((row) =>
      (["precision", "recall"] as const).map((measure) => ({
        dial: dial(row),
        seed: row.seed,
        measure,
        value: row[measure],
      }))
    );
  const neighbors = both(
    distinct(model, "k").flatMap((k) => k > 0 ? rdm(model, "old", k) : []),
    ({ k }) => k,
  );
  const trained = guidance.filter((row) => row.domain === "old" && row.drop > 0);
  const dials = [
    { title: "Neighbours", axis: logAxis("dial", "k", { values: [1, 2, 4, 8] }), rows: neighbors },
    { title: "Most frequent queries", axis: logAxis("dial", "Share m"), rows: both(topM, ({ m }) => m) },
    {
      title: "Guidance",
      axis: linearAxis("dial", "Strength s"),
      rows: both(trained, ({ strength }) => strength),
    },
  ].filter(({ rows }) => rows.length > 0);
  return figure({
    title: "Three dials, one trade: quality against diversity",
    subtitle: "Digits of training; mean and range over seeds. m = 1: all entries alike; s: trained with a " +
      "tenth dropped",
    ...panels(dials.map(({ title, axis, rows }) => ({
      title,
      x: axis,
      y: linearAxis("value", "Precision and recall", { domain: [0, 1] }),
      color: colorBy("measure", null, ["precision", "recall"], [palette[0], palette[1]]),
      layer: [meanAndRange(rows, { x: "dial", y: "value", series: "measure", dots: true })],
    }))),
  });
}

/** When, on the way from noise to a digit, the neighbours count. */
function influence({ influence }: RowTable<Row>): Figure {
  const names = ["its own neighbours", "neighbours of another class"];
  const errors = influence.flatMap(({ sigma, seed, right, wrong }) => [
    { sigma, seed, given: names[0], error: right },
    { sigma, seed, given: names[1], error: wrong },
  ]);
  return figure({
    title: "Neighbours decide while there is noise, the image itself when there is little",
    subtitle:
      "Test images with noise, denoised once; root mean square over the deviation of the data; mean " +
      "of seeds",
    height: 260,
    x: logAxis("sigma", "Standard deviation σ of the noise"),
    y: linearAxis("error", "Error of the denoised image", { domain: [0, 1.2] }),
    color: colorBy("given", null, names, [palette[0], palette[1]]),
    layer: [
      theoryRule({ y: 1 }),
      meanAndRange(errors, { x: "sigma", y: "error", series: "given", dots: true }),
      annotation("a plain grey image", { x: 0.02, y: 1.06, side: "right" }),
    ],
  });
}

export const figures = { swap, quality, dials, influence, printed };

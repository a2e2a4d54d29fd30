/** Figures, the key one first. */
import { distinct, type Figure, mean, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
  knob,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  palette,
  panels,
  points,
  publishedPoints,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import type { Row, Start } from "./rows.ts";

const NAMES: Record<Start, string> = {
  LoGAH: "LoGAH",
  transposed: "LoGAH, transposed layout",
  tiled: "tiled (GHN-3)",
  random: "random",
};
const COLORS: Record<Start, string> = {
  LoGAH: palette[0],
  transposed: palette[2],
  tiled: palette[1],
  random: palette[3],
};
/** Widest network of the training. */
const WIDEST = 64;

function named<R extends { start: Start }>(rows: readonly R[]): (R & { series: string })[] {
  return rows.map((row) => ({ ...row, series: NAMES[row.start] }));
}

function colors(starts: readonly Start[]) {
  return colorBy("series", null, starts.map((start) => NAMES[start]), starts.map((start) => COLORS[start]));
}

/** Parameters against width: Figure 1a. */
function parameters({ size, width }: RowTable<Row>): Figure {
  const methods = ["GHN-3", "LoGAH"] as const;
  const own = (method: typeof methods[number]) => width.filter((row) => row.method === method);
  const labelled = width.map((row) => ({
    ...row,
    at: row.width,
    text: `${row.method}: ${bytes(row.parameters)}`,
  }));
  const chosen = knob("at", own("LoGAH").map((row) => row.width), { label: "width", start: 8 });
  const models = size.filter(({ printed }) => printed !== null);
  return figure({
    params: [chosen.param],
    title: "LoGAH reaches width 2048 with 2.5 million parameters; a tile of that width needs 73 billion",
    subtitle:
      "Parameters against the largest width without copies; diamonds: printed in Table 1 of the paper",
    height: 340,
    x: logAxis("width", "Largest width without copies", { domain: [50, 11_000] }),
    y: logAxis("parameters", "Parameters of the hypernetwork", { domain: [1e6, 2e13] }),
    color: colorBy("method", null, [...methods], [COLORS.tiled, COLORS.LoGAH]),
    layer: [
      lines(width),
      points(size.filter(({ name }) => !name.includes("2048")), { size: 40 }),
      publishedPoints(
        models.map(({ method, width, printed }) => ({ method, width, parameters: printed! * 1e6 })),
        { bySeries: true, size: 130 },
      ),
      chosen.show(points(labelled, { x: "width", y: "parameters", size: 110, opacity: 1 })),
      chosen.show({
        data: { values: labelled },
        mark: { type: "text", align: "right", dx: -10, dy: -12, fontSize: 12, fontWeight: "bold" },
        encoding: { x: { field: "width" }, y: { field: "parameters" }, text: { field: "text" } },
      }),
      chosen.readout,
    ],
  });
}

/** Memory of parameters in single precision. */
function bytes(parameters: number): string {
  const megabytes = 4 * parameters / 1e6;
  return megabytes < 1000
    ? `${Number(megabytes.toPrecision(2))} MB`
    : `${Number((megabytes / 1000).toPrecision(2))} GB`;
}

/** Accuracy of the fine-tuned network against the rate, with a slider for the step. */
function rates({ tuning }: RowTable<Row>): Figure {
  const widest = tuning.reduce((most, { width }) => Math.max(most, width), 0);
  const rows = named(tuning.filter(({ width }) => width === widest));
  const steps = distinct(rows, "step").toSorted((a, b) => a - b);
  const last = steps[steps.length - 1];
  const shown = rows.filter(({ step }) => step > 0);
  const step = knob("step", steps.filter((step) => step > 0), {
    label: "step",
    start: steps.indexOf(last) - 1,
  });
  return figure({
    params: [step.param],
    title: "Copied units survive the smallest learning rates only; LoGAH's train at all",
    subtitle:
      `Width ${widest}: test accuracy against the learning rate of fine-tuning; mean and range of seeds`,
    height: 300,
    x: logAxis("rate", "Learning rate", { values: distinct(rows, "rate").toSorted((a, b) => a - b) }),
    y: linearAxis("accuracy", "Test accuracy", { domain: [0, 1] }),
    color: colors(STARTS.filter((start) => rows.some((row) => row.start === start))),
    layer: [
      step.show(
        meanAndRange(shown, { x: "rate", y: "accuracy", series: "series", by: ["step"], dots: true }),
      ),
      step.readout,
    ],
  });
}

const STARTS: readonly Start[] = ["LoGAH", "transposed", "tiled", "random"];

/** Accuracy before any step of fine-tuning. */
function zeroShot({ accuracy }: RowTable<Row>): Figure {
  const rows = named(accuracy);
  return figure({
    title: "Predicted networks work before any step, and wider than those of the training",
    subtitle:
      "Test accuracy before fine-tuning; dashed: the widest network of the training; mean and range of seeds",
    ...panels(
      distinct(rows, "depth").map((depth) => ({
        title: `${depth === 2 ? "two" : "four"} hidden layers`,
        x: logAxis("width", "Width", { values: distinct(rows, "width") }),
        y: linearAxis("accuracy", "Test accuracy", { domain: [0, 1] }),
        color: colors(STARTS.filter((start) => rows.some((row) => row.start === start))),
        layer: [
          theoryRule({ x: WIDEST }),
          meanAndRange(rows.filter((row) => row.depth === depth), {
            x: "width",
            y: "accuracy",
            series: "series",
            dots: true,
          }),
        ],
      })),
    ),
  });
}

/** What the paper prints of ViT-S on CIFAR-100 in Table 2, and of diversity in Table 5. */
const PRINTED = { random: 0.5873, tiled: 0.5748, LoGAH: 0.6219 };
const PRINTED_DIVERSITY = { "random, trained": 0.647, "tiled (GHN-3)": 0.191, "LoGAH": 0.284 };

/** The end of fine-tuning beside Table 2, and the diversity beside Table 5. */
function tables({ tuning, diversity }: RowTable<Row>): Figure {
  const wide = tuning.reduce((most, { width }) => Math.max(most, width), 0);
  const ends = tuning.filter(({ width, step }) => width === wide && step === 200);
  const starts = (["LoGAH", "random", "tiled"] as const).filter((start) =>
    ends.some((row) => row.start === start)
  );
  const best = starts.flatMap((start) => {
    const own = ends.filter((row) => row.start === start);
    const at = (rate: number) => own.filter((row) => row.rate === rate);
    const [rate] = distinct(own, "rate").toSorted((a, b) =>
      mean(at(b).map(({ accuracy }) => accuracy)) - mean(at(a).map(({ accuracy }) => accuracy))
    );
    return named(at(rate));
  });
  const distances = diversity
    .filter(({ start, isTrained }) => start === "LoGAH" || start === "tiled" || isTrained)
    .map((row) => ({ ...row, series: row.isTrained ? "random, trained" : NAMES[row.start] }));
  return figure({
    title: "LoGAH ends as high as a random start here; in the paper it ends higher",
    subtitle: "A dot per seed; diamonds: ViT-S on CIFAR-100, Tables 2 and 5 of the paper",
    ...panels([
      {
        title: `Accuracy, width ${wide}, 200 steps`,
        x: linearAxis("accuracy", "Test accuracy", { domain: [0.5, 1] }),
        y: categoryAxis("series", { order: starts.map((start) => NAMES[start]) }),
        layer: [
          dotsAndMean(best, { value: "accuracy", category: "series", color: palette[0] }),
          publishedPoints(starts.map((start) => ({ series: NAMES[start], accuracy: PRINTED[start] })), {
            x: "accuracy",
            y: "series",
          }),
        ],
      },
      {
        title: "Diversity of equal shapes",
        x: linearAxis("distance", "Mean of 1 - |cosine|", { domain: [0, 1] }),
        y: categoryAxis("series", { order: ["LoGAH", "random, trained", "tiled (GHN-3)"] }),
        layer: [
          dotsAndMean(distances, { value: "distance", category: "series", color: palette[0] }),
          publishedPoints(
            Object.entries(PRINTED_DIVERSITY).map(([series, distance]) => ({ series, distance })),
            { x: "distance", y: "series" },
          ),
        ],
      },
    ], { height: 110 }),
  });
}

/** How many units differ. */
function units({ units }: RowTable<Row>): Figure {
  const rows = named(
    units.filter(({ start, order }) => order === 0 && (start === "LoGAH" || start === "tiled")),
  );
  const before = rows.filter(({ rate }) => rate === null);
  const widths = distinct(before, "width");
  const low = Math.min(...widths);
  const high = Math.max(...widths);
  const wide = rows.filter(({ width, rate }) => rate !== null && width === high);
  const starts = STARTS.filter((start) => rows.some((row) => row.start === start));
  const y = logAxis("distinct", "Different units", { values: [8, 16, 32, 64, 128, 256], domain: [8, 300] });
  return figure({
    title: "Copies stay copies: of 256 tiled units training uses 32",
    subtitle: "Different units of the second hidden layer; dashed: all of them; mean and range of seeds",
    ...panels([
      {
        title: "as predicted",
        x: logAxis("width", "Width", { values: widths }),
        y,
        color: colors(starts),
        layer: [
          theoryLine((width) => width, { x: "width", y: "distinct", domain: [low, high], spacing: "log" }),
          meanAndRange(before, { x: "width", y: "distinct", series: "series", dots: true }),
        ],
      },
      {
        title: `width ${high}, after 200 steps`,
        x: logAxis("rate", "Learning rate", {
          values: (distinct(wide, "rate") as number[]).toSorted((a, b) => a - b),
        }),
        y,
        color: colors(starts),
        layer: [
          theoryRule({ y: high }),
          meanAndRange(wide as (typeof wide[number] & { rate: number })[], {
            x: "rate",
            y: "distinct",
            series: "series",
            dots: true,
          }),
        ],
      },
    ]),
  });
}

/** Singular values of predicted weights. */
function spectra({ spectrum }: RowTable<Row>): Figure {
  const [{ seed, rank }] = spectrum;
  const width = spectrum.reduce((most, row) => Math.max(most, row.width), 0);
  const rows = named(spectrum.filter((row) => row.seed === seed && row.layer === 1 && row.width === width))
    .flatMap(({ series, values }) =>
      values.map((value, i) => ({ series, index: i + 1, value: Math.max(value, 1e-9) }))
    );
  return figure({
    title: `The factors have ${rank} columns, and the weights that rank: a start unlike random ones`,
    subtitle:
      `Singular values of a predicted ${width} x ${width} weight over the largest; dashed: r = ${rank}`,
    height: 280,
    x: linearAxis("index", "Number of the singular value", { domain: [0, 41], nice: false }),
    y: logAxis("value", "Relative to the largest", { domain: [1e-9, 1.5] }),
    color: colors(STARTS.filter((start) => rows.some((row) => row.series === NAMES[start]))),
    layer: [
      theoryRule({ x: rank + 0.5 }),
      lines(rows, { x: "index", y: "value", dots: true }),
      annotation("rounding of float32", { x: 25, y: 2e-7, side: "center" }),
    ],
  });
}

export const figures = { parameters, rates, zeroShot, units, tables, spectra };

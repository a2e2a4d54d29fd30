/** Figures, the key one first. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
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
  theoryRule,
} from "../../lib/figures/mod.ts";
import { bestOja, closedForm, type Row } from "./rows.ts";

/** Squared sines below this are rounding. */
const FLOOR = 1e-17;
const ERROR = "Error, sin² of the angle";

/** A cliff in memory, and a rule that no learning rate saves. */
function key(rows: RowTable<Row>): Figure {
  return figure({
    title: "Room for every heavy row gives the exact answer; Oja's rule fails at every rate",
    subtitle: "The hard stream: h heavy rows among thousands of light ones, in random order",
    ...panels([staircase(rows), oja(rows)], { colors: "independent" }),
    config: legendAt("bottom", { columns: 2 }),
  });
}

/** Error against memory. */
function staircase({ staircase }: RowTable<Row>) {
  const heavy = staircase[0]?.heavy ?? 8;
  const shown = staircase.filter(({ budget }) => budget <= 2 * heavy)
    .map(({ budget, error }) => ({ budget, error: Math.max(error, FLOOR) }));
  const law = Array.from({ length: heavy }, (_, b) => ({ budget: b, error: closedForm(heavy, b) }));
  return {
    title: `Error against stored rows, h = ${heavy}`,
    x: linearAxis("budget", "Rows stored, b", {
      domain: [-0.4, 2 * heavy + 0.4],
      values: [0, 4, 8, 12, 16],
    }),
    y: logAxis("error", ERROR, { domain: [FLOOR / 3, 3] }),
    layer: [
      points(shown, { size: 60, color: palette[0] }),
      theoryLine([...law, { budget: heavy, error: FLOOR }, { budget: 2 * heavy, error: FLOOR }]),
      annotation(["dashed:", "(h−b)/(h(b+1))"], { x: heavy, y: 1e-3, side: "right" }),
      annotation(["b ≥ h:", "only rounding"], { x: heavy + 0.6, y: 4e-14, side: "right" }),
    ],
  };
}

/** Oja's rule against its learning rate. */
function oja({ oja, stored }: RowTable<Row>) {
  const heavy = 3;
  const shown = oja.filter((row) => row.heavy === heavy);
  // The mean, and two standard errors to both sides.
  const curves = shown.flatMap(({ d, rate, correlation, standardError }) =>
    [-2, 0, 2].map((by) => ({ rate, correlation: correlation + by * standardError, line: `Oja, d = ${d}` }))
  );
  const found = Math.min(...stored.filter((row) => row.heavy === heavy).map(({ error }) => 1 - error));
  const names = [`${heavy} rows stored`, ...distinct(shown, "d").map((d) => `Oja, d = ${d}`)];
  return {
    title: `Oja's rule at every rate, h = ${heavy} (R = ${heavy + 1})`,
    x: logAxis("rate", "Learning rate η", { domain: [0.01, 100], values: [0.01, 0.1, 1, 10, 100] }),
    y: linearAxis("correlation", "Squared correlation with v₁", { domain: [0, 1.03] }),
    color: colorBy("line", null, names, [palette[2], palette[4], palette[1], palette[6], palette[3]]),
    layer: [
      lines([0.01, 100].map((rate) => ({ rate, correlation: found, line: names[0] }))),
      meanAndRange(curves, { x: "rate", y: "correlation", series: "line" }),
    ],
  };
}

/** Whether Oja's rule can succeed is known beforehand. */
function margin({ oja }: RowTable<Row>): Figure {
  const values = bestOja(oja).map(({ d, heavy, ...row }) => ({ ...row, d: `d = ${d}`, text: `${heavy}` }));
  return figure({
    title: "Whether Oja's rule can win is known before the stream",
    subtitle:
      "Best of 41 learning rates; numbers: heavy rows h. Left of the line noise outgrows signal at every rate",
    x: linearAxis("margin", "Margin, h ln h − h + 1 − ½ ln(d − h − 1)"),
    y: linearAxis("best", "Best squared correlation", { domain: [0, 1] }),
    color: colorBy("d", null, distinct(values, "d")),
    layer: [
      theoryRule({ x: 0 }),
      points(values, { size: 70, opacity: 1 }),
      {
        data: { values },
        mark: { type: "text", dy: -11, fontSize: 10.5 },
        encoding: { text: { field: "text" } },
      },
    ],
    config: legendAt("bottom-right", { symbols: "dot" }),
  });
}

/** Error against the gap. */
function gap({ spiked }: RowTable<Row>): Figure {
  const series: { share: number; budget: number; line: string; color: string }[] = [
    { share: 1, budget: 0, line: "all heavy, none stored", color: palette[1] },
    { share: 0.5, budget: 0, line: "half heavy, none stored", color: palette[4] },
    { share: 0, budget: 0, line: "all light, none stored", color: palette[0] },
    { share: 0.5, budget: 4, line: "half heavy, 4 stored", color: palette[3] },
    { share: 1, budget: 8, line: "all heavy, 8 stored", color: palette[2] },
  ];
  const shown = series.flatMap(({ share, budget, line }) =>
    spiked.filter((row) => row.share === share && row.budget === budget)
      .map(({ gap, error }) => ({ gap, error, line }))
  );
  const law = spiked.filter(({ share, budget }) => share === 0 && budget === 0)
    .map(({ gap, law }) => ({ gap, error: law }));
  const last = law.reduce((a, b) => a.gap > b.gap ? a : b, { gap: 64, error: 5e-4 });
  return figure({
    title: "Stored heavy rows beat the theorem's 1/√R; without them a large gap helps little",
    subtitle:
      "20,000 rows in 100 dimensions, 8 blocks; mean and range of seeds. Dashed: 1/√R, and (d/n)(T−1)/R",
    x: logAxis("gap", "Gap R", { domain: [3.7, 69], values: [4, 8, 16, 32, 64] }),
    y: logAxis("error", ERROR, { domain: [5e-7, 1.5] }),
    color: colorBy("line", null, series.map(({ line }) => line), series.map(({ color }) => color)),
    layer: [
      meanAndRange(shown, { x: "gap", y: "error", series: "line", dots: true }),
      theoryLine((gap) => 1 / Math.sqrt(gap), {
        x: "gap",
        y: "error",
        domain: [4, 64],
        spacing: "log",
        count: 2,
      }),
      theoryLine(law, { x: "gap", y: "error" }),
      annotation("theorem: 1/√R", { x: 16, y: 0.13 }),
      annotation("law for light rows", { x: last.gap, y: 2.6 * last.error, side: "left" }),
    ],
    config: legendAt("bottom", { columns: 3 }),
  });
}

/** The assumption that fails, on made and on real rows. */
function order({ order, digits }: RowTable<Row>): Figure {
  const values = [
    ...order.map((row) => ({ ...row, stream: "Gaussian rows" })),
    ...digits.map((row) => ({ ...row, stream: row.centred ? "digits, mean removed" : "digits" })),
  ].map(({ order, budget, error, stream, gap }) => ({
    error,
    stream: `${stream}, R = ${numberLabel(gap)}`,
    order,
    row: `${order}, ${budget} stored`,
  }));
  const panel = (stream: string) => {
    const shown = values.filter((row) => row.stream === stream);
    return {
      title: stream,
      x: logAxis("error", ERROR, { domain: [1e-4, 1] }),
      y: categoryAxis("row", { order: distinct(shown, "row") }),
      layer: ["random", "sorted"].map((order, i) =>
        dotsAndMean(shown.filter((row) => row.order === order), {
          value: "error",
          category: "row",
          color: palette[i],
        })
      ),
    };
  };
  return figure({
    title: "Random order matters, and so does the gap",
    subtitle:
      "A dot a seed, bars: means. Sorted: Gaussian rows by their angle to v₁, images of digits by their digit",
    ...panels(distinct(values, "stream").map(panel), { columns: 1, width: 430, height: 92 }),
  });
}

/** Equal memory. */
function race({ race }: RowTable<Row>): Figure {
  const streams = [["spiked", "Half-heavy spike, R = 16"], ["hard", "The hard stream, h = 8"]];
  const methods = ["heavy rows + blocks", "Frequent Directions", "Oja, best rate"];
  const panel = ([stream, title]: string[]) => ({
    title,
    x: logAxis("error", ERROR, { domain: [FLOOR / 3, 3] }),
    y: categoryAxis("method", { order: methods }),
    layer: methods.map((method, i) =>
      dotsAndMean(
        race.filter((row) => row.stream === stream && row.method === method)
          .map((row) => ({ method, error: Math.max(row.error, FLOOR) })),
        { value: "error", category: "method", color: [palette[2], palette[0], palette[1]][i] },
      )
    ),
  });
  return figure({
    title: "With the same memory, storing the right rows wins",
    subtitle:
      "11 d words each (Frequent Directions 10 d; Oja d, at the best of 13 rates in hindsight); a dot a seed",
    ...panels(streams.map(panel), { columns: 1, width: 430, height: 90 }),
  });
}

export const figures = { key, margin, gap, order, race };

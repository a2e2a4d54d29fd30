/** Figures, the key one first. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
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
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import type { Row } from "./rows.ts";

/** What a model learns from each selection. */
function bits({ bits }: RowTable<Row>): Figure {
  const compared = bits.filter(({ directions }) => directions === 0 || directions === 1 || directions === 4);
  const rows = compared.map((row) => ({ ...row, family: row.directions === 0 ? "others" : "ODiS" }));
  return figure({
    title: "Four directions are better than the top of the average, one is far worse, random is best",
    subtitle: "Bits per token of held-out text, less is better; a dot per seed, a bar at the mean",
    height: 230,
    x: linearAxis("bits", "Bits per token", { zero: false }),
    y: categoryAxis("method", {
      order: [
        "random",
        "sample of top 50 %",
        "sample of top 30 %",
        "top by average",
        "top by PC average",
        "ODiS, K = 4",
        "ODiS, K = 1",
      ],
    }),
    color: colorBy("family", null, ["ODiS", "others"], [palette[0], palette[3]]),
    layer: [dotsAndMean(rows, { value: "bits", category: "method", by: ["family"] })],
  });
}

/** How many directions. */
function directions({ bits, variance }: RowTable<Row>): Figure {
  const meanBits = (method: string) => {
    const rows = bits.filter((row) => row.method === method);
    return rows.reduce((sum, row) => sum + row.bits, 0) / rows.length;
  };
  const axis = linearAxis("directions", "Directions K", { domain: [0.8, 6.2], values: [1, 2, 3, 4, 5, 6] });
  return figure({
    title: "The second direction brings the gain: more variance, and fewer bits",
    subtitle: "Mean and range of seeds; dashed on the left: closed form, random documents",
    ...panels([
      {
        title: "Normal scores",
        x: axis,
        y: linearAxis("total", "Total variance of the selection", { domain: [0, 24] }),
        layer: [
          meanAndRange(variance.filter((row) => row.directions > 0), {
            x: "directions",
            y: "total",
            dots: true,
          }),
          theoryLine(
            variance.filter((row) => row.seed === variance[0].seed && row.directions > 0)
              .map(({ directions, expected }) => ({ directions, total: expected })),
            { x: "directions", y: "total" },
          ),
          theoryRule({ y: 11 }),
          annotation("random", { x: 5.6, y: 9.8 }),
        ],
      },
      {
        title: "Real text",
        x: axis,
        y: linearAxis("bits", "Bits per token", { domain: [7.5, 12] }),
        layer: [
          meanAndRange(bits.filter((row) => row.directions > 0), { x: "directions", y: "bits", dots: true }),
          ...["random", "top by average"].flatMap((method) => [
            theoryRule({ y: meanBits(method) }),
            annotation(method, { x: 5.2, y: meanBits(method) + 0.17 }),
          ]),
        ],
      },
    ]),
  });
}

/** Overlap of top lists of normal scores. */
function overlap({ overlap }: RowTable<Row>): Figure {
  const name = (row: { scores: string; rho: number }) =>
    row.scores === "raw" ? `raw scores, ρ = ${row.rho}` : "principal scores";
  const rows = overlap.map((row) => ({ ...row, series: name(row) }));
  const law = rows.filter((row) =>
    row.seed === rows[0].seed && (row.scores === "raw" || row.rho === rows[0].rho)
  )
    .map(({ series, q, expected }) => ({ series, q, mean: expected }));
  const raw = distinct(rows.filter(({ scores }) => scores === "raw"), "rho").toSorted((a, b) => b - a);
  return figure({
    title: "Along principal directions, top lists overlap by chance only, and not by less",
    subtitle: "Normal scores: share of a top list that is in another; dashed: closed forms",
    height: 300,
    x: logAxis("q", "Share q of the documents in a list", { domain: [0.008, 0.6] }),
    y: logAxis("mean", "Overlap", { domain: [0.008, 1] }),
    color: colorBy("series", null, [...raw.map((rho) => `raw scores, ρ = ${rho}`), "principal scores"]),
    layer: [
      points(rows, { x: "q", y: "mean" }),
      theoryLine(law, { x: "q", y: "mean", series: "series" }),
      theoryRule({ y: 0.02 }),
      annotation("the paper's bound: 2 %", { x: 0.25, y: 0.016 }),
    ],
  });
}

/** Overlap of top lists of real text. */
function pairs({ pair, spectrum }: RowTable<Row>): Figure {
  const rows = pair.map((row) => ({
    ...row,
    series: row.scores === "raw" ? "11 raw scores" : "first 4 principal scores",
  }));
  return figure({
    title: "A few directions carry the scores, and their tops hardly overlap",
    subtitle: "Real text: eigenvalues of the correlations; overlap of the top 5 % for every pair and seed",
    ...panels([
      {
        x: linearAxis("direction", "Direction", { values: [1, 3, 5, 7, 9, 11] }),
        y: linearAxis("value", "Variance", { domain: [0, 6] }),
        layer: [
          lines(spectrum, { x: "direction", y: "value", each: "seed" }),
          points(spectrum, { size: 25 }),
        ],
      },
      {
        x: categoryAxis("series"),
        y: linearAxis("overlap", "Overlap of two lists", { domain: [0, 0.8] }),
        layer: [
          dotsAndMean(rows, { value: "overlap", category: "series", along: "y" }),
          theoryRule({ y: 0.05 }),
        ],
      },
    ]),
  });
}

/** Where the selected passages are. */
function plane({ passage }: RowTable<Row>): Figure {
  const domains = distinct(passage, "domain");
  const slider = knob("directions", [1, 2, 3, 4, 5, 6], { label: "Directions K" });
  return figure({
    title: "One direction selects one kind of text; each further one adds another edge",
    subtitle: "Passages by their first two principal scores: the pool pale, the selection filled",
    height: 340,
    params: [slider.param],
    x: linearAxis("pc1", "First principal score"),
    y: linearAxis("pc2", "Second principal score"),
    color: colorBy("domain", null, domains),
    layer: [
      points(passage.filter(({ directions }) => directions === 0), {
        x: "pc1",
        y: "pc2",
        size: 14,
        opacity: 0.2,
      }),
      slider.show(
        points(passage.filter(({ directions }) => directions > 0), {
          x: "pc1",
          y: "pc2",
          size: 60,
          opacity: 0.95,
        }),
      ),
      slider.readout,
    ],
  });
}

export const figures = { bits, directions, plane, overlap, pairs };

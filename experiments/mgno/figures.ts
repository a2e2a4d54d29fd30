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
  publishedPoints,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import type { Coefficient, Model, Row } from "./rows.ts";

/** Points of the grid on which operators are compared. */
const POINTS = 63;

function learnedOn(rows: readonly Row<"learned">[], n: number): Row<"learned">[] {
  return rows.filter((row) => row.n === n && row.residual);
}

/** Error against the number of parameters. */
function operators({ reference, learned }: RowTable<Row>): Figure {
  const n = reference[0].n;
  const deepest = learnedOn(learned, n);
  const levels = Math.max(...deepest.map((row) => row.levels));
  const shown = deepest.filter((row) => row.levels === levels);
  const single = reference.filter(({ operator }) => operator === "circulant" || operator === "Toeplitz");
  const ranks = reference.filter(({ operator }) => operator.startsWith("rank"));
  const cycles = reference.filter(({ operator }) => operator.startsWith("V("));
  const names = ["learned V-cycle", "low rank", "single convolution"];
  return figure({
    title: "82 numbers in a learned V-cycle beat every convolution, and 504 of low rank",
    subtitle:
      `Distance from Green's function of -u'' on ${n} points; learned: 1, 2, 4, 8 channels, mean and ` +
      `range of seeds`,
    x: logAxis("parameters", "Number of parameters", { domain: [50, 4000] }),
    y: logAxis("error", "Relative error, Frobenius norm", { domain: [0.003, 1] }),
    color: colorBy("series", null, names, [palette[0], palette[1], palette[3]]),
    layer: [
      ...cycles.map(({ error }) => theoryRule({ y: error })),
      ...cycles.map(({ operator, error }) =>
        annotation(`classical ${operator}, no parameters`, { x: 3900, y: error * 1.1, side: "left" })
      ),
      points(single.map((row) => ({ ...row, series: names[2] })), { size: 90 }),
      ...single.map(({ operator, parameters, error }) =>
        annotation(`best ${operator}`, { x: parameters, y: error, side: "right", color: palette[3] })
      ),
      lines(ranks.map((row) => ({ ...row, series: names[1] })), { dots: true }),
      ...ranks.map(({ operator, parameters, error }) =>
        annotation(operator, { x: parameters, y: error * 0.88, side: "left", color: palette[1] })
      ),
      meanAndRange(shown.map((row) => ({ ...row, series: names[0] })), {
        x: "parameters",
        y: "error",
        series: "series",
        as: "bars",
        rows: true,
      }),
    ],
  });
}

/** Depth and size: what matters and what does not. */
function depth({ learned }: RowTable<Row>): Figure {
  const one = learned.filter((row) => row.channels === 1 && row.residual);
  const deep = one.filter(({ n }) => n === POINTS);
  const wide = one.filter(({ n, levels }) => levels === Math.log2(n + 1) - 1);
  const axis = { domain: [0.01, 1] as [number, number] };
  return figure({
    title: "The error falls off a cliff when the coarsest grid spans the domain",
    subtitle:
      "Learned V-cycles with one channel; points of the coarsest grid in brackets; median and range of " +
      "seeds",
    ...panels([
      {
        title: `${POINTS} points, more and more grids`,
        x: linearAxis("levels", "Number of grids J", { values: [1, 2, 3, 4, 5], domain: [0.7, 5.5] }),
        y: logAxis("error", "Relative error", axis),
        layer: [
          meanAndRange(deep, {
            x: "levels",
            y: "error",
            center: "median",
            as: "bars",
            rows: true,
            color: palette[0],
          }),
          ...distinct(deep, "levels").map((levels) => {
            const errors = deep.filter((row) => row.levels === levels).map(({ error }) => error);
            return annotation(`(${(POINTS + 1) / 2 ** (levels - 1) - 1})`, {
              x: levels + 0.08,
              y: Math.max(...errors),
              side: "right",
            });
          }),
        ],
      },
      {
        title: "More points; numbers: parameters",
        x: logAxis("n", "Points n", { values: [15, 31, 63, 127], domain: [12, 160] }),
        y: logAxis("error", "Relative error", axis),
        layer: [
          meanAndRange(wide, {
            x: "n",
            y: "error",
            center: "median",
            as: "bars",
            rows: true,
            color: palette[0],
          }),
          ...distinct(wide, "n").map((n) => {
            const rows = wide.filter((row) => row.n === n);
            return annotation(`${rows[0].parameters}`, {
              x: n,
              y: Math.max(...rows.map(({ error }) => error)),
              side: "above",
            });
          }),
        ],
      },
    ]),
  });
}

/** Columns of four operators. */
function columns({ column }: RowTable<Row>): Figure {
  const levels = Math.max(...column.map((row) => row.levels));
  const exact = column.filter(({ operator }) => operator === "Green's function");
  const named = (rows: typeof column) =>
    rows.map((row) => ({ ...row, name: row.source < 0.3 ? "1/8" : row.source < 0.6 ? "1/2" : "3/4" }));
  const view = (operator: string) => ({
    title: operator,
    x: linearAxis("x", "x", { domain: [0, 1] }),
    y: linearAxis("value", "Response to a unit source", { domain: [-0.8, 2.6] }),
    color: colorBy("name", "Source at", ["1/8", "1/2", "3/4"]),
    layer: [
      lines(
        named(
          column.filter((row) => row.operator === operator && (row.levels === levels || row.levels === 0)),
        ),
      ),
      theoryLine(named(exact), { series: "name" }),
    ],
  });
  return figure({
    title: "A convolution responds alike everywhere; the equation does not",
    subtitle: `Responses to three unit sources; dashed: Green's function. Learned: ${levels} grids, one seed`,
    ...panels(["best circulant", "best Toeplitz", "learned V-cycle"].map(view), { height: 230 }),
  });
}

/** The same for each number of grids, with a slider. */
function slider({ column }: RowTable<Row>): Figure {
  const learned = column.filter(({ operator }) => operator === "learned V-cycle");
  const exact = column.filter(({ operator }) => operator === "Green's function");
  const counts = distinct(learned, "levels").toSorted((a, b) => a - b);
  const name = (source: number) => source < 0.3 ? "1/8" : source < 0.6 ? "1/2" : "3/4";
  const rows = learned.map(({ levels, source, x, value }) => ({ levels, source: name(source), x, value }));
  const dashed = theoryLine(
    exact.map(({ source, x, value }) => ({ source: name(source), x, value })),
    { series: "source" },
  );
  const chosen = counts.length > 1 ? knob("levels", counts, { label: "grids", start: 1 }) : undefined;
  return figure({
    title: "Grid by grid, the response spreads from the source over the domain",
    subtitle: "Learned V-cycles, one seed each: responses to unit sources; dashed: Green's function",
    ...(chosen === undefined ? {} : { params: [chosen.param] }),
    height: 280,
    x: linearAxis("x", "x", { domain: [0, 1] }),
    y: linearAxis("value", "Response to a unit source", { domain: [-0.8, 2.6] }),
    color: colorBy("source", "Source at", ["1/8", "1/2", "3/4"]),
    layer: chosen === undefined ? [lines(rows), dashed] : [chosen.show(lines(rows)), dashed, chosen.readout],
  });
}

/** Where each operator is wrong. */
function where({ where }: RowTable<Row>): Figure {
  const order = ["best circulant", "best Toeplitz", "learned V-cycle"];
  const levels = Math.max(...where.map((row) => row.levels));
  return figure({
    title: "The learned V-cycle is right for sources everywhere",
    subtitle: "Error of the response to a unit source over the size of an average one; learned: one seed",
    height: 260,
    x: linearAxis("source", "Place of the source", { domain: [0, 1] }),
    y: logAxis("error", "Error", { domain: [0.005, 2] }),
    color: colorBy("operator", null, order, [palette[1], palette[3], palette[0]]),
    layer: [lines(where.filter((row) => row.levels === levels || row.levels === 0))],
  });
}

const BOTH: Coefficient[] = ["trig", "rough"];
const MODELS: Model[] = ["MgNO", "FNO", "CNN"];
const COEFFICIENTS: Record<Coefficient, string> = { trig: "many scales", rough: "jumps" };

/** Printed in Table 1, in per cent: notes 5. */
const PRINTED: { coefficient: Coefficient; model: Model; l2: number; h1: number }[] = [
  { coefficient: "trig", model: "MgNO", l2: 0.00715, h1: 0.01756 },
  { coefficient: "trig", model: "FNO", l2: 0.01949, h1: 0.14535 },
  { coefficient: "rough", model: "MgNO", l2: 0.00339, h1: 0.0138 },
  { coefficient: "rough", model: "FNO", l2: 0.01782, h1: 0.09318 },
];

/** Dots for every model, coefficient and norm. */
function errorPanels(
  rows: readonly Row<"darcy">[],
  printed: typeof PRINTED,
  domains: Record<"l2" | "h1", [number, number]>,
) {
  const order = MODELS.filter((model) => rows.some((row) => row.model === model));
  const view = (coefficient: Coefficient, norm: "l2" | "h1") => ({
    title: `${COEFFICIENTS[coefficient]}, ${norm === "l2" ? "values (L2)" : "derivatives (H1)"}`,
    x: logAxis(norm, "Mean relative error", { domain: domains[norm] }),
    y: categoryAxis("model", { order: [...order] }),
    layer: [
      dotsAndMean(rows.filter((row) => row.coefficient === coefficient), {
        value: norm,
        category: "model",
        color: palette[0],
      }),
      publishedPoints(printed.filter((row) => row.coefficient === coefficient)),
    ],
  });
  return panels(BOTH.flatMap((name) => [view(name, "h1"), view(name, "l2")]), { columns: 2, height: 90 });
}

/** The paper's table. */
function darcy({ darcy }: RowTable<Row>): Figure {
  return figure({
    title: "Darcy flow: the V-cycle network beats the Fourier network of the same size",
    subtitle:
      "15 × 15 points, 16,000 to 22,000 parameters; dots: seeds; diamonds: the paper's Table 1 (from " +
      "memory), 256 × 256",
    ...errorPanels(darcy.filter(({ n }) => n === 15), PRINTED, { l2: [0.003, 0.1], h1: [0.01, 0.2] }),
  });
}

/** Training curves. */
function curves({ curve }: RowTable<Row>): Figure {
  const rows = curve.filter(({ n }) => n === 15);
  const order = MODELS.filter((model) => rows.some((row) => row.model === model));
  return figure({
    title: "MgNO ends lowest: by far with many scales, narrowly with jumps",
    subtitle: "Error of 64 test functions while training on 256; mean and range of seeds",
    ...panels(BOTH.map((name) => ({
      title: `Coefficient with ${COEFFICIENTS[name]}`,
      x: linearAxis("step", "Step"),
      y: logAxis("l2", "Mean relative L2 error", { domain: [0.015, 0.5] }),
      color: colorBy("model", null, [...order], [palette[0], palette[1], palette[2]]),
      layer: [
        meanAndRange(rows.filter(({ coefficient }) => coefficient === name), {
          x: "step",
          y: "l2",
          series: "model",
          center: "geometric mean",
        }),
      ],
    }))),
  });
}

/** On 31 x 31 points. */
function larger({ darcy }: RowTable<Row>): Figure {
  return figure({
    title: "On a finer grid the convolutional network does not see far enough for the values",
    subtitle: "31 × 31 points, 27,000 to 29,000 parameters; dots: seeds",
    ...errorPanels(darcy.filter(({ n }) => n === 31), [], { l2: [0.02, 0.2], h1: [0.08, 0.4] }),
  });
}

/** Convergence factors of classical cycles. */
function factors({ factor, jacobi }: RowTable<Row>): Figure {
  const order = distinct(factor, "cycle") as string[];
  const smoother = distinct(factor, "n").map((n) => ({
    n,
    radius: 1 - 1.6 * Math.sin(Math.PI / (2 * (n + 1))) ** 2,
  }));
  return figure({
    title: "Why multigrid: the V-cycle converges alike on every grid, its smoother does not",
    subtitle: "Five-point stencils on n × n points; dashed: damped Jacobi alone, 1 - ω(1 - cos πh)",
    height: 260,
    x: logAxis("n", "Points n per axis", { values: distinct(factor, "n"), domain: [6, 150] }),
    y: linearAxis("radius", "Error after a step over error before", { domain: [0, 1.02], nice: false }),
    color: colorBy("cycle", null, order),
    layer: [
      lines(factor, { x: "n", y: "radius", dots: true }),
      theoryLine(smoother, { x: "n", y: "radius" }),
      points(jacobi.map(({ n, radius }) => ({ n, radius })), { color: "#333" }),
    ],
  });
}

export const figures = { operators, depth, columns, slider, where, darcy, curves, larger, factors };

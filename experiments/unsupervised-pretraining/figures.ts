/** Figures, the key one first. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  colorBy,
  figure,
  knob,
  type Layer,
  linearAxis,
  logAxis,
  meanAndRange,
  palette,
  panels,
  points,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import {
  breakEvenUnlabeled,
  irreducibleRisk,
  leastSquaresRisk,
  nearestMeanError,
  pretrainedRisk,
  spikedCosine2,
  subspaceRisk,
} from "../../lib/latent_variables/mod.ts";
import type { Method, Row } from "./rows.ts";
import { problemOf, STANDARD } from "./setting.ts";

const NAMES: Record<Method, string> = {
  ols: "least squares",
  ridge: "ridge",
  pcr: "components of the labeled",
  pretrained: "pretrained on m",
  oracle: "true factors",
};
const COLORS: Record<Method, string> = {
  ols: palette[1],
  ridge: palette[3],
  pcr: palette[2],
  pretrained: palette[0],
  oracle: palette[4],
};

function colors(methods: readonly Method[]) {
  return colorBy(
    "series",
    null,
    methods.map((method) => NAMES[method]),
    methods.map((method) => COLORS[method]),
  );
}

function named<R extends { method: Method }>(rows: readonly R[]): (R & { series: string })[] {
  return rows.map((row) => ({ ...row, series: NAMES[row.method] }));
}

/** Excess risk against the number of targets, with a slider for the number of unlabeled inputs. */
function targets({ risk }: RowTable<Row>): Figure {
  const rows = named(risk);
  const ms = (distinct(risk, "m").filter((m) => m !== null) as number[]).toSorted((a, b) => a - b);
  const problem = problemOf(risk[0].setting);
  const { r, d } = risk[0].setting;
  const ns = distinct(risk, "n");
  const last = Math.max(...ns);
  const grid = Array.from({ length: 41 }, (_, i) => (r + 2) * (last / (r + 2)) ** (i / 40));
  const m = knob("m", ms, { label: "unlabeled inputs m", start: Math.max(0, ms.indexOf(2000)) });
  return figure({
    title: `Labels pay for the head only: ${r} unknowns in the place of ${d}`,
    subtitle:
      "Excess risk of linear predictors, mean and range of seeds; dashed, formulas without a free parameter",
    params: [m.param],
    height: 340,
    x: logAxis("n", "Targets n"),
    y: logAxis("mean", "Excess risk", { domain: [2e-4, 30] }),
    color: colors(["ols", "ridge", "pcr", "pretrained", "oracle"]),
    layer: [
      meanAndRange(rows.filter(({ method }) => method !== "pretrained"), {
        x: "n",
        y: "mean",
        series: "series",
        center: "geometric mean",
        dots: true,
      }),
      m.show(
        meanAndRange(
          rows.filter(({ method }) => method === "pretrained") as (typeof rows[number] & { m: number })[],
          {
            x: "n",
            y: "mean",
            series: "series",
            by: ["m"],
            center: "geometric mean",
            dots: true,
            strokeWidth: 3,
          },
        ),
      ),
      theoryLine((n) => n < d + 2 ? NaN : leastSquaresRisk(irreducibleRisk(problem), d, n), {
        x: "n",
        y: "mean",
        domain: [d + 2, last],
        spacing: "log",
      }),
      m.show(
        theoryLine(ms.flatMap((m) => grid.map((n) => ({ m, n, mean: pretrainedRisk(problem, m, n) }))), {
          x: "n",
          y: "mean",
        }),
      ),
      m.readout,
    ],
  });
}

/** What the factors cost with infinitely many targets. */
function unlabeled({ subspace }: RowTable<Row>): Figure {
  const problem = problemOf(STANDARD);
  const bound = (m: number) => 3 * subspaceRisk(problem, 500) * Math.sqrt(500 / m);
  return figure({
    title: "The risk falls as 1/m; the bound, as its root",
    subtitle:
      "Best predictor on the factors of m unlabeled inputs: one dot per seed; dashed, the formula; dotted, slope -1/2",
    height: 300,
    x: logAxis("m", "Unlabeled inputs m"),
    y: logAxis("mean", "Excess risk, n = ∞"),
    layer: [
      theoryLine((m) => subspaceRisk(problem, m), {
        x: "m",
        y: "mean",
        domain: [500, 1e6],
        spacing: "log",
        count: 2,
      }),
      theoryLine(bound, {
        x: "m",
        y: "mean",
        domain: [500, 1e6],
        spacing: "log",
        count: 2,
        stroke: "dotted",
      }),
      points(subspace.filter(({ sampled }) => sampled === "Wishart"), { x: "m", y: "mean", size: 55 }),
      annotation("the bound's slope -1/2", { x: 2e4, y: 2.2 * bound(2e4), side: "right" }),
      annotation("(d - r)/m · Σ β²/(D²(1 + D²))", { x: 560, y: 1.1e-4, side: "right" }),
    ],
  });
}

/** Where pretraining pays, over both sample sizes. */
function trade({ risk }: RowTable<Row>): Figure {
  const { d } = risk[0].setting;
  const problem = problemOf(risk[0].setting);
  const ns = distinct(risk, "n").filter((n) => n >= d + 2).toSorted((a, b) => a - b);
  const ms = (distinct(risk, "m").filter((m) => m !== null) as number[]).toSorted((a, b) => a - b);
  const edges = (list: readonly number[]) =>
    list.map((value, i) => ({
      value,
      low: i === 0 ? value * Math.sqrt(value / list[1]) : Math.sqrt(value * list[i - 1]),
      high: i === list.length - 1 ? value * Math.sqrt(value / list[i - 1]) : Math.sqrt(value * list[i + 1]),
    }));
  const meanOf = (method: Method, n: number, m: number | null) => {
    const own = risk.filter((row) => row.method === method && row.n === n && row.m === m);
    return own.reduce((sum, row) => sum + row.mean, 0) / own.length;
  };
  const cells = edges(ms).flatMap((m) =>
    edges(ns).map((n) => ({
      m: m.low,
      m2: m.high,
      n: n.low,
      n2: n.high,
      ratio: meanOf("pretrained", n.value, m.value) / meanOf("ols", n.value, null),
      unlabeled: m.value,
      targets: n.value,
    }))
  );
  const heat: Layer = {
    data: { values: cells.map((cell) => ({ ...cell, exponent: Math.log10(cell.ratio) })) },
    mark: { type: "rect" },
    encoding: {
      x: { field: "m" },
      x2: { field: "m2" },
      y: { field: "n" },
      y2: { field: "n2" },
      color: {
        field: "exponent",
        type: "quantitative",
        scale: { scheme: "blueorange", domain: [-1.6, 1.6], domainMid: 0, clamp: true },
        legend: {
          title: "ratio of risks",
          values: [-1.5, -1, -0.5, 0, 0.5, 1, 1.5],
          labelExpr: "format(pow(10, datum.value), '.2~r')",
        },
      },
      tooltip: [
        { field: "unlabeled", type: "quantitative", title: "m" },
        { field: "targets", type: "quantitative", title: "n" },
        { field: "ratio", type: "quantitative", format: ".3~r" },
      ],
    },
  };
  const from = edges(ns)[0].low;
  const to = edges(ns).at(-1)!.high;
  const contour = Array.from({ length: 61 }, (_, i) => from * (to / from) ** (i / 60))
    .filter((n) => n > d + 1.5)
    .map((n) => ({ m: breakEvenUnlabeled(problem, n), n }))
    .filter(({ m }) => m > edges(ms)[0].low && m < edges(ms).at(-1)!.high);
  return figure({
    title: "With few labels any unlabeled data helps; with many, it must be plenty",
    subtitle: "Excess risk of pretraining over that of least squares; dashed, where the formulas are equal",
    height: 300,
    x: logAxis("m", "Unlabeled inputs m", {
      domain: [edges(ms)[0].low, edges(ms).at(-1)!.high],
      nice: false,
    }),
    y: logAxis("n", "Targets n", { domain: [from, to], nice: false }),
    layer: [
      heat,
      ...(contour.length > 1 ? [theoryLine(contour, { x: "m", y: "n", series: undefined })] : []),
    ],
  });
}

/** When the direction of a factor can be found. */
function transition({ spike }: RowTable<Row>): Figure {
  const size = Math.min(...spike.map(({ d }) => d));
  const ratios = distinct(spike.filter(({ d }) => d === size), "gamma");
  return figure({
    title: "Below a strength of √(d/m) pretraining finds nothing",
    subtitle:
      `One factor: squared cosine of the first principal direction and the true one; dots, d = ${size}; dashed, d → ∞`,
    ...panels(
      ratios.map((gamma) => ({
        title: `d/m = ${gamma}`,
        x: linearAxis("s", "Strength s"),
        y: linearAxis("cosine2", "cos² of the angle", { domain: [0, 1] }),
        layer: [
          theoryLine((s) => spikedCosine2(s, gamma), { x: "s", y: "cosine2", domain: [0, 4], count: 161 }),
          points(spike.filter((row) => row.d === size && row.gamma === gamma), {
            x: "s",
            y: "cosine2",
            size: 55,
          }),
        ],
      })),
      { height: 240 },
    ),
  });
}

/** Labels for clusters that were found without labels. */
function clusters({ mixture }: RowTable<Row>): Figure {
  const limit = 4 / 7 * nearestMeanError(8, 4.5);
  const order = ["pretrained", "1-NN", "EM on the labeled"] as const;
  return figure({
    title: "Eight clusters found without labels need a label each",
    subtitle: "50 dimensions: error against labeled inputs, mean and range of fits; dashed, true means and " +
      "coins for clusters without a label",
    height: 300,
    x: logAxis("n", "Labeled inputs n"),
    y: logAxis("error", "Error", { domain: [1e-3, 1] }),
    color: colorBy("method", null, [...order], [palette[0], palette[2], palette[1]]),
    layer: [
      meanAndRange(mixture.map((row) => ({ ...row, error: Math.max(row.error, 1e-6) })), {
        x: "n",
        y: "error",
        series: "method",
        center: "mean",
        dots: true,
      }),
      theoryLine((n) => limit + (7 / 8) ** n / 2, { x: "n", y: "error", domain: [8, 128], spacing: "log" }),
    ],
  });
}

/** What happens without the assumption. */
function assumption({ "noise target": rows }: RowTable<Row>): Figure {
  return figure({
    title: "When the target depends on what the factors do not say, pretraining has a floor",
    subtitle:
      "y also has a part of the input's noise outside of the factors; mean and range of seeds; dashed, the floor",
    height: 280,
    x: logAxis("n", "Targets n"),
    y: logAxis("mean", "Excess risk"),
    color: colors(["ols", "pretrained"]),
    layer: [
      meanAndRange(named(rows), {
        x: "n",
        y: "mean",
        series: "series",
        center: "geometric mean",
        dots: true,
      }),
      theoryRule({ y: rows[0].floor }),
    ],
  });
}

export const figures = { targets, unlabeled, trade, transition, clusters, assumption };

/** Figures, the key one first. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  categoryAxis,
  colorBy,
  figure,
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
import type { DesignKind } from "../../lib/sampling/mod.ts";
import type { Row } from "./rows.ts";

const NAMES: Record<DesignKind, string> = {
  "repeated-dpp": "repeated DPP",
  "volume": "volume sampling",
  "iid-optimal": "i.i.d. optimal",
  "iid": "i.i.d. from μ",
};
const COLORS: Record<DesignKind, string> = {
  "repeated-dpp": palette[0],
  "volume": palette[2],
  "iid-optimal": palette[1],
  "iid": palette[3],
};

/** Rows with the name of their design. */
function named<R extends { design: DesignKind }>(rows: readonly R[]): (R & { series: string })[] {
  return rows.map((row) => ({ ...row, series: NAMES[row.design] }));
}

function colors(designs: readonly DesignKind[] = Object.keys(NAMES) as DesignKind[]) {
  return colorBy(
    "series",
    null,
    designs.map((design) => NAMES[design]),
    designs.map((design) => COLORS[design]),
  );
}

/** How often designs are well conditioned. */
function conditioning({ conditioning }: RowTable<Row>): Figure {
  const rows = named(conditioning.filter(({ family }) => family === "Legendre"));
  const { delta } = rows[0];
  return figure({
    title: "Repeated draws need half of the points, or fewer, to be as well conditioned",
    subtitle: `Polynomials on [-1, 1]: share of designs with λ ≥ ${
      Number((1 - delta).toPrecision(3))
    }; mean and range of seeds`,
    ...panels(
      distinct(rows, "m").toSorted((a, b) => a - b).map((m) => ({
        title: `m = ${m}`,
        x: linearAxis("ratio", "Points per dimension n/m", {
          domain: [0, 12.3],
          nice: false,
          values: [0, 2, 4, 6, 8, 10, 12],
        }),
        y: linearAxis("probability", "P(λ ≥ 1 - δ)", { domain: [0, 1] }),
        color: colors(),
        layer: [
          meanAndRange(rows.filter((row) => row.m === m), {
            x: "ratio",
            y: "probability",
            series: "series",
            dots: true,
          }),
        ],
      })),
    ),
  });
}

/** What the points cost beyond the best approximation. */
function errors({ error }: RowTable<Row>): Figure {
  const rows = named(error).map((row) => ({ ...row, median: row.median - 1, q95: row.q95 - 1 }));
  const m = error[0].m;
  const quantiles = [["median", "half of the fits are worse"], ["q95", "1 in 20 is worse"]] as const;
  return figure({
    title: "Few points: independent ones fail by orders of magnitude, and some fail by many more",
    subtitle:
      `Squared distance of the fit from the best one over that one's error, m = ${m}; mean and range of seeds`,
    ...panels(
      distinct(error, "target").flatMap((target) =>
        quantiles.map(([quantile, words]) => ({
          title: `f = ${target === "Runge" ? "1/(1 + 25 x²)" : target}: ${words}`,
          x: linearAxis("n", "Number of points n"),
          y: logAxis(quantile, "‖fit - Pf‖² / ‖f - Pf‖²", {
            domain: quantile === "median" ? [0.05, 1e5] : [0.1, 1e9],
          }),
          color: colors(),
          layer: [
            meanAndRange(rows.filter((row) => row.target === target), {
              x: "n",
              y: quantile,
              series: "series",
              center: "geometric mean",
              dots: true,
            }),
          ],
        }))
      ),
      { columns: 2, height: 230 },
    ),
  });
}

/** One draw of three designs, over the density of their points. */
function draws({ strip, density, gap }: RowTable<Row>): Figure {
  const order = ["repeated-dpp", "iid-optimal", "iid"] as const;
  const dense = density.filter(({ x }) => Math.abs(x) < 0.9995);
  return figure({
    title: "The points of one draw keep apart",
    subtitle:
      "Polynomials of degree below 20: leverage density, one draw of 20 points each, gaps of many draws",
    ...panels([
      {
        x: linearAxis("x", "x", { domain: [-1, 1] }),
        y: linearAxis("density", "Density", { domain: [0, 4] }),
        layer: [lines(dense, { x: "x", y: "density" })],
      },
      {
        x: linearAxis("x", "x", { domain: [-1, 1] }),
        y: categoryAxis("series", { order: order.map((design) => NAMES[design]) }),
        color: colors(order),
        layer: [points(named(strip), { size: 40, opacity: 0.8 })],
      },
      {
        x: linearAxis("gap", "Gap in the angle arccos x, mean 1"),
        y: linearAxis("density", "Density", { domain: [0, 1.1] }),
        color: colors(order),
        layer: [
          points(named(gap), { size: 35 }),
          theoryLine((s) => Math.exp(-s), { x: "gap", y: "density", domain: [0, 4] }),
          theoryLine((s) => 32 / Math.PI ** 2 * s * s * Math.exp(-4 * s * s / Math.PI), {
            x: "gap",
            y: "density",
            domain: [0, 4],
          }),
          annotation("exp(-s)", { x: 0.12, y: 0.97, side: "right" }),
          annotation("random matrices", { x: 1.25, y: 0.85, side: "right" }),
        ],
      },
    ], { columns: 1, width: 480, height: [130, 90, 220] }),
  });
}

/** One draw of two designs in the square. */
function plane({ plane }: RowTable<Row>): Figure {
  return figure({
    title: "In the plane too, with the same code",
    subtitle: "Polynomials of total degree below 9 in two variables, m = 45: one draw from 2000 candidates",
    ...panels(
      (["iid-optimal", "repeated-dpp"] as const).map((design) => ({
        title: NAMES[design],
        x: linearAxis("x", "x", { domain: [-1, 1] }),
        y: linearAxis("y", "y", { domain: [-1, 1] }),
        color: colors(["repeated-dpp", "iid-optimal"]),
        layer: [points(named(plane.filter((row) => row.design === design)), { size: 40 })],
      })),
      { height: 260, width: 260 },
    ),
  });
}

/** Two families of polynomials. */
function families({ conditioning }: RowTable<Row>): Figure {
  const rows = named(conditioning.filter(({ m }) => m === 10));
  return figure({
    title: "The same curves on the whole line, where plain sampling never works",
    subtitle: "m = 10: lines, Hermite with normal weight; dashed, Legendre on [-1, 1]; means of seeds",
    x: linearAxis("ratio", "Points per dimension n/m", { domain: [0, 12.3], nice: false }),
    y: linearAxis("probability", "P(λ ≥ 1 - δ)", { domain: [0, 1] }),
    color: colors(),
    layer: [
      meanAndRange(rows.filter(({ family }) => family === "Hermite"), {
        x: "ratio",
        y: "probability",
        series: "series",
        dots: true,
      }),
      theoryLine(
        meansOf(rows.filter(({ family }) => family === "Legendre")),
        { x: "ratio", y: "probability", series: "series" },
      ),
      annotation("Legendre, i.i.d. from μ", { x: 8.4, y: 0.22, side: "right" }),
    ],
  });
}

function meansOf<R extends { series: string; ratio: number; probability: number }>(rows: readonly R[]) {
  const cells = Map.groupBy(rows, ({ series, ratio }) => `${series} ${ratio}`);
  return [...cells.values()].map((cell) => ({
    series: cell[0].series,
    ratio: cell[0].ratio,
    probability: cell.reduce((sum, row) => sum + row.probability, 0) / cell.length,
  }));
}

/** What repetition gains, by the degree of the residual. */
function gains({ gain }: RowTable<Row>): Figure {
  const single = gain.filter(({ degree }) => degree !== null);
  const functions = gain.filter(({ degree, m }) => degree === null && m === 10);
  return figure({
    title: "Repetition helps against what the space has just missed",
    subtitle:
      "m = 10: variance of the coefficients over that of i.i.d. optimal points; residuals of one degree",
    height: 280,
    x: linearAxis("degree", "Degree of the residual", { domain: [9, 46], nice: false }),
    y: linearAxis("kappa", "Factor κ", { domain: [0.5, 1.02], nice: false, zero: false }),
    layer: [
      points(single, { x: "degree", y: "kappa", size: 35 }),
      theoryRule({ y: 1 }),
      ...functions.map(({ kappa, residual }) =>
        annotation(`${residual === "Runge" ? "Runge's function" : residual}: ${kappa.toFixed(2)}`, {
          x: 30,
          y: kappa,
          side: "right" as const,
        })
      ),
    ],
  });
}

export const figures = { conditioning, errors, draws, plane, families, gains };

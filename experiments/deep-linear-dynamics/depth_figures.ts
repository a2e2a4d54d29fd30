/** Figures of depth: one mode, whole networks, products of matrices, tanh Jacobians. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  colorBy,
  figure,
  legendAt,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  palette,
  panels,
  points,
  theoryLine,
  thin,
} from "../../lib/figures/mod.ts";
import { gaussianLyapunovExponents } from "../../lib/recurrent/mod.ts";
import type { Row } from "./rows.ts";

/** Figure 4: learning time and best rate against depth. */
export function depth({ depth }: RowTable<Row>): Figure {
  const runs = depth.map((row) => ({ ...row, start: `u₀ = ${row.u0}` }));
  const shared = {
    x: logAxis("layers", "Layers", { domain: [2.7, 110], values: [3, 5, 10, 20, 50, 100] }),
    color: colorBy("start", null, ["u₀ = 0.001", "u₀ = 0.1"]),
  };
  return figure({
    title: "Depth costs a finite delay, if the rate falls like one over the depth",
    subtitle: "One mode, s = 1, until 1 % is missing; dashed: the closed form at the optimal rate",
    ...panels([
      {
        title: "Points: optimal rate; lines: best of 60",
        encoding: { ...shared, y: logAxis("steps", "Steps", { domain: [3, 2000] }) },
        layer: [
          lines(runs, { opacity: 0.6 }),
          points(runs, { y: "optimalSteps" }),
          theoryLine(runs, { y: "theory", series: "start" }),
        ],
      },
      {
        title: "Dashed: 1/(n s^(2 − 2/n))",
        encoding: { ...shared, y: logAxis("rate", "Best learning rate", { domain: [0.005, 2] }) },
        layer: [points(runs), theoryLine(runs, { y: "optimal", series: "start" })],
      },
    ], { height: 240, spacing: 24 }),
    config: legendAt("bottom"),
  });
}

/** Figure 6A. */
export function starts({ learning }: RowTable<Row>): Figure {
  return figure({
    title: "Orthogonal starts do not feel depth; Gaussian ones drown in it",
    subtitle: "Steps to 1 % of the loss at the best rate; mean and range over seeds; runs end at 400",
    x: logAxis("layers", "Layers", { values: distinct(learning, "layers").sort((a, b) => a - b) }),
    y: logAxis("steps", "Steps", { domain: [1.5, 500] }),
    color: colorBy("start", "Start", ["gaussian", "decoupled", "orthogonal"], [
      palette[1],
      palette[2],
      palette[0],
    ]),
    layer: [meanAndRange(learning, { x: "layers", y: "steps", series: "start", dots: true })],
  });
}

/** Below about N times the rounding error of the largest value, a plain product holds nothing but noise. */
const NOISE = -14;

/** Figure 6B, and where its values come from. */
export function spectra({ spectrum }: RowTable<Row>): Figure {
  const runs = spectrum.filter(({ values }) => values.length > 0);
  const gaussian = runs.filter(({ start }) => start === "gaussian");
  const name = (factors: number) => factors === 1 ? "1 factor" : `${factors} factors`;
  const orthogonal = "99 orthogonal";
  const sorted = (logs: readonly number[]) =>
    thin(logs.map((log, i) => ({ share: (i + 0.5) / logs.length, log })), { count: 100 });
  const products = runs.filter(({ start, factors }) => start === "gaussian" || factors === 99).flatMap((
    row,
  ) =>
    sorted(row.values.map((x) => Math.log10(Math.max(1e-60, x)))).filter(({ log }) => log > NOISE)
      .map((point) => ({ ...point, product: row.start === "gaussian" ? name(row.factors) : orthogonal }))
  );
  const longest = gaussian.filter(({ qr }) => qr.length > 0);
  const grown = longest.flatMap(({ qr }) => sorted(qr));
  const exponents = longest.flatMap(({ size, factors }) =>
    sorted(Array.from(gaussianLyapunovExponents(size), (x) => x * factors / Math.LN10))
  );
  return figure({
    title: "Gaussian products crush almost every direction, orthogonal ones none",
    subtitle:
      "Singular values, sorted (lines); growth along re-orthogonalized directions (dots) and its exact " +
      "mean (dashed)",
    x: linearAxis("share", "Share of the directions", { domain: [0, 1], format: "%" }),
    y: linearAxis("log", "log₁₀ of the singular value", { domain: [-45, 3] }),
    color: colorBy(
      "product",
      null,
      [...gaussian.map(({ factors }) => name(factors)), orthogonal],
      [palette[5], palette[4], palette[3], palette[1], palette[0]],
    ),
    layer: [
      {
        data: { values: [{ share: 0, log: -18, end: 1, top: NOISE }] },
        mark: { type: "rect", opacity: 0.6 },
        encoding: { x2: { field: "end" }, y2: { field: "top" }, color: { value: "#dddddd" } },
      },
      lines(products),
      points(grown, { size: 12, color: palette[1] }),
      theoryLine(exponents, { x: "share", y: "log" }),
      annotation("noise of the plain product in double precision", { x: 0.02, y: -16, side: "right" }),
    ],
    config: legendAt("top"),
  });
}

/** Figure 7: the edge of chaos. */
export function edge({ jacobian }: RowTable<Row>): Figure {
  const runs = jacobian.filter(({ start }) => start === "orthogonal")
    .map(({ gain, q1, meanSquare, meanField }) => ({ gain, meanSquare, meanField, line: `q¹ = ${q1}`, q1 }))
    .sort((a, b) => a.q1 - b.q1);
  return figure({
    title: "Gradients survive a hundred tanh layers from gain 1 on, as mean field says",
    subtitle: "Orthogonal weights, 99 factors; points: networks, dashed: mean field",
    x: linearAxis("gain", "Gain g", { domain: [0.88, 1.12], values: distinct(runs, "gain") }),
    y: logAxis("meanSquare", "Mean squared singular value"),
    color: colorBy("line", null, distinct(runs, "line")),
    layer: [points(runs, { size: 40 }), theoryLine(runs, { x: "gain", y: "meanField", series: "line" })],
  });
}

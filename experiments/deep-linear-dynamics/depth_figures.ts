import { colorBy, figure, linearAxis, logAxis, palette, theoryColor } from "../../lib/figures/mod.ts";
import { gaussianLyapunovExponents } from "../../lib/recurrent/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import { average, type Row, rowsOf, type Start } from "./rows.ts";

/** How theory is drawn. */
export const dashed = { type: "line" as const, strokeDash: [5, 4], color: theoryColor, strokeWidth: 1.3 };

/** Figure 4: learning time and best rate against depth. */
export function depth(rows: Row[]): Figure {
  const runs = rowsOf(rows, "depth");
  const values = runs.map((row) => ({ ...row, line: `u₀ = ${row.u0}` }));
  const domain = ["u₀ = 0.001", "u₀ = 0.1"];
  const color = colorBy("line", null, domain);
  const x = logAxis("layers", "Layers", { domain: [2.7, 110], values: [3, 5, 10, 20, 50, 100] });
  const points = { type: "point" as const, filled: true, size: 45 };
  return figure({
    title: {
      text: "Depth costs a finite delay, if the rate falls like one over the depth",
      subtitle: "One mode, s = 1, until 1 % is missing; dashed: the closed form at the optimal rate",
    },
    hconcat: [
      {
        width: 235,
        height: 240,
        data: { values },
        layer: [
          { mark: points, encoding: { y: logAxis("optimalSteps", "Steps", { domain: [3, 2000] }), color } },
          {
            mark: dashed,
            encoding: { y: logAxis("theory", "Steps", { domain: [3, 2000] }), detail: { field: "line" } },
          },
          {
            mark: { type: "line", opacity: 0.6 },
            encoding: { y: logAxis("steps", "Steps", { domain: [3, 2000] }), color },
          },
        ],
        encoding: { x },
        title: { text: "Points: optimal rate; lines: best of 60", fontSize: 12 },
      },
      {
        width: 235,
        height: 240,
        data: { values },
        layer: [
          {
            mark: points,
            encoding: { y: logAxis("rate", "Best learning rate", { domain: [0.005, 2] }), color },
          },
          { mark: dashed, encoding: { y: logAxis("optimal", "Best learning rate", { domain: [0.005, 2] }) } },
        ],
        encoding: { x },
        title: { text: "Dashed: 1/(n s^(2 − 2/n))", fontSize: 12 },
      },
    ],
    spacing: 30,
    config: { legend: { orient: "bottom" } },
  });
}

const STARTS: [Start, string][] = [
  ["gaussian", palette[1]],
  ["decoupled", palette[2]],
  ["orthogonal", palette[0]],
];

/** Figure 6A. */
export function starts(rows: Row[]): Figure {
  const runs = rowsOf(rows, "learning");
  const layers = [...new Set(runs.map((row) => row.layers))];
  const values = STARTS.flatMap(([start]) =>
    layers.map((depth) => {
      const steps = runs.filter((row) => row.start === start && row.layers === depth).map((row) => row.steps);
      return {
        start,
        layers: depth,
        steps: average(steps),
        low: Math.min(...steps),
        high: Math.max(...steps),
      };
    })
  );
  const color = colorBy("start", "Start", STARTS.map(([start]) => start), STARTS.map(([, color]) => color));
  return figure({
    title: {
      text: "Orthogonal starts do not feel depth; Gaussian ones drown in it",
      subtitle:
        "Steps to 1 % of the loss at the best rate, width 32; mean and range over seeds; runs end at 400",
    },
    data: { values },
    layer: [
      {
        mark: { type: "area", opacity: 0.18 },
        encoding: { y: { field: "low", type: "quantitative" }, y2: { field: "high" }, color },
      },
      { mark: { type: "line", point: { size: 45 } }, encoding: { color } },
    ],
    encoding: {
      x: logAxis("layers", "Layers", { domain: [2.7, 45], values: [3, 5, 10, 20, 40] }),
      y: logAxis("steps", "Steps", { domain: [1.5, 500] }),
    },
    config: { legend: { symbolType: "stroke", symbolOpacity: 1 } },
  });
}

/** Figure 6B, and where its values come from. */
export function spectra(rows: Row[]): Figure {
  const runs = rowsOf(rows, "spectrum").filter(({ values }) => values.length > 0);
  const gaussian = runs.filter(({ start }) => start === "gaussian");
  const name = (factors: number) => factors === 1 ? "1 factor" : `${factors} factors`;
  const longest = gaussian.find(({ qr }) => qr.length > 0);
  // Below about N times the rounding error of the largest, a plain product holds nothing but noise.
  const floor = -60;
  const noise = -14;
  // At most a hundred points a line, also at full size.
  const thin = (values: number[]) =>
    values.map((log, i) => ({ share: (i + 0.5) / values.length, log: Math.max(floor, log) }))
      .filter((_, i) => values.length <= 100 || i % Math.ceil(values.length / 100) === 0);
  const naive = runs.filter(({ start, factors }) => start === "gaussian" || factors === 99).flatMap((row) =>
    thin(row.values.map((x) => Math.log10(Math.max(1e-60, x))))
      .filter(({ log }) => log > noise)
      .map((point) => ({ ...point, line: row.start === "gaussian" ? name(row.factors) : "99 orthogonal" }))
  );
  const grown = longest === undefined ? [] : thin(longest.qr);
  const theory = longest === undefined ? [] : thin(
    Array.from(gaussianLyapunovExponents(longest.size), (x) => x * longest.factors / Math.LN10),
  );
  const lines = [...gaussian.map(({ factors }) => name(factors)), "99 orthogonal"];
  return figure({
    title: {
      text: "Gaussian products crush almost every direction, orthogonal ones none",
      subtitle:
        "Singular values, sorted (lines); growth along re-orthogonalized directions (dots) and its exact mean (dashed)",
    },
    layer: [
      {
        data: { values: [{ share: 0, log: -18, end: 1, top: noise }] },
        mark: { type: "rect", color: "#dddddd", opacity: 0.6 },
        encoding: { x2: { field: "end" }, y2: { field: "top" } },
      },
      {
        data: { values: naive },
        mark: { type: "line" },
        encoding: {
          color: colorBy("line", null, lines, [palette[5], palette[4], palette[3], palette[1], palette[0]]),
        },
      },
      {
        data: { values: grown },
        mark: { type: "point", size: 12, color: palette[1], filled: true, clip: true },
      },
      { data: { values: theory }, mark: { ...dashed, clip: true } },
      {
        data: { values: [{ share: 0.02, log: -16, text: "noise of the plain product in double precision" }] },
        mark: { type: "text", align: "left", fontStyle: "italic" },
        encoding: { text: { field: "text" } },
      },
    ],
    encoding: {
      x: linearAxis("share", "Share of the directions", { domain: [0, 1], format: "%" }),
      y: linearAxis("log", "log₁₀ of the singular value", { domain: [-45, 3] }),
    },
    config: { legend: { orient: "top", symbolType: "stroke", symbolOpacity: 1 } },
  });
}

/** Figure 7: the edge of chaos. */
export function edge(rows: Row[]): Figure {
  const runs = rowsOf(rows, "jacobian");
  const values = runs.filter(({ start }) => start === "orthogonal")
    .map((row) => ({ ...row, line: `q¹ = ${row.q1}` }));
  const domain = [...new Set(values.map(({ q1 }) => q1))].sort((a, b) => a - b).map((q1) => `q¹ = ${q1}`);
  const color = colorBy("line", "Start", domain);
  return figure({
    title: {
      text: "Gradients survive a hundred tanh layers from gain 1 on, as mean field says",
      subtitle: "Orthogonal weights, N = 100, 99 factors; points: networks, dashed: mean field",
    },
    data: { values },
    layer: [
      {
        mark: dashed,
        encoding: { y: logAxis("meanField", "Mean squared singular value"), detail: { field: "line" } },
      },
      {
        mark: { type: "point", filled: true, size: 40, opacity: 0.75 },
        encoding: { y: logAxis("meanSquare", "Mean squared singular value"), color },
      },
    ],
    encoding: { x: linearAxis("gain", "Gain g", { domain: [0.88, 1.12] }) },
  });
}

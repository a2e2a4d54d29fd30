import { mean, sampleStandardDeviation } from "simple-statistics";
import { colorBy, figure, linearAxis, logAxis, palette, theoryColor } from "../../lib/figures/mod.ts";
import { gaussianLyapunovExponents } from "../../lib/dynamics/mod.ts";
import type { Figure } from "../experiment.ts";
import { type CurveRow, type Row, rowsOf, type Start } from "./rows.ts";

const dashed = { type: "line" as const, strokeDash: [5, 4], color: theoryColor, strokeWidth: 1.3 };

/** The key figure: modes of the hierarchy are learned one by one, along the analytic curves. */
function modes(rows: Row[]): Figure {
  const curves = rowsOf(rows, "curve").filter(({ run }) => run === "linear" || run === "tanh");
  const names = { linear: "linear network", tanh: "tanh network" } as Record<CurveRow["run"], string>;
  const values = curves.map(({ run, mode, time, strength }) => ({ line: names[run], mode, time, strength }));
  const theory = curves.filter(({ run }) => run === "linear")
    .map(({ mode, time, theory, s }) => ({ line: "theory", mode, time, strength: theory, s }));
  const residuals = curves.filter(({ run }) => run === "linear").map((
    { mode, time, strength, theory, s },
  ) => ({
    line: names.linear,
    mode,
    time,
    residual: (strength - theory) / s,
  }));
  const last = Math.max(0, ...curves.map(({ time }) => time));
  const labels = theory.filter(({ time }) => time === last)
    .map(({ mode, time, s }) => ({ mode: `mode ${mode}`, time, strength: s }));
  // Modes 18 and 31 are nearly equally strong: one label for both.
  const apart = labels.filter(({ strength }, i) => i === 0 || labels[i - 1].strength - strength > 3);
  const color = colorBy("line", null, ["theory", names.linear, names.tanh], [
    theoryColor,
    palette[0],
    palette[2],
  ]);
  const x = (title: string) => linearAxis("time", title, { domain: [0, 1500] });
  return figure({
    title: {
      text: "Strong modes first: each waits on a plateau, then rises along its formula",
      subtitle:
        "Properties of 32 things on a tree; small random start, 32 hidden units, learning rate 5·10⁻⁴",
    },
    vconcat: [
      {
        width: 500,
        height: 270,
        layer: [
          {
            data: { values: values.filter(({ line }) => line === names.tanh) },
            mark: { type: "line", opacity: 0.75 },
            encoding: { detail: { field: "mode" }, color },
          },
          {
            data: { values: values.filter(({ line }) => line === names.linear) },
            mark: { type: "line", strokeWidth: 3, opacity: 0.75 },
            encoding: { detail: { field: "mode" }, color },
          },
          {
            data: { values: theory },
            mark: { type: "line", strokeDash: [5, 4], strokeWidth: 1.3 },
            encoding: { detail: { field: "mode" }, color },
          },
          {
            data: { values: apart },
            mark: { type: "text", align: "left", dx: 5, clip: false },
            encoding: { text: { field: "mode" } },
          },
        ],
        encoding: { x: x(""), y: linearAxis("strength", "Mode strength uᵀW³²W²¹v", { domain: [0, 90] }) },
      },
      {
        width: 500,
        height: 80,
        data: { values: residuals },
        mark: { type: "line", strokeWidth: 1.3 },
        encoding: {
          x: x("Iterations"),
          y: linearAxis("residual", "(network − theory)/s", {
            domain: [-0.8, 0.4],
            values: [-0.8, -0.4, 0, 0.4],
          }),
          detail: { field: "mode" },
          color,
        },
      },
    ],
    spacing: 0,
    config: { legend: { orient: "top" } },
  });
}

/** Decoupled start: the network is on the formula. */
function exact(rows: Row[]): Figure {
  const panel = (run: "flow 3" | "flow 5", title: string) => {
    const values = rowsOf(rows, "curve").filter((row) => row.run === run).map((row) => ({
      mode: `s = ${Math.round(row.s)}`,
      time: row.time,
      strength: row.strength,
      theory: row.theory,
      residual: Math.max(1e-16, Math.abs(row.strength - row.theory) / row.s),
    }));
    const color = colorBy("mode", null, ["s = 3", "s = 2", "s = 1"]), left = run === "flow 3";
    return {
      spacing: 0,
      vconcat: [
        {
          width: 235,
          height: 190,
          title: { text: title, fontSize: 12 },
          layer: [
            {
              data: { values },
              mark: { type: "line" as const, strokeWidth: 4, opacity: 0.6 },
              encoding: {
                y: linearAxis("strength", left ? "Mode strength" : "", { domain: [0, 3.2] }),
                color,
              },
            },
            {
              data: { values },
              mark: dashed,
              encoding: {
                y: linearAxis("theory", left ? "Mode strength" : "", { domain: [0, 3.2] }),
                detail: { field: "mode" },
              },
            },
          ],
          encoding: { x: linearAxis("time", "", { domain: [0, 6] }) },
        },
        {
          width: 235,
          height: 80,
          data: { values },
          mark: { type: "line" as const, strokeWidth: 1.2, clip: true },
          encoding: {
            x: linearAxis("time", "Time t/τ", { domain: [0, 6] }),
            y: logAxis("residual", left ? "|residual|/s" : "", { domain: [1e-16, 1e-8], tickCount: 3 }),
            color,
          },
        },
      ],
    };
  };
  return figure({
    title: {
      text: "From a decoupled start, theory and network agree to ten digits and more",
      subtitle:
        "Gradient flow of all weights (colour), the law of one mode (dashed), and what is between them",
    },
    hconcat: [
      panel("flow 3", "One hidden layer: the closed form"),
      panel("flow 5", "Three hidden layers: τ du/dt = 4 √u³ (s − u)"),
    ],
    config: { legend: { orient: "bottom", symbolType: "stroke" } },
  });
}

/** Figure 3, right: how much later than the formula. */
function delay(rows: Row[]): Figure {
  const halves = rowsOf(rows, "half").filter(({ simulated }) => simulated !== null);
  const names = { linear: "linear network", tanh: "tanh network" };
  const values = (["linear", "tanh"] as const).flatMap((model) =>
    [...new Set(halves.map(({ mode }) => mode))].flatMap((mode) => {
      const delays = halves.filter((row) => row.model === model && row.mode === mode)
        .map(({ simulated, analytic }) => simulated! / analytic - 1);
      if (delays.length === 0) return [];
      const middle = mean(delays), spread = delays.length > 1 ? sampleStandardDeviation(delays) : 0;
      return [{ line: names[model], mode, delay: middle, low: middle - spread, high: middle + spread }];
    })
  );
  const color = colorBy("line", null, [names.linear, names.tanh], [palette[0], palette[2]]);
  return figure({
    title: {
      text: "A random start is late by a few percent, more so for weak modes",
      subtitle: "(half time − theory)/theory on the tree task; mean and standard deviation over seeds",
    },
    data: { values },
    layer: [
      {
        mark: { type: "area", opacity: 0.18 },
        encoding: { y: { field: "low", type: "quantitative" }, y2: { field: "high" }, color },
      },
      {
        mark: { type: "line", point: { size: 22 } },
        encoding: { y: linearAxis("delay", "Relative delay", { format: "%", zero: true }), color },
      },
    ],
    encoding: { x: linearAxis("mode", "Mode, strongest first", { domain: [1, 32], nice: false }) },
    config: { legend: { orient: "top", symbolType: "stroke", symbolOpacity: 1 } },
  });
}

/** Figure 4: learning time and best rate against depth. */
function depth(rows: Row[]): Figure {
  const runs = rowsOf(rows, "depth");
  const values = runs.map((row) => ({ ...row, line: `u₀ = ${row.u0}` }));
  const domain = ["u₀ = 0.001", "u₀ = 0.1"], color = colorBy("line", null, domain);
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
function starts(rows: Row[]): Figure {
  const runs = rowsOf(rows, "learning"), layers = [...new Set(runs.map((row) => row.layers))];
  const values = STARTS.flatMap(([start]) =>
    layers.map((depth) => {
      const steps = runs.filter((row) => row.start === start && row.layers === depth).map((row) => row.steps);
      return { start, layers: depth, steps: mean(steps), low: Math.min(...steps), high: Math.max(...steps) };
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
function spectra(rows: Row[]): Figure {
  const runs = rowsOf(rows, "spectrum").filter(({ values }) => values.length > 0);
  const gaussian = runs.filter(({ start }) => start === "gaussian");
  const name = (factors: number) => factors === 1 ? "1 factor" : `${factors} factors`;
  const longest = gaussian.find(({ qr }) => qr.length > 0);
  // Below about N times the rounding error of the largest, a plain product holds nothing but noise.
  const floor = -60, noise = -14;
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
function edge(rows: Row[]): Figure {
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

/** Beyond the paper: why a small random start behaves like a decoupled one. */
function alignment(rows: Row[]): Figure {
  const points = rowsOf(rows, "alignment");
  const names = ["on the task's modes", "of the task learned"];
  const values = points.flatMap(({ time, aligned, learned }) => [
    { time, share: aligned, line: names[0] },
    { time, share: Math.max(0, learned), line: names[1] },
  ]);
  return figure({
    title: {
      text: "On the plateau the network turns: alignment comes before learning",
      subtitle: "Exact matrix solution from a small balanced random start, 8 modes from s = 3 to 1",
    },
    data: { values },
    mark: { type: "line" },
    encoding: {
      x: linearAxis("time", "Time t/τ", { domain: [0, 8] }),
      y: linearAxis("share", "Share", { domain: [0, 1], format: "%" }),
      color: colorBy("line", "Share of the map", names),
    },
    config: { legend: { orient: "top", symbolType: "stroke", symbolOpacity: 1 } },
  });
}

/** All figures, the key figure first. */
export const figures: Record<string, (rows: Row[]) => Figure> = {
  modes,
  exact,
  delay,
  alignment,
  depth,
  starts,
  spectra,
  edge,
};

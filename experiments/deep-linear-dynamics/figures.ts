import { mean, sampleStandardDeviation } from "simple-statistics";
import { colorBy, figure, linearAxis, logAxis, palette, theoryColor } from "../../lib/figures/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import { dashed, depth, edge, spectra, starts } from "./depth_figures.ts";
import { type CurveRow, type Row, rowsOf } from "./rows.ts";

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
    const color = colorBy("mode", null, ["s = 3", "s = 2", "s = 1"]);
    const left = run === "flow 3";
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
            y: logAxis("residual", left ? "Residual" : "", { domain: [1e-16, 1e-8], tickCount: 3 }),
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
        "Gradient flow of all weights (colour), the law of one mode (dashed), and the residual over s",
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
      const middle = mean(delays);
      const spread = delays.length > 1 ? sampleStandardDeviation(delays) : 0;
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

import { colorBy, figure, linearAxis, logAxis, palette, theoryColor } from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import type { Figure, RowTable } from "../../lib/experiment/mod.ts";
import type { Row } from "./rows.ts";

const SYSTEMS = ["S4", "S4D", "PTD"];
const SYSTEM_COLORS = [theoryColor, palette[1], palette[0]];

/** Figure 1: gains, with PTD on top. */
function transfer(rows: RowTable<Row>): Figure {
  const curves = rows.curve;
  const shown = [16, 64, 256, 4096];
  const names = shown.filter((n) => curves.some((row) => row.n === n)).map((n) => `S4D, n = ${n}`);
  const exact = curves.filter(({ system }) => system === "S4");
  const ptd = curves.filter(({ system }) => system === "PTD");
  const lines = [
    ...curves.filter(({ system, n }) => system === "S4D" && shown.includes(n))
      .map(({ n, omega, gain }) => ({ omega, gain, line: `S4D, n = ${n}` })),
  ].filter(({ gain }) => gain > 1e-8);
  const domain = [...names, "PTD, n = 64"];
  const range = [palette[4], palette[1], palette[3], palette[2]].slice(0, names.length).concat(palette[0]);
  const x = logAxis("omega", "Frequency ω");
  const y = logAxis("gain", "Gain |G₀(iω)|", { domain: [1e-7, 3] });
  return figure({
    title: {
      text: "Spikes of S4D move out with n², but never shrink; PTD has none",
      subtitle:
        "Transfer function of the first output; dashed: HiPPO-LegS (the same for every n); dotted: 2/π",
    },
    height: 360,
    layer: [
      {
        data: { values: lines },
        mark: { type: "line", clip: true, strokeWidth: 1.3 },
        encoding: { x, y, color: colorBy("line", null, domain, range) },
      },
      {
        data: { values: ptd.map((row) => ({ ...row, line: "PTD, n = 64" })) },
        mark: { type: "line", clip: true, strokeWidth: 4, opacity: 0.75 },
        encoding: { x, y, color: colorBy("line", null, domain, range) },
      },
      {
        data: { values: exact },
        mark: { type: "line", clip: true, color: theoryColor, strokeDash: [6, 4], strokeWidth: 1.6 },
        encoding: { x, y },
      },
      {
        data: { values: [{ gain: 2 / Math.PI }] },
        mark: { type: "rule", color: theoryColor, strokeDash: [2, 3] },
        encoding: { y },
      },
    ],
  });
}

/** Heights of the last spikes against theory. */
function heights(rows: RowTable<Row>): Figure {
  const spikes = rows.spike.filter(({ n }) => n >= 16);
  const shown = [16, 64, 256, 4096];
  const x = linearAxis("j", "Spike, counted from the highest frequency", { domain: [-0.3, 7.3] });
  const y = logAxis("height", "Height");
  return figure({
    title: {
      text: "Every spike's height is known: 2 / (π (2j + 1))",
      subtitle: "Measured at the last eight spikes",
    },
    height: 280,
    layer: [
      {
        data: { values: Array.from({ length: 8 }, (_, j) => ({ j, height: 2 / (Math.PI * (2 * j + 1)) })) },
        mark: { type: "line", color: theoryColor, strokeDash: [5, 3] },
        encoding: { x, y },
      },
      {
        data: {
          values: spikes.filter(({ n }) => shown.includes(n)).map((row) => ({
            ...row,
            line: `n = ${row.n}`,
          })),
        },
        mark: { type: "point", size: 55, strokeWidth: 1.8 },
        encoding: { x, y, color: colorBy("line", null) },
      },
    ],
  });
}

/** Figure 3c and Theorem 3: condition number and deviation against epsilon. */
function sweep(rows: RowTable<Row>): Figure {
  const all = rows.sweep.filter(({ eps }) => eps <= 1);
  const panel = (field: "kappa" | "deviation", title: string, color: string) => ({
    width: 240,
    height: 260,
    data: { values: summarizeBy(all, ["eps"], field) },
    layer: [
      {
        mark: { type: "area" as const, opacity: 0.2, color },
        encoding: {
          x: logAxis("eps", "Size of the perturbation ε"),
          y: logAxis("min", title),
          y2: { field: "max" },
        },
      },
      {
        mark: { type: "line" as const, point: true, color },
        encoding: { x: logAxis("eps", "Size of the perturbation ε"), y: logAxis("median", title) },
      },
    ],
  });
  return figure({
    title: {
      text: "Conditioning is bought at a price in proportion",
      subtitle: "Random perturbations of LegS, n = 64; median and range over seeds",
    },
    hconcat: [
      panel("kappa", "Condition number κ(V)", palette[0]),
      panel("deviation", "Largest |ΔG| on the axis", palette[1]),
    ],
  });
}

/** Errors of the readouts with and without the tone. */
function robustness(rows: RowTable<Row>): Figure {
  const values = rows.readout.flatMap(({ system, seed, clean, noisy }) => [
    { system, seed, input: "clean", error: clean },
    { system, seed, input: "with a tone", error: noisy },
  ]);
  return figure({
    title: {
      text: "One tone at the spike ruins S4D; S4 and PTD do not hear it",
      subtitle:
        "Squared error of a trained delay line, one dot a seed; the tone has a tenth of the signal's amplitude",
    },
    height: 160,
    data: { values },
    mark: { type: "point", filled: true, size: 60, opacity: 0.7 },
    encoding: {
      x: logAxis("error", "Mean squared error"),
      y: { field: "system", type: "nominal", title: null, sort: SYSTEMS },
      yOffset: { field: "input", type: "nominal" },
      color: colorBy("input", "Input", ["clean", "with a tone"], [palette[0], palette[1]]),
    },
  });
}

/** Gain of the readouts over all frequencies. */
function gain(rows: RowTable<Row>): Figure {
  return figure({
    title: {
      text: "A readout trained on S4D keeps resonances all over the band",
      subtitle: "Gain of the readout at every frequency of the discrete model, first seed",
    },
    data: { values: rows.gain },
    mark: { type: "line", strokeWidth: 1.4 },
    encoding: {
      x: linearAxis("theta", "Frequency θ, radians a sample", { domain: [0, 3.15] }),
      y: logAxis("gain", "Gain |H(exp iθ)|"),
      color: colorBy("system", "System", SYSTEMS, SYSTEM_COLORS),
    },
  });
}

/** Random against optimized perturbations. */
function optimized(rows: RowTable<Row>): Figure {
  return figure({
    title: {
      text: "Optimizing the perturbation buys little over drawing it",
      subtitle: "n = 16: condition number against deviation, left and low is better",
    },
    height: 260,
    data: { values: rows.optimized },
    mark: { type: "point", filled: true, size: 80 },
    encoding: {
      x: logAxis("kappa", "Condition number κ(V)"),
      y: logAxis("deviation", "Largest |ΔG| on the axis"),
      color: colorBy("method", "Perturbation", ["random", "optimized"], [palette[0], palette[1]]),
    },
  });
}

/** Figures, the key one first. */
export const figures: Record<string, (rows: RowTable<Row>) => Figure> = {
  transfer,
  heights,
  sweep,
  robustness,
  gain,
  optimized,
};

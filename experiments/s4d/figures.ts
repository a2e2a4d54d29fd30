import { colorBy, figure, linearAxis, logAxis, palette, theoryColor } from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import { INITS, part, type Row } from "./rows.ts";

const INIT_NAMES = INITS.map(({ label }) => label);

/** Figure 2: kernels at growing N on those of LegS. */
function kernels(rows: Row[]): Figure {
  const all = part(rows, "kernel");
  const sizes = [...new Set(all.map(({ n }) => n))].sort((a, b) => a - b);
  const shown = sizes.filter((n) => [32, 128, 1024].includes(n));
  const names = shown.map((n) => `N = ${n}`);
  const domain = [...names, "LegS (exact)"];
  const range = [palette[5], palette[4], palette[0], theoryColor];
  const panel = (order: number) => {
    const curves = all.filter((row) => row.order === order && shown.includes(row.n))
      .map(({ n, t, y }) => ({ t, y, line: `N = ${n}` }));
    const exact = all.filter((row) => row.order === order && row.n === sizes.at(-1))
      .map(({ t, exact }) => ({ t, y: exact, line: "LegS (exact)" }));
    return {
      width: 250,
      height: 150,
      title: { text: `n = ${order}`, fontSize: 12 },
      data: { values: [...curves, ...exact] },
      mark: { type: "line" as const, clip: true },
      encoding: {
        x: linearAxis("t", "Time t", { domain: [0, 2.5] }),
        y: linearAxis("y", "K(t)", { domain: order === 0 ? [-0.5, 1.7] : [-2.6, 2.8] }),
        color: colorBy("line", null, domain, range),
        strokeWidth: { condition: { test: "datum.line === 'LegS (exact)'", value: 2 }, value: 1.4 },
        strokeDash: { condition: { test: "datum.line === 'LegS (exact)'", value: [5, 3] }, value: [1, 0] },
      },
    };
  };
  return figure({
    title: {
      text: "Without its rank-1 part, LegS keeps its kernels, once N is large",
      subtitle: "S4D-LegS with B / 2, zero-order hold, step 0.002; dashed: HiPPO-LegS itself",
    },
    vconcat: [{ hconcat: [panel(0), panel(1)] }, { hconcat: [panel(2), panel(3)] }],
  });
}

/** Error against N for every way of sampling. */
function convergence(rows: Row[]): Figure {
  const names: Record<string, string> = {
    "zoh, B not halved": "ZOH, B not halved",
    raw: "point samples",
    bilinear: "bilinear",
    zoh: "zero-order hold",
  };
  const values = part(rows, "error").filter(({ order }) => order === 0)
    .map(({ n, sampling, rms }) => ({ n, rms, line: names[sampling] }));
  const sizes = [...new Set(values.map(({ n }) => n))].sort((a, b) => a - b);
  return figure({
    title: {
      text: "Averages over a sample converge like 1/N; point samples never do",
      subtitle: "RMS distance to the LegS kernel of order 0 on [0, 2.5)",
    },
    layer: [
      {
        data: { values },
        mark: { type: "line", point: true },
        encoding: {
          x: logAxis("n", "State size N", { values: sizes }),
          y: logAxis("rms", "RMS error"),
          color: colorBy("line", "Sampling", Object.values(names), [
            palette[3],
            palette[1],
            palette[4],
            palette[0],
          ]),
        },
      },
      {
        data: { values: sizes.filter((n) => n >= 128).map((n) => ({ n, rms: 8 / n })) },
        mark: { type: "line", color: theoryColor, strokeDash: [5, 3] },
        encoding: { x: logAxis("n", "State size N", { values: sizes }), y: logAxis("rms", "RMS error") },
      },
      {
        data: { values: [{ n: 600, rms: 8 / 600, text: "∝ 1/N" }] },
        mark: { type: "text", align: "right", dx: -8, dy: 6, color: theoryColor },
        encoding: {
          x: logAxis("n", "State size N", { values: sizes }),
          y: logAxis("rms", "RMS error"),
          text: { field: "text" },
        },
      },
    ],
  });
}

/** Figure 4: sorted imaginary parts. */
function spectra(rows: Row[]): Figure {
  const values = part(rows, "spectrum").filter(({ n, im }) => n === 64 && im > 0.01);
  return figure({
    title: {
      text: "S4D-Inv follows the spectrum of LegS; S4D-Lin spreads evenly",
      subtitle: "Imaginary parts of the 32 modes at N = 64, from high to low",
    },
    data: { values },
    mark: { type: "line", point: { size: 14 } },
    encoding: {
      x: linearAxis("index", "Mode, by frequency", { domain: [0, 33] }),
      y: logAxis("im", "Imaginary part"),
      color: colorBy("init", "Initialization", ["S4D-LegS", "S4D-Inv", "S4D-Lin", "S4D-Quad"], [
        palette[1],
        palette[2],
        palette[0],
        palette[7],
      ]),
    },
  });
}

/** Why real spectra fail. */
function basis(rows: Row[]): Figure {
  const seed = Math.min(...part(rows, "singular").map(({ seed }) => seed));
  const color = colorBy("init", "Initialization", INIT_NAMES);
  return figure({
    title: {
      text: "Real modes are nearly dependent, so they cannot hold a delay",
      subtitle: "64 frozen columns each, on 1,024 samples of [0, 2)",
    },
    hconcat: [
      {
        width: 270,
        height: 260,
        data: { values: part(rows, "singular").filter((row) => row.seed === seed) },
        mark: { type: "line" },
        encoding: {
          x: linearAxis("index", "Index of singular value", { domain: [0, 64] }),
          y: logAxis("value", "Singular value / largest"),
          color,
        },
      },
      {
        width: 200,
        height: 260,
        data: { values: part(rows, "fit").filter(({ target }) => target === "pulse at 1, width 0.05") },
        mark: { type: "point", filled: true, size: 70, opacity: 0.9 },
        encoding: {
          x: logAxis("error", "Error of a pulse at t = 1"),
          y: { field: "init", type: "nominal", title: null, sort: INIT_NAMES },
          color,
        },
      },
    ],
  });
}

/** Loss of the trained kernels: mean and range over seeds. */
function training(rows: Row[]): Figure {
  const values = summarizeBy(part(rows, "training"), ["init", "step"], "loss");
  const x = linearAxis("step", "Step of Adam");
  const color = colorBy("init", "Initialization", INIT_NAMES);
  return figure({
    title: {
      text: "Training does not repair a bad initialization",
      subtitle: "One kernel learns a delayed pulse; median and range over seeds",
    },
    data: { values },
    layer: [
      {
        mark: { type: "area", opacity: 0.18 },
        encoding: { x, y: logAxis("min", "Squared error"), y2: { field: "max" }, color },
      },
      { mark: { type: "line" }, encoding: { x, y: logAxis("median", "Squared error"), color } },
    ],
  });
}

/** Accuracy on sequential digits. */
function digits(rows: Row[]): Figure {
  // The quick preset trains none: an axis without rows needs an end of its own.
  const last = Math.max(2, ...part(rows, "digits").map(({ epoch }) => epoch));
  return figure({
    title: {
      text: "Reading digits pixel by pixel needs modes that oscillate",
      subtitle: "Two S4D layers of 32 features trained end to end on 1,297 real digits; 500 for testing",
    },
    height: 240,
    data: { values: part(rows, "digits") },
    mark: { type: "line", point: true },
    encoding: {
      x: linearAxis("epoch", "Epoch", { tickCount: 5, domain: [1, last] }),
      y: linearAxis("accuracy", "Test accuracy", { domain: [0, 1] }),
      color: colorBy("init", "Initialization", ["S4D-LegS", "S4D-Real"], [palette[1], palette[4]]),
    },
  });
}

/** Figures, the key one first. */
export const figures: Record<string, (rows: Row[]) => Figure> = {
  kernels,
  convergence,
  spectra,
  basis,
  training,
  digits,
};

import { colorBy, figure, linearAxis, logAxis, palette, theoryColor } from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import { kernelErrors } from "./claims.ts";
import { circleTarget, distinct, type Row, rowsOf, trainingAngles } from "./rows.ts";

const stages = ["before training", "after training"];
const dashed = { type: "line" as const, color: theoryColor, strokeDash: [6, 4], strokeWidth: 1.8 };
const piAxis = (domain: [number, number] = [-Math.PI, Math.PI]) => ({
  ...linearAxis("gamma", "Angle γ", {
    domain,
    nice: false,
    values: [-Math.PI, -Math.PI / 2, 0, Math.PI / 2, Math.PI],
  }),
  axis: {
    grid: true,
    values: [-Math.PI, -Math.PI / 2, 0, Math.PI / 2, Math.PI],
    labelExpr:
      "abs(datum.value) < 0.1 ? '0' : (datum.value < 0 ? '−' : '') + (abs(datum.value) > 2 ? 'π' : 'π/2')",
  },
});

/** Figure 1: kernels of single networks before and after training, the limit on top, the residual below. */
export function kernel(rows: Row[]): Figure {
  const drift = rowsOf(rows, "drift").filter((row) => row.activation === "relu");
  const limit = rowsOf(rows, "limit").filter((row) => row.activation === "relu");
  const all = distinct(drift.map(({ width }) => width));
  const widths = [all[0], all[all.length - 1]];
  const inits = distinct(drift.map(({ init }) => init)).length;
  const lines = drift.flatMap(({ width, init, gamma, before, after }) =>
    gamma.flatMap((g, i) =>
      i % 2 > 0 ? [] : [
        { width, init, gamma: g, ntk: before[i], stage: stages[0] },
        { width, init, gamma: g, ntk: after[i], stage: stages[1] },
      ]
    )
  );
  const truth = new Map(limit.map(({ gamma, ntk }) => [gamma.toFixed(6), ntk]));
  const residuals = lines.map((row) => ({ ...row, ntk: row.ntk - (truth.get(row.gamma.toFixed(6)) ?? NaN) }));
  const top = Math.max(...lines.map(({ ntk }) => ntk));
  const far = Math.max(...residuals.map(({ ntk }) => Math.abs(ntk)));
  const panel = (width: number, i: number) => ({
    vconcat: [{
      title: { text: `n = ${width}`, fontSize: 13 },
      width: 255,
      height: 220,
      layer: [{
        data: { values: lines.filter((row) => row.width === width) },
        mark: { type: "line" as const, strokeWidth: 0.9, opacity: 0.55 },
        encoding: {
          x: piAxis(),
          y: linearAxis("ntk", i === 0 ? "Kernel Θ(0, γ)" : "", { domain: [0, Math.ceil(top * 20) / 20] }),
          detail: { field: "init" },
          color: colorBy("stage", null, stages),
        },
      }, {
        data: { values: limit },
        mark: { ...dashed, strokeWidth: 2.4 },
        encoding: { x: piAxis(), y: { field: "ntk", type: "quantitative" as const } },
      }],
    }, {
      width: 255,
      height: 90,
      layer: [{
        data: {
          values: summarizeBy(residuals.filter((row) => row.width === width), ["gamma", "stage"], "ntk").map(
            ({ gamma, stage, mean, sd }) => ({ gamma, stage, mean, low: mean - sd, high: mean + sd }),
          ),
        },
        encoding: { x: piAxis(), color: colorBy("stage", null, stages) },
        layer: [{
          mark: { type: "area" as const, opacity: 0.2 },
          encoding: {
            y: linearAxis("low", i === 0 ? "Minus limit" : "", { domain: [-far, far], tickCount: 3 }),
            y2: { field: "high" },
          },
        }, {
          mark: { type: "line" as const },
          encoding: { y: { field: "mean", type: "quantitative" as const } },
        }],
      }, {
        data: { values: [{ zero: 0 }] },
        mark: { type: "rule" as const, color: theoryColor, strokeDash: [6, 4] },
        encoding: { y: { datum: 0 } },
      }],
    }],
  });
  return figure({
    title: {
      text: "A wide network's kernel is deterministic, and training hardly moves it",
      subtitle: [
        `Tangent kernel on the circle, depth 4, ${inits} networks per width, 200 steps; dashed: infinite width, exact.`,
        "Below: mean and standard deviation of the difference from the limit.",
      ],
    },
    hconcat: widths.map(panel),
    config: { legend: { orient: "bottom" } },
  });
}

/** Spread and bias of the kernel at initialization, by width. */
export function spread(rows: Row[]): Figure {
  const errors = kernelErrors(rows);
  const names = ["standard deviation over networks", "mean minus limit (relative)"];
  const points = errors.flatMap((
    { width, sd, error },
  ) => [{ width, value: sd, what: names[0] }, { width, value: error, what: names[1] }]);
  // The reference line goes through the geometric middle of the points: its slope is what is compared.
  const level = Math.exp(
    errors.reduce((sum, e) => sum + Math.log(e.sd * Math.sqrt(e.width)), 0) / errors.length,
  );
  return figure({
    title: {
      text: "The kernel's spread falls as one over the square root of the width",
      subtitle: `At initialization, depth 4, ${
        rowsOf(rows, "spread")[0]?.inits ?? 0
      } networks per width; dashed: slope −1/2`,
    },
    layer: [{
      data: { values: points },
      mark: { type: "line", point: true },
      encoding: {
        x: logAxis("width", "Width n"),
        y: logAxis("value", "Size"),
        color: colorBy("what", null, names),
      },
    }, {
      data: { values: errors.map(({ width }) => ({ width, value: level / Math.sqrt(width) })) },
      mark: dashed,
      encoding: { x: { field: "width", type: "quantitative" }, y: { field: "value", type: "quantitative" } },
    }],
    config: { legend: { orient: "bottom" } },
  });
}

/** Figure 2: trained functions against the Gaussian law of the limit, at two times. */
export function functions(rows: Row[]): Figure {
  // Ten lines a width are as many as an eye tells apart.
  const trained = rowsOf(rows, "function").filter(({ init }) => init < 10);
  const times = distinct(trained.map(({ time }) => time));
  const shown = [times[1], times.at(-1)!];
  const widths = distinct(trained.map(({ width }) => width));
  const names = widths.map((width) => `n = ${width}`);
  const lines = trained.filter((row) => shown.includes(row.time)).flatMap((
    { width, init, time, gamma, values },
  ) =>
    gamma.map((g, i) => ({
      width: `n = ${width}`,
      init: `${width}-${init}`,
      time,
      gamma: g,
      value: values[i],
    }))
  );
  const band = rowsOf(rows, "band").filter((row) => shown.includes(row.time)).sort((a, b) =>
    a.gamma - b.gamma
  )
    .map(({ time, gamma, mean, sd }) => ({
      time,
      gamma,
      mean,
      low: mean - 1.2816 * sd,
      high: mean + 1.2816 * sd,
    }));
  const y = { domain: [-0.9, 0.9] as [number, number] };
  const panel = (time: number, i: number) => ({
    title: { text: `after ${time} steps`, fontSize: 13 },
    width: 255,
    height: 260,
    layer: [{
      data: { values: band.filter((row) => row.time === time) },
      mark: { type: "area" as const, color: theoryColor, opacity: 0.15 },
      encoding: { x: piAxis(), y: linearAxis("low", i === 0 ? "f(γ)" : "", y), y2: { field: "high" } },
    }, {
      data: { values: lines.filter((row) => row.time === time) },
      mark: { type: "line" as const, strokeWidth: 0.9, opacity: 0.6, clip: true },
      encoding: {
        x: piAxis(),
        y: { field: "value", type: "quantitative" as const },
        detail: { field: "init" },
        color: colorBy("width", null, names),
      },
    }, {
      data: { values: band.filter((row) => row.time === time) },
      mark: dashed,
      encoding: { x: piAxis(), y: { field: "mean", type: "quantitative" as const } },
    }, {
      data: { values: trainingAngles.map((gamma) => ({ gamma, value: circleTarget(gamma) })) },
      mark: { type: "point" as const, filled: true, size: 70, color: theoryColor, opacity: 1 },
      encoding: { x: piAxis(), y: { field: "value", type: "quantitative" as const } },
    }],
  });
  return figure({
    title: {
      text: "Trained networks scatter as the Gaussian law of the limit says",
      subtitle:
        "Four training points (dots), one line per network; dashed and grey: exact mean and 10–90 % band",
    },
    hconcat: shown.map(panel),
    config: { legend: { orient: "bottom" } },
  });
}

function modeRows(rows: Row[]) {
  const tracked = distinct(
    rowsOf(rows, "mode-summary").filter(({ peak }) => peak !== null).map(({ mode }) => mode),
  );
  const widths = distinct(rowsOf(rows, "mode").map(({ width }) => width));
  return { tracked, widths, names: widths.map((width) => `n = ${width}`), modes: rowsOf(rows, "mode") };
}

/** Figure 3: error along and off the component being learned. */
export function components(rows: Row[]): Figure {
  const { tracked, names, modes } = modeRows(rows);
  const summary = (field: "along" | "off", scale: number) =>
    summarizeBy(modes.map((row) => ({ ...row, x: row.t * row.rate, value: scale * row[field] })), [
      "mode",
      "width",
      "x",
    ], "value")
      .map(({ mode, width, x, mean, sd }) => ({
        mode,
        width: `n = ${width}`,
        x,
        mean,
        low: Math.max(mean - sd, 0.005),
        high: mean + sd,
      }));
  const along = summary("along", 2);
  const off = summary("off", 1);
  const highest = Math.max(...off.map(({ high }) => high));
  const panel = (data: typeof along, mode: number, log: boolean, i: number) => ({
    width: 255,
    height: log ? 210 : 130,
    ...(log ? { title: { text: `target: mode ${mode}`, fontSize: 13 } } : {}),
    layer: [{
      data: { values: data.filter((row) => row.mode === mode) },
      encoding: {
        x: linearAxis("x", log ? "" : "Time × eigenvalue", { domain: [0, 3] }),
        color: colorBy("width", null, names),
      },
      layer: [{
        mark: { type: "area" as const, opacity: 0.15, clip: true },
        encoding: {
          y: log
            ? logAxis("low", i === 0 ? "Error along the mode" : "", { domain: [0.02, 1.2] })
            : linearAxis("low", i === 0 ? "Error off it" : "", { domain: [0, highest], tickCount: 4 }),
          y2: { field: "high" },
        },
      }, {
        mark: { type: "line" as const, clip: true },
        encoding: { y: { field: "mean", type: "quantitative" as const } },
      }],
    }, {
      data: {
        values: Array.from({ length: 31 }, (_, j) => ({ x: j / 10, value: log ? Math.exp(-j / 10) : 0 })),
      },
      mark: dashed,
      encoding: {
        x: { field: "x", type: "quantitative" as const },
        y: { field: "value", type: "quantitative" as const },
      },
    }],
  });
  return figure({
    title: {
      text: "Each component decays at its own eigenvalue, and the rest stays put",
      subtitle:
        "Mean and standard deviation over networks; errors relative to 0.5 (top), absolute (bottom); dashed: limit",
    },
    hconcat: tracked.map((mode, i) => ({
      vconcat: [
        panel(along, mode, true, i),
        panel(off.map((row) => ({ ...row, low: row.low })), mode, false, i),
      ],
    })),
    config: { legend: { orient: "bottom" } },
  });
}

/** Why small networks learn faster: against the time their own kernel counts, all curves are one. */
export function kernelTime(rows: Row[]): Figure {
  const { widths, names, modes } = modeRows(rows);
  const mode = 1;
  const narrow = widths[0];
  const wide = widths.at(-1)!;
  const lines = modes.filter((row) => row.mode === mode && (row.width === narrow || row.width === wide));
  const shown = [names[0], names.at(-1)!];
  const panel = (what: "clock" | "kernel") => ({
    title: { text: what === "clock" ? "by the clock" : "by the kernel's own time", fontSize: 13 },
    width: 255,
    height: 250,
    layer: [{
      data: {
        values: lines.map((row) => ({
          x: what === "clock" ? row.t * row.rate : row.kernelTime,
          y: 2 * row.along,
          run: `${row.width}-${row.init}`,
          width: `n = ${row.width}`,
        })).filter(({ y }) => y > 0.02),
      },
      mark: { type: "line" as const, strokeWidth: 1.1, opacity: 0.8, clip: true },
      encoding: {
        x: linearAxis("x", what === "clock" ? "t × limit eigenvalue" : "∫ network's own eigenvalue dt", {
          domain: [0, 3],
        }),
        y: logAxis("y", what === "clock" ? "Error left" : "", { domain: [0.02, 1.2] }),
        detail: { field: "run" },
        color: colorBy("width", null, shown, [palette[0], palette[2]]),
      },
    }, {
      data: { values: Array.from({ length: 31 }, (_, j) => ({ x: j / 10, y: Math.exp(-j / 10) })) },
      mark: dashed,
      encoding: {
        x: { field: "x", type: "quantitative" as const },
        y: { field: "y", type: "quantitative" as const },
      },
    }],
  });
  return figure({
    title: {
      text: "Networks differ mostly in how fast their kernel's clock runs",
      subtitle: "Error along mode 1, one line per network; dashed: exp(−x)",
    },
    hconcat: [panel("clock"), panel("kernel")],
    config: { legend: { orient: "bottom" } },
  });
}

/** Spectral bias: time to halve the error of a Fourier mode against 1 / eigenvalue. */
export function spectralBias(rows: Row[]): Figure {
  const runs = rowsOf(rows, "mode-summary");
  const widest = Math.max(...runs.map(({ width }) => width));
  const here = runs.filter((row) => row.width === widest && row.half !== null)
    .map(({ mode, rate, half }) => ({ mode: `mode ${mode}`, slowness: 1 / rate, half: half! }));
  const names = distinct(runs.map(({ mode }) => mode)).map((mode) => `mode ${mode}`);
  const xs = here.map(({ slowness }) => slowness);
  const low = Math.min(...xs) * 0.8;
  const high = Math.max(...xs) * 1.25;
  return figure({
    title: {
      text: "Smooth modes first: the time to learn one is set by its eigenvalue",
      subtitle:
        `Time to halve the error, networks of width ${widest}; dashed: ln 2 / eigenvalue, no free constant`,
    },
    layer: [{
      data: { values: [low, high].map((slowness) => ({ slowness, half: Math.LN2 * slowness })) },
      mark: dashed,
      encoding: {
        x: logAxis("slowness", "1 / eigenvalue", { domain: [low, high] }),
        y: logAxis("half", "Time to halve the error"),
      },
    }, {
      data: { values: here },
      mark: { type: "point" },
      encoding: {
        x: { field: "slowness", type: "quantitative" },
        y: { field: "half", type: "quantitative" },
        color: colorBy("mode", null, names),
      },
    }],
  });
}

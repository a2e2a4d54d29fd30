import { colorBy, figure, linearAxis, logAxis, palette } from "../../../lib/figures/mod.ts";
import { NEWTON_SCHULZ, newtonSchulzScalar } from "../../../lib/optimizers/mod.ts";
import { summarizeBy } from "../../../lib/statistics/mod.ts";
import type { Figure } from "../../../lib/experiment/mod.ts";
import { average, distinct, type Row, rowsOf, type Schedule } from "../rows.ts";

const LAYER: Record<number, string> = {
  2: "Layer 2, 64 × 256",
  3: "Layer 3, 256 × 64",
  4: "Layer 4, 64 × 256",
};

/** The paper's three series, in the order of their lines. */
const SERIES: { schedule: Schedule; line: string; color: string }[] = [
  { schedule: "classic", line: "classic Newton–Schulz", color: palette[6] },
  { schedule: "Muon", line: "Muon", color: palette[0] },
  { schedule: "AdaNewton", line: "AdaNewton (ROOT)", color: palette[2] },
];

const color = { ...colorBy("line", null, SERIES.map(({ line }) => line), SERIES.map((s) => s.color)) };

/** The key figure: relative orthogonalization error against the step, a panel a layer. */
export function precision(rows: Row[]): Figure {
  const lineOf = (schedule: Schedule) => SERIES.find((series) => series.schedule === schedule)?.line;
  const values = summarizeBy(rowsOf(rows, "precision"), ["layer", "step", "schedule"], "error")
    .map(({ layer, step, schedule, mean, min, max }) => ({
      layer,
      step,
      line: lineOf(schedule),
      mean,
      min,
      max,
    }))
    .filter(({ line }) => line !== undefined);
  const layers = distinct(values.map(({ layer }) => layer)).sort();
  const panel = (layer: number, isFirst: boolean) => ({
    width: 178,
    height: 260,
    title: { text: LAYER[layer], fontSize: 12.5, frame: "group" as const, offset: 4 },
    data: { values: values.filter((value) => value.layer === layer) },
    layer: [
      {
        mark: { type: "area" as const, opacity: 0.2 },
        encoding: {
          y: { field: "min", type: "quantitative" as const },
          y2: { field: "max" },
          color: { ...color, legend: { symbolType: "stroke", symbolOpacity: 1 } },
        },
      },
      {
        mark: { type: "line" as const },
        encoding: { y: { field: "mean", type: "quantitative" as const }, color },
      },
    ],
    encoding: {
      x: linearAxis("step", "Training step", { domain: [0, 100], tickCount: 4 }),
      y: logAxis("mean", isFirst ? "Relative error" : "", { domain: [0.1, 1] }),
    },
  });
  return figure({
    title: {
      text: "Fitted coefficients orthogonalize better, at every step and in every layer",
      subtitle: [
        "‖X₅ − UVᵀ‖ / ‖UVᵀ‖ of the momentum of an MLP on digits, after five steps",
        "coefficients fitted on one seed, evaluated on another; mean and range of seed pairs",
      ],
    },
    hconcat: layers.map((layer, i) => panel(layer, i === 0)),
    spacing: 16,
    config: { legend: { orient: "bottom", symbolStrokeWidth: 2.5 } },
  });
}

/** Every schedule on the same momenta: those with a triple per step win. */
export function schedules(rows: Row[]): Figure {
  const kinds: [Schedule, string, string][] = [
    ["cubic", "classic cubic", palette[6]],
    ["classic", "classic quintic", palette[6]],
    ["fitted to Gaussians", "fitted to random matrices", palette[3]],
    ["Muon", "Muon", palette[0]],
    ["fitted to a 1:3 mix", "fitted to a 1:3 mix", palette[3]],
    ["AdaNewton, one for the shape", "AdaNewton, per shape", palette[2]],
    ["AdaNewton", "AdaNewton, per layer", palette[2]],
    ["You", "You, per step", palette[4]],
    ["Polar Express", "Polar Express, per step", palette[4]],
  ];
  const dots = summarizeBy(rowsOf(rows, "precision"), ["calibration", "layer", "schedule"], "error").map((
    group,
  ) => ({
    name: kinds.find(([schedule]) => schedule === group.schedule)![1],
    schedule: group.schedule,
    error: group.mean,
  }));
  const means = kinds.map(([schedule, name]) => {
    const error = average(dots.filter((dot) => dot.schedule === schedule).map((dot) => dot.error));
    return { name, schedule, error, text: error.toFixed(3) };
  });
  const names = kinds.map(([, name]) => name);
  const y = { field: "name", type: "nominal" as const, sort: names, title: null, axis: { labelLimit: 400 } };
  const fill = { ...colorBy("name", null, names, kinds.map(([, , hue]) => hue)), legend: null };
  return figure({
    title: {
      text: "A triple per step beats a triple per shape",
      subtitle: "Five steps on the same momenta; a dot a layer and seed pair",
    },
    height: 270,
    width: 400,
    layer: [
      {
        data: { values: means },
        mark: { type: "bar", height: 17, opacity: 0.35 },
        encoding: { color: fill },
      },
      { data: { values: dots }, mark: { type: "point", size: 18 }, encoding: { color: fill } },
      {
        data: { values: means.map((mean) => ({ ...mean, error: 0.93 })) },
        mark: { type: "text", align: "left" },
        encoding: { text: { field: "text" } },
      },
    ],
    encoding: { x: linearAxis("error", "Mean relative error", { domain: [0, 1], tickCount: 6 }), y },
  });
}

/** Why: what five steps do to a singular value, above where the singular values are. */
export function why(rows: Row[]): Figure {
  const fits = rowsOf(rows, "fit").filter(({ layer }) => layer === 2);
  const fitted = (schedule: Schedule) => {
    const [fit] = fits.filter((row) => row.schedule === schedule);
    return new Array(5).fill(fit.quintic);
  };
  const lines = [
    { line: "Muon", coefficients: NEWTON_SCHULZ.muon5, hue: palette[0] },
    { line: "AdaNewton", coefficients: fitted("AdaNewton"), hue: palette[2] },
    { line: "fitted to random matrices", coefficients: fitted("fitted to Gaussians"), hue: palette[3] },
  ];
  const grid = Array.from({ length: 301 }, (_, i) => 10 ** (-4 + i / 75));
  const curves = lines.flatMap(({ line, coefficients }) =>
    grid.map((x) => ({ x, y: newtonSchulzScalar(x, coefficients), line }))
  );
  const x = (title: string) => logAxis("x", title, { domain: [1e-4, 1] });
  const shares = summarizeBy(rowsOf(rows, "spectrum"), ["source", "value"], "share")
    .filter(({ value }) => value > 1e-4)
    .map(({ source, value, mean }) => ({
      x: value,
      share: mean,
      source: source === "momentum" ? "momenta of training" : "random 64 × 256 matrices",
    }));
  return figure({
    title: {
      text: "Momentum has small singular values, random matrices do not",
      subtitle: "Above: what five steps do to a singular value; below: where these are",
    },
    vconcat: [
      {
        width: 560,
        height: 200,
        data: { values: curves },
        layer: [
          {
            data: { values: [{ y: 1 }] },
            mark: { type: "rule", strokeDash: [5, 4], color: "#888" },
            encoding: { y: { field: "y", type: "quantitative" } },
          },
          {
            mark: { type: "line", clip: true },
            encoding: {
              x: x(""),
              y: linearAxis("y", "After five steps", { domain: [0, 1.3] }),
              color: {
                ...colorBy("line", null, lines.map(({ line }) => line), lines.map(({ hue }) => hue)),
                legend: { orient: "bottom-right" as const, symbolType: "stroke" },
              },
            },
          },
        ],
      },
      {
        width: 560,
        height: 110,
        data: { values: shares },
        mark: { type: "area", opacity: 0.45, interpolate: "step", line: true },
        encoding: {
          x: x("Singular value over Frobenius norm"),
          y: { ...linearAxis("share", "Share", { format: "%", tickCount: 3 }), stack: null },
          color: {
            ...colorBy("source", null, ["momenta of training", "random 64 × 256 matrices"], [
              palette[2],
              palette[3],
            ]),
            legend: { orient: "top-left" as const },
          },
        },
      },
    ],
    spacing: 8,
    resolve: { scale: { color: "independent" } },
  });
}

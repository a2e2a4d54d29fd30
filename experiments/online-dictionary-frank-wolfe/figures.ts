/** Figures, the key one first. */
import { distinct, type Figure, groupsOf, mean, type RowTable } from "../../lib/experiment/mod.ts";
import {
  colorBy,
  figure,
  legendAt,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  palette,
  panels,
  theoryLine,
} from "../../lib/figures/mod.ts";
import { fitPowerLaw } from "../../lib/statistics/mod.ts";
import { at, curvesOf, lawAt, type Row, type RunKey, thetaOf } from "./rows.ts";

/** A line of a figure: which runs, its name, its colour. */
type Line = [Partial<RunKey>, string, string];

const METHODS: Line[] = [
  [{ method: "alternating", lambda: 1 }, "alternating, λ = 1", palette[3]],
  [{ method: "convex" }, "Frank–Wolfe, convex steps", palette[1]],
  [{ method: "l4" }, "Frank–Wolfe, ℓ4", palette[4]],
  [{ method: "noncvx" }, "Frank–Wolfe, ℓ3 (the paper)", palette[0]],
];

const PARTS: Line[] = [
  [{ method: "no averaging" }, "gradient averaging off", palette[1]],
  [{ method: "no retraction" }, "retraction off", palette[4]],
  [{ method: "noncvx" }, "as in the paper", palette[0]],
];

function colors(all: readonly Line[]) {
  return colorBy("series", null, all.map(([, name]) => name), all.map(([, , color]) => color));
}

/** The points of every line at the steps that all of its runs have, for the mean and the range of seeds. */
function seriesOf(rows: readonly Row<"curve">[], all: readonly Line[], from: number, to: number) {
  return all.flatMap(([wanted, series]) => {
    const runs = curvesOf(rows, wanted).filter(({ step }) => step >= from && step <= to);
    const most = Math.max(0, ...groupsOf(runs, "step").map(({ rows }) => rows.length));
    return runs.filter(({ step, error }) => error > 0 && at(runs, step).length === most)
      .map(({ step, error }) => ({ step, error, series }));
  });
}

const band = (rows: readonly { step: number; error: number; series: string }[]) =>
  meanAndRange(rows, { x: "step", y: "error", series: "series" });

function batchTitle(batch: number): string {
  return batch === 1 ? "One sample per step" : `${batch} samples per step`;
}

/** The key figure: the paper's first one. */
function key({ curve }: RowTable<Row>): Figure {
  const theta = thetaOf(curve);
  return figure({
    title: "Step sizes for non-convex problems learn the dictionary far earlier",
    subtitle: `n = 10, θ = ${theta}; mean and range of seeds. Dashed: the noise law for ℓ3, nothing fitted`,
    ...panels(
      batchesOf(curve).map((batch) => ({
        title: batchTitle(batch),
        x: linearAxis("step", "Iteration", { domain: [0, 3000], values: [0, 1000, 2000, 3000] }),
        y: logAxis("error", "Dictionary error", { domain: [2e-4, 1] }),
        color: colors(METHODS),
        layer: [
          band(
            seriesOf(
              curve,
              METHODS.map(([wanted, ...rest]) => [{ batch, theta, ...wanted }, ...rest]),
              0,
              3000,
            ),
          ),
          theoryLine((step) => lawAt({ n: 10, theta, batch }, step), {
            x: "step",
            y: "error",
            domain: [30, 3000],
            spacing: "log",
            count: 30,
          }),
        ],
      })),
    ),
    config: legendAt("bottom", { columns: 2, labelLimit: 220 }),
  });
}

function batchesOf(rows: readonly Row<"curve">[]): number[] {
  const found = distinct(rows.filter(({ method }) => method === "convex"), "batch");
  // A figure that grows starts without rows.
  return found.length === 0 ? [1, 10] : found;
}

/** The noise law in every setting. */
function law({ curve }: RowTable<Row>): Figure {
  const settings: { n: number; theta: number; batch: number; color: string }[] = [
    { n: 10, theta: 0.3, batch: 1, color: palette[1] },
    { n: 16, theta: 0.3, batch: 10, color: palette[4] },
    { n: 10, theta: 0.5, batch: 10, color: palette[3] },
    { n: 10, theta: 0.3, batch: 10, color: palette[0] },
    { n: 10, theta: 0.1, batch: 10, color: palette[2] },
    { n: 5, theta: 0.3, batch: 10, color: palette[5] },
  ];
  const all = settings.map(({ color, ...setting }) => {
    const { n, theta, batch } = setting;
    const line: Line = [{ method: "noncvx", ...setting }, `n = ${n}, θ = ${theta}, b = ${batch}`, color];
    return { setting, line, points: seriesOf(curve, [line], 10, 1e5) };
  }).filter(({ points }) => points.length > 0);
  return figure({
    title: "Late errors are gradient noise, and known before the run",
    subtitle: "Mean and range of seeds; dashed: (n−1) σ₃² γₜ / b(1−θ), slope −3/4, nothing fitted",
    x: logAxis("step", "Iteration t"),
    y: logAxis("error", "Dictionary error"),
    color: colors(all.map(({ line }) => line)),
    layer: [
      band(all.flatMap(({ points }) => points)),
      ...all.map(({ setting, points }) =>
        theoryLine((step) => lawAt(setting, step), {
          x: "step",
          y: "error",
          domain: [200, Math.max(...points.map(({ step }) => step))],
          spacing: "log",
          count: 12,
        })
      ),
    ],
  });
}

const two = (x: number) => x.toFixed(2).replace("-", "−");

/** The gap of the theorem. */
function gap({ curve }: RowTable<Row>): Figure {
  const theta = thetaOf(curve);
  const all = batchesOf(curve).flatMap((batch) => {
    const runs = curvesOf(curve, { method: "noncvx", batch, theta }).flatMap(({ step, leastGap }) =>
      leastGap !== null && leastGap > 0 && step >= 20 && step <= 3000 ? [{ step, error: leastGap }] : []
    );
    const means = groupsOf(runs, "step").map(({ value, rows }) => ({
      step: value,
      error: mean(rows.map(({ error }) => error)),
    }));
    const late = means.filter(({ step }) => step >= 300);
    if (late.length < 2) return [];
    const { slope, interval } = fitPowerLaw(late.map(({ step }) => step), late.map(({ error }) => error));
    const series = `batch ${batch}: slope ${two(slope)}, 95 % [${interval.map(two).join(", ")}]`;
    const first = means.reduce((a, b) => a.step < b.step ? a : b);
    return [{ series, first, points: runs.map((row) => ({ ...row, series })) }];
  });
  const rate = (step: number) => Math.log(step) / step ** 0.25;
  return figure({
    title: "The theorem's rate is an upper bound, and far from tight",
    subtitle:
      "Smallest Frank–Wolfe gap of the exact objective so far; dashed: ln t / t^(1/4) from the first point",
    x: logAxis("step", "Iteration t", { domain: [20, 3000] }),
    y: logAxis("error", "Frank–Wolfe gap", { domain: [1e-4, 0.05] }),
    color: colorBy("series", null, all.map(({ series }) => series), [palette[1], palette[0]]),
    layer: [
      band(all.flatMap(({ points }) => points)),
      ...all.slice(0, 1).map(({ first }) =>
        theoryLine((step) => first.error * rate(step) / rate(first.step), {
          x: "step",
          y: "error",
          domain: [20, 3000],
          spacing: "log",
          count: 12,
        })
      ),
    ],
    config: legendAt("bottom", { columns: 1, labelLimit: 320 }),
  });
}

/** What each part of the method is for. */
function ablation({ curve }: RowTable<Row>): Figure {
  const theta = thetaOf(curve);
  return figure({
    title: "Averaging makes single samples work; retraction changes nothing",
    subtitle: `n = 10, θ = ${theta}; mean and range of seeds`,
    ...panels(
      batchesOf(curve).map((batch) => ({
        title: batchTitle(batch),
        x: logAxis("step", "Iteration", { domain: [10, 3000] }),
        y: logAxis("error", "Dictionary error", { domain: [2e-4, 1] }),
        color: colors(PARTS),
        layer: [
          band(
            seriesOf(
              curve,
              PARTS.map(([wanted, ...rest]) => [{ batch, theta, ...wanted }, ...rest]),
              10,
              3000,
            ),
          ),
        ],
      })),
    ),
    config: legendAt("bottom", { columns: 3 }),
  });
}

/** Exact gradients. */
function power({ power }: RowTable<Row>): Figure {
  const runs = power.filter(({ error }) => error > 1e-14);
  const thetas = distinct(runs, "theta").sort((a, b) => b - a);
  const theory = thetas.flatMap((theta) => {
    const late = runs.filter((row) => row.theta === theta && row.seed === runs[0].seed && row.error < 1e-4);
    return late.map(({ step }) => ({
      step,
      error: late[0].error * theta ** (2 * (step - late[0].step)),
      theta,
    }));
  });
  return figure({
    title: "With exact gradients, the power method contracts by θ per step",
    subtitle: "n = 8, four random starts; dashed: a factor θ² per step in the error, from 1e-4 on",
    height: 260,
    x: linearAxis("step", "Step"),
    y: logAxis("error", "Dictionary error"),
    color: colorBy("series", null, thetas.map((theta) => `θ = ${theta}`)),
    layer: [
      lines(
        runs.map(({ step, error, theta, seed }) => ({
          step,
          error,
          series: `θ = ${theta}`,
          run: `${theta} ${seed}`,
        })),
        { each: "run", strokeWidth: 1.5, opacity: 0.8 },
      ),
      theoryLine(theory, { x: "step", y: "error", series: "theta" }),
    ],
  });
}

const SENSORS: Row<"weather">["sensor"][] = ["pressure", "temperature", "wind"];

/** Real windows. */
function weather({ weather }: RowTable<Row>): Figure {
  const bases: Row<"weather">["basis"][] = ["learned", "DCT", "principal components", "readings"];
  return figure({
    title: "Real windows: as sparse as in the best fixed basis, or sparser",
    subtitle:
      "Seattle's normal year: whitened windows of 16 hours, October to December, learned before October",
    ...panels(
      SENSORS.map((sensor) => ({
        title: sensor,
        x: linearAxis("kept", "Entries kept of 15", { domain: [1, 8], values: [1, 2, 4, 6, 8] }),
        y: linearAxis("share", "Share of the energy", { domain: [0.2, 1], format: "%" }),
        color: colorBy("basis", null, bases, [palette[0], palette[1], palette[2], palette[4]]),
        layer: [lines(weather.filter((row) => row.sensor === sensor), { dots: true })],
      })),
      { height: 220 },
    ),
    config: legendAt("bottom", { columns: 4 }),
  });
}

export const figures = { key, law, gap, ablation, power, weather };

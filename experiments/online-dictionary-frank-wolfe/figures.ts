import { colorBy, figure, linearAxis, logAxis, palette, theoryColor } from "../../lib/figures/mod.ts";
import { fitPowerLaw } from "../../lib/statistics/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import { FIRST, lawAt } from "./claims.ts";
import { at, type CurveRow, curves, mean, ofType, type Row, type RunKey, type WeatherRow } from "./rows.ts";

const dashes = { strokeDash: [5, 4], color: theoryColor, strokeWidth: 1.3 };
const quantitative = (field: string) => ({ field, type: "quantitative" as const });

/** Mean and range over seeds at every recorded step. */
function overSeeds(rows: CurveRow[], line: string, field: "error" | "leastGap" = "error") {
  return [...new Set(rows.map(({ step }) => step))].sort((a, b) => a - b).map((step) => {
    const values = at(rows, step, field);
    return { step, error: mean(values), low: Math.min(...values), high: Math.max(...values), line };
  }).filter(({ error, low }) => Number.isFinite(error) && low > 0);
}

type Point = ReturnType<typeof overSeeds>[number];

/** Lines with the range of seeds. */
function bands(points: Point[], domain: string[], range: string[]) {
  const color = {
    ...colorBy("line", null, domain, range),
    legend: { symbolOpacity: 1, title: null, labelLimit: 280 },
  };
  return [
    {
      data: { values: points },
      mark: { type: "area" as const, opacity: 0.12, clip: true },
      encoding: { y: quantitative("low"), y2: { field: "high" }, color },
    },
    {
      data: { values: points },
      mark: { type: "line" as const, clip: true },
      encoding: { y: quantitative("error"), color },
    },
  ];
}

const METHODS: [Partial<RunKey>, string, string][] = [
  [{ method: "alternating", lambda: 1 }, "alternating, λ = 1", palette[3]],
  [{ method: "convex" }, "Frank–Wolfe, convex steps", palette[1]],
  [{ method: "l4" }, "Frank–Wolfe, ℓ4", palette[4]],
  [{ method: "noncvx" }, "Frank–Wolfe, ℓ3 (the paper)", palette[0]],
];

/** The key figure: the paper's first one. */
function key(rows: Row[]): Figure {
  const panel = (batch: number) => {
    const lines = METHODS.map(([some, line, color]) => ({
      points: overSeeds(curves(rows, { ...FIRST, batch, ...some }), line).filter(({ step }) => step <= 3000),
      line,
      color,
    }));
    const law = [30, 100, 200, 300, 500, 1000, 1500, 2000, 3000]
      .map((step) => ({ step, law: lawAt({ n: 10, theta: 0.3, batch }, step) }));
    return {
      width: 255,
      height: 270,
      title: {
        text: batch === 1 ? "One sample a step" : `${batch} samples a step`,
        fontSize: 12,
        frame: "group" as const,
        offset: 4,
      },
      layer: [
        ...bands(
          lines.flatMap(({ points }) => points),
          lines.map(({ line }) => line),
          lines.map(({ color }) => color),
        ),
        {
          data: { values: law },
          mark: { type: "line" as const, ...dashes, clip: true },
          encoding: { y: quantitative("law") },
        },
      ],
      encoding: {
        x: linearAxis("step", "Iteration", { domain: [0, 3000], values: [0, 1000, 2000, 3000] }),
        y: logAxis("error", batch === 1 ? "Dictionary error" : "", { domain: [2e-4, 1] }),
      },
    };
  };
  return figure({
    title: {
      text: "Step sizes for non-convex problems learn the dictionary far earlier",
      subtitle: "n = 10, θ = 0.3; mean and range of seeds. Dashed: the noise law for ℓ3, nothing fitted",
    },
    hconcat: [panel(1), panel(10)],
    spacing: 14,
    config: { legend: { orient: "bottom", columns: 2, symbolType: "stroke", labelLimit: 220 } },
  });
}

/** The noise law in every setting. */
function law(rows: Row[]): Figure {
  const settings: { n: number; theta: number; batch: number; color: string }[] = [
    { n: 10, theta: 0.3, batch: 1, color: palette[1] },
    { n: 16, theta: 0.3, batch: 10, color: palette[4] },
    { n: 10, theta: 0.5, batch: 10, color: palette[3] },
    { n: 10, theta: 0.3, batch: 10, color: palette[0] },
    { n: 10, theta: 0.1, batch: 10, color: palette[2] },
    { n: 5, theta: 0.3, batch: 10, color: palette[5] },
  ];
  const lines = settings.map(({ n, theta, batch, color }) => {
    const line = `n = ${n}, θ = ${theta}, b = ${batch}`;
    const runs = curves(rows, { method: "noncvx", n, theta, batch });
    // Long runs and short ones have different steps in common.
    const most = Math.max(
      0,
      ...[...new Set(runs.map(({ step }) => step))].map((step) => at(runs, step).length),
    );
    const points = overSeeds(runs, line).filter(({ step }) => step >= 10 && at(runs, step).length === most);
    return { points, line, color, n, theta, batch };
  }).filter(({ points }) => points.length > 0);
  const theory = lines.flatMap(({ points, line, n, theta, batch }) =>
    points.filter(({ step }) => step >= 200).map(({ step }) => ({
      step,
      law: lawAt({ n, theta, batch }, step),
      line,
    }))
  );
  return figure({
    title: {
      text: "Late errors are gradient noise, and known before the run",
      subtitle: "Mean and range of seeds; dashed: (n−1) σ₃² γₜ / b(1−θ), slope −3/4, nothing fitted",
    },
    layer: [
      ...bands(
        lines.flatMap(({ points }) => points),
        lines.map(({ line }) => line),
        lines.map(({ color }) => color),
      ),
      {
        data: { values: theory },
        mark: { type: "line", ...dashes },
        encoding: { y: quantitative("law"), detail: { field: "line" } },
      },
    ],
    encoding: {
      x: logAxis("step", "Iteration t"),
      y: logAxis("error", "Dictionary error"),
    },
    config: { legend: { symbolType: "stroke" } },
  });
}

const two = (x: number) => x.toFixed(2).replace("-", "−");

/** The gap of the theorem. */
function gap(rows: Row[]): Figure {
  const lines = [1, 10].map((batch) => {
    const runs = curves(rows, { ...FIRST, method: "noncvx", batch }).filter(({ leastGap }) =>
      leastGap !== null
    );
    const points = overSeeds(runs, "", "leastGap").filter(({ step }) => step >= 20 && step <= 3000);
    const late = points.filter(({ step }) => step >= 300);
    const { slope, interval } = fitPowerLaw(late.map(({ step }) => step), late.map(({ error }) => error));
    const text = `batch ${batch}: slope ${two(slope)}, 95 % [${interval.map(two).join(", ")}]`;
    return { text, points: points.map((point) => ({ ...point, line: text })) };
  });
  const start = lines[0].points[0];
  const rate = (step: number) => Math.log(step) / step ** 0.25;
  const theory = [20, 50, 100, 300, 1000, 3000].map((step) => ({
    step,
    error: start.error * rate(step) / rate(start.step),
  }));
  return figure({
    title: {
      text: "The theorem's rate is an upper bound, and far from tight",
      subtitle:
        "Smallest Frank–Wolfe gap of the exact objective so far; dashed: ln t / t^(1/4) from the first point on",
    },
    layer: [
      ...bands(lines.flatMap(({ points }) => points), lines.map(({ text }) => text), [
        palette[1],
        palette[0],
      ]),
      { data: { values: theory }, mark: { type: "line", ...dashes }, encoding: { y: quantitative("error") } },
    ],
    encoding: {
      x: logAxis("step", "Iteration t", { domain: [20, 3000] }),
      y: logAxis("error", "Frank–Wolfe gap"),
    },
    config: { legend: { orient: "bottom", symbolType: "stroke", labelLimit: 280 } },
  });
}

/** What each part of the method is for. */
function ablation(rows: Row[]): Figure {
  const parts: [Partial<RunKey>, string, string][] = [
    [{ method: "no averaging" }, "gradient averaging off", palette[1]],
    [{ method: "no retraction" }, "retraction off", palette[4]],
    [{ method: "noncvx" }, "as in the paper", palette[0]],
  ];
  const panel = (batch: number) => ({
    width: 240,
    height: 240,
    title: {
      text: batch === 1 ? "One sample a step" : `${batch} samples a step`,
      fontSize: 12,
      frame: "group" as const,
      offset: 4,
    },
    layer: bands(
      parts.flatMap(([some, line]) =>
        overSeeds(curves(rows, { ...FIRST, batch, ...some }), line)
          .filter(({ step }) => step >= 10 && step <= 3000)
      ),
      parts.map(([, line]) => line),
      parts.map(([, , color]) => color),
    ),
    encoding: {
      x: logAxis("step", "Iteration", { domain: [10, 3000] }),
      y: logAxis("error", batch === 1 ? "Dictionary error" : "", { domain: [2e-4, 1] }),
    },
  });
  return figure({
    title: {
      text: "Averaging makes single samples work; retraction changes nothing",
      subtitle: "n = 10, θ = 0.3; mean and range of seeds",
    },
    hconcat: [panel(1), panel(10)],
    spacing: 14,
    config: { legend: { orient: "bottom", columns: 3, symbolType: "stroke" } },
  });
}

/** Exact gradients. */
function power(rows: Row[]): Figure {
  const runs = ofType(rows, "power").filter(({ error }) => error > 1e-14);
  const thetas = [...new Set(runs.map(({ theta }) => theta))].sort((a, b) => b - a);
  const values = runs.map(({ step, error, theta, seed }) => ({ step, error, seed, line: `θ = ${theta}` }));
  const theory = thetas.flatMap((theta) => {
    const some = runs.filter((row) => row.theta === theta && row.seed === runs[0].seed && row.error < 1e-4);
    return some.map(({ step }) => ({
      step,
      error: some[0].error * theta ** (2 * (step - some[0].step)),
      line: theta,
    }));
  });
  return figure({
    title: {
      text: "With exact gradients, the power method contracts by θ a step",
      subtitle: "n = 8, four random starts; dashed: θ² a step in the error, from 1e-4 on",
    },
    height: 260,
    layer: [
      {
        data: { values },
        mark: { type: "line", opacity: 0.8 },
        encoding: {
          y: quantitative("error"),
          color: colorBy("line", null, thetas.map((theta) => `θ = ${theta}`)),
          detail: { field: "seed" },
        },
      },
      {
        data: { values: theory },
        mark: { type: "line", ...dashes },
        encoding: { y: quantitative("error"), detail: { field: "line" } },
      },
    ],
    encoding: {
      x: linearAxis("step", "Step"),
      y: logAxis("error", "Dictionary error"),
    },
    config: { legend: { symbolType: "stroke" } },
  });
}

/** Real windows. */
function weather(rows: Row[]): Figure {
  const bases: WeatherRow["basis"][] = ["learned", "DCT", "principal components", "readings"];
  const values = ofType(rows, "weather");
  const panel = (sensor: string, i: number) => ({
    width: 165,
    height: 220,
    title: { text: sensor, fontSize: 12, frame: "group" as const, offset: 4 },
    data: { values: values.filter((row) => row.sensor === sensor) },
    mark: { type: "line" as const, point: { size: 25 } },
    encoding: {
      x: linearAxis("kept", "Entries kept of 15", { domain: [1, 8], values: [1, 2, 4, 6, 8] }),
      y: linearAxis("share", i === 0 ? "Share of the energy" : "", { domain: [0.2, 1], format: "%" }),
      color: colorBy("basis", null, bases, [palette[0], palette[1], palette[2], palette[4]]),
    },
  });
  return figure({
    title: {
      text: "Real windows: as sparse as in the best fixed basis, or sparser, without being told which",
      subtitle:
        "Seattle, hourly normals: whitened windows of 16 hours, October to December, learned from January to September",
    },
    hconcat: ["pressure", "temperature", "wind"].map(panel),
    spacing: 12,
    config: { legend: { orient: "bottom", columns: 4, symbolType: "stroke" } },
  });
}

/** All figures, the key figure first. */
export const figures: Record<string, (rows: Row[]) => Figure> = { key, law, gap, ablation, power, weather };

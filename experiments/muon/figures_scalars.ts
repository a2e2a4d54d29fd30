import { colorBy, figure, linearAxis, logAxis, palette, theoryColor } from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import { SCHEDULES } from "./optimizers.ts";
import { MAP_GRID, ofType, type Row } from "./rows.ts";

const BAND = { low: 0.6818314622, high: 1.1343572646 };
const NAMES = Object.keys(SCHEDULES);

/** What a number becomes, step by step, under each schedule. */
export function scalarMap(rows: Row[]): Figure {
  const shades = ["#b5d3ea", "#93c0e1", "#6fa9d4", "#4d92c4", "#9fb3c4", "#04284a"];
  const steps = ["1", "2", "3", "4", "between", "the last"];
  const nameOf = (step: number, last: number) =>
    step === last ? "the last" : step <= 4 ? `${step}` : "between";
  const color = {
    ...colorBy("step", "After step", steps, shades),
    legend: { symbolType: "stroke", symbolStrokeWidth: 2.5 },
  };
  /**
   * The curves of a schedule after its last step, or before. The last one is the point; the others need fewer
   * places.
   */
  const curves = (schedule: string, isLast: boolean) => {
    const last = SCHEDULES[schedule].length;
    return ofType(rows, "map").filter((row) => row.schedule === schedule && (row.step === last) === isLast)
      .flatMap(({ step, values }) =>
        values.map((y, j) => ({ step: nameOf(step, last), line: step, x: MAP_GRID[j], y }))
          .filter((_, j) => isLast || j % 2 === 0)
      );
  };
  const panel = (schedule: string, i: number) => ({
    width: 255,
    height: 175,
    title: { text: schedule, fontSize: 12.5, offset: 4 },
    encoding: {
      x: logAxis("x", i < 2 ? "" : "Singular value before", { domain: [1e-4, 1] }),
      y: linearAxis("y", i % 2 === 0 ? "After" : "", { domain: [0, 1.25], tickCount: 5 }),
    },
    layer: [
      {
        data: { values: [{ x: 1e-4, y: BAND.low, high: BAND.high }, { x: 1, y: BAND.low, high: BAND.high }] },
        mark: { type: "area" as const, color: palette[4], opacity: 0.18 },
        encoding: { y2: { field: "high" } },
      },
      {
        data: { values: curves(schedule, false) },
        mark: { type: "line" as const, strokeWidth: 1.2, clip: true },
        encoding: { color, detail: { field: "line" } },
      },
      {
        data: { values: curves(schedule, true) },
        mark: { type: "line" as const, strokeWidth: 2, clip: true },
        encoding: { color },
      },
    ],
  });
  return figure({
    title: {
      text: "Steep at zero, then anywhere in a band: the polynomials of Newton-Schulz",
      subtitle: "Shaded: the band [0.68, 1.13] that Muon's quintic maps into itself",
    },
    vconcat: [0, 2].map((first) => ({
      hconcat: [panel(NAMES[first], first), panel(NAMES[first + 1], first + 1)],
      spacing: 18,
    })),
    spacing: 8,
    config: { legend: { orient: "bottom", columns: 8 } },
  });
}

/** What schedules do to the singular values of a matrix. */
export function spectra(rows: Row[]): Figure {
  const shown = ofType(rows, "spectrum");
  const seed = shown[0].seed;
  const names = ["before (times √rank)", ...NAMES];
  const colors = [theoryColor, palette[0], palette[6], palette[5], palette[7]];
  const panel = (columns: number, i: number) => {
    const own = shown.filter((row) => row.columns === columns && row.seed === seed);
    const values = [
      ...own[0].before.map((y, k) => ({ schedule: names[0], k: k + 1, y: y * 8 })),
      ...own.flatMap(({ schedule, after }) => after.map((y, k) => ({ schedule, k: k + 1, y }))),
    ];
    return {
      width: 255,
      height: 240,
      title: { text: `Gaussian 64 × ${columns}`, fontSize: 12.5, offset: 4 },
      data: { values },
      mark: { type: "line" as const, strokeWidth: 1.6 },
      encoding: {
        x: linearAxis("k", "Which singular value", { domain: [0, 64] }),
        y: linearAxis("y", i === 0 ? "Its size" : "", { domain: [0, 2.1] }),
        color: {
          ...colorBy("schedule", null, names, colors),
          legend: { symbolType: "stroke", symbolStrokeWidth: 2.5, columns: 3 },
        },
      },
    };
  };
  return figure({
    title: {
      text: "What the schedules do to the singular values of a matrix",
      subtitle: "An exact polar factor has all of them at 1",
    },
    hconcat: [64, 256].map(panel),
    spacing: 20,
    config: { legend: { orient: "bottom" } },
  });
}

/** Root mean square of an update by shape, with each factor. */
export function shapes(rows: Row[]): Figure {
  const factors: [string, (m: number, n: number) => number][] = [
    ["none", () => 1],
    ["muon: √max(1, m/n)", (m, n) => Math.sqrt(Math.max(1, m / n))],
    ["spectral: √(m/n)", (m, n) => Math.sqrt(m / n)],
    ["matchAdamw: 0.2 √max(m, n)", (m, n) => 0.2 * Math.sqrt(Math.max(m, n))],
  ];
  const five = ofType(rows, "rms").filter((row) =>
    row.method === "muon5" && row.rank === Math.min(row.rows, row.columns)
  );
  const points = summarizeBy(five, ["rows", "columns"], "rms");
  const values = points.flatMap(({ rows, columns, mean }) =>
    factors.map(([factor, of]) => ({
      factor,
      shape: `${rows} × ${columns}`,
      rms: mean * of(rows, columns),
      exact: of(rows, columns) / Math.sqrt(Math.max(rows, columns)),
    }))
  );
  const order = points.map(({ rows, columns }) => ({ rows, columns, size: Math.max(rows, columns) }))
    .sort((a, b) => a.size - b.size || a.rows - b.rows).map(({ rows, columns }) => `${rows} × ${columns}`);
  const names = factors.map(([name]) => name);
  const colors = [palette[3], palette[4], palette[2], palette[0]];
  const color = colorBy("factor", "Factor", names, colors);
  const y = (field: string) => logAxis(field, "Root mean square of the update", { domain: [0.01, 1] });
  return figure({
    title: {
      text: "Only matching AdamW gives every shape a step of the same size",
      subtitle: "Five steps on Gaussian gradients, outputs × inputs; rings: the exact polar factor",
    },
    height: 280,
    data: { values },
    encoding: {
      x: {
        field: "shape",
        type: "nominal",
        sort: order,
        title: "Shape of the layer",
        axis: { labelAngle: -35 },
      },
      xOffset: { field: "factor", type: "nominal", sort: names },
    },
    layer: [
      { mark: { type: "point", filled: true, size: 60 }, encoding: { y: y("rms"), color } },
      {
        mark: { type: "point", filled: false, size: 100, strokeWidth: 1.2 },
        encoding: { y: y("exact"), color },
      },
    ],
  });
}

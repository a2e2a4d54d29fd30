/** Figures of the polynomials: scalars, spectra, shapes of layers. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  categoryAxis,
  colorBy,
  figure,
  legendAt,
  linearAxis,
  lines,
  logAxis,
  palette,
  panels,
  points,
  theoryColor,
  theoryRule,
  thin,
} from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import { isOfFullRank } from "./claims.ts";
import { SCHEDULES } from "./contenders.ts";
import { MAP_GRID, type Row } from "./rows.ts";

const BAND = { low: 0.6818314622, high: 1.1343572646 };
const SCHEDULE_NAMES = Object.keys(SCHEDULES);

/** What a number becomes, step by step, under each schedule. */
export function scalarMap({ map }: RowTable<Row>): Figure {
  const steps = ["1", "2", "3", "the last"];
  const color = colorBy("step", "After step", steps, ["#a8cbe6", "#74acd6", "#4288bd", "#04284a"]);
  return figure({
    title: "Steep at zero, then anywhere in a band: the polynomials of Newton-Schulz",
    subtitle: "Shaded: the band [0.68, 1.13] that Muon's quintic maps into itself",
    ...panels(
      SCHEDULE_NAMES.map((schedule) => {
        const own = map.filter((row) => row.schedule === schedule);
        const last = own.length;
        const curve = (step: number, count: number) =>
          thin(
            own.find((row) => row.step === step)!.values.map((y, i) => ({
              step: step === last ? "the last" : `${step}`,
              x: MAP_GRID[i],
              y,
            })),
            { count },
          );
        return {
          title: schedule,
          x: logAxis("x", "Singular value before", { domain: [1e-4, 1] }),
          y: linearAxis("y", "After", { domain: [0, 1.25], tickCount: 5 }),
          color,
          layer: [
            {
              data: { values: [1e-4, 1].map((x) => ({ x, y: BAND.low, high: BAND.high })) },
              mark: { type: "area", opacity: 0.18 },
              encoding: { y2: { field: "high" }, color: { value: palette[4] } },
            },
            lines([1, 2, 3].flatMap((step) => curve(step, 80)), { strokeWidth: 1.3 }),
            lines(curve(last, 161), { strokeWidth: 2 }),
          ],
        };
      }),
      { columns: 2, height: 175 },
    ),
    config: legendAt("bottom", { columns: 4 }),
  });
}

/** What schedules do to the singular values of a matrix. */
export function spectra({ spectrum }: RowTable<Row>): Figure {
  const first = spectrum.filter(({ seed }) => seed === spectrum[0].seed);
  const before = "before (times √rank)";
  const names = [before, ...SCHEDULE_NAMES];
  const color = colorBy("schedule", null, names, [
    theoryColor,
    palette[0],
    palette[6],
    palette[5],
    palette[7],
  ]);
  return figure({
    title: "Muon scatters singular values around 1; the Polar Express puts them there",
    subtitle: "The singular values of Gaussian matrices after each schedule; dashed: exact polar factor",
    ...panels(
      distinct(first, "columns").map((columns) => {
        const own = first.filter((row) => row.columns === columns);
        const curves = [
          ...own[0].before.map((size, k) => ({
            schedule: before,
            k: k + 1,
            size: size * Math.sqrt(own[0].before.length),
          })),
          ...own.flatMap(({ schedule, after }) => after.map((size, k) => ({ schedule, k: k + 1, size }))),
        ];
        return {
          title: `Gaussian ${own[0].rows} × ${columns}`,
          x: linearAxis("k", "Which singular value", { domain: [0, 64] }),
          y: linearAxis("size", "Its size", { domain: [0, 2.1] }),
          color,
          layer: [theoryRule({ y: 1 }), lines(thin(curves, { series: "schedule", count: 40 }))],
        };
      }),
    ),
    config: legendAt("bottom", { columns: 3 }),
  });
}

/** Root mean square of an update by shape, with each factor. */
export function shapes({ rms }: RowTable<Row>): Figure {
  const factors: [string, (m: number, n: number) => number][] = [
    ["no factor", () => 1],
    ["√max(1, m/n)", (m, n) => Math.sqrt(Math.max(1, m / n))],
    ["√(m/n)", (m, n) => Math.sqrt(m / n)],
    ["0.2 √max(m, n)", (m, n) => 0.2 * Math.sqrt(Math.max(m, n))],
  ];
  const five = summarizeBy(
    rms.filter((row) => row.method === "muon5" && isOfFullRank(row)),
    ["rows", "columns"],
    "rms",
  ).sort((a, b) => Math.max(a.rows, a.columns) - Math.max(b.rows, b.columns) || a.rows - b.rows);
  const name = (row: { rows: number; columns: number }) => `${row.rows} × ${row.columns}`;
  return figure({
    title: "Only matching AdamW gives every shape a step of the same size",
    subtitle: "Layers of m outputs × n inputs; dots: five steps on Gaussian gradients, rings: exact polar",
    ...panels(
      factors.map(([title, factor], i) => {
        const at = (rms: (row: typeof five[number]) => number) =>
          five.map((row) => ({ shape: name(row), rms: rms(row) * factor(row.rows, row.columns) }));
        const y = categoryAxis("shape", { order: five.map(name), grid: true });
        return {
          title,
          x: logAxis("rms", "RMS of the update", { domain: [0.01, 1], values: [0.01, 0.1, 1] }),
          y: i === 0 ? y : { ...y, axis: { ...y.axis, labels: false, ticks: false } },
          layer: [
            points(at(({ mean }) => mean), { color: palette[0], opacity: 1 }),
            {
              data: { values: at(({ rows, columns }) => 1 / Math.sqrt(Math.max(rows, columns))) },
              mark: { type: "point", filled: false, size: 110, strokeWidth: 1.3, opacity: 1 },
              encoding: { color: { value: theoryColor } },
            },
          ],
        };
      }),
      { width: 112, height: 230 },
    ),
  });
}

/** Figures with numbers to choose, for the notebook. */
import type { Figure } from "../../lib/experiment/mod.ts";
import {
  colorBy,
  figure,
  knob,
  legendAt,
  linearAxis,
  lines,
  logAxis,
  numberLabel,
  palette,
  theoryColor,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import { type NewtonSchulzCoefficients, newtonSchulzScalar, type Quintic } from "../../lib/optimizers/mod.ts";

/** Points of a curve. */
const POINTS = 160;

/**
 * A cobweb plot of x <- a x + b x^3 + c x^5: up or down to the curve, over to the diagonal, and again.
 *
 * @param quintic Coefficients (a, b, c).
 * @param start Where to start, such as a small normalized singular value; a slider goes through a list of them.
 * @param steps How many steps. Default 5.
 */
export function cobweb(quintic: Quintic, start: number | readonly number[], steps = 5): Figure {
  const reach = 1.35;
  const inside = (x: number) => Math.abs(x) < 10;
  const after = (x: number) => newtonSchulzScalar(x, [quintic]);
  const curve = Array.from({ length: 91 }, (_, i) => reach * i / 90).map((x) => ({ x, y: after(x) }));
  const starts = [start].flat();
  const orbits = starts.map((start) => {
    const orbit = [start];
    while (orbit.length <= steps && inside(orbit[orbit.length - 1])) {
      orbit.push(after(orbit[orbit.length - 1]));
    }
    return orbit;
  });
  const webs = orbits.flatMap((orbit) =>
    orbit.slice(0, -1).flatMap((x, i) => [
      { start: orbit[0], x, y: i === 0 ? 0 : x },
      { start: orbit[0], x, y: orbit[i + 1] },
      { start: orbit[0], x: orbit[i + 1], y: orbit[i + 1] },
    ])
  );
  const chosen = knob("start", starts);
  const band = invariantBand(quintic);
  const escape = divergesAbove(quintic);
  const ends = orbits.map((orbit) => ({ start: orbit[0], fate: fate(orbit, band) }));
  return figure({
    params: [chosen.param],
    title: ends.length === 1 ? ends[0].fate : "Where the steps lead, by where they start",
    subtitle: [
      band === undefined
        ? "No band around 1 is mapped into itself"
        : `Shaded: the band [${band.map((x) => x.toFixed(4)).join(", ")}]`,
      escape === undefined
        ? `nothing below ${reach} diverges`
        : `dotted: from ${escape.toFixed(4)} on everything diverges`,
    ].join("; "),
    width: 480,
    height: 340,
    x: linearAxis("x", "Before a step", { domain: [0, reach] }),
    y: linearAxis("y", "After it", { domain: [0, reach] }),
    layer: [
      ...(band === undefined ? [] : [{
        data: { values: [{ x: band[0], y: band[0], x2: band[1], y2: band[1] }] },
        mark: { type: "rect", opacity: 0.22 },
        encoding: { x2: { field: "x2" }, y2: { field: "y2" }, color: { value: palette[4] } },
      }]),
      theoryLine((x) => x, { x: "x", y: "y", domain: [0, reach], count: 2 }),
      lines(curve, { color: palette[0] }),
      chosen.show(lines(webs, { color: palette[1], strokeWidth: 1.4, inOrder: true })),
      ...(escape === undefined ? [] : [theoryRule({ x: escape }, { stroke: "dotted" })]),
      chosen.show({
        data: { values: starts.map((start) => ({ start, x: start, y: 0 })) },
        mark: { type: "text", text: "start", align: "left", dx: 7, baseline: "bottom" },
        encoding: { x: { field: "x" }, y: { field: "y" }, color: { value: palette[1] } },
      }),
      ...(ends.length === 1 ? [] : [chosen.show({
        data: { values: ends },
        mark: { type: "text", align: "left", baseline: "bottom" },
        encoding: {
          x: { value: 6 },
          y: { value: -4 },
          text: { field: "fate" },
          color: { value: theoryColor },
        },
      })]),
    ],
  });
}

/** What became of the start, in words. */
function fate(orbit: readonly number[], band: readonly [number, number] | undefined): string {
  const steps = orbit.length - 1;
  const [before, end] = orbit.slice(-2);
  const from = `From ${numberLabel(orbit[0])}`;
  if (!(Math.abs(end) < 10)) return `${from} the steps run away`;
  if (Math.abs(end - 1) < 0.01 && Math.abs(end - before) < 0.05) return `${from}, ${steps} steps reach 1`;
  return band !== undefined && end >= band[0] && end <= band[1]
    ? `${from}, ${steps} steps end in the band around 1, at ${numberLabel(end)}`
    : `${from}, ${steps} steps reach ${numberLabel(end)}`;
}

/**
 * The interval between the local minimum behind 1's neighborhood and its image, if the quintic maps it into
 * itself.
 */
function invariantBand([a, b, c]: Quintic): [number, number] | undefined {
  const root = 9 * b * b - 20 * a * c;
  if (root < 0 || c === 0) return undefined;
  const bottom = Math.sqrt((-3 * b + Math.sqrt(root)) / (10 * c));
  const after = (x: number) => newtonSchulzScalar(x, [[a, b, c]]);
  const low = after(bottom);
  const high = after(low);
  if (!(low > 0.3 && high > low && bottom < 1.35)) return undefined;
  for (let i = 0; i <= 1000; i++) {
    const y = after(low + (high - low) * i / 1000);
    if (y < low - 1e-9 || y > high + 1e-9) return undefined;
  }
  return [low, high];
}

/** The largest fixed point, where it repels upwards. */
function divergesAbove([a, b, c]: Quintic): number | undefined {
  const root = b * b - 4 * c * (a - 1);
  const fixed = c === 0 || root < 0 ? NaN : Math.sqrt((-b + Math.sqrt(root)) / (2 * c));
  return c > 0 && fixed < 1.35 ? fixed : undefined;
}

/**
 * How far from 1 schedules leave a singular value.
 *
 * @param schedules Coefficients by name, at most eight.
 * @param lower Left end of the axis. Default 1e-5.
 */
export function scheduleErrors(schedules: Record<string, NewtonSchulzCoefficients>, lower = 1e-5): Figure {
  const names = Object.keys(schedules);
  const values = names.flatMap((name) =>
    Array.from({ length: POINTS + 1 }, (_, i) => lower ** (1 - i / POINTS)).map((x) => ({
      name,
      x,
      // Below this is rounding.
      error: Math.max(1e-16, Math.abs(newtonSchulzScalar(x, schedules[name]) - 1)),
    }))
  );
  return figure({
    title: "Each step buys a smaller singular value, or more digits",
    subtitle: "Distance from 1 after the schedule, against the singular value before",
    height: 280,
    x: logAxis("x", "Singular value before", { domain: [lower, 1] }),
    y: logAxis("error", "Distance from 1", { domain: [1e-12, 2] }),
    color: colorBy("name", null, names),
    layer: [lines(values, { strokeWidth: 1.6 })],
    config: legendAt("bottom", { columns: 2 }),
  });
}

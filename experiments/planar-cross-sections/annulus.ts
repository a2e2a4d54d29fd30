/** Part B: an annulus from lines. */
import { quantile } from "simple-statistics";
import { Rng } from "../../lib/arrays/mod.ts";
import type { Report } from "../../lib/experiment/mod.ts";
import {
  intersectionOverUnion,
  type Line,
  type LineSection,
  lineSectionContains,
  marchingSquares,
  sliceByLines,
} from "../../lib/meshes/mod.ts";
import { fitField, IterativeField, sampleLineSections } from "../../lib/neural_fields/mod.ts";

import type { Row, Variant } from "./rows.ts";
import { HINGE, MINI, ONE_RADIUS, RADII } from "./variants.ts";

/** What a reconstruction is. */
export interface AnnulusTrial {
  variant: Variant;
  lines: "fixed" | "random";
  count: number;
  passes: number;
  seed: number;
  steps: number;
  batch: number;
  /** Whether outlines and passes are wanted. */
  drawn: boolean;
}

/** Circles of radius 0.3 and 0.7 bound it. */
const MIDDLE = 0.5;
const HALF_WIDTH = 0.2;
/** Cells along a side of the grid on which solids are compared. */
const CELLS = 128;
/** Nodes along a side of the grid from which outlines are drawn. */
const DRAWN = 41;
/** Reach of a line from its foot, and how often it is looked at. */
const REACH = 1.4;
const LOOKS = 2000;

/** Signed distance from the annulus. */
export function annulus(points: ArrayLike<number>): Float64Array {
  return Float64Array.from(
    { length: points.length / 2 },
    (_, i) => Math.abs(Math.hypot(points[2 * i], points[2 * i + 1]) - MIDDLE) - HALF_WIDTH,
  );
}

/** The fixed set: directions evenly spread, offsets by the golden ratio. */
export function fixedLines(count: number): Line[] {
  return Array.from({ length: count }, (_, k) => {
    const angle = Math.PI * (k + 0.5) / count;
    const place = 0.6180339887 * k % 1;
    return { normal: [Math.cos(angle), Math.sin(angle)], offset: 0.7 - 1.4 * place };
  });
}

/** Lines in all directions, redrawn unless a hundredth of them is inside. */
export function randomLines(count: number, rng: Rng): Line[] {
  const lines: Line[] = [];
  while (lines.length < count) {
    const angle = rng.uniform(0, Math.PI);
    const line = { normal: [Math.cos(angle), Math.sin(angle)], offset: rng.uniform(-1, 1) };
    const [{ crossings }] = sliceByLines(annulus, [line], { samples: LOOKS, halfLength: REACH });
    let inside = 0;
    for (let k = 0; k < crossings.length; k += 2) inside += crossings[k + 1] - crossings[k];
    if (inside / (2 * REACH) * LOOKS >= 20) lines.push(line);
  }
  return lines;
}

/** Rebuilds the annulus and compares. */
export function annulusRows(
  trial: AnnulusTrial,
  report: Report<Row<"annulus"> | Row<"outline"> | Row<"pass">>,
): (Row<"annulus"> | Row<"outline"> | Row<"pass">)[] {
  const { variant, count, seed, steps, batch, drawn } = trial;
  const passes = variant === "one pass" ? 1 : trial.passes;
  const rng = new Rng(seed).split("annulus");
  const lines = trial.lines === "fixed" ? fixedLines(count) : randomLines(count, rng.split("lines"));
  const sections = sliceByLines(annulus, lines, { samples: LOOKS, halfLength: REACH });
  const field = new IterativeField({ ...MINI, inputs: 2, passes, rng: rng.split("field") });
  const radii = variant === "one radius" ? RADII.map(() => ONE_RADIUS) : RADII;
  const levels = radii.map((radius, k) =>
    sampleLineSections(sections, { radius, rng: rng.split(`level ${k}`) })
  );
  fitField(field, levels, {
    steps: radii.map((_, k) => Math.round(steps * (k + 1) / 6) - Math.round(steps * k / 6)),
    batch,
    learningRate: ({ step }) => 0.01 * 0.9 ** (40 * step / steps),
    hinge: variant === "no hinge" ? 0 : HINGE,
    rng: rng.split("batches"),
    onStep: ({ step }) => step % 20 === 0 && report(step / steps),
  });
  const cells = squareGrid(CELLS, (n) => (2 * n + 1) / CELLS - 1);
  const truth = inside(annulus(cells));
  const iou = (mask: Uint8Array) => intersectionOverUnion(mask, truth);
  const near = nearestLine(sections, cells);
  const contour = Float64Array.from({ length: 800 }, (_, k) => {
    const angle = 2 * Math.PI * Math.floor(k / 2) / 200;
    const radius = MIDDLE + (k < 400 ? HALF_WIDTH : -HALF_WIDTH);
    return radius * (k % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  });
  const gradient = field.gradient(contour);
  const lengths = Array.from({ length: 400 }, (_, i) => Math.hypot(gradient[2 * i], gradient[2 * i + 1]));
  const rows: (Row<"annulus"> | Row<"outline"> | Row<"pass">)[] = [{
    kind: "annulus",
    variant,
    lines: trial.lines,
    count,
    passes,
    seed,
    steps,
    batch,
    iou: iou(inside(field.logits(cells))),
    nearest: iou(near),
    gradientMedian: quantile(lengths, 0.5),
    gradient95: quantile(lengths, 0.95),
  }];
  if (!drawn) return rows;
  const logits = field.logitsPerPass(cells);
  for (let pass = 0; pass < passes && variant === "full"; pass++) {
    const one = logits.subarray(pass * truth.length, (pass + 1) * truth.length);
    rows.push({ kind: "pass", shape: "annulus", seed, pass: pass + 1, iou: iou(inside(one)) });
  }
  const coarse = squareGrid(DRAWN, (n) => 2 * n / (DRAWN - 1) - 1);
  rows.push(...outlines(variant, Float64Array.from(field.logits(coarse)), DRAWN));
  if (variant === "full") {
    rows.push(...outlines("truth", annulus(coarse), DRAWN));
    const signs = Float64Array.from(nearestLine(sections, coarse), (isIn) => 0.5 - isIn);
    rows.push(...outlines("nearest line", signs, DRAWN));
    sections.forEach(({ normal, offset, crossings }, piece) => {
      const at = (s: number) => ({
        x: -normal[1] * s - offset * normal[0],
        y: normal[0] * s - offset * normal[1],
      });
      for (let k = 0; k < crossings.length; k++) {
        rows.push({ kind: "outline", what: "lines", piece: 100 * piece + (k >> 1), ...at(crossings[k]) });
      }
    });
  }
  return rows;
}

/** Points of a square grid, row by row, x running fastest. */
function squareGrid(side: number, place: (n: number) => number): Float64Array {
  const out = new Float64Array(2 * side * side);
  for (let k = 0; k < side * side; k++) {
    out[2 * k] = place(k % side);
    out[2 * k + 1] = place(Math.floor(k / side));
  }
  return out;
}

function inside(values: ArrayLike<number>): Uint8Array {
  return Uint8Array.from(values, (value) => value < 0 ? 1 : 0);
}

/** The label of each point's projection on the line that is closest to it. */
export function nearestLine(sections: readonly LineSection[], points: Float64Array): Uint8Array {
  const labels = sections.map((section) => {
    const [nx, ny] = [section.normal[0], section.normal[1]];
    const positions = Float64Array.from(
      { length: points.length / 2 },
      (_, i) => -ny * points[2 * i] + nx * points[2 * i + 1],
    );
    return lineSectionContains(section, positions);
  });
  return Uint8Array.from({ length: points.length / 2 }, (_, i) => {
    let best = 0;
    let least = Infinity;
    sections.forEach(({ normal, offset }, k) => {
      const distance = Math.abs(normal[0] * points[2 * i] + normal[1] * points[2 * i + 1] + offset);
      if (distance < least) [best, least] = [k, distance];
    });
    return labels[best][i];
  });
}

function outlines(what: Row<"outline">["what"], values: Float64Array, side: number): Row<"outline">[] {
  return marchingSquares(values, side, side).flatMap(({ points, closed }, piece) => {
    const all = closed ? [...points, points[0], points[1]] : [...points];
    return Array.from({ length: all.length / 2 }, (_, i): Row<"outline"> => ({
      kind: "outline",
      what,
      piece,
      x: rounded(2 * all[2 * i] / (side - 1) - 1),
      y: rounded(2 * all[2 * i + 1] / (side - 1) - 1),
    }));
  });
}

function rounded(x: number): number {
  return Math.round(1000 * x) / 1000;
}

/** Figures, the key one first. */
import type { Figure, RowTable } from "../../lib/experiment/mod.ts";
import {
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
  type Layer,
  linearAxis,
  lines,
  logAxis,
  palette,
  panels,
  points,
  theoryColor,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import { of } from "./claims.ts";
import { CIRCLE_CELLS } from "./ripple.ts";
import type { Row, Variant } from "./rows.ts";

/** Variants and baselines, always in the same colours. */
const VARIANTS: Variant[] = ["full", "no hinge", "one pass", "one radius"];
const COLORS = [palette[0], palette[1], palette[2], palette[3]];
const PLANE = { domain: [-1, 1] as [number, number], grid: false, values: [-1, 0, 1] };

/** Colours of the variants that are there. */
function variants(rows: readonly { variant: Variant }[]): ReturnType<typeof colorBy> {
  const shown = VARIANTS.filter((name) => rows.some(({ variant }) => variant === name));
  return colorBy("variant", null, shown, shown.map((name) => COLORS[VARIANTS.indexOf(name)]));
}

/** Lines through points in their order, all in one colour. */
function curve<R extends { piece: number }>(rows: readonly R[], color: string, strokeWidth: number): Layer {
  return lines(rows, { each: "piece", inOrder: true, color, strokeWidth, opacity: 1 });
}

function drawing(
  rows: readonly Row<"outline">[],
  what: Row<"outline">["what"],
  color: string,
  strokeWidth = 2.2,
): Layer {
  return curve(rows.filter((row) => row.what === what), color, strokeWidth);
}

/** A layer of lines, dashed. */
function dashed(layer: Layer): Layer {
  return { ...layer, mark: { ...layer.mark as object, type: "line", strokeDash: [4, 3] } };
}

/** From (low, low) to (1, 1). */
function diagonal(low: number): Layer {
  return theoryLine([{ x: low, y: low }, { x: 1, y: 1 }], { x: "x", y: "y" });
}

/** What the lines see, and what is made of it. */
function reconstruction({ outline, annulus }: RowTable<Row>): Figure {
  const truth = dashed(drawing(outline, "truth", theoryColor, 1.2));
  const view = (title: string, layers: Layer[]) => ({
    title,
    x: linearAxis("x", "x", PLANE),
    y: linearAxis("y", "y", PLANE),
    layer: layers,
  });
  const [first] = annulus.filter(({ variant, lines, seed }) =>
    variant === "full" && lines === "fixed" && seed === annulus[0].seed
  );
  const percent = (value: number) => `overlap ${(100 * value).toFixed(0)} %`;
  return figure({
    title: "From lines alone: the field rebuilds the shape between them",
    subtitle: `Dashed: the true annulus; ${first.count} lines, each known inside and outside; first seed`,
    ...panels([
      view("Given: where the lines are inside", [truth, drawing(outline, "lines", palette[3], 2.6)]),
      view(`Nearest line's label: ${percent(first.nearest)}`, [
        drawing(outline, "nearest line", palette[1]),
        truth,
      ]),
      view(`The trained field: ${percent(first.iou)}`, [drawing(outline, "full", palette[0]), truth]),
    ], { width: 230, height: 230, columns: 3 }),
  });
}

/** All variants and baselines. */
function ablation({ annulus, torus }: RowTable<Row>): Figure {
  const ofAnnulus = (lines: "fixed" | "random") =>
    annulus.filter((row) => row.lines === lines).flatMap((row) => [
      { method: row.variant as string, iou: row.iou },
      ...(row.variant === "full" ? [{ method: "nearest slice", iou: row.nearest }] : []),
    ]);
  const ofTorus = torus.filter(({ steps }) => steps === Math.min(...torus.map((row) => row.steps))).flatMap((
    row,
  ) => [
    { method: row.variant as string, iou: row.iou },
    ...(row.nearest >= 0
      ? [{ method: "nearest slice", iou: row.nearest }, { method: "harmonic fill", iou: row.harmonic }]
      : []),
  ]);
  const all = [...VARIANTS, "harmonic fill", "nearest slice"];
  const view = (title: string, rows: { method: string; iou: number }[]) => ({
    title,
    x: linearAxis("iou", "Intersection over union", { domain: [0.74, 1] }),
    y: categoryAxis("method", { order: all.filter((name) => rows.some(({ method }) => method === name)) }),
    layer: [dotsAndMean(rows.map((row) => ({ ...row, iou: Math.max(row.iou, 0.74) })), {
      value: "iou",
      category: "method",
      color: palette[0],
    })],
  });
  const views = [
    { title: "Annulus, fixed lines", rows: ofAnnulus("fixed") },
    { title: "Annulus, random lines", rows: ofAnnulus("random") },
    { title: "Torus, random planes", rows: ofTorus },
  ].filter(({ rows }) => rows.length > 0);
  return figure({
    title: "The prior of the network does it: what is left out costs little overlap at this size",
    subtitle: "Dots: seeds; bars: mean. The hinge, the passes and the hierarchy are left out one at a time",
    ...panels(views.map(({ title, rows }) => view(title, rows)), { height: 170, columns: 2 }),
  });
}

/** Where linear interpolation puts the crossing. */
function ripple({ ripple }: RowTable<Row>): Figure {
  const slopes = [...new Set(ripple.map(({ k }) => k))].sort((a, b) => a - b).map(String);
  return figure({
    title: "A field that saturates between two nodes puts every crossing into the middle",
    subtitle: "tanh(k s) on an edge of length 1, interpolated linearly; dashed: the truth",
    height: 300,
    x: linearAxis("t", "True place t of the crossing", { domain: [0, 1] }),
    y: linearAxis("estimate", "Estimate", { domain: [0, 1] }),
    color: colorBy("slope", "k", slopes),
    layer: [
      lines(ripple.map((row) => ({ ...row, slope: String(row.k) }))),
      diagonal(0),
    ],
  });
}

/** The staircase that follows from it. */
function staircase({ circle, circleError }: RowTable<Row>): Figure {
  const angles = Array.from({ length: 181 }, (_, i) => i * Math.PI / 90);
  const truth = angles.map((angle) => ({ x: 0.62 * Math.cos(angle), y: 0.62 * Math.sin(angle), piece: 0 }));
  const slopes = [1, 10, 50];
  return figure({
    title: "The same circle, contoured from fields that saturate more and more: a staircase",
    subtitle: `Grid of ${CIRCLE_CELLS} × ${CIRCLE_CELLS} cells; dashed: the circle`,
    ...panels(
      slopes.map((k) => {
        const { worst } = circleError.find((row) => row.k === k)!;
        return {
          title: `k = ${k}: off by up to ${worst.toFixed(2)} cells`,
          x: linearAxis("x", "x", PLANE),
          y: linearAxis("y", "y", PLANE),
          layer: [
            curve(circle.filter((row) => row.k === k), palette[0], 2.2),
            dashed(curve(truth, theoryColor, 1.2)),
          ],
        };
      }),
      { width: 230, height: 230, columns: 3 },
    ),
  });
}

/** Places of crossings on their edges. */
function histogram({ crossing }: RowTable<Row>): Figure {
  const steps = Math.max(0, ...crossing.map((row) => row.steps));
  const shown = crossing.filter((row) =>
    row.steps === steps && row.variant !== "one pass" && row.variant !== "one radius"
  );
  return figure({
    title: "Crossings gather near the nodes, more so without the hinge",
    subtitle:
      `Linear crossings of the torus on the edges of 48³ cells, ${steps} steps, first seed; dashed: a smooth field`,
    height: 260,
    x: linearAxis("place", "Place on the edge", { domain: [0, 1] }),
    y: linearAxis("density", "Density", { zero: true }),
    color: variants(shown),
    layer: [lines(shown, { dots: true }), theoryRule({ y: 1 })],
  });
}

/** Steep fields against misplaced crossings. */
function steepness({ torus }: RowTable<Row>): Figure {
  const shown = torus.map((row) => ({ ...row, training: `${row.steps} steps` }));
  const lengths = [...new Set(shown.map(({ steps }) => steps))].sort((a, b) => a - b);
  return figure({
    title: "The steeper the field at the surface, the worse a mesh by linear interpolation",
    subtitle: "Torus, grid of 48³ cells; one dot per seed and variant",
    ...panels((lengths.length === 0 ? [0] : lengths).map((steps) => ({
      title: `${steps} steps`,
      x: logAxis("gradient95", "95 % quantile of |∇ℓ| near the surface"),
      y: linearAxis("crossingError", "Mean error of a crossing, edges", { zero: true }),
      color: variants(shown),
      layer: [points(shown.filter((row) => row.steps === steps), { size: 70 })],
    }))),
  });
}

/** The estimate after each pass. */
function passes({ pass }: RowTable<Row>): Figure {
  return figure({
    title: "Each pass refines the estimate of the one before, though the first does nearly all",
    subtitle: "Overlap of the logit after each pass with the truth; first seed",
    height: 240,
    x: linearAxis("pass", "Pass", { tickCount: 4, format: "d" }),
    y: linearAxis("iou", "Intersection over union", { domain: [0.9, 1] }),
    color: colorBy("shape", null, ["annulus", "torus"]),
    layer: [lines(pass, { dots: true })],
  });
}

/** Overlap against the number of lines is in the notebook; here: more seeds. */
function seeds({ annulus }: RowTable<Row>): Figure {
  const shown = [...of(annulus, "full", "fixed"), ...of(annulus, "full", "random")]
    .map((row) => ({ ...row, set: `${row.lines} lines` }));
  return figure({
    title: "How much is gained over the nearest line depends on the draw of the lines",
    subtitle: "Annulus, fourteen lines; one dot per seed; dashed: equal",
    height: 280,
    x: linearAxis("nearest", "IoU of the nearest line's label", { domain: [0.6, 1] }),
    y: linearAxis("iou", "IoU of the field", { domain: [0.6, 1] }),
    color: colorBy("set", null, ["fixed lines", "random lines"]),
    layer: [diagonal(0.6), points(shown, { size: 70 })],
  });
}

/** A solid made of discs that turn with a slider. */
function solid(
  { vertex }: RowTable<Row>,
  shape: Row<"vertex">["shape"],
  title: string,
  subtitle: string,
): Figure {
  const rows = vertex.filter((row) => row.shape === shape);
  const tilt = shape === "bunny" ? 0.2 : 0.55;
  const calculate = (as: string, expression: string) => ({ calculate: expression, as });
  // The bunny's y points up, the torus's z.
  const [a, b, up] = shape === "bunny" ? ["x", "z", "y"] : ["x", "y", "z"];
  const sign = shape === "bunny" ? "-" : "";
  const turned = (of: (axis: string) => string, as: string) => [
    calculate(`${as}right`, `datum.${of(a)} * cos(turn) - (${sign}datum.${of(b)}) * sin(turn)`),
    calculate(`${as}back`, `datum.${of(a)} * sin(turn) + (${sign}datum.${of(b)}) * cos(turn)`),
    calculate(`${as}up`, `datum.${of(up)} * ${Math.cos(tilt)} + datum.${as}back * ${Math.sin(tilt)}`),
    calculate(`${as}front`, `datum.${of(up)} * ${Math.sin(tilt)} - datum.${as}back * ${Math.cos(tilt)}`),
  ];
  const axis = (field: string) => ({
    field,
    type: "quantitative",
    axis: null,
    scale: { domain: [-1.05, 1.05], nice: false },
  });
  return figure({
    title: title,
    subtitle,
    width: 340,
    height: 340,
    params: [{
      name: "turn",
      value: shape === "bunny" ? 0 : 0.6,
      bind: { input: "range", min: 0, max: 6.28, step: 0.02, name: "turn " },
    }],
    data: { values: rows },
    transform: [
      ...turned((axis) => axis, "p"),
      ...turned((axis) => `n${axis}`, "n"),
      { filter: "datum.nfront > -0.15" },
      calculate(
        "light",
        "clamp(0.25 + 0.75 * (0.55 * datum.nfront + 0.65 * datum.nup - 0.5 * datum.nright), 0, 1)",
      ),
    ],
    mark: {
      type: "point",
      filled: true,
      shape: "circle",
      size: shape === "bunny" ? 170 : 400,
      opacity: 1,
      tooltip: null,
    },
    encoding: {
      x: axis("pright"),
      y: axis("pup"),
      order: { field: "pfront", type: "quantitative" },
      color: {
        field: "light",
        type: "quantitative",
        legend: null,
        scale: { domain: [0, 1], range: ["#1d4a75", "#4c82b8", "#e8f1fa"] },
      },
    },
  });
}

function torus(table: RowTable<Row>): Figure {
  const [row] = table.torus.filter(({ variant }) => variant === "full") as Row<"torus">[];
  return solid(
    table,
    "torus",
    "A torus, rebuilt from twelve planes",
    row === undefined
      ? "First seed"
      : `Vertices of the mesh by dual contouring; overlap ${(100 * row.iou).toFixed(1)} %`,
  );
}

function bunny(table: RowTable<Row>): Figure {
  const [row] = table.bunny;
  return solid(
    table,
    "bunny",
    "The Stanford bunny, rebuilt from random planes",
    row === undefined
      ? "Not in the smallest preset"
      : `${row.planes} planes, ${row.steps} steps; overlap ${(100 * row.iou).toFixed(1)} %`,
  );
}

export const figures = {
  reconstruction,
  ablation,
  ripple,
  staircase,
  torus,
  steepness,
  histogram,
  passes,
  seeds,
  bunny,
};

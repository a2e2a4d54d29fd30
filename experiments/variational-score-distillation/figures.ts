/** Figures, the key one first. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
  knob,
  type Layer,
  linearAxis,
  logAxis,
  meanAndRange,
  palette,
  panels,
  points,
  theoryColor,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import { gaussianVarianceFlow } from "../../lib/score_distillation/mod.ts";
import { collapseGuidance, guidedGaussian } from "./gaussian.ts";
import { MEANS } from "./prompt.ts";
import type { Row } from "./rows.ts";

const COLORS = { DDPM: theoryColor, DDIM: "#777777", SDS: palette[1], VSD: palette[0] } as const;
const NAMES = { DDPM: "ancestral sampling", DDIM: "DDIM", SDS: "SDS", VSD: "VSD" } as const;
/** Half of the square that is drawn around the particles. */
const PLANE = { domain: [-1.6, 3.9] as [number, number], nice: false, grid: false, values: [-1, 0, 1, 2, 3] };
const TRUTHS = ["disc", "two discs", "ring"];
const TRUTH_COLORS = [palette[4], palette[2], palette[3]];

/** The modes of the prior: discs of two standard deviations. */
function modes(size: number): Layer {
  return points(MEANS.map(([x, y]) => ({ x, y })), { color: theoryColor, opacity: 0.12, size });
}

/** What the samplers and both methods give. */
function samples({ point }: RowTable<Row>): Figure {
  const shown = (["DDPM", "SDS", "VSD"] as const).flatMap((method) =>
    [1, ...distinct(point, "guidance").filter((weight) => weight >= 7)].flatMap((guidance) => {
      const rows = point.filter((row) => row.method === method && row.guidance === guidance);
      return rows.length === 0 ? [] : [{ method, guidance, rows }];
    })
  ).toSorted((a, b) => a.guidance - b.guidance);
  return figure({
    title: "SDS puts everything at one point, which guidance drives away; VSD samples",
    subtitle: `${
      point.filter(({ method, guidance }) => method === "VSD" && guidance === 1).length
    } points each, guidance s; grey: what was asked for, two standard deviations`,
    ...panels(
      shown.map(({ method, guidance, rows }) => ({
        title: `${NAMES[method]}, s = ${guidance}`,
        x: linearAxis("x", "x₁", PLANE),
        y: linearAxis("y", "x₂", PLANE),
        layer: [modes(420), points(rows, { color: COLORS[method], size: 14, opacity: 0.7 })],
      })),
      { columns: 3, width: 158, height: 158 },
    ),
  });
}

/** Particles on their way, with a slider. */
function animation({ frame }: RowTable<Row>): Figure {
  const steps = distinct(frame, "step");
  const step = knob("step", steps, { label: "step", start: steps.length - 1 });
  return figure({
    params: [step.param],
    title: "From the same start, with the same noise: one point, or a sample",
    subtitle: "48 particles, s = 1; the slider moves through the steps",
    ...panels(
      (["SDS", "VSD"] as const).map((method, k) => ({
        title: method,
        x: linearAxis("x", "x₁", { ...PLANE, domain: [-2.6, 2.9], values: [-2, -1, 0, 1, 2] }),
        y: linearAxis("y", "x₂", { ...PLANE, domain: [-2.6, 2.9], values: [-2, -1, 0, 1, 2] }),
        layer: [
          modes(1000),
          step.show(
            points(frame.filter((row) => row.method === method), { color: COLORS[method], size: 30 }),
          ),
          ...(k === 1 ? [step.readout] : []),
        ],
      })),
      { width: 250, height: 250 },
    ),
  });
}

/** How far from the samplers. */
function distances({ study }: RowTable<Row>): Figure {
  const compared = study.flatMap((row) =>
    (row.method === "SDS" || row.method === "VSD") && row.energy !== null
      ? [{ guidance: row.guidance, energy: row.energy, series: row.method }]
      : []
  );
  return figure({
    title: "VSD is nearer to what the prior itself would give, less so under strong guidance",
    subtitle:
      "Energy distance to the prior for s = 1, else to ancestral sampling with the same guidance; seeds",
    ...panels(
      distinct(compared, "guidance").toSorted((a, b) => a - b).map((guidance) => ({
        title: `s = ${guidance}`,
        x: categoryAxis("series", { order: ["SDS", "VSD"] }),
        y: logAxis("energy", "Energy distance", { domain: [5e-4, 2] }),
        color: colorBy("series", null, ["SDS", "VSD"], [COLORS.SDS, COLORS.VSD]),
        layer: [
          dotsAndMean(compared.filter((row) => row.guidance === guidance), {
            value: "energy",
            category: "series",
            along: "y",
          }),
        ],
      })),
      { height: 240 },
    ),
  });
}

/** How far the point of SDS is from the mode. */
function overshoot({ attractor, study }: RowTable<Row>): Figure {
  const measured = study.flatMap(({ method, guidance, distance }) =>
    method === "SDS" || method === "DDPM" ? [{ guidance, distance, series: NAMES[method] }] : []
  );
  const ends = distinct(attractor, "largest");
  return figure({
    title: "The point of SDS leaves the mode as guidance grows; samples do not",
    subtitle:
      "Mean's distance to the nearest mode; lines: zero of the expected gradient, by quadrature; dots: seeds",
    height: 280,
    x: logAxis("guidance", "Weight s of the guidance", { domain: [0.9, 120] }),
    y: linearAxis("distance", "Distance", { domain: [0, 3.2] }),
    color: colorBy("series", null, ["SDS", "ancestral sampling"], [COLORS.SDS, "#777777"]),
    layer: [
      points(measured, { size: 40 }),
      ...ends.map((largest, k) =>
        theoryLine(attractor.filter((row) => row.largest === largest), {
          x: "guidance",
          y: "distance",
          stroke: k === 0 ? "dashed" : "dotted",
        })
      ),
      annotation(`times up to ${ends[0]}`, { x: 60, y: 1.72, side: "below" }),
      ...(ends.length > 1 ? [annotation("times up to 980", { x: 13, y: 3, side: "left" as const })] : []),
    ],
  });
}

/** What each part of the method is for. */
function ablations({ study }: RowTable<Row>): Figure {
  const rows = study.flatMap(({ method, guidance, energy }) =>
    guidance === 1 && energy !== null
      ? [{ method: method === "DDPM" ? NAMES.DDPM : method as string, energy, color: colorOf(method) }]
      : []
  );
  const order = [
    "VSD",
    "VSD, ω = 1",
    "VSD, not annealed",
    NAMES.DDPM,
    "DDIM",
    "VSD, fresh noise",
    "VSD, wrong sign",
    "SDS, fresh noise",
    "SJC",
    "SDS",
    "SDS, not annealed",
  ];
  return figure({
    title: "What counts is the particles' score, with its sign and at the noise that was added",
    subtitle: "Energy distance to the prior, s = 1; dots: seeds; purple: with something wrong",
    height: 290,
    x: logAxis("energy", "Energy distance", { domain: [3e-4, 1] }),
    y: categoryAxis("method", {
      order: order.filter((name) => rows.some(({ method }) => method === name)),
    }),
    layer: distinct(rows, "color").map((color) =>
      dotsAndMean(rows.filter((row) => row.color === color), { value: "energy", category: "method", color })
    ),
  });
}

function colorOf(method: string): string {
  if (method === "DDPM" || method === "DDIM") return COLORS.DDIM;
  if (/fresh|wrong/.test(method)) return palette[3];
  return method.startsWith("VSD") ? COLORS.VSD : COLORS.SDS;
}

/** Few and many particles, with a slider. */
function counts({ count }: RowTable<Row>): Figure {
  const numbers = distinct(count, "particles").toSorted((a, b) => a - b);
  const particles = knob("particles", numbers, { label: "n", start: numbers.length - 1 });
  const dots = count.flatMap((row) => row.points.map(([x, y]) => ({ particles: row.particles, x, y })));
  const expected = numbers.map((number) => count.find((row) => row.particles === number)!);
  return figure({
    params: [particles.param],
    title: "From SDS to VSD by the number of particles: they do better than independent samples",
    subtitle:
      "VSD, s = 1. Left: up to 80 particles of a seed; the slider sets n. Right: mean, range of seeds",
    ...panels([
      {
        x: linearAxis("x", "x₁", { ...PLANE, domain: [-1.2, 2.4] }),
        y: linearAxis("y", "x₂", { ...PLANE, domain: [-1.5, 2.3] }),
        layer: [
          modes(1500),
          particles.show(points(dots, { color: COLORS.VSD, size: 26 })),
          particles.readout,
        ],
      },
      {
        x: logAxis("particles", "Particles n", { domain: [0.9, 300] }),
        y: logAxis("energy", "Energy distance to the prior", { domain: [5e-4, 3] }),
        layer: [
          meanAndRange(count, {
            x: "particles",
            y: "energy",
            center: "geometric mean",
            dots: true,
            color: COLORS.VSD,
          }),
          theoryLine(expected, { x: "particles", y: "independent" }),
          annotation("n independent samples", { x: 9, y: 0.25, side: "right" }),
        ],
      },
    ], { width: 250, height: 250 }),
  });
}

/** Gaussian particles against their equations. */
function gaussians({ variance }: RowTable<Row>): Figure {
  const at = Array.from({ length: 41 }, (_, k) => k / 2);
  const law = (method: "SDS" | "VSD") => {
    const values = gaussianVarianceFlow(1, at, {
      priorVariance: 0.25,
      method: method === "SDS" ? "sds" : "vsd",
    });
    return at.map((tau, k) => ({ tau, variance: values[k], series: method })).filter((row) =>
      row.variance > 4e-3
    );
  };
  const rows = variance.map(({ method, times, tau, measured }) => ({
    tau,
    variance: measured,
    series: times === "one time" ? "VSD, one time per step" : method as string,
  }));
  return figure({
    title: "For Gaussians the flow is an equation: VSD stops at the prior's variance",
    subtitle:
      "Variance of particles on a line, prior 0.25, against the sum τ of the learning rates; dashed: exact",
    height: 280,
    x: linearAxis("tau", "Sum of the learning rates τ", { domain: [0, 20.5], nice: false }),
    y: logAxis("variance", "Variance", { domain: [0.01, 1.2] }),
    color: colorBy("series", null, ["VSD", "VSD, one time per step", "SDS"], [
      COLORS.VSD,
      palette[5],
      COLORS.SDS,
    ]),
    layer: [
      theoryRule({ y: 0.25 }, { stroke: "dotted" }),
      theoryLine(law("VSD"), { x: "tau", y: "variance" }),
      theoryLine(law("SDS"), { x: "tau", y: "variance" }),
      points(rows, { size: 45 }),
      annotation("prior", { x: 17.5, y: 0.25, side: "below" }),
    ],
  });
}

/** Guided Gaussians: mean and variance. */
function collapse({ guided }: RowTable<Row>): Figure {
  const law = Array.from({ length: 81 }, (_, k) => 1 + 2.2 * k / 80).map((guidance) => ({
    guidance,
    ...guidedGaussian(guidance),
  }));
  const x = linearAxis("guidance", "Weight s of the guidance", { domain: [0.9, 3.25], nice: false });
  return figure({
    title: `Guided VSD collapses, too: at s = ${collapseGuidance().toFixed(2)} for these Gaussians`,
    subtitle:
      "Asked for: N(1, 0.25); everything: N(0, 1). Dots: 500 particles; dashed: fixed point of the flow",
    ...panels([
      {
        title: "mean",
        x,
        y: linearAxis("mean", "Mean", { domain: [0.9, 2.2] }),
        layer: [
          points(guided, { color: COLORS.VSD, size: 60 }),
          theoryLine(law, { x: "guidance", y: "mean" }),
        ],
      },
      {
        title: "variance",
        x,
        y: linearAxis("variance", "Variance", { domain: [0, 0.27], nice: false }),
        layer: [
          theoryRule({ x: collapseGuidance() }, { stroke: "dotted" }),
          points(guided, { color: COLORS.VSD, size: 60 }),
          theoryLine(law, { x: "guidance", y: "variance" }),
        ],
      },
    ], { height: 230 }),
  });
}

/** A scene from above. */
function picture(cells: readonly Row<"cell">[]): Layer {
  return {
    data: { values: cells.map(({ x, y, opacity, color }) => ({ x, y, opacity, color })) },
    mark: { type: "square", size: 36, opacity: 1, filled: true, strokeWidth: 0 },
    encoding: {
      color: {
        field: "color",
        type: "quantitative",
        title: "colour",
        scale: { domain: [0.2, 1], range: ["#21284f", "#3f7f93", "#f3d34a"] },
        legend: null,
      },
      opacity: {
        field: "opacity",
        type: "quantitative",
        scale: { domain: [0, 0.8], range: [0, 1], clamp: true },
        legend: null,
      },
    },
  };
}

/** True scenes, and what became of the particles. */
function scenes({ cell, scene }: RowTable<Row>): Figure {
  const { seed, steps } = scene.find(({ views }) => views === 1)!;
  const ofSeed = (method: "SDS" | "VSD") =>
    scene.filter((row) => row.views === 1 && row.seed === seed && row.method === method);
  const wrong = cell.find((row) => row.scene.startsWith("wrong"))?.scene;
  // The best particle of each true scene that was found.
  const best = ofSeed("VSD").toSorted((a, b) => a.rmse - b.rmse);
  const found = TRUTHS.flatMap((_, k) => best.find(({ nearest }) => nearest === k) ?? []);
  const howMany = (method: "SDS" | "VSD", nearest: number) =>
    ofSeed(method).filter((row) => row.nearest === nearest).length;
  const titled = [
    ...TRUTHS.map((truth, k) => ({ name: `truth ${k}`, title: `true: ${truth}` })),
    ...[...ofSeed("SDS").slice(0, 1), ...found].map(({ method, particle, nearest }) => ({
      name: `${method} ${particle}`,
      title: `${method}: ${howMany(method, nearest)} of ${ofSeed(method).length}`,
    })),
    ...(wrong === undefined ? [] : [{ name: wrong, title: "VSD: two faces" }]),
  ];
  const axis = { domain: [-0.5, 23.5] as [number, number], nice: false, grid: false, values: [100] };
  return figure({
    title: "Particles of VSD become several scenes; all those of SDS look like the one shown",
    subtitle:
      `Flatland from above, ${steps} steps, one view at a time; n of 8: particles that are this scene`,
    ...panels(
      titled.map(({ name, title }) => ({
        title,
        x: linearAxis("x", "", axis),
        y: linearAxis("y", "", axis),
        layer: [picture(cell.filter((row) => row.scene === name))],
      })),
      { columns: 4, width: 138, height: 138, spacing: 8 },
    ),
  });
}

/** Which true scene a particle looks like from each side, in the run with the worst scene. */
function faces({ scene }: RowTable<Row>): Figure {
  const rows = scene.filter(({ method }) => method === "VSD");
  const worst = rows.filter(({ views }) => views === 1).reduce((a, b) => b.rmse > a.rmse ? b : a);
  const rowsOf = (views: number) =>
    rows.filter((row) => row.views === views && row.seed === worst.seed).flatMap((row) =>
      row.nearestByView.map((nearest, k) => ({
        angle: 360 * k / row.nearestByView.length,
        particle: `${row.particle + 1} (error ${row.rmse.toFixed(2)})`,
        looks: TRUTHS[nearest],
      }))
    );
  const kinds = [1, 2].filter((views) => rowsOf(views).length > 0);
  return figure({
    title: kinds.length === 1
      ? "Which scene a particle is, seen from each side"
      : "Two faces in one scene: a prior that sees two views at once prevents them",
    subtitle: "True scene nearest to each view, for the particles of one run of VSD",
    ...panels(
      kinds.map((views) => ({
        title: views === 1 ? "the prior sees one view" : "the prior sees two views at a right angle",
        x: linearAxis("angle", "Angle of the view", {
          domain: [-8, 353],
          nice: false,
          grid: false,
          values: [0, 90, 180, 270],
        }),
        y: categoryAxis("particle", { order: distinct(rowsOf(views), "particle") }),
        color: colorBy("looks", null, TRUTHS, TRUTH_COLORS),
        layer: [points(rowsOf(views), { size: 45, opacity: 1 })],
      })),
      { width: 215, height: 190, spacing: 30 },
    ),
  });
}

export const figures = {
  samples,
  animation,
  distances,
  overshoot,
  counts,
  gaussians,
  collapse,
  ablations,
  scenes,
  faces,
};

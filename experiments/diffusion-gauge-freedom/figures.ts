/** Figures, the key one first. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  categoryAxis,
  colorBy,
  figure,
  knob,
  type Layer,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  palette,
  type Panel,
  panels,
  points,
  publishedPoints,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import type { NetworkKey, Row } from "./rows.ts";
import { PATH_STEPS } from "./sampling.ts";

const RANKS = ["1st", "2nd", "3rd", "4th", "5th"];
/** Levelling values in blue tones, falling ones in warm ones: two of them level off in truth. */
const RANK_COLORS = [palette[0], palette[5], palette[1], palette[4], palette[3]];

const rankColors = (dim: number) => colorBy("rank", "Singular value", RANKS.slice(0, dim), RANK_COLORS);

/** What is drawn of a singular value. */
function ranked(rows: readonly { rank: number; sigma: number; value: number }[]) {
  return rows.map(({ rank, sigma, value }) => ({ rank: RANKS[rank], sigma, value }));
}

function places(rows: readonly { x: number; y: number }[]): { x: number; y: number }[] {
  return rows.map(({ x, y }) => ({ x, y }));
}

/** Time runs from left to right: noise falls. */
function noiseAxis(least: number) {
  return logAxis("sigma", "Noise level σ", { domain: [1, least] });
}

/** The law of what falls, sigma itself. */
function falling(least: number) {
  return theoryLine((sigma) => sigma, {
    x: "sigma",
    y: "value",
    domain: [least, 1],
    spacing: "log",
    count: 30,
  });
}

/** Singular values along the flow: exact, then learned. */
function trajectories({ variability, "learned-variability": learned }: RowTable<Row>): Figure {
  const sphere = learned.filter(({ surface, dim }) => surface === "sphere" && dim === 3);
  const isTrained = sphere.length > 0;
  const least = isTrained ? 0.027 : 0.0104;
  const shortest = sphere.reduce((steps, row) => Math.min(steps, row.steps), Infinity);
  const longest = sphere.reduce((steps, row) => Math.max(steps, row.steps), 0);
  const panel = (title: string, mark: Layer): Panel => ({
    title,
    x: noiseAxis(least),
    y: logAxis("value", "Singular value", { domain: [0.008, 4] }),
    color: rankColors(5),
    layer: [falling(least), mark],
  });
  const exact = (dim: number, omega: number, title: string) =>
    panel(
      title,
      lines(
        ranked(
          variability.filter((row) => row.surface === "sphere" && row.dim === dim && row.omega === omega),
        ),
        { x: "sigma", y: "value" },
      ),
    );
  const network = (title: string, of: (key: NetworkKey) => boolean) =>
    panel(
      title,
      meanAndRange(ranked(sphere.filter(of)), {
        x: "sigma",
        y: "value",
        series: "rank",
        center: "geometric mean",
      }),
    );
  const omega = variability.reduce((most, row) => row.dim === 5 ? Math.max(most, row.omega) : most, 0);
  return figure({
    title: isTrained
      ? "Two values level off on a sphere; a free network that is hardly trained keeps three"
      : "Two values level off on a sphere, all others fall with the noise",
    subtitle: [
      "Singular values of the reverse flow; true dimension 2, D coordinates. Dashed: σ",
      ...isTrained ? ["Learned, D = 3: medians of 64 points, mean and range of seeds"] : [],
    ],
    ...panels([
      exact(3, 0, "Exact score, D = 3"),
      exact(5, 0, "Exact score, D = 5"),
      exact(3, omega, `Exact + gauge ω = ${omega}`),
      ...isTrained
        ? [
          network(`Conservative, ${shortest} steps`, (row) => row.conservative && row.steps === shortest),
          network(`Free, ${shortest} steps`, (row) => !row.conservative && row.steps === shortest),
          ...longest > shortest
            ? [network(`Free, wide, ${longest} steps`, (row) => !row.conservative && row.steps === longest)]
            : [],
        ]
        : [],
    ], { columns: 3, height: 180 }),
  });
}

/** How many values above the threshold the points report. */
function reported({ learned }: RowTable<Row>): Figure {
  const nameOf = (row: NetworkKey) =>
    `${row.conservative ? "conservative" : "free"}, ${row.steps} steps, width ${row.width}`;
  const rows = learned
    .filter(({ surface, dim }) => surface === "sphere" && dim === 3)
    .map((row) => ({
      network: nameOf(row),
      seed: row.seed,
      dimension: row.counts.reduce((sum, count, k) => sum + count * k, 0) / 64,
    }))
    .toSorted((a, b) => b.dimension - a.dimension);
  const names = distinct(rows, "network");
  return figure({
    title: "The free network misses the dimension, until it is trained long enough",
    subtitle:
      "Mean over 64 points of the singular values above 0.15, per seed; diamonds: the truth; dashed: D",
    height: 150,
    x: linearAxis("dimension", "Reported dimension of the sphere, D = 3", {
      domain: [1.8, 3.05],
      nice: false,
    }),
    y: categoryAxis("network", { order: names }),
    layer: [
      points(rows, { x: "dimension", y: "network", color: palette[0], size: 60 }),
      publishedPoints(names.map((network) => ({ network, dimension: 2 })), { x: "dimension", y: "network" }),
      theoryRule({ x: 3 }),
    ],
  });
}

const FIELD_NAMES: Record<string, string> = {
  "exact 0": "exact draws",
  "gauge 1": "score + gauge",
  "scaled 0.2": "1.2 × score",
  "scaled -0.2": "0.8 × score",
  "rotation 1": "score + Jx",
};

/** Clouds of samples. */
function clouds({ cloud }: RowTable<Row>): Figure {
  const nameOf = ({ field, strength }: Row<"cloud">) => `${field} ${strength}`;
  const exact = cloud.filter(({ field }) => field === "exact");
  const shown = distinct(cloud.map((row) => ({ name: nameOf(row) })), "name")
    .filter((name) => name !== "exact 0" && (name in FIELD_NAMES || /^scaled/.test(name)));
  return figure({
    title: "A gauge moves every point and no density; wrong fields move the density",
    subtitle: "Samples of a mixture by Heun's method (blue) over exact draws (grey)",
    ...panels(
      shown.map((name) => ({
        title: FIELD_NAMES[name] ?? `${1 + Number(name.split(" ")[1])} × score`,
        x: linearAxis("x", "x", { domain: [-1.5, 2.5] }),
        y: linearAxis("y", "y", { domain: [-1.8, 2.6] }),
        layer: [
          points(places(exact), { x: "x", y: "y", color: "#bbbbbb", size: 14 }),
          points(places(cloud.filter((row) => nameOf(row) === name)), {
            x: "x",
            y: "y",
            color: palette[0],
            size: 14,
          }),
        ],
      })),
      { columns: 2, height: 190 },
    ),
  });
}

/** Error against the number of steps. */
function steps({ sampling }: RowTable<Row>): Figure {
  const rows = sampling
    .filter(({ field, distance }) => field === "gauge" && distance !== null)
    .map((row) => ({ ...row, distance: row.distance!, series: `ω = ${row.strength}` }));
  const names = distinct(rows.toSorted((a, b) => a.strength - b.strength), "series");
  return figure({
    title: "Exact in the limit, but a gauge must be paid for in steps",
    subtitle: "Energy distance to 4000 exact draws; geometric mean and range of seeds",
    height: 280,
    x: logAxis("steps", "Steps of Heun's method", { values: [16, 32, 64, 128, 256, 512] }),
    y: logAxis("distance", "Energy distance", { domain: [1e-4, 1e5] }),
    color: colorBy("series", null, names),
    layer: [
      meanAndRange(rows, {
        x: "steps",
        y: "distance",
        series: "series",
        center: "geometric mean",
        as: "bars",
        dots: true,
      }),
      theoryRule({ y: 0.003 }),
      annotation("above: 1 in 20 samples of iid draws", { x: 16, y: 0.0055, side: "right" }),
    ],
  });
}

/** Paths on ellipses, with a slider. */
function spinning({ path }: RowTable<Row>): Figure {
  const omegas = distinct(path, "omega").toSorted((a, b) => a - b);
  const slider = knob("omega", omegas, { label: "ω", start: Math.max(0, omegas.indexOf(2)) });
  const rows = path.map(({ omega, path, step, x, y }) => ({ omega, path, step, x, y }));
  const ends = rows.filter(({ step }) => step === PATH_STEPS);
  return figure({
    title: "The stronger the gauge, the more the points spin, and the same ellipse is filled",
    subtitle:
      "Reverse flow of a Gaussian from t = 0.6 (circle, dotted) to 0.001 (ellipse, dashed); dots: ends",
    params: [slider.param],
    width: 420,
    height: 300,
    x: linearAxis("x", "x", { domain: [-2.8, 2.8] }),
    y: linearAxis("y", "y", { domain: [-1.9, 1.9] }),
    layer: [
      slider.show(lines(rows, {
        x: "x",
        y: "y",
        each: "path",
        color: palette[0],
        inOrder: true,
      })),
      ...[["dotted", false], ["dashed", true]].map(([stroke, isEllipse]) =>
        theoryOutline(isEllipse as boolean, stroke as "dotted" | "dashed")
      ),
      slider.show(points(ends, { x: "x", y: "y", color: palette[1], size: 40 })),
      slider.readout,
    ],
  });
}

/** The circle of the starts, or the ellipse x^T C^-1 x = 1.5^2. */
function theoryOutline(isEllipse: boolean, stroke: "dotted" | "dashed") {
  const rows = Array.from({ length: 73 }, (_, k) => {
    const [c, s] = [Math.cos(2 * Math.PI * k / 72), Math.sin(2 * Math.PI * k / 72)];
    // The symmetric root of C = [[2, 0.6], [0.6, 0.5]].
    const root = rootOfCovariance;
    const [x, y] = isEllipse ? [root[0] * c + root[1] * s, root[1] * c + root[2] * s] : [c, s];
    return { x: 1.5 * x, y: 1.5 * y };
  });
  const layer = theoryLine(rows, { x: "x", y: "y", stroke });
  return { ...layer, encoding: { ...layer.encoding, order: { value: null } } };
}

/** sqrt(C) = (C + sqrt(det) I) / sqrt(trace + 2 sqrt(det)) for a 2 x 2 matrix. */
const rootOfCovariance = (() => {
  const root = Math.sqrt(2 * 0.5 - 0.6 * 0.6);
  const norm = Math.sqrt(2.5 + 2 * root);
  return [(2 + root) / norm, 0.6 / norm, (0.5 + root) / norm];
})();

/** What the gauge does to the singular values at the end. */
function isotropy({ dimension }: RowTable<Row>): Figure {
  const reference = dimension
    .filter(({ surface, dim, start }) => surface === "sphere" && dim === 3 && start === 0)
    .toSorted((a, b) => a.omega - b.omega);
  const rows = reference.flatMap(({ omega, values }) =>
    values.map((value, rank) => ({ omega, rank: RANKS[rank], value }))
  );
  const [[a, , b]] = reference.filter(({ omega }) => omega === 0).map(({ values }) => values);
  const most = reference[reference.length - 1].omega;
  // The sum of squares and the product of the first and the third are known.
  const law = (sign: number) => (omega: number) => {
    const sum = a * a + b * b + 0.2969046 * omega * omega;
    return Math.sqrt((sum + sign * Math.sqrt(sum * sum - 4 * a * a * b * b)) / 2);
  };
  return figure({
    title: "The dimension survives a gauge; what the values tell about the surface does not",
    subtitle: "Exact score of a sphere + ω A∇log p: singular values at σ = 0.0105. Dashed: closed form",
    height: 280,
    x: linearAxis("omega", "Strength of the gauge ω"),
    y: logAxis("value", "Singular value"),
    color: rankColors(3),
    layer: [
      points(rows, { x: "omega", y: "value", size: 55 }),
      ...[1, -1].map((sign) =>
        theoryLine(law(sign), { x: "omega", y: "value", domain: [0, most], count: 60 })
      ),
      theoryRule({ y: a }),
    ],
  });
}

/** The Swiss roll, exact, with and without a gauge. */
function swissRoll({ variability }: RowTable<Row>): Figure {
  const rows = variability.filter(({ surface }) => surface === "Swiss roll");
  const omegas = distinct(rows, "omega").toSorted((a, b) => a - b);
  // In 5 coordinates a gauge of the first two does what it does in 3.
  const cells = distinct(rows, "dim").flatMap((dim) =>
    omegas.filter((omega) => omega === 0 || dim === 3).map((omega) => ({ dim, omega }))
  );
  return figure({
    title: "A Swiss roll: two values level off once the noise is smaller than the gap between its turns",
    subtitle: "Exact score; true dimension 2, D coordinates. Dashed: σ",
    ...panels(
      (cells.length > 0 ? cells : [{ dim: 3, omega: 0 }]).map(({ dim, omega }) => {
        const own = ranked(rows.filter((row) => row.dim === dim && row.omega === omega));
        return {
          title: omega === 0 ? `D = ${dim}, conservative` : `D = ${dim}, gauge ω = ${omega}`,
          x: noiseAxis(0.0104),
          y: logAxis("value", "Singular value", { domain: [0.003, 60] }),
          color: rankColors(5),
          layer: [falling(0.0104), lines(own, { x: "sigma", y: "value" })],
        };
      }),
      { columns: 3, height: 190 },
    ),
  });
}

/** What the error of a learned score is made of. */
function split({ split }: RowTable<Row>): Figure {
  const short = split.reduce((steps, row) => Math.min(steps, row.steps), Infinity);
  const nameOf = (row: NetworkKey) =>
    row.steps > short ? "free, wide, long" : row.conservative ? "conservative" : "free";
  const parts = split.flatMap((row) => [
    {
      network: nameOf(row),
      sigma: row.sigma,
      after: row.after,
      part: "gradient (harmful)",
      value: row.gradient,
    },
    { network: nameOf(row), sigma: row.sigma, after: row.after, part: "gauge (harmless)", value: row.gauge },
  ]).filter(({ sigma }) => sigma > 0.1 && sigma < 0.3);
  const names = ["free", "conservative", "free, wide, long"].filter((name) =>
    parts.some(({ network }) => network === name)
  );
  return figure({
    title: "Why the free network fails: its error is a gradient, hardly any of it is gauge",
    subtitle: "Learned score of the sphere at σ = 0.17: mean square error times σ², split with p as weight",
    ...panels(
      (names.length > 0 ? names : ["free"]).map((name) => ({
        title: name,
        x: logAxis("after", "Training steps", { domain: [100, 10_000] }),
        y: logAxis("value", "σ² E|error|²", { domain: [1e-8, 10] }),
        color: colorBy("part", "Part of the error", ["gradient (harmful)", "gauge (harmless)"], [
          palette[1],
          palette[2],
        ]),
        layer: [
          lines(parts.filter(({ network }) => network === name), { x: "after", y: "value", dots: true }),
        ],
      })),
      { height: 220 },
    ),
  });
}

/** A finite sample at every noise level. */
function memorization({ window }: RowTable<Row>): Figure {
  return figure({
    title: "A finite sample has dimension 2 only in a window of noise levels, and 0 below it",
    subtitle: "Exact score of points drawn from a sphere: mean number of values that level off, 8 starts",
    height: 240,
    x: noiseAxis(0.004),
    y: linearAxis("dimension", "Intrinsic dimension", { domain: [0, 3] }),
    layer: [
      lines(window, { x: "sigma", y: "dimension", dots: true }),
      theoryRule({ y: 2 }),
      annotation("the sphere", { x: 0.03, y: 2, side: "above" }),
      annotation("memorized points", { x: 0.01, y: 0, side: "above" }),
    ],
  });
}

/** A linear field and what is left of it without its gradient part. */
function decomposition({ arrow }: RowTable<Row>): Figure {
  const titles = {
    "field": "the field Bx",
    "weighted rest": "rest, weighted: a gauge",
    "ordinary rest": "rest, ordinary: not a gauge",
  } as const;
  return figure({
    title: "Only with the density as weight is the rest harmless: it follows the ellipses",
    subtitle:
      "A field on N(0, C), and what is left of it without its gradient part; dots: heads. Dashed: xᵀC⁻¹x = 2.25",
    ...panels(
      (Object.keys(titles) as (keyof typeof titles)[]).map((part) => {
        const rows = arrow.filter((row) => row.part === part).map(({ arrow, end, x, y }) => ({
          arrow,
          end,
          x,
          y,
        }));
        return {
          title: titles[part],
          x: linearAxis("x", "x", { domain: [-4, 4] }),
          y: linearAxis("y", "y", { domain: [-2.4, 2.4] }),
          layer: [
            lines(rows, { x: "x", y: "y", each: "arrow", color: palette[0], inOrder: true }),
            points(places(rows.filter(({ end }) => end === 1)), {
              x: "x",
              y: "y",
              color: palette[0],
              size: 12,
            }),
            theoryOutline(true, "dashed"),
          ],
        };
      }),
      { height: 170 },
    ),
  });
}

export const figures = {
  trajectories,
  reported,
  clouds,
  spinning,
  steps,
  isotropy,
  split,
  "swiss-roll": swissRoll,
  memorization,
  decomposition,
};

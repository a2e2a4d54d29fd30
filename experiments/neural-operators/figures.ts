/** Figures, the key one first. */
import { type Figure, mean, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  colorBy,
  figure,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  palette,
  panels,
  points,
  theoryColor,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import { ofRoute } from "./claims.ts";
import { FINEST } from "./data.ts";
import { TRAIN_N } from "./exact.ts";
import type { Route, Row } from "./rows.ts";

/** Routes in the order of the legend, always in the same colours. */
const ROUTES: Route[] = [
  "plain CNN",
  "official resizing",
  "hat kernel",
  "FNO",
  "input and output resized",
  "hat kernel, three grids",
];
const COLORS = [palette[1], palette[2], palette[0], palette[3], palette[4], palette[5]];

function byRoute(shown: readonly Route[]): ReturnType<typeof colorBy> {
  return colorBy("route", null, [...shown], shown.map((route) => COLORS[ROUTES.indexOf(route)]));
}

const GRIDS = [32, 64, 128, 256, 512];

/** Error on every test grid. */
function resolution({ error }: RowTable<Row>): Figure {
  const view = (title: string, wanted: Route[], setting: Row<"error">["setting"]) => {
    const shown = wanted.filter((route) => ofRoute(error, route, setting).length > 0);
    const rows = shown.flatMap((route) => ofRoute(error, route, setting));
    const identity = mean(rows.map((row) => row.identity));
    return {
      title,
      x: logAxis("n", "Points of the test grid", { domain: [28, 590], values: GRIDS }),
      y: logAxis("error", "Relative L2 error on test functions", { domain: [0.03, 2] }),
      color: byRoute(legend),
      layer: [
        theoryRule({ y: identity }),
        annotation("the start itself", { x: 180, y: identity, side: "above" }),
        meanAndRange(rows, {
          x: "n",
          y: "error",
          series: "route",
          dots: true,
          // Lines that coincide stay visible.
          strokeWidth: { "hat kernel": 5, "input and output resized": 2.4, "hat kernel, three grids": 1.4 },
        }),
      ],
    };
  };
  const main: Route[] = ["plain CNN", "official resizing", "hat kernel", "FNO"];
  const other: Route[] = ["hat kernel", "input and output resized", "hat kernel, three grids"];
  const legend = ROUTES.filter((route) => error.some((row) => row.route === route));
  const hasLarger = error.some(({ setting }) => setting === "larger");
  return figure({
    title: "A plain convolutional network is lost on any grid but its own; as an operator it is not",
    subtitle: `Burgers equation, u(0) to u(0.1), trained on ${TRAIN_N} points; mean and range over seeds; ` +
      `dashed: prediction by the start`,
    ...panels([
      view(`Trained on ${TRAIN_N} points`, main, "default"),
      view("Other ways to the same", other, "default"),
      ...(hasLarger ? [view("Longer time, larger network", main, "larger")] : []),
    ], { height: 260 }),
  });
}

/** One test function on the finest grid. */
function shock({ prediction }: RowTable<Row>): Figure {
  const shown = prediction.filter(({ n }) => n === FINEST);
  const routes: Route[] = ["plain CNN", "official resizing", "hat kernel"];
  const view = (route: Route) => ({
    title: route,
    x: linearAxis("x", "x"),
    y: linearAxis("u", "u(x, 0.1)"),
    color: byRoute(routes),
    layer: [
      lines(shown.filter((row) => row.route === route)),
      theoryLine(shown.filter((row) => row.route === "solution")),
    ],
  });
  return figure({
    title: "On the fine grid the plain network misses the shape of the solution",
    subtitle:
      `First test function on ${FINEST} points, one network trained on ${TRAIN_N}; dashed: the solution`,
    ...panels(routes.map(view), { height: 200 }),
  });
}

/** Single layers on finer and finer grids. */
function layers({ layer }: RowTable<Row>): Figure {
  const names = [
    "plain convolution",
    "local integral, hat kernel",
    "differential",
    "differential, a + c = 0",
    "spectral",
    "attention, no weights",
    "attention, weights",
  ] as const;
  const rows = layer.map((row) => ({ ...row, error: Math.max(row.error, 1e-13) }));
  const curve = { x: "n", domain: [128, 1024], spacing: "log", count: 2 } as const;
  const law = (name: typeof names[number], slope: number) => {
    const [last] = rows.filter((row) => row.layer === name && row.n === 1024);
    return theoryLine((n) => last.error * (n / 1024) ** slope, { ...curve, y: "error" });
  };
  const view = (title: string, shown: (typeof names[number])[], laws: ReturnType<typeof law>[]) => ({
    title,
    x: logAxis("n", "Points n", { values: [16, 64, 256, 1024] }),
    y: logAxis("error", "Largest error against the limit", { domain: [1e-13, 20] }),
    color: colorBy("layer", null, [...names]),
    layer: [lines(rows.filter((row) => shown.includes(row.layer)), { dots: true }), ...laws],
  });
  return figure({
    title: "Which layers are operators: those whose error vanishes as the grid is refined",
    subtitle:
      "Single layers on a wave, no training; dashed: slopes −1 and −2; errors below 1e-13 are drawn there",
    ...panels([
      view("Convolutions and derivatives", [...names.slice(0, 4)], [
        law("local integral, hat kernel", -2),
        law("differential", -1),
      ]),
      view("Spectral layer and attention", [...names.slice(4)], []),
    ], { height: 260 }),
  });
}

/** The law of the collapse. */
function collapse({ symbol }: RowTable<Row>): Figure {
  const what = [
    "plain, from the sum of taps",
    "hat kernel, from the integral",
    "official, from the integral",
  ];
  const oracle = symbol.filter(({ kernel, wave }) => kernel === "oracle" && wave === 1);
  const rows = oracle.flatMap(({ method, n, fromIntegral, fromSum }) => [
    {
      what: what[["naive", "hat", "official"].indexOf(method)],
      n,
      distance: method === "naive" ? fromSum : fromIntegral,
    },
  ]);
  const [{ moment }] = oracle;
  const [last] = rows.filter((row) => row.n === 1024 && row.what === what[1]);
  const curve = { x: "n", y: "distance", spacing: "log", count: 2 } as const;
  return figure({
    title: "The plain convolution collapses to the sum of its taps, the hat kernel tends to an integral",
    subtitle: "Nine taps of notes 8, the wave of period 1; dashed: 2π |Σ j W_j| / n, and slope −2",
    height: 280,
    x: logAxis("n", "Points n", { values: [32, 64, 128, 256, 512, 1024] }),
    y: logAxis("distance", "Distance between symbols"),
    color: colorBy("what", null, what, [palette[1], palette[0], palette[2]]),
    layer: [
      lines(rows, { dots: true }),
      theoryLine((n) => 2 * Math.PI * moment / n, { ...curve, domain: [32, 1024] }),
      theoryLine((n) => last.distance * (n / 1024) ** -2, { ...curve, domain: [64, 1024] }),
    ],
  });
}

/** The kernel function of both methods. */
function squeeze({ kernel }: RowTable<Row>): Figure {
  const of = (...methods: string[]) => kernel.filter(({ method }) => methods.includes(method));
  return figure({
    title: "Why the official resizing is off: it squeezes the kernel",
    subtitle:
      "Nine taps of notes 8 (circles), and the kernel function on a grid eight times as fine; the factor " +
      "is 65/72",
    height: 260,
    x: linearAxis("place", "Place, in steps of the grid of training", { domain: [-5, 5] }),
    y: linearAxis("value", "Kernel function, times the step"),
    color: colorBy("method", null, ["hat kernel", "official resizing"], [palette[0], palette[2]]),
    layer: [
      lines(of("hat kernel", "official resizing")),
      points(of("trained taps"), { color: theoryColor, size: 60 }),
    ],
  });
}

/** Convergence of the solver in time. */
function solver({ solver }: RowTable<Row>): Figure {
  const rows = solver.map(({ amplitude, ...row }) => ({
    ...row,
    start: `${amplitude === 1 ? "" : amplitude} sin 2πx`.trim(),
  }));
  const [first] = solver.filter(({ amplitude, steps }) => amplitude === 2 && steps === 100);
  return figure({
    title: "The solver has order four in time, down to rounding",
    subtitle: "512 points, ν = 0.01, time 0.1, against the closed form of Cole and Hopf; dashed: slope −4",
    height: 220,
    x: logAxis("steps", "Steps", { values: [50, 100, 200, 400] }),
    y: logAxis("error", "Largest error"),
    color: colorBy("start", "u(0)", ["sin 2πx", "2 sin 2πx"]),
    layer: [
      lines(rows, { dots: true }),
      theoryLine((steps) => first.error * (steps / 100) ** -4, {
        x: "steps",
        y: "error",
        domain: [50, 400],
        spacing: "log",
        count: 2,
      }),
    ],
  });
}

export const figures = { resolution, shock, collapse, squeeze, layers, solver };

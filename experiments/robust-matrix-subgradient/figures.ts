import { colorBy, figure, linearAxis, logAxis, palette, theoryColor } from "../../lib/figures/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import { signRipScale } from "../../lib/sensing/mod.ts";
import { digitsFigure } from "./digits_figure.ts";
import { curvesOf, type RaceRow, type Row, type RunKey, type RunRow, runsOf } from "./rows.ts";
import { spread } from "./spread.ts";

const dashed = {
  type: "line" as const,
  strokeDash: [5, 4],
  color: theoryColor,
  strokeWidth: 1.3,
  clip: true,
};
const superscript = (n: number) => [...String(n)].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)] ?? "⁻").join("");
const power = (x: number) => x === 1 ? "1" : `10${superscript(Math.round(Math.log10(x)))}`;

/** The step at which a start of scale alpha has grown to 1 on average, if it does. */
function escape({ alpha, probability, std, decay }: RunKey): number | null {
  const rate = signRipScale(Math.SQRT2, { kind: "outliers", probability, std }) / Math.SQRT2;
  let size = alpha;
  for (let t = 0; t < 2000; t++) {
    if (size >= 1) return t;
    size *= 1 + 0.3 * decay ** t * rate;
  }
  return null;
}

/** Lines with a band from the smallest to the largest seed. */
function bands(
  points: { line: string }[],
  domain: string[],
  range: readonly string[],
  title: string | null,
  widths: number[] = [],
) {
  const color = {
    ...colorBy("line", title, domain, range),
    legend: { symbolOpacity: 1, symbolType: "stroke" as const, title },
  };
  return [{
    data: { values: points },
    layer: [
      {
        mark: { type: "area" as const, opacity: 0.18, clip: true },
        encoding: { y: { field: "low", type: "quantitative" as const }, y2: { field: "high" }, color },
      },
      ...domain.map((line, i) => ({
        transform: [{ filter: { field: "line", equal: line } }],
        mark: { type: "line" as const, clip: true, strokeWidth: widths[i] ?? 2 },
        encoding: { y: { field: "value", type: "quantitative" as const }, color },
      })),
    ],
  }];
}

/** The key figure: error against steps, one panel a start, one line a number of columns. */
function key(rows: Row[]): Figure {
  const alphas = [...new Set(curvesOf(rows, "start").map(({ alpha }) => alpha))];
  const widths = [2, 5, 20];
  const domain = widths.map((k) => `k = ${k}`);
  const panel = (alpha: number, i: number) => {
    const curves = curvesOf(rows, "start").filter((row) => row.alpha === alpha);
    const sizes = [0, 2000].map((step) => ({ step, value: 0.3 * curves[0].decay ** step }));
    const at = escape(curves[0]);
    const escapes = alpha < 0.5 && at !== null ? [{ step: at }] : [];
    return {
      width: 185,
      height: 260,
      title: { text: `Start of size α = ${power(alpha)}`, fontSize: 12, offset: 4 },
      layer: [
        ...bands(
          spread(curves, "step", "error", ({ k }) => `k = ${k}`),
          domain,
          [palette[2], palette[5], palette[1]],
          null,
          // Lines that coincide stay visible on each other.
          [2, 6, 2],
        ),
        {
          data: { values: sizes },
          mark: dashed,
          encoding: { y: { field: "value", type: "quantitative" as const } },
        },
        {
          data: { values: i === 0 ? sizes.slice(1) : [] },
          mark: { type: "text" as const, align: "right" as const, dx: -18, dy: -8, text: "step size ηₜ" },
          encoding: { y: { field: "value", type: "quantitative" as const } },
        },
        {
          data: { values: escapes },
          mark: { type: "rule" as const, strokeDash: [2, 3], color: theoryColor },
          encoding: { y: { value: 0 }, y2: { value: 260 } },
        },
        {
          data: { values: escapes },
          mark: {
            type: "text" as const,
            align: "left" as const,
            dx: 5,
            text: "predicted escape",
            fontSize: 11,
          },
          encoding: { y: { value: 8 } },
        },
      ],
      encoding: {
        x: linearAxis("step", "Step", { domain: [0, 2000], tickCount: 3 }),
        y: logAxis("value", i === 0 ? "Error ‖UUᵀ − X*‖" : "", { domain: [1e-10, 10] }),
      },
    };
  };
  const [{ m, probability } = { m: 800, probability: 0.1 }] = runsOf(rows, "start");
  return figure({
    title: {
      text: "Started small, more columns than the rank cost nothing",
      subtitle: `20 × 20, rank 2, ${m} measurements, ${
        Math.round(100 * probability)
      } % of them wrong; k columns; mean and range of seeds`,
    },
    hconcat: alphas.map(panel),
    spacing: 12,
    config: { legend: { orient: "bottom" } },
  });
}

/** Final error against the scale of the start. */
function starts(rows: Row[]): Figure {
  const runs = [
    ...runsOf(rows, "scale"),
    ...runsOf(rows, "start").filter(({ k, alpha }) => k === 20 && alpha !== 1e-3),
    ...runsOf(rows, "population"),
  ];
  const name = ({ m }: RunRow) => m === null ? "m = ∞" : `m = ${m}`;
  const points = spread(runs, "alpha", "lastError", name);
  const domain = [...new Set(points.map(({ line }) => line))];
  const law = [1e-1, 4e-5].map((alpha) => ({ alpha, value: alpha ** 2 / 2 }));
  return figure({
    title: {
      text: "The smaller the start, the smaller the error",
      subtitle:
        "20 columns for a target of rank 2, same steps for all; dashed: α²/2; mean and range of seeds",
    },
    layer: [
      { data: { values: law }, mark: dashed, encoding: { y: { field: "value", type: "quantitative" } } },
      {
        data: { values: points },
        mark: { type: "rule", strokeWidth: 1.5 },
        encoding: {
          y: { field: "low", type: "quantitative" },
          y2: { field: "high" },
          color: colorBy("line", null, domain),
        },
      },
      {
        data: { values: points },
        mark: { type: "line", point: true, clip: true },
        encoding: { y: { field: "value", type: "quantitative" }, color: colorBy("line", null, domain) },
      },
    ],
    encoding: {
      x: logAxis("alpha", "Size of the start, α", { domain: [6e-7, 1.6] }),
      y: logAxis("value", "Error at the end", { domain: [1e-10, 10] }),
    },
    config: { legend: { orient: "bottom" } },
  });
}

/** Signal against residual. */
function race(rows: Row[]): Figure {
  const all = rows.filter((row): row is RaceRow => row.type === "race");
  const lines = (run: RaceRow["run"]) =>
    all.filter((row) => row.run === run).flatMap(({ step, signal, residual }) => [
      { step, value: signal, line: "second singular value of U" },
      { step, value: residual, line: "third singular value of U" },
    ]);
  const measured = lines("measured");
  const domain = [...new Set(measured.map(({ line }) => line))];
  const predicted = all.filter((row) => row.run === "measured").flatMap(({ step, predicted }) =>
    predicted === null ? [] : [{ step, value: predicted }]
  );
  const notes = [
    { step: 150, value: 2e-2, text: "dashed: growth by 1 + ηₜφσᵣ/‖X*‖" },
    { step: 300, value: 2e-7, text: "dotted: infinitely many measurements" },
  ];
  return figure({
    title: {
      text: "Why small wins: the target grows, the columns too many stay small",
      subtitle: "20 columns, α = 10⁻⁶, a tenth of 800 measurements wrong; the target has rank 2",
    },
    layer: [
      {
        data: { values: measured },
        mark: { type: "line", strokeWidth: 2.5 },
        encoding: { color: colorBy("line", null, domain) },
      },
      {
        data: { values: lines("population") },
        mark: { ...dashed, strokeDash: [2, 3] },
        encoding: { detail: { field: "line" } },
      },
      { data: { values: predicted }, mark: dashed },
      {
        data: { values: notes },
        mark: { type: "text", align: "left", fontSize: 11 },
        encoding: { text: { field: "text" } },
      },
    ],
    encoding: {
      x: linearAxis("step", "Step", { domain: [0, 1200] }),
      y: logAxis("value", "Singular value", { domain: [1e-7, 3] }),
    },
    config: { legend: { orient: "bottom", labelLimit: 300 } },
  });
}

/** Beside the squared loss. */
function baseline(rows: Row[]): Figure {
  const curves = curvesOf(rows, "baseline");
  const name = ({ loss, probability }: RunKey) => `${loss} loss, ${Math.round(100 * probability)} % wrong`;
  const domain = [0.1, 0.2].flatMap((probability) =>
    ["squared", "absolute"].map((loss) => `${loss} loss, ${Math.round(100 * probability)} % wrong`)
  );
  return figure({
    title: {
      text: "The squared loss never gets near, the absolute loss does not mind",
      subtitle: "m = 1200, outliers of standard deviation 10, 20 columns, α = 10⁻³; mean and range of seeds",
    },
    layer: bands(
      spread(curves, "step", "error", name),
      domain,
      [palette[1], palette[0], palette[4], palette[5]],
      null,
    ),
    encoding: {
      x: linearAxis("step", "Step", { domain: [0, 4000] }),
      y: logAxis("value", "Error ‖UUᵀ − X*‖", { domain: [1e-4, 3] }),
    },
    config: { legend: { orient: "bottom", columns: 2, labelLimit: 250 } },
  });
}

/** Whether the steps suffice. */
function budget(rows: Row[]): Figure {
  const values = runsOf(rows, "budget").map(({ have, need, lastError, alpha }) => ({
    spare: (have ?? NaN) - (need ?? NaN),
    error: lastError,
    line: `α = ${alpha === 1e-6 || alpha === 1e-7 ? power(alpha) : `3·${power(alpha / 3)}`}`,
  }));
  const y = logAxis("error", "Error at the end", { domain: [1e-10, 5] });
  const domain = [...new Set(values.map(({ line }) => line))];
  return figure({
    title: {
      text: "Whether the steps suffice can be read off the data before the first one",
      subtitle: "A point a run; growth allowed by the schedule, λ₂ Σηₜ, minus growth needed, ln(1/α) + 1",
    },
    height: 280,
    layer: [
      { data: { values: [{ spare: 0 }] }, mark: { type: "rule", strokeDash: [5, 4], color: theoryColor } },
      {
        data: { values: [{ spare: 0.08, error: 1e-3, text: "enough →" }] },
        mark: { type: "text", align: "left" },
        encoding: { y, text: { field: "text" } },
      },
      {
        data: { values },
        mark: { type: "point", filled: true, size: 70, opacity: 0.8 },
        encoding: { y, color: colorBy("line", "Start", domain) },
      },
    ],
    encoding: {
      x: linearAxis("spare", "Growth to spare", { values: [-4, -3, -2, -1, 0, 1, 2, 3] }),
    },
  });
}

/** Dense noise: the rate, and late overfitting. */
function gaussian(rows: Row[]): Figure {
  const runs = runsOf(rows, "gaussian").filter(({ loss, k }) => loss === "absolute" || k === 2);
  const name = ({ loss, k }: RunKey) => loss === "squared" ? "squared, k = 2" : `absolute, k = ${k}`;
  const domain = ["absolute, k = 2", "absolute, k = 20", "squared, k = 2"];
  const range = [palette[2], palette[1], palette[0]];
  const law = [200, 1600].map((m) => ({ m, value: 0.5 * Math.sqrt(40 / m) }));
  return figure({
    title: {
      text: "Dense noise: the best iterate is as good as can be, the last one is not",
      subtitle: "Noise of standard deviation 0.5 on every measurement; mean and range of seeds",
    },
    hconcat: [
      {
        width: 250,
        height: 260,
        title: { text: "Best error of a run; dashed: ν√(rd/m)", fontSize: 12, offset: 4 },
        layer: [
          ...bands(spread(runs, "m", "bestError", name), domain, range, null, [6, 2, 2]),
          { data: { values: law }, mark: dashed, encoding: { y: { field: "value", type: "quantitative" } } },
        ],
        encoding: {
          x: logAxis("m", "Measurements m", { values: [200, 400, 800, 1600] }),
          y: logAxis("value", "Error ‖UUᵀ − X*‖", { domain: [0.05, 0.5], values: [0.05, 0.1, 0.2, 0.5] }),
        },
      },
      {
        width: 250,
        height: 260,
        title: { text: "m = 200: overfitting comes late", fontSize: 12, offset: 4 },
        layer: bands(
          spread(curvesOf(rows, "gaussian").filter(({ loss }) => loss === "absolute"), "step", "error", name),
          domain,
          range,
          null,
          [6, 2, 2],
        ),
        encoding: {
          x: linearAxis("step", "Step", { domain: [0, 600] }),
          y: logAxis("value", "", { domain: [0.2, 2], values: [0.2, 0.5, 1, 2] }),
        },
      },
    ],
    config: { legend: { orient: "bottom" } },
  });
}

/** What can be destroyed, and where it ends. */
function limits(rows: Row[]): Figure {
  const share = ({ probability }: RunRow) => `${Math.round(100 * probability)} % wrong`;
  const runs = [
    ...runsOf(rows, "baseline"),
    ...runsOf(rows, "dense"),
    ...runsOf(rows, "limits"),
  ].map((run) => ({
    what: `${share(run)}, m = ${run.m}`,
    loss: `${run.loss} loss`,
    error: run.loss === "squared" ? run.bestError : run.lastError,
    m: run.m,
    probability: run.probability,
  }));
  const order = [
    ...new Set(
      runs.toSorted((a, b) => a.probability - b.probability || (a.m ?? 0) - (b.m ?? 0)).map(({ what }) =>
        what
      ),
    ),
  ];
  return figure({
    title: {
      text: "Half may be wrong; too many wrong, or too few in all, and it fails",
      subtitle: "A point a seed: error at the end (squared loss: at best); outliers of 10, 20 columns",
    },
    height: 240,
    data: { values: runs },
    mark: { type: "point", size: 75, opacity: 0.75, filled: true },
    encoding: {
      x: logAxis("error", "Error ‖UUᵀ − X*‖", { domain: [1e-10, 5] }),
      y: { field: "what", type: "nominal", sort: order, title: null, axis: { labelLimit: 200 } },
      color: colorBy("loss", null, ["absolute loss", "squared loss"], [palette[0], palette[1]]),
    },
    config: { legend: { orient: "bottom" } },
  });
}

/** All figures, the key figure first. */
export const figures: Record<string, (rows: Row[]) => Figure> = {
  key,
  starts,
  race,
  baseline,
  budget,
  gaussian,
  limits,
  digits: digitsFigure,
};

import {
  colorBy,
  figure,
  type Layer,
  learningRateFigure,
  linearAxis,
  logAxis,
  palette,
  theoryColor,
} from "../../lib/figures/mod.ts";
import { tuneLearningRates } from "../../lib/training/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import { spectra } from "./spectra_figure.ts";
import { type OptimizerName, type Row, rowsOf } from "./rows.ts";

/** In the order of the legends, with the colours that all optimizer papers share. */
const COLORS: Record<OptimizerName, string> = {
  Muon: palette[0],
  "Hybrid-AuON": palette[4],
  AdamW: palette[1],
  AuON: palette[2],
  "normalized SGD": palette[6],
  SGD: palette[3],
};
const NAMES = Object.keys(COLORS) as OptimizerName[];

const dashed = { strokeDash: [5, 4], color: theoryColor, strokeWidth: 1.2 };

/** Theory as a dashed line. */
const theory = (values: Record<string, number>[], x: string, y: string, detail?: string): Layer => ({
  data: { values },
  mark: { type: "line", ...dashed },
  encoding: {
    x: { field: x, type: "quantitative" },
    y: { field: y, type: "quantitative" },
    ...(detail === undefined ? {} : { detail: { field: detail, type: "nominal" as const } }),
  },
});

/** The brake of every matrix, between the curves of the theorem. */
function brake(rows: Row[]): Figure {
  const names = {
    "one-hot": "a single spike",
    cauchy: "Cauchy",
    "student-t(2)": "Student-t, 2 degrees",
    gaussian: "Gaussian",
    training: "momentum in training",
    flat: "flat",
  };
  const values = rowsOf(rows, "brake").map(({ entries, n, rmsMinus1 }) => ({
    n,
    excess: rmsMinus1,
    relative: 2 * n * rmsMinus1,
    line: names[entries],
  }));
  const sizes = [...new Set(values.map(({ n }) => n))].sort((a, b) => a - b);
  const brakes = rowsOf(rows, "brake");
  const curves = sizes.flatMap((n) => {
    const { lower, upper } = brakes.find((row) => row.n === n)!;
    return [[lower, "lower"] as const, [upper, "upper"] as const].map(([excess, bound]) => ({
      n,
      excess,
      relative: 2 * n * excess,
      bound,
    }));
  });
  const domain: [number, number] = [Math.min(...sizes) / 1.5, Math.max(...sizes) * 1.5];
  const color = {
    ...colorBy("line", null, Object.values(names), [
      palette[3],
      palette[1],
      palette[4],
      palette[0],
      palette[2],
      palette[7],
    ]),
    legend: { symbolOpacity: 1 },
  };
  const panel = (y: ReturnType<typeof logAxis>, field: "excess" | "relative", title: string) => ({
    width: 245,
    height: 270,
    title: { text: title, fontSize: 12, frame: "group" as const, offset: 4 },
    layer: [
      {
        data: { values: curves },
        mark: { type: "line" as const, ...dashed },
        encoding: { y: { field, type: "quantitative" as const }, detail: { field: "bound" } },
      },
      {
        data: { values },
        mark: { type: "point" as const, filled: true, size: 40, opacity: 0.75 },
        encoding: { color },
      },
    ],
    encoding: { x: logAxis("n", "Entries N", { domain, tickCount: 4 }), y },
  });
  return figure({
    title: {
      text: "The brake knows the size of a matrix and hardly anything else",
      subtitle: "R of matrices of norm 1; dashed: the theorem's bounds. Right: all that a matrix can change",
    },
    hconcat: [
      panel(logAxis("excess", "R − 1"), "excess", "What is divided by is 1 + 1/2N"),
      panel(
        linearAxis("relative", "2N (R − 1)", { domain: [0.98, 1.4] }),
        "relative",
        "What is left of the matrix in it",
      ),
    ],
    spacing: 26,
    config: { legend: { orient: "bottom", columns: 3 } },
  });
}

/** The control: differences of losses, step by step. */
function control(rows: Row[]): Figure {
  const names = { tweak: "rate 0.3 instead", brake: "AuON, rate 0.3" };
  const values = rowsOf(rows, "control").filter(({ variant }) => variant === "paper").flatMap((row) =>
    (["tweak", "brake"] as const).flatMap((what) =>
      row[what].map((difference, i) => ({ step: i + 1, difference, line: names[what], seed: row.seed }))
    )
  ).filter(({ difference }) => difference > 1e-16);
  return figure({
    title: {
      text: "AuON cannot be told from normalized SGD at the rate 0.3 / 1.000122",
      subtitle: [
        "Difference of the batch losses from that run, same start and batches; a thin line a seed.",
        "Those 0.012 % of the rate make far more of a difference than AuON does",
      ],
    },
    layer: [
      {
        data: { values },
        mark: { type: "line", strokeWidth: 1.3, opacity: 0.8, clip: true },
        encoding: {
          x: linearAxis("step", "Step", { domain: [0, 100] }),
          y: logAxis("difference", "|difference of losses|", { domain: [1e-12, 1] }),
          color: {
            ...colorBy("line", null, Object.values(names), [palette[6], palette[2]]),
            legend: { symbolOpacity: 1, symbolStrokeWidth: 2.5, orient: "right" },
          },
          detail: { field: "seed", type: "nominal" },
        },
      },
      theory([{ step: 0, difference: 1e-5 }, { step: 30, difference: 1e-5 }], "step", "difference"),
      {
        data: { values: [{ step: 31, difference: 1e-5, text: "AuON must stay below" }] },
        mark: { type: "text", align: "left", color: theoryColor, fontSize: 11 },
        encoding: {
          x: { field: "step", type: "quantitative" },
          y: { field: "difference", type: "quantitative" },
          text: { field: "text" },
        },
      },
    ],
  });
}

/** Tuned losses, with what every seed came to. */
function losses(rows: Row[]): Figure {
  const tuned = tuneLearningRates(rowsOf(rows, "run"));
  const seeds = Math.max(...tuned.map(({ losses }) => losses.length));
  const order = [...tuned].sort((a, b) => a.mean - b.mean);
  const label = ({ optimizer, learningRate }: (typeof tuned)[number]) =>
    `${optimizer}, rate ${Number(learningRate.toPrecision(2))}`;
  const means = order.map((one) => ({ loss: one.mean, line: label(one), text: one.mean.toPrecision(2) }));
  const range = order.map(({ optimizer }) => COLORS[optimizer as OptimizerName]);
  const y = { field: "line", type: "nominal" as const, sort: means.map(({ line }) => line), title: null };
  const color = { ...colorBy("line", null, means.map(({ line }) => line), range), legend: null };
  return figure({
    title: {
      text: "Muon learns best; AuON is no better than normalized SGD",
      subtitle: `Digits, 100 steps, each at its best rate; a dot a seed (${seeds}), a bar their mean`,
    },
    height: 230,
    layer: [
      {
        data: { values: order.flatMap((one) => one.losses.map((loss) => ({ loss, line: label(one) }))) },
        mark: { type: "point", filled: true, size: 45, opacity: 0.55 },
        encoding: { x: logAxis("loss", "Final training loss", { domain: [1e-3, 0.1] }), y, color },
      },
      {
        data: { values: means },
        mark: { type: "tick", thickness: 3, height: 22, opacity: 1 },
        encoding: { x: { field: "loss", type: "quantitative" }, y, color },
      },
      {
        data: { values: means },
        mark: { type: "text", dy: -17, fontSize: 11 },
        encoding: {
          x: { field: "loss", type: "quantitative" },
          y,
          text: { field: "text", type: "nominal" },
        },
      },
    ],
    encoding: { y: { axis: { labelLimit: 240 } } },
  });
}

/** Loss against steps at the tuned rates. */
function curves(rows: Row[]): Figure {
  const runs = rowsOf(rows, "run");
  const tuned = tuneLearningRates(runs);
  const values = tuned.flatMap(({ optimizer, learningRate }) => {
    const own = runs.filter((run) => run.optimizer === optimizer && run.learningRate === learningRate);
    return own[0].curve.map((_, i) => {
      const at = own.map(({ curve }) => curve[i]);
      return {
        step: 5 * i + 3,
        loss: Math.exp(at.reduce((sum, x) => sum + Math.log(x), 0) / at.length),
        low: Math.min(...at),
        high: Math.max(...at),
        line: optimizer,
      };
    });
  });
  const color = {
    ...colorBy("line", null, NAMES, NAMES.map((name) => COLORS[name])),
    legend: { symbolType: "stroke" as const, symbolOpacity: 1, symbolStrokeWidth: 2.5 },
  };
  return figure({
    title: {
      text: "Loss against steps, each at its best rate",
      subtitle: "Digits; means of five batches, geometric over seeds; band: smallest to largest of AuON",
    },
    layer: [
      {
        data: { values: values.filter(({ line }) => line === "AuON") },
        mark: { type: "area", opacity: 0.15, color: palette[2] },
        encoding: { y: { field: "low", type: "quantitative" }, y2: { field: "high" } },
      },
      {
        data: { values },
        mark: { type: "line" },
        encoding: { y: logAxis("loss", "Loss of the batch"), color },
      },
    ],
    encoding: { x: linearAxis("step", "Step", { domain: [0, 100] }) },
  });
}

/** The grid of learning rates. */
function rates(rows: Row[]): Figure {
  return learningRateFigure(rowsOf(rows, "run"), {
    title: "Every optimizer at its own best rate, and none at the edge of its grid",
    subtitle: "Digits, 100 steps; a dot a run, a line the mean over seeds, a ring the best rate",
    optimizers: NAMES,
    colors: NAMES.map((name) => COLORS[name]),
    loss: "Final training loss",
    domain: [1e-3, 3],
  });
}

/** Rare facts against all facts. */
function memory(rows: Row[]): Figure {
  // AuON last: it is drawn, dashed, on top of the descent that it equals.
  const shown = ["Muon", "Hybrid-AuON", "AdamW", "SGD", "normalized SGD", "AuON"] as const;
  const first = Math.min(...rowsOf(rows, "memory").map(({ seed }) => seed));
  const values = shown.flatMap((name) =>
    rowsOf(rows, "memory").filter(({ seed, optimizer }) => seed === first && optimizer === name).flatMap(
      ({ optimizer, mean, tail }) =>
        mean.map((x, i) => ({ mean: x, tail: tail[i], line: optimizer, step: i })).filter((_, i) =>
          i % Math.ceil(mean.length / 40) === 0 || i === mean.length - 1
        ),
    )
  );
  const color = {
    ...colorBy("line", null, shown, shown.map((name) => COLORS[name])),
    legend: { symbolType: "stroke" as const, symbolOpacity: 1, symbolStrokeWidth: 2.5 },
  };
  return figure({
    title: {
      text: "Rare facts: only all five steps treat them like the others",
      subtitle:
        "64 facts of frequency ∝ 1/rank, until the mean loss is 1.7; dotted: rare known as well as all",
    },
    layer: [
      {
        data: { values },
        mark: { type: "line" },
        encoding: {
          color,
          order: { field: "step" },
          strokeDash: { condition: { test: "datum.line === 'AuON'", value: [6, 6] }, value: [1, 0] },
        },
      },
      {
        data: { values: [{ mean: 1.6, tail: 1.6 }, { mean: 4.2, tail: 4.2 }] },
        mark: { type: "line", strokeDash: [2, 4], color: theoryColor, strokeWidth: 1.2 },
      },
      {
        data: {
          values: [
            { mean: 2.45, tail: 3.72, text: "SGD, normalized SGD, AuON, Hybrid-AuON, AdamW" },
            { mean: 2.95, tail: 2.6, text: "Muon" },
          ],
        },
        mark: { type: "text", fontSize: 11.5 },
        encoding: { text: { field: "text", type: "nominal" } },
      },
    ],
    encoding: {
      x: {
        ...linearAxis("mean", "Mean loss (learning goes to the right)"),
        scale: { type: "linear", domain: [4.25, 1.6], nice: false },
      },
      y: linearAxis("tail", "Loss of the rarest quarter", { domain: [1.5, 4.6] }),
    },
  });
}

/** Operations against size. */
function operations(rows: Row[]): Figure {
  const counts = rowsOf(rows, "count");
  const sizes = [...new Set(counts.map(({ size }) => size))];
  const domain = ["Newton–Schulz, 5 steps", "Hybrid-AuON", "AuON"];
  const laws = domain.map((method) => {
    const largest = counts.filter((row) => row.method === method).reduce((a, b) => b.size > a.size ? b : a);
    const power = method === "AuON" ? 2 : 3;
    return sizes.map((size) => ({
      size,
      operations: largest.operations * (size / largest.size) ** power,
      law: power,
      method,
    }));
  }).flat();
  return figure({
    title: {
      text: "AuON is linear in the entries, and that is its whole advantage",
      subtitle: "Multiplications and additions counted while the pseudo-code runs; dashed: n³, n³ and n²",
    },
    layer: [
      {
        data: { values: laws },
        mark: { type: "line", ...dashed },
        encoding: { detail: { field: "method" } },
      },
      {
        data: { values: counts },
        mark: { type: "point", filled: true, size: 70 },
        encoding: { color: colorBy("method", null, domain, [palette[0], palette[4], palette[2]]) },
      },
    ],
    encoding: {
      x: logAxis("size", "Rows of the square matrix n", { values: sizes }),
      y: logAxis("operations", "Operations"),
    },
  });
}

/** All figures, the key figure first. */
export const figures: Record<string, (rows: Row[]) => Figure> = {
  key: spectra,
  brake,
  control,
  losses,
  curves,
  rates,
  memory,
  operations,
};

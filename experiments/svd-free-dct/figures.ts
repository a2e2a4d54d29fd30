import {
  colorBy,
  figure,
  learningRateFigure,
  linearAxis,
  logAxis,
  palette,
  theoryColor,
} from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import {
  type Basis,
  COLUMNS,
  CORRELATION,
  type Data,
  type GradientSide,
  type Row,
  ROWS,
  rowsOf,
} from "./rows.ts";
import {
  ar1Covariance,
  expectedError,
  freshStep,
  karhunenLoeveError,
  marchenkoPasturError,
} from "./theory.ts";
import { training } from "./training_figure.ts";

const [MUON, ADAM, OWN, , ORANGE, SKY, WINE, OLIVE] = palette;
const NAMES: Record<Basis, string> = {
  svd: "singular vectors",
  dct2: "cosines (DCT-II)",
  dct3: "DCT-III",
  random: "random basis",
  axes: "axes",
};
const COLORS: Record<Basis, string> = { svd: ORANGE, dct2: OWN, dct3: OLIVE, random: SKY, axes: WINE };

/** Dashed theory. */
const theoryMark = {
  type: "line" as const,
  strokeDash: [5, 4],
  color: theoryColor,
  strokeWidth: 1.2,
  clip: true,
};

/** Names beside the lines of the key figure: rank, error, text, colour. */
const LABELS: Record<Data, [number, number, string, string][]> = {
  ar1: [
    [4, 1.1, "random basis", SKY],
    [5.5, 0.21, "cosines", OWN],
    [1.1, 0.09, "singular", ORANGE],
    [1.1, 0.066, "vectors", ORANGE],
  ],
  permuted: [
    [4, 1.1, "random basis", SKY],
    [6, 0.2, "cosines", OWN],
    [1.1, 0.09, "singular", ORANGE],
    [1.1, 0.066, "vectors", ORANGE],
  ],
  gaussian: [
    [1.2, 1.2, "cosines = random", OWN],
    [1.1, 0.3, "singular", ORANGE],
    [1.1, 0.22, "vectors", ORANGE],
    [21, 0.85, "1 − r/n", theoryColor],
  ],
};

/** The key figure: error against rank on three kinds of data. */
function key(rows: Row[]): Figure {
  const shown: Basis[] = ["random", "svd", "dct2"];
  const domain = shown.map((basis) => NAMES[basis]);
  const color = { ...colorBy("line", null, domain, shown.map((basis) => COLORS[basis])), legend: null };
  const covariance = ar1Covariance(COLUMNS, CORRELATION);
  const smooth = Array.from({ length: 45 }, (_, i) => i + 1);
  const laws: Record<Data, [string, (rank: number) => number][]> = {
    ar1: [
      ["svd", (r) => karhunenLoeveError(covariance, r)],
      ["dct2", (r) => expectedError(covariance, "dct2", r)],
    ],
    permuted: [["svd", (r) => karhunenLoeveError(covariance, r)]],
    gaussian: [
      ["svd", (r) => marchenkoPasturError(COLUMNS / ROWS, r / COLUMNS)],
      ["bound", (r) => 1 - r / COLUMNS],
    ],
  };
  const panel = (data: Data, title: string, isFirst: boolean) => {
    const points = summarizeBy(
      rowsOf(rows, "projection").filter((row) =>
        row.data === data && row.norm === 2 && shown.includes(row.basis)
      ),
      ["basis", "rank"],
      "error",
    ).map(({ basis, rank, mean, min, max }) => ({
      rank,
      error: mean,
      low: min,
      high: max,
      line: NAMES[basis],
    }));
    const theory = laws[data].flatMap(([law, error]) =>
      smooth.map((rank) => ({ law, rank, error: error(rank) }))
    );
    const labels = LABELS[data].map(([rank, error, note, ink]) => ({ rank, error, note, ink }));
    return {
      width: 172,
      height: 270,
      title: { text: title, fontSize: 12, frame: "group" as const, offset: 4 },
      layer: [
        {
          data: { values: points },
          mark: { type: "area" as const, opacity: 0.18, clip: true },
          encoding: { y: { field: "low", type: "quantitative" as const }, y2: { field: "high" }, color },
        },
        {
          data: { values: points },
          mark: { type: "line" as const, point: { size: 26, filled: true, opacity: 1 }, strokeWidth: 2 },
          encoding: { color },
        },
        { data: { values: theory }, mark: theoryMark, encoding: { detail: { field: "law" } } },
        {
          data: { values: labels },
          mark: { type: "text" as const, fontSize: 11.5, align: "left" as const },
          encoding: {
            text: { field: "note" },
            color: { field: "ink", type: "nominal" as const, scale: null },
          },
        },
      ],
      encoding: {
        x: logAxis("rank", "Rank r", { domain: [0.9, 52], values: [1, 2, 4, 8, 16, 32] }),
        y: logAxis("error", isFirst ? "Lost share of ‖G‖²" : "", {
          domain: [0.003, 1.4],
        }),
      },
    };
  };
  return figure({
    title: {
      text: "Smooth data: a few cosines are as good as singular vectors",
      subtitle: [
        `${ROWS} × ${COLUMNS}, vectors ranked by squares; mean and range of seeds`,
        "dashed: theory (covariance, Marchenko–Pastur law, 1 − r/n)",
      ],
    },
    hconcat: [
      panel("ar1", `AR(1), ρ = ${CORRELATION}`, true),
      panel("permuted", "Columns shuffled", false),
      panel("gaussian", "White noise", false),
    ],
    spacing: 12,
  });
}

/** Real gradients: where cosines help and where not. */
function gradients(rows: Row[]): Figure {
  const places: [number, GradientSide, string][] = [
    [0, "inputs", "pixels, in order"],
    [0, "shuffled inputs", "pixels, shuffled"],
    [1, "inputs", "hidden inputs, layer 2"],
    [2, "inputs", "hidden inputs, layer 3"],
    [1, "outputs", "outputs, layer 2"],
    [2, "outputs", "outputs, layer 3"],
  ];
  const order = places.map(([, , place]) => place);
  const shown: Basis[] = ["svd", "dct2", "dct3", "random", "axes"];
  const points = summarizeBy(rowsOf(rows, "gradient"), ["layer", "side", "basis"], "error").flatMap(
    (group) => {
      const place = places.find(([layer, side]) => layer === group.layer && side === group.side);
      return place === undefined ? [] : [{
        place: place[2],
        line: NAMES[group.basis],
        error: group.mean,
        low: group.q1,
        high: group.q3,
      }];
    },
  );
  const color = {
    ...colorBy("line", null, shown.map((basis) => NAMES[basis]), shown.map((basis) => COLORS[basis])),
    legend: { orient: "bottom", title: null, symbolType: "circle", symbolOpacity: 1 },
  };
  const y = {
    field: "place",
    type: "nominal" as const,
    sort: order,
    title: null,
    axis: { grid: true, labelLimit: 0 },
  };
  const offset = { field: "line", type: "nominal" as const, sort: shown.map((basis) => NAMES[basis]) };
  return figure({
    title: {
      text: "Cosines fit real gradients along a layer's inputs only",
      subtitle: "Digits network, Adam, four moments of training; rank 8 of 64; quartiles",
    },
    width: 500,
    height: 300,
    data: { values: points },
    layer: [
      {
        mark: { type: "rule", strokeWidth: 2, opacity: 0.5 },
        encoding: {
          x: linearAxis("low", "Lost share of ‖G‖²", { domain: [0, 0.8] }),
          x2: { field: "high" },
          color,
        },
      },
      {
        mark: { type: "point", filled: true, size: 55, opacity: 1 },
        encoding: { x: { field: "error", type: "quantitative" }, color },
      },
    ],
    encoding: { y, yOffset: offset },
  });
}

/** Which columns are used, with and without feedback, and how many are new. */
function usage(rows: Row[]): Figure {
  const runs = rowsOf(rows, "usage");
  const last = Math.max(...runs.map(({ step }) => step));
  const panel = (selection: string, isFirst: boolean) => {
    const own = runs.filter((row) => row.selection === selection);
    const cells = own.flatMap(({ step, indices }) => indices.map((index) => ({ step, index })));
    const mean = own.slice(1).reduce((sum, { turnover }) => sum + turnover, 0) / Math.max(1, own.length - 1);
    return {
      width: 265,
      height: 260,
      title: {
        text: selection.startsWith("with ") ? "With error feedback" : "Without",
        subtitle: `of 8 columns ${(8 * mean).toFixed(1)} are new at a step`,
        fontSize: 12,
        frame: "group" as const,
        offset: 4,
      },
      data: { values: cells },
      mark: { type: "rect" as const, color: OWN, width: 1.8, height: 3.6 },
      encoding: {
        x: linearAxis("step", "Step", { domain: [0, last], grid: false }),
        y: linearAxis("index", isFirst ? "Index of the cosine" : "", { domain: [-1, 64], grid: false }),
      },
    };
  };
  return figure({
    title: {
      text: "With feedback, what was left out piles up until chosen",
      subtitle: "Digits network, second matrix, 8 of 64 cosines, rate 0.12",
    },
    hconcat: [panel("with error feedback", true), panel("without", false)],
    spacing: 20,
  });
}

/** The first step of a fresh column. */
function boost(rows: Row[]): Figure {
  const own = rowsOf(rows, "boost");
  const last = Math.max(...own.map(({ step }) => step));
  const names = { step: "corrected by the step", age: "corrected by its age" };
  const points = own.map(({ correction, step, fresh }) => ({ step, size: fresh, line: names[correction] }));
  const law = Array.from({ length: 80 }, (_, i) => Math.exp(Math.log(last) * i / 79)).map((step) => ({
    step,
    size: freshStep(step),
  }));
  const marks = [{ step: 150, note: "end of the digits runs" }];
  return figure({
    title: {
      text: "Fresh columns: half a step early, three steps late",
      subtitle: "Adam in 4 of 16 cosines, on white noise; dashed: theory",
    },
    layer: [
      {
        data: { values: points },
        mark: { type: "point", filled: true, size: 34 },
        encoding: { color: { ...colorBy("line", null, Object.values(names), [OWN, MUON]), legend: null } },
      },
      { data: { values: law }, mark: theoryMark },
      {
        data: { values: marks },
        mark: { type: "rule", color: "#9aa1ad", strokeDash: [2, 3] },
        encoding: { y: { value: 0 }, y2: { value: "height" } },
      },
      {
        data: { values: marks },
        mark: { type: "text", align: "left", dx: 5, fontSize: 11, color: "#565d6b" },
        encoding: { y: { value: 12 }, text: { field: "note" } },
      },
      {
        data: {
          values: [
            { step: 700, size: 1.9, line: names.step, note: "corrected by the step" },
            { step: 700, size: 0.87, line: names.age, note: "corrected by its age" },
          ],
        },
        mark: { type: "text", align: "left" },
        encoding: { text: { field: "note" }, color: { field: "line", type: "nominal" } },
      },
    ],
    encoding: {
      x: logAxis("step", "Step", { domain: [1, last] }),
      y: linearAxis("size", "Step along a column, in learning rates", { domain: [0, 3.4] }),
    },
  });
}

const runsOf = (rows: Row[], family: "adam" | "muon") =>
  rowsOf(rows, "training").filter((row) => row.family === family).map((row) => ({
    ...row,
    loss: row.loss ?? Infinity,
  }));

/** The grid of Adam's family. */
function rates(rows: Row[]): Figure {
  const optimizers = [
    "Adam, full rank",
    "DCT",
    "SVD",
    "random Q",
    "DCT, random columns",
    "DCT, corrected by age",
    "DCT, no feedback",
    "DCT, columns in turn",
  ];
  return learningRateFigure(runsOf(rows, "adam").filter(({ optimizer }) => optimizers.includes(optimizer)), {
    title: "One grid of learning rates for all; no best rate at an edge",
    subtitle: "Digits network, 150 steps, rank 8; ring: best mean",
    optimizers,
    colors: [ADAM, OWN, ORANGE, SKY, MUON, WINE, OLIVE, palette[3]],
    domain: [5e-4, 3],
  });
}

/** Trion against Dion against Muon. */
function orthogonal(rows: Row[]): Figure {
  const optimizers = ["Muon, full rank", "Dion, rank 16", "Trion, rank 16", "Dion, rank 8", "Trion, rank 8"];
  return learningRateFigure(runsOf(rows, "muon"), {
    title: "Dion is ahead here: the paper's order is not reproduced",
    subtitle: "Digits network, 150 steps; Trion's 8 cosines miss most of the momentum",
    optimizers,
    colors: [MUON, ORANGE, OWN, "#e8bd6d", "#74c7ab"],
  });
}

/** All figures, the key figure first. */
export const figures: Record<string, (rows: Row[]) => Figure> = {
  key,
  gradients,
  training,
  usage,
  boost,
  rates,
  orthogonal,
};

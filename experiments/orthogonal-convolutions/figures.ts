/** Figures, the key one first. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
  legendAt,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  palette,
  panels,
  points,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import { RADIUS } from "./constants.ts";
import { NAMES, VALUES } from "./minima.ts";
import { isSquare, type Row, type Spectrum } from "./rows.ts";

const ENDS = ["largest", "smallest"];
const END_COLORS = [palette[1], palette[0]];

/** Both ends of the spectrum of each row, one row each. */
function bothEnds<R extends Spectrum>(rows: readonly R[]) {
  return rows.flatMap((row) => [
    { ...row, end: "largest", value: row.largest },
    { ...row, end: "smallest", value: row.smallest },
  ]);
}

/** Singular values after a descent, by how square the layer is. */
function landscape({ landscape }: RowTable<Row>): Figure {
  const seeds = distinct(landscape, "seed");
  const middle = (seeds[0] + seeds[seeds.length - 1]) / 2;
  const stuck = landscape.filter((row) => isSquare(row) && row.smallest < 0.9).length;
  const square = landscape.filter(isSquare).length;
  const shown = bothEnds(landscape).map(({ M, C, k, S, seed, end, value }) => ({
    // Runs of one ratio stand side by side.
    ratio: M / (C * S * S) * (1 + 0.006 * (seed - middle)),
    layer: `M = ${M}, C = ${C}, k = ${k}, S = ${S}`,
    seed,
    end,
    value,
  }));
  return figure({
    title: "Only square layers get stuck: M = C S² filters",
    subtitle:
      "Singular values of layers after descent on the regularizer, side by side the seeds; dashed: orthogonal",
    height: 340,
    encoding: {
      x: logAxis("ratio", "Filters M over C S²", { domain: [0.3, 2.5], values: [0.5, 0.75, 1, 1.5, 2] }),
      y: linearAxis("value", "Singular value", { domain: [0, 1.3] }),
      color: colorBy("end", null, ENDS, END_COLORS),
      tooltip: [{ field: "layer" }, { field: "seed" }, { field: "value", format: ".4f" }],
    },
    layer: [
      theoryRule({ y: 1 }),
      points(shown, { size: 30, opacity: 0.6 }),
      annotation(`${stuck} of ${square} square runs`, { x: 1.05, y: 0.3, side: "right" }),
      annotation("end below 0.9", { x: 1.05, y: 0.24, side: "right" }),
    ],
  });
}

/** Orthogonality errors against the size of the image. */
function scaling({ scaling }: RowTable<Row>): Figure {
  const names = ["Frobenius error", "spectral error"];
  const sizes = distinct(scaling, "N");
  const mean = (N: number, value: (row: typeof scaling[number]) => number) => {
    const own = scaling.filter((row) => row.N === N);
    return own.reduce((sum, row) => sum + value(row), 0) / own.length;
  };
  const shown = scaling.flatMap(({ N, seed, frobenius, spectral }) => [
    { N, seed, error: names[0], value: frobenius },
    { N, seed, error: names[1], value: spectral },
  ]);
  const law = sizes.map((N) => ({ N, value: mean(N, ({ lorth }) => N * Math.sqrt(lorth)) }));
  const bound = sizes.map((N) => ({ N, value: mean(N, (row) => row.bound) }));
  const last = sizes[sizes.length - 1];
  return figure({
    title: "The spectral error does not see the size of the image",
    subtitle:
      "Kernels (M, C, k) = (4, 2, 3) stopped at L = 0.001; mean and range; dashed: N √L and the bound √(αL)",
    height: 300,
    x: logAxis("N", "Image size N", { values: sizes }),
    y: logAxis("value", "Error", { domain: [0.02, 6] }),
    color: colorBy("error", null, names, [palette[1], palette[0]]),
    layer: [
      meanAndRange(shown, { x: "N", y: "value", series: "error", dots: true }),
      theoryLine(law, { x: "N", y: "value" }),
      theoryLine(bound, { x: "N", y: "value" }),
      annotation("bound, the same for every size", { x: last, y: bound[0].value * 0.8, side: "left" }),
    ],
  });
}

const ANSWERS = ["orthonormal rows", "square: both", "orthonormal columns", "impossible"];

function answerOf(row: Row<"existence">): string {
  if (!row.exists) return ANSWERS[3];
  return { RO: ANSWERS[0], square: ANSWERS[1], CO: ANSWERS[2] }[row.case];
}

/** Which layers can be orthogonal. */
function existence({ existence }: RowTable<Row>): Figure {
  const panel = (k: number, S: number) => {
    const rows = existence.filter((row) => row.k === k && row.S === S).map((row) => ({
      from: row.from - 0.5,
      to: row.to + 0.5,
      channels: String(row.C),
      answer: answerOf(row),
    }));
    const most = Math.max(...rows.map(({ to }) => to));
    return {
      title: `k = ${k}, S = ${S}`,
      encoding: {
        x: linearAxis("from", "Filters M", { domain: [0.5, most] }),
        x2: { field: "to" },
        y: categoryAxis("channels", { title: "Channels C" }),
        color: colorBy("answer", null, ANSWERS, [palette[0], palette[2], palette[4], "#d9d9d9"]),
      },
      layer: [{ data: { values: rows }, mark: { type: "bar" as const, height: { band: 0.8 } } }],
    };
  };
  return figure({
    title: "Orthogonal convolutions exist for nearly every layer: only strides beyond the kernel forbid them",
    subtitle:
      "Every cell checked by a construction, or by the floor of the regularizer where it is impossible",
    ...panels([panel(1, 2), panel(3, 2), panel(3, 4), panel(5, 4)], { columns: 2, height: 150 }),
    config: legendAt("bottom", { columns: 4, symbols: "square" }),
  });
}

/** The same kernels under other borders. */
function borders({ border }: RowTable<Row>): Figure {
  const blended = bothEnds(border.filter((row) => row.border === "blend"));
  const named = border.flatMap((row) =>
    row.border === "valid"
      ? [{ ...row, name: "valid" }]
      : row.blend === 0
      ? [{ ...row, name: "circular" }]
      : row.blend === 1
      ? [{ ...row, name: "zero padding" }]
      : []
  );
  const color = colorBy("end", null, ENDS, END_COLORS);
  return figure({
    title: "Orthogonal on a circle is not orthogonal with zero padding",
    subtitle:
      "Kernels (4, 2, 3) orthogonal for the circular border, on 8 × 8 images; mean and range, one dot per kernel",
    ...panels([
      {
        title: "From circular to zero padding",
        x: linearAxis("blend", "Share of zero padding", { domain: [0, 1] }),
        y: linearAxis("value", "Singular value", { domain: [0, 1.1] }),
        color,
        layer: [
          meanAndRange(blended, { x: "blend", y: "value", series: "end", dots: true }),
          theoryRule({ y: 1 }),
        ],
      },
      {
        title: "Smallest and largest value",
        x: linearAxis("value", "Singular value", { domain: [0, 1.1] }),
        y: categoryAxis("name", { order: ["circular", "zero padding", "valid"] }),
        color,
        layer: [theoryRule({ x: 1 }), points(bothEnds(named), { size: 45 })],
      },
    ]),
    config: legendAt("bottom", { columns: 2 }),
  });
}

/** Which frequencies the spurious minima lose. */
function minima({ response, ending }: RowTable<Row>): Figure {
  const step = 1 / distinct(response, "v").length;
  const cells = response.map(({ name, u, v, power }) => ({
    name,
    // A little larger than the grid, so that no seams show.
    u: u - 0.53 * step,
    u2: u + 0.53 * step,
    v: v - 0.53 * step,
    v2: v + 0.53 * step,
    power,
  }));
  const near = (value: number) => ending.filter(({ lorth }) => Math.abs(lorth - value) < 1e-4).length;
  const panel = (name: string, i: number) => ({
    title: `${name}: ${near(VALUES[i])} of ${ending.length} runs`,
    encoding: {
      x: linearAxis("v", "Horizontal frequency", {
        domain: [-0.5, 0.5],
        values: [-0.5, 0, 0.5],
        grid: false,
      }),
      x2: { field: "v2" },
      y: linearAxis("u", "Vertical frequency", {
        domain: [-0.05, 0.55],
        values: [0, 0.5],
        grid: false,
      }),
      y2: { field: "u2" },
      color: {
        field: "power",
        type: "quantitative" as const,
        title: "Gain²",
        scale: { scheme: "redblue" as const, reverse: true, domain: [0, 2] },
      },
    },
    layer: [{
      data: { values: cells.filter((cell) => cell.name === name) },
      mark: { type: "rect" as const },
    }],
  });
  return figure({
    title: "At a spurious minimum a filter is deaf to some frequencies, and loud at others",
    subtitle: `Squared gain of one filter of 3 × 3 taps at its local minima; ${
      near(0)
    } runs end at an orthogonal one, gain 1`,
    ...panels(NAMES.map(panel), { height: 95 }),
  });
}

/** The regularizer between a spurious minimum and the centre tap. */
function slice({ slice }: RowTable<Row>): Figure {
  const step = slice.length < 2 ? 0 : 2.8 / (Math.sqrt(slice.length) - 1);
  const cells = slice.map(({ x, y, lorth }) => ({
    x: x - 0.53 * step,
    x2: x + 0.53 * step,
    y: y - 0.53 * step,
    y2: y + 0.53 * step,
    lorth: Math.min(1, lorth),
  }));
  const edge = 1.4 + 0.53 * step;
  const axis = (field: string, title: string) =>
    linearAxis(field, title, { domain: [-edge, edge], values: [-1, 0, 1], grid: false });
  const place = Math.sqrt(0.88);
  return figure({
    title: "Between a spurious minimum and an orthogonal kernel there is a ridge",
    subtitle: "The regularizer L of one filter of 3 × 3 taps in a plane through both, cut off at 1",
    width: 340,
    height: 340,
    x: axis("x", "Along the spurious minimum"),
    y: axis("y", "Centre tap"),
    color: {
      field: "lorth",
      type: "quantitative",
      title: "L",
      scale: { scheme: "viridis", domain: [0, 1] },
    },
    layer: [
      {
        data: { values: cells },
        mark: { type: "rect" },
        encoding: { x2: { field: "x2" }, y2: { field: "y2" } },
      },
      annotation("L = 0", { x: 0, y: 1 }),
      annotation("L = 0", { x: 0, y: -1 }),
      annotation("L = 3/25", { x: place, y: 0 }),
      annotation("L = 3/25", { x: -place, y: 0 }),
    ],
  });
}

/** Ways of descents, square and not. */
function paths({ path }: RowTable<Row>): Figure {
  const last = Math.max(...path.map(({ step }) => step));
  const panel = (M: number, title: string) => ({
    title,
    encoding: {
      x: linearAxis("step", "Step of Adam"),
      y: logAxis("lorth", "L", { domain: [1e-5, 4] }),
      detail: { field: "seed" },
    },
    layer: [
      lines(path.filter((row) => row.M === M && row.lorth > 1e-5), { color: palette[0], strokeWidth: 1.4 }),
      theoryRule({ y: 0.079834245 }),
      theoryRule({ y: 0.12 }, { stroke: "dotted" }),
      annotation("L = 3/25 and 0.0798", { x: last, y: 0.2, side: "left" }),
    ],
  });
  return figure({
    title: "One filter more, and nothing gets stuck",
    subtitle:
      "C = 2, k = 3, S = 1, one line per seed; dashed and dotted: two spurious minima of a single filter",
    ...panels([panel(2, "M = 2, square"), panel(3, "M = 3")]),
  });
}

/** What other notions of orthogonality give. */
function baseline({ baseline }: RowTable<Row>): Figure {
  const methods: Row<"baseline">["method"][] = [
    "Glorot draw",
    "orthonormal filters",
    "L_orth",
    "construction",
  ];
  return figure({
    title: "Orthonormal filters do not make an orthogonal layer",
    subtitle:
      "Smallest and largest singular value of layers (M, C, k) = (4, 2, 3), one dot per draw; dashed: orthogonal",
    height: 180,
    x: linearAxis("value", "Singular value", { domain: [0, 2.6] }),
    y: categoryAxis("method", { order: methods, grid: true }),
    color: colorBy("end", null, ENDS, END_COLORS),
    layer: [theoryRule({ x: 1 }), points(bothEnds(baseline), { size: 55 })],
  });
}

/** Square layers from three starts. */
function starts({ start }: RowTable<Row>): Figure {
  const order: Row<"start">["start"][] = [
    "Glorot draw",
    "pruned from M + 1",
    "near a construction",
  ];
  return figure({
    title: "A square layer needs a better start, not more steps",
    subtitle: "Smallest singular value after the same descent, M = C = 2, k = 3; one dot per seed, bar: mean",
    height: 150,
    x: linearAxis("smallest", "Smallest singular value", { domain: [0, 1.05] }),
    y: categoryAxis("start", { order }),
    layer: [dotsAndMean(start, { value: "smallest", category: "start", color: palette[0] })],
  });
}

/** Accuracy and robustness against the weight. */
function digits({ digits }: RowTable<Row>): Figure {
  const names = ["right", "right under attack", "right, certified"];
  const labelled = digits.map((row) => ({ ...row, weight: row.lambda === 0 ? 0.001 : row.lambda }));
  const shares = labelled.flatMap(({ weight, seed, accuracy, attacked, certified }) =>
    [accuracy, attacked, certified].map((share, i) => ({ weight, seed, name: names[i], share }))
  );
  const x = logAxis("weight", "Weight λ (leftmost: 0)", { domain: [0.001, 10], values: [0.01, 0.1, 1, 10] });
  return figure({
    title: "Orthogonality buys provable robustness, for some accuracy",
    subtitle:
      `Two convolutions and a dense layer on 8 × 8 digits; attacks of norm ${RADIUS}; mean and range of seeds`,
    ...panels([
      {
        title: "Test images",
        x,
        y: linearAxis("share", "Share", { domain: [0, 1] }),
        color: colorBy("name", null, names, [palette[0], palette[1], palette[2]]),
        layer: [meanAndRange(shares, { x: "weight", y: "share", series: "name", dots: true })],
      },
      {
        title: "Bound on the Lipschitz constant",
        x,
        y: logAxis("lipschitz", "Product of norms", { domain: [0.9, 100] }),
        layer: [
          meanAndRange(labelled, { x: "weight", y: "lipschitz", dots: true, color: palette[4] }),
          theoryRule({ y: 1 }),
        ],
      },
    ]),
    config: legendAt("bottom", { columns: 3 }),
  });
}

export const figures = {
  landscape,
  scaling,
  existence,
  borders,
  paths,
  minima,
  slice,
  baseline,
  starts,
  digits,
};

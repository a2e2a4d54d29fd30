/** Figures, the key one first. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
  knob,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  palette,
  panels,
  points,
  publishedPoints,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import { bestError } from "./claims.ts";
import type { BasisName, Row, Task } from "./rows.ts";

const BASES: BasisName[] = ["OrthoTrans", "DCT", "Fourier", "time"];
const COLORS = [palette[0], palette[1], palette[2], palette[3]];

/** Colours of some of the bases, always the same. */
function bases(shown: readonly BasisName[]): ReturnType<typeof colorBy> {
  return colorBy("basis", null, [...shown], shown.map((basis) => COLORS[BASES.indexOf(basis)]));
}

/** Correlations between the coefficients of a window. */
function correlation({ cell }: RowTable<Row>): Figure {
  const size = Math.max(...cell.map((row) => row.i)) + 1;
  const titles: [BasisName, string][] = [
    ["time", "Hours of the window"],
    ["DCT", "Cosine coefficients"],
    ["OrthoTrans", "OrthoTrans coefficients"],
  ];
  const axis = (field: string, reverse: boolean) => ({
    ...linearAxis(field, "", { domain: [0, size], nice: false, grid: false }),
    ...(reverse ? { scale: { domain: [size, 0], nice: false } } : {}),
  });
  return figure({
    title: "In its own eigenbasis a window has no correlations left",
    subtitle:
      `Hourly weather normals of Seattle, windows of ${size} hours, training part: correlation of each pair`,
    ...panels(
      titles.map(([basis, title]) => ({
        title,
        encoding: {
          x: axis("i", false),
          y: axis("j", true),
          x2: { field: "i2" },
          y2: { field: "j2" },
          color: {
            field: "value",
            type: "quantitative" as const,
            title: "Correlation",
            scale: { scheme: "redblue" as const, reverse: true, domain: [-1, 1] },
          },
        },
        layer: [{
          data: {
            values: cell.filter((row) => row.basis === basis).map(({ i, j, value }) => ({
              i,
              j,
              i2: i + 1,
              j2: j + 1,
              value: Math.round(1e4 * value) / 1e4,
            })),
          },
          mark: { type: "rect" as const },
        }],
      })),
      { height: 160 },
    ),
  });
}

/** What the fixed bases lose in few coefficients. */
function energy({ energy }: RowTable<Row>): Figure {
  const process = energy.filter((row) => row.source === "process" && row.k <= 48);
  const lost = process.filter((row) => row.basis === "DCT" || row.basis === "Fourier").map((row) => {
    const best = process.find((other) =>
      other.basis === "OrthoTrans" && other.rho === row.rho && other.k === row.k
    )!;
    return { basis: row.basis, k: row.k, rho: row.rho!, lost: Math.max(0, best.share - row.share) };
  });
  const rhos = distinct(lost, "rho");
  const rho = knob("rho", rhos, { label: "ρ", start: rhos.indexOf(0.9) });
  const most = Math.max(...lost.map((row) => row.lost));
  return figure({
    params: [rho.param],
    title: "No basis concentrates better; the cosine basis comes close without any data",
    subtitle: "Autoregressive process with correlation ρ of neighbours, windows of 96; dashed: OrthoTrans",
    height: 260,
    x: linearAxis("k", "Coefficients kept", { domain: [0, 48], nice: false }),
    y: linearAxis("lost", "Share of the variance lost against OrthoTrans", {
      domain: [0, 1.15 * most],
      nice: false,
    }),
    color: bases(["DCT", "Fourier"]),
    layer: [theoryRule({ y: 0 }), rho.show(lines(lost)), rho.readout],
  });
}

/** The optimizer makes the difference. */
function optimizer({ descent, fit }: RowTable<Row>): Figure {
  const task = distinct(fit, "task").includes("hourly 96 → 24") ? "hourly 96 → 24" : fit[0].task;
  const descended = descent.filter((row) => row.basis !== "random").map(({ basis, step, mse }) => ({
    basis,
    step,
    mse,
  }));
  const shown: BasisName[] = ["OrthoTrans", "DCT", "time"];
  const adam = fit.filter((row) => row.task === task);
  return figure({
    title: "Gradient descent cannot see the basis; Adam can",
    subtitle:
      `Linear forecasters. Left: employment, full batch, both curves are one. Right: ${task}, mean and range over seeds`,
    ...panels([
      {
        title: "Gradient descent",
        x: linearAxis("step", "Step"),
        y: linearAxis("mse", "Test error", { zero: false }),
        color: bases(shown),
        layer: [
          lines(descended.filter((row) => row.basis === "OrthoTrans"), { strokeWidth: 5 }),
          lines(descended.filter((row) => row.basis === "time"), { strokeWidth: 1.5 }),
        ],
      },
      {
        title: "Adam, after the last step",
        x: logAxis("learningRate", "Learning rate"),
        y: logAxis("mse", "Test error"),
        color: bases(shown),
        layer: [
          meanAndRange(adam, {
            x: "learningRate",
            y: "mse",
            series: "basis",
            dots: true,
            center: "geometric mean",
          }),
        ],
      },
    ]),
  });
}

/** The data set of a task. */
const sourceOf = (task: Task) => task.split(" ")[0];

/** Printed errors of RLinear without and with OrthoTrans. */
const PLUG_IN: Record<string, [number, number]> = {
  "ETTm1": [.414, .408],
  "ECL": [.219, .214],
  "PEMS03": [.495, .477],
  "Solar": [.369, .354],
  "Weather": [.272, .269],
  "METR-LA": [.342, .341],
};

/** Where it pays, with the printed gains. */
function pays({ fit, basis }: RowTable<Row>): Figure {
  const tasks = distinct(fit, "task");
  const measured = tasks.map((task) => ({
    task,
    share: basis.find((row) => row.source === sourceOf(task) && row.basis === "OrthoTrans")!.topTwelfth,
    ratio: bestError(fit, task, "OrthoTrans") / bestError(fit, task, "time"),
  }));
  const printed = Object.entries(PLUG_IN).map(([name, [without, using]]) => ({
    name: `${name}, printed`,
    ratio: using / without,
  }));
  const own = measured.map(({ task, ratio }) => ({ name: task as string, ratio }));
  const order = [...own, ...printed].map(({ name }) => name);
  return figure({
    title: "OrthoTrans gains on smooth series, though not for every horizon",
    subtitle:
      "Linear forecaster trained by Adam: error over that in the time domain, each at its best learning rate",
    ...panels([
      {
        title: "Against the share of the variance",
        x: linearAxis("share", "Share in the first twelfth of coefficients", {
          domain: [0.4, 1.1],
          nice: false,
        }),
        y: linearAxis("ratio", "Error over time domain", {
          domain: [0.88, 1.06],
          nice: false,
          zero: false,
        }),
        layer: [
          theoryRule({ y: 1 }),
          points(measured, { size: 70, color: palette[0] }),
          ...measured.map(({ task, share, ratio }, i) =>
            annotation(task, { x: share, y: ratio, side: i % 2 === 0 ? "left" : "below" })
          ),
        ],
      },
      {
        title: "Beside the paper's data sets",
        x: linearAxis("ratio", "Error over time domain", {
          domain: [0.88, 1.06],
          nice: false,
          zero: false,
        }),
        y: categoryAxis("name", { order }),
        layer: [
          theoryRule({ x: 1 }),
          points(own, { size: 70, color: palette[0] }),
          publishedPoints(printed),
        ],
      },
    ]),
  });
}

/** Printed errors of the ablation on the paper's data sets, in our names of the mixers. */
const ABLATION: Record<string, number[]> = {
  normlin: [.159, .451, .215, .095, .237, .374, .055, 1.764],
  linear: [.178, .606, .246, .121, .238, .377, .057, 1.938],
  none: [.178, .482, .241, .147, .247, .378, .054, 1.864],
  attention: [.166, .457, .220, .097, .242, .391, .056, 2.022],
};
/** Printed ranks of the mixing matrices over the number of series: Weather, Solar, ECL, PEMS03. */
const RANKS: Record<string, number[]> = {
  normlin: [21 / 21, 131 / 137, 310 / 321, 344 / 358],
  attention: [6 / 21, 30 / 137, 196 / 321, 224 / 358],
};
const MIXERS = ["normlin", "attention", "linear", "none"];
const NAMES: Record<string, string> = {
  normlin: "NormLin",
  attention: "attention",
  linear: "plain linear",
  none: "none",
};

/** Networks in the eigenbasis at their last step, with NormLin's error on the same panel. */
function trained(
  training: readonly Row<"training">[],
): (Row<"training"> & { name: string; ratio: number })[] {
  const steps = Math.max(...training.map((row) => row.steps));
  const rows = training.filter((row) => row.steps === steps && row.basis === "OrthoTrans");
  return rows.map((row) => {
    const own = rows.find((other) =>
      other.mixer === "normlin" && other.seed === row.seed && other.variates === row.variates
    )!;
    return { ...row, name: NAMES[row.mixer], ratio: row.mse / own.mse };
  });
}

/** Errors of networks by the way in which they mix series. */
function mixers({ training }: RowTable<Row>): Figure {
  const rows = trained(training).filter((row) => row.mixer !== "normlin");
  const others = MIXERS.filter((mixer) => mixer !== "normlin");
  const order = others.map((mixer) => NAMES[mixer]);
  const printed = others.flatMap((mixer) =>
    ABLATION[mixer].map((error, k) => ({ name: NAMES[mixer], ratio: error / ABLATION.normlin[k] }))
  );
  return figure({
    title: "A fixed positive matrix mixes series as well as attention does",
    subtitle: `Error over that of NormLin on the same series; dots: panels of ${
      distinct(training, "variates").join(" and ")
    } series, bar: mean; diamonds: printed, 8 data sets`,
    height: 120,
    x: linearAxis("ratio", "Test error over that of NormLin", { zero: false }),
    y: categoryAxis("name", { order }),
    layer: [
      theoryRule({ x: 1 }),
      publishedPoints(printed),
      ...(rows.length === 0 ? [] : [
        dotsAndMean(rows.map(({ name, ratio, seed }) => ({ name, ratio, seed })), {
          value: "ratio",
          category: "name",
          color: palette[0],
        }),
      ]),
    ],
  });
}

/** Ranks of the mixing matrices. */
function ranks({ training }: RowTable<Row>): Figure {
  const rows = trained(training).filter((row) => row.mixer === "normlin" || row.mixer === "attention");
  const order = ["NormLin", "attention"];
  const printed = ["normlin", "attention"].flatMap((mixer) =>
    RANKS[mixer].map((share) => ({ name: NAMES[mixer], share }))
  );
  return figure({
    title: "Attention averages series; NormLin keeps them apart",
    subtitle:
      "Effective rank of the mixing matrix over the number of series; dots: panels, bar: mean; diamonds: printed ranks",
    height: 90,
    x: linearAxis("share", "Rank over the number of series", { domain: [0, 1.02], nice: false }),
    y: categoryAxis("name", { order }),
    layer: [
      publishedPoints(printed),
      dotsAndMean(
        rows.map((row) => ({ name: row.name, share: row.effectiveRank / row.variates, seed: row.seed })),
        {
          value: "share",
          category: "name",
          color: palette[0],
        },
      ),
    ],
  });
}

/** One window from its largest coefficients. */
function rebuilt({ window }: RowTable<Row>): Figure {
  const truth = window.filter((row) => row.basis === "time").map(({ t, value }) => ({ t, value }));
  const some = window.filter((row) => row.basis !== "time").map(({ basis, keep, t, value }) => ({
    basis,
    keep,
    t,
    value: Math.round(1e4 * value) / 1e4,
  }));
  const keeps = distinct(some, "keep");
  const keep = knob("keep", keeps, { label: "coefficients kept", start: Math.min(2, keeps.length - 1) });
  const size = Math.ceil(Math.max(...truth.map(({ value }) => Math.abs(value)))) + 1;
  return figure({
    params: [keep.param],
    title: "A few coefficients rebuild the shape of a window, and leave out its noise",
    subtitle: "One window of the synthetic panel from its largest coefficients; dashed: the window",
    height: 260,
    x: linearAxis("t", "Time", { domain: [0, truth.length - 1], nice: false }),
    y: linearAxis("value", "Value", { domain: [-size, size], nice: false }),
    color: bases(["OrthoTrans", "DCT"]),
    layer: [theoryLine(truth, { x: "t", y: "value" }), keep.show(lines(some)), keep.readout],
  });
}

/** What the second half of the training does to the test error. */
function overfitting({ training }: RowTable<Row>): Figure {
  const rows = trained(training);
  const half = rows[0].steps / 2;
  const changes = rows.map((row) => {
    const before = training.find((other) =>
      other.steps === half && other.mixer === row.mixer && other.seed === row.seed &&
      other.variates === row.variates && other.basis === row.basis
    )!;
    return { name: row.name, seed: row.seed, change: row.mse - before.mse };
  });
  const order = MIXERS.map((mixer) => NAMES[mixer]).filter((name) =>
    changes.some((change) => change.name === name)
  );
  return figure({
    title: "What attention learns late does not carry over to new windows",
    subtitle: `Change of the test error from step ${half} to step ${2 * half}; dots: panels, bar: mean`,
    height: 40 * order.length + 10,
    x: linearAxis("change", "Change of the test error"),
    y: categoryAxis("name", { order }),
    layer: [
      theoryRule({ x: 0 }),
      dotsAndMean(changes, { value: "change", category: "name", color: palette[0] }),
    ],
  });
}

export const figures = { correlation, optimizer, energy, pays, mixers, ranks, rebuilt, overfitting };

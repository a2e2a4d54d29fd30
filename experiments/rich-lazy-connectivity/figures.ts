/** Figures, the key one first. */
import { distinct, type Figure, groupsOf, mean, type RowTable } from "../../lib/experiment/mod.ts";
import {
  colorBy,
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
import { byRank, type Row, runsOf, type Structure, type Task } from "./rows.ts";

const TASKS: Record<Task, string> = {
  "2AF": "2AF: the larger of two",
  DMS: "DMS: the same or not",
  CXT: "CXT: as the context says",
};

/** Light to dark from low to high, so that the order is seen. */
const SHADES = ["#9ecae1", "#5fa6d1", "#2f7fbc", "#155a9c", "#08306b"];

/** The loss of the best observer of 2AF, whose weak stimuli drown in noise. */
const BEST_LOSS = 0.031707;

function ranksOf(rows: readonly { rank: number }[]): number[] {
  return byRank(rows).map(({ rank }) => rank);
}

function rankAxis(ranks: readonly number[]) {
  return logAxis("rank", "Rank of the start", {
    values: [...ranks],
    domain: [Math.min(...ranks) * 0.8, Math.max(...ranks) * 1.25],
  });
}

/** Three measures of laziness by the rank of the start. */
function ranks({ rnn }: RowTable<Row>): Figure {
  const runs = runsOf(rnn, "ranks");
  const tasks = (Object.keys(TASKS) as Task[]).filter((task) => runs.some((run) => run.task === task));
  const shown = runs.map(({ rank, ka, ra, change, task }) => ({ rank, ka, ra, change, task: TASKS[task] }));
  const panel = (y: "ka" | "ra" | "change", title: string, axis: string, top: number) => ({
    title,
    x: rankAxis(ranksOf(runs)),
    y: linearAxis(y, axis, { domain: [0, top], tickCount: 6 }),
    color: colorBy("task", null, tasks.map((task) => TASKS[task]), palette.slice(0, tasks.length)),
    layer: [meanAndRange(shown, { x: "rank", y, series: "task", spread: "sd", dots: true, rows: true })],
  });
  const largest = Math.max(...runs.map(({ change }) => change));
  return figure({
    title: "At equal size, low-rank starts are rich and full-rank starts are lazy",
    subtitle: `Recurrent networks of ${
      runs[0]?.n
    } neurons; small points: seeds, lines and bands: mean and standard deviation`,
    ...panels([
      panel("ka", "Tangent kernel kept", "Alignment of before and after", 1.02),
      panel("ra", "Representation kept", "Alignment of before and after", 1.02),
      panel("change", "Change of the weights", "Norm of the change", Math.ceil(largest * 5) / 5),
    ]),
    config: legendAt("bottom", { columns: 3 }),
  });
}

/** The law of the average over tasks. */
function law({ average }: RowTable<Row>): Figure {
  const { d = 20, sigma, tasks } = average[0] ?? {};
  const [one, all] = ["one task", "mean over tasks"];
  const single = average.flatMap(({ rank, some }) =>
    some.map((alignment) => ({ rank, alignment, what: one }))
  );
  const means = average.map(({ rank, mean }) => ({ rank, alignment: mean, what: all }));
  return figure({
    title: "In theory, what is kept of the kernel grows like the square root of the rank",
    subtitle:
      `Linear networks, ${d} inputs, start of norm ${sigma}, ${tasks} tasks per rank; dashed: the law, exact`,
    x: logAxis("rank", "Rank of the start", { values: ranksOf(average), domain: [0.9, d * 1.1] }),
    y: logAxis("alignment", "Kernel alignment after training", { domain: [0.18, 1.05] }),
    color: colorBy("what", null, [one, all], [SHADES[1], palette[1]]),
    layer: [
      points(single, { size: 22, opacity: 0.35 }),
      theoryLine((rank) => (1 + 1 / d) * Math.sqrt(rank / (d + 3)), {
        x: "rank",
        y: "alignment",
        domain: [1, d],
        spacing: "log",
        count: 2,
      }),
      points(means, { size: 55, opacity: 1 }),
    ],
    config: legendAt("bottom", { symbols: "dot" }),
  });
}

/** Figure 3: the exception. */
function aligned({ anisotropic }: RowTable<Row>): Figure {
  const names = { aligned: "half rank, aligned", full: "full rank", random: "half rank, random" };
  const shown = anisotropic.map(({ kappa, start, mean, sd }) => ({
    kappa,
    start: names[start],
    alignment: mean,
    low: mean - sd,
    high: Math.min(1, mean + sd),
  }));
  return figure({
    title: "The exception: low rank is lazy where it points the right way",
    subtitle: `Linear networks, 20 features, half of them κ times larger; mean and standard deviation of ${
      anisotropic[0]?.draws
    } draws`,
    x: logAxis("kappa", "How much larger, κ", { values: [1, 2, 3, 5, 10, 30, 100] }),
    y: linearAxis("alignment", "Kernel alignment after training", { domain: [0.6, 1.02] }),
    color: colorBy("start", null, Object.values(names), [palette[1], palette[0], palette[2]]),
    layer: [
      {
        data: { values: shown },
        mark: { type: "area", opacity: 0.18 },
        encoding: { y: { field: "low" }, y2: { field: "high" } },
      },
      lines(shown, { dots: true }),
    ],
    config: legendAt("bottom", { columns: 3 }),
  });
}

/** Where rank matters, and where the scale of the start is in charge. */
function scale({ flow }: RowTable<Row>): Figure {
  const sigmas = distinct(flow, "sigma");
  const name = (sigma: number) => `σ = ${sigma}`;
  const shown = flow.map(({ sigma, ...row }) => ({ ...row, sigma: name(sigma) }));
  const colors = sigmas.length === 1 ? [SHADES[3]] : [SHADES[0], SHADES[1], SHADES[3], palette[1]];
  const panel = (y: "alignment" | "change", title: string, axis: string, domain: [number, number]) => ({
    title,
    x: rankAxis(ranksOf(flow)),
    y: linearAxis(y, axis, { domain, tickCount: 6 }),
    color: colorBy("sigma", null, sigmas.map(name), colors),
    layer: [meanAndRange(shown, { x: "rank", y, series: "sigma", dots: true })],
  });
  return figure({
    title: "Rank orders small and moderate starts; a large one keeps its kernel anyway",
    subtitle:
      "Two-layer linear networks, 20 inputs, start of norm σ; mean and range of seeds (σ = 10: one seed)",
    ...panels([
      panel("alignment", "Tangent kernel kept", "Alignment of before and after", [0, 1.02]),
      panel("change", "Change of the weights", "Norm of the change", [0, 2.2]),
    ]),
    config: legendAt("bottom", { columns: 4 }),
  });
}

/** All ranks learn. */
function learning({ rnn }: RowTable<Row>): Figure {
  const runs = runsOf(rnn, "ranks", "2AF");
  const names = ranksOf(runs).map((rank) => `rank ${rank}`);
  const shown = runs.flatMap(({ rank, curve }) =>
    curve.map(({ step, loss }) => ({ step, loss, rank: `rank ${rank}` }))
  );
  return figure({
    title: "The regimes differ, the performance hardly does",
    subtitle: "2AF: loss while training, geometric mean and range of seeds; dashed: the best observer",
    x: linearAxis("step", "Training step"),
    y: logAxis("loss", "Cross-entropy per step (nat)", { domain: [0.025, 1] }),
    color: colorBy(
      "rank",
      null,
      names,
      [palette[1], palette[2], palette[0], palette[3]].slice(0, names.length),
    ),
    layer: [
      meanAndRange(shown, { x: "step", y: "loss", series: "rank", center: "geometric mean" }),
      theoryRule({ y: BEST_LOSS }),
    ],
    config: legendAt("bottom"),
  });
}

const STRUCTURES: Record<Structure, string> = {
  gaussian: "Gaussian, truncated",
  dale: "one sign per neuron (Dale)",
  blocks: "cell types",
  heavy: "few strong synapses",
};

/** Effective rank against what is kept, also for connectivity with traits of circuits. */
function structure({ rnn }: RowTable<Row>): Figure {
  const runs = [...runsOf(rnn, "ranks", "2AF"), ...runsOf(rnn, "structure")];
  const point = (own: readonly Row<"rnn">[]) => ({
    structure: STRUCTURES[own[0].structure],
    ka: mean(own.map(({ ka }) => ka)),
    participation: Math.exp(mean(own.map(({ participation }) => Math.log(participation)))),
  });
  const means = groupsOf(runs, "structure").flatMap(({ rows }) =>
    byRank(rows).map(({ rows }) => point(rows))
  );
  return figure({
    title: "The lower the effective rank, the richer, whatever the structure",
    subtitle: "2AF, all starts of the same norm; small points: seeds, large points: means",
    x: logAxis("participation", "Effective rank (participation ratio)", { domain: [0.9, 120] }),
    y: linearAxis("ka", "Tangent kernel kept", { domain: [0, 1] }),
    color: colorBy("structure", null, Object.values(STRUCTURES)),
    layer: [
      lines(means.filter(({ structure }) => structure === STRUCTURES.gaussian), { opacity: 0.5 }),
      points(runs.map((run) => point([run])), { size: 22, opacity: 0.5 }),
      points(means, { size: 130, opacity: 1 }),
    ],
    config: legendAt("bottom", { columns: 2, symbols: "dot" }),
  });
}

/** Rank at several gains. */
function gain({ rnn }: RowTable<Row>): Figure {
  const main = runsOf(rnn, "ranks", "2AF");
  const all = ranksOf(main);
  const ends = [all[0], all[all.length - 1]];
  const shown = [...main, ...runsOf(rnn, "gain")].filter(({ rank }) => ends.includes(rank))
    .map(({ gain, rank, ka }) => ({ gain, ka, rank: `rank ${rank}` }));
  const gains = distinct(shown, "gain");
  return figure({
    title: "Rank acts at every gain, and a larger start is richer here",
    subtitle:
      "2AF, 1 is a kernel that training did not turn; small points: seeds, lines and bands: mean and range",
    x: linearAxis("gain", "Gain of the Gaussian matrix", {
      domain: [Math.min(0.4, ...gains), Math.max(2.1, ...gains)],
      values: [0.5, 1, 1.5, 2],
    }),
    y: linearAxis("ka", "Tangent kernel kept", { domain: [0, 1] }),
    color: colorBy("rank", null, ends.map((rank) => `rank ${rank}`), [palette[1], palette[0]]),
    layer: [meanAndRange(shown, { x: "gain", y: "ka", series: "rank", dots: true, rows: true })],
    config: legendAt("bottom"),
  });
}

export const figures = { ranks, law, aligned, scale, learning, structure, gain };

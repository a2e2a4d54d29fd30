import { colorBy, figure, linearAxis, logAxis, palette, theoryColor } from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import { distinct, type RnnRow, type Row, rowsOf, runsOf, type Structure, type Task } from "./rows.ts";

const taskNames: Record<Task, string> = {
  "2AF": "2AF: the larger of two",
  DMS: "DMS: the same or not",
  CXT: "CXT: as the context says",
};
const legendBelow = { legend: { orient: "bottom" as const } };
const theoryLine = { type: "line" as const, color: theoryColor, strokeDash: [6, 4], strokeWidth: 2 };

/** Light to dark from low to high, so that the order is seen. */
const shades = ["#9ecae1", "#5fa6d1", "#2f7fbc", "#155a9c", "#08306b"];

/** Means over seeds as a line, one standard deviation as a band, every seed as a point. */
function series<Value extends object, Group extends keyof Value & string>(
  rows: Value[],
  x: keyof Value & string,
  group: Group,
  y: keyof Value & string,
  title: string | null,
  domain: string[],
  range: readonly string[] = palette,
) {
  const color = { ...colorBy(group, title, domain, range), legend: { symbolOpacity: 1, title } };
  const means = summarizeBy(rows, [x, group], y)
    .map(({ mean, sd, ...rest }) => ({ ...rest, [y]: mean, low: mean - sd, high: mean + sd }));
  return [{
    data: { values: means },
    mark: { type: "area" as const, opacity: 0.13, clip: true },
    encoding: { y: { field: "low", type: "quantitative" as const }, y2: { field: "high" }, color },
  }, {
    data: { values: rows.map((row) => ({ [x]: row[x], [y]: row[y], [group]: row[group] })) },
    mark: { type: "point" as const, size: 16, opacity: 0.45, filled: true },
    encoding: { y: { field: y, type: "quantitative" as const }, color },
  }, {
    data: { values: means },
    mark: { type: "line" as const, point: { size: 45 }, clip: true },
    encoding: { y: { field: y, type: "quantitative" as const }, color },
  }];
}

/** The key figure: three measures of laziness by the rank of the start. */
function ranks(rows: Row[]): Figure {
  const runs = runsOf(rows, "ranks").map((run) => ({ ...run, name: taskNames[run.task] }));
  const names = (["2AF", "DMS", "CXT"] as const).filter((task) => runs.some((run) => run.task === task))
    .map((task) => taskNames[task]);
  const all = distinct(runs.map(({ rank }) => rank));
  const n = runs[0]?.n;
  const seeds = new Set(runs.map(({ seed }) => seed)).size;
  const largest = Math.max(...runs.map(({ change }) => change));
  const panel = (measure: "ka" | "ra" | "change", title: string, top: number) => ({
    width: 175,
    height: 240,
    title: { text: title, fontSize: 12, offset: 6 },
    layer: series(runs, "rank", "name", measure, null, names),
    encoding: {
      x: logAxis("rank", "Rank of the start", {
        values: all,
        domain: [all[0] * 0.8, all[all.length - 1] * 1.25],
      }),
      y: linearAxis(measure, "", { domain: [0, top] }),
    },
  });
  return figure({
    title: {
      text: "At equal size, low-rank starts are rich and full-rank starts are lazy",
      subtitle:
        `Recurrent networks of ${n} neurons; up to ${seeds} seeds as points, line and band are mean and standard deviation`,
    },
    hconcat: [
      panel("ka", "Tangent kernel kept", 1.02),
      panel("ra", "Representation kept", 1.02),
      panel("change", "Change of the weights", Math.ceil(largest * 5) / 5),
    ],
    config: legendBelow,
  });
}

/** The law of the average over tasks. */
function law(rows: Row[]): Figure {
  const averages = rowsOf(rows, "average");
  const d = averages[0]?.d;
  const tasks = averages.flatMap(({ rank, some }) => some.map((alignment) => ({ rank, alignment })));
  const theory = Array.from({ length: 41 }, (_, i) => d ** (i / 40)).map((rank) => ({
    rank,
    alignment: (1 + 1 / d) * Math.sqrt(rank / (d + 3)),
  }));
  const names = ["one task", "mean over tasks"];
  const color = {
    ...colorBy("what", null, names, ["#5fa6d1", "#c85200"]),
    legend: { symbolOpacity: 1, title: null },
  };
  return figure({
    title: {
      text: "In theory, what is kept of the kernel grows like the square root of the rank",
      subtitle: `Two-layer linear networks, ${d} inputs, start of norm ${averages[0]?.sigma}, ${
        averages[0]?.tasks
      } random tasks a rank; dashed: the law, exact`,
    },
    layer: [{
      data: { values: tasks.map((row) => ({ ...row, what: names[0] })) },
      mark: { type: "tick", thickness: 1, size: 16, opacity: 0.7, orient: "horizontal" },
      encoding: { color },
    }, {
      data: { values: theory },
      mark: theoryLine,
    }, {
      data: { values: averages.map(({ rank, mean }) => ({ rank, alignment: mean, what: names[1] })) },
      mark: { type: "point", filled: true, size: 80, opacity: 1 },
      encoding: { color },
    }],
    encoding: {
      x: logAxis("rank", "Rank of the start", {
        values: averages.map(({ rank }) => rank),
        domain: [0.9, d * 1.1],
      }),
      y: logAxis("alignment", "Kernel alignment after training", { domain: [0.18, 1.05] }),
    },
    config: legendBelow,
  });
}

/** Figure 3: the exception. */
function aligned(rows: Row[]): Figure {
  const names = {
    aligned: "half rank, aligned",
    full: "full rank",
    random: "half rank, random",
  };
  const points = rowsOf(rows, "anisotropic").map(({ kappa, start, mean, sd }) => ({
    kappa,
    start: names[start],
    alignment: mean,
    low: mean - sd,
    high: Math.min(1, mean + sd),
  }));
  const color = {
    ...colorBy("start", null, Object.values(names), [palette[1], palette[0], palette[2]]),
    legend: { symbolOpacity: 1, title: null, columns: 2 },
  };
  return figure({
    title: {
      text: "The exception: low rank is lazy where it points the right way",
      subtitle: `Linear networks, 20 features, half of them κ times larger; mean and standard deviation of ${
        rowsOf(rows, "anisotropic")[0]?.draws
      } draws`,
    },
    layer: [{
      mark: { type: "area", opacity: 0.15 },
      encoding: {
        y: linearAxis("low", "Kernel alignment after training", { domain: [0.6, 1.02] }),
        y2: { field: "high" },
        color,
      },
    }, {
      mark: { type: "line", point: true },
      encoding: { y: { field: "alignment", type: "quantitative" }, color },
    }],
    data: { values: points },
    encoding: { x: logAxis("kappa", "How much larger, κ", { values: [1, 2, 3, 5, 10, 30, 100] }) },
    config: legendBelow,
  });
}

/** Where rank matters, and where the scale of the start is in charge. */
function scale(rows: Row[]): Figure {
  const runs = rowsOf(rows, "flow").map((row) => ({ ...row, name: `σ = ${row.sigma}` }));
  const sigmas = distinct(runs.map(({ sigma }) => sigma));
  const names = sigmas.map((sigma) => `σ = ${sigma}`);
  const range = names.length === 1 ? [shades[3]] : [shades[0], shades[1], shades[3], palette[1]];
  const ranks = distinct(runs.map(({ rank }) => rank));
  const panel = (measure: "alignment" | "change", title: string, domain: [number, number]) => ({
    width: 265,
    height: 240,
    title: { text: title, fontSize: 12, offset: 6 },
    layer: series(runs, "rank", "name", measure, null, names, range),
    encoding: {
      x: logAxis("rank", "Rank of the start", { values: ranks, domain: [0.9, 22] }),
      y: linearAxis(measure, "", { domain }),
    },
  });
  return figure({
    title: {
      text: "Rank orders small and moderate starts; a large one keeps its kernel anyway",
      subtitle: "Two-layer linear networks, 20 inputs, start of norm σ; points: seeds",
    },
    hconcat: [
      panel("alignment", "Tangent kernel kept", [0, 1.02]),
      panel("change", "Change of the weights", [0, 2.2]),
    ],
    config: legendBelow,
  });
}

/** All ranks learn. */
function learning(rows: Row[]): Figure {
  const runs = runsOf(rows, "ranks", "2AF");
  const ranks = distinct(runs.map(({ rank }) => rank));
  const names = ranks.map((rank) => `rank ${rank}`);
  const points = runs.flatMap(({ rank, curve }) =>
    curve.map(({ step, loss }) => ({ step, loss, rank: `rank ${rank}` }))
  );
  const means = summarizeBy(points, ["step", "rank"], "loss")
    .map(({ step, rank, mean, min, max }) => ({ step, rank, loss: mean, min, max }));
  const color = {
    ...colorBy("rank", null, names, [palette[1], palette[2], palette[0], palette[3]]),
    legend: { symbolOpacity: 1, title: null },
  };
  return figure({
    title: {
      text: "The regimes differ, the performance hardly does",
      subtitle: "2AF: loss while training, mean and range of seeds; dashed: the best observer",
    },
    layer: [{
      data: { values: means },
      mark: { type: "area", opacity: 0.15 },
      encoding: { y: { field: "min", type: "quantitative" }, y2: { field: "max" }, color },
    }, {
      data: { values: means },
      mark: { type: "line" },
      encoding: { y: logAxis("loss", "Cross-entropy per step (nat)", { domain: [0.025, 1] }), color },
    }, {
      data: {
        values: [0, Math.max(...points.map(({ step }) => step))].map((step) => ({ step, loss: 0.031707 })),
      },
      mark: theoryLine,
      encoding: { y: { field: "loss", type: "quantitative" } },
    }],
    encoding: { x: linearAxis("step", "Training step") },
    config: legendBelow,
  });
}

const kinds: Record<Structure, string> = {
  gaussian: "Gaussian, truncated",
  dale: "one sign per neuron (Dale)",
  blocks: "cell types",
  heavy: "few strong synapses",
};

/** Effective rank against what is kept, also for connectivity with traits of circuits. */
function structure(rows: Row[]): Figure {
  const runs = rowsOf(rows, "rnn").filter(({ task, purpose }) =>
    task === "2AF" && (purpose === "ranks" || purpose === "structure")
  );
  const point = ({ participation, ka, structure }: RnnRow) => ({ participation, ka, kind: kinds[structure] });
  const groups = summarizeBy(runs, ["structure", "rank"], "ka");
  const names = Object.values(kinds);
  const means = groups.map(({ structure, rank, mean }) => {
    const all = runs.filter((run) => run.structure === structure && run.rank === rank);
    return {
      kind: kinds[structure],
      ka: mean,
      participation: Math.exp(all.reduce((sum, run) => sum + Math.log(run.participation), 0) / all.length),
    };
  });
  const color = { ...colorBy("kind", null, names), legend: { symbolOpacity: 1, title: null, columns: 2 } };
  const gaussian = means.filter(({ kind }) => kind === kinds.gaussian)
    .sort((a, b) => a.participation - b.participation);
  return figure({
    title: {
      text: "The lower the effective rank, the richer, whatever the structure",
      subtitle: "2AF, all starts of the same norm; small: seeds, large: means",
    },
    layer: [{
      data: { values: gaussian },
      mark: { type: "line", opacity: 0.5 },
      encoding: { color },
    }, {
      data: { values: runs.map(point) },
      mark: { type: "point", filled: true, size: 22, opacity: 0.5 },
      encoding: { color },
    }, {
      data: { values: means },
      mark: { type: "point", filled: true, size: 130, opacity: 1 },
      encoding: { color },
    }],
    encoding: {
      x: logAxis("participation", "Effective rank (participation ratio)", { domain: [0.9, 120] }),
      y: linearAxis("ka", "Tangent kernel kept", { domain: [0, 1] }),
    },
    config: legendBelow,
  });
}

/** Rank at several gains. */
function gain(rows: Row[]): Figure {
  const main = runsOf(rows, "ranks", "2AF");
  const ranks = distinct(main.map(({ rank }) => rank));
  const ends = [ranks[0], ranks[ranks.length - 1]];
  const names = ends.map((rank) => `rank ${rank}`);
  const runs = [...main, ...runsOf(rows, "gain")].filter(({ rank }) => ends.includes(rank))
    .map(({ gain, rank, ka }) => ({ gain, ka, name: `rank ${rank}` }));
  return figure({
    title: {
      text: "Rank acts at every gain, and a larger start is richer here",
      subtitle: "2AF, tangent kernel kept at three sizes of the start; points: seeds",
    },
    layer: series(runs, "gain", "name", "ka", null, names, [palette[1], palette[0]]),
    encoding: {
      x: linearAxis("gain", "Gain of the Gaussian matrix", {
        domain: [0.4, 2.1],
        values: distinct(runs.map((run) => run.gain)),
        format: "~g",
      }),
      y: linearAxis("ka", "Tangent kernel kept", { domain: [0, 1] }),
    },
    config: legendBelow,
  });
}

/** All figures, the key one first. */
export const figures: Record<string, (rows: Row[]) => Figure> = {
  ranks,
  law,
  aligned,
  scale,
  learning,
  structure,
  gain,
};

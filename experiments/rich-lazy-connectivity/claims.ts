import { fitLine, fitPowerLaw } from "../../lib/statistics/mod.ts";
import { allWithin, show, showRange } from "../claim.ts";
import type { Claim } from "../experiment.ts";
import {
  type AnisotropicStart,
  average,
  distinct,
  type FlowRow,
  type RnnRow,
  type Row,
  rowsOf,
  runsOf,
  type Task,
} from "./rows.ts";

/** Accuracy of the best observer of the 2AF inputs, mean over coherences of Phi(c sqrt(7) / (10 sqrt(2))). */
const BAYES = 0.875218;

/** The acceptance criteria of the sheet, by their numbers. */
export function claims(rows: Row[]): Claim[] {
  const flowRows = rowsOf(rows, "flow"), has = (task: Task) => runsOf(rows, "ranks", task).length > 0;
  return [
    kernelMoves(runsOf(rows, "ranks", "2AF")),
    representationMoves(runsOf(rows, "ranks", "2AF")),
    ...has("DMS") ? [delayedMatch(runsOf(rows, "ranks", "DMS"))] : [],
    ...has("CXT") ? [context(runsOf(rows, "ranks", "CXT"))] : [],
    averageLaw(rows),
    rootOfRank(rows),
    isotropic(rows),
    ordered(flowRows.filter(({ sigma }) => sigma === 1)),
    ...flowRows.some(({ sigma }) => sigma === 10)
      ? [notMonotone(flowRows.filter(({ sigma }) => sigma === 10))]
      : [],
    alignedException(rows),
    comparableLoss(runsOf(rows, "ranks", "2AF")),
    ...bayes(runsOf(rows, "ranks", "2AF")),
    ...has("DMS") ? [delayedAccuracy(runsOf(rows, "ranks", "DMS"))] : [],
    ...wide(runsOf(rows, "wide")),
    equalNorm(rowsOf(rows, "rnn").filter(({ structure }) => structure === "gaussian")),
    ...fixedGain(rows),
    ...structure(rows),
  ];
}

type Measure = "ka" | "ra" | "change" | "loss" | "accuracy";

/** The mean of a measure over seeds, rank by rank. */
const byRank = (runs: RnnRow[], measure: Measure): { rank: number; mean: number; text: string }[] =>
  distinct(runs.map(({ rank }) => rank)).map((rank) => {
    const values = runs.filter((run) => run.rank === rank).map((run) => run[measure]), mean = average(values);
    const sd = Math.sqrt(
      values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / Math.max(1, values.length - 1),
    );
    return { rank, mean, text: `${show(mean, 3)}±${show(sd, 2)}` };
  });

const list = (means: { rank: number; text: string }[]) =>
  means.map(({ rank, text }) => `rank ${rank}: ${text}`).join(", ");

const seedsOf = (runs: RnnRow[]) => `${new Set(runs.map(({ seed }) => seed)).size} seeds`;

/** Criterion 6, the claim. */
function kernelMoves(runs: RnnRow[]): Claim {
  const ka = byRank(runs, "ka"), gap = ka[ka.length - 1].mean - ka[0].mean;
  return {
    id: "kernel-moves",
    statement:
      "A recurrent network that starts at low rank turns its tangent kernel much further than one of full rank and equal norm: low rank is rich.",
    source: "figure",
    reference: "ordering of the recurrent networks by initial rank; threshold of the protocol",
    expected: "2AF: kernel alignment of full rank minus that of rank 1 above 0.25",
    measured: `${show(gap, 3)} (${list(ka)}; ${seedsOf(runs)})`,
    headline: true,
    holds: gap > 0.25,
  };
}

/** Criterion 6, representations. */
function representationMoves(runs: RnnRow[]): Claim {
  const ra = byRank(runs, "ra"), full = ra[ra.length - 1].mean;
  return {
    id: "representation-moves",
    statement: "So does its representation of the trials.",
    source: "figure",
    reference: "ordering of the recurrent networks by initial rank; thresholds of the protocol",
    expected: "2AF: representation alignment above 0.93 at full rank, lower by more than 0.1 at rank 1",
    measured: `${list(ra)}; ${seedsOf(runs)}`,
    holds: full > 0.93 && full - ra[0].mean > 0.1,
  };
}

/** Criterion 6, the second task. */
function delayedMatch(runs: RnnRow[]): Claim {
  const ka = byRank(runs, "ka"), ra = byRank(runs, "ra"), last = ka.length - 1;
  return {
    id: "delayed-match",
    statement: "The same order is seen when two stimuli must be compared across a delay.",
    source: "figure",
    reference: "ordering of the recurrent networks by initial rank",
    expected: "DMS: kernel and representation alignment of full rank above those of rank 1",
    measured: `kernel ${list(ka)}; representation ${list(ra)}; ${seedsOf(runs)}`,
    holds: ka[last].mean > ka[0].mean && ra[last].mean > ra[0].mean,
  };
}

/** Criterion 6, the third task of the paper. */
function context(runs: RnnRow[]): Claim {
  const ka = byRank(runs, "ka"), last = ka.length - 1;
  return {
    id: "context",
    statement: "And when the context says which of two stimuli counts.",
    source: "figure",
    reference: "ordering of the recurrent networks by initial rank",
    expected: "CXT: kernel alignment of full rank above that of rank 1",
    measured: `${list(ka)}; ${seedsOf(runs)}`,
    holds: ka[last].mean > ka[0].mean,
  };
}

/** Criterion 1. */
function averageLaw(rows: Row[]): Claim {
  const averages = rowsOf(rows, "average");
  // The law is the limit of small starts: at scale sigma it is off by the order of sigma^2.
  const excess = averages.map(({ mean, sd, tasks, predicted, sigma }) =>
    Math.abs(mean - predicted.mean) / (3 * sd / Math.sqrt(tasks) + sigma ** 2)
  );
  return {
    id: "average-law",
    statement:
      "In two-layer linear networks with a small start, the mean alignment over tasks is (1+1/d)/√(d+3) · √r, a closed form in the start's effective rank.",
    source: "derived",
    reference: "in the setting of Theorem 1: gradient flow, white inputs, teachers uniform on the sphere",
    expected: `every rank within 3 standard errors (${averages[0]?.tasks} tasks) of the law, plus σ² = 1e-4`,
    measured: `at most ${show(Math.max(...excess), 3)} of that; ${
      averages.map(({ rank, mean, predicted }) => `rank ${rank}: ${show(mean)} (law ${show(predicted.mean)})`)
        .join(", ")
    }`,
    holds: allWithin(excess, 0, 1),
  };
}

/** Criterion 1, the power. */
function rootOfRank(rows: Row[]): Claim {
  const averages = rowsOf(rows, "average");
  const { slope } = fitPowerLaw(averages.map(({ rank }) => rank), averages.map(({ mean }) => mean));
  return {
    id: "root-of-rank",
    statement: "That is, alignment grows like the square root of the rank.",
    source: "derived",
    reference: "as above",
    expected: "power 0.50 ± 0.02",
    measured: show(slope),
    holds: allWithin([slope], 0.48, 0.52),
  };
}

/** Criterion 2, and the conserved quantity. */
function isotropic(rows: Row[]): Claim {
  const starts = rowsOf(rows, "isotropic");
  const errors = starts.map(({ alignment, predicted }) => Math.abs(alignment - predicted));
  const drifts = starts.map(({ drift }) => drift);
  return {
    id: "isotropic",
    statement: "From full rank the alignment is known exactly at every scale of the start.",
    source: "derived",
    reference: "from the conserved W₁W₁ᵀ − w₂w₂ᵀ",
    expected: "within 1e-6 for σ = 0.01, 1, 3 and 10; conserved to 1e-8",
    measured: `at most ${show(Math.max(...errors))}; conserved to ${show(Math.max(...drifts))}`,
    holds: allWithin(errors, 0, 1e-6) && allWithin(drifts, 0, 1e-8),
  };
}

const flowMeans = (runs: FlowRow[], measure: "alignment" | "change") =>
  distinct(runs.map(({ rank }) => rank)).map((rank) =>
    average(runs.filter((run) => run.rank === rank).map((run) => run[measure]))
  );

const listed = (values: number[]) => values.map((value) => show(value)).join(", ");

const near = (values: number[], reference: number[], margin: number, from = 0) =>
  values.length === reference.length &&
  values.every((value, i) => i < from || Math.abs(value - reference[i]) <= margin);

/** Criterion 3. */
function ordered(runs: FlowRow[]): Claim {
  const alignment = flowMeans(runs, "alignment"), change = flowMeans(runs, "change");
  const rises = alignment.every((value, i) => i === 0 || value > alignment[i - 1]);
  const falls = change.every((value, i) => i === 0 || value < change[i - 1]);
  const numbers = near(alignment, [0.263, 0.378, 0.546, 0.7225, 0.981], 0.05, 1) &&
    near(change, [1.32, 1.15, 0.91, 0.83, 0.79], 0.05, 1);
  return {
    id: "ordered",
    statement:
      "At a moderate scale too, alignment rises and the change of weights falls with every step in rank.",
    source: "derived",
    reference: "reference values of the protocol, an independent solver",
    expected:
      "σ = 1, ranks 1, 2, 5, 10, 20: strictly monotone; from rank 2 on within 0.05 of 0.378, 0.546, 0.7225, 0.981 and of 1.15, 0.91, 0.83, 0.79",
    measured: `alignment ${listed(alignment)}; change ${listed(change)}`,
    holds: rises && falls && numbers && runs.every(({ converged }) => converged),
  };
}

/** Criterion 4: the failure that must be shown. */
function notMonotone(runs: FlowRow[]): Claim {
  const alignment = flowMeans(runs, "alignment"),
    change = flowMeans(runs, "change"),
    last = alignment.length - 1;
  const laziest = alignment.every((value, i) => i === last || value < alignment[last]) &&
    change.every((value, i) => i === last || value > change[last]);
  const unordered = alignment.slice(0, last).every((value, i) => i === 0 || value < alignment[i - 1]);
  return {
    id: "large-scale",
    statement:
      "An honest limit: from a large start full rank is still the laziest, but among low ranks the order is reversed. There the scale is in charge.",
    source: "derived",
    reference: "protocol, item 4",
    expected:
      "σ = 10: full rank has the highest alignment and the smallest change; alignment falls from rank 1 to rank 10",
    measured: `ranks 1, 2, 5, 10, 20: alignment ${listed(alignment)}; change ${listed(change)}`,
    holds: laziest && unordered,
  };
}

/** Criterion 5: means that the protocol computed. */
const ANISOTROPIC: [kappa: number, full: number, aligned: number, random: number][] = [
  [1, 0.979, 0.7, 0.693],
  [2, 0.985, 0.965, 0.744],
  [10, 0.989, 0.9998, 0.799],
  [100, 0.989, 1, 0.8],
];

function alignedException(rows: Row[]): Claim {
  const of = (kappa: number, start: AnisotropicStart) =>
    rowsOf(rows, "anisotropic").find((row) => row.kappa === kappa && row.start === start)?.mean ?? NaN;
  const numbers = ANISOTROPIC.every(([kappa, full, aligned, random]) =>
    near([of(kappa, "full"), of(kappa, "aligned"), of(kappa, "random")], [full, aligned, random], 0.01)
  );
  const kappas = distinct(rowsOf(rows, "anisotropic").map(({ kappa }) => kappa)).filter((kappa) =>
    kappa >= 5
  );
  const order = kappas.every((kappa) =>
    of(kappa, "aligned") > of(kappa, "full") && of(kappa, "full") > of(kappa, "random")
  );
  return {
    id: "aligned-exception",
    statement:
      "The exception: where half of the features are large, a low-rank start aligned with them and with the task is lazier than full rank.",
    source: "figure",
    reference: "Figure 3 and Proposition 1; values of the protocol",
    expected:
      "aligned > full > random for κ ≥ 5; means within 0.01 of the reference at κ = 1, 2, 10 and 100 (full 0.979, 0.985, 0.989, 0.989; aligned 0.700, 0.965, 0.9998, 1.0000; random 0.693, 0.744, 0.799, 0.80)",
    measured: ANISOTROPIC.map(([kappa]) =>
      `κ=${kappa}: full ${show(of(kappa, "full"), 3)}, aligned ${show(of(kappa, "aligned"))}, random ${
        show(of(kappa, "random"), 3)
      }`
    ).join("; "),
    holds: numbers && order,
  };
}

/** Criterion 7, the loss. */
function comparableLoss(runs: RnnRow[]): Claim {
  const losses = byRank(runs, "loss"), means = losses.map(({ mean }) => mean);
  const gap = Math.max(...means) - Math.min(...means);
  return {
    id: "comparable-loss",
    statement:
      "The networks differ in regime, not in how well they learned: all ranks reach nearly the same loss.",
    source: "derived",
    reference: "protocol, item 7",
    expected:
      "2AF: mean losses of the ranks within 0.012 of one another, and none below the 0.0317 of the best observer",
    measured: `${show(gap, 3)} (${list(losses)})`,
    holds: gap <= 0.012 && allWithin(means, 0.0317, 1),
  };
}

/** Criterion 7, the accuracy: of ranks, and of single runs. */
function bayes(runs: RnnRow[]): Claim[] {
  const values = runs.map(({ accuracy }) => accuracy), probes = runs[0]?.probes ?? 1;
  const limit = BAYES + 3 * Math.sqrt(BAYES * (1 - BAYES) / probes);
  const accuracy = byRank(runs, "accuracy"), low = runs.filter((run) => run.accuracy < 0.8);
  return [{
    id: "bayes",
    statement: "All ranks decide nearly as well as the best observer can, and no run does better.",
    source: "derived",
    reference: "Bayes bound, exact",
    expected: `2AF: every rank's mean accuracy at least 0.80, every run at most ${
      show(limit, 3)
    } (the bound 0.8752 and three binomial standard errors of ${probes} trials)`,
    measured: `${list(accuracy)}; runs ${showRange(values, 3)}`,
    holds: allWithin(accuracy.map(({ mean }) => mean), 0.8, 1) && allWithin(values, 0, limit),
  }, {
    id: "every-run",
    statement: "No single network lags behind after the usual number of steps, whatever its rank.",
    source: "derived",
    reference: "protocol, item 7, read strictly",
    expected: "2AF: accuracy of every run at least 0.80",
    measured: low.length === 0
      ? `${showRange(values, 3)} (${values.length} runs)`
      : `${low.length} of ${values.length} runs below: ${
        low.map(({ rank, accuracy }) => `rank ${rank} ${show(accuracy, 3)}`).join(", ")
      }`,
    holds: low.length === 0,
  }];
}

/** Criterion 7, the second task. */
function delayedAccuracy(runs: RnnRow[]): Claim {
  const accuracy = byRank(runs, "accuracy").slice(1);
  const values = runs.filter(({ rank }) => rank > Math.min(...runs.map((run) => run.rank))).map((run) =>
    run.accuracy
  );
  return {
    id: "delayed-match-learned",
    statement: "The comparison across a delay is learned from every rank but the lowest.",
    source: "derived",
    reference: "protocol, item 7",
    expected: "DMS: accuracy at least 0.98 in every run above rank 1",
    measured: `${showRange(values)} (${list(accuracy)})`,
    holds: allWithin(values, 0.98, 1),
  };
}

/** Criterion 8. */
function wide(runs: RnnRow[]): Claim[] {
  if (runs.length === 0) return [];
  const ka = byRank(runs, "ka"), change = byRank(runs, "change");
  return [{
    id: "wider-kernel",
    statement: "With 128 neurons and 1500 steps the kernel's alignment rises with every step in rank.",
    source: "derived",
    reference: "protocol, item 8: 0.137 < 0.540 < 0.649",
    expected: "2AF, ranks 1, 12, 128: strictly rising mean over seeds",
    measured: `${list(ka)}; ${seedsOf(runs)}`,
    holds: ka.every(({ mean }, i) => i === 0 || mean > ka[i - 1].mean),
  }, {
    id: "wider-change",
    statement: "And the change of the weights falls.",
    source: "derived",
    reference: "protocol, item 8: 1.003 > 0.937 > 0.870",
    expected: "strictly falling mean over seeds",
    measured: `${list(change)}; ${seedsOf(runs)}`,
    holds: change.every(({ mean }, i) => i === 0 || mean < change[i - 1].mean),
  }];
}

/** Criterion 9. */
function equalNorm(runs: RnnRow[]): Claim {
  const errors = runs.map(({ norm, gaussianNorm }) => Math.abs(norm / gaussianNorm - 1));
  const wrong = runs.filter(({ rank, numericalRank }) => rank !== numericalRank).length;
  return {
    id: "equal-norm",
    statement: "The starts of a seed differ in rank alone: same norm, and the rank that is asked for.",
    source: "derived",
    reference: "normalization of the official code",
    expected: "norms equal to 1e-6, relative; numerical rank as asked for in every run",
    measured: `at most ${show(Math.max(...errors))}; ${wrong} of ${runs.length} runs with another rank`,
    holds: allWithin(errors, 0, 1e-6) && wrong === 0,
  };
}

/** Section 4: the competing explanation. */
function fixedGain(rows: Row[]): Claim[] {
  const others = runsOf(rows, "gain");
  if (others.length === 0) return [];
  const gains = distinct(others.map(({ gain }) => gain));
  const gaps = gains.map((gain) => {
    const ka = byRank(others.filter((run) => run.gain === gain), "ka");
    return ka[ka.length - 1].mean - ka[0].mean;
  });
  return [{
    id: "any-gain",
    statement: "Rank acts at a fixed gain, whichever it is: it is not the known effect of the start's scale.",
    source: "derived",
    reference: "protocol, section 4",
    expected: `2AF, gain ${gains.join(" and ")}: kernel alignment of full rank above that of rank 1`,
    measured: gains.map((gain, i) => `gain ${gain}: difference ${show(gaps[i], 3)}`).join("; "),
    holds: gaps.every((gap) => gap > 0),
  }];
}

/** Section 11: structure stands in for measured wiring. All these starts have full rank; their effective rank differs. */
function structure(rows: Row[]): Claim[] {
  const made = runsOf(rows, "structure");
  if (made.length === 0) return [];
  const all = [...runsOf(rows, "ranks", "2AF").filter(({ rank, n }) => rank === n), ...made];
  const { slope, interval } = fitLine(
    all.map((run) => Math.log10(run.participation)),
    all.map(({ ka }) => ka),
  );
  const mean = (name: string, measure: "ka" | "participation") =>
    average(all.filter((run) => run.structure === name).map((run) => run[measure]));
  return [{
    id: "structure",
    statement:
      "At full rank and equal norm, connectivity with traits of real circuits is the richer, the lower its effective rank.",
    source: "figure",
    reference: "abstract; synthetic structure instead of measured wiring",
    expected:
      "slope of kernel alignment against log₁₀ of the participation ratio positive, with its 95 % interval",
    measured: `${show(slope, 3)} in [${
      interval.map((end) => show(end, 3)).join(", ")
    }], ${all.length} runs; effective rank and alignment: ${
      [...new Set(all.map((run) => run.structure))].map((name) =>
        `${name} ${show(mean(name, "participation"), 3)}, ${show(mean(name, "ka"), 3)}`
      ).join("; ")
    }`,
    holds: interval[0] > 0,
  }];
}

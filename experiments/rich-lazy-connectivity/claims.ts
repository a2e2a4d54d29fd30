/** What must be seen, as data: notes 7 numbers the criteria. */
import {
  above,
  atLeast,
  atMost,
  defineClaims,
  derived,
  distinct,
  fromFigure,
  mean,
  type RowTable,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { fitLine, fitPowerLaw } from "../../lib/statistics/mod.ts";
import { type AnisotropicStart, byRank, type Row, runsOf, type Structure, type Task } from "./rows.ts";

/** Accuracy of the best observer of the 2AF inputs: mean over coherences of Φ(c √7 / (10 √2)). */
const BAYES = 0.875218;

/** What the ordering of the recurrent networks is compared with. */
const byInitialRank = fromFigure("Recurrent networks by the rank of their start", { notes: "5" });

/** Mean alignment and change of weights over seeds at σ = 1, by rank: notes 7. */
const FLOWS: [rank: number, alignment: number, change: number][] = [
  [2, 0.378, 1.15],
  [5, 0.546, 0.91],
  [10, 0.7225, 0.83],
  [20, 0.981, 0.79],
];

/** Mean alignments over draws: notes 7. */
const ANISOTROPIC: [kappa: number, full: number, aligned: number, random: number][] = [
  [1, 0.979, 0.7, 0.693],
  [2, 0.985, 0.965, 0.744],
  [10, 0.989, 0.9998, 0.799],
  [100, 0.989, 1, 0.8],
];

export const claims = defineClaims<Row>((claim) => ({
  "kernel-moves": claim({
    figure: "ranks",
    criterion: 6,
    headline: true,
    statement:
      "A recurrent network that starts at low rank turns its tangent kernel much further than one of full rank and " +
      "equal norm: low rank is rich.",
    source: byInitialRank,
    measure: ({ rnn }) => ({
      "2AF: mean kernel alignment from full rank minus that from rank 1": gap(
        runsOf(rnn, "ranks", "2AF"),
        "ka",
      ),
    }),
    expect: { "2AF: mean kernel alignment from full rank minus that from rank 1": above(0.25) },
    context: ({ rnn }) => everyRank(runsOf(rnn, "ranks", "2AF"), "ka"),
  }),
  "representation-moves": claim({
    figure: "ranks",
    criterion: 6,
    statement: "Such a network also changes its representation of the trials further.",
    source: byInitialRank,
    measure: ({ rnn }) => ({
      "2AF: mean representation alignment from full rank": means(runsOf(rnn, "ranks", "2AF"), "ra").at(-1) ??
        NaN,
      "minus that from rank 1": gap(runsOf(rnn, "ranks", "2AF"), "ra"),
    }),
    expect: {
      "2AF: mean representation alignment from full rank": above(0.93),
      "minus that from rank 1": above(0.1),
    },
    context: ({ rnn }) => everyRank(runsOf(rnn, "ranks", "2AF"), "ra"),
  }),
  "delayed-match": claim({
    figure: "ranks",
    criterion: 6,
    statement: "The same order is seen when two stimuli must be compared across a delay.",
    source: byInitialRank,
    decidedBy: was("ranks", "DMS"),
    measure: ({ rnn }) => ({
      "DMS, full rank minus rank 1: mean kernel alignment": gap(runsOf(rnn, "ranks", "DMS"), "ka"),
      "mean representation alignment": gap(runsOf(rnn, "ranks", "DMS"), "ra"),
    }),
    expect: {
      "DMS, full rank minus rank 1: mean kernel alignment": above(0),
      "mean representation alignment": above(0),
    },
    context: ({ rnn }) => everyRank(runsOf(rnn, "ranks", "DMS"), "ka"),
  }),
  context: claim({
    figure: "ranks",
    criterion: 6,
    statement: "It is also seen when the context says which of two stimuli counts.",
    source: byInitialRank,
    decidedBy: was("ranks", "CXT"),
    measure: ({ rnn }) => ({
      "CXT, full rank minus rank 1: mean kernel alignment": gap(runsOf(rnn, "ranks", "CXT"), "ka"),
    }),
    expect: { "CXT, full rank minus rank 1: mean kernel alignment": above(0) },
    context: ({ rnn }) => everyRank(runsOf(rnn, "ranks", "CXT"), "ka"),
  }),
  "average-law": claim({
    figure: "law",
    criterion: 1,
    statement:
      "In two-layer linear networks with a small start, the mean alignment over tasks is (1+1/d)/√(d+3) · √r, " +
      "a closed form in the start's effective rank.",
    source: theorem("in the setting of Theorem 1", { notes: "3.4" }),
    measure: ({ average }) => ({
      // The law is the limit of small starts: at scale σ it is off by the order of σ².
      "distance of each rank's mean from the law, over 3 standard errors + σ²": average.map((
        { mean, sd, tasks, predicted, sigma },
      ) => Math.abs(mean - predicted.mean) / (3 * sd / Math.sqrt(tasks) + sigma ** 2)),
    }),
    expect: { "distance of each rank's mean from the law, over 3 standard errors + σ²": atMost(1) },
    context: ({ average }) => ({
      "measured over law": average.map(({ mean, predicted }) => mean / predicted.mean),
    }),
  }),
  "root-of-rank": claim({
    figure: "law",
    criterion: 1,
    statement: "That is, alignment grows like the square root of the rank.",
    source: derived("3.4"),
    measure: ({ average }) => ({
      "power of the rank": fitPowerLaw(
        average.map(({ rank }) => rank),
        average.map(({ mean }) => mean),
      ).slope,
    }),
    expect: { "power of the rank": within(0.48, 0.52) },
  }),
  isotropic: claim({
    figure: null,
    criterion: 2,
    statement: "From full rank the alignment is known exactly at every scale of the start.",
    source: derived("3.4"),
    measure: ({ isotropic }) => ({
      "distance from the closed form, σ = 0.01, 1, 3, 10": isotropic.map(({ alignment, predicted }) =>
        Math.abs(alignment - predicted)
      ),
      "change of the conserved W₁W₁ᵀ − w₂w₂ᵀ": isotropic.map(({ drift }) => drift),
    }),
    expect: {
      "distance from the closed form, σ = 0.01, 1, 3, 10": atMost(1e-6),
      "change of the conserved W₁W₁ᵀ − w₂w₂ᵀ": atMost(1e-8),
    },
  }),
  ordered: claim({
    figure: "scale",
    criterion: 3,
    statement:
      "At a moderate scale too, alignment rises and the change of weights falls with every step in rank.",
    source: derived("7"),
    decidedBy: ({ flow }) => flow.some(({ sigma }) => sigma === 1),
    measure: ({ flow }) => {
      const runs = flow.filter(({ sigma }) => sigma === 1);
      const groups = byRank(runs);
      return {
        "σ = 1, ranks 1, 2, 5, 10, 20: steps of the mean alignment": steps(means(runs, "alignment")),
        "steps down of the mean change": steps(means(runs, "change")).map((step) => -step),
        "distance from the reference values, ranks above 1": FLOWS.flatMap(([rank, alignment, change]) => {
          const own = groups.find((group) => group.rank === rank)?.rows ?? [];
          return [
            Math.abs(mean(own.map((row) => row.alignment)) - alignment),
            Math.abs(mean(own.map((row) => row.change)) - change),
          ];
        }),
        "runs that did not converge": runs.filter(({ converged }) => !converged).length,
      };
    },
    expect: {
      "σ = 1, ranks 1, 2, 5, 10, 20: steps of the mean alignment": above(0),
      "steps down of the mean change": above(0),
      "distance from the reference values, ranks above 1": atMost(0.05),
      "runs that did not converge": atMost(0),
    },
  }),
  "large-scale": claim({
    figure: "scale",
    criterion: 4,
    statement:
      "A limit: from a large start full rank is still the laziest, but among low ranks the order is reversed, " +
      "since there the scale is in charge.",
    source: derived("6"),
    decidedBy: ({ flow }) => flow.some(({ sigma }) => sigma === 10),
    measure: ({ flow }) => {
      const runs = flow.filter(({ sigma }) => sigma === 10);
      const alignment = means(runs, "alignment");
      const change = means(runs, "change");
      return {
        "σ = 10: alignment from full rank minus that from each lower rank": alignment.slice(0, -1).map((
          value,
        ) => alignment[alignment.length - 1] - value),
        "change from each lower rank minus that from full rank": change.slice(0, -1).map((value) =>
          value - change[change.length - 1]
        ),
        "steps down of the alignment, ranks 1 to 10": steps(alignment.slice(0, -1)).map((step) => -step),
      };
    },
    expect: {
      "σ = 10: alignment from full rank minus that from each lower rank": above(0),
      "change from each lower rank minus that from full rank": above(0),
      "steps down of the alignment, ranks 1 to 10": above(0),
    },
  }),
  "aligned-exception": claim({
    figure: "aligned",
    criterion: 5,
    statement:
      "The exception: where half of the features are large, a low-rank start aligned with them and with the " +
      "task is lazier than full rank.",
    source: fromFigure("Figure 3 and Proposition 1", { notes: "7" }),
    measure: ({ anisotropic }) => {
      const large = distinct(anisotropic, "kappa").filter((kappa) => kappa >= 5);
      const of = (kappa: number, start: AnisotropicStart) =>
        anisotropic.find((row) => row.kappa === kappa && row.start === start)?.mean ?? NaN;
      return {
        "κ ≥ 5: mean alignment, aligned minus full": large.map((kappa) =>
          of(kappa, "aligned") - of(kappa, "full")
        ),
        "full minus random": large.map((kappa) => of(kappa, "full") - of(kappa, "random")),
        "κ = 1, 2, 10, 100: distance from the reference values": ANISOTROPIC.flatMap((
          [kappa, full, aligned, random],
        ) => [
          Math.abs(of(kappa, "full") - full),
          Math.abs(of(kappa, "aligned") - aligned),
          Math.abs(of(kappa, "random") - random),
        ]),
      };
    },
    expect: {
      "κ ≥ 5: mean alignment, aligned minus full": above(0),
      "full minus random": above(0),
      "κ = 1, 2, 10, 100: distance from the reference values": atMost(0.01),
    },
  }),
  "comparable-loss": claim({
    figure: "learning",
    criterion: 7,
    statement:
      "The networks differ in regime, not in how well they learned: all ranks reach nearly the same loss.",
    source: derived("7"),
    measure: ({ rnn }) => {
      const losses = means(runsOf(rnn, "ranks", "2AF"), "loss");
      return {
        "2AF: largest minus smallest mean loss of the ranks": Math.max(...losses) - Math.min(...losses),
        "mean losses (best observer 0.0317)": losses,
      };
    },
    expect: {
      "2AF: largest minus smallest mean loss of the ranks": atMost(0.012),
      "mean losses (best observer 0.0317)": atLeast(0.0317),
    },
  }),
  bayes: claim({
    figure: null,
    criterion: 7,
    statement: "All ranks decide nearly as well as the best observer can, and no run does better.",
    source: derived("8"),
    measure: ({ rnn }) => {
      const runs = runsOf(rnn, "ranks", "2AF");
      return {
        "2AF: mean accuracy of each rank": means(runs, "accuracy"),
        "accuracy of every run above the bound 0.8752, in binomial standard errors": runs.map((
          { accuracy, probes },
        ) => (accuracy - BAYES) / Math.sqrt(BAYES * (1 - BAYES) / probes)),
      };
    },
    expect: {
      "2AF: mean accuracy of each rank": atLeast(0.8),
      "accuracy of every run above the bound 0.8752, in binomial standard errors": atMost(3),
    },
  }),
  "every-run": claim({
    figure: null,
    criterion: 7,
    statement: "No single network lags behind after the usual number of steps, whatever its rank.",
    source: derived("7"),
    measure: ({ rnn }) => ({
      "2AF: accuracy of every run": runsOf(rnn, "ranks", "2AF").map(({ accuracy }) => accuracy),
    }),
    expect: { "2AF: accuracy of every run": atLeast(0.8) },
    context: ({ rnn }) => {
      const runs = runsOf(rnn, "ranks", "2AF");
      return { "runs": runs.length, "below": runs.filter(({ accuracy }) => accuracy < 0.8).length };
    },
  }),
  "delayed-match-learned": claim({
    figure: null,
    criterion: 7,
    statement: "The comparison across a delay is learned from every rank but the lowest.",
    source: derived("7"),
    decidedBy: was("ranks", "DMS"),
    measure: ({ rnn }) => ({
      "DMS: accuracy of every run above rank 1": byRank(runsOf(rnn, "ranks", "DMS")).slice(1)
        .flatMap(({ rows }) => rows.map(({ accuracy }) => accuracy)),
    }),
    expect: { "DMS: accuracy of every run above rank 1": atLeast(0.98) },
  }),
  "wider-kernel": claim({
    figure: null,
    criterion: 8,
    statement: "With 128 neurons and 1500 steps the kernel's alignment rises with every step in rank.",
    source: derived("7"),
    decidedBy: was("wide", "2AF"),
    measure: ({ rnn }) => ({
      "2AF, ranks 1, 12, 128: steps of the mean kernel alignment": steps(means(runsOf(rnn, "wide"), "ka")),
    }),
    expect: { "2AF, ranks 1, 12, 128: steps of the mean kernel alignment": above(0) },
    context: ({ rnn }) => ({ "means": means(runsOf(rnn, "wide"), "ka") }),
  }),
  "wider-change": claim({
    figure: null,
    criterion: 8,
    statement: "There the change of the weights falls with every step in rank.",
    source: derived("7"),
    decidedBy: was("wide", "2AF"),
    measure: ({ rnn }) => ({
      "2AF, ranks 1, 12, 128: steps down of the mean change": steps(means(runsOf(rnn, "wide"), "change"))
        .map((step) => -step),
    }),
    expect: { "2AF, ranks 1, 12, 128: steps down of the mean change": above(0) },
    context: ({ rnn }) => {
      const runs = runsOf(rnn, "wide");
      // The protocol's number of seeds: too few for this order.
      const few = distinct(runs, "seed").slice(0, 3);
      return {
        "means": means(runs, "change"),
        "steps down with three seeds": steps(means(runs.filter(({ seed }) => few.includes(seed)), "change"))
          .map((step) => -step),
      };
    },
  }),
  "equal-norm": claim({
    figure: null,
    criterion: 9,
    statement: "The starts of a seed differ in rank alone: same norm, and the rank that is asked for.",
    source: derived("3.2"),
    measure: ({ rnn }) => {
      const runs = rnn.filter(({ structure }) => structure === "gaussian");
      return {
        "relative difference of the norms": runs.map(({ norm, gaussianNorm }) =>
          Math.abs(norm / gaussianNorm - 1)
        ),
        "numerical rank minus the rank asked for": runs.map(({ rank, numericalRank }) =>
          Math.abs(numericalRank - rank)
        ),
      };
    },
    expect: {
      "relative difference of the norms": atMost(1e-6),
      "numerical rank minus the rank asked for": atMost(0),
    },
  }),
  "any-gain": claim({
    figure: "gain",
    statement: "Rank acts at a fixed gain, whichever it is: it is not the known effect of the start's scale.",
    source: derived("4"),
    decidedBy: was("gain", "2AF"),
    measure: ({ rnn }) => {
      const others = runsOf(rnn, "gain");
      return {
        "2AF, other gains: mean kernel alignment from full rank minus that from rank 1": distinct(
          others,
          "gain",
        )
          .map((gain) => gap(others.filter((run) => run.gain === gain), "ka")),
      };
    },
    expect: { "2AF, other gains: mean kernel alignment from full rank minus that from rank 1": above(0) },
  }),
  structure: claim({
    figure: "structure",
    statement:
      "At full rank and equal norm, connectivity with traits of real circuits is the richer, the lower its " +
      "effective rank.",
    source: fromFigure("abstract; synthetic structure instead of measured wiring", { notes: "11" }),
    decidedBy: was("structure", "2AF"),
    measure: ({ rnn }) => ({
      "lower end of the 95 % interval of the slope of kernel alignment against log₁₀ of the participation ratio":
        structureFit(rnn).interval[0],
    }),
    expect: {
      "lower end of the 95 % interval of the slope of kernel alignment against log₁₀ of the participation ratio":
        above(0),
    },
    context: ({ rnn }) => {
      const runs = fullRank(rnn);
      const one = (name: Structure) => mean(runs.filter((run) => run.structure === name).map(({ ka }) => ka));
      return {
        "slope": structureFit(rnn).slope,
        ...Object.fromEntries(distinct(runs, "structure").map((name) => [`alignment, ${name}`, one(name)])),
      };
    },
  }),
}));

/** Whether recurrent networks of a purpose and task were run. */
function was(purpose: Row<"rnn">["purpose"], task: Task) {
  return ({ rnn }: RowTable<Row>) => runsOf(rnn, purpose, task).length > 0;
}

/** Names of the fields of `R` that are numbers. */
type NumberOf<R> = { [K in keyof R]: R[K] extends number ? K : never }[keyof R];

/** The mean of a measure over seeds, one per rank, lowest rank first. */
function means<R extends Row<"rnn"> | Row<"flow">>(runs: readonly R[], measure: NumberOf<R>): number[] {
  return byRank(runs).map(({ rows }) => mean(rows.map((row) => row[measure] as number)));
}

/** The mean from the highest rank minus that from the lowest; NaN if there are not two. */
function gap(runs: readonly Row<"rnn">[], measure: NumberOf<Row<"rnn">>): number {
  const all = means(runs, measure);
  return all.length < 2 ? NaN : all[all.length - 1] - all[0];
}

function everyRank(runs: readonly Row<"rnn">[], measure: NumberOf<Row<"rnn">>): Record<string, number[]> {
  return Object.fromEntries(
    byRank(runs).map(({ rank, rows }) => [`rank ${rank}`, rows.map((row) => row[measure])]),
  );
}

function steps(values: readonly number[]): number[] {
  return values.slice(1).map((value, i) => value - values[i]);
}

/** All starts of full rank, with structure or without. */
function fullRank(rnn: readonly Row<"rnn">[]): Row<"rnn">[] {
  return [...runsOf(rnn, "ranks", "2AF").filter(({ rank, n }) => rank === n), ...runsOf(rnn, "structure")];
}

function structureFit(rnn: readonly Row<"rnn">[]) {
  const runs = fullRank(rnn);
  return fitLine(runs.map(({ participation }) => Math.log10(participation)), runs.map(({ ka }) => ka));
}

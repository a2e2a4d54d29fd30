/** What must be seen, as data: notes 7 numbers the criteria. */
import {
  above,
  atLeast,
  atLeastSeeds,
  atMost,
  below,
  defineClaims,
  derived,
  fromFigure,
  fromTable,
  mean,
  near,
  type RowTable,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import { tuneLearningRates } from "../../lib/training/mod.ts";
import { gridOf, type Method, type Row, type Schedule } from "./rows.ts";

type Rows = RowTable<Row>;

/** Exact errors by a quadrature of 20,000 nodes, criterion 2. */
const EXACT: [schedule: Schedule, m: number, n: number, error: number][] = [
  ["Muon", 64, 64, 0.21040214],
  ["Muon", 64, 256, 0.21668057],
  ["Muon", 128, 128, 0.21031986],
  ["Muon", 256, 1024, 0.15270166],
  ["Muon", 2048, 2048, 0.22314066],
  ["Muon", 2048, 8192, 0.18430754],
  ["cubic", 64, 64, 0.49391237],
  ["cubic", 2048, 2048, 0.86359336],
];

/** The same of the published triples, criterion 3. */
const PUBLISHED: [n: number, error: number][] = [
  [2048, 0.19823925],
  [3072, 0.12825425],
  [8192, 0.03906377],
  [16384, 0.06328715],
];

export const claims = defineClaims<Row>((claim) => ({
  precision: claim({
    figure: "precision",
    criterion: 1,
    headline: true,
    statement:
      "Coefficients fitted to the momentum of one training run orthogonalize that of another more precisely " +
      "than Muon's, in every layer.",
    source: fromFigure("Figure on decomposition precision: AdaNewton below Muon at every step"),
    measure: (rows) => ({
      "share of the checkpoints below Muon, every layer and pair of seeds": winsOver(
        rows,
        "AdaNewton",
        "Muon",
      ),
    }),
    expect: { "share of the checkpoints below Muon, every layer and pair of seeds": atLeast(0.9) },
    context: (rows) => ({ "mean error over Muon's": ratiosTo(rows, "AdaNewton", "Muon") }),
  }),
  classic: claim({
    figure: "schedules",
    criterion: 1,
    statement: "Five steps of a classic Newton-Schulz iteration are far from orthogonal.",
    source: fromFigure("Figure on decomposition precision: classic about 0.75 in every panel"),
    measure: (rows) => ({
      "mean error over Muon's, every layer and pair: cubic": ratiosTo(rows, "cubic", "Muon"),
      "quintic": ratiosTo(rows, "classic", "Muon"),
    }),
    expect: { "mean error over Muon's, every layer and pair: cubic": above(2), "quintic": above(2) },
  }),
  "marchenko-pastur": claim({
    figure: "fragility",
    criterion: 2,
    statement:
      "How imprecise Newton-Schulz is depends on the shape, and is known from the Marchenko-Pastur law.",
    source: derived("3.1"),
    measure: ({ fragility }) => {
      const found = EXACT.flatMap(([schedule, m, n, error]) =>
        fragility.filter((row) => row.schedule === schedule && row.m === m && row.n === n)
          .map((row) => Math.abs(row.error - error))
      );
      return { "distance from the tabulated errors": found, "shapes compared": found.length };
    },
    expect: { "distance from the tabulated errors": atMost(1e-5), "shapes compared": atLeast(7) },
    context: ({ fragility }) => ({
      "Muon's error, all shapes": fragility.filter(({ schedule }) => schedule === "Muon")
        .map(({ error }) => error),
    }),
  }),
  "published-triples": claim({
    figure: "published",
    criterion: 3,
    statement:
      "The four published triples are more precise than Muon's on Gaussian matrices of their shapes.",
    source: fromTable("Coefficients of the official code", { notes: "3.1" }),
    measure: ({ fragility }) => {
      const at = (schedule: Schedule, n: number) =>
        fragility.find((row) => row.schedule === schedule && row.m === 2048 && row.n === n)?.error ?? NaN;
      return {
        "distance from the exact error, four shapes": PUBLISHED.map(([n, error]) =>
          Math.abs(at("published", n) - error)
        ),
        "error over Muon's": PUBLISHED.map(([n]) => at("published", n) / at("Muon", n)),
      };
    },
    expect: { "distance from the exact error, four shapes": atMost(1e-5), "error over Muon's": below(1) },
  }),
  escape: claim({
    figure: null,
    statement:
      "A hazard: the published triple for square matrices does not keep singular values bounded; those of the " +
      "other shapes do.",
    source: derived("9"),
    measure: ({ bound }) => {
      const isBounded = (row: { bound: number | null }) => row.bound !== null && Number.isFinite(row.bound);
      const square = bound.filter(({ m, n }) => m === n);
      const wide = bound.filter(({ m, n }) => m !== n);
      return {
        "unbounded triples, square": square.filter((row) => row.bound === null).length,
        "other shapes": wide.filter((row) => !isBounded(row)).length,
        "bounded triples, other shapes": wide.filter(isBounded).length,
      };
    },
    expect: {
      "unbounded triples, square": within(1, 1),
      "other shapes": within(0, 0),
      "bounded triples, other shapes": within(3, 3),
    },
    context: ({ bound }) => ({
      "largest value after five steps": bound.map(({ worst }) => worst),
      "after any number, bounded": bound.flatMap((row) => row.bound ?? []),
    }),
  }),
  sampled: claim({
    figure: null,
    criterion: 4,
    statement: "Sampled Gaussian matrices have the error that the law predicts.",
    source: derived("3.1"),
    measure: ({ fragility, sampled }) => ({
      "distance of the mean of eight samples, in standard deviations of a sample": sampled.length === 0
        ? []
        : summarizeBy(sampled, ["m", "n", "schedule"], "error").map((group) => {
          const law = fragility.find(({ m, n, schedule }) =>
            m === group.m && n === group.n && schedule === group.schedule
          );
          return Math.abs(group.mean - (law?.error ?? NaN)) / group.sd;
        }),
    }),
    expect: { "distance of the mean of eight samples, in standard deviations of a sample": atMost(3) },
  }),
  "outlier-independence": claim({
    figure: "outliers",
    criterion: 5,
    statement: "Once outliers are beyond the threshold, ROOT's update does not depend on how large they are.",
    source: theorem("B = M − T(M) is the projection onto a box", { notes: "3.2" }),
    measure: ({ outlier }) => {
      const huge = outlier.filter(({ method, size }) => method === "ROOT" && size >= 100);
      return {
        "change of an entry, K = 1e2 to 1e8": huge.map(({ change }) => change),
        "mean cosine with the clean polar factor": mean(huge.map(({ cosine }) => cosine)),
      };
    },
    expect: {
      "change of an entry, K = 1e2 to 1e8": atMost(1e-12),
      "mean cosine with the clean polar factor": within(0.926, 0.954),
    },
  }),
  "outlier-muon": claim({
    figure: "outliers",
    criterion: 5,
    statement: "Twenty outliers among 2,048 entries turn Muon's update away from the clean one.",
    source: derived("7"),
    // The means of fewer draws scatter as much as the ranges are wide.
    decidedBy: ({ outlier }) => atLeastSeeds(outlier, 20),
    measure: (rows) => ({
      "mean cosine without outliers": mean(cosinesOf(rows, "Muon", 0)),
      "at K = 1e2": mean(cosinesOf(rows, "Muon", 100)),
      "in every draw at K = 1e4": cosinesOf(rows, "Muon", 1e4),
    }),
    expect: {
      "mean cosine without outliers": within(0.985, 0.988),
      "at K = 1e2": within(0.41, 0.51),
      "in every draw at K = 1e4": within(-0.15, 0.15),
    },
  }),
  "outlier-every-draw": claim({
    figure: "outliers",
    criterion: 5,
    statement: "The same for every single draw: all cosines lie in the ranges of five other draws.",
    source: derived("7"),
    decidedBy: ({ outlier }) => atLeastSeeds(outlier, 5),
    measure: (rows) => ({
      "cosine of Muon without outliers": cosinesOf(rows, "Muon", 0),
      "of Muon at K = 1e2": cosinesOf(rows, "Muon", 100),
      "of ROOT at K = 1e2": cosinesOf(rows, "ROOT", 100),
    }),
    expect: {
      "cosine of Muon without outliers": within(0.985, 0.988),
      "of Muon at K = 1e2": within(0.41, 0.51),
      "of ROOT at K = 1e2": within(0.926, 0.954),
    },
  }),
  "single-outlier": claim({
    figure: null,
    criterion: 6,
    statement:
      "Beside one huge entry the exact polar factor keeps everything else; five Newton-Schulz steps lose it, in " +
      "proportion to the entry.",
    source: derived("7"),
    measure: ({ single }) => {
      const at = (wanted: number) => single.filter(({ size }) => size === wanted);
      const off = (wanted: number) =>
        at(wanted).map(({ rest, predictedRest }) => Math.abs(rest / predictedRest - 1));
      return {
        "distance of the entry from 0.69643641": at(1e4).map(({ corner }) => Math.abs(corner - 0.69643641)),
        "relative distance of the rest from 484.8763 ‖A‖/K, K = 1e3 ‖A‖": off(1e3),
        "K = 1e4 ‖A‖": off(1e4),
        "distance of the exact polar factor from its limit, K = 1e3 ‖A‖ over 1e4 ‖A‖": at(1e3).map((row) =>
          row.polarError / (at(1e4).find(({ seed }) => seed === row.seed)?.polarError ?? NaN)
        ),
      };
    },
    expect: {
      "distance of the entry from 0.69643641": atMost(1e-7),
      "relative distance of the rest from 484.8763 ‖A‖/K, K = 1e3 ‖A‖": atMost(6e-3),
      "K = 1e4 ‖A‖": atMost(9e-5),
      "distance of the exact polar factor from its limit, K = 1e3 ‖A‖ over 1e4 ‖A‖": within(9, 11),
    },
  }),
  "training-outliers": claim({
    figure: "training",
    criterion: 7,
    statement: "With one gradient entry in a thousand hit hard, ROOT still trains, Muon hardly does.",
    source: derived("6"),
    measure: (rows) => {
      const hit = (method: Method) => lossOf(rows, 0.001, 1000, method);
      return {
        "mean loss of ROOT, p = 0.001, K = 1000, over Muon's": hit("ROOT") / hit("Muon"),
        "over AdamW's": hit("ROOT") / hit("AdamW"),
        "over Muon's without hits": lossOf(rows, 0, 0, "ROOT") / lossOf(rows, 0, 0, "Muon"),
      };
    },
    expect: {
      "mean loss of ROOT, p = 0.001, K = 1000, over Muon's": atMost(0.35),
      "over AdamW's": atMost(0.8),
      "over Muon's without hits": atMost(2),
    },
    context: (rows) => ({ "loss of ROOT": lossOf(rows, 0.001, 1000, "ROOT") }),
  }),
  "training-tuned": claim({
    figure: "rates",
    criterion: 7,
    statement: "At each optimizer's best learning rate the order is the same: ROOT, AdamW, Muon.",
    source: derived("6"),
    decidedBy: ({ training }) => [[0.001, 1000], [0, 0]].every(([p, k]) => gridOf(training, p, k).length > 0),
    measure: ({ training }) => {
      const hit = tuned(training, 0.001, 1000);
      const clean = tuned(training, 0, 0);
      return {
        "loss at the best rate, p = 0.001, K = 1000: ROOT over AdamW": hit.loss("ROOT") / hit.loss("AdamW"),
        "AdamW over Muon": hit.loss("AdamW") / hit.loss("Muon"),
        "ROOT over Muon without hits": clean.loss("ROOT") / clean.loss("Muon"),
        "best rates at an edge of the grid": hit.atEdge + clean.atEdge,
      };
    },
    expect: {
      "loss at the best rate, p = 0.001, K = 1000: ROOT over AdamW": below(1),
      "AdamW over Muon": below(1),
      "ROOT over Muon without hits": atMost(2),
      "best rates at an edge of the grid": within(0, 0),
    },
  }),
  "honest-adam": claim({
    figure: "training",
    criterion: 8,
    statement: "A limit of the method: with one entry in a hundred hit, AdamW beats ROOT clearly.",
    source: derived("6"),
    measure: (rows) => {
      const best = gridOf(rows.training, 0.01, 100).length > 0 ? [tuned(rows.training, 0.01, 100)] : [];
      return {
        "loss of ROOT over AdamW's, p = 0.01, K = 100, at the protocol's rates and at the best ones": [
          lossOf(rows, 0.01, 100, "ROOT") / lossOf(rows, 0.01, 100, "AdamW"),
          ...best.map(({ loss }) => loss("ROOT") / loss("AdamW")),
        ],
      };
    },
    expect: {
      "loss of ROOT over AdamW's, p = 0.01, K = 100, at the protocol's rates and at the best ones": above(2),
    },
  }),
  "clip-first": claim({
    figure: "training",
    criterion: 8,
    statement: "Clipping the gradient before the momentum, instead of the momentum, cures it.",
    source: derived("11"),
    measure: (rows) => {
      const loss = (method: Method) => lossOf(rows, 0.01, 100, method);
      return {
        "loss, p = 0.01, K = 100, over ROOT's": loss("clip before momentum") / loss("ROOT"),
        "over AdamW's": loss("clip before momentum") / loss("AdamW"),
      };
    },
    expect: { "loss, p = 0.01, K = 100, over ROOT's": below(1), "over AdamW's": below(1) },
  }),
  "mixed-fit": claim({
    figure: "schedules",
    statement:
      "Fitted to one part of momentum and three of random matrices, the mean is better than Muon's, many single " +
      "steps are not.",
    source: derived("6"),
    measure: (rows) => ({
      "mean error over Muon's, every layer and pair": ratiosTo(rows, "fitted to a 1:3 mix", "Muon"),
      "share of the checkpoints below Muon": winsOver(rows, "fitted to a 1:3 mix", "Muon"),
    }),
    expect: {
      "mean error over Muon's, every layer and pair": below(1),
      "share of the checkpoints below Muon": below(0.9),
    },
  }),
  "gaussian-fit": claim({
    figure: "schedules",
    statement:
      "Fitted to random matrices alone, coefficients are nearly exact on those and bad on real momentum.",
    source: derived("6"),
    measure: (rows) => ({
      "error on Gaussian 64 × 256": rows.fit.filter(({ schedule }) => schedule === "fitted to Gaussians")
        .map(({ error }) => error),
      "on momenta, over Muon's": ratiosTo(rows, "fitted to Gaussians", "Muon"),
    }),
    expect: { "error on Gaussian 64 × 256": below(1e-3), "on momenta, over Muon's": above(2) },
  }),
  "per-step": claim({
    figure: "schedules",
    statement:
      "A triple for each step instead of one for each shape is better still, and needs no calibration.",
    source: derived("11"),
    measure: (rows) => ({
      "mean error over AdaNewton's, every layer and pair: You": ratiosTo(rows, "You", "AdaNewton"),
      "Polar Express": ratiosTo(rows, "Polar Express", "AdaNewton"),
    }),
    expect: {
      "mean error over AdaNewton's, every layer and pair: You": below(1),
      "Polar Express": below(1),
    },
  }),
  breakdown: claim({
    figure: "breakdown",
    statement:
      "Momentum remembers a hit until it has decayed below the threshold, so the threshold breaks down at a " +
      "probability that can be computed.",
    source: derived("11"),
    measure: (rows) => ({
      "probability at which the threshold has doubled, over that of the law": crossings(rows)
        .map(({ measured, predicted }) => measured / predicted),
    }),
    expect: {
      "probability at which the threshold has doubled, over that of the law": near(1, { relative: 0.15 }),
    },
    context: (rows) => ({ "doubled at p =": crossings(rows).map(({ measured }) => measured) }),
  }),
}));

/** Errors of protocol B by pair of seeds and layer, in the order of the steps. */
function panelsOf({ precision }: Rows): ((schedule: Schedule) => number[])[] {
  const keyOf = ({ calibration, layer }: { calibration: number; layer: number }) => `${calibration}|${layer}`;
  return [...new Set(precision.map(keyOf))].map((key) => {
    const own = precision.filter((row) => keyOf(row) === key);
    return (schedule) => own.filter((row) => row.schedule === schedule).map(({ error }) => error);
  });
}

/** Share of checkpoints at which one schedule is below another, by panel. */
function winsOver(rows: Rows, schedule: Schedule, other: Schedule): number[] {
  return panelsOf(rows).map((errors) => {
    const theirs = errors(other);
    return mean(errors(schedule).map((error, i) => Number.isNaN(error) ? NaN : error < theirs[i] ? 1 : 0));
  });
}

/** Means over the checkpoints of one schedule over those of another, by panel. */
function ratiosTo(rows: Rows, schedule: Schedule, other: Schedule): number[] {
  return panelsOf(rows).map((errors) => mean(errors(schedule)) / mean(errors(other)));
}

/** Cosines in the draws of protocol C. */
function cosinesOf({ outlier }: Rows, wanted: Row<"outlier">["method"], at: number): number[] {
  return outlier.filter(({ method, size }) => method === wanted && size === at).map(({ cosine }) => cosine);
}

/** Mean final loss at the protocol's learning rates; a diverged run is infinite. */
function lossOf({ training }: Rows, probability: number, size: number, method: Method): number {
  return mean(
    training.filter((row) =>
      row.probability === probability && row.size === size && row.method === method && row.ratio === 1
    ).map(({ loss }) => loss ?? Infinity),
  );
}

/** Mean losses at each method's best rate, and how many of these are at an edge of the grid. */
function tuned(training: Rows["training"], probability: number, size: number) {
  const best = tuneLearningRates(
    gridOf(training, probability, size)
      .map(({ method, loss, ...row }) => ({ ...row, optimizer: method, loss: loss ?? Infinity })),
  );
  return {
    loss: (method: Method) => best.find(({ optimizer }) => optimizer === method)!.mean,
    atEdge: best.filter(({ atEdge }) => atEdge).length,
  };
}

/** Where the thresholds of the breakdown have doubled, by setting. */
function crossings({ breakdown }: Rows): { measured: number; predicted: number }[] {
  const own = breakdown.filter(({ clip }) => clip === "momentum");
  const keyOf = ({ size, quantile }: { size: number; quantile: number }) => `${size}|${quantile}`;
  return [...new Set(own.map(keyOf))].map((key) => {
    const curve = own.filter((row) => keyOf(row) === key);
    return {
      measured: crossing(curve.map((row) => [row.probability, row.inflation ?? NaN])),
      predicted: crossing(curve.map((row) => [row.probability, row.predicted ?? NaN])),
    };
  });
}

/** Where a curve reaches 2, on logarithmic axes. */
function crossing(points: [x: number, y: number][]): number {
  const i = points.findIndex(([, y]) => y >= 2);
  if (i < 1) return NaN;
  const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
  const t = Math.log(2 / y0) / Math.log(y1 / y0);
  return x0 * (x1 / x0) ** t;
}

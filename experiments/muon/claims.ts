/** What must be seen, as data: notes 7 numbers the criteria. */
import {
  above,
  atMost,
  below,
  defineClaims,
  derived,
  distinct,
  fromTable,
  mean,
  near,
  type RowTable,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { type TunedRun, tuneLearningRates } from "../../lib/training/mod.ts";
import type { MemoryKind, Row } from "./rows.ts";

export const claims = defineClaims<Row>((claim) => ({
  "rare-directions": claim({
    figure: "rareDirections",
    criterion: 1,
    headline: true,
    statement:
      "Muon learns the rarest quarter of the facts as fast as the rest, in any basis; SGD never does, Adam not " +
      "in a random basis.",
    source: derived("6"),
    measure: ({ bases }) => ({
      "loss of the tail over the mean loss, every learning rate: Muon on the axes": ratios(bases, "Muon", 0),
      "Muon in a random basis": ratios(bases, "Muon", "random"),
      "Adam in a random basis": ratios(bases, "Adam", "random"),
      "SGD on the axes": ratios(bases, "SGD", 0),
      "SGD in a random basis": ratios(bases, "SGD", "random"),
      "difference of Muon's loss curves in the two bases": curveDistances(bases, "Muon"),
    }),
    expect: {
      "loss of the tail over the mean loss, every learning rate: Muon on the axes": below(1.1),
      "Muon in a random basis": below(1.1),
      "Adam in a random basis": above(2),
      "SGD on the axes": above(2),
      "SGD in a random basis": above(2),
      "difference of Muon's loss curves in the two bases": atMost(1e-9),
    },
  }),
  "adam-on-axes": claim({
    figure: "rareDirections",
    criterion: 1,
    statement: "Adam treats all facts alike where each has a coordinate of its own, and only there.",
    source: derived("6"),
    measure: ({ bases }) => ({
      "loss of the tail over the mean loss, Adam: on the axes": ratios(bases, "Adam", 0),
      "in a random basis": ratios(bases, "Adam", "random"),
    }),
    expect: {
      "loss of the tail over the mean loss, Adam: on the axes": near(1, { absolute: 0.005 }),
      "in a random basis": above(2),
    },
  }),
  rotation: claim({
    figure: "rotation",
    criterion: 1,
    statement:
      "Turning the basis away from the axes undoes Adam's advantage, while Muon and SGD do not move.",
    source: theorem("NS(QGR) = Q NS(G) R for orthogonal Q and R", { notes: "8" }),
    measure: ({ angles }) => {
      const adam = ofOptimizer(angles, "Adam");
      const axes = adam.filter(({ turn }) => turn === 0);
      return {
        "tail over mean loss, range over all angles: Muon": range(ratios(angles, "Muon")),
        "SGD": range(ratios(angles, "SGD")),
        "rise from the axes, Adam": range(ratios(adam, "Adam")) + Math.min(...ratios(adam, "Adam")) -
          Math.max(...ratios(axes, "Adam")),
      };
    },
    expect: {
      "tail over mean loss, range over all angles: Muon": below(1e-9),
      "SGD": below(1e-9),
      "rise from the axes, Adam": above(0.5),
    },
  }),
  "other-sizes": claim({
    figure: "ripple",
    criterion: 1,
    statement:
      "With the exact polar factor the tail is level at every size; five Newton-Schulz steps ripple around it, " +
      "far below SGD.",
    source: derived("7"),
    measure: ({ sizes }) => {
      const muon = ratios(sizes, "Muon");
      return {
        "tail over mean loss: exact polar factor": ratios(sizes, "exact polar"),
        "Muon, over SGD's": ofOptimizer(sizes, "Muon").map(({ facts, ratio }) =>
          ratio / (ofOptimizer(sizes, "SGD").find((row) => row.facts === facts)?.ratio ?? NaN)
        ),
        "Muon's least": Math.min(...muon),
        "Muon's largest": Math.max(...muon),
      };
    },
    expect: {
      "tail over mean loss: exact polar factor": within(1.01, 1.04),
      "Muon, over SGD's": atMost(0.65),
      "Muon's least": below(1),
      "Muon's largest": above(1.1),
    },
  }),
  band: claim({
    figure: "scalarMap",
    criterion: 2,
    statement: "Five steps send every singular value above 0.003 into a band around 1 and none above 1.2024.",
    source: theorem("Extremes of the quintic; the band [0.6818, 1.1344] is mapped into itself", {
      notes: "3.2",
    }),
    measure: ({ extremes }) => {
      const of = (lower: number) => extremeOf(extremes, "muon5", 5, lower);
      return {
        "largest value over [0, 1]": of(1e-12).most,
        "least over [0.003, 1]": of(0.003).least,
        "largest over [0.003, 1]": of(0.003).most,
        "largest over [0.01, 1]": of(0.01).most,
      };
    },
    expect: {
      "largest value over [0, 1]": atMost(1.2023686052),
      "least over [0.003, 1]": above(0.6818314),
      "largest over [0.003, 1]": below(1.2023687),
      "largest over [0.01, 1]": near(1.1343573, { absolute: 1e-6 }),
    },
  }),
  "singular-values": claim({
    figure: null,
    statement: "Newton-Schulz keeps the singular vectors and maps each singular value alone.",
    source: theorem("X = U φ(Σ) Vᵀ, for all schedules on Gaussian 64 × 64 and 64 × 256", { notes: "3.2" }),
    measure: ({ spectrum }) => ({
      "largest difference of UᵀXV and diag(φ(σ))": spectrum.map(({ deviation }) => deviation),
    }),
    expect: { "largest difference of UᵀXV and diag(φ(σ))": atMost(1e-12) },
  }),
  "root-mean-square": claim({
    figure: "shapes",
    criterion: 3,
    statement:
      "A polar factor's root mean square is 1/√max(m, n), √(r/mn) at rank r; times 0.2 √max(m, n) it is 0.2 " +
      "for every shape.",
    source: theorem("Lemma 1 of arXiv 2502.16982", { notes: "3.3" }),
    measure: ({ rms }) => {
      const exact = rms.filter(({ method }) => method === "exact");
      const full = exact.filter(isOfFullRank);
      const low = exact.filter((row) => !isOfFullRank(row));
      const deviation = ({ rank, rows, columns, rms }: Row<"rms">) =>
        Math.abs(rms / Math.sqrt(rank / (rows * columns)) - 1);
      return {
        "relative deviation at full rank": full.map(deviation),
        "at low rank, Polar Express": low.map(deviation),
        "scaled to match AdamW": full.map(({ rms, rows, columns }) =>
          rms * 0.2 * Math.sqrt(Math.max(rows, columns))
        ),
      };
    },
    expect: {
      "relative deviation at full rank": atMost(1e-12),
      "at low rank, Polar Express": atMost(1e-7),
      "scaled to match AdamW": near(0.2, { absolute: 1e-12 }),
    },
  }),
  "root-mean-square-five": claim({
    figure: "shapes",
    criterion: 3,
    statement:
      "Five steps on Gaussian matrices give, on average, the fraction of it that random-matrix theory predicts.",
    source: derived("7"),
    measure: ({ rms }) => ({
      "mean over matrices, 64 × 64": mean(fiveSteps(rms, 64, 64)),
      "128 × 512": mean(fiveSteps(rms, 128, 512)),
      "256 × 1024": mean(fiveSteps(rms, 256, 1024)),
    }),
    expect: {
      "mean over matrices, 64 × 64": near(0.8756, { absolute: 0.01 }),
      "128 × 512": near(0.8663, { absolute: 0.01 }),
      "256 × 1024": near(0.9554, { absolute: 0.01 }),
    },
    context: ({ rms }) => ({ "single matrices of 64 × 64": fiveSteps(rms, 64, 64) }),
  }),
  generator: claim({
    figure: null,
    criterion: 4,
    statement: "Greedy minimax quintics reproduce the published Polar Express coefficients.",
    source: fromTable("arXiv 2505.16932, coefficients for ℓ = 0.001", { notes: "3.5" }),
    measure: ({ triple }) => {
      const of = (number: number) => triple.find((row) => row.triple === number)?.difference ?? NaN;
      return {
        "relative difference: triples 1 to 6": [1, 2, 3, 4, 5, 6].map(of),
        "7th": of(7),
        "8th, which the table rounds": of(8),
      };
    },
    expect: {
      "relative difference: triples 1 to 6": atMost(1e-12),
      "7th": below(1e-10),
      "8th, which the table rounds": below(1e-8),
    },
  }),
  schedules: claim({
    figure: "scalarMap",
    criterion: 5,
    statement:
      "Schedules of minimax polynomials converge where Muon's own only lands in a band; the cubic hardly starts.",
    source: derived("7"),
    measure: ({ extremes }) => {
      const worst = (schedule: string, steps: number, lower: number) => {
        const { least, most } = extremeOf(extremes, schedule, steps, lower);
        return Math.max(1 - least, most - 1);
      };
      return {
        "largest |φ − 1|: Polar Express on [0.001, 1], 5 steps": worst("polarExpress8", 5, 1e-3),
        "8 steps": worst("polarExpress8", 8, 1e-3),
        "You's on [0.01, 1]": worst("you5", 5, 0.01),
        // The cubic's map is increasing on [0, 1]: its least value is that at the lower end.
        "the cubic's value at 0.001": extremeOf(extremes, "cubic", 5, 1e-3).least,
      };
    },
    expect: {
      "largest |φ − 1|: Polar Express on [0.001, 1], 5 steps": near(0.123559, { absolute: 1e-6 }),
      "8 steps": below(1e-8),
      "You's on [0.01, 1]": near(0.031775, { absolute: 1e-6 }),
      "the cubic's value at 0.001": near(0.0075936353, { absolute: 1e-9 }),
    },
  }),
  digits: claim({
    figure: "best",
    criterion: 6,
    statement: "After 100 steps on handwritten digits Muon's loss is far below tuned Adam's and SGD's.",
    source: derived("6"),
    measure: ({ digits }) => {
      const { muon, adam, sgd } = tuned(digits);
      return {
        "mean loss, each at its best learning rate, over Adam's": muon.mean / adam.mean,
        "over SGD's": muon.mean / sgd.mean,
        "best rates at an edge of their grid": [muon, adam, sgd].filter(({ atEdge }) => atEdge).length,
      };
    },
    expect: {
      "mean loss, each at its best learning rate, over Adam's": atMost(0.6),
      "over SGD's": atMost(0.6),
      "best rates at an edge of their grid": atMost(0),
    },
    context: ({ digits }) => {
      const { muon, adam, sgd } = tuned(digits);
      return { "Muon": muon.losses, "Adam": adam.losses, "SGD": sgd.losses };
    },
  }),
  "momentum-forms": claim({
    figure: null,
    criterion: 7,
    statement: "Averaged and summed momentum are the same optimizer: Newton-Schulz forgets the scale.",
    source: theorem("NS(cG) = NS(G) for c > 0, up to eps", { notes: "3.1" }),
    measure: ({ forms }) => ({
      "relative difference of ten updates": forms.map(({ difference }) => difference),
    }),
    expect: { "relative difference of ten updates": below(1e-6) },
  }),
}));

/** The memory's runs with one optimizer. */
export function ofOptimizer<Run extends Row<MemoryKind>>(
  runs: readonly Run[],
  optimizer: string,
  turn?: Run["turn"],
): Run[] {
  return runs.filter((row) => row.optimizer === optimizer && (turn === undefined || row.turn === turn));
}

function ratios(
  runs: readonly Row<MemoryKind>[],
  optimizer: string,
  turn?: Row<MemoryKind>["turn"],
): number[] {
  return ofOptimizer(runs, optimizer, turn).map(({ ratio }) => ratio);
}

function range(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}

/** Largest differences of an optimizer's loss curves, of mean and tail, between axes and random bases: one per seed. */
function curveDistances(bases: readonly Row<MemoryKind>[], optimizer: string): number[] {
  return distinct(bases, "seed").map((seed) => {
    const [axes, random] = ([0, "random"] as const).map((turn) =>
      ofOptimizer(bases, optimizer, turn).find((row) => row.seed === seed && row.curve !== null)?.curve ?? []
    );
    if (axes.length === 0 || axes.length !== random.length) return Infinity;
    return Math.max(...axes.flatMap((point, i) => point.map((loss, j) => Math.abs(loss - random[i][j]))));
  });
}

function extremeOf(
  extremes: readonly Row<"extremes">[],
  schedule: string,
  steps: number,
  lower: number,
): Row<"extremes"> {
  return extremes.find((row) => row.schedule === schedule && row.steps === steps && row.lower === lower)!;
}

export function isOfFullRank({ rows, columns, rank }: Row<"rms">): boolean {
  return rank === Math.min(rows, columns);
}

/** Root mean squares after five steps over those of the polar factor. */
function fiveSteps(rms: readonly Row<"rms">[], m: number, n: number): number[] {
  return rms.filter((row) =>
    row.method === "muon5" && row.rows === m && row.columns === n && isOfFullRank(row)
  ).map((row) => row.rms * Math.sqrt(Math.max(m, n)));
}

/** The runs on digits as the tuning reads them. */
export function tunedRuns(runs: readonly Row<"digits">[], batch = 128, steps = 100): TunedRun[] {
  return runs.filter((row) => row.batch === batch && row.steps === steps)
    .map(({ loss, ...row }) => ({ ...row, loss: loss ?? Infinity }));
}

function tuned(digits: RowTable<Row>["digits"]) {
  const all = tuneLearningRates(tunedRuns(digits));
  const of = (name: string) => all.find(({ optimizer }) => optimizer === name)!;
  return { muon: of("Muon"), adam: of("Adam"), sgd: of("SGD") };
}

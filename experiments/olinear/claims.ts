/** What must be seen, as data: notes 7 numbers the criteria. */
import {
  above,
  atLeast,
  atLeastSeeds,
  atMost,
  below,
  defineClaims,
  derived,
  distinct,
  fromFigure,
  fromTable,
  mean,
  near,
  type RowTable,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import type { VariateMixer } from "../../lib/forecasting/mod.ts";
import type { BasisName, Row, Task } from "./rows.ts";

/** Shares of 8 of 96 coefficients, computed in another language to six digits: notes 7. */
const SHARES: Record<string, Partial<Record<BasisName, number>>> = {
  "0.5": { OrthoTrans: .238191, DCT: .235259, Fourier: .236550, "complex Fourier": .236181 },
  "0.9": { OrthoTrans: .748695, DCT: .746436, Fourier: .736827, "complex Fourier": .734182 },
  "0.99": { OrthoTrans: .974200, DCT: .974168, Fourier: .961637, "complex Fourier": .959736 },
};
/** What is left off the diagonal for rho = 0.9 and size 96: notes 7. */
const LEFT: Partial<Record<BasisName, number>> = { DCT: .1735, Fourier: .2006, "complex Fourier": .2153 };

/** Tasks where most of the variance is in few coefficients. */
const SMOOTH: Task[] = ["hourly 96 → 24", "jobs 12 → 12"];
const DAILY: Task[] = ["daily 96 → 24", "daily 96 → 96"];

export const claims = defineClaims<Row>((claim) => ({
  decorrelates: claim({
    figure: "correlation",
    criterion: 1,
    headline: true,
    statement:
      "The eigenbasis of the temporal correlation matrix leaves no correlation between coefficients; the cosine " +
      "and Fourier bases leave some.",
    source: theorem("section 4.1, the definition of OrthoTrans", { notes: "3.1" }),
    measure: ({ basis }) => {
      const learned = basis.filter((row) => row.basis === "OrthoTrans");
      const others = processAt(basis, 0.9).filter((row) => row.basis in LEFT);
      return {
        "off-diagonal share of OrthoTrans": learned.map((row) => row.offDiagonal),
        "distance of Q Qᵀ from I": learned.map((row) => row.orthogonality),
        "sum of the eigenvalues over T": learned.map((row) => row.trace),
        "off-diagonal shares of DCT and Fourier minus the known ones": others.map((row) =>
          row.offDiagonal - LEFT[row.basis]!
        ),
      };
    },
    expect: {
      "off-diagonal share of OrthoTrans": below(1e-12),
      "distance of Q Qᵀ from I": below(1e-12),
      "sum of the eigenvalues over T": near(1, { absolute: 1e-12 }),
      "off-diagonal shares of DCT and Fourier minus the known ones": near(0, { absolute: 1e-4 }),
    },
  }),
  compacts: claim({
    figure: "energy",
    criterion: 2,
    statement: "No orthonormal basis has a larger share of the variance in k coefficients, for any k.",
    source: derived("3.1"),
    measure: ({ basis }) => ({
      "smallest lead of OrthoTrans in share": basis.map((row) => row.lead),
      "shares of 8 coefficients minus the known ones": Object.entries(SHARES).flatMap(([rho, shares]) =>
        processAt(basis, Number(rho)).filter((row) => row.basis in shares)
          .map((row) => row.top8 - shares[row.basis]!)
      ),
    }),
    expect: {
      "smallest lead of OrthoTrans in share": atLeast(-1e-12),
      "shares of 8 coefficients minus the known ones": near(0, { absolute: 1e-6 }),
    },
  }),
  "descent-is-blind": claim({
    figure: "optimizer",
    criterion: 3,
    statement:
      "Full-batch gradient descent on a linear forecaster takes the same path in every orthonormal basis: OrthoTrans " +
      "cannot help it.",
    source: derived("3.3"),
    measure: ({ descent }) => ({
      "largest difference of test errors, relative": descent
        .filter((row) => row.basis !== "time").map((row) => row.difference),
    }),
    expect: { "largest difference of test errors, relative": atMost(1e-10) },
  }),
  "adam-gains": claim({
    figure: "pays",
    criterion: 4,
    statement:
      "Adam, which scales each coordinate by itself, forecasts smooth series better in the eigenbasis.",
    source: fromTable("OrthoTrans as a plug-in, RLinear", { notes: "6" }),
    decidedBy: ({ fit }) => SMOOTH.every((task) => complete(fit, task)),
    measure: ({ fit }) => ({
      "error over that in time: hourly normals, employment 12 → 12": SMOOTH.map((task) =>
        bestError(fit, task, "OrthoTrans") / bestError(fit, task, "time")
      ),
    }),
    expect: { "error over that in time: hourly normals, employment 12 → 12": atMost(0.95) },
  }),
  "as-good-as-cosine": claim({
    figure: null,
    criterion: 4,
    statement: "The learned basis is nowhere worse than the cosine basis, which needs no data.",
    source: fromFigure("the comparison of bases", { notes: "6" }),
    decidedBy: ({ fit }) => SMOOTH.every((task) => complete(fit, task)),
    measure: ({ fit }) => ({
      "error over that of the DCT": distinct(fit, "task").map((task) =>
        bestError(fit, task, "OrthoTrans") / bestError(fit, task, "DCT")
      ),
    }),
    expect: { "error over that of the DCT": atMost(1.01) },
  }),
  "daily-weather-loses": claim({
    figure: "pays",
    criterion: 4,
    statement: "On daily weather, where half of the variance is spread out, the time domain is better.",
    source: derived("3.3"),
    decidedBy: ({ fit }) => DAILY.every((task) => complete(fit, task)),
    measure: ({ fit }) => ({
      "error over that in time: 96 → 24, 96 → 96": DAILY.map((task) =>
        bestError(fit, task, "OrthoTrans") / bestError(fit, task, "time")
      ),
    }),
    expect: { "error over that in time: 96 → 24, 96 → 96": above(1) },
  }),
  "mixes-as-well": claim({
    figure: "mixers",
    criterion: 5,
    statement: "With 8 series NormLin forecasts as well as attention, whose matrices it halves.",
    source: fromTable("the ablation of NormLin", { notes: "6" }),
    decidedBy: ({ training }) =>
      ["normlin", "attention"].every((mixer) => seedsAt(training, mixer, 8, 400) >= 4),
    measure: ({ training }) => ({
      "mean error minus that of attention": difference(training, "attention", 8, 400),
    }),
    expect: { "mean error minus that of attention": atMost(0.01) },
  }),
  "beats-attention": claim({
    figure: "mixers",
    criterion: 5,
    statement:
      "Over 8 panels of 16 series NormLin forecasts better than attention on the mean, at 400 steps.",
    source: fromTable("the ablation of NormLin", { notes: "6" }),
    decidedBy: ({ training }) =>
      ["normlin", "attention"].every((mixer) => seedsAt(training, mixer, 16, 400) >= 8),
    measure: ({ training }) => ({
      "mean error minus that of attention": difference(training, "attention", 16, 400),
    }),
    expect: { "mean error minus that of attention": below(0) },
  }),
  "mixing-helps-early": claim({
    figure: null,
    criterion: 5,
    statement:
      "At 200 steps mixing by NormLin is at least as good as none, on the mean over 8 panels of 16 series.",
    source: fromTable("the ablation of NormLin", { notes: "6" }),
    decidedBy: ({ training }) => ["normlin", "none"].every((mixer) => seedsAt(training, mixer, 16, 200) >= 8),
    measure: ({ training }) => ({
      "mean error minus that without mixing": difference(training, "none", 16, 200),
    }),
    expect: { "mean error minus that without mixing": atMost(0) },
  }),
  stochastic: claim({
    figure: null,
    criterion: 6,
    statement: "A trained NormLin is a positive matrix whose rows sum to one, so its spectral radius is 1.",
    source: theorem("section 4.3, the definition of NormLin", { notes: "3.2" }),
    measure: ({ training }) => {
      const rows = training.filter((row) => row.mixer === "normlin");
      return {
        "largest distance of a row sum from 1": rows.map((row) => row.rowSum),
        "smallest entry": rows.map((row) => row.smallestEntry),
        "spectral radius": rows.map((row) => row.radius),
      };
    },
    expect: {
      "largest distance of a row sum from 1": atMost(1e-6),
      "smallest entry": above(0),
      "spectral radius": near(1, { absolute: 1e-6 }),
    },
  }),
  "half-the-products": claim({
    figure: null,
    criterion: 7,
    statement: "NormLin needs exactly half of the multiply-adds of attention, softmax excluded.",
    source: derived("3.2"),
    measure: ({ cost }) => ({
      "attention over NormLin": cost.map((row) => row.attention / row.normLin),
      "NormLin, 7 and 321 series, D = 512": cost.filter((row) => row.variates !== 21)
        .map((row) => row.normLin / (row.variates === 7 ? 3695104 : 221053440)),
    }),
    expect: {
      "attention over NormLin": within(2, 2),
      "NormLin, 7 and 321 series, D = 512": within(1, 1),
    },
  }),
  "higher-rank": claim({
    figure: "ranks",
    criterion: 8,
    statement: "NormLin mixes by a matrix of higher effective rank than attention.",
    source: fromFigure("ranks of attention and NormLin matrices", { notes: "6" }),
    decidedBy: ({ training }) => atLeastSeeds(training.filter((row) => row.mixer === "attention"), 3),
    measure: ({ training }) => {
      const last = training.filter((row) => row.steps === 400 && row.basis === "OrthoTrans");
      const attention = last.filter((row) => row.mixer === "attention");
      return {
        "effective rank over that of attention": attention.map((row) =>
          last.find((other) =>
            other.mixer === "normlin" && other.seed === row.seed && other.variates === row.variates
          )!.effectiveRank / row.effectiveRank
        ),
      };
    },
    expect: { "effective rank over that of attention": atLeast(1.5) },
  }),
}));

function processAt(rows: readonly Row<"basis">[], rho: number): Row<"basis">[] {
  return rows.filter((row) => row.source === "process" && row.rho === rho);
}

/** Whether a task was run in all bases, with 3 seeds and six learning rates. */
function complete(fit: RowTable<Row>["fit"], task: Task): boolean {
  const rows = fit.filter((row) => row.task === task);
  return atLeastSeeds(rows, 3) && distinct(rows, "learningRate").length >= 6;
}

/** Mean error over seeds at the learning rate where it is smallest. */
export function bestError(fit: readonly Row<"fit">[], task: Task, basis: BasisName): number {
  const rows = fit.filter((row) => row.task === task && row.basis === basis);
  return Math.min(
    ...distinct(rows, "learningRate").map((rate) =>
      mean(rows.filter((row) => row.learningRate === rate).map(({ mse }) => mse))
    ),
  );
}

function trainedAt(
  training: readonly Row<"training">[],
  mixer: string,
  variates: number,
  steps: number,
): Row<"training">[] {
  return training.filter((row) =>
    row.mixer === mixer && row.variates === variates && row.steps === steps && row.basis === "OrthoTrans"
  );
}

function seedsAt(
  training: readonly Row<"training">[],
  mixer: string,
  variates: number,
  steps: number,
): number {
  return distinct(trainedAt(training, mixer, variates, steps), "seed").length;
}

/** Mean error of NormLin minus that of another mixer, on the same panels. */
function difference(
  training: readonly Row<"training">[],
  other: VariateMixer,
  variates: number,
  steps: number,
): number {
  const errors = (mixer: VariateMixer) => trainedAt(training, mixer, variates, steps).map(({ mse }) => mse);
  return mean(errors("normlin")) - mean(errors(other));
}

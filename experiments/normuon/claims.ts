/** What must be seen, as data: notes 7 numbers the criteria; number 7 is proved in test/optimizers/normuon_test.ts. */
import { mean } from "simple-statistics";
import {
  above,
  atLeast,
  atMost,
  below,
  defineClaims,
  derived,
  distinct,
  fromFigure,
  near,
  type RowTable,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { tuneLearningRates } from "../../lib/training/mod.ts";
import type { Method } from "./methods.ts";
import type { Row } from "./rows.ts";

export const claims = defineClaims<Row>((claim) => ({
  "even-neurons": claim({
    figure: "key",
    criterion: 1,
    headline: true,
    statement: "Muon moves some neurons much further than others; NorMuon moves all of them alike.",
    source: fromFigure("Figure 1(b)"),
    measure: ({ spread }) => ({
      "variation of the neurons' update norms, tall layer, over Muon's, every seed": ratios(
        ofTallLayer(spread, "NorMuon", "variation"),
        ofTallLayer(spread, "Muon", "variation"),
      ),
    }),
    expect: { "variation of the neurons' update norms, tall layer, over Muon's, every seed": atMost(0.55) },
    context: ({ spread }) => ({
      "NorMuon": ofTallLayer(spread, "NorMuon", "variation"),
      "Muon": ofTallLayer(spread, "Muon", "variation"),
    }),
  }),
  conditioning: claim({
    figure: "key",
    criterion: 2,
    statement: "Normalizing the neurons costs none of Muon's conditioning, which SGD and Adam are far from.",
    source: fromFigure("Figure 1(a)"),
    measure: ({ spread }) => {
      const overMuon = (optimizer: Method) =>
        ratios(ofTallLayer(spread, optimizer, "condition"), ofTallLayer(spread, "Muon", "condition"));
      return {
        "condition number of the update over Muon's: NorMuon": overMuon("NorMuon"),
        "Adam": overMuon("Adam"),
        "SGD": overMuon("SGD"),
      };
    },
    expect: {
      "condition number of the update over Muon's: NorMuon": atMost(1.3),
      "Adam": atLeast(20),
      "SGD": atLeast(80),
    },
  }),
  "first-step": claim({
    figure: null,
    criterion: 3,
    statement: "At the first step all neurons' updates have the same norm, ‖O‖/√m, whatever the gradient.",
    source: theorem("Algorithm 1 with v₀ = 0"),
    measure: ({ identity }) => ({
      "relative deviation, ε = 1e-12": identity.map(({ firstStepSmallEps }) => firstStepSmallEps),
    }),
    expect: { "relative deviation, ε = 1e-12": atMost(1e-8) },
    context: ({ identity }) => ({ "with the default ε = 1e-10": identity.map(({ firstStep }) => firstStep) }),
  }),
  leverage: claim({
    figure: "leverage",
    criterion: 4,
    statement:
      "Why: the squared row norms of a tall polar factor are the leverage scores of the momentum, which are " +
      "unequal even for noise.",
    source: theorem("O = UVᵀ and the projection UUᵀ; scores of Gaussian rows are Beta(n/2, (m − n)/2)", {
      notes: "3.3",
    }),
    measure: ({ gaussian, leverage }) => ({
      "largest difference, Gaussian matrices": gaussian.map(({ error }) => error),
      "largest difference, trained momentum": leverage.map((row) =>
        Math.max(...row.leverage.map((score, i) => Math.abs(score - row.exact[i])))
      ),
      "variation of the scores of Gaussian 256 × 64 matrices": gaussian.length === 0
        ? NaN
        : mean(gaussian.map(({ variation }) => variation)),
    }),
    expect: {
      "largest difference, Gaussian matrices": atMost(1e-10),
      "largest difference, trained momentum": atMost(1e-10),
      "variation of the scores of Gaussian 256 × 64 matrices": near(0.1525, { absolute: 0.02 }),
    },
  }),
  "same-length": claim({
    figure: null,
    criterion: 5,
    statement:
      "NorMuon spends exactly Muon's step length (official code), or a root mean square of 0.2 η (paper).",
    source: theorem("Official code; Algorithm 1"),
    measure: ({ identity }) => ({
      "relative deviation, every step: code": identity.map(({ length }) => length),
      "paper": identity.map(({ paperLength }) => paperLength),
    }),
    expect: { "relative deviation, every step: code": atMost(1e-8), "paper": atMost(1e-8) },
  }),
  travel: claim({
    figure: "travel",
    criterion: 6,
    statement:
      "On a quadratic with unequal neurons, steps of the same total length are spent evenly; along the wrong " +
      "axis nothing is gained.",
    source: derived("6"),
    measure: ({ travel }) => ({
      "variation of travel: NorMuon": travelled(travel, "NorMuon").map(({ variation }) => variation),
      "Muon and wrong axis": [...travelled(travel, "Muon"), ...travelled(travel, "wrong axis")]
        .map(({ variation }) => variation),
      "error of the lightest quarter: NorMuon": travelled(travel, "NorMuon").map(({ lightError }) =>
        lightError
      ),
      "Muon": travelled(travel, "Muon").map(({ lightError }) => lightError),
    }),
    expect: {
      "variation of travel: NorMuon": below(0.03),
      "Muon and wrong axis": above(0.45),
      "error of the lightest quarter: NorMuon": below(0.85),
      "Muon": above(0.89),
    },
  }),
  "weighted-loss": claim({
    figure: "travel",
    statement:
      "There the weighted loss itself falls less than with Muon, because effort goes to neurons that weigh " +
      "little.",
    source: derived("6"),
    measure: ({ travel }) => ({
      "loss left over Muon's, every seed": ratios(
        travelled(travel, "NorMuon").map(({ lossRatio }) => lossRatio),
        travelled(travel, "Muon").map(({ lossRatio }) => lossRatio),
      ),
    }),
    expect: { "loss left over Muon's, every seed": above(1) },
  }),
  "square-layer": claim({
    figure: null,
    statement:
      "A square layer has far less to gain: all leverage scores are 1, and only Muon's ripple is uneven.",
    source: derived("3.3"),
    measure: ({ travel }) => ({
      "Muon's variation of travel at 64 × 64 over that at 256 × 64": ratios(
        travelled(travel, "Muon", 64).map(({ variation }) => variation),
        travelled(travel, "Muon").map(({ variation }) => variation),
      ),
    }),
    expect: { "Muon's variation of travel at 64 × 64 over that at 256 × 64": atMost(0.3) },
  }),
  precision: claim({
    figure: "precision",
    statement:
      "A more precise polar factor evens out the neurons of wide layers, but never those of tall ones: " +
      "leverage scores stay.",
    source: derived("3.3"),
    measure: ({ precision }) => {
      const sharp = precision.filter(({ schedule, steps }) => schedule === "Polar Express" && steps === 10);
      return {
        "variation after 10 steps of Polar Express, wide": sharp.filter(({ shape }) => shape === "wide")
          .map(({ variation }) => variation),
        "tall, over that of the leverage scores' roots": sharp.filter(({ shape }) => shape === "tall")
          .map(({ variation, limit }) => variation / limit),
      };
    },
    expect: {
      "variation after 10 steps of Polar Express, wide": atMost(1e-3),
      "tall, over that of the leverage scores' roots": within(0.95, 1.05),
    },
  }),
  "dead-neuron": claim({
    figure: "dead",
    statement:
      "A price: a neuron whose gradient has ended is pushed on for longer, since what divides it forgets only " +
      "as fast as the square root.",
    source: derived("11"),
    measure: ({ dead }) => ({
      "decay per step over 0.95, Muon": deadDecay(dead, "Muon") / 0.95,
      "over 0.95/√max(β₂, 0.95²), NorMuon": deadDecay(dead, "NorMuon") /
        (0.95 / Math.sqrt(Math.max(beta2Of(dead), 0.95 ** 2))),
    }),
    expect: {
      "decay per step over 0.95, Muon": near(1, { absolute: 0.001 }),
      "over 0.95/√max(β₂, 0.95²), NorMuon": near(1, { absolute: 0.001 }),
    },
  }),
  training: claim({
    figure: "training",
    criterion: 8,
    statement:
      "At this size NorMuon and Muon train equally well, both far better than Adam: the gain needs language " +
      "models.",
    source: derived("6"),
    measure: ({ training }) => {
      const tuned = training.length === 0 ? [] : tuneLearningRates(training);
      const [adam, muon, normuon] = ["Adam", "Muon", "NorMuon"].map((name) =>
        tuned.find(({ optimizer }) => optimizer === name)!
      );
      return {
        "difference of the mean losses at the best rates, in pooled standard deviations": Math.abs(
          normuon.mean - muon.mean,
        ) / Math.sqrt((muon.sd ** 2 + normuon.sd ** 2) / 2),
        "losses over Adam's": [muon.mean / adam.mean, normuon.mean / adam.mean],
      };
    },
    expect: {
      "difference of the mean losses at the best rates, in pooled standard deviations": atMost(2),
      "losses over Adam's": atMost(0.6),
    },
  }),
}));

/** Mean over the recorded steps of a quantity of the tall hidden layer, one per seed. */
function ofTallLayer(
  spread: readonly Row<"spread">[],
  optimizer: Method,
  field: "variation" | "condition",
): number[] {
  const own = spread.filter((row) => row.optimizer === optimizer && row.layer === 2);
  return distinct(own, "seed").map((seed) =>
    mean(own.filter((row) => row.seed === seed).map((row) => row[field] ?? NaN))
  );
}

function ratios(over: readonly number[], under: readonly number[]): number[] {
  return over.map((value, i) => value / (under[i] ?? NaN));
}

function travelled(travel: RowTable<Row>["travel"], method: Method, outputs = 256): Row<"travel">[] {
  return travel.filter((row) => row.method === method && row.outputs === outputs);
}

function lineOf(dead: readonly Row<"dead">[], method: string): string {
  return dead.find(({ shape, line }) => shape === "tall" && line.startsWith(method))!.line;
}

function beta2Of(dead: readonly Row<"dead">[]): number {
  return Number(lineOf(dead, "NorMuon").split("= ")[1]);
}

/** By which factor a step shrinks the update of a dead neuron, between 100 and 200 steps after its last gradient. */
function deadDecay(dead: readonly Row<"dead">[], method: string): number {
  const line = lineOf(dead, method);
  const at = (step: number) =>
    dead.find((row) => row.shape === "tall" && row.line === line && row.since === step)?.size ?? NaN;
  return (at(200) / at(100)) ** 0.01;
}

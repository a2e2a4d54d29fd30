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
  within,
} from "../../lib/experiment/mod.ts";
import type { Row, Start } from "./rows.ts";

/** Entropy of 1/4, in nats: the loss of the predictor that decides by the digit alone. */
const INVARIANT_RISK = 0.5623351446;

export const claims = defineClaims<Row>((claim) => ({
  "above-random": claim({
    figure: "table",
    headline: true,
    statement:
      "vREx on frozen rich features is better where the color misleads than vREx from a random start.",
    source: fromTable("Table 1, rows vREx"),
    measure: ({ accuracy }) => ({
      "worst accuracy, rich (frozen) minus random, per seed": differences(
        last(accuracy, "rich", "vrex", true),
        last(accuracy, "random", "vrex", false),
      ),
    }),
    expect: { "worst accuracy, rich (frozen) minus random, per seed": atLeast(0.15) },
  }),
  "rich-start": claim({
    figure: "table",
    criterion: 1,
    statement:
      "With rich features vREx is far better than from a random start, better than from the features " +
      "of the first round, and better than chance.",
    source: fromTable("Table 1, rows vREx", { notes: "7" }),
    decidedBy: ({ accuracy }) =>
      hasProtocolSize(accuracy) && atLeastSeeds(last(accuracy, "ERM", "vrex", true), 3),
    measure: ({ accuracy }) => {
      const rich = last(accuracy, "rich", "vrex", true);
      const worst = rich.map((row) => row.worst);
      return {
        "mean of rich (frozen) minus random": mean(
          differences(rich, last(accuracy, "random", "vrex", false)),
        ),
        "mean of rich (frozen) minus first round (frozen)": mean(
          differences(rich, last(accuracy, "ERM", "vrex", true)),
        ),
        "mean of rich (frozen)": mean(worst),
        "rich (frozen), per seed": worst,
      };
    },
    expect: {
      "mean of rich (frozen) minus random": atLeast(0.2),
      "mean of rich (frozen) minus first round (frozen)": atLeast(0.03),
      "mean of rich (frozen)": above(0.53),
      "rich (frozen), per seed": above(0.51),
    },
  }),
  "first-round": claim({
    figure: "rounds",
    criterion: 2,
    statement: "The first round predicts the color.",
    source: derived("8"),
    decidedBy: ({ round }) => hasProtocolSize(round),
    measure: ({ round }) => {
      const rows = ofRound(round, 1);
      return {
        "training accuracy": rows.map(({ accuracy }) => accuracy),
        "agreement with the color": rows.map(({ agreement }) => agreement),
        "accuracy at color flip 0.9": rows.map(({ tests }) => tests[0]),
        "accuracy at color flip 0.1": rows.map(({ tests }) => tests[1]),
      };
    },
    expect: {
      "training accuracy": near(0.85, { absolute: 0.025 }),
      "agreement with the color": atLeast(0.99),
      "accuracy at color flip 0.9": near(0.1, { absolute: 0.02 }),
      "accuracy at color flip 0.1": near(0.9, { absolute: 0.02 }),
    },
  }),
  "second-round": claim({
    figure: "rounds",
    criterion: 3,
    statement:
      "The second round leaves the color: what the first round has right and wrong have about the loss " +
      "of the invariant predictor.",
    source: derived("8"),
    decidedBy: ({ round }) => hasProtocolSize(round),
    measure: ({ round }) => {
      const rows = ofRound(round, 2);
      return {
        "losses of both groups": rows.flatMap(({ groupLosses }) => groupLosses),
        "difference of their accuracies": rows.map(({ groupAccuracies: [right, wrong] }) =>
          Math.abs(right - wrong)
        ),
        "agreement with the color": rows.map(({ agreement }) => agreement),
      };
    },
    expect: {
      "losses of both groups": near(INVARIANT_RISK, { absolute: 0.15 }),
      "difference of their accuracies": below(0.15),
      "agreement with the color": within(0.55, 0.72),
    },
  }),
  synthesis: claim({
    figure: null,
    criterion: 4,
    statement: "Each head of the synthesis repeats the predictions of its round.",
    source: derived("3.3"),
    decidedBy: ({ round }) => hasProtocolSize(round),
    measure: ({ round }) => ({ "share of equal predictions": round.map(({ repeated }) => repeated) }),
    expect: { "share of equal predictions": atLeast(0.93) },
  }),
  freezing: claim({
    figure: "decay",
    criterion: 5,
    statement: "A whole network forgets a perfect start under vREx; frozen rich features keep more.",
    source: fromFigure("The figure of accuracy against epochs", { notes: "5" }),
    decidedBy: ({ accuracy }) => longGray(accuracy).length > 0 && hasProtocolSize(accuracy),
    measure: ({ accuracy }) => {
      const gray = longGray(accuracy);
      const end = gray.filter(({ final }) => final);
      const start = gray.filter(({ step }) => step === 0);
      const rich = accuracy.filter((row) => row.start === "rich" && row.long && row.final);
      return {
        "lost from a perfect start": differences(start, end),
        "rich (frozen) above its end": differences(rich.filter(({ seed }) => seeds(end).includes(seed)), end),
      };
    },
    expect: { "lost from a perfect start": atLeast(0.2), "rich (frozen) above its end": atLeast(0.15) },
  }),
  "no-penalty": claim({
    figure: "table",
    criterion: 6,
    statement: "Without a penalty rich features are not enough: their mixture follows the color.",
    source: fromTable("Table 1, row ERM"),
    decidedBy: ({ accuracy }) => last(accuracy, "rich", "none", true).length > 0,
    measure: ({ accuracy }) => ({
      "worst accuracy of ERM on rich features": last(accuracy, "rich", "none", true).map(({ worst }) =>
        worst
      ),
    }),
    expect: { "worst accuracy of ERM on rich features": below(0.2) },
  }),
  "vrex-minimum": claim({
    figure: null,
    criterion: 7,
    statement: "In the two-sign model vREx of weight 10⁴ has its minimum next to the invariant predictor.",
    source: derived("8"),
    decidedBy: ({ point }) => hasPaperFlips(point),
    measure: ({ point }) => {
      const { a, b } = pointOf(point, "minimum", "vrex", 1e4);
      return { "a": a, "b": b };
    },
    expect: {
      "a": near(1.0986123, { absolute: 1e-6 }),
      "b": near(0.0092715, { absolute: 1e-6 }),
    },
  }),
  trap: claim({
    figure: "trap",
    criterion: 8,
    statement:
      "In the two-sign model gradient descent on IRMv1 stays at its start for weight 1000, and leaves " +
      "it for weight 300.",
    source: derived("8"),
    decidedBy: ({ point }) => hasPaperFlips(point),
    measure: ({ point }) => {
      const held = pointOf(point, "descent", "irmv1", 1000);
      const free = pointOf(point, "descent", "irmv1", 300);
      return {
        "distance from the origin, weight 1000": Math.hypot(held.a, held.b),
        "risks there minus log 2": held.risks.map((risk) => risk - Math.LN2),
        "a, weight 300": free.a,
        "b, weight 300": free.b,
      };
    },
    expect: {
      "distance from the origin, weight 1000": atMost(0.01),
      "risks there minus log 2": within(-0.005, 0.005),
      "a, weight 300": near(1.40415, { absolute: 1e-4 }),
      "b, weight 300": near(0.68012, { absolute: 1e-4 }),
    },
  }),
  oracle: claim({
    figure: "table",
    criterion: 9,
    statement:
      "A network trained on colors that tell nothing is better than every method with a penalty, and " +
      "no better than the labels allow.",
    source: fromTable("Table 1, oracle"),
    decidedBy: ({ accuracy }) => oracles(accuracy).length > 0,
    measure: ({ accuracy }) => {
      const rows = oracles(accuracy);
      const bestOf = (seed: number) =>
        accuracy
          .filter((row) => row.seed === seed && row.final && !row.long && row.penalty !== "none")
          .reduce((best, { worst }) => Math.max(best, worst), 0);
      return {
        "accuracy of the oracle": rows.map(({ worst }) => worst),
        "above the best method of the seed": rows.map(({ seed, worst }) => worst - bestOf(seed)),
      };
    },
    expect: { "accuracy of the oracle": atMost(0.76), "above the best method of the seed": above(0) },
  }),
}));

/** The ends of one method, by seed. */
export function last(
  rows: readonly Row<"accuracy">[],
  start: Start,
  penalty: Row<"accuracy">["penalty"],
  frozen: boolean,
): Row<"accuracy">[] {
  return rows.filter((row) =>
    row.start === start && row.penalty === penalty && row.frozen === frozen && row.final && !row.long
  );
}

/** Trained on gray data, and not further. */
function oracles(rows: readonly Row<"accuracy">[]): Row<"accuracy">[] {
  return last(rows, "gray", "none", false);
}

function longGray(rows: readonly Row<"accuracy">[]): Row<"accuracy">[] {
  return rows.filter((row) => row.start === "gray" && row.long);
}

/** Worst accuracies of the first rows minus those of the others, seed by seed. */
function differences(rows: readonly Row<"accuracy">[], others: readonly Row<"accuracy">[]): number[] {
  return rows.map(({ seed, worst }) => worst - others.find((other) => other.seed === seed)!.worst);
}

function seeds(rows: readonly Row<"accuracy">[]): number[] {
  return distinct(rows, "seed");
}

/** The criteria are for the size of notes 6. */
function hasProtocolSize(rows: readonly { examples: number }[]): boolean {
  return rows.length > 0 && rows.every(({ examples }) => examples >= 4000);
}

function hasPaperFlips(rows: readonly Row<"point">[]): boolean {
  return rows.length > 0 && rows.every(({ colorFlips: [first, second] }) => first === 0.1 && second === 0.2);
}

function ofRound(rows: RowTable<Row>["round"], number: number): Row<"round">[] {
  return rows.filter(({ round }) => round === number);
}

function pointOf(
  rows: readonly Row<"point">[],
  what: Row<"point">["what"],
  penalty: Row<"point">["penalty"],
  weight: number,
): Row<"point"> {
  return rows.find((row) => row.what === what && row.penalty === penalty && row.weight === weight)!;
}

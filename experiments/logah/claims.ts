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
  fromTable,
  mean,
  near,
  type RowTable,
  within,
} from "../../lib/experiment/mod.ts";
import type { Row, Setting, Start } from "./rows.ts";

/** Parameters of the hypernetworks by hand from the structure of the released code: notes 3.4. */
const COUNTS: Record<string, number> = {
  "LoGAH-Tiny": 2_540_380,
  "LoGAH-Small": 21_412_794,
  "LoGAH-Base": 78_231_892,
  "LoGAH-Large": 289_423_316,
  "GHN-3-T": 6_906_632,
  "GHN-3-S": 35_810_368,
  "GHN-3-L": 214_668_960,
  "GHN-3-XL": 654_365_184,
  "LoGAH-Tiny-4K": 3_621_724,
  "LoGAH-Tiny-8K": 5_784_412,
};
/** Steps from which a hypernetwork counts as trained, and the rank and the width that criteria are for. */
const TRAINED = 600;
const RANK = 16;
const WIDTH = 256;

export const claims = defineClaims<Row>((claim) => ({
  parameters: claim({
    figure: "parameters",
    criterion: 1,
    headline: true,
    statement:
      "LoGAH-Tiny has 2.5 million parameters and covers widths up to 2048 without copies; GHN-3-XL has 654 " +
      "million and covers 384.",
    source: fromTable("Table 1, Figure 1a", { notes: "3.4" }),
    measure: ({ size }) => ({
      "counts minus those of notes 3.4": Object.entries(COUNTS).map(([name, count]) =>
        sizeOf(size, name).parameters - count
      ),
      "millions minus the printed ones": size.flatMap(({ parameters, printed }) =>
        printed === null ? [] : [parameters / 1e6 - printed]
      ),
    }),
    expect: {
      "counts minus those of notes 3.4": within(0, 0),
      "millions minus the printed ones": within(-0.05, 0.05),
    },
  }),
  cube: claim({
    figure: "parameters",
    criterion: 2,
    statement:
      "The decoder of LoGAH grows with the width as r K, that of GHN-3 as the width's cube: for width 2048 it " +
      "would need 29 thousand times the parameters of LoGAH-Tiny.",
    source: derived("7"),
    measure: ({ size }) => {
      const wide = sizeOf(size, "GHN-3, 2048 channels").decoder;
      return {
        "36 d² + 16 d r² + r K, minus the weights of LoGAH-Tiny": 36 * 64 ** 2 + 16 * 64 * 32 ** 2 +
          32 * 32768 -
          sizeOf(size, "LoGAH-Tiny").decoder,
        "1056 d² + 8 d³ + d C, minus the weights of GHN-3-T": 1056 * 64 ** 2 + 8 * 64 ** 3 + 64 * 1000 -
          sizeOf(size, "GHN-3-T").decoder,
        "weights of GHN-3 for width 2048 over LoGAH-Tiny": wide / sizeOf(size, "LoGAH-Tiny").parameters,
      };
    },
    expect: {
      "36 d² + 16 d r² + r K, minus the weights of LoGAH-Tiny": within(0, 0),
      "1056 d² + 8 d³ + d C, minus the weights of GHN-3-T": within(0, 0),
      "weights of GHN-3 for width 2048 over LoGAH-Tiny": near(2.9e4, { relative: 0.01 }),
    },
  }),
  copies: claim({
    figure: "units",
    criterion: 3,
    statement:
      "Copies of a tile stay copies: after training at any rate 256 units of a tiled layer are at most 32 " +
      "different ones; those of LoGAH all differ.",
    source: derived("7"),
    measure: ({ copies, units }) => {
      const tiled = copies.filter(({ width }) => width === WIDTH);
      const own = units.filter(({ start, width, rank }) =>
        start === "LoGAH" && width === WIDTH && rank === RANK
      );
      return {
        "largest difference of tiled units i and i + 32": tiled.map(({ apart }) => apart),
        "different units, tiled": tiled.map(({ distinct }) => distinct),
        "different units, LoGAH, rates up to 0.1": own.filter(({ rate }) => (rate ?? 0) <= 0.1)
          .map(({ distinct }) => distinct),
      };
    },
    expect: {
      "largest difference of tiled units i and i + 32": below(1e-4),
      "different units, tiled": atMost(32),
      "different units, LoGAH, rates up to 0.1": atLeast(WIDTH),
    },
  }),
  rank: claim({
    figure: "spectra",
    criterion: 4,
    statement: "Every weight that LoGAH predicts has a rank of at most r.",
    source: derived("3.2"),
    measure: ({ spectrum }) => {
      const rows = spectrum.filter(({ start, values, rank }) => start === "LoGAH" && values.length > rank);
      return {
        "singular value r + 1 over the first": rows.map(({ values, rank }) => values[rank]),
        "rank minus r": rows.map(({ numericalRank, rank }) => numericalRank - rank),
      };
    },
    expect: { "singular value r + 1 over the first": below(1e-5), "rank minus r": atMost(0) },
  }),
  "zero-shot": claim({
    figure: "zeroShot",
    criterion: 5,
    statement:
      "Predicted networks work without a step of their own, also twice as wide as the widest of the training.",
    source: derived("7"),
    decidedBy: ({ accuracy }) => atLeastSeeds(trained(accuracy, "LoGAH"), 3),
    measure: ({ accuracy }) => {
      const of = (start: Start, depth: number, width: number) =>
        trained(accuracy, start).filter((row) => row.depth === depth && row.width === width)
          .map(({ accuracy }) => accuracy);
      return {
        "accuracy, width 64": of("LoGAH", 2, 64),
        "accuracy, width 128": of("LoGAH", 2, 128),
        "accuracy, width 128, four hidden layers": of("LoGAH", 4, 128),
        "accuracy of random starts, width 64": of("random", 2, 64),
      };
    },
    expect: {
      "accuracy, width 64": atLeast(0.75),
      "accuracy, width 128": atLeast(0.65),
      "accuracy, width 128, four hidden layers": atLeast(0.5),
      "accuracy of random starts, width 64": atMost(0.2),
    },
  }),
  "head-start": claim({
    figure: null,
    criterion: 6,
    statement:
      "After 20 steps a predicted network of width 64 is far ahead of a random one, after 200 not behind it.",
    source: fromTable("Table 2, in small", { notes: "7" }),
    decidedBy: ({ tuning }) => atLeastSeeds(trained(tuning, "LoGAH"), 3),
    measure: ({ tuning }) => ({
      "LoGAH minus random, 20 steps": differences(tuning, "LoGAH", "random", {
        width: 64,
        rate: 0.05,
        step: 20,
      }),
      "LoGAH minus random, 200 steps": differences(tuning, "LoGAH", "random", {
        width: 64,
        rate: 0.05,
        step: 200,
      }),
    }),
    expect: {
      "LoGAH minus random, 20 steps": atLeast(0.25),
      "LoGAH minus random, 200 steps": atLeast(-0.03),
    },
  }),
  "stable-rate": claim({
    figure: "rates",
    criterion: 7,
    statement:
      "Copies multiply the step: a tiled network of width 256 does not survive learning rates at which LoGAH's " +
      "still trains.",
    source: derived("7"),
    decidedBy: ({ tuning }) => atLeastSeeds(trained(tuning, "LoGAH"), 3),
    measure: ({ tuning }) => {
      const at = { width: WIDTH, step: 200 };
      return {
        "accuracy after 200 steps at rate 0.2, tiled": accuracies(tuning, "tiled", { ...at, rate: 0.2 }),
        "the same, LoGAH": accuracies(tuning, "LoGAH", { ...at, rate: 0.2 }),
        "LoGAH minus tiled at rate 0.1": differences(tuning, "LoGAH", "tiled", { ...at, rate: 0.1 }),
      };
    },
    expect: {
      "accuracy after 200 steps at rate 0.2, tiled": below(0.3),
      "the same, LoGAH": above(0.8),
      "LoGAH minus tiled at rate 0.1": atLeast(0.05),
    },
  }),
  tie: claim({
    figure: "tables",
    criterion: 7,
    statement:
      "With the best rate of each, a random start ends as well as LoGAH's: at this size prediction saves steps, " +
      "it does not improve the end.",
    source: derived("7"),
    decidedBy: ({ tuning }) => atLeastSeeds(trained(tuning, "LoGAH"), 3),
    measure: ({ tuning }) => ({
      "best of LoGAH minus best of random, width 256, 200 steps": bestOverRates(tuning, "LoGAH") -
        bestOverRates(tuning, "random"),
    }),
    expect: { "best of LoGAH minus best of random, width 256, 200 steps": within(-0.02, 0.02) },
  }),
  "seeds-used": claim({
    figure: null,
    criterion: 8,
    statement:
      "A weight depends on ceil(outputs r / K) + ceil(inputs r / K) of the 2 r seeds: 3 of 64 for a layer of " +
      "LoGAH-Tiny.",
    source: derived("3.2"),
    measure: ({ usage }) => ({
      "seeds with a gradient": usage.map(({ active }) => active),
      "minus the formula": usage.map(({ active, formula }) => active - formula),
      "for 1536 x 384, r = 32": usage.filter(({ rank, outputs }) => rank === 32 && outputs === 1536)
        .map(({ active }) => active),
    }),
    expect: {
      "seeds with a gradient": within(2, 7),
      "minus the formula": within(0, 0),
      "for 1536 x 384, r = 32": within(3, 3),
    },
  }),
  layout: claim({
    figure: "zeroShot",
    criterion: 9,
    statement:
      "The reinterpretation of memory matters: with one seed for each column of a factor LoGAH trains worse.",
    source: derived("3.2"),
    decidedBy: ({ accuracy }) => atLeastSeeds(trained(accuracy, "transposed"), 3),
    measure: ({ accuracy }) => {
      const at = (start: Start) =>
        trained(accuracy, start).filter(({ depth, width }) => depth === 2 && width === 64)
          .toSorted((a, b) => a.seed - b.seed).map(({ accuracy }) => accuracy);
      const transposed = at("transposed");
      return {
        "accuracy at width 64, official minus transposed": at("LoGAH").map((value, i) =>
          value - transposed[i]
        ),
      };
    },
    expect: { "accuracy at width 64, official minus transposed": atLeast(0.05) },
  }),
}));

function sizeOf(rows: readonly Row<"size">[], name: string): Row<"size"> {
  return rows.find((row) => row.name === name)!;
}

/** Rows of one start that criteria are for. */
function trained<R extends Setting>(rows: readonly R[], start: Start): R[] {
  return rows.filter((row) =>
    row.start === start && (start === "random" || row.steps >= TRAINED && row.rank === RANK)
  );
}

interface Point {
  width: number;
  rate: number;
  step: number;
}

/** Accuracies by seed and order. */
function accuracies(rows: RowTable<Row>["tuning"], start: Start, { width, rate, step }: Point): number[] {
  return trained(rows, start)
    .filter((row) => row.width === width && row.rate === rate && row.step === step)
    .toSorted((a, b) => a.seed - b.seed || a.order - b.order)
    .map(({ accuracy }) => accuracy);
}

function differences(rows: RowTable<Row>["tuning"], start: Start, other: Start, point: Point): number[] {
  const others = accuracies(rows, other, point);
  return accuracies(rows, start, point).map((value, i) => value - others[i]);
}

/** The best mean over seeds and orders of any rate. */
function bestOverRates(rows: RowTable<Row>["tuning"], start: Start): number {
  const wide = trained(rows, start).filter(({ width, step }) => width === WIDTH && step === 200);
  return Math.max(
    ...distinct(wide, "rate").map((rate) => mean(accuracies(wide, start, { width: WIDTH, rate, step: 200 }))),
  );
}

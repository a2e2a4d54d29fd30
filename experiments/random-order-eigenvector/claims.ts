/** What must be seen, as data: notes 7 numbers the criteria. */
import {
  atLeast,
  atLeastSeeds,
  atMost,
  below,
  defineClaims,
  derived,
  distinct,
  groupsOf,
  mean,
  near,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { fitPowerLaw } from "../../lib/statistics/mod.ts";
import { bestOja, closedForm, type Row } from "./rows.ts";

export const claims = defineClaims<Row>((claim) => ({
  staircase: claim({
    figure: "key",
    criterion: 1,
    headline: true,
    statement:
      "Memory for h rows is what it takes: with budget b < h the error on the hard stream is exactly " +
      "(h−b)/(h(b+1)), down to 1/(R−1)² at b = h−1; with b ≥ h it is zero.",
    source: derived("3.4"),
    measure: ({ staircase }) => ({
      "distance from the closed form, every seed and budget": staircase.map(({ heavy, budget, error }) =>
        Math.abs(error - closedForm(heavy, budget))
      ),
      "error at b = 7, one row short": staircase.filter(({ budget, heavy }) => budget === heavy - 1)
        .map(({ error }) => error),
      "error at b ≥ h = 8": staircase.filter(({ budget, heavy }) => budget >= heavy)
        .map(({ error }) => error),
    }),
    expect: {
      "distance from the closed form, every seed and budget": atMost(1e-9),
      "error at b = 7, one row short": near(1 / 64, { absolute: 1e-9 }),
      "error at b ≥ h = 8": atMost(1e-12),
    },
  }),
  "oja-fails": claim({
    figure: "margin",
    criterion: 2,
    statement:
      "Oja's rule fails on streams with a small gap whatever its learning rate, and more so in higher dimension.",
    source: theorem("Lower bound for Oja's rule: R = Ω(log d / log log d) is needed", { notes: "3.4" }),
    decidedBy: ({ oja }) =>
      oja.some(({ d }) => d === 4096) &&
      [3, 4, 6].every((heavy) => oja.some((row) => row.d === 1024 && row.heavy === heavy)),
    measure: ({ oja }) => ({
      "best mean squared correlation over 41 rates: d = 1024, h = 3": bestAt(oja, 1024, 3),
      "d = 1024, h = 4": bestAt(oja, 1024, 4),
      "d = 1024, h = 6": bestAt(oja, 1024, 6),
      "d = 4096, h = 3": bestAt(oja, 4096, 3),
    }),
    expect: {
      "best mean squared correlation over 41 rates: d = 1024, h = 3": atMost(0.06),
      "d = 1024, h = 4": atMost(0.3),
      "d = 1024, h = 6": atLeast(0.5),
      "d = 4096, h = 3": atMost(0.02),
    },
  }),
  "stored-succeeds": claim({
    figure: "key",
    criterion: 2,
    statement: "On the same streams, storing the heavy rows finds the top eigenvector exactly.",
    source: theorem("Upper bound, O(h d polylog d) bits", { notes: "3.2" }),
    measure: ({ stored }) => ({ "error, every dimension and gap": stored.map(({ error }) => error) }),
    expect: { "error, every dimension and gap": atMost(1e-12) },
  }),
  margin: claim({
    figure: "margin",
    criterion: 3,
    statement: "Whether Oja's rule can succeed is known beforehand, from the sign of the margin " +
      "h ln h − h + 1 − ½ ln(d − h − 1).",
    source: derived("3.4"),
    measure: ({ oja }) => ({
      "best mean squared correlation, margin below −1": bestOja(oja).filter(({ margin }) => margin < -1)
        .map(({ best }) => best),
      "margin above 1": bestOja(oja).filter(({ margin }) => margin > 1).map(({ best }) => best),
    }),
    expect: {
      "best mean squared correlation, margin below −1": within(0, 0.15),
      "margin above 1": within(0.5, 1),
    },
  }),
  "light-law": claim({
    figure: "gap",
    criterion: 4,
    statement: "When all rows are light, the error is (d/n)(T−1)/R: the price of few rows per block.",
    source: derived("3.3"),
    decidedBy: ({ spiked }) => atLeastSeeds(spiked, 5),
    measure: ({ spiked, order }) => {
      const law = groupsOf(spiked, "gap").map(({ value, rows }) => ({ gap: value, law: rows[0].law }));
      return {
        "mean error over that of the law, every R": groupsOf(lightRows(spiked, order), "gap")
          .map(({ value, rows }) =>
            mean(rows.map(({ error }) => error)) / (law.find(({ gap }) => gap === value)?.law ?? NaN)
          ),
      };
    },
    expect: { "mean error over that of the law, every R": within(0.8, 1.2) },
  }),
  "light-rate": claim({
    figure: "gap",
    statement: "On light streams the error falls like 1/R, faster than the 1/√R of the theorem.",
    source: theorem("Abstract, 1 − O(1/√R)", { notes: "3.3" }),
    measure: ({ spiked, order }) => {
      const light = lightRows(spiked, order);
      const { slope, interval } = fitPowerLaw(light.map(({ gap }) => gap), light.map(({ error }) => error));
      return { "exponent of R": slope, "upper end of its 95 % interval": interval[1] };
    },
    expect: { "exponent of R": within(-1.1, -0.9), "upper end of its 95 % interval": below(-0.5) },
  }),
  "half-heavy": claim({
    figure: "gap",
    criterion: 5,
    statement: "When half of the spike is in four heavy rows, storing them recovers it.",
    source: derived("7"),
    decidedBy: ({ spiked }) => [4, 16, 64].every((gap) => spiked.some((row) => row.gap === gap)),
    measure: ({ spiked }) => {
      const at = (gap: number) =>
        [4, 8].map((budget) => byGap(spiked, 0.5, budget).find((one) => one.value === gap)?.error ?? NaN);
      return { "mean error with budgets 4 and 8, R = 4": at(4), "R = 16": at(16), "R = 64": at(64) };
    },
    expect: {
      "mean error with budgets 4 and 8, R = 4": atMost(0.03),
      "R = 16": atMost(2e-3),
      "R = 64": atMost(5e-4),
    },
  }),
  "storage-matters": claim({
    figure: "gap",
    criterion: 5,
    statement: "Without storing the heavy rows, block power iteration is at least ten times worse there.",
    source: derived("7"),
    measure: ({ spiked }) => {
      const stored = byGap(spiked, 0.5, 4);
      return {
        "mean error without storage over that with budget 4, R ≥ 16": byGap(spiked, 0.5, 0)
          .map(({ value, error }, i) => ({ gap: value, ratio: error / stored[i].error }))
          .filter(({ gap }) => gap >= 16).map(({ ratio }) => ratio),
      };
    },
    expect: { "mean error without storage over that with budget 4, R ≥ 16": atLeast(10) },
  }),
  "all-heavy": claim({
    figure: "gap",
    criterion: 5,
    statement: "When the whole spike is in eight heavy rows, block power iteration alone fails at every gap.",
    source: derived("7"),
    decidedBy: ({ spiked }) => atLeastSeeds(spiked, 5),
    measure: ({ spiked }) => ({
      "mean error without storage, every R": byGap(spiked, 1, 0).map(({ error }) => error),
    }),
    expect: { "mean error without storage, every R": within(0.5, 1) },
    context: ({ spiked }) => ({ "with budget 8": byGap(spiked, 1, 8).map(({ error }) => error) }),
  }),
  "upper-bound": claim({
    figure: "gap",
    criterion: 6,
    statement: "With memory for all heavy rows, the squared correlation is 1 − O(1/√R).",
    source: theorem("Abstract, upper bound", { notes: "2" }),
    measure: ({ spiked, staircase, stored }) => ({
      "error times √R, spiked streams with b ≥ h": spiked
        .filter(({ budget, heavy, gap }) => budget >= heavy && gap >= 2)
        .map(({ error, gap }) => error * Math.sqrt(gap)),
      "hard streams with b ≥ h": [...staircase.filter(({ budget, heavy }) => budget >= heavy), ...stored]
        .map(({ error, heavy }) => error * Math.sqrt(heavy + 1)),
    }),
    expect: { "error times √R, spiked streams with b ≥ h": atMost(1), "hard streams with b ≥ h": atMost(1) },
  }),
  order: claim({
    figure: "order",
    criterion: 7,
    statement: "Random order is not a convenience: the same rows sorted by their angle defeat the method.",
    source: derived("7"),
    measure: ({ order }) => {
      const errors = (how: "random" | "sorted", budget: number) =>
        order.filter((row) => row.order === how && row.budget === budget).map(({ error }) => error);
      return {
        "error at R = 16, sorted, b = 0": errors("sorted", 0),
        "sorted, b = 8": errors("sorted", 8),
        "shuffled": errors("random", 0),
      };
    },
    expect: {
      "error at R = 16, sorted, b = 0": within(0.5, 1),
      "sorted, b = 8": within(0.3, 1),
      "shuffled": atMost(4e-3),
    },
  }),
  "splitting-bound": claim({
    figure: null,
    criterion: 8,
    statement:
      "Keeping some rows exactly and the top eigenvector of the rest costs at most 1/(R−1)², however the rows " +
      "are split.",
    source: derived("3.3"),
    measure: ({ split }) => ({
      "sin²θ (R−1)², random matrices and splits": split.map(({ gap, error }) => error * (gap - 1) ** 2),
    }),
    expect: { "sin²θ (R−1)², random matrices and splits": atMost(1) },
  }),
  digits: claim({
    figure: "order",
    statement: "Real rows, images of digits in random order, obey the bound as well.",
    source: theorem("Abstract, upper bound", { notes: "11" }),
    measure: ({ digits }) => ({
      "error times √R, 1,797 images of 64 pixels, b = 32, every seed": digits
        .filter(({ centred, order, budget }) => !centred && order === "random" && budget === 32)
        .map(({ error, gap }) => error * Math.sqrt(gap)),
    }),
    expect: { "error times √R, 1,797 images of 64 pixels, b = 32, every seed": atMost(1) },
    context: ({ digits }) => ({ "R": distinct(digits.filter(({ centred }) => !centred), "gap") }),
  }),
}));

function bestAt(oja: readonly Row<"oja">[], d: number, heavy: number): number {
  return bestOja(oja.filter((row) => row.d === d && row.heavy === heavy))[0]?.best ?? NaN;
}

/** Light streams in random order without storage; the shuffled ones of the order trials are such streams, too. */
function lightRows(
  spiked: readonly Row<"spiked">[],
  order: readonly Row<"order">[],
): { gap: number; error: number }[] {
  return [
    ...spiked.filter(({ share, budget }) => share === 0 && budget === 0),
    ...order.filter((row) => row.order === "random" && row.budget === 0),
  ];
}

/** Rows of a share and budget by their gap, with the mean error. */
function byGap(spiked: readonly Row<"spiked">[], share: number, budget: number) {
  return groupsOf(spiked.filter((row) => row.share === share && row.budget === budget), "gap")
    .map(({ value, rows }) => ({ value, rows, error: mean(rows.map(({ error }) => error)) }));
}

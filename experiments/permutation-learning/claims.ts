/** What must be seen, as data: notes 7 numbers the criteria. */
import {
  above,
  atLeast,
  atMost,
  below,
  defineClaims,
  derived,
  fromFigure,
  groupsOf,
  mean,
  near,
  type RowTable,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { officialAccuracy, officialModels90 } from "./official.ts";
import { NNGP, NTK, type Row } from "./rows.ts";

type Rows = RowTable<Row>;

/** Exact ensemble sizes for one input of two ones, by k. */
const ONE_INPUT = { NTK: [333, 579, 1400, 2937, 6339, 17803], NNGP: [58, 121, 339, 750, 1667, 4765] };
const ONE_INPUT_BITS = [10, 20, 50, 100, 200, 500];
/** Exact ensemble sizes for all inputs at once, by k. */
const ALL_INPUTS = { NTK: [455, 801, 1469, 2936, 6227], NNGP: [61, 139, 307, 691, 1568] };
const ALL_INPUTS_BITS = [5, 10, 20, 40, 80];
/** The paper's theoretical curve. */
const BOUND: [k: number, models: number][] = [[2, 6705], [5, 5687], [10, 6560], [20, 9383], [30, 12510]];

export const claims = defineClaims<Row>((claim) => ({
  "exact-decoding": claim({
    figure: "weight",
    criterion: 1,
    headline: true,
    statement:
      "Trained on the k one-hot inputs alone, the infinite-width mean has the right sign on every bit of " +
      "every nonzero input.",
    source: theorem("Main theorem (exact learning)"),
    measure: ({ exact }) => ({
      "inputs decoded wrongly": exact.map(({ wrong }) => wrong),
      "inputs over 2^k − 1": exact.map(({ inputs, k }) => inputs / (2 ** k - 1)),
      "smallest mean of a bit that is 1": exact.map(({ smallestOne }) => smallestOne),
      "largest mean of a bit that is 0": exact.map(({ largestZero }) => largestZero),
    }),
    expect: {
      "inputs decoded wrongly": atMost(0),
      "inputs over 2^k − 1": within(1, 1),
      "smallest mean of a bit that is 1": above(1e-10),
      "largest mean of a bit that is 0": atMost(1e-10),
    },
    context: ({ exact }) => ({ "k": exact.map(({ k }) => k) }),
  }),
  "closed-forms": claim({
    figure: null,
    criterion: 2,
    statement: "Means and variance in closed form equal explicit kernel solves.",
    source: derived("3.3"),
    measure: ({ closed }) => ({
      "largest difference, k = 2 to 60": closed.map(({ deviation }) => deviation),
    }),
    expect: { "largest difference, k = 2 to 60": atMost(1e-12) },
  }),
  "accuracy-curve": claim({
    figure: "accuracy",
    criterion: 3,
    statement:
      "Ensembles of infinitely wide networks are as accurate as the closed law predicts, at every size.",
    source: derived("3.3"),
    decidedBy: ({ process }) =>
      [[10, NNGP], [10, NTK], [20, NNGP], [20, NTK]].every(([k, rate]) =>
        process.filter((row) => row.k === k && row.rate === rate && row.models === 25).length >= 5
      ),
    measure: (rows) => ({
      "mean accuracy minus the law at 25, 50, 100, 200 networks: k = 10, NNGP": offLaw(rows, 10, NNGP),
      "k = 10, NTK": offLaw(rows, 10, NTK),
      "k = 20, both": [...offLaw(rows, 20, NNGP), ...offLaw(rows, 20, NTK)],
    }),
    expect: {
      "mean accuracy minus the law at 25, 50, 100, 200 networks: k = 10, NNGP": within(-0.06, 0.06),
      "k = 10, NTK": within(-0.1, 0.1),
      "k = 20, both": within(-0.04, 0.04),
    },
  }),
  "single-network-variance": claim({
    figure: null,
    criterion: 3,
    statement: "A single network's output varies as the law predicts.",
    source: derived("3.3"),
    measure: ({ variance }) => ({
      "variance over the law's, each k and kernel": groupsOf(variance, "k").flatMap(({ rows }) =>
        groupsOf(rows, "rate").map(({ rows }) => mean(rows.map(({ ratio }) => ratio)))
      ),
    }),
    expect: { "variance over the law's, each k and kernel": within(0.98, 1.02) },
  }),
  "finite-width": claim({
    figure: "trained",
    criterion: 4,
    statement: "Networks of finite width, trained by gradient descent, have the mean outputs of the limit.",
    source: theorem("The limit; k = 10, two-bit inputs", { notes: "3.6" }),
    decidedBy: ({ finite }) => [NTK, NNGP].every((rate) => models(atTen(finite, rate)) >= 300),
    measure: (rows) => ({
      "mean of one-bits minus the law's, NTK and NNGP": [NTK, NNGP].map((rate) =>
        offMean(rows, rate, "meanOne")
      ),
      "mean of zero-bits minus the law's": [NTK, NNGP].map((rate) => offMean(rows, rate, "meanZero")),
    }),
    expect: {
      "mean of one-bits minus the law's, NTK and NNGP": within(-0.02, 0.02),
      "mean of zero-bits minus the law's": within(-0.003, 0.003),
    },
  }),
  linearithmic: claim({
    figure: "growth",
    criterion: 5,
    statement: "One input needs a number of networks that grows as k log k.",
    source: theorem("Ensemble complexity for one input"),
    measure: ({ law }) => {
      const ratios = (rate: number) =>
        ONE_INPUT_BITS.map((k) => lawAt(law, k, rate).models90 / (k * Math.log(k)));
      const steps = [NTK, NNGP].flatMap((rate) =>
        ratios(rate).slice(1).map((ratio, i) => ratio / ratios(rate)[i])
      );
      return {
        "networks minus their exact number": [
          ...ONE_INPUT_BITS.map((k, i) => lawAt(law, k, NTK).models90 - ONE_INPUT.NTK[i]),
          ...ONE_INPUT_BITS.map((k, i) => lawAt(law, k, NNGP).models90 - ONE_INPUT.NNGP[i]),
        ],
        "networks/(k ln k) over that at the k before": steps,
        "from k = 200 to 500": [steps[4], steps[9]],
      };
    },
    expect: {
      "networks minus their exact number": within(0, 0),
      "networks/(k ln k) over that at the k before": below(1),
      "from k = 200 to 500": above(0.9),
    },
  }),
  "last-layer-explains": claim({
    figure: "ensembleSize",
    criterion: 6,
    statement:
      "The paper's measured ensembles follow the law of networks whose last layer alone learns, not the " +
      "tangent kernel's.",
    source: fromFigure("Figure 1; official result files, k = 10 to 30", { notes: "3.4" }),
    measure: (rows) => ({
      "mean |accuracy difference|, NNGP": officialError(rows, NNGP),
      "NTK": officialError(rows, NTK),
      "share of sizes at 90 % within 0.75 to 1.3 of NNGP's": mean(
        officialRatios(rows.law, NNGP).map((ratio) => ratio >= 0.75 && ratio <= 1.3 ? 1 : 0),
      ),
    }),
    expect: {
      "mean |accuracy difference|, NNGP": below(0.05),
      "NTK": above(0.4),
      "share of sizes at 90 % within 0.75 to 1.3 of NNGP's": atLeast(0.8),
    },
    context: ({ law }) => ({
      "sizes over NNGP's": officialRatios(law, NNGP),
      "sizes over NTK's": officialRatios(law, NTK),
    }),
  }),
  bound: claim({
    figure: "ensembleSize",
    criterion: 7,
    statement: "The paper's theoretical curve lies above everything that was measured or computed, by far.",
    source: fromFigure("Figure 1, left", { notes: "3.5" }),
    measure: ({ law }) => ({
      "bound over its printed value, minus 1": BOUND.map(([k, value]) =>
        lawAt(law, k, NTK).bound / value - 1
      ),
      "bound over the size needed, k >= 4": law.filter(({ k, rate }) => k >= 4 && k <= 30 && isKernel(rate))
        .map((row) => row.bound / row.models90),
      "bound over the official sizes": officialModels90.map(({ k, models }) =>
        lawAt(law, k, NTK).bound / models
      ),
    }),
    expect: {
      "bound over its printed value, minus 1": within(-1e-3, 1e-3),
      "bound over the size needed, k >= 4": above(1),
      "bound over the official sizes": above(1),
    },
  }),
  quadratic: claim({
    figure: "growth",
    criterion: 8,
    statement: "All inputs at once need no more than order k² networks; the quadratic law is an upper bound.",
    source: theorem("Ensemble complexity for all inputs"),
    measure: ({ law }) => {
      const shares = (rate: number) => ALL_INPUTS_BITS.map((k) => lawAt(law, k, rate).all90 / k ** 2);
      return {
        "networks minus their exact number": [
          ...ALL_INPUTS_BITS.map((k, i) => lawAt(law, k, NTK).all90 - ALL_INPUTS.NTK[i]),
          ...ALL_INPUTS_BITS.map((k, i) => lawAt(law, k, NNGP).all90 - ALL_INPUTS.NNGP[i]),
        ],
        "networks/k² over that at the k before": [NTK, NNGP].flatMap((rate) =>
          shares(rate).slice(1).map((share, i) => share / shares(rate)[i])
        ),
      };
    },
    expect: {
      "networks minus their exact number": within(0, 0),
      "networks/k² over that at the k before": below(1),
    },
  }),
  "two-bits-hardest": claim({
    figure: "weight",
    criterion: 9,
    statement: "Inputs with two ones are the hardest.",
    source: derived("7"),
    measure: ({ weight }) => {
      const ntk = weight.filter(({ rate }) => rate === NTK);
      const two = ntk.find(({ ones }) => ones === 2)!.models90;
      return {
        "networks for two ones, k = 20": two,
        "networks for more ones over those for two": ntk.filter(({ ones }) => ones > 2).map(({ models90 }) =>
          models90 / two
        ),
      };
    },
    expect: {
      "networks for two ones, k = 20": near(579, { absolute: 0.5 }),
      "networks for more ones over those for two": below(1),
    },
  }),
}));

function isKernel(rate: number): boolean {
  return rate === NTK || rate === NNGP;
}

function lawAt(law: readonly Row<"law">[], k: number, rate: number): Row<"law"> {
  const found = law.find((row) => row.k === k && row.rate === rate);
  if (found === undefined) throw new Error(`there is no law for k = ${k}`);
  return found;
}

/** Mean accuracy of drawn ensembles minus the law's. */
function offLaw({ process, curve }: Rows, k: number, rate: number): number[] {
  return [25, 50, 100, 200].map((models) => {
    const drawn = process.filter((row) => row.k === k && row.rate === rate && row.models === models);
    const law = curve.find((row) => row.k === k && row.rate === rate && row.models === models);
    return mean(drawn.map(({ accuracy }) => accuracy)) - (law?.accuracy ?? NaN);
  });
}

function atTen(finite: readonly Row<"finite">[], rate: number): Row<"finite">[] {
  return finite.filter((row) => row.k === 10 && row.rate === rate);
}

function models(finite: readonly Row<"finite">[]): number {
  return finite.reduce((sum, row) => sum + row.models, 0);
}

function offMean({ finite, law }: Rows, rate: number, field: "meanOne" | "meanZero"): number {
  const own = atTen(finite, rate);
  return own.reduce((sum, row) => sum + row.models * row[field], 0) / models(own) -
    lawAt(law, 10, rate)[field];
}

function officialError({ curve }: Rows, rate: number): number {
  return mean(officialAccuracy.map(({ k, models, accuracy }) => {
    const law = curve.find((row) => row.k === k && row.rate === rate && row.models === models);
    return Math.abs((law?.accuracy ?? NaN) - accuracy);
  }));
}

function officialRatios(law: readonly Row<"law">[], rate: number): number[] {
  return officialModels90.filter(({ k }) => k >= 10).map(({ k, models }) =>
    models / lawAt(law, k, rate).models90
  );
}

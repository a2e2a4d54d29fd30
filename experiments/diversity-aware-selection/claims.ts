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
import type { Row, Scores } from "./rows.ts";

export const claims = defineClaims<Row>((claim) => ({
  "beats-top": claim({
    figure: "bits",
    criterion: 1,
    headline: true,
    statement:
      "A model trained on the ODiS selection (four directions) needs half a bit per token less than one " +
      "trained on the top by average score, on every seed, and less than one on the top by the average of " +
      "four principal scores.",
    source: fromTable("Table 1", { notes: "7" }),
    measure: ({ bits }) => ({
      "bits, top by average minus ODiS": minus(bits, "top by average", "ODiS, K = 4"),
      "mean bits, top by PC average minus ODiS": mean(minus(bits, "top by PC average", "ODiS, K = 4")),
    }),
    expect: {
      "bits, top by average minus ODiS": atLeast(0.5),
      "mean bits, top by PC average minus ODiS": atLeast(0.2),
    },
  }),
  "ahead-of-top": claim({
    figure: "bits",
    criterion: 1,
    statement: "With four directions, ODiS is ahead of the top by average score on every seed.",
    source: fromTable("Table 1", { notes: "7" }),
    decidedBy: ({ bits }) => atLeastSeeds(bits, 3),
    measure: ({ bits }) => ({
      "bits, top by average minus ODiS": minus(bits, "top by average", "ODiS, K = 4"),
    }),
    expect: { "bits, top by average minus ODiS": above(0) },
  }),
  "broader-is-better": claim({
    figure: "bits",
    criterion: 2,
    statement: "The broader the range of scores that is sampled from, the better.",
    source: fromFigure("Figure 1", { notes: "7" }),
    decidedBy: ({ bits }) => atLeastSeeds(bits, 3),
    measure: ({ bits }) => ({
      "mean bits, top by average minus sample of top 30 %": mean(
        minus(bits, "top by average", "sample of top 30 %"),
      ),
      "mean bits, sample of top 30 % minus sample of top 50 %": mean(
        minus(bits, "sample of top 30 %", "sample of top 50 %"),
      ),
    }),
    expect: {
      "mean bits, top by average minus sample of top 30 %": atLeast(0.3),
      "mean bits, sample of top 30 % minus sample of top 50 %": above(0),
    },
  }),
  "one-direction": claim({
    figure: "bits",
    criterion: 3,
    statement: "One direction alone is the worst of all selections.",
    source: fromFigure("Figure 3a", { notes: "7" }),
    decidedBy: ({ bits }) => atLeastSeeds(bits, 3),
    measure: ({ bits }) => ({
      "mean bits, K = 1 minus each other selection": distinct(bits, "method")
        .filter((method) => method !== "ODiS, K = 1")
        .map((method) => mean(minus(bits, "ODiS, K = 1", method))),
    }),
    expect: { "mean bits, K = 1 minus each other selection": atLeast(0.5) },
  }),
  "four-directions": claim({
    figure: "directions",
    criterion: 3,
    statement: "Four directions are better than two, by a quarter of a bit.",
    source: fromFigure("Figure 3a", { notes: "7" }),
    decidedBy: ({ bits }) => atLeastSeeds(bits, 3),
    measure: ({ bits }) => ({
      "mean bits, K = 2 minus K = 4": mean(minus(bits, "ODiS, K = 2", "ODiS, K = 4")),
    }),
    expect: { "mean bits, K = 2 minus K = 4": atLeast(0.25) },
  }),
  "normal-overlap": claim({
    figure: "overlap",
    criterion: 4,
    statement: "Of normal scores with correlation 1/2, top 5 % lists share 0.244 of their documents; along " +
      "principal directions they share 0.05, which is chance.",
    source: derived("3.3"),
    decidedBy: ({ overlap }) => overlap.some(({ rho }) => rho === 0.5) && atLeastSeeds(overlap, 3),
    measure: ({ overlap }) => ({
      "raw scores": atFive(overlap, "raw"),
      "first four principal scores": atFive(overlap, "principal"),
    }),
    expect: {
      "raw scores": near(0.24378858, { absolute: 0.01 }),
      "first four principal scores": near(0.05, { absolute: 0.01 }),
    },
  }),
  diversity: claim({
    figure: "directions",
    criterion: 5,
    statement:
      "The top along one direction has half of the total variance of random documents, four directions " +
      "have nearly twice as much.",
    source: derived("3.3"),
    decidedBy: ({ variance }) => variance.some(({ rho }) => rho === 0.5) && atLeastSeeds(variance, 3),
    measure: ({ variance }) => ({
      "random": totalOf(variance, 0),
      "one direction": totalOf(variance, 1),
      "four directions": totalOf(variance, 4),
    }),
    expect: {
      "random": near(11, { relative: 0.03 }),
      "one direction": near(5.782, { relative: 0.03 }),
      "four directions": near(19.296, { relative: 0.03 }),
    },
  }),
  uncorrelated: claim({
    figure: null,
    criterion: 6,
    statement: "Principal scores are uncorrelated, their variances are the eigenvalues, and these sum to 11.",
    source: derived("3.1"),
    measure: ({ identity }) => ({
      "largest correlation": identity.map(({ correlation }) => correlation),
      "variance minus eigenvalue": identity.map(({ variance }) => variance),
      "sum of eigenvalues minus 11": identity.map(({ trace }) => trace - 11),
    }),
    expect: {
      "largest correlation": below(1e-10),
      "variance minus eigenvalue": below(1e-10),
      "sum of eigenvalues minus 11": within(-1e-10, 1e-10),
    },
  }),
  "text-overlap": claim({
    figure: "pairs",
    criterion: 7,
    statement: "On real text, the largest overlap of two top 5 % lists falls from 0.6 to below 0.25.",
    source: fromFigure("Figures 5 and 6", { notes: "7" }),
    decidedBy: ({ pair }) => atLeastSeeds(pair, 3),
    measure: ({ pair }) => ({
      "mean of the largest, raw scores": mean(largest(pair, "raw")),
      "largest, principal scores": largest(pair, "principal"),
    }),
    expect: {
      "mean of the largest, raw scores": above(0.6),
      "largest, principal scores": below(0.25),
    },
  }),
  "sign-rule": claim({
    figure: null,
    criterion: 8,
    statement: "With the rule for signs, flipped eigenvectors change no selection.",
    source: derived("3.2"),
    measure: ({ sign }) => ({ "documents that differ": sign.map(({ different }) => different) }),
    expect: { "documents that differ": atMost(0) },
    context: ({ sign }) => ({ "without the rule": sign.map(({ withoutRule }) => withoutRule) }),
  }),
  "random-is-best": claim({
    figure: "bits",
    criterion: 9,
    statement:
      "In a clean pool with the kinds of text of the test, random documents are better than ODiS, by " +
      "0.4 bits.",
    source: derived("7"),
    decidedBy: ({ bits }) => atLeastSeeds(bits, 3),
    measure: ({ bits }) => ({ "bits, ODiS minus random": minus(bits, "ODiS, K = 4", "random") }),
    expect: { "bits, ODiS minus random": atLeast(0.4) },
  }),
}));

/** How many bits more one method needs than another, per seed. */
function minus(rows: RowTable<Row>["bits"], method: string, other: string): number[] {
  const of = (name: string, seed: number) =>
    rows.find((row) => row.method === name && row.seed === seed)!.bits;
  return distinct(rows, "seed").map((seed) => of(method, seed) - of(other, seed));
}

function atFive(rows: RowTable<Row>["overlap"], scores: Scores): number {
  return mean(
    rows.filter((row) => row.q === 0.05 && row.rho === 0.5 && row.scores === scores).map((row) => row.mean),
  );
}

function totalOf(rows: RowTable<Row>["variance"], directions: number): number {
  return mean(rows.filter((row) => row.directions === directions).map(({ total }) => total));
}

/** The largest overlap of a seed. */
function largest(rows: RowTable<Row>["pair"], scores: Scores): number[] {
  return distinct(rows, "seed").map((seed) =>
    rows.filter((row) => row.seed === seed && row.scores === scores)
      .reduce((most, { overlap }) => Math.max(most, overlap), 0)
  );
}

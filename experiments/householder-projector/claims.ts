/** What must be seen, as data: notes 7 numbers the criteria. */
import { geometricMean, mean, median } from "simple-statistics";
import {
  above,
  atLeast,
  atLeastSeeds,
  atMost,
  below,
  defineClaims,
  derived,
  distinct,
  near,
  type RowTable,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import type { Row } from "./rows.ts";

/** Single seeds scatter too much for an order of ranks. */
const SEEDS = 8;

export const claims = defineClaims<Row>((claim) => ({
  "equal-directions": claim({
    figure: "key",
    criterion: 2,
    headline: true,
    statement:
      "A step along any of the r directions changes the style by exactly its length, with orthogonal " +
      "responses, and steps orthogonal to them change nothing; a free projection responds to some " +
      "directions several times as strongly as to others.",
    source: theorem("A = U I Vᵀ: A vⱼ = uⱼ", { notes: "3.2" }),
    measure: ({ traversal, directions }) => ({
      "deviation of length, cosine of responses, response to other steps": traversal.flatMap((row) => [
        row.length,
        row.cosine,
        row.dead,
      ]),
      "free: largest over smallest singular value, median": medianOrNaN(
        directions.filter(({ start }) => start === "free").map(({ spectrum }) =>
          spectrum[0] / spectrum[spectrum.length - 1]
        ),
      ),
    }),
    expect: {
      "deviation of length, cosine of responses, response to other steps": below(1e-12),
      "free: largest over smallest singular value, median": within(4, 6),
    },
  }),
  spectrum: claim({
    figure: "key",
    criterion: 1,
    statement: "Whatever its reflectors, a projector has r singular values 1 and all others 0.",
    source: theorem("A = U I Vᵀ with orthogonal U and V", { notes: "3.2" }),
    measure: ({ spectrum }) => ({
      "largest deviation in double precision": deviations(spectrum, "float64"),
      "in single precision": deviations(spectrum, "float32"),
    }),
    expect: { "largest deviation in double precision": below(1e-12), "in single precision": below(1e-5) },
  }),
  "nearest-start": claim({
    figure: "starts",
    criterion: 3,
    statement: "The start from singular vectors is the nearest projector: no random one comes close.",
    source: theorem("von Neumann's trace inequality", { notes: "3.3" }),
    measure: ({ start }) => ({
      "distance minus its formula": by(start, "nearest").map(({ distance, formula }) => distance - formula),
      "best of 1000 random over it": by(start, "best of 1000 random").map(({ distance, formula }) =>
        distance / formula
      ),
    }),
    expect: {
      "distance minus its formula": near(0, { absolute: 1e-12 }),
      "best of 1000 random over it": above(1),
    },
  }),
  "released-start": claim({
    figure: "starts",
    criterion: 8,
    statement:
      "The start of the released code is no better than a random projector: packed QR output is no set of " +
      "reflectors.",
    source: derived("3.4"),
    measure: ({ start }) => {
      const random = by(start, "random member");
      return {
        "distance from the trained projection over that of random projectors": by(start, "released code")
          .map(({ distance }, i) => distance / (random[i]?.distance ?? NaN)),
      };
    },
    expect: { "distance from the trained projection over that of random projectors": atLeast(0.9) },
  }),
  fidelity: claim({
    figure: "fidelity",
    criterion: 4,
    statement:
      "After a fine-tuning of a tenth of the training the error is that of free projections if the rank is" +
      " large enough, and grows as the rank falls.",
    source: derived("6"),
    decidedBy: ({ training }) => atLeastSeeds(training, SEEDS),
    measure: ({ training }) => {
      const tuned = training.filter(({ start }) => start === "nearest");
      const ranks = distinct(tuned, "rank").sort((a, b) => b - a);
      const overFree = ranks.map((rank) =>
        ratios(tuned.filter((row) => row.rank === rank), free(training), "error")
      );
      const means = [1, ...overFree.map((list) => geometricMean(list))];
      return {
        "geometric mean error over that of the next higher rank, free first": means.slice(1).map((m, i) =>
          m / means[i]
        ),
        "highest rank over free, median": medianOrNaN(overFree[0] ?? []),
        "lowest rank over free, geometric mean": means[means.length - 1],
      };
    },
    expect: {
      "geometric mean error over that of the next higher rank, free first": atLeast(0.9),
      "highest rank over free, median": atMost(1.5),
      "lowest rank over free, geometric mean": atLeast(1.4),
    },
  }),
  "start-matters": claim({
    figure: "fidelity",
    criterion: 5,
    statement:
      "Without the start from the trained projections the error after the same fine-tuning is larger.",
    source: derived("6"),
    decidedBy: ({ training }) => atLeastSeeds(training, SEEDS),
    measure: ({ training }) => {
      const random = training.filter(({ start }) => start === "random");
      return {
        "error over that with it, geometric mean": geometricMean(
          ratios(random, sameRank(training, random), "error"),
        ),
      };
    },
    expect: { "error over that with it, geometric mean": above(1.2) },
  }),
  "path-length": claim({
    figure: "pathLength",
    criterion: 6,
    statement: "The path length along the strongest directions (PIPL) falls.",
    source: derived("6"),
    decidedBy: ({ training }) => atLeastSeeds(training, SEEDS),
    measure: ({ training }) => ({
      "over that of free projections, median": medianOrNaN(
        ratios(mainRank(training), free(training), "pathLength"),
      ),
    }),
    expect: { "over that of free projections, median": below(0.85) },
  }),
  "only-smaller": claim({
    figure: "pathLength",
    criterion: 7,
    statement:
      "It falls because styles move less: per squared change of style it rises, and directions stay as " +
      "entangled as they were.",
    source: derived("6"),
    decidedBy: ({ training }) => atLeastSeeds(training, SEEDS),
    measure: ({ training }) => {
      const projected = mainRank(training);
      return {
        "path length per squared change of style over that of free projections, geometric mean":
          geometricMean(
            ratios(projected, free(training), "normalized"),
          ),
        "difference of mean entanglement": meanOf(projected, "entanglement") -
          meanOf(free(training), "entanglement"),
      };
    },
    expect: {
      "path length per squared change of style over that of free projections, geometric mean": above(1),
      "difference of mean entanglement": within(-0.1, 0.1),
    },
    context: ({ training }) => ({
      "single seeds": ratios(mainRank(training), free(training), "normalized"),
    }),
  }),
  "axes-are-free": claim({
    figure: "axes",
    statement:
      "The projection does not determine its directions: singular vectors read off it are as far from the " +
      "columns of V as a random rotation of them, and leave it the same.",
    source: derived("3.4"),
    measure: ({ axes }) => {
      const others = axes.filter((row) => row.axes !== "columns of V");
      return {
        "change of the projection": others.map(({ change }) => change),
        "singular vectors: mean over directions of the largest |cosine| with a column of V": axes
          .filter((row) => row.axes === "singular vectors").map(({ cosine }) => cosine),
      };
    },
    expect: {
      "change of the projection": below(1e-12),
      "singular vectors: mean over directions of the largest |cosine| with a column of V": below(0.9),
    },
  }),
}));

function deviations(rows: readonly Row<"spectrum">[], precision: Row<"spectrum">["precision"]): number[] {
  return rows.filter((row) => row.precision === precision)
    .flatMap(({ isometry, ones, zeros, idempotence }) => [isometry, ones, zeros, idempotence]);
}

function by(start: readonly Row<"start">[], method: Row<"start">["method"]): Row<"start">[] {
  return start.filter((row) => row.method === method);
}

function free(training: readonly Row<"training">[]): Row<"training">[] {
  return training.filter(({ start }) => start === "free");
}

/** The rows of a rank that also started at random. */
function sameRank(
  training: readonly Row<"training">[],
  random: readonly Row<"training">[],
): Row<"training">[] {
  return training.filter(({ start, rank }) => start === "nearest" && rank === random[0]?.rank);
}

/** The projectors that everything else is compared with: those of the rank that also started at random. */
export function mainRank(training: RowTable<Row>["training"]): Row<"training">[] {
  return sameRank(training, training.filter(({ start }) => start === "random"));
}

/** Quotients of one number, seed by seed. */
export function ratios(
  over: readonly Row<"training">[],
  under: readonly Row<"training">[],
  field: "error" | "pathLength" | "normalized",
): number[] {
  return over.map((row) => row[field] / (under.find(({ seed }) => seed === row.seed)?.[field] ?? NaN));
}

function meanOf(rows: readonly Row<"training">[], field: "entanglement"): number {
  return rows.length === 0 ? NaN : mean(rows.map((row) => row[field]));
}

function medianOrNaN(values: number[]): number {
  return values.length === 0 ? NaN : median(values);
}

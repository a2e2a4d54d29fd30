/** What must be seen, as data: notes 7 numbers the criteria. */
import {
  atLeast,
  atLeastSeeds,
  atMost,
  below,
  defineClaims,
  derived,
  distinct,
  mean,
  near,
  within,
} from "../../lib/experiment/mod.ts";
import { fitPowerLaw } from "../../lib/statistics/mod.ts";
import { FINEST } from "./data.ts";
import { TRAIN_N } from "./exact.ts";
import type { Route, Row } from "./rows.ts";

/** Steps of training of the protocol of notes 6.2; fewer are the short one of notes 6.4. */
const DEFAULT_STEPS = 500;

export const claims = defineClaims<Row>((claim) => ({
  collapse: claim({
    figure: "resolution",
    criterion: 1,
    headline: true,
    statement:
      "A plain convolutional network is lost on a finer grid than that of its training; with the same " +
      "weights as values of a kernel function it is as good as there.",
    source: derived("2"),
    decidedBy: ({ error }) => atLeastSeeds(ofRoute(error, "hat kernel"), 3),
    measure: ({ error }) => ({
      "plain CNN, error at 512 over that at 64, every seed": growth(error, "plain CNN"),
      "hat kernel, the same, minus 1": growth(error, "hat kernel").map((ratio) => ratio - 1),
    }),
    expect: {
      "plain CNN, error at 512 over that at 64, every seed": atLeast(4),
      "hat kernel, the same, minus 1": within(-0.05, 0.05),
    },
    context: ({ error }) => ({ "hat kernel, error at 512": errorsAt(error, "hat kernel", FINEST) }),
  }),
  "total-collapse": claim({
    figure: "resolution",
    criterion: 1,
    statement: "After full training the plain network is nearly as bad there as no network at all.",
    source: derived("6.2"),
    decidedBy: ({ error }) => atLeastSeeds(fullyTrained(error, "plain CNN"), 3),
    measure: ({ error }) => {
      const plain = fullyTrained(error, "plain CNN");
      return {
        "plain CNN, error at 512 over that at 64, every seed": growth(plain, "plain CNN"),
        "over the error of the start itself": plain.filter(({ n }) => n === FINEST)
          .map((row) => row.error / row.identity),
      };
    },
    expect: {
      "plain CNN, error at 512 over that at 64, every seed": atLeast(6),
      "over the error of the start itself": atLeast(0.75),
    },
  }),
  "fno-flat": claim({
    figure: "resolution",
    criterion: 2,
    statement: "The Fourier neural operator has the same error on every grid from that of its training on.",
    source: derived("3.2"),
    decidedBy: ({ error }) => atLeastSeeds(ofRoute(error, "FNO"), 3),
    measure: ({ error }) => ({ "largest over smallest error, 64 to 512, every seed": spread(error, "FNO") }),
    expect: { "largest over smallest error, 64 to 512, every seed": atMost(1.02) },
  }),
  "collapse-law": claim({
    figure: "collapse",
    criterion: 3,
    statement:
      "The law of the failure: a plain convolution tends to multiplication by the sum of its taps, with a " +
      "distance of 2πk|Σ j W_j|/n; of order n⁻² where that first moment vanishes.",
    source: derived("3.1"),
    measure: ({ symbol }) => {
      const of = (kernel: Row<"symbol">["kernel"]) =>
        symbol.filter((row) =>
          row.kernel === kernel && row.method === "naive" && row.wave === 1 && row.n >= 256
        );
      const [finest] = of("oracle").filter(({ n }) => n === 1024);
      return {
        "slope of log distance on log n": slope(of("oracle"), "fromSum"),
        "the same without a first moment": slope(of("symmetric"), "fromSum"),
        "distance over the law at n = 1024": finest.fromSum / (2 * Math.PI * finest.moment / finest.n),
      };
    },
    expect: {
      "slope of log distance on log n": within(-1.05, -0.95),
      "the same without a first moment": within(-2.05, -1.95),
      "distance over the law at n = 1024": near(1, { relative: 0.01 }),
    },
  }),
  "hat-law": claim({
    figure: "collapse",
    criterion: 4,
    statement:
      "With the hat kernel the convolution tends to the integral operator, with an error of order n⁻².",
    source: derived("3.1"),
    measure: ({ symbol }) => ({
      "slope of log error on log n, n from 128, waves 1 and 3": [1, 3].map((wave) =>
        slope(
          symbol.filter((row) =>
            row.kernel === "oracle" && row.method === "hat" && row.wave === wave && row.n >= 128
          ),
          "fromIntegral",
        )
      ),
    }),
    expect: { "slope of log error on log n, n from 128, waves 1 and 3": within(-2.02, -1.98) },
  }),
  differential: claim({
    figure: "layers",
    criterion: 5,
    statement:
      "A differential layer with taps (a, b, c) tends to (c − a)u′: of order n⁻¹, and n⁻² where a + c = 0.",
    source: derived("3.3"),
    measure: ({ layer }) => {
      const of = (name: Row<"layer">["layer"]) => layer.filter((row) => row.layer === name && row.n >= 128);
      return {
        "slope of log error on log n": slope(of("differential"), "error"),
        "the same, a + c = 0": slope(of("differential, a + c = 0"), "error"),
        "error for (1, 0.3, −0.4) at n = 256": of("differential").filter(({ n }) => n === 256)
          .map(({ error }) => error),
      };
    },
    expect: {
      "slope of log error on log n": within(-1.02, -0.98),
      "the same, a + c = 0": within(-2.02, -1.98),
      "error for (1, 0.3, −0.4) at n = 256": near(0.0462692, { relative: 1e-5 }),
    },
  }),
  attention: claim({
    figure: "layers",
    criterion: 6,
    statement:
      "On points that are not uniform attention computes its integral with quadrature weights, and another " +
      "one without.",
    source: derived("3.4"),
    measure: ({ layer }) => {
      const at = (name: Row<"layer">["layer"], n: number) =>
        layer.filter((row) => row.layer === name && row.n === n).map(({ error }) => error);
      return {
        "error with weights, n = 32": at("attention, weights", 32),
        "error without, n = 1024": at("attention, no weights", 1024),
      };
    },
    expect: {
      "error with weights, n = 32": below(1e-12),
      "error without, n = 1024": near(0.3471247, { absolute: 1e-6 }),
    },
  }),
  ordering: claim({
    figure: "resolution",
    criterion: 7,
    statement:
      "The authors' resizing of the kernels is far better than none, and worse than the hat kernel, which " +
      "is exact in the sum and the place of every tap.",
    source: derived("3.1"),
    decidedBy: ({ error }) => atLeastSeeds(ofRoute(error, "official resizing"), 3),
    measure: ({ error }) => orders(error),
    expect: { "official over hat, every seed": atLeast(1.15), "plain over official": atLeast(3) },
  }),
  "ordering-trained": claim({
    figure: "resolution",
    criterion: 7,
    statement: "The same after full training, where the difference is larger.",
    source: derived("6.2"),
    decidedBy: ({ error }) => atLeastSeeds(fullyTrained(error, "official resizing"), 3),
    measure: ({ error }) => orders(error.filter(({ steps }) => steps >= DEFAULT_STEPS)),
    expect: { "official over hat, every seed": atLeast(1.3), "plain over official": atLeast(3.5) },
  }),
  solver: claim({
    figure: "solver",
    criterion: 8,
    statement: "The spectral solver agrees with the closed form of Cole and Hopf.",
    source: derived("6.1"),
    measure: ({ solver }) => ({
      "error at x = 1/8, 1/4, 3/8, 512 points, 400 steps, both starts": solver.filter(({ steps }) =>
        steps === 400
      ).map(({ atPoints }) => atPoints),
    }),
    expect: { "error at x = 1/8, 1/4, 3/8, 512 points, 400 steps, both starts": atMost(1e-9) },
    context: ({ solver }) => ({
      "anywhere": solver.filter(({ steps }) => steps === 400).map(({ error }) => error),
    }),
  }),
  squeeze: claim({
    figure: "squeeze",
    statement:
      "Why the authors' resizing is not exact: it squeezes each kernel about its centre, by (s(k − 1) + " +
      "1)/(sk), that is by 65/72 for nine taps and eight times the points. The kernel with a squeezed " +
      "argument is what the network gets.",
    source: derived("3.1"),
    decidedBy: ({ squeeze }) => atLeastSeeds(squeeze, 3),
    measure: ({ squeeze }) => ({
      "distance from the squeezed kernel over that from the trained one, every seed": squeeze.map((row) =>
        row.fromSqueezed / row.fromTrained
      ),
    }),
    expect: {
      "distance from the squeezed kernel over that from the trained one, every seed": atMost(1 / 3),
    },
    context: ({ squeeze }) => ({
      "relative distance from the trained one": squeeze.map((row) => row.fromTrained),
    }),
  }),
  "input-output": claim({
    figure: "resolution",
    statement:
      "Resizing inputs and outputs instead of kernels is flat, too: these data have nothing beyond half of " +
      "the grid of training.",
    source: derived("3.5"),
    decidedBy: ({ error }) => atLeastSeeds(ofRoute(error, "input and output resized"), 3),
    measure: ({ error }) => ({
      "largest over smallest error, 64 to 512, every seed": spread(error, "input and output resized"),
    }),
    expect: { "largest over smallest error, 64 to 512, every seed": atMost(1.02) },
  }),
  "three-grids": claim({
    figure: "resolution",
    statement: "Training on three grids at once buys no accuracy over training on one with the hat kernel.",
    source: derived("6.2"),
    decidedBy: ({ error }) => atLeastSeeds(ofRoute(error, "hat kernel, three grids"), 3),
    measure: ({ error }) => ({
      "error at 512 over that of the hat kernel, mean over seeds": mean(
        errorsAt(error, "hat kernel, three grids", FINEST),
      ) / mean(errorsAt(error, "hat kernel", FINEST)),
    }),
    expect: { "error at 512 over that of the hat kernel, mean over seeds": within(0.8, 1.25) },
  }),
  "spectral-exact": claim({
    figure: "layers",
    statement:
      "A spectral layer does not change with the grid as soon as the grid sees all that is there: to " +
      "rounding from 32 points on for a smooth function.",
    source: derived("3.2"),
    measure: ({ layer }) => ({
      "change from n to 4096 points, n from 32": layer.filter((row) =>
        row.layer === "spectral" && row.n >= 32
      )
        .map(({ error }) => error),
    }),
    expect: { "change from n to 4096 points, n from 32": below(1e-12) },
  }),
  data: claim({
    figure: null,
    statement: "The data are exact to far below the error of any network.",
    source: derived("6.1"),
    measure: ({ data }) => ({
      "largest relative error of a function": Math.max(...data.map(({ error }) => error)),
    }),
    expect: { "largest relative error of a function": atMost(1e-3) },
  }),
  larger: claim({
    figure: "resolution",
    statement: "A longer time and a larger network change nothing of this.",
    source: derived("6.3"),
    decidedBy: ({ error }) => atLeastSeeds(larger(error), 3),
    measure: ({ error }) => ({
      "plain CNN, error at 512 over that at 64, every seed": growth(larger(error), "plain CNN", "larger"),
      "hat kernel, the same, minus 1": growth(larger(error), "hat kernel", "larger").map((ratio) =>
        ratio - 1
      ),
    }),
    expect: {
      "plain CNN, error at 512 over that at 64, every seed": atLeast(6),
      "hat kernel, the same, minus 1": within(-0.05, 0.05),
    },
  }),
}));

/** Rows of a route by one protocol. */
export function ofRoute(
  error: readonly Row<"error">[],
  route: Route,
  setting: Row<"error">["setting"] = "default",
): Row<"error">[] {
  return error.filter((row) => row.route === route && row.setting === setting);
}

function larger(error: readonly Row<"error">[]): Row<"error">[] {
  return error.filter(({ setting }) => setting === "larger");
}

function fullyTrained(error: readonly Row<"error">[], route: Route): Row<"error">[] {
  return ofRoute(error, route).filter(({ steps }) => steps >= DEFAULT_STEPS);
}

/** Errors on a grid, seed by seed. */
function errorsAt(
  error: readonly Row<"error">[],
  route: Route,
  n: number,
  setting: Row<"error">["setting"] = "default",
): number[] {
  return ofRoute(error, route, setting).filter((row) => row.n === n).map((row) => row.error);
}

/** Error on the finest grid over that on the grid of training, seed by seed. */
function growth(
  error: readonly Row<"error">[],
  route: Route,
  setting: Row<"error">["setting"] = "default",
): number[] {
  const trained = errorsAt(error, route, TRAIN_N, setting);
  return errorsAt(error, route, FINEST, setting).map((value, i) => value / trained[i]);
}

/** Largest over smallest error on grids from that of training on, seed by seed. */
function spread(error: readonly Row<"error">[], route: Route): number[] {
  const rows = ofRoute(error, route).filter(({ n }) => n >= TRAIN_N);
  return distinct(rows, "seed").map((seed) => {
    const values = rows.filter((row) => row.seed === seed).map((row) => row.error);
    return Math.max(...values) / Math.min(...values);
  });
}

/**
 * How much worse the official resizing is than the hat kernel, and the plain network than that, at 512
 * points.
 */
function orders(
  error: readonly Row<"error">[],
): { "official over hat, every seed": number[]; "plain over official": number[] } {
  const [plain, official, hat] = (["plain CNN", "official resizing", "hat kernel"] as const).map((route) =>
    errorsAt(error, route, FINEST)
  );
  return {
    "official over hat, every seed": official.map((value, i) => value / hat[i]),
    "plain over official": plain.map((value, i) => value / official[i]),
  };
}

/** Slope of a power law in n. */
function slope<Name extends string>(
  rows: readonly ({ n: number } & Record<Name, number>)[],
  field: Name,
): number {
  return rows.length < 2 ? NaN : fitPowerLaw(rows.map(({ n }) => n), rows.map((row) => row[field])).slope;
}

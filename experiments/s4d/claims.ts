/** What must be seen, as data: notes 7 numbers the criteria. */
import {
  above,
  atLeast,
  atMost,
  below,
  defineClaims,
  derived,
  near,
  type RowTable,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { fitLine } from "../../lib/statistics/mod.ts";
import { HORIZON } from "./kernels.ts";
import type { Row, Sampling } from "./rows.ts";

/** RMS errors over [0, 2.5) of order 0, computed in another language. */
const ZOH: Record<number, number> = {
  32: 0.2959,
  64: 0.2381,
  128: 0.1099,
  256: 0.05124,
  512: 0.02479,
  1024: 0.01136,
};
const BILINEAR: Record<number, number> = { 128: 0.1368, 256: 0.0674, 512: 0.0326, 1024: 0.0149 };
/** RMS errors of point samples at N = 1024, by order. */
const RAW = [0.304, 0.527, 0.68, 0.804];
/** π ω₀ / N², and how far S4D-Inv's largest mode is below ω₀. */
const ROOTS: Record<number, [ratio: number, below: number]> = {
  16: [0.9936033, 0.0565],
  64: [0.9995985, 0.0152],
  256: [0.9999749, 0.00388],
};
const PULSE = "pulse at 1, width 0.05";
/** RMS of the kernel of order 0 itself over the horizon. */
const SIGNAL = Math.sqrt((1 - Math.exp(-2 * HORIZON)) / 2 / HORIZON);

type Rows = RowTable<Row>;

export const claims = defineClaims<Row>((claim) => ({
  "kernels-converge": claim({
    figure: "convergence",
    criterion: 1,
    headline: true,
    statement:
      "Dropping the rank-1 part of HiPPO-LegS and halving B gives, as N grows, the kernels of LegS itself.",
    source: theorem("Theorem 3", { notes: "3.3" }),
    measure: ({ error }) => {
      const zoh = errorsOf(error, "zoh", 0);
      const large = zoh.filter(({ n }) => n >= 128 && n <= 1024);
      return {
        "RMS error of order 0 over its table, minus 1": against(zoh, ZOH),
        "slope of log error on log N from N = 128": fitLine(
          large.map(({ n }) => Math.log(n)),
          large.map(({ rms }) => Math.log(rms)),
        ).slope,
      };
    },
    expect: {
      "RMS error of order 0 over its table, minus 1": within(-0.01, 0.01),
      "slope of log error on log N from N = 128": atMost(-0.95),
    },
    context: ({ error }) => ({
      "RMS error at N = 1024": errorsOf(error, "zoh", 0).filter(({ n }) => n === 1024).map(({ rms }) => rms),
    }),
  }),
  "third-order": claim({
    figure: "kernels",
    criterion: 1,
    statement: "Higher basis functions converge too, more slowly.",
    source: theorem("Theorem 3", { notes: "7" }),
    decidedBy: ({ error }) => error.some(({ n }) => n === 1024),
    measure: ({ error }) => {
      const third = errorsOf(error, "zoh", 3).filter(({ n }) => n === 1024);
      return {
        "RMS error of order 3 at N = 1024": third.map(({ rms }) => rms),
        "largest error": third.map(({ max }) => max),
      };
    },
    expect: {
      "RMS error of order 3 at N = 1024": near(0.0301, { relative: 0.01 }),
      "largest error": near(0.0865, { relative: 0.01 }),
    },
  }),
  "half-matters": claim({
    figure: "convergence",
    criterion: 1,
    statement:
      "Without the factor 1/2 on B, the kernels do not converge: the error tends to the size of the kernel.",
    source: derived("3.3"),
    measure: ({ error }) => ({
      "RMS error at the largest N": errorsOf(error, "zoh, B not halved", 0).slice(-1).map(({ rms }) => rms),
    }),
    expect: { "RMS error at the largest N": near(SIGNAL, { relative: 0.03 }) },
  }),
  "limit-is-weak": claim({
    figure: "convergence",
    criterion: 2,
    statement:
      "Point samples never converge: a ripple of constant height stays, which averaging over a sample hides.",
    source: derived("3.5"),
    decidedBy: ({ error }) => error.some(({ n }) => n === 1024),
    measure: ({ error }) => ({
      "RMS error of orders 0 to 3 at N = 1024 over its table, minus 1": RAW.flatMap((expected, order) =>
        errorsOf(error, "raw", order).filter(({ n }) => n === 1024).map(({ rms }) => rms / expected - 1)
      ),
      "over the limit ½ √(2n+1) √((1 − e⁻ᵀ)/T), minus 1": RAW.flatMap((_, order) =>
        errorsOf(error, "raw", order).filter(({ n }) => n === 1024).map(({ rms }) => rms / limit(order) - 1)
      ),
    }),
    expect: {
      "RMS error of orders 0 to 3 at N = 1024 over its table, minus 1": within(-0.01, 0.01),
      "over the limit ½ √(2n+1) √((1 − e⁻ᵀ)/T), minus 1": within(-0.02, 0.02),
    },
  }),
  bilinear: claim({
    figure: "convergence",
    criterion: 3,
    statement: "Bilinear discretization converges to the same kernels.",
    source: derived("3.1"),
    measure: ({ error }) => ({
      "RMS error of order 0 over its table, minus 1": against(errorsOf(error, "bilinear", 0), BILINEAR),
    }),
    expect: { "RMS error of order 0 over its table, minus 1": within(-0.01, 0.01) },
  }),
  "inverse-law": claim({
    figure: null,
    criterion: 4,
    statement: "The largest root of the LegS spectrum tends to N²/π, which is why S4D-Inv works.",
    source: derived("3.4"),
    measure: ({ root }) => ({
      "π ω₀ / N² minus its exact value": root.map(({ n, ratio }) => ratio - ROOTS[n][0]),
      "S4D-Inv below ω₀, over its exact value, minus 1": root.map(({ n, invBelow }) =>
        invBelow / ROOTS[n][1] - 1
      ),
    }),
    expect: {
      "π ω₀ / N² minus its exact value": within(-1e-7, 1e-7),
      "S4D-Inv below ω₀, over its exact value, minus 1": within(-0.005, 0.005),
    },
    context: ({ root }) => ({ "π ω₀ / N²": root.map(({ ratio }) => ratio) }),
  }),
  "normal-part": claim({
    figure: null,
    criterion: 8,
    statement: "What is left of LegS is normal, and all of its eigenvalues have real part -1/2.",
    source: theorem("Section 2.2", { notes: "3.3" }),
    measure: ({ root }) => ({
      "commutator over ‖A‖²": root.map(({ commutator }) => commutator),
      "real parts plus 1/2, over N²": root.map(({ n, realPart }) => realPart / n ** 2),
    }),
    expect: { "commutator over ‖A‖²": below(1e-13), "real parts plus 1/2, over N²": below(1e-13) },
  }),
  "one-model-three-ways": claim({
    figure: null,
    criterion: 7,
    statement: "Convolution, recurrence and the plain sum of exponentials give the same output.",
    source: derived("3.1"),
    measure: ({ agreement }) => ({
      "relative difference, L = 4096": agreement.flatMap(({ recurrence, direct }) => [recurrence, direct]),
    }),
    expect: { "relative difference, L = 4096": atMost(1e-10) },
  }),
  basis: claim({
    figure: "basis",
    criterion: 5,
    statement: "Frozen modes of Lin, LegS and Inv can express a delayed pulse; real ones cannot.",
    source: derived("6"),
    measure: (rows) => ({
      "relative error of the pulse, Lin": pulse(rows, "S4D-Lin"),
      "LegS and Inv": [...pulse(rows, "S4D-LegS"), ...pulse(rows, "S4D-Inv")],
      "Real": pulse(rows, "S4D-Real"),
      "Real over LegS": pulse(rows, "S4D-Real").map((error) => error / pulse(rows, "S4D-LegS")[0]),
    }),
    expect: {
      "relative error of the pulse, Lin": below(1e-4),
      "LegS and Inv": below(0.05),
      "Real": above(0.5),
      "Real over LegS": atLeast(10),
    },
  }),
  "random-basis": claim({
    figure: "basis",
    criterion: 5,
    statement: "Random frozen modes cannot express the pulse either, whatever the draw.",
    source: derived("6"),
    measure: (rows) => ({ "relative error of the pulse, each draw": pulse(rows, "Random") }),
    expect: { "relative error of the pulse, each draw": above(0.5) },
  }),
  rank: claim({
    figure: "basis",
    criterion: 5,
    statement:
      "Real modes are almost dependent, random ones little less: their singular values fall off at once.",
    source: derived("6"),
    measure: (rows) => ({
      "effective rank of 64, Real": effectiveRank(rows, "S4D-Real"),
      "Random over LegS": effectiveRank(rows, "Random").map((rank) =>
        rank / effectiveRank(rows, "S4D-LegS")[0]
      ),
      "LegS": effectiveRank(rows, "S4D-LegS"),
      "Lin": effectiveRank(rows, "S4D-Lin"),
      "numerical rank (1e-8), Real": basisOf(rows, "S4D-Real").map(({ rank }) => rank),
    }),
    expect: {
      "effective rank of 64, Real": below(4),
      "Random over LegS": below(0.5),
      "LegS": above(40),
      "Lin": above(55),
      "numerical rank (1e-8), Real": within(15, 19),
    },
  }),
  training: claim({
    figure: "training",
    criterion: 6,
    statement: "Training does not make up for a bad start: real and random spectra stay far from the target.",
    source: derived("6"),
    decidedBy: ({ training }) => training.some(({ step }) => step >= 500),
    measure: (rows) => ({
      "final loss of every seed: Lin, LegS, Inv": finalLoss(rows, ["S4D-Lin", "S4D-LegS", "S4D-Inv"]),
      "Real, Random": finalLoss(rows, ["S4D-Real", "Random"]),
    }),
    expect: { "final loss of every seed: Lin, LegS, Inv": below(0.05), "Real, Random": above(0.3) },
  }),
  digits: claim({
    figure: "digits",
    statement:
      "Two S4D-LegS layers learn to read digits pixel by pixel; the same network with real modes does not " +
      "keep up.",
    source: derived("6"),
    decidedBy: ({ digits }) => digits.length > 0,
    measure: (rows) => {
      const legs = finalAccuracy(rows, "S4D-LegS");
      const real = finalAccuracy(rows, "S4D-Real");
      return {
        "test accuracy of LegS, each seed": legs,
        "worst of LegS minus best of Real": Math.min(...legs) - Math.max(...real),
      };
    },
    expect: { "test accuracy of LegS, each seed": above(0.5), "worst of LegS minus best of Real": above(0) },
    context: (rows) => ({ "test accuracy of Real": finalAccuracy(rows, "S4D-Real") }),
  }),
}));

/** Errors of one way of sampling and one basis function, by growing N. */
function errorsOf(errors: readonly Row<"error">[], sampling: Sampling, order: number): Row<"error">[] {
  return errors.filter((row) => row.sampling === sampling && row.order === order).sort((a, b) => a.n - b.n);
}

function against(errors: readonly Row<"error">[], table: Record<number, number>): number[] {
  return errors.filter(({ n }) => n in table).map(({ n, rms }) => rms / table[n] - 1);
}

/** What the RMS error of point samples tends to. */
function limit(order: number): number {
  return 0.5 * Math.sqrt(2 * order + 1) * Math.sqrt((1 - Math.exp(-HORIZON)) / HORIZON);
}

function pulse({ fit }: Rows, init: string): number[] {
  return fit.filter((row) => row.init === init && row.target === PULSE).map(({ error }) => error);
}

function basisOf({ basis }: Rows, init: string) {
  return basis.filter((row) => row.init === init);
}

function effectiveRank(rows: Rows, init: string): number[] {
  return basisOf(rows, init).map(({ effectiveRank }) => effectiveRank);
}

function finalLoss({ training }: Rows, inits: string[]): number[] {
  const last = Math.max(...training.map(({ step }) => step));
  return training.filter(({ init, step }) => step === last && inits.includes(init)).map(({ loss }) => loss);
}

function finalAccuracy({ digits }: Rows, init: string): number[] {
  const last = Math.max(...digits.map(({ epoch }) => epoch));
  return digits.filter((row) => row.init === init && row.epoch === last).map(({ accuracy }) => accuracy);
}

/** What must be seen, as data: notes 7 numbers the criteria; number 8 is proved in test/hyperbolic. */
import { mean } from "simple-statistics";
import {
  above,
  atLeast,
  atLeastSeeds,
  atMost,
  below,
  defineClaims,
  derived,
  groupsOf,
  near,
  type RowTable,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { fitLine } from "../../lib/statistics/mod.ts";
import type { NetworkStart, Norm, Row, Start } from "./rows.ts";
import { CURVATURES, RHOS } from "./trials.ts";

/** What is left of the norm after 20 layers with the released conformal factor: c, ρ and the ratio. */
const RELEASED = [[0.1, 0.5, 0.5759], [0.1, 2, 0.171], [1, 0.5, 0.2154], [1, 2, 0.0292]];

export const claims = defineClaims<Row>((claim) => ({
  "identity-keeps": claim({
    figure: "depth",
    criterion: 1,
    headline: true,
    statement:
      "With the identity start the norms of features stay what they are, through any number of layers.",
    source: theorem("The identity-based initialization", { notes: "3.5" }),
    measure: ({ depth }) => ({
      "largest |norm ratio − 1|, float64": of(depth, "identity").map(({ worst }) => worst),
      "float32": of(depth, "identity, float32").map(({ worst }) => worst),
    }),
    expect: { "largest |norm ratio − 1|, float64": below(1e-12), "float32": below(1e-5) },
  }),
  "orthogonal-keeps": claim({
    figure: "depth",
    statement: "It is one of a family: every start ½Q with an orthogonal Q is an isometry.",
    source: derived("3.5"),
    measure: ({ depth }) => ({ "largest |norm ratio − 1|": of(depth, "½Q").map(({ worst }) => worst) }),
    expect: { "largest |norm ratio − 1|": below(1e-12) },
  }),
  "hnn-collapses": claim({
    figure: "depth",
    criterion: 2,
    statement: "With the usual start features shrink by √(2/d) per layer, towards the origin.",
    source: derived("3.5"),
    decidedBy: ({ depth }) => atLeastSeeds(depth, 3),
    measure: ({ depth }) => {
      const collapsing = tabulated(of(depth, "HNN++"));
      const slopes = (d: number) =>
        collapsing.filter((row) => row.d === d).map((row) => slopeOf(row) / (Math.log(2 / d) / 2));
      return {
        "mean norm after 20 layers over ρ(2/d)¹⁰": collapsing.map(({ norms, rho, d }) =>
          norms[20] / (rho * (2 / d) ** 10)
        ),
        "slope of log norm over ½ ln(2/d), d = 16": slopes(16),
        "d = 64": slopes(64),
      };
    },
    expect: {
      "mean norm after 20 layers over ρ(2/d)¹⁰": within(1 / 8, 8),
      "slope of log norm over ½ ln(2/d), d = 16": within(0.9, 1.1),
      "d = 64": within(0.96, 1.04),
    },
  }),
  "released-shrinks": claim({
    figure: "depth",
    criterion: 3,
    statement:
      "The released code multiplies where the conformal factor divides: its identity start shrinks features.",
    source: derived("3.9"),
    measure: ({ released }) => ({
      "norm left after 20 layers minus the computed one": RELEASED.map(([c, rho, ratio]) => {
        const row = released.find((row) => row.c === c && row.rho === rho);
        return row === undefined ? NaN : row.norms[20] / rho - ratio;
      }),
    }),
    expect: { "norm left after 20 layers minus the computed one": within(-5e-5, 5e-5) },
    context: ({ released }) => ({
      "norm left": RELEASED.map(([c, rho]) =>
        released.find((row) => row.c === c && row.rho === rho)!.norms[20] / rho
      ),
    }),
  }),
  "gradient-arrives": claim({
    figure: "gradients",
    criterion: 4,
    statement:
      "At the start, the loss's gradient reaches the first of eight layers with one start, not with " +
      "the other.",
    source: derived("6"),
    measure: ({ training }) => ({
      "gradient norm of the first layer: identity": ofNetworks(training, 8, "identity").map(firstGradient),
      "HNN++": ofNetworks(training, 8, "hnn++").map(firstGradient),
    }),
    expect: { "gradient norm of the first layer: identity": above(0.1), "HNN++": below(1e-3) },
  }),
  "eight-layers": claim({
    figure: "accuracy",
    criterion: 5,
    statement: "Eight layers learn digits with the identity start; with the usual one they lag behind.",
    source: derived("6"),
    decidedBy: ({ training }) => atLeastSeeds(ofNetworks(training, 8, "identity"), 3),
    measure: ({ training }) => {
      const identity = ofNetworks(training, 8, "identity").map(accuracyOf);
      const hnn = ofNetworks(training, 8, "hnn++").map(accuracyOf);
      return {
        "test accuracy, identity, every seed": identity,
        "mean": mean(identity),
        "lead over HNN++, every seed": identity.map((accuracy, k) => accuracy - hnn[k]),
        "mean, HNN++": mean(hnn),
      };
    },
    expect: {
      "test accuracy, identity, every seed": atLeast(0.92),
      "mean": atLeast(0.94),
      "lead over HNN++, every seed": atLeast(0.05),
      "mean, HNN++": atMost(0.85),
    },
  }),
  "sixteen-layers": claim({
    figure: "accuracy",
    criterion: 5,
    statement:
      "Sixteen layers still learn with the identity start; with the usual one nothing is learned at all.",
    source: derived("6"),
    decidedBy: ({ training }) => atLeastSeeds(ofNetworks(training, 16, "identity"), 3),
    measure: ({ training }) => {
      const identity = ofNetworks(training, 16, "identity").map(accuracyOf);
      const hnn = ofNetworks(training, 16, "hnn++");
      return {
        "test accuracy, identity, every seed": identity,
        "mean": mean(identity),
        "HNN++": hnn.map(accuracyOf),
        "training loss, HNN++": hnn.map(({ loss }) => loss),
      };
    },
    expect: {
      "test accuracy, identity, every seed": atLeast(0.87),
      "mean": atLeast(0.91),
      "HNN++": below(0.15),
      "training loss, HNN++": near(Math.log(10), { absolute: 0.005 }),
    },
  }),
  "two-layers": claim({
    figure: "accuracy",
    criterion: 5,
    statement: "With two layers the start does not matter.",
    source: derived("6"),
    decidedBy: ({ training }) => atLeastSeeds(ofNetworks(training, 2, "identity"), 3),
    measure: ({ training }) => ({
      "mean test accuracy, identity minus HNN++": mean(ofNetworks(training, 2, "identity").map(accuracyOf)) -
        mean(ofNetworks(training, 2, "hnn++").map(accuracyOf)),
    }),
    expect: { "mean test accuracy, identity minus HNN++": within(-0.015, 0.015) },
    context: ({ training }) => ({
      "accuracies": training.filter(({ layers }) => layers === 2).map(accuracyOf),
    }),
  }),
  "midpoint-is-close": claim({
    figure: "means",
    criterion: 6,
    statement:
      "The closed-form midpoint is close to the Fréchet mean, the less spread and curvature the closer.",
    source: derived("3.6"),
    measure: ({ means }) => ({
      "distance of the two means over the rms spread": means.map(({ relative }) => relative),
      "its growth from one spread to the next": growth(means, "sigma", "relative"),
      "from one curvature to the next": growth(means, "c", "relative"),
      "variance about the midpoint over the least, minus 1": means.map(({ excess }) => excess),
    }),
    expect: {
      "distance of the two means over the rms spread": below(5e-3),
      "its growth from one spread to the next": above(1),
      "from one curvature to the next": above(1),
      "variance about the midpoint over the least, minus 1": within(-1e-12, 1e-4),
    },
  }),
  "frechet-iterates": claim({
    figure: "means",
    criterion: 6,
    statement:
      "The Fréchet mean takes several passes over the points, more of them with spread and curvature.",
    source: derived("4"),
    measure: ({ means }) => ({
      "iterations": means.map(({ iterations }) => iterations),
      "their growth with spread or curvature": [
        ...growth(means, "sigma", "iterations"),
        ...growth(means, "c", "iterations"),
      ],
    }),
    expect: { "iterations": within(4, 10), "their growth with spread or curvature": atLeast(1) },
  }),
  "normalization-centres": claim({
    figure: null,
    criterion: 7,
    statement:
      "After normalization the variance is the one asked for; the mean is exact with the Fréchet mean, and " +
      "close to it with the midpoint.",
    source: theorem("Batch normalization by translation and scaling", { notes: "3.6" }),
    measure: ({ normalization }) => {
      const offCentre = (mean: "midpoint" | "frechet") =>
        normalization.filter((row) => row.mean === mean).map((row) => row.offCentre);
      return {
        "variance over γV/(V + eps), minus 1": normalization.map(({ varianceError }) => varianceError),
        "mean tangent vector of the outputs: Fréchet": offCentre("frechet"),
        "midpoint": offCentre("midpoint"),
      };
    },
    expect: {
      "variance over γV/(V + eps), minus 1": within(-1e-10, 1e-10),
      "mean tangent vector of the outputs: Fréchet": below(1e-12),
      "midpoint": within(1e-5, 0.05),
    },
  }),
  "midpoint-trains-as-well": claim({
    figure: "accuracy",
    statement:
      "Networks normalized by the midpoint learn as well as by the Fréchet mean; normalized, the usual " +
      "start learns, too.",
    source: derived("5"),
    decidedBy: ({ training }) => atLeastSeeds(ofNetworks(training, 8, "hnn++", "frechet"), 3),
    measure: ({ training }) => {
      const accuracy = (init: NetworkStart, norm: Norm) =>
        ofNetworks(training, 8, init, norm).map(accuracyOf);
      const inits = ["identity", "hnn++"] as const;
      return {
        "mean test accuracy, midpoint minus Fréchet": inits.map((init) =>
          mean(accuracy(init, "midpoint")) - mean(accuracy(init, "frechet"))
        ),
        "test accuracy with the midpoint, identity": accuracy("identity", "midpoint"),
        "HNN++": accuracy("hnn++", "midpoint"),
      };
    },
    expect: {
      "mean test accuracy, midpoint minus Fréchet": within(-0.02, 0.02),
      "test accuracy with the midpoint, identity": atLeast(0.9),
      "HNN++": atLeast(0.85),
    },
  }),
  "orthogonal-loses-with-relu": claim({
    figure: "accuracy",
    statement:
      "With rectifiers the identity is the better isometry: ½Q loses norm, and learns less in 16 layers.",
    source: derived("11"),
    decidedBy: ({ training }) => atLeastSeeds(ofNetworks(training, 16, "orthogonal"), 3),
    measure: ({ training }) => ({
      "mean test accuracy, identity minus ½Q": mean(ofNetworks(training, 16, "identity").map(accuracyOf)) -
        mean(ofNetworks(training, 16, "orthogonal").map(accuracyOf)),
    }),
    expect: { "mean test accuracy, identity minus ½Q": above(0) },
    context: ({ training }) => ({ "½Q": ofNetworks(training, 16, "orthogonal").map(accuracyOf) }),
  }),
  "fused-layer-has-no-boundary": claim({
    figure: "boundary",
    statement:
      "In single precision the layer written on the ball is wrong at tangent norm 8 and NaN from 10; " +
      "fused, it is right.",
    source: derived("3.3"),
    measure: ({ boundary }) => {
      const ball = boundary.filter(({ form }) => form === "ball");
      const fused = boundary.filter(({ form }) => form === "fused");
      return {
        "ball form, returned for norm 8": ball.filter(({ norm }) => norm === 8)
          .map(({ norm, error }) => error === null ? NaN : norm * (1 + error)),
        "its results for norms from 10 that are a number": ball.filter(({ norm, error }) =>
          norm >= 10 && error !== null
        ).length,
        "fused, |returned/norm − 1|": fused.map(({ error }) => Math.abs(error!)),
      };
    },
    expect: {
      "ball form, returned for norm 8": near(7.97, { absolute: 0.02 }),
      "its results for norms from 10 that are a number": atMost(0),
      "fused, |returned/norm − 1|": below(1e-6),
    },
  }),
  "small-graph": claim({
    figure: "graph",
    statement: "One operation with a gradient of its own keeps a fraction of what tensor operations keep.",
    source: derived("6"),
    measure: ({ graph }) => {
      const [plain, fused] = (["tensor operations", "fused"] as const).map((form) =>
        graph.find((row) => row.form === form)
      );
      const ratio = (of: (row: Row<"graph">) => number) => plain && fused ? of(fused) / of(plain) : NaN;
      return {
        "bytes kept over those of tensor operations": ratio(({ bytes }) => bytes),
        "operations on the tape over theirs": ratio(({ operations }) => operations),
        "difference of the results": graph.map(({ difference }) => difference),
      };
    },
    expect: {
      "bytes kept over those of tensor operations": atMost(0.2),
      "operations on the tape over theirs": atMost(0.1),
      "difference of the results": below(1e-4),
    },
    context: ({ graph }) => ({ "bytes": graph.map(({ bytes }) => bytes) }),
  }),
  "resnet-learns": claim({
    figure: "resnet",
    statement: "A Poincaré ResNet-8 learns digits about as well as a Euclidean one of the same widths.",
    source: derived("6"),
    decidedBy: ({ resnet }) => atLeastSeeds(resnet, 3),
    measure: ({ resnet }) => {
      const last = (network: string) => {
        const own = resnet.filter((row) => row.network === network);
        const epoch = Math.max(...own.map((row) => row.epoch));
        return own.filter((row) => row.epoch === epoch).map(({ accuracy }) => accuracy);
      };
      return {
        "test accuracy, Poincaré, every seed": last("Poincaré"),
        "mean, Poincaré minus Euclidean": mean(last("Poincaré")) - mean(last("Euclidean")),
      };
    },
    expect: {
      "test accuracy, Poincaré, every seed": atLeast(0.8),
      "mean, Poincaré minus Euclidean": within(-0.06, 0.06),
    },
  }),
}));

function of(depth: readonly Row<"depth">[], start: Start): readonly Row<"depth">[] {
  return depth.filter((row) => row.start === start);
}

/** The rows of the settings of the criteria; a knob may add others. */
function tabulated(rows: readonly Row<"depth">[]): readonly Row<"depth">[] {
  return rows.filter(({ c, rho }) => CURVATURES.includes(c) && RHOS.includes(rho));
}

/** Slope of the logarithm of the mean norm on the layer, from the second layer on. */
function slopeOf({ norms }: Row<"depth">): number {
  const layers = norms.map((_, layer) => layer).slice(2);
  return fitLine(layers, layers.map((layer) => Math.log(norms[layer]))).slope;
}

function ofNetworks(
  training: RowTable<Row>["training"],
  layers: number,
  init: NetworkStart,
  norm: Norm = "none",
): readonly Row<"training">[] {
  return training.filter((row) => row.layers === layers && row.init === init && row.norm === norm);
}

function firstGradient({ gradientNorms }: Row<"training">): number {
  return gradientNorms[0];
}

function accuracyOf({ accuracy }: Row<"training">): number {
  return accuracy;
}

/** By what the mean of `field` over seeds grows from a value of `along` to the next, at each other one. */
function growth(
  means: readonly Row<"means">[],
  along: "sigma" | "c",
  field: "relative" | "iterations",
): number[] {
  const other = along === "sigma" ? "c" : "sigma";
  return groupsOf(means, other).flatMap(({ rows }) => {
    const steps = groupsOf([...rows].sort((a, b) => a[along] - b[along]), along);
    const values = steps.map(({ rows }) => mean(rows.map((row) => row[field])));
    return values.slice(1).map((value, k) => value / values[k]);
  });
}

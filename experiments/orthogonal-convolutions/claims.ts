/** What must be seen, as data: notes 7 numbers the criteria. */
import { median } from "simple-statistics";
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
  near,
  type RowTable,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { NAMES, VALUES } from "./minima.ts";
import { isSquare, type Row } from "./rows.ts";

/** Spectral constants: M, C, k, S and alpha. */
const CONSTANTS = [[4, 2, 3, 1, 50], [2, 3, 3, 1, 50], [4, 1, 3, 2, 25], [6, 1, 5, 2, 81]];

export const claims = defineClaims<Row>((claim) => ({
  "any-resolution": claim({
    figure: "scaling",
    criterion: 4,
    headline: true,
    statement:
      "A layer whose regularizer is small is nearly an isometry on images of any size: the spectral error stays " +
      "below a bound that does not know the image, while the Frobenius error grows like N.",
    source: theorem("Theorems on the Frobenius and the spectral error", { notes: "3.4" }),
    decidedBy: ({ scaling }) => atLeastSeeds(scaling, 3),
    measure: ({ scaling }) => ({
      "L of the kernels": scaling.map(({ lorth }) => lorth),
      "err_F / (N √L) - 1": scaling.map(({ frobenius, N, lorth }) => frobenius / (N * Math.sqrt(lorth)) - 1),
      "err_s over its bound √(αL)": scaling.map(({ spectral, bound }) => spectral / bound),
      "growth of err_s from N to larger images, over 1 / cos²(2π/N)": samplingRatios(scaling),
    }),
    expect: {
      "L of the kernels": atMost(1e-3),
      "err_F / (N √L) - 1": within(-1e-10, 1e-10),
      "err_s over its bound √(αL)": atMost(1),
      "growth of err_s from N to larger images, over 1 / cos²(2π/N)": atMost(1),
    },
    context: ({ scaling }) => ({
      "err_s": scaling.map(({ spectral }) => spectral),
      "singular values": scaling.flatMap(({ smallest, largest }) => [smallest, largest]),
    }),
  }),
  "little-change": claim({
    figure: "scaling",
    criterion: 4,
    statement: "From N = 5 to 64 the spectral error of every kernel changes by less than 35 %.",
    source: derived("9"),
    decidedBy: ({ scaling }) => atLeastSeeds(scaling, 3),
    measure: ({ scaling }) => ({
      "largest over smallest err_s of a kernel, N = 5 to 64": spectralChanges(scaling, 5),
    }),
    expect: { "largest over smallest err_s of a kernel, N = 5 to 64": below(1.35) },
    context: ({ scaling }) => ({ "N = 8 to 64": spectralChanges(scaling, 8) }),
  }),
  "frobenius-identity": claim({
    figure: null,
    criterion: 1,
    statement:
      "The regularizer is the squared Frobenius error per output pixel, exactly, as soon as the image has 2k - 1 " +
      "pixels per side; on smaller images it is not.",
    source: theorem("Theorem on the Frobenius error", { notes: "3.4" }),
    measure: ({ identity }) => {
      const aliased = identity.filter((row) => row.aliased);
      return {
        "err_F² / (N² L) - 1, explicit matrices": identity.filter((row) => !row.aliased).map(({ ratio }) =>
          ratio - 1
        ),
        "at N = 3 for k = 3, the sine kernel": aliased.filter(({ kernel }) => kernel === "sine").map((
          { ratio },
        ) => ratio),
        "distance from 1 there, random kernels": aliased.filter(({ kernel }) => kernel === "random")
          .map(({ ratio }) => Math.abs(ratio - 1)),
      };
    },
    expect: {
      "err_F² / (N² L) - 1, explicit matrices": within(-1e-12, 1e-12),
      "at N = 3 for k = 3, the sine kernel": near(0.28586015, { absolute: 1e-8 }),
      "distance from 1 there, random kernels": above(1e-3),
    },
  }),
  "spectral-bound": claim({
    figure: "scaling",
    criterion: 2,
    statement: "err_s² ≤ α L with a constant that knows the layer but not the image.",
    source: theorem("Theorem on the spectral error", { notes: "3.4" }),
    decidedBy: ({ bound }) => bound.reduce((sum, { ratios }) => sum + ratios.length, 0) >= 1000,
    measure: ({ bound, constant }) => ({
      "err_s² / (αL), over 1000 random kernels": bound.flatMap(({ ratios }) => ratios),
      "α over the tabulated one": CONSTANTS.map(([M, C, k, S, alpha]) =>
        (constant.find((row) => row.M === M && row.C === C && row.k === k && row.S === S)?.alpha ?? NaN) /
        alpha
      ),
    }),
    expect: {
      "err_s² / (αL), over 1000 random kernels": within(0, 1),
      "α over the tabulated one": within(1, 1),
    },
  }),
  existence: claim({
    figure: "existence",
    criterion: 3,
    statement:
      "Whether an orthogonal convolution exists is decided by one inequality: M ≤ C k² if M ≤ C S², else S ≤ k. " +
      "Where none exists, descents end at a floor that is known.",
    source: theorem("Theorem 1", { notes: "3.2" }),
    decidedBy: ({ floor }) => atLeastSeeds(floor, 3),
    measure: ({ existence, floor }) => ({
      "|L| of the construction where one exists": existence.filter(({ exists }) => exists).map(({ lorth }) =>
        lorth
      ),
      "the floor where none exists": existence.filter(({ exists }) => !exists).map((row) => row.floor),
      "distance of the best kernel from the floor there": existence.filter(({ exists }) => !exists)
        .map(({ residual }) => residual),
      "L of descents minus the floor": floor.map((row) => row.lorth - row.floor),
      "floor for C = 1, k = 3, S = 4: of M = 10 minus 1, of M = 17 minus 7": [[10, 1], [17, 7]].map((
        [M, least],
      ) => (floor.find((row) => row.M === M)?.floor ?? NaN) - least),
    }),
    expect: {
      "|L| of the construction where one exists": atMost(1e-12),
      "the floor where none exists": atLeast(1),
      "distance of the best kernel from the floor there": atMost(1e-11),
      "L of descents minus the floor": within(-1e-10, 1e-6),
      "floor for C = 1, k = 3, S = 4: of M = 10 minus 1, of M = 17 minus 7": within(0, 0),
    },
    context: ({ existence }) => {
      const count = (exists: boolean) =>
        existence.filter((row) => row.exists === exists).reduce(
          (sum, { from, to }) => sum + to - from + 1,
          0,
        );
      return { "shapes with": count(true), "shapes without": count(false) };
    },
  }),
  "non-square": claim({
    figure: "landscape",
    criterion: 5,
    statement: "With more or fewer filters than C S², every descent ends at an orthogonal layer.",
    source: fromFigure("Landscape of trained layers", { notes: "3.6" }),
    decidedBy: ({ landscape }) => atLeastSeeds(landscape, 8),
    measure: ({ landscape }) => {
      const runs = landscape.filter((row) => !isSquare(row));
      return {
        "smallest singular value, M ≠ C S²": runs.map(({ smallest }) => smallest),
        "largest": runs.map(({ largest }) => largest),
      };
    },
    expect: { "smallest singular value, M ≠ C S²": above(0.97), "largest": below(1.03) },
  }),
  square: claim({
    figure: "landscape",
    criterion: 5,
    statement:
      "With exactly C S² filters and stride 1, a good part of the descents ends far from orthogonal.",
    source: fromFigure("Landscape of trained layers", { notes: "3.6" }),
    decidedBy: ({ landscape }) => landscape.filter((row) => isSquare(row) && row.S === 1).length >= 32,
    measure: ({ landscape }) => ({
      "share of square runs, S = 1, with a smallest singular value below 0.6": shareBelow(
        landscape.filter((row) => isSquare(row) && row.S === 1),
      ),
    }),
    expect: { "share of square runs, S = 1, with a smallest singular value below 0.6": atLeast(0.35) },
    context: ({ landscape }) => {
      const strided = landscape.filter((row) => isSquare(row) && row.S === 2);
      const found: Record<string, number> = strided.length === 0 ? {} : { "with S = 2": shareBelow(strided) };
      return found;
    },
  }),
  "fourier-blocks": claim({
    figure: null,
    criterion: 6,
    statement: "The Fourier blocks have all singular values of the layer's matrix, which is never built.",
    source: derived("3.5"),
    measure: ({ identity }) => ({
      "largest difference from the explicit matrix": identity.map(({ singularValues }) => singularValues),
    }),
    expect: { "largest difference from the explicit matrix": atMost(1e-10) },
  }),
  "spurious-minima": claim({
    figure: "minima",
    criterion: 7,
    statement:
      "Why square layers are hard: one filter of 3 × 3 taps already has local minima at L = 3/25 and 1/5, where " +
      "some frequency is lost altogether.",
    source: derived("8.3"),
    measure: ({ minimum }) => {
      const of = (name: string) => minimum.filter((row) => row.name === name);
      const [, stripes, corners] = NAMES.map(of);
      return {
        "L - 3/25 and L - 1/5": [
          ...stripes.map(({ lorth }) => lorth - 3 / 25),
          ...corners.map(({ lorth }) => lorth - 0.2),
        ],
        "norm of the gradient": [...stripes, ...corners].map(({ gradient }) => gradient),
        "least curvature at 3/25": stripes.map(({ curvature }) => curvature),
        "at 1/5": corners.map(({ curvature }) => curvature),
        "smallest singular value": [...stripes, ...corners].map(({ smallest }) => smallest),
      };
    },
    expect: {
      "L - 3/25 and L - 1/5": within(-1e-12, 1e-12),
      "norm of the gradient": below(1e-12),
      "least curvature at 3/25": near(0.16, { absolute: 0.01 }),
      "at 1/5": near(0.8, { absolute: 0.01 }),
      "smallest singular value": below(1e-9),
    },
    context: ({ minimum }) => {
      const third = minimum.filter((row) => row.name === NAMES[0]);
      return {
        "third family: L": third.map(({ lorth }) => lorth),
        "least curvature": third.map(({ curvature }) => curvature),
      };
    },
  }),
  "known-plateaus": claim({
    figure: "minima",
    statement:
      "Every descent of a single filter of 3 × 3 taps ends at L = 0 or at one of three known values.",
    source: derived("8.3"),
    decidedBy: ({ ending }) => atLeastSeeds(ending, 8),
    measure: ({ ending }) => ({
      "distance of L from the nearest of 0, 0.079834, 0.12 and 0.2": ending.map(({ lorth }) =>
        Math.min(...[0, ...VALUES].map((value) => Math.abs(lorth - value)))
      ),
      "share of runs that end above 0": ending.filter(({ lorth }) => lorth > 0.05).length / ending.length,
    }),
    expect: {
      "distance of L from the nearest of 0, 0.079834, 0.12 and 0.2": atMost(1e-4),
      "share of runs that end above 0": atLeast(0.35),
    },
  }),
  borders: claim({
    figure: "borders",
    criterion: 8,
    statement:
      "Orthogonality is a matter of the border: with zero padding instead of the circular border a kernel that was " +
      "orthogonal loses most of some directions, and gains nothing.",
    source: theorem("Propositions on 'valid' and 'same' borders", { notes: "3.2" }),
    decidedBy: ({ border }) => atLeastSeeds(border, 8),
    measure: ({ border }) => {
      const zero = border.filter((row) => row.border === "blend" && row.blend === 1);
      return {
        "L of the kernels": zero.map(({ lorth }) => lorth),
        "smallest singular value with zero padding": zero.map(({ smallest }) => smallest),
        "its median": median(zero.map(({ smallest }) => smallest)),
        "largest": zero.map(({ largest }) => largest),
      };
    },
    expect: {
      "L of the kernels": below(1e-4),
      "smallest singular value with zero padding": below(0.8),
      "its median": within(0.2, 0.5),
      "largest": atMost(1.01),
    },
    context: ({ border }) => ({
      "smallest, valid border": border.filter((row) => row.border === "valid").map(({ smallest }) =>
        smallest
      ),
    }),
  }),
  gradient: claim({
    figure: null,
    criterion: 9,
    statement: "The gradient in closed form is the slope of the regularizer.",
    source: derived("3.3"),
    decidedBy: ({ gradient }) => atLeastSeeds(gradient, 3),
    measure: ({ gradient }) => ({
      "relative difference from central differences": gradient.map(({ error }) => error),
    }),
    expect: { "relative difference from central differences": atMost(1e-7) },
  }),
  "kernel-orthogonality": claim({
    figure: "baseline",
    statement:
      "Orthonormal filters are not enough: kernels with zero kernel orthogonality are as far from isometries as " +
      "untrained ones, since shifted filters overlap.",
    source: derived("4"),
    decidedBy: ({ baseline }) => atLeastSeeds(baseline, 8),
    measure: ({ baseline }) => ({
      "kernel orthogonality of orthonormal filters": ofMethod(baseline, "orthonormal filters").map((row) =>
        Math.abs(row.kernelOrthogonality)
      ),
      "their L_orth": ofMethod(baseline, "orthonormal filters").map(({ lorth }) => lorth),
      "their largest over smallest singular value": ofMethod(baseline, "orthonormal filters").map((row) =>
        row.largest / row.smallest
      ),
      "after descent on L_orth": ofMethod(baseline, "L_orth").map((row) => row.largest / row.smallest),
    }),
    expect: {
      "kernel orthogonality of orthonormal filters": below(1e-12),
      "their L_orth": above(0.5),
      "their largest over smallest singular value": above(1.5),
      "after descent on L_orth": below(1.03),
    },
  }),
  "released-code": claim({
    figure: null,
    statement:
      "The released code of the regularizer is wrong at the edges: with stride 1 it accepts a kernel that erases " +
      "some frequencies, with stride 2 it refuses orthogonal kernels.",
    source: derived("3.3"),
    decidedBy: ({ release }) => atLeastSeeds(release, 3),
    measure: ({ release }) => {
      const of = (name: Row<"release">["name"]) => release.filter((row) => row.name === name);
      return {
        "stride 1, two taps two apart: released distance": of("stride 1").map(({ released }) => released),
        "L_orth minus 1/2": of("stride 1").map(({ lorth }) => lorth - 0.5),
        "smallest singular value": of("stride 1").map(({ smallest }) => smallest),
        "stride 2, orthogonal kernels: released distance": of("stride 2").map(({ released }) => released),
        "|L_orth|": of("stride 2").map(({ lorth }) => Math.abs(lorth)),
      };
    },
    expect: {
      "stride 1, two taps two apart: released distance": atMost(1e-12),
      "L_orth minus 1/2": within(-1e-12, 1e-12),
      "smallest singular value": below(1e-7),
      // √(M/2) for M = 4, whatever the kernel.
      "stride 2, orthogonal kernels: released distance": above(1.41),
      "|L_orth|": atMost(1e-12),
    },
  }),
  starts: claim({
    figure: "starts",
    statement:
      "A square layer is not hopeless, only its start is: from near a construction every descent ends at an " +
      "orthogonal layer.",
    source: derived("11"),
    decidedBy: ({ start }) => atLeastSeeds(start, 8),
    measure: ({ start }) => ({
      "share of runs above 0.9: near a construction": shareOrthogonal(start, "near a construction"),
      "Glorot draw": shareOrthogonal(start, "Glorot draw"),
    }),
    expect: { "share of runs above 0.9: near a construction": atLeast(1), "Glorot draw": below(0.8) },
    context: ({ start }) => ({ "pruned": shareOrthogonal(start, "pruned from M + 1") }),
  }),
  "trade-off": claim({
    figure: "digits",
    statement:
      "In a network for digits the regularizer buys a small Lipschitz constant, and with it provable robustness, " +
      "for some accuracy.",
    source: fromFigure("Trade-off against the weight λ", { notes: "6" }),
    decidedBy: ({ digits }) => atLeastSeeds(digits, 3),
    measure: ({ digits }) => ({
      "Lipschitz bound without, over that with λ = 0.1": paired(digits, 0, 0.1, "lipschitz"),
      "certified at λ = 0.1": ofWeight(digits, 0.1).map(({ certified }) => certified),
      "certified without": ofWeight(digits, 0).map(({ certified }) => certified),
      "accuracy lost at λ = 0.1": ofWeight(digits, 0).map(({ accuracy }, i) =>
        accuracy - (ofWeight(digits, 0.1)[i]?.accuracy ?? NaN)
      ),
    }),
    expect: {
      "Lipschitz bound without, over that with λ = 0.1": atLeast(5),
      "certified at λ = 0.1": atLeast(0.2),
      "certified without": atMost(0.05),
      "accuracy lost at λ = 0.1": below(0.2),
    },
  }),
}));

function shareBelow(rows: readonly { smallest: number }[]): number {
  return rows.filter(({ smallest }) => smallest < 0.6).length / rows.length;
}

/** Largest over smallest spectral error of each kernel, from a size on to N = 64. */
function spectralChanges(scaling: readonly Row<"scaling">[], from: number): number[] {
  return distinct(scaling, "seed").map((seed) => {
    const own = scaling.filter((row) => row.seed === seed && row.N >= from && row.N <= 64);
    const errors = own.map(({ spectral }) => spectral);
    return Math.max(...errors) / Math.min(...errors);
  });
}

/**
 * How much a spectral error grows from one size to a larger one, over what sampling allows: an image of N x N
 * pixels sees a trigonometric polynomial of degree k - 1 per axis at N x N points (notes 3.4).
 */
function samplingRatios(scaling: readonly Row<"scaling">[]): number[] {
  return scaling.flatMap(({ seed, N, k, spectral }) =>
    scaling.filter((row) => row.seed === seed && row.N > N).map((row) =>
      row.spectral / spectral * Math.cos(Math.PI * (k - 1) / N) ** 2
    )
  );
}

function ofMethod(baseline: RowTable<Row>["baseline"], method: Row<"baseline">["method"]): Row<"baseline">[] {
  return baseline.filter((row) => row.method === method);
}

function shareOrthogonal(rows: readonly Row<"start">[], start: Row<"start">["start"]): number {
  const own = rows.filter((row) => row.start === start);
  return own.filter(({ smallest }) => smallest > 0.9).length / own.length;
}

function ofWeight(digits: readonly Row<"digits">[], lambda: number): Row<"digits">[] {
  return digits.filter((row) => row.lambda === lambda);
}

/** A quantity at one weight over that at another, seed by seed. */
function paired(digits: readonly Row<"digits">[], over: number, under: number, field: "lipschitz"): number[] {
  return ofWeight(digits, over).map((row, i) => row[field] / (ofWeight(digits, under)[i]?.[field] ?? NaN));
}

/** What must be seen, as data: notes 7 numbers the criteria; 6 and 7 are proved in test/neural_fields. */
import { median } from "simple-statistics";
import {
  above,
  atLeast,
  atLeastSeeds,
  atMost,
  below,
  defineClaims,
  derived,
  groupsOf,
  mean,
  within,
} from "../../lib/experiment/mod.ts";
import type { Row, Start } from "./rows.ts";

/** Centres from which on SIREN fails, at which its failure begins, and at which it works. */
const FAILS = 0.4;
const EDGE = 0.3;
const WORKS = 0.05;

export const claims = defineClaims<Row>((claim) => ({
  bottleneck: claim({
    figure: "bottleneck",
    criterion: 1,
    headline: true,
    statement:
      "Where the target has no energy below 0.4 of the Nyquist frequency, SIREN converges to the zero output; with " +
      "noise on the weights of its first two layers it fits.",
    source: derived("2"),
    measure: ({ fit }) => ({
      "SIREN, dB above the zero output, every fit": failing(fit, "SIREN").map(gain),
      "SIREN², the same": failing(fit, "SIREN²").map(gain),
    }),
    expect: {
      "SIREN, dB above the zero output, every fit": atMost(1),
      "SIREN², the same": atLeast(15),
    },
  }),
  silence: claim({
    figure: null,
    criterion: 1,
    statement: "What SIREN puts out there is close to silence.",
    source: derived("2"),
    measure: ({ fit }) => {
      const siren = failing(fit, "SIREN");
      return {
        "output over target, root mean square, f < 0.6, every fit": siren.filter(({ center }) => center < 0.6)
          .map(({ rms }) => rms),
        "f ≥ 0.6, every fit": siren.filter(({ center }) => center >= 0.6).map(({ rms }) => rms),
      };
    },
    expect: {
      "output over target, root mean square, f < 0.6, every fit": below(0.3),
      "f ≥ 0.6, every fit": below(0.1),
    },
  }),
  edge: claim({
    figure: "bottleneck",
    criterion: 1,
    statement:
      "f = 0.3 is the edge: SIREN escapes for some draws of phases and weights, and SIREN² is far ahead for all.",
    source: derived("6.2"),
    decidedBy: ({ fit }) => atLeastSeeds(fit.filter(({ center }) => center === EDGE), 8),
    measure: ({ fit }) => {
      const [siren, noisy] = pairs(fit, EDGE);
      return {
        "SIREN, dB above the zero output, median": siren.length === 0 ? NaN : median(siren.map(gain)),
        "SIREN² over SIREN, dB, every seed": noisy.map((row, k) => row.psnr - siren[k].psnr),
      };
    },
    expect: {
      "SIREN, dB above the zero output, median": below(1.5),
      "SIREN² over SIREN, dB, every seed": atLeast(15),
    },
  }),
  "no-harm": claim({
    figure: "bottleneck",
    criterion: 2,
    statement: "At low frequencies, where SIREN works, the noise does no harm.",
    source: derived("6.2"),
    decidedBy: ({ fit }) => atLeastSeeds(fit.filter(({ center }) => center === WORKS), 6),
    measure: ({ fit }) => {
      const [siren, noisy] = pairs(fit, WORKS);
      return {
        "mean of SIREN² minus mean of SIREN, dB, f = 0.05": mean(noisy.map(({ psnr }) => psnr)) -
          mean(siren.map(({ psnr }) => psnr)),
      };
    },
    expect: { "mean of SIREN² minus mean of SIREN, dB, f = 0.05": atLeast(-6) },
    context: ({ fit }) => ({ "SIREN, dB": pairs(fit, WORKS)[0].map(({ psnr }) => psnr) }),
  }),
  variance: claim({
    figure: "variance",
    criterion: 3,
    statement:
      "The variance of the second layer's pre-activations is 1 + d s₁²/2, and PyTorch's biases, which the paper does " +
      "not mention, add ω₀²/(3d).",
    source: derived("3.4"),
    decidedBy: ({ variance }) => atLeastSeeds(variance, 5),
    measure: ({ variance }) => ({
      "mean over seeds over the prediction, minus 1": groupsOf(variance, "predicted").map(({ rows }) =>
        mean(rows.map(({ measured, predicted }) => measured / predicted)) - 1
      ),
      "variance without noise over 1, with PyTorch's biases": mean(
        variance.filter(({ s1, biases }) => s1 === 0 && biases === "pytorch").map(({ measured }) => measured),
      ),
    }),
    expect: {
      "mean over seeds over the prediction, minus 1": within(-0.08, 0.08),
      "variance without noise over 1, with PyTorch's biases": above(1.5),
    },
  }),
  "kernel-collapse": claim({
    figure: "kernel",
    criterion: 4,
    statement:
      "At the start the eigenvalues of SIREN's tangent kernel collapse: hardly anything but the first hundred of a " +
      "thousand directions is learned. The noise keeps them apart.",
    source: derived("3.4"),
    decidedBy: ({ kernel }) => atLeastSeeds(wholeKernels(kernel), 3),
    measure: ({ kernel }) => {
      const of = (start: Start, field: "ratio100" | "ratio200") =>
        geometricMean(ofStart(wholeKernels(kernel), start).map((row) => row[field]));
      return {
        "SIREN, λ₂₀₀/λ₀, geometric mean": of("SIREN", "ratio200"),
        "SIREN², the same": of("SIREN²", "ratio200"),
        "SIREN² over SIREN, λ₁₀₀/λ₀": of("SIREN²", "ratio100") / of("SIREN", "ratio100"),
      };
    },
    expect: {
      "SIREN, λ₂₀₀/λ₀, geometric mean": below(1e-8),
      "SIREN², the same": above(1e-4),
      "SIREN² over SIREN, λ₁₀₀/λ₀": above(100),
    },
  }),
  "mode-rates": claim({
    figure: "kernel",
    criterion: 5,
    statement:
      "Of the rates at which modes are learned, that of f = 0.3 is negligible in SIREN, and the more noise reaches " +
      "that frequency, the larger it is.",
    source: derived("3.4"),
    decidedBy: ({ kernel }) => atLeastSeeds(wholeKernels(kernel), 3),
    measure: ({ kernel }) => {
      const whole = wholeKernels(kernel);
      const [siren, noisy, wide] = (["SIREN", "SIREN²", "wide s₀"] as const).map((start) =>
        ofStart(whole, start)
      );
      const relative = (row: Row<"kernel">) => row.high / row.low;
      return {
        "λ(0.3)/λ(0.05), SIREN² over SIREN, every seed": noisy.map((row, k) =>
          relative(row) / relative(siren[k])
        ),
        "wide s₀ over SIREN², every seed": wide.map((row, k) => relative(row) / relative(noisy[k])),
        "λ(0.3), SIREN² over SIREN, geometric mean": geometricMean(
          noisy.map((row, k) => row.high / siren[k].high),
        ),
      };
    },
    expect: {
      "λ(0.3)/λ(0.05), SIREN² over SIREN, every seed": above(1),
      "wide s₀ over SIREN², every seed": above(1),
      "λ(0.3), SIREN² over SIREN, geometric mean": atLeast(50),
    },
    context: ({ kernel }) => ({
      "λ(0.3)/λ(0.05) of SIREN": ofStart(wholeKernels(kernel), "SIREN").map((row) => row.high / row.low),
    }),
  }),
  "over-parametrization": claim({
    figure: null,
    criterion: 8,
    statement:
      "The failure is one of training, not of what the network could represent: with 55 parameters per sample plain " +
      "SIREN fits the same band.",
    source: derived("6.4"),
    decidedBy: ({ control }) => atLeastSeeds(control, 2),
    measure: ({ control }) => ({ "SIREN, dB, f = 0.7": control.map(({ psnr }) => psnr) }),
    expect: { "SIREN, dB, f = 0.7": above(30) },
  }),
  "between-samples": claim({
    figure: "between",
    criterion: 9,
    statement:
      "More noise fits the samples better and what lies between them worse: the field memorizes the grid.",
    source: derived("11.1"),
    decidedBy: ({ between }) => atLeastSeeds(atShare(between, 0.5), 4),
    measure: ({ between }) => {
      const [little, much] = [0.1, 0.5].map((share) => atShare(between, share));
      const change = (field: "grid" | "between") =>
        mean(much.map((row) => row[field])) - mean(little.map((row) => row[field]));
      return {
        "on the grid, s₀ = 0.5 against 0.1 of the target's frequency, dB": change("grid"),
        "between the samples, dB": change("between"),
      };
    },
    expect: {
      "on the grid, s₀ = 0.5 against 0.1 of the target's frequency, dB": above(0),
      "between the samples, dB": below(-8),
    },
  }),
  "rate-decides": claim({
    figure: "why",
    statement:
      "Why: the rate of the target's frequency under the tangent kernel at the start tells whether SIREN or SIREN² " +
      "will fit.",
    source: derived("11.3"),
    decidedBy: ({ fit }) => {
      const good = fit.filter(isCompared).filter(escaped).length;
      return good >= 5 && fit.filter(isCompared).length - good >= 5;
    },
    measure: ({ fit }) => ({
      "share of pairs in which the fit that succeeded had the larger rate": shareOrdered(
        fit.filter(isCompared),
      ),
    }),
    expect: { "share of pairs in which the fit that succeeded had the larger rate": atLeast(0.9) },
  }),
  "both-scales": claim({
    figure: "compare",
    statement: "At f = 0.7 the noise of either layer alone reaches less than that of both.",
    source: derived("11.3"),
    decidedBy: ({ fit }) => atLeastSeeds(fit.filter(({ start }) => start === "s₀ only"), 3),
    measure: ({ fit }) => {
      const of = (start: Start) => mean(ablations(fit).filter((row) => row.start === start).map(gain));
      return {
        "SIREN² over the first layer's noise alone, dB": of("SIREN²") - of("s₀ only"),
        "over the second layer's alone, dB": of("SIREN²") - of("s₁ only"),
      };
    },
    expect: {
      "SIREN² over the first layer's noise alone, dB": above(0),
      "over the second layer's alone, dB": above(0),
    },
  }),
  "tuned-siren": claim({
    figure: "compare",
    statement:
      "Energy at the right frequency is what counts: SIREN with a first layer tuned to a tenth of the Nyquist " +
      "frequency, as the published audio baseline is, fits without noise.",
    source: derived("11.4"),
    decidedBy: ({ fit }) => atLeastSeeds(fit.filter(({ start }) => start === "SIREN, tuned"), 3),
    measure: ({ fit }) => ({
      "tuned SIREN, dB above the zero output, every seed": fit.filter(({ start }) => start === "SIREN, tuned")
        .map(gain),
    }),
    expect: { "tuned SIREN, dB above the zero output, every seed": atLeast(15) },
    context: ({ fit }) => ({
      "wide noise on the first layer alone": fit.filter(({ start }) => start === "wide s₀").map(gain),
    }),
  }),
  image: claim({
    figure: "image",
    statement: "In two dimensions too: an image of white noise, frequencies in proportion to its size.",
    source: derived("6.5"),
    decidedBy: ({ image }) => atLeastSeeds(image, 3),
    measure: ({ image }) => {
      const of = (start: Start) => image.filter((row) => row.start === start);
      return {
        "SIREN² over SIREN, dB, every seed": of("SIREN²").map((row, k) => row.psnr - of("SIREN")[k].psnr),
      };
    },
    expect: { "SIREN² over SIREN, dB, every seed": atLeast(10) },
  }),
}));

/** Decibels above the zero output. */
export function gain({ psnr, zero }: { psnr: number; zero: number }): number {
  return psnr - zero;
}

/** The fits of a start to bands at which SIREN fails. */
function failing(fit: readonly Row<"fit">[], start: Start): Row<"fit">[] {
  return fit.filter((row) => row.start === start && row.center >= FAILS);
}

/** SIREN and SIREN² at one centre, seed by seed. */
function pairs(fit: readonly Row<"fit">[], center: number): [siren: Row<"fit">[], noisy: Row<"fit">[]] {
  const of = (start: Start) => fit.filter((row) => row.start === start && row.center === center);
  return [of("SIREN"), of("SIREN²")];
}

function ofStart(kernel: readonly Row<"kernel">[], start: Start): Row<"kernel">[] {
  return kernel.filter((row) => row.start === start);
}

/** Kernels of the size that the criteria are about. */
function wholeKernels(kernel: readonly Row<"kernel">[]): Row<"kernel">[] {
  return kernel.filter(({ samples }) => samples === 1024);
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(mean(values.map(Math.log)));
}

function atShare(between: readonly Row<"between">[], share: number): Row<"between">[] {
  return between.filter((row) => row.share === share);
}

function isCompared({ start }: Row<"fit">): boolean {
  return start === "SIREN" || start === "SIREN²";
}

/** Whether a fit is well away from the zero output: less than a tenth of the target's power is left. */
function escaped(row: Row<"fit">): boolean {
  return gain(row) > 10;
}

/** The fits at the centre where all starts are compared. */
export function ablations(fit: readonly Row<"fit">[]): Row<"fit">[] {
  const other = fit.find((row) => !isCompared(row));
  return fit.filter(({ center }) => center === other?.center);
}

/** How often, of two fits of which one succeeded, that one had the larger rate. */
function shareOrdered(fit: readonly Row<"fit">[]): number {
  const [good, bad] = [fit.filter(escaped), fit.filter((row) => !escaped(row))];
  return mean(good.map((one) => mean(bad.map((other) => one.rate > other.rate ? 1 : 0))));
}

/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { between, control, fit, image } from "./fits.ts";
import type { Row, Start } from "./rows.ts";
import { kernelRows, variances } from "./spectra.ts";

/** Parameters. */
export interface Params {
  /** First seed of everything random. */
  seed: number;
  /** Centre f of the target's band over the Nyquist frequency. */
  center: number;
  /** Seeds at `center` and at f = 0.4, where SIREN fails. */
  seeds: number;
  /** Seeds at f = 0.3, the edge of the failure. */
  edgeSeeds: number;
  /** Seeds at f = 0.05, where SIREN works. */
  lowSeeds: number;
  /** Further centres, and their seeds. */
  centers: number[];
  centerSeeds: number;
  /** Seeds of the starts with a part of the noise or with other frequencies, and of other activations. */
  ablationSeeds: number;
  otherSeeds: number;
  /** Steps of a fit. */
  steps: number;
  /** Samples N of the signal. */
  samples: number;
  /** Neurons d of a layer. */
  width: number;
  /** Factors on the scales of SIREN². */
  s0Factor: number;
  s1Factor: number;
  /** Seeds of the tangent kernels, and their size. */
  kernelSeeds: number;
  kernelSize: number;
  /** Seeds of the variance law, and points of its grid. */
  varianceSeeds: number;
  variancePoints: number;
  /** Noise over the angular frequency of the target, for fits that are looked at between samples. */
  shares: number[];
  /** Seeds of the shares 0.1 and 0.5, and of the others. */
  betweenSeeds: number;
  shareSeeds: number;
  /** Seeds of the network with too many parameters. */
  controlSeeds: number;
  /** Seeds and steps of the image of noise. */
  imageSeeds: number;
  imageSteps: number;
}

const laptop: Params = {
  seed: 0,
  center: 0.7,
  seeds: 3,
  edgeSeeds: 8,
  lowSeeds: 6,
  centers: [0.1, 0.2],
  centerSeeds: 2,
  ablationSeeds: 3,
  otherSeeds: 1,
  steps: 200,
  samples: 2048,
  width: 32,
  s0Factor: 1,
  s1Factor: 1,
  kernelSeeds: 3,
  kernelSize: 1024,
  varianceSeeds: 5,
  variancePoints: 2048,
  shares: [0.02, 0.05, 0.2, 1],
  betweenSeeds: 4,
  shareSeeds: 1,
  controlSeeds: 2,
  imageSeeds: 3,
  imageSteps: 200,
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    seeds: 1,
    edgeSeeds: 0,
    lowSeeds: 0,
    centers: [],
    ablationSeeds: 0,
    otherSeeds: 0,
    steps: 150,
    kernelSeeds: 1,
    kernelSize: 256,
    variancePoints: 512,
    shares: [],
    betweenSeeds: 1,
    controlSeeds: 0,
    imageSeeds: 1,
    imageSteps: 50,
  },
  laptop,
  full: {
    ...laptop,
    seeds: 12,
    edgeSeeds: 16,
    lowSeeds: 24,
    centers: [0.1, 0.15, 0.2, 0.5, 0.6, 0.8],
    centerSeeds: 6,
    ablationSeeds: 6,
    otherSeeds: 3,
    steps: 300,
    kernelSeeds: 8,
    varianceSeeds: 20,
    shares: [0.01, 0.02, 0.05, 0.2, 0.3, 1, 2],
    betweenSeeds: 12,
    shareSeeds: 4,
    controlSeeds: 6,
    imageSeeds: 6,
    imageSteps: 600,
  },
};

/** The two starts that the paper compares. */
const COMPARED: Start[] = ["SIREN", "SIREN²"];
const ABLATIONS: Start[] = ["s₀ only", "s₁ only", "wide s₀", "SIREN, tuned"];
const OTHERS: Start[] = ["FINER", "Gauss", "Fourier features"];
/** Starts whose tangent kernels are judged, and those that are drawn beside. */
const JUDGED: Start[] = ["SIREN", "SIREN²", "wide s₀"];
const DRAWN: Start[] = ["s₀ only", "s₁ only"];
/** Where SIREN works, where its failure begins, and where it fails. */
const WORKS = 0.05;
const EDGE = 0.3;
const FAILS = 0.4;

export const { trials, run } = defineTrials<Params>()((kind) => ({
  fit: kind({
    over: (p) => {
      const seeds = (count: number) => seedsOf({ seed: p.seed, seeds: count });
      const fits = [
        { start: COMPARED, center: [p.center, FAILS], seed: seeds(p.seeds) },
        { start: COMPARED, center: [EDGE], seed: seeds(p.edgeSeeds) },
        { start: COMPARED, center: [WORKS], seed: seeds(p.lowSeeds) },
        { start: COMPARED, center: p.centers, seed: seeds(p.centerSeeds) },
        { start: ABLATIONS, center: [p.center], seed: seeds(p.ablationSeeds) },
        { start: OTHERS, center: [p.center], seed: seeds(p.otherSeeds) },
      ].flatMap((axes) => grid(axes));
      const { steps, samples, width, s0Factor, s1Factor } = p;
      const all = fits.map((one) => ({ ...one, steps, samples, width, s0Factor, s1Factor }));
      // A centre may be chosen that is in the list already.
      return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
    },
    run: fit,
  }),
  control: kind({
    over: ({ seed, controlSeeds }) =>
      grid({ center: [0.7], seed: seedsOf({ seed, seeds: controlSeeds }), steps: [400] }),
    run: control,
  }),
  image: kind({
    over: ({ seed, imageSeeds, imageSteps }) =>
      grid({
        start: COMPARED as ("SIREN" | "SIREN²")[],
        size: [64],
        seed: seedsOf({ seed, seeds: imageSeeds }),
        steps: [imageSteps],
        width: [36],
      }),
    run: image,
  }),
  between: kind({
    over: ({ seed, shares, shareSeeds, betweenSeeds, steps, samples, width }) =>
      [
        ...grid({ share: [0.1, 0.5], seed: seedsOf({ seed, seeds: betweenSeeds }) }),
        ...grid({ share: shares, seed: seedsOf({ seed, seeds: shareSeeds }) }),
      ].map((one) => ({ ...one, center: EDGE, steps, samples, width })),
    run: between,
  }),
  kernel: kind({
    over: ({ seed, kernelSeeds, kernelSize: samples, width }) =>
      seedsOf({ seed, seeds: kernelSeeds }).flatMap((seed, k) =>
        (k === 0 ? [...JUDGED, ...DRAWN] : JUDGED).map((start) => ({
          start,
          psi: EDGE,
          samples,
          width,
          seed,
          drawn: k === 0,
        }))
      ),
    run: kernelRows,
  }),
  variance: kind({
    over: ({ seed, varianceSeeds, variancePoints: samples }) =>
      seedsOf({ seed, seeds: varianceSeeds }).flatMap((seed, k) =>
        grid({ s1: [0, 0.3, 1], biases: ["pytorch", "zero"] as const }).map((one) => ({
          ...one,
          width: 256,
          samples,
          seed,
          histogram: k === 0 && one.biases === "pytorch",
        }))
      ),
    run: (trial): Row[] => variances(trial),
  }),
}));

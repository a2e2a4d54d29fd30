/**
 * Continual inference: networks for clips that run on a stream with the same outputs, at a fraction of the
 * work.
 *
 * @module
 */
import { requireInteger, requireNumber } from "../../lib/arrays/mod.ts";
import { defineExperiment } from "../../lib/experiment/mod.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { presets, run, trials } from "./trials.ts";

export { type MeasuredTime, measureGraphs, measureTimes, timesFigure } from "./timing.ts";

/** The experiment. */
export const experiment = defineExperiment({
  slug: "continual-inference",
  title: "Efficient Online Processing with Deep Neural Networks",
  paper: {
    authors: "Lukas Hedegaard",
    year: 2023,
    arxiv: "2306.13474",
    figure: "Operations per prediction against window length (Continual Transformers); Table of CoST-GCNs",
  },
  family: "Network architectures",
  summary:
    "A network made for clips does almost all of its work again when it slides over a stream by one frame. " +
    "Reordering the sums, with caches of frames, of partial sums or of attention rows, gives the same outputs " +
    "with the same weights for a hundredth of the work.",
  notReproduced:
    "Accuracies on Kinetics, NTU RGB+D and THUMOS, which need their videos. The +6.9 points of adapters at " +
    "90 % pruning are not seen on digits.",
  presets,
  knobs: [
    { parameter: "window", label: "Tokens in the window n of the drift test", min: 8, max: 512, step: 8 },
    { parameter: "sigma", label: "Standard deviation σ whose errors are shown", min: 0.5, max: 5, step: 0.5 },
    { parameter: "rank", label: "Rank of the small adapters", min: 1, max: 16, step: 1 },
  ],
  check: ({ windows, window, sigma, sigmas, ranks, rank, keeps }) => {
    for (const n of [window, ...windows]) requireInteger("windows", n, { min: 2 });
    for (const value of [sigma, ...sigmas]) requireNumber("sigmas", value, { above: 0 });
    for (const value of [rank, ...ranks]) requireInteger("ranks", value, { min: 1, max: 64 });
    for (const keep of keeps) requireNumber("keeps", keep, { above: 0, max: 1 });
  },
  trials,
  run,
  figures,
  claims,
});

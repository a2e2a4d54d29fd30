/**
 * How connectivity structure shapes rich and lazy learning in neural circuits (Liu et al. 2023): the rank of
 * the start decides how far training moves a network, in theory (two-layer linear networks, exactly) and in
 * recurrent networks.
 *
 * @module
 */
import { requireInteger, requireNumber } from "../../lib/arrays/mod.ts";
import { defineExperiment } from "../../lib/experiment/mod.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { label, presets, run, trials } from "./trials.ts";

/** The experiment. */
export const experiment = defineExperiment({
  slug: "rich-lazy-connectivity",
  title: "How connectivity structure shapes rich and lazy learning in neural circuits",
  paper: {
    authors:
      "Yuhan Helena Liu, Aristide Baratin, Jonathan Cornford, Stefan Mihalas, Eric Shea-Brown, Guillaume Lajoie",
    year: 2023,
    arxiv: "2310.08513",
    figure:
      "Laziness of recurrent networks against the rank of their start; Figure 3: alignment in linear networks",
  },
  family: "Learning dynamics",
  summary:
    "A network can learn by building a new representation (rich) or by reading out the one it has (lazy). " +
    "Among starts of the same size, those of low rank learn richly and those of full rank lazily: in linear " +
    "networks by an exact law, in recurrent ones measured.",
  notReproduced:
    "Measured wiring of the brain, which cannot be redistributed (synthetic structure stands in), and sequential " +
    "MNIST. Recurrent networks have 100 neurons and 1000 steps instead of 300 and 10000 (preset full). The theorem " +
    "is derived in the paper's setting, its wording was not available.",
  presets,
  knobs: [{ parameter: "gain", label: "Gain of the recurrent start", min: 0.5, max: 2, step: 0.25 }],
  check: ({ tasks, sigmas, draws, seeds, n, ranks, gain, gains, iterations, learningRate }) => {
    requireInteger("tasks", tasks, { min: 2 });
    requireInteger("draws", draws, { min: 2 });
    sigmas.forEach((sigma, i) => requireNumber(`sigmas[${i}]`, sigma, { above: 0 }));
    for (const [task, count] of Object.entries(seeds)) requireInteger(`seeds.${task}`, count, { min: 0 });
    requireInteger("n", n, { min: 2 });
    if (ranks.length < 2) {
      throw new RangeError(`\`ranks\` must have at least two entries, got ${ranks.length}`);
    }
    ranks.forEach((rank, i) => requireInteger(`ranks[${i}]`, rank, { min: 1, max: n }));
    [gain, ...gains].forEach((value) => requireNumber("gain", value, { above: 0 }));
    requireInteger("iterations", iterations, { min: 1 });
    requireNumber("learningRate", learningRate, { above: 0 });
  },
  trials,
  run,
  label,
  figures,
  claims,
});

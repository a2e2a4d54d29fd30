/**
 * Variational score distillation (Wang et al. 2023): particles that repel each other become samples of the
 * prior where single scenes run to one point.
 *
 * @module
 */
import { requireInteger, requireNumber } from "../../lib/arrays/mod.ts";
import { defineExperiment } from "../../lib/experiment/mod.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { presets, run, trials } from "./trials.ts";

/** The experiment. */
export const experiment = defineExperiment({
  slug: "variational-score-distillation",
  title:
    "ProlificDreamer: High-Fidelity and Diverse Text-to-3D Generation with Variational Score Distillation",
  paper: {
    authors: "Zhengyi Wang, Cheng Lu, Yikai Wang, Fan Bao, Chongxuan Li, Hang Su, Jun Zhu",
    year: 2023,
    arxiv: "2305.16213",
    figure: "Figure 3: ancestral sampling, SDS and VSD with the renderer that shows a scene as it is",
  },
  family: "Densities and fields",
  summary:
    "A model of images can shape a 3-D scene: noise is added to its views, and the scene is moved to where " +
    "the model expects less noise. Done for one scene, everything that was asked for runs to the same, " +
    "exaggerated point. Done for several at once, which push each other away as their own density tells, they " +
    "become samples of the model.",
  notReproduced:
    "Everything that needs a pretrained text-to-image model: its pictures, its 3-D scenes, the fine-tuned " +
    "network (LoRA) and what that adds to a single particle. Priors are mixtures with exact scores, scenes " +
    "are flat.",
  presets,
  knobs: [
    { parameter: "guidance", label: "Weight s of the guidance", min: 1, max: 10, step: 0.5 },
    { parameter: "particles", label: "Particles in the plane", min: 1, max: 256, step: 1 },
    { parameter: "annealTo", label: "Largest time after the switch", min: 100, max: 980, step: 20 },
  ],
  check: ({ guidance, guidances, particles, annealTo, steps, counts, flatlandParticles, flatlandSteps }) => {
    for (const weight of [guidance, ...guidances]) requireNumber("guidance", weight, { min: 1, max: 100 });
    for (const count of [particles, ...counts]) requireInteger("particles", count, { min: 1, max: 10_000 });
    requireInteger("annealTo", annealTo, { min: 20, max: 999 });
    requireInteger("steps", steps, { min: 10 });
    requireInteger("flatlandParticles", flatlandParticles, { min: 1 });
    requireInteger("flatlandSteps", flatlandSteps, { min: 1 });
  },
  trials,
  run,
  figures,
  claims,
});

/**
 * AuON (Maity 2025): momentum over its norm and over the root mean square of its hyperbolic cosine, as a
 * linear-time alternative to Muon's orthogonalization; with and without one Newton-Schulz step before. What
 * the cosine does, shown by a theorem and a control.
 *
 * @module
 */
import { requireInteger } from "../../lib/arrays/mod.ts";
import { defineExperiment } from "../../lib/experiment/mod.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { presets, run, trials } from "./trials.ts";

export { type MeasuredTime, measureTimes, timesFigure } from "./timing.ts";

/** The experiment. */
export const experiment = defineExperiment({
  slug: "auon",
  title: "AuON: A Linear-time Alternative to Orthogonal Momentum Updates",
  paper: {
    authors: "Dipan Maity",
    year: 2025,
    arxiv: "2509.24320",
    figure: "Figure 1: singular values and M Mᵀ over Newton–Schulz steps, under Hybrid-AuON and under AuON",
  },
  family: "Optimizers",
  summary: "Muon makes every direction of a weight matrix's update equally strong, which takes five matrix " +
    "polynomials. AuON only divides the matrix by its norm and by a mean of hyperbolic cosines, and hopes " +
    "for the same. That mean is bounded so tightly that it is a constant: what is left is gradient descent " +
    "with a normalized step.",
  notReproduced:
    "The language model of 40.9 million parameters and CIFAR-10 of Table 1: their data are downloads. Its " +
    "order is looked for in a small network on digits instead. The matrix of Figure 1 is not printed; ours " +
    "is fixed.",
  presets,
  check: ({ seeds, sizes, widths, counted }) => {
    requireInteger("seeds", seeds, { min: 1 });
    for (const [name, list] of Object.entries({ sizes, widths, counted })) {
      list.forEach((value, i) => requireInteger(`${name}[${i}]`, value, { min: 1 }));
    }
  },
  trials,
  run,
  figures,
  claims,
});

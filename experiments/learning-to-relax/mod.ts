/**
 * Learning to relax: a bandit that sees only iteration counts chooses the parameter of a linear solver, system by
 * system, and with a context it beats every fixed parameter.
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
  slug: "learning-to-relax",
  title: "Learning to Relax: Setting Solver Parameters Across a Sequence of Linear System Instances",
  paper: {
    authors: "Mikhail Khodak, Edmond Chow, Maria-Florina Balcan, Ameet Talwalkar",
    year: 2024,
    arxiv: "2310.02246",
    figure: "Instances remaining against total iterations: contextual learners, fixed and optimal parameters",
  },
  family: "Operators, solvers, samples",
  summary:
    "An iterative solver has a parameter, and the best value depends on the matrix. When thousands of similar " +
    "systems are solved one after the other, a bandit can learn the parameter from the iteration counts alone. If " +
    "it also sees one number of each matrix, it takes a third fewer iterations than the best fixed parameter.",
  notReproduced:
    "Wall-clock times against direct solvers, and heat equations with more than 9801 unknowns. The comparison of " +
    "learners is at the paper's own scale, with 3 seeds (10 at full size) in place of 40.",
  presets,
  knobs: [
    { parameter: "rounds", label: "Number of instances T", min: 500, max: 5000, step: 500 },
    {
      parameter: "alpha",
      label: "First parameter of the shift's beta distribution",
      min: 0.5,
      max: 8,
      step: 0.5,
    },
    { parameter: "beta", label: "Second parameter of it", min: 0.5, max: 8, step: 0.5 },
    { parameter: "actions", label: "Number of actions", min: 5, max: 40, step: 5 },
    { parameter: "degree", label: "Degree of ChebCB's polynomials", min: 0, max: 8, step: 1 },
  ],
  check: ({ rounds, alpha, beta, actions, degree, newtonRounds, priceRounds }) => {
    for (const count of [rounds, newtonRounds, priceRounds]) requireInteger("rounds", count, { min: 1 });
    requireNumber("alpha", alpha, { above: 0 });
    requireNumber("beta", beta, { above: 0 });
    requireInteger("actions", actions, { min: 2 });
    requireInteger("degree", degree);
  },
  trials,
  run,
  figures,
  claims,
});

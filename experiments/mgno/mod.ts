/**
 * MgNO (He, Liu & Xu 2024): a linear operator between functions, parameterized as a multigrid V-cycle whose
 * stencils are learned, needs few numbers; neural operators made of such layers.
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
  slug: "mgno",
  title: "MgNO: Efficient Parameterization of Linear Operators via Multigrid",
  paper: {
    authors: "Juncai He, Xinliang Liu, Jinchao Xu",
    year: 2024,
    arxiv: "2310.19809",
    figure: "Table 1, Darcy flow: errors and parameters; the claim of its title, as error against parameters",
  },
  family: "Operators, solvers, samples",
  summary:
    "A layer of a neural operator must move information across the whole domain with few parameters. A " +
    "multigrid solver does just that: it looks at a problem on coarser and coarser grids with stencils of " +
    "three points. With the stencils as parameters, 82 numbers reproduce the solution operator of an " +
    "equation that no single convolution can express, and networks of such layers learn flow through " +
    "porous media.",
  notReproduced:
    "Training at the paper's sizes (256 × 256 points, 500 epochs), Helmholtz and Navier-Stokes. Its Table " +
    "1 is repeated on 15 × 15 points, at equal numbers of parameters.",
  presets,
  knobs: [
    { parameter: "levels", label: "Grids J of the V-cycle", min: 1, max: 5, step: 1 },
    { parameter: "channels", label: "Channels", min: 1, max: 8, step: 1 },
    { parameter: "k", label: "k, for 2^k - 1 points", min: 4, max: 7, step: 1 },
  ],
  check: ({ levels, channels, k, steps, rate, darcySteps, grids }) => {
    requireInteger("k", k, { min: 2, max: 9 });
    requireInteger("levels", levels, { min: 1, max: k });
    requireInteger("channels", channels, { min: 1, max: 64 });
    requireInteger("steps", steps, { min: 1 });
    requireNumber("rate", rate, { above: 0 });
    requireInteger("darcySteps", darcySteps, { min: 1 });
    for (const n of grids) requireInteger("grids", n, { min: 1, max: 511 });
  },
  trials,
  run,
  figures,
  claims,
});

/** The heat equation with a diffusivity that changes, solved by conjugate gradients: notes 3.6. */
import { mean } from "simple-statistics";
import type { Bandit } from "../../lib/bandits/mod.ts";
import {
  conjugateGradients,
  HeatEquation,
  type HeatStep,
  type SolverResult,
  ssorPreconditioner,
} from "../../lib/sparse/mod.ts";
import type { HeatMethod, LearnerName, Row } from "./rows.ts";
import { actionGrid, learner } from "./sequence.ts";

/** Length of a step in time. */
const TIME_STEP = 1e-3;
/** Parameters of the preconditioner. */
const GRID = actionGrid(20);

/** 1 in the centre, 0 from the radius on; of the squared distance. */
function bump(squared: number, radius: number): number {
  const share = squared / radius ** 2;
  return share < 1 ? Math.exp(1 - 1 / (1 - share)) : 0;
}

/** The diffusivity: small for half of a unit of time, then up to 10. */
function diffusivity(time: number): number {
  const wave = Math.sin(2 * Math.PI * time);
  return Math.max(0.1 * wave, -10 * wave);
}

/** The equation of the paper on the unit square. */
export function heatProblem(cells: number): HeatEquation {
  return new HeatEquation({
    cells,
    timeStep: TIME_STEP,
    initial: (x, y) => bump((x - 0.5) ** 2 + (y - 0.5) ** 2, 1 / 4),
    diffusivity,
    // A source that goes round in a circle.
    forcing: (x, y, time) => {
      const angle = 16 * Math.PI * time;
      const squared = (x - 0.5 - Math.cos(angle) / 4) ** 2 + (y - 0.5 - Math.sin(angle) / 4) ** 2;
      return 32 * bump(squared, 1 / 8);
    },
  });
}

/** One step; without a parameter the gradients are not preconditioned. */
function solve(
  { a, b }: HeatStep,
  start: Float64Array,
  omega: number | null,
  iterations?: number,
): SolverResult {
  const preconditioner = omega === null ? undefined : ssorPreconditioner(a, { omega });
  return conjugateGradients(a, b, {
    start,
    preconditioner,
    ...(iterations === undefined ? {} : { iterations }),
  });
}

/** The parameter of the grid with the fewest iterations; those with more are given up. */
function best(step: HeatStep, start: Float64Array, guess: number): SolverResult & { omega: number } {
  let found = { ...solve(step, start, guess), omega: guess };
  for (const omega of GRID) {
    if (omega === guess || found.iterations === 0) continue;
    const other = solve(step, start, omega, found.iterations - 1);
    if (other.status === "converged") found = { ...other, omega };
  }
  return found;
}

/** The trial of one way to choose the parameter. */
export interface HeatTrial {
  cells: number;
  method: HeatMethod;
  omega: number | null;
  seed: number;
  degree: number;
  /** Totals are returned after each of these numbers of steps, ascending. */
  steps: number[];
  /** Whether choices are kept, and with "grid-optimal" the iterations of all parameters. */
  keepChoices: boolean;
}

/** All steps with one way to choose the parameter. */
export function heatRows(
  { cells, method, omega: fixed, seed, degree, steps, keepChoices }: HeatTrial,
  report: (fraction: number) => void,
): (Row<"heat"> | Row<"landscape"> | Row<"track">)[] {
  const heat = heatProblem(cells);
  const last = steps[steps.length - 1];
  const rows: (Row<"heat"> | Row<"landscape"> | Row<"track">)[] = [];
  const isLearner = method !== "CG" && method !== "fixed" && method !== "grid-optimal";
  const bandit: Bandit | null = isLearner
    ? learner(method as LearnerName, { actions: GRID.length, degree, seed }, { range: [0, 10], bins: 6 })
    : null;
  let total = 0;
  let guess = GRID[6];
  let window: number[] = [];
  for (let step = 1; step <= last; step++) {
    const start = heat.solution;
    const system = heat.system();
    // The context is the diffusivity when the step begins, not in its middle.
    const omega = bandit === null ? fixed : bandit.predict(diffusivity(heat.time));
    const result = method === "grid-optimal"
      ? best(system, start, guess)
      : { ...solve(system, start, omega), omega: guess };
    guess = result.omega;
    bandit?.update(result.iterations);
    total += result.iterations;
    if (keepChoices && method === "grid-optimal" && step % 40 === 20) {
      for (const each of GRID) {
        const { iterations } = solve(system, start, each);
        rows.push({ kind: "landscape", cells, step, omega: each, iterations });
      }
    }
    if (keepChoices && bandit !== null) {
      window = [...window.slice(-24), omega!];
      if (step % 10 === 0) {
        rows.push({ kind: "track", cells, method, step, omega: mean(window) });
      }
    }
    heat.advance(result.x);
    if (steps.includes(step)) {
      const sum = heat.solution.reduce((all, value) => all + value, 0);
      rows.push({ kind: "heat", cells, method, omega: fixed, seed, steps: step, total, sum });
      report(step / last);
    }
  }
  return rows;
}

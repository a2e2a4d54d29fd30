/**
 * Neural Tangent Kernel (Jacot, Gabriel & Hongler 2018): the kernel of wide networks, its limit, and training
 * as a linear equation.
 *
 * @module
 */
import { legacy, type LegacyExperiment } from "../../lib/experiment/legacy.ts";
import { claims } from "./claims.ts";
import { components, functions, kernel, kernelTime, spectralBias, spread } from "./figures.ts";
import type { Params, Row, Trial } from "./rows.ts";
import { run } from "./run.ts";

const laptop: Params = {
  seed: 1,
  depth: 4,
  beta: 0.1,
  spread: { widths: [32, 64, 128, 256, 512], inits: 160, angles: 61 },
  drift: { widths: [64, 256, 500], inits: 10, erfInits: 4, points: 20, steps: 200, angles: 101 },
  functions: { widths: [50, 200], inits: 30, steps: 1000, angles: 61 },
  modes: { widths: [50, 100, 200], inits: 10, points: 32, tracked: [1, 2], halfOnly: [0, 3] },
  shallow: { widths: [50, 500], draws: 4000 },
};

/** The trials of a preset, the longest first. */
export function trials(params: Params): Trial[] {
  const { seed, depth, beta, spread, drift, functions, modes, shallow } = params;
  const network = { seed, depth, beta };
  const out: Trial[] = [];
  const times = [0, 10, 100, functions.steps];
  out.push({
    ...network,
    kind: "limit",
    angles: drift.angles,
    bandAngles: functions.angles,
    times,
    points: modes.points,
    modes: 8,
  });
  for (const width of [...spread.widths].reverse()) {
    out.push({ ...network, kind: "spread", width, inits: spread.inits, angles: spread.angles });
  }
  const { points, steps, angles } = drift;
  for (const width of [...drift.widths].reverse()) {
    for (const [activation, inits] of [["relu", drift.inits], ["erf", drift.erfInits]] as const) {
      for (let init = 0; init < inits; init++) {
        out.push({ ...network, kind: "drift", width, init, activation, points, steps, angles });
      }
    }
  }
  for (const width of [...functions.widths].reverse()) {
    for (let init = 0; init < functions.inits; init++) {
      out.push({ ...network, kind: "function", width, init, times, angles: functions.angles });
    }
  }
  const widest = Math.max(...modes.widths);
  for (const width of [...modes.widths].reverse()) {
    for (let init = 0; init < modes.inits; init++) {
      for (const mode of modes.tracked) {
        out.push({ ...network, kind: "mode", width, init, mode, points: modes.points, span: 3 });
      }
      if (width < widest || init >= 5) continue;
      for (const mode of modes.halfOnly) {
        out.push({ ...network, kind: "mode", width, init, mode, points: modes.points, span: 2 });
      }
    }
  }
  out.push({ ...network, kind: "linearized", width: 50, points: 8, steps: 500 });
  for (const width of shallow.widths) out.push({ ...network, kind: "shallow", width, draws: shallow.draws });
  return out;
}

/** The experiment. */
export const old: LegacyExperiment<Params, Trial, Row> = {
  slug: "neural-tangent-kernel",
  title: "Neural Tangent Kernel: Convergence and Generalization in Neural Networks",
  paper: {
    authors: "Arthur Jacot, Franck Gabriel, Clément Hongler",
    year: 2018,
    arxiv: "1806.07572",
    figure: "Figure 1: the tangent kernel before and after training, on the circle",
  },
  notReproduced:
    "Networks of width 10000 (replaced by the exact limit, which the paper approximated by them) and the MNIST " +
    "run of Figure 3 (replaced by the circle, whose principal components are Fourier modes and known exactly).",
  presets: {
    quick: {
      ...laptop,
      spread: { widths: [64, 512], inits: 40, angles: 31 },
      drift: { widths: [32, 128], inits: 3, erfInits: 1, points: 20, steps: 200, angles: 31 },
      functions: { widths: [50], inits: 6, steps: 1000, angles: 31 },
      modes: { widths: [25, 100], inits: 3, points: 32, tracked: [1], halfOnly: [0, 2] },
      shallow: { widths: [50], draws: 3000 },
    },
    laptop,
    full: {
      ...laptop,
      spread: { widths: [32, 64, 128, 256, 512, 1024, 2048], inits: 40, angles: 101 },
      drift: { widths: [64, 256, 500, 2000], inits: 10, erfInits: 10, points: 20, steps: 200, angles: 101 },
      functions: { widths: [50, 200, 1000], inits: 20, steps: 1000, angles: 101 },
      modes: { widths: [50, 100, 200, 400, 1000], inits: 10, points: 64, tracked: [1, 2], halfOnly: [0, 3] },
    },
  },
  trials,
  run,
  figures: { kernel, functions, components, spectralBias, kernelTime, spread },
  claims,
};

/** The experiment. */
export const experiment = legacy(old);

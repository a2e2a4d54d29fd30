/** An experiment whose trials are nothing but work: 20 to 40 ms of arithmetic, whatever the machine runs besides. */
import { defineExperiment, defineTrials, seedsOf } from "../../../lib/experiment/mod.ts";

/** Parameters. */
interface Params {
  seed: number;
  seeds: number;
}

/** Steps of the loop of a trial. */
const STEPS = 1 << 23;

const { trials, run } = defineTrials<Params>()((kind) => ({
  work: kind({
    over: (p) => seedsOf(p).map((seed) => ({ seed })),
    run({ seed }) {
      let x = (seed + 1) / 1000;
      // The logistic map: every step needs the one before, so that no engine leaves one out.
      for (let i = 0; i < STEPS; i++) x = 3.9 * x * (1 - x);
      return [{ kind: "work" as const, seed, x }];
    },
  }),
}));

const preset: Params = { seed: 0, seeds: 4 };

/** For `bench/scaling`. */
export const experiment = defineExperiment({
  slug: "work",
  title: "Work",
  paper: { authors: "Nobody", year: 2026, figure: "none" },
  family: "Benchmarks",
  summary: "Trials that take time.",
  notReproduced: "Nothing.",
  presets: { quick: preset, laptop: preset, full: preset },
  trials,
  run,
  figures: {},
  claims: [],
});

// Oracles and criteria 5, 7, 8 and 9 are in test/meshes and test/neural_fields.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { nearestLine, randomLines } from "../../experiments/planar-cross-sections/annulus.ts";
import { experiment } from "../../experiments/planar-cross-sections/mod.ts";
import { estimatedCrossing } from "../../experiments/planar-cross-sections/ripple.ts";
import type { Row, Variant } from "../../experiments/planar-cross-sections/rows.ts";
import { crossingErrors } from "../../experiments/planar-cross-sections/torus.ts";
import { Rng } from "../../lib/arrays/mod.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { judgeAll } from "../../lib/experiment/mod.ts";
import { gridNodes, sphereDistance } from "../../lib/meshes/mod.ts";
import { type Break, testPaper } from "./paper.ts";

setBlasThreads(1);

const ANNULUS = {
  kind: "annulus" as const,
  variant: "full" as Variant,
  lines: "fixed" as "fixed" | "random",
  count: 14,
  passes: 4,
  seed: 0,
  steps: 6,
  batch: 64,
  drawn: false,
};
const TORUS = {
  kind: "torus" as const,
  variant: "no hinge" as Variant,
  planes: 12,
  passes: 4,
  seed: 0,
  batch: 1024,
  epochs: [1, 0, 0, 0, 0, 0],
  decayEvery: 4,
  baselines: true,
  drawn: false,
};

/** A torus that was hardly trained, under other names and seeds. */
const torusAs = (names: { variant: Variant; steps?: number }[]): Break => async ({ rows, run }) => {
  const [row] = (await run([TORUS])) as Row<"torus">[];
  const made = names.flatMap(({ variant, steps = row.steps }) =>
    [0, 1, 2].map((seed): Row => ({ ...row, variant, steps, seed }))
  );
  return [...rows, ...made];
};

testPaper(experiment, {
  // Six steps of training.
  "region-from-lines": ({ rerun }) => rerun((trial) => trial.kind === "annulus" && { ...trial, steps: 6 }),
  "region-median": async ({ rows, run }) => {
    const made: Row[] = await run([{ ...ANNULUS, batch: 512 }]);
    return [...rows, ...[0, 1, 2].flatMap((seed) => made.map((row): Row => ({ ...row, seed } as Row)))];
  },
  "random-lines": async ({ rows, run }) => [
    ...rows,
    ...await run([0, 1, 2, 3, 4].map((seed) => ({ ...ANNULUS, lines: "random" as const, seed }))),
  ],
  "torus": torusAs([{ variant: "full" }]),
  // One pass under both names.
  "iterations": ({ rows }) =>
    rows.flatMap((row: Row): Row[] =>
      row.kind === "annulus" ? [row, { ...row, variant: "one pass", passes: 1 }] : [row]
    ),
  // The same field under both names.
  "hinge": torusAs([{ variant: "full" }, { variant: "no hinge" }]),
  "ripple": torusAs([{ variant: "full", steps: 960 }, { variant: "no hinge", steps: 960 }]),
  // A field that does not saturate.
  "saturation": ({ alter }) => alter("ripple", (row) => ({ ...row, estimate: row.t })),
  "slices-honoured": torusAs([{ variant: "full" }]),
  // A mesh that has lost a third of the volume.
  "bunny": ({ rows }) => [
    ...rows,
    {
      kind: "bunny",
      seed: 0,
      planes: 25,
      steps: 1,
      iou: 0.67,
      nearest: 0.89,
      volume: 0.67,
      eulerCharacteristic: 2,
    } as Row,
  ],
});

Deno.test("planar-cross-sections: the crossing of a saturating field is that of the closed form", () => {
  assertAlmostEquals(estimatedCrossing(10, 0.1), 0.4323323659, 1e-10);
  for (const k of [1, 7, 50]) {
    assertEquals(estimatedCrossing(k, 0.5), 0.5);
    assertAlmostEquals(estimatedCrossing(k, 0.2) + estimatedCrossing(k, 0.8), 1, 1e-14);
  }
});

Deno.test("planar-cross-sections: the crossing's error is zero for a linear field and that of tanh otherwise", () => {
  const nodes = gridNodes([9, 9, 9]);
  const linear = {
    logits: (points: Float64Array) =>
      Float64Array.from({ length: points.length / 3 }, (_, i) => points[3 * i] - 0.07),
  };
  assert(crossingErrors(linear, linear.logits(nodes)).errors.every((error) => error < 1e-5));
  // Edges have length 1/4, and the crossing is at 0.28 of one.
  const steep = {
    logits: (points: Float64Array) => linear.logits(points).map((s) => Math.tanh(10 * s / 0.25)),
  };
  const { errors } = crossingErrors(steep, steep.logits(nodes));
  for (const error of errors) assertAlmostEquals(error, estimatedCrossing(10, 0.28) - 0.28, 1e-4);
  // Of a distance only the curvature is left, on edges that the surface hardly crosses.
  const sphere = { logits: sphereDistance(0.6) };
  const curved = crossingErrors(sphere, sphere.logits(nodes)).errors;
  assert(curved.reduce((sum, error) => sum + error) / curved.length < 0.1);
});

Deno.test("planar-cross-sections: random lines cross the annulus, and the nearest line's label is right on the lines", () => {
  const lines = randomLines(6, new Rng(3));
  assertEquals(lines.length, 6);
  const section = { normal: [0, 1], offset: 0, crossings: Float64Array.of(-0.7, -0.3, 0.3, 0.7) };
  const far = { normal: [0, 1], offset: -0.8, crossings: new Float64Array(0) };
  // The direction of a line with normal (0, 1) is (-1, 0).
  assertEquals([...nearestLine([section, far], Float64Array.of(0.5, 0.1, 0, 0.1, 0.5, 0.7))], [1, 0, 0]);
});

Deno.test("planar-cross-sections: the headline holds for other seeds, and its knobs run", async () => {
  const params = { ...experiment.presets.quick, seed: 20 };
  const rows: Row[] = [];
  for (const trial of experiment.trials(params)) {
    if (trial.kind === "annulus") rows.push(...await experiment.run(trial, () => {}));
  }
  const headline = judgeAll(experiment.claims, rows).find(({ id }) => id === "region-from-lines")!;
  assertEquals(headline.holds, true, headline.measured);
  for (const turned of [{ lines: 4, passes: 1, slope: 1 }, { lines: 30, passes: 10, slope: 33 }]) {
    const all = { ...params, ...turned, steps: 6, batch: 16, fixedSeeds: 1 };
    experiment.check!(all);
    for (const trial of experiment.trials(all)) await experiment.run(trial, () => {});
  }
});

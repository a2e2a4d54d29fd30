// Oracles, criteria 6 and 7 are in test/neural_fields; passes and kernels of the network in test/networks.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { modeRate } from "../../experiments/spectral-bottleneck/fits.ts";
import { experiment } from "../../experiments/spectral-bottleneck/mod.ts";
import type { Row, Start } from "../../experiments/spectral-bottleneck/rows.ts";
import { startOf } from "../../experiments/spectral-bottleneck/starts.ts";
import { Rng } from "../../lib/arrays/mod.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { judgeAll } from "../../lib/experiment/mod.ts";
import { nyquistFrequency } from "../../lib/neural_fields/mod.ts";
import { fourierModeRates } from "../../lib/tangent_kernels/mod.ts";
import { type Break, testPaper } from "./paper.ts";

setBlasThreads(1);

/** Short fits under other names, as often as a claim wants seeds. */
const fits = (
  list: { start: Start; as: Start; center: number; s0Factor?: number; steps?: number }[],
  seeds: number,
): Break =>
async ({ rows, run }) => {
  const made: Row[] = [];
  for (const { as, ...trial } of list) {
    const common = { kind: "fit", seed: 0, steps: 60, samples: 512, width: 16, s0Factor: 1, s1Factor: 1 };
    const one: Row[] = await run([{ ...common, ...trial }]);
    for (const row of one) {
      if (row.kind === "fit") {
        for (let seed = 0; seed < seeds; seed++) made.push({ ...row, start: as, seed });
      }
    }
  }
  return [...rows.filter((row: Row) => row.kind !== "fit"), ...made];
};

/** Three seeds of kernels of the size that is judged, from one of each start, changed. */
const kernels = (change: (row: Row<"kernel">) => Partial<Row<"kernel">>): Break => ({ rows }) =>
  rows.flatMap((row: Row): Row[] =>
    row.kind !== "kernel"
      ? [row]
      : [0, 1, 2].map((seed): Row => ({ ...row, samples: 1024, seed, ...change(row) }))
  );

testPaper(experiment, {
  // No noise: SIREN² is SIREN.
  "bottleneck": ({ rerun }) =>
    rerun((trial) => trial.kind === "fit" && { ...trial, s0Factor: 0, s1Factor: 0, steps: 60 }),
  // A SIREN that starts with the noise.
  "silence": fits([
    { start: "SIREN²", as: "SIREN", center: 0.4 },
    { start: "SIREN²", as: "SIREN", center: 0.7 },
  ], 1),
  "edge": fits([
    { start: "SIREN²", as: "SIREN", center: 0.3 },
    { start: "SIREN²", as: "SIREN²", center: 0.3 },
  ], 8),
  // Noise a hundred times as large as it should be.
  "no-harm": fits([
    { start: "SIREN", as: "SIREN", center: 0.05, steps: 200 },
    { start: "SIREN²", as: "SIREN²", center: 0.05, s0Factor: 100, steps: 20 },
  ], 6),
  // The authors' formula, without the biases.
  "variance": ({ alter }) =>
    alter(
      "variance",
      (row) => row.biases === "zero" ? row : { ...row, predicted: row.predicted - 900 / (3 * row.width) },
    ),
  // Eigenvalues in single precision.
  "kernel-collapse": kernels(({ ratio200 }) => ({ ratio200: Math.max(ratio200, 1e-7) })),
  // The kernel of the same start in all places.
  "mode-rates": kernels(() => ({ low: 100, high: 0.1 })),
  // As many samples as parameters, as in the main experiment.
  "over-parametrization": async ({ rows, run }) => {
    const common = {
      kind: "fit",
      center: 0.7,
      steps: 60,
      samples: 2048,
      width: 32,
      s0Factor: 1,
      s1Factor: 1,
    };
    const made: Row[] = await run([0, 1].map((seed) => ({ ...common, kind: "fit", start: "SIREN", seed })));
    const asControl = (row: Row<"fit">): Row => ({
      kind: "control",
      center: row.center,
      seed: row.seed,
      parameters: 3265,
      samples: 2048,
      psnr: row.psnr,
    });
    return [...rows, ...made.flatMap((row) => row.kind === "fit" ? [asControl(row)] : [])];
  },
  // Judged on the grid alone.
  "between-samples": ({ rows }) =>
    rows.flatMap((row: Row): Row[] =>
      row.kind !== "between" ? [row] : [0, 1, 2, 3].map((seed): Row => ({ ...row, seed, between: row.grid }))
    ),
  // Rates that go down with the frequency of the target, whatever the start.
  "rate-decides": ({ rows }) =>
    rows.flatMap((row: Row): Row[] =>
      row.kind !== "fit"
        ? [row]
        : [0, 1, 2, 3, 4].map((seed): Row => ({ ...row, seed, rate: 1 / row.center }))
    ),
  // The first layer's noise under the name of both.
  "both-scales": fits([
    { start: "s₀ only", as: "SIREN²", center: 0.7 },
    { start: "s₀ only", as: "s₀ only", center: 0.7 },
    { start: "s₁ only", as: "s₁ only", center: 0.7 },
  ], 3),
  "tuned-siren": fits([{ start: "SIREN", as: "SIREN, tuned", center: 0.7 }], 3),
  // SIREN in both places.
  "image": async ({ rows, run, trials }) => {
    const siren = trials.filter((trial) => trial.kind === "image" && trial.start === "SIREN");
    const made: Row[] = await run(siren);
    const both = made.flatMap((row) =>
      row.kind !== "image"
        ? []
        : [0, 1, 2].flatMap((seed): Row[] => [{ ...row, seed }, { ...row, seed, start: "SIREN²" }])
    );
    return [...rows.filter((row: Row) => row.kind !== "image"), ...both];
  },
});

Deno.test("spectral-bottleneck: the rate by two backward passes is that of the kernel", () => {
  const { net, x } = startOf("SIREN²", {
    psi: 0.3,
    samples: 96,
    width: 8,
    s0Factor: 1,
    s1Factor: 1,
    rng: new Rng(1),
  });
  const rates = fourierModeRates(net.tangentKernel(x));
  for (const k of [1, 7, 20]) assertAlmostEquals(modeRate(net, x, k) / rates[k], 1, 1e-9);
});

Deno.test("spectral-bottleneck: starts share their weights, and differ in what their names say", () => {
  const options = { psi: 0.5, samples: 128, width: 16, s0Factor: 1, s1Factor: 1 };
  const of = (start: Start) => startOf(start, { ...options, rng: new Rng(2) });
  const plain = of("SIREN").net;
  assertEquals(of("SIREN, tuned").net.parameters, plain.parameters);
  assertEquals(of("SIREN, tuned").net.scales[0], nyquistFrequency(128) / 10);
  assertEquals(of("FINER").net.parameters, plain.parameters);
  const [both, first, second] = [of("SIREN²").net, of("s₀ only").net, of("s₁ only").net];
  assertEquals(first.weights[0].data, both.weights[0].data);
  assertEquals(first.weights[1].data, plain.weights[1].data);
  assertEquals(second.weights[0].data, plain.weights[0].data);
  assertEquals(second.weights[1].data, both.weights[1].data);
  const features = of("Fourier features");
  assertEquals([features.x.columns, features.net.widths[0]], [16, 16]);
});

Deno.test("spectral-bottleneck: the headline holds for another seed, and its knobs run", async () => {
  const params = { ...experiment.presets.quick, seed: 11 };
  const rows: Row[] = [];
  for (const trial of experiment.trials(params)) {
    if (trial.kind === "fit") rows.push(...await experiment.run(trial, () => {}));
  }
  const headline = judgeAll(experiment.claims, rows).find(({ id }) => id === "bottleneck")!;
  assertEquals(headline.holds, true, headline.measured);
  for (const center of [0.05, 0.4, 0.9]) {
    const turned = { ...params, center, s0Factor: 0, s1Factor: 2, width: 48, steps: 3 };
    experiment.check!(turned);
    const fits = experiment.trials(turned).filter(({ kind }) => kind === "fit");
    assert(fits.some((trial) => trial.kind === "fit" && trial.center === center));
    for (const trial of fits) await experiment.run(trial, () => {});
  }
});

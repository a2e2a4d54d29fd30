// Reference values, invariances and bad input are in test/convolutions.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { experiment } from "../../experiments/orthogonal-convolutions/mod.ts";
import { isSquare, type Row, shapeOf } from "../../experiments/orthogonal-convolutions/rows.ts";
import { releasedDistance } from "../../experiments/orthogonal-convolutions/release.ts";
import { sineKernel } from "../../experiments/orthogonal-convolutions/theorems.ts";
import { lorth } from "../../lib/convolutions/mod.ts";
import { judgeAll } from "../../lib/experiment/mod.ts";
import fixtures from "../fixtures/convolutions/convolutions.json" with { type: "json" };
import { testPaper } from "./paper.ts";

/** A row of the digits, which the quick preset does not train. */
function digitsRow(row: Partial<Row<"digits">>): Row<"digits"> {
  return {
    kind: "digits",
    lambda: 0,
    seed: 0,
    accuracy: 0.9,
    attacked: 0.4,
    certified: 0,
    lipschitz: 50,
    isometry: 0.1,
    ...row,
  };
}

testPaper(experiment, {
  // A spectral error that grows as the Frobenius error does.
  "any-resolution": ({ alter }) => alter("scaling", (row) => ({ ...row, spectral: row.frobenius })),
  "little-change": ({ alter }) => alter("scaling", (row) => ({ ...row, spectral: row.frobenius })),
  // The regularizer of Wang et al.: without the constant, it is too large for more filters than C S².
  "frobenius-identity": ({ alter }) =>
    alter("identity", (row) => {
      const value = lorth(sineKernel(row), shapeOf(row));
      const wrong = value + Math.max(0, row.M - row.C * row.S ** 2);
      return row.kernel === "sine" ? { ...row, ratio: row.ratio * value / wrong } : row;
    }),
  // A constant that is four times too small still bounds random kernels.
  "spectral-bound": ({ alter }) => alter("constant", (row) => ({ ...row, alpha: row.alpha / 4 })),
  // A test that forgets the second inequality: more filters than C S² are always possible.
  "existence": ({ alter }) =>
    alter("existence", (row) => ({ ...row, exists: row.exists || row.case === "CO" })),
  // Descents that are cut off.
  "non-square": ({ rerun }) => rerun((trial) => trial.kind === "landscape" && { ...trial, steps: 30 }),
  // Square layers that behave as all others do.
  "square": ({ alter }) => alter("landscape", (row) => isSquare(row) ? { ...row, smallest: 0.99 } : row),
  // Singular values that miss the phases of a stride.
  "fourier-blocks": ({ alter }) =>
    alter("identity", (row) => row.S === 2 ? { ...row, singularValues: 0.3 } : row),
  // A kernel near the minimum.
  "spurious-minima": ({ alter }) =>
    alter("minimum", (row) => ({ ...row, lorth: row.lorth + 1e-6, gradient: 1e-3 })),
  // Descents of another layer: where several filters meet, other values occur.
  "known-plateaus": ({ rows }) => [
    ...rows.filter((row) => row.kind !== "ending"),
    ...rows.flatMap((row): Row[] =>
      row.kind === "landscape" && row.M === 2 && row.k === 5
        ? [{ kind: "ending", seed: row.seed, lorth: row.lorth }]
        : []
    ),
  ],
  // The circular border under another name.
  "borders": ({ rows }) =>
    rows.filter((row) => row.kind !== "border" || row.blend === 0).map((row) =>
      row.kind === "border" ? { ...row, blend: 1 } : row
    ),
  // The factor 2 of a square instead of 4.
  "gradient": ({ alter }) => alter("gradient", (row) => ({ ...row, error: 0.5 })),
  // Kernels by construction in the place of orthonormal filters.
  "kernel-orthogonality": ({ rows }) =>
    rows.filter((row) => row.kind !== "baseline" || row.method !== "orthonormal filters").map((row) =>
      row.kind === "baseline" && row.method === "construction"
        ? { ...row, method: "orthonormal filters" }
        : row
    ),
  // Code that pads by as much as the kernel can be moved.
  "released-code": ({ alter }) =>
    alter("release", (row) => ({ ...row, released: Math.sqrt(Math.max(0, row.lorth)) })),
  "starts": ({ rerun }) => rerun((trial) => trial.kind === "start" && { ...trial, steps: 3 }),
  // A weight that changes nothing.
  "trade-off": ({ rows }) => [
    ...rows,
    ...[0, 0.1].flatMap((lambda) => [0, 1, 2].map((seed) => digitsRow({ lambda, seed }))),
  ],
});

Deno.test("orthogonal-convolutions: the released regularizer, as PyTorch computes it", () => {
  let compared = 0;
  for (const { M, C, k, S, kernel, released } of fixtures.layers) {
    if (released === undefined) continue;
    compared++;
    assertAlmostEquals(releasedDistance(kernel, { M, C, k, S }), released, 1e-12 * released);
  }
  assert(compared >= 5);
});

Deno.test("orthogonal-convolutions: the claim on digits holds on rows like those of the laptop preset", () => {
  const rows: Row[] = [0, 1, 2].flatMap((seed) => [
    digitsRow({ seed }),
    digitsRow({ seed, lambda: 0.1, accuracy: 0.87, certified: 0.35, lipschitz: 2.8 }),
  ]);
  const claim = judgeAll(experiment.claims, rows).find(({ id }) => id === "trade-off")!;
  assertEquals(claim.holds, true, claim.measured);
});

Deno.test("orthogonal-convolutions: a network for digits trains, and the regularizer makes it an isometry", async () => {
  const trial = { kind: "digits" as const, seed: 0, epochs: 1 };
  const [free] = await experiment.run({ ...trial, lambda: 0 }, () => {}) as Row<"digits">[];
  const [tied] = await experiment.run({ ...trial, lambda: 10 }, () => {}) as Row<"digits">[];
  assert(free.accuracy > 0.5, `accuracy ${free.accuracy}`);
  assert(free.attacked <= free.accuracy && free.certified <= free.attacked);
  assert(tied.lipschitz < free.lipschitz && tied.isometry > free.isometry);
});

/** What the released code does otherwise than the paper: notes of the experiment, sections 3 and 4. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Rng } from "../../lib/arrays/mod.ts";
import {
  fixedActivation,
  gaussianSecondMoment,
  PADE_FORMS,
  rationalBackward,
  rationalPreset,
  variancePreservingGain,
} from "../../lib/kan/mod.ts";

Deno.test("the denominator of the fallback for CPUs, without the absolute value of x, falls below 1", () => {
  const [b1, b2, b3, b4] = rationalPreset("swishglu", { groups: 1 }).denominator.map(Math.abs);
  const third = (x: number) => 1 + b1 * x + b2 * x ** 2 + b3 * x ** 3 + b4 * x ** 4;
  const grid = Array.from({ length: 601 }, (_, i) => -3 + i / 100);
  assertAlmostEquals(Math.min(...grid.map(third)), 0.22, 0.005);
});

Deno.test("the official gains are estimates of a million random samples, 0.2 % too high", () => {
  const official = { gelu: 2.3567850379928976, silu: 2.8178205270359653 } as const;
  for (const name of ["gelu", "silu"] as const) {
    const ratio = official[name] / variancePreservingGain(fixedActivation(name));
    assert(ratio > 1.002 && ratio < 1.003, `${name}: ${ratio}`);
    // The spread of such an estimate: deviation of F(z)^2 over a thousand times its mean.
    const f = fixedActivation(name);
    const moment = gaussianSecondMoment(f);
    const spread = Math.sqrt(gaussianSecondMoment((x) => f(x) ** 2) - moment ** 2) / (1000 * moment);
    assert(Math.abs(ratio - 1) < 2 * spread, `${name}: ${spread}`);
  }
});

Deno.test("deviation 0.02 is a ninth of the variance that the second layer of the tiny model needs", () => {
  const kept = variancePreservingGain(fixedActivation("silu")) / (4 * 192);
  assertAlmostEquals(0.02 ** 2 / kept, 0.109, 1e-3);
});

Deno.test("with a sign of zero that is zero, the denominators of the start identity would never move", () => {
  const rng = new Rng(0);
  const [x, dy] = [rng.normals(64), rng.normals(64)];
  for (const form of PADE_FORMS) {
    const { dDenominator } = rationalBackward(x, 8, 8, rationalPreset("identity", { groups: 2, form }), dy);
    assert(dDenominator.every((slope) => slope !== 0));
  }
});

Deno.test("sums in single precision lose digits that sums in double precision keep", () => {
  const n = 1 << 20;
  const x = new Float32Array(n).fill(0.1);
  let naive = 0;
  for (let i = 0; i < n; i++) naive = Math.fround(naive + x[i]);
  const one = new Float32Array(n).fill(1);
  const { dNumerator } = rationalBackward(x, n, 1, rationalPreset("identity", { groups: 1 }), one);
  const exact = n * x[0];
  assert(Math.abs(naive / exact - 1) > 1e-3);
  assert(Math.abs(dNumerator[1] / exact - 1) < 1e-9);
  assertEquals(dNumerator[0], n);
});

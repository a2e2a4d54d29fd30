/** Nelder-Mead against SciPy's, quantiles of absolute values against NumPy's. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Rng } from "refigure/arrays";
import { nelderMead, quantileAbs } from "refigure/statistics";
import peers from "../fixtures/statistics/nelder_mead.json" with { type: "json" };

const FUNCTIONS: Record<string, (x: readonly number[]) => number> = {
  rosenbrock: (x) =>
    x.slice(1).reduce((sum, next, i) => sum + (1 - x[i]) ** 2 + 100 * (next - x[i] ** 2) ** 2, 0),
  powell: ([a, b, c, d]) => (a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4,
  beale: ([a, b]) => (1.5 - a + a * b) ** 2 + (2.25 - a + a * b ** 2) ** 2 + (2.625 - a + a * b ** 3) ** 2,
};

for (const { name, start, point, value, evaluations } of peers.minima) {
  Deno.test(`${name} from [${start}]: the same minimum as SciPy in as many evaluations`, () => {
    const ours = nelderMead(FUNCTIONS[name], start, { maxEvaluations: 4000 });
    assertEquals([ours.status, ours.advice], ["converged", null]);
    // On Powell's singular function the last bits of the values decide a few of the thousand moves.
    assertAlmostEquals(ours.evaluations, evaluations, 0.01 * evaluations);
    point.forEach((x, i) => assertAlmostEquals(ours.point[i], x, 1e-6));
    assertAlmostEquals(ours.value, value, 1e-17);
  });
}

Deno.test("running out of evaluations is said, and the best point so far is returned", () => {
  const start = [-1.2, 1];
  const short = nelderMead(FUNCTIONS.rosenbrock, start, { maxEvaluations: 20 });
  assertEquals(short.status, "step-limit");
  assert(short.advice!.includes("maxEvaluations"));
  assert(short.evaluations <= 24);
  assert(short.value < FUNCTIONS.rosenbrock(start));
  assertEquals(short.value, FUNCTIONS.rosenbrock(short.point));
});

Deno.test("values that are not finite are walked away from", () => {
  const barrier = ([x]: readonly number[]) => x - Math.log(x - 1);
  assertAlmostEquals(nelderMead(barrier, [1.01]).point[0], 2, 1e-6);
  assertThrows(() => nelderMead(() => NaN, [1, 2]), RangeError, "finite nowhere around `start` = [1, 2]");
  assertThrows(() => nelderMead(() => 0, []), RangeError, "`start.length`");
});

Deno.test("quantiles of absolute values as NumPy's", () => {
  for (const { n, q, value } of peers.quantiles) {
    const x = Float64Array.from({ length: n }, (_, i) => Math.sin(1.7 * i ** 1.3) * 10 ** (i % 5 - 2));
    q.forEach((p, i) => assertAlmostEquals(quantileAbs(x, p), value[i], 1e-12 * Math.max(1, value[i])));
  }
});

Deno.test("quantiles against a sort, with many ties, in both precisions; the input is left alone", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 3000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (seed, n, q) => {
        const rng = new Rng(seed);
        const x = rng.normals(n).map((v, i) => i % 3 === 0 ? Math.round(v) : v);
        const sorted = x.map(Math.abs).sort();
        const at = q * (n - 1);
        const k = Math.floor(at);
        const expected = sorted[k] + (at - k) * ((sorted[k + 1] ?? 0) - sorted[k]);
        const before = x.slice();
        assertAlmostEquals(quantileAbs(x, q), expected, 1e-12);
        assertEquals(x, before);
        assertAlmostEquals(quantileAbs(Float32Array.from(x), q), expected, 1e-5);
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("bad input of a quantile is named", () => {
  assertThrows(() => quantileAbs(new Float64Array(0), 0.5), RangeError, "`x.length`");
  assertThrows(() => quantileAbs(Float64Array.of(1), 1.1), RangeError, "`probability`");
  assertThrows(() => quantileAbs(Float64Array.of(1, NaN), 0.5), RangeError, "entry 1 is NaN");
});

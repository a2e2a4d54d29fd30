/** Fits, groups and summaries at the ends of the range, and with data that has no line or no group. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Rng } from "refigure/arrays";
import {
  fitExponential,
  fitLine,
  fitPowerLaw,
  groupBy,
  normalQuantile,
  studentQuantile,
  summarizeBy,
} from "refigure/statistics";

Deno.test("fitLine does not depend on the units: powers of two change nothing but the scale", () => {
  const rng = new Rng(3);
  const x = rng.normals(20);
  const y = x.map((value) => 3 * value + 1 + 0.1 * rng.normal());
  const wanted = fitLine(x, y);
  for (
    const [p, q] of [[700, 0], [-700, 0], [0, 700], [0, -700], [1000, 1000], [-1000, -1000], [-500, 500]]
  ) {
    const fit = fitLine(x.map((v) => v * 2 ** p), y.map((v) => v * 2 ** q));
    const factor = (value: number) => value * 2 ** (q / 2 - p / 2) * 2 ** (q / 2 - p / 2);
    assertEquals(fit.slope, factor(wanted.slope));
    assertEquals(fit.interval, wanted.interval.map(factor) as [number, number]);
    assertEquals(fit.standardError, factor(wanted.standardError));
    assertEquals(fit.intercept, wanted.intercept * 2 ** q);
    assertEquals(fit.r2, wanted.r2);
  }
});

Deno.test("fitLine at x = 1e200 and at the largest numbers", () => {
  assertAlmostEquals(fitLine([1e200, 2e200, 3e200], [1, 2, 3]).slope * 1e200, 1, 1e-15);
  const largest = fitLine([-1e308, 0, 1e308], [-1.5e308, 0, 1.5e308]);
  assertAlmostEquals(largest.slope, 1.5, 1e-15);
  assertEquals([largest.intercept, largest.r2], [0, 1]);
  assertAlmostEquals(fitPowerLaw([1e-300, 1, 1e300], [1e-150, 1, 1e150]).slope, 0.5, 1e-14);
  assertAlmostEquals(fitExponential([0, 1e-200], [1, Math.E]).slope / 1e200, 1, 1e-14);
});

Deno.test("fitLine: equal x are refused and equal y have slope 0, whatever their rounding", () => {
  for (const value of [0, 1, 0.1, -0.3, 1e-300, 1e300, 1 / 3]) {
    for (const n of [2, 3, 7, 10]) {
      const same = new Float64Array(n).fill(value);
      const ramp = Float64Array.from(same, (_, i) => i);
      assertThrows(() => fitLine(same, ramp), RangeError, `all \`x\` equal ${value}`);
      const flat = fitLine(ramp, same);
      assertEquals([flat.slope, flat.intercept, flat.r2], [0, value, 1]);
      assertEquals(flat.standardError, n > 2 ? 0 : NaN);
    }
  }
  // 0.1 + 0.2 is 0.3 and a bit.
  assertThrows(() => fitLine([0.1 + 0.2, 0.3, 0.3], [1, 2, 3]), RangeError, "all `x` equal");
  assertEquals(fitLine([1, 2, 3], [0.1 + 0.2, 0.3, 0.3]).slope, 0);
  assert(fitLine([1, 2, 3], [0.3, 0.3, 0.3 + 1e-14]).slope > 0);
});

Deno.test("fitLine: bad input is named", () => {
  assertThrows(() => fitLine([1, 2], [1, 2], { levle: 0.9 } as never), TypeError, 'did you mean "level"?');
  assertThrows(() => fitLine(null as never, [1, 2]), TypeError, "`x` must be an array of numbers, got null");
  assertThrows(() => fitLine([1, 2], ["1", 2] as never), TypeError, '`y[0]` must be a number, got "1"');
  assertThrows(() => fitLine([1, NaN], [1, 2]), RangeError, "`x` must be finite: entry 1 is NaN");
  assertThrows(() => fitPowerLaw([1, 0], [1, 2]), RangeError, "entry 1 must be positive, got 0");
});

Deno.test("groups keep apart what JSON writes alike", () => {
  const values = [NaN, null, Infinity, -Infinity, undefined, "null", "NaN", 0, "0", false, 10n, [NaN], [
    null,
  ]];
  const rows = [...values, ...values].map((k, i) => ({ k, i }));
  const groups = groupBy(rows, ["k"]);
  assertEquals(groups.map(({ keys }) => keys.k), values);
  assertEquals(
    groups.map(({ rows }) => rows.map(({ i }) => i)),
    values.map((_, i) => [i, i + values.length]),
  );
  assertEquals(summarizeBy(rows, ["k"], "i").length, values.length);
});

Deno.test("a field that no row has is refused with the nearest one", () => {
  const rows = [{ width: 1, seed: 0, loss: 2 }];
  assertThrows(() => summarizeBy(rows, ["widht" as never], "loss"), TypeError, 'did you mean "width"?');
  assertThrows(() => summarizeBy(rows, ["width"], "los" as never), TypeError, 'did you mean "loss"?');
  assertThrows(() => summarizeBy([{ a: "1" }], [], "a"), TypeError, 'row 0 has "1"');
  assertThrows(() => summarizeBy([{ a: NaN }], [], "a"), RangeError, "row 0 has NaN");
});

Deno.test("summaries of very large and very small values", () => {
  for (const unit of [1e300, 1e-300]) {
    const [all] = summarizeBy([1, 2, 3, 4].map((x) => ({ x: x * unit })), [], "x");
    assertAlmostEquals(all.mean / unit, 2.5, 1e-15);
    assertAlmostEquals(all.sd / unit, Math.sqrt(5 / 3), 1e-15);
    assertEquals([all.min, all.max, all.count], [unit, 4 * unit, 4]);
  }
  const [largest] = summarizeBy([{ x: 1.7e308 }, { x: 1.7e308 }], [], "x");
  assertEquals([largest.mean, largest.median, largest.sd], [1.7e308, 1.7e308, 0]);
});

Deno.test("Student's quantile: tails and many degrees of freedom", () => {
  // One degree of freedom is the Cauchy distribution.
  for (const p of [0.6, 0.975, 1 - 2 ** -40]) {
    assertAlmostEquals(studentQuantile(p, 1) * Math.tan(Math.PI * (1 - p)), 1, 1e-11);
  }
  for (const p of [1e-3, 1e-17, 1e-300]) {
    assertAlmostEquals(studentQuantile(p, 1) * -Math.tan(Math.PI * p), 1, 1e-11);
  }
  assertAlmostEquals(studentQuantile(0.975, 1e15), normalQuantile(0.975), 1e-14);
  assertAlmostEquals(studentQuantile(0.99, 99_999), studentQuantile(0.99, 100_001), 1e-9);
});

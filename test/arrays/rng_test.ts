import { assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { mean, sampleCorrelation, variance } from "simple-statistics";
import { Rng } from "refigure/arrays";

Deno.test("equal seeds give equal streams, and a known first draw", () => {
  assertEquals(new Rng(1).normals(5), new Rng(1).normals(5));
  // Recorded once; a change here changes every stored result.
  assertEquals([...new Rng(42).split("a").permutation(6)], [3, 2, 0, 5, 1, 4]);
  assertEquals(new Rng(42).uniform(), 0.07646503826731776);
  assertAlmostEquals(new Rng(42).normal(), -0.8118169533188117, 1e-15);
});

Deno.test("a child depends on the labels, not on the draws before the split", () => {
  const untouched = new Rng(3);
  const drawn = new Rng(3);
  drawn.normals(101);
  assertEquals(untouched.split(1).split("x").uniform(), drawn.split(1).split("x").uniform());
});

Deno.test("uniform: moments, range and independence of neighbouring streams", () => {
  const n = 200_000;
  const streams = [0, 1].map((label) => {
    const rng = new Rng(9).split(label);
    return Array.from({ length: n }, () => rng.uniform());
  });
  for (const x of streams) {
    // Five standard errors of the mean and the variance of U(0, 1).
    assertLess(Math.abs(mean(x) - 0.5), 5 * Math.sqrt(1 / 12 / n));
    assertLess(Math.abs(variance(x) - 1 / 12), 5 * Math.sqrt(1 / 180 / n));
    for (const value of x) if (!(value >= 0 && value < 1)) throw new Error(`out of range: ${value}`);
  }
  assertLess(Math.abs(sampleCorrelation(streams[0], streams[1])), 5 / Math.sqrt(n));
});

Deno.test("normal: moments up to the fourth", () => {
  const n = 200_000;
  const x = new Rng(5).normals(n);
  const moment = (k: number) => x.reduce((s, v) => s + v ** k, 0) / n;
  assertLess(Math.abs(moment(1)), 5 / Math.sqrt(n));
  assertLess(Math.abs(moment(2) - 1), 5 * Math.sqrt(2 / n));
  assertLess(Math.abs(moment(3)), 5 * Math.sqrt(15 / n));
  assertLess(Math.abs(moment(4) - 3), 5 * Math.sqrt(96 / n));
});

Deno.test("integer: every value equally likely", () => {
  const rng = new Rng(11);
  const counts = new Float64Array(7);
  const n = 70_000;
  for (let i = 0; i < n; i++) counts[rng.integer(7)]++;
  const chiSquare = counts.reduce((s, c) => s + (c - n / 7) ** 2 / (n / 7), 0);
  assertLess(chiSquare, 27.9); // 99.99 % quantile of chi-square with 6 degrees of freedom
});

Deno.test("sphere points have unit length; permutations hold every index once", () => {
  const rng = new Rng(0);
  for (const n of [1, 2, 50]) {
    assertAlmostEquals(rng.sphere(n).reduce((s, x) => s + x * x, 0), 1, 1e-14);
    assertEquals([...rng.permutation(n)].sort((a, b) => a - b), Array.from({ length: n }, (_, i) => i));
  }
  assertEquals(rng.permutation(0), new Int32Array(0));
});

Deno.test("permutations of three are equally likely", () => {
  const rng = new Rng(2);
  const counts = new Map<string, number>();
  const n = 12_000;
  for (let i = 0; i < n; i++) {
    const key = rng.permutation(3).join("");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  assertEquals(counts.size, 6);
  const chiSquare = [...counts.values()].reduce((s, c) => s + (c - n / 6) ** 2 / (n / 6), 0);
  assertLess(chiSquare, 25.7); // 99.99 % quantile of chi-square with 5 degrees of freedom
});

Deno.test("bad arguments are named", () => {
  assertThrows(() => new Rng(1.5), RangeError, "`seed`");
  assertThrows(() => new Rng(0).integer(0), RangeError, "`n`");
  assertThrows(() => new Rng(0).normals(-1), RangeError, "`n`");
  assertThrows(() => new Rng(0).sphere(0), RangeError, "`n`");
});

Deno.test("what is no number, text or array is refused by name", () => {
  const rng = new Rng(1);
  assertThrows(() => new Rng(null as never), TypeError, "`seed` must be a number or a string, got null");
  assertThrows(
    () => rng.split({} as never),
    TypeError,
    "`label` must be a number or a string, got an object",
  );
  assertThrows(() => rng.split(NaN), RangeError, "`label` must be a finite number, got NaN");
  assertThrows(() => rng.uniform("0" as never), TypeError, '`low` must be a finite number, got "0"');
  assertThrows(() => rng.normals(2, "1" as never), TypeError, '`scale` must be a number, got "1"');
  assertThrows(() => rng.shuffle("text" as never), TypeError, '`items` must be an array, got "text"');
});

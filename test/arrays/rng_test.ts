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

// Deciles by SciPy 1.17: scipy.stats.gamma(shape).ppf and scipy.stats.beta(a, b).ppf at 0.1, ..., 0.9.
const DECILES: [string, (rng: Rng) => number, number[]][] = [
  ["gamma(0.3)", (rng) => rng.gamma(0.3), [
    ...[0.0003237246218, 0.003270339525, 0.01272665777, 0.03373979265, 0.07313113587],
    ...[0.1412525036, 0.2565649133, 0.460073887, 0.8848107734],
  ]],
  ["gamma(1, 2)", (rng) => rng.gamma(1, 2) / 2, [
    ...[0.1053605157, 0.2231435513, 0.3566749439, 0.5108256238, 0.6931471806],
    ...[0.9162907319, 1.203972804, 1.609437912, 2.302585093],
  ]],
  ["gamma(4.5)", (rng) => rng.gamma(4.5), [
    ...[2.084079504, 2.690026606, 3.196652982, 3.678517251, 4.171416346],
    ...[4.706820047, 5.328186003, 6.121072735, 7.341828287],
  ]],
  ["beta(1/2, 3/2)", (rng) => rng.beta(0.5, 1.5), [
    ...[0.006181243938, 0.02488070683, 0.05658805494, 0.1022026614, 0.1631939854],
    ...[0.2419280625, 0.3423858037, 0.4720360895, 0.648642802],
  ]],
  ["beta(2, 6)", (rng) => rng.beta(2, 6), [
    ...[0.07882344616, 0.119539162, 0.1559207373, 0.1915822146, 0.2284899635],
    ...[0.2685128158, 0.3142826971, 0.3708615169, 0.4525649434],
  ]],
];

for (const [name, draw, deciles] of DECILES) {
  Deno.test(`${name} fills ten equally likely bins equally`, () => {
    const rng = new Rng(11);
    const n = 20_000;
    const counts = new Array(10).fill(0);
    for (let i = 0; i < n; i++) {
      const x = draw(rng);
      counts[deciles.filter((decile) => x > decile).length]++;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - n / 10) ** 2 / (n / 10), 0);
    assertLess(chiSquare, 33.72); // 99.99 % quantile of chi-square with 9 degrees of freedom
  });
}

Deno.test("beta variates of tiny parameters are 0 or 1, not NaN; gamma and beta refuse what is not positive", () => {
  const rng = new Rng(3);
  const draws = Array.from({ length: 200 }, () => rng.beta(1e-5, 1e-5));
  assertEquals(draws.every((x) => x >= 0 && x <= 1), true);
  const ones = draws.filter((x) => x > 0.5).length;
  assertLess(Math.abs(ones - 100), 40); // 5.6 standard deviations
  assertThrows(() => rng.gamma(0), RangeError, "`shape`");
  assertThrows(() => rng.gamma(1, -1), RangeError, "`scale`");
  assertThrows(() => rng.beta(1, Infinity), RangeError, "`b`");
});

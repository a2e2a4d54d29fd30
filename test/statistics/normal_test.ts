/** The normal law against SciPy, in relative accuracy down to 1e-300. */
import { assert, assertThrows } from "@std/assert";
import { erf, erfc, normalCdf, normalLogCdf, normalQuantile } from "refigure/statistics";
import scipy from "../fixtures/statistics/normal.json" with { type: "json" };

function relative(f: (x: number) => number, at: number[], expected: number[], tolerance: number) {
  at.forEach((x, i) => {
    const error = Math.abs(f(x) / expected[i] - 1);
    assert(error <= tolerance, `${f.name}(${x}) = ${f(x)}, SciPy ${expected[i]}: relative error ${error}`);
  });
}

Deno.test("erf and erfc", () => {
  const pairs = scipy.z.map((z, i) => [z, scipy.erf[i]]).filter(([z]) => z !== 0);
  relative(erf, pairs.map(([z]) => z), pairs.map(([, v]) => v), 1e-14);
  relative(erfc, scipy.z, scipy.erfc, 2e-13);
});

Deno.test("distribution function and its logarithm", () => {
  relative(normalCdf, scipy.x, scipy.cdf, 1e-12);
  relative(normalLogCdf, scipy.x, scipy.logCdf, 1e-12);
});

Deno.test("quantiles", () => {
  const pairs = scipy.p.map((p, i) => [p, scipy.quantile[i]]).filter(([p]) => Math.abs(p - 0.5) > 1e-6);
  relative(normalQuantile, pairs.map(([p]) => p), pairs.map(([, q]) => q), 1e-12);
  assertThrows(() => normalQuantile(1), RangeError, "`p` must be a finite number > 0 and < 1, got 1");
});

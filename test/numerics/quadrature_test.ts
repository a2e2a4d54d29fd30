import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { gaussLegendre, integrate } from "refigure/numerics";

Deno.test("gaussLegendre: exact for polynomials of degree 2n - 1, and not for the next one", () => {
  for (const n of [1, 2, 5, 12, 40]) {
    const { nodes, weights } = gaussLegendre(n);
    const moment = (k: number) => nodes.reduce((sum, x, i) => sum + weights[i] * x ** k, 0);
    for (let k = 0; k < 2 * n; k++) assertAlmostEquals(moment(k), k % 2 ? 0 : 2 / (k + 1), 1e-14);
    if (n <= 5) assert(Math.abs(moment(2 * n) - 2 / (2 * n + 1)) > 1e-4);
  }
});

Deno.test("integrate: both directions, empty intervals, narrow panels, values that are not numbers", () => {
  assertAlmostEquals(integrate((x) => 1 / (1 + x * x), 0, 1), Math.PI / 4, 1e-15);
  assertAlmostEquals(integrate((x) => 1 / (1 + x * x), 1, 0), -Math.PI / 4, 1e-15);
  assertEquals(integrate(Math.exp, 2, 2), 0);
  assertLess(
    Math.abs(integrate((x) => Math.cos(200 * x), 0, 1, { width: 0.02 }) - Math.sin(200) / 200),
    1e-15,
  );
  assertEquals(integrate(() => NaN, 0, 1), NaN);
});

Deno.test("integrate and gaussLegendre refuse what would never end", () => {
  assertThrows(
    () => integrate(Math.exp, 0, Infinity),
    RangeError,
    "`to` must be a finite number, got Infinity",
  );
  assertThrows(
    () => integrate(Math.exp, 0, 1, { width: 0 }),
    RangeError,
    "`width` must be a finite number > 0, got 0",
  );
  assertThrows(() => integrate(Math.exp, 0, 1e308), RangeError, "`width` must be at least 1e+301");
  assertThrows(() => integrate(Math.exp, -1e308, 1e308), RangeError, "`to - from` must be a finite number");
  assertThrows(
    () => integrate(Math.exp, 0, 1, 0.5 as never),
    TypeError,
    "`options` must be an object of options, got 0.5",
  );
  assertThrows(() => integrate(undefined as never, 0, 1), TypeError, "`f` must be a function, got undefined");
  assertThrows(() => gaussLegendre(1e308), RangeError, "`n` must be an integer from 1 to 10000");
});

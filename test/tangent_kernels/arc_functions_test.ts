/** The inverse functions of the closed kernels, against 32 digits by mpmath. */
import { assertEquals, assertLess } from "@std/assert";
import { arccosOfNegative, arcsin } from "../../lib/tangent_kernels/arc_functions.ts";
import fixtures from "../fixtures/tangent_kernels/arc_functions.json" with { type: "json" };

/** The distance of neighbouring doubles at x. */
function ulp(x: number): number {
  const exponent = Math.floor(Math.log2(Math.abs(x)));
  return Math.max(2 ** (exponent - 52), 2 ** -1074);
}

for (const [name, f] of Object.entries({ arccosOfNegative, arcsin })) {
  Deno.test(`${name} is within 2 units in the last place`, () => {
    for (const row of fixtures) {
      const [high, low] = row[name as "arcsin"];
      const off = Math.abs(f(row.x) - high - low);
      if (off > 0) assertLess(off / ulp(high), 2, `at ${row.x}`);
    }
  });
}

Deno.test("the ends are exact, and NaN stays", () => {
  assertEquals(arccosOfNegative(-1), 0);
  assertEquals(arccosOfNegative(1), Math.PI);
  assertEquals(arcsin(1), Math.PI / 2);
  assertEquals(arcsin(-1), -Math.PI / 2);
  assertEquals(arcsin(0), 0);
  assertEquals([arcsin(NaN), arccosOfNegative(NaN)], [NaN, NaN]);
});

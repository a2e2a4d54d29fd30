import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { fixedStepOde } from "../../lib/numerics/mod.ts";

Deno.test("fixed steps have the orders 1, 2 and 4, forwards and backwards", () => {
  // y' = -2 t y^2 with y = 1 / (1 + t^2).
  const error = (method: "euler" | "heun" | "rk4", steps: number) => {
    const times = Float64Array.from({ length: steps + 1 }, (_, i) => 2 - 2 * i / steps);
    const [y] = fixedStepOde((t, y, dy) => dy[0] = -2 * t * y[0] ** 2, Float64Array.of(0.2), times, {
      method,
    });
    return Math.abs(y - 1);
  };
  for (const [method, order] of [["euler", 1], ["heun", 2], ["rk4", 4]] as const) {
    assertAlmostEquals(Math.log2(error(method, 200) / error(method, 400)), order, 0.1);
  }
});

Deno.test("fixed steps: the states on the way, and none without a step", () => {
  const seen: number[] = [];
  const f = (_t: number, _y: Float64Array, dy: Float64Array) => dy.fill(1);
  const y0 = Float64Array.of(0);
  fixedStepOde(f, y0, [0, 1, 3], { onStep: (step, y) => seen.push(step, y[0]) });
  assertEquals(seen, [0, 1, 1, 3]);
  assertEquals(y0, Float64Array.of(0));
  assertEquals(fixedStepOde(f, y0, [2]), y0);
  assertThrows(() => fixedStepOde(f, y0, []), RangeError, "`times` must have at least");
});

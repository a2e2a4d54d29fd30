/** The adaptive solver: order, both directions, tolerance, and the named ways of giving up. */
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { solveOde } from "../../lib/numerics/mod.ts";

const oscillator = (_t: number, y: Float64Array, dy: Float64Array) => {
  dy[0] = y[1];
  dy[1] = -y[0];
};

Deno.test("solveOde: an oscillator after ten turns, forward and back", () => {
  const end = 20 * Math.PI;
  const there = solveOde(oscillator, [1, 0], [0, 1, end], { rtol: 1e-11, atol: 1e-13 });
  assertEquals(there.status, "finished");
  assertEquals(there.advice, null);
  assertAlmostEquals(there.states.get(1, 0), Math.cos(1), 1e-10);
  assertAlmostEquals(there.states.get(2, 0), 1, 1e-8);
  const back = solveOde(oscillator, there.states.row(2), [end, 1], { rtol: 1e-11, atol: 1e-13 });
  assertAlmostEquals(back.states.get(1, 1), -Math.sin(1), 1e-8);
});

Deno.test("solveOde: the error follows the tolerance, the work its fifth root", () => {
  const run = (rtol: number) => {
    const { states, steps } = solveOde(oscillator, [1, 0], [0, 10], { rtol, atol: rtol });
    return { error: Math.abs(states.get(1, 0) - Math.cos(10)), steps };
  };
  const coarse = run(1e-5);
  const fine = run(1e-10);
  assertLess(coarse.error, 1e-3);
  assertLess(fine.error, 1e-8);
  // Five decades, fifth order: ten times the steps.
  assert(fine.steps / coarse.steps > 6 && fine.steps / coarse.steps < 14, `${fine.steps} / ${coarse.steps}`);
});

Deno.test("solveOde: fifth order, seen on a right side that depends on time alone", () => {
  const { states } = solveOde((t, _y, dy) => dy[0] = 5 * t ** 4, [0], [0, 2], { rtol: 1e-3, atol: 1e-3 });
  assertAlmostEquals(states.get(1, 0), 32, 1e-11);
});

Deno.test("solveOde: giving up has a name and advice", () => {
  const short = solveOde(oscillator, [1, 0], [0, 1, 1000], { maxSteps: 50 });
  assertEquals(short.status, "step-limit");
  assertEquals([...short.times], [0, 1]);
  assert(short.advice!.includes("maxSteps"));
  // y' = y^2 is infinite at t = 1.
  const pole = solveOde((_t, y, dy) => dy[0] = y[0] * y[0], [1], [0, 0.5, 2]);
  assertEquals(pole.status, "step-too-small");
  assertEquals(pole.times.length, 2);
  assertAlmostEquals(pole.states.get(1, 0), 2, 1e-6);
});

Deno.test("solveOde: bad input", () => {
  assertThrows(() => solveOde(oscillator, [1, NaN], [0, 1]), RangeError, "y0");
  assertThrows(() => solveOde(oscillator, [1, 0], [0, 2, 1]), RangeError, "times");
  assertThrows(() => solveOde(oscillator, [1, 0], []), RangeError, "times");
  assertThrows(() => solveOde(oscillator, [1, 0], [0, 1], { rtol: 0, atol: 0 }), RangeError, "rtol");
  assertThrows(
    () => solveOde(oscillator, "10" as never, [0, 1]),
    TypeError,
    "`y0` must be an array of numbers",
  );
  assertThrows(
    () => solveOde(oscillator, [1, 0], [0, 1], { rTol: 1 } as never),
    TypeError,
    'did you mean "rtol"?',
  );
});

Deno.test("solveOde: a state that stays at zero needs no absolute tolerance", () => {
  const still = solveOde((_t, y, dy) => dy.set([0, -y[1]]), [0, 1], [0, 1], { rtol: 1e-9, atol: 0 });
  assertEquals(still.status, "finished");
  assertEquals(still.states.get(1, 0), 0);
  assertAlmostEquals(still.states.get(1, 1), Math.exp(-1), 1e-8);
});

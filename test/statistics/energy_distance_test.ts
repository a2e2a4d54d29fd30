import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix } from "../../lib/arrays/mod.ts";
import { energyDistance } from "../../lib/statistics/mod.ts";

const fixture = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/statistics/energy_distance.json", import.meta.url)),
) as { energy: { x: number[][]; y: number[][]; distance: number }[] };

Deno.test("energy distance: SciPy's values, symmetry, units", () => {
  for (const { x, y, distance } of fixture.energy) {
    const [a, b] = [Matrix.fromRows(x), Matrix.fromRows(y)];
    assertAlmostEquals(energyDistance(a, b), distance, 1e-12);
    assertAlmostEquals(energyDistance(b, a), distance, 1e-12);
    for (const unit of [1e-250, 1e200]) {
      const scaled = (m: Matrix) => new Matrix(m.rows, m.columns, m.data.map((value) => value * unit));
      assertAlmostEquals(energyDistance(scaled(a), scaled(b)) / unit, distance, 1e-11);
    }
  }
  const x = Matrix.fromRows([[0, 1]]);
  assert(Number.isNaN(energyDistance(x, Matrix.fromRows([[NaN, 1]]))));
  assertEquals(energyDistance(x, x), 0);
  assertThrows(() => energyDistance(x, Matrix.zeros(2, 3)), RangeError, "`y` must have 2 columns");
  assertThrows(() => energyDistance(x, Matrix.zeros(0, 2)), RangeError, "`y.rows` must be");
});

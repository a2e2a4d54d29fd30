import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { conjugateGradients, HeatEquation } from "../../lib/sparse/mod.ts";

const wave = (x: number, y: number) => Math.sin(Math.PI * x) * Math.sin(2 * Math.PI * y);

/** Takes steps, solved as exactly as possible. */
function run(heat: HeatEquation, steps: number): void {
  for (let step = 0; step < steps; step++) {
    const { a, b } = heat.system();
    heat.advance(conjugateGradients(a, b, { start: heat.solution, tolerance: 1e-14 }).x);
  }
}

Deno.test("an eigenvector of the stencil decays by the factor of each step", () => {
  const cells = 12;
  const timeStep = 1e-2;
  const diffusivity = (t: number) => 1 + Math.sin(7 * t);
  const heat = new HeatEquation({ cells, timeStep, initial: wave, diffusivity });
  const before = heat.solution;
  // Eigenvalue of minus the discrete Laplacian.
  const lambda = 4 * cells ** 2 * (Math.sin(Math.PI / (2 * cells)) ** 2 + Math.sin(Math.PI / cells) ** 2);
  let factor = 1;
  for (let step = 0; step < 20; step++) {
    const z = diffusivity((step + 0.5) * timeStep) * timeStep * lambda / 2;
    factor *= (1 - z) / (1 + z);
  }
  run(heat, 20);
  assertAlmostEquals(heat.time, 0.2, 1e-15);
  heat.solution.forEach((value, k) => assertAlmostEquals(value, factor * before[k], 1e-13));
});

Deno.test("the solution is of second order in the spacing and the step together", () => {
  // u = (1 + t^2) sin(pi x) y (1 - y) with kappa = 1 + t, and the source that goes with it.
  const shape = (x: number, y: number) => Math.sin(Math.PI * x) * y * (1 - y);
  const errors = [8, 16, 32].map((cells) => {
    const kappa = (t: number) => 1 + t;
    const forcing = (x: number, y: number, t: number) =>
      2 * t * shape(x, y) +
      kappa(t) * (1 + t * t) * Math.sin(Math.PI * x) * (Math.PI ** 2 * y * (1 - y) + 2);
    const heat = new HeatEquation({
      cells,
      timeStep: 0.4 / cells,
      initial: shape,
      diffusivity: kappa,
      forcing,
    });
    run(heat, cells);
    const exact = (k: number) =>
      (1 + heat.time ** 2) *
      shape((k % (cells - 1) + 1) / cells, (Math.floor(k / (cells - 1)) + 1) / cells);
    return heat.solution.reduce((most, value, k) => Math.max(most, Math.abs(value - exact(k))), 0);
  });
  for (const k of [0, 1]) {
    const order = Math.log2(errors[k] / errors[k + 1]);
    assert(order > 1.9 && order < 2.2, `${errors}`);
  }
});

Deno.test("no diffusion: the source is added, whatever the grid", () => {
  const heat = new HeatEquation({
    cells: 5,
    timeStep: 0.5,
    initial: (x) => x,
    diffusivity: () => 0,
    forcing: (x, y, t) => x + 10 * y + 100 * t,
  });
  const { a, b } = heat.system();
  assertEquals([a.centre, a.neighbour], [1, -0]);
  // Point 7 is the fourth of the second row.
  assertAlmostEquals(b[7], 0.8 + 0.5 * (0.8 + 10 * 0.4 + 100 * 0.25), 1e-14);
  const own = heat.solution;
  own.fill(0);
  assertAlmostEquals(heat.solution[7], 0.8, 1e-15);
});

Deno.test("bad input is refused by name", () => {
  const good = { cells: 4, timeStep: 0.1, initial: wave, diffusivity: () => 1 };
  const make = (change: object) => () => new HeatEquation({ ...good, ...change });
  assertThrows(make({ cells: 1 }), RangeError, "`cells`");
  assertThrows(make({ timeStep: 0 }), RangeError, "`timeStep`");
  assertThrows(make({ initial: 3 }), TypeError, "`initial` must be a function");
  assertThrows(make({ initial: () => NaN }), RangeError, "initial at a point");
  assertThrows(make({ source: () => 1 }), TypeError, "source");
  assertThrows(() => make({ diffusivity: () => -1 })().system(), RangeError, "`diffusivity`");
  assertThrows(() => make({ forcing: () => Infinity })().system(), RangeError, "forcing at a point");
  const heat = new HeatEquation(good);
  assertThrows(() => heat.advance(new Float64Array(8)), RangeError, "`solution`");
  assertThrows(() => heat.advance(new Float64Array(9).fill(NaN)), RangeError, "`solution`");
  assertEquals(heat.time, 0);
});

/** A step happens for all parameters or for none. */
import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import {
  adamwUpdates,
  chain,
  dctAdamwUpdates,
  dionUpdates,
  type GradientTransformation,
  MatrixOptimizer,
  momentum,
  muonUpdates,
  orthogonalizeCalibrated,
  type Parameter,
  rootUpdates,
  scaleByLearningRate,
  stateless,
  TransformationOptimizer,
} from "refigure/optimizers";

await tf.setBackend("cpu");

const METHODS: Record<string, () => GradientTransformation> = {
  momentum: () => momentum(),
  adamw: () => adamwUpdates({ learningRate: 0.1 }),
  muon: () => muonUpdates(),
  root: () => rootUpdates({ coefficients: "calibrate" }),
  calibrated: () => orthogonalizeCalibrated({ spectra: 2 }),
  "random columns": () => dctAdamwUpdates({ rank: 2, selection: "random" }),
  dion: () => dionUpdates({ rank: 2 }),
};

const gradientsOf = (step: number) => [1, 2].map((i) => new Rng(10 * step + i).normalMatrix(4, 3));

for (const [name, make] of Object.entries(METHODS)) {
  Deno.test(`${name}: after a step that failed everything is as if it had not been tried`, () => {
    const run = (trouble: boolean) => {
      let fails = false;
      const last = stateless((updates, parameter) => {
        if (fails && parameter.name === "b") throw new Error("a link of one's own fails");
        return updates;
      });
      const parameters = ["a", "b"].map((name): Parameter => ({
        name,
        weights: new Rng(name).normalMatrix(4, 3),
        outputs: "rows",
      }));
      const optimizer = new MatrixOptimizer(parameters, chain(make(), last, scaleByLearningRate(0.1)));
      for (let step = 0; step < 5; step++) {
        for (let time = 0; trouble && time < 2; time++) {
          const before = parameters.map(({ weights }) => weights.toRows());
          fails = true;
          assertThrows(() => optimizer.step(gradientsOf(100 + step)), Error, "a link of one's own fails");
          fails = false;
          const [first] = gradientsOf(50);
          assertThrows(() => optimizer.step([first, first.map(() => NaN)]), RangeError, "The gradient of b");
          assertThrows(
            () => optimizer.step([first, Matrix.zeros(3, 4)]),
            RangeError,
            "`gradient of b` must be",
          );
          assertThrows(() => optimizer.step([first, first.astype("float32")]), TypeError, "must be float64");
          assertEquals(parameters.map(({ weights }) => weights.toRows()), before);
          assertEquals(optimizer.steps, step);
        }
        optimizer.step(gradientsOf(step));
      }
      return parameters.map(({ weights }) => weights.toRows());
    };
    assertEquals(run(true), run(false));
  });
}

Deno.test("an update of another shape, precision or class is refused before anything moves", () => {
  const of = (transform: (updates: Matrix) => unknown) => {
    const parameters = ["a", "b"].map((name): Parameter => ({
      name,
      weights: Matrix.zeros(2, 3),
      outputs: "rows",
    }));
    const broken = stateless((updates, { name }) =>
      (name === "b" ? transform(updates as Matrix) : updates) as Matrix
    );
    const optimizer = new MatrixOptimizer(parameters, broken);
    return () => {
      try {
        optimizer.step(parameters.map(({ weights }) => weights.map(() => 1)));
      } finally {
        for (const { weights } of parameters) assertEquals([...new Set(weights.data)], [0]);
      }
    };
  };
  assertThrows(of((u) => u.transpose()), RangeError, "`update of b` must be 2 x 3, got 3 x 2");
  assertThrows(of((u) => u.astype("float32")), TypeError, "The update of b must be float64");
  assertThrows(of((u) => u.toRows()), TypeError, "`update of b` must be a Matrix");
  assertThrows(of(() => undefined), TypeError, "`update of b` must be a Matrix");
});

Deno.test("a state that is not made of numbers and arrays is refused when it is first stepped", () => {
  const link = {
    init: () => ({ started: new Date(0) as never }),
    update: (updates: Matrix) => updates,
  } as unknown as GradientTransformation;
  const optimizer = new MatrixOptimizer([{ name: "w", weights: Matrix.zeros(1, 1), outputs: "rows" }], link);
  assertThrows(() => optimizer.step([Matrix.zeros(1, 1)]), TypeError, "`started` is a Date");
});

Deno.test("states that grow, shrink or change their form are put back too", () => {
  let fails = false;
  const link: GradientTransformation<Record<string, number | Float64Array>> = {
    init: () => ({ steps: 0 }),
    update(updates, state) {
      state.steps = (state.steps as number) + 1;
      state.seen = new Float64Array(state.steps);
      if (state.steps === 3) delete state.seen;
      if (fails) throw new Error("fails");
      return updates.map(() => "seen" in state ? (state.seen as Float64Array).length : -1);
    },
  };
  const optimizer = new MatrixOptimizer([{ name: "w", weights: Matrix.zeros(1, 1), outputs: "rows" }], link);
  const g = Matrix.zeros(1, 1);
  const updates: number[] = [];
  for (let step = 0; step < 5; step++) {
    fails = true;
    assertThrows(() => optimizer.step([g]), Error, "fails");
    fails = false;
    updates.push(optimizer.step([g])[0].get(0, 0));
  }
  assertEquals(updates, [1, 2, -1, 4, 5]);
});

Deno.test("tfjs: a link of one's own that fails on the second variable leaves the first alone", () => {
  const failing = stateless((updates, { name }) => {
    if (name.endsWith("second")) throw new Error("fails");
    return updates;
  });
  const optimizer = new TransformationOptimizer(chain(momentum(), failing, scaleByLearningRate(1)));
  const [first, second] = ["first", "second"].map((name) => tf.variable(tf.ones([2]), true, `link/${name}`));
  const step = (list: tf.Variable[]) =>
    optimizer.applyGradients(list.map(({ name }) => ({ name, tensor: tf.ones([2]) })));
  step([first]);
  const before = first.dataSync().slice();
  const moved = before[0];
  for (let i = 0; i < 3; i++) assertThrows(() => step([first, second]), Error, "fails");
  assertEquals(first.dataSync(), before);
  assertEquals(optimizer.iterations, 1);
  step([first]);
  // The momentum was not touched: Nesterov's second step, 0.05 + 0.95 (0.95 0.05 + 0.05).
  assertEquals(Math.abs(moved - first.dataSync()[0] - (0.05 + 0.95 * (0.95 * 0.05 + 0.05))) < 1e-6, true);
});

Deno.test("a chain, a route and a driver take transformations, and say so", () => {
  assertThrows(() => chain(momentum as never), TypeError, "`transformations[0]` must be a transformation");
  assertThrows(() => chain(momentum as never), TypeError, "was it meant to be called?");
  assertThrows(
    () => new TransformationOptimizer({} as never),
    TypeError,
    "`transformation` must be a transformation",
  );
  const w = { name: "w", weights: Matrix.zeros(1, 1), outputs: "row" as "rows" };
  assertThrows(
    () => new MatrixOptimizer([w], momentum()),
    TypeError,
    '`parameters[0].outputs` must be "rows" or "columns", got "row" (did you mean "rows"?)',
  );
  assertThrows(
    () => new MatrixOptimizer([{ ...w, outputs: "rows", shpae: [1] } as never], momentum()),
    TypeError,
    '(did you mean "shape"?)',
  );
});

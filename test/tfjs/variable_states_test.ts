/** Whose state is whose: renamed, unfrozen, rebuilt and loaded variables. */
import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FusedAdam, FusedSgd, useBestBackend } from "refigure/tfjs";

console.warn = () => {};
await useBestBackend({ verbose: false });
await tf.setBackend("cpu");

let unique = 0;
/** Variables of ones, by the names of a letter and of how often they were made: `a1`, `b1`. */
function variables(shapes: Record<string, number[]>): tf.Variable[] {
  unique++;
  return Object.entries(shapes).map(([name, shape]) => tf.variable(tf.ones(shape), true, `${name}${unique}`));
}

const step = (optimizer: tf.Optimizer, list: tf.Variable[], value = 1) =>
  optimizer.applyGradients(list.map(({ name, shape }) => ({ name, tensor: tf.fill(shape, value) })));

/**
 * With this rate, momentum and gradients of 1 a variable moves by 1, 1.5, 1.75, ...: its step tells its
 * steps.
 */
const sgd = () => new FusedSgd({ learningRate: 1, momentum: 0.5 });
const moves = (list: tf.Variable[], stepping: () => void): number[] => {
  const before = list.map((variable) => variable.dataSync()[0]);
  stepping();
  return list.map((variable, i) => before[i] - variable.dataSync()[0]);
};

Deno.test("a layer that is unfrozen joins where it is in the model, and keeps its place when loaded", async () => {
  const optimizer = sgd();
  const [a, b, c] = variables({ a: [2], b: [2], c: [2] });
  step(optimizer, [b]);
  assertEquals(moves([b, c], () => step(optimizer, [b, c])), [1.5, 1]);
  assertEquals(moves([a, b, c], () => step(optimizer, [a, b, c])), [1, 1.75, 1.5]);
  const saved = await optimizer.getWeights();
  // Equal shapes: only the order can tell them.
  const loaded = variables({ x: [2], y: [2], z: [2] });
  const resumed = sgd();
  await resumed.setWeights(saved);
  assertEquals(moves(loaded, () => step(resumed, loaded)), [1.5, 1.875, 1.75]);
});

Deno.test("what was frozen when the model was saved goes on when it is unfrozen", async () => {
  const optimizer = sgd();
  const [a, b] = variables({ a: [2], b: [2] });
  step(optimizer, [a, b]);
  step(optimizer, [b]);
  const saved = await optimizer.getWeights();
  // Under the old names, in any order.
  const same = sgd();
  await same.setWeights(saved);
  assertEquals(moves([b], () => step(same, [b])), [1.75]);
  assertEquals(moves([a, b], () => step(same, [a, b])), [1.5, 1.875]);
  // Under new ones: first those that were active, then the rest.
  const [x, y] = variables({ x: [2], y: [2] });
  const other = sgd();
  await other.setWeights(saved);
  assertEquals(moves([y], () => step(other, [y])), [1.75]);
  assertEquals(moves([x, y], () => step(other, [x, y])), [1.5, 1.875]);
  // Or all of them at once.
  const [v, w] = variables({ v: [2], w: [2] });
  const whole = sgd();
  await whole.setWeights(saved);
  assertEquals(moves([v, w], () => step(whole, [v, w])), [1.5, 1.75]);
});

Deno.test("names that are the same win over the order; new variables may join", async () => {
  const optimizer = sgd();
  const [a, b] = variables({ a: [2], b: [2] });
  step(optimizer, [a, b]);
  step(optimizer, [a]);
  const resumed = sgd();
  await resumed.setWeights(await optimizer.getWeights());
  const [c] = variables({ c: [2] });
  assertEquals(moves([b, a, c], () => step(resumed, [b, a, c])), [1.5, 1.75, 1]);
  // Frozen until now, and something new that looks like it.
  const later = sgd();
  await later.setWeights(await optimizer.getWeights());
  assertEquals(moves([a], () => step(later, [a])), [1.75]);
  const [d] = variables({ d: [2] });
  assertEquals(moves([a, d], () => step(later, [a, d])), [1.875, 1]);
  assertEquals(moves([b], () => step(later, [b])), [1.5]);
});

Deno.test("a model built anew takes the state over; the old one is told when it comes back", () => {
  const optimizer = sgd();
  const old = variables({ a: [2], b: [3] });
  step(optimizer, old);
  const anew = variables({ a: [2], b: [3] });
  assertEquals(moves(anew, () => step(optimizer, anew)), [1.5, 1.5]);
  const before = old.map((variable) => variable.dataSync()[0]);
  assertThrows(() => step(optimizer, old), Error, "give each model an optimizer of its own");
  assertEquals(old.map((variable) => variable.dataSync()[0]), before);
  assertEquals(moves(anew, () => step(optimizer, anew)), [1.75, 1.75]);
  // Other shapes, or another number, are other variables.
  const others = variables({ a: [3], b: [2] });
  assertEquals(moves(others, () => step(optimizer, others)), [1, 1]);
  const [single] = variables({ a: [3] });
  assertEquals(moves([single], () => step(optimizer, [single])), [1]);
});

Deno.test("a variable that is made again under its name goes on; what is gone is not saved", async () => {
  const optimizer = sgd();
  const [a, b] = variables({ a: [2], b: [2] });
  step(optimizer, [a, b]);
  step(optimizer, [a, b]);
  a.dispose();
  const again = tf.variable(tf.ones([2]), true, a.name);
  assertEquals(moves([again, b], () => step(optimizer, [again, b])), [1.75, 1.75]);
  b.dispose();
  const [c] = variables({ c: [5] });
  step(optimizer, [again, c]);
  const names = new Set((await optimizer.getWeights()).map(({ name }) => name.split("::")[0]));
  assertEquals([...names], ["iter", again.name, c.name]);
  assertEquals(moves([again], () => step(optimizer, [again])), [1.9375]);
});

Deno.test("Adam's bias correction counts the steps of each variable, also after loading", async () => {
  for (const backend of ["cpu", "native"]) {
    await tf.setBackend(backend);
    let optimizer = new FusedAdam({ learningRate: 0.1, epsilon: 1e-12 });
    const [a, b] = variables({ a: [2], b: [2] });
    for (let i = 0; i < 100; i++) step(optimizer, [a]);
    // The first step of a variable has the size of the learning rate, whenever it joins.
    moves([a, b], () => step(optimizer, [a, b])).forEach((moved) => assertAlmostEquals(moved, 0.1, 1e-5));
    const saved = await optimizer.getWeights();
    optimizer = new FusedAdam({ learningRate: 0.1, epsilon: 1e-12 });
    await optimizer.setWeights(saved);
    moves([a, b], () => step(optimizer, [a, b])).forEach((moved) => assertAlmostEquals(moved, 0.1, 1e-5));
    assertEquals(optimizer.iterations, 102);
  }
  await tf.setBackend("cpu");
});

Deno.test("what was given out can be set also when it is old or its optimizer gone", async () => {
  const optimizer = sgd();
  const [a] = variables({ a: [2] });
  step(optimizer, [a]);
  const first = await optimizer.getWeights();
  step(optimizer, [a]);
  const second = await optimizer.getWeights();
  assertEquals(first.map(({ tensor }) => tensor.isDisposed).every((gone) => gone), true);
  optimizer.dispose();
  for (const [saved, moved] of [[first, 1.5], [second, 1.75]] as const) {
    const resumed = sgd();
    await resumed.setWeights(saved);
    assertEquals(moves([a], () => step(resumed, [a])), [moved]);
    resumed.dispose();
  }
  // Tensors of somebody else that are gone are an error of tfjs.
  const gone = tf.scalar(1, "int32");
  gone.dispose();
  await assertRejects(() => sgd().setWeights([{ name: "iter", tensor: gone }]), Error, "disposed");
});

Deno.test("saving while training takes one state, not half of the next", async () => {
  const optimizer = sgd();
  const list = variables({ a: [2], b: [2] });
  step(optimizer, list);
  const pending = optimizer.getWeights();
  step(optimizer, list);
  const [[iter], ...rest] = (await pending).map(({ tensor }) => Array.from(tensor.dataSync()));
  assertEquals(iter, 1);
  assertEquals(rest.filter((_, i) => i % 3 === 1), [[1, 1], [1, 1]]);
  assertEquals((await optimizer.getWeights())[0].tensor.dataSync()[0], 2);
});

Deno.test("a learning rate that is changed between steps is checked, and saved", () => {
  const optimizer = new FusedAdam();
  for (const value of [NaN, -1, Infinity]) {
    assertThrows(() => optimizer.learningRate = value, RangeError, "`learningRate`");
  }
  assertThrows(() => optimizer.learningRate = "0.1" as never, TypeError, "`learningRate`");
  optimizer.learningRate = 0.5;
  assertEquals(new FusedAdam(optimizer.getConfig()).learningRate, 0.5);
  assertThrows(() => new FusedAdam({ epsilon: 1e-50 }), RangeError, "`epsilon`");
});

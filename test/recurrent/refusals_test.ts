/** Bad input of the recurrent networks, NaN that must not vanish, and other units. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import {
  contextDecision,
  delayMatchSample,
  effectiveRank,
  gaussianLyapunovExponents,
  lowRankInit,
  lyapunovSpectrum,
  perceptualDecision,
  rankTruncate,
  recurrentTangentKernel,
  VanillaRnn,
} from "refigure/recurrent";

const rng = () => new Rng(0);
const sizes = { inputs: 3, hidden: 6, outputs: 3 };
const trials = () => perceptualDecision({ batch: 4, rng: new Rng(1) });

Deno.test("unknown options and names are refused", () => {
  const rnn = new VanillaRnn({ ...sizes, rng: rng() });
  const w = Matrix.identity(3);
  const cases: [string, () => unknown][] = [
    ["recurrent", () => new VanillaRnn({ ...sizes, recurent: w, rng: rng() } as never)],
    ["learningRate", () => rnn.trainStep(trials(), { learningrate: 1 } as never)],
    ["labels", () => rnn.trainStep({ ...trials(), label: 1 } as never)],
    ["times", () => recurrentTangentKernel(rnn, trials().x, 4, { time: [7] } as never)],
    ["preserve", () => rankTruncate(w, 1, { preserv: "none" } as never)],
    ["gain", () => lowRankInit({ n: 3, rank: 1, gains: 2, rng: rng() } as never)],
    ["batch", () => perceptualDecision({ batches: 1, rng: rng() } as never)],
    ["batch", () => delayMatchSample({ batches: 1, rng: rng() } as never)],
    ["batch", () => contextDecision({ batches: 1, rng: rng() } as never)],
  ];
  for (const [name, run] of cases) {
    const { message } = assertThrows(run, TypeError, "has no option") as Error;
    assert(message.includes(`did you mean "${name}"`), message);
  }
  const names: [string, () => unknown][] = [
    ["`dtype`", () => new VanillaRnn({ ...sizes, dtype: "float16" as never, rng: rng() })],
    ["`preserve`", () => rankTruncate(w, 1, { preserve: "nuclear" as never })],
    ["`kind`", () => effectiveRank(w, "nuclear" as never)],
  ];
  for (const [name, run] of names) assertThrows(run, TypeError, `${name} must be "`);
});

Deno.test("wrong classes, sizes and numbers are named as the caller wrote them", () => {
  const rnn = new VanillaRnn({ ...sizes, rng: rng() });
  const { x, labels } = trials();
  const wrong: [string, () => unknown][] = [
    ["`rng` must be an Rng, got undefined", () => new VanillaRnn(sizes as never)],
    ["`rng` must be an Rng, got 1", () => perceptualDecision({ batch: 1, rng: 1 as never })],
    ["`x` must be a Matrix", () => rnn.forward([[1]] as never, 1)],
    ["`x.data` must be a Float32Array", () => rnn.forward(Matrix.zeros(8, 3) as never, 1)],
    ["`labels` must be an Int32Array", () => rnn.gradients(x, [...labels] as never, 4)],
    ["`rnn` must be a VanillaRnn", () => recurrentTangentKernel({} as never, x, 4)],
    ["`times` must be an array of numbers", () => recurrentTangentKernel(rnn, x, 4, { times: "7" as never })],
    ["`factors` must be an iterable", () => lyapunovSpectrum(3 as never)],
    ["`factors[1]` must be a Matrix", () => lyapunovSpectrum([Matrix.identity(2), null as never])],
    ["`w` must be a Matrix", () => effectiveRank([1] as never, "stable")],
  ];
  for (const [message, run] of wrong) assertThrows(run, TypeError, message);
  const outside: [string, () => unknown][] = [
    [
      "`recurrent` must be 6 x 6, got 5 x 5",
      () => new VanillaRnn({ ...sizes, recurrent: Matrix.identity(5), rng: rng() }),
    ],
    [
      "Cannot start at `recurrent`: entry (0, 0) is NaN",
      () => new VanillaRnn({ ...sizes, recurrent: Matrix.identity(6).map(() => NaN), rng: rng() }),
    ],
    [
      "`factors[1]` must be 2 x 2, got 3 x 3",
      () => lyapunovSpectrum([Matrix.identity(2), Matrix.identity(3)]),
    ],
    ["`factors[0]` must be square, got 2 x 3", () => lyapunovSpectrum([Matrix.zeros(2, 3)])],
    ["Cannot multiply `factors[0]`: entry (0, 0) is NaN", () => lyapunovSpectrum([Matrix.fromRows([[NaN]])])],
    ["`rank` must be an integer from 1 to 2, got 3", () => rankTruncate(Matrix.identity(2), 3)],
    ["`n`", () => gaussianLyapunovExponents(1e308)],
  ];
  for (const [message, run] of outside) assertThrows(run, RangeError, message);
});

Deno.test("a NaN in the input reaches loss, gradients and kernel", () => {
  const rnn = new VanillaRnn({ ...sizes, dtype: "float64", rng: rng() });
  const { x, labels, batch } = trials();
  const broken = x.astype("float64");
  broken.data[0] = NaN;
  const { loss, input, recurrent, output } = rnn.gradients(broken, labels, batch);
  assert(Number.isNaN(loss));
  for (const gradient of [input, recurrent, output]) assert(gradient.data.some(Number.isNaN));
  const kernel = recurrentTangentKernel(rnn, broken, batch, { times: [7] });
  // Of the four trials the first one is broken; the others do not mix with it.
  const perTrial = sizes.outputs;
  assert(kernel.row(0).every(Number.isNaN));
  for (let j = perTrial; j < kernel.columns; j++) assert(Number.isFinite(kernel.get(perTrial, j)));
  const before = rnn.recurrent.data.slice();
  assertThrows(() => rnn.trainStep({ x: broken, labels, batch }), Error, "training diverged");
  assertEquals(rnn.recurrent.data, before);
});

Deno.test("effective ranks do not depend on the units", () => {
  const w = new Rng(1).normalMatrix(5, 4);
  for (const kind of ["participation", "entropy", "stable"] as const) {
    for (const unit of [1e-200, 1e-90, 1e90, 1e200]) {
      assertAlmostEquals(effectiveRank(w.times(unit), kind), effectiveRank(w, kind), 1e-12);
    }
  }
});

Deno.test("Lyapunov exponents of large matrices take no longer than their number", () => {
  const many = gaussianLyapunovExponents(1_000_000);
  // The largest goes to 0 from below like -1 / 2n.
  assertAlmostEquals(many[0] * 2e6, -1, 0.01);
  assertEquals(many.length, 1_000_000);
});

/** Bad input of the linear networks and their closed forms, and other units. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import { gram } from "refigure/blas";
import { frobeniusNorm, svd } from "refigure/linalg";
import {
  balancedRiccati,
  DeepLinearNetwork,
  deepModeStrength,
  deepModeTime,
  descendDeepMode,
  expectedAlignment,
  gaussianWeights,
  gradientFlow,
  halfLearningTime,
  hierarchicalFeatures,
  isotropicAlignment,
  linearModeStrength,
  linearModeTime,
  linearStudentTeacher,
  linearTangentKernel,
  lowRankWeights,
  meanFieldJacobian,
  optimalStepSize,
  orthogonalWeights,
  rankOneAlignment,
  riccatiMap,
  smallStartAlignment,
  tanhJacobian,
  unbalancedModeState,
} from "refigure/linear_networks";

const rng = () => new Rng(0);
const sigma31 = Matrix.diagonal([3, 2]);
const network = () => new DeepLinearNetwork([2, 3, 2], { init: gaussianWeights(), rng: rng() });
const teacher = { w1: Matrix.identity(2), w2: [0, 0], beta: [1, 0] };

Deno.test("every entry of a correlation is checked, and a refused step changes nothing", () => {
  const net = network();
  const before = net.parameters.slice();
  for (let k = 0; k < 4; k++) {
    for (const bad of [NaN, Infinity]) {
      const broken = sigma31.clone();
      broken.data[k] = bad;
      const place = `entry (${k >> 1}, ${k & 1}) is ${bad}`;
      assertThrows(
        () => net.step(broken, { stepSize: 0.1 }),
        RangeError,
        `Cannot learn \`sigma31\`: ${place}`,
      );
      assertThrows(
        () => net.step(sigma31, { stepSize: 0.1, sigma11: broken }),
        RangeError,
        `Cannot learn \`sigma11\`: ${place}`,
      );
      assertThrows(() => balancedRiccati(Matrix.zeros(4, 2), broken, 1), RangeError, place);
      assertThrows(() => gradientFlow(net, broken, [0, 1]), RangeError, place);
    }
  }
  assertEquals(net.parameters, before);
});

Deno.test("unknown options are refused with the nearest name", () => {
  const net = network();
  const task = svd(sigma31);
  const cases: [string, () => unknown][] = [
    ["init", () => new DeepLinearNetwork([2, 2], { inits: gaussianWeights(), rng: rng() } as never)],
    ["u0", () => DeepLinearNetwork.decoupled([2, 2], task, { u1: 1, rng: rng() } as never)],
    ["stepSize", () => net.step(sigma31, { stepsize: 1 } as never)],
    ["sigma11", () => net.descentDirection(sigma31, { sigma1: sigma31 } as never)],
    ["maxSteps", () => gradientFlow(net, sigma31, [0, 1], { maxStep: 1 } as never)],
    ["tau", () => balancedRiccati(Matrix.zeros(4, 1), sigma31, 1, { taus: 2 } as never)],
    ["weightLayers", () => deepModeTime({ s: 1, u0: 0.1, uf: 0.5, weightLayer: 2 } as never)],
    ["weightLayers", () => deepModeStrength({ s: 1, u0: 0.1, weightLayer: 2 } as never, [0, 1])],
    ["s1", () => optimalStepSize({ s2: 1, weightLayers: 2 } as never)],
    ["stepSize", () => descendDeepMode({ s: 1, u0: 0.1, weightLayers: 2, stepsize: 1 } as never)],
    ["flip", () => hierarchicalFeatures({ levels: 1, features: 1, flips: 0, rng: rng() } as never)],
    ["tau", () => linearModeStrength({ s: 1, u0: 1, taus: 1 } as never, 1)],
    ["tau", () => linearModeTime({ s: 1, u0: 0.1, taus: 1 } as never, 0.5)],
    ["tau", () => halfLearningTime({ s: 1, u0: 0.1, taus: 1 } as never)],
    ["tau", () => unbalancedModeState({ s: 1, a0: 1, b0: 1, taus: 1 } as never, 1)],
    ["tolerance", () => linearStudentTeacher({ ...teacher, tolerances: 1 } as never)],
    ["factors", () => meanFieldJacobian({ q1: 1, gain: 1, factor: 2 } as never)],
    ["teacher", () => isotropicAlignment({ d: 2, sigma: 1, teachers: 1 } as never)],
    ["overlap", () => rankOneAlignment({ d: 2, sigma: 1, overlaps: 1 } as never)],
    ["gain", () => gaussianWeights({ gains: 2 } as never)],
    ["gain", () => orthogonalWeights({ gains: 2 } as never)],
    ["gain", () => lowRankWeights(2, { gains: 2 } as never)],
  ];
  for (const [name, run] of cases) {
    const { message } = assertThrows(run, TypeError, "has no option") as Error;
    assert(message.includes(`did you mean "${name}"`), message);
  }
});

Deno.test("wrong classes, sizes and numbers are named as the caller wrote them", () => {
  const net = network();
  const task = svd(sigma31);
  const wrong: [string, () => unknown][] = [
    [
      "`rng` must be an Rng, got 3",
      () => new DeepLinearNetwork([2, 2], { init: gaussianWeights(), rng: 3 as never }),
    ],
    ["`init` must be a function", () => new DeepLinearNetwork([2, 2], { init: 1 as never, rng: rng() })],
    [
      "`init()` must be a Matrix",
      () => new DeepLinearNetwork([2, 2], { init: () => null as never, rng: rng() }),
    ],
    ["`rng` must be an Rng", () => gaussianWeights()(2, 2, { rng: 1 as never })],
    ["`sigma31` must be a Matrix", () => net.step([[1]] as never, { stepSize: 1 })],
    ["`out` must be a Float64Array", () => net.descentDirection(sigma31, { out: [] as never })],
    ["`net` must be a DeepLinearNetwork", () => gradientFlow(null as never, sigma31, [0])],
    ["`visit` must be a function", () => gradientFlow(net, sigma31, [0], { visit: 1 as never })],
    ["`q0` must be a Matrix", () => balancedRiccati(null as never, sigma31, 1)],
    ["`qq` must be a Matrix", () => riccatiMap(null as never, 1)],
    ["`w1` must be a Matrix", () => linearStudentTeacher({ ...teacher, w1: null as never })],
    ["`beta` must be an array of numbers", () => linearStudentTeacher({ ...teacher, beta: "1" as never })],
    ["`weights` must be an iterable", () => tanhJacobian(new Float64Array(2), 3 as never, 1)],
    ["`weights[1]` must be a Matrix", () => tanhJacobian(new Float64Array(2), [sigma31, null as never], 1)],
    ["`t` must be a Float64Array", () => linearModeStrength({ s: 1, u0: 1 }, [1] as never)],
    ["`k0` must be a Matrix", () => smallStartAlignment(3 as never, [1])],
    [
      "`dims` must be an array of numbers",
      () => DeepLinearNetwork.decoupled(2 as never, task, { u0: 1, rng: rng() }),
    ],
  ];
  for (const [message, run] of wrong) assertThrows(run, TypeError, message);
  const outside: [string, () => unknown][] = [
    [
      "`init()` must be 2 x 2, got 3 x 3",
      () => new DeepLinearNetwork([2, 2], { init: () => Matrix.identity(3), rng: rng() }),
    ],
    [
      "`dims` must begin with 2 and end with 2",
      () => DeepLinearNetwork.decoupled([3, 2], task, { u0: 1, rng: rng() }),
    ],
    ["`t` must be a finite number, got NaN", () => linearModeStrength({ s: 1, u0: 1 }, NaN)],
    [
      "Cannot evaluate the mode at `t`: entry 1 is NaN",
      () => linearModeStrength({ s: 1, u0: 1 }, Float64Array.of(1, NaN)),
    ],
    ["`uf` must be a finite number", () => linearModeTime({ s: 1, u0: 0.1 }, NaN)],
    [
      "`maxSteps`",
      () => descendDeepMode({ s: 1, u0: 0.1, weightLayers: 2, stepSize: 1e-9, maxSteps: 1e308 }),
    ],
    [
      "`maxSteps`",
      () => descendDeepMode({ s: 1, u0: 0.1, weightLayers: 2, stepSize: 1e-9, maxSteps: Infinity }),
    ],
    ["`tolerance`", () => descendDeepMode({ s: 1, u0: 0.1, weightLayers: 2, stepSize: 0.1, tolerance: NaN })],
    [
      "`weights[0]` must have 2 columns, got 3",
      () => tanhJacobian(new Float64Array(2), [Matrix.identity(3)], 1),
    ],
    ["Cannot linearize at `x`: entry 0 is NaN", () => tanhJacobian(Float64Array.of(NaN, 0), [sigma31], 1)],
    ["Cannot use `beta`: entry 0 is NaN", () => smallStartAlignment(Matrix.identity(1), [NaN])],
    ["`k0` must be square, got 1 x 2", () => smallStartAlignment(Matrix.zeros(1, 2), [1])],
    ["`inputs`", () => riccatiMap(Matrix.identity(2), 3)],
  ];
  for (const [message, run] of outside) assertThrows(run, RangeError, message);
});

Deno.test("descent on a mode has one status and advice", () => {
  const common = { s: 1, u0: 0.1, weightLayers: 2 };
  assertEquals(descendDeepMode({ ...common, stepSize: 0.2 }).advice, null);
  const diverged = descendDeepMode({ ...common, stepSize: 4 });
  assert(diverged.status === "diverged" && diverged.advice!.includes("reduce `stepSize`"));
  const short = descendDeepMode({ ...common, stepSize: 1e-6, maxSteps: 10 });
  assertEquals([short.status, short.steps], ["step-limit", 10]);
  assert(short.advice!.includes("raise `maxSteps`"));
});

Deno.test("a teacher in other units gives the same run in those units", () => {
  const w1 = new Rng(1).normalMatrix(3, 4, 0.1);
  const beta = [0.6, 0, 0.8, 0];
  const one = linearStudentTeacher({ w1, w2: [0, 0, 0], beta });
  assertEquals([one.status, one.advice], ["converged", null]);
  // Four to a power: then the weights' unit is a power of two, and all digits agree.
  for (const unit of [4 ** -30, 4 ** 30]) {
    const root = Math.sqrt(unit);
    const run = linearStudentTeacher({ w1: w1.times(root), w2: [0, 0, 0], beta: beta.map((x) => x * unit) });
    assertEquals(run.status, "converged");
    assertAlmostEquals(run.time * unit / one.time, 1, 1e-9);
    assertAlmostEquals(frobeniusNorm(run.kf) / unit / frobeniusNorm(one.kf), 1, 1e-9);
  }
  // A saddle: nothing is learned, and the status is that.
  const stuck = linearStudentTeacher({ w1: Matrix.fromRows([[0, 1]]), w2: [0], beta: [1, 0], maxTime: 5 });
  assertEquals([stuck.status, stuck.time], ["step-limit", 5]);
  assert(stuck.advice!.includes("raise `maxTime`"));
});

Deno.test("modes and alignments in other units", () => {
  for (const unit of [1e-20, 1e-3, 1e20]) {
    const times = [0, 1 / unit, 2 / unit];
    const strengths = deepModeStrength({ s: 2 * unit, u0: 0.01 * unit, weightLayers: 2 }, times);
    times.forEach((t, i) => {
      const exact = linearModeStrength({ s: 2 * unit, u0: 0.01 * unit }, t);
      assertAlmostEquals(strengths[i] / exact, 1, 1e-9);
    });
  }
  const values = [3, 2, 1];
  const { mean } = expectedAlignment(values, 5);
  const k0 = new Rng(2).normalMatrix(4, 4);
  const kernel = gram(k0);
  const beta = new Rng(3).normals(4);
  const small = smallStartAlignment(kernel, beta);
  for (const unit of [1e-200, 1e-90, 1e90, 1e200]) {
    assertAlmostEquals(expectedAlignment(values.map((x) => x * unit), 5).mean, mean, 1e-14);
    assertAlmostEquals(smallStartAlignment(kernel.times(unit), beta), small, 1e-14);
    assertAlmostEquals(smallStartAlignment(kernel, beta.map((x) => x * unit)), small, 1e-14);
    // Only sigma^2 over the teacher's norm matters.
    const root = Math.sqrt(unit);
    const start = { d: 20, sigma: 3 * root, teacher: unit };
    assertAlmostEquals(isotropicAlignment(start), isotropicAlignment({ d: 20, sigma: 3 }), 1e-14);
    assertAlmostEquals(rankOneAlignment(start), rankOneAlignment({ d: 20, sigma: 3 }), 1e-14);
  }
  assertAlmostEquals(isotropicAlignment({ d: 20, sigma: 1e200 }), 1, 1e-14);
  assertThrows(() => expectedAlignment([0, 0], 5), RangeError, "must not all be zero");
});

Deno.test("the Riccati solution at long times, when modes compete for fewer columns", () => {
  // One column, two modes: in the end it is on the stronger one alone.
  const q0 = Matrix.fromRows([[0.1], [0.3], [0.1], [0.3]]);
  const limit = Matrix.fromRows([[3, 0], [0, 0]]);
  for (const t of [20, 80, 400, 1e5]) {
    const map = riccatiMap(balancedRiccati(q0, sigma31, t), 2);
    assert(frobeniusNorm(map.minus(limit)) < 1e-7, `t = ${t}: ${map.data}`);
  }
  assertEquals(balancedRiccati(q0, sigma31, 1, { tau: 2 }), balancedRiccati(q0, sigma31, 0.5));
});

Deno.test("a tangent kernel does not hide NaN", () => {
  const kernel = linearTangentKernel(Matrix.fromRows([[1, NaN]]), [1]);
  assert(Number.isNaN(kernel.get(0, 1)) && Number.isNaN(kernel.get(1, 1)));
});

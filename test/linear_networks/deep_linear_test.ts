/** Values computed independently for deep-linear-dynamics, and the invariants of gradient flow. */
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matmul } from "../../lib/blas/mod.ts";
import { eig, frobeniusNorm, svd } from "../../lib/linalg/mod.ts";
import {
  balancedRiccati,
  DeepLinearNetwork,
  deepModeStrength,
  deepModeTime,
  descendDeepMode,
  gaussianWeights,
  gradientFlow,
  halfLearningTime,
  hierarchicalFeatures,
  hierarchicalSpectrum,
  linearModeStrength,
  linearModeTime,
  lowRankWeights,
  optimalStepSize,
  orthogonalWeights,
  riccatiMap,
  unbalancedModeState,
} from "../../lib/linear_networks/mod.ts";
import { solveOde } from "../../lib/numerics/mod.ts";

Deno.test("one mode: strength, time and half time", () => {
  assertAlmostEquals(linearModeStrength({ s: 2, u0: 0.01, tau: 1 }, 1), 0.4305879205034302, 1e-15);
  assertAlmostEquals(linearModeTime({ s: 2, u0: 0.01 }, 1.9), 2.059435950972733, 1e-14);
  assertAlmostEquals(halfLearningTime({ s: 3, u0: 0.01 }), Math.log(299) / 6, 1e-14);
  fc.assert(fc.property(
    fc.double({ min: 0.1, max: 50, noNaN: true }),
    fc.double({ min: 1e-6, max: 0.9, noNaN: true }),
    fc.double({ min: 0.01, max: 0.99, noNaN: true }),
    (s, start, way) => {
      const u0 = s * start;
      const uf = u0 + way * (s - u0);
      assertAlmostEquals(
        linearModeStrength({ s, u0, tau: 3 }, linearModeTime({ s, u0, tau: 3 }, uf)) / uf,
        1,
        1e-9,
      );
    },
  ));
});

Deno.test("one mode: saddle, nothing to learn, too strong, long ago, far ahead", () => {
  assertEquals(linearModeStrength({ s: 2, u0: 0 }, 5), 0);
  assertAlmostEquals(linearModeStrength({ s: 0, u0: 0.5, tau: 2 }, 3), 0.5 / (1 + 2 * 0.5 * 3 / 2), 1e-15);
  assertAlmostEquals(linearModeStrength({ s: 1e-12, u0: 0.5, tau: 2 }, 3), 0.2, 1e-10);
  const above = linearModeStrength({ s: 1, u0: 2 }, Float64Array.of(0, 0.5, 1, 20));
  assert(above.every((u, i) => i === 0 || u < above[i - 1]) && Math.abs(above[3] - 1) < 1e-15);
  assertEquals(linearModeStrength({ s: 80, u0: 1e-6 }, 1e4), 80);
  assertEquals(linearModeStrength({ s: 80, u0: 1e-6 }, -1e4), 0);
  assertThrows(() => linearModeStrength({ s: 1, u0: -1 }, 1), RangeError, "u0");
  assertThrows(() => linearModeTime({ s: 1, u0: 0 }, 0.5), RangeError, "u0");
  assertThrows(() => linearModeTime({ s: 1, u0: 0.1 }, 1), RangeError, "uf");
  assertThrows(() => linearModeTime({ s: 1, u0: 0.1 }, 0.05), RangeError, "uf");
});

Deno.test("unbalanced modes: the oracles, an ODE solver, nearly balanced, both orders, any sign", () => {
  const p = { s: 2, tau: 1, a0: 0.5, b0: 0.02 };
  const one = unbalancedModeState(p, 1);
  const two = unbalancedModeState(p, 2);
  assertAlmostEquals(one.a, 1.206996614464215, 1e-14);
  assertAlmostEquals(one.b, 1.098745114814203, 1e-14);
  assertAlmostEquals(one.a * one.b, 1.326181633739839, 1e-14);
  assertAlmostEquals(one.a ** 2 - one.b ** 2, 0.2496, 1e-14);
  assertAlmostEquals(two.a, 1.452744474804697, 1e-14);
  assertAlmostEquals(two.b, 1.364135810348652, 1e-14);
  const starts: [number, number][] = [
    [0.02, 0.5],
    [0.5, -0.3],
    [-0.5, 0.1],
    [0.3, 0.3],
    [0.3, -0.3],
    [0.3 + 1e-9, 0.3],
    [3, 2],
    [5, 0.01],
    [0.2, 0],
  ];
  for (const [a0, b0] of starts) {
    for (const s of [0, 2]) {
      const exact = unbalancedModeState({ s, a0, b0, tau: 2 }, 1.3);
      const { states } = solveOde(
        (_t, [a, b], dy) => {
          dy[0] = b * (s - a * b) / 2;
          dy[1] = a * (s - a * b) / 2;
        },
        [a0, b0],
        [0, 1.3],
        { rtol: 1e-12, atol: 1e-14 },
      );
      assertAlmostEquals(exact.a, states.get(1, 0), 1e-9, `a from ${a0}, ${b0}, s = ${s}`);
      assertAlmostEquals(exact.b, states.get(1, 1), 1e-9, `b from ${a0}, ${b0}, s = ${s}`);
    }
  }
});

Deno.test("deep modes: times, and iterations at the optimal rate", () => {
  const time = (weightLayers: number) => deepModeTime({ s: 2, u0: 0.01, uf: 1.9, weightLayers });
  assertAlmostEquals(time(2), 2.059435950972733, 1e-13);
  assertAlmostEquals(time(3), 2.403354692962936, 1e-13);
  assertAlmostEquals(time(4), 2.691177804208568, 1e-13);
  assertAlmostEquals(time(9), 2.710049351145798, 1e-13);
  const oracle: [number, number][] = [
    [2, 6.9067547786486],
    [3, 13.8135095573],
    [4, 34.6324339144],
    [5, 69.4748352575],
    [6, 112.225429434],
    [10, 285.83335527],
    [20, 550.686538822],
    [50, 798.227053379],
    [100, 899.980949445],
    [1000, 1001.00399971],
    [Infinity, 1012.8125085563],
  ];
  let last = 0;
  for (const [layers, expected] of oracle) {
    const n = layers - 1;
    const tau = n === Infinity ? 1 : 1 / optimalStepSize({ s1: 1, weightLayers: n });
    const steps = deepModeTime({ s: 1, u0: 1e-3, uf: 0.999, weightLayers: n, tau });
    assertAlmostEquals(steps / expected, 1, 5e-12, `${layers} layers`);
    assert(steps > last);
    last = steps;
  }
  // Criterion 6: the delay of infinite depth.
  const delay = last - deepModeTime({ s: 1, u0: 1e-3, uf: 0.999, weightLayers: 2, tau: 2 });
  assertAlmostEquals(delay, 1 / 1e-3 - 1 / 0.999, 1e-9);
});

Deno.test("deep modes: strengths are the inverse of times; decay from above; the stability limit", () => {
  for (const weightLayers of [1, 2, 3, 9, Infinity]) {
    const mode = { s: 2, u0: 0.05, weightLayers };
    const t = deepModeTime({ ...mode, uf: 1.7 });
    assertAlmostEquals(deepModeStrength(mode, [0, t])[1], 1.7, 1e-9);
    const above = { s: 1, u0: 1.8, weightLayers };
    const back = deepModeTime({ ...above, uf: 1.1 });
    assert(back > 0);
    assertAlmostEquals(deepModeStrength(above, [0, back])[1], 1.1, 1e-9);
  }
  for (const weightLayers of [2, 5, 19]) {
    const best = optimalStepSize({ s1: 1.5, weightLayers });
    const near = { s: 1.5, u0: 1.49, weightLayers, tolerance: 1e-6 };
    assertEquals(descendDeepMode({ ...near, stepSize: 1.9 * best }).status, "converged");
    assert(descendDeepMode({ ...near, stepSize: 2.1 * best }).status !== "converged");
  }
  assertThrows(() => deepModeTime({ s: 1, u0: 0.1, uf: 0.5, weightLayers: 1.5 }), RangeError, "weightLayers");
});

/** A task with white inputs and given mode strengths. */
function task(strengths: number[], outputs: number, inputs: number, rng: Rng) {
  const u = orthogonalWeights()(outputs, strengths.length, { rng: rng.split("u") });
  const v = orthogonalWeights()(inputs, strengths.length, { rng: rng.split("v") });
  const sigma31 = matmul(u.map((x, _, j) => x * strengths[j]), v, { transposeB: true });
  const found = svd(sigma31);
  const r = strengths.length;
  const modes = { u: found.u.slice(0, outputs, 0, r), s: found.s.slice(0, r), vt: found.vt.slice(0, r) };
  return { sigma31, modes };
}

Deno.test("a decoupled network of any depth follows the law of its modes", () => {
  const { sigma31, modes } = task([3, 2, 1], 4, 5, new Rng(1));
  for (const [weightLayers, dims] of [[2, [5, 6, 4]], [4, [5, 3, 7, 4, 4]]] as const) {
    const net = DeepLinearNetwork.decoupled(dims, modes, { u0: 0.01, rng: new Rng(2) });
    const times = [0, 0.5, 1, 2];
    gradientFlow(net, sigma31, times, {
      tau: 2,
      rtol: 1e-10,
      atol: 1e-12,
      visit: (i, net) =>
        net.modeStrengths(modes).forEach((u, mode) =>
          assertAlmostEquals(
            u,
            deepModeStrength({ s: modes.s[mode], u0: 0.01, weightLayers, tau: 2 }, [0, times[i]])[1],
            1e-8,
          )
        ),
    });
  }
});

Deno.test("plain descent departs from the law in proportion to the rate (criterion 2)", () => {
  const { sigma31, modes } = task([3, 2, 1], 3, 3, new Rng(3));
  for (const [rate, most, last] of [[1e-2, 2.236e-2, 5.07e-3], [1e-3, 2.236e-3, 5.10e-4]]) {
    const net = DeepLinearNetwork.decoupled([3, 3, 3], modes, { u0: 1e-3, rng: new Rng(4) });
    const steps = Math.round(3 / rate);
    let worst = 0;
    let end = 0;
    for (let step = 1; step <= steps; step++) {
      net.step(sigma31, { stepSize: rate });
      end = Math.max(
        ...net.modeStrengths(modes).map((u, i) =>
          Math.abs(u - linearModeStrength({ s: modes.s[i], u0: 1e-3 }, step * rate)) / modes.s[i]
        ),
      );
      worst = Math.max(worst, end);
    }
    assertAlmostEquals(worst / most, 1, 1e-3);
    assertAlmostEquals(end / last, 1, 2e-3);
  }
});

Deno.test("the flow conserves balance, descent almost; the loss falls; gradients by differences", () => {
  const rng = new Rng(5);
  const { sigma31 } = task([2, 1], 3, 4, rng);
  const x = rng.normalMatrix(4, 9, 0.5);
  const sigma11 = gram(x, { side: "right" });
  const start = () =>
    new DeepLinearNetwork([4, 5, 3], { init: gaussianWeights({ gain: 0.7 }), rng: new Rng(6) });
  const flow = start();
  const gap = flow.balance();
  gradientFlow(flow, sigma31, [0, 1], { sigma11: sigma11, rtol: 1e-11, atol: 1e-13 });
  assertAlmostEquals(flow.balance()[0], gap[0], 1e-9);
  const drift = (rate: number) => {
    const net = start();
    let loss = Infinity;
    for (let t = 0; t < 1 / rate; t++) {
      const next = net.step(sigma31, { stepSize: rate, sigma11: sigma11 });
      assert(next <= loss);
      loss = next;
    }
    return Math.abs(net.balance()[0] - gap[0]);
  };
  assertAlmostEquals(drift(1e-3) / drift(5e-4), 2, 0.1);
  const net = start();
  const { direction } = net.descentDirection(sigma31, { sigma11 });
  for (const k of [0, 7, 21, 34]) {
    const at = net.parameters[k];
    const h = 1e-5;
    net.parameters[k] = at + h;
    const up = net.descentDirection(sigma31, { sigma11 }).loss;
    net.parameters[k] = at - h;
    const down = net.descentDirection(sigma31, { sigma11 }).loss;
    net.parameters[k] = at;
    assertAlmostEquals(direction[k], -(up - down) / (2 * h), 1e-8);
  }
});

Deno.test("a bottleneck learns the truncated task", () => {
  const { sigma31, modes } = task([3, 2, 1], 4, 4, new Rng(7));
  const net = new DeepLinearNetwork([4, 2, 4], { init: gaussianWeights({ gain: 0.1 }), rng: new Rng(8) });
  for (let step = 0; step < 4000; step++) net.step(sigma31, { stepSize: 0.02 });
  const kept = matmul(modes.u.map((x, _, j) => j < 2 ? x * modes.s[j] : 0), modes.vt);
  assertLess(frobeniusNorm(net.endToEnd().minus(kept)), 1e-8);
});

Deno.test("the Riccati solution is the flow from any balanced start, and its limit the task", () => {
  for (const strengths of [[2, 1.5, 0.7], [2, 0.5, 0]]) {
    const rng = new Rng(9);
    const { sigma31 } = task(strengths, 3, 3, rng);
    const first = rng.normalMatrix(4, 3, 0.2);
    // W32 = R W21^T-like: any W32 with W32^T W32 = W21 W21^T.
    const rotation = orthogonalWeights()(3, 3, { rng: rng });
    const second = matmul(rotation, first, { transposeB: true });
    const net = new DeepLinearNetwork([3, 4, 3], { init: (rows) => rows === 4 ? first : second, rng: rng });
    assertLess(net.balance()[0], 1e-14);
    const q0 = Matrix.from(6, 4, (i, j) => i < 3 ? first.get(j, i) : second.get(i - 3, j));
    const times = [0, 0.7, 2, 4];
    gradientFlow(net, sigma31, times, {
      rtol: 1e-12,
      atol: 1e-14,
      visit: (i, net) => {
        const exact = riccatiMap(balancedRiccati(q0, sigma31, times[i]), 3);
        assertLess(frobeniusNorm(net.endToEnd().minus(exact)), 1e-10);
      },
    });
    for (const t of [20, 1000]) {
      // With a mode that is not in the task, W decays only like 1/t there.
      const limit = frobeniusNorm(riccatiMap(balancedRiccati(q0, sigma31, t), 3).minus(sigma31));
      assertLess(limit, strengths[2] > 0 ? 1e-5 : 1 / t);
    }
  }
  assertThrows(() => balancedRiccati(Matrix.zeros(3, 2), Matrix.identity(2), 1), RangeError, "q0");
});

Deno.test("the tree's spectrum: closed-form values, and the features' own correlation", () => {
  const spectrum = hierarchicalSpectrum(5, 0.1);
  const values = [6.5679401984, 3.1319663616, 2.16559872, 1.410624, 0.8208, 0.36];
  const counts = [1, 1, 2, 4, 8, 16];
  let at = 0;
  values.forEach((value, k) => {
    for (let i = 0; i < counts[k]; i++) assertAlmostEquals(spectrum[at++], value, 1e-12);
  });
  assertAlmostEquals(spectrum.reduce((sum, x) => sum + x, 0), 32, 1e-12);
  [81.04, 55.96, 46.54, 37.56, 28.65, 18.97].forEach((s, k) =>
    assertAlmostEquals(Math.sqrt(1000 * values[k]), s, 0.006)
  );
  const y = hierarchicalFeatures({ levels: 5, features: 20000, flip: 0.1, rng: new Rng(10) });
  const correlation = gram(y);
  [[0, 1, 1], [0, 2, 2], [5, 3, 3], [3, 12, 4], [0, 31, 5]].forEach(([i, j, up]) =>
    assertAlmostEquals(correlation.get(i, j) / 20000, 0.64 ** up, 0.03)
  );
  assert(y.data.every((x) => Math.abs(x) === 1));
});

Deno.test("initializations: scale, rank, orthonormality, and eigenvalue phases that are uniform", () => {
  assertAlmostEquals(
    frobeniusNorm(gaussianWeights({ gain: 2 })(300, 50, { rng: new Rng(0) })) ** 2 / 1200,
    1,
    0.05,
  );
  const low = lowRankWeights(2)(200, 50, { rng: new Rng(1) });
  assertAlmostEquals(frobeniusNorm(low) ** 2 / 200, 1, 0.5);
  assertLess(svd(low).s[2], 1e-12);
  for (const [rows, columns] of [[6, 3], [3, 6], [4, 4]]) {
    const w = orthogonalWeights({ gain: 2 })(rows, columns, { rng: new Rng(2) });
    const inner = gram(w, { side: rows < columns ? "right" : "left" });
    assertLess(frobeniusNorm(inner.minus(Matrix.identity(inner.rows).times(4))), 1e-13);
  }
  // Kolmogorov-Smirnov over the phases of Haar matrices: without the sign fix they crowd around pi and avoid
  // 0.
  const phases = Array.from({ length: 200 }, (_, k) => {
    const values = eig(orthogonalWeights()(3, 3, { rng: new Rng(100 + k) })).values;
    return Array.from({ length: 3 }, (_, i) => Math.atan2(values[2 * i + 1], values[2 * i]));
  }).flat().filter((phase) => Math.abs(phase) > 1e-9 && Math.abs(Math.abs(phase) - Math.PI) > 1e-9).map(
    Math.abs,
  ).sort((a, b) => a - b);
  // Of 3 x 3 Haar matrices the non-real phase has density proportional to 1 - or 1 + cos; both signs are
  // equally likely.
  const distance = Math.max(
    ...phases.map((phase, i) => Math.abs(phase / Math.PI - (i + 0.5) / phases.length)),
  );
  assertLess(distance, 1.63 / Math.sqrt(phases.length / 2));
});

Deno.test("networks refuse what does not fit", () => {
  const net = new DeepLinearNetwork([2, 3, 2], { init: gaussianWeights(), rng: new Rng(0) });
  assertThrows(() => net.step(Matrix.identity(3), { stepSize: 0.1 }), RangeError, "sigma31");
  assertThrows(
    () => net.step(Matrix.identity(2), { stepSize: 0.1, sigma11: Matrix.identity(3) }),
    RangeError,
    "sigma11",
  );
  assertThrows(() => net.step(Matrix.identity(2), { stepSize: 0 }), RangeError, "stepSize");
  assertThrows(
    () => new DeepLinearNetwork([2], { init: gaussianWeights(), rng: new Rng(0) }),
    RangeError,
    "dims",
  );
  const modes = svd(Matrix.identity(2));
  assertThrows(
    () => DeepLinearNetwork.decoupled([2, 1, 2], modes, { u0: 0.1, rng: new Rng(0) }),
    RangeError,
    "dims[1]",
  );
});

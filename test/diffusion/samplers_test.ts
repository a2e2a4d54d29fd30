import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  ancestralSample,
  DiscreteSchedule,
  edmSample,
  GaussianMixture,
  gaussianScore,
  karrasSigmas,
  mixtureScore,
  probabilityFlow,
  reverseDiffusion,
  scaledLinearSchedule,
  VpSde,
} from "../../lib/diffusion/mod.ts";
import { energyDistance } from "../../lib/statistics/mod.ts";

const sde = new VpSde();
const THREE = new GaussianMixture({
  weights: [0.5, 0.3, 0.2],
  means: Matrix.fromRows([[1.2, 0.9], [-0.3, 1.6], [1.5, -0.8]]),
  variances: [0.04, 0.04, 0.04],
});

Deno.test("schedules: values at given times", () => {
  assertAlmostEquals(sde.alpha(1), 6.571586494930e-3, 1e-15);
  assertAlmostEquals(sde.sigma(1) ** 2, 0.999956814251, 1e-12);
  assertAlmostEquals(sde.alpha(0.5), 0.281182880797, 1e-12);
  assertAlmostEquals(sde.sigma(1e-3), 1.048541633509e-2, 1e-14);
  assertAlmostEquals(sde.sigma(1e-5), 1.000497125935e-3, 1e-15);
  const schedule = scaledLinearSchedule();
  const wanted = {
    0: 0.99915,
    20: 0.9813143622,
    250: 0.6737926252,
    500: 0.2763326838,
    750: 0.0561698480,
    980: 0.0058437833,
    999: 0.0046600985,
  };
  for (const [i, value] of Object.entries(wanted)) {
    assertAlmostEquals(schedule.alphaBar[Number(i)], value, 5.1e-11);
    assertAlmostEquals(schedule.alpha(Number(i)) ** 2 + schedule.sigma(Number(i)) ** 2, 1, 1e-15);
  }
  assertThrows(() => schedule.alpha(1000), RangeError, "`t` must be an integer from 0 to 999, got 1000");
  assertThrows(() => schedule.alpha(0.5), RangeError, "`t` must be");
  assertThrows(() => new DiscreteSchedule([0.5, 0.6]), RangeError, "`alphaBar[1]` must be");
  assertThrows(() => sde.alpha(1.5), RangeError, "`t` must be");
  assertThrows(() => new VpSde({ betaMin: 2, betaMax: 1 }), RangeError, "`betaMax` must be");
});

Deno.test("the probability flow of a Gaussian scales each axis by the ratio of its deviations", () => {
  const variances = [0, 0.04, 1, 4];
  const field = gaussianScore(Matrix.diagonal(variances), sde);
  const deviation = (variance: number, t: number) =>
    Math.sqrt(sde.alpha(t) ** 2 * variance + sde.sigma(t) ** 2);
  const start = Matrix.fromRows([[1, 1, 1, 1], [0.5, -2, 3, 0]]);
  const end = probabilityFlow(field, start, { to: 1e-3 });
  variances.forEach((variance, a) => {
    const factor = deviation(variance, 1e-3) / deviation(variance, 1);
    for (const i of [0, 1]) assertAlmostEquals(end.get(i, a), factor * start.get(i, a), 1e-10);
  });
  // And back.
  const again = probabilityFlow(field, end, { from: 1e-3, to: 1 });
  for (let i = 0; i < 8; i++) assertAlmostEquals(again.data[i], start.data[i], 1e-9);
});

Deno.test("flow, reverse diffusion, ancestral sampling and DDIM sample the mixture", () => {
  const rng = new Rng(11);
  const exact = THREE.sample(3000, { rng: rng.split("exact") });
  const start = rng.split("start").normalMatrix(1000, 2);
  const schedule = scaledLinearSchedule();
  const every = (step: number) => Array.from({ length: Math.ceil(1000 / step) }, (_, k) => 999 - k * step);
  const field = mixtureScore(THREE, sde);
  const samples = {
    flow: probabilityFlow(field, start, { to: 1e-4, steps: 64, method: "heun" }),
    diffusion: reverseDiffusion(field, start, { to: 1e-3, steps: 400, rng: rng.split("diffusion") }),
    ancestral: ancestralSample(THREE, start, { schedule, times: every(3), rng: rng.split("ancestral") }),
    ddim: ancestralSample(THREE, start, { schedule, times: every(3), eta: 0 }),
  };
  // Of 1000 exact draws against 3000 the distance is 0.0012 in the mean; of points at rest, over 1.
  for (const [name, points] of Object.entries(samples)) {
    assert(energyDistance(points, exact) < 0.01, `${name}: ${energyDistance(points, exact)}`);
  }
  assert(energyDistance(start, exact) > 0.3);
});

Deno.test("EDM's sampler is of order 2 on a Gaussian", () => {
  // The denoiser of N(0, 1): points keep x / sqrt(1 + sigma^2).
  const error = (levels: number) => {
    const end = edmSample(
      (x, sigma, out) => x.data.forEach((value, i) => out.data[i] = value / (1 + sigma * sigma)),
      Matrix.fromRows([[10]]),
      karrasSigmas({ levels, sigmaMin: 0.02, sigmaMax: 10 }).subarray(0, levels),
    );
    return Math.abs(end.get(0, 0) - 10 / Math.sqrt(101) * Math.hypot(1, 0.02));
  };
  assertAlmostEquals(Math.log2(error(100) / error(200)), 2, 0.15);
  const seven = karrasSigmas({ levels: 5, sigmaMin: 0.02, sigmaMax: 10, rho: 7 });
  for (let i = 0; i < 5; i++) {
    const root = 10 ** (1 / 7) + i / 4 * (0.02 ** (1 / 7) - 10 ** (1 / 7));
    assertAlmostEquals(seven[i], root ** 7, 1e-12);
  }
});

Deno.test("EDM's sampler: single precision, a level of zero, what is refused", () => {
  const pull = (x: Matrix<Float32Array>, _sigma: number, out: Matrix<Float32Array>) => {
    x.data.forEach((_, i) => out.data[i] = 3);
  };
  const end = edmSample(pull, Matrix.fromRows([[5, 1]]).astype("float32"), [2, 1, 0]);
  assertEquals(end.data, Float32Array.of(3, 3));
  const x = Matrix.zeros(1, 1);
  assertThrows(() => edmSample(() => {}, x, [1, 1]), RangeError, "`sigmas` must descend");
  assertThrows(() => edmSample(() => {}, x, [1, -1]), RangeError, "`sigmas` must descend");
});

Deno.test("samplers: what is refused", () => {
  const field = mixtureScore(THREE, sde);
  const x = Matrix.zeros(3, 2);
  const rng = new Rng(0);
  assertThrows(() => probabilityFlow(field, x, { to: 0 }), RangeError, "`to` must be");
  assertThrows(() => probabilityFlow(field, x, { to: -1 }), RangeError, "`to` must be");
  assertThrows(() => probabilityFlow(field, x, { from: 2 }), RangeError, "`from` must be");
  assertThrows(() => probabilityFlow(field, Matrix.zeros(3, 1)), RangeError, "`x` must have 2 columns");
  assertThrows(
    () => reverseDiffusion(field, x, { rng, from: 0.1, to: 0.2 }),
    RangeError,
    "`to` must be at most",
  );
  const schedule = scaledLinearSchedule();
  assertThrows(() => ancestralSample(THREE, x, { schedule, times: [5] }), TypeError, "`rng` must be");
  assertThrows(
    () => ancestralSample(THREE, x, { schedule, times: [5, 6], eta: 0 }),
    RangeError,
    "`times` must descend to less and less noise, got 5 followed by 6",
  );
});

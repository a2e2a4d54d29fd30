/**
 * Renderer, particle score and gradients against PyTorch's autograd, closed forms, and what theory demands.
 */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { GaussianMixture, scaledLinearSchedule } from "../../lib/diffusion/mod.ts";
import {
  annealedTimes,
  classifierFreeGuidance,
  distill,
  distillationRate,
  type DistillOptions,
  flatlandRenderer,
  gaussianVarianceFlow,
  identityRenderer,
  particleCloud,
  sds,
  sjc,
  vsd,
} from "../../lib/score_distillation/mod.ts";
import { expOfMinus, LIMIT, logOnePlus } from "../../lib/score_distillation/exp.ts";
import { withoutKernels } from "../../lib/wasm/compiled.ts";
import reference from "../fixtures/score_distillation/reference.json" with { type: "json" };

/** The prompt of the two-dimensional study. */
const three = new GaussianMixture({
  weights: [0.5, 0.3, 0.2],
  means: Matrix.fromRows([[1.2, 0.9], [-0.3, 1.6], [1.5, -0.8]]),
  variances: [0.04, 0.04, 0.04],
});

function gaussian(mean: number, variance: number): GaussianMixture {
  return new GaussianMixture({ weights: [1], means: Matrix.fromRows([[mean]]), variances: [variance] });
}

/** The largest difference over the largest entry. */
function relative(given: ArrayLike<number>, wanted: ArrayLike<number>): number {
  assertEquals(given.length, wanted.length);
  let difference = 0;
  let size = 0;
  for (let k = 0; k < given.length; k++) {
    difference = Math.max(difference, Math.abs(given[k] - wanted[k]));
    size = Math.max(size, Math.abs(wanted[k]));
  }
  return difference / size;
}

Deno.test("Flatland's images and gradients are those of PyTorch's autograd", () => {
  for (
    const { grid, pixels, samples, camera, scenes, cotangents, images, gradient } of reference.renderings
  ) {
    const views = flatlandRenderer({ grid, pixels, samples }).render(Matrix.fromRows(scenes), camera);
    assert(relative(views.images.data, images.flat()) < 1e-14);
    assert(relative(views.pullback(Matrix.fromRows(cotangents)).data, gradient.flat()) < 1e-13);
  }
});

Deno.test("Flatland's reverse pass is the derivative of its images, by central differences", () => {
  const renderer = flatlandRenderer();
  const rng = new Rng(1);
  const scene = rng.normalMatrix(1, renderer.parameters);
  const cotangent = rng.normalMatrix(1, 24);
  const camera = 0.9;
  const gradient = renderer.render(scene, camera).pullback(cotangent);
  const value = (moved: Matrix) =>
    renderer.render(moved, camera).images.data.reduce((sum, x, k) => sum + x * cotangent.data[k], 0);
  for (let trial = 0; trial < 5; trial++) {
    const direction = rng.normalMatrix(1, renderer.parameters);
    const h = 1e-4;
    const difference = (value(scene.plus(direction, h)) - value(scene.plus(direction, -h))) / (2 * h);
    const slope = gradient.data.reduce((sum, x, k) => sum + x * direction.data[k], 0);
    assert(Math.abs(difference / slope - 1) < 1e-6, `${difference} against ${slope}`);
  }
});

Deno.test("compiled loops render and pull back to the bits of those in TypeScript", () => {
  const rng = new Rng(5);
  for (
    const [n, options] of [[1, {}], [4, { grid: 5, pixels: 7, samples: 9, densityScale: 9 }], [
      7,
      {},
    ]] as const
  ) {
    const renderer = flatlandRenderer(options);
    const scenes = rng.normalMatrix(n, renderer.parameters, 5);
    const cotangents = rng.normalMatrix(n, renderer.pixels);
    for (const camera of [0, 0.7, 2]) {
      const both = () => {
        const { images, pullback } = renderer.render(scenes, camera);
        return [images.data, pullback(cotangents).data];
      };
      assertEquals(both(), withoutKernels(both));
    }
  }
});

Deno.test("a batch can be pulled back again, after other batches and changes of the scenes", () => {
  const rng = new Rng(6);
  const renderer = flatlandRenderer();
  const scenes = rng.normalMatrix(3, renderer.parameters);
  const cotangents = rng.normalMatrix(3, renderer.pixels);
  const { pullback } = renderer.render(scenes, 1);
  const gradient = pullback(cotangents);
  renderer.render(rng.normalMatrix(5, renderer.parameters), 2);
  scenes.data.fill(3);
  assertEquals(pullback(cotangents), gradient);
  assertEquals(pullback(cotangents), gradient);
});

Deno.test("compiled means of clouds have the bits of those in TypeScript", () => {
  const rng = new Rng(7);
  for (const [n, d, count] of [[5, 2, 7], [128, 2, 128], [9, 24, 9], [3, 1, 5], [33, 13, 64], [4, 3, 0]]) {
    for (const [spread, far] of [[1, 0], [1, 30], [20, 3]]) {
      const cloud = particleCloud(rng.normalMatrix(n, d, spread));
      const x = rng.normals(count * d).map((value) => value + far);
      if (count === 9) x[3] = NaN;
      const noise = () => Array.from(cloud.noisePrediction(x, 0.8, 0.6));
      assertEquals(noise(), withoutKernels(noise));
    }
  }
});

Deno.test("empty space is black; a uniform white square has the brightness of the formula", () => {
  const renderer = flatlandRenderer();
  const empty = renderer.scene({ density: () => 0, color: () => 1 });
  const dark = renderer.render(new Matrix(1, renderer.parameters, empty), 0.3).images;
  for (const pixel of dark.data) assertAlmostEquals(pixel, -1, 1e-15);
  // At angle 0 the ray of pixel 12 has 34 samples between cell centres. The first and the last, 1 - 1/36 from
  // the middle, lie between the last centre, at 1 - 1/24, and the ring of zeros.
  const uniform = renderer.scene({ density: () => 0.6, color: () => 1 });
  const { images } = renderer.render(new Matrix(1, renderer.parameters, uniform), 0);
  const rim = 1 - ((1 - 1 / 36) - (1 - 1 / 24)) / (2 / 24);
  const passed = Math.exp(-0.6 * rim * 2 / 36);
  const middle = Math.exp(-0.6 * 34 * 2 / 36);
  // Colours are white but for the rim.
  const light = (1 - passed) * rim + passed * (1 - middle) + passed * middle * (1 - passed) * rim;
  assertAlmostEquals((images.get(0, 12) + 1) / 2, light, 1e-14);
});

Deno.test("what all samples of a ray absorb is one minus the final transmittance", () => {
  const [thin, thick] = [1, 2].map((densityScale) => flatlandRenderer({ densityScale }));
  const scene = new Rng(11).normalMatrix(1, thin.parameters);
  // Logits of 40: white inside. Away from the rim the light is the sum of the weights, and one minus it the
  // exponential of an optical depth, which doubles with the density.
  scene.data.fill(40, 576);
  for (const rim of [0, 1, 22, 23]) {
    for (let j = 0; j < 24; j++) scene.data[24 * j + rim] = scene.data[24 * rim + j] = -40;
  }
  const left = [thin, thick].map((renderer) =>
    renderer.render(scene, 0.4).images.data.map((pixel) => 1 - (pixel + 1) / 2)
  );
  assert(left[0].some((value) => value < 0.2));
  left[0].forEach((value, k) => assertAlmostEquals(value ** 2, left[1][k], 1e-14));
});

Deno.test("a scene that is symmetric under rotation looks the same, within its interpolation", () => {
  const renderer = flatlandRenderer({ grid: 48, samples: 96 });
  const blob = renderer.scene({
    density: (x, y) => 6 * Math.exp(-6 * (x * x + y * y)),
    color: (x, y) => 0.2 + 0.6 * Math.exp(-3 * (x * x + y * y)),
  });
  const scene = new Matrix(1, renderer.parameters, blob);
  const front = renderer.render(scene, 0).images;
  for (const angle of [0.3, 1, 2.5, 5]) {
    const other = renderer.render(scene, angle).images;
    assert(relative(other.data, front.data) < 5e-3);
  }
  // A quarter turn maps the grid to itself.
  assert(relative(renderer.render(scene, Math.PI / 2).images.data, front.data) < 1e-12);
});

Deno.test("the inverse of the activations gives the fields back at the cell centres", () => {
  const renderer = flatlandRenderer({ grid: 3 });
  const scene = renderer.scene({ density: (x, y) => 20 + x + y, color: (x) => 0.5 + x / 4 });
  assertAlmostEquals(4 * Math.log1p(Math.exp(scene[0])), 20 - 4 / 3, 1e-13);
  assertAlmostEquals(1 / (1 + Math.exp(-scene[9 + 2])), 0.5 + 1 / 6, 1e-15);
});

Deno.test("the particles' noise is minus sigma times the score of their cloud, by PyTorch's autograd", () => {
  for (const { images, x, alpha, sigma, noise } of reference.clouds) {
    const cloud = particleCloud(Matrix.fromRows(images));
    assert(relative(cloud.noisePrediction(Float64Array.from(x.flat()), alpha, sigma), noise.flat()) < 1e-12);
  }
});

Deno.test("a cloud is a mixture of point masses; the result may be written over the points", () => {
  const rng = new Rng(2);
  for (const d of [1, 2, 5]) {
    const images = rng.normalMatrix(40, d);
    const points = rng.normals(60 * d, 2);
    const masses = new GaussianMixture({
      weights: new Float64Array(40).fill(1),
      means: images,
      variances: new Float64Array(40),
    });
    for (const sigma of [0.05, 0.4, 0.99]) {
      const alpha = Math.sqrt(1 - sigma * sigma);
      const wanted = masses.noisePrediction(points, alpha, sigma);
      const cloud = particleCloud(images);
      assert(relative(cloud.noisePrediction(points, alpha, sigma), wanted) < 1e-12);
      const over = points.slice();
      assert(cloud.noisePrediction(over, alpha, sigma, { out: over }) === over);
      assert(relative(over, wanted) < 1e-12);
    }
  }
});

Deno.test("the exponential and the logarithm of inner loops are those of Math in their ranges", () => {
  for (let k = 0; k <= 4000; k++) {
    const z = LIMIT * k / 4000;
    assert(Math.abs(expOfMinus(z) / Math.exp(-z) - 1) < 1e-14, `exp(-${z})`);
    const x = k / 4000;
    assert(Math.abs(logOnePlus(x) - Math.log1p(x)) < 3e-16, `log(1 + ${x})`);
  }
  assertEquals(expOfMinus(NaN), NaN);
});

Deno.test("a point far from all particles sees the nearest one only", () => {
  const cloud = particleCloud(Matrix.fromRows([[0, 0], [1, 0]]));
  const [x, y] = cloud.noisePrediction(Float64Array.of(1000, 3), 0.6, 0.8);
  assertAlmostEquals(x, (1000 - 0.6) / 0.8, 1e-10);
  assertAlmostEquals(y, 3 / 0.8, 1e-10);
});

Deno.test("the schedule and the prior of the study have their tabulated values", () => {
  const schedule = scaledLinearSchedule();
  const wanted = [
    0.99915,
    0.9813143622,
    0.6737926252,
    0.2763326838,
    0.0561698480,
    0.0058437833,
    0.0046600985,
  ];
  [0, 20, 250, 500, 750, 980, 999].forEach((t, k) =>
    assertAlmostEquals(schedule.alpha(t) ** 2, wanted[k], 1e-10)
  );
  const [alpha, sigma] = [schedule.alpha(500), schedule.sigma(500)];
  assertAlmostEquals(alpha, 0.5256735525, 1e-10);
  assertAlmostEquals(sigma, 0.8506863794, 1e-10);
  const x = Float64Array.of(0.4, 0.3);
  const noise = three.noisePrediction(x, alpha, sigma);
  assertAlmostEquals(noise[0], -0.068703768036, 1e-11);
  assertAlmostEquals(noise[1], -0.142283248906, 1e-11);
  const [r1, r2, r3] = three.responsibilities(x, alpha, sigma).data;
  assertAlmostEquals(r1, 0.59195797, 1e-8);
  assertAlmostEquals(r2, 0.24922447, 1e-8);
  assertAlmostEquals(r3, 0.15881757, 1e-8);
});

Deno.test("guidance extrapolates from the unconditional to the conditional model", () => {
  const everything = gaussian(0, 4);
  const something = gaussian(1, 0.25);
  const x = Float64Array.of(-0.5, 0.7);
  const guided = classifierFreeGuidance(something, everything, 7.5).noisePrediction(x, 0.6, 0.8);
  const [with_, without] = [something, everything].map((model) => model.noisePrediction(x, 0.6, 0.8));
  for (const k of [0, 1]) assertAlmostEquals(guided[k], without[k] + 7.5 * (with_[k] - without[k]), 1e-14);
  assert(classifierFreeGuidance(something, everything, 1) === something);
  const over = x.slice();
  classifierFreeGuidance(something, everything, 7.5).noisePrediction(over, 0.6, 0.8, { out: over });
  assertEquals(over, guided);
});

/** A small renderer with a Jacobian by hand: the image is (a b, a + c camera). */
const curved = {
  parameters: 3,
  pixels: 2,
  render(scenes: Matrix, camera: number) {
    const images = Matrix.from(scenes.rows, 2, (i, k) => {
      const [a, b, c] = scenes.row(i);
      return k === 0 ? a * b : a + c * camera;
    });
    return {
      images,
      pullback: (g: Matrix) =>
        Matrix.from(scenes.rows, 3, (i, k) => {
          const [a, b] = scenes.row(i);
          return [g.get(i, 0) * b + g.get(i, 1), g.get(i, 0) * a, g.get(i, 1) * camera][k];
        }),
    };
  },
};

Deno.test("sds, sjc and vsd pull their residuals back through any renderer", () => {
  const rng = new Rng(3);
  const scenes = rng.normalMatrix(4, 3);
  const noise = rng.normalMatrix(4, 2);
  const [alpha, sigma, camera] = [0.6, 0.8, 0.5];
  const options = { prior: () => three, renderer: curved, noise, alpha, sigma, camera };
  const { images, pullback } = curved.render(scenes, camera);
  const noised = images.times(alpha).plus(noise, sigma).data;
  const ours = three.noisePrediction(noised, alpha, sigma);
  const own = particleCloud(images).noisePrediction(noised, alpha, sigma);
  const pulled = (baseline: ArrayLike<number>) =>
    pullback(new Matrix(4, 2, ours.map((value, k) => sigma ** 2 * (value - baseline[k])))).data;
  assert(relative(sds(scenes, options).data, pulled(noise.data)) < 1e-14);
  assert(relative(sjc(scenes, options).data, pulled(new Float64Array(8))) < 1e-14);
  assert(relative(vsd(scenes, options).data, pulled(own)) < 1e-14);
  assert(
    relative(vsd(scenes, { ...options, weight: 2 * sigma ** 2 }).data, pulled(own).map((x) => 2 * x)) < 1e-14,
  );
  const learned = { variational: () => ({ dim: 2, noisePrediction: (x: Float64Array) => x.map(Math.tanh) }) };
  assert(relative(vsd(scenes, { ...options, ...learned }).data, pulled(noised.map(Math.tanh))) < 1e-14);
});

Deno.test("SJC has the mean of SDS; its variance for a Gaussian prior is that of the formula", () => {
  const n = 4000;
  const lambda = 0.25;
  for (const [alpha, sigma] of [[0.6, 0.8], [0.96, 0.28]]) {
    const noise = new Rng(4).normalMatrix(n, 1);
    const options = { prior: gaussian(1, lambda), noise, alpha, sigma };
    const moments = ({ data }: Matrix) => {
      const mean = data.reduce((sum, x) => sum + x / n, 0);
      return { mean, variance: data.reduce((sum, x) => sum + (x - mean) ** 2 / n, 0) };
    };
    const scenes = new Matrix(n, 1, new Float64Array(n).fill(0.3));
    const [a, b] = [sds(scenes, options), sjc(scenes, options)].map(moments);
    // The mean of the noise itself is not zero: sigma^2 times it is the difference.
    assertAlmostEquals(a.mean, b.mean - sigma ** 2 * moments(noise).mean, 1e-13);
    // Slopes in eps: sigma^2/v, and sigma^2/v - 1 = -alpha^2 lambda/v.
    assertAlmostEquals(b.variance / a.variance, (sigma ** 2 / (alpha ** 2 * lambda)) ** 2, 1e-9);
  }
});

Deno.test("variational-score-distillation, criterion 5: with one particle VSD is SDS", () => {
  const renderer = flatlandRenderer({ grid: 6, pixels: 6, samples: 8 });
  const truth = new Matrix(1, 72, renderer.scene({ density: (x) => x > 0 ? 9 : 0, color: () => 0.7 }));
  const view = flatlandRenderer({ grid: 6, pixels: 6, samples: 8 });
  const prior = (camera: number) =>
    new GaussianMixture({ weights: [1], means: view.render(truth, camera).images, variances: [0.01] });
  const trajectories = (
    scenes: Matrix,
    options: Partial<DistillOptions> & { prior: DistillOptions["prior"] },
  ) =>
    (["sds", "vsd"] as const).map((method) => {
      const seen: number[] = [];
      distill(scenes, {
        steps: 200,
        ...options,
        method,
        rng: new Rng(5),
        onStep: ({ scenes }) => void seen.push(...scenes.data.subarray(0, 2)),
      });
      return seen;
    });
  for (const guidance of [1, 7.5]) {
    const prior = classifierFreeGuidance(three, gaussianPair(), guidance);
    const [one, other] = trajectories(new Rng(6).normalMatrix(1, 2), { prior, learningRate: 0.05 });
    assert(one.length === 402 && one.every((x, k) => Math.abs(x - other[k]) < 1e-12));
    assert(Math.abs(one[0] - one[400]) > 1e-3, "it moves");
  }
  const [one, other] = trajectories(new Rng(7).normalMatrix(1, 72), {
    prior,
    renderer,
    optimizer: "adam",
    learningRate: 0.05,
    camera: (rng) => rng.uniform(0, 2 * Math.PI),
  });
  // Adam divides by the root of a mean square, which is below 1e-12 for cells that no ray sees.
  assert(one.every((x, k) => Math.abs(x - other[k]) < 1e-9));
});

function gaussianPair(): GaussianMixture {
  return new GaussianMixture({
    weights: [1, 1],
    means: Matrix.fromRows([[-1, 0], [1, 1]]),
    variances: [0.5, 0.5],
  });
}

Deno.test("particles in another order are updated in that order; coinciding ones do not repel", () => {
  const rng = new Rng(8);
  const scenes = rng.normalMatrix(5, 2);
  const noise = rng.normalMatrix(5, 2);
  const order = [3, 0, 4, 1, 2];
  const permuted = (m: Matrix) => Matrix.fromRows(order.map((i) => m.row(i)));
  const level = { prior: three, alpha: 0.8, sigma: 0.6 };
  const whole = vsd(scenes, { ...level, noise });
  assert(
    relative(vsd(permuted(scenes), { ...level, noise: permuted(noise) }).data, permuted(whole).data) < 1e-13,
  );
  const same = Matrix.from(5, 2, (_, k) => [0.4, -0.2][k]);
  assert(relative(vsd(same, { ...level, noise }).data, sds(same, { ...level, noise }).data) < 1e-12);
});

Deno.test("rates and variances of Gaussian particles have their tabulated values", () => {
  const rates = [[0, 0.331847796549], [0.04, 0.310308775850], [0.25, 0.257974699367], [1, 0.190459288312]];
  for (const [variance, rate] of [...rates, [4, 0.116999719017]]) {
    assertAlmostEquals(distillationRate(variance), rate, 1e-12);
  }
  assertAlmostEquals(distillationRate(0, { times: [20, 500] }), 0.416010579717, 1e-12);
  assertAlmostEquals(distillationRate(1, { times: [20, 500] }), 0.163703257438, 1e-12);
  const wide = gaussianVarianceFlow(1, [0, 1, 5, 20, 100], { priorVariance: 0.25 });
  [0.879824022268, 0.592065265718, 0.314389571493, 0.250076046980].forEach((value, k) =>
    assertAlmostEquals(wide[k + 1], value, 1e-10)
  );
  const collapsing = gaussianVarianceFlow(1, [0, 1, 5], { priorVariance: 0.25, method: "sds" });
  assertAlmostEquals(collapsing[1], 0.596933597506, 1e-10);
  assertAlmostEquals(collapsing[2], 0.0757931777, 1e-10);
  const narrow = gaussianVarianceFlow(0.01, [0, 5, 20, 100], { priorVariance: 1 });
  [0.036336571709, 0.430180650098, 0.999841359179].forEach((value, k) =>
    assertAlmostEquals(narrow[k + 1], value, 1e-10)
  );
  // Linearised at the fixed point.
  for (const [variance, rate] of [[0.25, 0.082356816060], [1, 0.107699012131]]) {
    const h = 1e-4;
    const slope = (distillationRate(variance + h) - distillationRate(variance - h)) / (2 * h);
    assertAlmostEquals(-2 * variance * slope, rate, 1e-8);
  }
});

Deno.test("guided Gaussians: the mean overshoots, and VSD's variance vanishes at its scale", () => {
  const [a, b, a0] = [distillationRate(0.25), distillationRate(1), distillationRate(0)];
  [[1, 1], [2, 1.5851462], [3, 1.9692448], [7.5, 2.7766091]].forEach(([s, factor]) =>
    assertAlmostEquals(s * a / (s * a + (1 - s) * b), factor, 1e-7)
  );
  assertAlmostEquals((a0 - b) / (a - b), 2.0942, 1e-4);
  assertAlmostEquals(distillationRate(0.0095491327), 2 * a - b, 1e-9);
});

Deno.test("times of Stable Diffusion's first, then of its second range", () => {
  const times = annealedTimes(1500);
  assertEquals([times(0), times(299), times(300), times(1499)], [[20, 980], [20, 980], [20, 500], [20, 500]]);
});

Deno.test("bad input is refused, with the name of the argument", () => {
  const scenes = Matrix.zeros(2, 2);
  const level = { prior: three, alpha: 0.8, sigma: 0.6, noise: Matrix.zeros(2, 2) };
  const rng = new Rng(0);
  const refused: [() => unknown, new (...args: any[]) => Error, string][] = [
    [() => scaledLinearSchedule().alpha(1000), RangeError, "`t` must be an integer from 0 to 999, got 1000"],
    [() => distill(scenes, { prior: three, rng, times: [0, 1000], steps: 500 }), RangeError, "`t` must be"],
    [() => distill(scenes, { prior: three, rng, times: [30, 20] }), RangeError, "`times[1]` must be"],
    [() => distill(scenes, { prior: three, rng, times: 500 as never }), TypeError, "`times` must be"],
    [
      () => distill(scenes, { prior: three, rng, method: "vds" as never }),
      TypeError,
      '`method` must be "sds"',
    ],
    [
      () => distill(scenes, { prior: three, rng, optimizer: "sgd" as never }),
      TypeError,
      "`optimizer` must be",
    ],
    [() => distill(scenes, { prior: three, rng: 1 as never }), TypeError, "`rng` must be an Rng, got 1"],
    [() => distill(scenes, { prior: three, rng, steps: -1 }), RangeError, "`steps` must be"],
    [() => distill(scenes, { prior: three, rng, learningRate: NaN }), RangeError, "`learningRate"],
    [
      () => distill(Matrix.zeros(2, 3), { prior: three, rng, steps: 1 }),
      RangeError,
      "`prior` must have the dim",
    ],
    [() => particleCloud(Matrix.zeros(0, 2)), RangeError, "`images` must have at least one row"],
    [() => particleCloud(scenes).noisePrediction(new Float64Array(3), 1, 1), RangeError, "`x` must have"],
    [() => particleCloud(scenes).noisePrediction(new Float64Array(2), 1, 0), RangeError, "`sigma` must be"],
    [() => classifierFreeGuidance(three, three, Infinity), RangeError, "`scale` must be a finite number"],
    [() => classifierFreeGuidance(three, gaussian(0, 1), 2), RangeError, "`unconditional` must have"],
    [
      () => classifierFreeGuidance(three, {} as never, 2),
      TypeError,
      "`unconditional.noisePrediction` must be",
    ],
    [
      () => new GaussianMixture({ weights: [1, 0], means: scenes, variances: [1, 1] }),
      RangeError,
      "`weights[1]` must be",
    ],
    [
      () => sds(scenes, { ...level, noise: Matrix.zeros(1, 2) }),
      RangeError,
      "`noise` must be 2 x 2, got 1 x 2",
    ],
    [() => sds(scenes, { ...level, prior: gaussian(0, 1) }), RangeError, "`prior` must have the dimension"],
    [() => vsd(Matrix.fromRows([[NaN, 0], [0, 0]]), level), RangeError, "`scenes` must be finite"],
    [() => vsd(scenes, { ...level, renderer: identityRenderer(3) }), RangeError, "`scenes` must have the 3"],
    [() => vsd(scenes, { ...level, sigma: 0 }), RangeError, "`sigma` must be"],
    [() => vsd(scenes, { ...level, weigth: 1 } as never), TypeError, 'no option "weigth"'],
    [() => vsd(scenes, { ...level, variational: () => null as never }), TypeError, "`variational(images"],
    [() => flatlandRenderer({ grid: 0 }), RangeError, "`grid` must be"],
    [() => flatlandRenderer().render(scenes, 0), RangeError, "`scenes` must be n x 1152, got 2 x 2"],
    [() => identityRenderer(2).render(scenes, NaN), RangeError, "`camera` must be"],
    [
      () => identityRenderer(2).render(scenes, 0).pullback(Matrix.zeros(1, 2)),
      RangeError,
      "`cotangents` must",
    ],
    [
      () => flatlandRenderer({ grid: 2 }).scene({ density: () => -1, color: () => 1 }),
      RangeError,
      "`fields.density(-0.5, -0.5)` must be",
    ],
    [() => distillationRate(-1), RangeError, "`variance` must be"],
    [() => gaussianVarianceFlow(1, [0, 1], { method: "sjc" as never }), TypeError, "`method` must be"],
    [() => annealedTimes(10, { annealAt: 2 }), RangeError, "`annealAt` must be"],
  ];
  for (const [call, type, message] of refused) assertThrows(call, type, message);
});

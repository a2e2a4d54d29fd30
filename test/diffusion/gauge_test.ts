import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  addFields,
  gaugeResidual,
  GaussianMixture,
  gaussianScore,
  intrinsicDimension,
  linearField,
  localVariability,
  logLikelihood,
  mixtureScore,
  probabilityFlow,
  rotationField,
  type ScoreField,
  sphereScore,
  swissRollScore,
  transformField,
  VpSde,
  weightedHodgeGrid,
  weightedHodgeLinear,
  withGauge,
} from "../../lib/diffusion/mod.ts";

const sde = new VpSde();
const QUARTER = Matrix.fromRows([[0, -1], [1, 0]]);
const C = Matrix.fromRows([[2, 0.6], [0.6, 0.5]]);
const B = Matrix.fromRows([[1, 2], [-0.5, 0.3]]);
/** The generator of rotations of the first two coordinates, e2 e1^T - e1 e2^T. */
const turn = (d: number) => {
  const a = Matrix.zeros(d, d);
  a.set(1, 0, 1);
  a.set(0, 1, -1);
  return a;
};
const START = [1.2, -0.5, 0.8];

const close = (found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number) => {
  assertEquals(found.length, wanted.length);
  for (let i = 0; i < found.length; i++) assertAlmostEquals(found[i], wanted[i], tolerance, `entry ${i}`);
};

function atEnd(field: ScoreField, x1: number[], options: { tMin?: number; steps?: number } = {}) {
  const trajectory = localVariability(field, Matrix.fromRows([x1]), { steps: 4000, ...options });
  return {
    ...trajectory,
    values: trajectory.singularValues[trajectory.singularValues.length - 1].data,
    ...intrinsicDimension(trajectory),
  };
}

Deno.test("the gauge residual of A grad log p vanishes for any mixture", () => {
  const rng = new Rng(2);
  for (const d of [2, 3, 4]) {
    const means = rng.normalMatrix(3, d);
    const roots = [0, 1, 2].map(() => rng.normalMatrix(d, d));
    const covariances = roots.map((r) =>
      Matrix.from(d, d, (i, j) => r.row(i).reduce((sum, value, k) => sum + value * r.get(j, k), 0))
    );
    const field = mixtureScore(new GaussianMixture({ weights: [1, 2, 3], means, covariances }), sde);
    const g = rng.normalMatrix(d, d);
    const a = Matrix.from(d, d, (i, j) => g.get(i, j) - g.get(j, i));
    const x = rng.normals(10 * d);
    for (const t of [0.01, 0.3, 1]) {
      for (const value of gaugeResidual(transformField(field, a), field, x, t)) {
        assertAlmostEquals(value, 0, 1e-8);
      }
    }
    // And not that of a symmetric one.
    const s = Matrix.from(d, d, (i, j) => g.get(i, j) + g.get(j, i));
    assert(gaugeResidual(transformField(field, s), field, x, 0.3).some((value) => Math.abs(value) > 0.1));
  }
  assertThrows(
    () => gaugeResidual(linearField(B, sde), sphereScore(sde), Float64Array.of(1, 2), 0.1),
    RangeError,
    "`score.dim` must be 2",
  );
});

Deno.test("Gaussians: singular values are ratios of deviations; a gauge rotates along the ellipses", () => {
  const wanted = [1.999788001015, 1, 0.2002678430876, 1.048564275271e-2];
  close(atEnd(gaussianScore(Matrix.diagonal([0, 0.04, 1, 4]), sde), [1, 2, 3, 4]).values, wanted, 1e-11);
  const field = withGauge(gaussianScore(C, sde), QUARTER, 5);
  const x1 = Matrix.fromRows([[1, 0.5], [-2, 1]]);
  // x^T C_t^-1 x is -x . s of the exact score.
  const energy = (x: Matrix, t: number) => {
    const s = gaussianScore(C, sde).score(x.data, t);
    return [0, 1].map((i) => -x.data[2 * i] * s[2 * i] - x.data[2 * i + 1] * s[2 * i + 1]);
  };
  for (const to of [0.1, 1e-3]) {
    const end = probabilityFlow(field, x1, { to, steps: 4000 });
    close(energy(end, to), energy(x1, 1), 5e-6);
  }
});

Deno.test("differential rotation of N(0, I): singular values (sqrt(k^2 + 4) +- k) / 2", () => {
  const normal = gaussianScore(Matrix.identity(2), sde);
  const tMin = 1e-3;
  // The angle is w(rho) times half the integral of beta.
  const half = -Math.log(sde.alpha(1)) + Math.log(sde.alpha(tMin));
  const radius = Math.hypot(0.6, 0.8);
  for (const kappa of [1, 10]) {
    const rate = kappa / (half * radius);
    const field = addFields(normal, rotationField((rho) => [rate * rho, rate], sde));
    assertAlmostEquals(
      gaugeResidual(rotationField((rho) => [rho, 1], sde), normal, Float64Array.of(1, 2), 0.3)[0],
      0,
      1e-12,
    );
    const { values, end } = atEnd(field, [0.6, 0.8], { tMin, steps: 16_000 });
    const root = Math.sqrt(kappa * kappa + 4);
    close(values, [(root + kappa) / 2, (root - kappa) / 2], 1e-8);
    assertAlmostEquals(Math.hypot(end.get(0, 0), end.get(0, 1)), 1, 1e-9);
  }
  assertAlmostEquals((Math.sqrt(104) + 10) / 2, 10.0990195, 1e-7);
});

Deno.test("the sphere: end radius, singular values and dimension without gauge", () => {
  const found = atEnd(sphereScore(sde), START);
  assertAlmostEquals(Math.hypot(...found.end.data), 0.9998766344, 1e-9);
  close(found.values, [0.6550409626, 0.6550409626, 0.0152426914], 1e-9);
  assertAlmostEquals(found.values[0], Math.hypot(...found.end.data) / Math.hypot(...START), 1e-12);
  assertEquals([...found.dimensions, ...found.byGap], [2, 2]);
  close(found.slopes.data, [0, 0, 1], 0.02);
});

Deno.test("the sphere in 5 coordinates: two more values, sigma(t) / sigma(1)", () => {
  const { values, dimensions } = atEnd(sphereScore(sde, { ambientDim: 5 }), [...START, 0.3, -0.7]);
  close(values, [0.6550409626, 0.6550409626, 0.0152426914, 0.0104856428, 0.0104856428], 1e-9);
  assertAlmostEquals(values[4], sde.sigma(1e-3) / sde.sigma(1), 1e-11);
  assertEquals([...dimensions], [2]);
});

Deno.test("the sphere down to t = 1e-5", () => {
  for (
    const [radius, end, tangential, radial] of [
      [1.5, 0.9999449110, 0.6666299406, 1.4639353562e-3],
      [0.5, undefined, 1.9962625663, 2.5285393e-3],
    ] as const
  ) {
    const direction = START.map((value) => value / Math.hypot(...START) * radius);
    const found = atEnd(sphereScore(sde), direction, { tMin: 1e-5, steps: 8000 });
    if (end !== undefined) assertAlmostEquals(Math.hypot(...found.end.data), end, 2e-9);
    assertAlmostEquals(found.values[0], tangential, 2e-9 * tangential + 2e-9);
    assertAlmostEquals(found.values[2], radial, 1e-7 * radial);
  }
});

Deno.test("the sphere under a gauge: values, the law of their squares, the same radius", () => {
  const exact = sphereScore(sde);
  const [a, , b] = [0.6550409626, 0.6550409626, 0.0152426914];
  for (
    const [omega, top, bottom, tolerance] of [
      [1, 0.8521022755, 0.0117175925, 1e-8],
      [5, 2.80213, 0.00356322, 1e-5],
      [20, 10.91742, 0.00091454, 2e-5],
    ] as const
  ) {
    const { values, end, dimensions } = atEnd(withGauge(exact, turn(3), omega), START, { steps: 8000 });
    assertAlmostEquals(values[0], top, tolerance);
    assertAlmostEquals(values[1], a, omega === 20 ? 2e-5 : 1e-6);
    assertAlmostEquals(values[2], bottom, tolerance);
    assertAlmostEquals(
      values[0] ** 2 + values[2] ** 2,
      a * a + b * b + omega ** 2 * 0.2969046,
      2e-3 * omega / 20,
    );
    assertAlmostEquals(values[0] * values[2], a * b, 1e-6);
    assertAlmostEquals(Math.hypot(...end.data), 0.9998766344, omega === 20 ? 1e-5 : 1e-8);
    if (omega < 20) assertEquals([...dimensions], [2]);
  }
});

Deno.test("Swiss roll: end points and singular values are SciPy's; slopes", () => {
  const wanted = JSON.parse(
    Deno.readTextFileSync(new URL("../fixtures/diffusion/swiss_roll.json", import.meta.url)),
  ) as { x1: number[]; end: number[]; values: number[] }[];
  const slopes = [[0, 0.037, 0.998], [-0.007, 0, 1]];
  const field = swissRollScore(sde);
  wanted.forEach(({ x1, end, values }, i) => {
    const found = atEnd(field, x1, { steps: 500 });
    close(found.end.data, end, 1e-7);
    close(found.values, values, 1e-7);
    close(found.slopes.data, slopes[i], 2e-3);
    assertEquals([...found.dimensions], [2]);
  });
});

Deno.test("Swiss roll in 5 coordinates has dimension 2, and values of 3", () => {
  const options = { steps: 100 };
  const three = atEnd(swissRollScore(sde, { nodes: 1024 }), [0.5, 0.3, -0.8], options);
  const five = atEnd(swissRollScore(sde, { nodes: 1024, ambientDim: 5 }), [0.5, 0.3, -0.8, 0.1, -1], options);
  assertEquals([...five.dimensions], [2]);
  close(five.values.slice(0, 3), three.values, 1e-12);
  const falls = sde.sigma(1e-3) / sde.sigma(1);
  close(five.values.slice(3), [falls, falls], 1e-5);
});

Deno.test("too few nodes of the Swiss roll act as point masses", () => {
  const x1 = [-1, -0.6, 0.4];
  const slope = (nodes: number) => atEnd(swissRollScore(sde, { nodes }), x1, { steps: 500 }).slopes.get(0, 0);
  assertAlmostEquals(slope(512), -0.31, 0.02);
});

Deno.test("likelihoods: invariant under the gauge, wrong under a conservative factor", () => {
  const exact = gaussianScore(C, sde);
  const x = Matrix.fromRows([[1, 0.5]]);
  const options = { steps: 4000, terminal: (end: Float64Array) => exact.logDensity(end, 1) };
  const wanted = -1.927234537594;
  assertAlmostEquals(exact.logDensity(x.data, 1e-5)[0], wanted, 1e-12);
  const law = new GaussianMixture({ weights: [1], means: Matrix.zeros(1, 2), covariances: [C] });
  assertAlmostEquals(law.logDensity(x.data)[0], -1.927233515095, 1e-12);
  assertAlmostEquals(logLikelihood(exact, x, options)[0], wanted, 1e-12);
  for (const [omega, tolerance] of [[1, 1e-9], [5, 2e-6]]) {
    assertAlmostEquals(logLikelihood(withGauge(exact, QUARTER, omega), x, options)[0], wanted, tolerance);
  }
  const wrong = transformField(exact, Matrix.diagonal([1.2, 1.2]));
  assertAlmostEquals(logLikelihood(wrong, x, options)[0], -1.659644, 1e-6);
  // The default end, N(0, I), is off by about 1e-5.
  const off = Math.abs(logLikelihood(exact, x, { steps: 1000 })[0] - wanted);
  assert(off > 1e-6 && off < 1e-4);
});

Deno.test("the logarithm of |det Y| is the integral of the divergence", () => {
  for (const omega of [0, 2]) {
    const field = withGauge(sphereScore(sde), turn(3), omega);
    const { values, end } = atEnd(field, START, { tMin: 1e-2 });
    const logDet = values.reduce((sum, value) => sum + Math.log(value), 0);
    const zero = (x: Float64Array) => new Float64Array(x.length / 3);
    // Along the flow back to t = 1, so with the other sign.
    const [integral] = logLikelihood(field, end, { from: 1e-2, steps: 4000, terminal: zero });
    assertAlmostEquals(logDet, -integral, 1e-7);
  }
});

Deno.test("a finite sample: all values vanish below half the spacing, a window shows the circle", () => {
  const n = 64;
  const circle = new GaussianMixture({
    weights: new Float64Array(n).fill(1),
    means: Matrix.from(
      n,
      2,
      (i, a) => a === 0 ? Math.cos(2 * Math.PI * i / n) : Math.sin(2 * Math.PI * i / n),
    ),
    variances: new Float64Array(n),
  });
  const field = mixtureScore(circle, sde);
  // Spacing 0.098: sigma is 0.014 at t = 2e-3 ... and 0.1 at t = 0.027.
  const at = (tMin: number) => [...atEnd(field, [0.9, 0.7], { tMin, steps: 2000 }).dimensions];
  assertEquals(at(1e-4), [0]);
  assertEquals(at(0.03), [1]);
});

Deno.test("the weighted decomposition of a linear field: closed form and orthogonality", () => {
  const { gradient, gauge } = weightedHodgeLinear(B, C);
  close(gradient.data, [1.6, 0, 0, -0.3], 1e-14);
  // E[(M x) . (N x)] under N(0, C).
  const inner = (m: Matrix, n: Matrix) => {
    let sum = 0;
    for (let i = 0; i < 2; i++) {
      for (let j = 0; j < 2; j++) for (let k = 0; k < 2; k++) sum += m.get(k, i) * n.get(k, j) * C.get(i, j);
    }
    return sum;
  };
  assertAlmostEquals(inner(B, B), 6.765, 1e-13);
  assertAlmostEquals(inner(gradient, gradient), 5.165, 1e-13);
  assertAlmostEquals(inner(gauge, gauge), 1.6, 1e-13);
  assertAlmostEquals(inner(gradient, gauge), 0, 1e-13);
  const half = (sign: number) => Matrix.from(2, 2, (i, j) => (B.get(i, j) + sign * B.get(j, i)) / 2);
  assertAlmostEquals(inner(half(1), half(-1)), -0.88125, 1e-13);
  // Of N(0, I) it is the ordinary split.
  close(weightedHodgeLinear(B, Matrix.identity(2)).gradient.data, half(1).data, 1e-14);
  // The rest is a gauge field of N(0, C).
  const x = new Rng(0).normals(20);
  const nearly = 1e-12;
  const residual = gaugeResidual(linearField(gauge, sde), gaussianScore(C, sde), x, nearly);
  for (const value of residual) assertAlmostEquals(value, 0, 1e-8);
});

Deno.test("decompositions: what is refused", () => {
  assertThrows(
    () => weightedHodgeLinear(B, Matrix.diagonal([1, 0])),
    RangeError,
    "positive definite, got the eigenvalue 0",
  );
  assertThrows(
    () => weightedHodgeLinear(B, Matrix.fromRows([[1, 2], [0, 1]])),
    RangeError,
    "`c` must be symmetric",
  );
  assertThrows(() => weightedHodgeLinear(B, Matrix.identity(3)), RangeError, "`c` must be 2 x 2, got 3 x 3");
  const box = { x: [-1, 1], y: [-1, 1] } as const;
  const field = (): [number, number] => [1, 0];
  assertThrows(() => weightedHodgeGrid(field, () => 0, box), RangeError, "`density(...)` must be");
  assertThrows(() => weightedHodgeGrid(field, () => 1, { ...box, x: [1, 1] }), RangeError, "`x[1]` must be");
  assertThrows(() => weightedHodgeGrid(() => [NaN, 0], () => 1, box), RangeError, "`field(...)` must be");
});

Deno.test("the decomposition on a grid converges to the closed form, its parts orthogonal on every grid", () => {
  const inverse = [0.5 / 0.64, -0.6 / 0.64, 2 / 0.64];
  const density = (x: number, y: number) =>
    Math.exp(-(inverse[0] * x * x + 2 * inverse[1] * x * y + inverse[2] * y * y) / 2);
  const field = (x: number, y: number): [number, number] => [x + 2 * y, -0.5 * x + 0.3 * y];
  const error = (n: number) => {
    const found = weightedHodgeGrid(field, density, { x: [-8, 8], y: [-4, 4], rows: n, columns: n });
    assertEquals(found.status, "converged");
    const { energy } = found;
    assertAlmostEquals(energy.field, energy.gradient + energy.gauge, 1e-8);
    return Math.abs(energy.gradient - 5.165) + Math.abs(energy.gauge - 1.6);
  };
  const coarse = error(48);
  const fine = error(96);
  assertAlmostEquals(Math.log2(coarse / fine), 2, 0.3);
  assert(fine < 0.02);
  // Under a constant density in the same box, as the ordinary decomposition has it, other parts come out.
  const ordinary = weightedHodgeGrid(field, () => 1, { x: [-8, 8], y: [-4, 4], rows: 48, columns: 48 });
  const { x } = ordinary.gradient;
  assert(Math.abs(x.get(24, 36) - 1.6 * (-8 + 36.5 / 3)) > 0.3);
});

Deno.test("trajectories and dimensions: what is refused", () => {
  const sphere = sphereScore(sde);
  const x = Matrix.fromRows([START]);
  assertThrows(() => localVariability(sphere, x, { tMin: 0 }), RangeError, "`tMin` must be");
  assertThrows(() => localVariability(sphere, x, { tMin: -1e-3 }), RangeError, "`tMin` must be");
  assertThrows(() => localVariability(sphere, Matrix.zeros(1, 2)), RangeError, "`x1` must have 3 columns");
  assertThrows(() => localVariability(sphere, x, { steps: 4, record: 6 }), RangeError, "`record` must be");
  assertThrows(() => logLikelihood(sphere, x, { from: 0 }), RangeError, "`from` must be");
  assertThrows(
    () => logLikelihood(sphere, x, { steps: 2, terminal: () => new Float64Array(2) }),
    RangeError,
    "`terminal(...)` must have length 1",
  );
  const trajectory = localVariability(sphere, x, { steps: 10 });
  assertThrows(
    () => intrinsicDimension({ ...trajectory, sigma: trajectory.sigma.slice(1) }),
    RangeError,
    "`trajectory.singularValues` must have length 10",
  );
  assertThrows(() => intrinsicDimension(trajectory, { slope: NaN }), RangeError, "`slope` must be");
});

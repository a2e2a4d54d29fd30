/**
 * The layers between tangent vectors: theorems, the ball form, and central differences for every backward
 * pass.
 */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, type RealArray, Rng } from "../../lib/arrays/mod.ts";
import {
  betaRatio,
  PoincareBall,
  poincareBatchNorm,
  type PoincareBatchNormOptions,
  poincareBatchNormVjp,
  poincareConv2d,
  poincareConv2dVjp,
  poincareInit,
  poincareLinear,
  poincareLinearVjp,
  tangentMobiusAdd,
  tangentMobiusAddVjp,
} from "../../lib/hyperbolic/mod.ts";

const inner = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};
const normOf = (a: ArrayLike<number>) => Math.sqrt(inner(a, a));
const row = (...values: number[]) => Matrix.fromRows([values]);

/** Asserts that `gradient` is that of `f` at `m`, entry by entry: differences of fourth order. */
function assertGradient(
  gradient: ArrayLike<number>,
  f: () => number,
  data: RealArray,
  what: string,
  tolerance = 1e-6,
  step = 1e-4,
) {
  const scale = Math.max(1e-3, ...Array.from(gradient, Math.abs));
  for (let i = 0; i < data.length; i++) {
    const kept = data[i];
    const h = step * Math.max(1, Math.abs(kept));
    const at = (shift: number) => {
      data[i] = kept + shift;
      const value = f();
      data[i] = kept;
      return value;
    };
    const slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    assertAlmostEquals(gradient[i], slope, tolerance * scale, `${what}, entry ${i}`);
  }
}

Deno.test("a square layer that starts at ½ I is the identity map, at ½ Q an isometry", () => {
  for (const c of [0.01, 0.1, 1, 4]) {
    for (const size of [1e-9, 0.5, 2, 8]) {
      const u = new Matrix(8, 6, new Rng(1).normals(48, size));
      const zero = Matrix.zeros(1, 6);
      const same = poincareLinear(u, poincareInit("identity", 6, 6), zero, { c });
      same.data.forEach((value, k) => assertAlmostEquals(value, u.data[k], 1e-13 * size * 10));
      const turned = poincareLinear(u, poincareInit("orthogonal", 6, 6, { rng: new Rng(2) }), zero, { c });
      for (let i = 0; i < 8; i++) assertAlmostEquals(normOf(turned.row(i)) / normOf(u.row(i)), 1, 1e-12);
    }
  }
});

Deno.test("poincare-resnet, criterion 8: backward pass of the layer, near 0, far out, zero rows", () => {
  const rng = new Rng(7);
  for (const c of [0.1, 1]) {
    for (const size of [1e-12, 0.05, 1, 3]) {
      const u = new Matrix(4, 3, rng.normals(12, size));
      u.row(1).fill(0);
      const Z = rng.normalMatrix(3, 5, 0.5);
      const r = rng.normalMatrix(1, 5, 0.2);
      const upstream = rng.normalMatrix(4, 5);
      const loss = () => inner(poincareLinear(u, Z, r, { c }).data, upstream.data);
      const { gradients } = poincareLinearVjp(u, Z, r, { c });
      const found = gradients(upstream);
      const what = `c = ${c}, size ${size}`;
      assertGradient(found.u.data, loss, u.data, `u, ${what}`);
      assertGradient(found.Z.data, loss, Z.data, `Z, ${what}`);
      assertGradient(found.r.data, loss, r.data, `r, ${what}`);
    }
  }
});

Deno.test("a tangent vector longer than the cap is shortened to it, in both passes", () => {
  const cap = 3.1063;
  const u = row(3, 4);
  const Z = poincareInit("identity", 2, 2);
  const zero = Matrix.zeros(1, 2);
  const options = { c: 1, maxTangentNorm: cap };
  assertAlmostEquals(normOf(poincareLinear(u, Z, zero, options).data), cap, 1e-12);
  const doubled = poincareLinear(row(1.5, 2), Z.times(2), zero, options);
  assertAlmostEquals(normOf(doubled.data), cap, 1e-12);
  const upstream = row(0.3, -0.7);
  for (const [input, factor] of [[u, 0.5], [row(1.5, 2), 2]] as const) {
    const weights = Z.times(factor);
    const loss = () => inner(poincareLinear(input, weights, zero, options).data, upstream.data);
    const found = poincareLinearVjp(input, weights, zero, options).gradients(upstream);
    assertGradient(found.u.data, loss, input.data, "u");
    assertGradient(found.Z.data, loss, weights.data, "Z");
  }
  // Far beyond: finite, at the documented length.
  assertAlmostEquals(normOf(poincareLinear(row(300, 400), Z, zero, { c: 1 }).data), 85, 1e-9);
  const single = poincareLinear(
    row(30, 40).astype("float32"),
    Z.astype("float32"),
    zero.astype("float32"),
    { c: 1 },
  );
  assertAlmostEquals(normOf(single.data), 40, 1e-4);
});

Deno.test("residual sums are log0(exp0 ⊕ exp0), with their backward pass", () => {
  const rng = new Rng(4);
  for (const c of [0.1, 1]) {
    const ball = new PoincareBall({ c });
    const u = rng.normalMatrix(5, 3, 0.8);
    const v = rng.normalMatrix(5, 3, 0.8);
    u.row(0).fill(0);
    v.row(1).fill(0);
    const sum = tangentMobiusAdd(u, v, { c });
    for (let i = 0; i < 5; i++) {
      const wanted = ball.log0(ball.mobiusAdd(ball.exp0(u.row(i)), ball.exp0(v.row(i))));
      wanted.forEach((value, j) => assertAlmostEquals(sum.get(i, j), value, 1e-12));
    }
    const upstream = rng.normalMatrix(5, 3);
    const loss = () => inner(tangentMobiusAdd(u, v, { c }).data, upstream.data);
    const found = tangentMobiusAddVjp(u, v, { c }).gradients(upstream);
    assertGradient(found.u.data, loss, u.data, "u");
    assertGradient(found.v.data, loss, v.data, "v");
  }
});

/** Batch normalization written out on the ball, by the formulas of the notes, 3.6. */
function onTheBall(u: Matrix, theta: Matrix, gamma: number, c: number, mean: "midpoint" | "frechet"): Matrix {
  const ball = new PoincareBall({ c });
  const points = Matrix.fromRows(u.toRows().map((tangent) => ball.exp0(tangent)));
  const mu = mean === "midpoint"
    ? ball.midpoint(points)
    : ball.frechetMean(points, { tolerance: 1e-15 }).mean;
  const variance = ball.frechetVariance(points, mu);
  const b = ball.exp0(theta.row(0));
  const factor = Math.sqrt(gamma / (variance + 1e-6));
  return Matrix.fromRows(
    points.toRows().map((point) => {
      const moved = ball.transport(mu, b, ball.log(mu, point)).map((value) => factor * value);
      return ball.log0(ball.exp(b, moved));
    }),
  );
}

Deno.test("batch normalization is that of the ball, with midpoint and with Fréchet mean", () => {
  for (const mean of ["midpoint", "frechet"] as const) {
    for (const c of [0.1, 1]) {
      const rng = new Rng(6);
      const u = rng.normalMatrix(30, 4, 0.7);
      for (let i = 0; i < 30; i++) u.row(i)[1] += 0.6;
      for (const theta of [Matrix.zeros(1, 4), row(0.3, -0.2, 0.1, 0.4)]) {
        const wanted = onTheBall(u, theta, 1.7, c, mean);
        const given = poincareBatchNorm(u, theta, 1.7, { c, mean });
        given.data.forEach((value, k) =>
          assertAlmostEquals(value, wanted.data[k], 1e-12, `${mean}, c = ${c}`)
        );
      }
    }
  }
});

Deno.test("poincare-resnet, criterion 7: the outputs' variance about exp0(θ), and their mean", () => {
  const rng = new Rng(8);
  const u = rng.normalMatrix(1000, 8, 0.7);
  for (let i = 0; i < 1000; i++) u.row(i)[0] += 0.5;
  const c = 1;
  const ball = new PoincareBall({ c });
  for (const theta of [Matrix.zeros(1, 8), row(0.3, 0, 0, -0.2, 0, 0, 0.1, 0)]) {
    const offCentre: Record<string, number> = {};
    for (const mean of ["midpoint", "frechet"] as const) {
      const gamma = 1.3;
      const { value, statistics } = poincareBatchNormVjp(u, theta, gamma, { c, mean });
      const b = ball.exp0(theta.row(0));
      const points = Matrix.fromRows(value.toRows().map((tangent) => ball.exp0(tangent)));
      const wanted = gamma * statistics.variance / (statistics.variance + 1e-6);
      assertAlmostEquals(ball.frechetVariance(points, b), wanted, 1e-10);
      const total = new Float64Array(8);
      for (let i = 0; i < 1000; i++) ball.log(b, points.row(i)).forEach((part, j) => total[j] += part / 1000);
      offCentre[mean] = normOf(total);
    }
    assert(offCentre.frechet < 1e-12, `Fréchet mean: ${offCentre.frechet}`);
    assert(offCentre.midpoint > 1e-5 && offCentre.midpoint < 0.05, `midpoint: ${offCentre.midpoint}`);
  }
});

Deno.test("poincare-resnet, criterion 8: backward pass of batch normalization, with each mean", () => {
  const rng = new Rng(9);
  const statistics = { mean: Float64Array.of(0.1, 0.3, -0.2), variance: 2.5 };
  const kinds: [string, Omit<PoincareBatchNormOptions, "c">][] = [
    ["midpoint", { mean: "midpoint" }],
    ["frechet", { mean: "frechet" }],
    ["given", { statistics }],
  ];
  for (const [what, options] of kinds) {
    for (const c of [0.1, 1]) {
      for (const size of [0.01, 0.8]) {
        const u = rng.normalMatrix(7, 3, size);
        u.row(2).fill(0);
        for (const theta of [Matrix.zeros(1, 3), rng.normalMatrix(1, 3, 0.3)]) {
          const gamma = Float64Array.of(1.4);
          const upstream = rng.normalMatrix(7, 3);
          const o = { c, ...options };
          const loss = () => inner(poincareBatchNorm(u, theta, gamma[0], o).data, upstream.data);
          const found = poincareBatchNormVjp(u, theta, gamma[0], o).gradients(upstream);
          const name = `${what}, c = ${c}, size ${size}`;
          const step = 1e-3 * size;
          assertGradient(found.u.data, loss, u.data, `u, ${name}`, 1e-6, step);
          assertGradient(found.theta.data, loss, theta.data, `θ, ${name}`);
          assertGradient([found.gamma], loss, gamma, `γ, ${name}`);
        }
      }
    }
  }
});

Deno.test("batch normalization of equal vectors, and of one, gives exp0(θ) and finite gradients", () => {
  for (const rows of [1, 5]) {
    const u = Matrix.from(rows, 3, (_, j) => 0.2 * j);
    const theta = row(0.1, -0.3, 0.2);
    const { value, gradients } = poincareBatchNormVjp(u, theta, 1, { c: 1 });
    for (let i = 0; i < rows; i++) {
      value.row(i).forEach((x, j) => assertAlmostEquals(x, theta.data[j], 1e-10));
    }
    assert(gradients(value).u.data.every(Number.isFinite));
  }
});

Deno.test("the midpoint far from the origin keeps its digits", () => {
  // In the plane, a symmetric pair at 12 ± 0.1: on the line the midpoint of t1, t2 is their mean.
  const u = Matrix.fromRows([[11.9, 0], [12.1, 0]]);
  const { statistics } = poincareBatchNormVjp(u, Matrix.zeros(1, 2), 1, { c: 1 });
  assertAlmostEquals(statistics.mean[0], 12, 1e-12);
});

Deno.test("convolution: a pixel is a layer of its patch; strides and padding", () => {
  const rng = new Rng(10);
  const c = 0.5;
  const shape = [2, 5, 4, 3] as const;
  const u = { data: rng.normals(2 * 5 * 4 * 3, 0.5), shape };
  const Z = rng.normalMatrix(27, 2, 0.4);
  const r = rng.normalMatrix(1, 2, 0.1);
  const pixel = (image: number, y: number, x: number): number[] =>
    y < 0 || y >= 5 || x < 0 || x >= 4
      ? [0, 0, 0]
      : Array.from({ length: 3 }, (_, k) => u.data[((image * 5 + y) * 4 + x) * 3 + k]);
  for (const stride of [1, 2]) {
    const out = poincareConv2d(u, Z, r, { c, stride });
    assertEquals(out.shape, stride === 1 ? [2, 5, 4, 2] : [2, 3, 2, 2]);
    const [image, y, x] = [1, 1, 1];
    const patch: number[] = [];
    for (let ky = -1; ky <= 1; ky++) {
      for (let kx = -1; kx <= 1; kx++) patch.push(...pixel(image, y * stride + ky, x * stride + kx));
    }
    const ball = new PoincareBall({ c });
    const factor = betaRatio(3, 27);
    const wanted = ball.log0(ball.linear(ball.exp0(patch.map((value) => factor * value)), Z, r.data));
    const at = ((image * out.shape[1] + y) * out.shape[2] + x) * 2;
    wanted.forEach((value, k) => assertAlmostEquals(out.data[at + k], value, 1e-13));
  }
  assertEquals(poincareConv2d(u, Z, r, { c, padding: "valid" }).shape, [2, 3, 2, 2]);
  // An even kernel begins at the pixel: the zeros are after the last row and column.
  const even = rng.normalMatrix(12, 2, 0.4);
  const out = poincareConv2d(u, even, r, { c, kernel: 2 });
  assertEquals(out.shape, [2, 5, 4, 2]);
  const patch = [[0, 0], [0, 1], [1, 0], [1, 1]].flatMap(([ky, kx]) => pixel(1, 3 + ky, 3 + kx));
  const ball = new PoincareBall({ c });
  const scaled = patch.map((value) => betaRatio(3, 12) * value);
  ball.log0(ball.linear(ball.exp0(scaled), even, r.data)).forEach((value, k) =>
    assertAlmostEquals(out.data[((5 + 3) * 4 + 3) * 2 + k], value, 1e-13)
  );
  const upstream = rng.normals(2 * 3 * 2 * 2);
  const loss = () => inner(poincareConv2d(u, Z, r, { c, stride: 2 }).data, upstream);
  const found = poincareConv2dVjp(u, Z, r, { c, stride: 2 }).gradients(upstream);
  assertGradient(found.u, loss, u.data, "u");
  assertGradient(found.Z.data, loss, Z.data, "Z");
  assertGradient(found.r.data, loss, r.data, "r");
});

Deno.test("a centred identity kernel is one near the origin; the official one shrinks", () => {
  const one = (size: number) => ({
    data: new Rng(11).sphere(4).map((value) => size * value),
    shape: [1, 1, 1, 4] as const,
  });
  const center = poincareInit("identity-center", 36, 4, { taps: 9 });
  const zero = Matrix.zeros(1, 4);
  const ratio = (size: number) => normOf(poincareConv2d(one(size), center, zero, { c: 1 }).data) / size;
  assertAlmostEquals(ratio(1e-4), 1, 1e-7);
  // A power of a hyperbolic function is none: the norm is kept to first order only.
  assert(Math.abs(ratio(1) - 1) > 1e-3, `${ratio(1)}`);
  const official = poincareInit("identity-official", 36, 4, { taps: 9 });
  const filled = { data: new Rng(12).normals(64, 0.01), shape: [1, 4, 4, 4] as const };
  const shrunk = poincareConv2d(filled, official, zero, { c: 1 });
  assert(normOf(shrunk.data) < 0.4 * normOf(filled.data));
});

Deno.test("single precision follows double", () => {
  const rng = new Rng(13);
  const u = rng.normalMatrix(6, 4, 0.8);
  const Z = rng.normalMatrix(4, 4, 0.5);
  const zero = Matrix.zeros(1, 4);
  const single = <T extends Matrix>(m: T) => m.astype("float32");
  const wide = poincareLinear(u, Z, zero, { c: 1 });
  const narrow = poincareLinear(single(u), single(Z), single(zero), { c: 1 });
  wide.data.forEach((value, k) => assertAlmostEquals(narrow.data[k], value, 3e-6));
  const wideNorm = poincareBatchNorm(u, zero, 1, { c: 1 });
  const narrowNorm = poincareBatchNorm(single(u), single(zero), 1, { c: 1 });
  wideNorm.data.forEach((value, k) => assertAlmostEquals(narrowNorm.data[k], value, 3e-6));
});

Deno.test("NaN propagates; shapes, precisions and options are refused by name", () => {
  const u = Matrix.zeros(2, 3);
  const Z = Matrix.zeros(3, 4);
  const r = Matrix.zeros(1, 4);
  u.data[0] = NaN;
  assert(poincareLinear(u, poincareInit("identity", 3, 4), r, { c: 1 }).row(0).every(Number.isNaN));
  u.data[0] = 0;
  const cases: [typeof RangeError | typeof TypeError, string, () => unknown][] = [
    [RangeError, "`u` must have 3 columns, got 2", () => poincareLinear(Matrix.zeros(2, 2), Z, r, { c: 1 })],
    [RangeError, "`r` must be 1 x 4, got 1 x 3", () => poincareLinear(u, Z, Matrix.zeros(1, 3), { c: 1 })],
    [RangeError, "`c` must be a finite number > 0", () => poincareLinear(u, Z, r, { c: -1 })],
    [RangeError, "`maxTangentNorm`", () => poincareLinear(u, Z, r, { c: 1, maxTangentNorm: 0 })],
    [TypeError, "`options` has no option", () => poincareLinear(u, Z, r, { c: 1, cap: 3 } as never)],
    [
      TypeError,
      "`u` must be of precision float32, got float64",
      () => poincareLinear(u as never, Z.astype("float32") as never, r.astype("float32") as never, { c: 1 }),
    ],
    [
      RangeError,
      "`upstream` must be 2 x 4, got 2 x 3",
      () => poincareLinearVjp(u, Z, r, { c: 1 }).gradients(Matrix.zeros(2, 3)),
    ],
    [RangeError, "`v` must be 2 x 3", () => tangentMobiusAdd(u, Matrix.zeros(3, 2), { c: 1 })],
    [RangeError, "`u.rows`", () => poincareBatchNorm(Matrix.zeros(0, 3), Matrix.zeros(1, 3), 1, { c: 1 })],
    [RangeError, "`gamma` must be", () => poincareBatchNorm(u, Matrix.zeros(1, 3), 0, { c: 1 })],
    [
      TypeError,
      "`mean` must be",
      () => poincareBatchNorm(u, Matrix.zeros(1, 3), 1, { c: 1, mean: "mean" as never }),
    ],
    [
      RangeError,
      "`kernel` must be at most 2",
      () =>
        poincareConv2d({ data: new Float64Array(12), shape: [1, 2, 2, 3] }, Z, r, { c: 1, padding: "valid" }),
    ],
    [
      RangeError,
      "`Z` must have 27 rows",
      () => poincareConv2d({ data: new Float64Array(12), shape: [1, 2, 2, 3] }, Z, r, { c: 1 }),
    ],
  ];
  for (const [type, message, run] of cases) assertThrows(run, type, message);
});

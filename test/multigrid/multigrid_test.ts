/** V-cycles, operators and data of refigure/multigrid: oracles, closed forms and properties. */
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { Matrix, type RealArray, Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import { eig, inverse, spectralNorm } from "../../lib/linalg/mod.ts";
import {
  bestCirculant,
  bestRank,
  bestToeplitz,
  darcyData,
  darcySolve,
  fitOperator,
  fourierOperator,
  frobeniusError,
  type GridNetwork,
  type GridPadding,
  localOperator,
  mgConv,
  mgNo,
  operatorMatrix,
  poissonGreen,
  poissonVCycle,
  relativeError,
  roughCoefficient,
  trigCoefficient,
} from "../../lib/multigrid/mod.ts";
import {
  conjugateGradients,
  CsrMatrix,
  FivePointStencil,
  laplacian,
  spectralRadius,
} from "../../lib/sparse/mod.ts";
import { withoutKernels } from "../../lib/wasm/compiled.ts";

const rng = () => new Rng(0);

/** The classical cycle with `before` and `after` smoothings, down to one point. */
function classical(n: number, before: number, after: number, dimension: 1 | 2 = 2): GridNetwork {
  const levels = Math.log2(n + 1);
  const counts = (count: number, last: number) =>
    Array.from({ length: levels }, (_, l) => l === levels - 1 ? last : count);
  return mgConv({
    dimension,
    n,
    levels,
    smoothings: counts(before, 1),
    postSmoothings: counts(after, 0),
    init: "classical",
    rng: rng(),
  });
}

function dot(a: RealArray, b: RealArray): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

/** I - B A for the five-point stencil, as a map. */
function errorMap(n: number, before: number, after: number) {
  const a = new FivePointStencil(n, n);
  const cycle = poissonVCycle(n, { smoothings: before, postSmoothings: after });
  const image = new Float64Array(n * n);
  return (x: Float64Array, out: Float64Array) => {
    a.apply(x, { out: image });
    cycle(image, out);
    for (let k = 0; k < x.length; k++) out[k] = x[k] - out[k];
  };
}

Deno.test("multigrid: one classical V-cycle on 7 x 7 ones, learned kernels and written-out loops", () => {
  const ones = new Float64Array(49).fill(1);
  for (const [after, centre, sum] of [[0, 4.02, 85], [1, 3.4552, 98.7248]]) {
    const u = classical(7, 1, after).forward(new Matrix(1, 49, ones)).data;
    const written = new Float64Array(49);
    poissonVCycle(7, { postSmoothings: after })(ones, written);
    for (const values of [u, written]) {
      assertAlmostEquals(values[24], centre, 1e-12);
      assertAlmostEquals(values.reduce((a, b) => a + b), sum, 1e-11);
    }
    if (after === 0) assertAlmostEquals(u[0], 0.56875, 1e-13);
  }
  const { x } = conjugateGradients(new FivePointStencil(7, 7), ones, { tolerance: 1e-14 });
  assertAlmostEquals(x[24], 4.658088235294118, 1e-12);
  assertAlmostEquals(x.reduce((a, b) => a + b), 136.90073529411765, 1e-10);
});

Deno.test("multigrid: the learned and the written-out V-cycle are the same map", () => {
  for (const [n, before, after] of [[1, 1, 0], [3, 2, 1], [15, 2, 2], [31, 1, 3]]) {
    const f = new Rng(n).normals(n * n);
    const out = new Float64Array(n * n);
    poissonVCycle(n, { smoothings: before, postSmoothings: after })(f, out);
    const { data } = classical(n, before, after).forward(new Matrix(1, n * n, f));
    data.forEach((value, k) => assertAlmostEquals(out[k], value, 1e-13));
  }
});

Deno.test("multigrid: V(1,1) on 7 x 7 is symmetric with known spectrum, V(1,0) is not symmetric", () => {
  const a = laplacian([7, 7]).toDense();
  const exact = inverse(a);
  const asymmetry = (b: Matrix) => spectralNorm(b.minus(b.transpose()));
  const symmetric = operatorMatrix(classical(7, 1, 1));
  assertLess(asymmetry(symmetric), 1e-14);
  const { values } = eig(Matrix.identity(49).minus(matmul(symmetric, a)));
  let radius = 0;
  for (let k = 0; k < 49; k++) radius = Math.max(radius, Math.hypot(values[2 * k], values[2 * k + 1]));
  assertAlmostEquals(radius, 0.3243892677, 1e-10);
  const distance = (b: Matrix) => spectralNorm(b.minus(exact)) / spectralNorm(exact);
  assertAlmostEquals(distance(symmetric), 0.2716078306, 1e-10);
  const plain = operatorMatrix(classical(7, 1, 0));
  assertAlmostEquals(distance(plain), 0.3562151279, 1e-10);
  let most = 0;
  plain.data.forEach((value, k) => most = Math.max(most, Math.abs(value - plain.transpose().data[k])));
  assertAlmostEquals(most, 0.04, 1e-12);
});

Deno.test("multigrid: convergence factors are those of theory; Jacobi's alone tends to 1", () => {
  const table: [number, number[]][] = [[7, [0.5696, 0.3244, 0.2177]], [15, [0.5923, 0.3511, 0.2297]], [31, [
    0.5981,
    0.3637,
    0.2350,
  ]]];
  for (const [n, factors] of table) {
    [[1, 0], [1, 1], [2, 1]].forEach(([before, after], k) => {
      const radius = spectralRadius(errorMap(n, before, after), n * n, { rng: rng(), steps: 60 });
      assertAlmostEquals(radius, factors[k], 5e-4, `V(${before},${after}), n = ${n}`);
    });
  }
  // Arnoldi's estimate against all eigenvalues.
  const whole = spectralRadius(errorMap(7, 1, 0), 49, { rng: rng(), steps: 49 });
  assertAlmostEquals(spectralRadius(errorMap(7, 1, 0), 49, { rng: rng(), steps: 30 }), whole, 1e-6);
  // The smoothest mode is an eigenvector of damped Jacobi.
  const n = 127;
  const mode = Float64Array.from(
    { length: n * n },
    (_, k) =>
      Math.sin(Math.PI * (Math.floor(k / n) + 1) / (n + 1)) * Math.sin(Math.PI * (k % n + 1) / (n + 1)),
  );
  const image = new FivePointStencil(n, n).apply(mode);
  const middle = (n * n - 1) / 2;
  assertAlmostEquals(1 - 0.8 / 4 * image[middle] / mode[middle], 0.9998, 5e-5);
});

Deno.test("multigrid: restriction and interpolation are adjoint; a constant is interpolated exactly", () => {
  const net = mgConv({ n: 7, levels: 2, init: "classical", rng: rng() });
  const kernel = (name: string) => net.tensors.find((tensor) => tensor.name === name)!.data;
  assertEquals([...kernel("R1")], [...kernel("P1")]);
  // S = 0 on the fine grid and the identity on the coarse one leave P R alone.
  for (const { name, data } of net.tensors) if (!/^[RP]\d/.test(name)) data.fill(0);
  kernel("S2.1")[4] = 1;
  const pr = operatorMatrix(net);
  pr.data.forEach((value, k) => assertAlmostEquals(value, pr.transpose().data[k], 1e-13));
  const u = net.forward(new Matrix(1, 49, new Float64Array(49).fill(1 / 4))).data;
  // R of 1/4 is 1 at every coarse point, and so is the interpolation away from the boundary.
  for (let i = 1; i < 6; i++) for (let j = 1; j < 6; j++) assertAlmostEquals(u[7 * i + j], 1, 1e-15);
});

Deno.test("mgno, criterion 7: numbers of parameters", () => {
  const line = (channels: number, residual = true) =>
    mgNo({ dimension: 1, n: 63, levels: 5, layers: 1, channels, activation: false, residual, rng: rng() })
      .parameters.length;
  assertEquals([1, 2, 4, 8].map((channels) => line(channels)), [82, 200, 580, 1916]);
  assertEquals(line(1, false), 70);
  const sizes = [[15, 3], [31, 4], [127, 6]].map(([n, levels]) =>
    mgNo({ dimension: 1, n, levels, layers: 1, channels: 1, activation: false, rng: rng() }).parameters.length
  );
  assertEquals(sizes, [46, 64, 100]);
  assertEquals(mgNo({ n: 15, levels: 3, layers: 3, channels: 8, rng: rng() }).parameters.length, 20418);
  const fourier = { n: 15, width: 12, modes: 3, padding: 3, head: 64, rng: rng() };
  assertEquals(fourierOperator(fourier).parameters.length, 22305);
  assertEquals(localOperator({ n: 15, width: 12, head: 64, rng: rng() }).parameters.length, 15969);
  // The released settings: their transposed kernels have 4 x 4 taps where ours have 3 x 3.
  const released = (n: number, levels: number, layers: number, taps: (level: number) => number) =>
    mgNo({ n, levels, layers, channels: 24, residual: false, dtype: "float32", rng: rng() }).tensors.reduce(
      (sum, { name, data }) => {
        const transposed = / P(\d)$/.exec(name);
        return sum + (transposed === null ? data.length : data.length / 9 * taps(Number(transposed[1])));
      },
      0,
    );
  assertEquals(released(127, 6, 4, () => 16), 572_661);
  // On 211, 106, 53, 27, 14, 7 points the released code takes 4 x 4 taps where the finer grid is even.
  assertEquals(released(127, 6, 5, (level) => [9, 16, 9, 9, 16][level - 1]), 678_093);
});

Deno.test("mgno, criterion 8: MgConv is linear", () => {
  for (const padding of ["zero", "circular", "reflect"] as GridPadding[]) {
    const n = { zero: 7, circular: 8, reflect: 9 }[padding];
    const net = mgConv({ n, levels: 3, channelsIn: 2, channelsOut: 3, padding, rng: rng() });
    const [f, g] = [1, 2].map((seed) => new Rng(seed).normalMatrix(2, 2 * n * n));
    const whole = net.forward(f.times(-1.7).plus(g)).data;
    const parts = net.forward(f).times(-1.7).plus(net.forward(g)).data;
    whole.forEach((value, k) => assertAlmostEquals(value, parts[k], 1e-12));
  }
});

Deno.test("multigrid: derivatives by every kernel are those of differences, three grids", () => {
  for (const padding of ["zero", "circular", "reflect"] as GridPadding[]) {
    for (const dimension of [1, 2] as const) {
      const n = { zero: 7, circular: 8, reflect: 9 }[padding];
      const options = { dimension, n, levels: 3, channelsIn: 2, channelsOut: 3, padding };
      const net = mgConv({ ...options, postSmoothings: [1, 2, 0], rng: rng() });
      const x = new Rng(1).normalMatrix(2, 2 * n ** dimension);
      const v = new Rng(2).normalMatrix(2, 3 * n ** dimension);
      const { parameters, inputs } = net.vjp(x, v, { inputs: true });
      const value = () => dot(net.forward(x).data, v.data);
      assertAlmostEquals(dot(inputs!.data, x.data), value(), 1e-11);
      let at = 0;
      for (const { name, data } of net.tensors) {
        for (const k of [0, data.length >> 1]) {
          const kept = data[k];
          const [above, below] = [1e-5, -1e-5].map((h) => {
            data[k] = kept + h;
            return value();
          });
          data[k] = kept;
          const gradient = parameters[at + k];
          assertAlmostEquals((above - below) / 2e-5, gradient, 1e-6 * (1 + Math.abs(gradient)), name);
        }
        at += data.length;
      }
    }
  }
});

Deno.test("multigrid: derivatives of the networks are those of differences", () => {
  const nets = {
    mgNo: mgNo({ n: 7, levels: 3, layers: 2, channels: 3, rng: rng() }),
    fourierOperator: fourierOperator({
      n: 7,
      width: 3,
      modes: 3,
      padding: 3,
      head: 5,
      layers: 2,
      rng: rng(),
    }),
    localOperator: localOperator({ n: 7, width: 3, head: 5, layers: 2, rng: rng() }),
  };
  const x = new Rng(1).normalMatrix(2, 49);
  const v = new Rng(2).normalMatrix(2, 49);
  for (const [name, net] of Object.entries(nets)) {
    const { parameters, inputs } = net.vjp(x, v, { inputs: true });
    const value = () => dot(net.forward(x).data, v.data);
    const derivative = (data: RealArray, k: number) => {
      const kept = data[k];
      const [above, below] = [1e-5, -1e-5].map((h) => {
        data[k] = kept + h;
        return value();
      });
      data[k] = kept;
      return (above - below) / 2e-5;
    };
    for (let k = 0; k < net.parameters.length; k += 29) {
      assertAlmostEquals(
        derivative(net.parameters, k),
        parameters[k],
        1e-6 * (1 + Math.abs(parameters[k])),
        name,
      );
    }
    for (const k of [0, 24, 97]) assertAlmostEquals(derivative(x.data, k), inputs!.data[k], 1e-6, name);
  }
});

Deno.test("multigrid: copies in WebAssembly give the bits of the loops", () => {
  for (const dtype of ["float32", "float64"] as const) {
    for (
      const [padding, dimension, n] of [["zero", 2, 15], ["reflect", 2, 9], ["circular", 1, 64]] as const
    ) {
      for (const batch of [1, 3, 8]) {
        const draws = rng();
        const options = { channelsIn: 2, channelsOut: 3, padding, dtype, rng: draws };
        const net = mgConv({ dimension, n, levels: 3, ...options });
        const x = draws.normalMatrix(batch, net.channelsIn * n ** dimension).astype(dtype);
        const cotangents = draws.normalMatrix(batch, net.channelsOut * n ** dimension).astype(dtype);
        const derivatives = () => net.vjp(x, cotangents, { inputs: true });
        assertEquals(derivatives(), withoutKernels(derivatives));
      }
    }
  }
});

Deno.test("multigrid: on a circle a V-cycle commutes with shifts by the coarsest mesh only", () => {
  const n = 16;
  const levels = 3;
  const net = mgConv({ dimension: 1, n, levels, padding: "circular", rng: rng() });
  const f = new Rng(1).normalMatrix(1, n);
  const shifted = (x: Matrix, by: number) => Matrix.from(1, n, (_, k) => x.data[(k - by + n) % n]);
  const u = net.forward(f);
  for (let by = 1; by < n; by++) {
    const distance = frobeniusError(net.forward(shifted(f, by)), shifted(u, by)).error;
    assertEquals(distance < 1e-13, by % 2 ** (levels - 1) === 0, `shift by ${by}: ${distance}`);
  }
});

Deno.test("multigrid: grids are halved as documented, and sizes that cannot be are refused by name", () => {
  for (const n of [127, 63, 31]) {
    assertEquals(mgConv({ dimension: 1, n, levels: 5, rng: rng() }).forward(Matrix.zeros(1, n)).columns, n);
  }
  assertThrows(
    () => mgConv({ dimension: 1, n: 30, levels: 4, rng: rng() }),
    RangeError,
    "`n` must be (m + 1) 2^3 - 1 for 4 levels with zero padding, got 30; near it are 15, 23, 31, 39",
  );
  // One point is allowed on the coarsest grid, none is not.
  assertEquals(mgConv({ dimension: 1, n: 7, levels: 3, rng: rng() }).n, 7);
  assertThrows(() => mgConv({ dimension: 1, n: 7, levels: 4, rng: rng() }), RangeError, "near it are 15, 23");
  assertThrows(() => mgConv({ n: 9, levels: 2, padding: "circular", rng: rng() }), RangeError, "m 2^1");
  assertThrows(
    () => mgConv({ n: 8, levels: 2, padding: "reflect", rng: rng() }),
    RangeError,
    "(m - 1) 2^1 + 1",
  );
  assertThrows(() => poissonVCycle(12), RangeError, "`n` must be 2^k - 1, got 12; near it are 7 and 15");
});

Deno.test("multigrid: wrong channels and counts are refused", () => {
  const net = mgConv({ n: 7, levels: 3, channelsIn: 2, rng: rng() });
  assertThrows(() => net.forward(Matrix.zeros(1, 49)), RangeError, "`x` must be 1 x 98, got 1 x 49");
  assertThrows(() => net.vjp(Matrix.zeros(1, 98), Matrix.zeros(1, 98)), RangeError, "`cotangents`");
  assertThrows(
    () => mgConv({ n: 7, levels: 3, smoothings: [0, 1, 1], rng: rng() }),
    RangeError,
    "`smoothings[0]`",
  );
  assertThrows(
    () => mgConv({ n: 7, levels: 3, smoothings: [1, 1], rng: rng() }),
    RangeError,
    "one per level",
  );
  assertThrows(
    () => mgConv({ n: 7, levels: 3, postSmoothings: [0, 0, 1], rng: rng() }),
    RangeError,
    "`postSmoothings[2]`",
  );
  assertThrows(
    () => mgConv({ n: 8, levels: 2, padding: "circular", init: "classical", rng: rng() }),
    RangeError,
    "`init`",
  );
  assertThrows(
    () => fourierOperator({ n: 5, modes: 5, padding: 3, rng: rng() }),
    RangeError,
    "`modes` must be at most 4",
  );
  assertThrows(
    () => localOperator({ n: 5, kernel: 4, rng: rng() }),
    RangeError,
    "`kernel` must be odd, got 4",
  );
});

Deno.test("multigrid: NaN in one function makes its output NaN, not the others", () => {
  const net = mgNo({ n: 7, levels: 3, layers: 2, channels: 2, rng: rng() });
  const f = new Rng(1).normalMatrix(2, 49);
  f.data[10] = NaN;
  const { data } = net.forward(f);
  assert(data.subarray(0, 49).every(Number.isNaN) && data.subarray(49).every(Number.isFinite));
});

Deno.test("multigrid: Green's function is the inverse of the second difference", () => {
  for (const n of [1, 2, 7]) {
    matmul(poissonGreen(n), laplacian(n).toDense()).data.forEach((value, k) =>
      assertAlmostEquals(value, k % (n + 1) === 0 ? 1 : 0, 1e-14)
    );
  }
});

Deno.test("multigrid: data are coefficients with their solutions, the same whatever their number", () => {
  for (const coefficient of ["trig", "rough"] as const) {
    const options = { coefficient, scales: 2, rng: rng() };
    const { coefficients, solutions } = darcyData(7, 3, options);
    const stream = rng().split(2);
    const a = coefficient === "trig"
      ? trigCoefficient(7, { scales: 2, rng: stream })
      : roughCoefficient(7, { rng: stream });
    assertEquals(coefficients.get(2, 7 * 3 + 5), a[9 * 4 + 6]);
    assertEquals(solutions.row(2), darcySolve(a).x);
    assertEquals(darcyData(7, 2, options).solutions.row(1), solutions.row(1));
  }
});

Deno.test("multigrid: best circulant, Toeplitz and low-rank approximations of Green's function", () => {
  const g = poissonGreen(63);
  assertAlmostEquals(bestCirculant(g).error, 0.4841623748, 1e-9);
  assertAlmostEquals(bestToeplitz(g).error, 0.3890451266, 1e-9);
  const ranks = [[1, 0.2761414183], [2, 0.1358320910], [4, 0.0581307892], [8, 0.0232480060]];
  for (const [rank, error] of ranks) {
    const best = bestRank(g, rank);
    assertAlmostEquals(best.error, error, 1e-9);
    assertAlmostEquals(frobeniusError(best.matrix, g).error, error, 1e-9);
    assertEquals(best.parameters, 126 * rank);
  }
  // Orthogonal projections: what is left over is orthogonal to what was found.
  for (const { matrix } of [bestCirculant(g), bestToeplitz(g)]) {
    assertLess(Math.abs(dot(matrix.data, g.minus(matrix).data)), 1e-9);
  }
  assertThrows(() => bestCirculant(Matrix.zeros(2, 3)), RangeError, "`g` must be square, got 2 x 3");
  assertThrows(() => bestToeplitz(Matrix.fromRows([[NaN]])), RangeError, "entry (0, 0) is NaN");
  assertThrows(() => bestRank(g, 64), RangeError, "`rank`");
});

Deno.test("multigrid: classical cycles as approximations of Green's function in one dimension", () => {
  const g = poissonGreen(63);
  for (const [before, after, error] of [[1, 0, 0.1880240], [1, 1, 0.1278738], [2, 2, 0.0848880]]) {
    const b = operatorMatrix(classical(63, before, after, 1));
    assertAlmostEquals(frobeniusError(b, g).error, error, 1e-6);
  }
});

Deno.test("multigrid: relative errors of both norms, with derivatives", () => {
  const [p, t] = [1, 2].map((seed) => new Rng(seed).normalMatrix(3, 16));
  for (const options of [{ norm: "h1" }, { norm: "l2" }, { norm: "h1", dimension: 1 }] as const) {
    const { error, cotangents } = relativeError(p, t, options);
    for (const k of [0, 21, 47]) {
      const at = (h: number) => {
        const moved = p.clone();
        moved.data[k] += h;
        return relativeError(moved, t, options).error;
      };
      assertAlmostEquals((at(1e-6) - at(-1e-6)) / 2e-6, cotangents.data[k], 1e-8);
    }
    // Homogeneous, 0 for the truth and 1 for zero.
    assertAlmostEquals(relativeError(p.times(3), t.times(3), options).error, error, 1e-14);
    assertEquals(relativeError(t, t, options).error, 0);
    assertAlmostEquals(relativeError(Matrix.zeros(3, 16), t, options).error, 1, 1e-15);
  }
  // The differences of a bump at one inner point: four of size 1 in two dimensions.
  const bump = Matrix.from(1, 9, (_, k) => k === 4 ? 1 : 0);
  const corner = Matrix.from(1, 9, (_, k) => k === 0 ? 2 : 0);
  assertAlmostEquals(
    relativeError(bump.plus(corner), corner, { norm: "h1" }).error,
    Math.sqrt(4 / 16),
    1e-15,
  );
  assertThrows(() => relativeError(p, Matrix.zeros(3, 16)), RangeError, "row 0");
  assertThrows(() => relativeError(Matrix.zeros(1, 15), Matrix.zeros(1, 15)), RangeError, "n^2 columns");
});

Deno.test("multigrid: Darcy flow with constant coefficient converges as the square of the mesh", () => {
  // The continuum's value in the middle, by its double sine series.
  let centre = 0;
  for (let j = 1; j < 400; j += 2) {
    for (let k = 1; k < 400; k += 2) {
      centre += 16 / (Math.PI ** 4 * j * k * (j * j + k * k)) * Math.sin(j * Math.PI / 2) *
        Math.sin(k * Math.PI / 2);
    }
  }
  assertAlmostEquals(centre, 0.0736713533, 1e-8);
  const errors = [7, 15, 31].map((n) =>
    darcySolve(new Float64Array((n + 2) ** 2).fill(1)).x[(n * n - 1) / 2] - centre
  );
  for (const k of [0, 1]) {
    const ratio = errors[k] / errors[k + 1];
    assert(ratio > 3.9 && ratio < 4.1, `${ratio}`);
  }
});

Deno.test("multigrid: Darcy flow solves its equations, and doubling the coefficient halves it", () => {
  for (const coefficient of [trigCoefficient(15, { rng: rng() }), roughCoefficient(15, { rng: rng() })]) {
    const { x: u, status } = darcySolve(coefficient);
    assertEquals(status, "converged");
    const n = 15;
    // Fluxes with harmonic means, point by point.
    const value = (i: number, j: number) => i < 1 || j < 1 || i > n || j > n ? 0 : u[(i - 1) * n + j - 1];
    const a = (i: number, j: number) => coefficient[i * (n + 2) + j];
    for (let i = 1; i <= n; i++) {
      for (let j = 1; j <= n; j++) {
        let sum = 0;
        for (const [y, x] of [[i - 1, j], [i + 1, j], [i, j - 1], [i, j + 1]]) {
          sum += 2 * a(i, j) * a(y, x) / (a(i, j) + a(y, x)) * (value(i, j) - value(y, x));
        }
        assertAlmostEquals(sum * (n + 1) ** 2, 1, 1e-8);
      }
    }
    const doubled = darcySolve(coefficient.map((entry) => 2 * entry)).x;
    doubled.forEach((entry, k) => assertAlmostEquals(2 * entry, u[k], 1e-11));
    const other = darcySolve(coefficient, { source: -3 }).x;
    other.forEach((entry, k) => assertAlmostEquals(entry, -3 * u[k], 1e-11));
  }
});

Deno.test("multigrid: in one dimension linear elements are exact at the nodes", () => {
  const n = 7;
  const h = 1 / (n + 1);
  const a = Float64Array.from({ length: n + 1 }, (_, cell) => 1 + cell % 3);
  const matrix = new CsrMatrix(
    n,
    n,
    Array.from({ length: n }, (_, k) => [
      [k, k, a[k] + a[k + 1]] as const,
      ...(k > 0 ? [[k, k - 1, -a[k]] as const] : []),
      ...(k < n - 1 ? [[k, k + 1, -a[k + 1]] as const] : []),
    ]).flat(),
  );
  const cycle = classical(n, 1, 1, 1);
  const { x: u, status } = conjugateGradients(matrix, new Float64Array(n).fill(h * h), {
    tolerance: 1e-13,
    preconditioner: (r, z) => z.set(cycle.forward(new Matrix(1, n, r)).data),
  });
  assertEquals(status, "converged");
  // a u' = C - x with C = int(x / a) / int(1 / a); on a cell both integrals are elementary.
  let [first, zeroth] = [0, 0];
  a.forEach((value, cell) => {
    first += h * (cell + 0.5) * h / value;
    zeroth += h / value;
  });
  let exact = 0;
  u.forEach((value, k) => {
    exact += (first / zeroth - (k + 0.5) * h) * h / a[k];
    assertAlmostEquals(value, exact, 1e-13);
  });
  const constant = conjugateGradients(laplacian(n), new Float64Array(n).fill(h * h)).x;
  assertAlmostEquals(constant[3], 1 / 8, 1e-14);
});

Deno.test("multigrid: coefficients are those of their formulas; bad ones are refused by place", () => {
  const n = 5;
  const a = trigCoefficient(n, { scales: 2, rng: new Rng(4) });
  const stream = new Rng(4);
  const q = [stream.uniform(1, 1.5), stream.uniform(2, 3)];
  for (const [i, j] of [[0, 0], [2, 5], [6, 1]]) {
    const [x, y] = [j / (n + 1), i / (n + 1)];
    const factors = q.map((frequency) =>
      (1 + Math.cos(frequency * Math.PI * (x + y)) / 2) *
      (1 + Math.sin(frequency * Math.PI * (y - 3 * x)) / 2)
    );
    assertAlmostEquals(a[i * (n + 2) + j], factors[0] * factors[1], 1e-14);
  }
  const weights = new Rng(4).normals(576);
  const rough = roughCoefficient(n, { rng: new Rng(4) });
  for (const [i, j] of [[0, 0], [2, 5], [6, 1]]) {
    let field = 0;
    for (let k = 0; k < 576; k++) {
      const [p, r] = [Math.floor(k / 24), k % 24];
      field += weights[k] * Math.cos(p * Math.PI * j / (n + 1)) * Math.cos(r * Math.PI * i / (n + 1)) /
        (Math.PI ** 2 * (p * p + r * r) + 25);
    }
    assertEquals(rough[i * (n + 2) + j], field >= 0 ? 12 : 3);
  }
  const ones = () => new Float64Array(81).fill(1);
  for (const bad of [NaN, 0, -1, Infinity]) {
    const broken = ones();
    broken[40] = bad;
    assertThrows(() => darcySolve(broken), RangeError, `entry 40 is ${bad}`);
  }
  assertThrows(() => darcySolve(new Float64Array(80)), RangeError, "(n + 2)^2 entries");
});

Deno.test("multigrid: conjugate gradients with a V-cycle take as many steps on every grid", () => {
  const steps = [15, 31, 63, 127].map((n) => {
    const f = new Rng(n).normals(n * n);
    const { iterations, status } = conjugateGradients(new FivePointStencil(n, n), f, {
      tolerance: 1e-10,
      preconditioner: poissonVCycle(n),
    });
    assertEquals(status, "converged");
    return iterations;
  });
  assert(Math.max(...steps) <= 13 && Math.max(...steps) - Math.min(...steps) <= 2, steps.join());
});

Deno.test("multigrid: training is the same for the same seed, in batches of a full pass each", () => {
  const x = new Rng(1).normalMatrix(6, 7);
  const y = new Rng(2).normalMatrix(6, 7);
  const train = () => {
    const net = mgConv({ dimension: 1, n: 7, levels: 3, rng: rng() });
    const { losses } = fitOperator(net, x, y, { steps: 20, batch: 4, loss: "l2", rng: new Rng(5) });
    return [...losses, ...net.parameters];
  };
  assertEquals(train(), train());
  const net = mgConv({ dimension: 1, n: 7, levels: 3, rng: rng() });
  const told: number[] = [];
  const { losses } = fitOperator(net, x, y, { steps: 3, loss: "l2", onStep: ({ loss }) => told.push(loss) });
  assertEquals(told, [...losses]);
  assertEquals(
    losses[0],
    relativeError(mgConv({ dimension: 1, n: 7, levels: 3, rng: rng() }).forward(x), y, {
      dimension: 1,
    }).error,
  );
  assertThrows(() => fitOperator(net, x, Matrix.zeros(6, 6)), RangeError, "`y`");
  assertThrows(() => fitOperator(net, x, y, { batch: 7, rng: rng() }), RangeError, "`batch`");
  assertThrows(() => fitOperator(net, x, y, { batch: 2 }), TypeError, "`rng`");
});

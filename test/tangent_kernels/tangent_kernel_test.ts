/**
 * Finite and infinite tangent kernels against the paper's closed values, automatic differentiation and
 * identities.
 */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Matrix, Rng } from "refigure/arrays";
import {
  circleEigenvalues,
  circlePoints,
  infiniteKernels,
  kernelPrincipalComponents,
  NtkMlp,
} from "refigure/tangent_kernels";
import { eigh } from "refigure/linalg";
import { withoutKernels } from "../../lib/wasm/module.ts";
import autodiff from "../fixtures/tangent_kernels/tangent_kernel.json" with { type: "json" };

const origin = circlePoints([0]);
const quarters = [0, Math.PI / 4, Math.PI / 2, 3 * Math.PI / 4, Math.PI];

function close(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  assertEquals(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    assertAlmostEquals(actual[i], expected[i], tolerance, `entry ${i}`);
  }
}

Deno.test("kernels on the circle at depths 2 to 5 have the oracle's values", () => {
  const at = (depth: number) => infiniteKernels(origin, { x2: circlePoints(quarters), depth });
  close(at(2).nngp.data, [0.265, 0.203729584807, 0.0936846249026, 0.0245143288158, 0.0105954700261], 1e-12);
  close(at(2).ntk.data, [0.52, 0.340533975651, 0.0962158337542, -0.0209605262935, -0.0113169678517], 1e-12);
  close(
    at(4).nngp.data,
    [0.08125, 0.0698672508195, 0.0557602776029, 0.0492393191221, 0.0480965897955],
    1e-12,
  );
  close(at(4).ntk.data, [0.2825, 0.169970509119, 0.092702110174, 0.0660364290307, 0.0643537701455], 1e-12);
  close(at(3).ntk.data, [0.4025, 0.249000711961, 0.107848586541, 0.0529360587342, 0.0519573675044], 1e-12);
  assertAlmostEquals(at(5).ntk.get(0, 0), 0.191875, 1e-15);
});

Deno.test("the diagonal follows its closed rule exactly", () => {
  const diagonal = (depth: number) => infiniteKernels(circlePoints([0.7]), { depth });
  [0.51, 0.265, 0.1425, 0.08125].forEach((s, l) =>
    assertAlmostEquals(diagonal(l + 1).nngp.get(0, 0), s, 1e-15)
  );
  [0.51, 0.52, 0.4025, 0.2825].forEach((t, l) => assertAlmostEquals(diagonal(l + 1).ntk.get(0, 0), t, 1e-15));
});

/** lambda_k = (1/pi) int_0^pi kernel cos(k gamma), by the trapezoidal rule, as in circulant matrices. */
function circle(depth: number, points: number): Float64Array {
  const angles = Array.from({ length: points }, (_, j) => 2 * Math.PI * j / points);
  return circleEigenvalues(infiniteKernels(origin, { x2: circlePoints(angles), depth }).ntk.data);
}

Deno.test("Fourier eigenvalues on the circle: N = 32, N = 64 and the continuum", () => {
  close(circle(4, 64).subarray(0, 6), [
    0.1234873621,
    0.0435608253,
    0.0177844036,
    0.0060305874,
    0.0032258279,
    0.0017775382,
  ], 1e-10);
  close(circle(4, 32).subarray(0, 6), [
    0.1235799461,
    0.0436536310,
    0.0178778958,
    0.0061252255,
    0.0033221174,
    0.0018759890,
  ], 1e-10);
  // The kernel has a kink at 0, so the circulant rule converges as 1/N^2: two sizes give the limit.
  const limit = (depth: number) => {
    const coarse = circle(depth, 8192);
    const fine = circle(depth, 16384);
    return Array.from({ length: 8 }, (_, k) => (4 * fine[k] - coarse[k]) / 3);
  };
  close(limit(4), [
    0.1234565886,
    0.04353003692,
    0.01775357057,
    0.005999679591,
    0.003194814975,
    0.001746389376,
    0.001225215534,
    0.0008358537647,
  ], 2e-10);
  close(
    limit(2).slice(0, 5),
    [0.1659314519, 0.1291337625, 0.0375474417, 0.001150093202, 0.003474459277],
    2e-10,
  );
});

Deno.test("circulant eigenvalues are the kernel matrix's; principal components have mean square 1", () => {
  const angles = Array.from({ length: 32 }, (_, j) => 2 * Math.PI * j / 32);
  const { ntk } = infiniteKernels(circlePoints(angles), { depth: 4 });
  const { values, functions } = kernelPrincipalComponents(ntk, 5);
  const fourier = circle(4, 32);
  close(values, [fourier[0], fourier[1], fourier[1], fourier[2], fourier[2]], 1e-13);
  for (let k = 0; k < 5; k++) {
    assertAlmostEquals(functions.column(k).reduce((sum, f) => sum + f * f / 32, 0), 1, 1e-12);
  }
  assertThrows(() => kernelPrincipalComponents(ntk, 33), RangeError, "`m` must be an integer from 1 to 32");
});

Deno.test("without biases the kernels are homogeneous of degree 2, and always positive semidefinite", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1000 }),
      fc.double({ min: 0.1, max: 10, noNaN: true }),
      (seed, c) => {
        const x = new Rng(seed).normalMatrix(4, 3);
        for (const depth of [1, 2, 4]) {
          const one = infiniteKernels(x, { depth, beta: 0 }).ntk;
          close(
            infiniteKernels(x.times(c), { depth, beta: 0 }).ntk.data,
            one.times(c * c).data,
            1e-11 * (1 + c * c * 10),
          );
          const { values } = eigh(infiniteKernels(x, { depth }).ntk);
          assert(values[0] > -1e-12 * values[3]);
          for (const activation of ["relu", "erf"] as const) {
            const both = infiniteKernels(x, { x2: x.clone(), depth, activation });
            const half = infiniteKernels(x, { depth, activation });
            close(both.ntk.data, half.ntk.data, 1e-14 * (1 + Math.max(...both.ntk.data)));
          }
        }
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("erf expectations agree with averages over draws", () => {
  const x = Matrix.fromRows([[1, 0.2], [-0.3, 0.8]]);
  const first = infiniteKernels(x, { depth: 1, activation: "erf" }).nngp;
  const second = infiniteKernels(x, { depth: 2, activation: "erf" });
  let nngp = 0;
  let slope = 0;
  const rng = new Rng(5);
  const draws = 400_000;
  const a = first.get(0, 0);
  const b = first.get(0, 1);
  const c = first.get(1, 1);
  const erf = (v: number) => {
    const t = 1 / (1 + 0.5 * Math.abs(v)); // Numerical Recipes' erfc, relative error 1.2e-7.
    const series = [
      1.00002368,
      0.37409196,
      0.09678418,
      -0.18628806,
      0.27886807,
      -1.13520398,
      1.48851587,
      -0.82215223,
      0.17087277,
    ];
    const poly = series.reduceRight((sum, s) => sum * t + s, 0);
    return Math.sign(v) * (1 - t * Math.exp(-v * v - 1.26551223 + t * poly));
  };
  for (let i = 0; i < draws; i++) {
    const g = rng.normal();
    const u = Math.sqrt(a) * g;
    const v = b / Math.sqrt(a) * g + Math.sqrt(c - b * b / a) * rng.normal();
    nngp += erf(u) * erf(v) / draws;
    slope += 4 / Math.PI * Math.exp(-u * u - v * v) / draws;
  }
  assertAlmostEquals(second.nngp.get(0, 1), nngp + 0.01, 2e-3);
  assertAlmostEquals(second.ntk.get(0, 1), b * slope + nngp + 0.01, 2e-3);
});

Deno.test("linear activations would see only constants and first harmonics; depth 1 shows it", () => {
  const spectrum = circle(1, 32);
  assertAlmostEquals(spectrum[0], 0.01, 1e-14);
  assertAlmostEquals(spectrum[1], 0.25, 1e-14);
  for (let k = 2; k <= 16; k++) assertAlmostEquals(spectrum[k], 0, 1e-14);
});

for (const fixture of autodiff) {
  Deno.test(`kernel, outputs and training equal automatic differentiation (${fixture.activation})`, () => {
    const net = new NtkMlp({
      inputs: 3,
      width: 7,
      depth: 4,
      activation: fixture.activation as "relu" | "erf",
      rng: new Rng(0),
    });
    fixture.weights.forEach((w, l) => net.weights[l].data.set(w));
    fixture.biases.forEach((b, l) => net.biases[l].set(b));
    const x = Matrix.fromRows(fixture.x);
    close(net.forward(x), fixture.outputs, 1e-12);
    close(net.tangentKernel(x).data, fixture.kernel.flat(), 1e-10);
    const jacobian = net.jacobian(x);
    for (let i = 0; i < 5; i++) {
      for (let j = 0; j < 5; j++) {
        const product = jacobian.row(i).reduce((sum, v, p) => sum + v * jacobian.get(j, p), 0);
        assertAlmostEquals(product, fixture.kernel[i][j], 1e-10);
      }
    }
    assertAlmostEquals(net.gradientStep(x, fixture.y, 0.3), fixture.cost, 1e-12);
    net.gradientStep(x, fixture.y, 0.3);
    net.gradientStep(x, fixture.y, 0.3);
    close(net.forward(x), fixture.trained, 1e-11);
  });
}

Deno.test("single precision follows double; rectangular kernels are blocks of square ones", () => {
  const x = new Rng(3).normalMatrix(6, 2);
  const wide = new NtkMlp({ inputs: 2, width: 40, depth: 4, rng: new Rng(1) });
  const single = new NtkMlp({ inputs: 2, width: 40, depth: 4, dtype: "float32", rng: new Rng(1) });
  const square = wide.tangentKernel(x);
  close(single.tangentKernel(x).data, square.data, 1e-5);
  close(wide.tangentKernel(x.slice(0, 2), { x2: x }).data, square.slice(0, 2).data, 1e-13);
});

Deno.test("depth 2: the mean is the limit at every width, the spread is q sqrt(3/n) (criterion 8)", () => {
  const x = origin;
  const q = 0.51;
  for (const [width, sd] of [[50, 0.12492], [500, 0.03950]]) {
    assertAlmostEquals(q * Math.sqrt(3 / width), sd, 1e-5);
    const draws = 3000;
    const rng = new Rng(width);
    let sum = 0;
    let squares = 0;
    for (let r = 0; r < draws; r++) {
      const theta = new NtkMlp({ inputs: 2, width, depth: 2, rng: rng.split(r) }).tangentKernel(x).get(0, 0) -
        0.52;
      sum += theta / draws;
      squares += theta * theta / draws;
    }
    assert(Math.abs(sum) < 4 * sd / Math.sqrt(draws));
    assertAlmostEquals(Math.sqrt(squares - sum * sum) / sd, 1, 0.08);
  }
});

Deno.test("bad input is named", () => {
  const x = origin;
  assertThrows(
    () => infiniteKernels(x, { depth: 0 }),
    RangeError,
    "`depth` must be an integer of at least 1",
  );
  assertThrows(() => infiniteKernels(x, { depth: 2, beta: -1 }), RangeError, "`beta`");
  assertThrows(
    () => infiniteKernels(x, { x2: Matrix.zeros(1, 3), depth: 2 }),
    RangeError,
    "`x2` must have 2 columns",
  );
  const options = { inputs: 2, width: 4, depth: 2, rng: new Rng(0) };
  assertThrows(
    () => new NtkMlp({ ...options, width: 0 }),
    RangeError,
    "`width` must be an integer of at least 1, got 0",
  );
  assertThrows(() => new NtkMlp({ ...options, depth: 0 }), RangeError, "`depth`");
  assertThrows(() => new NtkMlp({ ...options, beta: -0.1 }), RangeError, "`beta`");
  assertThrows(
    () => new NtkMlp({ ...options, activation: "tanh" as "erf" }),
    TypeError,
    "`activation` must be",
  );
  assertThrows(() => new NtkMlp(options).forward(Matrix.zeros(1, 3)), RangeError, "`x` must have 2 columns");
  assertThrows(
    () => new NtkMlp(options).gradientStep(x, [1, 2], 1),
    RangeError,
    "`y` must have length 1, got 2",
  );
});

Deno.test("compiled loops and those in TypeScript give the same bits, at any size", () => {
  const rng = new Rng(4);
  const points = rng.normalMatrix(23, 3);
  // Points that are there twice or mirrored, small ones and zeros.
  const others = Matrix.from(
    9,
    3,
    (i, j) => [points.get(i, j), -points.get(i, j), i * 1e-9 * rng.normal(), 0][i % 4],
  );
  for (const activation of ["relu", "erf"] as const) {
    for (const beta of [0, 0.1]) {
      for (const [x1, x2] of [[points, others], [others, points], [points, points]]) {
        const run = () => infiniteKernels(x1, { x2, depth: 4, beta, activation });
        assertEquals(run(), withoutKernels(run));
      }
    }
  }
});

/** The ball against values in 40-digit arithmetic, closed forms and the identities of gyrovector spaces. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  betaRatio,
  exp0Gradient,
  log0Gradient,
  mobiusAddGradient,
  PoincareBall,
  poincareInit,
  poincareLinear,
} from "../../lib/hyperbolic/mod.ts";

const x = Float64Array.of(0.3, -0.2, 0.5);
const y = Float64Array.of(-0.1, 0.4, 0.2);
const v = Float64Array.of(0.7, 0.1, -0.3);
const w = Float64Array.of(0.1, -0.6, 0.2);
const Z = Matrix.fromRows([[0.5, 0.2], [-0.3, 0.1], [0.4, -0.6]]);
const r = Float64Array.of(0.1, -0.2);
const negative = (a: Float64Array) => a.map((value) => -value);

function assertClose(given: ArrayLike<number>, wanted: readonly number[], tolerance = 1e-13) {
  assertEquals(given.length, wanted.length);
  wanted.forEach((value, i) => assertAlmostEquals(given[i], value, tolerance));
}

Deno.test("the ball agrees with 40-digit arithmetic, c = 1", () => {
  const ball = new PoincareBall({ c: 1 });
  assertClose(ball.mobiusAdd(x, y), [0.27835440649179, 0.0094357425929421, 0.67842989243253]);
  assertClose(ball.mobiusAdd(y, x), [0.095301000188715, 0.36421966408756, 0.62936403094924]);
  assertAlmostEquals(ball.distance(x, y), 1.9221042173261, 1e-12);
  assertClose(ball.exp0(v), [0.58856094505828, 0.084080135008326, -0.25224040502498]);
  assertClose(ball.log0(x), [0.35003082207414, -0.23335388138276, 0.5833847034569]);
  assertClose(ball.exp(x, v), [0.74898840239978, -0.21497024105979, 0.5123354237783]);
  assertClose(ball.log(x, y), [-0.31354084209894, 0.3593716380438, -0.35718921918928]);
  assertClose(ball.transport(x, y, v), [0.82506291466484, 0.16690336659451, -0.49931981767946]);
  assertClose(ball.gyration(x, y, w), [-0.014115870919041, -0.63098697867522, -0.10796376674844]);
  const points = Matrix.fromRows([x, y, w]);
  const midpoint = ball.midpoint(points);
  const { mean, status } = ball.frechetMean(points, { tolerance: 1e-15 });
  assertEquals(status, "converged");
  assertClose(midpoint, [0.09361708638599, -0.14807279813452, 0.24855296462343]);
  assertClose(mean, [0.10258040777229, -0.15669877683715, 0.25729998304712]);
  assertAlmostEquals(ball.distance(midpoint, mean), 0.033675634550616, 1e-12);
  assertClose(ball.hyperplaneLogits(x, Z, r), [1.6578271625362, -0.61829163926715]);
  assertClose(ball.linear(x, Z, r), [0.66582393708299, -0.17337511273215]);
  assertClose(ball.log0(ball.linear(x, Z, r)), [0.81695633000709, -0.21272875293844]);
});

Deno.test("the ball agrees with 40-digit arithmetic, c = 0.1", () => {
  const ball = new PoincareBall({ c: 0.1 });
  assertClose(ball.mobiusAdd(x, y), [0.2097521220507, 0.18121782382424, 0.70274469912835]);
  assertAlmostEquals(ball.distance(x, y), 1.5927050866437, 1e-12);
  assertClose(ball.exp0(v), [0.68655064907279, 0.098078664153256, -0.29423599245977]);
  assertClose(ball.log(x, y), [-0.39484041030074, 0.57732309062578, -0.3125615850334]);
  assertClose(ball.transport(x, y, v), [0.70758289677623, 0.10247834604515, -0.31600833902085]);
  const points = Matrix.fromRows([x, y, w]);
  assertClose(ball.midpoint(points), [0.099010669859743, -0.13401064731047, 0.29408343024582]);
  assertClose(
    ball.frechetMean(points, { tolerance: 1e-15 }).mean,
    [0.10010693152676, -0.13544657019322, 0.29496520484985],
  );
  assertClose(ball.hyperplaneLogits(x, Z, r), [1.3807594594247, -0.53399859541082]);
  assertClose(ball.log0(ball.linear(x, Z, r)), [0.68752153160297, -0.25885551198642]);
});

Deno.test("the fused layer is the layer of the ball between exp0 and log0", () => {
  for (const c of [0.1, 1, 2]) {
    const ball = new PoincareBall({ c });
    for (const point of [x, y, w]) {
      const fused = poincareLinear(
        new Matrix(1, 3, ball.log0(point)),
        Z,
        new Matrix(1, 2, r),
        { c },
      );
      assertClose(fused.data, [...ball.log0(ball.linear(point, Z, r))], 1e-14);
    }
  }
});

Deno.test("on a line the midpoint and the Fréchet mean have closed forms", () => {
  const ball = new PoincareBall({ c: 1 });
  const rapidities = [0.4, 1, -2];
  const points = Matrix.fromRows(rapidities.map((rho) => [Math.tanh(rho / 2), 0]));
  const rapidityOf = (point: Float64Array) => 2 * Math.atanh(point[0]);
  const sum = (f: (rho: number) => number) => rapidities.reduce((total, rho) => total + f(rho), 0);
  assertAlmostEquals(rapidityOf(ball.midpoint(points)), -0.33117186498748, 1e-13);
  assertAlmostEquals(rapidityOf(ball.midpoint(points)), Math.atanh(sum(Math.sinh) / sum(Math.cosh)), 1e-14);
  assertAlmostEquals(rapidityOf(ball.frechetMean(points, { tolerance: 1e-15 }).mean), -0.2, 1e-13);
});

Deno.test("identities: cancellation, invariance, inverse maps, transport, midpoints", () => {
  for (const c of [0.1, 1, 2]) {
    const ball = new PoincareBall({ c });
    const rng = new Rng(3);
    for (let k = 0; k < 20; k++) {
      const [a, p, q, u] = Array.from({ length: 4 }, () => ball.exp0(rng.normals(4, 0.6 / Math.sqrt(c))));
      assertClose(ball.mobiusAdd(negative(p), p), [0, 0, 0, 0]);
      assertClose(ball.mobiusAdd(negative(p), ball.mobiusAdd(p, q)), [...q], 1e-12);
      assertAlmostEquals(
        ball.distance(ball.mobiusAdd(a, p), ball.mobiusAdd(a, q)),
        ball.distance(p, q),
        1e-10 * ball.distance(p, q),
      );
      assertClose(ball.exp(p, ball.log(p, q)), [...q], 1e-12);
      const moved = ball.transport(p, q, u);
      assertAlmostEquals(
        ball.conformalFactor(q) * Math.hypot(...moved) / (ball.conformalFactor(p) * Math.hypot(...u)),
        1,
        1e-12,
      );
      // The closed form of the gyration is its definition.
      const byDefinition = ball.mobiusAdd(
        negative(ball.mobiusAdd(p, q)),
        ball.mobiusAdd(p, ball.mobiusAdd(q, u)),
      );
      assertClose(ball.gyration(p, q, u), [...byDefinition], 1e-10);
      assertAlmostEquals(Math.hypot(...ball.gyration(p, q, u)), Math.hypot(...u), 1e-12);
      const pair = Matrix.fromRows([p, q]);
      const half = ball.midpoint(pair);
      assertAlmostEquals(ball.distance(half, p), ball.distance(half, q), 1e-11);
      assertClose(ball.frechetMean(pair, { tolerance: 1e-15 }).mean, [...half], 1e-11);
      assertClose(ball.midpoint(Matrix.fromRows([p, p, p])), [...p], 1e-14);
      const three = [p, q, u];
      const shifted = Matrix.fromRows(three.map((point) => ball.mobiusAdd(a, point)));
      assertClose(
        ball.midpoint(shifted),
        [...ball.mobiusAdd(a, ball.midpoint(Matrix.fromRows(three)))],
        1e-12,
      );
      // Weights count points.
      assertClose(
        ball.midpoint(Matrix.fromRows([p, q]), [2, 1]),
        [...ball.midpoint(Matrix.fromRows([p, p, q]))],
        1e-13,
      );
    }
  }
});

Deno.test("for c -> 0 the ball is flat, with lengths doubled", () => {
  const ball = new PoincareBall({ c: 1e-12 });
  assertClose(ball.mobiusAdd(x, y), [0.2, 0.2, 0.7], 1e-11);
  assertAlmostEquals(ball.distance(x, y), 2 * Math.hypot(0.4, 0.6, 0.3), 1e-10);
  assertClose(ball.midpoint(Matrix.fromRows([x, y])), [0.1, 0.1, 0.35], 1e-11);
  const zero = Float64Array.of(0, 0);
  const linear = [0, 1].map((k) => x.reduce((sum, value, i) => sum + value * Z.get(i, k), 0));
  assertClose(ball.hyperplaneLogits(x, Z, zero), linear.map((value) => 4 * value), 1e-10);
  assertClose(ball.linear(x, Z, zero), linear.map((value) => 2 * value), 1e-10);
});

Deno.test("bad points, curvatures and sizes are refused; project moves points inside", () => {
  for (const c of [0, -1, NaN, Infinity]) {
    assertThrows(() => new PoincareBall({ c }), RangeError, "`c` must be a finite number > 0");
  }
  const ball = new PoincareBall({ c: 4 });
  assertThrows(() => ball.log0([0.3, 0.4]), RangeError, "outside the ball of radius 1/√c = 0.5");
  assertThrows(() => ball.midpoint(Matrix.fromRows([[0.1, 0], [0.5, 0]])), RangeError, "`x, row 1`");
  assertThrows(() => ball.distance([0.1], [0.1, 0.2]), RangeError, "`y` must have length 1, got 2");
  assertThrows(
    () => ball.midpoint(Matrix.zeros(0, 3)),
    RangeError,
    "`x.rows` must be an integer of at least 1",
  );
  assertThrows(() => ball.frechetMean(Matrix.zeros(0, 3)), RangeError, "`x.rows`");
  assertThrows(() => ball.midpoint(Matrix.zeros(2, 3), [1, 0]), RangeError, "`weights[1]`");
  assertThrows(() => ball.exp0([NaN]), RangeError, "entry 0 is NaN");
  assertThrows(() => ball.linear([0.1, 0.1], Z, r), RangeError, "`Z` must have 2 rows");
  const lenient = new PoincareBall({ c: 4, project: true, projectEps: 0.1 });
  assertClose(lenient.project([3, 4]), [0.27, 0.36]);
  assertClose(lenient.exp0([30, 40]), [0.27, 0.36]);
  assert(Number.isFinite(lenient.log0([3, 4])[0]));
  // Without it a vector so long that its point rounds to the boundary is an error, not an infinity.
  assertThrows(() => ball.exp0([30, 40]), RangeError, "`exp0(v)`");
});

Deno.test("a column of zeros gives the output 0; one iteration is not enough and the mean tells", () => {
  const ball = new PoincareBall({ c: 1 });
  const out = ball.linear(x, Matrix.fromRows([[0.5, 0], [-0.3, 0], [0.4, 0]]), [0, 0]);
  assertAlmostEquals(out[1], 0, 1e-14);
  const { status, advice, iterations } = ball.frechetMean(Matrix.fromRows([x, y, w]), { maxIterations: 1 });
  assertEquals([status, iterations], ["step-limit", 1]);
  assert(advice?.includes("maxIterations"));
});

Deno.test("beta ratios: the tabulated ones, and the recurrence meets the asymptotic series", () => {
  const table = { 3: 0.309962034, 8: 0.324227368, 16: 0.328739030, 32: 0.331026957, 64: 0.332177986 };
  for (const [channels, ratio] of Object.entries(table)) {
    assertAlmostEquals(betaRatio(Number(channels), 9 * Number(channels)), ratio, 1e-9);
  }
  // B(a/2, 1/2) B((a + 1)/2, 1/2) = 2 pi / a, on either side of the switch at 200.
  for (const a of [199, 200, 201, 202]) {
    const product = betaRatio(1, a) * betaRatio(1, a + 1) * Math.PI ** 2;
    assertAlmostEquals(product * a / (2 * Math.PI), 1, 1e-12);
  }
});

/** The central difference of f in direction e_i. */
function slope(f: (z: Float64Array) => number, z: Float64Array, i: number, h: number): number {
  const at = (step: number) => f(z.map((value, j) => j === i ? value + step : value));
  return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
}

Deno.test("poincare-resnet, criterion 8: backward passes of exp0, log0 and ⊕, also at the edges", () => {
  const rng = new Rng(5);
  const inner = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum;
  };
  const check = (given: ArrayLike<number>, f: (z: Float64Array) => number, z: Float64Array, h: number) => {
    const scale = Math.max(...Array.from(given, Math.abs));
    for (let i = 0; i < z.length; i++) {
      assertAlmostEquals(given[i], slope(f, z, i, h), 1e-6 * scale, `entry ${i}`);
    }
  };
  for (const c of [0.1, 1]) {
    const ball = new PoincareBall({ c });
    for (const size of [1e-12, 1e-3, 0.5, Math.sqrt(0.99)]) {
      const direction = rng.sphere(4);
      const upstream = rng.normals(4);
      const point = direction.map((value) => value * size / Math.sqrt(c));
      const h = Math.max(1e-4 * (1 - size * size), 1e-6) / Math.sqrt(c) / (size > 0.9 ? 4 : 1);
      check(exp0Gradient(point, upstream, { c }), (z) => inner(upstream, ball.exp0(z)), point, h);
      check(log0Gradient(point, upstream, { c }), (z) => inner(upstream, ball.log0(z)), point, h);
      const other = rng.sphere(4).map((value) => value * 0.6 / Math.sqrt(c));
      const found = mobiusAddGradient(point, other, upstream, { c });
      check(found.x, (z) => inner(upstream, ball.mobiusAdd(z, other)), point, h);
      check(found.y, (z) => inner(upstream, ball.mobiusAdd(point, z)), other, 1e-4 / Math.sqrt(c));
      const ofC = slope(
        ([value]) => inner(upstream, new PoincareBall({ c: value }).mobiusAdd(point, other)),
        Float64Array.of(c),
        0,
        1e-4 * c,
      );
      assertAlmostEquals(found.c, ofC, 1e-6 * Math.max(Math.abs(ofC), 1e-3));
    }
  }
});

Deno.test("start values: shapes, norms and the official order of a convolution's inputs", () => {
  const q = poincareInit("orthogonal", 6, 4, { rng: new Rng(1) });
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 4; j++) {
      const product = q.column(i).reduce((sum, value, k) => sum + value * q.get(k, j), 0);
      assertAlmostEquals(product, i === j ? 0.25 : 0, 1e-14);
    }
  }
  assertEquals(poincareInit("orthogonal", 4, 6, { rng: new Rng(1) }).columns, 6);
  const hnn = poincareInit("hnn++", 200, 100, { rng: new Rng(2) });
  assertAlmostEquals(hnn.data.reduce((sum, value) => sum + value * value, 0) * 2, 1, 0.05);
  // Output 10 reads channel 1 at tap 1: row 1 * channels + 1.
  const official = poincareInit("identity-official", 27, 12, { taps: 9 });
  assertEquals(official.get(3 * 1 + 1, 10), 0.5);
  assertEquals(official.data.reduce((sum, value) => sum + value, 0), 6);
  const center = poincareInit("identity-center", 27, 3, { taps: 9 });
  assertAlmostEquals(center.get(4 * 3 + 2, 2), 0.5 / betaRatio(3, 27), 1e-15);
  assertThrows(() => poincareInit("hnn++", 2, 2), TypeError, "`rng` must be an Rng");
  assertThrows(() => poincareInit("eye" as never, 2, 2), TypeError, '`kind` must be "identity"');
  assertThrows(() => poincareInit("identity", 10, 2, { taps: 9 }), RangeError, "multiple of `taps` = 9");
  assertThrows(() => poincareInit("identity-center", 8, 2, { taps: 4 }), RangeError, "must be odd");
});

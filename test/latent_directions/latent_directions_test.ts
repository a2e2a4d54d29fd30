import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import { blasInfo, gram, matmul, withEngine } from "refigure/blas";
import { frobeniusNorm, haarOrthogonal, singularValues, svd } from "refigure/linalg";
import {
  HouseholderProjector,
  nearestPartialIsometry,
  perceptualInterpretablePathLength,
  sefaDirections,
} from "refigure/latent_directions";
import { warningsOf } from "../optimizers/warnings_of.ts";

const engines = blasInfo().engine === "native" ? ["native", "portable"] as const : ["portable"] as const;

/** Largest entry of a difference. */
function difference(a: Matrix, b: Matrix): number {
  assertEquals([a.rows, a.columns], [b.rows, b.columns]);
  return a.minus(b).data.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);
}

function sumOf(a: Matrix, weight: Matrix): number {
  return a.data.reduce((sum, x, k) => sum + x * weight.data[k], 0);
}

const product = ({ u, v }: { u: Matrix; v: Matrix }) => matmul(u, v, { transposeB: true });

for (const engine of engines) {
  const test = (name: string, f: () => void) =>
    Deno.test(`latent directions: ${name}, ${engine}`, () => withEngine(engine, f));

  test("a projector of sines and cosines (oracle)", () => {
    const projector = new HouseholderProjector(4, 4, { rank: 4, rng: new Rng(0) });
    projector.outputReflectors.data.set(Matrix.from(4, 4, (i, j) => Math.sin(1 + i + 4 * j)).data);
    projector.inputReflectors.data.set(Matrix.from(4, 4, (i, j) => Math.cos(1 + 2 * i + 3 * j)).data);
    // Rank 2 of the square form: the first two columns of both whole products.
    const u = projector.responses().slice(0, 4, 0, 2);
    const a = product({ u, v: projector.directions().slice(0, 4, 0, 2) });
    const rows = {
      0: [0.122277039009, -0.323738728079, 0.103230015766, -0.064555532057],
      3: [0.749124805092, -0.037194397629, 0.148389947662, 0.048762945541],
    };
    for (const [i, row] of Object.entries(rows)) {
      row.forEach((entry, j) => assertAlmostEquals(a.get(Number(i), j), entry, 1e-11));
    }
    assertAlmostEquals(frobeniusNorm(a), Math.SQRT2, 1e-14);
  });

  test("the nearest members of a 3 x 2 matrix (oracle)", () => {
    const a = Matrix.fromRows([[2, 1], [0, 1], [1, 0]]);
    const s = singularValues(a);
    [Math.sqrt(6), 1].forEach((value, i) => assertAlmostEquals(s[i], value, 1e-14));
    const expected = [
      [[0.816496580928, 0.408248290464], [0.163299316186, 0.081649658093], [0.326598632371, 0.163299316186]],
      [[0.816496580928, 0.408248290464], [-0.236700683814, 0.881649658093], [
        0.526598632371,
        -0.236700683814,
      ]],
    ];
    [1.7609714689, Math.sqrt(6) - 1].forEach((distance, i) => {
      const nearest = nearestPartialIsometry(a, i + 1);
      assertAlmostEquals(nearest.distance, distance, 1e-10);
      assertLess(difference(product(nearest), Matrix.fromRows(expected[i])), 1e-11);
      const projector = HouseholderProjector.fromMatrix(a, { rank: i + 1 });
      assertLess(difference(projector.matrix(), product(nearest)), 1e-14);
    });
  });

  test("the spectrum is rank ones, and A Aᵀ A = A, for any reflectors, tall, square and wide", () => {
    for (const [outputs, inputs, rank] of [[16, 9, 5], [7, 12, 7], [8, 8, 1], [10, 10, 10]]) {
      const projector = new HouseholderProjector(outputs, inputs, { rank, rng: new Rng(outputs) });
      const a = projector.matrix();
      singularValues(a).forEach((s, i) => assertAlmostEquals(s, i < rank ? 1 : 0, 1e-12));
      const v = projector.directions();
      assertLess(difference(gram(a), matmul(v, v, { transposeB: true })), 1e-12);
      assertLess(difference(matmul(a, gram(a)), a), 1e-12);
      const doubled = new HouseholderProjector(outputs, inputs, { rank, gain: 2, rng: new Rng(outputs) });
      assertLess(difference(doubled.matrix(), a.times(2)), 1e-15);
    }
  });

  test("a step along a direction has the length of its response; orthogonal latents change nothing", () => {
    const projector = new HouseholderProjector(12, 9, { rank: 4, gain: 0.7, rng: new Rng(1) });
    const directions = projector.directions();
    const styles = projector.forward(directions.transpose());
    assertLess(difference(styles, projector.responses().transpose().times(0.7)), 1e-14);
    assertLess(difference(gram(styles, { side: "right" }), Matrix.identity(4).times(0.49)), 1e-14);
    const w = new Rng(2).normalMatrix(3, 9);
    const rest = w.minus(matmul(matmul(w, directions), directions, { transposeB: true }));
    assertLess(frobeniusNorm(projector.forward(rest)), 1e-14);
    assertLess(difference(projector.forward(w), matmul(w, projector.matrix(), { transposeB: true })), 1e-14);
  });

  test("the matrix does not tell which directions: any rotation of both sides gives it (oracle)", () => {
    const projector = new HouseholderProjector(9, 6, { rank: 4, rng: new Rng(3) });
    const u = projector.responses();
    const v = projector.directions();
    const r = haarOrthogonal(4, { rng: new Rng(4) });
    assertLess(difference(product({ u: matmul(u, r), v: matmul(v, r) }), projector.matrix()), 1e-14);
    // So singular vectors are another basis of the same space.
    const read = sefaDirections(projector.matrix(), 4).directions;
    const cosines = matmul(v, read, { transposeA: true });
    assertLess(difference(gram(cosines), Matrix.identity(4)), 1e-12);
    assert(Math.max(...cosines.data.map(Math.abs)) < 0.999);
  });

  test("no random member is nearer than the nearest, whose distance has a closed form", () => {
    const rng = new Rng(5);
    const a = rng.normalMatrix(10, 7);
    for (const rank of [1, 4, 7]) {
      const nearest = nearestPartialIsometry(a, rank);
      const distance = frobeniusNorm(a.minus(HouseholderProjector.fromMatrix(a, { rank }).matrix()));
      assertAlmostEquals(distance, nearest.distance, 1e-13);
      for (let k = 0; k < 200; k++) {
        const other = new HouseholderProjector(10, 7, { rank, rng: rng.split(k) });
        assert(frobeniusNorm(a.minus(other.matrix())) > distance);
        // Neither is one close by.
        const moved = HouseholderProjector.fromMatrix(a, { rank });
        for (const { data } of [moved.inputReflectors, moved.outputReflectors]) {
          for (let i = 0; i < data.length; i++) data[i] += 1e-3 * rng.normal();
        }
        assert(frobeniusNorm(a.minus(moved.matrix())) > distance);
      }
    }
  });

  test("a start from orthonormal columns of either determinant, also at full rank", () => {
    const q = haarOrthogonal(6, { rng: new Rng(6) });
    for (const sign of [1, -1]) {
      const a = q.map((x, i) => i === 0 ? sign * x : x);
      assertLess(difference(HouseholderProjector.fromMatrix(a, { rank: 6 }).matrix(), a), 1e-14);
    }
    assertLess(
      difference(
        HouseholderProjector.fromMatrix(Matrix.identity(3), { rank: 3 }).matrix(),
        Matrix.identity(3),
      ),
      1e-15,
    );
  });

  test("gradients agree with central differences", () => {
    const rng = new Rng(7);
    const projector = new HouseholderProjector(6, 5, { rank: 3, gain: 1.5, rng });
    projector.renormalize();
    const w = rng.normalMatrix(4, 5);
    const weight = rng.normalMatrix(4, 6);
    const found = projector.gradients(w, weight);
    const h = 1e-5;
    const parts = {
      outputReflectors: projector.outputReflectors,
      inputReflectors: projector.inputReflectors,
      w,
    };
    for (const [name, { data }] of Object.entries(parts)) {
      for (let k = 0; k < data.length; k++) {
        const kept = data[k];
        const at = (value: number) => {
          data[k] = value;
          return sumOf(projector.forward(w), weight);
        };
        const slope = (at(kept + h) - at(kept - h)) / (2 * h);
        data[k] = kept;
        assertAlmostEquals(found[name as keyof typeof found].data[k], slope, 1e-8, name);
      }
    }
  });

  test("renormalizing changes lengths and nothing else", () => {
    const projector = new HouseholderProjector(6, 5, { rank: 3, rng: new Rng(8) });
    for (let i = 0; i < 6; i++) projector.outputReflectors.set(i, 1, 0);
    const before = projector.matrix();
    projector.renormalize();
    assertLess(difference(projector.matrix(), before), 1e-14);
    assertAlmostEquals(frobeniusNorm(projector.inputReflectors), Math.sqrt(3), 1e-14);
    assertAlmostEquals(frobeniusNorm(projector.outputReflectors), Math.sqrt(2), 1e-14);
  });

  test("SeFa directions are the eigenvectors of AᵀA", () => {
    const a = new Rng(9).normalMatrix(8, 5);
    const { directions, singularValues: s } = sefaDirections(a, 3);
    const image = matmul(gram(a), directions);
    assertLess(difference(image, directions.map((x, _, j) => x * s[j] ** 2)), 1e-12);
    assertEquals(s, svd(a).s.slice(0, 3));
  });
}

Deno.test("signs of singular vectors do not depend on the engine", () => {
  const a = new Rng(10).normalMatrix(9, 6);
  const [first, ...others] = engines.map((engine) => withEngine(engine, () => nearestPartialIsometry(a, 4)));
  for (let j = 0; j < 4; j++) {
    const column = Array.from(first.v.column(j));
    assertEquals(Math.max(...column), Math.max(...column.map(Math.abs)));
  }
  for (const { u, v } of others) {
    assertLess(difference(u, first.u), 1e-13);
    assertLess(difference(v, first.v), 1e-13);
  }
  assertLess(difference(sefaDirections(a, 4).directions, first.v), 1e-13);
});

Deno.test("path length: the mean squared response of a linear generator; trimming drops extremes", () => {
  const rng = new Rng(0);
  const a = rng.normalMatrix(6, 4);
  const generator = (w: Matrix) => matmul(w, a, { transposeB: true });
  const w = rng.normalMatrix(10, 4);
  const v = haarOrthogonal(4, { rng }).slice(0, 4, 0, 3);
  const { mean, perDirection } = perceptualInterpretablePathLength(generator, w, v, { epsilon: 0.1 });
  const response = matmul(a, v);
  for (let j = 0; j < 3; j++) {
    const expected = response.column(j).reduce((sum, x) => sum + x * x, 0) / 6;
    assertAlmostEquals(perDirection[j], expected, 1e-12);
  }
  assertAlmostEquals(mean, perDirection.reduce((sum, x) => sum + x, 0) / 3, 1e-12);
  // A bent generator: the image of latent i moves by i times the step.
  const bent = (x: Matrix) => Matrix.from(x.rows, 1, (i) => i * x.get(i, 0));
  const along = Matrix.fromRows([[1], [0], [0], [0]]);
  const distance = (p: Float64Array, q: Float64Array) => Math.abs(p[0] - q[0]);
  const all = perceptualInterpretablePathLength(bent, w, along, { epsilon: 0.5, distance });
  assertAlmostEquals(all.mean, 2 * 4.5, 1e-12);
  const inner = perceptualInterpretablePathLength(bent, w, along, { epsilon: 0.5, distance, trim: 0.12 });
  // Of the lengths 0, 2, ..., 18 those from the 0.12 to the 0.88 quantile: the second to the ninth.
  assertAlmostEquals(inner.mean, 9, 1e-12);
  const dropped = perceptualInterpretablePathLength(
    (x) => Matrix.from(x.rows, 1, (i) => (i === 9 ? 1000 : i) * x.get(i, 0)),
    w,
    along,
    { epsilon: 0.5, distance, trim: 0.12 },
  );
  assertAlmostEquals(dropped.mean, 9, 1e-12);
});

Deno.test("latent directions: bad input is refused by name", () => {
  const rng = new Rng(0);
  const a = rng.normalMatrix(4, 3);
  for (const rank of [0, 4, 1.5, -1]) {
    assertThrows(() => new HouseholderProjector(4, 3, { rank, rng }), RangeError, "`rank` must be");
    assertThrows(() => HouseholderProjector.fromMatrix(a, { rank }), RangeError, "`rank` must be");
    assertThrows(() => nearestPartialIsometry(a, rank), RangeError, "`rank` must be");
  }
  assertThrows(
    () => new HouseholderProjector(4, 3, { rng }),
    RangeError,
    "`rank` must be in 1..min(outputs, inputs), which is 1..3 for 4 x 3, got 10",
  );
  const nan = a.map((x, i, j) => i === 1 && j === 2 ? NaN : x);
  assertThrows(() => HouseholderProjector.fromMatrix(nan, { rank: 2 }), RangeError, "entry (1, 2) is NaN");
  assertThrows(
    () => HouseholderProjector.fromMatrix([[1]] as never, { rank: 1 }),
    TypeError,
    "`a` must be a Matrix",
  );
  assertThrows(() => new HouseholderProjector(4, 3, { rank: 2, gain: 0, rng }), RangeError, "`gain`");
  assertThrows(() => new HouseholderProjector(4, 3, { rank: 2, rng: 1 as never }), TypeError, "`rng`");
  assertThrows(
    () => new HouseholderProjector(4, 3, { ranks: 2, rng } as never),
    TypeError,
    'no option "ranks" (did you mean "rank"?)',
  );
  const projector = new HouseholderProjector(4, 3, { rank: 2, rng });
  assertThrows(() => projector.forward(Matrix.zeros(2, 4)), RangeError, "`w` must have 3 columns");
  assertThrows(() => projector.gradients(Matrix.zeros(2, 3), Matrix.zeros(1, 4)), RangeError, "`ds`");
  assert(projector.forward(Matrix.zeros(2, 3).map(() => NaN)).data.every(Number.isNaN));
  assertThrows(() => sefaDirections(a, 4), RangeError, "`count`");
  const generator = (w: Matrix) => w;
  const w = Matrix.zeros(2, 3);
  const call = (...rest: [Matrix, object?]) => perceptualInterpretablePathLength(generator, w, ...rest);
  assertThrows(() => call(Matrix.identity(2)), RangeError, "`directions` must have 3 rows");
  assertThrows(() => call(Matrix.zeros(3, 0)), RangeError, "at least");
  assertThrows(() => call(Matrix.identity(3), { epsilon: 0 }), RangeError, "`epsilon`");
  assertThrows(() => call(Matrix.identity(3), { trim: 0.5 }), RangeError, "`trim`");
});

Deno.test("a matrix without full rank: the arbitrary directions are counted, and warned of", () => {
  const a = matmul(new Rng(1).normalMatrix(6, 2), new Rng(2).normalMatrix(2, 5));
  assertEquals(nearestPartialIsometry(a, 2).arbitrary, 0);
  assertEquals(nearestPartialIsometry(a, 4).arbitrary, 2);
  assertEquals(nearestPartialIsometry(Matrix.zeros(3, 3), 2).arbitrary, 2);
  const seen = warningsOf(() => void HouseholderProjector.fromMatrix(a, { rank: 4 }));
  assertEquals(seen, ["`a` has rank 2 only: the last 2 of 4 directions are arbitrary"]);
  assertEquals(warningsOf(() => void HouseholderProjector.fromMatrix(a, { rank: 2 })), []);
});

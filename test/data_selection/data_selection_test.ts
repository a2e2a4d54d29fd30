import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import {
  gaussianOverlap,
  odisSelect,
  orientDirections,
  overlapMatrix,
  principalScores,
  randomSelect,
  sampleTop,
  selectionVariance,
  TEXT_SCORES,
  textScores,
  topAverage,
  topIndices,
  totalVariance,
  truncatedNormal,
} from "../../lib/data_selection/mod.ts";
import { eigh } from "../../lib/linalg/mod.ts";
import reference from "../fixtures/data_selection/reference.json" with { type: "json" };

const HAND = Matrix.fromRows([[2, 2], [1, 3], [3, 1], [0, 0]]);

/** N rows of p scores with all correlations rho. */
function equicorrelated(rows: number, columns: number, rho: number, rng: Rng): Matrix {
  const x = rng.normalMatrix(rows, columns);
  for (let i = 0; i < rows; i++) {
    const common = Math.sqrt(rho) * rng.normal();
    for (let j = 0; j < columns; j++) x.set(i, j, common + Math.sqrt(1 - rho) * x.get(i, j));
  }
  return x;
}

function rowsOf(x: Matrix, indices: ArrayLike<number>): Matrix {
  return Matrix.from(indices.length, x.columns, (i, j) => x.get(indices[i], j));
}

function offDiagonal(x: Matrix): number[] {
  return Array.from({ length: x.rows }, (_, i) => Array.from({ length: i }, (_, j) => x.get(i, j))).flat();
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

Deno.test("gaussianOverlap matches one-dimensional quadrature in another language", () => {
  const rhos = [0, 0.3, 0.5, 0.7, 0.9];
  const table: Record<number, number[]> = {
    0.02: [0.02, 0.08321802, 0.16936438, 0.31381370, 0.57978138],
    0.05: [0.05, 0.14269258, 0.24378858, 0.39198602, 0.63735526],
    0.1: [0.1, 0.21616480, 0.32401523, 0.46778978, 0.68864940],
    0.2: [0.2, 0.33072850, 0.43575283, 0.56450879, 0.74966219],
    0.5: [0.5, 0.59698668, 2 / 3, 0.74681669, 0.85643371],
  };
  for (const [q, row] of Object.entries(table)) {
    row.forEach((value, i) => assertAlmostEquals(gaussianOverlap(Number(q), rhos[i]), value, 6e-9));
  }
  for (const rho of [-1, -0.99, -0.5, 0.99, 0.9999, 1]) {
    assertAlmostEquals(gaussianOverlap(0.5, rho), 0.5 + Math.asin(rho) / Math.PI, 1e-14);
  }
  // Opposite scores have no common top, and a perfect one has nothing else; in between it grows with rho.
  assertAlmostEquals(gaussianOverlap(0.3, -1), 0, 1e-6);
  assert(gaussianOverlap(0.1, 0.9999) > 0.98 && gaussianOverlap(0.1, 0.9999) < 1);
});

Deno.test("truncatedNormal matches tabulated moments", () => {
  const table: [number, number, number][] = [
    [0.02, 2.42090679, 0.11114499],
    [0.05, 2.06271281, 0.13807652],
    [0.1, 1.75498332, 0.16913517],
    [0.2, 1.39980960, 0.21864256],
    [0.5, 0.79788456, 0.36338023],
  ];
  for (const [q, m, v] of table) {
    assertAlmostEquals(truncatedNormal(q).mean, m, 6e-9);
    assertAlmostEquals(truncatedNormal(q).variance, v, 6e-9);
  }
});

Deno.test("principal scores, selections and averages are NumPy's", () => {
  const scores = Matrix.fromRows(reference.scores);
  const { clip, budget, directions } = reference;
  const { values, vectors, projected, project } = principalScores(scores, { clip });
  reference.values.forEach((value, k) => assertAlmostEquals(values[k], value, 1e-12));
  const close = (x: Matrix, rows: number[][]) =>
    rows.forEach((row, i) => row.forEach((entry, j) => assertAlmostEquals(x.get(i, j), entry, 1e-11)));
  close(vectors, reference.vectors);
  close(projected, reference.projected);
  close(project(scores.slice(5, 9)), reference.projected.slice(5, 9));
  const { indices, directions: by } = odisSelect(scores, budget, { directions, clip });
  assertEquals([...indices], reference.selected);
  assertEquals([...by], reference.selected.map((_, at) => at % directions));
  const others = { thresholded: { jointThreshold: 0.4 }, twoSided: { twoSided: true } };
  for (const [name, options] of Object.entries(others)) {
    const selected = odisSelect(scores, budget, { directions, clip, ...options });
    assertEquals([...selected.indices], reference[name as keyof typeof others], name);
    assert([...selected.indices].join() !== reference.selected.join(), "the option changes nothing");
  }
  assertEquals([...topAverage(scores, budget, { clip })], reference.average);
});

Deno.test("the hand example: three rows tied along the sum, in the order of their indices", () => {
  const { values, projected } = principalScores(HAND, { clip: 0 });
  assertAlmostEquals(values[0], 1.2, 1e-14);
  assertAlmostEquals(values[1], 0.8, 1e-14);
  for (const i of [1, 2]) assertAlmostEquals(projected.get(i, 0), projected.get(0, 0), 1e-14);
  assertAlmostEquals(projected.get(0, 0), (0.5 + 0.5) / Math.sqrt(1.25) / Math.SQRT2, 1e-14);
  assertEquals([...topIndices([4, 4, 4, 0], 4)], [0, 1, 2, 3]);
  assertEquals([...odisSelect(HAND, 3, { directions: 1, clip: 0 }).indices].sort(), [0, 1, 2]);
});

Deno.test("principal scores are uncorrelated with the eigenvalues as variances", () => {
  const n = 4000;
  const { values, projected } = principalScores(equicorrelated(n, 11, 0.7, new Rng(3)));
  assertAlmostEquals(values.reduce((a, b) => a + b), 11, 1e-10);
  const covariance = matmul(projected.transpose(), projected).times(1 / n);
  for (let k = 0; k < 11; k++) {
    assertAlmostEquals(covariance.get(k, k), values[k], 1e-10);
    for (let l = 0; l < k; l++) {
      assert(Math.abs(covariance.get(k, l)) / Math.sqrt(values[k] * values[l]) < 1e-10);
    }
  }
});

Deno.test("the population's first direction ranks as the mean score does", () => {
  const population = Matrix.from(11, 11, (i, j) => i === j ? 1 : 0.5);
  const { values, vectors } = eigh(population);
  assertAlmostEquals(values[10], 6, 1e-13);
  for (let k = 0; k < 10; k++) assertAlmostEquals(values[k], 0.5, 1e-13);
  const first = orientDirections(vectors.slice(0, 11, 10, 11));
  for (let j = 0; j < 11; j++) assertAlmostEquals(first.get(j, 0), 1 / Math.sqrt(11), 1e-13);
  const x = equicorrelated(5000, 11, 0.5, new Rng(1));
  const along = matmul(x, first).data;
  const means = Float64Array.from({ length: x.rows }, (_, i) => x.row(i).reduce((a, b) => a + b) / 11);
  assertEquals(topIndices(along, 5000), topIndices(means, 5000));
});

Deno.test("flipped eigenvectors change no selection, and the wrong sign would", () => {
  const rng = new Rng(5);
  const x = equicorrelated(600, 6, 0.4, rng);
  const { vectors, standardized } = principalScores(x);
  const expected = odisSelect(x, 120, { directions: 3 }).indices;
  const flips = [-1, 1, -1, -1, 1, -1];
  const flipped = vectors.map((entry, _, k) => flips[k] * entry);
  assertEquals(orientDirections(flipped).toRows(), vectors.toRows());
  const lists = (v: Matrix) => [0, 1, 2].map((k) => topIndices(matmul(standardized, v).column(k), 120));
  assertEquals(lists(orientDirections(flipped)), lists(vectors));
  assertEquals(expected[0], lists(vectors)[0][0]);
  // With the eigensolver's sign reversed the first list is that of the worst documents.
  const best = topAverage(x, 120);
  assert(overlapMatrix([best, lists(vectors)[0]]).get(0, 1) > 0.8);
  assertEquals(overlapMatrix([best, lists(flipped)[0]]).get(0, 1), 0);
  // Where entries cancel, the largest one decides.
  assertEquals(orientDirections(Matrix.fromRows([[-0.75], [0.25], [0.5]])).toRows(), [[0.75], [-0.25], [
    -0.5,
  ]]);
});

// Overlaps and diversity of normal scores at N = 100 000, against the closed forms.
const normal = [0, 1, 2].map((seed) => equicorrelated(100_000, 11, 0.5, new Rng(`normal scores ${seed}`)));

Deno.test("raw top lists overlap as correlations tell, principal ones by chance", () => {
  for (const x of normal) {
    const count = 5000;
    const raw = overlapMatrix(Array.from({ length: 11 }, (_, j) => topIndices(x.column(j), count)));
    assertAlmostEquals(mean(offDiagonal(raw)), 0.24378858, 0.01);
    const { projected } = principalScores(x, { clip: 0 });
    const principal = overlapMatrix([0, 1, 2, 3].map((k) => topIndices(projected.column(k), count)));
    assertAlmostEquals(mean(offDiagonal(principal)), 0.05, 0.01);
    // The sample's first direction is nearly the mean.
    assert(
      overlapMatrix([topAverage(x, count, { clip: 0 }), topIndices(projected.column(0), count)]).get(0, 1) >
        0.998,
    );
  }
});

Deno.test("one direction loses diversity, four gain it, as the closed forms tell", () => {
  const budget = 4000;
  const values = [6, ...Array(10).fill(0.5)];
  const variance = (select: (x: Matrix, seed: number) => Uint32Array) =>
    mean(
      normal.map((x, seed) =>
        totalVariance(rowsOf(principalScores(x, { clip: 0 }).standardized, select(x, seed)))
      ),
    );
  const near = (value: number, expected: number) => assertAlmostEquals(value / expected, 1, 0.03);
  assertAlmostEquals(selectionVariance(values, 0.04, 1), 5.782, 5e-4);
  assertAlmostEquals(selectionVariance(values, 0.04, 4), 19.296, 5e-4);
  near(variance((x, seed) => randomSelect(x.rows, budget, { rng: new Rng(seed) })), 11);
  near(variance((x) => odisSelect(x, budget, { directions: 1, clip: 0 }).indices), 5.782);
  near(variance((x) => odisSelect(x, budget, { directions: 4, clip: 0 }).indices), 19.296);
  // The clipping cuts the tails that are selected: it is no rounding.
  const clipped = mean(normal.map((x) => {
    return totalVariance(rowsOf(principalScores(x).standardized, odisSelect(x, budget).indices));
  }));
  assert(clipped < 18.3, `${clipped}`);
});

Deno.test("selections have distinct documents and follow permutations and positive rescaling", () => {
  const rng = new Rng(7);
  const x = equicorrelated(500, 5, 0.5, rng);
  const { indices } = odisSelect(x, 200, { directions: 4 });
  assertEquals(new Set(indices).size, 200);
  const order = rng.permutation(500);
  const permuted = odisSelect(rowsOf(x, order), 200, { directions: 4 });
  assertEquals([...permuted.indices].map((i) => order[i]), [...indices]);
  const rescaled = x.map((value, _, j) => [1e-9, 3, 1e12, 0.1, 7][j] * value + [0, -5, 1e12, 4, 1][j]);
  assertEquals([...odisSelect(rescaled, 200, { directions: 4 }).indices], [...indices]);
  const huge = x.map((value) => value * 1e306);
  assertEquals([...odisSelect(huge, 200, { directions: 4 }).indices], [...indices]);
  assertEquals(
    odisSelect(x, 50, { directions: 1 }).indices,
    topIndices(principalScores(x).projected.column(0), 50),
  );
  assertEquals([...odisSelect(x, 500).indices].sort((a, b) => a - b), [...Array(500).keys()]);
});

Deno.test("baselines: samples stay in the top fraction, and averages can be of principal scores", () => {
  const x = equicorrelated(400, 5, 0.5, new Rng(9));
  const top = new Set(topAverage(x, 120));
  const sample = sampleTop(x, 60, 0.3, { rng: new Rng(1) });
  assertEquals(new Set(sample).size, 60);
  assert(sample.every((i) => top.has(i)));
  assert([...sample].join() !== [...topAverage(x, 60)].join());
  const { projected } = principalScores(x);
  const sums = Float64Array.from({ length: 400 }, (_, i) => projected.get(i, 0) + projected.get(i, 1));
  assertEquals(topAverage(x, 40, { directions: 2 }), topIndices(sums, 40));
  assertEquals(new Set(randomSelect(400, 400, { rng: new Rng(2) })).size, 400);
});

Deno.test("text scores are those of Python's re and zlib", async () => {
  for (const { text, scores } of reference.texts) {
    const measured = await textScores(text);
    scores.forEach((score, k) => {
      // Another implementation of zlib may choose other matches, and a fixed block for a short text.
      const tolerance = TEXT_SCORES[k] === "compressed size" ? 5 / text.length : 1e-12;
      assertAlmostEquals(measured[k], score, tolerance, TEXT_SCORES[k]);
    });
  }
  for (const text of ["", " \n", "?!", "a"]) {
    assert((await textScores(text)).every(Number.isFinite), JSON.stringify(text));
  }
  await assertRejects(() => textScores(3 as never), TypeError, "`text` must be a string");
});

Deno.test("constant columns are dropped, and nearly equal eigenvalues are named", () => {
  const x = equicorrelated(2000, 4, 0.5, new Rng(11));
  const constant = Matrix.from(2000, 5, (i, j) => j === 2 ? 0.1 : x.get(i, j < 2 ? j : j - 1));
  const { droppedColumns, values, nearlyEqual } = principalScores(constant);
  assertEquals(droppedColumns, [2]);
  assertEquals(values.length, 4);
  assertEquals(principalScores(constant).project(constant).columns, 4);
  // The three small eigenvalues are equal in the population.
  assert(nearlyEqual.includes(1) || nearlyEqual.includes(2));
  assert(!nearlyEqual.includes(0));
});

Deno.test("the top of a long list is that of a sort, with ties, for values that a sample does not show", () => {
  const rng = new Rng(5);
  const lists = {
    normal: rng.normals(30_000),
    ties: rng.normals(30_000).map((value) => Math.round(3 * value)),
    ascending: Float64Array.from({ length: 30_000 }, (_, i) => i),
    // One value in seven is large, but none of those that stand where a sample is taken.
    hidden: Float64Array.from({ length: 4096 * 7 }, (_, i) => i % 7 === 3 ? 1e3 + i : -i),
  };
  for (const [name, values] of Object.entries(lists)) {
    const sorted = Array.from(values.keys()).sort((i, j) => values[j] - values[i] || i - j);
    for (const count of [1, 500, 6000, values.length]) {
      assertEquals([...topIndices(values, count)], sorted.slice(0, count), `${name}, ${count}`);
    }
  }
});

Deno.test("selection from many blocks of rows follows the stored principal scores", () => {
  const x = equicorrelated(5001, 4, 0.3, new Rng(8)).map((value, _, j) => 1e4 * j + (j + 1) * value);
  for (const clip of [0, 0.01]) {
    const { projected, standardized } = principalScores(x, { clip });
    const { indices } = odisSelect(x, 4, { directions: 4, clip });
    indices.forEach((best, k) =>
      assertEquals(best, topIndices(projected.column(k), 4).find((i) => !indices.slice(0, k).includes(i)))
    );
    const few = odisSelect(x, 40, { directions: 1, clip, jointThreshold: 0.5 });
    const means = Float64Array.from(
      { length: x.rows },
      (_, i) => standardized.row(i).reduce((a, b) => a + b) / 4,
    );
    const half = new Set(topIndices(means, 2501));
    const expected = topIndices(projected.column(0), 5001).filter((i) => half.has(i)).slice(0, 40);
    assertEquals(few.indices, expected);
  }
  const lists = Matrix.from(3000, 2, (i, j) => j === 0 ? i : i % 2 === 0 ? i : -i);
  // The second list passes over more than its share: it is asked for again.
  assertEquals(new Set(odisSelect(lists, 2900, { directions: 2, clip: 0 }).indices).size, 2900);
  x.set(4000, 2, NaN);
  assertThrows(() => odisSelect(x, 3, { clip: 0 }), RangeError, "(4000, 2)");
  x.set(4000, 2, -Infinity);
  assertThrows(() => odisSelect(x, 3, { clip: 0 }), RangeError, "(4000, 2)");
});

Deno.test("bad input is refused by name", () => {
  const x = equicorrelated(50, 3, 0.5, new Rng(0));
  assertThrows(
    () => odisSelect(x, 51),
    RangeError,
    "`directions` must be at most 3, got 4: only 3 directions have variance",
  );
  assertThrows(() => odisSelect(x, 51, { directions: 2 }), RangeError, "`budget` must be at most 50");
  assertThrows(() => odisSelect(x, 0, { directions: 2 }), RangeError, "`budget`");
  assertThrows(
    () => odisSelect(x, 30, { directions: 2, jointThreshold: 0.7 }),
    RangeError,
    "eligible documents, got 30",
  );
  const twins = Matrix.from(50, 2, (i) => x.get(i, 0));
  assertThrows(() => odisSelect(twins, 3, { directions: 2 }), RangeError, "only 1 direction has variance");
  const broken = x.clone();
  broken.set(7, 2, NaN);
  assertThrows(() => odisSelect(broken, 3, { directions: 2 }), RangeError, "(7, 2)");
  assertThrows(() => principalScores(x.map(() => 4)), RangeError, "all columns (3) are constant");
  assertThrows(() => principalScores(x, { clip: 0.5 }), RangeError, "`clip`");
  assertThrows(() => principalScores(x, { signRule: "sum" as never }), TypeError, "`signRule`");
  assertThrows(() => topAverage(x, 60), RangeError, "`budget`");
  assertThrows(() => topAverage(x, 6, { directions: 4 }), RangeError, "`directions`");
  assertThrows(() => sampleTop(x, 20, 0.3, { rng: new Rng(0) }), RangeError, "`budget`");
  assertThrows(() => sampleTop(x, 20, 0.5, { rng: 1 as never }), TypeError, "`rng`");
  assertThrows(() => overlapMatrix([[1, 2], [3]]), RangeError, "`sets[1].length` must be 2");
  assertThrows(() => overlapMatrix([[1, 1]]), RangeError, "twice");
  assertThrows(() => topIndices([1, NaN], 1), RangeError, "NaN");
  assertThrows(() => gaussianOverlap(0, 0.5), RangeError, "`q`");
  assertThrows(() => gaussianOverlap(0.5, 1.1), RangeError, "`rho`");
  assertThrows(() => selectionVariance([1, 2], 0.1, 3), RangeError, "`directions`");
});

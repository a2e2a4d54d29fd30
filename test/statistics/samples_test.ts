import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fixture from "../fixtures/retrieval/statistics.json" with { type: "json" };
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { withEngine } from "../../lib/blas/mod.ts";
import {
  frechetDistance,
  gaussianFrechetDistance,
  nearestNeighbors,
  type NearnessMetric,
  precisionRecall,
  principalComponents,
} from "../../lib/statistics/mod.ts";

const [a, b] = [Matrix.fromRows(fixture.a), Matrix.fromRows(fixture.b)];

for (const engine of ["native", "portable"] as const) {
  Deno.test(`samples against SciPy and NumPy on the ${engine} engine`, async () => {
    await withEngine(engine, () => {
      assertAlmostEquals(frechetDistance(a, b), fixture.frechet, 1e-10);
      for (const [metric, indices] of Object.entries(fixture.neighbors)) {
        const found = nearestNeighbors(b, a, { k: 3, metric: metric as NearnessMetric });
        assertEquals(Array.from(found.indices), indices);
      }
      const { variances, project } = principalComponents(a, 4);
      variances.forEach((variance, i) => assertAlmostEquals(variance, fixture.variances[i], 1e-12));
      // Projections are uncorrelated and keep distances.
      const z = project(a);
      for (let i = 0; i < 3; i++) {
        let dot = 0;
        for (let r = 0; r < z.rows; r++) dot += z.get(r, i) * z.get(r, i + 1);
        assertAlmostEquals(dot, 0, 1e-11);
      }
      const [real, generated] = [Matrix.fromRows(fixture.real), Matrix.fromRows(fixture.generated)];
      for (const { k, precision, recall } of fixture.precisionRecall) {
        const got = precisionRecall(real, generated, { k });
        assertAlmostEquals(got.precision, precision, 1e-12);
        assertAlmostEquals(got.recall, recall, 1e-12);
      }
    });
  });
}

Deno.test("Fréchet distance: closed forms, itself, singular covariances, large units", () => {
  const covariance = Matrix.fromRows([[2, 0.6], [0.6, 0.5]]);
  const other = Matrix.fromRows([[1, -0.2], [-0.2, 1.5]]);
  const of = (c: Matrix, mean = [0, 0]) => ({ mean, covariance: c });
  assertAlmostEquals(gaussianFrechetDistance(of(covariance), of(other)), 0.784178677517, 1e-12);
  assertAlmostEquals(
    gaussianFrechetDistance(of(Matrix.diagonal([1, 4])), of(Matrix.diagonal([4, 1]), [1, 0])),
    3,
    1e-12,
  );
  const rng = new Rng(1);
  const [x, y] = [rng.normalMatrix(30, 5), rng.normalMatrix(40, 5, 2)];
  assert(frechetDistance(x, x) < 1e-12);
  assertAlmostEquals(frechetDistance(x, y), frechetDistance(y, x), 1e-12);
  // Fewer rows than columns.
  const few = rng.normalMatrix(4, 9);
  assert(frechetDistance(few, few) < 1e-12);
  const large = x.map((value) => 1e150 * value);
  assertAlmostEquals(
    frechetDistance(large, y.map((value) => 1e150 * value)) / 1e300,
    frechetDistance(x, y),
    1e-10,
  );
  assertThrows(() => frechetDistance(x, Matrix.zeros(3, 4)), RangeError, "`b` must be 3 x 5");
  assertThrows(() => frechetDistance(x, Matrix.zeros(1, 5)), RangeError, "`b.rows`");
  assertThrows(
    () => gaussianFrechetDistance(of(covariance), of(Matrix.diagonal([1, -1]))),
    RangeError,
    "semidefinite",
  );
});

Deno.test("nearest neighbours against brute force, with ties, duplicates, extreme units", () => {
  const rng = new Rng(2);
  // Small integers: many ties.
  const points = Matrix.from(300, 3, () => rng.integer(4) - 1);
  const queries = Matrix.from(50, 3, () => rng.integer(4) + 1);
  for (const metric of ["euclidean", "dot"] as const) {
    const { indices, values } = nearestNeighbors(queries, points, { k: 17, metric });
    for (let i = 0; i < 50; i++) {
      const score = (j: number) => {
        const [q, p] = [queries.row(i), points.row(j)];
        return metric === "dot"
          ? -q.reduce((s, v, c) => s + v * p[c], 0)
          : q.reduce((s, v, c) => s + (v - p[c]) ** 2, 0);
      };
      const order = Array.from({ length: 300 }, (_, j) => j).sort((u, v) => score(u) - score(v) || u - v);
      assertEquals(Array.from(indices.subarray(17 * i, 17 * i + 17)), order.slice(0, 17));
      assertAlmostEquals(
        values[17 * i],
        metric === "dot" ? -score(order[0]) : Math.sqrt(score(order[0])),
        1e-14,
      );
    }
  }
  for (const unit of [1e-170, 1e160]) {
    const scale = (m: Matrix) => m.map((value) => unit * value);
    const { indices, values } = nearestNeighbors(scale(queries), scale(points), { k: 5 });
    const plain = nearestNeighbors(queries, points, { k: 5 });
    assertEquals(indices, plain.indices);
    values.forEach((value, i) => assertAlmostEquals(value / unit, plain.values[i], 1e-12));
  }
  const single = nearestNeighbors(queries.astype("float32"), points.astype("float32"), { k: 300 });
  assertEquals(single.indices, nearestNeighbors(queries, points, { k: 300 }).indices);
  assertThrows(
    () => nearestNeighbors(queries, points, { k: 301 }),
    RangeError,
    "`k` must be an integer from 1 to 300",
  );
  assertThrows(() => nearestNeighbors(queries, Matrix.zeros(0, 3)), RangeError, "`points.rows`");
  assertThrows(() => nearestNeighbors(queries, Matrix.zeros(1, 2)), RangeError, "`queries.columns`");
  assertThrows(
    () => nearestNeighbors(queries, points, { metric: "manhattan" as never }),
    TypeError,
    "`metric`",
  );
  assertThrows(
    () => nearestNeighbors(Matrix.zeros(1, 3), queries, { metric: "cosine" }),
    RangeError,
    "cannot normalise a zero embedding",
  );
});

Deno.test("precision and recall: equal samples, samples apart, one of two clusters", () => {
  const rng = new Rng(3);
  const x = rng.normalMatrix(100, 2);
  assertEquals(precisionRecall(x, x), { precision: 1, recall: 1 });
  assertEquals(precisionRecall(x, x.map((value) => value + 100)), { precision: 0, recall: 0 });
  const both = Matrix.from(200, 2, (i) => rng.normal() + (i % 2 === 0 ? 0 : 50));
  const { precision, recall } = precisionRecall(both, rng.normalMatrix(100, 2));
  assert(precision > 0.9 && Math.abs(recall - 0.5) < 0.1, `${precision} ${recall}`);
  assertThrows(() => precisionRecall(x, Matrix.zeros(3, 2)), RangeError, "`generated.rows`");
});

/** Values computed independently for random-order-eigenvector, and its criterion 8. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matmul, matvec } from "../../lib/blas/mod.ts";
import { eigh, haarOrthogonal, spectralNorm } from "../../lib/linalg/mod.ts";
import {
  FrequentDirections,
  heavyRowCount,
  ojaHardInstance,
  OjaStream,
  pipeRows,
  RandomOrderTopEigenvector,
  spectralGap,
  spikedStream,
  squaredCorrelation,
  squaredSine,
  type StreamRow,
} from "../../lib/streaming/mod.ts";

const denseRow = (row: StreamRow, d: number) => {
  if (row instanceof Float64Array) return row;
  const out = new Float64Array(d);
  row.indices.forEach((index, k) => out[index] = row.values[k]);
  return out;
};
const collect = (rows: Iterable<StreamRow>, d: number) =>
  Matrix.fromRows([...rows].map((row) => denseRow(row, d)));

function streamed(a: Matrix, options: Partial<ConstructorParameters<typeof RandomOrderTopEigenvector>[0]>) {
  const stream = new RandomOrderTopEigenvector({
    d: a.columns,
    n: a.rows,
    heavyBudget: 0,
    rng: new Rng(1),
    ...options,
  });
  for (let i = 0; i < a.rows; i++) stream.push(a.row(i));
  return stream.result();
}

Deno.test("the hard instance has its closed-form spectrum, rotated or not, and its heavy rows decide", () => {
  for (const rotate of [false, true]) {
    const d = 30;
    const heavy = 4;
    const instance = ojaHardInstance({ d, heavy, copies: 8, rng: new Rng(2), rotate });
    const a = collect(instance.rows, d);
    const { values } = eigh(gram(a));
    assertEquals([a.rows, instance.n, instance.gap], [4 + 25 * 8, 4 + 25 * 8, 5]);
    assertAlmostEquals(values[d - 1], heavy + 1, 1e-12);
    for (let i = 1; i < d - 1; i++) assertAlmostEquals(values[i], 1, 1e-12);
    assertAlmostEquals(values[0], 0, 1e-12);
    assert(squaredSine(spectralGap(a).v1, instance.v1) < 1e-24);
    const norms = Float64Array.from({ length: a.rows }, (_, i) => Math.hypot(...a.row(i)));
    assertEquals(heavyRowCount(norms, d), 4);
  }
});

Deno.test("deleting heavy rows leaves the squared cosine k'(k+1) / (k(k'+1)), in a table of values", () => {
  const tables: Record<number, number[]> = { 3: [1, 1 / 3, 1 / 9, 0], 4: [1, 0.375, 1 / 6, 0.0625, 0] };
  for (const [k, table] of Object.entries(tables)) {
    const heavy = Number(k);
    const d = 12;
    const { rows, v1 } = ojaHardInstance({ d, heavy, copies: 2, rng: new Rng(3) });
    table.forEach((error, kept) => {
      if (kept === 0) return;
      const part = [...rows].filter((row) => {
        const r = denseRow(row, d);
        return r[0] === 0 || r.findIndex((x, j) => j > 0 && x !== 0) <= kept;
      });
      assertAlmostEquals(squaredSine(spectralGap(collect(part, d)).v1, v1), error, 1e-12);
      assertAlmostEquals(1 - kept * (heavy + 1) / (heavy * (kept + 1)), error, 1e-14);
    });
  }
});

Deno.test("Oja on heavy rows alone: exact integers, and the growth that was normalized away", () => {
  const rows = [1, 2, 3].map((j) => ({ indices: Int32Array.of(0, j), values: Float64Array.of(1, 1) }));
  const oja = new OjaStream({
    d: 4,
    learningRate: 1,
    rng: new Rng(0),
    start: new Float64Array([1, 1, 1, 1]),
  });
  for (const row of rows) oja.push(row);
  const v = oja.vector();
  const norm = Math.hypot(15, 3, 5, 9);
  [15, 3, 5, 9].forEach((x, j) => assertAlmostEquals(v[j], x / norm, 1e-14));
  assertAlmostEquals(oja.logNorm(), Math.log(norm / 2), 1e-13);
  assertEquals(oja.words, 4);
});

Deno.test("Oja: a rate per row, and growth beyond the range of doubles", () => {
  const rng = new Rng(4);
  const a = rng.normalMatrix(50, 5);
  const fixed = new OjaStream({ d: 5, learningRate: 0.1, rng: new Rng(5) });
  const called = new OjaStream({ d: 5, learningRate: () => 0.1, rng: new Rng(5) });
  const huge = new OjaStream({ d: 5, learningRate: 1e6, rng: new Rng(5) });
  for (let i = 0; i < 50; i++) for (const oja of [fixed, called, huge]) oja.push(a.row(i));
  assertEquals(fixed.vector(), called.vector());
  assert(huge.logNorm() > 600 && huge.vector().every(Number.isFinite));
});

Deno.test("the margin that decides whether Oja can succeed, in a table of values", () => {
  const margin = (d: number, k: number) => k * Math.log(k) - k + 1 - Math.log(d - k - 1) / 2;
  const values: [number, number, number][] = [[256, 3, -1.46887768], [256, 5, 1.2864591], [
    1024,
    4,
    -0.91811107,
  ], [
    4096,
    5,
    -0.11096056,
  ], [65536, 6, 0.20543278]];
  for (const [d, k, expected] of values) assertAlmostEquals(margin(d, k), expected, 1e-8);
});

Deno.test("one block without storage is one exact power step; a budget of n is exact", () => {
  const rng = new Rng(6);
  const a = rng.normalMatrix(40, 7);
  const start = rng.sphere(7);
  const power = matvec(a, matvec(a, start), { transpose: true });
  assert(squaredSine(streamed(a, { blocks: 1, start }).vector, power) < 1e-28);
  for (const heavyBudget of [40, 100]) {
    const { vector, heavyRows, lightEigenvalue } = streamed(a, { blocks: 3, heavyBudget });
    assert(squaredSine(vector, spectralGap(a).v1) < 1e-24);
    assertEquals([heavyRows, lightEigenvalue], [40, 0]);
  }
});

Deno.test("rank one is found by one block; scale does not matter; rotation turns the result", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 0, max: 6 }), (seed, heavyBudget) => {
      const rng = new Rng(seed);
      const d = 5;
      const n = 30;
      const v = rng.sphere(d);
      const start = rng.sphere(d);
      const one = Matrix.from(n, d, (i, j) => Math.sin(i + 1) * v[j]);
      assert(squaredSine(streamed(one, { blocks: 4, heavyBudget }).vector, v) < 1e-20);
      const a = rng.normalMatrix(n, d);
      const q = haarOrthogonal(d, { rng });
      const options = { blocks: 4, heavyBudget, start };
      const plain = streamed(a, options);
      const scaled = streamed(a.times(8), options);
      assert(squaredSine(plain.vector, scaled.vector) < 1e-24);
      assertAlmostEquals(
        scaled.lightEigenvalue,
        64 * plain.lightEigenvalue,
        1e-10 * Math.abs(scaled.lightEigenvalue),
      );
      const turned = streamed(matmul(a, q), { ...options, start: matvec(q, start, { transpose: true }) });
      assert(squaredSine(matvec(q, turned.vector), plain.vector) < 1e-20);
    }),
    { numRuns: 40, seed: 3 },
  );
});

Deno.test("the light eigenvalue is unbiased over random orders", () => {
  const rng = new Rng(7);
  const d = 6;
  const n = 40;
  const a = rng.normalMatrix(n, d);
  const start = rng.sphere(d);
  const shuffles = 2000;
  const exact = matvec(a, start).reduce((sum, x) => sum + x * x, 0);
  const values = Array.from({ length: shuffles }, () => {
    const order = rng.permutation(n);
    // The first of four blocks alone: z is the start all along.
    const stream = new RandomOrderTopEigenvector({ d, n, blocks: 4, heavyBudget: 0, rng, start });
    for (let i = 0; i < n / 4; i++) stream.push(a.row(order[i]));
    return stream.estimate().lightEigenvalue;
  });
  const mean = values.reduce((sum, x) => sum + x, 0) / shuffles;
  const sd = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (shuffles - 1));
  assert(Math.abs(mean - exact) < 3 * sd / Math.sqrt(shuffles), `${mean} for ${exact}`);
});

Deno.test("rows one by one, sparse, or many at a time give the same result", async () => {
  const d = 30;
  const n = 900;
  const rng = new Rng(8);
  const a = Matrix.from(
    n,
    d,
    (i, j) => (i % 97 === 5 ? 6 : 1) * (j === 0 ? 2 : 1) * (rng.uniform() < 0.3 ? rng.normal() : 0),
  );
  for (const heavyBudget of [0, 1, 7, 20]) {
    const options = { d, n, blocks: 7, heavyBudget, sketchRows: 4, rng: new Rng(9) };
    const one = new RandomOrderTopEigenvector(options);
    const many = new RandomOrderTopEigenvector(options);
    const sparse = new RandomOrderTopEigenvector(options);
    for (let i = 0; i < n; i++) one.push(a.row(i));
    for (let i = 0; i < n; i += 250) many.pushRows(a.slice(i, Math.min(n, i + 250)));
    const rows = Array.from({ length: n }, (_, i) => {
      const indices = Int32Array.from([...a.row(i).keys()].filter((j) => a.get(i, j) !== 0));
      return { indices, values: Float64Array.from(indices, (j) => a.get(i, j)) };
    });
    assertEquals(await pipeRows(ReadableStream.from(rows), sparse), n);
    const expected = one.result();
    for (const { vector, lightEigenvalue, words } of [many.result(), sparse.result()]) {
      assert(squaredSine(vector, expected.vector) < 1e-20);
      assertAlmostEquals(lightEigenvalue, expected.lightEigenvalue, 1e-10 * expected.lightEigenvalue);
      assertEquals(words, expected.words);
    }
    assertAlmostEquals(many.sketchedNorm(expected.vector), one.sketchedNorm(expected.vector), 1e-10);
    // (b + 3) d words, two numbers a stored row, and the sketch: whatever n is.
    assertEquals(expected.words, (heavyBudget + 3) * d + 2 * heavyBudget + 4 * d);
    assertEquals(expected.bits, 64 * expected.words);
  }
});

Deno.test("the heap holds the heaviest rows, the earliest of equal ones", () => {
  const rows = [[1, 0], [3, 0], [0, 2], [0, 3], [3, 0], [0, 1]];
  const n = rows.length;
  const stream = new RandomOrderTopEigenvector({
    d: 2,
    n,
    blocks: 1,
    heavyBudget: 2,
    rng: new Rng(0),
    start: new Float64Array([1, 0]),
  });
  for (const row of rows) stream.push(new Float64Array(row));
  // (3, 0) and (0, 3) stay; (1, 0) and the second (3, 0) make up the light part.
  const { lightEigenvalue, heavyRows } = stream.result();
  assertEquals([lightEigenvalue, heavyRows], [10, 2]);
});

Deno.test("criterion 8: the splitting bound 1 / (R - 1)^2, for any split", () => {
  const rng = new Rng(10);
  let largest = 0;
  for (let i = 0; i < 200; i++) {
    const d = 3 + rng.integer(6);
    const n = 2 * d + rng.integer(10);
    const a = rng.normalMatrix(n, d);
    const v = rng.sphere(d);
    for (let r = 0; r < n; r++) {
      const along = 1 + 3 * rng.uniform();
      a.row(r).forEach((_, j) => a.row(r)[j] += along * rng.normal() * v[j]);
    }
    const { gap, v1 } = spectralGap(a);
    if (gap < 1.2) continue;
    const heavy = Matrix.fromRows(
      Array.from({ length: n }, (_, r) => a.row(r)).filter(() => rng.uniform() < 0.4),
    );
    const light = gram(a).minus(heavy.rows === 0 ? Matrix.zeros(d, d) : gram(heavy));
    const { v1: z, lambda1 } = spectralGap(light, { isGram: true });
    const joined = gram(a).minus(light).plus(Matrix.from(d, d, (p, q) => lambda1 * z[p] * z[q]));
    largest = Math.max(largest, squaredSine(spectralGap(joined, { isGram: true }).v1, v1) * (gap - 1) ** 2);
  }
  assert(largest <= 1 && largest > 0, `${largest}`);
});

Deno.test("Frequent Directions keeps its promise in any order", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 1, max: 8 }), (seed, rows) => {
      const rng = new Rng(seed);
      const a = rng.normalMatrix(60, 6);
      for (let i = 0; i < 60; i++) a.row(i)[0] *= 1 + i / 10;
      const sketch = new FrequentDirections({ d: 6, rows });
      for (let i = 0; i < 60; i++) sketch.push(a.row(i));
      const b = sketch.sketch();
      assertEquals([b.rows, b.columns, sketch.words], [rows, 6, 12 * rows]);
      const lost = gram(a).minus(gram(b));
      const total = a.data.reduce((sum, x) => sum + x * x, 0);
      assert(spectralNorm(lost) <= total / rows * (1 + 1e-12));
      assert(eigh(lost).values[0] >= -1e-10 * total);
    }),
    { numRuns: 30, seed: 4 },
  );
});

Deno.test("degenerate streams", () => {
  assertEquals(Math.abs(streamed(Matrix.fromRows([[2], [-1]]), { blocks: 1 }).vector[0]), 1);
  const start = new Float64Array([0, 1, 0]);
  const zero = streamed(Matrix.zeros(10, 3), { blocks: 2, heavyBudget: 2, start });
  assertEquals([zero.status, zero.vector], ["degenerate", start]);
  // No gap: any vector of the eigenspace is right, which the Rayleigh quotient tells.
  const rng = new Rng(11);
  const a = Matrix.from(4000, 3, (i, j) => i % 2 === j ? 1 : 0);
  const order = rng.permutation(4000);
  const shuffled = Matrix.from(4000, 3, (i, j) => a.get(order[i], j));
  const { vector } = streamed(shuffled, { blocks: 4 });
  assertAlmostEquals(matvec(a, vector).reduce((sum, x) => sum + x * x, 0) / 2000, 1, 1e-3);
});

Deno.test("the sketch ranks candidates without a second pass", () => {
  const { chunks, direction, n } = spikedStream({ n: 3000, d: 20, gap: 30, rng: new Rng(12) });
  const stream = new RandomOrderTopEigenvector({
    d: 20,
    n,
    blocks: 4,
    heavyBudget: 0,
    sketchRows: 8,
    rng: new Rng(13),
  });
  for (const rows of chunks) stream.pushRows(rows);
  assert(stream.sketchedNorm(direction) > 2 * stream.sketchedNorm(new Rng(14).sphere(20)));
  assert(squaredCorrelation(stream.result().vector, direction) > 0.98);
});

Deno.test("a spiked stream has the spectrum it reports, and is the same every time", () => {
  const n = 20_000;
  const d = 10;
  const { chunks, direction } = spikedStream({ n, d, gap: 9, heavy: 3, heavyShare: 0.5, rng: new Rng(15) });
  const sum = Matrix.zeros(d, d);
  const rows: Matrix[] = [...chunks];
  for (const block of rows) sum.data.set(sum.plus(gram(block)).data);
  const along = matvec(sum, direction).reduce((total, x, j) => total + x * direction[j], 0);
  assertAlmostEquals(along / 9, 1, 0.05);
  assertAlmostEquals(
    (sum.data.reduce((t, x, k) => t + (k % (d + 1) === 0 ? x : 0), 0) - along - 1.5) / (d - 1),
    1,
    0.05,
  );
  assertEquals([...chunks][3].data, rows[3].data);
});

Deno.test("bad input is refused by name", () => {
  const rng = new Rng(0);
  const refuses = (body: () => unknown, message: string) => assertThrows(body, RangeError, message);
  const make = (options: object) => () =>
    new RandomOrderTopEigenvector({ d: 3, n: 5, heavyBudget: 1, rng, ...options });
  refuses(make({ blocks: 0 }), "`blocks` must be an integer from 1 to 5, got 0");
  refuses(make({ blocks: 6 }), "`blocks` must be an integer from 1 to 5, got 6");
  refuses(make({ heavyBudget: -1 }), "`heavyBudget` must be an integer of at least 0, got -1");
  const stream = make({ blocks: 2 })();
  refuses(() => stream.push(new Float64Array(2)), "`row` must have length 3, got 2");
  refuses(() => stream.push(new Float64Array([0, NaN, 1])), "Cannot take in `row`: entry 1 is NaN");
  refuses(() => stream.pushRows(Matrix.from(2, 3, (i) => i === 1 ? Infinity : 1)), "entry 0 is Infinity");
  refuses(
    () => stream.push({ indices: Int32Array.of(3), values: Float64Array.of(1) }),
    "`row.indices` must be",
  );
  refuses(() => stream.pushRows(Matrix.zeros(2, 4)), "`rows` must have 3 columns, got 4");
  refuses(() => stream.result(), "expected `n` = 5 rows, got 0");
  refuses(() => stream.pushRows(Matrix.zeros(6, 3)), "Expected `n` = 5 rows, got 6");
  for (let i = 0; i < 5; i++) stream.push(new Float64Array(3));
  refuses(() => stream.push(new Float64Array(3)), "Expected `n` = 5 rows, got 6");
  refuses(
    () => stream.sketchedNorm(new Float64Array(3)),
    "`sketchRows` must be an integer of at least 1, got 0",
  );
  refuses(
    () => ojaHardInstance({ d: 3, heavy: 3, copies: 1, rng }),
    "`d` must be an integer of at least 4, got 3",
  );
  refuses(() => spikedStream({ n: 9, d: 3, gap: 4, heavyShare: 0.5, rng }), "`heavy` must be at least 1");
  refuses(() => new FrequentDirections({ d: 3, rows: 0 }), "`rows` must be an integer of at least 1, got 0");
  refuses(
    () => new OjaStream({ d: 3, learningRate: -1, rng }),
    "`learningRate` must be a finite number >= 0, got -1",
  );
});

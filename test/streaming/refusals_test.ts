/** Bad rows and options, stored rows, very long and very large rows of the streaming estimators. */
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
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
} from "refigure/streaming";

const row = (...values: number[]) => Float64Array.from(values);
const start = row(1, 1);
const options = { d: 2, n: 3, heavyBudget: 2, start };

Deno.test("one row of length 200,000 has itself as the top direction", () => {
  const d = 200_000;
  const sketch = new FrequentDirections({ d, rows: 1 });
  sketch.push(new Float64Array(d).fill(1));
  assertAlmostEquals(Math.abs(sketch.vector()[0]) * Math.sqrt(d), 1, 1e-9);
});

Deno.test("a start is enough, without a stream of random numbers", () => {
  const stream = new RandomOrderTopEigenvector(options);
  for (const r of [row(1, 0), row(3, 0), row(0, 1)]) stream.push(r);
  assertAlmostEquals(squaredCorrelation(stream.result().vector, row(1, 0)), 1, 1e-12);
  assertEquals(new OjaStream({ d: 2, learningRate: 0.1, start }).words, 2);
  const neither = "Either `start` or `rng` must be given";
  assertThrows(() => new RandomOrderTopEigenvector({ d: 2, n: 3, heavyBudget: 1 }), TypeError, neither);
  assertThrows(() => new OjaStream({ d: 2, learningRate: 0.1 }), TypeError, neither);
  assertThrows(
    () => new RandomOrderTopEigenvector({ ...options, sketchRows: 3 }),
    TypeError,
    "`rng` must be given for `sketchRows`",
  );
});

Deno.test("stored rows are the heaviest, by number in the stream", () => {
  const rng = new Rng(3);
  const rows = rng.normalMatrix(60, 5);
  const norms = rows.toRows().map((r) => Math.hypot(...r));
  const heaviest = [...norms.keys()].sort((a, b) => norms[b] - norms[a]).slice(0, 7).sort((a, b) => a - b);
  for (const pushed of ["push", "pushRows"] as const) {
    const stream = new RandomOrderTopEigenvector({ d: 5, n: 60, heavyBudget: 7, rng: new Rng(1) });
    if (pushed === "push") { for (let i = 0; i < 60; i++) stream.push(rows.row(i)); }
    else stream.pushRows(rows);
    const stored = stream.storedRows();
    assertEquals(stored.indices, heaviest);
    assertEquals(stored.rows.toRows(), heaviest.map((i) => [...rows.row(i)]));
    assertEquals(stream.result().heavyRows, 7);
    // Copies: writing to them does not change the estimate.
    const before = stream.result().vector;
    stored.rows.data.fill(0);
    assertEquals(stream.result().vector, before);
  }
  const none = new RandomOrderTopEigenvector({ ...options, heavyBudget: 0 }).storedRows();
  assertEquals([none.indices, none.rows.rows, none.rows.columns], [[], 0, 2]);
});

Deno.test("rows without weight are degenerate, with advice", () => {
  const stream = new RandomOrderTopEigenvector(options);
  for (let i = 0; i < 3; i++) stream.push(row(1e-200, 0));
  const { status, advice } = stream.result();
  assertEquals(status, "degenerate");
  assert(advice!.includes("scale them up"));
});

Deno.test("angles and gaps of vectors of any size", () => {
  for (const size of [1e-300, 1e-200, 1, 1e200, 1e300]) {
    assertAlmostEquals(squaredCorrelation(row(size, size), row(-3, 0)), 0.5, 1e-15);
    assertAlmostEquals(squaredSine(row(1, 1), row(size, 0)), 0.5, 1e-15);
    const { gap, v1 } = spectralGap(Matrix.fromRows([[2 * size, 0], [0, size]]));
    assertAlmostEquals(gap, 4, 1e-14);
    assertAlmostEquals(Math.abs(v1[0]), 1, 1e-14);
  }
  for (const f of [squaredCorrelation, squaredSine]) {
    assertThrows(() => f(row(0, 0), row(1, 1)), RangeError, "`u` must not be zero");
    assertThrows(() => f(row(1, 1), row(0, 0)), RangeError, "`v` must not be zero");
    assertThrows(() => f(row(1, 1), row(1, NaN)), RangeError, "Cannot compare `v`: entry 1 is NaN");
    assertThrows(() => f([1, 1] as never, row(1, 1)), TypeError, "`u` must be a Float64Array");
  }
});

Deno.test("rows of the wrong kind are refused by name", () => {
  const indices = (...values: number[]) => Int32Array.from(values);
  const sinks = [
    new FrequentDirections({ d: 2, rows: 1 }),
    new OjaStream({ d: 2, learningRate: 0.1, start }),
    new RandomOrderTopEigenvector(options),
  ];
  const cases: [unknown, typeof TypeError | typeof RangeError, string][] = [
    [null, TypeError, "`row` must be a Float64Array or { indices, values }, got null"],
    [[1, 2], TypeError, "`row` must be a Float64Array or { indices, values }, got an Array of length 2"],
    [{ indices: [0], values: row(1) }, TypeError, "`row.indices` must be an Int32Array"],
    [{ indices: indices(0), values: [1] }, TypeError, "`row.values` must be a Float64Array"],
    [{ indices: indices(1, 1), values: row(1, 1) }, RangeError, "`row.indices` must not repeat an index"],
    [
      { indices: indices(2), values: row(1) },
      RangeError,
      "`row.indices` must be an integer from 0 to 1, got 2",
    ],
    [row(1), RangeError, "`row` must have length 2, got 1"],
    [row(1, NaN), RangeError, "Cannot take in `row`: entry 1 is NaN"],
  ];
  for (const sink of sinks) {
    for (const [bad, kind, message] of cases) assertThrows(() => sink.push(bad as never), kind, message);
    sink.push({ indices: indices(1, 0), values: row(1, 1) });
  }
  const stream = sinks[2] as RandomOrderTopEigenvector;
  assertThrows(() => stream.pushRows([[1, 2]] as never), TypeError, "`rows` must be a Matrix");
});

Deno.test("a learning rate that makes a step overflow or is NaN is an error with the row's number", () => {
  const huge = new OjaStream({ d: 2, learningRate: 1e200, start });
  assertThrows(() => huge.push(row(1e100, 0)), RangeError, "Cannot take in row 1: `learningRate` times");
  const broken = new OjaStream({ d: 2, learningRate: (i) => i < 2 ? 0.1 : NaN, start });
  broken.push(row(1, 0));
  assertThrows(
    () => broken.push(row(1, 0)),
    RangeError,
    "`learningRate(2)` must be a finite number >= 0, got NaN",
  );
  assertThrows(
    () => new OjaStream({ d: 2, learningRate: "0.1" as never, start }),
    TypeError,
    "`learningRate`",
  );
});

Deno.test("unknown options are refused with the nearest name", async () => {
  const rng = new Rng(0);
  const cases: [string, () => unknown][] = [
    ["rows", () => new FrequentDirections({ d: 2, row: 1 } as never)],
    ["learningRate", () => new OjaStream({ d: 2, learningrate: 1, start } as never)],
    ["heavyBudget", () => new RandomOrderTopEigenvector({ ...options, heavybudget: 1 } as never)],
    ["rotate", () => ojaHardInstance({ d: 9, heavy: 2, copies: 2, rng, rotated: true } as never)],
    ["heavyShare", () => spikedStream({ n: 9, d: 2, gap: 3, rng, heavyshare: 0.1 } as never)],
    ["isGram", () => spectralGap(Matrix.identity(2), { isgram: true } as never)],
    ["c", () => heavyRowCount(row(1), 2, { C: 0.1 } as never)],
  ];
  for (const [name, run] of cases) {
    const { message } = assertThrows(run, TypeError, "has no option") as Error;
    assert(message.includes(`"${name}"`) || message.includes(`: ${name}`), message);
  }
  assertThrows(
    () => ojaHardInstance({ d: 9, heavy: 2, copies: 2, rng, rotate: 3 as never }),
    TypeError,
    "`rotate` must be true or false, got 3",
  );
  assertThrows(() => spikedStream({ n: 9, d: 2, gap: 3 } as never), TypeError, "`rng` must be an Rng");
  assertThrows(
    () => heavyRowCount(row(1, -1), 2),
    RangeError,
    "`norms[1]` must be a finite number >= 0, got -1",
  );
  await assertRejects(() => pipeRows(3 as never), TypeError, "`source` must be an iterable of rows, got 3");
  await assertRejects(() => pipeRows([], {} as never), TypeError, "`sinks[0].push` must be a function");
});

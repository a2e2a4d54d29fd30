/** The two forms of attention: closed forms, the guard, what is not finite, positions. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { allocate, type DType, Matrix, type RealArray, Rng } from "refigure/arrays";
import { withEngine } from "refigure/blas";
import {
  attentionOperations,
  attentionWeights,
  continualEncoder,
  CoRetroactiveAttention,
  encoderLayerWeights,
  flops,
  RecyclingPositionalEncoding,
  RetroactiveHead,
  SingleOutputHead,
  stateSize,
  windowAttention,
} from "refigure/continual";
import { expForSingles } from "../../lib/continual/exp.ts";
import { withoutKernels } from "../../lib/wasm/module.ts";
import { assertNear, distance } from "./near.ts";

interface Token {
  q: RealArray;
  k: RealArray;
  v: RealArray;
}

function stream(count: number, dim: number, sigma: number, rng: Rng, dtype: DType = "float64"): Token[] {
  const draw = () => {
    const out = allocate(dtype, dim);
    out.set(rng.normals(dim, sigma));
    return out;
  };
  return Array.from({ length: count }, () => ({ q: draw(), k: draw(), v: draw() }));
}

/** The window from scratch, in float64. */
function exact(tokens: Token[]): Float64Array {
  const rows = (part: keyof Token) => Matrix.fromRows(tokens.map((token) => token[part]));
  return windowAttention(rows("q"), rows("k"), rows("v")).data;
}

const one = (x: number) => Float64Array.of(x);

Deno.test("continual: attention over two tokens by hand", () => {
  const s = 1 / (1 + Math.exp(-1));
  for (const guard of [true, false]) {
    const head = new RetroactiveHead({ dim: 1, window: 2, guard });
    assertEquals(head.step(one(1), one(0), one(1)), null);
    assertNear(head.step(one(0), one(1), one(3))!, [1 + 2 * s, 2], 1e-15);
    assertNear(head.step(one(1), one(0), one(-1))!, [1, 4 * s - 1], 1e-15);
  }
  const single = new SingleOutputHead({ dim: 1, window: 2 });
  single.step(one(1), one(0), one(1));
  assertNear(single.step(one(0), one(1), one(3))!, [2], 1e-15);
  assertNear(single.step(one(1), one(0), one(-1))!, [4 * s - 1], 1e-15);
});

Deno.test("continual: equal keys give the mean of the values; a window of one gives the value", () => {
  const rng = new Rng(1);
  const key = rng.normals(3);
  const retroactive = new RetroactiveHead({ dim: 3, window: 4 });
  const single = new SingleOutputHead({ dim: 3, window: 4 });
  const values: RealArray[] = [];
  for (let t = 0; t < 15; t++) {
    const [q, v] = [rng.normals(3, 4), rng.normals(3)];
    values.push(v);
    const all = retroactive.step(q, key, v);
    const newest = single.step(q, key, v);
    if (all === null) continue;
    const mean = [0, 1, 2].map((j) => values.slice(-4).reduce((sum, value) => sum + value[j], 0) / 4);
    assertNear(newest!, mean, 1e-14);
    for (let i = 0; i < 4; i++) assertNear(all.subarray(3 * i, 3 * i + 3), mean, 1e-14);
  }
  const alone = new RetroactiveHead({ dim: 2, window: 1 });
  for (let t = 0; t < 4; t++) {
    const v = rng.normals(2);
    assertNear(alone.step(rng.normals(2), rng.normals(2), v)!, v, 1e-15);
  }
});

Deno.test("continual: a constant stream has a constant output", () => {
  const [q, k, v] = [one(2), one(3), one(5)];
  const head = new RetroactiveHead({ dim: 1, window: 3 });
  for (let t = 0; t < 12; t++) {
    const out = head.step(q, k, v);
    if (out !== null) assertNear(out, [5, 5, 5], 1e-14);
  }
});

Deno.test("continual: retroactive attention is the window from scratch, for longer than 3n", () => {
  for (const engine of ["native", "portable"] as const) {
    withEngine(engine, () => {
      for (const [n, d, sigma] of [[5, 4, 1], [16, 8, 2], [64, 32, 5], [7, 3, 12]]) {
        const tokens = stream(4 * n, d, sigma, new Rng(n));
        const head = new RetroactiveHead({ dim: d, window: n });
        const single = new SingleOutputHead({ dim: d, window: n });
        const out = new Float64Array(n * d);
        tokens.forEach(({ q, k, v }, t) => {
          const all = head.step(q, k, v, { out });
          const newest = single.step(q, k, v);
          if (t < n - 1) return assertEquals([all, newest], [null, null]);
          const wanted = exact(tokens.slice(t - n + 1, t + 1));
          assertNear(all!, wanted, 1e-11, `n = ${n}, sigma = ${sigma}, step ${t}`);
          assertNear(newest!, wanted.subarray((n - 1) * d), 1e-12);
        });
      }
    });
  }
});

Deno.test("continual: retroactive attention with compiled loops has the bits of that without", () => {
  for (const dim of [1, 3, 4, 6, 67]) {
    for (const window of [1, 2, 7]) {
      const options = { dim, window, dtype: "float32" } as const;
      const [compiled, plain] = [new RetroactiveHead(options), new RetroactiveHead(options)];
      const rng = new Rng(dim);
      for (let t = 0; t < 3 * window + 1; t++) {
        const [q, k, v] = [0, 1, 2].map(() => Float32Array.from(rng.normals(dim)));
        const out = compiled.step(q, k, v);
        assertEquals(out, withoutKernels(() => plain.step(q, k, v)));
        assertEquals(out === null, t < window - 1);
      }
    }
  }
});

Deno.test("continual: the exponential for singles", () => {
  for (let x = -120; x <= 120; x += 0.0137) {
    assertAlmostEquals(expForSingles(x) / Math.exp(x), 1, 5e-16);
    assertEquals(Math.fround(expForSingles(x)), Math.fround(Math.exp(x)));
  }
  const edges = [0, -0, 1000, -1000, Infinity, -Infinity, NaN, 100, -100, 5e-324];
  assertEquals(edges.map(expForSingles), edges.map(Math.exp));
});

Deno.test("continual: the guard saves float32 at sigma 3, and recomputes few rows", () => {
  const n = 64;
  const d = 32;
  const worst = { true: 0, false: 0 };
  const tokens = stream(400, d, 3, new Rng(5), "float32");
  for (const guard of [true, false] as const) {
    const head = new RetroactiveHead({ dim: d, window: n, guard, dtype: "float32" });
    tokens.forEach(({ q, k, v }, t) => {
      const out = head.step(q, k, v);
      if (out === null || t % 5 !== 0) return;
      const off = distance(out, exact(tokens.slice(t - n + 1, t + 1)));
      if (!(off <= worst[`${guard}`])) worst[`${guard}`] = off;
    });
    if (!guard) {
      assertEquals(head.recomputedRows, 0);
      continue;
    }
    assert(
      head.recomputedRows > 0 && head.recomputedRows < 0.05 * head.updatedRows,
      `${head.recomputedRows}`,
    );
  }
  assert(worst.true <= 1e-3, `${worst.true}`);
  assert(!(worst.false <= 1e-2), `${worst.false}`);
});

Deno.test("continual: the guard forgets what is not finite after n steps", () => {
  const n = 6;
  const d = 3;
  for (const bad of [NaN, Infinity, -Infinity]) {
    for (const part of ["q", "k", "v"] as const) {
      const tokens = stream(30, d, 1, new Rng(8));
      tokens[10][part] = tokens[10][part].slice();
      tokens[10][part][1] = bad;
      const head = new RetroactiveHead({ dim: d, window: n });
      const single = new SingleOutputHead({ dim: d, window: n });
      let wasSeen = false;
      tokens.forEach(({ q, k, v }, t) => {
        const out = head.step(q, k, v);
        const newest = single.step(q, k, v);
        if (out === null) return;
        if (t >= 10 && t < 10 + n) wasSeen ||= out.some((x) => !Number.isFinite(x));
        else {
          assertNear(out, exact(tokens.slice(t - n + 1, t + 1)), 1e-13, `${bad} in ${part}, step ${t}`);
          assert(newest!.every(Number.isFinite));
        }
      });
      // A key of one infinite entry may have a weight of exactly 0 for all queries of a sign.
      if (part !== "k" || Number.isNaN(bad)) assert(wasSeen, `${bad} in ${part} is swallowed`);
    }
  }
});

Deno.test("continual: operations of attention, and their ratios", () => {
  const ratio = (form: "retroactive" | "single-output", window: number, dim: number) =>
    attentionOperations("regular", { window, dim }).mul / attentionOperations(form, { window, dim }).mul;
  const table: [number, number, number][] = [
    [16, 64, 4.968],
    [64, 64, 18.613],
    [120, 12, 33.886],
    [256, 64, 73.224],
    [512, 64, 146.042],
  ];
  for (const [n, d, wanted] of table) {
    assertAlmostEquals(ratio("retroactive", n, d), wanted, 5e-4);
    assertEquals(ratio("single-output", n, d), n);
  }
  const attention = new CoRetroactiveAttention(attentionWeights(8, { rng: new Rng(0) }), {
    heads: 2,
    window: 6,
  });
  const head = attentionOperations("retroactive", { window: 6, dim: 4 });
  assertEquals(flops(attention, "step").mul, 2 * head.mul + 64 * (3 + 6));
  assertEquals(stateSize(attention), 6 * (4 * 8 + 2 * 2));
});

Deno.test("continual: recycled positions over the first window are the standard ones", () => {
  const n = 5;
  const rng = new Rng(2);
  const table = rng.normalMatrix(2 * n - 1, 4);
  const encoding = new RecyclingPositionalEncoding(4, 2 * n - 1, { table });
  const clip = rng.normals(4 * n);
  const standard = clip.map((x, i) => x + table.get(i % n, Math.floor(i / n)));
  assertEquals(encoding.forward(clip), standard);
  assertEquals(encoding.steps(clip), standard);
  // The stream goes on with number n, not with 0.
  assertEquals(encoding.step(new Float64Array(4)), table.row(n));
});

Deno.test("continual: n positions do not tell the order of the window, 2n - 1 do", () => {
  const n = 5;
  const E = 4;
  const rng = new Rng(4);
  const attention = attentionWeights(E, { rng: rng.split("weights") });
  const tokens = Array.from({ length: n }, () => rng.normals(E));
  // The same tokens, those of the second half first: their places modulo n are the same.
  const turned = [...tokens.slice(2), ...tokens.slice(0, 2)];
  const newestRows = (order: Float64Array[], count: number, skip: number) => {
    const encoding = new RecyclingPositionalEncoding(E, count);
    const module = new CoRetroactiveAttention(attention, { heads: 1, window: n });
    // Moves the clock, so that token j of `tokens` comes at a time that is j modulo n in both streams.
    for (let t = 0; t < skip; t++) encoding.step(new Float64Array(E));
    const out = order.map((token) => module.step(encoding.step(token)!)).at(-1)!;
    // Output of tokens[0], wherever it is.
    const place = order.indexOf(tokens[0]);
    return Array.from({ length: E }, (_, e) => out[e * n + place]);
  };
  assertNear(newestRows(tokens, n, 0), newestRows(turned, n, 2), 1e-13);
  assert(distance(newestRows(tokens, 2 * n - 1, 0), newestRows(turned, 2 * n - 1, 2)) > 1e-3);
});

Deno.test("continual: an encoder in float32 follows its windows", () => {
  const rng = new Rng(6);
  const dtype = "float32" as const;
  for (const count of [1, 2, 3]) {
    const layers = Array.from(
      { length: count },
      (_, i) => encoderLayerWeights(8, 16, { dtype, rng: rng.split(i) }),
    );
    const encoder = continualEncoder(layers, { heads: 2, window: 9 });
    const clip = new Float32Array(rng.normals(8 * 60));
    const windows = encoder.forward(clip);
    assertEquals(windows.length, 8 * 52);
    assertNear(encoder.steps(clip), windows, 1e-5, `${count} layers`);
  }
});

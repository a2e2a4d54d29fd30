import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fixture from "../fixtures/retrieval/denoiser.json" with { type: "json" };
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { withEngine } from "../../lib/blas/mod.ts";
import { edmPreconditioning } from "../../lib/diffusion/mod.ts";
import { attend } from "../../lib/retrieval/cross_attention.ts";
import {
  type DenoiserPrediction,
  EmbeddingDatabase,
  memorizationRatio,
  type Neighbors,
  proposalDistribution,
  RetrievalDenoiser,
  sampleRetrieval,
  topM,
  trainRetrievalDenoiser,
} from "../../lib/retrieval/mod.ts";
import { silu, siluWithSlope, singleExp } from "../../lib/retrieval/silu.ts";
import { withoutKernels } from "../../lib/wasm/compiled.ts";

const degrees = (angles: number[]) =>
  Matrix.from(
    angles.length,
    2,
    (i, j) => j === 0 ? Math.cos(angles[i] * Math.PI / 180) : Math.sin(angles[i] * Math.PI / 180),
  );

function assertNear(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  assertEquals(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) assertAlmostEquals(actual[i], expected[i], tolerance, `entry ${i}`);
}

/** Small models: in float32 as in use, in float64 for derivatives. */
const model = (options: { dropped?: boolean; seed?: number; prediction?: DenoiserPrediction } = {}) =>
  new RetrievalDenoiser({
    dim: 6,
    tokenDim: 4,
    width: 16,
    keyDim: 8,
    sigmaData: 0.7,
    prediction: options.prediction ?? "preconditioned",
    rng: new Rng(options.seed ?? 3),
  });

Deno.test("proposal distribution: angles on the circle, its sum, entries that nobody retrieves", () => {
  const database = new EmbeddingDatabase(degrees([0, 30, 60, 90]));
  const { indices } = database.search(degrees([5, 20, 50, 100]), 2);
  assertEquals(indices, Int32Array.of(0, 1, 1, 0, 2, 1, 3, 2));
  assertEquals(proposalDistribution(indices, 4), Float64Array.of(2, 3, 2, 1).map((count) => count / 8));
  const p = proposalDistribution(new Rng(1).permutation(500), 700);
  assertAlmostEquals(p.reduce((a, b) => a + b), 1, 1e-13);
  assertEquals(p.filter((x) => x === 0).length, 200);
  assertThrows(() => proposalDistribution(Int32Array.of(0, 4), 4), RangeError, "`neighbors[1]`");
  assertThrows(() => proposalDistribution(new Int32Array(0), 4), RangeError, "`neighbors.length`");
});

Deno.test("top m: kept entries, ties, both weights, bad shares", () => {
  const p = Float64Array.of(0.1, 0.2, 0.2, 0.4, 0.1);
  assertEquals(topM(p, 0.4), Float64Array.of(0, 0.5, 0, 0.5, 0));
  assertNear(topM(p, 0.4, { weighted: true }), [0, 1 / 3, 0, 2 / 3, 0], 1e-15);
  assertEquals(topM(p, 1), new Float64Array(5).fill(0.2));
  assertEquals(topM(p, 1e-9), Float64Array.of(0, 0, 0, 1, 0));
  for (const m of [0, -0.1, 1.1, NaN]) assertThrows(() => topM(p, m), RangeError, "`m` must be");
  assertThrows(() => topM([0, 0], 0.5, { weighted: true }), RangeError, "positive entry");
  assertThrows(() => topM([0.5, -0.5], 0.5), RangeError, "`p[1]`");
});

Deno.test("database: search by direction, raw tokens, subsets, bad input", () => {
  const raw = Matrix.fromRows([[2, 0], [0, 5], [1, 1], [4, 0]]);
  const database = new EmbeddingDatabase(raw);
  const { indices, similarity } = database.search(Matrix.fromRows([[3, 0], [0, -1]]), 3);
  // Entries 0 and 3 have one direction: the lower number first. Entry 1 is opposite to the second query.
  assertEquals(indices, Int32Array.of(0, 3, 2, 0, 3, 2));
  assertNear(similarity, [1, 1, Math.SQRT1_2, 0, 0, -Math.SQRT1_2], 1e-15);
  assertEquals(database.tokens, raw);
  assertEquals(database.subset([3, 1]).tokens, Matrix.fromRows([[4, 0], [0, 5]]));
  assertThrows(
    () => database.search(Matrix.fromRows([[0, 0]]), 1),
    RangeError,
    "cannot normalise a zero embedding",
  );
  assertThrows(() => database.search(Matrix.fromRows([[NaN, 0]]), 1), RangeError, "entry (0, 0) is NaN");
  assertThrows(() => database.search(raw, 5), RangeError, "`k` must be an integer from 1 to 4, got 5");
  assertThrows(() => new EmbeddingDatabase(Matrix.zeros(0, 2)), RangeError, "`embeddings.rows`");
  assertThrows(() => new EmbeddingDatabase(Matrix.fromRows([[1, NaN]])), RangeError, "(0, 1) is NaN");
  assertThrows(() => new EmbeddingDatabase(Matrix.fromRows([[0, 0]])), RangeError, "cannot normalise");
  assertThrows(() => new EmbeddingDatabase(raw, { tokens: Matrix.zeros(3, 2) }), RangeError, "`tokens.rows`");
  assertThrows(() => database.subset([4]), RangeError, "`entries[0]`");
  assertThrows(() => database.subset([]), RangeError);
});

Deno.test("attention: two keys", () => {
  const [weights, context] = [new Float64Array(2), new Float64Array(1)];
  const table = Float64Array.of(1, 0, 10, 0, 1, 20);
  const shape = { n: 1, k: 2, keyDim: 2, valueDim: 1 };
  attend(shape, Float64Array.of(1, 0), table, Int32Array.of(0, 1), 0, weights, context);
  assertNear(weights, [0.66976155, 0.33023845], 1e-8);
  assertAlmostEquals(context[0], 10 * weights[0] + 20 * weights[1], 1e-14);
});

for (const engine of ["native", "portable"] as const) {
  Deno.test(`denoiser against PyTorch: loss, gradient, outputs, on the ${engine} engine`, async () => {
    for (const one of fixture.cases) {
      const { tokenDim, ...sizes } = fixture.sizes;
      const net = new RetrievalDenoiser({
        ...sizes,
        ...(one.attention ? { tokenDim } : {}),
        prediction: one.prediction as DenoiserPrediction,
        dtype: "float64",
        parameters: Float64Array.from(one.theta),
      });
      const n = one.sigma.length;
      const matrix = (values: number[], columns: number) =>
        new Matrix(values.length / columns, columns, Float64Array.from(values));
      const [clean, noise] = [matrix(one.clean, net.dim), matrix(one.noise, net.dim)];
      const neighbors: Neighbors | null = one.attention
        ? { tokens: matrix(one.table, tokenDim), indices: Int32Array.from(one.indices) }
        : null;
      await withEngine(engine, () => {
        const { loss, gradient } = net.lossAndGradient(clean, noise, one.sigma, neighbors);
        assertAlmostEquals(loss, one.loss, 1e-12);
        assertNear(gradient, one.gradient, 1e-11);
        const x = Matrix.from(n, net.dim, (i, j) => clean.get(i, j) + one.sigma[i] * noise.get(i, j));
        assertNear(net.denoise(x, one.sigma, neighbors).data, one.denoised, 1e-12);
        assertNear(net.denoise(clean, one.sigma, null).data, one.unconditional, 1e-12);
        if (neighbors === null) return;
        const projected = { ...neighbors, tokens: net.projectTokens(neighbors.tokens), projected: true };
        assertNear(net.denoise(x, one.sigma, projected).data, one.denoised, 1e-12);
        // Without neighbours the gradient is that of one zero token each.
        const zeros = { tokens: Matrix.zeros(1, tokenDim), indices: new Int32Array(n) };
        assertNear(
          net.lossAndGradient(clean, noise, one.sigma, null).gradient,
          net.lossAndGradient(clean, noise, one.sigma, zeros).gradient,
          1e-13,
        );
      });
    }
  });
}

Deno.test("the compiled pass has the bits of the loops in TypeScript", async () => {
  const sizes: [
    n: number,
    dim: number,
    tokenDim: number,
    width: number,
    keyDim: number,
    k: number,
    scale: number,
  ][] = [
    [300, 64, 64, 64, 32, 4, 1],
    [128, 8, 4, 12, 4, 1, 1],
    [5, 4, 8, 16, 8, 3, 30],
    [260, 64, 64, 64, 32, 5, 100],
    [20, 8, 8, 4, 4, 11, 1],
    [200, 8, 0, 16, 8, 0, 3],
    [129, 64, 64, 64, 32, 4, 1],
    [1, 8, 8, 8, 8, 4, 1],
  ];
  for (const engine of ["native", "portable"] as const) {
    for (const [n, dim, tokenDim, width, keyDim, k, scale] of sizes) {
      const rng = new Rng(1);
      const net = new RetrievalDenoiser({ dim, tokenDim, width, keyDim, sigmaData: 0.75, rng });
      net.parameters.set(net.parameters.map((value) => 3 * value));
      const tokens = rng.normalMatrix(20, Math.max(1, tokenDim)).astype("float32");
      const x = rng.normalMatrix(n, dim, scale).astype("float32");
      if (n === 5) x.data[7] = NaN;
      const indices = Int32Array.from({ length: n * k }, () => rng.integer(20));
      for (const neighbors of tokenDim > 0 ? [{ tokens, indices }, null] : [null]) {
        for (const sigma of [0.02, 1.3, 10]) {
          const attention = new Float32Array(neighbors !== null ? n * k : tokenDim > 0 ? n : 0);
          const pass = () => [...net.denoise(x, sigma, neighbors, { attention }).data, ...attention];
          const compiled = await withEngine(engine, pass);
          const plain = await withEngine(engine, () => withoutKernels(pass));
          // Portable products round their sums once, with what they are added to: the noise's comes later.
          if (engine === "native") assertEquals(compiled, plain);
          else assertNear(compiled.filter(Number.isFinite), plain.filter(Number.isFinite), 2e-5 * scale);
        }
      }
    }
  }
});

Deno.test("gradient of every layer of the attention block by differences", () => {
  const options = { dim: 3, tokenDim: 2, width: 5, keyDim: 3, sigmaData: 1, dtype: "float64" as const };
  const net = new RetrievalDenoiser({ ...options, rng: new Rng(4) });
  for (let i = 0; i < net.parameters.length; i++) net.parameters[i] *= 1.5;
  const rng = new Rng(5);
  const [clean, noise] = [rng.normalMatrix(6, 3), rng.normalMatrix(6, 3)];
  const sigma = Float64Array.from({ length: 6 }, () => Math.exp(rng.normal()));
  const neighbors = {
    tokens: rng.normalMatrix(4, 2),
    indices: Int32Array.from({ length: 12 }, () => rng.integer(4)),
  };
  const { gradient } = net.lossAndGradient(clean, noise, sigma, neighbors);
  const exact = gradient.slice();
  for (let i = 0; i < net.parameters.length; i += 3) {
    const kept = net.parameters[i];
    const [above, below] = [1e-5, -1e-5].map((step) => {
      net.parameters[i] = kept + step;
      return net.lossAndGradient(clean, noise, sigma, neighbors).loss;
    });
    net.parameters[i] = kept;
    assertAlmostEquals((above - below) / 2e-5, exact[i], 1e-6 * Math.max(1, Math.abs(exact[i])));
  }
});

Deno.test("neighbours have no order, and one repeated k times is one", () => {
  const net = model();
  const rng = new Rng(6);
  const [x, tokens] = [rng.normalMatrix(40, 6), rng.normalMatrix(10, 4)];
  const indices = Int32Array.from({ length: 160 }, () => rng.integer(10));
  const reversed = indices.map((_, i) => indices[i - i % 4 + 3 - i % 4]);
  const out = net.denoise(x, 0.5, { tokens, indices });
  assertNear(net.denoise(x, 0.5, { tokens, indices: reversed }).data, out.data, 1e-6);
  const once = Int32Array.from({ length: 40 }, (_, i) => i % 10);
  const repeated = Int32Array.from({ length: 160 }, (_, i) => (i >> 2) % 10);
  const single = net.denoise(x, 0.5, { tokens, indices: once });
  assertNear(net.denoise(x, 0.5, { tokens, indices: repeated }).data, single.data, 1e-6);
  // They do matter.
  assert(out.data.some((value, i) => Math.abs(value - single.data[i]) > 1e-3));
});

Deno.test("preconditioning: identities, limits of the denoiser, the posterior mean", () => {
  for (const [sigma, data] of [[0.01, 0.75], [0.75, 0.75], [3, 0.5], [80, 2]]) {
    const c = edmPreconditioning(sigma, data);
    assertAlmostEquals(c.out ** 2 / (sigma ** 2 * c.skip), 1, 1e-13);
    assertAlmostEquals(c.in ** 2 * data ** 2 / c.skip, 1, 1e-13);
  }
  const net = model();
  const x = new Rng(7).normalMatrix(5, 6);
  // No noise: D = x.
  assertNear(net.denoise(x, 1e-7, null).data, x.data, 1e-5);
  // F = 0: D = skip x, the posterior mean of normal data.
  net.parameters.fill(0);
  const { skip } = edmPreconditioning(1.3, 0.7);
  assertNear(net.denoise(x, 1.3, null).data, x.data.map((value) => skip * value), 1e-6);
  // All noise: D = sigmaData F; here F is the bias of the last layer.
  net.parameters.fill(2, net.parameters.length - 6);
  assertNear(net.denoise(x, 1e8, null).data, new Float64Array(30).fill(2 * 0.7), 1e-5);
  net.parameters.fill(NaN, 0, 1);
  assert(net.denoise(x, 1, null).data.every(Number.isNaN));
});

Deno.test("one entry per class without noise within classes: denoising becomes looking up", () => {
  const rng = new Rng(8);
  const classes = rng.normalMatrix(5, 6, 0.7);
  const examples = Matrix.from(50, 6, (i, j) => classes.get(i % 5, j));
  const indices = Int32Array.from({ length: 50 }, (_, i) => i % 5);
  const net = new RetrievalDenoiser({ dim: 6, tokenDim: 6, width: 48, sigmaData: 0.7, rng: new Rng(9) });
  trainRetrievalDenoiser(net, examples, { tokens: classes, indices }, { steps: 1500, rng: new Rng(10) });
  const database = new EmbeddingDatabase(classes);
  const { samples, queries } = sampleRetrieval(net, database, { count: 60, k: 1, rng: new Rng(11) });
  const distance = (of: Int32Array) => {
    let sum = 0;
    samples.data.forEach((value, at) => sum += (value - classes.get(of[Math.floor(at / 6)], at % 6)) ** 2);
    return Math.sqrt(sum / samples.data.length);
  };
  assert(distance(queries) < 0.1, `${distance(queries)}`);
  assert(distance(queries.map((query) => (query + 1) % 5)) > 0.5);
});

Deno.test("guidance: 1 is the conditional model, 0 the unconditional one", () => {
  const net = model();
  const rng = new Rng(12);
  const database = new EmbeddingDatabase(rng.normalMatrix(12, 4));
  const samples = (guidance: number, levels = 5) =>
    sampleRetrieval(net, database, { count: 20, guidance, levels, rng: new Rng(13) });
  assertEquals(
    samples(1).samples,
    sampleRetrieval(net, database, { count: 20, levels: 5, rng: new Rng(13) }).samples,
  );
  // Zero tokens in the database: what the unconditional branch is given.
  const zeros = new EmbeddingDatabase(database.embeddings, { tokens: Matrix.zeros(12, 4) });
  const free = sampleRetrieval(net, zeros, { count: 20, levels: 5, rng: new Rng(13) });
  assertNear(samples(0).samples.data, free.samples.data, 1e-5);
  // With one level the sample is the denoised noise, which is linear in s.
  const [none, one, two] = [0, 1, 2].map((s) => samples(s, 1).samples.data);
  assertNear(two, none.map((value, i) => value + 2 * (one[i] - value)), 1e-4);
});

Deno.test("samples: queries follow the proposal, and noise does not depend on the database", () => {
  const net = model();
  const rng = new Rng(14);
  const database = new EmbeddingDatabase(rng.normalMatrix(10, 4));
  const proposal = Float64Array.of(0, 0.5, 0, 0, 0.5, 0, 0, 0, 0, 0);
  const common = { k: 3, levels: 1, rng: new Rng(15) };
  const { queries, neighbors } = sampleRetrieval(net, database, { ...common, count: 4000, proposal });
  assertEquals(queries.filter((query) => query !== 1 && query !== 4).length, 0);
  assertAlmostEquals(queries.filter((query) => query === 4).length / 4000, 0.5, 4 * 0.5 / Math.sqrt(4000));
  for (let i = 0; i < 100; i++) assertEquals(neighbors[3 * i], queries[i]);
  const uniform = sampleRetrieval(net, database, { ...common, count: 20_000 }).queries;
  for (let entry = 0; entry < 10; entry++) {
    assertAlmostEquals(uniform.filter((query) => query === entry).length / 20_000, 0.1, 0.01);
  }
  const given = Int32Array.of(7, 7, 2);
  assertEquals(sampleRetrieval(net, database, { ...common, count: 3, queries: given }).queries, given);
  const other = new EmbeddingDatabase(database.embeddings, { tokens: new Rng(16).normalMatrix(10, 4) });
  const of = (one: EmbeddingDatabase) =>
    sampleRetrieval(net, one, { ...common, count: 3, guidance: 0 }).samples;
  assertEquals(of(other), of(database));
  const clipped = sampleRetrieval(net, database, { count: 50, clip: [-0.1, 0.2], rng: new Rng(15) }).samples;
  assert(clipped.data.every((value) => value >= Math.fround(-0.1) && value <= Math.fround(0.2)));
});

Deno.test("training: one stream gives one model, dropped neighbours train the unconditional branch", () => {
  const rng = new Rng(17);
  const examples = rng.normalMatrix(30, 6);
  // A table with more rows than a batch retrieves, so that rows are gathered, and one with fewer.
  for (const size of [500, 20]) {
    const tokens = rng.normalMatrix(size, 4);
    const indices = Int32Array.from({ length: 60 }, () => rng.integer(size));
    const trained = (dropProbability: number) => {
      const net = model();
      const options = { steps: 20, batchSize: 16, dropProbability, rng: new Rng(18) };
      const { losses } = trainRetrievalDenoiser(net, examples, { tokens, indices }, options);
      return { net, losses };
    };
    const [a, b, dropped] = [trained(0), trained(0), trained(1)];
    assertEquals(a.net.parameters, b.net.parameters);
    assertEquals(a.losses.length, 20);
    // All dropped: the tokens make no difference.
    const net = model();
    const zero = { tokens: Matrix.zeros(1, 4), indices: new Int32Array(60) };
    trainRetrievalDenoiser(net, examples, zero, { steps: 20, batchSize: 16, rng: new Rng(18) });
    assertNear(dropped.net.parameters, net.parameters, 2e-5);
    assert(a.net.parameters.some((value, i) => Math.abs(value - net.parameters[i]) > 1e-3));
  }
});

Deno.test("random neighbours cannot be looked up: the loss stays above that with twins", () => {
  const rng = new Rng(19);
  const examples = rng.normalMatrix(60, 6, 0.7);
  const twins = Int32Array.from({ length: 60 }, (_, i) => i);
  const loss = (indices: Int32Array) => {
    const net = new RetrievalDenoiser({ dim: 6, tokenDim: 6, width: 32, sigmaData: 0.7, rng: new Rng(20) });
    const { losses } = trainRetrievalDenoiser(net, examples, { tokens: examples, indices }, {
      steps: 400,
      rng: new Rng(21),
    });
    return losses.slice(-50).reduce((a, b) => a + b) / 50;
  };
  assert(loss(twins) < 0.5 * loss(new Rng(22).permutation(60)));
});

Deno.test("memorization ratio: copies, new data, itself", () => {
  const rng = new Rng(23);
  const [train, test] = [rng.normalMatrix(80, 3), rng.normalMatrix(90, 3)];
  assertEquals(memorizationRatio(train, train, test), 0);
  assertEquals(memorizationRatio(test, train, test), 1);
  assertAlmostEquals(memorizationRatio(rng.normalMatrix(2000, 3), train, test), 1, 0.2);
  assertThrows(() => memorizationRatio(test, train, train), RangeError, "`test`");
  assertThrows(() => memorizationRatio(Matrix.zeros(0, 3), train, test), RangeError, "`generated.rows`");
});

Deno.test("bad input is refused by the names of the caller", () => {
  const net = model();
  const x = Matrix.zeros(2, 6);
  const tokens = Matrix.zeros(3, 4);
  const indices = Int32Array.of(0, 1);
  assertThrows(() => net.denoise(x, 0, null), RangeError, "`sigma`");
  assertThrows(() => net.denoise(x, [1], null), RangeError, "`sigma`");
  assertThrows(() => net.denoise(x, [1, -1], null), RangeError, "`sigma[1]`");
  assertThrows(() => net.denoise(Matrix.zeros(2, 5), 1, null), RangeError, "`x`");
  assertThrows(
    () => net.denoise(x, 1, { tokens, indices: Int32Array.of(0, 3) }),
    RangeError,
    "`neighbors.indices[1]`",
  );
  assertThrows(() => net.denoise(x, 1, { tokens, indices: Int32Array.of(0) }), RangeError, "per example");
  assertThrows(
    () => net.denoise(x, 1, { tokens, indices, projected: true }),
    RangeError,
    "`neighbors.tokens`",
  );
  assertThrows(() => net.denoise(x, 1, { token: tokens, indices } as never), TypeError, 'no option "token"');
  assertThrows(
    () => net.lossAndGradient(x, x, [1, 1], { tokens, indices, projected: true }),
    RangeError,
    "projected",
  );
  const plain = new RetrievalDenoiser({ dim: 6, width: 4, sigmaData: 1, rng: new Rng(0) });
  assertThrows(() => plain.denoise(x, 1, { tokens, indices }), RangeError, "no attention");
  const database = new EmbeddingDatabase(Matrix.identity(4));
  assertThrows(() => sampleRetrieval(net, database, { count: 2, k: 5, rng: new Rng(0) }), RangeError, "`k`");
  assertThrows(() => sampleRetrieval(net, database, { count: 0, rng: new Rng(0) }), RangeError, "`count`");
  assertThrows(
    () => sampleRetrieval(net, database, { count: 2, queries: Int32Array.of(0), rng: new Rng(0) }),
    RangeError,
    "`queries`",
  );
  assertThrows(
    () => sampleRetrieval(net, database, { count: 2, proposal: [0, 0, 0, 0], rng: new Rng(0) }),
    RangeError,
    "positive entry",
  );
  assertThrows(
    () => new RetrievalDenoiser({ dim: 6, sigmaData: 0, rng: new Rng(0) }),
    RangeError,
    "`sigmaData`",
  );
  assertThrows(
    () => new RetrievalDenoiser({ dim: 6, sigmaData: 1, prediction: "noise" as never, rng: new Rng(0) }),
    TypeError,
    "`prediction`",
  );
  assertThrows(
    () => trainRetrievalDenoiser(net, x, null, { steps: 1, dropProbability: 2, rng: new Rng(0) }),
    RangeError,
    "`dropProbability`",
  );
});

Deno.test("parameters are those of the formulas: 30208 with attention, 17728 and 51776 without", () => {
  const count = (width: number, tokenDim?: number) =>
    new RetrievalDenoiser({ dim: 64, tokenDim, width, sigmaData: 1, rng: new Rng(0) }).parameters.length;
  assertEquals([count(64, 64), count(64), count(128)], [30208, 17728, 51776]);
});

Deno.test("the fast exponential is exact to 1e-8", () => {
  for (let x = -130; x < 130; x += 0.137) assertAlmostEquals(singleExp(x) / Math.exp(x), 1, 1e-8);
  assertEquals(singleExp(0), 1);
  assert(Number.isNaN(singleExp(NaN)) && singleExp(-Infinity) < 1e-59 && singleExp(Infinity) > 1e59);
});

Deno.test("silu: the table, the exact one, the slope, far out, NaN", () => {
  const z = Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) / 50 + 0.003);
  const exact = Array.from(z, (x) => x / (1 + Math.exp(-x)));
  const [table, withSlope, slope] = [z.slice(), z.slice(), new Float32Array(z.length)];
  silu(table, z.length);
  siluWithSlope(withSlope, z.length, slope);
  for (let i = 0; i < z.length; i++) {
    const tolerance = 1.5e-7 * Math.max(1, Math.abs(z[i]));
    assertAlmostEquals(table[i], exact[i], tolerance);
    assertAlmostEquals(withSlope[i], exact[i], tolerance);
    const s = 1 / (1 + Math.exp(-z[i]));
    assertAlmostEquals(slope[i], s + z[i] * s * (1 - s), 3e-7);
  }
  const odd = Float32Array.of(NaN, 1e30, -1e30, Infinity, 0);
  silu(odd, 5);
  assertEquals(odd, Float32Array.of(NaN, Math.fround(1e30), 0, Infinity, 0));
  const double = Float64Array.of(-3, 0.1);
  silu(double, 2);
  assertNear(double, [-3 / (1 + Math.exp(3)), 0.1 / (1 + Math.exp(-0.1))], 1e-16);
});

Deno.test("attention to one to nine neighbours is the sum by its formula", () => {
  const rng = new Rng(24);
  for (let k = 1; k <= 9; k++) {
    const shape = { n: 3, k, keyDim: 4, valueDim: 5 };
    const [queries, table] = [rng.normals(12), rng.normals(7 * 9)];
    const indices = Int32Array.from({ length: 3 * k }, () => rng.integer(7));
    const [weights, context] = [new Float64Array(3 * k), new Float64Array(15)];
    attend(shape, queries, table, indices, 0, weights, context);
    for (let i = 0; i < 3; i++) {
      const own = Array.from(
        indices.subarray(i * k, i * k + k),
        (index) => table.subarray(9 * index, 9 * index + 9),
      );
      const scores = own.map((row) =>
        Math.exp([0, 1, 2, 3].reduce((s, c) => s + queries[4 * i + c] * row[c], 0) / 2)
      );
      const total = scores.reduce((a, b) => a + b);
      for (let c = 0; c < 5; c++) {
        const expected = own.reduce((sum, row, j) => sum + scores[j] / total * row[4 + c], 0);
        assertAlmostEquals(context[5 * i + c], expected, 1e-13);
      }
    }
  }
});

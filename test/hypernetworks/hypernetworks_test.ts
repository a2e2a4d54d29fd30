import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import { singularValues } from "refigure/linalg";
import {
  type ArchGraph,
  gpt2ParameterCount,
  hypernetworkParameterCount,
  LowRankDecoder,
  mlpGraph,
  shortestPaths,
  tileTo,
  vitParameterCount,
} from "refigure/hypernetworks";
import reference from "../fixtures/hypernetworks/decoder.json" with { type: "json" };

const lowRank = (rank: number, maxSize = 16 * 2048) => ({ kind: "lowRank" as const, rank, maxSize });
const tile = { kind: "tile" as const };

/** A decoder whose first maps only pass on the seeds: `h` is ignored, the seeds are the biases of map 3. */
function decoderOfSeeds(
  seeds: readonly number[],
  last: Matrix,
  layout: "official" | "transposed" = "official",
): LowRankDecoder {
  const rank = last.columns;
  const decoder = new LowRankDecoder(4, { rank, maxSize: last.rows, layout, rng: new Rng(0) });
  decoder.maps.slice(0, 3).forEach(({ weight, bias }) => {
    weight.data.fill(0);
    bias.fill(0);
  });
  decoder.maps[2].bias.set(seeds);
  decoder.maps[3].weight.data.set(last.data);
  decoder.maps[3].bias.fill(0);
  return decoder;
}

Deno.test("the eight hypernetworks of the paper's Table 1 have as many parameters as printed", () => {
  const count = (hidden: number, layers: number, heads: number, rank?: number) =>
    hypernetworkParameterCount({
      hidden,
      layers,
      heads,
      decoder: rank === undefined ? tile : lowRank(rank),
    }).total;
  assertEquals(count(64, 3, 8, 32), 2_540_380);
  assertEquals(count(128, 5, 16, 90), 21_412_794);
  assertEquals(count(256, 5, 16, 128), 78_231_892);
  assertEquals(count(256, 12, 16, 256), 289_423_316);
  assertEquals(count(64, 3, 8), 6_906_632);
  assertEquals(count(128, 5, 16), 35_810_368);
  assertEquals(count(256, 12, 16), 214_668_960);
  assertEquals(count(384, 24, 16), 654_365_184);
});

Deno.test("LoGAH-Tiny for widths 2048, 4096 and 8192, and its parts", () => {
  const sizes = (width: number) =>
    hypernetworkParameterCount({ hidden: 64, layers: 3, heads: 8, decoder: lowRank(32, 16 * width) });
  assertEquals([2048, 4096, 8192].map((width) => sizes(width).total), [2_540_380, 3_621_724, 5_784_412]);
  assertEquals(sizes(2048).byPart, {
    "last normalization": 128,
    types: 960,
    shapes: 6448,
    Graphormer: 174_600,
    "degrees and distances": 76_992,
    decoder: 2_281_248,
    placeholders: 4,
  });
});

Deno.test("weights of the decoders by formula, and what a tile of 2048 channels would take", () => {
  const decoder = (hidden: number, config: ReturnType<typeof lowRank> | typeof tile) => {
    const { byPart } = hypernetworkParameterCount({ hidden, layers: 3, heads: 8, decoder: config });
    return byPart.decoder + (byPart.vectors ?? 0) + (byPart.classifier ?? 0);
  };
  const [d, r, K, C] = [64, 32, 32768, 1000];
  // Weights by the formula, then biases; LoGAH's unused layer; GHN-3's maps of vectors and of class biases.
  assertEquals(36 * d ** 2 + 16 * d * r ** 2 + r * K, 2_244_608);
  assertEquals(decoder(d, lowRank(r)), 2_244_608 + (12 * d + 2 * r ** 2 + K) + r * (r + 1));
  assertEquals(1024 * d ** 2 + 32 * d ** 2 + 8 * d ** 3 + d * C, 6_486_528);
  const vectors = 2 * d * (d + 1) + 2 * d * (2 * d + 1);
  assertEquals(decoder(d, tile), 6_486_528 + (1024 * d + 8 * d + d ** 2 + C) + vectors + C * (d + 1));
  const wide = decoder(2048, tile);
  assert(Math.abs(wide / 7.3e10 - 1) < 0.01, `${wide}`);
  assert(Math.abs(wide / 2_540_380 / 2.9e4 - 1) < 0.01, `${wide / 2_540_380}`);
});

Deno.test("parameters of GPT-2 and of vision transformers", () => {
  assertEquals(gpt2ParameterCount(768, 12), 124_439_808);
  assertEquals(gpt2ParameterCount(1024, 24), 354_823_168);
  assertEquals(gpt2ParameterCount(1280, 36), 774_030_080);
  assertEquals(vitParameterCount(384, 12, { patch: 2, image: 32, classes: 100 }), 21_436_900);
  assertEquals(vitParameterCount(768, 12, { patch: 16, image: 224, classes: 1000 }), 86_567_656);
  assertEquals(vitParameterCount(1024, 24, { patch: 16, image: 224, classes: 1000 }), 304_326_632);
});

Deno.test("decoder: values and gradients of the full computation in PyTorch", () => {
  const { hidden, rank, maxSize } = reference;
  const wave = (count: number, phase: number) =>
    Float64Array.from({ length: count }, (_, k) => Math.sin(0.7 * k + phase) / 2);
  const decoder = new LowRankDecoder(hidden, { rank, maxSize, rng: new Rng(0) });
  decoder.maps.forEach(({ weight, bias }, i) => {
    weight.data.set(wave(weight.data.length, i));
    bias.set(wave(bias.length, 10 + i));
  });
  const h = wave(hidden, 20);
  const close = (actual: ArrayLike<number>, expected: number[]) => {
    assertEquals(actual.length, expected.length);
    expected.forEach((value, k) => assertAlmostEquals(actual[k], value, 1e-12));
  };
  for (const { shape, w, dh, dmaps } of reference.cases) {
    close(decoder.decode(h, shape), w);
    const gradients = decoder.gradients(h, shape, wave(w.length, 30));
    close(gradients.h, dh);
    close(gradients.maps.flatMap(({ weight, bias }) => [...weight.data, ...bias]), dmaps.flat());
  }
});

for (const layout of ["official", "transposed"] as const) {
  Deno.test(`decoder: gradients against differences, ${layout}`, () => {
    const rng = new Rng(3);
    const decoder = new LowRankDecoder(4, { rank: 3, maxSize: 12, layout, rng: rng.split("start") });
    const h = rng.normals(4);
    const shape = [3, 2, 2, 3];
    const dw = rng.normals(36);
    const loss = () => decoder.decode(h, shape).reduce((sum, value, k) => sum + value * dw[k], 0);
    const { maps, h: dh } = decoder.gradients(h, shape, dw);
    const check = (values: Float64Array, gradient: ArrayLike<number>) => {
      for (let k = 0; k < values.length; k += 1 + Math.floor(values.length / 20)) {
        const start = values[k];
        values[k] = start + 1e-5;
        const above = loss();
        values[k] = start - 1e-5;
        const below = loss();
        values[k] = start;
        assertAlmostEquals(gradient[k], (above - below) / 2e-5, 1e-6);
      }
    };
    check(h, dh);
    maps.forEach(({ weight, bias }, i) => {
      check(decoder.maps[i].weight.data, weight.data);
      check(decoder.maps[i].bias, bias);
    });
    assert(maps.every(({ weight }) => weight.data.some((value) => Math.abs(value) > 1e-6)));
  });
}

Deno.test("decoder by hand: rank 1, K = 2", () => {
  const [s, t, a, b] = [2, 3, 5, 7];
  const decoder = decoderOfSeeds([s, t], Matrix.fromRows([[a], [b]]));
  const expected = [a * a, a * b, a * b, b * b].map((value) => s * t * value);
  assertEquals([...decoder.decode(new Float64Array(4), [2, 2])], expected);
});

Deno.test("decoder by hand: rank 2, K = 2, where the layouts differ", () => {
  const last = Matrix.fromRows([[1, 2], [3, 5]]);
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
  // Rows of the array: seeds times the transpose of the last map.
  const u = [[5, 13], [11, 29], [17, 45], [23, 61]];
  const h = new Float64Array(4);
  const official = decoderOfSeeds(seeds, last).factors(h, [2, 2]);
  assertEquals([...official.a.data], [...u[0], ...u[1]]);
  assertEquals([...official.b.data], [...u[2], ...u[3]]);
  const transposed = decoderOfSeeds(seeds, last, "transposed").factors(h, [2, 2]);
  assertEquals([...transposed.a.data], [u[0][0], u[1][0], u[0][1], u[1][1]]);
  assertEquals([...transposed.b.data], [u[2][0], u[3][0], u[2][1], u[3][1]]);
});

Deno.test("decoder: a rectifier is before the last map, and NaN is not taken for zero", () => {
  const decoder = decoderOfSeeds([-2, 3], Matrix.fromRows([[5], [7]]));
  assertEquals([...decoder.decode(new Float64Array(4), [2, 2])], [0, 0, 0, 0]);
  assert(decoder.decode([NaN, 0, 0, 0], [2, 2]).every(Number.isNaN));
});

Deno.test("decoder: as many seeds have a gradient as the layout uses", () => {
  const cases = [[32, 1536, 384, 3], [90, 1536, 384, 7], [32, 768, 768, 2], [32, 2048, 2048, 4]];
  const decoders = new Map<number, LowRankDecoder>();
  for (const [rank, outputs, inputs, expected] of cases) {
    if (!decoders.has(rank)) {
      decoders.set(rank, new LowRankDecoder(4, { rank, maxSize: 32768, rng: new Rng(1) }));
    }
    const decoder = decoders.get(rank)!;
    assertEquals(decoder.seedsUsed([outputs, inputs]), expected);
    const dw = new Float64Array(outputs * inputs).fill(1);
    const { seeds } = decoder.gradients([1, -1, 2, 0.5], [outputs, inputs], dw);
    const active = Array.from({ length: seeds.rows }, (_, i) => i).filter((i) =>
      seeds.data.subarray(i * rank, (i + 1) * rank).some((value) => value !== 0)
    );
    assertEquals(active.length, expected);
  }
});

Deno.test("decoder: nodes in one batch have the factors that each has alone", () => {
  const rng = new Rng(4);
  for (const layout of ["official", "transposed"] as const) {
    const decoder = new LowRankDecoder(4, { rank: 3, maxSize: 20, layout, rng });
    const h = rng.normalMatrix(5, 4);
    decoder.batchFactors(h, [17, 9]).forEach(({ a, b }, i) => {
      const alone = decoder.factors(h.data.subarray(4 * i, 4 * i + 4), [17, 9]);
      alone.a.data.forEach((value, k) => assertAlmostEquals(a.data[k], value, 1e-14));
      alone.b.data.forEach((value, k) => assertAlmostEquals(b.data[k], value, 1e-14));
    });
    assertThrows(
      () => decoder.batchFactors(Matrix.zeros(2, 3), [17, 9]),
      RangeError,
      "`h` must have 4 columns",
    );
  }
});

Deno.test("decoder: a weight has the rank of its factors, and all of its rows differ", () => {
  const rng = new Rng(2);
  const decoder = new LowRankDecoder(16, { rank: 6, maxSize: 512, rng });
  const w = new Matrix(64, 48, decoder.decode(rng.normals(16), [64, 48]));
  const spectrum = singularValues(w);
  assert(spectrum[5] > 1e-8 * spectrum[0]);
  assert(spectrum[6] < 1e-13 * spectrum[0]);
  assertEquals(new Set(Array.from({ length: 64 }, (_, i) => w.get(i, 0))).size, 64);
});

Deno.test("decoder: shapes that are too large, sizes that do not fit", () => {
  const rng = new Rng(0);
  const decoder = new LowRankDecoder(4, { rank: 2, maxSize: 16, rng });
  const h = [1, 2, 3, 4];
  assertThrows(() => decoder.decode(h, [17, 2]), RangeError, "width 17 exceeds the supported K = 16");
  assertThrows(() => decoder.decode(h, [2, 6, 1, 3]), RangeError, "width 18 exceeds the supported K = 16");
  assertThrows(() => decoder.decode(h, [9]), RangeError, "width 18 exceeds the supported K = 16");
  assertThrows(() => decoder.decode(h, [3, 3, 3]), RangeError, "`shape`");
  assertThrows(() => decoder.decode(h.slice(1), [3, 3]), RangeError, "`h`");
  assertThrows(() => decoder.gradients(h, [3, 3], [1]), RangeError, "`dw`");
  assertThrows(() => new LowRankDecoder(0, { rank: 2, maxSize: 16, rng }), RangeError, "`hidden`");
  const layout = "diagonal" as "official";
  assertThrows(() => new LowRankDecoder(4, { rank: 2, maxSize: 16, layout, rng }), TypeError, "`layout`");
});

Deno.test("a tile is repeated along outputs and inputs, then cropped", () => {
  const rows = tileTo(Matrix.fromRows([[1, 2], [3, 4]]), 3, 5);
  assertEquals(rows, Matrix.fromRows([[1, 2, 1, 2, 1], [3, 4, 3, 4, 3], [1, 2, 1, 2, 1]]));
  assertThrows(() => tileTo(Matrix.zeros(0, 2), 3, 5), RangeError, "`tile`");
});

Deno.test("shortest paths: a skip connection, the direction of edges, the cutoff", () => {
  const graph: ArchGraph = {
    nodes: ["input", "conv", "ln", "sum", "glob_avg"].map((op) => ({ op: op as "input" })),
    edges: [[0, 1], [1, 2], [2, 3], [0, 3], [3, 4]],
  };
  const n = 5;
  const lengths = shortestPaths(graph);
  assertEquals([...lengths.slice(0, n)], [0, 1, 2, 1, 2]);
  assertEquals([...lengths.slice(n, 2 * n)], [0, 0, 1, 2, 3]);
  assertEquals([...shortestPaths(graph, { cutoff: 2 }).slice(n, 2 * n)], [0, 0, 1, 2, 0]);
  assertEquals([...lengths.slice(4 * n)], [0, 0, 0, 0, 0]);
});

Deno.test("graphs that cannot be read", () => {
  const { nodes } = mlpGraph([2, 3]);
  assertThrows(() => shortestPaths({ nodes, edges: [[0, 1], [1, 0]] }), Error, "graph must be acyclic");
  assertThrows(() => shortestPaths({ nodes, edges: [[1, 1]] }), Error, "graph must be acyclic");
  assertThrows(() => shortestPaths({ nodes, edges: [[0, 3]] }), RangeError, "`graph.edges[0]`");
  const unknown = [{ op: "convolution" as "conv" }];
  assertThrows(() => shortestPaths({ nodes: unknown, edges: [] }), TypeError, '"max_pool", "avg_pool"');
  const vector = [{ op: "conv" as const, shape: [3] }];
  assertThrows(() => shortestPaths({ nodes: vector, edges: [] }), RangeError, "`graph.nodes[0].shape`");
  assertThrows(() => mlpGraph([3]), RangeError, "`widths`");
});

Deno.test("sizes that do not fit each other", () => {
  const count = (hidden: number, heads: number) => () =>
    hypernetworkParameterCount({ hidden, layers: 1, heads, decoder: tile });
  assertThrows(count(18, 3), RangeError, "`hidden` must be a multiple of 4");
  assertThrows(count(32, 3), RangeError, "`hidden` must be a multiple of 4 and of `heads`, 3, got 32");
  const options = { patch: 3, image: 32, classes: 10 };
  assertThrows(() => vitParameterCount(8, 1, options), RangeError, "`image` must be a multiple of `patch`");
});

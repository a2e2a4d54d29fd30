/** Against PyTorch, and what the authors' library returns (test/fixtures/continual/continual.py). */
import { assert, assertEquals } from "@std/assert";
import { Matrix, type RealArray } from "refigure/arrays";
import {
  type AttentionWeights,
  CoAvgPool,
  CoConv1d,
  CoConv2d,
  CoConv3d,
  CoMaxPool,
  type CoModule,
  continualEncoder,
  CoRetroactiveAttention,
  CoSingleOutputAttention,
  CoStGcn,
  CoWindow,
  type EncoderLayerWeights,
  type Fill,
} from "refigure/continual";
import { assertNear } from "./near.ts";

interface Stored {
  shape: number[];
  data: number[];
}

const fixture = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/continual/continual.json", import.meta.url)),
);
const numbers = (values: number[]) => Float64Array.from(values);
const array = ({ shape, data }: Stored) => ({ shape, data: numbers(data) });
const matrix = ({ shape: [rows, columns], data }: Stored) => new Matrix(rows, columns, numbers(data));

/** Both ways of computing give `wanted`. */
function assertComputes(module: CoModule, clip: RealArray, wanted: ArrayLike<number>, what: string) {
  assertNear(module.forward(clip), wanted, 1e-12, `${what}: forward`);
  assertNear(module.steps(clip, { padEnd: true }), wanted, 1e-12, `${what}: steps`);
}

Deno.test("continual: convolutions are those of PyTorch, from either cache, polyphase or not", () => {
  for (const [i, one] of fixture.convs.entries()) {
    for (const cache of ["input", "output"] as const) {
      for (const polyphase of [true, false]) {
        const options = {
          bias: numbers(one.bias),
          padding: one.padding,
          stride: one.stride,
          dilation: one.dilation,
          fill: one.fill as Fill,
          cache,
          polyphase,
        };
        const spatial = {
          size: one.size,
          spatialPadding: one.spatialPadding,
          spatialStride: one.spatialStride,
        };
        const weight = array(one.weight);
        const conv = one.size.length === 0
          ? new CoConv1d(weight, options)
          : one.size.length === 1
          ? new CoConv2d(weight, { ...options, ...spatial })
          : new CoConv3d(weight, { ...options, ...spatial });
        assertComputes(
          conv,
          numbers(one.clip.data),
          one.out.data,
          `case ${i}, ${cache}, polyphase ${polyphase}`,
        );
      }
    }
  }
});

Deno.test("continual: pooling is that of PyTorch", () => {
  const { clip, mean, max, strided } = fixture.pools;
  const x = numbers(clip.data);
  assertComputes(new CoAvgPool(4, { shape: [2, 3] }), x, mean.data, "mean");
  assertComputes(new CoMaxPool(4, { shape: [2, 3] }), x, max.data, "max");
  assertComputes(new CoMaxPool(3, { shape: [2, 3], stride: 2 }), x, strided.data, "strided max");
});

const weightsOf = (stored: Record<string, never>): AttentionWeights => ({
  inputProjection: matrix(stored.inputProjection),
  inputBias: numbers(stored.inputBias),
  outputProjection: matrix(stored.outputProjection),
  outputBias: numbers(stored.outputBias),
});

/** `[E, tokens]` of tokens in columns. */
const tokensOf = ({ data }: Stored) => numbers(data);

Deno.test("continual: attention over sliding windows is that of PyTorch", () => {
  const { weights, tokens, heads, window, windows, released } = fixture.attention;
  const [E, count] = tokens.shape;
  const x = tokensOf(tokens);
  const retroactive = new CoRetroactiveAttention(weightsOf(weights), { heads, window });
  const outputs: RealArray[] = [];
  for (let t = 0; t < count; t++) {
    const out = retroactive.step(Float64Array.from({ length: E }, (_, e) => x[e * count + t]));
    if (out !== null) outputs.push(out);
  }
  assertEquals(outputs.length, windows.length);
  outputs.forEach((out, t) => {
    // Ours is [E, n], PyTorch's [n, E].
    const rows = new Matrix(E, window, out as Float64Array).transpose().data;
    assertNear(rows, windows[t].data, 1e-13, `window ${t}`);
    assertNear(rows, released[t].data, 1e-13, `the authors' step ${t}`);
  });
  for (const queryIndex of [-1, -2, -window]) {
    const wanted = numbers(windows.flatMap(({ data }: Stored) => {
      const row = window + queryIndex;
      return data.slice(row * E, (row + 1) * E);
    }));
    const columns = new Matrix(windows.length, E, wanted).transpose().data;
    const single = new CoSingleOutputAttention(weightsOf(weights), { heads, window, queryIndex });
    assertComputes(single, x, columns, `query ${queryIndex}`);
  }
});

const layerOf = (stored: Record<string, any>): EncoderLayerWeights => ({
  attention: weightsOf(stored.attention),
  norm1: { scale: numbers(stored.norm1.scale), shift: numbers(stored.norm1.shift) },
  norm2: { scale: numbers(stored.norm2.scale), shift: numbers(stored.norm2.shift) },
  linear1: matrix(stored.linear1),
  bias1: numbers(stored.bias1),
  linear2: matrix(stored.linear2),
  bias2: numbers(stored.bias2),
});

Deno.test("continual: encoders of one, two and three layers are PyTorch's over sliding windows", () => {
  const { tokens, heads, window } = fixture.attention;
  for (const { layers, newest } of fixture.encoders) {
    const encoder = continualEncoder(layers.map(layerOf), { heads, window });
    assertComputes(encoder, tokensOf(tokens), matrix(newest).transpose().data, `${layers.length} layers`);
  }
});

Deno.test("continual: the authors' window of residuals is out of order from step 2(n - 1) on", () => {
  const n: number = fixture.attention.window;
  const ours = new CoWindow(n, { shape: [1] });
  const outputs = Array.from({ length: 18 }, (_, t) => ours.step(Float64Array.of(t))).filter((out) =>
    out !== null
  );
  const released: number[][] = fixture.releasedWindow;
  assertEquals(outputs.length, released.length);
  outputs.forEach((out, i) => {
    const step = i + n - 1;
    assertEquals(Array.from(out), Array.from({ length: n }, (_, j) => i + j));
    assertEquals(released[i].join() === out.join(), step < 2 * (n - 1), `step ${step}`);
  });
  // So is their encoder of two layers.
  const errors: number[] = fixture.encoders[1].releasedErrors;
  errors.forEach((error, i) =>
    assert(i + n - 1 < 2 * (n - 1) ? error < 1e-14 : error > 1e-3, `${i}: ${error}`)
  );
});

Deno.test("continual: a block of ST-GCN is that of PyTorch", () => {
  const { adjacency, graph, graphShortcut, temporal, shortcut, clip, out } = fixture.stgcn;
  const V = adjacency.shape[1];
  const graphs = [0, 1, 2].map((m) =>
    new Matrix(V, V, numbers(adjacency.data.slice(m * V * V, (m + 1) * V * V)))
  );
  const block = {
    graph: matrix(graph),
    graphShortcut: matrix(graphShortcut),
    temporal: array(temporal),
    stride: 2,
    shortcut: matrix(shortcut),
  };
  const net = new CoStGcn([block], graphs, { persons: 2 });
  assertComputes(net, numbers(clip.data), out.data, "block");
});

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Matrix, Rng } from "refigure/arrays";
import { digits } from "refigure/datasets";
import { type ArchGraph, hypernetworkParameterCount, mlpGraph } from "refigure/hypernetworks";
import { GraphHyperNetwork, normalizePrediction } from "refigure/hypernetworks/layers";
import { singularValues } from "refigure/linalg";
import { useBestBackend } from "refigure/tfjs";
import reference from "../fixtures/hypernetworks/network.json" with { type: "json" };

await useBestBackend({ verbose: false });
const backends = ["cpu", ...(tf.getBackend() === "native" ? ["native"] : [])];

const small = { hidden: 8, layers: 1, heads: 2, classes: 10 };
const lowRank = { kind: "lowRank" as const, rank: 4, maxSize: 160 };
const tile = { kind: "tile" as const, maxKernel: 1 };

/** A perceptron with weights and biases in turn, inputs as rows. */
function perceptron(weights: readonly tf.Tensor[], x: tf.Tensor2D): tf.Tensor2D[] {
  const layers: tf.Tensor2D[] = [];
  for (let i = 0; i < weights.length; i += 2) {
    const input = i === 0 ? x : tf.relu(layers[layers.length - 1]);
    layers.push(tf.add(tf.matMul(input, weights[i] as tf.Tensor2D, false, true), weights[i + 1]));
  }
  return layers;
}

function digitTensors(from: number, to: number): { x: tf.Tensor2D; y: tf.Tensor2D; labels: Int32Array } {
  const { images, labels } = digits();
  const x = tf.tensor2d(Float32Array.from(images.slice(from, to, 0, 64).data), [to - from, 64]);
  const y = tf.oneHot(tf.tensor1d(labels.slice(from, to), "int32"), 10).toFloat() as tf.Tensor2D;
  return { x, y, labels: labels.slice(from, to) };
}

for (const backend of backends) {
  const test = (name: string, f: () => void | Promise<void>) =>
    Deno.test(`GraphHyperNetwork: ${name}, ${backend}`, async () => {
      await tf.setBackend(backend);
      await f();
    });

  for (const kind of ["lowRank", "tile"] as const) {
    test(`vectors, weights and gradients are PyTorch's, ${kind}`, () => {
      const { sizes, expected } = reference;
      const graph = reference.graph as unknown as ArchGraph;
      const decoder = kind === "lowRank"
        ? { kind: "lowRank" as const, ...reference.lowRank }
        : { kind: "tile" as const, ...reference.tile };
      const network = new GraphHyperNetwork({ ...sizes, decoder, rng: new Rng(0) });
      network.variables.forEach((variable, i) => {
        const scale = variable.shape.length > 1 ? 0.5 : 0.3;
        const values = Float32Array.from({ length: variable.size }, (_, k) => scale * Math.sin(0.37 * k + i));
        variable.assign(tf.tensor(values, variable.shape));
      });
      const { embeddings, weights, gradients } = expected[kind];
      const close = (actual: ArrayLike<number>, wanted: readonly number[]) => {
        assertEquals(actual.length, wanted.length);
        wanted.forEach((value, k) => assertAlmostEquals(actual[k], value, 2e-4 * (1 + Math.abs(value))));
      };
      close(network.embeddings(graph).dataSync(), embeddings);
      const predicted = network.predict(graph);
      assertEquals(predicted.length, weights.length);
      predicted.forEach((weight, i) => close(weight.dataSync(), weights[i]));
      const loss = () =>
        tf.addN(
          network.predict(graph).map((weight) =>
            tf.sum(tf.mul(weight.flatten(), tf.sin(tf.add(tf.range(0, weight.size), 1))))
          ),
        ).asScalar();
      // tfjs has no gradient for variables that the loss does not use; theirs is zero in PyTorch.
      const { grads } = tf.variableGrads(loss);
      network.variables.forEach((variable, i) => {
        const gradient = grads[variable.name];
        const along = gradient === undefined
          ? 0
          : Array.from(gradient.dataSync()).reduce((sum, value, k) => sum + value * Math.cos(k), 0);
        assertAlmostEquals(along, gradients[i], 2e-3 * (1 + Math.abs(gradients[i])));
      });
      network.dispose();
    });
  }

  test("as many parameters as counted, but for what the released code does not use", () => {
    for (const decoder of [lowRank, tile]) {
      const sizes = { ...small, decoder };
      const network = new GraphHyperNetwork({ ...sizes, rng: new Rng(0) });
      const unused = decoder.kind === "lowRank" ? decoder.rank * (decoder.rank + 1) + 4 : 0;
      assertEquals(network.parameterCount() + unused, hypernetworkParameterCount(sizes).total);
      network.dispose();
    }
  });

  test("the order of the nodes does not matter", () => {
    const network = new GraphHyperNetwork({ ...small, decoder: lowRank, rng: new Rng(1) });
    const graph = mlpGraph([7, 20, 10]);
    const order = [0, 3, 1, 4, 2];
    const nodes = order.map((i) => graph.nodes[i]);
    const edges = graph.edges.map(([from, to]) => [order.indexOf(from), order.indexOf(to)] as const);
    const before = network.embeddings(graph).arraySync();
    network.embeddings({ nodes, edges }).arraySync().forEach((row, i) =>
      row.forEach((value, k) => assertAlmostEquals(value, before[order[i]][k], 1e-5))
    );
    network.dispose();
  });

  test("several networks at once have the weights that each has alone", () => {
    const skip: ArchGraph = {
      nodes: [{ op: "input" }, { op: "conv", shape: [6, 3, 3, 3] }, { op: "ln", shape: [6] }, { op: "sum" }],
      edges: [[0, 1], [1, 2], [2, 3], [0, 3]],
    };
    const none: ArchGraph = { nodes: [{ op: "input" }], edges: [] };
    const graphs = [mlpGraph([7, 20, 10]), skip, none, mlpGraph([40, 10])];
    for (
      const decoder of [lowRank, { ...lowRank, layout: "transposed" as const }, { ...tile, maxKernel: 3 }]
    ) {
      const network = new GraphHyperNetwork({ ...small, decoder, rng: new Rng(8) });
      const together = network.predictAll(graphs);
      assertEquals(together.map(({ length }) => length), [4, 2, 0, 2]);
      graphs.forEach((graph, g) =>
        network.predict(graph).forEach((weight, i) => {
          assertEquals(together[g][i].shape, weight.shape);
          const values = together[g][i].dataSync();
          weight.dataSync().forEach((value, k) => assertAlmostEquals(values[k], value, 1e-5));
        })
      );
      network.dispose();
    }
  });

  test("low-rank weights have the rank of the factors; tiles repeat", () => {
    const graph = mlpGraph([30, 40, 10]);
    const make = (decoder: typeof lowRank | typeof tile) => {
      const network = new GraphHyperNetwork({ ...small, decoder, rng: new Rng(2) });
      const [weight] = network.predict(graph);
      return new Matrix(40, 30, Float64Array.from(weight.dataSync()));
    };
    const spectrum = singularValues(make(lowRank));
    assert(spectrum[3] > 1e-6 * spectrum[0] && spectrum[4] < 1e-5 * spectrum[0]);
    const tiled = make(tile);
    for (let i = 0; i < 32; i++) {
      for (let j = 0; j < 22; j++) {
        assertEquals(tiled.get(i, j), tiled.get(i + 8, j));
        assertEquals(tiled.get(i, j), tiled.get(i, j + 8));
      }
    }
  });

  test("training leaves copies of a tile equal, and low-rank units distinct", () => {
    const { x, y } = digitTensors(0, 64);
    const distinct = (decoder: typeof lowRank | typeof tile): number => {
      const network = new GraphHyperNetwork({ ...small, decoder, rng: new Rng(3) });
      const weights = network.predict(mlpGraph([64, 40, 40, 10])).map((weight) => tf.variable(weight));
      const optimizer = tf.train.momentum(0.05, 0.9);
      const loss = () => tf.losses.softmaxCrossEntropy(y, perceptron(weights, x).at(-1)!) as tf.Scalar;
      for (let step = 0; step < 30; step++) optimizer.minimize(loss, false, weights);
      const units = tf.transpose(perceptron(weights, x)[1]).arraySync() as number[][];
      const largest = Math.max(...units.map((unit) => Math.max(...unit.map(Math.abs))));
      const kept: number[][] = [];
      for (const unit of units) {
        const same = (other: number[]) =>
          unit.every((value, k) => Math.abs(value - other[k]) < 1e-4 * largest);
        if (!kept.some(same)) kept.push(unit);
      }
      weights.forEach((weight) => weight.dispose());
      network.dispose();
      return kept.length;
    };
    assert(distinct(tile) <= 8);
    assertEquals(distinct(lowRank), 40);
  });

  test("no tensor is left", () => {
    const before = tf.memory().numTensors;
    for (const decoder of [lowRank, tile]) {
      const network = new GraphHyperNetwork({ ...small, decoder, rng: new Rng(0) });
      tf.dispose(network.predict(mlpGraph([5, 9, 10])));
      tf.dispose(network.predictAll([mlpGraph([5, 9, 10]), mlpGraph([5, 10])]));
      network.dispose();
    }
    assertEquals(tf.memory().numTensors, before);
  });
}

Deno.test("GraphHyperNetwork: after training it predicts networks of a width that it was not trained on", async () => {
  await tf.setBackend(backends.at(-1)!);
  const { x, y } = digitTensors(0, 1297);
  const held = digitTensors(1297, 1797);
  const decoder = { kind: "lowRank" as const, rank: 8, maxSize: 128 };
  const network = new GraphHyperNetwork({ ...small, hidden: 16, decoder, rng: new Rng(5) });
  const accuracy = (width: number) =>
    tf.tidy(() => {
      const logits = perceptron(network.predict(mlpGraph([64, width, 10])), held.x).at(-1)!;
      const guesses = tf.argMax(logits, 1).dataSync();
      return guesses.filter((guess, i) => guess === held.labels[i]).length / guesses.length;
    });
  const before = accuracy(40);
  const optimizer = tf.train.adam(3e-3);
  const rng = new Rng(6);
  for (let step = 0; step < 150; step++) {
    const graph = mlpGraph([64, 16 + 8 * rng.integer(3), 10]);
    const start = rng.integer(1297 - 64);
    optimizer.minimize(
      () => {
        const logits = perceptron(network.predict(graph), tf.slice(x, start, 64)).at(-1)!;
        return tf.losses.softmaxCrossEntropy(tf.slice(y, start, 64), logits) as tf.Scalar;
      },
      false,
      network.variables,
    );
  }
  assert(before < 0.3, `${before}`);
  assert(accuracy(40) > 0.6, `${accuracy(40)}`);
  network.dispose();
});

Deno.test("GraphHyperNetwork: what it does not take", async () => {
  await tf.setBackend("cpu");
  const rng = new Rng(0);
  const wide = new GraphHyperNetwork({ ...small, decoder: lowRank, rng });
  assertThrows(() => wide.predict(mlpGraph([3, 81, 10])), RangeError, "width 162 exceeds the supported K");
  assertThrows(() => wide.predict(mlpGraph([161, 3, 10])), RangeError, "width 161 exceeds the supported K");
  const cycle: ArchGraph = { nodes: [{ op: "input" }, { op: "sum" }], edges: [[0, 1], [1, 0]] };
  assertThrows(() => wide.embeddings(cycle), Error, "graph must be acyclic");
  const second = () => wide.predictAll([mlpGraph([3, 10]), mlpGraph([161, 3, 10])]);
  assertThrows(second, RangeError, "`graphs[1].nodes[1].shape`");
  assertThrows(() => wide.predictAll(mlpGraph([3, 10]) as never), TypeError, "`graphs` must be an array");
  assertThrows(() => new GraphHyperNetwork({ ...small, hidden: 18, decoder: lowRank, rng }), RangeError);
  assertThrows(() => new GraphHyperNetwork({ ...small, heads: 3, decoder: lowRank, rng }), RangeError);
  const tiled = new GraphHyperNetwork({ ...small, decoder: tile, rng });
  assertThrows(() => tiled.predict(mlpGraph([3, 5, 7])), RangeError, "10 outputs");
  const conv: ArchGraph = { nodes: [{ op: "input" }, { op: "conv", shape: [2, 2, 3, 3] }], edges: [[0, 1]] };
  assertThrows(() => tiled.predict(conv), RangeError, "kernels of at most 1");
  assertThrows(() => normalizePrediction(tf.ones([3])), RangeError, "`prediction`");
});

Deno.test("normalizePrediction: weights by their fan-in, gains around 1, biases around 0", async () => {
  await tf.setBackend("cpu");
  const first = (shape: number[], kind: "weight" | "gain" | "bias" = "weight", value = 1) =>
    normalizePrediction(tf.fill(shape, value), { kind }).dataSync()[0];
  assertAlmostEquals(first([10, 50]), 0.2, 1e-7);
  assertAlmostEquals(first([10, 50, 1, 1]), 0.2, 1e-7);
  assertAlmostEquals(first([10, 2, 1, 3]), Math.sqrt(1 / 6), 1e-7);
  assertAlmostEquals(first([10, 1, 3, 3]), 1 / 3, 1e-7);
  assertAlmostEquals(first([10, 1]), Math.SQRT2, 1e-6);
  assertEquals(first([4], "gain", 0), 1);
  assertEquals(first([4], "bias", 0), 0);
  assertAlmostEquals(first([4], "gain", 100), 2, 1e-6);
  assertAlmostEquals(first([4], "bias", 5), Math.tanh(1), 1e-6);
});

/** The tfjs regularizer and the circular border: values, gradients, saving, training, on two backends. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Rng } from "refigure/arrays";
import { applyConvolution, lorthGradient, orthogonalityErrors } from "refigure/convolutions";
import { CircularPadding2D, lorthOp, LorthRegularizer } from "refigure/convolutions/layers";
import { useBestBackend } from "refigure/tfjs";
import { assertClose, shapeOf } from "./helpers.ts";

/** [k, k, C, M] from [M, C, k, k]. */
function tfjsLayout(kernel: Float64Array, M: number, C: number, k: number): tf.Tensor4D {
  return tf.tidy(() => tf.transpose(tf.tensor4d(Float32Array.from(kernel), [M, C, k, k]), [2, 3, 1, 0]));
}

/** A kernel of tfjs in our layout. */
function ourLayout(kernel: tf.Tensor): Float64Array {
  return Float64Array.from(tf.tidy(() => tf.transpose(kernel, [3, 2, 0, 1]).dataSync() as Float32Array));
}

function circularModel(args: ConstructorParameters<typeof LorthRegularizer>[0], stride = 1) {
  return tf.sequential({
    layers: [
      new CircularPadding2D({ padding: 1, inputShape: [8, 8, 2] }),
      tf.layers.conv2d({
        filters: 4,
        kernelSize: 3,
        strides: stride,
        useBias: false,
        kernelInitializer: tf.initializers.glorotUniform({ seed: 3 }),
        kernelRegularizer: new LorthRegularizer(args),
      }),
    ],
  });
}

const backends: [string, () => Promise<unknown>][] = [
  ["cpu", () => tf.setBackend("cpu")],
  ["best", () => useBestBackend({ verbose: false })],
];
for (const [name, choose] of backends) {
  Deno.test(`operation, ${name}: value and gradient of the float64 regularizer, and no leak`, async () => {
    await choose();
    for (const [M, C, k, S] of [[3, 2, 3, 1], [5, 1, 3, 2], [20, 8, 3, 1], [1, 1, 1, 1]]) {
      const kernel = new Rng(M).normals(M * C * k * k, 0.3);
      const wanted = lorthGradient(Float32Array.from(kernel), shapeOf(M, C, k, S));
      const x = tfjsLayout(kernel, M, C, k);
      const before = tf.memory().numTensors;
      const { value, grad } = tf.valueAndGrad((x) => lorthOp(x as tf.Tensor4D, { stride: S }))(x);
      assertAlmostEquals(value.dataSync()[0], wanted.value, 1e-5 * wanted.value);
      assertClose(ourLayout(grad), wanted.gradient, 1e-5);
      tf.dispose([value, grad]);
      assertEquals(tf.memory().numTensors, before);
      x.dispose();
    }
  });

  Deno.test(`model, ${name}: its circular layer is the one of refigure/convolutions`, async () => {
    await choose();
    for (const stride of [1, 2]) {
      const model = circularModel({ stride }, stride);
      const kernel = ourLayout(model.layers[1].getWeights()[0]);
      const image = new Rng(1).normals(2 * 64);
      const input = tf.transpose(tf.tensor4d(Float32Array.from(image), [1, 2, 8, 8]), [0, 2, 3, 1]);
      const output = tf.transpose(model.predict(input) as tf.Tensor, [0, 3, 1, 2]).dataSync();
      const wanted = applyConvolution(kernel, shapeOf(4, 2, 3, stride), image, 8 / stride);
      assertClose(output, wanted, 1e-5);
      model.dispose();
    }
  });

  Deno.test(`model, ${name}: the regularizer makes it orthogonal in training; it is saved`, async () => {
    await choose();
    const rng = new Rng(2);
    const input = tf.tensor4d(Float32Array.from(rng.normals(4 * 128)), [4, 8, 8, 2]);
    const target = tf.tensor4d(Float32Array.from(rng.normals(4 * 256)), [4, 8, 8, 4]);
    const spectral: number[] = [];
    for (const lambda of [0, 10]) {
      const model = circularModel({ lambda });
      model.compile({ optimizer: tf.train.adam(0.02), loss: "meanSquaredError" });
      await model.fit(input, target, { epochs: 150, batchSize: 4, verbose: 0, shuffle: false });
      const before = tf.memory().numTensors;
      await model.fit(input, target, { epochs: 2, batchSize: 4, verbose: 0, shuffle: false });
      assertEquals(tf.memory().numTensors, before);
      const kernel = ourLayout(model.layers[1].getWeights()[0]);
      spectral.push(orthogonalityErrors(kernel, shapeOf(4, 2, 3), 8).spectral);
      let saved: tf.io.ModelArtifacts | undefined;
      await model.save(tf.io.withSaveHandler((artifacts) => {
        saved = artifacts;
        return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
      }));
      const again = await tf.loadLayersModel(tf.io.fromMemory(saved!));
      assertEquals(
        (again.predict(input) as tf.Tensor).dataSync(),
        (model.predict(input) as tf.Tensor).dataSync(),
      );
      // The loaded model is regularized too: its loss is the same.
      again.compile({ optimizer: "sgd", loss: "meanSquaredError" });
      const [loss, first] = [again, model].map((m) => (m.evaluate(input, target) as tf.Scalar).dataSync()[0]);
      assertAlmostEquals(loss, first, 1e-6 * Math.abs(first));
      model.dispose();
    }
    assert(spectral[0] > 0.5, `without: ${spectral[0]}`);
    assert(spectral[1] < 0.1, `with: ${spectral[1]}`);
  });
}

Deno.test("layers: bad input", () => {
  assertThrows(
    () => lorthOp(tf.zeros([3, 3, 2]) as never),
    RangeError,
    "`kernel` must be [k, k, inChannels, outChannels]",
  );
  assertThrows(() => lorthOp(tf.zeros([2, 2, 1, 1])), RangeError, "must be odd, got 2");
  assertThrows(() => lorthOp(tf.zeros([3, 3, 1, 1]), { stride: 0 }), RangeError, "stride");
  assertThrows(() => lorthOp([1] as never), TypeError, "`kernel` must be a tensor");
  assertThrows(() => new LorthRegularizer({ lambda: -1 }), RangeError, "`lambda`");
  assertThrows(() => new LorthRegularizer({ lamda: 1 } as never), TypeError, '"lamda"');
  assertThrows(() => new CircularPadding2D({ padding: 1.5 }), RangeError, "`padding`");
  assertThrows(
    () => new CircularPadding2D({ padding: 3 }).apply(tf.zeros([1, 2, 2, 1])),
    RangeError,
    "at least 3 rows and columns",
  );
});

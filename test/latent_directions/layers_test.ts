import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Matrix, Rng } from "refigure/arrays";
import { singularValues } from "refigure/linalg";
import { HouseholderProjector } from "refigure/latent_directions";
import { HouseholderDense, householderProductOp } from "refigure/latent_directions/layers";
import { useBestBackend } from "refigure/tfjs";

const normal = (rng: Rng, shape: number[]) =>
  tf.tensor(Float32Array.from(rng.normals(shape.reduce((a, b) => a * b, 1))), shape);

const doubles = (x: tf.Tensor, rows: number, columns: number) =>
  new Matrix(rows, columns, Float64Array.from(x.dataSync()));

/** The layer's kernel, [features, units], read through its outputs. */
function kernelOf(layer: HouseholderDense, features: number): tf.Tensor2D {
  return tf.tidy(() => {
    const at = (x: tf.Tensor) => layer.apply(x) as tf.Tensor2D;
    return tf.sub(at(tf.eye(features)), at(tf.zeros([features, features])));
  });
}

await useBestBackend();
const backends = ["cpu", ...(tf.getBackend() === "native" ? ["native"] : [])];

for (const backend of backends) {
  const test = (name: string, f: () => void | Promise<void>) =>
    Deno.test(`HouseholderDense: ${name}, ${backend}`, async () => {
      await tf.setBackend(backend);
      await f();
    });

  test("equals the projector without tfjs, gradients too", () => {
    const layer = new HouseholderDense({ units: 7, rank: 3, gain: 1.5, seed: 5, biasInitializer: "ones" });
    const projector = new HouseholderProjector(7, 5, { rank: 3, gain: 1.5, rng: new Rng(5) });
    const x = normal(new Rng(1), [4, 5]);
    const y = layer.apply(x) as tf.Tensor;
    const w = doubles(x, 4, 5);
    const expected = projector.forward(w);
    y.dataSync().forEach((value, k) => assertAlmostEquals(value, expected.data[k] + 1, 1e-5));
    const weight = normal(new Rng(2), [4, 7]);
    const { grads } = tf.variableGrads(() =>
      tf.sum(tf.mul(weight, layer.apply(x) as tf.Tensor)) as tf.Scalar
    );
    const ours = projector.gradients(w, doubles(weight, 4, 7));
    const [u, v, bias] = layer.trainableWeights.map(({ originalName, id }) => {
      assert(originalName !== undefined && id >= 0);
      return Object.entries(grads).find(([name]) => name.startsWith(originalName))![1];
    });
    u.dataSync().forEach((value, k) => assertAlmostEquals(value, ours.outputReflectors.data[k], 2e-4));
    v.dataSync().forEach((value, k) => assertAlmostEquals(value, ours.inputReflectors.data[k], 2e-4));
    tf.sum(weight, 0).dataSync().forEach((sum, k) => assertAlmostEquals(bias.dataSync()[k], sum, 1e-5));
    const dx = tf.grad((z) => tf.sum(tf.mul(weight, layer.apply(z) as tf.Tensor)))(x);
    dx.dataSync().forEach((value, k) => assertAlmostEquals(value, ours.w.data[k], 1e-5));
  });

  test("takes inputs of any number of dimensions, and is saved and loaded", async () => {
    const layer = new HouseholderDense({ units: 6, rank: 2, seed: 3, name: `projector_${backend}` });
    const input = tf.input({ shape: [3, 4] });
    const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
    assertEquals(model.outputs[0].shape, [null, 3, 6]);
    const x = normal(new Rng(0), [2, 3, 4]);
    const expected = model.predict(x) as tf.Tensor;
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(tf.io.withSaveHandler((artifacts) => {
      saved = artifacts;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
    }));
    const again = await tf.loadLayersModel(tf.io.fromMemory(saved!));
    assertEquals((again.predict(x) as tf.Tensor).dataSync(), expected.dataSync());
    assertEquals(again.layers[1].getConfig(), layer.getConfig());
  });

  test("learns a partial isometry, keeps its spectrum and leaks no tensors", async () => {
    const target = new HouseholderProjector(8, 6, { rank: 3, rng: new Rng(10) });
    const x = normal(new Rng(11), [64, 6]);
    const y = target.forward(doubles(x, 64, 6));
    const labels = tf.tensor2d(Float32Array.from(y.data), [64, 8]);
    const layer = new HouseholderDense({ units: 8, rank: 3, seed: 1, useBias: false, inputShape: [6] });
    const model = tf.sequential({ layers: [layer] });
    model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
    const fit = (epochs: number) =>
      model.fit(x, labels, { epochs, batchSize: 64, verbose: 0, shuffle: false });
    const { history } = await fit(200);
    const before = tf.memory().numTensors;
    await fit(3);
    assertEquals(tf.memory().numTensors, before);
    const [first, last] = [history.loss[0] as number, history.loss.at(-1) as number];
    assert(last < 1e-3 * first, `${first} -> ${last}`);
    const spectrum = singularValues(doubles(kernelOf(layer, 6), 6, 8));
    spectrum.forEach((s, i) => assertAlmostEquals(s, i < 3 ? 1 : 0, 1e-5));
  });

  test("starts from the kernel nearest to a trained one", () => {
    const layer = new HouseholderDense({ units: 7, rank: 2, useBias: false });
    layer.build([null, 5]);
    const kernel = normal(new Rng(12), [5, 7]) as tf.Tensor2D;
    const before = tf.memory().numTensors;
    layer.startFrom(kernel);
    assertEquals(tf.memory().numTensors, before);
    const nearest = HouseholderProjector.fromMatrix(doubles(kernel, 5, 7).transpose(), { rank: 2 }).matrix();
    const found = doubles(kernelOf(layer, 5), 5, 7).transpose();
    found.data.forEach((value, k) => assertAlmostEquals(value, nearest.data[k], 1e-5));
    const columns = doubles(layer.directions(), 5, 2);
    assertEquals([columns.rows, columns.columns], [5, 2]);
  });

  test("bad layers are refused", () => {
    assertThrows(() => new HouseholderDense({} as never), TypeError, "`units` must be");
    assertThrows(
      () => new HouseholderDense({ units: 4 }),
      RangeError,
      "`rank` must be an integer from 1 to 4",
    );
    assertThrows(() => new HouseholderDense({ units: 40 }).build([null, 3]), RangeError, "1..3 for 40 x 3");
    assertThrows(() => new HouseholderDense({ units: 4, rank: 2, unit: 1 } as never), TypeError, '"unit"');
    assertThrows(
      () => new HouseholderDense({ units: 4, rank: 2, biasInitializer: "two" as "ones" }),
      TypeError,
      '"zeros" or "ones"',
    );
    assertThrows(() => new HouseholderDense({ units: 4, rank: 2 }).directions(), Error, "no weights yet");
    const layer = new HouseholderDense({ units: 4, rank: 2 });
    layer.apply(tf.zeros([1, 3]));
    assertThrows(() => layer.call(tf.zeros([1, 2])), RangeError, "`inputs` must have 3 features");
    assertThrows(() => layer.startFrom(tf.zeros([4, 3])), RangeError, "`kernel` must be [3, 4], got [4,3]");
    assertThrows(() => householderProductOp(tf.zeros([2, 3])), RangeError, "m <= d");
    assertThrows(() => householderProductOp(tf.tensor2d([[NaN], [1]])), RangeError, "entry (0, 0) is NaN");
  });
}

/** Which axis of a kernel counts the outputs, whatever the layer is called. */
import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import { columnNorms } from "refigure/linalg";
import { isHiddenMatrix, layerShape, muon, muonUpdates, normuon, type Parameter } from "refigure/optimizers";
import { useBestBackend } from "refigure/tfjs";

console.warn = () => {};
await useBestBackend({ verbose: false });

/** Layer shapes of the kernels of a model, by the start of their names, as the optimizer sees them. */
async function seen(layers: tf.layers.Layer[], size: number, channels: number): Promise<unknown> {
  const found: Record<string, unknown> = {};
  const select = (parameter: Parameter) => {
    if (parameter.shape!.length === 4) {
      found[parameter.name.split("/").slice(-2).join("/")] = layerShape(parameter);
    }
    return isHiddenMatrix(parameter);
  };
  const model = tf.sequential({ layers: [...layers, tf.layers.globalAveragePooling2d({})] });
  model.compile({ optimizer: muon({ select }), loss: "meanSquaredError" });
  const outputs = model.outputs[0].shape[1]!;
  await model.trainOnBatch(tf.ones([2, size, size, channels]), tf.ones([2, outputs]));
  model.dispose();
  return found;
}

for (const backend of ["cpu", "native"]) {
  Deno.test(`kernels are recognized by their operation, not by their name (${backend})`, async () => {
    await tf.setBackend(backend);
    const named = (name: string) => ({ name: `${name}_${backend}` });
    const inputShape = [8, 8, 2];
    const up = tf.layers.conv2dTranspose({ filters: 8, kernelSize: 3, inputShape, ...named("up") });
    assertEquals(await seen([up], 8, 2), { [`up_${backend}/kernel`]: { outputs: 8, inputs: 18 } });
    const strided = tf.layers.conv2dTranspose({
      filters: 3,
      kernelSize: 2,
      strides: 2,
      inputShape,
      ...named("stride"),
    });
    assertEquals(await seen([strided], 8, 2), { [`stride_${backend}/kernel`]: { outputs: 3, inputs: 8 } });
    const each = tf.layers.depthwiseConv2d({
      kernelSize: 3,
      depthMultiplier: 4,
      inputShape,
      ...named("each"),
    });
    assertEquals(await seen([each], 8, 2), {
      [`each_${backend}/depthwise_kernel`]: { outputs: 8, inputs: 9 },
    });
    const separable = tf.layers.separableConv2d({ filters: 5, kernelSize: 3, inputShape, ...named("both") });
    assertEquals(await seen([separable], 8, 2), {
      [`both_${backend}/depthwise_kernel`]: { outputs: 2, inputs: 9 },
      [`both_${backend}/pointwise_kernel`]: { outputs: 5, inputs: 2 },
    });
    // A name that would mislead.
    const plain = tf.layers.conv2d({ filters: 5, kernelSize: 3, inputShape, ...named("conv2d_transpose") });
    assertEquals(await seen([plain], 8, 2), {
      [`conv2d_transpose_${backend}/kernel`]: { outputs: 5, inputs: 18 },
    });
  });
}

Deno.test("kernels of variables of one's own are recognized too; with applyGradients alone, tfjs's names are", async () => {
  await tf.setBackend("cpu");
  const found: unknown[] = [];
  const optimizer = muon({
    select: (parameter) => {
      found.push(layerShape(parameter));
      return true;
    },
  });
  const filter = tf.variable(tf.ones([3, 3, 4, 2]) as tf.Tensor4D, true, "mine");
  const x = tf.ones([1, 5, 5, 2]) as tf.Tensor4D;
  optimizer.minimize(
    () => tf.sum(tf.conv2dTranspose(x, filter, [1, 7, 7, 4], 1, "valid")) as tf.Scalar,
    false,
    [filter],
  );
  assertEquals(found, [{ outputs: 4, inputs: 18 }]);
  for (
    const [name, shape, wanted] of [
      ["conv2d_transpose_Conv2DTranspose9/kernel", [3, 3, 4, 2], { outputs: 4, inputs: 18 }],
      ["depthwise_conv2d_DepthwiseConv2D9/depthwise_kernel", [3, 3, 4, 2], { outputs: 8, inputs: 9 }],
      ["conv2d_Conv2D9/kernel", [3, 3, 4, 2], { outputs: 2, inputs: 36 }],
    ] as const
  ) {
    const variable = tf.variable(tf.ones([...shape]), true, name);
    optimizer.applyGradients([{ name, tensor: tf.ones([...shape]) }]);
    assertEquals(found.at(-1), wanted, name);
    variable.dispose();
  }
  filter.dispose();
});

Deno.test("a transposed kernel [h, w, out, in] steps as the kernel [h, w, in, out] of the same weights", async () => {
  for (const backend of ["cpu", "native"]) {
    await tf.setBackend(backend);
    const [h, w, outputs, inputs] = [2, 3, 7, 2];
    const values = Float32Array.from(new Rng(1).normals(h * w * outputs * inputs));
    const gradient = Float32Array.from(new Rng(2).normals(values.length));
    const transposed = tf.tensor(values, [h, w, outputs, inputs]);
    const name = `conv2d_transpose_${backend}/kernel`;
    const variable = tf.variable(transposed, true, name);
    const options = { weightDecay: 0.3, learningRate: 0.1 };
    const optimizer = muon(options);
    // The same in the layout of a convolution, by the transformation itself.
    const swap = (data: Float32Array) =>
      tf.tidy(() =>
        tf.transpose(tf.tensor(data, [h, w, outputs, inputs]), [0, 1, 3, 2]).dataSync().slice()
      ) as Float32Array;
    const weights = new Matrix(h * w * inputs, outputs, swap(values));
    const parameter: Parameter = { name: "w", weights, outputs: "columns" };
    const link = muonUpdates(options);
    const state = link.init(parameter);
    for (let step = 0; step < 3; step++) {
      optimizer.applyGradients([{ name, tensor: tf.tensor(gradient, [h, w, outputs, inputs]) }]);
      const update = link.update(new Matrix(weights.rows, weights.columns, swap(gradient)), state, parameter);
      weights.data.forEach((x, i) => weights.data[i] = x + update.data[i]);
      const moved = swap(variable.dataSync() as Float32Array);
      moved.forEach((x, i) => assertAlmostEquals(x, weights.data[i], 1e-6));
    }
    variable.dispose();
  }
});

Deno.test("NorMuon's neurons are the outputs of a transposed and of a depthwise kernel", async () => {
  await tf.setBackend("cpu");
  const gradient = Float32Array.from(new Rng(3).normals(3 * 3 * 4 * 2));
  const lengths = (name: string, rows: (moved: tf.Tensor4D) => tf.Tensor): number[] => {
    const variable = tf.variable(tf.zeros([3, 3, 4, 2]) as tf.Tensor4D, true, name);
    normuon({ learningRate: 1 }).applyGradients([{ name, tensor: tf.tensor(gradient, [3, 3, 4, 2]) }]);
    const matrix = rows(variable);
    const norms = columnNorms(
      new Matrix(matrix.shape[0], matrix.shape[1]!, Float64Array.from(matrix.dataSync())),
    );
    variable.dispose();
    return [...norms];
  };
  const perOutput = lengths("conv2d_transpose_n/kernel", (v) => v.transpose([0, 1, 3, 2]).reshape([18, 4]));
  const perChannel = lengths("depthwise_n/depthwise_kernel", (v) => v.reshape([9, 8]));
  for (const norms of [perOutput, perChannel]) {
    for (const norm of norms) assertAlmostEquals(norm / norms[0], 1, 1e-5);
  }
});

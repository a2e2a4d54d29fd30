import * as tf from "@tensorflow/tfjs";
import { agree, normals } from "./agree.ts";

const normal = normals(21);

Deno.test("depthwise convolutions agree with cpu, with gradients, fused, for every channel multiplier", async () => {
  for (
    const [size, channels, multiplier, filter, stride, pad, dilation] of [
      [7, 3, 1, 3, 1, "same", 1],
      [8, 8, 1, 3, 2, "valid", 1],
      [9, 6, 1, 3, 1, "same", 2],
      [9, 5, 2, 3, 1, "valid", 3],
      [8, 1, 4, 5, 3, "same", 1],
      [5, 2, 3, 2, 1, 1, 1],
      [2, 4, 1, 5, 1, "same", 1],
      [4, 3, 2, 1, 1, "valid", 1],
    ] as [number, number, number, number, number, "same" | "valid" | number, number][]
  ) {
    const x = normal(2, size, size, channels);
    const w = normal(filter, filter, channels, multiplier);
    const slope = normal(channels * multiplier);
    const bias = normal(channels * multiplier);
    const conv = (a: tf.Tensor, b: tf.Tensor) =>
      tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, pad, "NHWC", dilation);
    const name = `${size} ${channels} ${multiplier} ${filter} ${stride} ${pad} ${dilation}`;
    await agree(name, () => conv(x(), w()), 4e-6);
    // tfjs has no gradient with dilations.
    if (dilation === 1) {
      await agree(
        `${name} gradients`,
        () => tf.grads((a, b) => tf.sum(tf.square(conv(a, b))))([x(), w()]),
        4e-6,
      );
    }
    for (const activation of ["linear", "relu", "prelu"] as const) {
      await agree(
        `${name} fused ${activation}`,
        () =>
          tf.fused.depthwiseConv2d({
            x: x() as tf.Tensor4D,
            filter: w() as tf.Tensor4D,
            strides: stride,
            pad,
            dilations: dilation,
            bias: bias() as tf.Tensor1D,
            activation,
            preluActivationWeights: activation === "prelu" ? slope() : undefined,
          }),
        4e-6,
      );
    }
  }
});

/** Convolutions and pooling with all their options, beside the CPU backend's. */
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { agree, on } from "./agree.ts";
import { Draw } from "./draw.ts";
import { assertRejects } from "@std/assert";

type Pad = "valid" | "same" | number | tf.backend_util.ExplicitPadding;
type Pair = [number, number];
type Rounding = "floor" | "ceil" | "round";

const four = (x: tf.Tensor) => x as tf.Tensor4D;
const pair = (d: Draw, low: number, high: number): Pair => [d.int(low, high), d.int(low, high)];

/** A padding, and how to round where it may be rounded. */
function padding(d: Draw): [pad: Pad, rounding?: Rounding] {
  const rounding = d.of(["floor", "ceil", "round", undefined] as const);
  switch (d.int(0, 3)) {
    case 0:
      return ["valid"];
    case 1:
      return ["same"];
    case 2:
      return [d.int(0, 2), rounding];
    default:
      return [[[0, 0], pair(d, 0, 3), pair(d, 0, 3), [0, 0]], rounding];
  }
}

/** Strides and dilations; not both may be more than 1. */
const steps = (d: Draw): [strides: Pair, dilations: Pair] =>
  d.flip() ? [pair(d, 1, 3), [1, 1]] : [[1, 1], pair(d, 1, 3)];

const activation = (d: Draw) =>
  d.of(["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"] as const);

const operations: Record<string, (d: Draw) => tf.Tensor> = {
  "conv2d": (d) => {
    const channels = d.int(1, 5);
    const [strides, dilations] = steps(d);
    const [pad, rounding] = padding(d);
    const x = four(d.floats(d.int(1, 2), d.int(1, 9), d.int(1, 9), channels));
    const filter = four(d.floats(d.int(1, 4), d.int(1, 4), channels, d.int(1, 9)));
    return tf.conv2d(x, filter, strides, pad, "NHWC", dilations, rounding);
  },
  "conv2d with channels first": (d) => {
    const channels = d.int(1, 3);
    const x = four(d.floats(2, channels, d.int(3, 7), d.int(3, 7)));
    const filter = four(d.floats(d.int(1, 3), d.int(1, 3), channels, 2));
    return tf.conv2d(x, filter, pair(d, 1, 2), d.of(["valid", "same"] as const), "NCHW");
  },
  "fused conv2d": (d) => {
    const channels = d.int(1, 3);
    const out = d.int(1, 5);
    const [strides, dilations] = steps(d);
    return tf.fused.conv2d({
      x: four(d.floats(2, d.int(4, 8), d.int(4, 8), channels)),
      filter: four(d.floats(d.int(1, 3), d.int(1, 3), channels, out)),
      strides,
      dilations,
      pad: d.of(["valid", "same"] as const),
      bias: d.flip() ? d.floats(out) : undefined,
      activation: activation(d),
      preluActivationWeights: d.floats(out),
      leakyreluAlpha: 0.3,
    });
  },
  "depthwise": (d) => {
    const channels = d.int(1, 6);
    const [strides, dilations] = steps(d);
    const [pad, rounding] = padding(d);
    const x = four(d.floats(d.int(1, 2), d.int(1, 9), d.int(1, 9), channels));
    const filter = four(d.floats(d.int(1, 4), d.int(1, 4), channels, d.int(1, 3)));
    return tf.depthwiseConv2d(x, filter, strides, pad, "NHWC", dilations, rounding);
  },
  "transposed convolution": (d) => {
    const [inner, outer] = pair(d, 1, 4);
    const strides = pair(d, 1, 3);
    const [height, width] = pair(d, 1, 4);
    // An image that is larger than what the sizes ask for is cropped.
    const more = d.of([0, 0, 2]);
    const x = four(d.floats(2, height + more, width + more, inner));
    const filter = four(d.floats(d.int(1, 4), d.int(1, 4), outer, inner));
    return tf.conv2dTranspose(
      x,
      filter,
      [2, height * strides[0], width * strides[1], outer],
      strides,
      "same",
    );
  },
  "max pooling": (d) => {
    const [pad, rounding] = padding(d);
    const x = four(d.tensor([2, d.int(1, 9), d.int(1, 9), d.int(1, 6)]));
    return tf.maxPool(x, pair(d, 1, 4), pair(d, 1, 3), pad, rounding);
  },
  "average pooling": (d) => {
    const [pad, rounding] = padding(d);
    const x = four(d.tensor([2, d.int(1, 9), d.int(1, 9), d.int(1, 6)]));
    return tf.avgPool(x, pair(d, 1, 4), pair(d, 1, 3), pad, rounding);
  },
};

for (const [name, operation] of Object.entries(operations)) {
  Deno.test(`${name} agrees with cpu for every kind of stride, dilation and padding`, async () => {
    const choices = fc.record({
      seed: fc.integer({ min: 1, max: 1 << 20 }),
      dtype: fc.constantFrom("float32" as const, "float32" as const, "int32" as const, "bool" as const),
    });
    await fc.assert(
      fc.asyncProperty(choices, async ({ seed, dtype }) => {
        const run = () => operation(new Draw({ seed, shape: [], dtype }));
        let wanted;
        try {
          [wanted] = await on("cpu", run);
        } catch {
          await assertRejects(() => on("native", run));
          return;
        }
        // cpu makes tensors of negative sizes where a filter is larger than its image.
        if (wanted.shape.some((size) => size < 0)) await assertRejects(() => on("native", run));
        else await agree(name, run, 5e-6);
      }),
      { numRuns: 150, seed: 7 },
    );
  });
}

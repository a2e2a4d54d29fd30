/**
 * Gradients of linear functions and of maxima, without another backend to compare with: that of a linear A is its
 * transpose, (A x) . y = x . (A^T y), and a maximum changes as its largest entry does.
 */
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import "../../lib/tfjs/mod.ts";
import { Draw } from "./draw.ts";

/** A function that is linear in each of its arguments, and the arguments' shapes. */
type Linear = (d: Draw) => [shapes: number[][], f: (...xs: tf.Tensor[]) => tf.Tensor];

const three = (x: tf.Tensor) => x as tf.Tensor3D;
const four = (x: tf.Tensor) => x as tf.Tensor4D;
const five = (x: tf.Tensor) => x as tf.Tensor5D;
const pair = (d: Draw, low: number, high: number): [number, number] => [d.int(low, high), d.int(low, high)];
const triple = (d: Draw, low: number, high: number): [number, number, number] => [
  ...pair(d, low, high),
  d.int(low, high),
];
const image = (d: Draw, channels = d.int(1, 4)) => [d.int(1, 3), d.int(3, 7), d.int(3, 7), channels];
const kind = (d: Draw) => d.of(["valid", "same"] as const);
const rounding = (d: Draw) => d.of(["floor", "ceil", "round"] as const);

const linear: Record<string, Linear> = {
  "conv2d": (d) => {
    const x = image(d);
    const strides = pair(d, 1, 3);
    const pad = kind(d);
    const filter = [d.int(1, 3), d.int(1, 3), x[3], d.int(1, 4)];
    return [[x, filter], (x, w) => tf.conv2d(four(x), four(w), strides, pad)];
  },
  "conv2d with a padding in numbers": (d) => {
    const x = image(d);
    const stride = d.int(1, 3);
    const size = d.int(1, 3);
    const pad = d.int(0, size - 1);
    const mode = rounding(d);
    const filter = [size, size, x[3], d.int(1, 4)];
    return [[x, filter], (x, w) => tf.conv2d(four(x), four(w), stride, pad, "NHWC", 1, mode)];
  },
  "conv2d with explicit paddings": (d) => {
    const x = image(d);
    const strides = pair(d, 1, 2);
    const pad: tf.backend_util.ExplicitPadding = [[0, 0], pair(d, 0, 2), pair(d, 0, 2), [0, 0]];
    return [[x, [...pair(d, 1, 3), x[3], 2]], (x, w) => tf.conv2d(four(x), four(w), strides, pad)];
  },
  "conv2d with a large filter": (d) => {
    const pad = kind(d);
    return [[[1, 19, 17, 2], [11, 9, 2, 2]], (x, w) => tf.conv2d(four(x), four(w), 1, pad)];
  },
  "depthwise": (d) => {
    const x = image(d);
    const stride = d.int(1, 3);
    const pad = kind(d);
    const filter = [d.int(1, 3), d.int(1, 3), x[3], d.int(1, 3)];
    return [[x, filter], (x, w) => tf.depthwiseConv2d(four(x), four(w), stride, pad)];
  },
  "depthwise with a padding in numbers": (d) => {
    const x = image(d);
    const size = d.int(1, 3);
    const stride = d.int(1, 3);
    const pad = d.int(0, size - 1);
    const mode = rounding(d);
    const filter = [size, size, x[3], d.int(1, 3)];
    return [[x, filter], (x, w) => tf.depthwiseConv2d(four(x), four(w), stride, pad, "NHWC", 1, mode)];
  },
  "depthwise with a large filter": (d) => {
    const pad = kind(d);
    return [[[1, 19, 17, 3], [11, 9, 3, 1]], (x, w) => tf.depthwiseConv2d(four(x), four(w), 1, pad)];
  },
  "transposed convolution": (d) => {
    const x = image(d);
    const strides = pair(d, 1, 2);
    const out = d.int(1, 3);
    const size: [number, number, number, number] = [x[0], x[1] * strides[0], x[2] * strides[1], out];
    const filter = [...pair(d, 1, 3), out, x[3]];
    return [[x, filter], (x, w) => tf.conv2dTranspose(four(x), four(w), size, strides, "same")];
  },
  "average pooling": (d) => {
    const size = pair(d, 1, 4);
    const strides = pair(d, 1, 3);
    const pad = kind(d);
    return [[image(d)], (x) => tf.avgPool(four(x), size, strides, pad)];
  },
  "average pooling with a padding in numbers": (d) => {
    const size = d.int(2, 4);
    const strides = d.int(1, size);
    const pad = d.int(0, Math.floor(size / 2));
    // Rounded down: rounded up, a window may have no pixel, and a mean of nothing is NaN.
    return [[image(d)], (x) => tf.avgPool(four(x), size, strides, pad, "floor")];
  },
  "average pooling, rounded up": (d) => {
    const size = d.int(2, 4);
    const strides = d.int(1, size - 1);
    return [[image(d)], (x) => tf.avgPool(four(x), size, strides, 0, "ceil")];
  },
  "average pooling of large windows": (d) => {
    const pad = kind(d);
    return [[[1, 21, 23, 2]], (x) => tf.avgPool(four(x), 15, 2, pad)];
  },
  "average pooling in 3-D": (d) => {
    const size = triple(d, 1, 3);
    const strides = triple(d, 1, 2);
    const pad = kind(d);
    const x = [d.int(1, 2), ...triple(d, 3, 5), 2];
    return [[x], (x) => tf.avgPool3d(five(x), size, strides, pad)];
  },
  "bilinear resizing": (d) => {
    const size = pair(d, 1, 8);
    const mode = d.int(0, 2);
    return [[image(d)], (x) => tf.image.resizeBilinear(four(x), size, mode === 1, mode === 2)];
  },
  "resizing to the nearest": (d) => {
    const size = pair(d, 1, 8);
    const mode = d.int(0, 2);
    return [[image(d)], (x) => tf.image.resizeNearestNeighbor(four(x), size, mode === 1, mode === 2)];
  },
  "pad and crop": (d) => {
    const paddings = [pair(d, -1, 2), pair(d, -2, 1), pair(d, -1, 1)];
    return [[[3, 4, 5]], (x) => tf.pad(x, paddings)];
  },
  "running sum": (d) => {
    const axis = d.int(-3, 2);
    const exclusive = d.flip();
    const reverse = d.flip();
    return [[[3, 3, 4]], (x) => tf.cumsum(x, axis, exclusive, reverse)];
  },
  "look-up": (d) => {
    const axis = d.int(-3, 2);
    const ids = d.ints([2, 3], 0, 2);
    return [[[3, 4, 5]], (x) => tf.gather(x, ids, axis)];
  },
  "segments": (d) => {
    const ids = d.ints([6], -1, 2) as tf.Tensor1D;
    return [[[6, 3]], (x) => tf.unsortedSegmentSum(x, ids, 3)];
  },
  "matrix product": (d) => {
    const [m, k, n] = triple(d, 1, 5);
    const ta = d.flip();
    const tb = d.flip();
    const shapes = [[2, ...(ta ? [k, m] : [m, k])], [2, ...(tb ? [n, k] : [k, n])]];
    return [shapes, (a, b) => tf.matMul(three(a), three(b), ta, tb)];
  },
};

const inner = (a: tf.Tensor, b: tf.Tensor) => {
  const y = b.dataSync();
  return Array.from(a.dataSync()).reduce((sum, value, i) => sum + value * y[i], 0);
};
const choices = fc.integer({ min: 1, max: 1 << 20 });
const drawn = (seed: number) => new Draw({ seed, shape: [], dtype: "float32" });

for (const [name, make] of Object.entries(linear)) {
  Deno.test(`the gradient of ${name} is its transpose`, async () => {
    await tf.setBackend("native");
    fc.assert(
      fc.property(choices, (seed) => {
        tf.tidy(() => {
          const d = drawn(seed);
          const [shapes, f] = make(d);
          const xs = shapes.map((shape) => d.floats(...shape));
          const y = f(...xs);
          if (y.size === 0) return;
          const dy = d.floats(...y.shape);
          const size = Math.sqrt(inner(y, y) * inner(dy, dy)) + 1;
          tf.grads(f)(xs, dy).forEach((slope, i) => {
            assertEquals(slope.shape, xs[i].shape);
            const difference = Math.abs(inner(y, dy) - inner(xs[i], slope));
            assert(difference < 2e-6 * size, `argument ${i} of [${shapes}]: off by ${difference} of ${size}`);
          });
        });
      }),
      { numRuns: 60, seed: 5 },
    );
  });
}

Deno.test("the gradient of average pooling at the edge is that of differences", async () => {
  await tf.setBackend("native");
  const slopes = tf.tidy(() =>
    Array.from(tf.grad((x) => tf.avgPool(four(x), 2, 1, "same"))(tf.ones([1, 3, 3, 1])).dataSync())
  );
  // The mean of the part of each window that is inside: of 4 pixels, at two edges of 2, at the corner of 1.
  assertEquals(slopes, [0.25, 0.5, 0.75, 0.5, 1, 1.5, 0.75, 1.5, 2.25]);
});

const maxima: Record<string, (d: Draw) => [shape: number[], f: (x: tf.Tensor) => tf.Tensor]> = {
  "max pooling": (d) => {
    const size = pair(d, 1, 4);
    const strides = pair(d, 1, 3);
    const pad = kind(d);
    return [image(d), (x) => tf.maxPool(four(x), size, strides, pad)];
  },
  "max pooling with a padding in numbers": (d) => {
    const size = d.int(2, 4);
    const strides = d.int(1, size - 1);
    const mode = d.of(["floor", "ceil"] as const);
    return [image(d), (x) => tf.maxPool(four(x), size, strides, 0, mode)];
  },
  "max pooling of large windows": () => [[1, 21, 23, 2], (x) => tf.maxPool(four(x), 15, 1, "same")],
  "max pooling in 3-D": (d) => {
    const size = triple(d, 1, 3);
    const strides = triple(d, 1, 2);
    const pad = kind(d);
    return [[d.int(1, 2), ...triple(d, 3, 5), 2], (x) => tf.maxPool3d(five(x), size, strides, pad)];
  },
  "max": (d) => {
    const axis = d.int(0, 2);
    return [[3, 4, 5], (x) => tf.max(x, axis)];
  },
};

for (const [name, make] of Object.entries(maxima)) {
  Deno.test(`the gradient of ${name} goes to the largest entries`, async () => {
    await tf.setBackend("native");
    fc.assert(
      fc.property(choices, (seed) => {
        tf.tidy(() => {
          const d = drawn(seed);
          const [shape, f] = make(d);
          const count = tf.util.sizeFromShape(shape);
          // All entries differ by at least 1, and change by less than 1/4: the largest stays the largest.
          const x = tf.tensor(Float32Array.from(d.permutation(count)), shape);
          const change = tf.mul(tf.tanh(d.floats(...shape)), 0.25);
          const y = f(x);
          const dy = d.floats(...y.shape);
          const slope = tf.grad(f)(x, dy);
          const difference = inner(tf.sub(f(tf.add(x, change)), y), dy) - inner(change, slope);
          // Entries as large as their number, and their changes, are rounded.
          assert(Math.abs(difference) < 1e-5 * count, `[${shape}]: off by ${difference}`);
        });
      }),
      { numRuns: 60, seed: 5 },
    );
  });
}

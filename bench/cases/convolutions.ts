/** Convolution layers: all singular values, and the orthogonality regularizer with its gradient. */
import * as tf from "@tensorflow/tfjs";
import { convolutionMatrix, convolutionSingularValues, lorthGradient } from "../../lib/convolutions/mod.ts";
import { lorthOp } from "../../lib/convolutions/layers/mod.ts";
import { singularValues } from "../../lib/linalg/mod.ts";
import { useBestBackend } from "../../lib/tfjs/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

const LAYER = { outChannels: 16, inChannels: 16, kernelSize: 3 };

/** A kernel for both sides: numbers that Python computes too. */
function kernelOf(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => Math.sin(i * i % 1009) / 12);
}

/** The same kernel in Python, of a shape in PyTorch's layout. */
function pythonKernel(shape: string, length: number): string {
  return `i = np.arange(${length}); kernel = (np.sin(i * i % 1009) / 12).reshape(${shape})`;
}

/** Largest difference over the largest value. */
function relative(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  let off = 0;
  let size = 0;
  for (let i = 0; i < theirs.length; i++) {
    off = Math.max(off, Math.abs(ours[i] - theirs[i]));
    size = Math.max(size, Math.abs(theirs[i]));
  }
  return off / size;
}

/** The regularizer of Wang et al., squared, by PyTorch: conv2d of the kernel with itself, and its gradient. */
function torchLorth(channels: number, dtype: string): { setup: string; run: string; value: string } {
  const length = channels * channels * 9;
  return {
    setup: `
import numpy as np, torch
torch.set_num_threads(1)
${pythonKernel(`${channels}, ${channels}, 3, 3`, length)}
kernel = torch.tensor(kernel, dtype=torch.${dtype}).requires_grad_()
target = torch.zeros(${channels}, ${channels}, 5, 5, dtype=torch.${dtype})
target[:, :, 2, 2] = torch.eye(${channels}, dtype=torch.${dtype})
`,
    run: `
kernel.grad = None
loss = ((torch.nn.functional.conv2d(kernel, kernel, padding=2) - target) ** 2).sum()
loss.backward()
`,
    value: "kernel.grad.flatten().tolist()",
  };
}

/** The regularizer with its gradient in double precision. */
function regularizer(channels: number): BenchCase {
  return {
    what: `L_orth and gradient ${channels}x${channels}x3x3 f64`,
    peer: "pytorch conv2d(K, K)",
    async setup() {
      const shape = { outChannels: channels, inChannels: channels, kernelSize: 3 };
      const kernel = kernelOf(channels * channels * 9);
      const peer = await python("pytorch", torchLorth(channels, "float64"));
      return {
        ours: () => void lorthGradient(kernel, shape),
        peer,
        error: async () => relative(lorthGradient(kernel, shape).gradient, await peer.value()),
      };
    },
  };
}

/** The same as a tfjs operation, in single precision. */
function operation(channels: number): BenchCase {
  return {
    what: `L_orth and gradient ${channels}x${channels}x3x3 f32, tfjs`,
    peer: "pytorch conv2d(K, K)",
    async setup() {
      await useBestBackend({ verbose: false });
      const kernel = tf.tidy(() =>
        tf.transpose(
          tf.tensor4d(Float32Array.from(kernelOf(channels * channels * 9)), [channels, channels, 3, 3]),
          [2, 3, 1, 0],
        )
      );
      const gradientOf = tf.valueAndGrad((x) => lorthOp(x as tf.Tensor4D));
      const gradient = () => tf.tidy(() => tf.transpose(gradientOf(kernel).grad, [3, 2, 0, 1]).dataSync());
      const peer = await python("pytorch", torchLorth(channels, "float32"));
      return {
        ours: () =>
          tf.tidy(() => {
            const { value, grad } = gradientOf(kernel);
            value.dataSync();
            grad.dataSync();
          }),
        peer,
        error: async () => relative(gradient(), await peer.value()),
        dispose: () => kernel.dispose(),
      };
    },
  };
}

/** Benchmarks of `lib/convolutions`. */
export const cases: BenchCase[] = [
  {
    // At N = 8 the matrix is 1024 x 1024; its SVD grows like N^6, the blocks like N^2.
    what: "conv spectrum M=C=16 N=8 f64",
    peer: "SVD of the matrix (LAPACK)",
    setup() {
      const kernel = kernelOf(16 * 16 * 9);
      const dense = () => singularValues(convolutionMatrix(kernel, LAYER, 8));
      return {
        ours: () => void convolutionSingularValues(kernel, LAYER, 8),
        peer: () => void dense(),
        repeat: 1,
        error: () => relative(convolutionSingularValues(kernel, LAYER, 8), dense()),
      };
    },
  },
  {
    what: "conv spectrum M=C=16 N=32 f64",
    peer: "numpy fft2 and batched svd",
    async setup() {
      const kernel = kernelOf(16 * 16 * 9);
      const peer = await python("numpy", {
        setup: `import numpy as np\n${pythonKernel("16, 16, 3, 3", 16 * 16 * 9)}`,
        run: "blocks = np.fft.fft2(kernel, (32, 32), axes=(2, 3)).transpose(2, 3, 0, 1)\n" +
          "s = np.linalg.svd(blocks, compute_uv=False)",
        value: "np.sort(s.ravel())[::-1].tolist()",
      });
      return {
        ours: () => void convolutionSingularValues(kernel, LAYER, 32),
        peer,
        error: async () => relative(convolutionSingularValues(kernel, LAYER, 32), await peer.value()),
      };
    },
  },
  regularizer(16),
  regularizer(64),
  operation(16),
  operation(64),
];

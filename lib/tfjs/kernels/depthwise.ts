import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import { type ConvInfo, type Convolution, windowArguments } from "./convolution.ts";
import { sizeOf } from "./replace.ts";

/**
 * Depthwise convolution. With a channel multiplier `q` above 1, every channel of the image is repeated `q`
 * times first: then output and filter have one channel per channel of the image, as with `q = 1`.
 */
export const depthwiseConvolution: Convolution = {
  kernels: {
    forward: "DepthwiseConv2dNative",
    fused: "FusedDepthwiseConv2D",
    filterGradient: "DepthwiseConv2dNativeBackpropFilter",
    inputGradient: "DepthwiseConv2dNativeBackpropInput",
  },
  depthwise: true,

  forward(backend, x, filter, info) {
    const { heap } = backend;
    const { pointer } = backend.place(filter);
    const out = backend.allocate(info.outShape);
    withRepeated(backend, x, info, (image) => {
      heap.kernels.depthwise(image, pointer, out.pointer, ...loopArguments(info));
    });
    return out;
  },

  filterGradient(backend, x, dy, info) {
    const { heap } = backend;
    const { pointer } = backend.place(dy);
    const out = backend.allocate(info.filterShape);
    const doubles = 8 * info.filterHeight * info.filterWidth * (info.outChannels + 3);
    withRepeated(backend, x, info, (image) => {
      heap.borrow(doubles, (carry) => {
        heap.kernels.depthwise_filter_grad(image, out.pointer, pointer, carry, ...loopArguments(info));
      });
    });
    return out;
  },

  inputGradient(backend, dy, filter, info) {
    const { depthwise_input_grad, sum } = backend.heap.kernels;
    const pdy = backend.place(dy).pointer;
    const pf = backend.place(filter).pointer;
    const times = info.outChannels / info.inChannels;
    const repeated = backend.allocate([info.batchSize, info.inHeight, info.inWidth, info.outChannels]);
    depthwise_input_grad(repeated.pointer, pf, pdy, ...loopArguments(info));
    if (times === 1) return repeated;
    const out = backend.allocate(info.inShape);
    sum(repeated.pointer, out.pointer, sizeOf(info.inShape), times, 1, 1);
    backend.disposeIntermediateTensorInfo(repeated);
    return out;
  },
};

/** The arguments of the compiled loops after the pointers. */
function loopArguments(info: ConvInfo): number[] {
  return [info.batchSize, ...windowArguments(info, info.outChannels), info.outHeight, info.outWidth];
}

/** Calls `use` with the pointer of `x`, whose channels are repeated as often as each has filters. */
function withRepeated(
  backend: NativeBackend,
  x: TensorInfo,
  info: ConvInfo,
  use: (pointer: number) => void,
): void {
  const { heap } = backend;
  const { pointer } = backend.place(x);
  const times = info.outChannels / info.inChannels;
  if (times === 1) return use(pointer);
  const n = sizeOf(x.shape);
  heap.borrow(4 * n * times, (repeated) => {
    heap.kernels.repeat(pointer, repeated, n, times);
    use(repeated);
  });
}

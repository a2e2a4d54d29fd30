import type { backend_util, TensorInfo } from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import { type ConvAttributes, convShapes, type FusedConvAttributes, windowArguments } from "./conv_shapes.ts";
import { finish } from "./matmul.ts";
import { areFloats, replace, sizeOf } from "./replace.ts";

/**
 * Replaces depthwise convolutions and both their gradients. With a channel multiplier `q` above 1, every
 * channel of the image is repeated `q` times first: then output and filter have one channel for each of the
 * image's, as with `q = 1`.
 */
export function registerDepthwise(): void {
  replace<ConvAttributes>("DepthwiseConv2dNative", ({ inputs: { x, filter }, attrs, backend }) => {
    const info = shapesOf(x.shape, filter.shape, attrs);
    return areFloats(x, filter) && sizeOf(info.outShape) > 0 ? forward(backend, x, filter, info) : undefined;
  });
  replace<FusedConvAttributes>("FusedDepthwiseConv2D", ({ inputs, attrs, backend }) => {
    const { x, filter, bias, preluActivationWeights } = inputs;
    const info = shapesOf(x.shape, filter.shape, attrs);
    if (!areFloats(x, filter) || sizeOf(info.outShape) === 0) return undefined;
    const product = forward(backend, x, filter, info);
    return finish(backend, product, bias, attrs.activation, preluActivationWeights, attrs.leakyreluAlpha);
  });
  replace<ConvAttributes & { filterShape: number[] }>(
    "DepthwiseConv2dNativeBackpropFilter",
    ({ inputs: { x, dy }, attrs, backend }) => {
      if (!areFloats(x, dy)) return undefined;
      return filterGradient(backend, x, dy, shapesOf(x.shape, attrs.filterShape, attrs));
    },
  );
  replace<ConvAttributes & { inputShape: number[] }>(
    "DepthwiseConv2dNativeBackpropInput",
    ({ inputs: { dy, filter }, attrs, backend }) => {
      if (!areFloats(dy, filter)) return undefined;
      return inputGradient(backend, dy, filter, shapesOf(attrs.inputShape, filter.shape, attrs));
    },
  );
}

function shapesOf(x: number[], filter: number[], attrs: ConvAttributes): backend_util.Conv2DInfo {
  return convShapes(x, filter, attrs, true);
}

/** The arguments of the compiled loops from the image's height on. */
function loopArguments(info: backend_util.Conv2DInfo): number[] {
  return [...windowArguments(info, info.outChannels), info.outHeight, info.outWidth];
}

/** Calls `use` with the pointer of `x` whose channels are repeated as often as there are filters for each. */
function withRepeated(
  backend: NativeBackend,
  x: TensorInfo,
  info: backend_util.Conv2DInfo,
  use: (pointer: number) => void,
): void {
  const { pointer } = backend.place(x);
  const times = info.outChannels / info.inChannels;
  if (times === 1) return use(pointer);
  const n = sizeOf(x.shape);
  const bytes = 4 * n * times;
  const room = backend.heap.allocate(bytes);
  backend.heap.kernels.repeat(pointer, room, n, times);
  use(room);
  backend.heap.free(room, bytes);
}

function forward(
  backend: NativeBackend,
  x: TensorInfo,
  filter: TensorInfo,
  info: backend_util.Conv2DInfo,
): TensorInfo {
  const { pointer: pf } = backend.place(filter);
  const out = backend.allocate(info.outShape);
  withRepeated(backend, x, info, (px) => {
    backend.heap.kernels.depthwise(px, pf, out.pointer, info.batchSize, ...loopArguments(info));
  });
  return out;
}

/** Image by image, then added up: fewer terms in one sum round less. */
function filterGradient(
  backend: NativeBackend,
  x: TensorInfo,
  dy: TensorInfo,
  info: backend_util.Conv2DInfo,
): TensorInfo {
  const { pointer: pdy } = backend.place(dy);
  const size = sizeOf(info.filterShape);
  const out = backend.allocate(info.filterShape);
  const part = backend.allocate(info.filterShape);
  const { depthwise_filter_grad, add } = backend.heap.kernels;
  const shape = loopArguments(info);
  const image = 4 * info.inHeight * info.inWidth * info.outChannels;
  const slope = 4 * info.outHeight * info.outWidth * info.outChannels;
  withRepeated(backend, x, info, (px) => {
    backend.heap.floats(out.pointer, size).fill(0);
    for (let i = 0; i < info.batchSize; i++) {
      backend.heap.floats(part.pointer, size).fill(0);
      depthwise_filter_grad(px + i * image, part.pointer, pdy + i * slope, ...shape);
      add(out.pointer, part.pointer, out.pointer, 1, size, 0, 0, 1, 1);
    }
  });
  backend.disposeIntermediateTensorInfo(part);
  return out;
}

function inputGradient(
  backend: NativeBackend,
  dy: TensorInfo,
  filter: TensorInfo,
  info: backend_util.Conv2DInfo,
): TensorInfo {
  const { pointer: pdy } = backend.place(dy);
  const { pointer: pf } = backend.place(filter);
  const pixels = info.inHeight * info.inWidth;
  const times = info.outChannels / info.inChannels;
  const repeated = backend.allocate([info.batchSize, info.inHeight, info.inWidth, info.outChannels]);
  repeated.values.fill(0);
  const { depthwise_input_grad, sum } = backend.heap.kernels;
  const shape = loopArguments(info);
  const image = 4 * pixels * info.outChannels;
  const slope = 4 * info.outHeight * info.outWidth * info.outChannels;
  for (let i = 0; i < info.batchSize; i++) {
    depthwise_input_grad(repeated.pointer + i * image, pf, pdy + i * slope, ...shape);
  }
  if (times === 1) return repeated;
  const out = backend.allocate(info.inShape);
  sum(repeated.pointer, out.pointer, sizeOf(info.inShape), times, 1);
  backend.disposeIntermediateTensorInfo(repeated);
  return out;
}

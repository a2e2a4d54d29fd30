import type { backend_util, TensorInfo } from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import { type ConvAttributes, convShapes, type FusedConvAttributes, windowArguments } from "./conv_shapes.ts";
import { finish, gemm } from "./matmul.ts";
import { areFloats, replace, sizeOf } from "./replace.ts";

/**
 * Patches are laid out for this many floats at a time: they are read back from the cache, not from memory.
 */
const PATCH_FLOATS = 1 << 18;

/** Replaces convolutions over `[batch, height, width, channels]` and both their gradients. */
export function registerConvolutions(): void {
  replace<ConvAttributes>("Conv2D", ({ inputs: { x, filter }, attrs, backend }) => {
    if (attrs.dataFormat === "NCHW" || !areFloats(x, filter)) return undefined;
    return conv2d(backend, x, filter, convShapes(x.shape, filter.shape, attrs));
  });
  replace<FusedConvAttributes>("FusedConv2D", ({ inputs, attrs, backend }) => {
    const { x, filter, bias, preluActivationWeights } = inputs;
    if (attrs.dataFormat === "NCHW" || !areFloats(x, filter)) return undefined;
    const product = conv2d(backend, x, filter, convShapes(x.shape, filter.shape, attrs));
    return finish(backend, product, bias, attrs.activation, preluActivationWeights, attrs.leakyreluAlpha);
  });
  replace<ConvAttributes & { filterShape: number[] }>(
    "Conv2DBackpropFilter",
    ({ inputs: { x, dy }, attrs, backend }) => {
      if (attrs.dataFormat === "NCHW" || !areFloats(x, dy)) return undefined;
      return filterGradient(backend, x, dy, attrs.filterShape, convShapes(x.shape, attrs.filterShape, attrs));
    },
  );
  replace<ConvAttributes & { inputShape: number[] }>(
    "Conv2DBackpropInput",
    ({ inputs: { dy, filter }, attrs, backend }) => {
      if (attrs.dataFormat === "NCHW" || !areFloats(dy, filter)) return undefined;
      return inputGradient(
        backend,
        dy,
        filter,
        attrs.inputShape,
        convShapes(attrs.inputShape, filter.shape, attrs),
      );
    },
  );
}

/** The arguments of im2col and col2im after the two pointers, up to the range of positions. */
function patchArguments(info: backend_util.Conv2DInfo): number[] {
  return [...windowArguments(info, info.inChannels), info.outWidth];
}

/** A 1 x 1 filter that visits every pixel: its patches are the image itself. */
function isPointwise(info: backend_util.Conv2DInfo): boolean {
  return info.filterHeight === 1 && info.filterWidth === 1 && info.strideHeight === 1 &&
    info.strideWidth === 1 &&
    info.padInfo.top === 0 && info.padInfo.left === 0 && info.outHeight === info.inHeight &&
    info.outWidth === info.inWidth;
}

/** Calls `visit` for ranges of output positions, image by image, with room for their patches. */
function overPatches(
  backend: NativeBackend,
  info: backend_util.Conv2DInfo,
  visit: (image: number, from: number, to: number, patches: number) => void,
): void {
  const width = info.filterHeight * info.filterWidth * info.inChannels;
  const positions = info.outHeight * info.outWidth;
  const step = Math.max(1, Math.min(positions, Math.floor(PATCH_FLOATS / width)));
  const bytes = 4 * step * width;
  const patches = backend.heap.allocate(bytes);
  for (let image = 0; image < info.batchSize; image++) {
    for (let from = 0; from < positions; from += step) {
      visit(image, from, Math.min(from + step, positions), patches);
    }
  }
  backend.heap.free(patches, bytes);
}

function conv2d(
  backend: NativeBackend,
  x: TensorInfo,
  filter: TensorInfo,
  info: backend_util.Conv2DInfo,
): TensorInfo {
  const px = backend.place(x).pointer;
  const pf = backend.place(filter).pointer;
  const out = backend.allocate(info.outShape);
  const width = info.filterHeight * info.filterWidth * info.inChannels;
  const channels = info.outChannels;
  const positions = info.outHeight * info.outWidth;
  const image = info.inHeight * info.inWidth * info.inChannels;
  if (isPointwise(info)) {
    gemm(
      backend,
      false,
      false,
      info.batchSize * positions,
      channels,
      width,
      px,
      width,
      pf,
      channels,
      out.pointer,
    );
    return out;
  }
  const shape = patchArguments(info);
  const { im2col } = backend.heap.kernels;
  overPatches(backend, info, (i, from, to, patches) => {
    im2col(px + 4 * i * image, patches, ...shape, from, to);
    const at = out.pointer + 4 * (i * positions + from) * channels;
    gemm(backend, false, false, to - from, channels, width, patches, width, pf, channels, at);
  });
  return out;
}

/** dFilter = sum over positions of patch^T dy. */
function filterGradient(
  backend: NativeBackend,
  x: TensorInfo,
  dy: TensorInfo,
  filterShape: number[],
  info: backend_util.Conv2DInfo,
): TensorInfo {
  const px = backend.place(x).pointer;
  const pdy = backend.place(dy).pointer;
  const width = info.filterHeight * info.filterWidth * info.inChannels;
  const channels = info.outChannels;
  const positions = info.outHeight * info.outWidth;
  const image = info.inHeight * info.inWidth * info.inChannels;
  const out = backend.allocate(filterShape);
  if (isPointwise(info)) {
    gemm(
      backend,
      true,
      false,
      width,
      channels,
      info.batchSize * positions,
      px,
      width,
      pdy,
      channels,
      out.pointer,
    );
    return out;
  }
  const part = backend.allocate(filterShape);
  const size = sizeOf(filterShape);
  const shape = patchArguments(info);
  const { im2col, add } = backend.heap.kernels;
  backend.place(out).values.fill(0);
  overPatches(backend, info, (i, from, to, patches) => {
    im2col(px + 4 * i * image, patches, ...shape, from, to);
    const at = pdy + 4 * (i * positions + from) * channels;
    gemm(backend, true, false, width, channels, to - from, patches, width, at, channels, part.pointer);
    add(out.pointer, part.pointer, out.pointer, 1, size, 0, 0, 1, 1);
  });
  backend.disposeIntermediateTensorInfo(part);
  return out;
}

/** dx: the patches of dy filter^T, added up where they overlap. */
function inputGradient(
  backend: NativeBackend,
  dy: TensorInfo,
  filter: TensorInfo,
  inputShape: number[],
  info: backend_util.Conv2DInfo,
): TensorInfo {
  const pdy = backend.place(dy).pointer;
  const pf = backend.place(filter).pointer;
  const width = info.filterHeight * info.filterWidth * info.inChannels;
  const channels = info.outChannels;
  const positions = info.outHeight * info.outWidth;
  const image = info.inHeight * info.inWidth * info.inChannels;
  const out = backend.allocate(inputShape);
  if (isPointwise(info)) {
    gemm(
      backend,
      false,
      true,
      info.batchSize * positions,
      width,
      channels,
      pdy,
      channels,
      pf,
      channels,
      out.pointer,
    );
    return out;
  }
  const shape = patchArguments(info);
  const { col2im } = backend.heap.kernels;
  backend.place(out).values.fill(0);
  overPatches(backend, info, (i, from, to, patches) => {
    const at = pdy + 4 * (i * positions + from) * channels;
    gemm(backend, false, true, to - from, width, channels, at, channels, pf, channels, patches);
    col2im(patches, out.pointer + 4 * i * image, ...shape, from, to);
  });
  return out;
}

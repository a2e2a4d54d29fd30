import { backend_util, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { areFloats, replace } from "./replace.ts";

interface PoolAttributes {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: "valid" | "same" | number | backend_util.ExplicitPadding;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Replaces pooling over `[batch, height, width, channels]` and its gradients. */
export function registerPooling(): void {
  replace<PoolAttributes>("MaxPool", ({ inputs: { x }, attrs, backend }) => {
    if (!areFloats(x)) return undefined;
    const info = shapesOf(x, attrs);
    if (isIdentity(info)) return undefined;
    const { pointer } = backend.place(x);
    const out = backend.allocate(info.outShape);
    backend.heap.kernels.max_pool(pointer, out.pointer, ...poolArguments(info));
    return out;
  });
  replace<PoolAttributes>("AvgPool", ({ inputs: { x }, attrs, backend }) => {
    if (!areFloats(x)) return undefined;
    const info = shapesOf(x, attrs);
    if (isIdentity(info)) return undefined;
    const { pointer } = backend.place(x);
    const out = backend.allocate(info.outShape);
    backend.heap.kernels.average_pool(pointer, out.pointer, ...poolArguments(info));
    return out;
  });
  replace<PoolAttributes>("MaxPoolGrad", ({ inputs: { dy, input, output }, attrs, backend }) => {
    if (!areFloats(dy, input, output)) return undefined;
    const info = shapesOf(input, attrs);
    const pointers = [input, output, dy].map((tensor) => backend.place(tensor).pointer);
    const dx = backend.allocate(input.shape);
    dx.values.fill(0);
    backend.heap.kernels.max_pool_grad(...pointers, dx.pointer, ...poolArguments(info));
    return dx;
  });
  replace<PoolAttributes>("AvgPoolGrad", ({ inputs: { dy, input }, attrs, backend }) => {
    if (!areFloats(dy, input)) return undefined;
    const info = shapesOf(input, attrs);
    const channels = info.inChannels;
    const share = 1 / (info.filterHeight * info.filterWidth);
    backend.place(dy);
    const dx = backend.allocate(input.shape);
    const values = dx.values.fill(0);
    const slopes = backend.place(dy).values;
    windows(info, (pixel, at) => {
      for (let c = 0; c < channels; c++) values[pixel + c] += slopes[at + c] * share;
    });
    return dx;
  });
}

function shapesOf(x: TensorInfo, attrs: PoolAttributes): backend_util.Conv2DInfo {
  const shape = x.shape as [number, number, number, number];
  return backend_util.computePool2DInfo(
    shape,
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
}

/** Windows of one pixel, one for each: the CPU backend answers with its input. */
function isIdentity(info: backend_util.Conv2DInfo): boolean {
  return info.filterHeight === 1 && info.filterWidth === 1 && util.arraysEqual(info.inShape, info.outShape);
}

/** The arguments of the compiled pooling after their pointers. */
function poolArguments(info: backend_util.Conv2DInfo): number[] {
  const { top, left } = info.padInfo;
  return [
    info.batchSize,
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    top,
    left,
    info.outHeight,
    info.outWidth,
  ];
}

/**
 * Visits every pixel of every window: where its channels begin in the input, and where the window's do in the
 * output.
 */
function windows(info: backend_util.Conv2DInfo, visit: (pixel: number, at: number) => void): void {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, padInfo } = info;
  for (let image = 0; image < info.batchSize; image++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const top = oy * info.strideHeight - padInfo.top;
      for (let ox = 0; ox < outWidth; ox++) {
        const left = ox * info.strideWidth - padInfo.left;
        const at = ((image * outHeight + oy) * outWidth + ox) * inChannels;
        const yEnd = Math.min(inHeight, top + info.filterHeight);
        const xEnd = Math.min(inWidth, left + info.filterWidth);
        for (let y = Math.max(0, top); y < yEnd; y++) {
          for (let x = Math.max(0, left); x < xEnd; x++) {
            visit(((image * inHeight + y) * inWidth + x) * inChannels, at);
          }
        }
      }
    }
  }
}

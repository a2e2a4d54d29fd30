import { backend_util, type TensorInfo } from "@tensorflow/tfjs-core";
import { areFloats, replace } from "./replace.ts";
import { valuesOf } from "../storage.ts";

type Info = backend_util.Conv3DInfo;

interface Pool3DAttributes {
  filterSize: number | [number, number, number];
  strides: number | [number, number, number];
  pad: "valid" | "same" | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/**
 * Replaces the gradients of pooling over `[batch, depth, height, width, channels]`. Those of the CPU backend
 * divide by the whole window where a part of it lies outside, and lose windows that a stride passes over.
 */
export function registerPooling3D(): void {
  replace<Pool3DAttributes>("AvgPool3DGrad", ({ inputs: { dy, input }, attrs, backend }) => {
    if (!areFloats(dy, input)) return undefined;
    const info = sizes("AvgPool3DGrad", input, dy, attrs);
    const slopes = valuesOf(backend, dy);
    const sums = new Float64Array(valuesOf(backend, input).length);
    overWindows(info, (pixels, channel, at) => {
      for (const pixel of pixels) sums[pixel + channel] += slopes[at] / pixels.length;
    });
    return backend.makeTensorInfo(input.shape, "float32", Float32Array.from(sums));
  });

  replace<Pool3DAttributes>("MaxPool3DGrad", ({ inputs: { dy, input }, attrs, backend }) => {
    if (!areFloats(dy, input)) return undefined;
    const info = sizes("MaxPool3DGrad", input, dy, attrs);
    const slopes = valuesOf(backend, dy);
    const values = valuesOf(backend, input);
    const sums = new Float64Array(values.length);
    overWindows(info, (pixels, channel, at) => {
      let largest = -1;
      // As in the CPU backend, the last one of equals.
      for (const pixel of pixels) {
        const entry = pixel + channel;
        if (largest < 0 || values[entry] >= values[largest]) largest = entry;
      }
      if (largest >= 0) sums[largest] += slopes[at];
    });
    return backend.makeTensorInfo(input.shape, "float32", Float32Array.from(sums));
  });
}

function sizes(kernel: string, x: TensorInfo, dy: TensorInfo, attrs: Pool3DAttributes): Info {
  const info = backend_util.computePool3DInfo(
    x.shape as [number, number, number, number, number],
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  if (x.shape.length !== 5 || !info.outShape.every((size, axis) => size === dy.shape[axis])) {
    throw new RangeError(`${kernel}: \`dy\` must have shape [${info.outShape}], got [${dy.shape}]`);
  }
  return info;
}

/**
 * Calls `visit` for every entry of the result: with where the pixels of its window that lie inside begin, its
 * channel, and its own place.
 */
function overWindows(info: Info, visit: (pixels: number[], channel: number, at: number) => void): void {
  const { batchSize, inDepth, inHeight, inWidth, inChannels, padInfo } = info;
  let at = 0;
  for (let image = 0; image < batchSize; image++) {
    for (let oz = 0; oz < info.outDepth; oz++) {
      const depths = inside(oz * info.strideDepth - padInfo.front, info.filterDepth, inDepth);
      for (let oy = 0; oy < info.outHeight; oy++) {
        const rows = inside(oy * info.strideHeight - padInfo.top, info.filterHeight, inHeight);
        for (let ox = 0; ox < info.outWidth; ox++) {
          const columns = inside(ox * info.strideWidth - padInfo.left, info.filterWidth, inWidth);
          const pixels = depths.flatMap((z) =>
            rows.flatMap((y) =>
              columns.map((x) => (((image * inDepth + z) * inHeight + y) * inWidth + x) * inChannels)
            )
          );
          for (let channel = 0; channel < inChannels; channel++) visit(pixels, channel, at++);
        }
      }
    }
  }
}

/** The places of a window of `length` from `start` on that are among `size`. */
function inside(start: number, length: number, size: number): number[] {
  const places: number[] = [];
  for (let at = Math.max(0, start); at < Math.min(size, start + length); at++) places.push(at);
  return places;
}

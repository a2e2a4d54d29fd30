import { backend_util, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { type ConvInfo, isInManyWindows } from "./convolution.ts";
import { areFloats, replace, requireShape, sizeOf } from "./replace.ts";

interface PoolAttributes {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: "valid" | "same" | number | backend_util.ExplicitPadding;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Replaces pooling over `[batch, height, width, channels]` and its gradients. */
export function registerPooling(): void {
  for (const [kernel, name] of [["MaxPool", "max_pool"], ["AvgPool", "average_pool"]]) {
    replace<PoolAttributes>(kernel, ({ inputs: { x }, attrs, backend }) => {
      if (!areFloats(x)) return undefined;
      const info = sizes(kernel, x, attrs);
      if (isIdentity(info) || sizeOf(info.outShape) === 0) return undefined;
      const { pointer } = backend.place(x);
      const out = backend.allocate(info.outShape);
      backend.heap.kernels[name](pointer, out.pointer, info.batchSize, ...windowArguments(info));
      return out;
    });
  }

  replace<PoolAttributes>("MaxPoolGrad", ({ inputs: { dy, input, output }, attrs, backend }) => {
    if (!areFloats(dy, input, output)) return undefined;
    const info = gradientSizes("MaxPoolGrad", input, attrs, dy);
    requireShape("MaxPoolGrad", "output", output, info.outShape);
    const [px, py, pdy] = [input, output, dy].map((tensor) => backend.place(tensor).pointer);
    const dx = backend.allocate(input.shape);
    const { heap } = backend;
    const { max_pool_grad, max_pool_grad_wide, carry_write } = heap.kernels;
    const size = sizeOf(input.shape);
    const addTo = (sums: number, bytesPerEntry: number, add: typeof max_pool_grad) => {
      heap.bytes(sums, size * bytesPerEntry).fill(0);
      const imageSize = size / info.batchSize;
      const outSize = sizeOf(info.outShape) / info.batchSize;
      for (let image = 0; image < info.batchSize; image++) {
        const x = px + 4 * image * imageSize;
        const at = 4 * image * outSize;
        add(x, py + at, pdy + at, sums + image * imageSize * bytesPerEntry, ...windowArguments(info));
      }
    };
    if (!isInManyWindows(info)) addTo(dx.pointer, 4, max_pool_grad);
    else {
      heap.borrow(8 * (size + 3), (sums) => {
        addTo(sums, 8, max_pool_grad_wide);
        carry_write(sums, dx.pointer, size);
      });
    }
    return dx;
  });

  replace<PoolAttributes>("AvgPoolGrad", ({ inputs: { dy, input }, attrs, backend }) => {
    if (!areFloats(dy, input)) return undefined;
    const info = gradientSizes("AvgPoolGrad", input, attrs, dy);
    const { heap } = backend;
    const { pointer } = backend.place(dy);
    const dx = backend.allocate(input.shape);
    // A mean is over the pixels inside. For paddings that are given one by one, though, tfjs's tests ask for a
    // gradient that divides by the whole window.
    const isWhole = info.padInfo.type === "EXPLICIT";
    heap.borrow(4 * sizeOf(dy.shape), (shares) => {
      const { average_pool_grad } = heap.kernels;
      average_pool_grad(pointer, shares, dx.pointer, +isWhole, info.batchSize, ...windowArguments(info));
    });
    return dx;
  });
}

function sizes(kernel: string, x: TensorInfo, attrs: PoolAttributes): ConvInfo {
  if (x.shape.length !== 4) {
    throw new RangeError(`${kernel}: the image must have rank 4, got shape [${x.shape}]`);
  }
  const info = backend_util.computePool2DInfo(
    x.shape as [number, number, number, number],
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo, outShape } = info;
  for (
    const [name, values, min] of [
      ["filterSize", [filterHeight, filterWidth], 1],
      ["strides", [strideHeight, strideWidth], 1],
      ["pad", [padInfo.top, padInfo.left], 0],
      ["the shape of the result", outShape, 0],
    ] as const
  ) {
    if (!values.every((value) => Number.isInteger(value) && value >= min)) {
      throw new RangeError(`${kernel}: ${name} must be whole numbers of at least ${min}, got ${values}`);
    }
  }
  return info;
}

/** Sizes of the pooling that `dy` is the gradient of; tfjs does not tell whether they were rounded up. */
function gradientSizes(kernel: string, x: TensorInfo, attrs: PoolAttributes, dy: TensorInfo): ConvInfo {
  const down = sizes(kernel, x, attrs);
  const up = sizes(kernel, x, { ...attrs, dimRoundingMode: "ceil" });
  const outShape = down.outShape.map((size, axis) =>
    dy.shape[axis] === up.outShape[axis] ? dy.shape[axis] : size
  );
  if (!util.arraysEqual(outShape, dy.shape)) {
    throw new RangeError(`${kernel}: \`dy\` must have shape [${down.outShape}], got [${dy.shape}]`);
  }
  const [, outHeight, outWidth] = outShape;
  return { ...down, outShape: outShape as ConvInfo["outShape"], outHeight, outWidth };
}

/** Windows of one pixel, one per pixel: the CPU backend returns its input. */
function isIdentity(info: ConvInfo): boolean {
  return info.filterHeight === 1 && info.filterWidth === 1 && util.arraysEqual(info.inShape, info.outShape);
}

/** The arguments of the compiled pooling after those that count images. */
function windowArguments(info: ConvInfo): number[] {
  return [
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.padInfo.top,
    info.padInfo.left,
    info.outHeight,
    info.outWidth,
  ];
}

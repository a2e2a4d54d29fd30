import { backend_util, type TensorInfo } from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import { cropped } from "./box.ts";
import { finish } from "./matmul.ts";
import { areFloats, type Call, replace, sizeOf } from "./replace.ts";

/** Sizes of a convolution, as tfjs computes them. */
export type ConvInfo = backend_util.Conv2DInfo;

/** A kind of convolution over `[batch, height, width, channels]`. */
export interface Convolution {
  /** The names of its kernels. */
  kernels: { forward: string; fused: string; filterGradient: string; inputGradient: string };
  /** Whether every channel has filters of its own. */
  depthwise: boolean;
  /** The convolution of `x` with `filter`. */
  forward(backend: NativeBackend, x: TensorInfo, filter: TensorInfo, info: ConvInfo): TensorInfo;
  /** The gradient of the filter. */
  filterGradient(backend: NativeBackend, x: TensorInfo, dy: TensorInfo, info: ConvInfo): TensorInfo;
  /** The gradient of `x`. */
  inputGradient(backend: NativeBackend, dy: TensorInfo, filter: TensorInfo, info: ConvInfo): TensorInfo;
}

/** Attributes that tfjs gives to kernels of convolutions. */
interface Attributes {
  strides: number | [number, number];
  pad: "valid" | "same" | number | backend_util.ExplicitPadding;
  dataFormat?: "NHWC" | "NCHW";
  dilations?: number | [number, number];
  dimRoundingMode?: "floor" | "round" | "ceil";
}

interface FusedAttributes extends Attributes {
  activation?: backend_util.Activation;
  leakyreluAlpha?: number;
}

/** Replaces a kind of convolution, alone and with bias and activation, and both its gradients. */
export function registerConvolution(convolution: Convolution): void {
  const { kernels, depthwise } = convolution;

  const forward = ({ inputs: { x, filter }, attrs, backend }: Call<Attributes>, kernel: string) => {
    const info = sizes(kernel, x.shape, filter.shape, attrs, depthwise);
    const isOurs = attrs.dataFormat !== "NCHW" && areFloats(x, filter) && sizeOf(info.outShape) > 0;
    return isOurs ? convolution.forward(backend, x, filter, info) : undefined;
  };

  replace<Attributes>(kernels.forward, (call) => forward(call, kernels.forward));

  replace<FusedAttributes>(kernels.fused, (call) => {
    const { inputs: { bias, preluActivationWeights }, attrs, backend } = call;
    const product = forward(call, kernels.fused);
    return product &&
      finish(backend, product, bias, attrs.activation, preluActivationWeights, attrs.leakyreluAlpha);
  });

  replace<Attributes & { filterShape: number[] }>(kernels.filterGradient, (call) => {
    const { inputs: { x, dy }, attrs, backend } = call;
    const info = gradientSizes(kernels.filterGradient, x.shape, attrs.filterShape, attrs, dy, depthwise);
    if (attrs.dataFormat === "NCHW" || !areFloats(x, dy)) return undefined;
    return cropped(backend, dy, info.outShape, (dy) => convolution.filterGradient(backend, x, dy, info));
  });

  replace<Attributes & { inputShape: number[] }>(kernels.inputGradient, (call) => {
    const { inputs: { dy, filter }, attrs, backend } = call;
    const info = gradientSizes(kernels.inputGradient, attrs.inputShape, filter.shape, attrs, dy, depthwise);
    if (attrs.dataFormat === "NCHW" || !areFloats(dy, filter)) return undefined;
    return cropped(backend, dy, info.outShape, (dy) => convolution.inputGradient(backend, dy, filter, info));
  });
}

/** Sizes of the convolution of `x` with `filter`. */
function sizes(
  kernel: string,
  x: number[],
  filter: number[],
  attrs: Attributes,
  depthwise: boolean,
): ConvInfo {
  const { dataFormat = "NHWC", dimRoundingMode } = attrs;
  if (depthwise && dataFormat !== "NHWC") {
    throw new RangeError(`${kernel}: \`dataFormat\` must be "NHWC", got "${dataFormat}"`);
  }
  for (const [name, shape] of Object.entries({ x, filter })) {
    if (shape.length !== 4) {
      throw new RangeError(`${kernel}: \`${name}\` must have rank 4, got shape [${shape}]`);
    }
  }
  const info = backend_util.computeConv2DInfo(
    x as [number, number, number, number],
    filter as [number, number, number, number],
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    dimRoundingMode,
    depthwise,
    backend_util.convertConv2DDataFormat(dataFormat),
  );
  if (info.inChannels !== filter[2]) {
    throw new RangeError(
      `${kernel}: \`filter\` has ${filter[2]} input channels in shape [${filter}], and \`x\` has ` +
        `${info.inChannels} in shape [${x}]`,
    );
  }
  requireWhole(kernel, "strides", [info.strideHeight, info.strideWidth], 1);
  requireWhole(kernel, "dilations", [info.dilationHeight, info.dilationWidth], 1);
  requireWhole(kernel, "pad", [info.padInfo.top, info.padInfo.left]);
  requireWhole(kernel, "the shape of the result", info.outShape, 0);
  return info;
}

/**
 * Sizes of the convolution that `dy` is the gradient of. tfjs does not tell whether they were rounded up: they
 * are where `dy` is so large. Of an image that is larger still (a transposed convolution may get one) only the
 * first rows and columns count, as in the CPU backend.
 */
function gradientSizes(
  kernel: string,
  x: number[],
  filter: number[],
  attrs: Attributes,
  dy: TensorInfo,
  depthwise: boolean,
): ConvInfo {
  const down = sizes(kernel, x, filter, attrs, depthwise);
  const up = sizes(kernel, x, filter, { ...attrs, dimRoundingMode: "ceil" }, depthwise);
  const outShape = down.outShape.map((size, axis) =>
    dy.shape[axis] === up.outShape[axis] ? dy.shape[axis] : size
  );
  const height = attrs.dataFormat === "NCHW" ? 2 : 1;
  const fits = dy.shape.length === 4 && outShape.every((size, axis) => {
    const isLarger = (axis === height || axis === height + 1) && dy.shape[axis] > size;
    return isLarger || dy.shape[axis] === size;
  });
  if (!fits) {
    throw new RangeError(`${kernel}: \`dy\` must have shape [${down.outShape}], got [${dy.shape}]`);
  }
  return {
    ...down,
    outShape: outShape as ConvInfo["outShape"],
    outHeight: outShape[height],
    outWidth: outShape[height + 1],
  };
}

function requireWhole(kernel: string, name: string, values: number[], min = -Infinity): void {
  if (values.every((value) => Number.isInteger(value) && value >= min)) return;
  const bound = min === -Infinity ? "" : ` of at least ${min}`;
  throw new RangeError(`${kernel}: ${name} must be whole numbers${bound}, got ${values}`);
}

/** The arguments of the compiled loops from the image's height to the horizontal dilation. */
export function windowArguments(info: ConvInfo, channels: number): number[] {
  return [
    info.inHeight,
    info.inWidth,
    channels,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.padInfo.top,
    info.padInfo.left,
    info.dilationHeight,
    info.dilationWidth,
  ];
}

/** Windows beyond which those that a pixel is in are added in doubles. */
const MANY = 64;

/** Whether pixels may be in so many windows that sums of floats over them would lose digits. */
export function isInManyWindows(info: ConvInfo): boolean {
  const rows = Math.ceil(info.filterHeight / info.strideHeight);
  const columns = Math.ceil(info.filterWidth / info.strideWidth);
  return rows * columns > MANY;
}

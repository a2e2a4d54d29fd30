import { backend_util } from "@tensorflow/tfjs-core";

/** Attributes that convolutions share, depthwise ones too. */
export interface ConvAttributes {
  strides: number | [number, number];
  pad: "valid" | "same" | number | backend_util.ExplicitPadding;
  dataFormat: "NHWC" | "NCHW";
  dilations?: number | [number, number];
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** With an activation afterwards. */
export interface FusedConvAttributes extends ConvAttributes {
  activation?: backend_util.Activation;
  leakyreluAlpha?: number;
}

/** Sizes of a convolution of images `[batch, height, width, channels]`. */
export function convShapes(
  x: number[],
  filter: number[],
  attrs: ConvAttributes,
  depthwise = false,
): backend_util.Conv2DInfo {
  return backend_util.computeConv2DInfo(
    x as [number, number, number, number],
    filter as [number, number, number, number],
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    depthwise,
  );
}

/** The arguments of the compiled loops from the image's height to the horizontal dilation. */
export function windowArguments(info: backend_util.Conv2DInfo, channels: number): number[] {
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

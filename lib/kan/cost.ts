import { requireInteger, requireNumber, requireOneOf, requireOptions } from "../arrays/mod.ts";

/** Layers of {@linkcode kanLayerCost}. */
export const KAN_LAYERS = ["mlp", "kan", "gr-kan"] as const;

/** A dense layer after a fixed activation, a B-spline layer, or a dense layer after a group rational. */
export type KanLayer = typeof KAN_LAYERS[number];

/** Options of {@linkcode kanLayerCost}. */
export interface KanLayerCostOptions {
  /** Intervals G of the B-splines. Default 3. */
  intervals?: number;
  /** Order K of the B-splines. Default 3. */
  order?: number;
  /** Degree m of the rational's numerator. Default 5. */
  numeratorDegree?: number;
  /** Degree n of the rational's denominator. Default 4. */
  denominatorDegree?: number;
  /** Groups g of the rational. Default 8. */
  groups?: number;
  /** Operations of a fixed activation. Default 0. */
  activationFlops?: number;
}

/** Size of a layer. */
export interface KanLayerCost {
  /** Trainable numbers. */
  parameters: number;
  /** Floating-point operations of a forward pass of one input vector. */
  flops: number;
}

/**
 * Parameters and floating-point operations of one layer (Yang & Wang 2024, their table of costs), without the
 * additions of the bias. A B-spline layer evaluates `9 K (G + 1.5 K) + 2 G - 2.5 K + 3` operations per edge and has
 * `G + K + 3` parameters there; a group rational `2 m + 2 n + 3` operations per input and `m + 1 + n g`
 * parameters in all (the table omits the constant term).
 *
 * @param layer Which layer.
 * @param inputs Number of inputs.
 * @param outputs Number of outputs.
 * @param options Sizes of the functions on the edges.
 * @returns Parameters and operations.
 * @throws {RangeError} if a size is out of range.
 * @throws {TypeError} if there is no layer or option of the name.
 *
 * @example
 * ```ts
 * import { kanLayerCost } from "refigure/kan";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(kanLayerCost("kan", 1, 1).flops, 204);
 * assertEquals(kanLayerCost("gr-kan", 192, 768).flops, 21 * 192 + 2 * 192 * 768);
 * ```
 */
export function kanLayerCost(
  layer: KanLayer,
  inputs: number,
  outputs: number,
  options: KanLayerCostOptions = {},
): KanLayerCost {
  requireOneOf("layer", layer, KAN_LAYERS);
  requireInteger("inputs", inputs, { min: 1 });
  requireInteger("outputs", outputs, { min: 1 });
  requireOptions("options", options, [
    "intervals",
    "order",
    "numeratorDegree",
    "denominatorDegree",
    "groups",
    "activationFlops",
  ]);
  const { intervals: G = 3, order: K = 3, numeratorDegree: m = 5, denominatorDegree: n = 4 } = options;
  const { groups: g = 8, activationFlops: f = 0 } = options;
  requireInteger("intervals", G, { min: 1 });
  requireInteger("order", K, { min: 1 });
  requireInteger("numeratorDegree", m);
  requireInteger("denominatorDegree", n);
  requireInteger("groups", g, { min: 1 });
  requireNumber("activationFlops", f, { min: 0 });
  const edges = inputs * outputs;
  switch (layer) {
    case "mlp":
      return { parameters: edges + outputs, flops: f * outputs + 2 * edges };
    case "kan":
      return {
        parameters: edges * (G + K + 3) + outputs,
        flops: f * inputs + edges * (9 * K * (G + 1.5 * K) + 2 * G - 2.5 * K + 3),
      };
    case "gr-kan":
      return {
        parameters: edges + outputs + m + 1 + n * g,
        flops: (2 * m + 2 * n + 3) * inputs + 2 * edges,
      };
  }
}

/** Options of {@linkcode visionTransformerParameters}. */
export interface VisionTransformerSize {
  /** Width of the tokens. */
  width: number;
  /** What follows the attention in a block: `"mlp"`, or `"gr-kan"` with two group rationals. */
  channelMixer: "mlp" | "gr-kan";
  /** Number of blocks. Default 12. */
  depth?: number;
  /** Pixels along a side of the image. Default 224. */
  imageSize?: number;
  /** Pixels along a side of a patch. Default 16. */
  patchSize?: number;
  /** Classes. Default 1000. */
  classes?: number;
  /** Groups of a rational. Default 8. */
  groups?: number;
}

/**
 * Parameters of a vision transformer with a class token, learned positions, biases everywhere and hidden
 * layers of four times the width, as `timm` builds it; or of the Kolmogorov-Arnold transformer of that size.
 *
 * @throws {RangeError} if a size is not a positive integer, or the patches do not tile the image.
 * @throws {TypeError} if an option or a name is unknown.
 *
 * @example
 * ```ts
 * import { visionTransformerParameters } from "refigure/kan";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(visionTransformerParameters({ width: 192, channelMixer: "mlp" }), 5717416);
 * assertEquals(visionTransformerParameters({ width: 192, channelMixer: "gr-kan" }), 5718328);
 * ```
 */
export function visionTransformerParameters(size: VisionTransformerSize): number {
  requireOptions("size", size, [
    "width",
    "channelMixer",
    "depth",
    "imageSize",
    "patchSize",
    "classes",
    "groups",
  ]);
  const { width, channelMixer, depth = 12, imageSize = 224, patchSize = 16, classes = 1000, groups = 8 } =
    size;
  requireOneOf("channelMixer", channelMixer, ["mlp", "gr-kan"]);
  for (const [name, value] of Object.entries({ width, depth, imageSize, patchSize, classes, groups })) {
    requireInteger(name, value, { min: 1 });
  }
  if (imageSize % patchSize !== 0) {
    throw new RangeError(`\`imageSize\` must be a multiple of \`patchSize\` ${patchSize}, got ${imageSize}`);
  }
  const dense = (inputs: number, outputs: number) => inputs * outputs + outputs;
  const mixer = (inputs: number, outputs: number) =>
    kanLayerCost(channelMixer, inputs, outputs, { groups }).parameters;
  const norm = 2 * width;
  const tokens = (imageSize / patchSize) ** 2 + 1;
  const block = 2 * norm + dense(width, 3 * width) + dense(width, width) +
    mixer(width, 4 * width) + mixer(4 * width, width);
  return dense(3 * patchSize ** 2, width) + width + tokens * width + depth * block + norm +
    dense(width, classes);
}

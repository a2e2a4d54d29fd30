import { requireInteger, requireOneOf, requireOptions } from "../arrays/mod.ts";
import { operationTypes } from "./arch_graph.ts";
import type { FactorLayout } from "./low_rank_decoder.ts";

/** The decoder of LoGAH: two thin factors for each weight. */
export interface LowRankDecoderConfig {
  /** Which decoder it is. */
  kind: "lowRank";
  /** Number of columns of the factors. */
  rank: number;
  /** Largest outputs x height or inputs x width that can be decoded. */
  maxSize: number;
  /** How the array of outputs is read as factors; see {@linkcode LowRankDecoder}. Default `"official"`. */
  layout?: FactorLayout;
}

/** The decoder of GHN-3: one tile of `hidden` x `hidden` channels, repeated over wider layers. */
export interface TileDecoderConfig {
  /** Which decoder it is. */
  kind: "tile";
  /** Largest height and width of a kernel. Default 16. */
  maxKernel?: number;
}

/** Sizes of a graph hypernetwork. */
export interface HypernetworkSizes {
  /** Size of the vector of a node, a multiple of 4 and of `heads`. */
  hidden: number;
  /** Number of layers of the Graphormer that reads the graph. */
  layers: number;
  /** Number of heads of its attention. */
  heads: number;
  /** Number of classes of the networks whose weights are predicted. Default 1000. */
  classes?: number;
  /** What makes weights of the vectors of nodes. */
  decoder: LowRankDecoderConfig | TileDecoderConfig;
}

/** Numbers of parameters of a graph hypernetwork. */
export interface HypernetworkParameters {
  /** All of them. */
  total: number;
  /** Last normalization, embeddings, Graphormer, decoder and so on. */
  byPart: Record<string, number>;
}

/** Rows of the tables of embeddings of channel and kernel sizes, of degrees, distances and edges. */
export const TABLE_ROWS = { channels: 392, kernels: 11, degrees: 101, distances: 1001, edges: 257 };

/**
 * Number of parameters of a graph hypernetwork as the released code makes it, without making it: LoGAH's
 * includes a linear layer of rank x (rank + 1) numbers that is declared and never used, and four
 * placeholders. LoGAH's decoder grows with the supported width as `rank maxSize`, GHN-3's with its cube.
 *
 * @param sizes The sizes.
 * @returns The number in all and by part.
 * @throws {RangeError} if a size is not a positive integer, or `hidden` is not a multiple of 4 and of `heads`.
 * @throws {TypeError} if an argument is of the wrong type, or a name is unknown.
 *
 * @example
 * ```ts
 * import { hypernetworkParameterCount } from "refigure/hypernetworks";
 * import { assertEquals } from "@std/assert";
 *
 * const decoder = { kind: "lowRank", rank: 32, maxSize: 16 * 2048 } as const;
 * assertEquals(hypernetworkParameterCount({ hidden: 64, layers: 3, heads: 8, decoder }).total, 2_540_380);
 * ```
 */
export function hypernetworkParameterCount(sizes: HypernetworkSizes): HypernetworkParameters {
  requireSizes("sizes", sizes);
  const { hidden: d, layers, heads, classes = 1000, decoder } = sizes;
  const { channels, kernels, degrees, distances, edges } = TABLE_ROWS;
  const layer = 3 * d * d + dense(d, d) + 4 * d + dense(d, 4 * d) + dense(4 * d, d);
  const byPart: Record<string, number> = {
    "last normalization": 2 * d,
    "types": operationTypes.length * d,
    "shapes": (channels + kernels) * d / 4,
    "Graphormer": layers * layer + edges * d + dense(2 * d, d) + dense(d, heads),
    "degrees and distances": (2 * degrees + distances) * d,
  };
  if (decoder.kind === "lowRank") {
    const { rank, maxSize } = decoder;
    byPart.decoder = dense(d, 4 * d) + dense(4 * d, 8 * d) + dense(8 * d, 2 * rank ** 2) +
      dense(rank, maxSize) + dense(rank, rank);
    byPart.placeholders = 4;
  } else {
    const { maxKernel = 16 } = decoder;
    byPart.decoder = dense(d, 4 * d * maxKernel ** 2) + dense(4 * d, 8 * d) + dense(8 * d, d * d);
    byPart.vectors = dense(d, 2 * d) + dense(2 * d, 2 * d);
    byPart.classifier = 2 * dense(d, classes);
  }
  return { total: Object.values(byPart).reduce((sum, count) => sum + count, 0), byPart };
}

/** Options of {@linkcode gpt2ParameterCount}. */
export interface Gpt2Options {
  /** Number of tokens. Default 50257. */
  vocabulary?: number;
  /** Number of positions. Default 1024. */
  context?: number;
}

/**
 * Number of parameters of GPT-2 with a head that shares the table of tokens.
 *
 * @param width Size of a token's vector.
 * @param layers Number of layers.
 * @param options Sizes of the two tables.
 * @returns The number.
 * @throws {RangeError} if a size is not a positive integer.
 * @throws {TypeError} if an argument is of the wrong type or an option is unknown.
 *
 * @example
 * ```ts
 * import { gpt2ParameterCount } from "refigure/hypernetworks";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(gpt2ParameterCount(1280, 36), 774_030_080);
 * ```
 */
export function gpt2ParameterCount(width: number, layers: number, options: Gpt2Options = {}): number {
  requireInteger("width", width, { min: 1 });
  requireInteger("layers", layers, { min: 1 });
  requireOptions("options", options, ["vocabulary", "context"]);
  const { vocabulary = 50257, context = 1024 } = options;
  requireInteger("vocabulary", vocabulary, { min: 1 });
  requireInteger("context", context, { min: 1 });
  return (vocabulary + context) * width + transformerBlocks(width, layers);
}

/** Options of {@linkcode vitParameterCount}. */
export interface VitOptions {
  /** Height and width of a patch, in pixels. */
  patch: number;
  /** Height and width of a picture, in pixels: a multiple of `patch`. */
  image: number;
  /** Number of classes. */
  classes: number;
}

/**
 * Number of parameters of a vision transformer on pictures with three colours.
 *
 * @param width Size of a patch's vector.
 * @param layers Number of layers.
 * @param options Sizes of patches and pictures, and the number of classes.
 * @returns The number.
 * @throws {RangeError} if a size is not a positive integer, or `image` is not a multiple of `patch`.
 * @throws {TypeError} if an argument is of the wrong type or an option is unknown.
 *
 * @example
 * ```ts
 * import { vitParameterCount } from "refigure/hypernetworks";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(vitParameterCount(384, 12, { patch: 2, image: 32, classes: 100 }), 21_436_900);
 * ```
 */
export function vitParameterCount(width: number, layers: number, options: VitOptions): number {
  requireInteger("width", width, { min: 1 });
  requireInteger("layers", layers, { min: 1 });
  requireOptions("options", options, ["patch", "image", "classes"]);
  const { patch, image, classes } = options;
  requireInteger("patch", patch, { min: 1 });
  requireInteger("image", image, { min: 1 });
  requireInteger("classes", classes, { min: 1 });
  if (image % patch !== 0) {
    throw new RangeError(`\`image\` must be a multiple of \`patch\`, ${patch}, got ${image}`);
  }
  // Patches with a bias; positions of them and of the class token, which is a parameter too; the classifier.
  const patches = dense(3 * patch ** 2, width);
  const positions = ((image / patch) ** 2 + 2) * width;
  return patches + positions + transformerBlocks(width, layers) + dense(width, classes);
}

/** Parameters of blocks of attention and a perceptron 4 times as wide, and of the last normalization. */
function transformerBlocks(width: number, layers: number): number {
  return layers * (12 * width ** 2 + 13 * width) + 2 * width;
}

/** Parameters of a dense layer with a bias. */
function dense(inputs: number, outputs: number): number {
  return (inputs + 1) * outputs;
}

/** Checks the sizes of a graph hypernetwork. @throws {RangeError | TypeError} */
export function requireSizes(name: string, sizes: HypernetworkSizes): void {
  requireOptions(name, sizes, ["hidden", "layers", "heads", "classes", "decoder"]);
  const { hidden, layers, heads, classes = 1000, decoder } = sizes;
  requireInteger("hidden", hidden, { min: 1 });
  requireInteger("layers", layers, { min: 1 });
  requireInteger("heads", heads, { min: 1 });
  requireInteger("classes", classes, { min: 1 });
  if (hidden % 4 !== 0 || hidden % heads !== 0) {
    throw new RangeError(`\`hidden\` must be a multiple of 4 and of \`heads\`, ${heads}, got ${hidden}`);
  }
  requireOptions("decoder", decoder, ["kind", "rank", "maxSize", "layout", "maxKernel"]);
  requireOneOf("kind", decoder.kind, ["lowRank", "tile"]);
  if (decoder.kind === "lowRank") {
    const { rank, maxSize, layout = "official" } = decoder;
    requireInteger("rank", rank, { min: 1 });
    requireInteger("maxSize", maxSize, { min: 1 });
    requireOneOf("layout", layout, ["official", "transposed"]);
  } else {
    const { maxKernel = 16 } = decoder;
    requireInteger("maxKernel", maxKernel, { min: 1 });
  }
}

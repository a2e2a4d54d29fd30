/** What follows from formulas: numbers of parameters, and of the seeds that a weight depends on. */
import { Rng } from "../../lib/arrays/mod.ts";
import {
  hypernetworkParameterCount,
  type HypernetworkSizes,
  LowRankDecoder,
} from "../../lib/hypernetworks/mod.ts";
import type { Row } from "./rows.ts";

/** Largest kernel, by which K is larger than the width. */
const KERNEL = 16;
/** The hypernetworks of Table 1 of the paper and what it prints, in millions. */
const MODELS: [
  name: string,
  hidden: number,
  layers: number,
  heads: number,
  rank: number | null,
  printed: number,
][] = [
  ["LoGAH-Tiny", 64, 3, 8, 32, 2.5],
  ["LoGAH-Small", 128, 5, 16, 90, 21.4],
  ["LoGAH-Base", 256, 5, 16, 128, 78.2],
  ["LoGAH-Large", 256, 12, 16, 256, 289.4],
  ["GHN-3-T", 64, 3, 8, null, 6.9],
  ["GHN-3-S", 128, 5, 16, null, 35.8],
  ["GHN-3-L", 256, 12, 16, null, 214.7],
  ["GHN-3-XL", 384, 24, 16, null, 654.4],
];

/** Sizes of LoGAH for a width, or of GHN-3, whose tile is as wide as the vectors of its nodes. */
function sizesOf(
  hidden: number,
  layers: number,
  heads: number,
  rank: number | null,
  width: number,
): HypernetworkSizes {
  const decoder = rank === null
    ? { kind: "tile" as const, maxKernel: KERNEL }
    : { kind: "lowRank" as const, rank, maxSize: KERNEL * width };
  return { hidden, layers, heads, decoder };
}

/** Weights of a decoder: what is counted of it less the biases, and less LoGAH's layer that nothing uses. */
function decoderWeights(sizes: HypernetworkSizes): number {
  const { byPart } = hypernetworkParameterCount(sizes);
  const { hidden: d, classes = 1000, decoder } = sizes;
  if (decoder.kind === "lowRank") {
    const { rank: r, maxSize } = decoder;
    return byPart.decoder - (12 * d + 2 * r * r + maxSize) - (r * r + r);
  }
  const biases = 4 * d * KERNEL ** 2 + 8 * d + d * d;
  // Of the two maps of the classifier the formula counts that of the weights.
  return byPart.decoder - biases + byPart.classifier / 2 - classes;
}

/** All hypernetworks of Table 1, and LoGAH-Tiny for larger widths. */
export function sizeRows(): Row<"size">[] {
  const row = (
    name: string,
    sizes: HypernetworkSizes,
    width: number,
    printed: number | null,
  ): Row<"size"> => ({
    kind: "size",
    name,
    method: sizes.decoder.kind === "tile" ? "GHN-3" : "LoGAH",
    width,
    parameters: hypernetworkParameterCount(sizes).total,
    decoder: decoderWeights(sizes),
    printed,
  });
  return [
    ...MODELS.map(([name, hidden, layers, heads, rank, printed]) => {
      const width = rank === null ? hidden : 2048;
      return row(name, sizesOf(hidden, layers, heads, rank, width), width, printed);
    }),
    ...[4096, 8192].map((width) =>
      row(`LoGAH-Tiny-${width / 1024}K`, sizesOf(64, 3, 8, 32, width), width, null)
    ),
    row("GHN-3, 2048 channels", sizesOf(2048, 3, 8, null, 2048), 2048, null),
  ];
}

/** Parameters against width, for the encoder of the smallest models. */
export function widthRows(): Row<"width">[] {
  return [64, 128, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192].flatMap((width) => [
    {
      kind: "width" as const,
      method: "LoGAH" as const,
      width,
      parameters: hypernetworkParameterCount(sizesOf(64, 3, 8, 32, width)).total,
    },
    {
      kind: "width" as const,
      method: "GHN-3" as const,
      width,
      parameters: hypernetworkParameterCount(sizesOf(width, 3, 8, null, width)).total,
    },
  ]);
}

/** Seeds with a gradient, for one decoder and some shapes. */
export function usageRows(
  { rank, shapes, layout = "official", seed }: {
    rank: number;
    shapes: [outputs: number, inputs: number][];
    layout?: "official" | "transposed";
    seed: number;
  },
): Row<"usage">[] {
  const maxSize = KERNEL * 2048;
  const rng = new Rng(seed).split("seeds of the decoder");
  const decoder = new LowRankDecoder(4, { rank, maxSize, layout, rng });
  const h = rng.split("node").normals(4);
  return shapes.map(([outputs, inputs]) => {
    const { seeds } = decoder.gradients(h, [outputs, inputs], new Float64Array(outputs * inputs).fill(1));
    const isActive = (i: number) => seeds.row(i).some((value) => value !== 0);
    return {
      kind: "usage",
      rank,
      maxSize,
      outputs,
      inputs,
      active: Array.from({ length: seeds.rows }, (_, i) => i).filter(isActive).length,
      formula: Math.ceil(outputs * rank / maxSize) + Math.ceil(inputs * rank / maxSize),
    };
  });
}

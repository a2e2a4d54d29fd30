/** Networks for streams, compared with themselves on whole clips. */
import { allocate, type DType, type RealArray, Rng } from "../../lib/arrays/mod.ts";
import {
  CoConv1d,
  type CoModule,
  continualEncoder,
  coRelu,
  CoResidual,
  CoSequential,
  CoStGcn,
  encoderLayerWeights,
  flops,
  randomAdjacency,
  RecyclingPositionalEncoding,
  type StGcnBlock,
  stGcnBlocks,
} from "../../lib/continual/mod.ts";
import { largestDifference, type Row } from "./rows.ts";

/** Networks of protocol A: five convolutions over time, 16 channels and nine taps each. */
export const STACKS = [
  "conv, padded",
  "conv, unpadded",
  "conv, stride 2",
  "conv, no polyphase",
] as const;
/** Networks of protocol B. */
export const GRAPHS = ["CoST-GCN", "CoST-GCN*"] as const;
/** Networks of protocol E. */
export const ENCODERS = ["one-layer encoder", "two-layer encoder"] as const;

/** A network by its name. */
export type Network = (typeof STACKS | typeof GRAPHS | typeof ENCODERS)[number];

/** Channels of ST-GCN's input and blocks; a quarter of the width in the measurements. */
const CHANNELS = [3, 64, 64, 64, 64, 128, 128, 128, 256, 256, 256];
const STRIDES = [1, 1, 1, 1, 2, 1, 1, 2, 1, 1];
const JOINTS = 25;

/** The network, and how many numbers a frame has. */
export function build(network: Network, dtype: DType, rng: Rng): CoModule {
  if ((STACKS as readonly string[]).includes(network)) return stack(network as never, dtype, rng);
  if (network === "CoST-GCN" || network === "CoST-GCN*") {
    const narrow = CHANNELS.map((count, i) => i === 0 ? count : count / 4);
    return stGcn(stGcnWeights(narrow, dtype, rng), network === "CoST-GCN*", { dtype, rng });
  }
  return encoder(network === "one-layer encoder" ? 1 : 2, dtype, rng);
}

function stack(network: (typeof STACKS)[number], dtype: DType, rng: Rng): CoModule {
  const channels = 16;
  const k = 9;
  const modules: CoModule[] = [];
  for (let i = 0; i < 5; i++) {
    const stream = rng.split(i);
    const data = normals(
      stream.split("weight"),
      channels * channels * k,
      Math.sqrt(2 / (channels * k)),
      dtype,
    );
    const bias = normals(stream.split("bias"), channels, 0.1, dtype);
    const weight = { shape: [channels, channels, k], data };
    const isStrided = network === "conv, stride 2"
      ? i === 2
      : network === "conv, no polyphase" && i % 2 === 0;
    if (isStrided) {
      modules.push(
        new CoConv1d(weight, { bias, stride: 2, padding: 4, polyphase: network === "conv, stride 2" }),
      );
    } else {
      const padding = network === "conv, unpadded" ? 0 : 4;
      modules.push(new CoResidual(new CoConv1d(weight, { bias, padding })));
    }
    modules.push(coRelu([channels], { dtype }));
  }
  return new CoSequential(modules);
}

/** Weights of a stream; the starred variant has the same ones, and no stride. */
function stGcnWeights(channels: readonly number[], dtype: DType, rng: Rng): StGcnBlock[] {
  return stGcnBlocks(channels, { strides: STRIDES, dtype, rng: rng.split("weights") });
}

function stGcn(
  blocks: readonly StGcnBlock[],
  starred: boolean,
  { dtype, polyphase = true, rng }: { dtype: DType; polyphase?: boolean; rng: Rng },
): CoStGcn {
  return new CoStGcn(
    starred ? blocks.map((block) => ({ ...block, stride: 1 })) : blocks,
    randomAdjacency(JOINTS, { dtype, rng: rng.split("graph") }),
    { persons: 2, padded: !starred, polyphase },
  );
}

/** Tokens in the window of protocol E. */
const WINDOW = 32;

function encoder(layers: number, dtype: DType, rng: Rng): CoModule {
  const E = 64;
  const weights = Array.from(
    { length: layers },
    (_, i) => encoderLayerWeights(E, 64, { dtype, rng: rng.split(i) }),
  );
  return new CoSequential([
    new RecyclingPositionalEncoding(E, 2 * WINDOW - 1, { dtype }),
    continualEncoder(weights, { heads: 4, window: WINDOW }),
  ]);
}

/** Numbers with a standard deviation. */
export function normals(rng: Rng, count: number, scale: number, dtype: DType): RealArray {
  const out = allocate(dtype, count);
  out.set(rng.normals(count, scale));
  return out;
}

/** A stream against the clip, in `frames` frames. */
export function identityRow(
  { network, dtype, frames, seed }: { network: Network; dtype: DType; frames: number; seed: number },
): Row<"identity"> {
  const rng = new Rng(seed).split(network);
  const module = build(network, dtype, rng.split("network"));
  const size = module.inputShape.reduce((a, b) => a * b);
  const clip = normals(rng.split("clip"), size * frames, 1, dtype);
  const whole = module.forward(clip);
  let scale = 1;
  for (let i = 0; i < whole.length; i++) scale = Math.max(scale, Math.abs(whole[i]));
  const stream = module.steps(clip, { padEnd: true });
  const error = largestDifference(stream, whole);
  return { kind: "identity", network, dtype, seed, compared: whole.length, error, scale };
}

/** ST-GCN at full width: its geometry and its multiply-adds, with weights that do not matter. */
export function countRows(seed: number): (Row<"geometry"> | Row<"count"> | Row<"saving">)[] {
  const rng = new Rng(seed).split("counts");
  const frames = 300;
  const options = { dtype: "float32" as const, rng };
  const blocks = stGcnWeights(CHANNELS, options.dtype, rng);
  const padded = stGcn(blocks, false, options);
  const official = stGcn(blocks, false, { ...options, polyphase: false });
  const starred = stGcn(blocks, true, options);
  const geometry = ([network, module]: readonly [string, CoModule]): Row<"geometry"> => {
    const { receptiveField, padding, stride, delay } = module;
    return { kind: "geometry", network, receptiveField, padding, stride, delay };
  };
  const gmac = {
    "ST-GCN, clip": flops(padded, "forward", { frames }).mul,
    "ST-GCN*, clip": flops(starred, "forward", { frames }).mul,
    "CoST-GCN": flops(official, "step").mul,
    "CoST-GCN, polyphase": flops(padded, "step").mul,
    "CoST-GCN*": flops(starred, "step").mul,
  };
  const clip = gmac["ST-GCN, clip"];
  const encoders = ENCODERS.map((network) => build(network, "float64", rng));
  const saving = (network: string, ratio: number): Row<"saving"> => ({ kind: "saving", network, ratio });
  return [
    ...([["CoST-GCN", padded], ["CoST-GCN*", starred]] as const).map(geometry),
    ...Object.entries(gmac).map(([network, count]): Row<"count"> => ({
      kind: "count",
      network,
      gmac: count / 1e9,
    })),
    saving("CoST-GCN", clip / gmac["CoST-GCN"]),
    saving("CoST-GCN, polyphase", clip / gmac["CoST-GCN, polyphase"]),
    saving("CoST-GCN*", clip / gmac["CoST-GCN*"]),
    saving("CoST-GCN* over its own clip", gmac["ST-GCN*, clip"] / gmac["CoST-GCN*"]),
    ...encoders.map((module, i) => saving(ENCODERS[i], regularEncoder(i + 1) / flops(module, "step").mul)),
  ];
}

/** Multiplications of protocol E's encoder on one window from scratch: n rows through every layer. */
function regularEncoder(layers: number): number {
  const [E, heads, hidden, n] = [64, 4, 64, WINDOW];
  const dim = E / heads;
  const attention = heads * (2 * n * n * dim + 2 * n * dim) + 4 * n * E * E;
  const feedForward = 2 * n * E * hidden + 8 * n * E;
  return layers * (attention + feedForward);
}

import {
  allocate,
  describeValue,
  type DType,
  Matrix,
  type RealArray,
  requireBoolean,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireNumbers,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import {
  dtypeOf,
  type NdArray,
  requireIntegers,
  requireNdArray,
  requireVector,
  requireWeights,
} from "./check.ts";
import { CoBroadcastReduce, CoResidual, CoSequential } from "./containers.ts";
import { CoConv1d } from "./conv.ts";
import { CoModule, setKernel } from "./module.ts";
import { coRelu, relu, StepwiseKernel } from "./stepwise.ts";

/** Options of {@linkcode CoGraphConv}. */
export interface GraphConvOptions {
  /** One number per output channel. Default: none. */
  bias?: RealArray;
  /** What is added to the result before the rectifier: C_out x C_in, or `"identity"`. Default: nothing. */
  shortcut?: Matrix<RealArray> | "identity";
  /** Skeletons in a frame. Default 1. */
  persons?: number;
}

/**
 * A spatial graph convolution with a rectifier, frame by frame: `relu(sum_m W_m x A_m + b + shortcut x)` for
 * frames `[C_in, persons, V]` over V joints. Batch normalization, as in ST-GCN, is a part of W and b.
 *
 * Source: Yan, Xiong and Lin, "Spatial Temporal Graph Convolutional Networks", AAAI 2018; Hedegaard, Heidari
 * and Iosifidis, "Continual Spatio-Temporal Graph Convolutional Networks", 2023, arXiv 2203.11009.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { CoGraphConv } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * const swap = Matrix.fromRows([[0, 1], [1, 0]]);
 * const conv = new CoGraphConv(Matrix.fromRows([[1, 10]]), [Matrix.identity(2), swap]);
 * assertEquals(conv.inputShape, [1, 1, 2]);
 * assertEquals(conv.step(Float64Array.of(1, 2)), Float64Array.of(21, 12));
 * ```
 */
export class CoGraphConv extends CoModule {
  /**
   * A graph convolution.
   *
   * @param weight `[W_1 W_2 ...]`, C_out x (subsets C_in).
   * @param adjacency One V x V matrix per subset, multiplied by its learned mask if there is one; column w
   * holds the weights of the joints that joint w takes from.
   * @param options Bias, shortcut, persons.
   * @throws {RangeError} if sizes do not fit, or an entry is not finite.
   * @throws {TypeError} if precisions differ, or an argument has another class.
   */
  constructor(
    weight: Matrix<RealArray>,
    adjacency: readonly Matrix<RealArray>[],
    options: GraphConvOptions = {},
  ) {
    super();
    requireMatrix("weight", weight);
    requireOptions("options", options, ["bias", "shortcut", "persons"]);
    const { bias, shortcut, persons = 1 } = options;
    requireInteger("persons", persons, { min: 1 });
    const dtype = dtypeOf(weight.data);
    const joints = requireAdjacency(adjacency, dtype);
    const subsets = adjacency.length;
    const outputs = requireInteger("weight.rows", weight.rows, { min: 1 });
    const channels = weight.columns / subsets;
    if (!Number.isInteger(channels) || channels === 0) {
      throw new RangeError(
        `\`weight\` must have ${subsets} x C_in columns, one block per subset, got ${weight.columns}`,
      );
    }
    requireFinite("`weight` must be finite", weight.data, weight.columns);
    if (bias !== undefined) requireVector("bias", bias, outputs, dtype);
    if (shortcut === "identity") {
      if (channels !== outputs) {
        throw new RangeError(
          `\`shortcut\` "identity" needs as many inputs as outputs, got ${channels} and ${outputs}`,
        );
      }
    } else if (shortcut !== undefined) requireWeights("shortcut", shortcut, outputs, channels, dtype);
    const graphs = adjacency.map(({ data }) => data);
    const weights = weight.data.slice();
    const positions = persons * joints;
    const extra = shortcut instanceof Matrix ? outputs * channels * positions : 0;
    const mul = subsets * channels * positions * (outputs + joints) + extra;
    setKernel(
      this,
      new StepwiseKernel((x, frames) => {
        const columns = frames * positions;
        const mixed = allocate(dtype, subsets * channels * columns);
        graphs.forEach((graph, m) => {
          const rows = channels * columns / joints;
          const part = mixed.subarray(m * channels * columns, (m + 1) * channels * columns);
          engine().gemm(false, false, rows, joints, joints, 1, x, joints, graph, joints, 0, part, joints);
        });
        const out = allocate(dtype, outputs * columns);
        if (bias !== undefined) {
          for (let o = 0; o < outputs; o++) out.fill(bias[o], o * columns, (o + 1) * columns);
        }
        if (shortcut === "identity") { for (let i = 0; i < out.length; i++) out[i] += x[i]; }
        const inner = subsets * channels;
        engine().gemm(
          ...[false, false, outputs, columns, inner] as const,
          ...[1, weights, inner, mixed, columns, 1, out, columns] as const,
        );
        if (shortcut instanceof Matrix) {
          engine().gemm(
            ...[false, false, outputs, columns, channels] as const,
            ...[1, shortcut.data, channels, x, columns, 1, out, columns] as const,
          );
        }
        return relu(out);
      }, {
        inputShape: [channels, persons, joints],
        outputShape: [outputs, persons, joints],
        dtype,
        operations: { mul, add: mul, exp: 0 },
      }),
    );
  }
}

/** Returns how many joints the matrices have. */
function requireAdjacency(adjacency: readonly Matrix<RealArray>[], dtype: DType): number {
  if (!Array.isArray(adjacency)) {
    throw new TypeError(`\`adjacency\` must be an array of matrices, got ${describeValue(adjacency)}`);
  }
  if (adjacency.length === 0) throw new RangeError("`adjacency` must have at least one matrix, got []");
  requireMatrix("adjacency[0]", adjacency[0]);
  const joints = requireInteger("adjacency[0].rows", adjacency[0].rows, { min: 1 });
  adjacency.forEach((graph, m) => requireWeights(`adjacency[${m}]`, graph, joints, joints, dtype));
  return joints;
}

/** Weights of a block of {@linkcode CoStGcn}: batch normalization is a part of them. */
export interface StGcnBlock {
  /** `[W_1 W_2 W_3]` of the graph convolution, C' x 3 C. */
  graph: Matrix<RealArray>;
  /** Shortcut around the graph convolution, C' x C; absent where C' = C, and x itself is added. */
  graphShortcut?: Matrix<RealArray>;
  /** Weights of the temporal convolution, `[C', C', k]`. */
  temporal: NdArray;
  /** Biases of the graph convolution. Default: none. */
  graphBias?: RealArray;
  /** Biases of the temporal convolution. Default: none. */
  temporalBias?: RealArray;
  /** Stride of the temporal convolution. Default 1. */
  stride?: number;
  /** Shortcut around the block: nothing, x itself, or C' x C with the block's stride. */
  shortcut: "none" | "identity" | Matrix<RealArray>;
}

/** Options of {@linkcode CoStGcn}. */
export interface StGcnOptions {
  /** Skeletons in a frame. Default 1. */
  persons?: number;
  /**
   * Whether temporal convolutions are padded by (k - 1)/2 on both sides; false for the starred variant.
   * Default true.
   */
  padded?: boolean;
  /** As for {@linkcode CoConv1d}, of the temporal convolutions. Default true. */
  polyphase?: boolean;
}

/**
 * A continual spatio-temporal graph convolutional network: blocks `relu(T(G(x)) + shortcut x)` of a
 * {@linkcode CoGraphConv} G and a convolution T over time. Frames are `[C, persons, V]`.
 *
 * Source: Hedegaard, Heidari and Iosifidis, "Continual Spatio-Temporal Graph Convolutional Networks", Pattern
 * Recognition 2023, arXiv 2203.11009.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { CoStGcn, randomAdjacency, stGcnBlocks } from "refigure/continual";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const rng = new Rng(0);
 * const adjacency = randomAdjacency(5, { rng: rng.split("graph") });
 * const blocks = stGcnBlocks([3, 4, 4, 8], { kernel: 3, strides: [1, 1, 2], rng: rng.split("weights") });
 * const net = new CoStGcn(blocks, adjacency);
 * assertEquals([net.receptiveField, net.padding, net.stride, net.delay], [7, 3, 2, 3]);
 * const clip = rng.split("clip").normals(3 * 12 * 5);
 * const whole = net.forward(clip);
 * net.steps(clip, { padEnd: true }).forEach((y, i) => assertAlmostEquals(y, whole[i], 1e-12));
 * ```
 */
export class CoStGcn extends CoSequential {
  /**
   * A network with given weights.
   *
   * @param blocks Weights, block by block.
   * @param adjacency Three V x V matrices, one per subset of neighbours.
   * @param options Persons, padding, polyphase.
   * @throws {RangeError} if sizes do not fit, or an entry is not finite.
   * @throws {TypeError} if precisions differ, or an argument has another class.
   */
  constructor(
    blocks: readonly StGcnBlock[],
    adjacency: readonly Matrix<RealArray>[],
    options: StGcnOptions = {},
  ) {
    requireOptions("options", options, ["persons", "padded", "polyphase"]);
    const { persons = 1, padded = true, polyphase = true } = options;
    requireInteger("persons", persons, { min: 1 });
    requireBoolean("padded", padded);
    requireBoolean("polyphase", polyphase);
    if (!Array.isArray(blocks)) {
      throw new TypeError(`\`blocks\` must be an array of blocks, got ${describeValue(blocks)}`);
    }
    if (blocks.length === 0) throw new RangeError("`blocks` must have at least one block, got []");
    const modules = blocks.flatMap((block, b) =>
      stGcnBlock(`blocks[${b}]`, block, adjacency, { persons, padded, polyphase })
    );
    super(modules);
  }
}

function stGcnBlock(
  name: string,
  block: StGcnBlock,
  adjacency: readonly Matrix<RealArray>[],
  { persons, padded, polyphase }: Required<StGcnOptions>,
): CoModule[] {
  requireOptions(name, block, [
    ...["graph", "graphShortcut", "temporal", "graphBias", "temporalBias", "stride", "shortcut"] as const,
  ]);
  const { graph, graphShortcut, temporal, graphBias, temporalBias, stride = 1, shortcut } = block;
  requireMatrix(`${name}.graph`, graph);
  requireNdArray(`${name}.temporal`, temporal, 3);
  const spatial = new CoGraphConv(graph, adjacency, {
    bias: graphBias,
    shortcut: graphShortcut ?? "identity",
    persons,
  });
  const [channels, ...positions] = spatial.outputShape;
  const k = temporal.shape[2];
  if (padded && k % 2 === 0) {
    throw new RangeError(`\`${name}.temporal\` must have an odd number of taps to be padded, got ${k}`);
  }
  const padding = padded ? (k - 1) / 2 : 0;
  const main = new CoSequential([
    spatial,
    new CoConv1d(temporal, { bias: temporalBias, stride, padding, polyphase, positions }),
  ]);
  const activation = coRelu([channels, ...positions], { dtype: spatial.dtype });
  if (shortcut === "none") return [main, activation];
  if (shortcut === "identity") return [new CoResidual(main), activation];
  requireMatrix(`${name}.shortcut`, shortcut);
  const weight = { shape: [shortcut.rows, shortcut.columns, 1], data: shortcut.data };
  return [new CoBroadcastReduce([main, new CoConv1d(weight, { stride, positions })]), activation];
}

/** Options of {@linkcode stGcnBlocks}. */
export interface StGcnBlocksOptions {
  /** Taps of the temporal convolutions. Default 9. */
  kernel?: number;
  /** Stride of each block. Default: 1 for all. */
  strides?: readonly number[];
  /** Precision. Default "float64". */
  dtype?: DType;
  /** Stream of the weights. */
  rng: Rng;
}

/**
 * Random weights for {@linkcode CoStGcn}: normal with variance 2 / fan-in (He et al. 2015), no shortcut
 * around the first block.
 *
 * @param channels Channels of the input and of each block, such as ST-GCN's
 * `[3, 64, 64, 64, 64, 128, 128, 128, 256, 256, 256]`.
 * @param options Kernel, strides, precision, stream.
 * @throws {RangeError | TypeError} if a size is out of range, or an option is of the wrong type or unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { stGcnBlocks } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * const [first, second] = stGcnBlocks([3, 16, 32], { rng: new Rng(0) });
 * assertEquals([first.graph.rows, first.graph.columns, first.shortcut], [16, 9, "none"]);
 * assertEquals(second.temporal.shape, [32, 32, 9]);
 * ```
 */
export function stGcnBlocks(channels: readonly number[], options: StGcnBlocksOptions): StGcnBlock[] {
  requireNumbers("channels", channels);
  requireInteger("channels.length", channels.length, { min: 2 });
  requireIntegers("channels", channels, channels.length, 1);
  requireOptions("options", options, ["kernel", "strides", "dtype", "rng"]);
  const { kernel = 9, strides = Array(channels.length - 1).fill(1), dtype = "float64", rng } = options;
  requireInteger("kernel", kernel, { min: 1 });
  requireRng("rng", rng);
  requireIntegers("strides", strides, channels.length - 1, 1);
  return strides.map((stride, b) => {
    const stream = rng.split(`block ${b}`);
    const inputs = channels[b];
    const outputs = channels[b + 1];
    const draw = (label: string, count: number, fanIn: number) => {
      const out = allocate(dtype, count);
      out.set(stream.split(label).normals(count, Math.sqrt(2 / fanIn)));
      return out;
    };
    const matrix = (label: string, columns: number) =>
      new Matrix<RealArray>(outputs, columns, draw(label, outputs * columns, columns));
    const isSame = inputs === outputs;
    return {
      graph: matrix("graph", 3 * inputs),
      graphShortcut: isSame ? undefined : matrix("graph shortcut", inputs),
      temporal: {
        shape: [outputs, outputs, kernel],
        data: draw("temporal", outputs * outputs * kernel, outputs * kernel),
      },
      stride,
      shortcut: b === 0 ? "none" : isSame && stride === 1 ? "identity" : matrix("shortcut", inputs),
    };
  });
}

/**
 * Three random adjacency matrices, entries uniform in [0, 1) and scaled so that each column sums to 1.
 *
 * @param joints V.
 * @param options `dtype`, default "float64"; `rng`.
 * @throws {RangeError | TypeError} if the size is out of range, or an option is of the wrong type or unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { randomAdjacency } from "refigure/continual";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const graphs = randomAdjacency(25, { rng: new Rng(0) });
 * assertEquals(graphs.length, 3);
 * assertAlmostEquals(graphs[0].column(7).reduce((sum, a) => sum + a, 0), 1, 1e-14);
 * ```
 */
export function randomAdjacency(
  joints: number,
  options: { dtype?: DType; rng: Rng },
): Matrix<RealArray>[] {
  requireInteger("joints", joints, { min: 1 });
  requireOptions("options", options, ["dtype", "rng"]);
  const { dtype = "float64", rng } = options;
  requireRng("rng", rng);
  return [0, 1, 2].map((m) => {
    const stream = rng.split(m);
    const graph = Matrix.from(joints, joints, () => stream.uniform());
    const out = allocate(dtype, joints * joints);
    for (let w = 0; w < joints; w++) {
      const sum = graph.column(w).reduce((total, a) => total + a, 0);
      for (let v = 0; v < joints; v++) out[v * joints + w] = graph.get(v, w) / sum;
    }
    return new Matrix<RealArray>(joints, joints, out);
  });
}

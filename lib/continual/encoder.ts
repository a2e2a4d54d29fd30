import {
  allocate,
  describeValue,
  type DType,
  type Matrix,
  type RealArray,
  requireBoolean,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { dtypeOf, requireVector, requireWeights } from "./check.ts";
import { CoBroadcastReduce, CoSequential } from "./containers.ts";
import { Delay } from "./delay.ts";
import { type CoModule, frameOf } from "./module.ts";
import {
  affine,
  type AttentionWeights,
  attentionWeights,
  CoRetroactiveAttention,
  CoSingleOutputAttention,
  Projections,
  uniformMatrix,
} from "./multihead.ts";
import { attentionOperations } from "./operations.ts";
import { layerNorm, type NormWeights, relu, requireNorm, Stepwise } from "./stepwise.ts";
import { CoWindow } from "./window.ts";

/** Weights of an encoder layer, laid out as those of `torch.nn.TransformerEncoderLayer`. */
export interface EncoderLayerWeights {
  /** Projections of the attention. */
  attention: AttentionWeights;
  /** Norm after the attention. */
  norm1: NormWeights;
  /** First layer of the feed-forward part, F x E. */
  linear1: Matrix<RealArray>;
  /** Its biases, F numbers. */
  bias1: RealArray;
  /** Second layer, E x F. */
  linear2: Matrix<RealArray>;
  /** Its biases, E numbers. */
  bias2: RealArray;
  /** Norm after the feed-forward part. */
  norm2: NormWeights;
}

/**
 * Random weights of an encoder layer: matrices uniform with variance 1/fan-in, biases zero, norms at 1 and 0.
 *
 * @param embedDim E.
 * @param hidden F.
 * @param options `dtype`, default "float64"; `rng`.
 * @returns The weights.
 * @throws {RangeError | TypeError} if a size is out of range, or an option is of the wrong type or unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { encoderLayerWeights } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * const { linear1 } = encoderLayerWeights(8, 32, { rng: new Rng(0) });
 * assertEquals([linear1.rows, linear1.columns], [32, 8]);
 * ```
 */
export function encoderLayerWeights(
  embedDim: number,
  hidden: number,
  options: { dtype?: DType; rng: Rng },
): EncoderLayerWeights {
  requireInteger("embedDim", embedDim, { min: 1 });
  requireInteger("hidden", hidden, { min: 1 });
  requireOptions("options", options, ["dtype", "rng"]);
  const { dtype = "float64", rng } = options;
  requireRng("rng", rng);
  const norm = () => ({ scale: allocate(dtype, embedDim).fill(1), shift: allocate(dtype, embedDim) });
  return {
    attention: attentionWeights(embedDim, { dtype, rng: rng.split("attention") }),
    norm1: norm(),
    linear1: uniformMatrix(hidden, embedDim, { dtype, rng: rng.split("linear1") }),
    bias1: allocate(dtype, hidden),
    linear2: uniformMatrix(embedDim, hidden, { dtype, rng: rng.split("linear2") }),
    bias2: allocate(dtype, embedDim),
    norm2: norm(),
  };
}

/** Options of {@linkcode continualEncoder}. */
export interface ContinualEncoderOptions {
  /** Heads of every layer; must divide E. */
  heads: number;
  /** Tokens in the window n. */
  window: number;
  /** As for {@linkcode RetroactiveHead}. Default true. */
  guard?: boolean;
  /** Added to the variance of the norms. Default 1e-5. */
  eps?: number;
}

/**
 * A transformer encoder over a sliding window of n tokens that returns the encoding of the newest token:
 * frames `[E]` become frames `[E]`. Layers are post-norm with a rectifier, `LN(y + FF(y))` of `y = LN(x +
 * attention(x))`.
 *
 * One layer is single-output attention. Of two, the first is retroactive and returns all n rows, and the
 * second one attends from the newest row to all of them, with their keys and values computed anew in every
 * step: all rows of the first layer change with every token. Layers between them compute all n rows from
 * scratch.
 *
 * @param layers Weights, first layer first.
 * @param options Heads, window, guard, eps.
 * @throws {RangeError} if sizes do not fit, or a weight is not finite.
 * @throws {TypeError} if precisions differ, or an option is of the wrong type or unknown.
 *
 * Source: Hedegaard, Bakhtiarnia and Iosifidis, arXiv 2201.06268, section 3.5.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { continualEncoder, encoderLayerWeights } from "refigure/continual";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const rng = new Rng(0);
 * const layers = [1, 2].map((layer) => encoderLayerWeights(4, 8, { rng: rng.split(layer) }));
 * const encoder = continualEncoder(layers, { heads: 2, window: 5 });
 * const clip = rng.normals(4 * 20);
 * const windows = encoder.forward(clip);
 * encoder.steps(clip).forEach((y, i) => assertAlmostEquals(y, windows[i], 1e-12));
 * ```
 */
export function continualEncoder(
  layers: readonly EncoderLayerWeights[],
  options: ContinualEncoderOptions,
): CoSequential {
  requireOptions("options", options, ["heads", "window", "guard", "eps"]);
  const { heads, window, guard = true, eps = 1e-5 } = options;
  requireInteger("window", window, { min: 1 });
  requireBoolean("guard", guard);
  requireNumber("eps", eps, { min: 0 });
  if (!Array.isArray(layers)) {
    throw new TypeError(`\`layers\` must be an array of weights, got ${describeValue(layers)}`);
  }
  if (layers.length === 0) throw new RangeError("`layers` must have at least one layer, got []");
  const modules = layers.flatMap((weights, i): CoModule[] => {
    const name = `layers[${i}]`;
    const { E, dtype } = requireLayer(name, weights, heads);
    const isLast = i === layers.length - 1;
    if (layers.length === 1) {
      const attention = new CoSingleOutputAttention(weights.attention, { heads, window });
      const identity = new Delay(0, { shape: [E], dtype });
      // The newest token goes with the output of its own query.
      const residual = new CoBroadcastReduce([attention, identity], { align: "leading" });
      return [residual, feedForward(weights, [E], eps)];
    }
    if (i === 0) {
      const attention = new CoRetroactiveAttention(weights.attention, { heads, window, guard });
      const residual = new CoBroadcastReduce([attention, new CoWindow(window, { shape: [E], dtype })]);
      return [residual, feedForward(weights, [E, window], eps)];
    }
    const rows = isLast ? [] : [window];
    return [
      fromScratch(new Projections(`${name}.attention`, weights.attention, heads), window, isLast),
      feedForward(weights, [E, ...rows], eps),
    ];
  });
  return new CoSequential(modules);
}

function requireLayer(
  name: string,
  weights: EncoderLayerWeights,
  heads: number,
): { E: number; dtype: DType } {
  requireOptions(name, weights, ["attention", "norm1", "linear1", "bias1", "linear2", "bias2", "norm2"]);
  const { embedDim: E, dtype } = new Projections(`${name}.attention`, weights.attention, heads);
  requireMatrix(`${name}.linear1`, weights.linear1);
  const hidden = weights.linear1.rows;
  requireWeights(`${name}.linear1`, weights.linear1, hidden, E, dtype);
  requireVector(`${name}.bias1`, weights.bias1, hidden, dtype);
  requireWeights(`${name}.linear2`, weights.linear2, E, hidden, dtype);
  requireVector(`${name}.bias2`, weights.bias2, E, dtype);
  requireNorm(`${name}.norm1`, weights.norm1, E, dtype);
  requireNorm(`${name}.norm2`, weights.norm2, E, dtype);
  return { E, dtype };
}

/** What follows the attention of a layer: `LN(y + W2 relu(W1 y + b1) + b2)` of `y = LN(x)`. */
function feedForward(weights: EncoderLayerWeights, shape: readonly number[], eps: number): Stepwise {
  const { norm1, linear1, bias1, linear2, bias2, norm2 } = weights;
  const [E, rows = 1] = shape;
  const products = 2 * rows * E * linear1.rows;
  const norms = 2 * rows * E;
  return new Stepwise((x, frames) => {
    const columns = frames * rows;
    const y = layerNorm(x, norm1, eps);
    const hidden = relu(affine(linear1, bias1, y, columns));
    const out = affine(linear2, bias2, hidden, columns);
    for (let i = 0; i < out.length; i++) out[i] += y[i];
    return layerNorm(out, norm2, eps);
  }, {
    inputShape: shape,
    dtype: dtypeOf(linear1.data),
    operations: { mul: products + 4 * norms, add: products + rows * E + 5 * norms, exp: 0 },
  });
}

/** `x + attention(x)` of a window `[E, n]`, for all its rows or for the newest one alone. */
function fromScratch(projections: Projections, n: number, newestOnly: boolean): Stepwise {
  const { embedDim: E, heads, dim, dtype } = projections;
  const queries = newestOnly ? 1 : n;
  const attention = attentionOperations(newestOnly ? "single-output" : "regular", { window: n, dim });
  const products = E * E * (2 * n + 2 * queries);
  const attend = (x: RealArray) => {
    const first = n - queries;
    const projected = allocate(dtype, 3 * E * n);
    projected.set(projections.projectPart(1, x, n), E * n);
    projected.set(projections.projectPart(2, x, n), 2 * E * n);
    const asking = newestOnly ? frameOf(x, [E], n, n - 1) : x;
    const asked = projections.projectPart(0, asking, queries);
    for (let e = 0; e < E; e++) {
      for (let i = 0; i < queries; i++) projected[e * n + first + i] = asked[e * queries + i];
    }
    const out = projections.output(projections.attend(projected, n, 0, n, first), queries);
    for (let i = 0; i < out.length; i++) out[i] += asking[i];
    return out;
  };
  return new Stepwise((x, frames) => {
    if (frames === 1) return attend(x);
    const out = allocate(dtype, E * frames * queries);
    for (let t = 0; t < frames; t++) {
      const rows = attend(frameOf(x, [E, n], frames, t));
      for (let e = 0; e < E; e++) {
        out.set(rows.subarray(e * queries, (e + 1) * queries), (e * frames + t) * queries);
      }
    }
    return out;
  }, {
    inputShape: [E, n],
    outputShape: newestOnly ? [E] : [E, n],
    dtype,
    operations: {
      mul: products + heads * attention.mul,
      add: products + heads * attention.add + E * queries,
      exp: heads * attention.exp,
    },
  });
}

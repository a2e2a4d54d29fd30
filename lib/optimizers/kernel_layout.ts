/** How a variable of tfjs becomes a matrix of inputs and outputs. Not public. */
import * as tf from "@tensorflow/tfjs";
import { kernelOf } from "./parameter_names.ts";

/**
 * What the axes of a variable are.
 *
 * | layout | shape | matrix |
 * |---|---|---|
 * | `plain` | `[..., out]`; rank below 2: `[out]` | all but the last axis are rows, outputs are columns |
 * | `transposed` | `[h, w, out, in]` of a transposed convolution | `[h w in, out]`: the last two axes change places |
 * | `depthwise` | `[h, w, in, multiplier]` | `[h w, in multiplier]`: every channel has outputs of its own |
 */
export type Layout = "plain" | "transposed" | "depthwise";

/** All layouts; a saved layout is its place here. */
export const LAYOUTS: readonly Layout[] = ["plain", "transposed", "depthwise"];

/** The layout by rank and by the names that tfjs gives to layers and weights. */
export function layoutByName({ name, shape }: tf.Variable): Layout {
  if (shape.length !== 4) return "plain";
  const kernel = kernelOf(name);
  return kernel === "convolution" ? "plain" : kernel;
}

/**
 * The layout of a kernel in whose computation none of the kernels below was seen: a fused convolution records
 * nothing that could be recognized, a transposed one always does.
 */
export function layoutUnseen(variable: tf.Variable): Layout {
  return layoutByName(variable) === "depthwise" ? "depthwise" : "plain";
}

/** Kernels of tfjs, by how they use their filter. */
const BY_KERNEL: Record<string, Layout> = {
  Conv2D: "plain",
  Conv2DBackpropInput: "transposed",
  DepthwiseConv2dNative: "depthwise",
};

/**
 * The layouts of the variables that are filters in a computation that is being recorded for its gradient,
 * whatever they are called.
 */
export function layoutsInTape(): Map<number, Layout> {
  // Not in tfjs's types, but there since its first version.
  const { activeTape } = tf.engine().state as unknown as { activeTape?: TapeNode[] | null };
  const found = new Map<number, Layout>();
  for (const { kernelName, inputs } of activeTape ?? []) {
    const layout = BY_KERNEL[kernelName ?? ""];
    if (layout !== undefined && inputs?.filter !== undefined) found.set(inputs.filter.id, layout);
  }
  return found;
}

interface TapeNode {
  kernelName?: string;
  inputs?: { filter?: tf.Tensor };
}

/** Rows and columns of a variable's matrix. */
export function matrixShape(shape: readonly number[], layout: Layout): [rows: number, columns: number] {
  const size = (axes: readonly number[]) => axes.reduce((product, n) => product * n, 1);
  if (shape.length < 2) return [1, size(shape)];
  const [h, w, third, fourth] = shape;
  if (layout === "transposed") return [h * w * fourth, third];
  if (layout === "depthwise") return [h * w, third * fourth];
  return [size(shape.slice(0, -1)), shape[shape.length - 1]];
}

/**
 * A transposed kernel `[h, w, out, in]` as the matrix `[h w in, out]`, or, with `back`, the other way round.
 */
export function swapLastAxes(
  values: ArrayLike<number>,
  [h, w, outputs, inputs]: readonly number[],
  back: boolean,
): Float32Array {
  const result = new Float32Array(values.length);
  let at = 0;
  for (let place = 0; place < h * w; place++) {
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++, at++) {
        const other = (place * inputs + i) * outputs + o;
        if (back) result[at] = values[other];
        else result[other] = values[at];
      }
    }
  }
  return result;
}

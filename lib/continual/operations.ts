import { requireInteger, requireOneOf, requireOptions } from "../arrays/mod.ts";
import { type CoModule, kernelOf, type Mode, type OperationCount } from "./module.ts";

/**
 * Arithmetic operations of a module: of a whole clip (`"forward"`), or per output of the stream (`"step"`),
 * that is per `stride` frames. Bookkeeping such as copies and comparisons is not counted.
 *
 * @param module The module.
 * @param mode What is counted.
 * @param options `frames`: length of the clip. Default the receptive field.
 * @returns Multiplications, additions and exponentials.
 * @throws {TypeError} if `module` is not one, or `mode` is unknown.
 * @throws {RangeError} if `frames` is not a positive integer.
 *
 * @example
 * ```ts
 * import { CoConv1d, flops } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * const conv = new CoConv1d({ shape: [2, 3, 5], data: new Float64Array(30) });
 * assertEquals(flops(conv, "step"), { mul: 30, add: 28, exp: 0 });
 * assertEquals(flops(conv, "forward", { frames: 104 }).mul, 3000);
 * ```
 */
export function flops(module: CoModule, mode: Mode, options: { frames?: number } = {}): OperationCount {
  const kernel = kernelOf("module", module);
  requireOneOf("mode", mode, ["forward", "step"]);
  requireOptions("options", options, ["frames"]);
  const { frames = kernel.receptiveField } = options;
  requireInteger("frames", frames, { min: 1 });
  return kernel.operations(mode, frames);
}

/**
 * Numbers that a module keeps from one step to the next, counters left out.
 *
 * @throws {TypeError} if `module` is not a module.
 *
 * @example
 * ```ts
 * import { CoConv1d, stateSize } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * // Four past frames of three channels, or four sums of two.
 * const weight = { shape: [2, 3, 5], data: new Float64Array(30) };
 * assertEquals(stateSize(new CoConv1d(weight, { cache: "input" })), 12);
 * assertEquals(stateSize(new CoConv1d(weight)), 8);
 * ```
 */
export function stateSize(module: CoModule): number {
  return kernelOf("module", module).buffers.reduce((sum, { length }) => sum + length, 0);
}

/** A form of attention over a sliding window. */
export type AttentionForm = "regular" | "retroactive" | "single-output";

/** The names of {@linkcode AttentionForm}, for checks. */
const FORMS: readonly AttentionForm[] = ["regular", "retroactive", "single-output"];

/**
 * Operations of one head of attention per step, projections left out: a window from scratch (regular), all
 * its outputs brought up to date (retroactive), or the newest output alone (single-output).
 *
 * Source: Hedegaard, Bakhtiarnia and Iosifidis, arXiv 2201.06268, Table 1 and the authors' code; the first
 * term of the regular additions is 2 n² d, where the code has left out d.
 *
 * @param form Which attention.
 * @param options Tokens in the window and numbers per token.
 * @throws {TypeError} if the form is unknown.
 * @throws {RangeError} if a size is not a positive integer.
 *
 * @example
 * ```ts
 * import { attentionOperations } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * const sizes = { window: 64, dim: 64 };
 * assertEquals(attentionOperations("regular", sizes), { mul: 532480, add: 520128, exp: 4096 });
 * assertEquals(attentionOperations("retroactive", sizes), { mul: 28608, add: 24381, exp: 190 });
 * assertEquals(attentionOperations("single-output", sizes), { mul: 8320, add: 8127, exp: 64 });
 * ```
 */
export function attentionOperations(
  form: AttentionForm,
  options: { window: number; dim: number },
): OperationCount {
  requireOneOf("form", form, FORMS);
  requireOptions("options", options, ["window", "dim"]);
  const n = requireInteger("window", options.window, { min: 1 });
  const d = requireInteger("dim", options.dim, { min: 1 });
  switch (form) {
    case "regular":
      return { mul: 2 * n * n * d + 2 * n * d, add: 2 * n * n * d - n * d - n, exp: n * n };
    case "retroactive":
      return { mul: 7 * n * d + 2 * n - 3 * d, add: 6 * n * d + 3 * n - 6 * d - 3, exp: 3 * n - 2 };
    case "single-output":
      return { mul: 2 * n * d + 2 * d, add: 2 * n * d - d - 1, exp: n };
  }
}

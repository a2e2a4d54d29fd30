/** A product whose bits are compared between Deno, Node and a browser. */
import { Matrix } from "refigure/arrays";
import type { matmul } from "refigure/blas";

/** What {@linkcode bitsOfProduct} is in every engine. */
export const PRODUCT_BITS = 209901725;

/** A hash of a 37 x 300 x 131 product of numbers that are exact everywhere. */
export function bitsOfProduct(multiply: typeof matmul): number {
  const fill = (length: number, step: number) =>
    Float64Array.from({ length }, (_, i) => (i * step % 1009 - 504) / 1007);
  const a = new Matrix(37, 300, fill(37 * 300, 7919));
  const b = new Matrix(300, 131, fill(300 * 131, 6007));
  const words = new Uint32Array(multiply(a, b).data.buffer);
  return words.reduce((hash, word) => Math.imul(hash ^ word, 16777619) >>> 0, 2166136261);
}

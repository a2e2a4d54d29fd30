import type { RealArray, Rng } from "../arrays/mod.ts";

/**
 * Names of the starts of {@linkcode DenseNetwork}, for a layer with n inputs and m outputs: `"pytorch"` uniform
 * within 1/sqrt(n), biases too (the default of `torch.nn.Linear`); `"glorot"` uniform within sqrt(6/(n + m));
 * `"lecun"` normal with variance 1/n; `"he"` normal with variance 2/n; `"zeros"`. Biases are zero but for
 * `"pytorch"`.
 */
export type InitializationName = "pytorch" | "glorot" | "lecun" | "he" | "zeros";

/** For checks. */
export const INITIALIZATION_NAMES: readonly InitializationName[] = [
  "pytorch",
  "glorot",
  "lecun",
  "he",
  "zeros",
];

/** Draws the start of one layer. */
export function initializeLayer(
  init: InitializationName,
  weights: RealArray,
  biases: RealArray,
  rng: Rng,
): void {
  const outputs = biases.length;
  const inputs = weights.length / outputs;
  const bound = init === "pytorch" ? 1 / Math.sqrt(inputs) : Math.sqrt(6 / (inputs + outputs));
  const deviation = Math.sqrt((init === "he" ? 2 : 1) / inputs);
  const isUniform = init === "pytorch" || init === "glorot";
  if (init === "zeros") return;
  for (let i = 0; i < weights.length; i++) {
    weights[i] = isUniform ? rng.uniform(-bound, bound) : deviation * rng.normal();
  }
  if (init === "pytorch") { for (let i = 0; i < outputs; i++) biases[i] = rng.uniform(-bound, bound); }
}

import { type RealArray, requireOneOf } from "../arrays/mod.ts";
import { erf } from "../statistics/mod.ts";

/** The non-linearity of a network: the rectifier max(0, x), or the error function, which is smooth. */
export type Activation = "relu" | "erf";

/** Returns `activation` if it is one. @throws {TypeError} naming what is allowed. */
export function requireActivation(activation: Activation): Activation {
  return requireOneOf("activation", activation, ["relu", "erf"]);
}

/**
 * Writes the activations of `pre` into `post` (which may be `pre`), and their derivatives into `slope`. NaN
 * stays NaN.
 */
export function activate(activation: Activation, pre: RealArray, post: RealArray, slope: RealArray): void {
  if (activation === "relu") {
    for (let i = 0; i < pre.length; i++) {
      const x = pre[i];
      if (x > 0) {
        post[i] = x;
        slope[i] = 1;
      } else {
        // Of a NaN, no comparison is true.
        const off = x <= 0 ? 0 : NaN;
        post[i] = off;
        slope[i] = off;
      }
    }
    return;
  }
  const height = 2 / Math.sqrt(Math.PI);
  for (let i = 0; i < pre.length; i++) {
    const x = pre[i];
    post[i] = erf(x);
    slope[i] = height * Math.exp(-x * x);
  }
}

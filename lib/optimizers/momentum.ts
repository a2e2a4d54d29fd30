import { allocateLike, requireBoolean, requireNumber, requireOneOf, requireOptions } from "../arrays/mod.ts";
import { addScaled, scaleInPlace } from "../blas/mod.ts";
import type { GradientTransformation } from "./transformation.ts";

/** Options of {@linkcode momentum}. */
export interface MomentumOptions {
  /** Decay of the buffer, in [0, 1). Default 0.95. */
  decay?: number;
  /** Look one step ahead (Nesterov). Default true. */
  nesterov?: boolean;
  /**
   * `"average"`: M <- decay M + (1 - decay) G, Nesterov u = (1 - decay) G + decay M (the official Muon, the
   * default). `"sum"`: M <- decay M + G, Nesterov u = G + decay M (PyTorch's SGD, ROOT). The two differ by
   * the factor 1 - decay.
   */
  form?: "average" | "sum";
}

/**
 * Momentum with a zero start and no bias correction (Muon: Jordan et al. 2024, `muon.py`).
 *
 * @throws {RangeError} if `decay` is outside [0, 1).
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { momentum } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const link = momentum({ decay: 0.5, nesterov: false });
 * const parameter = { name: "w", weights: Matrix.zeros(1, 1), outputs: "rows" as const };
 * const state = link.init(parameter);
 * assertEquals(link.update(Matrix.fromRows([[4]]), state, parameter).get(0, 0), 2);
 * assertEquals(link.update(Matrix.fromRows([[4]]), state, parameter).get(0, 0), 3);
 * ```
 */
export function momentum(
  options: MomentumOptions = {},
): GradientTransformation<{ momentum: Float64Array | Float32Array }> {
  requireOptions("options", options, ["decay", "nesterov", "form"]);
  const { decay = 0.95, nesterov = true, form = "average" } = options;
  requireNumber("decay", decay, { min: 0, below: 1 });
  requireBoolean("nesterov", nesterov);
  requireOneOf("form", form, ["average", "sum"]);
  const gain = form === "average" ? 1 - decay : 1;
  return {
    init: ({ weights }) => ({ momentum: allocateLike(weights.data, weights.data.length) }),
    update(updates, { momentum: m }) {
      const u = updates.data;
      if (gain !== 1) scaleInPlace(u, gain);
      scaleInPlace(m, decay);
      addScaled(m, 1, u);
      if (nesterov) addScaled(u, decay, m);
      else u.set(m);
      return updates;
    },
  };
}

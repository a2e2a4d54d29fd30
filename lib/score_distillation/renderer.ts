import { type Matrix, requireInteger, requireNumber } from "../arrays/mod.ts";
import { requireBatch } from "./check.ts";

/** Images of several scenes, seen by one camera, with the reverse pass. */
export interface RenderedViews {
  /** One image per row. */
  images: Matrix;
  /**
   * The gradient in the parameters of the scenes, from the one in the pixels: the product of each cotangent
   * with the transposed Jacobian of its image. One row per scene.
   */
  pullback(cotangents: Matrix): Matrix;
}

/**
 * A differentiable renderer x = g(theta, c): scene parameters and a camera in, an image out. Write one for
 * any other kind of scene; `sds`, `vsd` and `distill` need nothing else.
 */
export interface Renderer {
  /** Numbers that describe a scene. */
  readonly parameters: number;
  /** Pixels of an image. */
  readonly pixels: number;
  /**
   * Renders scenes, one per row, as seen by a camera. The camera is a number, such as an angle in radians.
   */
  render(scenes: Matrix, camera: number): RenderedViews;
}

/**
 * The renderer g(theta, c) = theta: a scene is its own image, from every camera. With it, score distillation
 * moves samples instead of scenes (ProlificDreamer, the two-dimensional experiments).
 *
 * @param dimension Numbers per scene, and per image.
 * @throws {RangeError} if `dimension` is not a positive integer; in `render`, if a shape does not fit or an
 * entry is not finite.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { identityRenderer } from "refigure/score_distillation";
 * import { assertEquals } from "@std/assert";
 *
 * const { images, pullback } = identityRenderer(2).render(Matrix.fromRows([[1, 2]]), 0);
 * assertEquals(images.toRows(), [[1, 2]]);
 * assertEquals(pullback(Matrix.fromRows([[3, 4]])).toRows(), [[3, 4]]);
 * ```
 */
export function identityRenderer(dimension: number): Renderer {
  requireInteger("dimension", dimension, { min: 1 });
  return {
    parameters: dimension,
    pixels: dimension,
    render(scenes, camera) {
      requireBatch("scenes", scenes, dimension);
      requireNumber("camera", camera);
      return {
        images: scenes.clone(),
        pullback(cotangents) {
          requireBatch("cotangents", cotangents, dimension, scenes.rows);
          return cotangents.clone();
        },
      };
    },
  };
}

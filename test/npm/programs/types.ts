/** What TypeScript must accept, and refuse, of the package's types. */
import type * as tf from "@tensorflow/tfjs";
import { Matrix, Rng } from "refigure/arrays";
import { type BlasInfo, blasInfo, findBlasLibrary, matmul } from "refigure/blas";
import { type FigureSpec, renderSvg } from "refigure/figures";
import { svd } from "refigure/linalg";
import {
  chain,
  type GradientTransformation,
  matricesTo,
  momentum,
  muon,
  orthogonalize,
  scaleByLearningRate,
  TransformationOptimizer,
} from "refigure/optimizers";
import { S4DLayer } from "refigure/ssm/layers";
import { type BackendChoice, useBestBackend } from "refigure/tfjs";

export const choice: BackendChoice = await useBestBackend();
const transformation: GradientTransformation = chain(momentum(), orthogonalize(), scaleByLearningRate(0.02));
export const optimizers: tf.Optimizer[] = [
  muon({ learningRate: 0.02 }),
  new TransformationOptimizer(matricesTo(transformation)),
];
const product: Matrix = matmul(Matrix.identity(3), new Rng(1).normalMatrix(3, 3, 1));
export const largest: number = svd(product).s[0];
export const info: BlasInfo = blasInfo();
export const path: string | undefined = findBlasLibrary().library?.path;
export const layer: tf.layers.Layer = new S4DLayer({ dState: 8 });
export const draw = (spec: FigureSpec): Promise<string> => renderSvg(spec);

// @ts-expect-error: a number is no string.
export const wrongType: string = svd(product).s[0];
// @ts-expect-error: no such option.
muon({ learningRat: 1 });
// @ts-expect-error: no such function.
export { svdd } from "refigure/linalg";

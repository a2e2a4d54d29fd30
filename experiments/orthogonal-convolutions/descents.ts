/** Adam on the regularizer: where it ends, and what that means for images of any size and border. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  convolutionMatrix,
  glorotKernel,
  kernelOrthogonality,
  lorth,
  minimizeLorth,
  orthogonalityErrors,
  orthogonalKernel,
} from "../../lib/convolutions/mod.ts";
import { qr, rowNorms, singularValues } from "../../lib/linalg/mod.ts";
import { type Layer, type Row, shapeOf, type Spectrum } from "./rows.ts";

/** Outputs per side at which singular values are taken. */
const SIZE = 8;

/** A setting of Adam: the rate falls to a tenth in the last third. */
export interface Descent {
  steps: number;
  learningRate: number;
}

function descend(kernel: Float64Array, layer: Layer, { steps, learningRate }: Descent) {
  return minimizeLorth(kernel, shapeOf(layer), {
    steps,
    learningRate: (step) => step < 2 * steps / 3 ? learningRate : learningRate / 10,
  });
}

function glorot(layer: Layer, seed: number): Float64Array {
  return glorotKernel(shapeOf(layer), { rng: new Rng(seed).split(`glorot ${JSON.stringify(layer)}`) });
}

function spectrumOf(kernel: Float64Array, layer: Layer, N = SIZE): Spectrum {
  const shape = shapeOf(layer);
  const { smallest, largest } = orthogonalityErrors(kernel, shape, N);
  return { lorth: lorth(kernel, shape), smallest, largest };
}

/** The paper's experiment: one layer from a Glorot draw; with its way, if wanted. */
export function landscapeRows(
  layer: Layer,
  descent: Descent,
  seed: number,
  withPath: boolean,
): (Row<"landscape"> | Row<"path">)[] {
  const { kernel, values } = descend(glorot(layer, seed), layer, descent);
  const path = withPath ? Array.from(values.entries()).filter(([step]) => step % 20 === 0) : [];
  return [
    { kind: "landscape", ...layer, seed, ...spectrumOf(kernel, layer) },
    ...path.map(([step, lorth]): Row<"path"> => ({
      kind: "path",
      ...layer,
      seed,
      step,
      lorth: Math.max(0, lorth),
    })),
  ];
}

/** Three starts for a square layer. */
export function startRows(layer: Layer, descent: Descent, seed: number): Row<"start">[] {
  const row = (start: Row<"start">["start"], from: Float64Array): Row<"start"> => ({
    kind: "start",
    start,
    ...layer,
    seed,
    ...spectrumOf(descend(from, layer, descent).kernel, layer),
  });
  const more = { ...layer, M: layer.M + 1 };
  const filters = new Matrix(
    more.M,
    layer.C * layer.k ** 2,
    descend(glorot(more, seed), more, descent).kernel,
  );
  const norms = rowNorms(filters);
  const weakest = norms.indexOf(Math.min(...norms));
  const pruned = filters.data.filter((_, i) => Math.floor(i / filters.columns) !== weakest);
  const rng = new Rng(seed).split("noise");
  const built = orthogonalKernel(shapeOf(layer), { rng });
  const noise = rng.normals(built.length, 0.1);
  return [
    row("Glorot draw", glorot(layer, seed)),
    row("pruned from M + 1", pruned),
    row("near a construction", built.map((x, i) => x + noise[i])),
  ];
}

/** A kernel stopped at a small value of the regularizer, on images of growing size. */
export function scalingRows(layer: Layer, sizes: number[], seed: number): Row<"scaling">[] {
  const shape = shapeOf(layer);
  const { kernel, value } = minimizeLorth(glorot(layer, seed), shape, { until: 1e-3 });
  return sizes.map((N) => {
    const { aliased: _, ...errors } = orthogonalityErrors(kernel, shape, N);
    return { kind: "scaling", ...layer, seed, N, lorth: value, ...errors };
  });
}

/** A circular-orthogonal kernel under other borders: K(t) = (1 - t) circular + t zero padding, and valid. */
export function borderRows(layer: Layer, blends: number[], seed: number): Row<"border">[] {
  const shape = shapeOf(layer);
  const { kernel, value } = descend(glorot(layer, seed), layer, { steps: 2500, learningRate: 0.01 });
  const circular = convolutionMatrix(kernel, shape, SIZE);
  const zero = convolutionMatrix(kernel, shape, SIZE, { border: "same" });
  const row = (border: Row<"border">["border"], blend: number, matrix: Matrix): Row<"border"> => {
    const values = singularValues(matrix);
    return {
      kind: "border",
      ...layer,
      ...{ seed, border, blend },
      lorth: value,
      smallest: values[values.length - 1],
      largest: values[0],
    };
  };
  return [
    ...blends.map((t) => row("blend", t, circular.times(1 - t).plus(zero, t))),
    row("valid", 1, convolutionMatrix(kernel, shape, SIZE, { border: "valid" })),
  ];
}

/** Kernels that other notions of orthogonality call orthogonal. */
export function baselineRows(layer: Layer, seed: number): Row[] {
  const shape = shapeOf(layer);
  const rng = new Rng(seed).split("baseline");
  const row = (method: Row<"baseline">["method"], kernel: Float64Array): Row<"baseline"> => ({
    kind: "baseline",
    method,
    ...layer,
    seed,
    kernelOrthogonality: kernelOrthogonality(kernel, shape),
    ...spectrumOf(kernel, layer),
  });
  const start = glorot(layer, seed);
  return [
    row("Glorot draw", start),
    row("orthonormal filters", qr(rng.normalMatrix(layer.C * layer.k ** 2, layer.M)).q.transpose().data),
    row("L_orth", minimizeLorth(start, shape).kernel),
    row("construction", orthogonalKernel(shape, { rng })),
  ];
}

import { backend_util, type Tensor, type TensorInfo } from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import { batchMatMul } from "./matmul.ts";
import { transpose } from "./move.ts";
import { reduce } from "./reduce.ts";
import { areFloats, replace } from "./replace.ts";

/** A tensor and the letter, as a number, of each of its axes. */
interface Lettered {
  tensor: TensorInfo;
  letters: number[];
}

/**
 * Replaces einsum: letters of one factor alone that are summed are summed first; then two factors are one
 * batched matrix product, [shared, own of a, summed] times [shared, summed, own of b]. The CPU backend
 * multiplies entry by entry and adds.
 */
export function registerEinsum(): void {
  replace<{ equation: string }>("Einsum", ({ inputs, attrs, backend }) => {
    const tensors = Object.values(inputs);
    if (tensors.length > 2 || !areFloats(...tensors)) return undefined;
    const { allDims, summedDims, idDims } = backend_util.decodeEinsumEquation(attrs.equation, tensors.length);
    backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors as Tensor[]);
    // A letter twice in one factor is a diagonal.
    if (idDims.some((letters) => new Set(letters).size < letters.length)) return undefined;
    const summed = new Set(summedDims);
    const made: TensorInfo[] = [];
    const keep = (letters: number[], tensor: TensorInfo): Lettered => {
      made.push(tensor);
      return { tensor, letters };
    };
    const reorder = ({ tensor, letters }: Lettered, order: number[]) =>
      keep(order, transpose(backend, tensor, order.map((letter) => letters.indexOf(letter))));
    const factors = tensors.map((tensor, i): Lettered => {
      const letters = idDims[i];
      const others = idDims[1 - i] ?? [];
      const axis = letters.flatMap((letter, at) =>
        summed.has(letter) && !others.includes(letter) ? [at] : []
      );
      if (axis.length === 0) return { tensor, letters };
      const rest = letters.filter((_, at) => !axis.includes(at));
      return keep(rest, reduce(backend, "sum", tensor, { axis }));
    });
    const product = factors.length === 1 ? factors[0] : keep(...multiply(backend, factors, summed, reorder));
    const outOrder = Array.from({ length: allDims.length - summedDims.length }, (_, letter) => letter);
    const out = reorder(product, outOrder).tensor;
    // The answer may be a view of what is freed here: it holds its own reference.
    for (const tensor of made) if (tensor !== out) backend.disposeIntermediateTensorInfo(tensor);
    return out;
  });
}

/** The product of two factors over their common summed letters: its letters and itself. */
function multiply(
  backend: NativeBackend,
  [a, b]: Lettered[],
  summed: ReadonlySet<number>,
  reorder: (factor: Lettered, order: number[]) => Lettered,
): [letters: number[], product: TensorInfo] {
  const common = a.letters.filter((letter) => b.letters.includes(letter));
  const shared = common.filter((letter) => !summed.has(letter));
  const inner = common.filter((letter) => summed.has(letter));
  const ownA = a.letters.filter((letter) => !common.includes(letter));
  const ownB = b.letters.filter((letter) => !common.includes(letter));
  const sizes = new Map<number, number>();
  for (const { tensor, letters } of [a, b]) {
    letters.forEach((letter, axis) => sizes.set(letter, tensor.shape[axis]));
  }
  const sizeOfAll = (letters: number[]) => letters.reduce((size, letter) => size * sizes.get(letter)!, 1);
  const [batch, m, k, n] = [shared, ownA, inner, ownB].map(sizeOfAll);
  const left = reorder(a, [...shared, ...ownA, ...inner]).tensor;
  const right = reorder(b, [...shared, ...inner, ...ownB]).tensor;
  const product = batchMatMul(
    backend,
    { ...left, shape: [batch, m, k] },
    { ...right, shape: [batch, k, n] },
    false,
    false,
  );
  const letters = [...shared, ...ownA, ...ownB];
  return [letters, { ...product, shape: letters.map((letter) => sizes.get(letter)!) }];
}

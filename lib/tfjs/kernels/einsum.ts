import { backend_util, type Tensor, type TensorInfo } from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import { batchMatMul } from "./matmul.ts";
import { sum } from "./reduce.ts";
import { areFloats, onCpu, replace } from "./replace.ts";
import { transpose } from "./transpose.ts";

/** A tensor and the letter of each of its axes. */
interface Lettered {
  tensor: TensorInfo;
  letters: string[];
}

/**
 * Replaces einsum. Letters that are summed and belong to one factor alone are summed first; then two factors are
 * one batched matrix product, `[shared, own of a, summed]` times `[shared, summed, own of b]`. With integers the
 * CPU backend does the second step, entry by entry; it would lose axes in the first.
 */
export function registerEinsum(): void {
  replace<{ equation: string }>("Einsum", ({ inputs, attrs, backend }) => {
    const { factors, output } = read(attrs.equation, Object.values(inputs));
    const made: TensorInfo[] = [];
    const keep = (factor: Lettered): Lettered => {
      made.push(factor.tensor);
      return factor;
    };
    const isFloat = areFloats(...factors.map(({ tensor }) => tensor));
    const summed = factors.map((factor, i) => {
      const axis = axesOf(
        factor,
        (letter) => !output.includes(letter) && !factors[1 - i]?.letters.includes(letter),
      );
      if (axis.length === 0) return factor;
      const letters = factor.letters.filter((_, at) => !axis.includes(at));
      const { tensor } = factor;
      return keep({
        tensor: isFloat ? sum(backend, tensor, { axis }) : onCpu("Sum", { x: tensor }, { axis }, backend),
        letters,
      });
    });
    const reorder = ({ tensor, letters }: Lettered, order: string[]) =>
      keep({
        tensor: transpose(backend, tensor, order.map((letter) => letters.indexOf(letter))),
        letters: order,
      });
    let result: TensorInfo;
    if (isFloat) {
      const product = summed.length === 1 ? summed[0] : keep(multiply(backend, summed, output, reorder));
      result = reorder(product, output).tensor;
    } else {
      result = einsumOnCpu(backend, summed, output);
    }
    // The result may be a view of what is freed here: it holds its own reference.
    for (const tensor of made) if (tensor !== result) backend.disposeIntermediateTensorInfo(tensor);
    return result;
  });
}

/** The factors and the letters of the result. */
function read(equation: string, tensors: TensorInfo[]): { factors: Lettered[]; output: string[] } {
  const { allDims, idDims } = backend_util.decodeEinsumEquation(equation, tensors.length);
  const factors = tensors.map((tensor, i) => ({ tensor, letters: idDims[i].map((dim) => allDims[dim]) }));
  for (const { tensor, letters } of factors) {
    if (letters.length !== tensor.shape.length) {
      throw new RangeError(
        `Einsum: \`equation\` "${equation}" does not fit a tensor of shape [${tensor.shape}]`,
      );
    }
  }
  backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors as Tensor[]);
  const output = [...equation.replace(/\s/g, "").split("->")[1]];
  if (new Set(output).size < output.length) {
    throw new RangeError(`Einsum: \`equation\` "${equation}" has a letter twice in the result`);
  }
  return { factors, output };
}

function axesOf({ letters }: Lettered, isWanted: (letter: string) => boolean): number[] {
  return letters.flatMap((letter, axis) => isWanted(letter) ? [axis] : []);
}

/** The product of two factors, summed over the letters that both have and the result has not. */
function multiply(
  backend: NativeBackend,
  [a, b]: Lettered[],
  output: readonly string[],
  reorder: (factor: Lettered, order: string[]) => Lettered,
): Lettered {
  const common = a.letters.filter((letter) => b.letters.includes(letter));
  const shared = common.filter((letter) => output.includes(letter));
  const inner = common.filter((letter) => !output.includes(letter));
  const ownA = a.letters.filter((letter) => !common.includes(letter));
  const ownB = b.letters.filter((letter) => !common.includes(letter));
  const sizes = new Map<string, number>();
  for (const { tensor, letters } of [a, b]) {
    letters.forEach((letter, axis) => sizes.set(letter, tensor.shape[axis]));
  }
  const shapeOf = (letters: string[]) => letters.map((letter) => sizes.get(letter)!);
  const [batch, m, k, n] = [shared, ownA, inner, ownB].map((letters) =>
    shapeOf(letters).reduce((product, size) => product * size, 1)
  );
  const left = { ...reorder(a, [...shared, ...ownA, ...inner]).tensor, shape: [batch, m, k] };
  const right = { ...reorder(b, [...shared, ...inner, ...ownB]).tensor, shape: [batch, k, n] };
  const product = batchMatMul(backend, left, right, false, false);
  const letters = [...shared, ...ownA, ...ownB];
  return { tensor: { ...product, shape: shapeOf(letters) }, letters };
}

/** The einsum of factors of any type, none of which has a letter to be summed for itself. */
function einsumOnCpu(backend: NativeBackend, factors: Lettered[], output: string[]): TensorInfo {
  const equation = `${factors.map(({ letters }) => letters.join("")).join(",")}->${output.join("")}`;
  const tensors = factors.map(({ tensor }) => tensor);
  const result = onCpu("Einsum", tensors as never, { equation }, backend);
  // The CPU backend returns a factor itself where there is nothing to do.
  if (tensors.some(({ dataId }) => dataId === result.dataId)) backend.incRef(result.dataId);
  return { ...result };
}

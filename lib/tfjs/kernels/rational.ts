import { areFloats, replace, requireShape, sizeOf } from "./replace.ts";

/** Form of the denominator, see `groupRational` of `refigure/kan/layers`. */
interface RationalAttributes {
  form: "abs-of-sum" | "sum-of-abs";
}

/** All bits but the sign, and the sign. */
const MAGNITUDE = 0x7fffffff;
const SIGN = 0x80000000 | 0;

/**
 * Adds rational activations of groups of neighbouring channels and their gradient, for groups of a multiple
 * of four channels. The last output is one number, which is not 0 if a result is not finite in single
 * precision.
 */
export function registerRational(): void {
  replace<RationalAttributes>("GroupRational", ({ inputs, attrs, backend }) => {
    const { x, numerator, denominator } = inputs;
    if (!areFloats(x, numerator, denominator)) return undefined;
    const { rows, width, groups } = sizesOf("GroupRational", inputs);
    const [px, pa, pb] = [x, numerator, denominator].map((tensor) => backend.place(tensor).pointer);
    const [out, lost] = [x.shape, []].map((shape) => backend.allocate(shape));
    const isLost = backend.heap.kernels.rational(
      ...[px, pa, pb, out.pointer, rows, width, groups],
      attrs.form === "abs-of-sum" ? -1 : MAGNITUDE,
    );
    backend.heap.floats(lost.pointer, 1)[0] = Number(isLost);
    return [out, lost];
  });
  replace<RationalAttributes>("GroupRationalGrad", ({ inputs, attrs, backend }) => {
    const { x, numerator, denominator, dy } = inputs;
    if (!areFloats(x, numerator, denominator, dy)) return undefined;
    const { rows, width, groups } = sizesOf("GroupRationalGrad", inputs);
    requireShape("GroupRationalGrad", "dy", dy, x.shape);
    const [px, pa, pb, pdy] = [x, numerator, denominator, dy].map((tensor) => backend.place(tensor).pointer);
    const made = [x.shape, numerator.shape, denominator.shape, []].map((shape) => backend.allocate(shape));
    const [dx, da, db, lost] = made.map(({ pointer }) => pointer);
    const { heap } = backend;
    heap.borrow(8 * (6 + 4 * groups), (sums) => {
      const isLost = heap.kernels.rational_grad(
        ...[px, pa, pb, pdy, dx, da, db, sums, rows, width, groups],
        ...(attrs.form === "abs-of-sum" ? [-1, 0] : [MAGNITUDE, SIGN]),
      );
      heap.floats(lost, 1)[0] = Number(isLost);
    });
    return made;
  });
}

/** @throws {RangeError} if the shapes do not fit. */
function sizesOf(
  kernel: string,
  { x, numerator, denominator }: Parameters<Parameters<typeof replace>[1]>[0]["inputs"],
) {
  const channels = x.shape[x.shape.length - 1];
  requireShape(kernel, "numerator", numerator, [6]);
  const [groups] = denominator.shape;
  requireShape(kernel, "denominator", denominator, [groups, 4]);
  const width = channels / groups;
  if (width % 4 !== 0) {
    throw new RangeError(`${kernel}: the groups must have a multiple of four channels, got ${width}`);
  }
  return { rows: sizeOf(x.shape) / channels, width, groups };
}

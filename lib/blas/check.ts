import {
  allocateLike,
  Matrix,
  type RealArray,
  requireMatrix,
  requireNumber,
  requireSameShape,
} from "../arrays/mod.ts";

interface Shape {
  rows: number;
  columns: number;
}

/** Throws unless two arrays have the same precision. @throws {TypeError} */
export function requireSamePrecision(name: string, given: RealArray, other: string, wanted: RealArray): void {
  if (given.constructor !== wanted.constructor) {
    throw new TypeError(
      `\`${name}\` must be a ${wanted.constructor.name} as \`${other}\` is, got a ${given.constructor.name}` +
        " (`astype` changes the precision of a matrix)",
    );
  }
}

/** Throws unless op(a) op(b) is defined. @throws {RangeError} */
export function requireInner(a: Shape, transposeA: boolean, b: Shape, transposeB: boolean): void {
  const left = transposeA ? a.rows : a.columns;
  const right = transposeB ? b.columns : b.rows;
  if (left !== right) {
    const name = (text: string, m: Shape, transposed: boolean) =>
      transposed ? `${text}^T is ${m.columns} x ${m.rows}` : `${text} is ${m.rows} x ${m.columns}`;
    throw new RangeError(
      `\`b\` must have ${left} ${transposeB ? "columns" : "rows"} to be multiplied: ` +
        `${name("a", a, transposeA)}, ${name("b", b, transposeB)}`,
    );
  }
}

/** Throws if `out` shares memory with an input that is read while `out` is written. @throws {RangeError} */
export function requireDistinct(name: string, out: RealArray, inputs: RealArray[]): void {
  for (const input of inputs) {
    if (
      out.buffer === input.buffer && out.byteOffset < input.byteOffset + input.byteLength &&
      input.byteOffset < out.byteOffset + out.byteLength
    ) {
      throw new RangeError(`\`${name}\` must not share memory with an input of the product`);
    }
  }
}

/** Where a product goes: the given `out`, checked, or a new rows x columns matrix of the precision of `a`. */
export function outputLike<Data extends RealArray>(
  a: Matrix<Data>,
  rows: number,
  columns: number,
  out: Matrix<Data> | undefined,
  inputs: Matrix<Data>[],
): Matrix<Data> {
  if (out === undefined) return new Matrix(rows, columns, allocateLike(a.data, rows * columns));
  requireMatrix("out", out);
  requireSameShape("out", out, { rows, columns });
  requireSamePrecision("out", out.data, "a", a.data);
  requireDistinct("out", out.data, inputs.map(({ data }) => data));
  return out;
}

/**
 * Throws unless the scales of a product are finite and `beta` has an `out` to be multiplied with. @throws
 * {RangeError}
 */
export function requireScales(alpha: number, beta: number, out: unknown): void {
  requireNumber("alpha", alpha);
  requireNumber("beta", beta);
  if (beta !== 0 && out === undefined) {
    throw new RangeError("`beta` needs `out`, whose entries it multiplies");
  }
}

/** What is left of `out` where the product is empty: `beta` times it; 0 also forgets NaN. */
export function scaleOld(out: Matrix<RealArray>, beta: number): void {
  for (let k = 0; k < out.data.length; k++) out.data[k] = beta === 0 ? 0 : beta * out.data[k];
}

/** Plain complex arithmetic in double precision, to judge the library without using it. */
import { ComplexMatrix, Matrix, type RealArray } from "refigure/arrays";

export type AnyMatrix = Matrix<RealArray> | ComplexMatrix<RealArray>;

/** The same entries as a complex matrix in double precision. */
export function widen(a: AnyMatrix): ComplexMatrix {
  if (a instanceof Matrix) return ComplexMatrix.fromReal(a);
  return new ComplexMatrix(a.rows, a.columns, Float64Array.from(a.data));
}

export function multiply(a: ComplexMatrix, b: ComplexMatrix): ComplexMatrix {
  return ComplexMatrix.from(a.rows, b.columns, (i, j) => {
    let re = 0;
    let im = 0;
    for (let k = 0; k < a.columns; k++) {
      const x = a.get(i, k);
      const y = b.get(k, j);
      re += x.re * y.re - x.im * y.im;
      im += x.re * y.im + x.im * y.re;
    }
    return { re, im };
  });
}

export function subtract(a: ComplexMatrix, b: ComplexMatrix): ComplexMatrix {
  return new ComplexMatrix(a.rows, a.columns, a.data.map((x, k) => x - b.data[k]));
}

/** A diagonal matrix of real entries, or of (re, im) pairs. */
export function diagonal(values: Float64Array, complex = false): ComplexMatrix {
  const n = complex ? values.length / 2 : values.length;
  return ComplexMatrix.from(n, n, (i, j) => {
    if (i !== j) return { re: 0, im: 0 };
    return complex ? { re: values[2 * i], im: values[2 * i + 1] } : { re: values[i], im: 0 };
  });
}

/** The Frobenius norm, safe from over- and underflow. */
export function norm(a: { data: ArrayLike<number> }): number {
  let largest = 0;
  for (let k = 0; k < a.data.length; k++) largest = Math.max(largest, Math.abs(a.data[k]));
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let k = 0; k < a.data.length; k++) sum += (a.data[k] / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/** ||q^H q - I||. */
export function departureFromOrthogonality(q: ComplexMatrix): number {
  return norm(subtract(multiply(q.conjugateTranspose(), q), ComplexMatrix.identity(q.columns)));
}

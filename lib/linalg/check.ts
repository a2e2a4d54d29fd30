import { type ComplexMatrix, Matrix, type RealArray, requireFinite } from "../arrays/mod.ts";

/** Throws unless every entry is finite; `what` reads like "compute the SVD of `a`". @throws {RangeError} */
export function requireFiniteMatrix(what: string, a: Matrix<RealArray> | ComplexMatrix<RealArray>): void {
  const sentence = `Cannot ${what}`;
  if (a instanceof Matrix) return requireFinite(sentence, a.data, a.columns);
  for (let k = 0; k < a.data.length; k++) {
    if (!Number.isFinite(a.data[k])) {
      const entry = k >> 1;
      const part = k % 2 === 0 ? "real" : "imaginary";
      throw new RangeError(
        `${sentence}: the ${part} part of entry (${Math.floor(entry / a.columns)}, ${entry % a.columns}) is ${
          a.data[k]
        }`,
      );
    }
  }
}

/** Throws unless `a` is square. @throws {RangeError} */
export function requireSquare(name: string, a: { rows: number; columns: number }): void {
  if (a.rows !== a.columns) {
    throw new RangeError(`\`${name}\` must be square, got ${a.rows} x ${a.columns}`);
  }
}

import { Matrix as MlMatrix } from "ml-matrix";
import { allocateLike, Matrix, type RealArray } from "../../arrays/mod.ts";

/** An ml-matrix of the same entries. */
export function toMl(rows: number, columns: number, data: RealArray): MlMatrix {
  const out = new MlMatrix(rows, columns);
  let k = 0;
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++, k++) out.set(i, j, data[k]);
  return out;
}

/** The first `columns` columns of an ml-matrix, or of its transpose, in the precision of `like`. */
export function fromMl<Data extends RealArray>(
  a: MlMatrix,
  like: Data,
  columns: number = a.columns,
): Matrix<Data> {
  const out = new Matrix(a.rows, columns, allocateLike(like, a.rows * columns));
  let k = 0;
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < columns; j++, k++) out.data[k] = a.get(i, j);
  return out;
}

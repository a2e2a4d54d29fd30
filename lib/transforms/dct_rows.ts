/** Cosine transforms of the rows of a matrix, two rows side by side; a row does not depend on its neighbour. */
import type { Matrix, RealArray } from "../arrays/mod.ts";
import { wide, withoutOverflow } from "./check.ts";
import { cosineTable, cosineTransform, tableKey } from "./cosine_transform.ts";
import { passesOf, prepare, transformBlocks } from "./stockham.ts";
import { bytesForLength, type Workspace, workspaceFor } from "./workspace.ts";

/** Rows are copied to the loops' memory and back in groups of about so many bytes. */
const GROUP = 2 ** 15;

/** Type 2 or 3 of every row of `a`, which must have entries. */
export function dctOfRows(
  a: Matrix<RealArray>,
  out: RealArray,
  type: 2 | 3,
  orthonormal: boolean,
  workspace?: Workspace,
): void {
  const { rows, columns: n, data } = a;
  const width = data instanceof Float32Array ? 4 : 8;
  const count = Math.min(rows, Math.max(2, 2 * Math.floor(GROUP / n / width / 2)));
  const bytes = Math.ceil(count * n * width / 64) * 64;
  const place = workspace ?? workspaceFor(2 * bytes + bytesForLength(n));
  const alone = (i: number) => {
    const x = wide(data.subarray(i * n, i * n + n));
    out.set(withoutOverflow(x, (values) => cosineTransform(values, type, orthonormal, place)), i * n);
  };
  if (place.rows === undefined || n % 8 !== 0 || passesOf(n / 2) === null) {
    for (let i = 0; i < rows; i++) alone(i);
    return;
  }
  const h = n / 2;
  const { rows: run } = place;
  const [firstPass, cosines, pack, restore] = width === 8
    ? [run.firstPassOfRows64, run.cosineRows64, run.packSpectrum64, run.restoreRows64]
    : [run.firstPassOfRows32, run.cosineRows32, run.packSpectrum32, run.restoreRows32];
  const overflown: number[] = [];
  const roots = prepare(place, h);
  const table = place.table(cosineTable, tableKey(h, type, orthonormal));
  const given = place.scratch(2 * bytes + 64 + 64 * h);
  const made = given + bytes;
  const from = made + bytes + 64;
  const { buffer } = place.float64;
  const memory = width === 8 ? new Float64Array(buffer) : new Float32Array(buffer);
  for (let first = 0; first < rows; first += count) {
    const end = Math.min(rows, first + count);
    memory.set(data.subarray(first * n, end * n), given / width);
    for (let i = first; i < end; i += 2) {
      // The last of an odd number of rows goes beside itself.
      const x = (i - first) * n * width;
      const y = i + 1 < end ? x + n * width : x;
      let isFinite: number;
      if (type === 2) {
        firstPass(given + x, given + y, from, h, roots);
        const f = transformBlocks(place, h, 2, from, from + 32 * h, roots, 1);
        isFinite = cosines(f, made + x, made + y, h, table);
      } else {
        pack(given + x, given + y, from, h, table);
        const f = transformBlocks(place, h, 2, from, from + 32 * h, roots);
        isFinite = restore(f, made + x, made + y, h);
      }
      if (isFinite === 0) overflown.push(i, i + 1);
    }
    out.set(memory.subarray(made / width, made / width + (end - first) * n), first * n);
  }
  for (const i of overflown) if (i < rows) alone(i);
}

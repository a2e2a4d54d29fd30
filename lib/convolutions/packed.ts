/**
 * The regularizer and its gradient on packed kernels, M x (k k C): one filter a row, its taps one after the
 * other, the channels of a tap together. Windows of a filter that overlap after a shift are then runs of
 * memory, and the transpose is tfjs's kernel layout, [k, k, C, M].
 */
import { allocateLike, Matrix, type RealArray } from "../arrays/mod.ts";
import { gram, matmul } from "../blas/mod.ts";
import type { Sizes } from "./shape.ts";

/** A shift (in outputs) of one filter against another, and the windows that overlap. */
interface Shift {
  /** First tap column of the window in the filter that stays (its first row is 0), and its sizes. */
  column: number;
  height: number;
  width: number;
  /** The window in the filter that is moved begins so many taps later. */
  rows: number;
  columns: number;
}

/**
 * Half of the shifts at which filters overlap: (0, 0) first, then one of each pair of opposite shifts; the
 * other half gives the transposed products.
 */
export function shiftsOf({ k, S }: Sizes): Shift[] {
  const reach = Math.floor((k - 1) / S);
  const out: Shift[] = [];
  for (let y = 0; y <= reach; y++) {
    for (let x = y === 0 ? 0 : -reach; x <= reach; x++) {
      const columns = S * x;
      out.push({
        column: Math.max(0, -columns),
        height: k - S * y,
        width: k - Math.abs(columns),
        rows: S * y,
        columns,
      });
    }
  }
  return out;
}

/** A kernel [M, C, k, k] as M x (k k C). */
export function pack<Data extends RealArray>(kernel: ArrayLike<number>, sizes: Sizes, out: Data): Data {
  const { M, C, k } = sizes;
  const taps = k * k;
  for (let m = 0; m < M; m++) {
    for (let c = 0; c < C; c++) {
      for (let tap = 0; tap < taps; tap++) out[(m * taps + tap) * C + c] = kernel[(m * C + c) * taps + tap];
    }
  }
  return out;
}

/** The inverse of {@linkcode pack}. */
export function unpack<Data extends RealArray>(packed: ArrayLike<number>, sizes: Sizes, out: Data): Data {
  const { M, C, k } = sizes;
  const taps = k * k;
  for (let m = 0; m < M; m++) {
    for (let c = 0; c < C; c++) {
      for (let tap = 0; tap < taps; tap++) out[(m * C + c) * taps + tap] = packed[(m * taps + tap) * C + c];
    }
  }
  return out;
}

/** Products of which filters are worth a call of the BLAS: M^2 C k^2 above this. */
const LARGE = 20_000;

/**
 * The regularizer of a packed kernel. With `gradient`, a zeroed array of the same length, its gradient is
 * added there.
 */
export function packedLorth<Data extends RealArray>(x: Data, sizes: Sizes, gradient?: Data): number {
  const { M, C, k, S } = sizes;
  const sum = M * M * C * k * k > LARGE ? sumByProducts(x, sizes, gradient) : sumByLoops(x, sizes, gradient);
  return sum - Math.max(0, M - C * S * S);
}

/** Sum of squares of the deviations of all correlations from those of an orthogonal kernel. */
function sumByLoops(x: RealArray, sizes: Sizes, gradient?: RealArray): number {
  const { M, C, k } = sizes;
  const filter = k * k * C;
  const line = k * C;
  let sum = 0;
  for (const { column, height, width, rows, columns } of shiftsOf(sizes)) {
    const isZero = rows === 0 && columns === 0;
    const start = column * C;
    const moved = (rows * k + columns) * C;
    const run = width * C;
    for (let m = 0; m < M; m++) {
      const first = m * filter + start;
      for (let n = isZero ? m : 0; n < M; n++) {
        const second = n * filter + start + moved;
        let product = 0;
        for (let a = 0; a < height; a++) {
          const i = first + a * line;
          const j = second + a * line;
          for (let t = 0; t < run; t++) product += x[i + t] * x[j + t];
        }
        const isOne = isZero && m === n;
        if (isOne) product--;
        sum += (isOne ? 1 : 2) * product * product;
        if (gradient === undefined) continue;
        const factor = 4 * product;
        for (let a = 0; a < height; a++) {
          const i = first + a * line;
          const j = second + a * line;
          if (isOne) {
            for (let t = 0; t < run; t++) gradient[i + t] += factor * x[i + t];
          } else {
            for (let t = 0; t < run; t++) {
              gradient[i + t] += factor * x[j + t];
              gradient[j + t] += factor * x[i + t];
            }
          }
        }
      }
    }
  }
  return sum;
}

/** The same by three matrix products per shift, on the overlapping windows. */
function sumByProducts<Data extends RealArray>(x: Data, sizes: Sizes, gradient?: Data): number {
  const { M, C } = sizes;
  let sum = 0;
  const scratch = [0, 1, 2].map(() => allocateLike(x, x.length));
  const correlations = new Matrix(M, M, allocateLike(x, M * M));
  for (const { column, height, width, rows, columns } of shiftsOf(sizes)) {
    const isZero = rows === 0 && columns === 0;
    const size = height * width * C;
    const [a, b, product] = scratch.map((data) => new Matrix(M, size, data.subarray(0, M * size) as Data));
    const staying = { row: 0, column, height, width };
    const moving = { row: rows, column: column + columns, height, width };
    // At shift (0, 0) both windows are the whole filter.
    const stays = isZero ? new Matrix(M, size, x) : a;
    const moves = isZero ? stays : b;
    if (isZero) {
      gram(stays, { side: "right", out: correlations });
      for (let m = 0; m < M; m++) correlations.data[m * M + m] -= 1;
    } else {
      copyWindow(x, staying, sizes, a.data);
      copyWindow(x, moving, sizes, b.data);
      matmul(a, b, { transposeB: true, out: correlations });
    }
    const weight = isZero ? 1 : 2;
    for (let i = 0; i < M * M; i++) sum += weight * correlations.data[i] * correlations.data[i];
    if (gradient === undefined) continue;
    matmul(correlations, moves, { alpha: 4, out: product });
    addWindow(product.data, staying, sizes, gradient);
    if (isZero) continue;
    matmul(correlations, stays, { transposeA: true, alpha: 4, out: product });
    addWindow(product.data, moving, sizes, gradient);
  }
  return sum;
}

interface Window {
  row: number;
  column: number;
  height: number;
  width: number;
}

/** Copies the taps of a window, of every filter. */
function copyWindow(x: RealArray, window: Window, { M, C, k }: Sizes, out: RealArray): void {
  const run = window.width * C;
  let to = 0;
  for (let m = 0; m < M; m++) {
    for (let a = 0; a < window.height; a++, to += run) {
      const from = ((m * k + window.row + a) * k + window.column) * C;
      for (let t = 0; t < run; t++) out[to + t] = x[from + t];
    }
  }
}

/** Adds to the taps of a window. */
function addWindow(values: RealArray, window: Window, { M, C, k }: Sizes, out: RealArray): void {
  const run = window.width * C;
  let from = 0;
  for (let m = 0; m < M; m++) {
    for (let a = 0; a < window.height; a++, from += run) {
      const to = ((m * k + window.row + a) * k + window.column) * C;
      for (let t = 0; t < run; t++) out[to + t] += values[from + t];
    }
  }
}

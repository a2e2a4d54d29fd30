/**
 * The regularizer and its gradient on packed kernels, M x (k k C): one filter a row, its taps one after the
 * other, the channels of a tap together. Windows of a filter that overlap after a shift are then runs of
 * memory, and the transpose is tfjs's kernel layout, [k, k, C, M].
 */
import { allocateLike, type RealArray } from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
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
const LARGE = 6000;

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

/**
 * The same by three matrix products per shift, in place: rows of a window are runs of every filter, and those of
 * windows as wide as the kernel follow each other.
 */
function sumByProducts<Data extends RealArray>(x: Data, sizes: Sizes, gradient?: Data): number {
  const { M, C, k } = sizes;
  const filter = k * k * C;
  const blas = engine();
  const correlations = allocateLike(x, M * M);
  let sum = 0;
  for (const { column, height, width, rows, columns } of shiftsOf(sizes)) {
    const isZero = rows === 0 && columns === 0;
    const moved = (rows * k + columns) * C;
    const run = (width === k ? height : 1) * width * C;
    const starts = Array.from({ length: width === k ? 1 : height }, (_, a) => (a * k + column) * C);
    starts.forEach((start, a) => {
      const stays = x.subarray(start);
      const moves = x.subarray(start + moved);
      const beta = a === 0 ? 0 : 1;
      if (isZero) blas.syrk(false, M, run, 1, stays, filter, beta, correlations);
      else blas.gemm(false, true, M, M, run, 1, stays, filter, moves, filter, beta, correlations, M);
    });
    if (isZero) { for (let m = 0; m < M; m++) correlations[m * M + m] -= 1; }
    const weight = isZero ? 1 : 2;
    for (let i = 0; i < M * M; i++) sum += weight * correlations[i] * correlations[i];
    if (gradient === undefined) continue;
    for (const start of starts) {
      const stays = gradient.subarray(start);
      const moves = gradient.subarray(start + moved);
      blas.gemm(
        false,
        false,
        M,
        run,
        M,
        4,
        correlations,
        M,
        x.subarray(start + moved),
        filter,
        1,
        stays,
        filter,
      );
      if (isZero) continue;
      blas.gemm(true, false, M, run, M, 4, correlations, M, x.subarray(start), filter, 1, moves, filter);
    }
  }
  return sum;
}

/** Grids, and which points a convolution reads. Not public. */
import type { RealArray } from "../arrays/mod.ts";

/** What a convolution reads beyond the border: zeros, the other side, or the mirror image. */
export type GridPadding = "zero" | "circular" | "reflect";

/** For checks. */
export const GRID_PADDINGS: readonly GridPadding[] = ["zero", "circular", "reflect"];

/**
 * Points per axis of the next coarser grid, or NaN if there is none. With zeros the grid has interior points
 * only, and every second one is kept (2m + 1 to m); on a circle 2m to m; with mirrors both ends are points
 * (2m - 1 to m).
 */
export function coarserSize(n: number, padding: GridPadding): number {
  const m = padding === "zero" ? (n - 1) / 2 : padding === "circular" ? n / 2 : (n + 1) / 2;
  return Number.isInteger(m) && m >= 1 && m < n ? m : NaN;
}

/** Points per axis of all levels, the finest first; NaN where the grid cannot be halved. */
export function levelSizes(n: number, levels: number, padding: GridPadding): number[] {
  const sizes = [n];
  while (sizes.length < levels) sizes.push(coarserSize(sizes[sizes.length - 1], padding));
  return sizes;
}

/** Points that a convolution with an odd kernel reads, for every point that it writes and every tap. */
export class Patches {
  /** Points that are read. */
  readonly pointsIn: number;
  /** Points that are written. */
  readonly pointsOut: number;
  /** Taps of the kernel. */
  readonly taps: number;
  /** True if a point reads itself and nothing else. */
  readonly isIdentity: boolean;
  /**
   * True if the adjoint reads as the convolution does, with the taps in reverse: not for mirrors and strides.
   */
  readonly isFlippable: boolean;
  /**
   * For each tap its runs of points: where a run is written, where it is read (-1: zeros), and how many
   * points in a row are both read and written.
   */
  readonly #runs: Int32Array[];

  /**
   * @param dimension 1 or 2.
   * @param n Points per axis that are read.
   * @param kernel Taps per axis, odd.
   * @param stride 1, or 2 to read for the points of the coarser grid.
   */
  constructor(dimension: number, n: number, kernel: number, stride: 1 | 2, padding: GridPadding) {
    const m = stride === 1 ? n : coarserSize(n, padding);
    const half = (kernel - 1) / 2;
    // Of interior points, the second one is the first that is kept.
    const first = stride === 2 && padding === "zero" ? 1 : 0;
    const read = (p: number, tap: number) => place(first + stride * p + tap - half, n, padding);
    this.pointsIn = n ** dimension;
    this.pointsOut = m ** dimension;
    this.taps = kernel ** dimension;
    this.isIdentity = this.taps === 1 && stride === 1;
    this.isFlippable = stride === 1 && padding !== "reflect";
    this.#runs = Array.from({ length: this.taps }, (_, tap) => {
      const rowTap = dimension === 1 ? half : Math.floor(tap / kernel);
      const sources = Int32Array.from({ length: this.pointsOut }, (_, p) => {
        const row = dimension === 1 ? 0 : read(Math.floor(p / m), rowTap);
        const column = read(p % m, tap % kernel);
        return row < 0 || column < 0 ? -1 : row * n + column;
      });
      return runsOf(sources);
    });
  }

  /** Copies `[channels, points, batch]` to `[taps, channels, points that are written, batch]`. */
  gather(x: RealArray, columns: RealArray, channels: number, batch: number): void {
    const { pointsIn, pointsOut } = this;
    this.#runs.forEach((runs, tap) => {
      for (let c = 0; c < channels; c++) {
        const from = c * pointsIn * batch;
        const to = (tap * channels + c) * pointsOut * batch;
        for (let r = 0; r < runs.length; r += 3) {
          const count = runs[r + 2] * batch;
          const start = to + runs[r] * batch;
          if (runs[r + 1] < 0) {
            columns.fill(0, start, start + count);
            continue;
          }
          const source = from + runs[r + 1] * batch;
          if (count > LONG) columns.set(x.subarray(source, source + count), start);
          else for (let k = 0; k < count; k++) columns[start + k] = x[source + k];
        }
      }
    });
  }

  /** The adjoint of {@linkcode gather}: adds what was read at a point to that point. */
  scatter(columns: RealArray, x: RealArray, channels: number, batch: number): void {
    const { pointsIn, pointsOut } = this;
    this.#runs.forEach((runs, tap) => {
      for (let c = 0; c < channels; c++) {
        const to = c * pointsIn * batch;
        const from = (tap * channels + c) * pointsOut * batch;
        for (let r = 0; r < runs.length; r += 3) {
          if (runs[r + 1] < 0) continue;
          const count = runs[r + 2] * batch;
          const source = from + runs[r] * batch;
          const start = to + runs[r + 1] * batch;
          for (let k = 0; k < count; k++) x[start + k] += columns[source + k];
        }
      }
    });
  }
}

/** Numbers in a row from which a copy by the engine is faster than a loop. */
const LONG = 96;

/** The point at a place that may lie beyond the border; -1 for a zero. */
export function place(i: number, n: number, padding: GridPadding): number {
  if (i >= 0 && i < n) return i;
  if (padding === "zero") return -1;
  if (padding === "circular") return ((i % n) + n) % n;
  // A grid of one point is its own mirror image.
  const period = 2 * Math.max(1, n - 1);
  const j = ((i % period) + period) % period;
  return n === 1 ? 0 : j < n ? j : period - j;
}

function runsOf(sources: Int32Array): Int32Array {
  const runs: number[] = [];
  let p = 0;
  while (p < sources.length) {
    const source = sources[p];
    let count = 1;
    while (p + count < sources.length && sources[p + count] === (source < 0 ? -1 : source + count)) count++;
    runs.push(p, source, count);
    p += count;
  }
  return Int32Array.from(runs);
}

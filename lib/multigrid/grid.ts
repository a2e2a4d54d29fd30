/** Grids and their levels. Not public. */

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

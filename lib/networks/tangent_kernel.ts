/** Tangent kernels of dense networks. Not public. */
import { allocate, type DType, type Matrix, type RealArray } from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import { compiledKernels } from "../wasm/module.ts";
import type { EachOutput } from "./tape.ts";

/** Rows and columns of a tangent kernel that are computed at once. */
const KERNEL_TILE = 64;

/** Layers whose terms are added at once. */
const TILE_TERMS = 6;

/** What a tangent kernel needs of a network. */
interface Layers {
  readonly dtype: DType;
  readonly depth: number;
  readonly widths: readonly number[];
  readonly scales: readonly number[];
}

/**
 * Writes the tangent kernel of two sets of inputs, from values and derivatives of each layer, to `out`: in
 * tiles that stay in the cache, and of one set of inputs those of the lower triangle and their mirror.
 */
export function writeTangentKernel(
  network: Layers,
  left: EachOutput<RealArray>,
  right: EachOutput<RealArray>,
  out: Matrix<RealArray>,
): void {
  const { rows } = left;
  const { rows: columns } = right;
  const { dtype, depth, widths, scales } = network;
  const tile = newKernelTile(dtype);
  // Products of tiles are fastest with a left factor whose columns are the tile's rows.
  const room = (width: number) => allocate(dtype, width * KERNEL_TILE);
  const values = widths.slice(0, depth).map(room);
  const deltas = widths.slice(1).map(room);
  const strips = Array.from({ length: Math.ceil(columns / KERNEL_TILE) }, (_, t) => {
    const start = t * KERNEL_TILE;
    const end = Math.min(columns, start + KERNEL_TILE);
    const part = (a: RealArray, width: number) => a.subarray(start * width, end * width);
    return {
      start,
      width: end - start,
      values: widths.slice(0, depth).map((width, l) => part(right.values[l], width)),
      deltas: widths.slice(1).map((width, l) => part(right.deltas[l], width)),
    };
  });
  for (let top = 0; top < rows; top += KERNEL_TILE) {
    const height = Math.min(KERNEL_TILE, rows - top);
    for (let l = 0; l < depth; l++) {
      transposeRows(left.values[l], top, height, widths[l], values[l]);
      transposeRows(left.deltas[l], top, height, widths[l + 1], deltas[l]);
    }
    for (const strip of strips) {
      const { start, width } = strip;
      if (left === right && start > top) break;
      const place = { top, height, start, width };
      tile.sums.fill(0);
      for (let first = 0; first < depth; first += TILE_TERMS) {
        const terms = Math.min(TILE_TERMS, depth - first);
        for (let t = 0; t < terms; t++) {
          const l = first + t;
          const square = scales[l] * scales[l];
          tile.shifts[t] = square;
          innerProducts(place, square, widths[l], values[l], strip.values[l], tile.forth[t]);
          innerProducts(place, 1, widths[l + 1], deltas[l], strip.deltas[l], tile.back[t]);
        }
        tile.add(terms, height * width);
      }
      placeTile(out, place, tile.sums, left === right && start < top);
    }
  }
}

/** What a tile of the tangent kernel is computed in, row-major. */
interface KernelTile {
  readonly sums: RealArray;
  /** Of some layers: the inner products of their inputs, and of the derivatives by their pre-activations. */
  readonly forth: RealArray[];
  readonly back: RealArray[];
  /** What is to be added to the former. */
  readonly shifts: RealArray;
  /** `sums += (forth + shift) back` of the first `terms` layers, for `count` entries. */
  add(terms: number, count: number): void;
}

/** Where a tile is. */
interface TilePlace {
  top: number;
  height: number;
  start: number;
  width: number;
}

/**
 * Storage for tiles. Of doubles it is in the memory of the compiled kernels, unless portable products need that
 * memory meanwhile.
 */
function newKernelTile(dtype: DType): KernelTile {
  const room = KERNEL_TILE * KERNEL_TILE;
  const terms = Array.from({ length: TILE_TERMS }, (_, t) => t);
  const kernels = dtype === "float64" && engine().name === "native" ? compiledKernels() : null;
  const at = kernels?.scratch(8 * (room + 2 * TILE_TERMS * room + TILE_TERMS)) ?? 0;
  if (kernels === null || at === 0) {
    const sums = allocate(dtype, room);
    const forth = terms.map(() => allocate(dtype, room));
    const back = terms.map(() => allocate(dtype, room));
    const shifts = allocate(dtype, TILE_TERMS);
    const add = (count: number, entries: number) => {
      for (let t = 0; t < count; t++) addShiftedProducts(sums, forth[t], shifts[t], back[t], entries);
    };
    return { sums, forth, back, shifts, add };
  }
  const { run, float64 } = kernels;
  const distance = 8 * room;
  const x = at + distance;
  const y = x + TILE_TERMS * distance;
  const z = y + TILE_TERMS * distance;
  const array = (from: number, length: number) => float64.subarray(from / 8, from / 8 + length);
  return {
    sums: array(at, room),
    forth: terms.map((t) => array(x + t * distance, room)),
    back: terms.map((t) => array(y + t * distance, room)),
    shifts: array(z, TILE_TERMS),
    add: (count, entries) => run.addShiftedProducts(at, x, z, y, count, distance, entries),
  };
}

/** `sums += (x + shift) y`, entry by entry. */
function addShiftedProducts(
  sums: RealArray,
  x: RealArray,
  shift: number,
  y: RealArray,
  count: number,
): void {
  for (let k = 0; k < count; k++) sums[k] += (x[k] + shift) * y[k];
}

/** `out = alpha` times the products of the columns of `a`, inner x height, and the rows of `b`, width x inner. */
function innerProducts(
  { height, width }: TilePlace,
  alpha: number,
  inner: number,
  a: RealArray,
  b: RealArray,
  out: RealArray,
): void {
  engine().gemm(true, true, height, width, inner, alpha, a, height, b, inner, 0, out, width);
}

/** The transpose of `rows` rows of `a` from `top` on. */
function transposeRows(
  a: RealArray,
  top: number,
  rows: number,
  columns: number,
  out: RealArray,
): void {
  let k = 0;
  for (let j = 0; j < columns; j++) {
    let from = top * columns + j;
    for (let i = 0; i < rows; i++, from += columns) out[k++] = a[from];
  }
}

/** Writes a tile to its place in the kernel and, if `mirrored`, its transpose to the place across the diagonal. */
function placeTile(
  { data, columns }: Matrix<RealArray>,
  { top, height, start, width }: TilePlace,
  tile: RealArray,
  mirrored: boolean,
): void {
  let k = 0;
  for (let i = 0; i < height; i++) {
    const at = (top + i) * columns + start;
    for (let j = 0; j < width; j++) data[at + j] = tile[k++];
  }
  if (!mirrored) return;
  for (let j = 0; j < width; j++) {
    const at = (start + j) * columns + top;
    k = j;
    for (let i = 0; i < height; i++, k += width) data[at + i] = tile[k];
  }
}

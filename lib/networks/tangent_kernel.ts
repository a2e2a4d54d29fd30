/** Tangent kernels of dense networks. Not public. */
import { allocate, type DType, type Matrix, type RealArray } from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import { compiledKernels } from "../wasm/module.ts";
import { transpose } from "./entries.ts";
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
  const { dtype, depth, widths, scales } = network;
  const tile = newKernelTile(dtype);
  const columns = stripsOf(network, right);
  const isOne = left === right;
  for (const row of isOne ? columns : stripsOf(network, left)) {
    for (const column of columns) {
      if (isOne && column.start > row.start) break;
      tile.sums.fill(0);
      for (let first = 0; first < depth; first += TILE_TERMS) {
        const terms = Math.min(TILE_TERMS, depth - first);
        for (let t = 0; t < terms; t++) {
          const l = first + t;
          const square = scales[l] * scales[l];
          tile.shifts[t] = square;
          innerProducts(
            row.size,
            column.size,
            square,
            widths[l],
            row.values[l],
            column.values[l],
            tile.forth[t],
          );
          innerProducts(
            row.size,
            column.size,
            1,
            widths[l + 1],
            row.deltas[l],
            column.deltas[l],
            tile.back[t],
          );
        }
        tile.add(terms, row.size * column.size);
      }
      placeTile(out, row, column, tile.sums);
      if (isOne && column.start < row.start) placeTransposed(out, row, column, tile.sums);
    }
  }
}

/** Some inputs that follow each other, as the rows or the columns of tiles. */
interface Strip {
  /** The first, and how many. */
  start: number;
  size: number;
  /** Of each layer, widths[l] x size: products of tiles are fastest with these. */
  values: RealArray[];
  /** widths[l + 1] x size. */
  deltas: RealArray[];
}

function stripsOf(
  { dtype, depth, widths }: Layers,
  { rows, values, deltas }: EachOutput<RealArray>,
): Strip[] {
  return Array.from({ length: Math.ceil(rows / KERNEL_TILE) }, (_, t) => {
    const start = t * KERNEL_TILE;
    const size = Math.min(KERNEL_TILE, rows - start);
    const part = (a: RealArray, width: number) => {
      const strip = allocate(dtype, width * size);
      transpose(a.subarray(start * width), size, width, strip);
      return strip;
    };
    return {
      start,
      size,
      values: widths.slice(0, depth).map((width, l) => part(values[l], width)),
      deltas: widths.slice(1).map((width, l) => part(deltas[l], width)),
    };
  });
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

/** `out = alpha` times the products of the columns of `a`, inner x height, and those of `b`, inner x width. */
function innerProducts(
  height: number,
  width: number,
  alpha: number,
  inner: number,
  a: RealArray,
  b: RealArray,
  out: RealArray,
): void {
  engine().gemm(true, false, height, width, inner, alpha, a, height, b, width, 0, out, width);
}

/** Writes a tile to its place in the kernel. */
function placeTile({ data, columns }: Matrix<RealArray>, row: Strip, column: Strip, tile: RealArray): void {
  let k = 0;
  for (let i = 0; i < row.size; i++) {
    const at = (row.start + i) * columns + column.start;
    let j = 0;
    for (; j + 4 <= column.size; j += 4, k += 4) {
      data[at + j] = tile[k];
      data[at + j + 1] = tile[k + 1];
      data[at + j + 2] = tile[k + 2];
      data[at + j + 3] = tile[k + 3];
    }
    for (; j < column.size; j++) data[at + j] = tile[k++];
  }
}

/** Writes the transpose of a tile to the place across the diagonal, along the rows there, four numbers at a time. */
function placeTransposed(
  { data, columns }: Matrix<RealArray>,
  row: Strip,
  column: Strip,
  tile: RealArray,
): void {
  const width = column.size;
  for (let j = 0; j < width; j++) {
    const at = (column.start + j) * columns + row.start;
    let i = 0;
    for (let k = j; i + 4 <= row.size; i += 4, k += 4 * width) {
      data[at + i] = tile[k];
      data[at + i + 1] = tile[k + width];
      data[at + i + 2] = tile[k + 2 * width];
      data[at + i + 3] = tile[k + 3 * width];
    }
    for (; i < row.size; i++) data[at + i] = tile[i * width + j];
  }
}

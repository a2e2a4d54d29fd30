/** Complex Fourier transforms of one length; tables and scratch memory are kept. */
import { copied, type Transformed } from "./check.ts";
import { placeOf, swapMiddles } from "./loops.ts";
import { writeRoot } from "./roots.ts";
import { passesOf, prepare, transformBlocks } from "./stockham.ts";
import { bytesForLength, type TableKind, type Workspace, workspaceFor } from "./workspace.ts";

/** A transform of n complex numbers, forward (with exp(-2 pi i jk / n)), not normalized; `out` may be `x`. */
export type Plan = (x: Float64Array, out: Float64Array) => void;

/** The transform of n >= 1 complex numbers. */
export function plan(n: number): Plan {
  return (x, out) => transformComplex(x, out, n);
}

/** The transform of n complex numbers, from `x` to `out`. */
export function transformComplex(x: Float64Array, out: Float64Array, n: number, workspace?: Workspace): void {
  if (passesOf(n) === null) return bluestein(x, out, n, workspace);
  const place = workspace ?? workspaceFor(bytesForLength(n));
  const to = blocksOf(place, x, n);
  if (n >= SHORT) {
    place.run.swapMiddles(to, Math.ceil(n / 2));
    out.set(place.float64.subarray(to / 8, to / 8 + 2 * n));
  } else {
    storeBlocks(place.float64, to / 8, n, out);
  }
}

/** The transform of n complex numbers, as an array of its own. */
export function transformed(x: Float64Array, n: number): Transformed {
  if (n < SHORT || passesOf(n) === null) {
    const values = new Float64Array(2 * n);
    transformComplex(x, values, n);
    return { values, seenFinite: false };
  }
  const place = workspaceFor(bytesForLength(n));
  const to = blocksOf(place, x, n);
  const seenFinite = place.run.swapMiddles(to, Math.ceil(n / 2)) !== 0;
  return { values: copied(place.float64.subarray(to / 8, to / 8 + 2 * n)), seenFinite };
}

/** Transforms n complex numbers, without prime factors above 5 in n: the address of the result's blocks. */
function blocksOf(place: Workspace, x: Float64Array, n: number): number {
  const roots = prepare(place, n);
  const bytes = bytesOf(n);
  const from = place.scratch(2 * bytes);
  place.float64.set(x.length === 2 * n ? x : x.subarray(0, 2 * n), from / 8);
  return transformBlocks(place, n, 1, from, from + bytes, roots);
}

/** What n complex numbers take in blocks, up to a line of the cache. */
function bytesOf(n: number): number {
  return Math.ceil(n / 4) * 64;
}

/** Below this many numbers a loop is faster than a copy. */
const SHORT = 64;

/** Blocks in memory as n interleaved numbers. */
function storeBlocks(memory: Float64Array, from: number, n: number, out: Float64Array): void {
  for (let k = 0; k < n; k++) {
    out[2 * k] = memory[from + placeOf(k)];
    out[2 * k + 1] = memory[from + placeOf(k) + 2];
  }
}

/**
 * The transform of n complex numbers, which `write` puts in memory, interleaved, at an index: the address of its
 * blocks, and that of room for one number more.
 */
export function transformInPlace(
  place: Workspace,
  n: number,
  write: (memory: Float64Array, at: number) => void,
): { f: number; other: number } {
  const bytes = bytesOf(n + 1);
  if (passesOf(n) === null) {
    // Bluestein's algorithm needs the scratch memory for itself.
    const z = new Float64Array(2 * n);
    const out = new Float64Array(2 * n);
    write(z, 0);
    bluestein(z, out, n, place);
    const f = place.scratch(2 * bytes);
    place.float64.set(out, f / 8);
    swapMiddles(place.float64, f / 8, n);
    return { f, other: f + bytes };
  }
  const roots = prepare(place, n);
  const from = place.scratch(2 * bytes);
  write(place.float64, from / 8);
  const f = transformBlocks(place, n, 1, from, from + bytes, roots);
  return { f, other: f === from ? from + bytes : from };
}

/** The length of Bluestein's transforms: the least 8 * 2^k (1, 3, 5, 9 or 15) that is at least 2n - 1. */
function bluesteinLength(n: number): number {
  let least = Infinity;
  for (const odd of [1, 3, 5, 9, 15]) {
    let m = 8 * odd;
    while (m < 2 * n - 1) m *= 2;
    least = Math.min(least, m);
  }
  return least;
}

/** exp(-pi i j^2 / n) for j < n, interleaved; j^2 is reduced modulo the period 2n in integers. */
const chirps: TableKind = {
  bytes: (n) => 16 * n,
  fill(workspace, n, address) {
    let square = 0;
    for (let j = 0; j < n; j++) {
      writeRoot(workspace.float64, address / 8 + 2 * j, 1, square, 2 * n);
      workspace.float64[address / 8 + 2 * j + 1] *= -1;
      square = (square + 2 * j + 1) % (2 * n);
    }
  },
};

/** The transform of what the chirp is convolved with, over its length m. */
const filters: TableKind = {
  bytes: (n) => bytesOf(bluesteinLength(n)),
  fill(workspace, n, address) {
    const m = bluesteinLength(n);
    const chirp = workspace.table(chirps, n) / 8;
    const roots = prepare(workspace, m);
    const from = workspace.scratch(2 * bytesOf(m));
    const memory = workspace.float64;
    memory.fill(0, from / 8, from / 8 + 2 * m);
    for (let j = 0; j < n; j++) {
      for (const e of j === 0 ? [0] : [j, m - j]) {
        memory[from / 8 + 2 * e] = memory[chirp + 2 * j] / m;
        memory[from / 8 + 2 * e + 1] = -memory[chirp + 2 * j + 1] / m;
      }
    }
    const to = transformBlocks(workspace, m, 1, from, from + bytesOf(m), roots);
    memory.copyWithin(address / 8, to / 8, to / 8 + 2 * m);
  },
};

/**
 * Bluestein's algorithm (1970) for a length with large prime factors: with jk = (j^2 + k^2 - (k - j)^2) / 2 the
 * transform is a convolution with a chirp, and that is computed at a length without them.
 */
function bluestein(x: Float64Array, out: Float64Array, n: number, given?: Workspace): void {
  const m = bluesteinLength(n);
  const workspace = given ?? workspaceFor(bytesForLength(n));
  const filter = workspace.table(filters, n);
  const chirp = workspace.table(chirps, n) / 8;
  const roots = prepare(workspace, m);
  const from = workspace.scratch(2 * bytesOf(m));
  const other = from + bytesOf(m);
  const memory = workspace.float64;
  const start = from / 8;
  for (let j = 0; j < n; j++) {
    const at = start + 2 * j;
    const re = x[2 * j];
    const im = x[2 * j + 1];
    const c = memory[chirp + 2 * j];
    const s = memory[chirp + 2 * j + 1];
    memory[at] = re * c - im * s;
    memory[at + 1] = re * s + im * c;
  }
  memory.fill(0, start + 2 * n, start + 2 * m);
  const spectrum = transformBlocks(workspace, m, 1, from, other, roots);
  // The inverse transform of the product is the conjugate of the forward one of its conjugate.
  workspace.run.conjugateProduct(spectrum, filter, m / 2);
  const result = transformBlocks(workspace, m, 1, spectrum, spectrum === from ? other : from, roots) / 8;
  for (let k = 0; k < n; k++) {
    const at = result + placeOf(k);
    const re = memory[at];
    const im = -memory[at + 2];
    const c = memory[chirp + 2 * k];
    const s = memory[chirp + 2 * k + 1];
    out[2 * k] = re * c - im * s;
    out[2 * k + 1] = re * s + im * c;
  }
}

/** The smallest power of two that is at least n. */
export function nextPowerOfTwo(n: number): number {
  return n <= 1 ? 1 : 2 ** (32 - Math.clz32(n - 1));
}

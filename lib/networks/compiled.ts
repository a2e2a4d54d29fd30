/** Compiled loops of passes, and the memory in which they find their arrays. Not public. */
import { allocate, type ArrayOf, type DType, type RealArray } from "../arrays/mod.ts";
import { compiledOnce, type HeapBase, upToLine } from "../wasm/compiled.ts";
import { networkKernels } from "../wasm/networks_wasm.ts";
import { SINES } from "./sine_table.ts";

/** The functions of lib/wasm/networks; addresses are bytes, counts are entries, which may be any number. */
export interface NetworkKernels extends HeapBase {
  /** Sines and cosines: see sines.as; returns how many are done. */
  sines64(x: number, sin: number, cos: number, count: number, table: number): number;
  sines32(x: number, sin: number, cos: number, count: number, table: number): number;
  /** silu with derivatives: see silu.as; returns how many are done. */
  silu32(z: number, slope: number, curvature: number, count: number, table: number): number;
  /** max(z, 0) with derivatives. */
  relu64(z: number, slope: number, curvature: number, count: number): void;
  relu32(z: number, slope: number, curvature: number, count: number): void;
  /** Zeros in the place of what is not positive. */
  keepPositive32(z: number, count: number): void;
  /** Zeros where `values` are zero. */
  keepWhere32(x: number, values: number, count: number): void;
  /** out = x y. */
  multiply64(out: number, x: number, y: number, count: number): void;
  multiply32(out: number, x: number, y: number, count: number): void;
  /** out += x. */
  add64(out: number, x: number, count: number): void;
  add32(out: number, x: number, count: number): void;
  /** Adds alpha times the rows of `a` to `sums`, one after the other. */
  addRows64(sums: number, a: number, alpha: number, rows: number, width: number): void;
  addRows32(sums: number, a: number, alpha: number, rows: number, width: number): void;
  /** Adds biases to rows and rectifies, with a slope for what is not positive. */
  rectify64(values: number, biases: number, rows: number, width: number, slope: number): void;
  rectify32(values: number, biases: number, rows: number, width: number, slope: number): void;
  /** Multiplies by the slopes of rectifiers whose results have the signs of `signs`. */
  mask64(values: number, signs: number, count: number, slope: number): void;
  mask32(values: number, signs: number, count: number, slope: number): void;
  /** below = slope below + curvature moved tangent; tangent = slope tangent. */
  bend64(
    below: number,
    tangent: number,
    slope: number,
    curvature: number,
    moved: number,
    count: number,
  ): void;
  bend32(
    below: number,
    tangent: number,
    slope: number,
    curvature: number,
    moved: number,
    count: number,
  ): void;
}

/** Addresses of the tables. */
export const tables = { sines: 0, exponentials: 0 };

const POWERS = 1024;

const kernels = compiledOnce<NetworkKernels>(networkKernels, (module) => {
  tables.sines = module.reserve(8 * SINES.length);
  tables.exponentials = module.reserve(8 * POWERS);
  module.float64.set(SINES, tables.sines / 8);
  const powers = module.float64.subarray(tables.exponentials / 8, tables.exponentials / 8 + POWERS);
  for (let j = 0; j < POWERS; j++) powers[j] = 2 ** (j / POWERS);
  // Without j at the bits below the exponent, where n is added.
  const words = new Int32Array(powers.buffer, powers.byteOffset, 2 * POWERS);
  for (let j = 0; j < POWERS; j++) words[2 * j + 1] -= j << 10;
});

/** The compiled loops if an array is in their memory, else null. */
export function kernelsOf(x: RealArray): NetworkKernels | null {
  const module = kernels();
  return module !== null && x.buffer === module.float64.buffer ? module.run : null;
}

/** Entries that are left to a loop at a time. */
const STRIDE = 64;

/**
 * Goes through `count` entries by `compiled`, which returns how many it has done from an entry on, and where it stops
 * by `loop`.
 */
export function compiledThenLoop(
  count: number,
  compiled: (from: number) => number,
  loop: (from: number, to: number) => void,
): void {
  for (let from = 0; from < count;) {
    from += compiled(from);
    const to = Math.min(count, from + STRIDE);
    if (from < to) loop(from, to);
    from = to;
  }
}

/** A function that returns arrays, which may hold anything. */
export type Room<Data> = (entries: number) => Data;

/** Bytes beyond which arrays are not worth a place in a memory that never shrinks. */
const LARGEST = 2 ** 26;
/** Bytes that are left for passes within a pass, such as those of a function that is called after a training step. */
const WITHIN = 2 ** 22;

/** Where the arrays of the passes that run end, from the start of what the compiled loops' memory has for them. */
let held = 0;

/**
 * Arrays of passes, in the memory of the compiled loops. Passes that do not run at the same time, of whatever network,
 * have the same memory, so arrays hold anything at the start of a pass. While a pass runs the memory does not grow,
 * since that takes away all arrays: what does not fit then, very large arrays, and all without compiled loops, are ordinary ones.
 */
export class PassStorage<Precision extends DType, Arrays> {
  readonly #dtype: Precision;
  readonly #build: (room: Room<ArrayOf<Precision>>) => Arrays;
  readonly #bytes: number;
  #spare: { arrays: Arrays; buffer: ArrayBufferLike | undefined; start: number } | undefined;

  /** @param build Returns the arrays, made by `room`; called with the same sizes again where they must move. */
  constructor(dtype: Precision, build: (room: Room<ArrayOf<Precision>>) => Arrays) {
    this.#dtype = dtype;
    this.#build = build;
    let bytes = 0;
    const empty = allocate(dtype, 0);
    build((entries) => {
      bytes += this.#bytesOf(entries);
      return empty;
    });
    this.#bytes = bytes;
  }

  /** Calls `pass` with the arrays, which are its own until it returns. */
  use<Result>(pass: (arrays: Arrays) => Result): Result {
    const before = held;
    const module = this.#bytes > LARGEST ? null : kernels();
    const top = module?.scratch(before === 0 ? this.#bytes + WITHIN : 0) ?? 0;
    const end = top + before + this.#bytes;
    const isThere = module !== null && top > 0 && end <= module.float64.byteLength;
    const start = isThere ? top + before : 0;
    const buffer = isThere ? module.float64.buffer : undefined;
    // Taken out while it is in use: a pass may start another one of the same network.
    let spare = this.#spare;
    this.#spare = undefined;
    if (spare === undefined || spare.start !== start || spare.buffer !== buffer) {
      spare = { arrays: this.#build(this.#room(buffer, start)), buffer, start };
    }
    if (isThere) held += this.#bytes;
    try {
      return pass(spare.arrays);
    } finally {
      held = before;
      this.#spare = spare;
    }
  }

  #bytesOf(entries: number): number {
    return upToLine(entries * (this.#dtype === "float64" ? 8 : 4));
  }

  #room(buffer: ArrayBufferLike | undefined, start: number): Room<ArrayOf<Precision>> {
    if (buffer === undefined) return (entries) => allocate(this.#dtype, entries);
    return (entries) => {
      const at = start;
      start += this.#bytesOf(entries);
      const array = this.#dtype === "float64"
        ? new Float64Array(buffer, at, entries)
        : new Float32Array(buffer, at, entries);
      return array as ArrayOf<Precision>;
    };
  }
}

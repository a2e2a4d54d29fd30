/**
 * Where transforms are computed: the memory and the compiled loops of lib/wasm, or an array and the loops of
 * loops.ts, which give the same bits. Tables are kept in that memory for the lengths in use.
 */
import { compiledKernels, type Kernels } from "../wasm/module.ts";
import * as loops from "./loops.ts";

/** The loops that both kinds have; addresses are bytes. */
export type TransformLoops = Pick<
  Kernels,
  | "pass2"
  | "pass3"
  | "pass4"
  | "pass5"
  | "firstPass4"
  | "swapMiddles"
  | "conjugateProduct"
  | "realSpectrum"
  | "cosines"
>;

/** The loops that only the compiled kind has: two rows side by side. */
export type RowLoops = Pick<
  Kernels,
  | "firstPassOfRows64"
  | "firstPassOfRows32"
  | "cosineRows64"
  | "cosineRows32"
  | "packSpectrum64"
  | "packSpectrum32"
  | "restoreRows64"
  | "restoreRows32"
>;

/** Memory as lib/wasm/module.ts gives it out. */
interface Memory {
  readonly float64: Float64Array;
  scratch(bytes: number): number;
  reserve(bytes: number): number;
}

/** Tables of one kind are kept for so many lengths, and up to so many bytes. */
const KEPT = 16;
const KEPT_BYTES = 2 ** 26;

/** One kind of table. */
export interface TableKind {
  /** Writes the table for `key` to an address. */
  fill(workspace: Workspace, key: number, address: number): void;
  /** How many bytes it takes. */
  bytes(key: number): number;
}

/** A table in memory. */
interface Table {
  address: number;
  bytes: number;
}

/** The tables of one kind, and which one was asked for last. */
interface Kept {
  tables: Map<number, Table>;
  lastKey: number;
  lastAddress: number;
}

/** Memory, loops and tables. */
export class Workspace {
  /** The loops. */
  readonly run: TransformLoops;
  /** Those for rows, where they are compiled. */
  readonly rows: RowLoops | undefined;
  readonly #memory: Memory;
  readonly #tables = new Map<TableKind, Kept>();
  /** Blocks of tables that were dropped, by their size. */
  readonly #free = new Map<number, number[]>();

  constructor(memory: Memory, run: TransformLoops, rows?: RowLoops) {
    this.#memory = memory;
    this.run = run;
    this.rows = rows;
  }

  /** The memory as numbers: address / 8 is the index. Another array after {@linkcode scratch} or a new table. */
  get float64(): Float64Array {
    return this.#memory.float64;
  }

  /** The address of `bytes` bytes until the next call of this, or the next new table. */
  scratch(bytes: number): number {
    const address = this.#memory.scratch(bytes);
    if (address === 0) throw new RangeError(`Not enough memory for a transform: ${bytes} bytes are needed`);
    return address;
  }

  /** Whether there is room for so many bytes. */
  hasRoom(bytes: number): boolean {
    return this.#memory.scratch(bytes) !== 0;
  }

  /** The address of a table: valid until so many others of its kind were asked for. */
  table(kind: TableKind, key: number): number {
    let kept = this.#tables.get(kind);
    if (kept === undefined) {
      this.#tables.set(kind, kept = { tables: new Map(), lastKey: NaN, lastAddress: 0 });
    }
    if (key === kept.lastKey) return kept.lastAddress;
    const { tables } = kept;
    let found = tables.get(key);
    if (found === undefined) {
      const bytes = 2 ** Math.ceil(Math.log2(Math.max(64, kind.bytes(key))));
      this.#drop(tables, bytes);
      const address = this.#free.get(bytes)?.pop() ?? this.#memory.reserve(bytes);
      if (address === 0) throw new RangeError(`Not enough memory for a table of ${bytes} bytes`);
      found = { address, bytes };
      kind.fill(this, key, address);
    } else {
      tables.delete(key);
    }
    // Set anew, so that the Map's order is that of the last use and the first key is the one to drop.
    tables.set(key, found);
    kept.lastKey = key;
    kept.lastAddress = found.address;
    return found.address;
  }

  /** Makes room for one more table of so many bytes. */
  #drop(tables: Map<number, Table>, bytes: number): void {
    let total = bytes;
    for (const table of tables.values()) total += table.bytes;
    for (const [key, table] of tables) {
      if (tables.size < KEPT && total <= KEPT_BYTES) break;
      tables.delete(key);
      total -= table.bytes;
      const blocks = this.#free.get(table.bytes);
      if (blocks === undefined) this.#free.set(table.bytes, [table.address]);
      else blocks.push(table.address);
    }
  }
}

/** An array that grows. Its first 64 bytes are not used, as address 0 is that of nothing. */
class PlainMemory implements Memory {
  float64 = new Float64Array(1024);
  #top = 64;

  scratch(bytes: number): number {
    const end = (this.#top + bytes) / 8;
    if (end > this.float64.length) {
      const larger = new Float64Array(Math.ceil(1.5 * end));
      larger.set(this.float64);
      this.float64 = larger;
    }
    return this.#top;
  }

  reserve(bytes: number): number {
    const start = this.scratch(bytes);
    this.#top += Math.ceil(bytes / 64) * 64;
    return start;
  }
}

/** What a loop returns that does not look whether its results are finite. */
const unseen = (_: void) => 0;

/** A workspace without compiled loops. */
export function plainWorkspace(): Workspace {
  const memory = new PlainMemory();
  const pass = (loop: loops.Pass) => (x: number, y: number, m: number, s: number, roots: number) =>
    loop(memory.float64, x / 8, y / 8, m, s, roots / 8);
  const pass4 = pass(loops.pass4);
  return new Workspace(memory, {
    pass2: pass(loops.pass2),
    pass3: pass(loops.pass3),
    pass4,
    pass5: pass(loops.pass5),
    firstPass4(x, y, m, roots) {
      loops.swapMiddles(memory.float64, x / 8, 4 * m);
      pass4(x, y, m, 1, roots);
    },
    swapMiddles: (x, blocks) => unseen(loops.swapMiddles(memory.float64, x / 8, 2 * blocks)),
    conjugateProduct: (x, y, n) => loops.conjugateProduct(memory.float64, x / 8, y / 8, n),
    realSpectrum: (from, out, h, roots) =>
      unseen(loops.realSpectrum(memory.float64, from / 8, out / 8, h, roots / 8)),
    cosines: (from, out, h, table) => unseen(loops.cosines(memory.float64, from / 8, out / 8, h, table / 8)),
  });
}

let compiled: Workspace | null | undefined;
let plain: Workspace | undefined;

/** The workspace that has room for `bytes` bytes, tables included: the compiled one where there is one. */
export function workspaceFor(bytes: number): Workspace {
  if (compiled === undefined) {
    const kernels = compiledKernels();
    compiled = kernels && new Workspace(kernels, kernels.run, kernels.run);
  }
  if (compiled?.hasRoom(bytes)) return compiled;
  return plain ??= plainWorkspace();
}

/** What transforms of n numbers take at most, tables included, with Bluestein's algorithm. */
export function bytesForLength(n: number): number {
  return 800 * n + 8192;
}

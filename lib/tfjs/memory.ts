import { requireFunction, requireInteger, requireOneOf, requireOptions } from "../arrays/mod.ts";
import { binary, comparisons, reductions, scans, unary } from "./wasm/operations.ts";
import { plainKernels, relaxedKernels } from "./wasm/kernels_wasm.ts";

/** The functions of the compiled module; pointers and sizes are plain numbers. */
export type Kernels = Record<string, (...args: number[]) => void>;

/** The two builds of the compiled kernels: with fused multiply-add (relaxed SIMD), and without. */
export type KernelBuild = "relaxed" | "plain";

const PAGE = 65536;

/** All that 32-bit pointers reach. */
const LARGEST = 2 ** 32;

/** Room behind every block: kernels work on whole vectors and may reach past the end. */
const ROOM = 16;

/** Memory grows by at least this much, so that it seldom does. */
const GROWTH = 64 << 20;

/** Options for {@linkcode Heap}. */
export interface HeapOptions {
  /** Which build of the kernels to use. Default: `"relaxed"` where the engine has relaxed SIMD. */
  kernels?: KernelBuild;
  /** The size that the memory does not outgrow, in bytes. Default 4 GB, the most that there can be. */
  maximumBytes?: number;
}

/** Free memory that is no block of any size. */
interface Range {
  start: number;
  end: number;
}

/**
 * The one WebAssembly memory that holds all tensors of the backend, and the kernels compiled for it. Freed
 * blocks are kept by size and used again. Growing gives the memory another {@linkcode Heap.buffer} and detaches
 * all views of the one before.
 *
 * @example
 * ```ts
 * import { Heap } from "refigure/tfjs";
 * import { assertEquals } from "@std/assert";
 *
 * const heap = new Heap();
 * const x = heap.allocate(8);
 * const y = heap.allocate(8);
 * heap.floats(x, 2).set([1, 4]);
 * heap.kernels.sqrt_(x, y, 2, 0);
 * assertEquals([...heap.floats(y, 2)], [1, 2]);
 * ```
 */
export class Heap {
  readonly #memory: WebAssembly.Memory;
  readonly #maximumBytes: number;
  readonly #free = new Map<number, number[]>();
  /** What freed blocks of other sizes were joined to, once the memory could not grow. */
  #ranges: Range[] = [];
  /** Memory from here on was never used. The first page is that of the compiled module. */
  #top = PAGE;
  #bytesInUse = 0;
  /** The compiled kernels. */
  readonly kernels: Kernels;

  /**
   * A memory with the compiled kernels.
   *
   * @throws {TypeError} for an unknown option or an unknown build.
   * @throws {RangeError} if `maximumBytes` is not a whole number from 65536 to 2^32.
   */
  constructor(options: HeapOptions = {}) {
    requireOptions("options", options, ["kernels", "maximumBytes"]);
    const { kernels, maximumBytes = LARGEST } = options;
    if (kernels !== undefined) requireOneOf("kernels", kernels, ["relaxed", "plain"]);
    requireInteger("maximumBytes", maximumBytes, { min: PAGE, max: LARGEST });
    this.#maximumBytes = maximumBytes;
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum: Math.floor(maximumBytes / PAGE) });
    const { exports } = new WebAssembly.Instance(compiled(kernels), {
      env: { memory: this.#memory, abort: () => {} },
    });
    this.kernels = exports as unknown as Kernels;
    for (
      const name of [unary, binary, comparisons, reductions, scans].flatMap((table) => Object.keys(table))
    ) {
      if (typeof this.kernels[name] !== "function") throw new Error(`The compiled module has no ${name}`);
    }
  }

  /** The memory's present buffer: views of another one are not of this heap, or have lost their memory. */
  get buffer(): ArrayBuffer {
    return this.#memory.buffer;
  }

  /** Bytes in blocks that are in use. */
  get bytesInUse(): number {
    return this.#bytesInUse;
  }

  /**
   * A block for `bytes` bytes, at a multiple of 64. After an error the heap is as it was before.
   *
   * @throws {TypeError} if `bytes` is not a number.
   * @throws {RangeError} if `bytes` is not a whole number, or the block does not fit into what is left.
   */
  allocate(bytes: number): number {
    const size = blockSize(bytes);
    const pointer = this.#free.get(size)?.pop() ?? this.#cut(size) ?? this.#extend(size) ??
      this.#reclaim(size);
    if (pointer === undefined) {
      throw new RangeError(
        `A tensor of ${bytes} bytes does not fit: of the ${this.#maximumBytes} bytes that the native backend ` +
          `can hold, ${this.#bytesInUse} are in use`,
      );
    }
    this.#bytesInUse += size;
    return pointer;
  }

  /**
   * Gives a block back.
   *
   * @param pointer What {@linkcode allocate} returned.
   * @param bytes What it was called with.
   * @throws {TypeError} if one of them is not a number.
   * @throws {RangeError} if no block can begin at `pointer`, or `bytes` is not a whole number.
   */
  free(pointer: number, bytes: number): void {
    const size = blockSize(bytes);
    if (!(pointer >= PAGE && pointer % 64 === 0)) {
      requireInteger("pointer", pointer, { min: PAGE });
      throw new RangeError(`\`pointer\` must be a multiple of 64, got ${pointer}`);
    }
    if (pointer + size > this.#top) {
      throw new RangeError(
        `\`pointer\` must be that of a block, got ${pointer}, where none of ${bytes} bytes is`,
      );
    }
    this.#bytesInUse -= size;
    const blocks = this.#free.get(size);
    if (blocks === undefined) this.#free.set(size, [pointer]);
    else blocks.push(pointer);
  }

  /**
   * Calls `use` with a block that is free again afterwards, also after an error; returns what it returns.
   *
   * @throws {TypeError} if `use` is not a function, and as {@linkcode allocate}.
   */
  borrow<T>(bytes: number, use: (pointer: number) => T): T {
    requireFunction("use", use);
    const pointer = this.allocate(bytes);
    try {
      return use(pointer);
    } finally {
      this.free(pointer, bytes);
    }
  }

  /**
   * `length` floats at a pointer; valid until the memory grows.
   *
   * @throws {TypeError} if an argument is not a number.
   * @throws {RangeError} if `pointer` is not a multiple of 4, or the floats are not in the memory.
   */
  floats(pointer: number, length: number): Float32Array {
    if (pointer % 4 !== 0) {
      requireInteger("pointer", pointer);
      throw new RangeError(`\`pointer\` must be a multiple of 4, got ${pointer}`);
    }
    this.#requireInside(pointer, length, 4);
    return new Float32Array(this.#memory.buffer, pointer, length);
  }

  /**
   * `length` bytes at a pointer; valid until the memory grows.
   *
   * @throws {TypeError} if an argument is not a number.
   * @throws {RangeError} if the bytes are not in the memory.
   */
  bytes(pointer: number, length: number): Uint8Array {
    this.#requireInside(pointer, length, 1);
    return new Uint8Array(this.#memory.buffer, pointer, length);
  }

  #requireInside(pointer: number, length: number, bytesPerEntry: number): void {
    const isInside = Number.isInteger(pointer) && Number.isInteger(length) && pointer >= 0 && length >= 0 &&
      pointer + length * bytesPerEntry <= this.#memory.buffer.byteLength;
    if (isInside) return;
    const { byteLength } = this.#memory.buffer;
    requireInteger("pointer", pointer, { max: byteLength });
    requireInteger("length", length, { max: Math.floor((byteLength - pointer) / bytesPerEntry) });
  }

  /** A block from the joined ranges. */
  #cut(size: number): number | undefined {
    for (const range of this.#ranges) {
      if (range.end - range.start < size) continue;
      const { start } = range;
      range.start += size;
      return start;
    }
    return undefined;
  }

  /** A block from memory that was never used. */
  #extend(size: number): number | undefined {
    const start = this.#top;
    const end = start + size;
    if (end > this.#memory.buffer.byteLength && !this.#grow(end - this.#memory.buffer.byteLength)) {
      return undefined;
    }
    this.#top = end;
    return start;
  }

  /** Joins all that is free, whatever its size, and cuts a block from it. */
  #reclaim(size: number): number | undefined {
    const free = this.#ranges;
    for (const [length, pointers] of this.#free) {
      for (const start of pointers) free.push({ start, end: start + length });
    }
    this.#free.clear();
    this.#ranges = [];
    let last: Range | undefined;
    for (const range of free.sort((a, b) => a.start - b.start)) {
      if (range.start === range.end) continue;
      if (last?.end === range.start) last.end = range.end;
      else this.#ranges.push(last = range);
    }
    if (last?.end === this.#top) {
      this.#top = last.start;
      this.#ranges.pop();
    }
    return this.#cut(size) ?? this.#extend(size);
  }

  /** Whether the memory could grow by this many bytes. */
  #grow(missing: number): boolean {
    for (const bytes of [Math.max(missing, GROWTH), missing]) {
      try {
        this.#memory.grow(Math.ceil(bytes / PAGE));
      } catch {
        continue;
      }
      return true;
    }
    return false;
  }
}

/** The kernels as a module. */
function compiled(build?: KernelBuild): WebAssembly.Module {
  const bytesOf = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  if (build !== "plain") {
    const relaxed = bytesOf(relaxedKernels);
    if (build === "relaxed" || WebAssembly.validate(relaxed)) return new WebAssembly.Module(relaxed);
  }
  return new WebAssembly.Module(bytesOf(plainKernels));
}

/** Sizes come in four steps an octave, so that a freed block fits the next tensor of about its size. */
function blockSize(bytes: number): number {
  if (!(Number.isInteger(bytes) && bytes >= 0)) requireInteger("bytes", bytes);
  const wanted = Math.max(64, bytes + ROOM);
  if (wanted < 512) return (wanted + 63) & ~63;
  const step = Math.max(64, 2 ** (Math.floor(Math.log2(wanted)) - 2));
  return Math.ceil(wanted / step) * step;
}

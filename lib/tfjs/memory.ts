import { binary, comparisons, reductions, scans, unary } from "./wasm/operations.ts";
import { plainKernels, relaxedKernels } from "./wasm/kernels_wasm.ts";

/** The functions of the compiled module; pointers and sizes are plain numbers. */
export type Kernels = Record<string, (...args: number[]) => void>;

const PAGE = 65536;

/** Room behind every block: kernels work on whole vectors and may reach past the end. */
const ROOM = 16;

/** Memory grows by at least this much, so that it seldom does. */
const GROWTH = 64 << 20;

/**
 * The one WebAssembly memory that holds all tensors of the backend, and the kernels compiled for it. Freed
 * blocks are kept by size and used again. Views of the memory are made anew when it grows; `onGrow` is told.
 *
 * @example
 * ```ts
 * import { Heap } from "refigure/tfjs";
 * import { assertEquals } from "@std/assert";
 *
 * const heap = new Heap(() => {}), x = heap.allocate(8), y = heap.allocate(8);
 * heap.floats(x, 2).set([1, 4]);
 * heap.kernels.sqrt_(x, y, 2, 0);
 * assertEquals([...heap.floats(y, 2)], [1, 2]);
 * ```
 */
export class Heap {
  readonly #memory = new WebAssembly.Memory({ initial: 1, maximum: PAGE });
  readonly #free = new Map<number, number[]>();
  #top = PAGE;
  /** Bytes in blocks that are in use. */
  bytesInUse = 0;
  /** The compiled kernels. */
  readonly kernels: Kernels;

  /**
   * A memory with the compiled kernels.
   *
   * @param onGrow Told that all views are void.
   * @param variant Kernels with fused multiply-add, or `"plain"` ones. Default: what the engine can.
   */
  constructor(private readonly onGrow: () => void, variant?: "relaxed" | "plain") {
    const module = compiled(variant);
    const { exports } = new WebAssembly.Instance(module, {
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

  /** A block for `bytes` bytes, at a multiple of 64. @throws {RangeError} when 4 GB are full. */
  allocate(bytes: number): number {
    const size = blockSize(bytes);
    this.bytesInUse += size;
    const block = this.#free.get(size)?.pop();
    if (block !== undefined) return block;
    const start = this.#top;
    this.#top += size;
    const missing = this.#top - this.#memory.buffer.byteLength;
    if (missing > 0) this.#grow(missing, bytes);
    return start;
  }

  /** Gives a block back; `bytes` as it was asked for. */
  free(pointer: number, bytes: number): void {
    const size = blockSize(bytes);
    this.bytesInUse -= size;
    const blocks = this.#free.get(size);
    if (blocks === undefined) this.#free.set(size, [pointer]);
    else blocks.push(pointer);
  }

  /** `length` floats at a pointer; valid until the memory grows. */
  floats(pointer: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, pointer, length);
  }

  /** `length` bytes at a pointer; valid until the memory grows. */
  bytes(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, pointer, length);
  }

  #grow(missing: number, asked: number): void {
    try {
      this.#memory.grow(Math.ceil(Math.max(missing, GROWTH) / PAGE));
    } catch {
      throw new RangeError(
        `A tensor of ${asked} bytes does not fit: the native backend holds 4 GB, of which ${this.bytesInUse} bytes are in use`,
      );
    }
    this.onGrow();
  }
}

/** The kernels as a module. */
function compiled(variant?: "relaxed" | "plain"): WebAssembly.Module {
  const bytesOf = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  if (variant !== "plain") {
    const relaxed = bytesOf(relaxedKernels);
    if (variant === "relaxed" || WebAssembly.validate(relaxed)) return new WebAssembly.Module(relaxed);
  }
  return new WebAssembly.Module(bytesOf(plainKernels));
}

/** Sizes come in four steps an octave, so that a freed block fits the next tensor of about its size. */
function blockSize(bytes: number): number {
  const wanted = Math.max(64, bytes + ROOM);
  if (wanted < 512) return (wanted + 63) & ~63;
  const step = Math.max(64, 2 ** (Math.floor(Math.log2(wanted)) - 2));
  return Math.ceil(wanted / step) * step;
}

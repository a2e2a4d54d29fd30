/** WebAssembly modules of compiled loops, each with a memory of its own. */

/** What every module exports. */
export interface HeapBase {
  /** The first byte that is not the module's own. */
  heapBase(): number;
}

const PAGE = 65536;

/** A memory does not outgrow this; work that needs more is left to the loops. */
const LARGEST = 2 ** 30;

/** The functions of a module with the memory that they work in. */
export class Compiled<Functions extends HeapBase> {
  /** The functions. */
  readonly run: Functions;
  /** The whole memory as numbers: address / 8 is the index. Another array after the memory has grown. */
  float64: Float64Array;
  readonly #memory: WebAssembly.Memory;
  /** What is below was reserved, or is the module's own. */
  #top: number;

  constructor(module: WebAssembly.Module) {
    this.#memory = new WebAssembly.Memory({ initial: 1 });
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.run = exports as unknown as Functions;
    this.#top = upToLine(this.run.heapBase());
    this.float64 = new Float64Array(this.#memory.buffer);
  }

  /**
   * The address of `bytes` bytes for one piece of work: until the next call of this or of {@linkcode reserve}.
   * What they hold is left from earlier work. 0 if the memory cannot grow so far.
   */
  scratch(bytes: number): number {
    const end = this.#top + bytes;
    return end <= this.#memory.buffer.byteLength || this.#grow(end) ? this.#top : 0;
  }

  /** The address of `bytes` bytes that are the caller's for good, such as a table; 0 if there are none. */
  reserve(bytes: number): number {
    const start = this.scratch(bytes);
    if (start !== 0) this.#top = upToLine(start + bytes);
    return start;
  }

  #grow(end: number): boolean {
    if (end > LARGEST) return false;
    const { byteLength } = this.#memory.buffer;
    // By a half at least, so that sizes that rise slowly do not grow it every time.
    const wanted = Math.max(end, Math.min(LARGEST, 1.5 * byteLength));
    try {
      this.#memory.grow(Math.ceil((wanted - byteLength) / PAGE));
    } catch {
      return false;
    }
    this.float64 = new Float64Array(this.#memory.buffer);
    return true;
  }
}

/** Blocks start at lines of the cache. */
export function upToLine(address: number): number {
  return Math.ceil(address / 64) * 64;
}

let areAllowed = true;

/**
 * A function that returns a module, compiled at its first call; null where the engine cannot run it, or is not
 * allowed to.
 *
 * @param base64 The module.
 * @param start Called once with the module, to fill tables. Default: nothing.
 */
export function compiledOnce<Functions extends HeapBase>(
  base64: string,
  start?: (module: Compiled<Functions>) => void,
): () => Compiled<Functions> | null {
  let module: Compiled<Functions> | null | undefined;
  return () => {
    if (!areAllowed) return null;
    if (module !== undefined) return module;
    try {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      module = new Compiled<Functions>(new WebAssembly.Module(bytes));
      start?.(module);
    } catch {
      // No WebAssembly, none with SIMD, or a page whose security policy forbids to compile.
      module = null;
    }
    return module;
  };
}

/** Runs `body` as where there are no compiled loops, for tests and comparisons. */
export function withoutKernels<Result>(body: () => Result): Result {
  const before = areAllowed;
  areAllowed = false;
  try {
    return body();
  } finally {
    areAllowed = before;
  }
}

import { requireInteger } from "../arrays/mod.ts";
import type { Engine } from "./engine.ts";
import { type BlasLibrary, findBlasLibrary } from "./native/library.ts";
import { type Lapack, openLapack } from "./native/lapack.ts";
import { nativeEngine } from "./native/mod.ts";
import { threadControl, type Threads } from "./native/threads.ts";
import { portable } from "./portable/mod.ts";

/** What the choice of the engine came to. */
export interface BlasInfo {
  /** The engine in use. */
  engine: "native" | "portable";
  /** Why this one. */
  reason: string;
  /** The library's file; absent for the portable engine. */
  library?: string;
  /** What the library says about itself, such as its version and the processor it is built for. */
  version?: string;
  /** How many threads a large product uses. */
  threads: number;
  /** Whether factorizations run on the library's LAPACK; if not, they are portable. */
  lapack: boolean;
}

interface Choice {
  engine: Engine;
  reason: string;
  library?: BlasLibrary;
  threads?: Threads;
  lapack?: Lapack;
}

let chosen: Choice | undefined;
let override: Engine | undefined;

function choose(): Choice {
  const { library, reason } = findBlasLibrary();
  if (library === undefined) return fallBack(reason);
  try {
    const threads = threadControl(library);
    return {
      engine: nativeEngine(library, threads),
      reason: `found as ${library.source}`,
      library,
      threads,
      lapack: openLapack(library),
    };
  } catch (error) {
    return fallBack(`${library.path} cannot be used: ${error instanceof Error ? error.message : error}`);
  }
}

/** The portable engine, with one line for whoever could have had the native one. */
function fallBack(reason: string): Choice {
  const asked = reason === "REFIGURE_BLAS=portable";
  const couldHaveMore = "Deno" in globalThis;
  // One line per program, not one per worker.
  const inWorker = "WorkerGlobalScope" in globalThis;
  if (!asked && couldHaveMore && !inWorker) {
    console.warn(`refigure: linear algebra runs on the portable engine, which is slower: ${reason}.`);
  }
  return { engine: portable, reason };
}

/** The engine in use, chosen at the first call. */
export function engine(): Engine {
  return override ?? (chosen ??= choose()).engine;
}

/** LAPACK, if the native engine is in use and its library has it; factorizations are portable otherwise. */
export function lapack(): Lapack | undefined {
  return engine().name === "native" ? chosen!.lapack : undefined;
}

/**
 * Which linear algebra engine is in use, and why. The native engine is OpenBLAS or another cblas through
 * foreign functions; the portable engine is TypeScript. `REFIGURE_BLAS=portable` asks for the latter,
 * `REFIGURE_BLAS=<path>` for a library.
 *
 * @example
 * ```ts
 * import { blasInfo } from "refigure/blas";
 * import { assert } from "@std/assert";
 *
 * const { engine, reason, threads } = blasInfo();
 * assert(engine === "native" || engine === "portable");
 * assert(reason.length > 0 && threads >= 1);
 * ```
 */
export function blasInfo(): BlasInfo {
  const { name } = engine();
  if (name === "portable") {
    return {
      engine: name,
      reason: override ? "asked for by withEngine" : chosen!.reason,
      threads: 1,
      lapack: false,
    };
  }
  const { reason, library, threads } = chosen!;
  return {
    engine: name,
    reason,
    library: library!.path,
    version: threads?.config(),
    threads: threads?.get() ?? 1,
    lapack: chosen!.lapack !== undefined,
  };
}

/**
 * Sets how many threads OpenBLAS uses, for the whole process with all its workers; products of fewer than
 * four million multiplications run on one in any case. The portable engine has one thread and ignores the
 * call. The environment variable `OPENBLAS_NUM_THREADS` sets the start value.
 *
 * @throws {RangeError} if `n` is not an integer of at least 1.
 *
 * @example
 * ```ts
 * import { blasInfo, setBlasThreads } from "refigure/blas";
 * import { assertEquals } from "@std/assert";
 *
 * setBlasThreads(1);
 * assertEquals(blasInfo().threads, 1);
 * ```
 */
export function setBlasThreads(n: number): void {
  requireInteger("n", n, { min: 1 });
  if (engine().name === "native") chosen!.threads?.set(n);
}

/**
 * Runs `body` with a given engine, then goes back to the one before. For comparisons and tests; `body` must
 * be synchronous.
 *
 * @throws {Error} if the native engine is asked for and there is none.
 *
 * @example
 * ```ts
 * import { blasInfo, withEngine } from "refigure/blas";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(withEngine("portable", () => blasInfo().engine), "portable");
 * ```
 */
export function withEngine<Result>(name: "native" | "portable", body: () => Result): Result {
  const before = override;
  if (name === "native") {
    chosen ??= choose();
    if (chosen.engine.name !== "native") throw new Error(`There is no native engine here: ${chosen.reason}`);
    override = chosen.engine;
  } else {
    override = portable;
  }
  try {
    return body();
  } finally {
    override = before;
  }
}

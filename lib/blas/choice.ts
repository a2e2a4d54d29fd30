import { requireFunction, requireInteger, requireOneOf } from "../arrays/mod.ts";
import type { Engine } from "./engine.ts";
import {
  arithmetic,
  askForReproducibleKernels,
  REPRODUCIBLE_KERNELS,
  wantsReproducible,
} from "./native/kernels.ts";
import { openBlasLibrary, type OpenLibrary } from "./native/library.ts";
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
  /** The library's description of itself, such as its version and the processor it is built for. */
  version?: string;
  /** The processor whose kernels are in use, as OpenBLAS names it, such as "Haswell" or "SkylakeX". */
  kernels?: string;
  /**
   * Whether results are those of every x86-64 processor with AVX2 and FMA, bit for bit, with this version of
   * the library: the "Haswell" kernels on one thread.
   */
  reproducible: boolean;
  /**
   * What the last digits of results depend on: engine, version, kernels and architecture. Where two machines
   * have the same text here and one thread, they compute the same numbers.
   */
  arithmetic: string;
  /** How many threads a large product uses. */
  threads: number;
  /** Whether factorizations run on the library's LAPACK; if not, they are portable. */
  lapack: boolean;
}

interface Choice {
  engine: Engine;
  reason: string;
  library?: OpenLibrary;
  threads?: Threads;
  lapack?: Lapack;
}

let chosen: Choice | undefined;
let override: Engine | undefined;

function choose(): Choice {
  const { library, reason } = openBlasLibrary();
  if (library === undefined) return fallBack(reason);
  try {
    const threads = threadControl(library);
    const wanted = wantsReproducible(Deno);
    // The order of a sum depends on the number of threads.
    if (wanted) threads?.set(1);
    const kernels = threads?.kernels();
    const missed = wanted && kernels !== REPRODUCIBLE_KERNELS
      ? `; without the reproducible kernels: ${whyMissed(library, kernels)}`
      : "";
    return {
      engine: nativeEngine(library, threads),
      reason: `found as ${library.source}${missed}`,
      library,
      threads,
      lapack: openLapack(library),
    };
  } catch (error) {
    return fallBack(`${library.path} cannot be used: ${error instanceof Error ? error.message : error}`);
  }
}

function whyMissed({ missed }: OpenLibrary, kernels: string | undefined): string {
  if (kernels === undefined) return "the library is not OpenBLAS";
  return missed ?? "the library was loaded before they were asked for";
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
 * `REFIGURE_BLAS=<path>` for a library. `OPENBLAS_CORETYPE` names the kernels of OpenBLAS; without it a program
 * has the fastest ones, unless it asks for others ({@linkcode useReproducibleKernels}).
 *
 * @example
 * ```ts
 * import { blasInfo } from "refigure/blas";
 * import { assert } from "@std/assert";
 *
 * const { engine, kernels, reason, reproducible, threads } = blasInfo();
 * assert(engine === "native" || engine === "portable");
 * assert(reason.length > 0 && threads >= 1);
 * assert(!reproducible || (kernels === "Haswell" && threads === 1));
 * ```
 */
export function blasInfo(): BlasInfo {
  const { name } = engine();
  if (name === "portable") {
    return {
      engine: name,
      reason: override ? "asked for by withEngine" : chosen!.reason,
      reproducible: false,
      arithmetic: arithmetic(name),
      threads: 1,
      lapack: false,
    };
  }
  const { reason, library, threads: control } = chosen!;
  const version = control?.config();
  const kernels = control?.kernels();
  const threads = control?.get() ?? 1;
  return {
    engine: name,
    reason,
    library: library!.path,
    version,
    kernels,
    reproducible: kernels === REPRODUCIBLE_KERNELS && threads === 1,
    arithmetic: arithmetic(name, version),
    threads,
    lapack: chosen!.lapack !== undefined,
  };
}

/**
 * Asks for results that are the same on every x86-64 processor with AVX2 and FMA (on Linux): OpenBLAS computes
 * with its "Haswell" kernels, on one thread. Without it OpenBLAS takes the fastest kernels for the processor, and
 * training that starts equal drifts apart between brands of processors. Call it before the first product: the
 * library is loaded once per process, and with its kernels.
 *
 * Experiments and their workers call it. Jupyter kernels and files run by `deno test` (`*_test.ts`, `*.test.ts`
 * and examples in documentation) behave as if they did.
 *
 * `OPENBLAS_CORETYPE` in the environment comes first: it names other kernels, for one run. Where the set cannot be
 * had, nothing happens; {@linkcode blasInfo} reports it. More threads can be set afterwards.
 *
 * @example
 * ```ts
 * import { blasInfo, useReproducibleKernels } from "refigure/blas";
 * import { assert } from "@std/assert";
 *
 * useReproducibleKernels();
 * const { kernels, reproducible } = blasInfo();
 * assert(!reproducible || kernels === "Haswell");
 * ```
 */
export function useReproducibleKernels(): void {
  askForReproducibleKernels(false);
}

/**
 * The same for what is stored to be compared on other machines: whatever `OPENBLAS_CORETYPE`, `REFIGURE_BLAS` and
 * `OPENBLAS_NUM_THREADS` are. Loads the library.
 *
 * @throws {Error} if the set cannot be had, saying why.
 *
 * @example
 * ```ts
 * import { blasInfo, requireReproducibleKernels } from "refigure/blas";
 * import { assert, assertStringIncludes } from "@std/assert";
 *
 * try {
 *   requireReproducibleKernels();
 *   assert(blasInfo().reproducible);
 * } catch (error) {
 *   assertStringIncludes((error as Error).message, "reproducible kernels");
 * }
 * ```
 */
export function requireReproducibleKernels(): void {
  askForReproducibleKernels(true);
  const { engine, kernels, reason, reproducible, threads } = blasInfo();
  if (reproducible) return;
  const now = engine === "portable"
    ? `the portable engine is in use (${reason})`
    : kernels === REPRODUCIBLE_KERNELS
    ? `products run on ${threads} threads`
    : `those of ${kernels ?? "another library"} are in use (${whyMissed(chosen!.library!, kernels)})`;
  throw new Error(
    `The reproducible kernels (OpenBLAS, ${REPRODUCIBLE_KERNELS}, one thread) cannot be had: ${now}`,
  );
}

/** More than any OpenBLAS is built for. */
const MOST_THREADS = 1024;

/**
 * Sets how many threads OpenBLAS uses, for the whole process with all its workers; products of fewer than
 * four million multiplications run on one in any case. The portable engine has one thread and ignores the
 * call. The environment variable `OPENBLAS_NUM_THREADS` sets the start value, which is 1 where results are to be
 * reproducible. The last digits of results depend on the number of threads.
 *
 * @throws {RangeError} if `n` is not an integer from 1 to 1024.
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
  requireInteger("n", n, { min: 1, max: MOST_THREADS });
  if (engine().name === "native") chosen!.threads?.set(n);
}

/**
 * Runs `body` with a given engine, then goes back to the one before. For comparisons and tests; `body` must
 * be synchronous.
 *
 * @throws {TypeError} if `name` is not the name of an engine, or `body` is not a function.
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
  requireOneOf("name", name, ["native", "portable"]);
  requireFunction("body", body);
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

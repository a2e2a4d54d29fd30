import type { OpenLibrary } from "./library.ts";

/** A library's threads and its description of itself. */
export interface Threads {
  /** How many threads a large product uses. */
  get(): number;
  /** Sets it, for the whole process. */
  set(n: number): void;
  /** Version, build and processor, in the library's words. */
  config(): string | undefined;
  /** The processor whose kernels are in use, in the library's words. */
  kernels(): string | undefined;
}

/** OpenBLAS can say and set how many threads it uses; other libraries are left alone. */
export function threadControl(library: OpenLibrary): Threads | undefined {
  const symbols = library.open({
    openblas_get_num_threads: { parameters: [], result: "i32", optional: true },
    openblas_set_num_threads: { parameters: ["i32"], result: "void", optional: true },
    openblas_get_config: { parameters: [], result: "pointer", optional: true },
    openblas_get_corename: { parameters: [], result: "pointer", optional: true },
  });
  const { openblas_get_num_threads: get, openblas_set_num_threads: set } = symbols;
  if (!get || !set) return undefined;
  const text = (call: (() => Deno.PointerValue) | null) => {
    const pointer = call ? call() : null;
    return pointer === null ? undefined : Deno.UnsafePointerView.getCString(pointer).trim();
  };
  return {
    get: () => get(),
    set: (n) => set(n),
    config: () => text(symbols.openblas_get_config),
    kernels: () => text(symbols.openblas_get_corename),
  };
}

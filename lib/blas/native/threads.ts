import type { BlasLibrary } from "./library.ts";

/** What a library says about its threads and itself. */
export interface Threads {
  /** How many threads a large product uses. */
  get(): number;
  /** Sets it, for the whole process. */
  set(n: number): void;
  /** Version, build and processor, in the library's words. */
  config(): string | undefined;
}

/** OpenBLAS can say and set how many threads it uses; other libraries are left alone. */
export function threadControl(library: BlasLibrary): Threads | undefined {
  const symbols = library.open({
    openblas_get_num_threads: { parameters: [], result: "i32", optional: true },
    openblas_set_num_threads: { parameters: ["i32"], result: "void", optional: true },
    openblas_get_config: { parameters: [], result: "pointer", optional: true },
  });
  const { openblas_get_num_threads: get, openblas_set_num_threads: set, openblas_get_config: config } =
    symbols;
  if (!get || !set) return undefined;
  return {
    get: () => get(),
    set: (n) => set(n),
    config: () => {
      const text = config ? config() : null;
      return text === null ? undefined : Deno.UnsafePointerView.getCString(text).trim();
    },
  };
}

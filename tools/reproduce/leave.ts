/**
 * Ends the process with a status, at once and without running exit handlers.
 *
 * `Deno.exit` unloads what workers may still be using: an interrupted run whose workers are inside OpenBLAS ended
 * with SIGSEGV (139) instead of 130, about once in 150 times on a busy machine. What was printed is flushed by then,
 * since Deno writes to the terminal synchronously. Where the C library cannot be opened it is `Deno.exit`.
 */
export function leave(status: number): never {
  try {
    const { symbols } = Deno.dlopen(
      Deno.build.os === "darwin" ? "libSystem.B.dylib" : "libc.so.6",
      { _exit: { parameters: ["i32"], result: "void" } },
    );
    symbols._exit(status);
  } catch {
    // Another system, or no permission.
  }
  Deno.exit(status);
}

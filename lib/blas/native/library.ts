/**
 * Finds a BLAS library and opens it through Deno's foreign function interface. Nothing here touches `Deno` at
 * import, so the module may be bundled for other runtimes, where {@linkcode openBlasLibrary} returns the
 * reason.
 */
import type { BlasLibrary } from "../library.ts";
import { mustReproduce, prepareKernels } from "./kernels.ts";

/** A library that was found, with a way to its symbols. */
export interface OpenLibrary extends BlasLibrary {
  /**
   * Opens further symbols of the same library, named without the prefix. Loading the same file twice gives
   * the same instance, so its threads are shared. A symbol that is missing throws unless it is declared
   * `optional`.
   */
  open<const Symbols extends Deno.ForeignLibraryInterface>(
    symbols: Symbols,
  ): Deno.DynamicLibrary<Symbols>["symbols"];
}

/** A library, or the reason why there is none. */
export type LibrarySearch = { library: OpenLibrary; reason?: undefined } | {
  library?: undefined;
  reason: string;
};

let found: LibrarySearch | undefined;

/** The BLAS library of this process, searched at the first call. */
export function openBlasLibrary(): LibrarySearch {
  return found ??= search();
}

function search(): LibrarySearch {
  const deno = (globalThis as { Deno?: typeof Deno }).Deno;
  if (deno === undefined || typeof deno.dlopen !== "function") {
    return { reason: "this JavaScript runtime has no Deno.dlopen" };
  }
  const wish = mustReproduce() ? forget(deno, "REFIGURE_BLAS") : environment(deno, "REFIGURE_BLAS");
  if (wish === "portable") return { reason: "REFIGURE_BLAS=portable" };
  // Asking is not allowed to stop a program with a permission prompt.
  if (deno.permissions.querySync({ name: "ffi" }).state !== "granted") {
    return { reason: "no permission for foreign functions (deno run --allow-ffi)" };
  }
  const { refused, missed } = prepareKernels(deno);
  if (refused !== undefined) return { reason: refused };
  if (wish) {
    const opened = tryOpen(deno, wish, "REFIGURE_BLAS", missed);
    if (typeof opened !== "string") return { library: opened };
    return { reason: `REFIGURE_BLAS=${wish} cannot be used: ${opened}` };
  }
  for (const path of wheels(deno)) {
    const opened = tryOpen(deno, path, "scipy-openblas32 wheel", missed);
    if (typeof opened !== "string") return { library: opened };
  }
  for (const path of systemLibraries(deno)) {
    const opened = tryOpen(deno, path, path.includes("Accelerate") ? "Accelerate" : "system", missed);
    if (typeof opened !== "string") return { library: opened };
  }
  return {
    reason: "no BLAS library found (pip install scipy-openblas32, or set REFIGURE_BLAS to a library's path)",
  };
}

/** A variable of the environment, if reading it is allowed without a prompt. */
function environment(deno: typeof Deno, variable: string): string | undefined {
  if (deno.permissions.querySync({ name: "env", variable }).state !== "granted") return undefined;
  return deno.env.get(variable);
}

/** Takes a variable out of the environment, for this process with its workers and children. */
function forget(deno: typeof Deno, variable: string): undefined {
  if (environment(deno, variable) !== undefined) deno.env.delete(variable);
}

/** Opens `path`, or returns the reason why it cannot. The symbol `cblas_sgemm` tells the prefix. */
function tryOpen(
  deno: typeof Deno,
  path: string,
  source: BlasLibrary["source"],
  missed: string | undefined,
): OpenLibrary | string {
  const probe = { parameters: [], result: "void", optional: true } as const;
  try {
    const { symbols } = deno.dlopen(path, { scipy_cblas_sgemm: probe, cblas_sgemm: probe });
    const prefix = symbols.cblas_sgemm !== null
      ? ""
      : symbols.scipy_cblas_sgemm !== null
      ? "scipy_"
      : undefined;
    if (prefix === undefined) {
      return "it has no symbol cblas_sgemm (a build with 64-bit integers has other names)";
    }
    return {
      path,
      source,
      prefix,
      missed,
      open(wanted) {
        const named: Record<string, Deno.ForeignFunction | Deno.ForeignStatic> = {};
        for (const [name, definition] of Object.entries(wanted)) {
          named[name] = { name: prefix + name, ...definition } as Deno.ForeignFunction;
        }
        return deno.dlopen(path, named).symbols as Deno.DynamicLibrary<typeof wanted>["symbols"];
      },
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Where the wheel may be: every Python environment around the running Deno, the working directory and this
 * module.
 */
function* wheels(deno: typeof Deno): Generator<string> {
  const [folder, file] = deno.build.os === "windows"
    ? ["Lib/site-packages", "libscipy_openblas.dll"]
    : ["", deno.build.os === "darwin" ? "libscipy_openblas.dylib" : "libscipy_openblas.so"];
  const canRead = deno.permissions.querySync({ name: "read" }).state === "granted";
  const seen = new Set<string>();
  for (const environment of pythonEnvironments(deno, canRead)) {
    if (seen.has(environment)) continue;
    seen.add(environment);
    const folders = folder ? [folder] : pythonFolders(deno, environment, canRead);
    for (const packages of folders) yield `${environment}/${packages}/scipy_openblas32/lib/${file}`;
  }
}

function* pythonEnvironments(deno: typeof Deno, canRead: boolean): Generator<string> {
  // <environment>/bin/deno, when Deno itself came from PyPI.
  if (canRead) yield parent(parent(deno.execPath()));
  const starts: string[] = [];
  if (canRead) starts.push(deno.cwd());
  if (import.meta.url.startsWith("file:")) {
    starts.push(parent(decodeURIComponent(new URL(import.meta.url).pathname)));
  }
  for (let start of starts) {
    for (;;) {
      yield `${start}/.venv`;
      const above = parent(start);
      if (above === start) break;
      start = above;
    }
  }
}

/**
 * `lib/python3.x/site-packages` for the versions that are there; without permission to look, for those in
 * use.
 */
function pythonFolders(deno: typeof Deno, environment: string, canRead: boolean): string[] {
  const versions: string[] = [];
  if (canRead) {
    try {
      for (const entry of deno.readDirSync(`${environment}/lib`)) {
        if (entry.name.startsWith("python3")) versions.push(entry.name);
      }
    } catch {
      // No such environment.
    }
  } else {
    for (let minor = 11; minor <= 15; minor++) versions.push(`python3.${minor}`);
  }
  return versions.map((version) => `lib/${version}/site-packages`);
}

function systemLibraries(deno: typeof Deno): string[] {
  switch (deno.build.os) {
    case "darwin":
      return [
        "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
        "/usr/local/opt/openblas/lib/libopenblas.dylib",
        "/System/Library/Frameworks/Accelerate.framework/Accelerate",
      ];
    case "windows":
      return ["libopenblas.dll"];
    default:
      return ["libopenblas.so.0", "libopenblas.so"];
  }
}

function parent(path: string): string {
  return path.replace(/[\\/][^\\/]*$/, "");
}

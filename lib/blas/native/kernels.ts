/**
 * Which of its sets of kernels OpenBLAS uses. Left alone it takes the fastest for the processor, and results
 * differ in the last digits between processors of different brands and ages; training then drifts apart. So
 * experiments, notebooks and tests compute with one set that every x86-64 processor with AVX2 and FMA can run.
 *
 * OpenBLAS reads the set's name from the environment when the library is loaded, once per process.
 */

/** The reproducible set, in OpenBLAS's words. */
export const REPRODUCIBLE_KERNELS = "Haswell";

/** The variable of OpenBLAS that names a set. */
const CORE_TYPE = "OPENBLAS_CORETYPE";

/** "asked": unless the environment names another set. "required": whatever the environment names. */
let wish: "asked" | "required" | undefined;

/** Asks for the reproducible set; heeded if the library is not loaded yet. */
export function askForReproducibleKernels(required: boolean): void {
  if (required || wish === undefined) wish = required ? "required" : "asked";
}

/** Whether the environment's choice of engine and kernels does not count. */
export function mustReproduce(): boolean {
  return wish === "required";
}

/**
 * Whether results are to be the same on every processor: someone has asked for it, or this is a Jupyter kernel
 * or a test. A notebook may load the library by any of its imports, and `deno test` has no common entry, so
 * both are recognized here.
 */
export function wantsReproducible(deno: typeof Deno): boolean {
  return wish !== undefined || isKernel(deno) || isTest(deno);
}

function isKernel(deno: typeof Deno): boolean {
  try {
    return (deno as { jupyter?: unknown }).jupyter !== undefined;
  } catch {
    // Deno throws when this is read outside of a kernel.
    return false;
  }
}

/** Names that `deno test` runs when it is given none, and those it makes up for examples in documentation. */
const TEST_FILE = /(^|[/_.])test\.[cm]?[jt]sx?$|\/__tests__\/|[#$]\d+-\d+\.[jt]sx?$/;

function isTest(deno: typeof Deno): boolean {
  // Undefined in a worker, where who starts it has to ask.
  return TEST_FILE.test(deno.mainModule ?? "");
}

/**
 * Prepares the environment for the library that is about to be loaded.
 *
 * @returns `refused`: why no library may be loaded, as it would end the process with an illegal instruction.
 * `missed`: why the reproducible set was wanted and is not to be had.
 */
export function prepareKernels(deno: typeof Deno): { refused?: string; missed?: string } {
  const allowed = deno.permissions.querySync({ name: "env", variable: CORE_TYPE }).state === "granted";
  const named = allowed ? deno.env.get(CORE_TYPE) : undefined;
  if (named && !mustReproduce()) {
    if (kernelsRunHere(deno, named) === false) {
      return { refused: `this processor cannot run the kernels of ${CORE_TYPE}=${named}` };
    }
    return { missed: `${CORE_TYPE}=${named} is set` };
  }
  if (!wantsReproducible(deno)) return {};
  const runs = kernelsRunHere(deno, REPRODUCIBLE_KERNELS);
  if (runs !== true) {
    return {
      missed: runs === false
        ? "this processor has no AVX2 and FMA"
        : "it is not known whether this processor has AVX2 and FMA",
    };
  }
  if (!allowed) return { missed: `${CORE_TYPE} must not be set (deno run --allow-env)` };
  // The variable stays, for workers that load the library first and for child processes.
  if (named !== REPRODUCIBLE_KERNELS) deno.env.set(CORE_TYPE, REPRODUCIBLE_KERNELS);
  return {};
}

/** Sets whose instructions are known here; the others are left to OpenBLAS. */
const NEEDS: Record<string, "x86" | "avx2" | "avx512"> = {
  prescott: "x86",
  haswell: "avx2",
  zen: "avx2",
  skylakex: "avx512",
};

/** Whether the processor has the instructions of a set of kernels; undefined if that is not known. */
export function kernelsRunHere(deno: typeof Deno, kernels: string): boolean | undefined {
  const needed = NEEDS[kernels.toLowerCase()];
  if (needed === undefined) return undefined;
  if (deno.build.arch !== "x86_64") return false;
  if (needed === "x86") return true;
  return (instructions ??= fromCLibrary(deno) ?? fromProc(deno))?.[needed];
}

/** What a processor and its operating system can run; "avx2" with FMA, "avx512" with all that SkylakeX has. */
export interface Instructions {
  avx2: boolean;
  avx512: boolean;
}

let instructions: Instructions | undefined;

/** Bits of the CPUID leaves 1 (register ECX) and 7 (EBX), in Intel's manual, volume 2, table 3-8. */
const FMA = 1 << 12;
const AVX2 = 1 << 5;
const AVX512 = (1 << 16) | (1 << 17) | (1 << 28) | (1 << 30) | (1 << 31);

/** Asks glibc (2.33 or newer), which needs no permission but the one for foreign functions. */
export function fromCLibrary(deno: typeof Deno): Instructions | undefined {
  if (deno.build.os !== "linux") return undefined;
  try {
    const { symbols } = deno.dlopen("libc.so.6", {
      __x86_get_cpuid_feature_leaf: { parameters: ["u32"], result: "pointer" },
    });
    /** What the system has enabled follows, in the same four registers, what the processor has. */
    const enabled = (leaf: number, register: number) => {
      const pointer = symbols.__x86_get_cpuid_feature_leaf(leaf)!;
      return new deno.UnsafePointerView(pointer).getUint32(16 + 4 * register);
    };
    const has = (value: number, bits: number) => (value & bits) === (bits | 0);
    const ebx = enabled(1, 1);
    return { avx2: has(enabled(0, 2), FMA) && has(ebx, AVX2), avx512: has(ebx, AVX512) };
  } catch {
    return undefined;
  }
}

/** Reads Linux's list, for which Deno demands all permissions. */
export function fromProc(deno: typeof Deno): Instructions | undefined {
  const names = ["read", "write", "net", "env", "sys", "run", "ffi"] as const;
  if (names.some((name) => deno.permissions.querySync({ name }).state !== "granted")) return undefined;
  try {
    const [, line = ""] = deno.readTextFileSync("/proc/cpuinfo").match(/^flags\s*:(.*)$/m) ?? [];
    const flags = new Set(line.split(" "));
    return {
      avx2: flags.has("avx2") && flags.has("fma"),
      avx512: ["f", "dq", "cd", "bw", "vl"].every((part) => flags.has(`avx512${part}`)),
    };
  } catch {
    return undefined;
  }
}

/**
 * What the last digits of an engine depend on. The version names the kernels, too; how many threads it was built for
 * does not change a number.
 */
export function arithmetic(engine: string, version = ""): string {
  const { arch = "", os = "linux" } = (globalThis as { Deno?: typeof Deno }).Deno?.build ?? {};
  // Builds for other systems come from other compilers.
  const system = os === "linux" ? "" : ` ${os}`;
  return `${engine} ${version} ${arch}${system}`.replace(/ MAX_THREADS=\d+/, "").replace(/ +/g, " ").trim();
}

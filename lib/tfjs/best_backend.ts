import { setBackend } from "@tensorflow/tfjs";
import { requireBoolean, requireOptions } from "../arrays/mod.ts";
import { blasInfo } from "../blas/mod.ts";
import { register } from "./register.ts";

/** Which backend was chosen, and why. */
export interface BackendChoice {
  /** The backend's name. */
  backend: "native" | "wasm" | "cpu";
  /** Why this one. */
  reason: string;
}

/** Options for {@linkcode useBestBackend}. */
export interface BestBackendOptions {
  /** Whether to print in one line which backend it is and why. Default true. */
  verbose?: boolean;
}

/**
 * Makes the fastest backend of this machine tfjs's: `native` (compiled SIMD kernels, and BLAS where foreign
 * functions are allowed), else `wasm`, else `cpu`.
 *
 * @throws {TypeError} if an option is unknown or of the wrong type.
 * @throws {Error} if tfjs accepts none of them.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBestBackend } from "refigure/tfjs";
 * import { assertEquals } from "@std/assert";
 *
 * const { backend } = await useBestBackend({ verbose: false });
 * assertEquals(tf.getBackend(), backend);
 * ```
 */
export async function useBestBackend(options: BestBackendOptions = {}): Promise<BackendChoice> {
  requireOptions("options", options, ["verbose"]);
  const { verbose = true } = options;
  requireBoolean("verbose", verbose);
  const choice = await choose();
  if (verbose) {
    console.info(`refigure: tfjs runs on backend ${choice.backend}: ${choice.reason}`);
  }
  return choice;
}

async function choose(): Promise<BackendChoice> {
  let obstacle = "the native backend failed to start";
  try {
    register();
    if (await setBackend("native")) {
      const { engine, reason } = blasInfo();
      return {
        backend: "native",
        reason: `compiled SIMD kernels, matrix products ${
          engine === "native" ? "by BLAS" : "compiled too"
        } (${reason})`,
      };
    }
  } catch (error) {
    obstacle = error instanceof Error ? error.message : String(error);
  }
  try {
    await import("@tensorflow/tfjs-backend-wasm");
    if (await setBackend("wasm")) return { backend: "wasm", reason: obstacle };
  } catch {
    // The next one is slower and always there.
  }
  if (await setBackend("cpu")) return { backend: "cpu", reason: obstacle };
  throw new Error(`tfjs accepts no backend: ${obstacle}`);
}

/**
 * Training at native speed in tfjs: `import "refigure/tfjs"` registers backend `native`, the CPU backend with
 * its hot kernels replaced by BLAS and compiled SIMD loops over one memory; `useBestBackend` chooses it.
 *
 * @module
 */
import { register } from "./register.ts";

register();

export * from "./best_backend.ts";
export * from "./optimizers.ts";
export * from "./stateful_optimizer.ts";
export type { SavedNumbers } from "./variable_states.ts";
export * from "./operations.ts";
export { NativeBackend, type NativeBackendOptions, type Placed } from "./backend.ts";
export { Heap, type HeapOptions, type KernelBuild, type Kernels } from "./memory.ts";

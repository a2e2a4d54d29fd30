import { getKernel, type NamedAttrMap, registerKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";

/** What a kernel is called with. */
export interface Call<Attributes = Record<string, unknown>> {
  /** Tensors by name. */
  inputs: Record<string, TensorInfo>;
  /** Options by name. */
  attrs: Attributes;
  /** Where the tensors are. */
  backend: NativeBackend;
}

/** What a kernel answers; undefined where the kernel of the CPU backend has to do it. */
export type Answer = TensorInfo | TensorInfo[] | undefined;

/** Names of the kernels that are replaced. */
export const replaced: string[] = [];

/**
 * Kernels that tfjs does not have; their operations (see operations.ts) do without them on other backends.
 */
export const OWN: readonly string[] = ["Gelu", "GeluGrad", "LayerNorm", "LayerNormGrad", "SoftmaxGrad"];

const NONE: NamedAttrMap = {};

/**
 * Puts a kernel in the place of the CPU backend's, which still serves what the new one declines; or adds one
 * of our own.
 */
export function replace<Attributes>(name: string, kernel: (call: Call<Attributes>) => Answer): void {
  const fallback = getKernel(name, "cpu");
  if (fallback === undefined && !OWN.includes(name)) {
    throw new Error(`The CPU backend of tfjs has no kernel ${name}`);
  }
  replaced.push(name);
  registerKernel({
    kernelName: name,
    backendName: "native",
    kernelFunc(call) {
      call.attrs ??= NONE;
      const answer = kernel(call as unknown as Call<Attributes>);
      if (answer !== undefined) return answer;
      if (fallback === undefined) throw new RangeError(`${name} takes float tensors with at least one entry`);
      return fallback.kernelFunc(call);
    },
  });
}

/** Number of entries. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/** Whether all are float tensors with at least one entry: the others are left to the CPU backend. */
export function areFloats(...tensors: (TensorInfo | undefined | null)[]): boolean {
  for (const tensor of tensors) {
    if (tensor?.dtype !== "float32" || sizeOf(tensor.shape) === 0) return false;
  }
  return true;
}

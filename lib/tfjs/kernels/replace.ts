import {
  getKernel,
  getKernelsForBackend,
  type KernelFunc,
  type NamedAttrMap,
  registerKernel,
  type TensorInfo,
  util,
} from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import { storageOf } from "../storage.ts";

/** What a kernel is called with. */
export interface Call<Attributes = Record<string, unknown>> {
  /** Tensors by name. */
  inputs: Record<string, TensorInfo>;
  /** Options by name. */
  attrs: Attributes;
  /** Where the tensors are. */
  backend: NativeBackend;
}

/** What a kernel returns; undefined where the kernel of the CPU backend has to do it. */
export type Result = TensorInfo | TensorInfo[] | undefined;

/** Names of the kernels that are replaced. */
const replaced = new Set<string>();

/**
 * Kernels that tfjs does not have; their operations (see operations.ts) do without them on other backends.
 */
export const OWN: readonly string[] = ["Gelu", "GeluGrad", "LayerNorm", "LayerNormGrad", "SoftmaxGrad"]
  .concat("GroupRational", "GroupRationalGrad", "SelfAttention", "SelfAttentionGrad");

const NONE: NamedAttrMap = {};

/** What tfjs calls a kernel with. */
type KernelCall = Parameters<KernelFunc>[0];

/**
 * Puts a kernel in the place of the CPU backend's, which is still called where the new one returns undefined;
 * or adds one of our own.
 */
export function replace<Attributes>(name: string, kernel: (call: Call<Attributes>) => Result): void {
  const fallback = getKernel(name, "cpu");
  if (fallback === undefined && !OWN.includes(name)) {
    throw new Error(`The CPU backend of tfjs has no kernel ${name}`);
  }
  replaced.add(name);
  register(name, (call) => {
    call.attrs ??= NONE;
    const result = kernel(call as unknown as Call<Attributes>);
    if (result !== undefined) return result;
    if (fallback === undefined) throw new RangeError(`${name} takes float tensors with at least one entry`);
    return fallback.kernelFunc(call);
  });
}

/** Registers the kernels of the CPU backend that are not replaced. */
export function keepOthers(): void {
  for (const { kernelName, kernelFunc } of getKernelsForBackend("cpu")) {
    if (!replaced.has(kernelName)) register(kernelName, kernelFunc);
  }
}

/** Registers a kernel. After an error, no tensor and no memory of the call is left. */
function register(kernelName: string, kernel: KernelFunc): void {
  registerKernel({
    kernelName,
    backendName: "native",
    kernelFunc: (call) => storageOf(call.backend as NativeBackend).allOrNothing(kernel, call),
  });
}

/** Calls a kernel of the CPU backend. */
export function onCpu(
  name: string,
  inputs: Record<string, TensorInfo>,
  attrs: object,
  backend: NativeBackend,
): TensorInfo {
  const { kernelFunc } = getKernel(name, "cpu");
  return kernelFunc({ inputs, attrs: attrs as NamedAttrMap, backend }) as TensorInfo;
}

/** Number of entries. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/**
 * Throws unless a tensor has the shape that follows from the other inputs of a kernel.
 *
 * @throws {RangeError} naming the kernel, the input, its shape and the shape that it must have.
 */
export function requireShape(
  kernel: string,
  name: string,
  tensor: TensorInfo,
  shape: readonly number[],
): void {
  if (!util.arraysEqual(tensor.shape, shape as number[])) {
    throw new RangeError(`${kernel}: \`${name}\` must have shape [${shape}], got [${tensor.shape}]`);
  }
}

/** Whether all are float tensors with at least one entry: the others are left to the CPU backend. */
export function areFloats(...tensors: (TensorInfo | undefined | null)[]): boolean {
  for (const tensor of tensors) {
    if (tensor?.dtype !== "float32" || sizeOf(tensor.shape) === 0) return false;
  }
  return true;
}

/** Whether the entries of a tensor are plain numbers: not complex ones, not text. */
export function isNumber({ dtype }: TensorInfo): boolean {
  return dtype === "float32" || dtype === "int32" || dtype === "bool";
}

import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { type backend_util, engine, tensor, type TensorInfo, Variable } from "@tensorflow/tfjs-core";
import { describeValue, requireInstance, requireInteger, requireOptions } from "../arrays/mod.ts";
import { Heap, type KernelBuild } from "./memory.ts";
import { Block, storageOf, Stored, TensorStorage } from "./storage.ts";

/** A float tensor in the heap. */
export interface Placed {
  /** Byte offset in the heap. */
  readonly pointer: number;
  /** A view of its values; valid until the next allocation. */
  readonly values: Float32Array;
}

/** Options for {@linkcode NativeBackend}. */
export interface NativeBackendOptions {
  /** Which build of the compiled kernels to use. Default: `"relaxed"` where the engine has relaxed SIMD. */
  kernels?: KernelBuild;
}

/**
 * The CPU backend of tfjs with its tensors, as far as fast kernels touch them, in one WebAssembly memory.
 * Kernels that are not replaced see ordinary typed arrays, as in the CPU backend.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { NativeBackend } from "refigure/tfjs";
 * import { assert, assertEquals } from "@std/assert";
 *
 * await tf.setBackend("native");
 * assert(tf.backend() instanceof NativeBackend);
 * assertEquals(Array.from(await tf.square([1, 2]).data()), [1, 4]);
 * ```
 */
export class NativeBackend extends MathBackendCPU {
  /** The memory of the tensors and the kernels that work on it. */
  readonly heap: Heap;

  /**
   * A backend with an empty heap.
   *
   * @throws {TypeError} for an unknown option or an unknown build.
   */
  constructor(options: NativeBackendOptions = {}) {
    requireOptions("options", options, ["kernels"]);
    super();
    this.heap = new Heap(options);
    this.data = new TensorStorage(this, engine(), this.heap) as unknown as typeof this.data;
    // The CPU backend's advice to install another package is not for those who have this one.
    this["firstUse"] = false;
  }

  /**
   * The float tensor's place in the heap; its values move there at the first call.
   *
   * @throws {TypeError} if `tensor` is not a float tensor.
   */
  place(tensor: TensorInfo): Placed {
    if (typeof tensor?.dataId !== "object") {
      throw new TypeError(`\`tensor\` must be a tensor, got ${describeValue(tensor)}`);
    }
    const stored = storageOf(this).get(tensor.dataId);
    if (stored.block !== undefined) return stored.block;
    if (tensor.dtype !== "float32") {
      throw new TypeError(`\`tensor\` must be of type float32, got ${tensor.dtype}`);
    }
    const values = stored.values as backend_util.TypedArray;
    let block = stored.floats;
    if (block === undefined) {
      block = new Block(this.heap, values.length);
      block.values.set(values);
    }
    // Integers that others may still see stay what they are, beside the floats made of them.
    if (!(values instanceof Float32Array) && stored.refCount > 1) return stored.floats = block;
    stored.floats = undefined;
    stored.dtype = "float32";
    stored.moveTo(block);
    return block;
  }

  /**
   * As {@linkcode place}, to be changed there: whoever else reads this storage (a clone, a snapshot) keeps
   * the old values.
   *
   * @throws {TypeError} if `variable` is not a float variable.
   */
  placeOwn(variable: Variable): Placed {
    requireInstance("variable", variable, Variable);
    if (this.refCount(variable.dataId) > 1) {
      const own = tensor(variable.dataSync(), variable.shape, variable.dtype);
      variable.assign(own);
      own.dispose();
    }
    return this.place(variable);
  }

  /**
   * A new float tensor in the heap; its values are whatever was there.
   *
   * @throws {TypeError} if `shape` is not an array of numbers.
   * @throws {RangeError} if an entry of `shape` is not a size, or the tensor does not fit.
   */
  allocate(shape: number[]): TensorInfo & { readonly pointer: number } {
    if (!Array.isArray(shape)) {
      throw new TypeError(`\`shape\` must be an array of sizes, got ${describeValue(shape)}`);
    }
    let length = 1;
    for (let axis = 0; axis < shape.length; axis++) {
      const size = shape[axis];
      if (!(Number.isInteger(size) && size >= 0)) requireInteger(`shape[${axis}]`, size);
      length *= size;
    }
    const block = new Block(this.heap, length);
    const stored = new Stored(undefined, "float32", 1);
    stored.moveTo(block);
    const dataId = { id: this["nextDataId"]() };
    storageOf(this).keep(dataId, stored);
    return { dataId, shape, dtype: "float32", pointer: block.pointer };
  }

  /**
   * A copy of the values: what is read stays as it is when the tensor's memory is used again.
   *
   * @throws {TypeError} if no tensor has this id.
   */
  override readSync(dataId: object): backend_util.BackendValues {
    if (!this.data.has(dataId) && !engine().state.tensorInfo.has(dataId)) {
      throw new TypeError(`\`dataId\` must be that of a tensor, got ${describeValue(dataId)}`);
    }
    const values = super.readSync(dataId);
    return storageOf(this).get(dataId).block === undefined ? values : (values as Float32Array).slice();
  }

  /** As {@linkcode readSync}. */
  override read(dataId: object): Promise<backend_util.BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }
}

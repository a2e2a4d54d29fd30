import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { type backend_util, type DataType, tensor, type TensorInfo, Variable } from "@tensorflow/tfjs-core";
import { describeValue, requireInstance, requireOptions } from "../arrays/mod.ts";
import { Heap, type KernelBuild } from "./memory.ts";

/** A float tensor in the heap. */
export interface Placed {
  /** Byte offset in the heap. */
  readonly pointer: number;
  /** A view of its values; valid until the next allocation. */
  readonly values: Float32Array;
}

/** Floats in the heap. */
class Block implements Placed {
  readonly #heap: Heap;
  #view: Float32Array | undefined;

  constructor(heap: Heap, readonly pointer: number, readonly length: number) {
    this.#heap = heap;
  }

  /** Made when it is needed, and anew after the memory has grown, which detaches every view. */
  get values(): Float32Array {
    if (this.#view === undefined || this.#view.buffer !== this.#heap.buffer) {
      this.#view = this.#heap.floats(this.pointer, this.length);
    }
    return this.#view;
  }

  free(): void {
    this.#heap.free(this.pointer, 4 * this.length);
  }
}

/** What the backend keeps of a tensor: to the kernels of the CPU backend, what that one keeps. */
class Stored {
  complexTensorInfos: { real: TensorInfo; imag: TensorInfo } | undefined = undefined;
  /** Where the values are in the heap; absent while they are an ordinary array. */
  block: Block | undefined = undefined;
  /** The values as floats, where they are integers that a float tensor shares with others since a cast. */
  floats: Block | undefined = undefined;
  #values: backend_util.BackendValues | undefined;

  constructor(
    values: backend_util.BackendValues | undefined,
    public dtype: DataType,
    public refCount: number,
  ) {
    this.#values = values;
  }

  get values(): backend_util.BackendValues | undefined {
    return this.block === undefined ? this.#values : this.block.values;
  }

  /** From now on the values are those of the block. */
  moveTo(block: Block): void {
    this.block = block;
    this.#values = undefined;
  }
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
 * import { assert } from "@std/assert";
 *
 * await tf.setBackend("native");
 * assert(tf.backend() instanceof NativeBackend);
 * ```
 */
export class NativeBackend extends MathBackendCPU {
  /** What kernels that are running have stored, the innermost one's last. */
  readonly #made: object[] = [];
  #running = 0;
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
    // The CPU backend's advice to install another package is not for those who have this one.
    this["firstUse"] = false;
  }

  /**
   * The float tensor's place in the heap; its values move there at the first call.
   *
   * @throws {TypeError} if `tensor` is not a float tensor.
   */
  place(tensor: TensorInfo): Placed {
    const stored = this.#stored(tensor);
    if (stored.block !== undefined) return stored.block;
    if (tensor.dtype !== "float32") {
      throw new TypeError(`\`tensor\` must be of type float32, got ${tensor.dtype}`);
    }
    const values = stored.values as backend_util.TypedArray;
    let block = stored.floats;
    if (block === undefined) {
      block = this.#block(values.length);
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
   * @throws {TypeError} if `shape` is not an array.
   * @throws {RangeError} if an entry of `shape` is not a size, or the tensor does not fit.
   */
  allocate(shape: number[]): TensorInfo & { readonly pointer: number } {
    if (!Array.isArray(shape)) {
      throw new TypeError(`\`shape\` must be an array of sizes, got ${describeValue(shape)}`);
    }
    let length = 1;
    for (const size of shape) {
      if (!(Number.isInteger(size) && size >= 0)) {
        throw new RangeError(`\`shape\` must have whole numbers of at least 0, got [${shape}]`);
      }
      length *= size;
    }
    const block = this.#block(length);
    const stored = new Stored(undefined, "float32", 1);
    stored.moveTo(block);
    return { dataId: this.#keep(stored), shape, dtype: "float32", pointer: block.pointer };
  }

  /**
   * Runs a kernel. If it throws, what it has stored is freed again.
   *
   * @param kernel Called with `argument`.
   */
  allOrNothing<Argument, Result>(kernel: (argument: Argument) => Result, argument: Argument): Result {
    const before = this.#made.length;
    this.#running++;
    try {
      return kernel(argument);
    } catch (error) {
      for (const dataId of this.#made.slice(before)) this.disposeData(dataId, true);
      throw error;
    } finally {
      this.#made.length = before;
      this.#running--;
    }
  }

  /**
   * Values of a tensor of any type, as the kernels of the CPU backend see them; those of floats are valid until
   * the next allocation.
   *
   * @throws {TypeError} if `tensor` is not a tensor.
   */
  valuesOf(tensor: TensorInfo): backend_util.TypedArray {
    return this.#stored(tensor).values as backend_util.TypedArray;
  }

  /**
   * Values of the real and the imaginary part of a complex tensor; valid until the next allocation.
   *
   * @throws {TypeError} if `tensor` is not a complex tensor.
   */
  partsOf(tensor: TensorInfo): { real: backend_util.TypedArray; imag: backend_util.TypedArray } {
    const { complexTensorInfos: parts } = this.#stored(tensor);
    if (parts === undefined) throw new TypeError(`\`tensor\` must be of type complex64, got ${tensor.dtype}`);
    return { real: this.valuesOf(parts.real), imag: this.valuesOf(parts.imag) };
  }

  /** A complex tensor, which owns its parts. */
  makeComplex(shape: number[], real: Float32Array, imag: Float32Array): TensorInfo {
    const made = this.makeTensorInfo(shape, "complex64");
    this.#stored(made).complexTensorInfos = {
      real: this.makeTensorInfo(shape, "float32", real),
      imag: this.makeTensorInfo(shape, "float32", imag),
    };
    return made;
  }

  /**
   * Some kernels of the CPU backend return a view of their input, whose memory may be freed before that of the
   * result: it is copied.
   */
  override write(values: backend_util.BackendValues, _shape: number[], dtype: DataType): object {
    const isView = values instanceof Float32Array && values.buffer === this.heap.buffer;
    return this.#keep(new Stored(isView ? values.slice() : values, dtype, 1));
  }

  /** Takes over a tensor of another backend. */
  override move(
    dataId: object,
    values: backend_util.BackendValues,
    _shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    this.data.set(dataId, new Stored(values, dtype, refCount) as never);
  }

  /** A copy: what is read stays as it is when the tensor's memory is used again. */
  override readSync(dataId: object): backend_util.BackendValues {
    const values = super.readSync(dataId);
    return this.#of(dataId).block === undefined ? values : (values as Float32Array).slice();
  }

  /** As {@linkcode readSync}. */
  override read(dataId: object): Promise<backend_util.BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  /** Frees the tensor's memory with its last reference. */
  override disposeData(dataId: object, force = false): boolean {
    const stored = this.data.has(dataId) ? this.#of(dataId) : undefined;
    const gone = super.disposeData(dataId, force);
    if (gone) {
      stored?.block?.free();
      stored?.floats?.free();
    }
    return gone;
  }

  #block(length: number): Block {
    return new Block(this.heap, this.heap.allocate(4 * length), length);
  }

  #keep(stored: Stored): object {
    const dataId = { id: this["nextDataId"]() };
    this.data.set(dataId, stored as never);
    if (this.#running > 0) this.#made.push(dataId);
    return dataId;
  }

  #stored(tensor: TensorInfo): Stored {
    if (typeof tensor?.dataId !== "object" || !Array.isArray(tensor.shape)) {
      throw new TypeError(`\`tensor\` must be a tensor, got ${describeValue(tensor)}`);
    }
    return this.#of(tensor.dataId);
  }

  #of(dataId: object): Stored {
    return this.data.get(dataId) as unknown as Stored;
  }
}

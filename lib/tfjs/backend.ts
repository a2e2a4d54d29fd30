import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import {
  type backend_util,
  type DataType,
  tensor,
  type TensorInfo,
  type Variable,
} from "@tensorflow/tfjs-core";
import { Heap } from "./memory.ts";

/** What the backend keeps of a tensor, beside what the CPU backend does. */
interface Stored {
  values?: backend_util.BackendValues;
  dtype: DataType;
  refCount: number;
  complexTensorInfos?: { real: TensorInfo; imag: TensorInfo };
  /** Where the values are in the heap; absent while they are an ordinary array. */
  pointer?: number;
  /** How many floats are there. A view that lost its memory no longer knows. */
  length?: number;
  /** The values as floats, where they are integers that a float tensor shares with others since a cast. */
  floats?: InHeap;
}

/** Floats in the heap. */
interface InHeap {
  values: Float32Array;
  pointer: number;
  length: number;
}

/** A float tensor in the heap. */
export interface Placed {
  /** Byte offset in the heap. */
  pointer: number;
  /** A view of its values; valid until the next allocation. */
  values: Float32Array;
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
  readonly #placed = new Set<Stored | InHeap>();
  /** The memory of the tensors and the kernels that work on it. */
  readonly heap: Heap = new Heap(() => this.#renewViews());

  /** An empty heap. */
  constructor() {
    super();
    // The CPU backend's advice to install another package is not for those who have this one.
    this["firstUse"] = false;
  }

  /** The float tensor's place in the heap; its values move there at the first call. */
  place(tensor: TensorInfo): Placed {
    const stored = this.#stored(tensor.dataId);
    if (stored.pointer !== undefined) return stored as Placed;
    const values = stored.values as backend_util.TypedArray;
    let floats = stored.floats;
    if (floats === undefined) {
      const pointer = this.heap.allocate(4 * values.length);
      const length = values.length;
      floats = { values: this.heap.floats(pointer, length), pointer, length };
      floats.values.set(values);
    }
    // Integers that others may still see stay what they are, beside the floats made of them.
    if (!(values instanceof Float32Array) && stored.refCount > 1) {
      this.#placed.add(stored.floats = floats);
      return floats;
    }
    this.#placed.delete(floats);
    stored.floats = undefined;
    stored.values = floats.values;
    stored.dtype = "float32";
    this.#remember(stored, floats.pointer, floats.length);
    return stored as Placed;
  }

  /**
   * As {@linkcode place}, to be changed there: whoever else reads this storage (a clone, a snapshot) keeps
   * the old values.
   */
  placeOwn(variable: Variable): Placed {
    if (this.refCount(variable.dataId) > 1) {
      const own = tensor(variable.dataSync(), variable.shape, variable.dtype);
      variable.assign(own);
      own.dispose();
    }
    return this.place(variable);
  }

  /** A new float tensor in the heap; its values are whatever was there. */
  allocate(shape: number[]): TensorInfo & Placed {
    let length = 1;
    for (const size of shape) length *= size;
    const pointer = this.heap.allocate(4 * length);
    const values = this.heap.floats(pointer, length);
    const dataId = super.write(values as backend_util.TypedArray, shape, "float32");
    this.#remember(this.#stored(dataId), pointer, length);
    return { dataId, shape, dtype: "float32", pointer, values };
  }

  /** Values of a tensor of any type, as the kernels of the CPU backend see them; not to be kept. */
  valuesOf(tensor: TensorInfo): backend_util.TypedArray {
    return this.#stored(tensor.dataId).values as backend_util.TypedArray;
  }

  /** Values of the real and the imaginary part of a complex tensor; not to be kept. */
  partsOf(tensor: TensorInfo): { real: backend_util.TypedArray; imag: backend_util.TypedArray } {
    const { real, imag } = this.#stored(tensor.dataId).complexTensorInfos!;
    return { real: this.valuesOf(real), imag: this.valuesOf(imag) };
  }

  /** A complex tensor, which owns its parts. */
  makeComplex(shape: number[], real: Float32Array, imag: Float32Array): TensorInfo {
    const made = this.makeTensorInfo(shape, "complex64");
    this.#stored(made.dataId).complexTensorInfos = {
      real: this.makeTensorInfo(shape, "float32", real),
      imag: this.makeTensorInfo(shape, "float32", imag),
    };
    return made;
  }

  /**
   * Some kernels of the CPU backend answer with a view of their input, whose memory may be freed before the
   * answer.
   */
  override write(values: backend_util.BackendValues, shape: number[], dtype: DataType): object {
    const isView = values instanceof Float32Array && values.buffer === this.heap.buffer;
    return super.write(isView ? values.slice() : values, shape, dtype);
  }

  /** A copy: what is read stays as it is when the tensor's memory is used again. */
  override readSync(dataId: object): backend_util.BackendValues {
    const values = super.readSync(dataId);
    return this.#stored(dataId).pointer === undefined ? values : (values as Float32Array).slice();
  }

  /** As {@linkcode readSync}. */
  override read(dataId: object): Promise<backend_util.BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  /** Frees the tensor's memory with its last reference. */
  override disposeData(dataId: object, force = false): boolean {
    const stored = this.data.has(dataId) ? this.#stored(dataId) : undefined;
    const gone = super.disposeData(dataId, force);
    if (gone && stored?.pointer !== undefined) {
      this.#placed.delete(stored);
      this.heap.free(stored.pointer, 4 * stored.length!);
      stored.pointer = undefined;
    }
    if (gone && stored?.floats !== undefined) {
      this.#placed.delete(stored.floats);
      this.heap.free(stored.floats.pointer, 4 * stored.floats.length);
    }
    return gone;
  }

  #remember(stored: Stored, pointer: number, length: number): void {
    stored.pointer = pointer;
    stored.length = length;
    this.#placed.add(stored);
  }

  #stored(dataId: object): Stored {
    return this.data.get(dataId) as Stored;
  }

  /** Growing a memory detaches every view of it. */
  #renewViews(): void {
    for (const stored of this.#placed) {
      stored.values = this.heap.floats(stored.pointer!, stored.length!);
    }
  }
}

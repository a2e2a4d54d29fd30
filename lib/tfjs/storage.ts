import {
  type backend_util,
  type DataMover,
  DataStorage,
  type DataType,
  type KernelBackend,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import type { NativeBackend } from "./backend.ts";
import type { Heap } from "./memory.ts";

/** Floats in the heap. */
export class Block {
  readonly #heap: Heap;
  #view: Float32Array | undefined;

  /** Takes the memory of `length` floats. */
  constructor(heap: Heap, readonly length: number, readonly pointer: number = heap.allocate(4 * length)) {
    this.#heap = heap;
  }

  /** A view of the floats, made when it is needed, and anew after the memory has grown. */
  get values(): Float32Array {
    if (this.#view === undefined || this.#view.buffer !== this.#heap.buffer) {
      this.#view = this.#heap.floats(this.pointer, this.length);
    }
    return this.#view;
  }

  /** Gives the memory back. */
  free(): void {
    this.#heap.free(this.pointer, 4 * this.length);
  }
}

/** What the kernels of the CPU backend know of a tensor. */
interface Data {
  values?: backend_util.BackendValues;
  dtype: DataType;
  refCount: number;
}

/** What is kept of a tensor: to the kernels of the CPU backend, what their own backend keeps. */
export class Stored implements Data {
  /** The parts of a complex tensor. */
  complexTensorInfos: { real: TensorInfo; imag: TensorInfo } | undefined = undefined;
  /** Where the values are in the heap; absent while they are an ordinary array. */
  block: Block | undefined = undefined;
  /** The values as floats, where they are integers that a float tensor shares with others since a cast. */
  floats: Block | undefined = undefined;
  #values: backend_util.BackendValues | undefined;

  /** Values of an ordinary array. */
  constructor(
    values: backend_util.BackendValues | undefined,
    public dtype: DataType,
    public refCount: number,
  ) {
    this.#values = values;
  }

  /** The values, wherever they are. */
  get values(): backend_util.BackendValues | undefined {
    return this.block === undefined ? this.#values : this.block.values;
  }

  /** From now on the values are those of the block. */
  moveTo(block: Block): void {
    this.block = block;
    this.#values = undefined;
  }

  /** Gives the memory of the values back. */
  free(): void {
    this.block?.free();
    this.floats?.free();
  }
}

/** All tensors of a backend, as far as fast kernels touch them in its heap. */
export class TensorStorage extends DataStorage<Data> {
  readonly #heap: Heap;
  readonly #free: (dataId: object) => void;
  /** What kernels that are running have stored, the innermost one's last. */
  readonly #made: object[] = [];
  #running = 0;

  /** An empty one. */
  constructor(backend: KernelBackend, mover: DataMover, heap: Heap) {
    super(backend, mover);
    this.#heap = heap;
    this.#free = (dataId) => backend.disposeData(dataId, true);
  }

  /**
   * Keeps a tensor. Some kernels of the CPU backend return a view of their input, whose memory may be freed
   * before that of the result: it is copied.
   */
  override set(dataId: object, { values, dtype, refCount }: Data): void {
    const isView = values instanceof Float32Array && values.buffer === this.#heap.buffer;
    this.keep(dataId, new Stored(isView ? values.slice() : values, dtype, refCount));
  }

  /** Keeps a tensor as it is. */
  keep(dataId: object, stored: Stored): void {
    super.set(dataId, stored);
    if (this.#running > 0) this.#made.push(dataId);
  }

  /** What is kept of a tensor; that of another backend moves here first. */
  override get(dataId: object): Stored {
    const stored = this.#find(dataId);
    if (stored !== undefined) return stored;
    // It stays here, whether the kernel that is running throws or not.
    const running = this.#running;
    this.#running = 0;
    try {
      return super.get(dataId) as Stored;
    } finally {
      this.#running = running;
    }
  }

  /** Forgets a tensor and frees its memory. */
  override delete(dataId: object): boolean {
    this.#find(dataId)?.free();
    return super.delete(dataId);
  }

  /** What is kept of a tensor that is here, by one look-up. */
  #find(dataId: object): Stored | undefined {
    return this["data"].get(dataId) as Stored | undefined;
  }

  /**
   * Calls a kernel. If it throws, what it has stored is freed again, and its inputs have as many references as
   * before.
   */
  allOrNothing<Call extends KernelCall, Result>(kernel: (call: Call) => Result, call: Call): Result {
    const before = this.#made.length;
    const counts: number[] = [];
    for (const name in call.inputs) {
      const input = call.inputs[name];
      counts.push(input ? this.#find(input.dataId)?.refCount ?? 0 : 0);
    }
    this.#running++;
    try {
      return kernel(call);
    } catch (error) {
      for (const dataId of this.#made.slice(before)) this.#free(dataId);
      Object.values(call.inputs).forEach((input, i) => {
        if (counts[i] > 0 && this.has(input!.dataId)) this.get(input!.dataId).refCount = counts[i];
      });
      throw error;
    } finally {
      this.#made.length = before;
      this.#running--;
    }
  }
}

/** What a kernel is called with, as far as it matters here. */
interface KernelCall {
  inputs: Record<string, TensorInfo | undefined>;
}

/** What a backend keeps of its tensors. */
export function storageOf(backend: NativeBackend): TensorStorage {
  return backend.data as unknown as TensorStorage;
}

/**
 * The values of a tensor of any type, as the kernels of the CPU backend see them; those of floats are valid until
 * the next allocation.
 */
export function valuesOf(backend: NativeBackend, tensor: TensorInfo): backend_util.TypedArray {
  return storageOf(backend).get(tensor.dataId).values as backend_util.TypedArray;
}

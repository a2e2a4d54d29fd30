import {
  allocate,
  describeValue,
  type DType,
  type RealArray,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { showShape, sizeOf } from "./check.ts";
import { DelayKernel } from "./delay.ts";
import {
  CoModule,
  kernelOf,
  type Mode,
  type OperationCount,
  setKernel,
  sliceFrames,
  type StreamKernel,
  times,
  total,
} from "./module.ts";
import { RingBuffer } from "./ring_buffer.ts";

/**
 * Modules one after the other. With the strides s, receptive fields r and paddings p of its parts, folded
 * from the last one: `r = s1 (r2 - 1) + r1`, `p = p1 + s1 p2`, `s = s1 s2`.
 *
 * @example
 * ```ts
 * import { CoConv1d, CoSequential } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * const ones = { shape: [1, 1, 3], data: new Float64Array(3).fill(1) };
 * const net = new CoSequential([new CoConv1d(ones, { stride: 2, padding: 1 }), new CoConv1d(ones)]);
 * assertEquals([net.receptiveField, net.padding, net.stride, net.delay], [7, 1, 2, 5]);
 * const clip = Float64Array.of(1, 2, 3, 4, 5, 6, 7);
 * assertEquals(net.steps(clip, { padEnd: true }), net.forward(clip));
 * ```
 */
export class CoSequential extends CoModule {
  /** The parts, in order. */
  readonly modules: readonly CoModule[];

  /**
   * Chains modules; they keep their own state and must not be used elsewhere.
   *
   * @throws {TypeError} if `modules` is not a list of modules.
   * @throws {RangeError} if it is empty, one occurs twice, or the shapes or precisions of two neighbours
   * differ.
   */
  constructor(modules: readonly CoModule[]) {
    super();
    const parts = requireModules("modules", modules);
    for (let i = 1; i < parts.length; i++) {
      const before = parts[i - 1];
      if (sizeOf(parts[i].inputShape) !== sizeOf(before.outputShape) || parts[i].dtype !== before.dtype) {
        throw new RangeError(
          `\`modules[${i}]\` must take the frames of the one before, ${
            describe(before.outputShape, before.dtype)
          }, ` +
            `got ${describe(parts[i].inputShape, parts[i].dtype)}`,
        );
      }
    }
    this.modules = [...modules];
    setKernel(this, new SequentialKernel(parts));
  }
}

function describe(shape: readonly number[], dtype: DType): string {
  return `${showShape(shape)} in ${dtype}`;
}

function requireModules(name: string, modules: readonly CoModule[]): StreamKernel[] {
  if (!Array.isArray(modules)) {
    throw new TypeError(`\`${name}\` must be an array of modules, got ${describeValue(modules)}`);
  }
  if (modules.length === 0) throw new RangeError(`\`${name}\` must have at least one module, got []`);
  const parts = modules.map((module, i) => kernelOf(`${name}[${i}]`, module));
  parts.forEach((part, i) => {
    if (parts.indexOf(part) !== i) {
      throw new RangeError(`\`${name}[${i}]\` must have a state of its own, got one of the list again`);
    }
  });
  return parts;
}

class SequentialKernel implements StreamKernel {
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly dtype: DType;
  readonly receptiveField: number;
  readonly padding: number;
  readonly stride: number;
  readonly delay: number;
  readonly buffers: readonly RealArray[];
  readonly counters: readonly Float64Array[];
  readonly #parts: readonly StreamKernel[];

  constructor(parts: readonly StreamKernel[]) {
    this.#parts = parts;
    this.inputShape = parts[0].inputShape;
    this.outputShape = parts[parts.length - 1].outputShape;
    this.dtype = parts[0].dtype;
    let receptiveField = 1;
    let padding = 0;
    let stride = 1;
    let delay = 0;
    for (const part of parts.toReversed()) {
      receptiveField = part.stride * (receptiveField - 1) + part.receptiveField;
      padding = part.padding + part.stride * padding;
      delay = part.delay + part.stride * delay;
      stride *= part.stride;
    }
    this.receptiveField = receptiveField;
    this.padding = padding;
    this.stride = stride;
    this.delay = delay;
    this.buffers = parts.flatMap(({ buffers }) => buffers);
    this.counters = parts.flatMap(({ counters }) => counters);
  }

  outputFrames(frames: number): number {
    for (const part of this.#parts) {
      if (frames <= 0) return 0;
      frames = part.outputFrames(frames);
    }
    return frames;
  }

  forward(clip: RealArray, frames: number): RealArray {
    let x = clip;
    for (const part of this.#parts) {
      x = part.forward(x, frames);
      frames = part.outputFrames(frames);
    }
    return x;
  }

  advance(frame: RealArray): RealArray | null {
    return this.#advanceFrom(0, frame);
  }

  #advanceFrom(first: number, frame: RealArray): RealArray | null {
    let x: RealArray | null = frame;
    for (let i = first; i < this.#parts.length && x !== null; i++) x = this.#parts[i].advance(x);
    return x;
  }

  flush(): RealArray[] {
    // The padding of a part is at the end of what the parts before it return, theirs included.
    const outputs: RealArray[] = [];
    this.#parts.forEach((part, i) => {
      for (const frame of part.flush()) {
        const out = this.#advanceFrom(i + 1, frame);
        if (out !== null) outputs.push(out.slice());
      }
    });
    return outputs;
  }

  operations(mode: Mode, frames: number): OperationCount {
    const counts: OperationCount[] = [];
    // Outputs of the part per output of the whole.
    let rate = this.stride;
    for (const part of this.#parts) {
      rate /= part.stride;
      counts.push(mode === "forward" ? part.operations(mode, frames) : times(part.operations(mode, 1), rate));
      frames = part.outputFrames(frames);
    }
    return total(counts);
  }
}

/** How the outputs of branches become one. */
export type Reduction = "sum" | "product" | "max";

/**
 * Which outputs of a branch that keeps more frames go with those of one that keeps fewer: the middle ones,
 * the first ones (the short branch is paired with older frames) or the last ones.
 */
export type BranchAlignment = "centred" | "lagging" | "leading";

/** Options of {@linkcode CoBroadcastReduce}. */
export interface BroadcastReduceOptions {
  /** Default "sum". */
  reduce?: Reduction;
  /** What is left out of a branch that returns more frames than another one. Default "centred". */
  align?: BranchAlignment;
}

const REDUCTIONS: Record<Reduction, (a: number, b: number) => number> = {
  sum: (a, b) => a + b,
  product: (a, b) => a * b,
  max: Math.max,
};

/**
 * Branches that see the same input, and whose outputs are summed. Output number j of the whole is made of the
 * outputs number j of all branches, after those that the alignment leaves out; a branch with a shorter delay
 * waits in a ring.
 *
 * @example A shortcut around a strided convolution, with a strided convolution of its own
 * ```ts
 * import { CoBroadcastReduce, CoConv1d } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * const conv = new CoConv1d({ shape: [1, 1, 3], data: Float64Array.of(1, 1, 1) }, { stride: 2, padding: 1 });
 * const shortcut = new CoConv1d({ shape: [1, 1, 1], data: Float64Array.of(10) }, { stride: 2 });
 * const block = new CoBroadcastReduce([conv, shortcut]);
 * assertEquals(block.forward(Float64Array.of(1, 2, 3)), Float64Array.of(13, 35));
 * assertEquals(block.steps(Float64Array.of(1, 2, 3), { padEnd: true }), Float64Array.of(13, 35));
 * ```
 */
export class CoBroadcastReduce extends CoModule {
  /** The branches. */
  readonly branches: readonly CoModule[];

  /**
   * Joins branches; they keep their own state and must not be used elsewhere.
   *
   * @param branches At least one.
   * @param options Reduction and alignment.
   * @throws {TypeError} if `branches` is not a list of modules, or a name is unknown.
   * @throws {RangeError} if shapes, precisions or strides differ, or the alignment is between two frames.
   */
  constructor(branches: readonly CoModule[], options: BroadcastReduceOptions = {}) {
    super();
    requireOptions("options", options, ["reduce", "align"]);
    const { reduce = "sum", align = "centred" } = options;
    requireOneOf("reduce", reduce, ["sum", "product", "max"]);
    requireOneOf("align", align, ["centred", "lagging", "leading"]);
    const parts = requireModules("branches", branches);
    parts.forEach((part, i) => {
      const [first] = parts;
      for (
        const [what, given, wanted] of [
          ["input", part.inputShape, first.inputShape],
          ["output", part.outputShape, first.outputShape],
        ] as const
      ) {
        if (sizeOf(given) !== sizeOf(wanted) || part.dtype !== first.dtype) {
          throw new RangeError(
            `\`branches[${i}]\` must have the ${what} frames of the first, ${
              describe(wanted, first.dtype)
            }, got ` +
              describe(given, part.dtype),
          );
        }
      }
      if (part.stride !== first.stride) {
        throw new RangeError(
          `\`branches[${i}]\` must have the stride of the first, ${first.stride}, got ${part.stride}`,
        );
      }
    });
    this.branches = [...branches];
    setKernel(this, new BroadcastReduceKernel(parts, REDUCTIONS[reduce], align));
  }
}

/**
 * `module(x) + x`, with x delayed by as much as the module. Where the module has too little padding to keep
 * all frames, x is cut on both sides (the default), at the end ("lagging") or at the start ("leading").
 *
 * @example
 * ```ts
 * import { CoConv1d, CoResidual } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * const sum = { shape: [1, 1, 3], data: Float64Array.of(1, 1, 1) };
 * const block = new CoResidual(new CoConv1d(sum, { padding: 1 }));
 * assertEquals(block.delay, 1);
 * assertEquals(block.steps(Float64Array.of(1, 2, 3, 4)), Float64Array.of(1 + 3, 2 + 6, 3 + 9));
 * ```
 */
export class CoResidual extends CoModule {
  /**
   * A residual around a module, which keeps its own state and must not be used elsewhere.
   *
   * @param module Its outputs have the shape of its inputs.
   * @param options `align`: which frames of x are used where the module shortens a clip. Default "centred".
   * @throws {TypeError} if `module` is not one, or a name is unknown.
   * @throws {RangeError} if the shapes differ, the stride is not 1, or "centred" would be between two frames.
   */
  constructor(module: CoModule, options: { align?: BranchAlignment } = {}) {
    super();
    const part = kernelOf("module", module);
    requireOptions("options", options, ["align"]);
    const { align = "centred" } = options;
    requireOneOf("align", align, ["centred", "lagging", "leading"]);
    if (part.stride !== 1) {
      throw new RangeError(
        `\`module\` must have stride 1, got ${part.stride}: align a strided shortcut with CoBroadcastReduce`,
      );
    }
    if (sizeOf(part.inputShape) !== sizeOf(part.outputShape)) {
      throw new RangeError(
        `\`module\` must return frames like its inputs, ${showShape(part.inputShape)}, got ` +
          showShape(part.outputShape),
      );
    }
    const identity = new DelayKernel(0, part.inputShape, part.dtype);
    setKernel(this, new BroadcastReduceKernel([part, identity], REDUCTIONS.sum, align));
  }
}

/** Frames that a clip loses. */
function shrinkage({ receptiveField, padding }: StreamKernel): number {
  return receptiveField - 1 - 2 * padding;
}

/** Joins branches output by output, in order. */
export class BroadcastReduceKernel implements StreamKernel {
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly dtype: DType;
  readonly receptiveField: number;
  readonly padding: number;
  readonly stride: number;
  readonly delay: number;
  readonly buffers: readonly RealArray[];
  readonly counters: readonly Float64Array[];
  readonly #parts: readonly StreamKernel[];
  readonly #reduce: (a: number, b: number) => number;
  /** Outputs at the start of each branch that have no partner. */
  readonly #skipped: number[];
  /** Outputs that wait for the other branches. */
  readonly #waiting: RingBuffer[];
  readonly #returned: Float64Array = new Float64Array(1);
  readonly #out: RealArray;

  constructor(
    parts: readonly StreamKernel[],
    reduce: (a: number, b: number) => number,
    align: BranchAlignment,
  ) {
    const [first] = parts;
    this.#parts = parts;
    this.#reduce = reduce;
    this.inputShape = first.inputShape;
    this.outputShape = first.outputShape;
    this.dtype = first.dtype;
    this.stride = first.stride;
    const longest = parts.reduce((a, b) => b.receptiveField > a.receptiveField ? b : a);
    this.receptiveField = longest.receptiveField;
    this.padding = longest.padding;
    const most = parts.reduce((max, part) => Math.max(max, shrinkage(part)), -Infinity);
    this.#skipped = parts.map((part) => {
      const extra = most - shrinkage(part);
      const frames = align === "lagging" ? 0 : align === "leading" ? extra : extra / 2;
      if (frames % this.stride !== 0) {
        throw new RangeError(
          `\`align\` "${align}" must leave out whole frames of the shorter branch, got ${frames} frames at ` +
            `stride ${this.stride}`,
        );
      }
      return frames / this.stride;
    });
    this.delay = parts.reduce(
      (max, part, b) => Math.max(max, part.delay + this.stride * this.#skipped[b]),
      0,
    );
    const size = sizeOf(this.outputShape);
    this.#waiting = parts.map((part, b) => {
      const ahead = Math.floor((this.delay - part.delay) / this.stride) - this.#skipped[b] + 1;
      return new RingBuffer(ahead, size, { dtype: this.dtype });
    });
    this.#out = allocate(this.dtype, size);
    this.buffers = [...parts.flatMap(({ buffers }) => buffers), ...this.#waiting.map(({ data }) => data)];
    this.counters = [
      ...parts.flatMap(({ counters }) => counters),
      ...this.#waiting.map(({ counter }) => counter),
      this.#returned,
    ];
  }

  outputFrames(frames: number): number {
    return this.#parts.reduce(
      (min, part, b) => Math.min(min, part.outputFrames(frames) - this.#skipped[b]),
      Infinity,
    );
  }

  forward(clip: RealArray, frames: number): RealArray {
    const count = this.outputFrames(frames);
    const outputs = this.#parts.map((part, b) =>
      sliceFrames(
        part.forward(clip, frames),
        part.outputShape,
        part.outputFrames(frames),
        this.#skipped[b],
        count,
      )
    );
    const [out, ...others] = outputs;
    const sum = out.slice();
    for (const other of others) for (let i = 0; i < sum.length; i++) sum[i] = this.#reduce(sum[i], other[i]);
    return sum;
  }

  advance(frame: RealArray): RealArray | null {
    const next = this.#returned[0];
    let ready = true;
    for (let b = 0; b < this.#parts.length; b++) {
      const out = this.#parts[b].advance(frame);
      const waiting = this.#waiting[b];
      if (out !== null) waiting.push(out);
      if (waiting.count <= next + this.#skipped[b]) ready = false;
    }
    if (!ready) return null;
    this.#returned[0]++;
    this.#waiting.forEach((waiting, b) => {
      const out = waiting.at(waiting.count - 1 - (next + this.#skipped[b]));
      if (b === 0) this.#out.set(out);
      else for (let i = 0; i < out.length; i++) this.#out[i] = this.#reduce(this.#out[i], out[i]);
    });
    return this.#out;
  }

  flush(): RealArray[] {
    // What is left of each branch, in order: what waits, and what its own padding brings.
    const next = this.#returned[0];
    const left = this.#parts.map((part, b) => {
      const waiting = this.#waiting[b];
      const start = next + this.#skipped[b];
      const old: RealArray[] = [];
      for (let j = start; j < waiting.count; j++) old.push(waiting.at(waiting.count - 1 - j).slice());
      // Outputs that the alignment leaves out may not have come yet.
      return [...old, ...part.flush().slice(Math.max(0, start - waiting.count))];
    });
    const count = left.reduce((min, frames) => Math.min(min, frames.length), Infinity);
    return Array.from({ length: count }, (_, i) => {
      const out = left[0][i];
      for (const frames of left.slice(1)) {
        for (let p = 0; p < out.length; p++) out[p] = this.#reduce(out[p], frames[i][p]);
      }
      return out;
    });
  }

  operations(mode: Mode, frames: number): OperationCount {
    const outputs = mode === "step" ? 1 : Math.max(0, this.outputFrames(frames));
    return total([
      ...this.#parts.map((part) => part.operations(mode, frames)),
      { mul: 0, add: outputs * (this.#parts.length - 1) * sizeOf(this.outputShape), exp: 0 },
    ]);
  }
}

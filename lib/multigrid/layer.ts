/**
 * Layers of networks on grids, with their derivatives written out. All functions are stored as
 * `[channels, points, batch]`, so that a convolution is one copy and one product for the whole batch. Not
 * public.
 */
import type { RealArray } from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import { activate } from "../networks/activation.ts";
import type { Patches, Workspace } from "./patches.ts";

/** Channels and points of a function on a grid. */
export interface GridShape {
  readonly channels: number;
  readonly points: number;
}

/** An array of parameters. */
export interface TensorInfo {
  readonly name: string;
  readonly shape: readonly number[];
  /** Least and largest value of its uniform start. */
  readonly start: readonly [low: number, high: number];
}

/** Storage for one size of batch. */
export interface Room<Data extends RealArray = RealArray> extends Workspace<Data> {
  /** Values of the tensors of a layer, and where their gradients are added. */
  readonly values: readonly Data[];
  readonly gradients: readonly Data[];
  /** New zeros. */
  allocate(length: number): Data;
}

/** A layer with storage. Arrays that are returned belong to the layer; arguments are not changed. */
export interface BoundLayer<Data extends RealArray = RealArray> {
  forward(x: Data): Data;
  /** Adds to the gradients; returns the cotangents of the input of the last `forward`. */
  backward(cotangents: Data): Data;
}

/** A layer. */
export interface GridLayer {
  readonly input: GridShape;
  readonly output: GridShape;
  readonly tensors: readonly TensorInfo[];
  bind<Data extends RealArray>(room: Room<Data>): BoundLayer<Data>;
}

/** Number of entries of an array of parameters. */
export function tensorSize({ shape }: TensorInfo): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Framework default of a convolution: uniform within 1 / sqrt(fan-in). */
export function uniformTensor(name: string, shape: readonly number[], fanIn: number): TensorInfo {
  const bound = 1 / Math.sqrt(fanIn);
  return { name, shape, start: [-bound, bound] };
}

/**
 * A convolution without bias with storage; its kernel is `[taps, channels in, channels out]`. The input of
 * the last `forward` is read again by `backward`.
 */
export class BoundConvolution<Data extends RealArray> {
  readonly #patches: Patches;
  readonly #shape: readonly [channelsIn: number, channelsOut: number];
  readonly #kernel: Data;
  readonly #gradient: Data;
  readonly #room: Room<Data>;
  /** The kernel of the adjoint, and the gradient in its order: `[channels in, taps, channels out]`. */
  readonly #flipped: Data;
  #input: Data | undefined;

  constructor(
    patches: Patches,
    shape: readonly [channelsIn: number, channelsOut: number],
    kernel: Data,
    gradient: Data,
    room: Room<Data>,
  ) {
    this.#patches = patches;
    this.#shape = shape;
    this.#kernel = kernel;
    this.#gradient = gradient;
    this.#room = room;
    this.#flipped = room.allocate(kernel.length);
  }

  /** y = factor times the convolution of x + kept times y. */
  forward(x: Data, y: Data, factor: number, kept: 0 | 1): void {
    const { taps, pointsOut } = this.#patches;
    const [inputs, outputs] = this.#shape;
    const width = pointsOut * this.#room.batch;
    const rows = taps * inputs;
    this.#input = x;
    const columns = this.#columns(x, inputs);
    engine().gemm(
      true,
      false,
      outputs,
      width,
      rows,
      factor,
      this.#kernel,
      outputs,
      columns,
      width,
      kept,
      y,
      width,
    );
  }

  /** Adds to the gradient and to `dx`. */
  backward(dy: Data, dx: Data, factor: number): void {
    if (this.#patches.isFlippable) this.#backwardByFlipping(dy, dx, factor);
    else this.#backwardByScattering(dy, dx, factor);
  }

  /** The adjoint is a convolution, too: what the taps read of `dy` serves both products. */
  #backwardByFlipping(dy: Data, dx: Data, factor: number): void {
    const { taps, pointsOut } = this.#patches;
    const [inputs, outputs] = this.#shape;
    const width = pointsOut * this.#room.batch;
    const rows = taps * outputs;
    const columns = this.#columns(dy, outputs);
    const flipped = this.#flipped;
    engine().gemm(
      false,
      true,
      inputs,
      rows,
      width,
      factor,
      this.#input!,
      width,
      columns,
      width,
      0,
      flipped,
      rows,
    );
    this.#inFlippedOrder((k, f) => this.#gradient[k] += flipped[f]);
    this.#inFlippedOrder((k, f) => flipped[f] = this.#kernel[k]);
    engine().gemm(
      false,
      false,
      inputs,
      width,
      rows,
      factor,
      flipped,
      rows,
      columns,
      width,
      1,
      dx,
      width,
    );
  }

  #backwardByScattering(dy: Data, dx: Data, factor: number): void {
    const { taps, pointsOut } = this.#patches;
    const [inputs, outputs] = this.#shape;
    const width = pointsOut * this.#room.batch;
    const rows = taps * inputs;
    const columns = this.#columns(this.#input!, inputs);
    engine().gemm(
      false,
      true,
      rows,
      outputs,
      width,
      factor,
      columns,
      width,
      dy,
      width,
      1,
      this.#gradient,
      outputs,
    );
    engine().gemm(
      false,
      false,
      rows,
      width,
      outputs,
      factor,
      this.#kernel,
      outputs,
      dy,
      width,
      0,
      columns,
      width,
    );
    this.#patches.scatter(columns, dx, inputs, this.#room);
  }

  /** What each tap reads; for one tap that is the array itself. */
  #columns(x: Data, channels: number): Data {
    return this.#patches.isIdentity ? x : this.#patches.gather(x, channels, this.#room);
  }

  /** Calls `body` with the place of each entry in the kernel and in the flipped one. */
  #inFlippedOrder(body: (k: number, flipped: number) => void): void {
    const { taps } = this.#patches;
    const [inputs, outputs] = this.#shape;
    let k = 0;
    for (let tap = 0; tap < taps; tap++) {
      for (let i = 0; i < inputs; i++) {
        const start = (i * taps + taps - 1 - tap) * outputs;
        for (let o = 0; o < outputs; o++) body(k++, start + o);
      }
    }
  }
}

/**
 * The transpose of a convolution with stride 2, with storage: from the coarse grid to the fine one. Its
 * kernel is `[taps, channels out, channels in]`.
 */
export class BoundTransposedConvolution<Data extends RealArray> {
  readonly #patches: Patches;
  readonly #shape: readonly [channelsIn: number, channelsOut: number];
  readonly #kernel: Data;
  readonly #gradient: Data;
  readonly #room: Room<Data>;
  #input: Data | undefined;

  constructor(
    patches: Patches,
    shape: readonly [channelsIn: number, channelsOut: number],
    kernel: Data,
    gradient: Data,
    room: Room<Data>,
  ) {
    this.#patches = patches;
    this.#shape = shape;
    this.#kernel = kernel;
    this.#gradient = gradient;
    this.#room = room;
  }

  /** Adds to `y`. */
  forward(x: Data, y: Data): void {
    const { taps, pointsOut } = this.#patches;
    const [inputs, outputs] = this.#shape;
    const { batch } = this.#room;
    this.#input = x;
    const width = pointsOut * batch;
    const rows = taps * outputs;
    const columns = this.#patches.columns(outputs, this.#room);
    engine().gemm(
      false,
      false,
      rows,
      width,
      inputs,
      1,
      this.#kernel,
      inputs,
      x,
      width,
      0,
      columns,
      width,
    );
    this.#patches.scatter(columns, y, outputs, this.#room);
  }

  /** Adds to the gradient and to `dx`. */
  backward(dy: Data, dx: Data): void {
    const { taps, pointsOut } = this.#patches;
    const [inputs, outputs] = this.#shape;
    const { batch } = this.#room;
    const width = pointsOut * batch;
    const rows = taps * outputs;
    const columns = this.#patches.gather(dy, outputs, this.#room);
    engine().gemm(
      true,
      false,
      inputs,
      width,
      rows,
      1,
      this.#kernel,
      inputs,
      columns,
      width,
      1,
      dx,
      width,
    );
    engine().gemm(
      false,
      true,
      rows,
      inputs,
      width,
      1,
      columns,
      width,
      this.#input!,
      width,
      1,
      this.#gradient,
      inputs,
    );
  }
}

/** A convolution of stride 1, with or without a bias per channel; a kernel of one tap acts point by point. */
export function convolutionLayer(
  patches: Patches,
  [inputs, outputs]: readonly [channelsIn: number, channelsOut: number],
  options: { bias: boolean; name: string },
): GridLayer {
  const { bias, name } = options;
  const fanIn = patches.taps * inputs;
  const shape = patches.taps === 1 ? [inputs, outputs] : [patches.taps, inputs, outputs];
  const tensors = [uniformTensor(`${name} kernel`, shape, fanIn)];
  if (bias) tensors.push(uniformTensor(`${name} bias`, [outputs], fanIn));
  return {
    input: { channels: inputs, points: patches.pointsIn },
    output: { channels: outputs, points: patches.pointsOut },
    tensors,
    bind<Data extends RealArray>(room: Room<Data>) {
      const [kernel, shifts] = room.values;
      const [kernelGradient, shiftGradient] = room.gradients;
      const convolution = new BoundConvolution(patches, [inputs, outputs], kernel, kernelGradient, room);
      const width = patches.pointsOut * room.batch;
      const y = room.allocate(outputs * width);
      const dx = room.allocate(inputs * patches.pointsIn * room.batch);
      return {
        forward(x: Data) {
          if (bias) { for (let c = 0; c < outputs; c++) y.fill(shifts[c], c * width, (c + 1) * width); }
          convolution.forward(x, y, 1, bias ? 1 : 0);
          return y;
        },
        backward(dy: Data) {
          if (bias) {
            for (let c = 0; c < outputs; c++) {
              let sum = 0;
              for (let k = c * width; k < (c + 1) * width; k++) sum += dy[k];
              shiftGradient[c] += sum;
            }
          }
          dx.fill(0);
          convolution.backward(dy, dx, 1);
          return dx;
        },
      };
    },
  };
}

/** x Phi(x), point by point. */
export function geluLayer(shape: GridShape): GridLayer {
  return {
    input: shape,
    output: shape,
    tensors: [],
    bind<Data extends RealArray>(room: Room<Data>) {
      const count = shape.channels * shape.points * room.batch;
      const y = room.allocate(count);
      const slope = room.allocate(count);
      const dx = room.allocate(count);
      return {
        forward(x: Data) {
          y.set(x);
          activate("gelu", y, count, slope);
          return y;
        },
        backward(dy: Data) {
          for (let k = 0; k < count; k++) dx[k] = dy[k] * slope[k];
          return dx;
        },
      };
    },
  };
}

/** The sum of what two layers make of the same input. */
export function sumLayer(first: GridLayer, second: GridLayer): GridLayer {
  const split = first.tensors.length;
  return {
    input: first.input,
    output: first.output,
    tensors: [...first.tensors, ...second.tensors],
    bind<Data extends RealArray>(room: Room<Data>) {
      const part = (start: number, end?: number) => ({
        ...room,
        values: room.values.slice(start, end),
        gradients: room.gradients.slice(start, end),
      });
      const a = first.bind(part(0, split));
      const b = second.bind(part(split));
      return {
        forward: (x: Data) => added(a.forward(x), b.forward(x)),
        backward: (dy: Data) => added(a.backward(dy), b.backward(dy)),
      };
    },
  };
}

function added<Data extends RealArray>(a: Data, b: Data): Data {
  for (let k = 0; k < a.length; k++) a[k] += b[k];
  return a;
}

/** Takes the values of given points, -1 for zeros; every point at most once. */
export function reindexLayer(channels: number, pointsIn: number, sources: Int32Array): GridLayer {
  return {
    input: { channels, points: pointsIn },
    output: { channels, points: sources.length },
    tensors: [],
    bind<Data extends RealArray>(room: Room<Data>) {
      const { batch } = room;
      const y = room.allocate(channels * sources.length * batch);
      const dx = room.allocate(channels * pointsIn * batch);
      const copy = (isForward: boolean, from: Data, to: Data) => {
        for (let c = 0; c < channels; c++) {
          for (let p = 0; p < sources.length; p++) {
            if (sources[p] < 0) continue;
            const inside = (c * pointsIn + sources[p]) * batch;
            const outside = (c * sources.length + p) * batch;
            const source = isForward ? inside : outside;
            const target = isForward ? outside : inside;
            for (let b = 0; b < batch; b++) to[target + b] = from[source + b];
          }
        }
        return to;
      };
      return {
        forward: (x: Data) => copy(true, x, y),
        backward: (dy: Data) => copy(false, dy, dx),
      };
    },
  };
}

/**
 * Appends the coordinates of the points of a square as two channels: 0 to 1 along rows, then along columns.
 */
export function coordinatesLayer(channels: number, n: number): GridLayer {
  const points = n * n;
  return {
    input: { channels, points },
    output: { channels: channels + 2, points },
    tensors: [],
    bind<Data extends RealArray>(room: Room<Data>) {
      const { batch } = room;
      const given = channels * points * batch;
      const y = room.allocate(given + 2 * points * batch);
      for (let p = 0; p < points; p++) {
        const at = given + p * batch;
        y.fill(Math.floor(p / n) / Math.max(1, n - 1), at, at + batch);
        y.fill((p % n) / Math.max(1, n - 1), at + points * batch, at + (points + 1) * batch);
      }
      return {
        forward(x: Data) {
          y.set(x);
          return y;
        },
        backward: (dy: Data) => dy.subarray(0, given) as Data,
      };
    },
  };
}

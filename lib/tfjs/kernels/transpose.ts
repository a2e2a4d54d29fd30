import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import { areFloats, replace, sizeOf } from "./replace.ts";

/** Replaces permutations of axes, where the CPU backend moves the entries one by one. */
export function registerTranspose(): void {
  replace<{ perm: number[] }>("Transpose", ({ inputs: { x }, attrs: { perm }, backend }) => {
    if (!areFloats(x)) return undefined;
    const isPermutation = perm.length === x.shape.length && x.shape.every((_, axis) => perm.includes(axis));
    if (!isPermutation) {
      throw new RangeError(`Transpose: \`perm\` must have every axis of [${x.shape}] once, got [${perm}]`);
    }
    return transpose(backend, x, perm);
  });
}

/** Axes of a tensor that are neighbours before and after a permutation, as one axis. */
interface JoinedAxis {
  first: number;
  last: number;
  size: number;
}

/**
 * Any permutation of axes. After neighbours are joined, most are one exchange of two, `[batch, m, n, run]` to
 * `[batch, n, m, run]`; the others are gathered plane by plane.
 */
export function transpose(backend: NativeBackend, x: TensorInfo, perm: readonly number[]): TensorInfo {
  const shape = perm.map((axis) => x.shape[axis]);
  const axes = joinedAxes(x.shape, perm);
  if (axes.length < 2) {
    backend.incRef(x.dataId);
    return { dataId: x.dataId, shape, dtype: "float32" };
  }
  const before = [...axes].sort((a, b) => a.first - b.first);
  const batch = axes[0] === before[0] ? axes[0] : undefined;
  const run = axes.at(-1) === before.at(-1) ? axes.at(-1) : undefined;
  const moved = axes.filter((axis) => axis !== batch && axis !== run);
  const { pointer } = backend.place(x);
  const out = backend.allocate(shape);
  if (moved.length === 2) {
    const [n, m] = moved;
    const { transpose } = backend.heap.kernels;
    transpose(pointer, out.pointer, batch?.size ?? 1, m.size, n.size, run?.size ?? 1);
  } else {
    gatherPlanes(backend, pointer, out.pointer, x.shape, axes);
  }
  return out;
}

/** The axes of the result, joined where they are neighbours in `shape` too; axes of size 1 belong to any. */
function joinedAxes(shape: readonly number[], perm: readonly number[]): JoinedAxis[] {
  const axes: JoinedAxis[] = [];
  for (const axis of perm) {
    const size = shape[axis];
    if (size === 1) continue;
    const joined = axes.at(-1);
    const follows = joined !== undefined && axis > joined.last &&
      shape.slice(joined.last + 1, axis).every((between) => between === 1);
    if (follows) {
      joined.last = axis;
      joined.size *= size;
    } else {
      axes.push({ first: axis, last: axis, size });
    }
  }
  return axes;
}

/** Writes the result from its beginning to its end: planes of its last two axes, each gathered from `x`. */
function gatherPlanes(
  backend: NativeBackend,
  from: number,
  to: number,
  shape: readonly number[],
  axes: readonly JoinedAxis[],
): void {
  const { gather_plane } = backend.heap.kernels;
  const strides = axes.map(({ last }) => sizeOf(shape.slice(last + 1)));
  const rows = axes.length - 2;
  const columns = axes.length - 1;
  const plane = 4 * axes[rows].size * axes[columns].size;
  const gather = (axis: number, at: number) => {
    if (axis === rows) {
      gather_plane(at, to, axes[rows].size, axes[columns].size, strides[rows], strides[columns]);
      to += plane;
      return;
    }
    for (let i = 0; i < axes[axis].size; i++) gather(axis + 1, at + 4 * i * strides[axis]);
  };
  gather(0, from);
}

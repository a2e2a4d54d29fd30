import type { NativeBackend } from "../backend.ts";
import { type ConvInfo, type Convolution, isInManyWindows, windowArguments } from "./convolution.ts";
import { gemm } from "./matmul.ts";

/**
 * Patches are laid out for this many floats at a time: they are read back from the cache, not from memory.
 */
const PATCH_FLOATS = 1 << 18;

/**
 * Convolution as matrix products. The patches of the images, one per position of the output, are the rows of a
 * matrix `P`. With the filter as a matrix `F`, whose rows are the entries of a patch,
 *
 *     y = P F,    dF = P^T dy,    dP = dy F^T,
 *
 * and dx is dP with the patches added up where they overlap.
 */
export const convolution: Convolution = {
  kernels: {
    forward: "Conv2D",
    fused: "FusedConv2D",
    filterGradient: "Conv2DBackpropFilter",
    inputGradient: "Conv2DBackpropInput",
  },
  depthwise: false,

  forward(backend, x, filter, info) {
    const k = patchLength(info);
    const n = info.outChannels;
    const { pointer } = backend.place(x);
    const b = backend.place(filter).pointer;
    const out = backend.allocate(info.outShape);
    withPatches(backend, info, pointer, (patches, first, count) => {
      const c = out.pointer + 4 * first * n;
      gemm(backend, { transposeA: false, transposeB: false, m: count, n, k, a: patches, b, c });
    });
    return out;
  },

  filterGradient(backend, x, dy, info) {
    const { heap } = backend;
    const m = patchLength(info);
    const n = info.outChannels;
    const size = m * n;
    const { pointer } = backend.place(x);
    const slopes = backend.place(dy).pointer;
    const out = backend.allocate(info.filterShape);
    // Products are added in doubles: there may be many.
    const carryBytes = 8 * (size + 3);
    heap.borrow(carryBytes, (carry) => {
      heap.bytes(carry, carryBytes).fill(0);
      withPatches(backend, info, pointer, (patches, first, count) => {
        const b = slopes + 4 * first * n;
        gemm(backend, { transposeA: true, transposeB: false, m, n, k: count, a: patches, b, c: out.pointer });
        heap.kernels.carry_add(out.pointer, carry, size);
      });
      heap.kernels.carry_write(carry, out.pointer, size);
    });
    return out;
  },

  inputGradient(backend, dy, filter, info) {
    const k = info.outChannels;
    const n = patchLength(info);
    const slopes = backend.place(dy).pointer;
    const b = backend.place(filter).pointer;
    const out = backend.allocate(info.inShape);
    addPatches(backend, info, out.pointer, (patches, first, count) => {
      const a = slopes + 4 * first * k;
      gemm(backend, { transposeA: false, transposeB: true, m: count, n, k, a, b, c: patches });
    });
    return out;
  },
};

/** What is called with `count` patches, those of the positions from `first` on. */
type PatchVisitor = (patches: number, first: number, count: number) => void;

/** Calls `visit` with the patches of images, for all positions piece by piece. */
function withPatches(backend: NativeBackend, info: ConvInfo, images: number, visit: PatchVisitor): void {
  if (isPointwise(info)) return visit(images, 0, info.batchSize * positionsOf(info));
  const { im2col } = backend.heap.kernels;
  const windows = windowArguments(info, info.inChannels);
  const imageBytes = 4 * imageSize(info);
  overPositions(backend, info, (patches, image, from, to) => {
    im2col(images + image * imageBytes, patches, ...windows, info.outWidth, from, to);
    visit(patches, image * positionsOf(info) + from, to - from);
  });
}

/** Writes images that are sums of overlapping patches, which `fill` writes piece by piece. */
function addPatches(backend: NativeBackend, info: ConvInfo, images: number, fill: PatchVisitor): void {
  if (isPointwise(info)) return fill(images, 0, info.batchSize * positionsOf(info));
  const { heap } = backend;
  const { col2im, col2im_wide, carry_write } = heap.kernels;
  const windows = windowArguments(info, info.inChannels);
  const size = info.batchSize * imageSize(info);
  const addTo = (sums: number, bytesPerEntry: number, add: typeof col2im) => {
    heap.bytes(sums, size * bytesPerEntry).fill(0);
    const imageBytes = imageSize(info) * bytesPerEntry;
    overPositions(backend, info, (patches, image, from, to) => {
      fill(patches, image * positionsOf(info) + from, to - from);
      add(patches, sums + image * imageBytes, ...windows, info.outWidth, from, to);
    });
  };
  if (!isInManyWindows(info)) return addTo(images, 4, col2im);
  heap.borrow(8 * (size + 3), (sums) => {
    addTo(sums, 8, col2im_wide);
    carry_write(sums, images, size);
  });
}

/** Calls `visit` for the positions `from..to` of every image, piece by piece, with room for their patches. */
function overPositions(
  backend: NativeBackend,
  info: ConvInfo,
  visit: (patches: number, image: number, from: number, to: number) => void,
): void {
  const length = patchLength(info);
  const positions = positionsOf(info);
  const step = Math.max(1, Math.min(positions, Math.floor(PATCH_FLOATS / length)));
  backend.heap.borrow(4 * step * length, (patches) => {
    for (let image = 0; image < info.batchSize; image++) {
      for (let from = 0; from < positions; from += step) {
        visit(patches, image, from, Math.min(from + step, positions));
      }
    }
  });
}

/** A 1 x 1 filter that visits every pixel: its patches are the images themselves. */
function isPointwise(info: ConvInfo): boolean {
  return info.filterHeight === 1 && info.filterWidth === 1 && info.strideHeight === 1 &&
    info.strideWidth === 1 && info.padInfo.top === 0 && info.padInfo.left === 0 &&
    info.outHeight === info.inHeight && info.outWidth === info.inWidth;
}

/** Floats in a patch. */
function patchLength(info: ConvInfo): number {
  return info.filterHeight * info.filterWidth * info.inChannels;
}

/** Positions of the output of one image. */
function positionsOf(info: ConvInfo): number {
  return info.outHeight * info.outWidth;
}

/** Floats in an image. */
function imageSize(info: ConvInfo): number {
  return info.inHeight * info.inWidth * info.inChannels;
}

import { allocate, type RealArray } from "../arrays/mod.ts";
import { dtypeOf, sizeOf } from "./check.ts";

/** How the columns that the taps multiply are made from a frame. */
export interface Frames {
  inputShape: readonly number[];
  /** Output frame without its channels. */
  outputPositions: readonly number[];
  /** Rows of the columns: input channels times the size of the spatial kernel. */
  rows: number;
  /** Columns of a frame, `rows x positions`; the frame itself where the kernel has no spatial extent. */
  unfold(frame: RealArray): RealArray;
}

export function plainFrames(channels: number, positions: readonly number[]): Frames {
  return {
    inputShape: [channels, ...positions],
    outputPositions: positions,
    rows: channels,
    unfold: (frame) => frame,
  };
}

/** Columns of the patches that a spatial kernel sees; what is outside of the frame is zero. */
export function patches(
  channels: number,
  size: readonly number[],
  kernel: readonly number[],
  padding: readonly number[],
  stride: readonly number[],
): Frames {
  const out = size.map((length, i) => Math.floor((length + 2 * padding[i] - kernel[i]) / stride[i]) + 1);
  out.forEach((length, i) => {
    if (length < 1) {
      throw new RangeError(
        `\`weight\` must not be longer than the frame along spatial axis ${i}: ${kernel[i]} taps over ` +
          `${size[i]} positions with padding ${padding[i]}`,
      );
    }
  });
  const rows = channels * sizeOf(kernel);
  const columns = sizeOf(out);
  // Where each entry of the columns comes from, or -1; the second axis has length 1 where there is none.
  const [height, width = 1] = size;
  const [kernelHeight, kernelWidth = 1] = kernel;
  const [outHeight, outWidth = 1] = out;
  const source = new Int32Array(rows * columns);
  let at = 0;
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < kernelHeight; i++) {
      for (let j = 0; j < kernelWidth; j++) {
        for (let y = 0; y < outHeight; y++) {
          for (let x = 0; x < outWidth; x++) {
            const row = y * stride[0] + i - padding[0];
            const column = x * (stride[1] ?? 1) + j - (padding[1] ?? 0);
            const inside = row >= 0 && row < height && column >= 0 && column < width;
            source[at++] = inside ? (c * height + row) * width + column : -1;
          }
        }
      }
    }
  }
  return {
    inputShape: [channels, ...size],
    outputPositions: out,
    rows,
    unfold: (frame) => {
      const unfolded = allocate(dtypeOf(frame), source.length);
      for (let k = 0; k < source.length; k++) if (source[k] >= 0) unfolded[k] = frame[source[k]];
      return unfolded;
    },
  };
}

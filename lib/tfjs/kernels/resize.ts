import type { TensorInfo } from "@tensorflow/tfjs-core";
import { areFloats, replace } from "./replace.ts";
import { valuesOf } from "../storage.ts";

interface ResizeAttributes {
  alignCorners: boolean;
  halfPixelCenters?: boolean;
}

/** The pixels of one axis of the image that a pixel of the resized image is made of, and how much of each. */
interface Source {
  first: number;
  last: number;
  /** The share of `last`; the rest is that of `first`. */
  share: number;
}

/**
 * Replaces the gradients of resizing. Those of the CPU backend exchange height and width, take the slopes of
 * other images of the batch, and know no half-pixel centers.
 */
export function registerResizing(): void {
  for (
    const [kernel, sourceOf] of [["ResizeBilinearGrad", between], [
      "ResizeNearestNeighborGrad",
      nearest,
    ]] as const
  ) {
    replace<ResizeAttributes>(kernel, ({ inputs: { images, dy }, attrs, backend }) => {
      if (!areFloats(images, dy)) return undefined;
      requireSameBatch(kernel, images, dy);
      const [batch, height, width, channels] = images.shape;
      const rows = sources(height, dy.shape[1], attrs, sourceOf);
      const columns = sources(width, dy.shape[2], attrs, sourceOf);
      const slopes = valuesOf(backend, dy);
      const sums = new Float64Array(batch * height * width * channels);
      let at = 0;
      for (let image = 0; image < batch; image++) {
        const pixel = (y: number, x: number) => ((image * height + y) * width + x) * channels;
        for (const row of rows) {
          for (const column of columns) {
            const corners: [pixel: number, share: number][] = [
              [pixel(row.first, column.first), (1 - row.share) * (1 - column.share)],
              [pixel(row.first, column.last), (1 - row.share) * column.share],
              [pixel(row.last, column.first), row.share * (1 - column.share)],
              [pixel(row.last, column.last), row.share * column.share],
            ];
            for (const [to, share] of corners) {
              if (share !== 0) { for (let c = 0; c < channels; c++) sums[to + c] += share * slopes[at + c]; }
            }
            at += channels;
          }
        }
      }
      return backend.makeTensorInfo(images.shape, "float32", Float32Array.from(sums));
    });
  }
}

function requireSameBatch(kernel: string, images: TensorInfo, dy: TensorInfo): void {
  const areImages = images.shape.length === 4 && dy.shape.length === 4;
  if (areImages && images.shape[0] === dy.shape[0] && images.shape[3] === dy.shape[3]) return;
  throw new RangeError(
    `${kernel}: \`dy\` must have the batch size and the channels of \`images\`, got shapes [${dy.shape}] and ` +
      `[${images.shape}]`,
  );
}

/** What each of `count` pixels is made of, of an axis of `size`. */
function sources(
  size: number,
  count: number,
  attrs: ResizeAttributes,
  sourceOf: (at: number, size: number, scale: number, attrs: ResizeAttributes) => Source,
): Source[] {
  const spread = attrs.alignCorners && count > 1;
  const scale = spread ? (size - 1) / (count - 1) : size / count;
  return Array.from({ length: count }, (_, at) => sourceOf(at, size, scale, attrs));
}

/** The two pixels around the place that the pixel is at. */
function between(at: number, size: number, scale: number, { halfPixelCenters }: ResizeAttributes): Source {
  const place = halfPixelCenters ? scale * (at + 0.5) - 0.5 : scale * at;
  const first = Math.max(0, Math.floor(place));
  const last = Math.min(size - 1, Math.ceil(place));
  return { first, last, share: place - first };
}

/** The pixel whose place is nearest. */
function nearest(at: number, size: number, scale: number, attrs: ResizeAttributes): Source {
  const place = scale * (attrs.halfPixelCenters ? at + 0.5 : at);
  const index = Math.min(size - 1, attrs.alignCorners ? Math.round(place) : Math.floor(place));
  return { first: index, last: index, share: 0 };
}

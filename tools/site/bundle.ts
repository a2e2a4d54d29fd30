/** Bundles what runs in the reader's browser. */
import { pathToFileURL } from "node:url";
import { vegaLiteModule } from "./vega_lite.ts";

const root = new URL("../../", import.meta.url);

/** A bundle that could not be made; the message is what the bundler printed. */
export class BundleError extends Error {
  override name = "BundleError";
}

/**
 * Bundles the experiments and all of `site/client/` into a folder, which has the same paths as the sources: programs that
 * pages and workers load, with what several of them need in shared files.
 */
export async function bundle(slugs: readonly string[], folder: string): Promise<void> {
  const client = [...Deno.readDirSync(new URL("site/client/", root))].map(({ name }) => name)
    .filter((name) => name.endsWith(".ts")).sort();
  const sources = `${folder}.sources`;
  await Deno.mkdir(sources);
  const vegaLite = `${sources}/vega_lite.js`;
  await Deno.writeTextFile(vegaLite, await vegaLiteModule(root));
  const map = `${sources}/imports.json`;
  await Deno.writeTextFile(map, JSON.stringify({ imports: await importsForPages(vegaLite) }));
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--frozen",
      ...["--import-map", await Deno.realPath(map)],
      ...["--platform", "browser"],
      "--minify",
      "--code-splitting",
      ...["--outdir", folder],
      ...slugs.map((slug) => `experiments/${slug}/mod.ts`),
      ...client.map((name) => `site/client/${name}`),
    ],
    cwd: root,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  await Deno.remove(sources, { recursive: true });
  if (code !== 0) throw new BundleError(new TextDecoder().decode(stderr).trim());
}

/** The imports of deno.json, with the parts of TensorFlow.js and vega that pages need in place of the whole. */
async function importsForPages(vegaLite: string): Promise<Record<string, string>> {
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  const here = (path: string) => new URL(path, root).href;
  return {
    ...imports,
    "@tensorflow/tfjs": here("site/tfjs.ts"),
    "vega": here("site/vega.ts"),
    "vega-lite": pathToFileURL(await Deno.realPath(vegaLite)).href,
  };
}

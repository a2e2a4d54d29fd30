/** Every portable entry point, bundled together with its call. */
import { deno, entryPoints } from "../docs/entry_points.ts";
import { calls, denoOnly } from "./calls.ts";

/** Entry points that are there and meant for every runtime. */
export function portableEntryPoints(): { name: string; href: string }[] {
  return entryPoints().filter(({ name, url }) => {
    if (denoOnly.includes(name)) return false;
    try {
      return Deno.statSync(url).isFile;
    } catch {
      return false;
    }
  }).map(({ name, url }) => ({ name, href: url.href }));
}

/** File name of an entry point's bundle. */
export const bundleName = (name: string): string => `${name.replace(/\W/g, "_")}.js`;

/**
 * Bundles all of them into a new folder, one file each that exports `check`; returns the folder. The platform
 * "deno" means that modules such as `util` are left to be imported, which suits Node too.
 */
export async function bundleAll(platform: "browser" | "deno"): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "refigure-portable-" });
  const arrays = entryPoints().find(({ name }) => name === "refigure/arrays")!.url.href;
  const sources: string[] = [];
  for (const { name, href } of portableEntryPoints()) {
    const source = `${folder}/${bundleName(name).replace(/js$/, "ts")}`;
    await Deno.writeTextFile(
      source,
      `import * as m from ${JSON.stringify(href)};
import { Matrix, Rng } from ${JSON.stringify(arrays)};
import { bitsOfProduct, PRODUCT_BITS } from ${JSON.stringify(new URL("bits.ts", import.meta.url).href)};
export const check = async () => [typeof Matrix, typeof Rng, await (async () => ${calls[name]})()];
`,
    );
    sources.push(source);
  }
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const options = ["--quiet", "--no-check", "--config", config, "--platform", platform, "--outdir", folder];
  // In one process: its start and its reading of the library take longer than the bundling.
  const { code, stderr } = await deno("bundle", ...options, ...sources);
  if (code !== 0) throw new Error(`Cannot bundle the entry points: ${stderr}`);
  return folder;
}

import * as esbuild from "esbuild";

/** An npm package, as `deno info` lists it. */
interface Package {
  name: string;
  localPath: string;
}

const root = new URL("../../../", import.meta.url).pathname;

/**
 * Bundles the backend with tfjs-core's own tests, which npm ships beside the library, into a folder. In a bundle
 * there is one copy of tfjs-core: its tests come as modules, and what Deno imports of it is another build.
 *
 * @returns The file of the program.
 */
export async function bundle(folder: string): Promise<string> {
  const packages = `${folder}/node_modules`;
  await linkPackages(packages);
  const outfile = `${folder}/suite.mjs`;
  const entry = ["./before.ts", "@tensorflow/tfjs-core/dist/tests.js", "./after.ts"];
  try {
    await esbuild.build({
      stdin: {
        contents: entry.map((path) => `import ${JSON.stringify(path)};`).join("\n"),
        resolveDir: import.meta.dirname,
      },
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "esnext",
      nodePaths: [packages],
      mainFields: ["module", "main"],
      // The packages declare their test files free of side effects.
      ignoreAnnotations: true,
      logLevel: "error",
      banner: {
        js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`,
      },
    });
  } finally {
    await esbuild.stop();
  }
  return outfile;
}

/** Links to what Deno's cache has of the packages of deno.lock, so that esbuild finds them by name. */
async function linkPackages(folder: string): Promise<void> {
  const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "lib/tfjs/mod.ts"],
    cwd: root,
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  const { npmPackages } = JSON.parse(new TextDecoder().decode(stdout));
  const byName = new Map<string, string>();
  for (const { name, localPath } of Object.values(npmPackages as Record<string, Package>)) {
    byName.set(name, localPath);
  }
  for (const [name, path] of byName) {
    await Deno.mkdir(`${folder}/${name}`.replace(/\/[^/]+$/, ""), { recursive: true });
    await Deno.symlink(path, `${folder}/${name}`);
  }
}

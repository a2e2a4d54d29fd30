import * as esbuild from "esbuild";
import { cachedPackages, linkPackages } from "./cached_packages.ts";

/** What a page that trains in the browser wants at hand, beside all layers. */
const FOLDERS = ["arrays", "blas", "linalg", "transforms", "statistics", "optimizers", "tfjs"];

/** The entry points that the script has, as keys of `exports`. */
export function scriptExports(exports: readonly string[]): string[] {
  return exports.filter((name) => FOLDERS.includes(name.slice(2)) || name.endsWith("/layers"));
}

/**
 * The file for a script tag: one minified script whose global `refigure` has the functions of
 * {@linkcode scriptExports}. TensorFlow.js is the page's own, the global `tf`.
 *
 * @param folder Where the package's modules are, such as `lib/arrays/mod.js`.
 * @param modules The modules to be in the script.
 * @param root The project, whose deno.lock names the packages that go into it.
 */
export async function makeScript(
  folder: string,
  modules: readonly string[],
  root: string,
): Promise<Uint8Array> {
  const packages = `${folder}/node_modules`;
  const cached = await cachedPackages(root);
  await linkPackages(cached, packages);
  // What the backend extends is not in the global `tf`; its module without the kernels registers nothing again.
  const cpu = cached.find(({ name }) => name === "@tensorflow/tfjs-backend-cpu")!.localPath;
  const result = await esbuild.build({
    stdin: {
      contents: modules.map((path) => `export * from ${JSON.stringify(path)};`).join("\n"),
      resolveDir: folder,
    },
    bundle: true,
    minify: true,
    format: "iife",
    globalName: "refigure",
    target: "es2022",
    legalComments: "none",
    charset: "utf8",
    nodePaths: [packages],
    write: false,
    logLevel: "error",
    plugins: [{
      name: "the page's TensorFlow.js",
      setup(build) {
        build.onResolve(
          { filter: /^@tensorflow\// },
          ({ path }) =>
            path === "@tensorflow/tfjs-backend-cpu"
              ? { path: `${cpu}/dist/backend_cpu.js` }
              : { path: "tf", namespace: "global" },
        );
        build.onLoad({ filter: /^tf$/, namespace: "global" }, () => ({
          contents: `if (!globalThis.tf) {
  throw new Error("refigure needs TensorFlow.js: its script tag must stand before that of refigure");
}
module.exports = globalThis.tf;`,
        }));
      },
    }],
  });
  return result.outputFiles[0].contents;
}

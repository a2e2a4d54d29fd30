/** vega-lite for pages. */
import { cachedPackages } from "../npm/cached_packages.ts";

/**
 * vega-lite as a module that imports `vega` as the import map has it. Its own modules import utilities from the package
 * vega, and with them all of vega, which an import map cannot replace inside of a package: here is the file that
 * vega-lite has for pages without modules, which takes vega from the global scope.
 */
export async function vegaLiteModule(root: URL): Promise<string> {
  const { localPath } = (await cachedPackages(root)).find(({ name }) => name === "vega-lite")!;
  return `import * as vega from "vega";
const scope = { vega };
((globalThis, exports, require, define) => {
${await Deno.readTextFile(`${localPath}/build/vega-lite.js`)}
})(scope);
export const { compile } = scope.vegaLite;
`;
}

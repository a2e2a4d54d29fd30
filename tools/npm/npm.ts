/** `deno task npm`: makes the package for npm in .cache/npm; tools/help/npm.txt has the details. */
import { readArguments, refuse } from "../command_line.ts";

const { words } = readArguments("npm", Deno.args, []);
if (words.length > 0) refuse(`Unexpected ${words[0]}; see --help`);
const { buildPackage, root } = await import("./build.ts");
const { path, size, files } = await buildPackage(`${root}/.cache/npm`);
console.log(`${path}: ${(size / 1000).toFixed(0)} kB, ${files.size} files`);

/**
 * The examples of docstrings as tests, one per block: `deno test -A --no-check test/docs/examples.ts -- lib/kan`. They are
 * the blocks that `deno test --doc` runs, as modules of one process: it loads the library and tfjs once, not once per
 * example, and takes 13 s instead of 220. An example imports everything it uses, as a reader would have to.
 */
import { root } from "./entry_points.ts";

/** A code block in a comment. */
interface Example {
  /** File and line of its first line. */
  place: string;
  code: string;
}

for (const folder of Deno.args) {
  for (const path of sources(folder)) {
    for (const { place, code } of examplesIn(path)) {
      Deno.test(place, async () => {
        await import(moduleOf(code, place));
        // Names of variables are unique in a process.
        if (code.includes("@tensorflow/tfjs")) (await import("@tensorflow/tfjs")).disposeVariables();
      });
    }
  }
}

/** The address of a module with the code. Such a module is in no package, so names are looked up from here. */
function moduleOf(code: string, place: string): string {
  const resolved = code.replace(
    /^(import |(?:import [^"]*|\}) from )"([^"]+)"/gm,
    (_, before, name) => `${before}"${import.meta.resolve(name)}"`,
  );
  // The place makes equal examples two modules.
  return `data:application/typescript,${encodeURIComponent(`${resolved}\n// ${place}`)}`;
}

/** The TypeScript files of a folder, in order. */
function sources(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, root))]
    .flatMap(({ name, isDirectory }) =>
      isDirectory ? sources(`${folder}/${name}`) : name.endsWith(".ts") ? [`${folder}/${name}`] : []
    )
    .sort();
}

/** The blocks in its comments that are fenced, in a language that Deno knows, and not marked `ignore`. */
function examplesIn(path: string): Example[] {
  const text = Deno.readTextFileSync(new URL(path, root));
  return [...text.matchAll(/^[ ]*\/\*\*[^]*?\*\//gm)].flatMap((comment) => {
    const lines = comment[0].split("\n").map((line) => line.replace(/^\s*\* ?/, ""));
    const first = text.slice(0, comment.index).split("\n").length;
    const found: Example[] = [];
    for (let at = 0; at < lines.length; at++) {
      if (!/^```(?:ts|tsx|js|typescript)$/.test(lines[at])) continue;
      const end = lines.indexOf("```", at);
      found.push({ place: `${path}:${first + at + 1}`, code: lines.slice(at + 1, end).join("\n") });
      at = end;
    }
    return found;
  });
}

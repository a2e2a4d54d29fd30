/** All randomness of the library and the papers comes from seeds. */
import { assert } from "@std/assert";

Deno.test("randomness comes from seeds only", async () => {
  for (const folder of ["lib", "experiments"]) {
    for await (const [path, text] of sources(new URL(`../../${folder}/`, import.meta.url))) {
      const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
      assert(!code.includes("Math.random"), `${path} uses Math.random`);
    }
  }
});

async function* sources(folder: URL): AsyncGenerator<[string, string]> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, folder));
    else if (name.endsWith(".ts")) {
      const file = new URL(name, folder);
      yield [file.pathname, await Deno.readTextFile(file)];
    }
  }
}

/** The package can be published: its public types are written out. (types_test.ts checks them.) */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { deno, entryPoints, root } from "./entry_points.ts";

Deno.test("publish: every folder of lib with a mod.ts is an entry point, and none else", () => {
  const named = new Set(entryPoints().map(({ url }) => url.href));
  const missing: string[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(new URL("lib/", root))) {
    if (!isDirectory) continue;
    const face = new URL(`lib/${name}/mod.ts`, root);
    try {
      Deno.statSync(face);
    } catch {
      continue;
    }
    // Models to train on in tests and experiments: imported by pattern (package.json), not published.
    if (!named.has(face.href)) missing.push(name);
  }
  assertEquals(missing, [], "folders of lib without a line under `exports` in deno.json");
});

Deno.test("publish: `deno publish --dry-run` passes", async () => {
  const { code, stdout, stderr } = await deno("publish", "--dry-run", "--allow-dirty", "--no-check");
  assertEquals(code, 0, stderr);
  const said = stdout + stderr;
  const { name, version } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  assertStringIncludes(said, `${name}@${version} `);
  // What is published is the library: no tests, results or notebooks.
  assertStringIncludes(said, "lib/linalg/mod.ts");
  assert(!/\.venv\/|results\/|node_modules\//.test(said), said);
});

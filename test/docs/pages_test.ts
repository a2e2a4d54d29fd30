/** Pages of docs/ with tables of formulas and functions: the functions exist, the program runs (types_test.ts checks it). */
import { assert, assertEquals } from "@std/assert";
import { PAGES, programIn, readPage } from "./pages.ts";

for (const [page, folders] of Object.entries(PAGES)) {
  Deno.test(`docs/${page}.md names what exists, all of it, and its program runs`, async () => {
    const text = await readPage(page);
    const exported = new Set<string>();
    for (const folder of folders) {
      const module = await import(`../../lib/${folder}/mod.ts`);
      for (const name of Object.keys(module)) exported.add(name);
    }
    // The last cells but one of the tables' rows name functions.
    const rows = text.split("\n").filter((line) => /^\| (?!---|formula|recurrent)/.test(line));
    const named = rows.flatMap((row) =>
      [...row.split(" | ")[1].matchAll(/`(\w+)`/g)].map(([, name]) => name)
    );
    assert(named.length > 5);
    assertEquals(named.filter((name) => !exported.has(name)), [], "functions that do not exist");
    const functions = [...exported].filter((name) => /^[A-Za-z]/.test(name) && !/^[A-Z_]+$/.test(name));
    assertEquals(functions.filter((name) => !text.includes(`\`${name}\``)), [], "functions that are missing");
    // In the project, so that it can import refigure/..., in a folder that formatting and lint leave out.
    const dir = new URL("../../results/", import.meta.url).pathname;
    await Deno.mkdir(dir, { recursive: true });
    const file = await Deno.makeTempFile({ dir, suffix: ".ts" });
    await Deno.writeTextFile(file, programIn(text));
    try {
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--frozen", "--quiet", file],
        cwd: new URL("../../", import.meta.url),
      }).output();
      assert(success, new TextDecoder().decode(stderr));
    } finally {
      await Deno.remove(file);
    }
  });
}

/** Pages of docs/ with tables of formulas and functions: the functions exist, the program runs. */
import { assert, assertEquals } from "@std/assert";

const PAGES: Record<string, string[]> = {
  "sensing": ["sensing"],
  "streams-and-dictionaries": ["streaming", "dictionary"],
  "linear-networks": ["linear_networks"],
  "tangent-kernels": ["tangent_kernels", "recurrent"],
};

for (const [page, folders] of Object.entries(PAGES)) {
  Deno.test(`docs/${page}.md names what exists, all of it, and its program runs`, async () => {
    const text = await Deno.readTextFile(new URL(`../../docs/${page}.md`, import.meta.url));
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
    const program = text.match(/```ts\n([\s\S]*?)```/)![1];
    // In the project, so that it can import refigure/..., in a folder that formatting and lint leave out.
    const dir = new URL("../../results/", import.meta.url).pathname;
    await Deno.mkdir(dir, { recursive: true });
    const file = await Deno.makeTempFile({ dir, suffix: ".ts" });
    await Deno.writeTextFile(file, program);
    try {
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--frozen", "--check", "--quiet", file],
        cwd: new URL("../../", import.meta.url),
      }).output();
      assert(success, new TextDecoder().decode(stderr));
    } finally {
      await Deno.remove(file);
    }
  });
}

/** The commands of docs/clusters.md that need no cluster, run as they stand there but for the paper's name. */
import { assert, assertEquals } from "@std/assert";

const project = decodeURIComponent(new URL("../../", import.meta.url).pathname);
const decoder = new TextDecoder();

const blocks = [...Deno.readTextFileSync(`${project}docs/clusters.md`).matchAll(/```sh\n([\s\S]*?)```/g)]
  .map(([, text]) => text).filter((text) => text.includes("--shard {}/4"));

Deno.test("docs/clusters.md has a form for GNU parallel and one for xargs", () => {
  assertEquals(blocks.map((text) => /parallel|xargs/.exec(text.replace(/^#.*/gm, ""))?.[0]), [
    "parallel",
    "xargs",
  ]);
});

for (const block of blocks) {
  const program = block.includes("xargs") ? "xargs" : "parallel";
  Deno.test({
    name: `shards by ${program}, as in docs/clusters.md; then a plain run has nothing left to do`,
    ignore: Deno.build.os === "windows" || !await exists(program),
    async fn() {
      // In the project, which is all that `deno task reproduce` may read and write.
      await Deno.mkdir(`${project}results`, { recursive: true });
      const folder = await Deno.makeTempDir({ dir: `${project}results` });
      const slug = `counting-${program}`;
      const cache = `${project}.cache/trials/${slug}`;
      try {
        await Deno.mkdir(`${folder}/${slug}`);
        const source = (await Deno.readTextFile(`${project}test/experiment/fixtures/counting/mod.ts`))
          .replaceAll("../../../../lib/", `${project}lib/`)
          .replace('"counting"', JSON.stringify(slug));
        await Deno.writeTextFile(`${folder}/${slug}/mod.ts`, source);
        // When the rows of each trial were kept.
        const kept = () =>
          Array.from(
            Deno.readDirSync(cache),
            ({ name }) => `${name} ${Deno.statSync(`${cache}/${name}`).mtime?.getTime()}`,
          )
            .sort();
        const commands = block.replaceAll("s4d", slug).split("\n").filter((line) => /^[^#]/.test(line));
        assertEquals(commands.length, 2);

        const shards = await run(commands[0], folder);
        assertEquals(shards.match(/shard \d\/4 finished, 10 rows are kept/g)?.length, 4, shards);
        const before = kept();
        assertEquals(before.length, 40);

        const judged = await run(commands[1], folder);
        assert(judged.includes("1 of 1 claims hold"), judged);
        assertEquals(kept(), before, "no trial ran again");

        const rows = await rowsOf(slug);
        await run(`${commands[1]} --fresh`, folder);
        assertEquals(await rowsOf(slug), rows);
        assert(kept().every((entry) => !before.includes(entry)), "all trials ran again");
      } finally {
        for (const path of [folder, cache, `${project}results/${slug}`]) {
          await Deno.remove(path, { recursive: true }).catch(() => {});
        }
      }
    },
  });
}

/** Runs a line in a shell whose `deno` is the one of this test; its output. */
async function run(line: string, experiments: string): Promise<string> {
  const path = `${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH")}`;
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", line],
    cwd: project,
    env: { REFIGURE_EXPERIMENTS: experiments, NO_COLOR: "1", PATH: path },
  }).output();
  assertEquals(code, 0, decoder.decode(stderr));
  return decoder.decode(stdout);
}

async function rowsOf(slug: string): Promise<unknown> {
  return JSON.parse(await Deno.readTextFile(`${project}results/${slug}/rows.json`)).rows;
}

/** Whether a program is installed. */
async function exists(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).output())
      .success;
  } catch {
    return false;
  }
}

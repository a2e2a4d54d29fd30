/**
 * Every figure of every experiment: drawn from the quick rows (a warning of vega is an error) and compared
 * with its stored snapshot. `UPDATE_SNAPSHOTS=1 deno test -A test/experiments/figures_test.ts` stores them
 * anew, always with the reproducible kernels. With the arithmetic that stored them every number must be the
 * same; on another machine, or with other kernels, figures are compared by what they say.
 */
import { assert, assertEquals } from "@std/assert";
import { blasInfo, requireReproducibleKernels } from "../../lib/blas/mod.ts";
import { loadExperiment } from "../../lib/experiment/deno/mod.ts";
import { rowTable } from "../../lib/experiment/mod.ts";
import { renderSvg } from "../../lib/figures/mod.ts";
import { legacySlugs, quickRun } from "./quick_run.ts";
import { differences, snapshot } from "./snapshot.ts";

const update = Deno.env.get("UPDATE_SNAPSHOTS") === "1";
const folder = new URL("snapshots/", import.meta.url);
const arithmeticFile = new URL("arithmetic.txt", folder);
if (update) {
  requireReproducibleKernels();
  await Deno.writeTextFile(arithmeticFile, `${blasInfo().arithmetic}\n`);
}
const exact = (await Deno.readTextFile(arithmeticFile)).trim() === blasInfo().arithmetic;
const largest = 100_000;

// Papers in the new shape have these tests in test/experiments/paper.ts.
for (const slug of await legacySlugs()) {
  Deno.test({
    name: `figures of ${slug}`,
    // The BLAS and the workers stay loaded for the next experiment.
    sanitizeResources: false,
    async fn(t) {
      const { figures } = await loadExperiment(slug);
      const { rows, failures } = await quickRun(slug);
      assertEquals(failures, []);
      for (const [name, draw] of Object.entries(figures)) {
        await t.step(name, async () => {
          const spec = draw(rowTable(rows));
          await renderSvg(spec);
          const now = snapshot(spec);
          const text = JSON.stringify(now, null, 1) + "\n";
          assert(text.length < largest, `the snapshot has ${text.length} bytes, ${largest} are allowed`);
          const file = new URL(`${slug}/${name}.json`, folder);
          if (update) {
            await Deno.mkdir(new URL(`${slug}/`, folder), { recursive: true });
            return await Deno.writeTextFile(file, text);
          }
          const lines = differences(JSON.parse(await read(file)), JSON.parse(text), exact);
          assert(lines.length === 0, `${lines.length} differences\n${lines.slice(0, 10).join("\n")}`);
        });
      }
    },
  });
}

async function read(file: URL): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch {
    throw new Error(
      `There is no snapshot ${file.pathname}; UPDATE_SNAPSHOTS=1 stores it, after you have looked at the figure`,
    );
  }
}

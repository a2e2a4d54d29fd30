/**
 * Every figure of every experiment in the old shape: drawn from the quick rows (a warning of vega is an error) and
 * compared with its stored snapshot. `UPDATE_SNAPSHOTS=1 deno test -A test/experiments/figures_test.ts` stores them
 * anew.
 */
import { assertEquals } from "@std/assert";
import { loadExperiment } from "../../lib/experiment/deno/mod.ts";
import { rowTable } from "../../lib/experiment/mod.ts";
import { interactive, renderSvg } from "../../lib/figures/mod.ts";
import { labDifferences } from "../figures/lab_vega_lite.ts";
import { legacySlugs, quickRun } from "./quick_run.ts";
import { compareSnapshot } from "./snapshot.ts";

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
          assertEquals(await labDifferences(interactive(spec)), [], "JupyterLab draws it otherwise");
          await compareSnapshot(slug, name, spec);
        });
      }
    },
  });
}

/** What is in a file that JupyterLab saved after a run. */
import { assert, assertEquals } from "@std/assert";
import { python } from "../notebooks/notebooks.ts";
import { browserPath, until, visit, withLab } from "./jupyterlab.ts";
import { git, repository } from "./repository.ts";

const quick = "ptd";

Deno.test({
  name: "saving in JupyterLab",
  ignore: browserPath() === undefined, // in CI, browserPath throws instead
  sanitizeOps: false, // the browser's pipes outlive the test by a moment
  sanitizeResources: false,
  async fn(t) {
    const notebooks = ["figure", "stop"].map((name) => `test/lab/fixtures/${name}.ipynb`);
    const prepare = async (folder: string) => {
      // Stored as the project stores its notebooks.
      await python("tools/notebooks.py", "run", "figure", quick, "--folder", folder);
      await repository(folder);
    };
    // The kernels that stored the notebooks, whatever the environment of the tests names.
    const env = { OPENBLAS_CORETYPE: "Haswell", REFIGURE_BLAS: "" };
    const settings = { "@jupyterlab/docmanager-extension:plugin": { autosave: false } };
    await withLab(
      { notebooks: [...notebooks, `notebooks/${quick}.ipynb`], settings, env, prepare },
      async (lab) => {
        for (const name of ["figure", quick]) {
          await t.step(`Run All of ${name} and save: git sees no change`, async () => {
            await visit(lab, name, async (notebook) => {
              await notebook.runAll();
              await notebook.finished(120);
              await notebook.save(`${lab.folder}/${name}.ipynb`);
              assertEquals(await git(lab.folder, "diff"), "");
            });
          });
        }

        await t.step("a progress bar that stopped with its kernel is not stored", async () => {
          await visit(lab, "stop", async (notebook) => {
            await notebook.run(0);
            await notebook.idle(60);
            await notebook.run(1);
            await notebook.busy();
            const shown = await until(async () => (await notebook.output(1)).includes("%"), 60);
            assert(shown, "no bar was shown");
            await notebook.restart();
            await notebook.idle(60);
            assert((await notebook.output(1)).includes("%"), "the bar is not shown any more");
            const path = `${lab.folder}/stop.ipynb`;
            await notebook.save(path);
            const { cells } = JSON.parse(Deno.readTextFileSync(path));
            assertEquals(cells[1].outputs, []);
          });
        });
      },
    );
  },
});

/**
 * The stored notebooks in JupyterLab, opened and saved without being run: the gallery and, in continuous integration, a
 * sixth of the papers a day, else a few, since all of them take minutes.
 * `STORED=all deno test -A test/lab/stored_test.ts` takes all.
 */
import { assert, assertEquals } from "@std/assert";
import { browserPath, root, visit, withLab } from "./jupyterlab.ts";
import { hasTurn } from "../turns.ts";
import { git, repository } from "./repository.ts";

const folder = `${root}notebooks`;
const some = ["index.ipynb", "mgno.ipynb", "ptd.ipynb"];
const names = Array.from(Deno.readDirSync(folder), ({ name }) => name)
  .filter((name) => name.endsWith(".ipynb")).sort()
  .filter((name, i) =>
    Deno.env.get("STORED") === "all" || name === "index.ipynb" ||
    (Deno.env.get("CI") ? hasTurn(i) : some.includes(name))
  );

Deno.test({
  name: "stored notebooks in JupyterLab",
  ignore: browserPath() === undefined, // in CI, browserPath throws instead
  sanitizeOps: false, // the browser's pipes outlive the test by a moment
  sanitizeResources: false,
  async fn(t) {
    const settings = {
      "@jupyterlab/notebook-extension:tracker": { windowingMode: "none", kernelShutdown: true },
      "@jupyterlab/docmanager-extension:plugin": { autosave: false },
    };
    const notebooks = names.map((name) => `notebooks/${name}`);
    await withLab({ notebooks, settings, prepare: repository }, async (lab) => {
      await visit(lab, "index", async (notebook) => {
        await t.step("the gallery has its pictures before anything is run", async () => {
          const images = notebook.page.locator(".jp-OutputArea-output img");
          const widths = await images.evaluateAll((all) =>
            all.map((one) => (one as HTMLImageElement).naturalWidth)
          );
          assert(
            widths.length > 0 && widths.every((width) => width > 100),
            `widths of the pictures: ${widths}`,
          );
        });

        // The gallery first: it is open.
        for (const file of ["index.ipynb", ...names.filter((name) => name !== "index.ipynb")]) {
          const name = file.replace(/\.ipynb$/, "");
          const title = `${name}: every figure is drawn, and saving changes nothing`;
          const path = `${lab.folder}/${file}`;
          const open = async () => {
            await notebook.next(file);
            const count = figuresIn(path);
            const marks = await notebook.figures(count, 60);
            assertEquals([marks.length, marks.indexOf(0)], [count, -1], `marks of the figures: ${marks}`);
            await notebook.save(path);
            assertEquals(await git(lab.folder, "status", "--short", file), "");
            await notebook.close(file);
          };
          const fn = async () => {
            await open();
            if (notebook.isQuiet()) return;
            // Of a busy machine Lab warns once in hundreds of notebooks; what a notebook causes comes again.
            console.log(notebook.complaints.splice(0));
            await open();
            notebook.requireQuiet();
          };
          await t.step(title, fn);
        }
      });
    });
  },
});

/** How many figures a notebook has stored. */
function figuresIn(path: string): number {
  const { cells }: { cells: { outputs?: { data?: Record<string, unknown> }[] }[] } = JSON.parse(
    Deno.readTextFileSync(path),
  );
  return cells.flatMap(({ outputs = [] }) => outputs)
    .filter(({ data = {} }) => "application/vnd.vegalite.v5+json" in data).length;
}

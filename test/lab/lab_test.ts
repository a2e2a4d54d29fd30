/** JupyterLab as a reader meets it: the real server, the real kernel, a real browser. */
import { assert, assertEquals } from "@std/assert";
import { galleryCards } from "refigure/notebook";
import { galleryBundle } from "../../lib/notebook/gallery.ts";
import { browserPath, type OpenNotebook, root, until, visit, withLab } from "./jupyterlab.ts";

const keyNotebook = "matrix-sensing-overparam";

Deno.test({
  name: "a notebook in JupyterLab draws its figures, and Stop keeps the kernel",
  ignore: browserPath() === undefined, // in CI, browserPath throws instead
  sanitizeOps: false, // the browser's pipes outlive the test by a moment
  sanitizeResources: false,
  async fn(t) {
    const notebooks = [
      "test/lab/fixtures/figure.ipynb",
      "test/lab/fixtures/stop.ipynb",
      `notebooks/${keyNotebook}.ipynb`,
    ];
    const prepare = async (folder: string) => {
      clearOutputs(`${folder}/${keyNotebook}.ipynb`);
      await storeGallery(`${folder}/gallery.ipynb`);
    };
    await withLab({ notebooks, settings: allCellsDrawn, prepare }, async (lab) => {
      for (const name of ["figure", keyNotebook]) {
        await t.step(`Run All of ${name}: every figure has marks`, async () => {
          await visit(lab, name, async (notebook) => {
            await notebook.runAll();
            await notebook.finished(name === keyNotebook ? 240 : 60);
            const count = await notebook.page.locator(".jp-RenderedVegaCommon5").count();
            const marks = await notebook.figures(count, 30);
            assert(count >= 2 && marks.every((number) => number > 0), `marks of the figures: ${marks}`);
          });
        });
      }

      await t.step("outputs are below their own cells", async () => {
        await visit(lab, "figure", async (notebook) => {
          await notebook.runAll();
          await notebook.finished(60);
          // The kinds of output below each code cell, by their place in the notebook.
          const kinds = await notebook.page.locator(".jp-CodeCell").evaluateAll((cells) =>
            cells.map((cell) => cell.querySelectorAll(".jp-OutputArea-output").length)
          );
          assertEquals(kinds, [0, 1, 1, 3, 2, 2, 2]);
        });
      });

      await t.step("figures react to the mouse, fit their cell and the theme", async () => {
        await visit(lab, "figure", async (notebook) => {
          const { page } = notebook;
          await page.setViewportSize({ width: 800, height: 1500 });
          await notebook.runAll();
          await notebook.finished(60);
          await notebook.figures(3, 30);
          const figure = notebook.code(2).locator(".jp-RenderedVegaCommon5");
          const picture = figure.locator("svg.marks");
          await figure.scrollIntoViewIfNeeded();
          const widths = () => figure.evaluate(widthsOf);
          const narrow = await widths();
          assert(narrow.natural > narrow.cell, "the figure is made too wide for the cell");
          assert(narrow.shown <= narrow.cell, `cut off: ${JSON.stringify(narrow)}`);
          assert(narrow.shown > narrow.cell - 60, `does not fill its cell: ${JSON.stringify(narrow)}`);

          // A single figure grows with its cell, up to a width at which its text is still that of a page.
          await page.setViewportSize({ width: 1300, height: 1500 });
          const single = notebook.code(1).locator(".jp-RenderedVegaCommon5");
          const grown = await until(async () => {
            const { natural, shown, cell, ratio } = await single.evaluate(widthsOf);
            return shown > 1.2 * natural && shown > cell - 60 && Math.abs(ratio - 1) < 0.01 || undefined;
          }, 5);
          assert(grown, `does not grow: ${JSON.stringify(await single.evaluate(widthsOf))}`);
          await page.setViewportSize({ width: 2500, height: 1500 });
          await page.waitForTimeout(300);
          const wide = await single.evaluate(widthsOf);
          assert(wide.shown === 900 && wide.cell > 1200, `grows without end: ${JSON.stringify(wide)}`);
          await page.setViewportSize({ width: 800, height: 1500 });

          const hidden = picture.locator(".mark-symbol.role-mark path");
          await hidden.nth(5).hover({ force: true });
          const tooltip = page.locator("#vg-tooltip-element.visible");
          await tooltip.waitFor();
          const text = await tooltip.innerText();
          assert(/slow|fast/.test(text) && text.includes("Step") && text.includes("from"), text);

          const opacities = () =>
            picture.locator(".mark-line.role-mark path").evaluateAll((paths) =>
              paths.map((path) => Number(path.getAttribute("opacity") ?? 1))
            );
          assert((await opacities()).every((opacity) => opacity === 1));
          await picture.locator(".role-legend-label text").first().click();
          const faint = await until(async () => (await opacities()).some((opacity) => opacity < 0.5), 5);
          assert(faint, "a click on the legend makes the other series faint");

          const readout = () => picture.locator(".mark-text.role-mark text").first().textContent();
          assertEquals(await readout(), "rate = 1");
          const besides = figure.locator(".vega-bindings input[type=range] ~ *");
          assert(
            await besides.count() > 0 && !(await besides.first().isVisible()),
            "the figure tells the value",
          );
          await figure.locator("input[type=range]").evaluate((slider) => {
            (slider as HTMLInputElement).value = "1.5";
            slider.dispatchEvent(new Event("input"));
          });
          assert(await until(async () => await readout() === "rate = 1.5", 5), `${await readout()}`);

          assertEquals(await picture.evaluate((svg) => getComputedStyle(svg).filter), "none");
          await chooseTheme(notebook, "Dark");
          const filter = () => picture.evaluate((svg) => getComputedStyle(svg).filter);
          assert(await until(async () => (await filter()).includes("invert"), 10), await filter());
          await page.screenshot({ path: `${root}results/lab-dark.png` });
        });
      });

      await t.step(
        "the gallery has as many columns as there is room for, and follows the theme",
        async () => {
          await visit(lab, "gallery", async (notebook) => {
            const { page } = notebook;
            const cards = page.locator(".refigure-gallery > div");
            const places = () =>
              cards.evaluateAll((all) => all.map((card) => card.getBoundingClientRect().toJSON() as DOMRect));
            for (const [width, columns] of [[700, 1], [1100, 2], [1900, 4]]) {
              await page.setViewportSize({ width, height: 1500 });
              const found = await until(async () => {
                const all = await places();
                const inARow = all.filter(({ top }) => top === all[0].top);
                const room = await page.locator(".refigure-gallery").evaluate((grid) => grid.clientWidth);
                const filled = inARow.at(-1)!.right - all[0].left;
                return all.length === 6 && inARow.length === columns && Math.abs(filled - room) < 2 ||
                  undefined;
              }, 5);
              assert(found, `not ${columns} columns at ${width} pixels: ${JSON.stringify(await places())}`);
            }
            const image = cards.locator("img").first();
            const filter = () => image.evaluate((image) => getComputedStyle(image).filter);
            // The theme is that of the server: the step before may have left it dark.
            await chooseTheme(notebook, "Light");
            assert(await until(async () => await filter() === "none", 10), await filter());
            await chooseTheme(notebook, "Dark");
            assert(await until(async () => (await filter()).includes("invert"), 10), await filter());
            const behind = () =>
              image.evaluate((image) => {
                const colors: string[] = [];
                for (
                  let at = image.parentElement;
                  at?.matches(".refigure-gallery *");
                  at = at.parentElement
                ) {
                  colors.push(getComputedStyle(at).backgroundColor);
                }
                return colors;
              });
            assert((await behind()).every((color) => color === "rgba(0, 0, 0, 0)"), `${await behind()}`);
            await page.screenshot({ path: `${root}results/lab-gallery-dark.png` });
          });
        },
      );

      await t.step("Stop ends a long run; variables and rows are still there", async () => {
        await visit(lab, "stop", async (notebook) => {
          await notebook.run(0);
          await notebook.idle(60);
          await notebook.run(1);
          await notebook.busy();
          await notebook.page.waitForTimeout(2500);
          await notebook.page.screenshot({ path: `${root}results/lab-running.png` });
          const start = performance.now();
          await notebook.stop();
          await notebook.idle(20);
          const seconds = (performance.now() - start) / 1000;
          assert(seconds < 10, `Stop took ${seconds} s`);
          assert((await notebook.output(1)).includes("true"), await notebook.output(1));
          await notebook.run(2);
          const text = await until(async () => {
            const output = await notebook.output(2);
            return output.includes("kept") ? output : undefined;
          }, 20);
          assert(text?.includes("kept 42, rows true"), text ?? await notebook.output(2));
        });
      });
    });
  },
});

/** Lab draws the cells that are far below the window, too. */
const allCellsDrawn = { "@jupyterlab/notebook-extension:tracker": { windowingMode: "none" } };

/** In pixels; `ratio` is that of the picture's height to what its width asks for. */
function widthsOf(output: Element) {
  const svg = output.querySelector("svg.marks")!;
  const [width, height] = ["width", "height"].map((name) => Number(svg.getAttribute(name)));
  const shown = svg.getBoundingClientRect();
  return {
    cell: output.clientWidth,
    shown: shown.width,
    natural: width,
    ratio: shown.height / shown.width / (height / width),
  };
}

/** Settings > Theme > JupyterLab Dark, or Light. */
async function chooseTheme({ page }: OpenNotebook, name: "Dark" | "Light") {
  await page.getByRole("menuitem", { name: "Settings", exact: true }).click();
  const item = (label: RegExp) =>
    page.locator(".lm-Menu-item").filter({ has: page.locator(".lm-Menu-itemLabel", { hasText: label }) });
  await item(/^Theme$/).click();
  await item(new RegExp(`^JupyterLab ${name}$`)).click();
}

/** A gallery of six cards that was run elsewhere: Lab does not trust it and removes what could do harm. */
async function storeGallery(path: string) {
  const papers = new URL("../notebooks/fixtures/papers/", import.meta.url);
  const [card] = await galleryCards(["well"], { root: papers });
  const data = galleryBundle(Array.from({ length: 6 }, () => card));
  const notebook = JSON.parse(Deno.readTextFileSync(`${root}test/lab/fixtures/figure.ipynb`));
  const [cell] = notebook.cells.filter(({ cell_type }: { cell_type: string }) => cell_type === "code");
  Object.assign(cell, {
    source: ["gallery"],
    execution_count: 1,
    outputs: [{ output_type: "execute_result", execution_count: 1, metadata: {}, data }],
  });
  Deno.writeTextFileSync(path, JSON.stringify({ ...notebook, cells: [cell] }));
}

/** A figure that shows afterwards was drawn by this run. */
function clearOutputs(path: string) {
  const notebook: { cells: { outputs?: unknown[]; execution_count?: null }[] } = JSON.parse(
    Deno.readTextFileSync(path),
  );
  for (const cell of notebook.cells) {
    if (cell.outputs) Object.assign(cell, { outputs: [], execution_count: null });
  }
  Deno.writeTextFileSync(path, JSON.stringify(notebook));
}

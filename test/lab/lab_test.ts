/** JupyterLab as a reader meets it: the real server, the real kernel, a real browser. */
import { assert, assertEquals } from "@std/assert";
import type { Browser } from "playwright-core";
import { browserPath, Lab, launch, OpenNotebook, root, until } from "./jupyterlab.ts";

const executable = browserPath();
const keyNotebook = "matrix-sensing-overparam";

Deno.test({
  name: "a notebook in JupyterLab draws its figures, and Stop keeps the kernel",
  ignore: executable === undefined, // in CI, browserPath throws instead
  sanitizeOps: false, // the browser's pipes outlive the test by a moment
  sanitizeResources: false,
  async fn(t) {
    await withLab(async (url, browser) => {
      const names = ["figure", ...exists(`${root}notebooks/${keyNotebook}.ipynb`) ? [keyNotebook] : []];
      for (const name of names) {
        await t.step(`Run All of ${name}: every figure has marks`, async () => {
          await visit(url, browser, name, async (notebook) => {
            await notebook.runAll();
            await finished(notebook, name === keyNotebook ? 120 : 25);
            const figures = await drawnFigures(notebook);
            assert(figures.length > 0, "no figure was drawn");
            assert(figures.every((marks) => marks > 0), `marks of the figures: ${figures}`);
          });
        });
      }

      await t.step("figures answer the mouse, fit their cell and the theme", async () => {
        await visit(url, browser, "figure", async (notebook) => {
          const { page } = notebook;
          await page.setViewportSize({ width: 800, height: 1500 });
          await notebook.runAll();
          await finished(notebook, 60);
          await drawnFigures(notebook);
          const figure = notebook.code(2).locator(".jp-RenderedVegaCommon5");
          const picture = figure.locator("svg.marks");
          await figure.scrollIntoViewIfNeeded();
          const widths = await figure.evaluate((output) => {
            const svg = output.querySelector("svg.marks")!;
            return {
              cell: output.clientWidth,
              shown: svg.getBoundingClientRect().width,
              natural: Number(svg.getAttribute("width")),
            };
          });
          assert(widths.natural > widths.cell, "the figure is made too wide for the cell");
          assert(widths.shown <= widths.cell, `cut off: ${JSON.stringify(widths)}`);

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
          await figure.locator("input[type=range]").evaluate((slider) => {
            (slider as HTMLInputElement).value = "1.5";
            slider.dispatchEvent(new Event("input"));
          });
          assert(await until(async () => await readout() === "rate = 1.5", 5), `${await readout()}`);

          assertEquals(await picture.evaluate((svg) => getComputedStyle(svg).filter), "none");
          await page.getByRole("menuitem", { name: "Settings", exact: true }).click();
          const item = (name: RegExp) =>
            page.locator(".lm-Menu-item").filter({
              has: page.locator(".lm-Menu-itemLabel", { hasText: name }),
            });
          await item(/^Theme$/).click();
          await item(/^JupyterLab Dark$/).click();
          const filter = () => picture.evaluate((svg) => getComputedStyle(svg).filter);
          assert(await until(async () => (await filter()).includes("invert"), 10), await filter());
          await page.screenshot({ path: `${root}results/lab-dark.png` });
        });
      });

      await t.step("Stop ends a long run; variables and rows are still there", async () => {
        await visit(url, browser, "stop", async (notebook) => {
          await notebook.run(0);
          await notebook.idle(60);
          await notebook.run(1);
          await notebook.busy();
          await notebook.page.waitForTimeout(2500);
          await notebook.page.screenshot({ path: `${root}results/lab-running.png` });
          const start = performance.now();
          await notebook.stop();
          await notebook.idle(10);
          const seconds = (performance.now() - start) / 1000;
          assert(seconds < 5, `Stop took ${seconds} s`);
          assert((await notebook.output(1)).includes("true"), await notebook.output(1));
          await notebook.run(2);
          const said = await until(async () => {
            const text = await notebook.output(2);
            return text.includes("kept") ? text : undefined;
          }, 20);
          assert(said?.includes("kept 42, rows true"), said ?? await notebook.output(2));
        });
      });
    });
  },
});

/** Lab on copies of the notebooks, since it saves what it runs; then Ctrl-C, which must end it cleanly. */
async function withLab(use: (url: string, browser: Browser) => Promise<void>) {
  Deno.mkdirSync(`${root}results`, { recursive: true });
  const folder = Deno.makeTempDirSync({ dir: `${root}results`, prefix: "lab-" });
  for (const name of ["figure", "stop"]) {
    Deno.copyFileSync(`${root}test/lab/fixtures/${name}.ipynb`, `${folder}/${name}.ipynb`);
  }
  const key = `${root}notebooks/${keyNotebook}.ipynb`;
  if (exists(key)) {
    // Without its outputs: a figure that shows was drawn by this run.
    const notebook: { cells: { outputs?: unknown[]; execution_count?: null }[] } = JSON.parse(
      Deno.readTextFileSync(key),
    );
    for (const cell of notebook.cells) {
      if (cell.outputs) Object.assign(cell, { outputs: [], execution_count: null });
    }
    Deno.writeTextFileSync(`${folder}/${keyNotebook}.ipynb`, JSON.stringify(notebook));
  }
  const lab = new Lab([folder]);
  let browser: Browser | undefined;
  try {
    const url = await lab.url();
    browser = await launch(executable!);
    await use(url, browser);
  } finally {
    await browser?.close();
    const code = await lab.interrupt();
    Deno.removeSync(folder, { recursive: true });
    assertEquals(code, 0, lab.output);
  }
}

/** A page with a notebook; a message of ours on its console is a failure, and so is an error in the page. */
async function visit(
  url: string,
  browser: Browser,
  name: string,
  use: (notebook: OpenNotebook) => Promise<void>,
) {
  const page = await browser.newPage({ viewport: { width: 1200, height: 1500 } });
  page.setDefaultTimeout(30_000);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    // Warnings of vega-lite and vega start with WARN; they are about figures that do not show what they should.
    const isFigures = /vega|^WARN/i.test(message.text());
    if (message.type() === "error" || isFigures) errors.push(message.text());
  });
  try {
    const notebook = await OpenNotebook.open(page, url, `${name}.ipynb`);
    await use(notebook);
    assertEquals(errors, []);
  } finally {
    await page.screenshot({ path: `${root}results/lab-${name}.png` });
    await page.close();
  }
}

/** Waits until every code cell has its number. */
async function finished(notebook: OpenNotebook, seconds: number) {
  const done = await until(async () => {
    const prompts = await notebook.page.locator(".jp-CodeCell .jp-InputPrompt").allTextContents();
    return prompts.length > 0 && prompts.every((prompt) => /\[\d+\]/.test(prompt)) ? true : undefined;
  }, seconds);
  assert(done, `the notebook did not finish in ${seconds} s`);
  await notebook.idle(30);
}

/** The number of marks in each figure, once all of them are drawn. */
async function drawnFigures(notebook: OpenNotebook): Promise<number[]> {
  const cells = await notebook.page.locator(".jp-CodeCell").count();
  let marks: number[] = [];
  await until(async () => {
    marks = [];
    for (let n = 0; n < cells; n++) {
      const figures = await notebook.code(n).locator(".vega-embed, .jp-RenderedVegaCommon5").count();
      if (figures > 0) marks.push(await notebook.marks(n));
    }
    return marks.length > 0 && marks.every((count) => count > 0) ? true : undefined;
  }, 20);
  return marks;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

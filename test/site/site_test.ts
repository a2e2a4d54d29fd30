/**
 * The built website in a real browser: every page, and Run. In continuous integration a sixth of the papers runs each
 * day, all within four; elsewhere two run. SITE_PAPERS names others, or all:
 * `SITE_PAPERS=all deno test -A test/site/site_test.ts`.
 */
import { assert, assertEquals } from "@std/assert";
import { useReproducibleKernels } from "../../lib/blas/mod.ts";
import { experimentSlugs } from "../../lib/experiment/deno/mod.ts";
import { sizeOf } from "../../site/pages/parts.ts";
import { build, gather } from "../../tools/site/build.ts";
import { serve } from "../../tools/site/serve.ts";
import { browserPath, launch } from "../lab/jupyterlab.ts";
import { hasTurn } from "../turns.ts";
import { findingsOnScreens, Tab } from "./browser.ts";

/** Bytes that a page, and its run, may take, compressed, without tfjs and with it. */
const LIMITS = { plain: 450_000, tfjs: 800_000 };
/** Pixels that a figure may be high: some have many panels. */
const HIGHEST = 3000;
/** Milliseconds within which Stop stops. */
const STOP = 1000;
const named = Deno.env.get("SITE_PAPERS");
const slugs = named !== undefined && named !== "all"
  ? named.split(",")
  : named === undefined && !Deno.env.get("CI")
  ? ["logah", "ptd"]
  : experimentSlugs().filter((_, i) => named === "all" || hasTurn(i));
Deno.test({
  name: "the website in a browser",
  ignore: browserPath() === undefined, // in CI, browserPath throws instead
  sanitizeOps: false, // the browser's pipes outlive the test by a moment
  sanitizeResources: false,
  async fn(t) {
    useReproducibleKernels();
    const folder = await Deno.makeTempDir();
    const content = await gather(slugs, "quick");
    await build(content, folder);
    const server = serve(folder, 0);
    const site = new URL(`http://127.0.0.1:${server.addr.port}/`);
    const browser = await launch(browserPath()!);
    const tabs = await Promise.all([1, 2].map(() => Tab.open(browser, site)));
    const [tab] = tabs;
    const step = async (name: string, fn: () => Promise<void>) =>
      void await t.step({ name, fn, ...unsanitized });
    try {
      await step("every paper has a page, and its figures a size", () => {
        assertEquals(content.papers.map(({ slug }) => slug), slugs);
        const figures = content.papers.flatMap(({ slug, figures }) =>
          figures.map(({ name, svg }) => ({ figure: `${slug}, ${name}`, ...sizeOf(svg) }))
        );
        assertEquals(figures.filter(({ width, height }) => !(width < HIGHEST && height < HIGHEST)), []);
        return Promise.resolve();
      });

      await step("no file has syntax that Firefox or Safari lack", async () => {
        for (const path of files(folder, ".js")) {
          // `using` and `await using` of a variable; in texts there is no `=` after it.
          const found = (await Deno.readTextFile(path)).match(
            /[;{}\n]\s*(?:await )?using [\w$]+ ?=[^]{0,40}/,
          );
          assertEquals(found?.[0], undefined, path);
        }
      });

      const sizes = new Sizes(folder);
      for (const path of files(folder, ".html")) {
        const page = path.slice(folder.length + 1);
        if (content.papers.some(({ slug }) => page === `${slug}/index.html`)) continue; // below
        await step(page, () =>
          tab.visit(new URL(page, site), async (visit) => {
            await sizes.check(visit.loaded);
            assertEquals(await findingsOnScreens(visit.page), []);
            assertEquals([visit.complaints, visit.foreign], [[], []]);
          }));
      }

      const waiting = [...content.papers];
      const lane = async (tab: Tab) => {
        for (let paper = waiting.shift(); paper !== undefined; paper = waiting.shift()) {
          const { slug, claims } = paper;
          await step(
            `${slug}: its run in the page has the verdicts of a run in Deno`,
            () =>
              tab.visit(new URL(`${slug}/`, site), async ({ page, complaints, foreign, loaded }) => {
                await page.locator("#figure svg.marks").waitFor();
                await sizes.check(loaded);
                await page.locator("#run").click();
                await page.locator("#status").filter({ hasText: /^(Done|Stopped|The run failed)/ }).waitFor();
                assertEquals(await page.locator("#failures").innerText(), "");
                const measured = await page.locator("#claims > li").evaluateAll((items) =>
                  items.map(({ id, className }) => [
                    id.replace(/^claim-/, ""),
                    /\bnot-held\b/.test(className) ? false : /\bheld\b/.test(className) ? true : null,
                  ])
                );
                assertEquals(measured, claims.map(({ id, holds }) => [id, holds]));
                assertEquals(await page.locator(".figure-error:visible").allInnerTexts(), []);
                assertEquals([complaints, foreign], [[], []]);
                await sizes.check(loaded);
              }),
          );
          // Another visit, as a page that is seen at two widths loads more than a reader's.
          await step(
            `${slug}: its page on a phone and a laptop`,
            () =>
              tab.visit(new URL(`${slug}/`, site), async ({ page }) => {
                await page.locator("#figure svg.marks").waitFor();
                assertEquals(await findingsOnScreens(page), []);
              }),
          );
        }
      };
      await Promise.all(tabs.map(lane));

      const [{ slug }] = content.papers;
      await step(
        "Stop ends the workers within a second, and the page can run again",
        () =>
          tab.visit(new URL(`${slug}/`, site), async ({ page }) => {
            const working = page.waitForEvent("worker");
            await page.locator("#run").click();
            await page.locator("#stop").waitFor();
            await working;
            const start = performance.now();
            await page.locator("#stop").click();
            while (page.workers().length > 0) await page.waitForTimeout(10);
            const passed = performance.now() - start;
            // The click comes from outside, through a browser that is busy; the step below measures in the page.
            assert(passed < 3 * STOP, `${passed} ms`);
            await page.locator("#status").filter({ hasText: /^Stopped/ }).waitFor();
            assert(await page.locator("#run").isEnabled());
            assertEquals(await page.locator("#claims > li").count(), content.papers[0].claims.length);
          }),
      );

      await step(
        "without JavaScript a page has its figure and its claims",
        async () => {
          const plain = await Tab.open(browser, site, { javaScriptEnabled: false });
          await plain.visit(new URL(`${slug}/`, site), async ({ page, complaints }) => {
            const image = page.locator("#figure img");
            assert(await image.isVisible());
            assert(await image.evaluate((one) => (one as HTMLImageElement).naturalWidth) > 300);
            assertEquals(
              await page.locator("#claims > li .claim-statement").count(),
              content.papers[0].claims.length,
            );
            assert(!await page.locator("#run").isVisible());
            assertEquals(complaints, []);
          });
          await plain.close();
        },
      );

      await step("a loop without end stops within a second; faults of a paper are told", async () => {
        await Deno.mkdir(`${folder}/code/experiments/faulty`);
        await Deno.copyFile(
          new URL("faulty_experiment.js", import.meta.url),
          `${folder}/code/experiments/faulty/mod.js`,
        );
        await tab.visit(new URL("about.html", site), async ({ page }) => {
          const results = await page.evaluate(async (stopAfter) => {
            const { drawHere, runHere } = await import(
              new URL("code/site/client/run.js", location.href).href
            );
            const stop = new AbortController();
            let stopped = NaN;
            const endless = await runHere("faulty", {
              signal: stop.signal,
              onRows: () =>
                setTimeout(() => {
                  stopped = performance.now();
                  stop.abort();
                }, stopAfter),
            });
            const seconds = (performance.now() - stopped) / 1000;
            const whole = await runHere("faulty", { params: { endless: 0 } });
            const figures = await drawHere("faulty", whole.rows);
            let refused = "";
            await runHere("faulty", { params: { endless: "yes" } }).catch((error: Error) =>
              refused = error.message
            );
            return { endless, seconds, whole, figures, refused };
          }, 200);
          const { endless, seconds, whole, figures, refused } = results;
          assert(seconds < STOP / 1000, `${seconds} s`);
          assertEquals([endless.interrupted, endless.claims], [true, []]);
          assertEquals(endless.rows, [{ kind: "number", value: 1 }]);
          assertEquals(whole.rows, [{ kind: "number", value: 1 }]);
          assertEquals(whole.failures.map(({ error }: { error: string }) => error), ["the trial fails"]);
          assertEquals(
            whole.claims.map(({ id, holds }: { id: string; holds: boolean }) => [id, holds]),
            [["bad", false], ["good", true]],
          );
          assertEquals(figures, [{ name: "bad", error: "the figure fails" }]);
          assert(refused.includes("Parameter `endless` of faulty must be a finite number"), refused);
        });
      });
    } finally {
      await browser.close();
      await server.shutdown();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Steps run two at once, and browsers outlive them by a moment. */
const unsanitized = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };

/** Sizes of files, compressed. */
class Sizes {
  readonly #known = new Map<string, { bytes: number; tfjs: boolean }>();

  constructor(readonly folder: string) {}

  /** Throws if paths of the site take more together, data sets aside, than a page may. */
  async check(paths: Iterable<string>): Promise<void> {
    let bytes = 0;
    let tfjs = false;
    for (const path of paths) {
      // Data sets that are loaded when a run asks for them.
      if (path.startsWith("/data/") || /_data-\w+\.js$/.test(path)) continue;
      const file = await this.#file(path.endsWith("/") ? `${path}index.html` : path);
      bytes += file.bytes;
      tfjs ||= file.tfjs;
    }
    const limit = tfjs ? LIMITS.tfjs : LIMITS.plain;
    assert(bytes <= limit, `${bytes} bytes are loaded ${tfjs ? "with" : "without"} tfjs`);
  }

  async #file(path: string): Promise<{ bytes: number; tfjs: boolean }> {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const plain = await Deno.readFile(this.folder + path);
    const packed = new Blob([plain]).stream().pipeThrough(new CompressionStream("gzip"));
    const bytes = (await new Response(packed).arrayBuffer()).byteLength;
    // A class of its layers, which no other file names.
    const tfjs = path.endsWith(".js") && new TextDecoder().decode(plain).includes("LayersModel");
    this.#known.set(path, { bytes, tfjs });
    return { bytes, tfjs };
  }
}

/** Files of a folder by the end of their name. */
function files(folder: string, end: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? files(path, end) : name.endsWith(end) ? [path] : [];
  }).sort();
}

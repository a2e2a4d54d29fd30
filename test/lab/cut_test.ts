/** Pictures as a browser shows them, with the fonts of this machine. */
import { assert, assertEquals } from "@std/assert";
import { categoryAxis, colorBy, figure, legendAt, linearAxis, renderSvg } from "refigure/figures";
import { browserPath, launch, root } from "./jupyterlab.ts";

Deno.test({
  name: "no text of a stored picture is cut off, whichever fonts there are",
  ignore: browserPath() === undefined, // in CI, browserPath throws instead
  sanitizeOps: false, // the browser's pipes outlive the test by a moment
  sanitizeResources: false,
  async fn() {
    const browser = await launch(browserPath()!);
    try {
      const page = await browser.newPage();
      /** Texts that stick out of their picture, with the number of pixels. */
      const cut = async (svgs: readonly string[]) => {
        await page.setContent(svgs.map((svg) => `<div>${svg}</div>`).join(""));
        return await page.evaluate(() =>
          [...document.querySelectorAll("svg")].flatMap((svg, i) => {
            const box = svg.getBoundingClientRect();
            return [...svg.querySelectorAll("text")].flatMap((text) => {
              const { left, right, top, bottom, width } = text.getBoundingClientRect();
              const over = Math.max(box.left - left, right - box.right, box.top - top, bottom - box.bottom);
              return width > 0 && over > 0.5 ? [`${i}: ${text.textContent} (${over.toFixed(1)} pixels)`] : [];
            });
          })
        );
      };

      const names = ["short", "fitted to random matrices"];
      const rows = names.map((name, value) => ({ name, value }));
      const drawn = await renderSvg(figure({
        title: { text: "Names beside an axis", subtitle: "and in a legend" },
        data: { values: rows },
        mark: "bar",
        encoding: {
          x: linearAxis("value", "Value"),
          y: categoryAxis("name"),
          color: colorBy("name", null, names),
        },
        config: legendAt("bottom"),
      }));
      assertEquals(await cut([drawn]), []);
      // The same without the widths that the texts are given, in a font that is wider than Helvetica.
      const wider = drawn.replace(/ font-family="[^"]*"/, ' font-family="DejaVu Sans Mono, monospace"');
      assertEquals(await cut([wider]), []);
      assert(
        (await cut([wider.replace(/ textLength="[^"]*"/g, "")])).length > 0,
        "the check sees a cut text",
      );

      for (const { name } of Deno.readDirSync(`${root}notebooks`)) {
        if (!name.endsWith(".ipynb")) continue;
        const { cells } = JSON.parse(Deno.readTextFileSync(`${root}notebooks/${name}`)) as {
          cells: { outputs?: { data?: Record<string, string | string[]> }[] }[];
        };
        const svgs = cells.flatMap(({ outputs = [] }) => outputs)
          .flatMap(({ data = {} }) => data["image/svg+xml"] === undefined ? [] : [data["image/svg+xml"]])
          .map((svg) => [svg].flat().join(""));
        assertEquals(await cut(svgs), [], name);
      }
    } finally {
      await browser.close();
    }
  },
});

/** Figures that react to the mouse, and how JupyterLab's vega-lite draws them. */
import { assert, assertEquals } from "@std/assert";
import * as vega from "vega";
import { compile } from "vega-lite";
import {
  annotation,
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
  type FigureSpec,
  interactive,
  knob,
  type Layer,
  legendAt,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  panels,
  points,
  publishedPoints,
  renderSvg,
  theoryLine,
  theoryRule,
} from "refigure/figures";
import { notebookNames } from "../notebooks/notebooks.ts";
import { hasTurn } from "../turns.ts";
import { comparedVersion, draw, labDifferences, versionInJupyterLab } from "./lab_vega_lite.ts";

const rows = ["a", "b"].flatMap((method, k) =>
  Array.from({ length: 15 }, (_, i) => i + 1).flatMap((step) =>
    [1, 2, 4].map((factor, seed) => ({ method, step, seed, error: factor / step ** (k + 1) }))
  )
);
const encoding = {
  x: linearAxis("step", "Step"),
  y: logAxis("error", "Error"),
  color: colorBy("method", null, ["a", "b"]),
};
const place = { x: "step", y: "error", series: "method", center: "geometric mean" } as const;
const law = theoryLine((x) => 1 / x, { x: "step", y: "error", domain: [1, 15] });
const band = { encoding, layer: [meanAndRange(rows, place), law] };

/** Every mark at least once. */
const figures: Record<string, FigureSpec> = {
  band: figure(band),
  "a band as typed before there were marks": figure({
    encoding: { x: encoding.x },
    data: { values: [1, 2, 3].map((step) => ({ step, low: 1 / step, high: 3 / step, method: "a" })) },
    layer: [{
      mark: { type: "area", opacity: 0.2 },
      encoding: {
        y: { field: "low", type: "quantitative", scale: { type: "log" } },
        y2: { field: "high" },
        color: encoding.color,
      },
    }],
  }),
  bars: figure({ encoding, layer: [meanAndRange(rows, { ...place, as: "bars", rows: true })] }),
  runs: figure({ encoding, layer: [lines(rows, { each: "seed", dots: true }), theoryRule({ y: 0.1 })] }),
  dots: figure({
    encoding: { x: logAxis("error", "Error"), y: categoryAxis("method"), color: encoding.color },
    layer: [dotsAndMean(rows, { value: "error", category: "method" })],
  }),
  "points and labels": figure({
    title: { text: "Points", subtitle: ["two", "lines"] },
    encoding,
    layer: [
      points(rows),
      publishedPoints([{ step: 3, error: 0.5 }]),
      publishedPoints([{ step: 4, error: 0.5, method: "a" }], { bySeries: true }),
      annotation("a label", { x: 5, y: 1, side: "right" }),
    ],
  }),
  panels: figure({
    ...panels([{ title: "one", ...band }, { title: "two", ...band }, { title: "three", ...band }], {
      columns: 2,
    }),
    config: legendAt("bottom"),
  }),
  independent: figure({
    ...panels([{ title: "one", ...band }, { title: "two", ...band }], { colors: "independent" }),
  }),
  single: figure({
    data: { values: rows },
    mark: "line",
    encoding: { ...encoding, detail: { field: "seed" } },
  }),
  bar: figure({
    data: { values: [{ name: "a", value: 3 }, { name: "b", value: 5 }] },
    mark: "bar",
    encoding: { x: categoryAxis("name"), y: linearAxis("value", "Value", { zero: true }) },
  }),
  facets: figure({
    data: { values: rows },
    facet: { row: { field: "method", type: "nominal" } },
    spec: { mark: "point", encoding: { x: encoding.x, y: encoding.y } },
  }),
};

Deno.test("the comparison is with the vega-lite of the installed JupyterLab", () => {
  assertEquals(versionInJupyterLab(), comparedVersion);
});

Deno.test("the comparison sees a band that JupyterLab stacks, and what it warns about", async () => {
  const typed = figures["a band as typed before there were marks"];
  const moved = await labDifferences(typed);
  assert(moved.some((line) => /area \(mark\).*: x 0, in JupyterLab \d/.test(line)), moved.join("\n"));
  const log = { ...typed, encoding: { x: logAxis("step", "Step") } } as unknown as FigureSpec;
  const warned = await labDifferences(log);
  assert(warned.includes("JupyterLab warns: Cannot stack non-linear scale (log)."), warned.join("\n"));
  assertEquals(await labDifferences(interactive(log)), []);
});

for (const [name, spec] of Object.entries(figures)) {
  Deno.test(`JupyterLab draws the same: ${name}`, async () => {
    assertEquals(await labDifferences(interactive(spec)), []);
  });

  Deno.test(`before it is touched an interactive figure looks like the figure: ${name}`, async () => {
    const seen = async (spec: FigureSpec) => {
      const { marks, complaints } = await draw(compile, spec);
      assertEquals(complaints, []);
      const isHidden = ({ items }: (typeof marks)[number]) =>
        items.every(({ opacity, fill }) => opacity === 0 || fill === "transparent");
      // A legend that can be clicked has symbols of the theme's width, one that cannot that of the lines.
      for (const { kind, items } of marks) {
        if (kind.endsWith("(legend-symbol)")) items.forEach((item) => delete item.strokeWidth);
      }
      return marks.filter((mark) =>
        !(mark.kind.endsWith("(mark)") && isHidden(mark)) && !mark.kind.startsWith("group")
      );
    };
    const still = await seen(spec);
    assert(still.length > 0);
    assertEquals(await seen(interactive(spec)), still);
    assert((await renderSvg(interactive(spec))).length > 0);
  });
}

/** A view that runs without a page. */
function view(spec: FigureSpec): vega.View {
  const logger = vega.logger(vega.None);
  return new vega.View(vega.parse(compile(spec, { logger }).spec), { renderer: "none", logger });
}

/** All items of marks, with the kind of mark. */
// deno-lint-ignore no-explicit-any
function items(mark: any, kind: string): any[] {
  const own = mark.marktype === kind && mark.role === "mark" ? mark.items : [];
  // deno-lint-ignore no-explicit-any
  return [
    ...own,
    ...mark.items.flatMap((item: any) => (item.items ?? []).flatMap((child: any) => items(child, kind))),
  ];
}

// deno-lint-ignore no-explicit-any
const root = (view: vega.View) => (view.scenegraph() as any).root;

Deno.test("a tooltip shows the numbers of its own point, with the ends of the band", async () => {
  const shown = view(interactive(figures.band));
  await shown.runAsync();
  // deno-lint-ignore no-explicit-any
  const tooltips = items(root(shown), "symbol").map(({ tooltip }: any) => tooltip).filter(Boolean);
  assertEquals(tooltips.length, 30 + 61);
  const expected = { title: "b", Step: "2", Error: "0.5", from: "0.25", to: "1" };
  assert(
    tooltips.some((one) => JSON.stringify(one) === JSON.stringify(expected)),
    JSON.stringify(tooltips[20]),
  );
  shown.finalize();
});

Deno.test("a name chosen in the legend makes the other series faint", async () => {
  const shown = view(interactive(figures.band));
  await shown.runAsync();
  const opacities = (kind: string) =>
    items(root(shown), kind).map(({ opacity = 1 }) => Math.round(100 * opacity) / 100);
  const [before] = [new Set(opacities("area"))];
  assertEquals(before, new Set([0.18]));
  const fields = [{ type: "E", field: "method" }];
  shown.insert("highlight_store", [{ unit: "layer_0_layer_0", fields, values: ["a"] }]);
  await shown.runAsync();
  assertEquals(new Set(opacities("area")), new Set([0.18, 0.02]));
  assertEquals(new Set(opacities("line")), new Set([1, 0.12]));
  shown.finalize();
});

Deno.test("zoom is for views with many points on two numeric axes; what a figure selects itself stays alone", () => {
  const text = (spec: FigureSpec) => JSON.stringify(interactive(spec));
  const has = (spec: FigureSpec, what: string) => text(spec).includes(`"bind":"${what}"`);
  assert(has(figures.runs, "scales") && has(figures.runs, "legend"));
  assert(!has(figures.dots, "scales") && has(figures.dots, "legend"), "an axis of names");
  assert(!has(figures.bar, "scales") && !has(figures.bar, "legend"));
  const few = figure({ encoding, layer: [lines(rows.slice(0, 30))] });
  assert(!has(few, "scales") && has(few, "legend"), "few points");
  assertEquals(text(figures.panels).match(/"bind":"scales"/g)?.length, 3, "each panel for itself");
  assertEquals(text(figures.panels).match(/"bind":"legend"/g)?.length, 1);
  assertEquals(text(figures.independent).match(/"bind":"legend"/g)?.length, 2);
  const brush = { name: "brush", select: "interval" };
  const own = figure({ ...band, params: [brush] });
  assert(!has(own, "scales") && !has(own, "legend"));
  const twice = interactive(figures.runs);
  assertEquals(text(twice).match(/"bind"/g)?.length, 2, "a second time adds no second zoom");
  const png = figure({
    ...band,
    usermeta: { embedOptions: { renderer: "canvas", actions: false }, note: 1 },
  });
  assertEquals(interactive(png).usermeta, { embedOptions: { renderer: "canvas", actions: false }, note: 1 });
});

Deno.test("lines of very many points get no tooltips, which would slow the page", () => {
  const values = Array.from({ length: 4000 }, (_, step) => ({ step, error: 1 + step }));
  const spec = figure({ data: { values }, mark: "line", encoding: { x: encoding.x, y: encoding.y } });
  assert(!JSON.stringify(interactive(spec)).includes("tooltip"));
});

Deno.test("a knob shows the rows of its value, whether values are at equal steps or not", async () => {
  for (const values of [[0.1, 0.2, 0.3], [1e-3, 1 / 3, 10], [3, 2, 1]]) {
    const all = values.flatMap((rate) => [0, 1, 2].map((step) => ({ rate, step, error: 1 + step * rate })));
    const rate = knob("rate", values, { start: 2 });
    const spec = interactive(figure({
      params: [rate.param],
      encoding: { x: encoding.x, y: linearAxis("error", "Error", { domain: [0, 30] }) },
      layer: [rate.show(points(all)), rate.readout],
    }));
    assertEquals(await labDifferences(spec), []);
    const shown = view(spec);
    await shown.runAsync();
    const isEven = values[0] === 0.1;
    for (const i of [2, 0, 1]) {
      await shown.signal("knob_rate", isEven ? values[i] : i + 1).runAsync();
      // deno-lint-ignore no-explicit-any
      const drawn = items(root(shown), "symbol").map(({ datum }: any) => datum.rate);
      assertEquals(drawn, [0, 1, 2].map(() => Number(values[i].toPrecision(5))));
      const [text] = items(root(shown), "text").map(({ text }) => text);
      assertEquals(text, `rate = ${Number(values[i].toPrecision(4))}`);
    }
    shown.finalize();
  }
});

Deno.test("a knob filters every layer with rows of its own; with one value it has no slider", async () => {
  const all = [1, 2].flatMap((rate) =>
    [3, 5].map((error, seed) => ({ rate, method: "a", seed, step: 1, error: rate * error }))
  );
  const rate = knob("rate", [1, 2], { start: 1 });
  const axes = { x: linearAxis("error", "Error"), y: categoryAxis("method") };
  const seen = async (layer: Layer) => {
    const shown = view(figure({ params: [rate.param], encoding: axes, layer: [layer] }));
    await shown.runAsync();
    // deno-lint-ignore no-explicit-any
    const errors = ["symbol", "rect"].flatMap((type) =>
      items(root(shown), type).map(({ datum }: any) => datum.error)
    );
    shown.finalize();
    return errors;
  };
  const dots = dotsAndMean(all, { value: "error", category: "method", by: ["rate"] });
  assertEquals(await seen(rate.show(dots)), [6, 10, 8]);
  assertEquals(await seen({ data: { values: all }, layer: [rate.show({ mark: "point" })] }), [6, 10]);
  const band = meanAndRange(all, { x: "step", y: "error", by: ["rate"], as: "bars", rows: true });
  const spec = figure({
    params: [rate.param],
    encoding: { x: linearAxis("step", "Step"), y: linearAxis("error", "Error") },
    layer: [rate.show(band)],
  });
  const shown = view(spec);
  await shown.runAsync();
  // deno-lint-ignore no-explicit-any
  assertEquals(items(root(shown), "symbol").map(({ datum }: any) => datum.error).sort(), [10, 6, 8]);
  shown.finalize();

  const single = knob("rate", [2]);
  assertEquals(Object.keys(single.param), ["name", "value"]);
  assertEquals(
    (await renderSvg(figure({
      params: [single.param],
      encoding: axes,
      layer: [single.show(dots), single.readout],
    }))).match(/rate = 2/g)?.length,
    1,
  );
});

Deno.test("every paper's notebook has a slider in a figure, which shows marks wherever it is", async () => {
  for (const { name } of Deno.readDirSync(new URL("../../notebooks/", import.meta.url))) {
    if (!name.endsWith(".ipynb") || name === "index.ipynb") continue;
    const notebook = JSON.parse(Deno.readTextFileSync(new URL(`../../notebooks/${name}`, import.meta.url)));
    let count = 0;
    for (const [i, { outputs = [] }] of notebook.cells.entries()) {
      for (const { data } of outputs) {
        const spec = data?.["application/vnd.vegalite.v5+json"];
        for (const { name: slider, value, bind } of spec?.params ?? []) {
          if (bind?.input !== "range") continue;
          count++;
          const shown = view(spec);
          await shown.runAsync();
          const marks = () =>
            ["symbol", "line", "area", "rule", "rect"].flatMap((kind) =>
              items(root(shown), kind).map(({ x, y, x2, y2 }) => [x, y, x2, y2])
            );
          const first = JSON.stringify(marks());
          let moved = false;
          const places = Math.round((bind.max - bind.min) / bind.step);
          for (let k = 0; k <= places; k++) {
            await shown.signal(slider, bind.min + k * bind.step).runAsync();
            const now = JSON.stringify(marks());
            const where = `cell ${i} of ${name}, ${slider} at place ${k}`;
            assert(now.length > first.length / 20, `hardly a mark: ${where}`);
            moved ||= now !== first;
          }
          shown.finalize();
          assert(moved, `nothing follows the slider: cell ${i} of ${name}`);
          assert(value >= bind.min && value <= bind.max, `cell ${i} of ${name} starts at ${value}`);
        }
      }
    }
    assert(count > 0, `no slider in ${name}`);
  }
});

Deno.test("figures that a notebook has stored are drawn the same by JupyterLab", async () => {
  let count = 0;
  for (const [turn, name] of notebookNames.entries()) {
    if (Deno.env.get("CI") && !hasTurn(turn)) continue;
    const notebook = JSON.parse(
      Deno.readTextFileSync(new URL(`../../notebooks/${name}.ipynb`, import.meta.url)),
    );
    for (const [i, { outputs = [] }] of notebook.cells.entries()) {
      for (const { data } of outputs) {
        const spec = data?.["application/vnd.vegalite.v5+json"];
        // Notebooks that were last run before figures were interactive are not compared.
        if (spec?.usermeta?.embedOptions === undefined) continue;
        count++;
        assertEquals(await labDifferences(spec), [], `cell ${i} of ${name}`);
      }
    }
  }
  console.log(`      ${count} stored figures compared`);
});

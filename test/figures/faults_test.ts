/** What a figure must not do silently, and what must not stop it from being drawn. */
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  figure,
  FigureError,
  type FigureInput,
  linearAxis,
  logAxis,
  meanAndRange,
  renderSvg,
} from "refigure/figures";

// deno-lint-ignore no-explicit-any
const rowsOf = (spec: any): Record<string, any>[] => spec.data.values;
const quantitative = (field: string) => ({ field, type: "quantitative" });
const xy = { x: quantitative("x"), y: quantitative("y") };

Deno.test("a figure is plain JSON: dates, typed arrays and numbers that are not finite", async () => {
  const spec = figure({
    data: {
      values: [
        { day: new Date(Date.UTC(2020, 0, 1)), y: 1, list: new Float32Array([1, 2]), lost: NaN },
        { day: new Date(Date.UTC(2020, 0, 3)), y: 2, list: new Float32Array(0), lost: -Infinity },
      ],
    },
    mark: "line",
    encoding: { x: { field: "day", type: "temporal" }, y: quantitative("y") },
  });
  assertEquals(rowsOf(spec)[0], { day: "2020-01-01T00:00:00.000Z", y: 1, list: [1, 2], lost: null });
  assertEquals(JSON.parse(JSON.stringify(spec)), spec);
  assert((await renderSvg(spec)).includes("line mark"));
  const broken = { day: new Date(NaN), y: 1 };
  assertEquals(rowsOf(figure({ data: { values: [broken] }, mark: "point" }))[0], { day: null, y: 1 });
  for (
    const [wrong, what] of [[() => 1, "function"], [new Map(), "Map"], [new Set(), "Set"], [1n, "bigint"]]
  ) {
    assertThrows(
      () => figure({ data: { values: [{ x: 1, wrong }] }, mark: "point" }),
      TypeError,
      `\`spec.data.values[0].wrong\` must be a value that JSON can hold, got a ${what}`,
    );
  }
});

Deno.test("numbers of rows are rounded, numbers of the spec are not", () => {
  const domain: [number, number] = [1.23456789, 2_000_000.125];
  const spec = figure({
    data: { values: [{ x: 1 / 3, y: 100_000.123 }, { x: 2 / 3, y: 100_000.456 }] },
    layer: [{ mark: { type: "point", size: 12.3456789 } }],
    encoding: { x: linearAxis("x", "x", { domain }), y: quantitative("y") },
  });
  // deno-lint-ignore no-explicit-any
  const { encoding, layer } = spec as any;
  assertEquals(encoding.x.scale.domain, domain);
  assertEquals(layer[0].mark.size, 12.3456789);
  assertEquals(rowsOf(spec).map(({ x }) => x), [0.33333, 0.66667]);
  const [first, second] = rowsOf(spec).map(({ y }) => y);
  assertAlmostEquals(second - first, 0.333, 1e-3, "what differs by little stays apart");
  const instants = [1577836800000.25, 1577836800999.75];
  const times = figure({ data: { values: instants.map((x) => ({ x })) }, mark: "point" });
  rowsOf(times).forEach(({ x }, i) => assertAlmostEquals(x, instants[i], 1));
});

Deno.test("the caller's spec and rows are not changed", () => {
  const values = Object.freeze([Object.freeze({ x: 1 / 3, y: 0 }), Object.freeze({ x: 2, y: 1 })]);
  const encoding = Object.freeze({ x: linearAxis("x", "x"), y: logAxis("y", "y") });
  const spec: FigureInput = Object.freeze({ data: Object.freeze({ values }), mark: "line", encoding });
  const before = JSON.stringify(spec);
  figure(spec);
  assertEquals(JSON.stringify(spec), before);
});

/** Where the line of a figure goes. */
function heights(svg: string): number[] {
  const path = /aria-roledescription="line mark"[^>]* d="([^"]*)"/.exec(svg)?.[1] ?? "";
  return [...path.matchAll(/[ML]([\d.]+),([\d.-]+)/g)].map(([, , y]) => Number(y));
}

Deno.test("what is not positive is left out of a logarithmic axis, with a word", async () => {
  const values = [1, 0, 100, -3, 10].map((y, x) => ({ x, y }));
  for (const domain of [undefined, [1, 100] as [number, number]]) {
    const spec = figure({
      title: "Errors",
      data: { values },
      mark: "line",
      encoding: { x: linearAxis("x", "x"), y: logAxis("y", "Error", { domain }) },
    });
    assertEquals(rowsOf(spec).map(({ y }) => y), [1, null, 100, null, 10]);
    assertEquals(spec.title, {
      text: "Errors",
      subtitle: ["Left out: 2 values are not positive, which a logarithmic axis cannot show (Error)"],
    });
    assertEquals(figure(spec), spec, "a second time changes nothing");
    const drawn = heights(await renderSvg(spec));
    assertEquals(drawn.length, 3);
    assert(drawn[1] < drawn[2] && drawn[2] < drawn[0], `${drawn}`);
  }
});

Deno.test("left out: a band's end, an inherited axis, a panel; a linear axis on the same rows keeps its zero", async () => {
  const rows = [0, 1, 2].flatMap((x) => [{ x, y: x }, { x, y: x + 1 }]);
  const band = figure({
    encoding: { x: linearAxis("x", "x"), y: logAxis("y", "y") },
    layer: [meanAndRange(rows, { x: "x", y: "y" })],
  });
  assert(
    JSON.stringify(band.title).includes("Left out: 1 value is not positive"),
    JSON.stringify(band.title),
  );
  await renderSvg(band);
  const both = figure({
    data: { values: [{ x: 1, y: 0 }, { x: 2, y: 5 }, { x: 3, y: 6 }] },
    hconcat: [
      { mark: "point", encoding: { x: quantitative("x"), y: logAxis("y", "log") } },
      { mark: "point", encoding: { x: quantitative("x"), y: linearAxis("y", "linear") } },
    ],
  });
  const svg = await renderSvg(both);
  assertEquals(svg.split('aria-roledescription="point"').length - 1, 2 + 3);
  assert(svg.includes("(log)") && !svg.includes("(linear)"));
});

Deno.test("a log axis without any positive value, or with a domain that is not positive, is refused", () => {
  const spec = (scale: object, y: number): FigureInput => ({
    data: { values: [{ x: 1, y }] },
    mark: "point",
    encoding: { x: quantitative("x"), y: { ...quantitative("y"), scale: { type: "log", ...scale } } },
  });
  assertThrows(() => figure(spec({}, 0)), RangeError, "none of its 1 values is positive");
  assertThrows(
    () => figure(spec({ domain: [0, 1] }, 1)),
    RangeError,
    "`spec.encoding.y.scale.domain` of a log axis must be positive, got [0,1]",
  );
});

Deno.test("a zero that a transform makes is an error of the drawing, not a point at the top", async () => {
  const spec = figure({
    data: { values: [{ x: 1, y: 1 }, { x: 2, y: 2 }, { x: 3, y: 3 }] },
    transform: [{ calculate: "datum.y - 2", as: "z" }],
    mark: "point",
    encoding: { x: linearAxis("x", "x"), y: logAxis("z", "z", { domain: [1, 3] }) },
  });
  await assertRejects(() => renderSvg(spec), FigureError, "2 values have no place on the axis (symbol at y)");
});

Deno.test("a layer without rows does not stop a figure", async () => {
  const box = figure({
    data: { values: [1, 2, 3, 4, 5].map((v) => ({ v })) },
    mark: "boxplot",
    encoding: { y: quantitative("v") },
  });
  assert((await renderSvg(box)).includes("box"), "no outliers");
  const some = [{ x: 1, y: 1 }, { x: 2, y: 2 }];
  const layers = figure({
    data: { values: some },
    layer: [
      { mark: "line", encoding: xy },
      { transform: [{ filter: "datum.x > 9" }], mark: "point", encoding: xy },
      { data: { values: [] }, mark: "point", encoding: xy },
    ],
  });
  assert((await renderSvg(layers)).includes("line mark"));
  await renderSvg(figure({ data: { values: [] }, mark: "point", encoding: xy }));
});

Deno.test("a layer that would show nothing although it has rows is refused", () => {
  const spec = (rows: object[], encoding: FigureInput["encoding"] = xy): FigureInput => ({
    layer: [{ data: { values: [{ x: 1, y: 1 }] }, mark: "line", encoding: xy }, {
      data: { values: rows },
      mark: "point",
      encoding,
    }],
  });
  assertThrows(
    () => figure(spec([{ x: 1, loss: 1 }])),
    TypeError,
    '`spec.layer[1].encoding.y.field`: no row has a field "y"; the first row has x, loss',
  );
  assertThrows(
    () => figure(spec([{ x: 1, y: NaN }, { x: 2, y: null }])),
    RangeError,
    '`spec.layer[1].encoding.y.field`: no row has a finite number in "y"',
  );
  figure(spec([{ x: 1, y: "0.5" }]));
  figure(spec([{ a: { x: 1 } }], { x: quantitative("a.x") }));
});

Deno.test("interaction is for pages: the SVG is drawn without", async () => {
  const data = { values: [{ x: 1, y: 1, s: "a" }, { x: 2, y: 2, s: "b" }] };
  const params = [
    { name: "zoom", select: "interval", bind: "scales" },
    { name: "brush", select: { type: "interval", encodings: ["x"] } },
    { name: "pick", select: { type: "point", fields: ["s"] }, bind: "legend" },
    { name: "near", select: { type: "point", nearest: true, on: "mouseover" } },
  ];
  const color = { field: "s", type: "nominal" };
  const plain = await renderSvg(figure({ data, mark: "point", encoding: { ...xy, color } }));
  const places = (svg: string) => svg.match(/aria-roledescription="point" transform="[^"]*"/g);
  for (const param of params) {
    const opacity = { condition: { param: param.name, value: 1 }, value: 0.2 };
    const encoding = { ...xy, color, ...(param.name === "near" ? {} : { opacity }) };
    const svg = await renderSvg(figure({ data, mark: "point", params: [param], encoding }));
    assertEquals(places(svg), places(plain), param.name);
  }
  const slider = { name: "scale", value: 2, bind: { input: "range", min: 1, max: 3 } };
  const svg = await renderSvg(figure({
    data,
    params: [slider],
    transform: [{ calculate: "datum.y * scale", as: "z" }],
    mark: "point",
    encoding: { x: quantitative("x"), y: quantitative("z") },
  }));
  assert(svg.includes("z: 4"), "with the value that a slider starts at");
});

Deno.test("nothing is read while a figure is drawn", async () => {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  await Deno.writeTextFile(file, '[{"x": 1, "y": "secret"}]');
  try {
    const url = `file://${file}`;
    const encoding = { x: quantitative("x"), text: { field: "y" } };
    const specs: FigureInput[] = [
      { data: { url }, mark: "text", encoding },
      { data: { url: file }, mark: "text", encoding },
      { data: { url: "https://example.com/data.csv" }, mark: "text", encoding },
      {
        layer: [{ data: { values: [{ x: 1 }] }, mark: "point", encoding: {} }, {
          data: { url },
          mark: "text",
          encoding,
        }],
      },
      {
        data: { values: [{ x: 1 }] },
        transform: [{ lookup: "x", from: { data: { url }, key: "x", fields: ["y"] } }],
        mark: "text",
        encoding,
      },
    ];
    for (const spec of specs) {
      const error = await assertRejects(() => renderSvg(figure(spec)), FigureError, "reads rows from");
      assert(
        error.message.includes(file) || error.message.includes("https://example.com/data.csv"),
        error.message,
      );
    }
    const image = figure({
      data: { values: [{ x: 1, image: url }] },
      mark: "image",
      encoding: { x: quantitative("x"), url: { field: "image" } },
    });
    const svg = await renderSvg(image).catch((error) => String(error));
    assert(!svg.includes(`href="${url}`), svg);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("what is no figure is refused with a sentence", () => {
  const wrong: [unknown, string][] = [
    [
      { mark: "lin" },
      '`spec.mark` must be a mark of vega-lite, got "lin" (did you mean "line"?); there are: arc,',
    ],
    [{ mark: { type: "lin" } }, "`spec.mark` must be a mark"],
    [{ mark: { color: "red" } }, "got undefined; there are"],
    [{ mark: null }, "`spec.mark` must be a mark of vega-lite, got null"],
    [undefined, "`spec` must be a vega-lite spec, got undefined"],
    [null, "got null"],
    ["line", 'got "line"'],
    [[], "`spec` must be a vega-lite spec, got an Array"],
    [{}, "concat or spec; it has nothing"],
    [{ data: { values: [] } }, "concat or spec; it has data"],
    [{ layer: {} }, "`spec.layer` must be a list of views, got an object"],
    [{ layer: [undefined] }, "`spec.layer[0]` must be a view, got undefined"],
    [{ hconcat: [{ mark: "line" }, { mark: "lin" }] }, "`spec.hconcat[1].mark` must be"],
    [
      { mark: "line", encoding: { z: { field: "x" } } },
      '`spec.encoding` must be channels of vega-lite, got "z"',
    ],
    [
      { mark: "line", encoding: { x: "step" } },
      '`spec.encoding.x` must be an object such as { field: "loss" }, got "step"',
    ],
    [{ mark: "line", encoding: { x: { field: "x", type: "number" } } }, "`spec.encoding.x.type` must be"],
    [
      { mark: "line", title: { subtitle: "no text" } },
      "`spec.title` must be a string, a list of strings, or an object",
    ],
    [{ mark: "line", title: { text: "a", subtitle: 1 } }, "`spec.title.subtitle` must be a string"],
    [
      { mark: "line", data: [{ x: 1 }] },
      "`spec.data` must be an object such as { values: rows }, got an Array",
    ],
    [{ mark: "line", data: { values: "x,y" } }, '`spec.data.values` must be a list of rows, got "x,y"'],
    [{ mark: "line", encoding: [] }, "`spec.encoding` must be an object of channels"],
    [{ mark: "line", data: { values: 3 } }, "`spec.data.values` must be a list of rows, got 3"],
  ];
  for (const [spec, message] of wrong) assertThrows(() => figure(spec as never), TypeError, message);
});

Deno.test("errors of vega name the figure", async () => {
  const spec = figure({
    data: { values: [{ x: 1 }] },
    transform: [{ calculate: "1 +", as: "y" }],
    mark: "point",
    encoding: xy,
  });
  await assertRejects(() => renderSvg(spec), FigureError, "This figure can't be drawn as it is: ");
});

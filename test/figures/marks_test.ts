import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  annotation,
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
  knob,
  type Layer,
  legendAt,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  numberLabel,
  palette,
  panels,
  pictures,
  points,
  publishedPoints,
  rankBy,
  renderSvg,
  theoryColor,
  theoryLine,
  theoryRule,
  thin,
} from "refigure/figures";

/** The rows of a layer. */
const rowsOf = (layer: Layer) => layer.data?.values as Record<string, number | string>[];

const seeds = ["a", "b"].flatMap((method) =>
  [1, 10, 100].flatMap((step) =>
    [1, 4, 16].map((factor, seed) => ({ method, step, seed, error: factor / step }))
  )
);

Deno.test("meanAndRange: centre and spread of each line and point", () => {
  const at = (options: Parameters<typeof meanAndRange<(typeof seeds)[number]>>[1]) =>
    rowsOf(meanAndRange(seeds, options))[0];
  const place = { x: "step", y: "error", series: "method" } as const;
  assertEquals(at(place), { method: "a", step: 1, error: 7, low: 1, high: 16 });
  assertEquals(at({ ...place, center: "median" }), { method: "a", step: 1, error: 4, low: 1, high: 16 });
  const sd = Math.sqrt((36 + 9 + 81) / 2);
  assertEquals(at({ ...place, spread: "sd" }), {
    method: "a",
    step: 1,
    error: 7,
    low: 7 - sd,
    high: 7 + sd,
  });
  const geometric = at({ ...place, center: "geometric mean", spread: "sd" });
  assertAlmostEquals(geometric.error as number, 4);
  assertAlmostEquals(geometric.low as number, 1);
  assertAlmostEquals(geometric.high as number, 16);
  assertEquals(rowsOf(meanAndRange(seeds, place)).length, 6);
  assertEquals(rowsOf(meanAndRange(seeds, { x: "step", y: "error" })).length, 3, "one line");
});

Deno.test("meanAndRange: what has no mean is refused", () => {
  const rows = [{ x: 1, y: 2, low: 3 }, { x: 1, y: NaN, low: 3 }];
  assertThrows(() => meanAndRange(rows, { x: "x", y: "y" }), RangeError, "row 1 has NaN");
  assertThrows(
    () => meanAndRange([{ x: 1, y: 0 }], { x: "x", y: "y", center: "geometric mean" }),
    RangeError,
    "Cannot take the geometric mean of `y`: row 0 has 0",
  );
  assertThrows(() => meanAndRange(rows, { x: "x", y: "low" }), RangeError, 'must not be named "low"');
  const wrong = { x: "x", y: "y", spread: "iqr" } as never;
  assertThrows(() => meanAndRange(rows, wrong), TypeError, '`spread` must be "range" or "sd"');
  assertThrows(() => meanAndRange(rows, { x: "x", y: "y", center: "mode" as never }), TypeError, "`center`");
  assertThrows(() => meanAndRange(rows, { x: "x", y: "y", as: "box" as never }), TypeError, "`as`");
});

Deno.test("meanAndRange: bands and bars in SVG, and the legend is not faint", async () => {
  const draw = (as: "band" | "bars", rows = false) =>
    renderSvg(figure({
      encoding: {
        x: linearAxis("step", "Step"),
        y: logAxis("error", "Error"),
        color: colorBy("method", null, ["a", "b"]),
      },
      layer: [
        meanAndRange(seeds, { x: "step", y: "error", series: "method", center: "geometric mean", as, rows }),
      ],
    }));
  const band = await draw("band");
  assertEquals(count(band, "area mark"), 2);
  assertEquals(count(band, "line mark"), 2);
  assertEquals(count(band, "point"), 0);
  const symbols = /role-legend-symbol.*?<\/g>/s.exec(band)?.[0] ?? "";
  assert(symbols.includes("<path") && !symbols.includes("opacity"), symbols);
  assertEquals(count(await draw("bars"), "rule mark"), 6);
  assertEquals(count(await draw("band", true), "point"), 18);
});

Deno.test("meanAndRange: lines that coincide can have different widths", async () => {
  const svg = await renderSvg(figure({
    encoding: {
      x: linearAxis("step", "Step"),
      y: linearAxis("error", "Error"),
      color: colorBy("method", null),
    },
    layer: [
      meanAndRange(seeds, { x: "step", y: "error", series: "method", strokeWidth: { a: 6 }, dots: true }),
    ],
  }));
  const line = (i: number) => [...svg.matchAll(/aria-roledescription="line mark"[^>]*>/g)][i][0];
  assert(line(0).includes('stroke-width="6"') && line(1).includes('stroke-width="2.2"'), line(0) + line(1));
  const dots = [...svg.matchAll(/aria-roledescription="point"[^>]* d="M([\d.]+),/g)].map(([, radius]) =>
    radius
  );
  assert(dots.length === 6 && new Set(dots).size === 1, `all dots have one size: ${dots}`);
});

Deno.test("theoryLine: one look, from rows or from a function", async () => {
  const rows = theoryLine([{ k: 1, x: 0, y: 0 }, { k: 2, x: 1, y: 1 }], { series: "k" });
  assertEquals(rows.encoding?.detail, { field: "k", type: "nominal" });
  const law = theoryLine((x) => 1 / x, { x: "x", y: "y", domain: [0, 2], count: 3 });
  assertEquals(law.data?.values, [{ x: 0, y: null }, { x: 1, y: 1 }, { x: 2, y: 0.5 }]);
  assertEquals(law.mark, rows.mark);
  const ends = rowsOf(theoryLine((x) => x, { x: "x", y: "y", domain: [3, 700], spacing: "log" }));
  assertEquals([ends[0].x, ends[60].x], [3, 700]);
  assertThrows(
    () => theoryLine((x) => x, { x: "x", y: "y", domain: [0, 1], spacing: "log" }),
    RangeError,
    "`domain[0]` must be a finite number > 0, got 0",
  );
  assertThrows(() => theoryLine([], { stroke: "solid" as never }), TypeError, "`stroke`");
  const svg = await renderSvg(figure({
    encoding: {
      x: linearAxis("step", "Step"),
      y: linearAxis("error", "Error"),
      color: colorBy("method", null, ["a", "b"]),
    },
    layer: [
      lines(seeds, { each: "seed" }),
      theoryLine((x) => x, { x: "step", y: "error", domain: [0, 10] }),
      theoryRule({ y: 3 }),
      theoryRule({ x: 50 }, { stroke: "dotted" }),
    ],
  }));
  assertEquals(
    svg.match(new RegExp(`stroke="${theoryColor}"`, "g"))?.length,
    3,
    "not in a colour of a series",
  );
  assertEquals(svg.match(/stroke-dasharray="5,4"/g)?.length, 2);
  assert(!svg.includes("undefined"), "the legend has no entry for theory");
});

Deno.test("theoryRule: needs a place", () => {
  assertThrows(() => theoryRule({}), RangeError, "`at` must have `x` or `y`");
  assertThrows(() => theoryRule({ y: NaN }), RangeError, "`at.y` must be a finite number, got NaN");
});

Deno.test("points are filled, those of the paper are hollow and dark or in the colours of the series", async () => {
  const draw = (...layer: Layer[]) =>
    renderSvg(figure({
      encoding: {
        x: linearAxis("step", "Step"),
        y: linearAxis("error", "Error"),
        color: colorBy("method", null, ["a", "b"]),
      },
      layer: [points(seeds), ...layer],
    }));
  const dark = await draw(publishedPoints([{ step: 10, error: 3 }]));
  assertEquals(dark.match(new RegExp(`stroke="${theoryColor}"`, "g"))?.length, 1);
  const own = await draw(publishedPoints([{ step: 10, error: 3, method: "b" }], { bySeries: true }));
  assert(own.includes(`stroke="${palette[1]}"`));
  assertEquals(count(own, "point"), 19);
});

Deno.test("dotsAndMean: a dot per seed and a bar at the mean, along x or y", async () => {
  for (const along of ["x", "y"] as const) {
    const value = linearAxis("error", "Error");
    const category = categoryAxis("method", { order: ["b", "a"] });
    const svg = await renderSvg(figure({
      encoding: along === "x" ? { x: value, y: category } : { x: category, y: value },
      layer: [dotsAndMean(seeds, { value: "error", category: "method", along, color: palette[0] })],
    }));
    assertEquals([count(svg, "point"), count(svg, "tick")], [18, 2]);
    const labels = [...svg.matchAll(/<text[^>]*>([ab])<\/text>/g)].map(([, label]) => label);
    assertEquals(labels, ["b", "a"]);
  }
});

Deno.test("annotation: beside its place", async () => {
  const at = (side: "left" | "right") =>
    renderSvg(figure({
      width: 100,
      encoding: { x: linearAxis("x", "x", { domain: [0, 1] }), y: linearAxis("y", "y", { domain: [0, 1] }) },
      layer: [points([{ x: 0, y: 0 }]), annotation(["two", "lines"], { x: 0.5, y: 0.5, side })],
    }));
  for (const [side, anchor, x] of [["left", "end", 43], ["right", "start", 57]] as const) {
    const svg = await at(side);
    assert(svg.includes(`text-anchor="${anchor}" transform="translate(${x},`), svg);
    const twice = [...svg.matchAll(/<text[^>]*><tspan>two<\/tspan><tspan[^>]*>lines<\/tspan>/g)].map((
      [text],
    ) => text);
    assertEquals(twice.length, 2);
    assert(twice[0].includes('stroke="white"') && twice[0].includes('stroke-width="3"'), twice[0]);
    assert(twice[1].includes(`fill="${theoryColor}"`) && !twice[1].includes("stroke"), twice[1]);
  }
  assertThrows(() => annotation("no", { x: NaN, y: 0 }), RangeError, "`x` must be a finite number, got NaN");
  assertThrows(() => annotation("no", { x: 0, y: 0, side: "up" as never }), TypeError, "`side`");
});

Deno.test("panels: rows and columns with one legend, and titles of axes are not repeated", async () => {
  const panel = (title: string) => ({
    title,
    encoding: {
      x: linearAxis("step", "Step"),
      y: linearAxis("error", "Error"),
      color: colorBy("method", null, ["a", "b"]),
    },
    layer: [points(seeds)],
  });
  const draw = (columns: number | undefined, count: number) =>
    renderSvg(figure({
      ...panels(["A", "B", "C", "D"].slice(0, count).map(panel), { columns }),
      config: legendAt("bottom", { symbols: "dot" }),
    }));
  const titles = (svg: string, text: string) => svg.split(`>${text}<`).length - 1;
  const row = await draw(undefined, 3);
  assertEquals([titles(row, "Step"), titles(row, "Error"), titles(row, "a")], [3, 1, 1]);
  const grid = await draw(2, 4);
  assertEquals([titles(grid, "Step"), titles(grid, "Error"), titles(grid, "a")], [2, 2, 1]);
  const column = await draw(1, 2);
  assertEquals([titles(column, "Step"), titles(column, "Error")], [1, 2]);
  for (const svg of [row, grid]) assert(Number(/width="(\d+)"/.exec(svg)?.[1]) < 640, svg.slice(0, 200));
  assertEquals(panels([panel("A"), panel("B")], { columns: 1, height: [200, 80] }).vconcat?.[1].height, 80);
  assertThrows(() => panels([]), RangeError, "at least one panel");
  assertThrows(() => panels([panel("A")], { colors: "own" as never }), TypeError, "`colors`");
});

Deno.test("legendAt: unknown places are refused", () => {
  assertThrows(() => legendAt("left-ish" as never), TypeError, "`place`");
  assertThrows(() => legendAt("top", { symbols: "bar" as never }), TypeError, "`symbols`");
  assertThrows(() => legendAt("top", { columns: 0 }), RangeError, "`columns`");
});

Deno.test("thin: ends stay, lines are thinned apart", () => {
  const rows = ["a", "b"].flatMap((line) => Array.from({ length: 500 }, (_, i) => ({ line, step: i + 1 })));
  const kept = thin(rows, { series: "line", count: 10 });
  assertEquals(kept.length, 20);
  assertEquals(kept.filter(({ step }) => step === 1 || step === 500).length, 4);
  assertEquals(thin(rows.slice(0, 5), { count: 10 }), rows.slice(0, 5));
  const log = thin(rows.slice(0, 500), { x: "step", spacing: "log", count: 20 });
  assert(log.length <= 20 && log[0].step === 1 && log.at(-1)!.step === 500);
  assertThrows(() => thin(rows, { spacing: "log" }), TypeError, "`x` is needed");
  assertThrows(
    () => thin([{ x: 0 }, { x: 1 }, { x: 2 }], { x: "x", spacing: "log", count: 2 }),
    RangeError,
    "row 0 has 0",
  );
  assertThrows(() => thin(rows, { count: 1 }), RangeError, "`count`");
});

Deno.test("numberLabel: short texts that say the number", () => {
  const cases: [number, number, string][] = [
    [0, 3, "0"],
    [-0, 3, "0"],
    [0.000999, 3, "9.99×10⁻⁴"],
    [0.0009996, 3, "0.001"],
    [0.001, 3, "0.001"],
    [1 / 3, 3, "0.333"],
    [99_999.9, 3, "100,000"],
    [100_001, 6, "1.00001×10⁵"],
    [1e5, 3, "100,000"],
    [-1e-15, 3, "−10⁻¹⁵"],
    [12345.678, 7, "12,345.68"],
    [2 ** 100, 3, "1.27×10³⁰"],
    [5e-324, 2, "4.9×10⁻³²⁴"],
  ];
  for (const [value, digits, label] of cases) assertEquals(numberLabel(value, { digits }), label);
  assertThrows(() => numberLabel(NaN), RangeError, "`value` must be a finite number, got NaN");
  assertThrows(() => numberLabel(1, { digits: 0 }), RangeError, "`digits`");
});

Deno.test("rankBy: noise does not decide", () => {
  const order = (values: number[], tolerance?: number) =>
    rankBy(values.map((value, i) => ({ value, i })), ({ value }) => value, { tolerance }).map(({ i }) => i);
  assertEquals(order([3, 1, 2]), [1, 2, 0]);
  assertEquals(order([1.001, 1, 0.5]), [2, 0, 1]);
  assertEquals(order([1.001, 1, 0.5], 0), [2, 1, 0]);
  assertEquals(order([NaN, 2, Infinity, 1]), [3, 1, 0, 2], "what is not finite comes last");
  assertEquals(order([-1, -1.001, -5]), [2, 0, 1]);
  assertEquals(order([0, 0, 0]), [0, 1, 2]);
  assertThrows(() => order([1], 1), RangeError, "`tolerance`");
});

Deno.test("a field that no row has, or an option with a wrong letter, is refused", () => {
  const rows = [{ step: 1, loss: 2 }];
  const message = '`y` must be a field of the rows, got "lost"; the first row has step, loss';
  const wrong = { x: "step", y: "lost" } as never;
  assertThrows(() => meanAndRange(rows, wrong), RangeError, message);
  assertThrows(() => lines(rows, wrong), RangeError, message);
  assertThrows(() => points(rows, wrong), RangeError, message);
  assertThrows(() => theoryLine(rows, wrong), RangeError, message);
  assertThrows(() => lines(rows, { colour: "red" } as never), TypeError, 'did you mean "color"?');
  assertEquals(lines([], wrong).data, { values: [] }, "no rows yet");
});

Deno.test("literals need no `as const`", async () => {
  const mark = { type: "line", strokeDash: [2, 2] };
  const encoding = { x: { field: "x", type: "quantitative" }, y: { field: "y", type: "quantitative" } };
  const view = { data: { values: [{ x: 1, y: 2 }, { x: 2, y: 3 }] }, mark, encoding };
  const config = { legend: { orient: "bottom" } };
  for (const spec of [view, { layer: [view] }, { hconcat: [view, { layer: [view] }] }]) {
    assert((await renderSvg(figure({ ...spec, config }))).includes("line mark"));
  }
});

function count(svg: string, role: string): number {
  return svg.split(`aria-roledescription="${role}"`).length - 1;
}

Deno.test("pictures: runs of one shade, nothing for white, other fields for a knob", async () => {
  const one = { pixels: [0, 0.5, 0.5, 1, 2, -1], columns: 3, left: 10, top: 20 };
  const layer = pictures([{ ...one, strength: 1 }, { ...one, left: 14, strength: 2 }], { shades: 3 });
  assertEquals(rowsOf(layer).slice(0, 2), [
    { x: 11, x2: 13, y: 20, y2: 21, shade: 1, strength: 1 },
    // Beyond black is black, below white is white.
    { x: 10, x2: 12, y: 21, y2: 22, shade: 2, strength: 1 },
  ]);
  assertEquals(rowsOf(layer).length, 4);
  const { x, y } = layer.encoding as Record<string, { scale: { domain: number[] } }>;
  assertEquals([x.scale.domain, y.scale.domain], [[10, 17], [22, 20]]);
  const framed = pictures([one], { frame: { left: 0 } }).encoding as Record<string, { scale: object }>;
  assertEquals(framed.x.scale, { domain: [0, 13], nice: false, zero: false });
  const strength = knob("strength", [1, 2], { start: 1 });
  const svg = await renderSvg(
    figure({ params: [strength.param], width: 70, height: 20, layer: [strength.show(layer)] }),
  );
  assertEquals(svg.match(/fill="#(909090|919191|222222)"/g)?.length, 2, "one picture of two");
  assertThrows(() => pictures([]), RangeError, "`images.length`");
  assertThrows(() => pictures([{ ...one, columns: 4 }]), RangeError, "multiple of 4");
  assertThrows(() => pictures([{ ...one, pixels: [NaN], columns: 1 }]), RangeError, "`images[0].pixels`");
  assertThrows(() => pictures([{ ...one, left: Infinity }]), RangeError, "`images[0].left`");
  assertThrows(() => pictures([one], { shades: 1 }), RangeError, "`shades`");
});

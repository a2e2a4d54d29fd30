import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as vega from "vega";
import { compile } from "vega-lite";
import {
  categoryAxis,
  colorBy,
  figure,
  FigureError,
  interactive,
  type Layer,
  linearAxis,
  lines,
  logAxis,
  palette,
  panels,
  points,
  renderSvg,
  textWidth,
  theme,
  theoryColor,
  theoryRule,
} from "refigure/figures";

Deno.test("colours are seen on white and told apart, also without red or green cones", () => {
  for (const color of [...palette, theoryColor]) {
    assert(1.05 / (luminance(linearRgb(color)) + 0.05) > 2.7, `${color} is too light`);
  }
  for (const see of [(rgb: Rgb) => rgb, deuteranopia, protanopia]) {
    const seen = palette.slice(0, 6).map((color) => lab(see(linearRgb(color))));
    for (let i = 0; i < seen.length; i++) {
      for (let j = 0; j < i; j++) {
        const distance = Math.hypot(...seen[i].map((x, k) => x - seen[j][k]));
        assert(distance > 14, `${palette[i]} and ${palette[j]} look alike to ${see.name}: ${distance}`);
      }
    }
  }
});

Deno.test("more series than colours are refused", () => {
  assertThrows(
    () => colorBy("m", null, Array.from({ length: 9 }, (_, i) => `${i}`)),
    RangeError,
    "`domain` must have at most 8 entries, one a colour of `range`, got 9",
  );
});

Deno.test("a figure has schema, theme, rounded numbers, and keeps its own settings", () => {
  const spec = figure({
    data: { values: [{ a: 1 / 3, b: 123456, c: NaN, d: "1.23456789", e: -0 }] },
    mark: "point",
    config: { axis: { labelFontSize: 20 } },
  });
  assertEquals(spec.data, { values: [{ a: 0.33333, b: 123456, c: null, d: "1.23456789", e: 0 }] });
  assertEquals<unknown>(spec.config?.axis, { ...theme.axis, labelFontSize: 20 });
  assertEquals(figure(spec), spec, "a second time changes nothing");
});

Deno.test("x, y and color beside the layers are those of the encoding, in a panel too; subtitle is the title's", () => {
  const data = { values: [{ a: 1, b: 2, c: "s" }] };
  const [x, y, color] = [linearAxis("a", "A"), linearAxis("b", "B"), colorBy("c", null)];
  const size = { value: 3 };
  const whole = { title: { text: "T", subtitle: "S" }, data, mark: "point", encoding: { x, y, color, size } };
  assertEquals(
    figure({ title: "T", subtitle: "S", data, mark: "point", x, y, color, encoding: { size } }),
    figure(whole),
  );
  const view = { data, mark: "point" };
  assertEquals(
    figure({ title: "T", ...panels([{ ...view, x, y }, { ...view, x, y }]) }),
    figure({ title: "T", ...panels([{ ...view, encoding: { x, y } }, { ...view, encoding: { x, y } }]) }),
  );
  assertEquals(
    figure({ hconcat: [{ ...view, x, y }] }),
    figure({ hconcat: [{ ...view, encoding: { x, y } }] }),
  );
  assertThrows(
    () => figure({ ...view, x, encoding: { x, y } }),
    TypeError,
    "`spec.x` must not be given beside `spec.encoding.x`",
  );
  assertThrows(
    () => figure({ ...view, x, y, color: null! }),
    TypeError,
    "`spec.color` must be an object such as",
  );
  assertThrows(
    () => figure({ ...view, x, y, subtitle: "S" }),
    TypeError,
    "`spec.subtitle` must not be given without `spec.title`",
  );
});

Deno.test("the same figure gives the same SVG, whatever was drawn before", async () => {
  const clipped = (x: number) =>
    figure({
      data: { values: [{ x: 1, y: 1 }, { x, y: 2 }] },
      mark: { type: "line", clip: true },
      encoding: { x: linearAxis("x", "x", { domain: [0, 2] }), y: linearAxis("y", "y") },
    });
  const first = await renderSvg(clipped(3));
  const [other, again] = await Promise.all([renderSvg(clipped(4)), renderSvg(clipped(3))]);
  assertEquals(again, first);
  const id = (svg: string) => /id="([^"]+)"/.exec(svg)?.[1];
  assert(id(first) !== undefined && id(first) !== id(other), "two figures on a page have different ids");
});

Deno.test("long titles and legends have the width that they are given, in whatever font", async () => {
  const long = "A title that is rather long & has a second <part> in it";
  const svg = await renderSvg(figure({
    title: { text: long, subtitle: ["short", "a line that is longer than that"] },
    data: { values: [{ x: 1, y: 2, m: "a method with a name" }, { x: 2, y: 3, m: "b" }] },
    mark: "line",
    encoding: { x: linearAxis("x", "x"), y: linearAxis("y", "y"), color: colorBy("m", null) },
  }));
  const fitted = [...svg.matchAll(/textLength="([\d.]+)" lengthAdjust="spacingAndGlyphs">([^<]*)</g)];
  assertEquals(fitted.map(([, , text]) => text).sort(), [
    "A title that is rather long &amp; has a second &lt;part&gt; in it",
    "a line that is longer than that",
    "a method with a name",
  ]);
  const width = Number(fitted.find(([, , text]) => text.startsWith("A title"))?.[1]);
  assert(Math.abs(width - textWidth(long, 15, true)) < 0.05 * width, `${width}`);
  assert(svg.includes(">short<") && svg.includes(">b<"));
});

Deno.test("the legend of lines shows pieces of line, that of points dots, and what is configured", async () => {
  const encoding = { x: linearAxis("x", "x"), y: linearAxis("y", "y"), color: colorBy("m", null) };
  const data = { values: [{ x: 1, y: 2, m: "a" }, { x: 2, y: 3, m: "a" }] };
  const symbol = async (mark: string, config?: object) => {
    const svg = await renderSvg(figure({ data, mark, encoding, config }));
    return /role-legend-symbol.*?<path[^>]* d="(M[^"]*)"/s.exec(svg)?.[1].includes("A") ? "disc" : "line";
  };
  assertEquals([await symbol("line"), await symbol("point")], ["line", "disc"]);
  assertEquals(await symbol("line", { legend: { symbolType: "circle" } }), "disc");
});

Deno.test("a warning is an error", async () => {
  const wrong = figure({
    data: { values: [{ x: 1 }] },
    mark: "line",
    encoding: {
      x: { field: "x", type: "quantitative" },
      row: { field: "x", type: "quantitative", sort: "x" },
    },
  });
  await assertRejects(() => renderSvg(wrong), FigureError, "can't be drawn as it is");
});

/** What stands at the ticks of a log axis over a range. */
async function labels(low: number, high: number, options: object = {}): Promise<string[]> {
  const spec = figure({
    data: { values: [{ x: low }, { x: high }] },
    mark: "point",
    encoding: { x: logAxis("x", "the axis", options) },
  });
  const texts = [...(await renderSvg(spec)).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  return texts.filter((text) => text !== "" && text !== "the axis");
}

Deno.test("log axes have few labels, of one style, over any range", async () => {
  assertEquals(await labels(1e-3, 1e4, { domain: [1e-3, 1e4] }), [
    "0.001",
    "0.01",
    "0.1",
    "1",
    "10",
    "100",
    "1,000",
    "10,000",
  ]);
  assertEquals(await labels(1e-12, 1, { domain: [1e-12, 1] }), [
    "10⁻¹²",
    "10⁻¹⁰",
    "10⁻⁸",
    "10⁻⁶",
    "10⁻⁴",
    "10⁻²",
    "10⁰",
  ]);
  assertEquals(await labels(1e-4, 5), await labels(1e-4, 5, { domain: [1e-4, 5] }), "by rows or by domain");
  const given = { values: [1e-4, 1e-2, 1] };
  assertEquals(await labels(1e-4, 1, given), ["10⁻⁴", "10⁻²", "10⁰"]);
  // deno-fmt-ignore
  const ranges = [
    [3, 45], [30, 47], [2e-5, 7e-4], [0.8, 9], [1e-30, 1e4], [1e-120, 1e-100], [8e-4, 0.05], [5e-3, 0.03],
    [100, 3e5], [1e-3, 0.2], [2e3, 9e4],
  ];
  for (const [low, high] of ranges) {
    const found = await labels(low, high);
    assert(found.length >= 2 && found.length <= 9, `${low}..${high}: ${found}`);
    const values = found.map(parse);
    assert(values.every((x) => x >= low * 0.999 && x <= high * 1.001), `${low}..${high}: ${found}`);
    assertEquals([...values].sort((a, b) => a - b), values);
    const powers = found.filter((label) => label.includes("10⁻") || /10[⁰¹²³⁴-⁹]/.test(label));
    assert(powers.length === 0 || powers.length === found.length, `two styles for ${low}..${high}: ${found}`);
  }
  assertThrows(
    () => logAxis("x", "x", { domain: [0, 1] }),
    RangeError,
    "`domain[0]` must be a finite number > 0, got 0",
  );
});

Deno.test("log axes of one title have labels of one style, in whatever panel", async () => {
  const panel = (top: number) => ({
    data: { values: [{ x: 1, y: 0.01 }, { x: 2, y: top }] },
    mark: "line",
    encoding: { x: linearAxis("x", ""), y: logAxis("y", "Error") },
  });
  const svg = await renderSvg(figure({ hconcat: [panel(1), panel(1e8)] }));
  assert(svg.includes(">10⁻²<") && !svg.includes(">0.01<"), svg);
});

Deno.test("names along an axis have the width that was left for them, whichever font there is", async () => {
  const svg = await renderSvg(figure({
    data: { values: ["fitted to random matrices", "short"].map((name, value) => ({ name, value })) },
    mark: "bar",
    encoding: { x: linearAxis("value", "Value"), y: categoryAxis("name") },
  }));
  const [, length] = /textLength="([\d.]+)"[^>]*>fitted to random matrices</.exec(svg) ?? [];
  const [, left] = /translate\(([\d.]+),/.exec(svg) ?? [];
  assert(Number(length) > 100 && Number(length) < Number(left), `${length} pixels of ${left}: ${svg}`);
  assert(/<text[^>]*>short</.test(svg) && !/textLength[^>]*>short</.test(svg), svg);
});

Deno.test("a figure without a row is its title and a line, about which vega does not warn", async () => {
  const axes = { x: linearAxis("x", "Step"), y: logAxis("y", "Error"), color: colorBy("name", null) };
  const empty = { title: "Nothing yet", encoding: axes, layer: [lines([]), points([])] };
  const several = { title: "Nothing yet", ...panels([{ encoding: axes, ...lines([]) }, empty]) };
  // A line of the theory beside measurements, of which there are none, and whose legend has no entry.
  const colored = { ...axes, color: colorBy("name", null, []) };
  const theory = { title: "Nothing yet", encoding: colored, layer: [lines([]), theoryRule({ y: 1 })] };
  for (const spec of [empty, several, theory]) {
    const svg = await renderSvg(figure(spec));
    assert(svg.includes("Nothing yet") && svg.includes("No rows to show") && !svg.includes("Step"), svg);
    const warnings: unknown[] = [];
    const logger = vega.logger(vega.Warn);
    logger.warn = logger.error = (...words: readonly unknown[]) => (warnings.push(words), logger);
    const compiled = compile(interactive(figure(spec)), { logger }).spec;
    const view = new vega.View(vega.parse(compiled), { renderer: "none", logger });
    await view.runAsync();
    view.finalize();
    assertEquals(warnings, []);
  }
  const one = figure({ ...empty, layer: [lines([{ x: 1, y: 1, name: "a" }]), points([])] });
  assert((await renderSvg(one)).includes("Step"), "one row is enough for axes");
});

Deno.test("labels at the ends of an axis do not run into their neighbours", async () => {
  for (
    const [high, width] of [[1, 145], [1, 290], [20, 90], [2000, 155], [2000, 185], [3000, 140], [
      20_000,
      160,
    ]]
  ) {
    const svg = await renderSvg(figure({
      width,
      data: { values: [{ x: 0, y: 0 }, { x: high, y: 1 }] },
      mark: "line",
      encoding: { x: linearAxis("x", "Step", { domain: [0, high] }), y: linearAxis("y", "") },
    }));
    const axis = /role-axis-label">(.*?)<\/g>/.exec(svg.slice(svg.indexOf("X-axis")))?.[1] ?? "";
    const spans = [
      ...axis.matchAll(/<text text-anchor="(\w+)" transform="translate\(([\d.]+),[^>]*>([^<]*)</g),
    ]
      .filter(([all]) => !all.includes('opacity="0"'))
      .map(([, anchor, x, text]) => {
        const wide = textWidth(text, 12);
        const left = Number(x) - (anchor === "start" ? 0 : anchor === "end" ? wide : wide / 2);
        return [left, left + wide];
      });
    assert(spans.length >= 2, axis);
    for (let i = 1; i < spans.length; i++) {
      const gap = spans[i][0] - spans[i - 1][1];
      assert(gap >= 6, `${gap} pixels between two labels of 0..${high} on ${width} pixels: ${axis}`);
    }
  }
});

Deno.test("layers can be built apart, without casts", async () => {
  const theory: Layer = {
    mark: { type: "line", strokeDash: [6, 4], color: theoryColor },
    encoding: { x: linearAxis("x", "x"), y: linearAxis("y", "y") },
  };
  const spec = figure({
    title: { text: "Two layers", subtitle: "one of them theory" },
    data: { values: [{ x: 0, y: 1, m: "a" }, { x: 1, y: 2, m: "a" }] },
    layer: [{
      mark: "point",
      encoding: { x: linearAxis("x", "x"), y: linearAxis("y", "y"), color: colorBy("m", "Method", ["a"]) },
    }, theory],
  });
  assert((await renderSvg(spec)).includes("one of them theory"));
});

function parse(label: string): number {
  const [, mantissa, power] = /^(?:(.*)×)?10([⁻⁰¹²³⁴-⁹]+)$/.exec(label) ?? [];
  if (power === undefined) return Number(label.replaceAll(",", ""));
  const exponent = power.replace("⁻", "-").replace(
    /[⁰¹²³⁴-⁹]/g,
    (digit) => String("⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(digit)),
  );
  return Number(`${mantissa ?? 1}e${exponent}`);
}

type Rgb = [number, number, number];

function linearRgb(color: string): Rgb {
  return [1, 3, 5].map((at) => {
    const x = parseInt(color.slice(at, at + 2), 16) / 255;
    return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
}

function luminance([r, g, b]: Rgb): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision deficiency",
 * 2009, severity 1.
 */
function deuteranopia(rgb: Rgb): Rgb {
  return apply([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [
    -0.01182,
    0.04294,
    0.968881,
  ]], rgb);
}

function protanopia(rgb: Rgb): Rgb {
  return apply([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [
    -0.003882,
    -0.048116,
    1.051998,
  ]], rgb);
}

function apply(matrix: number[][], rgb: Rgb): Rgb {
  return matrix.map((row) => Math.max(0, row.reduce((sum, x, i) => sum + x * rgb[i], 0))) as Rgb;
}

/** CIELAB, D65. */
function lab(rgb: Rgb): number[] {
  const [x, y, z] = apply(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]],
    rgb,
  );
  const f = (t: number) => t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
  const [a, b, c] = [f(x / 0.95047), f(y), f(z / 1.08883)];
  return [116 * b - 16, 500 * (a - b), 200 * (b - c)];
}

/** Figures in the form in which notebooks store them: the same picture in less text. */
import { assert, assertEquals } from "@std/assert";
import { figure, linearAxis, renderSvg } from "refigure/figures";
import { compactData, expandData } from "../../lib/notebook/compact_data.ts";
import { slimSvg } from "../../lib/notebook/slim_svg.ts";

const values = Array.from({ length: 40 }, (_, i) => ({
  i,
  wave: i % 7 === 3 ? null : Math.sin(i / 5),
  name: i % 2 === 0 ? 'even, "so to say"' : "odd",
  first: i < 20,
}));
const encoding = {
  x: linearAxis("i", "i"),
  y: linearAxis("wave", "wave"),
  color: { field: "name", type: "nominal" as const },
};
const lines = (data: object[]) =>
  figure({
    title: "Waves",
    hconcat: [
      { data: { values: data }, mark: "line", encoding },
      {
        data: { values: data },
        transform: [{ filter: "datum.first" }],
        mark: { type: "point", filled: false },
        encoding,
      },
    ],
  });

Deno.test("rows as comma-separated values are the same figure", async () => {
  const spec = lines(values);
  const compact = compactData(spec);
  assert(JSON.stringify(compact).includes('"type":"csv"'));
  assert(JSON.stringify(compact).length < 0.8 * JSON.stringify(spec).length);
  assertEquals(await renderSvg(compact), await renderSvg(spec));
  assertEquals(expandData(compact), lines(values));
  // Stored notebooks have their keys in alphabetical order.
  const sorted = JSON.parse(
    JSON.stringify(compact),
    (_, value) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
        : value,
  );
  assertEquals(expandData(sorted), lines(values));
});

Deno.test("rows that would lose something as comma-separated values stay as they are", () => {
  const kept = [
    values.slice(0, 11),
    values.map((row) => ({ ...row, name: row.i === 4 ? null : row.name })),
    values.map((row) => ({ ...row, name: row.i === 4 ? "" : row.name })),
    values.map((row) => ({ ...row, name: row.i === 4 ? 4 : row.name })),
    values.map((row) => ({ ...row, list: [1] })),
    values.map((row) => ({ i: row.i, ...(row.i === 4 ? {} : { first: row.first }) })),
    values.map(({ i }) => i),
  ];
  for (const rows of kept) assertEquals(compactData({ data: { values: rows } }), { data: { values: rows } });
  const other = { data: { values: values, format: { type: "json" } } };
  assertEquals(compactData(other), other);
});

Deno.test("a slim SVG has the points of the figure, its texts and one text alternative", async () => {
  const svg = await renderSvg(lines(values));
  const slim = slimSvg(svg, 'Waves & "more"');
  assert(slim.length < 0.5 * svg.length, `${slim.length} of ${svg.length}`);
  assertEquals(slim.match(/aria-label="[^"]*"/g), ['aria-label="Waves &#38; &#34;more&#34;"']);
  const texts = (source: string) =>
    [...source.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text).filter(Boolean);
  assertEquals(texts(slim), texts(svg));
  // Points, in absolute coordinates.
  const places = [...svg.matchAll(/transform="translate\(([\d.]+),([\d.]+)\)" d="M[\d.]+,0A/g)];
  const circles = [...slim.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)];
  assertEquals(circles.map(([, x, y]) => [x, y]), places.map(([, x, y]) => [x, y]));
});

Deno.test("thinned lines stay within a tenth of a pixel", () => {
  const points = Array.from(
    { length: 500 },
    (_, i): [number, number] => [i / 3, 100 + 80 * Math.sin(i / 60)],
  );
  const d = "M" + points.map(([x, y]) => `${x},${y}`).join("L");
  const slim = /d="M([^"]*)"/.exec(slimSvg(`<svg><path d="${d}" stroke="red"/></svg>`, ""))![1];
  const numbers = slim.match(/-?(?:\d+\.?\d*|\.\d+)/g)!.map(Number);
  let [x, y] = numbers;
  const kept: [number, number][] = [[x, y]];
  for (let i = 2; i < numbers.length; i += 2) kept.push([x += numbers[i], y += numbers[i + 1]]);
  assert(kept.length < 100 && kept.length > 10, `${kept.length} points`);
  for (const [px, py] of points) {
    const i = Math.max(1, kept.findIndex(([kx]) => kx >= px - 0.05));
    const [[ax, ay], [bx, by]] = [kept[i - 1], kept[i]];
    const off = Math.abs(ay + (by - ay) * (px - ax) / (bx - ax) - py);
    assert(off < 0.3, `${px}: ${off}`);
  }
});

Deno.test("what is not vega's is left as it is", () => {
  const svg =
    '<svg><g fill="red"><path d="M0,0C1,1,2,2,3,3"/><text>a &lt; b</text></g><defs><g id="a"/></defs></svg>';
  assertEquals(slimSvg(svg, "c").replace(' role="img" aria-label="c"', ""), svg);
});

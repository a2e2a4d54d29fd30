/** Figures on narrow screens. */
import { assert, assertEquals } from "@std/assert";
import type { Figure } from "refigure/experiment";
import { figure, linearAxis, lines, panels, renderSvg } from "refigure/figures";
import { narrowed } from "../../site/client/narrow.ts";

const rows = ["one", "two"].flatMap((series) => [0, 1].map((x) => ({ x, y: x, series })));
const color = { field: "series", type: "nominal" as const };
const encoding = { x: linearAxis("x", "Step"), y: linearAxis("y", "Loss"), color };
const title = {
  text: "A title that is longer than a telephone is wide",
  subtitle: "One line each ".repeat(8).trim(),
};

Deno.test("panels that stand side by side stand below each other, within the width", async () => {
  const wide = figure({
    title,
    ...panels([1, 2, 3].map((k) => ({ title: `k = ${k}`, encoding, layer: [lines(rows)] }))),
  });
  const before = structuredClone(wide);
  const narrow = narrowed(wide as Figure, 320);
  assertEquals(wide, before, "the figure itself is not changed");
  const [from, to] = await Promise.all([sizeOf(wide), sizeOf(narrow)]);
  assert(from.width > 600 && to.width <= 320, `${from.width} and ${to.width}`);
  assert(to.height > 2 * from.height, `${from.height} and ${to.height}`);
});

Deno.test("titles have lines that are not wider than the drawing, in the reader's own font", () => {
  const linesOf = (pixels: number) => {
    const measure = (text: string, fontSize: number) => text.length * fontSize * pixels;
    const views = figure({ title, encoding, layer: [lines(rows)] }) as Figure;
    return (narrowed(views, 316, measure) as unknown as { title: { text: string[] } }).title.text;
  };
  for (const pixels of [0.5, 0.7, 0.9]) {
    const text = linesOf(pixels);
    assertEquals(text.join(" "), title.text);
    for (const line of text) assert(line.length * 15 * pixels <= 240, `${pixels}: ${line}`);
  }
  assert(linesOf(0.9).length > linesOf(0.5).length);
});

Deno.test("one view is narrower and as high; a square stays a square", async () => {
  const plain = await sizeOf(
    narrowed(figure({ title: "Short", encoding, layer: [lines(rows)] }) as Figure, 300),
  );
  assert(plain.width <= 300 && plain.height > 340, `${plain.width} x ${plain.height}`);
  const views = { title: "Square", width: 400, height: 400, encoding, layer: [lines(rows)] };
  const { width, height } = narrowed(figure(views) as Figure, 300) as unknown as {
    width: number;
    height: number;
  };
  assertEquals([width, height], [224, 224]);
});

Deno.test("small squares stay side by side, as many as there is room for", () => {
  const square = (title: string) => ({ title, width: 56, height: 56, encoding, layer: [lines(rows)] });
  const squares = ["a", "b", "c", "d", "e", "f"].map(square);
  const columns = squares.map((one) => ({ vconcat: [one, one] }));
  for (const panels of [squares, columns]) {
    const { concat, columns, vconcat } = narrowed(
      { hconcat: panels } as unknown as Figure,
      340,
    ) as unknown as {
      concat: unknown[];
      columns: number;
      vconcat: unknown;
    };
    assertEquals([concat.length, columns, vconcat], [6, 3, undefined]);
  }
});

async function sizeOf(spec: unknown): Promise<{ width: number; height: number }> {
  const [, width, height] = / width="([\d.]+)" height="([\d.]+)"/.exec(await renderSvg(spec as never))!;
  return { width: Number(width), height: Number(height) };
}

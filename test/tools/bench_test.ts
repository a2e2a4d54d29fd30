/** What `deno task bench` makes of times: tables for docs, curves of growth. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { BenchRow } from "../../bench/bench.ts";
import { blocksOf, markdownTable, renewed } from "../../bench/markdown.ts";
import { type Curve, powerOf, timeCurve } from "../../bench/scaling/curve.ts";
import { groups } from "../../bench/scaling/curves.ts";
import { memoryPoints, methods } from "../../bench/scaling/memory.ts";
import { groupFigure, type Measured, memoryFigure, page, workersFigure } from "../../bench/scaling/page.ts";
import { renderSvg } from "../../lib/figures/mod.ts";

const row = (
  name: string,
  ours_ms: number | null,
  ratio: number | null,
  more: Partial<BenchRow> = {},
): BenchRow => ({
  name,
  ours_ms,
  peer_ms: ours_ms === null || ratio === null ? null : ours_ms / ratio,
  ratio,
  floor_share: null,
  error: null,
  ...more,
});
const rows = [
  row("gemm 64 f64 / numpy", 0.01234, 1.4567, { floor_share: 0.812 }),
  row("gemm 64 f64 / pytorch", 0.0125, 0.999, { floor_share: 0.8 }),
  row("fft a / b 16 / numpy", 1.5, 2),
  row("dct 8 / scipy", null, null, { note: "scipy is not installed" }),
  row("dct 9 / scipy", null, null, { note: "failed: no" }),
];

Deno.test("a table has a line per work and a column per peer", () => {
  assertEquals(
    markdownTable(rows.slice(0, 3)),
    [
      "|  | ours, ms | ours / numpy | ours / pytorch | share of the floor |",
      "| --- | --- | --- | --- | --- |",
      "| gemm 64 f64 | 0.012 | 1.5 | 1.0 | 81 % |",
      "| fft a / b 16 | 1.5 | 2.0 |  |  |",
    ].join("\n"),
  );
  assertEquals(
    markdownTable(rows.slice(3)),
    "|  | ours, ms | ours / scipy |\n| --- | --- | --- |\n| dct 8 |  | not installed |\n| dct 9 |  | failed |",
  );
});

Deno.test("blocks of a page are renewed, what is around them and blocks without rows stay", () => {
  const text = '# T\n\n<!-- bench: "gemm" "fft" -->\nold\n<!-- /bench -->\n\nbetween\n' +
    '<!-- bench: "softmax" -->\nkept\n<!-- /bench -->\n';
  assertEquals(blocksOf(text), [["gemm", "fft"], ["softmax"]]);
  const after = renewed(text, rows, "A machine.");
  assert(after.startsWith('# T\n\n<!-- bench: "gemm" "fft" -->\n\nA machine.\n\n|  | ours, ms |'));
  assert(!after.includes("old") && !after.includes("dct"));
  assert(after.endsWith('between\n<!-- bench: "softmax" -->\nkept\n<!-- /bench -->\n'));
  assertEquals(renewed(after, rows, "A machine."), after);
});

Deno.test("every table of speed in docs/ names rows that exist", async () => {
  const docs = new URL("../../docs/", import.meta.url);
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "bench/run.ts", "--list"],
    cwd: new URL("../../", import.meta.url),
  });
  const names = new TextDecoder().decode((await command.output()).stdout).trim().split("\n");
  let blocks = 0;
  for (const { name } of Deno.readDirSync(docs)) {
    if (!name.endsWith(".md")) continue;
    for (const words of blocksOf(Deno.readTextFileSync(new URL(name, docs)))) {
      blocks++;
      for (const word of words) assert(names.some((one) => one.includes(word)), `docs/${name}: "${word}"`);
    }
  }
  assert(blocks > 0);
});

Deno.test("the power of a law is found, whatever its factor", () => {
  const points = [1, 2, 4, 8, 16, 32].map((size) => ({
    curve: "c",
    size,
    value: 0.3 * size ** 2.5 + 5 / size ** 9,
  }));
  assertAlmostEquals(powerOf(points), 2.5, 1e-6);
  assertAlmostEquals(powerOf(points.slice(-2)), 2.5, 1e-9);
});

Deno.test("a curve is the least time of a call at each size", async () => {
  let time = 0;
  let calls = 0;
  let freed = 0;
  const curve: Curve = {
    name: "loop",
    axis: "n",
    sizes: [100, 200, 400, 800],
    power: 1,
    setup: (size) => () => {
      time += size / 100 + calls++ % 3; // A clock that other work delays.
    },
    dispose: () => void freed++,
  };
  const points = await timeCurve(curve, { samples: 6, milliseconds: 0 }, () => time);
  assertEquals(points.map(({ size }) => size), curve.sizes as number[]);
  assert(
    points.every(({ size, value }) => value >= size / 100 && value < size / 100 + 1.5),
    `${points.map(({ value }) => value)}`,
  );
  assertEquals(points.at(-1)!.value, 8);
  assertEquals(freed, 4);
});

Deno.test("every curve runs at its smallest size", async () => {
  for (const curve of groups.flatMap(({ curves }) => curves)) {
    const [{ value }] = await timeCurve({ ...curve, sizes: curve.sizes.slice(0, 1) }, {
      samples: 1,
      milliseconds: 0,
    });
    assert(value > 0, curve.name);
  }
});

Deno.test("the memory of a stream is that of its method", async () => {
  const points = await memoryPoints([65536]);
  assertEquals(points.map(({ curve }) => curve), methods as string[]);
  // 65536 rows of 256 doubles are 134 MB.
  const [stored, ...streamed] = points.map(({ value }) => value);
  assert(stored > 120, `${stored} MB`);
  assert(streamed.every((value) => value < 30), `${streamed} MB`);
});

Deno.test("docs/scaling.md and what was measured belong together", () => {
  const docs = new URL("../../docs/", import.meta.url);
  const measured: Measured = JSON.parse(Deno.readTextFileSync(new URL("scaling.json", docs)));
  assertEquals(Deno.readTextFileSync(new URL("scaling.md", docs)), page(measured));
});

Deno.test("page and figures come from the points alone", async () => {
  const points = [
    ...groups.flatMap(({ curves }) =>
      curves.flatMap(({ name, sizes, power }) =>
        sizes.map((size) => ({ curve: name, size, value: 1e-4 * size ** power }))
      )
    ),
    ...methods.flatMap((curve, i) =>
      [4096, 65536].map((size) => ({ curve, size, value: i === 0 ? size / 488 : 1 }))
    ),
    ...[1, 2, 3].map((size) => ({ curve: "workers of reproduce", size, value: 40 * Math.min(2, size) })),
  ];
  const text = page({ machine: "A machine, 2 cores", versions: "Deno 2", load: 0.5, points });
  assert(text.includes("A machine, 2 cores; Deno 2."));
  for (const { curves, id } of groups) {
    assert(text.includes(`images/scaling-${id}.svg`));
    for (const { name, power } of curves) {
      assert(text.includes(`| ${name} | `) && text.includes(`| ${power.toFixed(2)} | ${power} |`), name);
    }
  }
  assert(
    text.includes("|  | 1 | 2 | 3 |\n| --- | --- | --- | --- |\n| workers of reproduce | 40 | 80 | 80 |"),
  );
  assert(!text.includes("| Dask workers |"), "a curve that was not measured has no line");
  const figures = [
    ...groups.map((group) => groupFigure(group, points)),
    memoryFigure(points),
    workersFigure(points),
  ];
  for (const spec of figures) assert((await renderSvg(spec)).startsWith("<svg"));
});

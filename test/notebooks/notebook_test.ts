/** Notebook support with a pretended kernel that remembers what it was sent. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ComplexMatrix, Matrix } from "refigure/arrays";
import { linearAxis } from "refigure/figures";
import { livePlot, plot, progress, reproduce, scorecard, show, stoppable } from "refigure/notebook";
import { Display, displaySymbol, type MediaBundle, pretendKernel } from "../../lib/notebook/display.ts";
import { keepResultsInOrder, type ResultSender } from "../../lib/notebook/kernel.ts";
import { stop } from "../../lib/notebook/stop.ts";

interface Message {
  type: string;
  data: Record<string, string>;
  metadata: Record<string, unknown>;
  id: string;
}

interface Content {
  data: Record<string, string>;
  metadata: Record<string, unknown>;
  transient: { display_id: string };
}

const counting = new URL("../experiment/fixtures/counting/mod.ts", import.meta.url);
const spec = (values: { x: number; y: number }[]) => ({
  title: { text: "A line", subtitle: ["of two", "points"] },
  data: { values },
  mark: "line" as const,
  encoding: { x: linearAxis("x", "x"), y: linearAxis("y", "y") },
});
const points = [{ x: 0, y: 1 }, { x: 1, y: 2 }];

/** Runs `cell` as if in a kernel; returns what it showed, and how its last expression is shown. */
async function inKernel(
  cell: () => unknown,
): Promise<{ messages: Message[]; result: Record<string, string> }> {
  const messages: Message[] = [];
  const jupyter = {
    // As Deno does it: at once, and with an error for what JSON cannot hold.
    broadcast(type: string, content: Record<string, unknown>) {
      const { data, metadata, transient } = JSON.parse(JSON.stringify(content)) as Content;
      messages.push({ type, data, metadata, id: transient.display_id });
    },
  };
  pretendKernel(jupyter);
  try {
    const value = await cell() as { [displaySymbol]?: () => MediaBundle | Promise<MediaBundle> } | undefined;
    return { messages, result: await value?.[displaySymbol]?.() as Record<string, string> };
  } finally {
    pretendKernel(undefined);
  }
}

/** Presses Stop later. */
function press(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(() => resolve(stop()), milliseconds));
}

Deno.test("a plot is a spec, an SVG and a line of text", async () => {
  const { result } = await inKernel(() => plot(spec(points)));
  assertEquals(Object.keys(result).sort(), [
    "application/vnd.vegalite.v5+json",
    "image/svg+xml",
    "text/plain",
  ]);
  assertEquals(result["text/plain"], "[Figure] A line | of two points");
});

Deno.test("a plot that vega warns about fails its cell", async () => {
  await assertRejects(() =>
    inKernel(() => plot({ ...spec(points), encoding: { shape: linearAxis("x", "x") } }))
  );
});

Deno.test("a growing figure stays in one place, is not drawn too often, and ends with its SVG", async () => {
  let drawings = 0;
  const { messages } = await inKernel(async () => {
    const live = livePlot();
    for (let i = 0; i < 100; i++) live.update(() => (drawings++, spec(points)));
    live.update(() => {
      throw new Error("not enough rows");
    });
    await live.end(spec(points));
  });
  assertEquals(drawings, 1);
  assertEquals(messages.map(({ type }) => type), ["display_data", "update_display_data"]);
  assertEquals(new Set(messages.map(({ id }) => id)).size, 1);
  assert(!("image/svg+xml" in messages[0].data) && "image/svg+xml" in messages[1].data);
});

Deno.test("progress shows what is being done and ends as one line", async () => {
  const { messages } = await inKernel(async () => {
    const bar = progress("Training <it>");
    bar.update(0.25, "epoch 2 of 4");
    await bar.end("4 epochs");
  });
  assert(messages[0].data["text/plain"].includes("25% epoch 2 of 4"));
  assert(messages[0].data["text/html"].includes(`aria-valuenow="25"`));
  assert(!messages[0].data["text/html"].includes("<it>"));
  assertEquals(messages[1].data, { "text/html": "<div>4 epochs</div>", "text/plain": "4 epochs" });
  // By this a stored notebook is told from one with a bar that nobody moves any more.
  assertEquals(messages.map(({ metadata }) => metadata), [{ refigure: { passing: true } }, {}]);
});

Deno.test("what an earlier run left behind is shown beside the run, and marked as not to be stored", async () => {
  // The number of a process that no system gives out.
  const left = new URL("../../.cache/trials/counting/running-999999999", import.meta.url);
  await Deno.mkdir(new URL(".", left), { recursive: true });
  const warnings = async () => {
    await Deno.writeTextFile(left, "seed 3");
    const { messages } = await inKernel(() => reproduce(counting, { preset: "quick" }));
    return messages.filter(({ data }) => data["text/plain"].includes("An earlier run was killed"));
  };
  // Another test that runs beside this one has the same cache, and may have been told first.
  let warning = await warnings();
  for (let more = 0; more < 3 && warning.length === 0; more++) warning = await warnings();
  assertEquals(warning.map(({ metadata }) => metadata), [{ refigure: { passing: true } }]);
});

Deno.test("a display that fails does not keep those after it", async () => {
  const { messages } = await inKernel(async () => {
    const display = new Display();
    const fails = display.show({ "application/json": { x: 1n } });
    const works = display.show({ "text/plain": "after it" });
    await assertRejects(() => fails, TypeError, "BigInt");
    await works;
  });
  assertEquals(messages.map(({ type, data }) => [type, data["text/plain"]]), [["display_data", "after it"]]);
});

Deno.test("a cell ends when its result has had time to be sent", async () => {
  const sent: unknown[] = [];
  const sender: ResultSender = {
    broadcastResult: async (count, result) => {
      const shown = result as { [displaySymbol]?: () => MediaBundle } | undefined;
      sent.push([count, await shown?.[displaySymbol]?.() ?? result]);
    },
  };
  keepResultsInOrder(sender);
  const seconds = async (result: unknown) => {
    const start = performance.now();
    await inKernel(() => sender.broadcastResult!(7, result));
    return performance.now() - start;
  };
  assert(await seconds(1) >= 9);
  const text = "x".repeat(5e6);
  assert(await seconds({ [displaySymbol]: () => ({ "text/plain": text }) }) >= 55);
  assertEquals(sent, [[7, 1], [7, { "text/plain": text }]]);
  keepResultsInOrder({});
});

Deno.test("a run ends with the same output, fresh or from the cache", async () => {
  const cell = (fresh: boolean) => () => reproduce(counting, { preset: "quick", fresh, workers: 1 });
  const [first, second] = [await inKernel(cell(true)), await inKernel(cell(false))];
  assertEquals(first.messages.at(-1)!.data, second.messages.at(-1)!.data);
  assertEquals(first.result["text/plain"], "counting, quick preset: 4 of 4 trials finished, 4 rows.");
});

Deno.test("Stop ends a run, which comes back with the rows so far", async () => {
  const { messages, result } = await inKernel(async () => {
    const presses = [press(800), press(801)];
    const run = await reproduce(counting, {
      fresh: true,
      workers: 1,
      params: { milliseconds: 60_000 },
    });
    await Promise.all(presses);
    assertEquals([run.interrupted, run.claims], [true, []]);
    return scorecard(run);
  });
  assert(messages.at(-1)!.data["text/plain"].includes("interrupted with 0 of 12 trials finished"));
  assert(result["text/html"].includes("interrupted, so nothing is claimed"));
  stop();
});

Deno.test("Stop ends a loop of one's own", async () => {
  using work = stoppable();
  const pressed = press(20);
  while (!work.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 1));
  await pressed;
});

Deno.test("a failed trial is named, and the others are there", async () => {
  const { result } = await inKernel(() => reproduce(counting, { preset: "quick", params: { broken: 1 } }));
  assert(result["text/plain"].includes("3 of 4 trials finished"));
  assert(result["text/plain"].includes("trial 1 is broken"), result["text/plain"]);
});

Deno.test("a scorecard tells in words what holds, as a table and as text", async () => {
  const { result } = await inKernel(async () =>
    scorecard(await reproduce(counting, { preset: "quick", seed: 7 }))
  );
  assert(result["text/html"].includes("✓ yes") && result["text/html"].includes(`scope="col"`));
  assert(result["text/html"].includes("quick preset, seed = 7"));
  assert(result["text/plain"].includes("1 of 1 claims hold"));
});

Deno.test("a run that cannot start is refused before anything is shown", async () => {
  const cases: [() => Promise<unknown>, typeof RangeError | typeof TypeError, string][] = [
    [() => reproduce(counting, { figure: "error" }), RangeError, `counting has no figure "error"`],
    [
      () => reproduce(counting, { presett: "full" } as object),
      TypeError,
      '`options` has no option "presett" (did you mean "preset"?)',
    ],
    [() => reproduce(counting, { preset: "ful" as "full" }), RangeError, 'did you mean "full"?'],
    [() => reproduce(counting, { params: { trails: 2 } }), RangeError, 'did you mean "trials"?'],
    [() => reproduce(counting, { params: { trials: [4] } }), RangeError, "`trials`"],
    [() => reproduce(undefined as unknown as string), TypeError, "`which` must be a slug"],
  ];
  for (const [cell, kind, text] of cases) {
    const { messages } = await inKernel(() => assertRejects(cell, kind, text));
    assertEquals(messages, []);
  }
});

Deno.test("an error of many trials is shown once", async () => {
  const failing = new URL("./fixtures/papers/every-trial-fails/mod.ts", import.meta.url);
  const { messages, result } = await inKernel(() => reproduce(failing));
  assertEquals(result["text/plain"].match(/must be positive/g)?.length, 1, result["text/plain"]);
  assert(result["text/plain"].includes("index = 0 and 12 more: `eps`"), result["text/plain"]);
  assertEquals(messages.at(-1)!.data["text/plain"], result["text/plain"]);
});

Deno.test("what is no figure or no run is refused by name", () => {
  const plotted = (spec: unknown) => () => plot(spec as Parameters<typeof plot>[0]);
  assertThrows(
    plotted({ mark: "lin" }),
    TypeError,
    '`spec.mark` must be a mark of vega-lite, got "lin" (did you mean "line"?)',
  );
  assertThrows(plotted({ layer: [{ mark: { type: "dot" } }] }), TypeError, "`spec.layer[0].mark`");
  assertThrows(plotted(undefined), TypeError, "`spec` must be a vega-lite spec, got undefined");
  assertThrows(plotted({ data: { values: [] } }), TypeError, "`spec` must have a mark");
  const rows = [{ x: 1 }, { x: 2n }];
  assertThrows(plotted({ mark: "line", data: { values: rows } }), TypeError, "`spec.data.values[1].x`");
  const scored = (run: unknown) => () => scorecard(run as Parameters<typeof scorecard>[0]);
  assertThrows(scored(undefined), TypeError, "`run` must be what `reproduce` returns, got undefined");
  assertThrows(scored([]), TypeError, "got a list");
  assertThrows(scored(Promise.resolve()), TypeError, "await it");
});

Deno.test("in the environment, a preset for every run of a notebook", async () => {
  Deno.env.set("REFIGURE_PRESET", "quick");
  try {
    const { result } = await inKernel(() => reproduce(counting, { preset: "laptop" }));
    assert(result["text/plain"].startsWith("counting, quick preset"), result["text/plain"]);
  } finally {
    Deno.env.delete("REFIGURE_PRESET");
  }
});

Deno.test("small matrices are tables, large ones heat maps, vectors rows", async () => {
  const shown = async (value: Parameters<typeof show>[0]) => (await inKernel(() => show(value))).result;
  assertEquals(
    (await shown(Matrix.fromRows([[1, -2], [1 / 3, 4]])))["text/plain"],
    "2 x 2 matrix\n       1      -2\n  0.3333       4",
  );
  assert((await shown(new ComplexMatrix(1, 1, new Float64Array([1, -2]))))["text/plain"].includes("1-2i"));
  assert((await shown(new Float64Array(100)))["text/plain"].startsWith("vector of length 100\n"));
  assert((await shown([]))["text/plain"].startsWith("vector of length 0"));
  assertEquals((await shown(Matrix.zeros(0, 3)))["text/plain"], "0 x 3 matrix");
  const large = await shown(Matrix.from(100, 130, (i, j) => i === j ? 1 : -0.5));
  assert(large["image/svg+xml"].length < 60_000);
  assert(large["text/plain"].includes("each square the mean of 3 x 3 entries"));
  const means = await shown(Matrix.from(65, 65, () => 1));
  assertEquals(
    (means["image/svg+xml"].match(/<path/g) ?? []).length,
    1,
    "blocks at the edge are averaged over their own size",
  );
});

Deno.test("a list of rows is a matrix, and what is neither matrix nor vector is refused", async () => {
  const shown = async (...args: Parameters<typeof show>) => (await inKernel(() => show(...args))).result;
  assertEquals((await shown([[1, 2], [3, 4]]))["text/plain"], "2 x 2 matrix\n  1  2\n  3  4");
  assertEquals((await shown([new Float32Array([1]), [2]]))["text/plain"], "2 x 1 matrix\n  1\n  2");
  assertEquals(
    (await shown([1, NaN, Infinity]))["text/plain"],
    "vector of length 3\n         1       NaN  Infinity",
  );
  assertThrows(() => show([[1, 2], [3]]), RangeError);
  for (
    const wrong of ["text", 5, undefined, null, { rows: 2 }, [[1], 2], ["1"], [[[1]]], new BigInt64Array(2)]
  ) {
    assertThrows(
      () => show(wrong as never),
      TypeError,
      "`value` must be a matrix, a list of rows of numbers, or",
    );
  }
  const matrix = Matrix.identity(2);
  assertThrows(() => show(matrix, { as: "heat" as never }), TypeError, '`as` must be "table" or "heatmap"');
  assertThrows(() => show(matrix, { digit: 3 } as never), TypeError, 'no option "digit"');
  assertThrows(
    () => show(matrix, { digits: 0 }),
    RangeError,
    "`digits` must be an integer from 1 to 17, got 0",
  );
});

Deno.test("a heat map is grey where an entry is not finite, and keeps its colours elsewhere", async () => {
  const heat = async (bad: number) => {
    const matrix = Matrix.from(20, 20, (i, j) => i + j === 0 ? bad : i - j);
    const bundle = (await inKernel(() => show(matrix))).result;
    const colors = [...bundle["image/svg+xml"].matchAll(/<path fill="([^"]*)" d="([^"]*)"/g)];
    return { bundle, colors: new Map(colors.map(([, color, d]) => [color, d])) };
  };
  const good = await heat(0);
  for (const bad of [NaN, Infinity, -Infinity]) {
    const { bundle, colors } = await heat(bad);
    assertEquals(colors.get("rgb(128,128,128)"), "M0 0h1v1h-1z");
    colors.delete("rgb(128,128,128)");
    assertEquals(colors, good.colors);
    assert(bundle["text/plain"].endsWith(", grey where an entry is not finite"), bundle["text/plain"]);
  }
  const nothing = (await inKernel(() => show(Matrix.from(20, 20, () => NaN)))).result;
  assert(nothing["text/plain"].endsWith("grey where 400 entries are not finite"), nothing["text/plain"]);
  assert(!nothing["image/svg+xml"].includes("rgb(NaN"));
});

/** What counts, and what does not, where stored outputs are compared by their meaning. */
import { assertEquals } from "@std/assert";
import { compactData } from "../../lib/notebook/compact_data.ts";
import { figureDifferences, notebookDifferences } from "../../tools/meaning.ts";

const figure = () => ({
  title: { text: "Error falls by 10⁻³ in 20 steps", subtitle: ["seed 0", "n = 1.5 × 10⁴"] },
  data: { values: [{ step: 0, loss: 0.5, method: "GD" }, { step: 1, loss: 0.25, method: "Muon" }] },
  encoding: {
    x: { field: "step", type: "quantitative", title: "Step", scale: { domain: [0, 1] } },
    y: { field: "loss", type: "quantitative", axis: { values: [0.25, 0.5], labelExpr: "datum.value < 1" } },
    color: { field: "method", type: "nominal", sort: ["GD", "Muon"] },
  },
  layer: [
    { mark: { type: "line", strokeWidth: 2.2 } },
    { mark: "text", data: { values: [{ label: "slope -0.9997" }] }, encoding: { text: { field: "label" } } },
  ],
});
type Figure = ReturnType<typeof figure>;

/** The differences of the figure from itself after a change. */
function after(change: (spec: Figure) => unknown): string[] {
  const now = figure();
  change(now);
  return figureDifferences(figure(), now);
}

Deno.test("numbers, how many rows there are, and the scales and axes that follow them do not count", () => {
  const changes: ((spec: Figure) => unknown)[] = [
    (spec) => spec.data.values[1].loss = 0.2501,
    (spec) => spec.data.values[1].loss = null as never,
    (spec) => spec.data.values.push({ step: 2, loss: 0.1, method: "Muon" }),
    (spec) => spec.data.values.reverse(),
    // It is not drawn.
    (spec) => Object.assign(spec.data.values[0], { note: "new" }),
    (spec) => spec.title.text = "Error falls by 10⁻¹² in 7 steps",
    (spec) => spec.title.subtitle[1] = "n = 900",
    (spec) => spec.encoding.x.scale.domain = [0, 2, 3],
    (spec) => spec.encoding.y.axis = { values: [1], labelExpr: "datum.value < 2" },
    (spec) => spec.encoding.color.sort.reverse(),
    (spec) => spec.layer[1].data!.values[0].label = "slope -1",
  ];
  for (const change of changes) assertEquals(after(change), [], String(change));
});

Deno.test("titles, marks, channels, fields, series and layers do", () => {
  const changes: [(spec: Figure) => unknown, string][] = [
    [(spec) => spec.title.text = "Loss falls by 10⁻³ in 20 steps", ".title: stored"],
    [(spec) => spec.data.values[1].method = "Adam", ".data.method: stored GD | Muon, now Adam | GD"],
    [(spec) => spec.data.values.pop(), ".data.method: stored GD | Muon, now GD"],
    [(spec) => spec.data.values.length = 0, ".data.step: stored a field, now nothing"],
    [(spec) => spec.layer[0].mark = "point", ".layer[0].mark: stored line, now point"],
    [(spec) => spec.layer.pop(), ".layer[1].mark: stored text, now nothing"],
    [(spec) => spec.encoding.x.field = "time", ".encoding.x: stored step quantitative Step, now time"],
    [(spec) => delete (spec.encoding as Partial<Figure["encoding"]>).color, ".encoding.color: stored method"],
    [(spec) => spec.layer[1].data!.values[0].label = "rate -0.9997", ".layer[1].data.label: stored slope #"],
  ];
  for (const [change, start] of changes) {
    const [line] = after(change);
    assertEquals(line?.slice(0, start.length), start, String(change));
  }
});

Deno.test("panels and named data sets are looked into; of thinned data the fields count", () => {
  const panels = (mark: string, method: string) => ({
    datasets: { runs: [{ method }] },
    encoding: { color: { field: "method" } },
    hconcat: [{ vconcat: [{ facet: { field: method }, spec: { mark } }] }],
  });
  assertEquals(figureDifferences(panels("bar", "GD"), panels("area", "Muon")), [
    ".datasets.runs.method: stored GD, now Muon",
    ".hconcat[0].vconcat[0].facet: stored GD, now Muon",
    ".hconcat[0].vconcat[0].spec.mark: stored bar, now area",
  ]);
  const encoding = { x: { field: "a" }, y: { field: "b" } };
  const thinned = (length: number, row: object) => ({ data: { values: { length, some: [row] } }, encoding });
  assertEquals(figureDifferences(thinned(90, { a: "x" }), thinned(80, { a: "y" })), []);
  assertEquals(figureDifferences(thinned(90, { a: "x" }), thinned(90, { b: "x" })).length, 2);
});

const output = (text: string, data: object = {}) => ({
  output_type: "execute_result",
  data: { "text/plain": text, ...data },
});
const notebook = (...outputs: ReturnType<typeof output>[]) => ({
  cells: [{ id: "card", cell_type: "code", outputs }, { id: "words", cell_type: "markdown" }],
});
const card =
  "  ✓ It converges. [headline]\n      expected below 1\n      measured 0.5\n  ? It is fast.\n  1 of 2 claims hold";

Deno.test("in a notebook cells, kinds of output, figures and verdicts count, numbers do not", () => {
  const spec = "application/vnd.vegalite.v5+json";
  const base = notebook(output(card), output("[Figure]", { [spec]: figure() }));
  const changed = (text: string, data: object = { [spec]: figure() }) =>
    notebookDifferences(base, notebook(output(text), output("[Figure]", data)));
  assertEquals(changed(card), []);
  assertEquals(changed(card.replace("0.5", "0.25")), []);
  assertEquals(changed(card.replace("✓", "✗")), ['cell "card": verdicts stored as ✓?, now ✗?']);
  assertEquals(changed(card.replace("?", "✓")), ['cell "card": verdicts stored as ✓?, now ✓✓']);
  assertEquals(changed(card, {}), [
    'cell "card": stored outputs are execute_result (text/plain), execute_result ' +
    `(${spec}, text/plain), now execute_result (text/plain), execute_result (text/plain)`,
  ]);
  assertEquals(changed(card, { [spec]: { mark: "bar" } }).length > 0, true);
  assertEquals(notebookDifferences(base, { cells: base.cells.slice(1) }), ["2 cells stored, now 1"]);
});

Deno.test("the series of a stored figure are read from its comma-separated values", () => {
  const notebook = (second: string) => {
    const values = Array.from({ length: 20 }, (_, x) => ({ x, method: x < 10 ? "GD" : second }));
    const data = {
      "application/vnd.vegalite.v5+json": compactData({
        data: { values },
        encoding: { x: { field: "method" } },
      }),
    };
    return { cells: [{ id: "a", cell_type: "code", outputs: [{ output_type: "display_data", data }] }] };
  };
  assertEquals(notebookDifferences(notebook("Muon"), notebook("Muon")), []);
  assertEquals(notebookDifferences(notebook("Muon"), notebook("Adam")), [
    'cell "a".data.method: stored GD | Muon, now Adam | GD',
  ]);
});

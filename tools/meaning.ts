/**
 * What stored outputs say, for comparison on machines whose last digits differ: the cells and kinds of output of a
 * notebook, the marks and series of a figure, the verdict of every claim; no number.
 *
 * `deno run tools/meaning.ts < pair.json` compares two notebooks, `{ "stored": ..., "now": ... }`, and prints a JSON
 * list of differences.
 */
import { expandData } from "../lib/notebook/compact_data.ts";

/** Part of a notebook as Jupyter stores it. */
export interface Notebook {
  cells: Cell[];
}

interface Cell {
  id?: string;
  cell_type: string;
  metadata?: { tags?: string[] };
  outputs?: Output[];
}

interface Output {
  output_type: string;
  name?: string;
  text?: string | string[];
  data?: Record<string, unknown>;
}

const FIGURE = "application/vnd.vegalite.v5+json";

/** Where two notebooks say something else, one line each; cells tagged "measured" are left out. */
export function notebookDifferences(stored: Notebook, now: Notebook): string[] {
  if (stored.cells.length !== now.cells.length) {
    return [`${stored.cells.length} cells stored, now ${now.cells.length}`];
  }
  return stored.cells.flatMap((old, i) => {
    const cell = now.cells[i];
    if (cell.cell_type !== "code" || cell.metadata?.tags?.includes("measured")) return [];
    const where = `cell "${cell.id ?? i}"`;
    const kinds = [old, cell].map(({ outputs = [] }) => outputs.map(kindOf).join(", ") || "none");
    if (kinds[0] !== kinds[1]) return [`${where}: stored outputs are ${kinds[0]}, now ${kinds[1]}`];
    const pairs = (old.outputs ?? []).map((output, k) => [output, cell.outputs![k]]);
    return pairs.flatMap(([a, b]) => outputDifferences(a, b)).map((line) => `${where}${line}`);
  });
}

/** An output's kind with the formats it has, such as `display_data (text/html, text/plain)`. */
function kindOf({ output_type, name, data }: Output): string {
  const formats = name ?? Object.keys(data ?? {}).sort().join(", ");
  return formats === "" ? output_type : `${output_type} (${formats})`;
}

function outputDifferences(stored: Output, now: Output): string[] {
  const lines: string[] = [];
  if (stored.data?.[FIGURE] !== undefined) {
    lines.push(
      ...figureDifferences(
        ...[stored, now].map(({ data }) => expandData(data?.[FIGURE])) as [unknown, unknown],
      ),
    );
  }
  const texts = (output: Output) => [output.text, output.data?.["text/plain"], output.data?.["text/html"]];
  const others = texts(now);
  texts(stored).forEach((text, k) => {
    const [before, after] = [text, others[k]].map((x) => verdicts(whole(x)));
    if (before !== after) lines.push(`: verdicts stored as ${before}, now ${after}`);
  });
  return lines;
}

function whole(text: unknown): string {
  return Array.isArray(text) ? text.join("") : typeof text === "string" ? text : "";
}

/** The signs of the verdicts in a scorecard, in order. */
function verdicts(text: string): string {
  return Array.from(text.matchAll(/[✓✗]|\? undecided|^ {2}\?/gm), ([sign]) => sign.trim()[0]).join("") ||
    "none";
}

/** Where two vega-lite specs differ in composition, marks, encodings, titles or series, one line each. */
export function figureDifferences(stored: unknown, now: unknown): string[] {
  const before = describe(stored, fieldsIn(stored));
  const after = describe(now, fieldsIn(now));
  const lines = [...new Set([...before.keys(), ...after.keys()])].filter((path) =>
    before.get(path) !== after.get(path)
  );
  return lines.map((path) =>
    `${path}: stored ${before.get(path) ?? "nothing"}, now ${after.get(path) ?? "nothing"}`
  );
}

/** The fields of the data that are drawn. */
function fieldsIn(spec: unknown, found = new Set<string>()): Set<string> {
  for (const [key, value] of isObject(spec) ? Object.entries(spec) : []) {
    if (key === "field" && typeof value === "string") found.add(value);
    else if (key !== "values") fieldsIn(value, found);
  }
  return found;
}

const COMPOSITIONS = ["layer", "hconcat", "vconcat", "concat"];

/** The texts of a spec, by their place in it. */
function describe(
  spec: unknown,
  fields: Set<string>,
  path = "",
  found = new Map<string, string>(),
): Map<string, string> {
  if (!isObject(spec)) return found.set(path, typeof spec);
  if (spec.title !== undefined) found.set(`${path}.title`, words(spec.title));
  if (spec.mark !== undefined) {
    found.set(`${path}.mark`, String(isObject(spec.mark) ? spec.mark.type : spec.mark));
  }
  for (const [channel, definition] of Object.entries(asObject(spec.encoding))) {
    found.set(`${path}.encoding.${channel}`, channelWords(definition));
  }
  if (spec.facet !== undefined) found.set(`${path}.facet`, channelWords(spec.facet));
  describeData(asObject(spec.data).values, fields, `${path}.data`, found);
  for (const [name, values] of Object.entries(asObject(spec.datasets))) {
    describeData(values, fields, `${path}.datasets.${name}`, found);
  }
  for (const name of COMPOSITIONS) {
    const parts = spec[name];
    if (Array.isArray(parts)) {
      parts.forEach((part, i) => describe(part, fields, `${path}.${name}[${i}]`, found));
    }
  }
  if (spec.spec !== undefined) describe(spec.spec, fields, `${path}.spec`, found);
  return found;
}

/** Field, type and title of a channel; scales and axes follow the numbers. */
function channelWords(definition: unknown): string {
  const parts = (Array.isArray(definition) ? definition : [definition]).map((one) => {
    const { field, type, aggregate, title } = asObject(one);
    return [field, type, aggregate, title].filter((word) => word !== undefined).map(words).join(" ");
  });
  return parts.join(", ") || "a constant";
}

/** Which of the fields there are, and the distinct texts in them: these are the series. */
function describeData(values: unknown, fields: Set<string>, path: string, found: Map<string, string>): void {
  // A snapshot keeps some rows of long data, which need not hold every series.
  const { some } = asObject(values);
  const rows = Array.isArray(values) ? values : Array.isArray(some) ? some : [];
  const texts = new Map<string, Set<string>>();
  for (const row of rows) {
    for (const [field, value] of Object.entries(asObject(row))) {
      if (!fields.has(field)) continue;
      const set = texts.get(field) ?? new Set();
      texts.set(field, set);
      if (typeof value === "string") set.add(words(value));
    }
  }
  for (const [field, set] of texts) {
    const series = some === undefined ? [...set].sort().join(" | ") : "";
    found.set(`${path}.${field}`, series || "a field");
  }
}

const number = /[-−+]?\d+(?:[.,]\d+)*(?:[eE][-+−]?\d+)?(?:\s?[×·]\s?10)?[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]*/g;

/** A text, or all texts inside, with every number replaced by #. */
function words(value: unknown): string {
  if (typeof value === "string") return value.replace(number, "#");
  return JSON.stringify(value, (_, item) => typeof item === "string" ? item.replace(number, "#") : item) ??
    "";
}

function asObject(value: unknown): Record<string, unknown> {
  return isObject(value) && !Array.isArray(value) ? value : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

if (import.meta.main) {
  const { stored, now } = await new Response(Deno.stdin.readable).json();
  console.log(JSON.stringify(notebookDifferences(stored, now)));
}

/**
 * `deno task bench [filter ...] [--json | --markdown] [--samples N] [--seconds N]`: ours beside its peers, one table;
 * `deno task bench scaling`: how times grow with sizes.
 */
import { blasInfo, setBlasThreads } from "../lib/blas/mod.ts";
import { type BenchCase, type BenchRow, runCase } from "./bench.ts";
import { countProcessorTime, isProcessorTime } from "./clock.ts";
import { blocksOf, renewed } from "./markdown.ts";
import { stopPython } from "./python.ts";
import { printHelp, refuse, unknownOption } from "../tools/command_line.ts";
import { machine, versions } from "../tools/machine.ts";

if (Deno.args[0] === "scaling" && !Deno.args.includes("--help")) {
  const { main } = await import("./scaling/run.ts");
  Deno.exit(await main(Deno.args.slice(1)));
}
const OPTIONS = ["--cpu", "--json", "--list", "--markdown", "--samples", "--seconds"];
const docs = new URL("../docs/", import.meta.url);
const options = parse(Deno.args);
if (options.markdown) options.filters = filtersOfDocs(options.filters);
const cases = (await loadCases()).filter(({ what, peer }) =>
  options.filters.length === 0 || options.filters.some((filter) => `${what} / ${peer}`.includes(filter))
);
if (cases.length === 0) refuse(`No row has "${options.filters.join('" or "')}" in its name; see --list`);
if (options.list) {
  for (const { what, peer } of cases) console.log(`${what} / ${peer}`);
  Deno.exit(0);
}
setBlasThreads(1);
const { engine, reason, version } = blasInfo();
if (!options.json) {
  console.log(
    `engine: ${engine} (${reason})${version ? `, ${version}` : ""}; 1 thread; medians of ${
      isProcessorTime() ? "processor " : ""
    }ms`,
  );
  console.log(line("", "ours", "peer", "ratio", "floor", "error"));
}
const rows: BenchRow[] = [];
for (const benchCase of cases) {
  const row = await runCase(benchCase, options);
  rows.push(row);
  if (!options.json) console.log(format(row));
}
stopPython();
if (options.markdown) renewDocs();
if (options.json) console.log(JSON.stringify({ rows }, null, 1));
Deno.exit(rows.some((row) => row.note?.startsWith("failed")) ? 1 : 0);

/** Pages of docs/ that have tables of speed, by name. */
function pages(): Map<string, string> {
  const names = Array.from(Deno.readDirSync(docs), ({ name }) => name).filter((name) => name.endsWith(".md"));
  const texts = names.map((name) => [name, Deno.readTextFileSync(new URL(name, docs))] as const);
  return new Map(texts.filter(([, text]) => blocksOf(text).length > 0));
}

/** The words of the tables on the pages that are named, or on all. */
function filtersOfDocs(wanted: readonly string[]): string[] {
  const all = pages();
  const stranger = wanted.find((name) => !all.has(name));
  if (stranger !== undefined) {
    refuse(`No page with tables of speed is called "${stranger}"; there are: ${[...all.keys()].join(", ")}`);
  }
  const texts = [...all].filter(([name]) => wanted.length === 0 || wanted.includes(name)).map(([, text]) =>
    text
  );
  return texts.flatMap((text) => blocksOf(text).flat());
}

/** Writes what was measured into the pages. */
function renewDocs(): void {
  const caption =
    `${machine()}; ${versions()}; ${new Date().toISOString().slice(0, 10)}. One thread, medians of ` +
    `${isProcessorTime() ? "processor times" : "times"}; below 1 is faster.`;
  for (const [name, text] of pages()) {
    Deno.writeTextFileSync(new URL(name, docs), renewed(text, rows, caption));
  }
}

async function loadCases(): Promise<BenchCase[]> {
  const folder = new URL("./cases/", import.meta.url);
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".ts"));
  const modules = await Promise.all(
    files.sort().map((file) => import(new URL(file, folder).href) as Promise<{ cases?: BenchCase[] }>),
  );
  return modules.flatMap(({ cases }) => cases ?? []);
}

function format(row: BenchRow): string {
  if (row.note !== undefined) return `${row.name.padEnd(56)} ${row.note}`;
  const number = (value: number | null, digits = 3) => value === null ? "" : value.toPrecision(digits);
  return line(
    row.name,
    number(row.ours_ms),
    number(row.peer_ms),
    number(row.ratio),
    row.floor_share === null ? "" : `${Math.round(100 * row.floor_share)}%`,
    row.error === null ? "" : row.error.toExponential(1),
  );
}

function line(name: string, ...cells: string[]): string {
  return [name.padEnd(56), ...cells.map((cell) => cell.padStart(9))].join(" ").trimEnd();
}

interface Options {
  filters: string[];
  json: boolean;
  list: boolean;
  markdown: boolean;
  samples: number;
  seconds: number;
}

function parse(args: string[]): Options {
  const options: Options = {
    filters: [],
    json: false,
    list: false,
    markdown: false,
    samples: 15,
    seconds: 4,
  };
  for (let i = 0; i < args.length; i++) {
    const word = args[i];
    if (word === "--help" || word === "-h") {
      printHelp("bench");
      Deno.exit(0);
    } else if (word === "--json" || word === "--list" || word === "--markdown") {
      options[word.slice(2) as "json" | "list" | "markdown"] = true;
    } else if (word === "--cpu") countProcessorTime();
    else if (word === "--samples" || word === "--seconds") {
      const value = Number(args[++i]);
      if (!(value > 0)) refuse(`${word} must be a positive number, got ${args[i]}`);
      options[word.slice(2) as "samples" | "seconds"] = value;
    } else if (word.startsWith("-")) refuse(unknownOption(word, OPTIONS));
    else options.filters.push(word);
  }
  return options;
}

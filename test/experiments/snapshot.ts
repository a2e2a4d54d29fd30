/** Figures as small files: specs without the theme, long data thinned, numbers rounded. */
import { autoLabels, numberLabels, powerLabels } from "../../lib/figures/log_labels.ts";
import { blasInfo, requireReproducibleKernels } from "../../lib/blas/mod.ts";
import { figureDifferences } from "../../tools/meaning.ts";

/** What stands for a long expression. */
const names = new Map([[autoLabels, "undecided"], [numberLabels, "numbers"], [powerLabels, "powers"]]);

const rowsKept = 40;
const digits = 4;

/** What of a figure is stored: everything but schema and theme; of long data the length and some rows. */
export function snapshot(spec: object): unknown {
  const { config: _theme, $schema: _schema, ...rest } = spec as Record<string, unknown>;
  return shorten(rest);
}

function shorten(value: unknown): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? value : Number(value.toPrecision(digits));
  if (Array.isArray(value)) {
    if (value.length <= rowsKept) return value.map(shorten);
    const kept = Array.from(
      { length: rowsKept },
      (_, i) => value[Math.round(i * (value.length - 1) / (rowsKept - 1))],
    );
    return { length: value.length, some: kept.map(shorten) };
  }
  if (typeof value === "string") return names.get(value) ?? value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([, item]) => item !== undefined).map(([k, v]) => [k, shorten(v)]),
  );
}

/** A vega-lite spec has one of these. */
const parts = ["mark", "layer", "hconcat", "vconcat", "concat", "spec"];

/**
 * Where two snapshots differ, one line each: in any value where both were made with the same arithmetic, else in
 * what the figures say. Whatever is not a figure has no digits of the machine.
 */
export function differences(stored: unknown, now: unknown, exact: boolean): string[] {
  const isFigure = isObject(now) && parts.some((part) => part in now);
  return exact || !isFigure ? valueDifferences(stored, now) : figureDifferences(stored, now);
}

function valueDifferences(stored: unknown, now: unknown, path = ""): string[] {
  if (isObject(stored) && isObject(now)) {
    const keys = new Set([...Object.keys(stored), ...Object.keys(now)]);
    return [...keys].flatMap((key) => valueDifferences(stored[key], now[key], `${path}.${key}`));
  }
  if (stored === now) return [];
  return [`${path}: stored ${JSON.stringify(stored)}, now ${JSON.stringify(now)}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

const update = Deno.env.get("UPDATE_SNAPSHOTS") === "1";
const folder = new URL("snapshots/", import.meta.url);
const largest = 100_000;

/** What the numbers of the snapshots depend on. */
const arithmeticFile = new URL("arithmetic.txt", folder);
if (update) {
  requireReproducibleKernels();
  await Deno.writeTextFile(arithmeticFile, `${blasInfo().arithmetic}\n`);
}
const storedWith = (await Deno.readTextFile(arithmeticFile)).trim();

/**
 * Compares a figure or another value with its stored snapshot, `snapshots/<slug>/<name>.json`; with `UPDATE_SNAPSHOTS=1`
 * in the environment, stores it, always made with the reproducible kernels. With the arithmetic that stored it every
 * number must be the same; on another machine, or with other kernels, a figure is compared by its meaning.
 */
export async function compareSnapshot(slug: string, name: string, value: object): Promise<void> {
  const text = JSON.stringify(snapshot(value), null, 1) + "\n";
  if (text.length >= largest) {
    throw new Error(`The snapshot has ${text.length} bytes, ${largest} are allowed`);
  }
  const file = new URL(`${slug}/${name}.json`, folder);
  if (update) {
    await Deno.mkdir(new URL(`${slug}/`, folder), { recursive: true });
    return await Deno.writeTextFile(file, text);
  }
  let stored: string;
  try {
    stored = await Deno.readTextFile(file);
  } catch {
    throw new Error(
      `There is no snapshot ${file.pathname}; UPDATE_SNAPSHOTS=1 stores it, after you have looked at the figure`,
    );
  }
  const exact = blasInfo().arithmetic === storedWith;
  const lines = differences(JSON.parse(stored), JSON.parse(text), exact);
  if (lines.length > 0) throw new Error(`${lines.length} differences\n${lines.slice(0, 10).join("\n")}`);
}

import type { FigureInput, FigureSpec } from "./spec.ts";
import { theme } from "./theme.ts";

const significantDigits = 5;

/**
 * A complete figure: the spec with the schema, the theme (what the spec configures itself wins) and 560 x 340
 * pixels unless it says otherwise. Numbers are rounded to 5 significant digits, so that stored figures are
 * small and do not change with the last bits of a machine; integers stay; what is not finite becomes null,
 * which is not drawn.
 *
 * @example
 * ```ts
 * import { figure, linearAxis, logAxis } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * const spec = figure({
 *   title: { text: "Error falls geometrically", subtitle: "n = 20" },
 *   data: { values: [{ step: 0, error: 1 / 3 }, { step: 1, error: 1 / 9 }] },
 *   mark: "line",
 *   encoding: { x: linearAxis("step", "Step"), y: logAxis("error", "Relative error") },
 * });
 * assertEquals(spec.data, { values: [{ step: 0, error: 0.33333 }, { step: 1, error: 0.11111 }] });
 * ```
 */
export function figure(spec: FigureInput | FigureSpec): FigureSpec {
  const schema = "https://vega.github.io/schema/vega-lite/v5.json";
  const config = merge(theme, spec.config ?? {});
  return { $schema: schema, ...round(spec), config } as FigureSpec;
}

/** Rounds every number inside. */
function round<T>(value: T): T {
  if (typeof value === "number") return roundNumber(value) as T;
  if (Array.isArray(value)) return value.map(round) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, round(item)])) as T;
}

function roundNumber(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  return Number.isInteger(value) ? value + 0 : Number(value.toPrecision(significantDigits));
}

/** The second object's values over those of the first, through all levels. */
function merge(base: unknown, over: unknown): unknown {
  if (!isPlain(base) || !isPlain(over)) return over;
  const out = { ...base };
  for (const [key, value] of Object.entries(over)) out[key] = key in out ? merge(out[key], value) : value;
  return out;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

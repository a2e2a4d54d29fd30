import { theoryColor } from "./color.ts";
import type { FigureInput } from "./spec.ts";
import { rowsOf, type Unit, units } from "./views.ts";

/** What stands in the place of marks and axes. */
const text = "No rows to show";

/**
 * A figure of which no mark has a row becomes its title and one line: axes without a domain are noise, about which
 * vega warns, and a legend without an entry has no size. Marks of the theory alone are no rows to show, either. Runs of
 * a small preset leave out whole kinds of trials.
 */
export function replaceWithoutRows(spec: FigureInput): void {
  const all = units(spec);
  const colored = all.filter(({ encoding }) => encoding.color?.field !== undefined);
  const measured = colored.some(hasNoColors) ? colored : all;
  if (measured.length === 0 || !measured.every((unit) => rowsOf(unit)?.length === 0)) return;
  const kept = ["$schema", "title", "description", "background", "padding", "usermeta", "config"];
  for (const key of Object.keys(spec)) if (!kept.includes(key)) delete spec[key];
  Object.assign(spec, {
    height: 30,
    data: { values: [{}] },
    mark: { type: "text", text, align: "left", baseline: "middle" },
    encoding: { x: { value: 0 }, y: { value: 15 }, color: { value: theoryColor } },
  });
}

function hasNoColors({ encoding: { color } }: Unit): boolean {
  const { domain } = (color.scale ?? {}) as { domain?: unknown };
  return Array.isArray(domain) && domain.length === 0;
}

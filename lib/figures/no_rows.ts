import { theoryColor } from "./color.ts";
import type { FigureInput } from "./spec.ts";
import { rowsOf, units } from "./views.ts";

/** What stands in the place of marks and axes. */
const text = "No rows to show";

/**
 * A figure of which no mark has a row becomes its title and one line: axes without a domain are noise, about which
 * vega warns. Runs of a small preset leave out whole kinds of trials.
 */
export function replaceWithoutRows(spec: FigureInput): void {
  const all = units(spec);
  if (all.length === 0 || !all.every((unit) => rowsOf(unit)?.length === 0)) return;
  const kept = ["$schema", "title", "description", "background", "padding", "usermeta", "config"];
  for (const key of Object.keys(spec)) if (!kept.includes(key)) delete spec[key];
  Object.assign(spec, {
    height: 30,
    data: { values: [{}] },
    mark: { type: "text", text, align: "left", baseline: "middle" },
    encoding: { x: { value: 0 }, y: { value: 15 }, color: { value: theoryColor } },
  });
}

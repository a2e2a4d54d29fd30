/** Which figure shows a claim, as far as it can be known. */
import { type AnyRow, type Experiment, rowTable } from "../lib/experiment/mod.ts";

/**
 * The figure of each claim, by its id. A claim and a figure belong together when they read the same kinds of rows; a
 * claim is left out when that is so for no figure, or for several. The headline belongs to the key figure.
 */
export function claimFigures(
  { claims, figures }: Experiment,
  rows: readonly AnyRow[],
): Record<string, string> {
  const table = rowTable(rows);
  const drawn = Object.entries(figures).map(([name, draw]) => ({ name, kinds: kindsRead(table, draw) }));
  const found: Record<string, string> = {};
  for (const { id, headline, measure } of claims) {
    if (headline) {
      found[id] = drawn[0].name;
      continue;
    }
    const kinds = kindsRead(table, measure);
    const same = drawn.filter((figure) => isSame(figure.kinds, kinds));
    if (kinds.size > 0 && same.length === 1) found[id] = same[0].name;
  }
  return found;
}

/** The kinds of rows that a function reads before it returns or throws. */
function kindsRead(table: object, read: (table: any) => unknown): Set<string> {
  const kinds = new Set<string>();
  const watched = new Proxy(table, {
    get(target, kind) {
      if (typeof kind === "string") kinds.add(kind);
      return Reflect.get(target, kind);
    },
  });
  try {
    read(watched);
  } catch {
    // What it read until then counts.
  }
  return kinds;
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((kind) => b.has(kind));
}

/** Rows: what trials return, as plain JSON with one tag, `kind`. */

import { requireInteger, requireString } from "../arrays/mod.ts";
import { anyObject, list, rows as rowsCheck } from "./check.ts";

/** What every row has. */
export interface AnyRow {
  /** Which kind of row it is. */
  readonly kind: string;
}

/**
 * A row of one of the kinds of a table of fields: what the table has for the kind, and `kind`.
 *
 * @example
 * ```ts
 * import type { RowOfKind } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * interface RowFields {
 *   loss: { seed: number; value: number };
 *   rate: { best: number };
 * }
 * type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;
 * const loss: Row<"loss"> = { kind: "loss", seed: 0, value: 2 };
 * const rows: Row[] = [loss, { kind: "rate", best: 0.1 }];
 * assertEquals(rows.map(({ kind }) => kind), ["loss", "rate"]);
 * ```
 */
export type RowOfKind<Fields, Kind extends keyof Fields> = {
  [K in Kind & string]: { readonly kind: K } & Fields[K];
}[Kind & string];

/** Rows grouped by their kind; a kind of which there is no row is an empty list. */
export type RowTable<Row extends AnyRow> = {
  readonly [K in Row["kind"]]: readonly Extract<Row, { kind: K }>[];
};

/**
 * Groups rows by their kind, once, so that claims and figures take them apart by name.
 *
 * @example
 * ```ts
 * import { rowTable } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * type Row = { kind: "loss"; value: number } | { kind: "rate"; best: number };
 * const { loss, rate } = rowTable<Row>([{ kind: "loss", value: 2 }, { kind: "loss", value: 1 }]);
 * assertEquals(loss.map(({ value }) => value), [2, 1]);
 * assertEquals(rate, []);
 * ```
 */
export function rowTable<Row extends AnyRow>(rows: readonly Row[]): RowTable<Row> {
  rowsCheck("rows", rows);
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.kind);
    if (group === undefined) groups.set(row.kind, [row]);
    else group.push(row);
  }
  return new Proxy({} as RowTable<Row>, {
    get: (_, kind) =>
      kind === Symbol.for("refigure.rows")
        ? rows
        : typeof kind === "string"
        ? groups.get(kind) ?? []
        : undefined,
  });
}

/**
 * The different values of one field, in the order in which they first occur.
 *
 * @example
 * ```ts
 * import { distinct } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(distinct([{ n: 4 }, { n: 8 }, { n: 4 }], "n"), [4, 8]);
 * ```
 */
export function distinct<Row, Field extends keyof Row>(rows: readonly Row[], field: Field): Row[Field][] {
  list(anyObject)("rows", rows);
  requireString("field", field as string);
  return [...new Set(rows.map((row) => row[field]))];
}

/**
 * Groups of rows that agree in one field, in the order in which its values first occur.
 *
 * @example
 * ```ts
 * import { groupsOf } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = [{ n: 4, error: 1 }, { n: 8, error: 2 }, { n: 4, error: 3 }];
 * assertEquals(groupsOf(rows, "n").map(({ value, rows }) => [value, rows.length]), [[4, 2], [8, 1]]);
 * ```
 */
export function groupsOf<Row, Field extends keyof Row>(
  rows: readonly Row[],
  field: Field,
): { value: Row[Field]; rows: Row[] }[] {
  return distinct(rows, field).map((value) => ({ value, rows: rows.filter((row) => row[field] === value) }));
}

/**
 * Whether rows come from at least `count` seeds; for `decidedBy` of a claim.
 *
 * @example
 * ```ts
 * import { atLeastSeeds } from "refigure/experiment";
 * import { assert } from "@std/assert";
 *
 * assert(!atLeastSeeds([{ seed: 0 }, { seed: 1 }, { seed: 1 }], 3));
 * ```
 */
export function atLeastSeeds(rows: readonly { seed: number }[], count: number): boolean {
  requireInteger("count", count);
  return distinct(rows, "seed").length >= count;
}

/**
 * Throws unless `rows` is a list of rows that JSON gives back as they are: objects with a text `kind`, of finite
 * numbers, texts, booleans, null, lists and plain objects. JSON would turn NaN and infinities into null, which
 * compares as zero, and drop what is undefined.
 *
 * @throws {TypeError} naming the row and the field.
 *
 * @example
 * ```ts
 * import { requireRows } from "refigure/experiment";
 * import { assertThrows } from "@std/assert";
 *
 * requireRows([{ kind: "loss", value: 1 }]);
 * assertThrows(() => requireRows([{ kind: "loss", value: NaN }]), TypeError, "`value` of row 0 (loss) is NaN");
 * ```
 */
export function requireRows(rows: unknown): asserts rows is AnyRow[] {
  if (!Array.isArray(rows)) {
    const given = rows === undefined ? "undefined (is a `return` missing?)" : describe(rows);
    throw new TypeError(`A trial must return a list of rows, got ${given}`);
  }
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (!isPlainObject(row)) throw new TypeError(`Row ${i} must be a plain object, got ${describe(row)}`);
    const { kind } = row;
    if (typeof kind !== "string") {
      throw new TypeError(`Row ${i} must have a text \`kind\`, got ${describe(kind)}`);
    }
    const problem = firstProblem(row, "");
    if (problem !== undefined) {
      throw new TypeError(
        `\`${problem.path}\` of row ${i} (${kind}) is ${problem.what}: rows are plain JSON`,
      );
    }
  }
}

/** The first value inside that JSON would change. */
function firstProblem(value: unknown, path: string): { path: string; what: string } | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : { path, what: String(value) };
    case "object": {
      if (value === null) return undefined;
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) {
          const problem = firstProblem(value[i], `${path}[${i}]`);
          if (problem !== undefined) return problem;
        }
        return undefined;
      }
      if (!isPlainObject(value)) return { path, what: describe(value) };
      for (const [key, item] of Object.entries(value)) {
        const problem = firstProblem(item, path === "" ? key : `${path}.${key}`);
        if (problem !== undefined) return problem;
      }
      return undefined;
    }
    default:
      return { path, what: describe(value) };
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && !("toJSON" in value);
}

function describe(value: unknown): string {
  if (value === null || value === undefined || typeof value === "number") return String(value);
  if (typeof value === "object") return `a ${value.constructor?.name ?? "object"}`;
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? value.slice(0, 39) + "…" : value);
  return `a ${typeof value}`;
}

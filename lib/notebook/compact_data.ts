/** Data sets with fewer rows stay as they are: they are easier to read, and there is little to save. */
const fewestRows = 12;

/**
 * The same figure in less text, for storing: data sets of plain rows become one text of comma-separated
 * values, which names each field once.
 */
export function compactData<Spec>(spec: Spec): Spec {
  if (Array.isArray(spec)) return spec.map(compactData) as Spec;
  if (typeof spec !== "object" || spec === null) return spec;
  const { values, ...rest } = spec as { values?: unknown; format?: unknown };
  if (Array.isArray(values) && values.length >= fewestRows && rest.format === undefined) {
    const table = csv(values);
    if (table !== undefined) return { ...rest, ...table } as Spec;
  }
  return Object.fromEntries(Object.entries(spec).map(([key, value]) => [key, compactData(value)])) as Spec;
}

/** Rows as comma-separated values with the types of their fields; undefined if that would lose something. */
function csv(rows: readonly unknown[]): { values: string; format: object } | undefined {
  const types = new Map<string, string>();
  for (const row of rows) {
    if (typeof row !== "object" || row === null || Array.isArray(row)) return undefined;
    for (const [field, value] of Object.entries(row)) {
      const type = typeof value;
      if (value === null) continue;
      if (type !== "number" && type !== "boolean" && type !== "string") return undefined;
      if (value === "" || (types.get(field) ?? type) !== type) return undefined;
      types.set(field, type);
    }
  }
  const fields = [...types.keys()];
  const lines = [fields.map(quoted).join(",")];
  for (const row of rows as Record<string, unknown>[]) {
    const cells = fields.map((field) => row[field] ?? "");
    // An empty cell is null for a number and the empty text for a text.
    if (cells.some((cell, i) => cell === "" && types.get(fields[i]) !== "number")) return undefined;
    lines.push(cells.map((cell) => quoted(String(cell))).join(","));
  }
  const parse = Object.fromEntries(types);
  return { values: lines.join("\n"), format: { type: "csv", parse } };
}

function quoted(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** The figure before {@linkcode compactData}: data sets as rows again; fields without a value are null. */
export function expandData<Spec>(spec: Spec): Spec {
  if (Array.isArray(spec)) return spec.map(expandData) as Spec;
  if (typeof spec !== "object" || spec === null) return spec;
  const { values, format, ...rest } = spec as {
    values?: unknown;
    format?: { type?: string; parse?: object };
  };
  if (typeof values === "string" && format?.type === "csv" && format.parse !== undefined) {
    return { ...rest, values: rowsOf(values, format.parse as Record<string, string>) } as Spec;
  }
  return Object.fromEntries(Object.entries(spec).map(([key, value]) => [key, expandData(value)])) as Spec;
}

function rowsOf(csv: string, types: Record<string, string>): Record<string, unknown>[] {
  const rows: string[][] = [[]];
  for (const [, quotes, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/g)) {
    rows.at(-1)!.push(quotes?.replaceAll('""', '"') ?? plain);
    if (end === "") break;
    if (end === "\n") rows.push([]);
  }
  const value = (cell: string, type: string) => {
    if (type === "string") return cell;
    if (cell === "") return null;
    return type === "boolean" ? cell === "true" : Number(cell);
  };
  // The first line has the order of the fields: the keys of a stored notebook are sorted.
  const [fields, ...lines] = rows;
  return lines.map((cells) =>
    Object.fromEntries(fields.map((field, i) => [field, value(cells[i], types[field])]))
  );
}

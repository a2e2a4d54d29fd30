/** Papers in the old shape, until each has moved: claims as functions of all rows, rows without `kind`. */
import type { Claim, Experiment, Figure, Paper, PresetName } from "./experiment.ts";
import type { AnyRow, RowTable } from "./rows.ts";

/** Key under which a table keeps the rows in their order. */
const ALL = Symbol.for("refigure.rows");

export interface LegacyExperiment<Params extends { seed: number } = any, Trial = any, Row = any> {
  slug: string;
  title: string;
  paper: Paper;
  notReproduced?: string;
  presets: Record<PresetName, Params>;
  trials(params: Params): Trial[];
  run(trial: Trial, report: (fraction: number, partial?: Row[]) => void): Promise<Row[]> | Row[];
  figures: Record<string, (rows: Row[]) => Figure>;
  claims(rows: Row[]): LegacyClaim[];
}

export type LegacyClaim = Omit<Claim, "source"> & { source: Claim["source"] };

export function legacy<Params extends { seed: number }, Trial, Row>(
  old: LegacyExperiment<Params, Trial, Row>,
): Experiment<Params, Trial, Row & AnyRow> & { legacyClaims(rows: Row[]): Claim[]; old: typeof old } {
  const tag = (rows: Row[]) =>
    rows.map((row) => "kind" in (row as object) ? row : { kind: "row", ...row }) as (Row & AnyRow)[];
  const figures: Record<string, (rows: RowTable<any>) => Figure> = {};
  for (const [name, draw] of Object.entries(old.figures)) {
    // Notebooks of such papers give all rows.
    figures[name] = (table) =>
      draw(Array.isArray(table) ? table : (table as unknown as Record<symbol, Row[]>)[ALL]);
  }
  return {
    ...old,
    family: "",
    summary: "",
    notReproduced: old.notReproduced ?? "",
    run: async (trial, report) =>
      tag(await old.run(trial, (fraction, partial) => report(fraction, partial && tag(partial)))),
    figures,
    claims: [],
    legacyClaims: (rows) => old.claims(rows),
    old,
  };
}

export function show(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value);
  const size = Math.abs(value);
  return size < 1e-3 || size >= 1e7
    ? value.toExponential(digits - 1)
    : String(Number(value.toPrecision(digits)));
}

export function showRange(values: readonly number[], digits = 4): string {
  if (values.length === 0) return "none";
  const low = show(values.reduce((least, x) => Math.min(least, x), Infinity), digits);
  const high = show(values.reduce((most, x) => Math.max(most, x), -Infinity), digits);
  return low === high ? low : `${low}..${high}`;
}

export function allWithin(values: readonly number[], low: number, high: number): boolean {
  return values.length > 0 && values.every((value) => value >= low && value <= high);
}

/** Claims as data: a threshold stands once; its words, the measured text and the verdict follow from it. */
import type { Bound } from "./bound.ts";
import {
  anyObject,
  bounds,
  callback,
  claimSpec,
  list,
  namedClaim,
  record,
  rows as rowsCheck,
} from "./check.ts";
import type { Claim } from "./experiment.ts";
import { formatRange } from "./numbers.ts";
import { type AnyRow, type RowTable, rowTable } from "./rows.ts";
import type { Source } from "./source.ts";

/** What is measured: one number, or one per run; all of a list must satisfy the bound. */
export type Measured = number | readonly number[];

/** A falsifiable statement about rows. */
export interface ClaimSpec<Rows, Quantities extends Record<string, Measured>> {
  /** Number of the acceptance criterion of the paper's notes that it covers, or several. */
  readonly criterion?: number | readonly number[];
  /** What is claimed, as one sentence. */
  readonly statement: string;
  /** Where the thresholds come from. */
  readonly source: Source;
  /** True for the one claim that stands for the paper. */
  readonly headline?: boolean;
  /** Name of the figure that shows it, to which pages link; null if none does. */
  readonly figure?: string | null;
  /** Whether these rows are enough to decide; without it they always are. */
  decidedBy?(rows: Rows): boolean;
  /** The measured quantities, by the names a reader sees. */
  measure(rows: Rows): Quantities;
  /** The bound of each. */
  readonly expect: { readonly [Name in keyof Quantities]: Bound };
  /** Further quantities that are shown beside the measured ones, without a bound. */
  context?(rows: Rows): Record<string, Measured>;
}

/** A claim with its name; the names of its quantities are forgotten. */
export interface AnyClaim<Rows = any> extends ClaimSpec<Rows, Record<string, Measured>> {
  /** Short and stable, such as `sublinear-rate`. */
  readonly id: string;
}

/**
 * Defines the claims of a paper about rows of one type, by their ids. The argument of the callback gives each claim
 * its own types: a quantity without a bound, or a kind of rows that does not exist, is a type error.
 *
 * @returns The claims in their order, each with its `id`.
 *
 * @example
 * ```ts
 * import { atMost, defineClaims, derived, judge, rowTable } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * type Row = { kind: "fit"; seed: number; error: number };
 * const [claim] = defineClaims<Row>((claim) => ({
 *   recovers: claim({
 *     headline: true,
 *     statement: "Every seed recovers the matrix.",
 *     source: derived("7"),
 *     measure: ({ fit }) => ({ "relative error": fit.map(({ error }) => error) }),
 *     expect: { "relative error": atMost(1e-3) },
 *   }),
 * }));
 * const verdict = judge(claim, rowTable<Row>([{ kind: "fit", seed: 0, error: 2e-4 }]));
 * assertEquals(verdict.id, "recovers");
 * assertEquals(verdict.expected, "relative error at most 0.001");
 * assertEquals(verdict.measured, "relative error 2e-4");
 * assertEquals(verdict.holds, true);
 * ```
 */
export function defineClaims<Row extends AnyRow>(
  make: (
    claim: <Quantities extends Record<string, Measured>>(
      spec: ClaimSpec<RowTable<Row>, Quantities>,
    ) => ClaimSpec<RowTable<Row>, Record<string, Measured>>,
  ) => Record<string, ClaimSpec<RowTable<Row>, Record<string, Measured>>>,
): AnyClaim<RowTable<Row>>[] {
  callback("make", make);
  const claims = make((spec) => spec as unknown as ClaimSpec<RowTable<Row>, Record<string, Measured>>);
  record(namedClaim)("claims", claims);
  return Object.entries(claims).map(([id, spec]) => ({ id, ...spec }));
}

/**
 * Judges one claim. A measurement that throws fails its own claim; a quantity that is missing, empty, NaN or
 * infinite never satisfies its bound.
 *
 * @param rows The rows, grouped by {@linkcode rowTable}.
 * @throws {TypeError} if a field of the claim is missing, unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { defineClaims, derived, judge, rowTable, within } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * type Row = { kind: "fit"; slope: number };
 * const [claim] = defineClaims<Row>((claim) => ({
 *   slope: claim({
 *     statement: "The slope is one.",
 *     source: derived("7"),
 *     measure: ({ fit }) => ({ slope: fit.map(({ slope }) => slope) }),
 *     expect: { slope: within(0.9, 1.1) },
 *   }),
 * }));
 * assertEquals(judge(claim, rowTable<Row>([])).holds, false);
 * ```
 */
export function judge<Rows>(claim: AnyClaim<Rows>, rows: Rows): Claim {
  claimSpec("claim", claim);
  anyObject("rows", rows);
  const { id, statement, source, headline, expect } = claim;
  const names = Object.keys(expect);
  const verdict = (measured: string, holds: boolean | null): Claim => ({
    id,
    statement,
    source: source.kind,
    reference: source.reference,
    ...(source.notes === undefined ? {} : { notes: source.notes }),
    expected: expectedText(claim),
    measured,
    ...(headline ? { headline } : {}),
    holds,
  });
  try {
    if (claim.decidedBy?.(rows) === false) return verdict("too little was run to decide", null);
    const measured = claim.measure(rows);
    const holds = names.every((name) => satisfies(measured[name], expect[name]));
    const shown = { ...pick(measured, names), ...claim.context?.(rows) };
    const text = Object.entries(shown).map(([name, value]) => `${name} ${formatRange(valuesOf(value))}`);
    return verdict(text.join("; "), holds);
  } catch (error) {
    return verdict(`could not be measured: ${error instanceof Error ? error.message : String(error)}`, false);
  }
}

/**
 * Judges all claims of a list on rows.
 *
 * @example
 * ```ts
 * import { judgeAll } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(judgeAll([], [{ kind: "loss" }]), []);
 * ```
 */
export function judgeAll<Row extends AnyRow>(
  claims: readonly AnyClaim<RowTable<Row>>[],
  rows: readonly Row[],
): Claim[] {
  list(claimSpec)("claims", claims);
  rowsCheck("rows", rows);
  const table = rowTable(rows);
  return claims.map((claim) => judge(claim, table));
}

/**
 * The thresholds of a claim in words: "slope in [0.9, 1.1]; error at most 0.001".
 *
 * @example
 * ```ts
 * import { expectedText, atMost } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(expectedText({ expect: { error: atMost(0.1) } }), "error at most 0.1");
 * ```
 */
export function expectedText(claim: { expect: Readonly<Record<string, Bound>> }): string {
  anyObject("claim", claim);
  const { expect } = claim;
  bounds("claim.expect", expect);
  return Object.entries(expect).map(([name, bound]) => `${name} ${bound.text}`).join("; ");
}

function satisfies(measured: Measured | undefined, bound: Bound): boolean {
  const values = valuesOf(measured);
  return values.length > 0 &&
    values.every((value) => typeof value === "number" && Number.isFinite(value) && bound.allows(value));
}

function valuesOf(measured: Measured | undefined): readonly number[] {
  if (measured === undefined) return [];
  return typeof measured === "number" ? [measured] : Array.from(measured);
}

function pick(measured: Record<string, Measured>, names: readonly string[]): Record<string, Measured> {
  return Object.fromEntries(names.map((name) => [name, measured[name]]));
}

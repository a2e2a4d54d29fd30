/** Trials as a table: for each kind, over what it runs and how; the types of trials and rows follow from it. */
import { requireFunction, requireInteger } from "../arrays/mod.ts";
import { anyObject, list, record, trialKind } from "./check.ts";
import type { AnyRow } from "./rows.ts";

/** Tells how far a trial is (0 to 1), and may hand out its rows so far, for a figure that grows. */
export type Report<Row = any> = (fraction: number, partial?: Row[]) => void;

/** One kind of trials. */
export interface TrialKind<Params, Trial extends object, Row extends AnyRow> {
  /** The trials of this kind: plain JSON, seed included. */
  over(params: Params): Trial[];
  /** Runs one of them. The same trial must give the same rows. */
  run(trial: Trial, report: Report<Row>): Row[] | Promise<Row[]>;
  /** What the trial is, in words for a reader, such as "training, α = 0.1"; default made from its values. */
  label?(trial: Trial): string;
}

/** Kinds of trials by name. */
// deno-lint-ignore no-explicit-any
export type TrialTable<Params> = Record<string, TrialKind<Params, any, any>>;

/** A trial of any kind of a table: what `run` of that kind takes, with the kind's name. */
export type TrialOf<Table extends TrialTable<any>> = {
  [K in keyof Table & string]: { kind: K } & Parameters<Table[K]["run"]>[0];
}[keyof Table & string];

/** A row of any kind of a table. */
export type RowOf<Table extends TrialTable<any>> = {
  [K in keyof Table & string]: Awaited<ReturnType<Table[K]["run"]>>[number];
}[keyof Table & string];

/** Gives one kind of trials its types. */
export type KindOf<Params> = <Trial extends object, const Row extends AnyRow>(
  kind: TrialKind<Params, Trial, Row>,
) => TrialKind<Params, Trial, Row>;

/** What the call of {@linkcode defineTrials} returns. */
export interface Trials<Params, Table extends TrialTable<Params>> {
  /** The table itself; `RowOf<typeof table>` is the type of its rows. */
  table: Table;
  /** All trials, kind by kind. */
  trials(params: Params): TrialOf<Table>[];
  /** Runs one trial. */
  run(trial: TrialOf<Table>, report: Report<RowOf<Table>>): RowOf<Table>[] | Promise<RowOf<Table>[]>;
  /** A trial in words. */
  label(trial: TrialOf<Table>): string | undefined;
}

/**
 * Defines the trials of a paper as a table, kind by kind. Call it twice: the first call fixes the type of the
 * parameters, the second takes the table, inside a callback that gives each kind its own types.
 *
 * @example
 * ```ts
 * import { defineTrials, grid, seedsOf } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * const { trials, run } = defineTrials<{ seed: number; seeds: number; sizes: number[] }>()((kind) => ({
 *   square: kind({
 *     over: (p) => grid({ n: p.sizes, seed: seedsOf(p) }),
 *     run: ({ n, seed }) => [{ kind: "square", seed, value: n * n }],
 *   }),
 * }));
 * const list = trials({ seed: 5, seeds: 2, sizes: [3] });
 * assertEquals(list, [{ kind: "square", n: 3, seed: 5 }, { kind: "square", n: 3, seed: 6 }]);
 * assertEquals(await run(list[1], () => {}), [{ kind: "square", seed: 6, value: 9 }]);
 * ```
 */
export function defineTrials<Params>(): <Table extends TrialTable<Params>>(
  make: (kind: KindOf<Params>) => Table,
) => Trials<Params, Table> {
  return (make) => {
    requireFunction("make", make);
    const table = make((kind) => kind);
    record(trialKind)("table", table);
    type Table = ReturnType<typeof make>;
    const kindOf = (trial: TrialOf<Table>) => {
      const { kind } = trial as { kind: string };
      if (!Object.hasOwn(table, kind)) {
        throw new RangeError(`Unknown kind of trial "${kind}"; there are: ${Object.keys(table).join(", ")}`);
      }
      return table[kind];
    };
    return {
      table,
      trials: (params) =>
        Object.entries(table).flatMap(([kind, { over }]) =>
          over(params).map((trial: object) => ({ kind, ...trial }) as TrialOf<Table>)
        ),
      run: (trial, report) => kindOf(trial).run(trial, report),
      label: (trial) => kindOf(trial).label?.(trial),
    };
  };
}

/** A value of a trial. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * The Cartesian product of lists: one object per combination, the first name slowest.
 *
 * @example
 * ```ts
 * import { grid } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(grid({ n: [4, 8], seed: [0, 1] }), [
 *   { n: 4, seed: 0 },
 *   { n: 4, seed: 1 },
 *   { n: 8, seed: 0 },
 *   { n: 8, seed: 1 },
 * ]);
 * ```
 */
export function grid<const Lists extends Record<string, readonly Json[]>>(
  lists: Lists,
): { -readonly [Name in keyof Lists]: Lists[Name][number] }[] {
  record(list(() => {}))("lists", lists);
  return Object.entries(lists).reduce<Record<string, Json>[]>(
    (points, [name, values]) =>
      points.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  ) as never;
}

/**
 * The seeds of a run: `seeds` consecutive ones from `seed` on.
 *
 * @example
 * ```ts
 * import { seedsOf } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(seedsOf({ seed: 10, seeds: 3 }), [10, 11, 12]);
 * ```
 */
export function seedsOf(params: { seed: number; seeds: number }): number[] {
  anyObject("params", params);
  const { seed, seeds } = params;
  requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
  requireInteger("seeds", seeds, { max: 1_000_000 });
  return Array.from({ length: seeds }, (_, k) => seed + k);
}

import { requireOptions, requireString } from "../arrays/mod.ts";

/** Where the threshold of a claim comes from. */
export interface Source {
  /** What kind of place. */
  readonly kind: "theorem" | "table" | "figure" | "equation" | "derived";
  /** The place as a reader finds it: "Theorem 2 and Figure 1", "notes 3.5". */
  readonly reference: string;
  /** Section of the paper's notes (`experiments/<slug>/README.md`) with the details; the scorecard links it. */
  readonly notes?: string;
}

/** More about a source. */
export interface SourceOptions {
  /** Section of the paper's notes with the details, such as `"3.5"`. */
  notes?: string;
}

/**
 * A theorem, lemma or proposition of the paper.
 *
 * @param reference Where it is, such as "Theorem 2".
 *
 * @example
 * ```ts
 * import { theorem } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(theorem("Theorem 2", { notes: "3.4" }).reference, "Theorem 2; notes 3.4");
 * ```
 */
export function theorem(reference: string, options: SourceOptions = {}): Source {
  return source("theorem", reference, options);
}

/**
 * A table of the paper.
 *
 * @param reference Which one, such as "Table 3, row 4".
 *
 * @example
 * ```ts
 * import { fromTable } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fromTable("Table 3").kind, "table");
 * ```
 */
export function fromTable(reference: string, options: SourceOptions = {}): Source {
  return source("table", reference, options);
}

/**
 * A figure of the paper.
 *
 * @param reference Which one, such as "Figure 3c".
 *
 * @example
 * ```ts
 * import { fromFigure } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fromFigure("Figure 3c").kind, "figure");
 * ```
 */
export function fromFigure(reference: string, options: SourceOptions = {}): Source {
  return source("figure", reference, options);
}

/**
 * An equation or algorithm of the paper.
 *
 * @param reference Which one, such as "Eq. 7" or "Algorithm 1".
 *
 * @example
 * ```ts
 * import { equation } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(equation("Eq. 7").kind, "equation");
 * ```
 */
export function equation(reference: string, options: SourceOptions = {}): Source {
  return source("equation", reference, options);
}

/**
 * Derived or decided in a section of the paper's notes.
 *
 * @param notes The section, such as `"3.5"`.
 *
 * @example
 * ```ts
 * import { derived } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(derived("3.5"), { kind: "derived", reference: "notes 3.5", notes: "3.5" });
 * ```
 */
export function derived(notes: string): Source {
  requireString("notes", notes);
  return { kind: "derived", reference: `notes ${notes}`, notes };
}

function source(kind: Source["kind"], reference: string, options: SourceOptions): Source {
  requireString("reference", reference);
  requireOptions("options", options, ["notes"]);
  const { notes } = options;
  if (notes !== undefined) requireString("notes", notes);
  return notes === undefined
    ? { kind, reference }
    : { kind, reference: `${reference}; notes ${notes}`, notes };
}

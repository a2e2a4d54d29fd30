import { requireString } from "../arrays/mod.ts";
import { judged, list } from "./check.ts";
import type { Claim } from "./experiment.ts";

/** The claims of a paper by what came out. */
export interface Findings {
  /** Claims that hold. */
  reproduced: Claim[];
  /** Claims that do not hold: what turned out different. */
  different: Claim[];
  /** Claims for which too little was run. */
  undecided: Claim[];
}

/**
 * Sorts the claims of a paper by their verdicts, keeping their order.
 *
 * @example
 * ```ts
 * import { type Claim, findingsOf } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * const claim = { id: "a", statement: "A.", source: "figure", reference: "Figure 1", expected: "", measured: "" } as const;
 * const claims: Claim[] = [{ ...claim, holds: false }, { ...claim, holds: true }];
 * assertEquals(findingsOf(claims).different, [claims[0]]);
 * ```
 */
export function findingsOf(claims: readonly Claim[]): Findings {
  list(judged)("claims", claims);
  return {
    reproduced: claims.filter(({ holds }) => holds === true),
    different: claims.filter(({ holds }) => holds === false),
    undecided: claims.filter(({ holds }) => holds === null),
  };
}

/** A numbered heading of a paper's notes. */
export interface NotesSection {
  /** Its number, such as "3.5". */
  number: string;
  /** Its text after the number, as it is written. */
  title: string;
  /** How many signs `#` it has. */
  depth: number;
}

/**
 * The numbered headings of a paper's notes, in order.
 *
 * @param markdown The notes.
 *
 * @example
 * ```ts
 * import { notesSections } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * const sections = notesSections("# Notes\n\n## 3 Method\n\n### 3.5 The limit\n");
 * assertEquals(sections.map(({ number }) => number), ["3", "3.5"]);
 * ```
 */
export function notesSections(markdown: string): NotesSection[] {
  requireString("markdown", markdown);
  const text = markdown.replace(/^(```|~~~)[^]*?^\1/gm, "");
  return Array.from(
    text.matchAll(/^(#{1,6}) +(\d+(?:\.\d+)*)\.? +(.+?) *#*$/gm),
    ([, signs, number, title]) => ({ number, title, depth: signs.length }),
  );
}

/**
 * The section of the notes with this number, or the one that it is part of.
 *
 * @param sections What {@linkcode notesSections} returns.
 * @param number Such as "3.5".
 *
 * @example
 * ```ts
 * import { notesSection, notesSections } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * const sections = notesSections("## 3 Method\n");
 * assertEquals(notesSection(sections, "3.5")?.title, "Method");
 * assertEquals(notesSection(sections, "4"), undefined);
 * ```
 */
export function notesSection(sections: readonly NotesSection[], number: string): NotesSection | undefined {
  list((name, section) => requireString(`${name}.number`, section?.number))("sections", sections);
  requireString("number", number);
  for (let wanted = number; wanted !== ""; wanted = wanted.replace(/\.?[^.]*$/, "")) {
    const found = sections.find((section) => section.number === wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The section of the notes that discusses what came out: the one that is called "Results".
 *
 * @param sections What {@linkcode notesSections} returns.
 *
 * @example
 * ```ts
 * import { notesSections, resultsSection } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(resultsSection(notesSections("## 7 Criteria\n\n## 9 Results\n"))?.number, "9");
 * ```
 */
export function resultsSection(sections: readonly NotesSection[]): NotesSection | undefined {
  list((name, section) => requireString(`${name}.title`, section?.title))("sections", sections);
  return sections.find(({ title }) => /^results\b/i.test(title));
}

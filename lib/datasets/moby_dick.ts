import { MOBY_DICK_TEXT } from "./moby_dick_data.ts";

/** A text as numbers: one index into the alphabet per character. */
export interface CharacterText {
  /** The characters as indices into `alphabet`. */
  tokens: Int32Array;
  /** The distinct characters, in code order. */
  alphabet: string;
}

/**
 * Chapters 1 to 8 of "Moby-Dick" (Herman Melville, 1851; public domain, from Project Gutenberg): 81,214
 * characters over an alphabet of 73, for character-level language models. No download, no file access.
 *
 * @example
 * ```ts
 * import { mobyDick } from "refigure/datasets";
 * import { assertEquals } from "@std/assert";
 *
 * const { tokens, alphabet } = mobyDick();
 * assertEquals([...tokens.slice(22, 37)].map((token) => alphabet[token]).join(""), "Call me Ishmael");
 * ```
 */
export function mobyDick(): CharacterText {
  const alphabet = [...new Set(MOBY_DICK_TEXT)].sort().join("");
  const index = new Map([...alphabet].map((character, i) => [character, i]));
  return { tokens: Int32Array.from(MOBY_DICK_TEXT, (character) => index.get(character)!), alphabet };
}

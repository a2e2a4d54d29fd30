import { requireString } from "../arrays/mod.ts";

/**
 * A text in lower case as tokens: words of `[a-z']`, runs of digits, and every other character that is not
 * white space on its own.
 *
 * @throws {TypeError} if `text` is not a string.
 *
 * @example
 * ```ts
 * import { wordTokens } from "refigure/language_models";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(wordTokens("Don't panic: 42!"), ["don't", "panic", ":", "42", "!"]);
 * ```
 */
export function wordTokens(text: string): string[] {
  requireString("text", text);
  return text.toLowerCase().match(/[a-z']+|[0-9]+|\S/gu) ?? [];
}

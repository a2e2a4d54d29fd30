import { requireString } from "../arrays/mod.ts";

/** Names of the scores that {@linkcode textScores} measures, in order. */
export const TEXT_SCORES = [
  "stop words",
  "letters",
  "sentence length near 20",
  "little punctuation",
  "no repeated bigrams",
  "distinct words",
  "compressed size",
  "capitalized words",
  "word length",
  "long words",
  "vowel groups",
] as const;

const STOP_WORDS = new Set(
  ("the of and to in a is that for it as was with be by on not he his but at are this have from or had an " +
    "they which one you were all her she there would their we him been has when who will no more if out so up said " +
    "what its about than into them can only other my me our your do these i some could").split(" "),
);

/**
 * Eleven scores of a document that need no model, in three families: language (the share of stop words; the
 * share of characters that are letters; minus the distance of the logarithm of words per sentence from that
 * of 20; minus the share of punctuation; minus the share of repeated bigrams), information (distinct words
 * over words; compressed over raw bytes; the share of words with a capital letter) and difficulty (letters
 * per word; the share of words of eight letters or more; groups of vowels per word).
 *
 * They stand in for the eleven scores of an LLM judge in ODiS (He et al. 2025). A word of the language and
 * difficulty scores is a run of `[A-Za-z']`; sentences and bigrams count what white space separates. The
 * compressed size is that of the platform's zlib at its default level and may differ by some bytes elsewhere.
 *
 * @param text The document. One without words has zeros for the scores of words.
 * @returns The scores, named by {@linkcode TEXT_SCORES}; larger is meant to be better.
 * @throws {TypeError} if `text` is not a string.
 *
 * @example
 * ```ts
 * import { TEXT_SCORES, textScores } from "refigure/data_selection";
 * import { assertEquals } from "@std/assert";
 *
 * const scores = await textScores("The cat sat on the mat. The dog sat on the rug.");
 * assertEquals(scores[TEXT_SCORES.indexOf("stop words")], 6 / 12);
 * assertEquals(scores[TEXT_SCORES.indexOf("distinct words")], 7 / 12);
 * ```
 */
export async function textScores(text: string): Promise<Float64Array> {
  requireString("text", text);
  const tokens = text.split(/\s+/).filter((token) => token !== "");
  const words = text.match(/[A-Za-z']+/g) ?? [];
  const lower = words.map((word) => word.toLowerCase());
  const sentences = Math.max(1, text.match(/[.!?]+(?=\s|$)/g)?.length ?? 0);
  const characters = Math.max(1, [...text].length);
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const punctuation = text.match(/[^\p{L}\p{N}\s]/gu)?.length ?? 0;
  const bigrams = tokens.slice(1).map((token, i) => `${tokens[i]} ${token}`);
  const share = (test: (word: string) => boolean) => words.filter(test).length / Math.max(1, words.length);
  const mean = (of: (word: string) => number) =>
    lower.reduce((sum, word) => sum + of(word), 0) / Math.max(1, lower.length);
  const bytes = new TextEncoder().encode(text);
  return Float64Array.of(
    share((word) => STOP_WORDS.has(word.toLowerCase())),
    letters / characters,
    -Math.abs(Math.log(Math.max(1, tokens.length) / sentences / 20)),
    -punctuation / characters,
    new Set(bigrams).size / Math.max(1, bigrams.length) - (bigrams.length > 0 ? 1 : 0),
    new Set(lower).size / Math.max(1, lower.length),
    await deflatedSize(bytes) / Math.max(1, bytes.length),
    share((word) => /^[A-Z]/.test(word)),
    mean((word) => word.length),
    share((word) => word.length >= 8),
    mean((word) => Math.max(1, word.match(/[aeiouy]+/g)?.length ?? 0)),
  );
}

async function deflatedSize(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

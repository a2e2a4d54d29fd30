import { requireInteger, requireOptions } from "../arrays/mod.ts";

/** Options for {@linkcode BigramModel}. */
export interface BigramModelOptions {
  /** How many tokens there are, seen or not, from 1 to 2^26. Default 20000. */
  vocabularySize?: number;
}

/**
 * A bigram model with Witten-Bell interpolation (Witten & Bell 1991): the probability of token b after a is
 *
 *     p(b | a) = (c(ab) + T(a) p1(b)) / (c(a) + T(a))
 *     p1(b) = (c(b) + U / V) / (n + U)
 *
 * with counts c, T(a) the number of distinct tokens seen after a, c(a) how often a is followed by a token, n
 * the number of tokens seen, U of distinct ones, and V the size of the vocabulary. After a token that has not
 * been seen, and at the start of a document, it is p1. An empty model is uniform.
 *
 * @example
 * ```ts
 * import { BigramModel } from "refigure/language_models";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const model = new BigramModel({ vocabularySize: 4 });
 * assertAlmostEquals(model.bitsPerToken([["a", "b"]]), 2); // log2 of 4
 * model.train([["a", "b"], ["a", "b"]]);
 * // p1(b) = (2 + 2/4) / (4 + 2) = 5/12, p(b | a) = (2 + p1(b)) / (2 + 1)
 * assertAlmostEquals(model.probability("b", "a"), (2 + 5 / 12) / 3);
 * ```
 */
export class BigramModel {
  /** V. */
  readonly vocabularySize: number;
  #ids = new Map<string, number>();
  #total = 0;
  /** Per token: how often it was seen, how often a token came after it, and how many distinct ones. */
  #counts: number[] = [];
  #followed: number[] = [];
  #successors: number[] = [];
  /** Counts of pairs, by the number id(a) V + id(b). */
  #pairs = new Map<number, number>();

  /**
   * An empty model.
   *
   * @throws {RangeError} if `vocabularySize` is out of range.
   * @throws {TypeError} if an option is of the wrong type or unknown.
   */
  constructor(options: BigramModelOptions = {}) {
    requireOptions("options", options, ["vocabularySize"]);
    const { vocabularySize = 20_000 } = options;
    // The keys of pairs stay exact integers.
    this.vocabularySize = requireInteger("vocabularySize", vocabularySize, { min: 1, max: 2 ** 26 });
  }

  /**
   * Adds the counts of documents; may be called again with more. Pairs do not cross documents.
   *
   * @throws {RangeError} if there are more distinct tokens than `vocabularySize`: probabilities would not sum
   * to one. The model is then as before.
   * @throws {TypeError} if `documents` is not an array of arrays of strings.
   */
  train(documents: readonly (readonly string[])[]): void {
    requireDocuments(documents);
    const fresh = new Set<string>();
    for (const document of documents) {
      for (const token of document) if (!this.#ids.has(token)) fresh.add(token);
    }
    const distinct = this.#ids.size + fresh.size;
    if (distinct > this.vocabularySize) {
      throw new RangeError(
        `\`documents\` must have at most ${this.vocabularySize} distinct tokens, got ${distinct}`,
      );
    }
    for (const token of fresh) {
      this.#ids.set(token, this.#ids.size);
      this.#counts.push(0);
      this.#followed.push(0);
      this.#successors.push(0);
    }
    for (const document of documents) {
      let before = -1;
      for (const token of document) {
        const id = this.#ids.get(token)!;
        this.#counts[id]++;
        this.#total++;
        if (before >= 0) this.#addPair(before, id);
        before = id;
      }
    }
  }

  #addPair(before: number, id: number): void {
    const key = before * this.vocabularySize + id;
    const count = this.#pairs.get(key) ?? 0;
    if (count === 0) this.#successors[before]++;
    this.#followed[before]++;
    this.#pairs.set(key, count + 1);
  }

  /**
   * The probability of a token, after another one or at the start of a document.
   *
   * @throws {TypeError} if a token is not a string.
   */
  probability(token: string, before?: string): number {
    requireDocuments([before === undefined ? [token] : [before, token]]);
    return this.#probability(
      this.#ids.get(token) ?? -1,
      before === undefined ? -1 : this.#ids.get(before) ?? -1,
    );
  }

  #probability(id: number, before: number): number {
    const distinct = this.#ids.size;
    const seen = id < 0 ? 0 : this.#counts[id];
    const alone = this.#total === 0
      ? 1 / this.vocabularySize
      : (seen + distinct / this.vocabularySize) / (this.#total + distinct);
    if (before < 0 || this.#followed[before] === 0) return alone;
    const pairs = id < 0 ? 0 : this.#pairs.get(before * this.vocabularySize + id) ?? 0;
    return (pairs + this.#successors[before] * alone) / (this.#followed[before] + this.#successors[before]);
  }

  /**
   * The mean of -log2 p over all tokens of documents.
   *
   * @throws {RangeError} if there is no token.
   * @throws {TypeError} if `documents` is not an array of arrays of strings.
   */
  bitsPerToken(documents: readonly (readonly string[])[]): number {
    requireDocuments(documents);
    let bits = 0;
    let tokens = 0;
    for (const document of documents) {
      let before = -1;
      for (const token of document) {
        const id = this.#ids.get(token) ?? -1;
        bits -= Math.log2(this.#probability(id, before));
        before = id;
        tokens++;
      }
    }
    if (tokens === 0) throw new RangeError("`documents` must have at least one token, got none");
    return bits / tokens;
  }
}

function requireDocuments(documents: readonly (readonly string[])[]): void {
  if (!Array.isArray(documents)) throw new TypeError("`documents` must be an array of lists of tokens");
  documents.forEach((document, i) => {
    if (!Array.isArray(document)) throw new TypeError(`\`documents[${i}]\` must be an array of tokens`);
    for (let j = 0; j < document.length; j++) {
      if (typeof document[j] !== "string") {
        throw new TypeError(`\`documents[${i}][${j}]\` must be a string, got ${typeof document[j]}`);
      }
    }
  });
}

import { requireOptions } from "../arrays/mod.ts";
import { type BigramModelOptions, IntegerBigramModel } from "./integer_bigram_model.ts";

/**
 * A bigram model with Witten-Bell interpolation (Witten & Bell 1991): the probability of token b after a is
 *
 *     p(b | a) = (c(ab) + T(a) p1(b)) / (c(a) + T(a))
 *     p1(b) = (c(b) + U / V) / (n + U)
 *
 * with counts c, T(a) the number of distinct tokens seen after a, c(a) how often a is followed by a token, n
 * the number of tokens seen, U of distinct ones, and V the size of the vocabulary. After a token that has not
 * been seen, and at the start of a document, it is p1. An empty model is uniform. {@linkcode IntegerBigramModel} is
 * the same for tokens that are numbers already.
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
  readonly #ids = new Map<string, number>();
  readonly #model: IntegerBigramModel;

  /**
   * An empty model.
   *
   * @throws {RangeError} if `vocabularySize` is out of range.
   * @throws {TypeError} if an option is of the wrong type or unknown.
   */
  constructor(options: BigramModelOptions = {}) {
    requireOptions("options", options, ["vocabularySize"]);
    this.#model = new IntegerBigramModel(options);
    this.vocabularySize = this.#model.vocabularySize;
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
    for (const token of fresh) this.#ids.set(token, this.#ids.size);
    this.#model.train(documents.map((document) => this.#encoded(document)));
  }

  /**
   * The probability of a token, after another one or at the start of a document.
   *
   * @throws {TypeError} if a token is not a string.
   */
  probability(token: string, before?: string): number {
    requireDocuments([before === undefined ? [token] : [before, token]]);
    const [id] = this.#encoded([token]);
    return before === undefined
      ? this.#model.probability(id)
      : this.#model.probability(id, this.#encoded([before])[0]);
  }

  /**
   * The mean of -log2 p over all tokens of documents.
   *
   * @throws {RangeError} if there is no token.
   * @throws {TypeError} if `documents` is not an array of arrays of strings.
   */
  bitsPerToken(documents: readonly (readonly string[])[]): number {
    requireDocuments(documents);
    return this.#model.bitsPerToken(documents.map((document) => this.#encoded(document)));
  }

  /** Numbers in the order in which tokens were first seen; -1 for one that was not. */
  #encoded(document: readonly string[]): Int32Array {
    return Int32Array.from(document, (token) => this.#ids.get(token) ?? -1);
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

import { requireInteger, requireNumbers, requireOptions } from "../arrays/mod.ts";

/** Options for {@linkcode BigramModel} and {@linkcode IntegerBigramModel}. */
export interface BigramModelOptions {
  /** How many tokens there are, seen or not, from 1 to 2^26. Default 20000. */
  vocabularySize?: number;
}

/**
 * {@linkcode BigramModel} for tokens that are integers from 0 to V - 1: the same formula, without a table of strings.
 * Counts of pairs are in one table of integers with open addressing, so that a token costs one look into memory.
 *
 * @example
 * ```ts
 * import { IntegerBigramModel } from "refigure/language_models";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const model = new IntegerBigramModel({ vocabularySize: 4 });
 * model.train([[0, 1], [0, 1]]);
 * // p1(1) = (2 + 2/4) / (4 + 2) = 5/12, p(1 | 0) = (2 + p1(1)) / (2 + 1)
 * assertAlmostEquals(model.probability(1, 0), (2 + 5 / 12) / 3);
 * ```
 */
export class IntegerBigramModel {
  /** V. */
  readonly vocabularySize: number;
  #total = 0;
  #distinct = 0;
  /** Per token: how often it was seen, how often a token came after it, and how many distinct ones. */
  #counts = new Int32Array(0);
  #followed = new Int32Array(0);
  #successors = new Int32Array(0);
  readonly #pairs = new PairCounts();

  /**
   * An empty model.
   *
   * @throws {RangeError} if `vocabularySize` is out of range.
   * @throws {TypeError} if an option is of the wrong type or unknown.
   */
  constructor(options: BigramModelOptions = {}) {
    requireOptions("options", options, ["vocabularySize"]);
    const { vocabularySize = 20_000 } = options;
    this.vocabularySize = requireInteger("vocabularySize", vocabularySize, { min: 1, max: 2 ** 26 });
  }

  /**
   * Adds the counts of documents; may be called again with more. Pairs do not cross documents.
   *
   * @throws {RangeError} if a token is not an integer from 0 to V - 1. The model is then as before.
   * @throws {TypeError} if `documents` is not an array of arrays of numbers.
   */
  train(documents: readonly ArrayLike<number>[]): void {
    const largest = requireTokens(documents, 0, this.vocabularySize);
    this.#reserve(largest + 1);
    for (const document of documents) {
      let before = -1;
      for (let i = 0; i < document.length; i++) {
        const token = document[i];
        if (this.#counts[token]++ === 0) this.#distinct++;
        if (before >= 0) {
          this.#followed[before]++;
          if (this.#pairs.add(before, token) === 1) this.#successors[before]++;
        }
        before = token;
      }
      this.#total += document.length;
    }
  }

  /**
   * The probability of a token, after another one or at the start of a document; -1 is a token beyond the vocabulary
   * that was seen.
   *
   * @throws {RangeError} if a token is not an integer from -1 to V - 1.
   * @throws {TypeError} if a token is not a number.
   */
  probability(token: number, before?: number): number {
    requireTokens([before === undefined ? [token] : [before, token]], -1, this.vocabularySize);
    return this.#probability(token, before ?? -1);
  }

  #probability(token: number, before: number): number {
    const known = this.#counts.length;
    const seen = token < 0 || token >= known ? 0 : this.#counts[token];
    const alone = this.#total === 0
      ? 1 / this.vocabularySize
      : (seen + this.#distinct / this.vocabularySize) / (this.#total + this.#distinct);
    if (before < 0 || before >= known || this.#followed[before] === 0) return alone;
    const pairs = seen === 0 ? 0 : this.#pairs.get(before, token);
    return (pairs + this.#successors[before] * alone) / (this.#followed[before] + this.#successors[before]);
  }

  /**
   * The mean of -log2 p over all tokens of documents; -1 is a token beyond the vocabulary that was seen.
   *
   * @throws {RangeError} if there is no token, or one is not an integer from -1 to V - 1.
   * @throws {TypeError} if `documents` is not an array of arrays of numbers.
   */
  bitsPerToken(documents: readonly ArrayLike<number>[]): number {
    requireTokens(documents, -1, this.vocabularySize);
    let bits = 0;
    let tokens = 0;
    for (const document of documents) {
      let before = -1;
      for (let i = 0; i < document.length; i++) {
        bits -= Math.log2(this.#probability(document[i], before));
        before = document[i];
      }
      tokens += document.length;
    }
    if (tokens === 0) throw new RangeError("`documents` must have at least one token, got none");
    return bits / tokens;
  }

  /** Makes room for tokens below `count`. */
  #reserve(count: number): void {
    if (count <= this.#counts.length) return;
    const size = Math.min(this.vocabularySize, Math.max(count, 2 * this.#counts.length));
    const grown = (old: Int32Array) => {
      const larger = new Int32Array(size);
      larger.set(old);
      return larger;
    };
    this.#counts = grown(this.#counts);
    this.#followed = grown(this.#followed);
    this.#successors = grown(this.#successors);
  }
}

/** How often each pair of integers was added: a table with open addressing, at most half full. */
class PairCounts {
  /** First, second and count of a place, and one word unused, so that a place never crosses a line of the cache. */
  #table = new Int32Array(4 * 1024);
  #used = 0;

  /** Adds one, and returns the count. */
  add(first: number, second: number): number {
    const at = this.#place(first, second);
    const table = this.#table;
    if (table[at + 2] === 0) {
      if (8 * ++this.#used > table.length) {
        this.#grow();
        return this.add(first, second);
      }
      table[at] = first;
      table[at + 1] = second;
    }
    return ++table[at + 2];
  }

  get(first: number, second: number): number {
    return this.#table[this.#place(first, second) + 2];
  }

  /** Where a pair is, or the empty place where it would be. */
  #place(first: number, second: number): number {
    const table = this.#table;
    const mask = table.length / 4 - 1;
    let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let at = 4 * ((hash ^ (hash >>> 13)) & mask);
    while (table[at + 2] !== 0 && (table[at] !== first || table[at + 1] !== second)) {
      at = (at + 4) & (4 * mask + 3);
    }
    return at;
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Int32Array(4 * old.length);
    this.#used = 0;
    for (let from = 0; from < old.length; from += 4) {
      if (old[from + 2] === 0) continue;
      const at = this.#place(old[from], old[from + 1]);
      for (let k = 0; k < 3; k++) this.#table[at + k] = old[from + k];
      this.#used++;
    }
  }
}

/** Checks tokens; returns the largest, or -1 if there is none. */
function requireTokens(documents: readonly ArrayLike<number>[], least: number, size: number): number {
  if (!Array.isArray(documents)) throw new TypeError("`documents` must be an array of lists of tokens");
  let largest = -1;
  documents.forEach((document, i) => {
    requireNumbers(`documents[${i}]`, document);
    for (let j = 0; j < document.length; j++) {
      const token = document[j];
      if (!(token >= least && token < size && (token | 0) === token)) {
        requireInteger(`documents[${i}][${j}]`, token, { min: least, max: size - 1 });
      }
      if (token > largest) largest = token;
    }
  });
  return largest;
}

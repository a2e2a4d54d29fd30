import {
  type Matrix,
  type RealArray,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireOptions,
} from "../arrays/mod.ts";
import { normalizedRows } from "../statistics/nearest_neighbors.ts";
import { nearestNeighbors } from "../statistics/mod.ts";
import { rowsOf } from "./rows.ts";

/** Options of {@linkcode EmbeddingDatabase}. */
export interface EmbeddingDatabaseOptions {
  /** N x t, what a network is given for each entry. Default: the embeddings themselves, not normalized. */
  tokens?: Matrix<RealArray>;
}

/** What {@linkcode EmbeddingDatabase.search} returns. */
export interface Retrieval {
  /** Entries, n x k, the most similar first; of equally similar ones the lower number first. */
  indices: Int32Array;
  /** Their cosine similarities, n x k. */
  similarity: Float64Array;
}

/**
 * A database that is searched by cosine similarity of embeddings and hands out tokens (Blattmann et al. 2022,
 * section 3): search is by direction alone, while a network gets the tokens as they were stored.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { EmbeddingDatabase } from "refigure/retrieval";
 * import { assertEquals } from "@std/assert";
 *
 * const database = new EmbeddingDatabase(Matrix.fromRows([[2, 0], [0, 5], [3, 3]]));
 * assertEquals(database.search(Matrix.fromRows([[1, 0.5]]), 2).indices, Int32Array.of(2, 0));
 * // Entries are deleted without training anything.
 * assertEquals(database.subset([0, 1]).search(Matrix.fromRows([[1, 0.5]]), 2).indices, Int32Array.of(0, 1));
 * ```
 */
export class EmbeddingDatabase {
  /** N x d, rows of length 1. */
  readonly embeddings: Matrix;
  /** N x t, as stored. */
  readonly tokens: Matrix<RealArray>;

  /**
   * A database of embeddings.
   *
   * @param embeddings N x d, one entry per row; they are normalized in a copy.
   * @param options What is handed out.
   * @throws {RangeError} if there are no entries, an embedding is zero or has an entry that is NaN or
   * infinite, or there is another number of tokens.
   * @throws {TypeError} if an argument is not a matrix, or an option is unknown.
   */
  constructor(embeddings: Matrix<RealArray>, options: EmbeddingDatabaseOptions = {}) {
    requireMatrix("embeddings", embeddings);
    requireOptions("options", options, ["tokens"]);
    const { tokens = embeddings } = options;
    requireMatrix("tokens", tokens);
    const count = requireInteger("embeddings.rows", embeddings.rows, { min: 1 });
    requireInteger("embeddings.columns", embeddings.columns, { min: 1 });
    requireInteger("tokens.rows", tokens.rows, { min: count, max: count });
    requireFinite("Cannot search among `embeddings`", embeddings.data, embeddings.columns);
    requireFinite("Cannot hand out `tokens`", tokens.data, tokens.columns);
    this.embeddings = normalizedRows("embeddings", embeddings);
    this.tokens = tokens;
  }

  /** Number of entries. */
  get size(): number {
    return this.embeddings.rows;
  }

  /**
   * The k entries with the largest cosine similarity to every query, exactly, by comparing each with each.
   *
   * @param queries n x d embeddings, of any length but zero.
   * @param k How many, from 1 to the number of entries.
   * @returns Entries and similarities, n x k.
   * @throws {RangeError} if `k` is larger than the number of entries, a query is zero, or a size or an entry
   * is wrong.
   */
  search(queries: Matrix<RealArray>, k: number): Retrieval {
    requireInteger("k", k, { min: 1, max: this.size });
    const { indices, values } = nearestNeighbors(queries, this.embeddings, { k, metric: "cosine" });
    return { indices, similarity: values };
  }

  /**
   * A database of some of the entries, in the order given.
   *
   * @throws {RangeError} if there are none, or one does not exist.
   * @throws {TypeError} if `entries` is not an array of numbers.
   */
  subset(entries: ArrayLike<number>): EmbeddingDatabase {
    return new EmbeddingDatabase(rowsOf(this.embeddings, entries), { tokens: rowsOf(this.tokens, entries) });
  }
}

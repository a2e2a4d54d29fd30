import {
  type ArrayOf,
  type DType,
  type Matrix,
  requireInstance,
  requireInteger,
  requireLength,
  requireNumber,
  requireNumbers,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { edmSample, karrasSigmas } from "../diffusion/mod.ts";
import { EmbeddingDatabase } from "./embedding_database.ts";
import { RetrievalDenoiser } from "./retrieval_denoiser.ts";
import { requireIndices } from "./rows.ts";

/** Options of {@linkcode sampleRetrieval}. */
export interface SampleRetrievalOptions {
  /** How many samples. */
  count: number;
  /** Neighbours per sample, of which the query is the first. Default 4. */
  k?: number;
  /** Probabilities with which entries are drawn as queries. Default: all alike. */
  proposal?: ArrayLike<number>;
  /** Queries, one entry per sample, in place of drawn ones. */
  queries?: Int32Array;
  /** Strength s of guidance: 1 is none, 0 leaves the neighbours out. Default 1. */
  guidance?: number;
  /** Positive noise levels. Default 24. */
  levels?: number;
  /** The last of them. Default 0.02. */
  sigmaMin?: number;
  /** The first of them. Default 10. */
  sigmaMax?: number;
  /** Exponent of their spacing. Default 7. */
  rho?: number;
  /** Lower and upper bound to which samples are clipped. Default: not clipped. */
  clip?: readonly [low: number, high: number];
  /** Stream of queries and noise. */
  rng: Rng;
}

/** What {@linkcode sampleRetrieval} returns. */
export interface RetrievalSamples<Precision extends DType = "float32"> {
  /** count x dim. */
  samples: Matrix<ArrayOf<Precision>>;
  /** The entry that was drawn as the query of each sample; empty without a database. */
  queries: Int32Array;
  /** The entries whose tokens the model was given, count x k; empty without a database. */
  neighbors: Int32Array;
}

/**
 * Samples of a retrieval-conditioned denoiser from a database, which need not be that of its training
 * (Blattmann et al. 2022, section 3.3): a query is drawn from the database, its k nearest entries (itself
 * the first) are the conditioning, and noise becomes a sample by Heun's method (Karras et al. 2022). With
 * guidance, `D = D(no neighbours) + s (D(neighbours) - D(no neighbours))`.
 *
 * Noise and queries come from different streams: with the same `rng` the noise is the same for every
 * database.
 *
 * @param net The model.
 * @param database What to sample from; `null` for a model without attention.
 * @param options How many, and how.
 * @returns Samples and what they were conditioned on.
 * @throws {RangeError} if an option is out of range, `k` is larger than the database, or sizes do not fit.
 * @throws {TypeError} if an argument or an option is of the wrong type, or unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { EmbeddingDatabase, RetrievalDenoiser, sampleRetrieval } from "refigure/retrieval";
 * import { assertEquals } from "@std/assert";
 *
 * const net = new RetrievalDenoiser({ dim: 2, tokenDim: 2, width: 8, sigmaData: 1, rng: new Rng(0) });
 * const database = new EmbeddingDatabase(Matrix.fromRows([[1, 0], [0, 1], [1, 1]]));
 * const options = { count: 5, k: 2, rng: new Rng(1) };
 * const { samples, queries, neighbors } = sampleRetrieval(net, database, options);
 * assertEquals([samples.rows, samples.columns, neighbors.length], [5, 2, 10]);
 * assertEquals(neighbors[0], queries[0]);
 * ```
 */
export function sampleRetrieval<Precision extends DType>(
  net: RetrievalDenoiser<Precision>,
  database: EmbeddingDatabase | null,
  options: SampleRetrievalOptions,
): RetrievalSamples<Precision> {
  requireInstance("net", net, RetrievalDenoiser as never);
  if (database !== null) requireInstance("database", database, EmbeddingDatabase);
  requireOptions("options", options, [
    "count",
    "k",
    "proposal",
    "queries",
    "guidance",
    "levels",
    "sigmaMin",
    "sigmaMax",
    "rho",
    "clip",
    "rng",
  ]);
  const { count, k = 4, proposal, guidance = 1, clip, rng } = options;
  if (database !== null && proposal !== undefined) {
    requireNumbers("proposal", proposal, { length: database.size, finite: true });
  }
  const { levels = 24, sigmaMin = 0.02, sigmaMax = 10, rho = 7 } = options;
  requireInteger("count", count, { min: 1, max: 1e7 });
  requireNumber("guidance", guidance);
  if (clip !== undefined) requireNumbers("clip", clip, { length: 2, finite: true });
  requireRng("rng", rng);
  const sigmas = karrasSigmas({ levels, sigmaMin, sigmaMax, rho });
  const queries = database === null
    ? new Int32Array(0)
    : options.queries === undefined
    ? drawEntries(proposal ?? new Float64Array(database.size).fill(1), count, rng.split("queries"))
    : options.queries;
  if (database !== null) {
    requireInteger("k", k, { min: 1, max: database.size });
    requireLength("queries", requireIndices("queries", queries, database.size), count);
  }
  // Each entry's neighbours and each entry's keys and values are needed once, not once per sample and level.
  const retrieved = database?.search(database.embeddings, k).indices;
  const neighbors = new Int32Array(database === null ? 0 : count * k);
  queries.forEach((query, i) => neighbors.set(retrieved!.subarray(query * k, (query + 1) * k), i * k));
  const conditioning = database === null
    ? null
    : { tokens: net.projectTokens(database.tokens), indices: neighbors, projected: true };
  const noise = rng.split("noise").normalMatrix(count, net.dim, sigmas[0]).astype(net.dtype);
  const samples = edmSample(
    (x, sigma, out) => {
      net.denoise(x, sigma, guidance === 0 ? null : conditioning, { out });
      if (guidance === 0 || guidance === 1 || conditioning === null) return;
      const free = net.denoise(x, sigma, null).data;
      for (let i = 0; i < free.length; i++) out.data[i] = free[i] + guidance * (out.data[i] - free[i]);
    },
    noise,
    sigmas,
  );
  if (clip !== undefined) {
    const { data } = samples;
    for (let i = 0; i < data.length; i++) data[i] = Math.min(clip[1], Math.max(clip[0], data[i]));
  }
  return { samples, queries, neighbors };
}

/** Entries with probabilities proportional to `p`. */
function drawEntries(p: ArrayLike<number>, count: number, rng: Rng): Int32Array {
  const size = p.length;
  const sums = new Float64Array(size);
  let total = 0;
  let last = -1;
  for (let i = 0; i < size; i++) {
    if (requireNumber(`proposal[${i}]`, p[i], { min: 0 }) > 0) last = i;
    sums[i] = total += p[i];
  }
  if (last < 0) throw new RangeError("`proposal` must have a positive entry, got zeros");
  return Int32Array.from({ length: count }, () => {
    const u = rng.uniform() * total;
    let [low, high] = [0, last];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > u) high = middle;
      else low = middle + 1;
    }
    return low;
  });
}

/** What trials return, and how it is computed. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import {
  gaussianOverlap,
  odisSelect,
  orientDirections,
  overlapMatrix,
  principalScores,
  randomSelect,
  sampleTop,
  selectionVariance,
  textScores,
  topAverage,
  topIndices,
  totalVariance,
} from "../../lib/data_selection/mod.ts";
import { textDomains } from "../../lib/datasets/mod.ts";
import { BigramModel, wordTokens } from "../../lib/language_models/mod.ts";
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** Which scores top lists are by. */
export type Scores = "raw" | "principal";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** Overlap of the top lists of normal scores: mean over pairs. */
  overlap: { seed: number; rho: number; scores: Scores; q: number; mean: number; expected: number };
  /** Diversity of a selection from normal scores. */
  variance: {
    seed: number;
    rho: number;
    /** Directions K; 0: random documents. */
    directions: number;
    total: number;
    expected: number;
  };
  /** What holds exactly for principal scores: largest differences from it. */
  identity: { seed: number; rho: number; correlation: number; variance: number; trace: number };
  /** What a language model trained on a selection needs for held-out text. */
  bits: {
    seed: number;
    method: string;
    /** Directions K of ODiS; 0 for the other methods. */
    directions: number;
    /** Bits per token, mean over the domains. */
    bits: number;
    /** Passages that are the novel's, of all selected. */
    novel: number;
  };
  /** Overlap of two top 5 % of real passages. */
  pair: { seed: number; scores: Scores; overlap: number };
  /** Eigenvalues of the correlations of real scores. */
  spectrum: { seed: number; direction: number; value: number };
  /** What the rule for signs does. */
  sign: {
    seed: number;
    /** Selected documents that differ after eigenvectors were flipped. */
    different: number;
    /** The same without the rule. */
    withoutRule: number;
  };
  /** A passage in the plane of the first two principal scores. */
  passage: {
    domain: string;
    pc1: number;
    pc2: number;
    /** 0: the whole pool; else it is selected with so many directions. */
    directions: number;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** As many scores as the paper's judge gives. */
const SCORES = 11;
/** Directions that the paper uses. */
const DIRECTIONS = 4;
/** How many directions are tried. */
const MOST_DIRECTIONS = 6;
/** Shares of the documents in top lists. */
const SHARES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
/** Share of the documents in selections whose diversity is measured. */
const SELECTED = 0.04;
/** Passages per domain that are held out. */
const HELD_OUT = 60;

/** Part A: scores that are normal with equal correlations. */
export function normalRows(
  { seed, rho, documents, isCompared }: { seed: number; rho: number; documents: number; isCompared: boolean },
): Row[] {
  const rng = new Rng(seed).split(`rho ${rho}`);
  const own = rng.normalMatrix(documents, SCORES);
  const common = rng.normals(documents, Math.sqrt(rho));
  const x = own.map((value, i) => common[i] + Math.sqrt(1 - rho) * value);
  // Without clipping: it would remove the very tails that are selected.
  const { values, projected, standardized } = principalScores(x, { clip: 0 });
  const rows: Row[] = [];
  for (const q of SHARES) {
    const count = Math.round(q * documents);
    const of = { kind: "overlap" as const, seed, rho, q };
    const raw = overlaps(x, SCORES, count);
    const principal = overlaps(projected, DIRECTIONS, count);
    rows.push({ ...of, scores: "raw", mean: meanOf(raw), expected: gaussianOverlap(q, rho) });
    rows.push({ ...of, scores: "principal", mean: meanOf(principal), expected: q });
  }
  const covariance = matmul(projected.transpose(), projected).times(1 / documents);
  rows.push({
    kind: "identity",
    seed,
    rho,
    correlation: Math.max(
      ...below(covariance.map((value, k, l) => Math.abs(value) / Math.sqrt(values[k] * values[l]))),
    ),
    variance: values.reduce((most, value, k) => Math.max(most, Math.abs(value - covariance.get(k, k))), 0),
    trace: values.reduce((sum, value) => sum + value, 0),
  });
  if (!isCompared) return rows;
  const spectrum = Float64Array.from(
    { length: SCORES },
    (_, k) => k === 0 ? 1 + (SCORES - 1) * rho : 1 - rho,
  );
  const budget = Math.round(SELECTED * documents);
  for (let directions = 0; directions <= MOST_DIRECTIONS; directions++) {
    const selected = directions === 0
      ? randomSelect(documents, budget, { rng })
      : odisSelect(x, budget, { directions, clip: 0 }).indices;
    const total = totalVariance(Matrix.from(budget, SCORES, (i, j) => standardized.get(selected[i], j)));
    const expected = directions === 0 ? SCORES : selectionVariance(spectrum, SELECTED, directions);
    rows.push({ kind: "variance", seed, rho, directions, total, expected });
  }
  return rows;
}

/** Scores of passages: most are in the pool of every seed. */
const scored = new Map<string, Promise<Float64Array>>();

function scoresOf(text: string): Promise<Float64Array> {
  const known = scored.get(text);
  if (known !== undefined) return known;
  const scores = textScores(text);
  scored.set(text, scores);
  return scores;
}

/** Part B: real passages, measured scores, and a bigram model. */
export async function textRows(
  { seed, isFirst, budget, jointThreshold, clip }: {
    seed: number;
    isFirst: boolean;
    budget: number;
    jointThreshold: number;
    clip: number;
  },
): Promise<Row[]> {
  const rng = new Rng(seed);
  const domains = await textDomains();
  const shuffled = domains.map(({ name, passages }) =>
    Array.from(rng.permutation(passages.length), (i) => ({ domain: name, text: passages[i] }))
  );
  const heldOut = shuffled.map((passages) => passages.slice(0, HELD_OUT).map(({ text }) => wordTokens(text)));
  const pool = shuffled.flatMap((passages) => passages.slice(HELD_OUT));
  const tokens = pool.map(({ text }) => wordTokens(text));
  const scores = Matrix.fromRows(await Promise.all(pool.map(({ text }) => scoresOf(text))));
  const { values, vectors, projected, standardized } = principalScores(scores, { clip });
  const rows: Row[] = [];
  const learn = (method: string, selected: Uint32Array, directions = 0) => {
    const model = new BigramModel();
    model.train(Array.from(selected, (i) => tokens[i]));
    const bits = meanOf(heldOut.map((passages) => model.bitsPerToken(passages)));
    const novel = selected.reduce((sum, i) => sum + (pool[i].domain === "novel" ? 1 : 0), 0) /
      selected.length;
    rows.push({ kind: "bits", seed, method, directions, bits, novel });
  };
  learn("random", randomSelect(pool.length, budget, { rng }));
  learn("top by average", topAverage(scores, budget, { clip }));
  learn("sample of top 30 %", sampleTop(scores, budget, 0.3, { rng, clip }));
  learn("sample of top 50 %", sampleTop(scores, budget, 0.5, { rng, clip }));
  learn("top by PC average", topAverage(scores, budget, { directions: DIRECTIONS, clip }));
  const place = (i: number, directions: number): Row => ({
    kind: "passage",
    domain: pool[i].domain,
    pc1: Number(projected.get(i, 0).toFixed(3)),
    pc2: Number(projected.get(i, 1).toFixed(3)),
    directions,
  });
  if (isFirst) rows.push(...pool.keys().map((i) => place(i, 0)));
  for (let directions = 1; directions <= MOST_DIRECTIONS; directions++) {
    const { indices } = odisSelect(scores, budget, { directions, jointThreshold, clip });
    learn(`ODiS, K = ${directions}`, indices, directions);
    if (isFirst) rows.push(...Array.from(indices, (i) => place(i, directions)));
  }
  const count = Math.round(0.05 * pool.length);
  for (const overlap of overlaps(scores, SCORES, count)) {
    rows.push({ kind: "pair", seed, scores: "raw", overlap });
  }
  for (const overlap of overlaps(projected, DIRECTIONS, count)) {
    rows.push({ kind: "pair", seed, scores: "principal", overlap });
  }
  values.forEach((value, k) => rows.push({ kind: "spectrum", seed, direction: k + 1, value }));
  // An eigensolver may return each vector with either sign.
  const flipped = vectors.map((entry, _, k) => k % 2 === 0 ? -entry : entry);
  const lists = (of: Matrix) => topLists(matmul(standardized, of), DIRECTIONS, count);
  const differing = (of: Matrix) => {
    const [before, after] = [lists(vectors), lists(of)];
    return before.reduce((sum, list, k) => sum + list.filter((i, at) => after[k][at] !== i).length, 0);
  };
  rows.push({
    kind: "sign",
    seed,
    different: differing(orientDirections(flipped)),
    withoutRule: differing(flipped),
  });
  return rows;
}

/** The top lists by the first so many columns. */
function topLists(x: Matrix, columns: number, count: number): Uint32Array[] {
  return Array.from({ length: columns }, (_, k) => topIndices(x.column(k), count));
}

/** Overlaps of the pairs of the first so many columns. */
function overlaps(x: Matrix, columns: number, count: number): number[] {
  return below(overlapMatrix(topLists(x, columns, count)));
}

/** The entries below the diagonal. */
function below(x: Matrix): number[] {
  return Array.from({ length: x.rows }, (_, i) => [...x.row(i).subarray(0, i)]).flat();
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

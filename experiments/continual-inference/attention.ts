/** One head of attention on streams: the same outputs, the cost, and the drift of retroactive sums. */
import { type DType, Matrix, type RealArray, Rng } from "../../lib/arrays/mod.ts";
import {
  attentionOperations,
  continualEncoder,
  CoRetroactiveAttention,
  CoSingleOutputAttention,
  CoWindow,
  encoderLayerWeights,
  RecyclingPositionalEncoding,
  RetroactiveHead,
  SingleOutputHead,
  windowAttention,
} from "../../lib/continual/mod.ts";
import { attentionWeights } from "../../lib/continual/mod.ts";
import { normals } from "./networks.ts";
import { largestDifference, type Method, type Row } from "./rows.ts";

/** Query, key and value of a token. */
export type Token = readonly [q: RealArray, k: RealArray, v: RealArray];

/** Tokens whose entries are normal with a standard deviation. */
export function tokens(count: number, dim: number, sigma: number, dtype: DType, rng: Rng): Token[] {
  return Array.from(
    { length: count },
    () => [0, 1, 2].map(() => normals(rng, dim, sigma, dtype)) as unknown as Token,
  );
}

/** Attention over the last tokens from scratch, in float64. */
function fromScratch(window: readonly Token[]): Float64Array {
  const [q, k, v] = [0, 1, 2].map((part) => Matrix.fromRows(window.map((token) => token[part])));
  return windowAttention(q, k, v).data;
}

/** Multiplications per step by window, for heads of one size. */
export function attentionCountRows(windows: readonly number[], dim: number): Row<"attention-count">[] {
  return (["regular", "retroactive", "single-output"] as const).flatMap((form) =>
    windows.map((window): Row<"attention-count"> => ({
      kind: "attention-count",
      form,
      window,
      dim,
      mul: attentionOperations(form, { window, dim }).mul,
    }))
  );
}

/** Both forms over `steps` full windows, every step or every tenth compared. */
export function attentionRows(
  { window, dim, steps, dtype, seed }: {
    window: number;
    dim: number;
    steps: number;
    dtype: DType;
    seed: number;
  },
): Row<"attention">[] {
  const stream = tokens(window - 1 + steps, dim, 1, dtype, new Rng(seed).split("attention"));
  const retroactive = new RetroactiveHead({ dim, window, dtype });
  const single = new SingleOutputHead({ dim, window, dtype });
  const error = { retroactive: 0, "single-output": 0 };
  const every = Math.ceil(steps / 20);
  stream.forEach(([q, k, v], t) => {
    const all = retroactive.step(q, k, v);
    const newest = single.step(q, k, v);
    const since = t - (window - 1);
    if (all === null || newest === null || since % every !== 0) return;
    const wanted = fromScratch(stream.slice(since, t + 1));
    error.retroactive = Math.max(error.retroactive, largestDifference(all, wanted));
    const last = wanted.subarray((window - 1) * dim);
    error["single-output"] = Math.max(error["single-output"], largestDifference(newest, last));
  });
  return (["retroactive", "single-output"] as const).map((form) => (
    { kind: "attention", form, window, dtype, seed, error: error[form] }
  ));
}

/** What a drift trial is. */
export interface Drift {
  method: Method;
  dtype: DType;
  sigma: number;
  window: number;
  steps: number;
  seed: number;
  /** Whether the errors of the steps are returned too. */
  traced: boolean;
}

/** Numbers per head of the drift test. */
const DRIFT_DIM = 32;

/** A stream of tokens, every fifth window compared with attention from scratch. */
export function driftRows(
  { method, dtype, sigma, window, steps, seed, traced }: Drift,
): (Row<"drift"> | Row<"trace">)[] {
  const stream = tokens(steps, DRIFT_DIM, sigma, dtype, new Rng(seed).split("drift"));
  const head = new RetroactiveHead({ dim: DRIFT_DIM, window, guard: method === "guarded", dtype });
  const trace: Row<"trace">[] = [];
  let error = 0;
  stream.forEach(([q, k, v], t) => {
    const out = head.step(q, k, v);
    if (out === null || t % 5 !== 0) return;
    const off = largestDifference(out, fromScratch(stream.slice(t - window + 1, t + 1)));
    error = Math.max(error, off);
    if (traced && t % 10 === 0) {
      trace.push({ kind: "trace", method, sigma, step: t, error: Math.max(off, 1e-9) });
    }
  });
  const recomputed = head.recomputedRows / head.updatedRows;
  return [{ kind: "drift", method, dtype, sigma, seed, error, recomputed }, ...trace];
}

/**
 * The residual of a retroactive layer over a window of n, with the ring of the library, and with the cache of
 * the authors' release 1.2.4: a buffer of n places whose index goes modulo n - 1.
 */
export function residualRows(window: number, seed: number): Row<"residual">[] {
  const rng = new Rng(seed).split("residual");
  const E = 16;
  const weights = attentionWeights(E, { rng: rng.split("weights") });
  const attention = new CoRetroactiveAttention(weights, { heads: 2, window });
  const ring = new CoWindow(window, { shape: [E] });
  const released = releasedCache(window, E);
  const stream = Array.from({ length: 4 * window }, () => rng.normals(E));
  const rows: Row<"residual">[] = [];
  stream.forEach((token, step) => {
    const attended = attention.step(token);
    const outputs = { ring: ring.step(token), released: released(token) };
    if (attended === null) return;
    const x = Matrix.fromRows(stream.slice(step - window + 1, step + 1)).transpose().data;
    const wanted = attention.forward(x).map((value: number, i: number) => value + x[i]);
    for (const cache of ["released", "ring"] as const) {
      const out = attended.map((value: number, i: number) => value + outputs[cache]![i]);
      rows.push({
        kind: "residual",
        cache,
        window,
        seed,
        step,
        error: Math.max(largestDifference(out, wanted), 1e-17),
      });
    }
  });
  return rows;
}

/** The released cache, token by token: its rows oldest first, as `[E, n]`. */
export function releasedCache(window: number, E: number): (token: RealArray) => Float64Array {
  const places: RealArray[] = Array.from({ length: window }, () => new Float64Array(E));
  let index = -(window - 1);
  return (token) => {
    places[(index + window) % window] = token;
    const first = index + 1;
    const rows = places.map((_, i) => places[(first + i + window) % window]);
    index++;
    if (index > 0) index %= window - 1;
    return Matrix.fromRows(rows).transpose().data;
  };
}

/**
 * An encoder of two layers whose second one takes its keys from a ring of newest rows, and one that does not.
 */
export function secondLayerRows(seed: number): Row<"second-layer">[] {
  const rng = new Rng(seed).split("second layer");
  const [E, window, heads] = [16, 8, 2];
  const layers = [0, 1].map((i) => encoderLayerWeights(E, 16, { rng: rng.split(i) }));
  const clip = rng.normals(E * 6 * window);
  const right = continualEncoder(layers, { heads, window });
  const windows = right.forward(clip);
  const [first, norms] = right.modules;
  const allRows = right.steps(clip);
  // The newest row of the first layer, pushed into single-output attention with the second layer's weights.
  first.reset();
  const [, second] = continualEncoder([layers[1]], { heads, window }).modules;
  const attention = new CoSingleOutputAttention(layers[1].attention, { heads, window });
  const frames = 6 * window;
  const outputs: RealArray[] = [];
  for (let t = 0; t < frames; t++) {
    const token = Float64Array.from({ length: E }, (_, e) => clip[e * frames + t]);
    const rows = first.step(token);
    if (rows === null) continue;
    const encoded = norms.step(rows)!;
    const newest = Float64Array.from({ length: E }, (_, e) => encoded[e * window + window - 1]);
    const attended = attention.step(newest);
    if (attended !== null) outputs.push(second.step(attended.map((y: number, e: number) => y + newest[e]))!);
  }
  const count = windows.length / E;
  // The ring needs another n - 1 steps to fill.
  const late = outputs.map((_, i) => i + count - outputs.length);
  const wrong = outputs.reduce((max, out, i) => {
    const wanted = Float64Array.from({ length: E }, (_, e) => windows[e * count + late[i]]);
    return Math.max(max, largestDifference(out, wanted));
  }, 0);
  return [
    { kind: "second-layer", keys: "ring of newest rows", seed, error: wrong },
    { kind: "second-layer", keys: "all rows anew", seed, error: largestDifference(allRows, windows) },
  ];
}

/**
 * The smallest distance of two encodings that relative positions of a window have, by the length of the
 * table.
 */
export function positionRows(window: number): Row<"positions">[] {
  const dim = 8;
  return Array.from({ length: window + 2 }, (_, i) => window + i).map((count): Row<"positions"> => {
    const encoding = new RecyclingPositionalEncoding(dim, count);
    // Token 0 is in the middle: those of its window came from n - 1 before it to n - 1 after it.
    const encodings = Array.from({ length: 2 * window - 1 }, () => encoding.step(new Float64Array(dim))!);
    let separation = Infinity;
    for (let a = 0; a < encodings.length; a++) {
      for (let b = 0; b < a; b++) {
        separation = Math.min(separation, largestDifference(encodings[a], encodings[b]));
      }
    }
    return { kind: "positions", window, count, separation };
  });
}

/** What is measured on streams by the estimator, and by others with the same memory. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matvec } from "../../lib/blas/mod.ts";
import { digits } from "../../lib/datasets/mod.ts";
import {
  FrequentDirections,
  ojaHardInstance,
  OjaStream,
  RandomOrderTopEigenvector,
  spectralGap,
  spikedStream,
  squaredSine,
  type StreamRow,
} from "../../lib/streaming/mod.ts";
import type { Order, Row } from "./rows.ts";

/** Instance of the staircase and of the race. */
export const HARD = { d: 256, heavy: 8, copies: 32 };

/** Blocks of the estimator on {@linkcode HARD}. */
const HARD_BLOCKS = 12;
/** Blocks of the spiked streams. */
const BLOCKS = 8;

/** Figure 1: every budget sees the same stream. */
export function staircase(
  { budgets, storeHeavy, seed }: { budgets: number[]; storeHeavy: boolean; seed: number },
): Row<"staircase">[] {
  const rng = new Rng(seed);
  const { d, heavy } = HARD;
  const { rows, v1, n } = ojaHardInstance({ ...HARD, rotate: true, rng: rng.split("stream") });
  const streams = budgets.map((budget) => ({
    budget,
    stream: new RandomOrderTopEigenvector({
      d,
      n,
      // The ablation takes heavy rows out of storage again: nothing is stored whatever the budget.
      heavyBudget: storeHeavy ? budget : 0,
      blocks: HARD_BLOCKS,
      rng: rng.split("start"),
    }),
  }));
  for (const row of rows) for (const { stream } of streams) stream.push(row);
  return streams.map(({ budget, stream }) => {
    const { vector, words } = stream.result();
    return { kind: "staircase", heavy, budget, seed, error: squaredSine(vector, v1), words };
  });
}

/** Rows of a stream with a spike. */
export interface Spiked {
  /** Rows of the stream. */
  n: number;
  d: number;
  gap: number;
  /** Share of the spike that heavy rows carry, and how many they are. */
  share: number;
  heavy: number;
  seed: number;
}

/** Figure 3 for one gap: the same stream with several budgets. */
export function spiked({ n, d, gap, share, heavy, seed }: Spiked): Row<"spiked">[] {
  const rng = new Rng(seed).split(`spiked ${gap} ${share}`);
  const { chunks } = spikedStream({ n, d, gap, heavy, heavyShare: share, rng });
  const streams = [0, 4, 8].map((budget) => ({
    budget,
    stream: new RandomOrderTopEigenvector({
      d,
      n,
      blocks: BLOCKS,
      heavyBudget: budget,
      rng: rng.split("start"),
    }),
  }));
  const sum = Matrix.zeros(d, d);
  for (const rows of chunks) {
    for (const { stream } of streams) stream.pushRows(rows);
    const part = gram(rows).data;
    for (let k = 0; k < part.length; k++) sum.data[k] += part[k];
  }
  const { v1 } = spectralGap(sum, { isGram: true });
  return streams.map(({ budget, stream }) => ({
    kind: "spiked",
    gap,
    share,
    heavy,
    budget,
    seed,
    error: squaredSine(stream.result().vector, v1),
    law: d / n * (BLOCKS - 1) / gap,
  }));
}

/** The rows of a matrix in an order, through the estimator. */
function through(a: Matrix, order: ArrayLike<number>, budget: number, rng: Rng): Float64Array {
  const { rows: n, columns: d } = a;
  const stream = new RandomOrderTopEigenvector({ d, n, blocks: BLOCKS, heavyBudget: budget, rng });
  for (let i = 0; i < n; i++) stream.push(a.row(order[i]));
  return stream.result().vector;
}

/**
 * The assumption that fails: the light spiked stream again, but rows along the top eigenvector come first.
 */
export function inOrders({ n, d, gap, seed }: Pick<Spiked, "n" | "d" | "gap" | "seed">): Row<"order">[] {
  const rng = new Rng(seed).split("order");
  const a = Matrix.zeros(n, d);
  let at = 0;
  for (const rows of spikedStream({ n, d, gap, rng }).chunks) {
    a.data.set(rows.data, at);
    at += rows.data.length;
  }
  const { v1 } = spectralGap(a);
  const along = matvec(a, v1);
  const cosine = along.map((x, i) => Math.abs(x) / Math.hypot(...a.row(i)));
  const orders: Record<Order, Int32Array> = {
    random: rng.split("shuffle").permutation(n),
    sorted: Int32Array.from(cosine.keys()).sort((i, j) => cosine[j] - cosine[i]),
  };
  return (["random", "sorted"] as const).flatMap((order) =>
    [0, 8].map((budget): Row<"order"> => ({
      kind: "order",
      gap,
      budget,
      order,
      seed,
      error: squaredSine(through(a, orders[order], budget, rng.split("start")), v1),
    }))
  );
}

/**
 * The bound behind it all, with exact eigenvectors: random matrices, split into two sets of rows at random.
 */
export function split({ matrices, seed }: { matrices: number; seed: number }): Row<"split">[] {
  const rng = new Rng(seed).split("split");
  const out: Row<"split">[] = [];
  while (out.length < matrices) {
    const d = 3 + rng.integer(10);
    const n = d + rng.integer(20);
    const v = rng.sphere(d);
    const strength = rng.uniform(0, 4);
    const a = rng.normalMatrix(n, d);
    for (let i = 0; i < n; i++) {
      const push = strength * rng.normal();
      for (let j = 0; j < d; j++) a.data[i * d + j] += push * v[j];
    }
    const all = gram(a);
    const { gap, v1 } = spectralGap(all, { isGram: true });
    if (gap < 1.1) continue;
    const share = rng.uniform();
    const isLight = Array.from({ length: n }, () => rng.uniform() < share);
    const light = gram(a.map((x, i) => isLight[i] ? x : 0));
    const { v1: z, lambda1 } = spectralGap(light, { isGram: true });
    const joined = all.minus(light).plus(Matrix.from(d, d, (i, j) => lambda1 * z[i] * z[j]));
    out.push({ kind: "split", gap, error: squaredSine(spectralGap(joined, { isGram: true }).v1, v1) });
  }
  return out;
}

/**
 * Real rows: 1,797 images of digits, as they are (large gap) and without their mean (hardly any), shuffled
 * and digit by digit.
 */
export function digitStreams({ seed }: { seed: number }): Row<"digits">[] {
  const { images, labels } = digits();
  const rng = new Rng(seed).split("digits");
  const n = images.rows;
  const means = matvec(images, new Float64Array(n).fill(1 / n), { transpose: true });
  const orders: Record<Order, Int32Array> = {
    random: rng.split("shuffle").permutation(n),
    sorted: Int32Array.from(labels.keys()).sort((i, j) => labels[i] - labels[j]),
  };
  return [false, true].flatMap((centred) => {
    const a = centred ? images.map((x, _, j) => x - means[j]) : images;
    const { gap, v1 } = spectralGap(a);
    return (["random", "sorted"] as const).flatMap((order) =>
      [0, 32].map((budget): Row<"digits"> => ({
        kind: "digits",
        centred,
        gap,
        order,
        budget,
        seed,
        error: squaredSine(through(a, orders[order], budget, rng.split("start")), v1),
      }))
    );
  });
}

/**
 * Equal memory, 11 d words: eight stored rows and blocks, Frequent Directions with five rows, and Oja's rule,
 * with less but a rate from hindsight.
 */
export function race({ n, seed }: { n: number; seed: number }): Row<"race">[] {
  const rng = new Rng(seed).split("race");
  const spike = spikedStream({ n, d: 100, gap: 16, heavy: 4, heavyShare: 0.5, rng: rng.split("spiked") });
  const spikedRows: StreamRow[] = [...spike.chunks].flatMap((rows) =>
    Array.from({ length: rows.rows }, (_, i) => rows.row(i))
  );
  const hard = ojaHardInstance({ ...HARD, rng: rng.split("hard") });
  const exact = spectralGap(Matrix.fromRows(spikedRows as Float64Array[])).v1;
  const streams = [
    { stream: "spiked" as const, rows: spikedRows, v1: exact, d: 100, blocks: BLOCKS },
    { stream: "hard" as const, rows: [...hard.rows], v1: hard.v1, d: HARD.d, blocks: HARD_BLOCKS },
  ];
  return streams.flatMap(({ stream, rows, v1, d, blocks }) => {
    const ours = new RandomOrderTopEigenvector({
      d,
      n: rows.length,
      blocks,
      heavyBudget: 8,
      rng: rng.split("start"),
    });
    const directions = new FrequentDirections({ d, rows: 5 });
    const rates = Array.from({ length: 13 }, (_, i) => 2 ** (i - 6));
    const oja = rates.map((learningRate) => new OjaStream({ d, learningRate, rng: rng.split("start") }));
    for (const row of rows) for (const method of [ours, directions, ...oja]) method.push(row);
    const { vector, words } = ours.result();
    const key = { kind: "race" as const, stream, seed };
    return [
      { ...key, method: "heavy rows + blocks", words, error: squaredSine(vector, v1) },
      {
        ...key,
        method: "Frequent Directions",
        words: directions.words,
        error: squaredSine(directions.vector(), v1),
      },
      {
        ...key,
        method: "Oja, best rate",
        words: d,
        error: Math.min(...oja.map((one) => squaredSine(one.vector(), v1))),
      },
    ];
  });
}

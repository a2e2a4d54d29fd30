import { Rng } from "../../lib/arrays/mod.ts";
import { mean, type Report } from "../../lib/experiment/mod.ts";
import { ojaHardInstance, RandomOrderTopEigenvector, squaredSine } from "../../lib/streaming/mod.ts";
import type { Row } from "./rows.ts";

/** Copies of every light row. */
export const COPIES = 64;
/** The grid of learning rates. */
export const RATES = Array.from({ length: 41 }, (_, i) => 10 ** (-2 + i / 10));

/**
 * Oja's rule on the hard instance at every rate, exactly and without going through the stream: light rows
 * `e_l / sqrt N` only multiply their own coordinate, by `(1 + rate / N)^N`, whenever they come; heavy rows
 * touch the other coordinates only.
 */
export function ojaCorrelations(start: Float64Array, heavy: number, rates: number[]): number[] {
  let noise = 0;
  for (let j = heavy + 1; j < start.length; j++) noise += start[j] * start[j];
  return rates.map((rate) => {
    let y = start[0];
    let squares = 0;
    let along = 0;
    for (let j = 1; j <= heavy; j++) {
      const s = y + start[j];
      const x = start[j] + rate * s;
      y += rate * s;
      squares += x * x;
      along += x;
    }
    // v1 is (sqrt k, 1 / sqrt k, ...) / sqrt(k + 1).
    const inner = (Math.sqrt(heavy) * y + along / Math.sqrt(heavy)) / Math.sqrt(heavy + 1);
    const grown = noise * (1 + rate / COPIES) ** (2 * COPIES);
    return inner * inner / (y * y + squares + grown);
  });
}

/** Figure 2 for one dimension: Oja at all rates, and the stored heavy rows on the same streams. */
export function runOja(
  { d, heavies, starts, seed }: { d: number; heavies: number[]; starts: number; seed: number },
  report: Report<Row<"oja"> | Row<"stored">>,
): (Row<"oja"> | Row<"stored">)[] {
  const rng = new Rng(seed).split(`oja ${d}`);
  const vectors = Array.from({ length: starts }, (_, i) => rng.split(`start ${i}`).sphere(d));
  return heavies.flatMap((heavy, i) => {
    report(i / heavies.length);
    const found = vectors.map((start) => ojaCorrelations(start, heavy, RATES));
    const oja = RATES.map((rate, r): Row<"oja"> => {
      const values = found.map((one) => one[r]);
      const correlation = mean(values);
      const variance = values.reduce((sum, x) => sum + (x - correlation) ** 2, 0) / (starts - 1);
      return { kind: "oja", d, heavy, rate, correlation, standardError: Math.sqrt(variance / starts) };
    });
    const { rows, v1, n } = ojaHardInstance({ d, heavy, copies: COPIES, rng: rng.split(`stream ${heavy}`) });
    const stream = new RandomOrderTopEigenvector({ d, n, heavyBudget: heavy, rng, start: vectors[0] });
    for (const row of rows) stream.push(row);
    const { vector, words } = stream.result();
    return [...oja, { kind: "stored" as const, d, heavy, seed, error: squaredSine(vector, v1), words }];
  });
}

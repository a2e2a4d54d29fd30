/** What trials return, and how it is computed. */
import { Rng } from "../../lib/arrays/mod.ts";

/** The share of heads among the throws of one seed. */
export interface CoinRow {
  kind: "coin";
  seed: number;
  throws: number;
  share: number;
}

/** A row of any kind. */
export type Row = CoinRow;

/** Throws a coin. */
export function shareOfHeads(
  { throws, probability, seed }: { throws: number; probability: number; seed: number },
): CoinRow {
  const rng = new Rng(seed);
  let heads = 0;
  for (let k = 0; k < throws; k++) if (rng.uniform() < probability) heads++;
  return { kind: "coin", seed, throws, share: heads / throws };
}

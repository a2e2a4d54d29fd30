/**
 * What a benchmark is, and how it is timed: ours and the peer in turn, medians of the samples, ratio = ours /
 * peer.
 *
 * @module
 */
import { median } from "simple-statistics";
import { now } from "./clock.ts";

/** One thing to time, ours or the peer's. */
export type Timed = (() => void | Promise<void>) | PeerProcess;

/** A peer that times itself, in its own process. */
export interface PeerProcess {
  /** Runs the code `repeat` times and returns the milliseconds of one. */
  time(repeat: number): Promise<number>;
  /** What the code computed, as a flat list. */
  value(): Promise<number[]>;
  /** Lets the peer forget what was set up. */
  dispose(): void;
}

/** One row of the table. */
export interface BenchCase {
  /** What is timed, such as `gemm 512 f32`. */
  what: string;
  /** Against what, such as `numpy`. */
  peer: string;
  /** Builds both sides; throws {@linkcode MissingPeer} if the peer is not installed. */
  setup(): Promise<BenchPair> | BenchPair;
}

/** The two sides, ready to run. */
export interface BenchPair {
  /** One call of ours. */
  ours: () => void | Promise<void>;
  /** One call of the peer's. */
  peer: Timed;
  /** Calls per sample, for work of microseconds. Default: as many as fill 20 ms. */
  repeat?: number;
  /**
   * The least time the machine needs for this, in milliseconds: operations at measured speed or bytes at
   * measured bandwidth.
   */
  floorMs?: number;
  /** How far ours is from the peer or from the truth, relative. */
  error?: () => number | Promise<number>;
  /** Frees what was set up. */
  dispose?: () => void;
}

/** The peer is not installed. */
export class MissingPeer extends Error {
  override name = "MissingPeer";
}

/** What a case came to. */
export interface BenchRow {
  /** `<what> / <peer>`. */
  name: string;
  /** Median milliseconds of one call of ours. */
  ours_ms: number | null;
  /** Median milliseconds of one call of the peer's. */
  peer_ms: number | null;
  /** ours / peer: the median of the ratios of neighbouring samples. */
  ratio: number | null;
  /** The floor over our time; 1 is as fast as the machine can. */
  floor_share: number | null;
  /** Relative error. */
  error: number | null;
  /** Why there are no numbers. */
  note?: string;
}

/** How many samples a case gets at least, and for how long at most. */
export interface Budget {
  /** Pairs of samples. */
  samples: number;
  /** Seconds after which no further pair is begun (three are always taken). */
  seconds: number;
}

/** Runs one case. A missing peer or a failure becomes a row with the reason. */
export async function runCase(benchCase: BenchCase, budget: Budget): Promise<BenchRow> {
  const name = `${benchCase.what} / ${benchCase.peer}`;
  const none = { name, ours_ms: null, peer_ms: null, ratio: null, floor_share: null, error: null };
  let pair: BenchPair | undefined;
  try {
    pair = await benchCase.setup();
    const { ours, peer } = pair;
    await ours();
    await timePeer(peer, 1);
    const error = await pair.error?.() ?? null;
    const repeatOurs = pair.repeat ?? await repeats(ours);
    const repeatPeer = pair.repeat ?? await repeats(peer);
    const oursMs: number[] = [];
    const peerMs: number[] = [];
    const start = performance.now();
    for (let i = 0; i < budget.samples; i++) {
      if (i >= 3 && performance.now() - start > 1000 * budget.seconds) break;
      // Who goes first changes, so that neither always meets a warm cache or a hot processor.
      if (i % 2 === 0) oursMs.push(await timeOurs(ours, repeatOurs));
      peerMs.push(await timePeer(peer, repeatPeer));
      if (i % 2 === 1) oursMs.push(await timeOurs(ours, repeatOurs));
    }
    const ours_ms = median(oursMs);
    return {
      name,
      ours_ms,
      peer_ms: median(peerMs),
      ratio: median(oursMs.map((ms, i) => ms / peerMs[i])),
      floor_share: pair.floorMs === undefined ? null : pair.floorMs / ours_ms,
      error,
    };
  } catch (error) {
    const note = error instanceof MissingPeer ? error.message : `failed: ${(error as Error).message}`;
    return { ...none, note };
  } finally {
    if (pair && typeof pair.peer !== "function") pair.peer.dispose();
    pair?.dispose?.();
  }
}

async function timeOurs(run: () => void | Promise<void>, repeat: number): Promise<number> {
  const start = now();
  for (let i = 0; i < repeat; i++) {
    const pending = run();
    // Awaiting nothing would cost a turn of the event loop in every call.
    if (pending !== undefined) await pending;
  }
  return (now() - start) / repeat;
}

function timePeer(peer: Timed, repeat: number): Promise<number> {
  return typeof peer === "function" ? timeOurs(peer, repeat) : peer.time(repeat);
}

/** How many calls fill about 20 ms. */
async function repeats(timed: Timed): Promise<number> {
  for (let repeat = 1;; repeat *= 4) {
    const ms = await timePeer(timed, repeat);
    if (ms * repeat > 5 || repeat > 100_000) return Math.max(1, Math.round(20 / Math.max(ms, 1e-5)));
  }
}

import { show, showRange } from "../../lib/experiment/legacy.ts";
import type { LegacyClaim as Claim } from "../../lib/experiment/legacy.ts";
import { tuneLearningRates } from "../../lib/training/tuning.ts";
import { type CurvePoint, curves } from "./curves.ts";
import { finalRuns, gridRuns, type Row } from "./rows.ts";

/** What the five papers say, at the scale of this model; null where the optimizers were not run. */
export function claims(rows: Row[]): Claim[] {
  const losses = (optimizer: string) => finalRuns(rows, optimizer).map(({ loss }) => loss);
  return [
    beats("muon-adamw", "Muon", ["AdamW", "SGD"], losses, {
      statement: "After the same number of steps, Muon's held-out loss is lower than AdamW's and SGD's.",
      reference: "Jordan et al. 2024 (NanoGPT speedrun); Liu et al. 2025",
      headline: true,
    }),
    fewerSteps(rows),
    beats("normuon-muon", "NorMuon", ["Muon"], losses, {
      statement: "Normalizing neurons helps: NorMuon's loss is lower than Muon's.",
      reference: "Li et al. 2025, Figure 2 (11 % fewer steps at 1.1 billion parameters)",
    }),
    beats("root-muon", "ROOT", ["Muon"], losses, {
      statement: "Clipping the outliers of the momentum helps: ROOT's loss is lower than Muon's.",
      reference: "He et al. 2025, training loss of the 1B model",
    }),
    beats("muon-auon", "Muon", ["Hybrid-AuON", "AuON"], losses, {
      statement:
        "An O(N) rescaling does not replace orthogonalization: AuON and Hybrid-AuON stay behind Muon.",
      reference: "Maity 2025, Table 1 (loss 0.4305 and 0.0422 against 0.0375)",
    }),
    beats("hybrid-auon", "Hybrid-AuON", ["AuON"], losses, {
      statement: "One Newton-Schulz step before the rescaling helps: Hybrid-AuON is better than AuON.",
      reference: "Maity 2025, Table 1",
    }),
    beats("muon-trion", "Muon", ["Trion"], losses, {
      statement: "A quarter of the rank costs quality: Trion stays behind Muon.",
      reference: "Modoranu et al. 2025 (perplexity 15.30 against 14.99)",
    }),
    memory(rows),
    insideGrid(rows),
  ];
}

type Losses = (optimizer: string) => number[];

/** One optimizer better than others in every pair of runs of one seed: start and windows are the same. */
function beats(
  id: string,
  better: string,
  others: string[],
  losses: Losses,
  words: { statement: string; reference: string; headline?: true },
): Claim {
  const margins = others.map((other) => losses(other).map((loss, k) => loss - losses(better)[k]));
  const known = losses(better).length > 0 && margins.every((margin) => margin.length > 0);
  return {
    ...words,
    id,
    source: "figure",
    expected: "lower for every seed",
    measured: known
      ? others.map((other, k) => `${other} − ${better}: ${showRange(margins[k], 3)} nats`).join("; ")
      : "not run",
    holds: known ? margins.flat().every((margin) => margin > 0) : words.headline ? false : null,
  };
}

function fewerSteps(rows: Row[]): Claim {
  const all = curves(rows);
  const muon = all.get("Muon") ?? [];
  const adamw = all.get("AdamW") ?? [];
  const goal = adamw.at(-1);
  const share = goal === undefined ? NaN : stepOf(muon, goal.loss) / goal.step;
  return {
    id: "fewer-steps",
    statement: "Muon needs fewer steps than AdamW for AdamW's final held-out loss.",
    source: "figure",
    reference: "Jordan et al. 2024: 1.35 times fewer in the NanoGPT speedrun",
    expected: "at most 1/1.35 = 74 % of AdamW's steps",
    measured: goal === undefined ? "not run" : `${show(100 * share, 3)} % of ${goal.step} steps`,
    holds: goal === undefined ? null : share <= 1 / 1.35,
  };
}

/** Where a curve first comes down to a loss, between its points on a straight line; NaN if it does not. */
function stepOf(curve: readonly CurvePoint[], loss: number): number {
  const k = curve.findIndex((point) => point.loss <= loss);
  if (k <= 0) return NaN;
  const [a, b] = [curve[k - 1], curve[k]];
  return a.step + (b.step - a.step) * (a.loss - loss) / (a.loss - b.loss);
}

function memory(rows: Row[]): Claim {
  const sizes = (name: string) => finalRuns(rows, name).map(({ stateSize }) => stateSize);
  const expected: [name: string, low: number, high: number][] = [
    ["SGD", 1, 1.01],
    ["AuON", 1, 1.01],
    ["Muon", 1, 1.01],
    ["NorMuon", 1, 1.03],
    ["AdamW", 2, 2.01],
  ];
  const known = expected.filter(([name]) => sizes(name).length > 0);
  return {
    id: "memory",
    statement: "Muon remembers one number a weight, NorMuon one more a neuron, AdamW two.",
    source: "derived",
    reference: "NorMuon, Table of memory: m(n + 1) against mn and 2mn",
    expected: known.map(([name, low]) => `${name} ${low}`).join(", "),
    measured: known.map(([name]) => `${name} ${showRange(sizes(name), 4)}`).join(", "),
    holds: known.length > 0 &&
      known.every(([name, low, high]) => sizes(name).every((size) => size >= low && size <= high)),
  };
}

function insideGrid(rows: Row[]): Claim {
  const grid = gridRuns(rows);
  const tuned = grid.length === 0 ? [] : tuneLearningRates(grid);
  const edges = tuned.filter(({ atEdge }) => atEdge);
  return {
    id: "tuned",
    statement:
      "Every optimizer's best learning rate lies inside of the grid, so that none is judged at a bad one.",
    source: "derived",
    reference: "protocol",
    expected: "no best rate at an edge",
    measured: edges.length === 0
      ? `${tuned.length} optimizers, none at an edge`
      : `at an edge: ${
        edges.map(({ optimizer, learningRate }) => `${optimizer} (${show(learningRate)})`).join(", ")
      }`,
    // Two rates have no inside.
    holds: grid.length < 3 * tuned.length ? null : edges.length === 0,
  };
}

/** What the five papers find, at the scale of this model; notes 7 numbers the criteria. */
import {
  above,
  atMost,
  defineClaims,
  derived,
  fromFigure,
  fromTable,
  type RowTable,
  type Source,
  within,
} from "../../lib/experiment/mod.ts";
import { tuneLearningRates } from "../../lib/training/mod.ts";
import { finalRuns, gridRuns, meanCurve, type Row } from "./rows.ts";

/** One optimizer better than others in every pair of runs of one seed: start and windows are the same. */
interface Ranking {
  id: string;
  criterion: number;
  better: string;
  others: string[];
  statement: string;
  source: Source;
  headline?: true;
}

const RANKINGS: Ranking[] = [
  {
    id: "muon-adamw",
    criterion: 1,
    better: "Muon",
    others: ["AdamW", "SGD"],
    statement: "After the same number of steps, Muon's held-out loss is lower than AdamW's and SGD's.",
    source: fromFigure("Jordan et al. 2024 (NanoGPT speedrun); Liu et al. 2025"),
    headline: true,
  },
  {
    id: "normuon-muon",
    criterion: 3,
    better: "NorMuon",
    others: ["Muon"],
    statement: "Normalizing neurons helps: NorMuon's loss is lower than Muon's.",
    source: fromFigure("Li et al. 2025, Figure 2 (11 % fewer steps at 1.1 billion parameters)"),
  },
  {
    id: "root-muon",
    criterion: 4,
    better: "ROOT",
    others: ["Muon"],
    statement: "Clipping the outliers of the momentum helps: ROOT's loss is lower than Muon's.",
    source: fromFigure("He et al. 2025, training loss of the 1B model"),
  },
  {
    id: "muon-auon",
    criterion: 5,
    better: "Muon",
    others: ["Hybrid-AuON", "AuON"],
    statement: "An O(N) rescaling does not replace orthogonalization: AuON and Hybrid-AuON stay behind Muon.",
    source: fromTable("Maity 2025, Table 1 (loss 0.4305 and 0.0422 against 0.0375)"),
  },
  {
    id: "hybrid-auon",
    criterion: 5,
    better: "Hybrid-AuON",
    others: ["AuON"],
    statement: "One Newton-Schulz step before the rescaling helps: Hybrid-AuON is better than AuON.",
    source: fromTable("Maity 2025, Table 1"),
  },
  {
    id: "muon-trion",
    criterion: 6,
    better: "Muon",
    others: ["Trion"],
    statement: "A quarter of the rank costs quality: Trion stays behind Muon.",
    source: fromTable("Modoranu et al. 2025 (perplexity 15.30 against 14.99)"),
  },
];

/** Numbers that each optimizer keeps per weight, at most; the least is the whole number below. */
const MEMORY: [name: string, most: number][] = [
  ["SGD", 1.01],
  ["AuON", 1.01],
  ["Muon", 1.01],
  ["NorMuon", 1.03],
  ["AdamW", 2.01],
];

export const claims = defineClaims<Row>((claim) => ({
  ...Object.fromEntries(RANKINGS.map(({ id, better, others, ...words }) => {
    const quantity = (other: string) => `${other} − ${better}, nats, each seed`;
    return [
      id,
      claim({
        ...words,
        figure: "key",
        decidedBy: ({ run }) =>
          words.headline === true || [better, ...others].every((name) => finalRuns(run, name).length > 0),
        measure: ({ run }) =>
          Object.fromEntries(others.map((other) => [quantity(other), margins(run, better, other)])),
        expect: Object.fromEntries(others.map((other) => [quantity(other), above(0)])),
      }),
    ];
  })),
  "fewer-steps": claim({
    figure: "key",
    criterion: 2,
    statement: "Muon needs fewer steps than AdamW for AdamW's final held-out loss.",
    source: fromFigure("Jordan et al. 2024: 1.35 times fewer in the NanoGPT speedrun"),
    measure: ({ curve }) => {
      const adamw = meanCurve(curve, "AdamW");
      const goal = adamw[adamw.length - 1];
      return { "share of AdamW's steps": stepOf(meanCurve(curve, "Muon"), goal.loss) / goal.step };
    },
    expect: { "share of AdamW's steps": atMost(Number((1 / 1.35).toFixed(3))) },
  }),
  memory: claim({
    figure: null,
    criterion: 7,
    statement: "Muon keeps one number per weight, NorMuon one more per neuron, AdamW two.",
    source: fromTable("NorMuon, memory: m(n + 1) against mn and 2mn"),
    measure: ({ run }: RowTable<Row>) => ({
      "numbers per weight over their expected number": MEMORY.flatMap(([name, most]) =>
        finalRuns(run, name).map(({ stateSize }) => stateSize / Math.floor(most))
      ),
      "over the most that is allowed": MEMORY.flatMap(([name, most]) =>
        finalRuns(run, name).map(({ stateSize }) => stateSize / most)
      ),
    }),
    expect: {
      "numbers per weight over their expected number": within(1, 1.03),
      "over the most that is allowed": atMost(1),
    },
  }),
  tuned: claim({
    figure: "rates",
    criterion: 8,
    statement:
      "Every optimizer's best learning rate lies inside of the grid, so that none is judged at a bad one.",
    source: derived("6"),
    // Two rates have no inside.
    decidedBy: ({ run }) => {
      const grid = gridRuns(run);
      return grid.length >= 3 * new Set(grid.map(({ optimizer }) => optimizer)).size;
    },
    measure: ({ run }) => {
      const grid = gridRuns(run);
      const tuned = grid.length === 0 ? [] : tuneLearningRates(grid);
      return {
        "optimizers tuned": tuned.length,
        "best rates at an edge": tuned.length === 0 ? NaN : tuned.filter(({ atEdge }) => atEdge).length,
      };
    },
    expect: { "optimizers tuned": above(0), "best rates at an edge": atMost(0) },
  }),
}));

/** By how much one optimizer's loss is above another's, seed by seed. */
function margins(run: readonly Row<"run">[], better: string, other: string): number[] {
  const best = finalRuns(run, better);
  return finalRuns(run, other).flatMap(({ seed, loss }) => {
    const twin = best.find((row) => row.seed === seed);
    return twin === undefined ? [] : [loss - twin.loss];
  });
}

/** Where a curve first comes down to a loss, between its points on a straight line; NaN if it does not. */
function stepOf(curve: readonly { step: number; loss: number }[], loss: number): number {
  const k = curve.findIndex((point) => point.loss <= loss);
  if (k <= 0) return NaN;
  const [a, b] = [curve[k - 1], curve[k]];
  return a.step + (b.step - a.step) * (a.loss - loss) / (a.loss - b.loss);
}

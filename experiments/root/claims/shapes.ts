import { summarizeBy } from "../../../lib/statistics/mod.ts";
import { allWithin, show, showRange } from "../../../lib/experiment/legacy.ts";
import type { LegacyClaim as Claim } from "../../../lib/experiment/legacy.ts";
import { type Row, rowsOf, type Schedule } from "../rows.ts";

/** The exact values of criteria 2 and 3. */
const EXACT: [schedule: Schedule, m: number, n: number, error: number][] = [
  ["Muon", 64, 64, 0.21040214],
  ["Muon", 64, 256, 0.21668057],
  ["Muon", 128, 128, 0.21031986],
  ["Muon", 256, 1024, 0.15270166],
  ["Muon", 2048, 2048, 0.22314066],
  ["Muon", 2048, 8192, 0.18430754],
  ["cubic", 64, 64, 0.49391237],
  ["cubic", 2048, 2048, 0.86359336],
];

/** Criterion 2. */
export function quadrature(rows: Row[]): Claim {
  const all = rowsOf(rows, "fragility");
  const found = EXACT.flatMap(([schedule, m, n, error]) =>
    all.filter((row) => row.schedule === schedule && row.m === m && row.n === n).map((row) =>
      row.error - error
    )
  ).map(Math.abs);
  const muon = all.filter(({ schedule }) => schedule === "Muon").map(({ error }) => error);
  return {
    id: "marchenko-pastur",
    statement:
      "How imprecise Newton-Schulz is depends on the shape, and is known from the Marchenko-Pastur law.",
    source: "derived",
    reference: "table of the sheet, by a quadrature of 20,000 nodes",
    expected: "eight tabulated errors to 1e-5",
    measured: `off by at most ${show(Math.max(...found), 2)} (${found.length} shapes); Muon's error is ${
      showRange(muon, 3)
    } over ${muon.length} shapes`,
    holds: allWithin(found, 0, 1e-5),
  };
}

/** Criterion 3. */
export function published(rows: Row[]): Claim {
  const all = rowsOf(rows, "fragility");
  const pairs = all.filter(({ schedule }) => schedule === "published").map(({ m, n, error }) => ({
    error,
    muon: all.find((row) => row.schedule === "Muon" && row.m === m && row.n === n)?.error ?? NaN,
  }));
  const expected = [0.03906377, 0.06328715, 0.12825425, 0.19823925];
  const errors = pairs.map(({ error }) => error).sort((a, b) => a - b);
  return {
    id: "published-triples",
    statement:
      "The four published triples are more precise than Muon's on Gaussian matrices of their shapes.",
    source: "table",
    reference: "coefficients of the official code",
    expected: "errors 0.0391, 0.0633, 0.1283 and 0.1982, each below Muon's",
    measured: pairs.map(({ error, muon }) => `${show(error, 4)} (Muon ${show(muon, 4)})`).join(", "),
    holds: errors.length === 4 &&
      allWithin(errors.map((error, i) => Math.abs(error - expected[i])), 0, 1e-5) &&
      pairs.every(({ error, muon }) => error < muon),
  };
}

/** Found here. */
export function escape(rows: Row[]): Claim {
  const all = rowsOf(rows, "bound");
  const square = all.filter(({ m, n }) => m === n);
  const wide = all.filter(({ m, n }) => m !== n);
  return {
    id: "escape",
    statement:
      "A hazard: the published triple for square matrices does not keep singular values bounded; those of the other shapes do.",
    source: "derived",
    reference: "a local maximum of 1.2246 beyond the repelling fixed point at 1.2236",
    expected: "no invariant interval for 2048 × 2048, one for each of the three others",
    measured: `after five steps up to ${showRange(square.map(({ worst }) => worst))}; others at most ${
      showRange(wide.map(({ bound }) => bound ?? Infinity))
    } after any number`,
    holds: square.length === 1 && wide.length === 3 && square.every(({ bound }) => bound === null) &&
      wide.every(({ bound }) => bound !== null),
  };
}

/** Criterion 4. */
export function sampled(rows: Row[]): Claim {
  const exact = rowsOf(rows, "fragility");
  const off = summarizeBy(rowsOf(rows, "sampled"), ["m", "n", "schedule"], "error").map((group) => {
    const law = exact.find(({ m, n, schedule }) =>
      m === group.m && n === group.n && schedule === group.schedule
    );
    return Math.abs(group.mean - (law?.error ?? NaN)) / group.sd;
  });
  return {
    id: "sampled",
    statement: "Sampled Gaussian matrices have the error that the law predicts.",
    source: "derived",
    reference: "Marchenko-Pastur law",
    expected: "mean of 8 samples within 3 standard deviations of a sample",
    measured: `at most ${show(Math.max(...off), 3)} standard deviations (${off.length} shapes and schedules)`,
    holds: allWithin(off, 0, 3),
  };
}

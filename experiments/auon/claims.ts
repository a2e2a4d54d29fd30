import { fitPowerLaw } from "../../lib/statistics/mod.ts";
import { tuneLearningRates } from "../../lib/training/mod.ts";
import { allWithin, show, showRange } from "../../lib/experiment/legacy.ts";
import type { LegacyClaim as Claim } from "../../lib/experiment/legacy.ts";
import {
  type ControlRow,
  type CountRow,
  type OptimizerName,
  type Row,
  rowsOf,
  type StageRow,
} from "./rows.ts";

/** The acceptance criteria of the sheet, by their numbers, and what else the paper says. */
export function claims(rows: Row[]): Claim[] {
  return [
    brakeIsARate(rowsOf(rows, "control").filter(({ variant }) => variant === "paper")),
    repoIsDescent(rowsOf(rows, "control").filter(({ variant }) => variant === "repo")),
    bounds(rows),
    sameForAll(rows),
    bfloat16(rows),
    direction(rows),
    scale(rows),
    figureOne(rowsOf(rows, "stage")),
    repoHybrid(rows),
    operations(rowsOf(rows, "count")),
    rareDirections(rows),
    ...trained(rows),
  ];
}

/** Criterion 4. */
function brakeIsARate(controls: ControlRow[]): Claim {
  const early = controls.map(({ brake }) => Math.max(...brake.slice(0, 30)));
  const late = controls.map(({ brake }) => Math.max(...brake));
  const tweaks = controls.map(({ tweak }) => Math.max(...tweak));
  return {
    id: "brake-is-a-rate",
    statement:
      "AuON is normalized SGD with a learning rate 0.012 % smaller: batch by batch it has the same loss, while changing the rate by that 0.012 % moves the loss far more.",
    source: "derived",
    reference: "section 3.5 of the sheet; protocol D",
    expected:
      "losses differ by less than 1e-5 in the first 30 steps, in every seed; over 100 steps by less than a thousandth of what the rate does",
    measured: `${showRange(early)} in 30 steps, ${showRange(late)} in 100; the rate alone ${
      showRange(tweaks)
    }`,
    headline: true,
    holds: allWithin(early, 0, 1e-5) && late.every((x, i) => x < 1e-3 * tweaks[i]),
  };
}

function repoIsDescent(controls: ControlRow[]): Claim {
  const shares = controls.map(({ brake, tweak }) => Math.max(...brake) / Math.max(...tweak));
  return {
    id: "repo-is-sgd",
    statement: "AuON as its code defines it since 2026 is plain Nesterov SGD with a rate 0.027 % smaller.",
    source: "derived",
    reference: "section 3.5 of the sheet",
    expected: "over 100 steps the losses differ by less than 1 % of what the change of the rate does",
    measured: `share ${showRange(shares)}`,
    holds: allWithin(shares, 0, 0.01),
  };
}

/** Criterion 1. */
function bounds(rows: Row[]): Claim {
  const checks = rowsOf(rows, "bounds");
  const lower = checks.map(({ aboveLower }) => aboveLower);
  const upper = checks.map(({ belowUpper }) => belowUpper);
  const tightness = checks.map(({ tightness }) => tightness);
  const matrices = checks.reduce((sum, { matrices }) => sum + matrices, 0);
  return {
    id: "bounds",
    statement:
      "R, the root mean square of cosh, has no room: cosh(γ/√N) ≤ R ≤ √(1 + sinh²γ/N) for every matrix, attained by flat and by one-hot ones.",
    source: "theorem",
    reference: "Jensen's inequality and the simplex's corners, section 3.5 of the sheet",
    expected: "1000 matrices of all shapes inside, to 1e-12 of R − 1; attained to 1e-14",
    measured: `${matrices} matrices: R − 1 at least ${showRange(lower, 6)} of the lower, at most ${
      showRange(upper, 6)
    } of the upper; attained to ${showRange(tightness)}`,
    holds: matrices >= 1000 && allWithin(lower, 1 - 1e-12, Infinity) && allWithin(upper, 0, 1 + 1e-12) &&
      allWithin(tightness, 0, 1e-14),
  };
}

function sameForAll(rows: Row[]): Claim {
  const brakes = rowsOf(rows, "brake").filter(({ n }) => n >= 4096);
  const inside = brakes.every(({ rmsMinus1, lower, upper }) =>
    rmsMinus1 >= lower * (1 - 1e-9) && rmsMinus1 <= upper * (1 + 1e-9)
  );
  const spread = Math.max(...brakes.map(({ rmsMinus1, lower }) => (rmsMinus1 - lower) / (1 + lower)));
  const kinds = new Set(brakes.map(({ entries }) => entries));
  return {
    id: "no-emergency",
    statement:
      "There is no emergency in which it brakes: from flat matrices over momentum in training and Cauchy entries to a single spike, the step changes by less than 0.005 %.",
    source: "derived",
    reference: "v4's “emergency brake”; section 3.5 of the sheet",
    expected: "N ≥ 4096: inside the bounds, and at most 5e-5 shorter than for a flat matrix",
    measured: `${kinds.size} kinds of matrices, at most ${show(spread)} shorter`,
    holds: kinds.size >= 5 && inside && spread < 5e-5,
  };
}

function bfloat16(rows: Row[]): Claim {
  const brakes = rowsOf(rows, "brake").filter(({ n, entries }) => n >= 1024 && entries === "training");
  const largest = Math.max(...brakes.map(({ rmsMinus1 }) => rmsMinus1));
  return {
    id: "bfloat16",
    statement: "In bfloat16, in which the paper's script runs, R rounds to exactly 1.",
    source: "derived",
    reference: "eight significant bits: what is below 1 + 2⁻⁸ rounds to 1",
    expected: "momentum in training, N ≥ 1024: R − 1 < 2⁻⁸ = 0.0039",
    measured: `R − 1 at most ${show(largest)} (${brakes.length} matrices)`,
    holds: brakes.length > 0 && largest < 2 ** -8,
  };
}

/** Criterion 2. */
function direction(rows: Row[]): Claim {
  const all = rowsOf(rows, "identity");
  const angles = all.map(({ angle }) => angle);
  const conditions = all.map(({ condition }) => condition);
  const norms = all.map(({ spectralNorm }) => spectralNorm);
  return {
    id: "direction",
    statement:
      "AuON does not recondition anything: its update is parallel to the momentum and has its condition number; a spectral norm below 1 comes from the norm alone.",
    source: "theorem",
    reference: "σᵢ(U) = σᵢ(G) / (‖G‖ R)",
    expected: "1 − cos at most 1e-12, condition number equal to 1e-9, ‖U‖₂ < 1",
    measured: `1 − cos ${showRange(angles)}; condition ${showRange(conditions)}; ‖U‖₂ ${showRange(norms)}`,
    holds: allWithin(angles, 0, 1e-12) && allWithin(conditions, 0, 1e-9) && allWithin(norms, 0, 1 - 1e-9),
  };
}

/** Criterion 3. */
function scale(rows: Row[]): Claim {
  const all = rowsOf(rows, "identity");
  const paper = all.map(({ paperScale }) => paperScale);
  const repo = all.map(({ repoScale }) => repoScale);
  return {
    id: "scale",
    statement:
      "The paper's AuON forgets the scale of the gradient; the one of its code does not: its step grows with it, as SGD's does.",
    source: "theorem",
    reference: "sections 3.1 and 3.3 of the sheet",
    expected: "c from 1e-3 to 1e6: AuON(cG) = AuON(G) and repo AuON(cG) = c · repo AuON(G), both to 1e-6",
    measured: `${showRange(paper)} and ${showRange(repo)}`,
    holds: allWithin(paper, 0, 1e-6) && allWithin(repo, 0, 1e-6),
  };
}

/** Figure 1, on a matrix whose values are known. */
function figureOne(stages: StageRow[]): Claim {
  const at = (stage: StageRow["stage"]) =>
    stages.filter((row) => row.matrix === "fixed" && row.stage === stage);
  const distance = (rows: StageRow[], expected: number[]) =>
    Math.max(
      ...rows.flatMap(({ singularValues }) => singularValues.map((s, i) => Math.abs(s - expected[i]))),
    );
  const auon = distance(at("AuON"), [0.697643054466, 0.536536276160, 0.355157697724, 0.194050919418]);
  const hybrid = distance(at("Hybrid-AuON"), [
    1.052758279444,
    0.954918707912,
    0.911473714473,
    0.571117689144,
  ]);
  const band = at("5").flatMap(({ singularValues }) => singularValues);
  return {
    id: "figure-1",
    statement:
      "Figure 1: Newton–Schulz moves all singular values near 1, one step goes part of the way, AuON only scales them.",
    source: "figure",
    reference: "Figure 1, on the sheet's matrix with exact values",
    expected: "AuON and Hybrid-AuON to 1e-7 of the values of section 8; five steps inside [0.6818, 1.2024]",
    measured: `${show(auon)} and ${show(hybrid)}; five steps ${showRange(band)}`,
    holds: auon < 1e-7 && hybrid < 1e-7 && allWithin(band, 0.6818314, 1.2023687),
  };
}

/** Criterion 7. */
function repoHybrid(rows: Row[]): Claim {
  const all = rowsOf(rows, "identity").filter(({ hybrid }) => hybrid.n === 4096);
  const distances = all.map(({ hybrid }) => hybrid.distance);
  const rms = all.map(({ hybrid }) => hybrid.rmsMinus1);
  return {
    id: "repo-hybrid-is-muon",
    statement: "Hybrid-AuON as its code defines it is Muon, without the shape factor, times 0.9997.",
    source: "theorem",
    reference: "section 3.4 of the sheet",
    expected: "equal to Muon / R to 2e-8 (1e-8 is added to R), |R − 1| < 6e-4 for N = 4096",
    measured: `${showRange(distances)}, R − 1 = ${showRange(rms)}`,
    holds: allWithin(distances, 0, 2e-8) && allWithin(rms, 0, 6e-4),
  };
}

/** Criterion 5, as far as it does not need a clock. */
function operations(counts: CountRow[]): Claim {
  const of = (method: CountRow["method"]) => counts.filter((row) => row.method === method && row.size >= 64);
  const slope = (method: CountRow["method"]) => {
    const own = of(method);
    return own.length < 2
      ? NaN
      : fitPowerLaw(own.map(({ size }) => size), own.map(({ operations }) => operations)).slope;
  };
  const at = (method: CountRow["method"]) => of(method).find(({ size }) => size === 256)?.operations ?? NaN;
  const auon = slope("AuON");
  const ns = slope("Newton–Schulz, 5 steps");
  const ratio = at("Newton–Schulz, 5 steps") / at("Hybrid-AuON");
  const wrong = counts.map(({ distance }) => distance);
  const decided = Number.isFinite(ratio);
  return {
    id: "linear-cost",
    statement:
      "AuON's cost is linear in the number of entries, Newton–Schulz's is cubic in the rows; Hybrid-AuON pays one of its five steps.",
    source: "figure",
    reference: "Figure 2, in counted operations; bench/cases/auon.ts has the clock's word",
    expected:
      "log-log slopes from 64 rows on: AuON 2.0 ± 0.4, five steps 2.8 ± 0.4; five steps over Hybrid-AuON 3.5 to 5.5 at 256; counted code agrees with the library to 1e-7",
    measured: decided
      ? `${show(auon)}, ${show(ns)}; ratio ${show(ratio)}; agreement ${show(Math.max(...wrong))}`
      : "not counted at this size",
    holds: decided
      ? allWithin([auon], 1.6, 2.4) && allWithin([ns], 2.4, 3.2) && allWithin([ratio], 3.5, 5.5) &&
        allWithin(wrong, 0, 1e-7)
      : null,
  };
}

/** Protocol E. */
function rareDirections(rows: Row[]): Claim {
  const ratios = (name: OptimizerName) =>
    rowsOf(rows, "memory").filter(({ optimizer }) => optimizer === name)
      .map(({ mean, tail }) => tail[tail.length - 1] / mean[mean.length - 1]);
  const auon = ratios("AuON");
  const nsgd = ratios("normalized SGD");
  const muon = ratios("Muon");
  const apart = auon.map((ratio, i) => Math.abs(ratio - nsgd[i]));
  return {
    id: "rare-directions",
    statement:
      "Rare facts stay as rare for AuON as for normalized SGD; Muon learns them as fast as the others, which is what orthogonalization is for.",
    source: "derived",
    reference: "protocol E: loss of the rarest quarter over the mean, at mean loss 1.7",
    expected: "AuON above 2.0 and within 0.01 of normalized SGD; Muon below 1.1",
    measured: `AuON ${showRange(auon)}, normalized SGD ${showRange(nsgd)}, Muon ${
      showRange(muon)
    }, Hybrid-AuON ${showRange(ratios("Hybrid-AuON"))}`,
    holds: allWithin(auon, 2, Infinity) && allWithin(apart, 0, 0.01) && allWithin(muon, 0, 1.1),
  };
}

/** Criterion 6, and two questions that the paper's Table 1 raises; undecided with fewer than three seeds. */
function trained(rows: Row[]): Claim[] {
  const runs = rowsOf(rows, "run");
  const seeds = new Set(runs.map(({ seed }) => seed)).size;
  const decided = seeds >= 3;
  const tuned = runs.length === 0 ? [] : tuneLearningRates(runs);
  const best = (name: OptimizerName) => tuned.find(({ optimizer }) => optimizer === name);
  const loss = (name: OptimizerName) => best(name)?.mean ?? NaN;
  const muon = loss("Muon");
  const hybrid = loss("Hybrid-AuON");
  const auon = loss("AuON");
  const named = ["Muon", "Hybrid-AuON", "AuON", "normalized SGD", "AdamW", "SGD"] as const;
  const edges = tuned.filter(({ atEdge }) => atEdge).map(({ optimizer }) => optimizer);
  const paired = (best("AuON")?.losses ?? []).map((x, i) => x - (best("normalized SGD")?.losses[i] ?? NaN));
  const mean = paired.reduce((sum, x) => sum + x, 0) / paired.length;
  const sd = Math.sqrt(paired.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (paired.length - 1));
  const error = sd / Math.sqrt(paired.length);
  const decide = (holds: boolean) => decided ? holds : null;
  return [
    {
      id: "order",
      statement:
        "At tuned rates Muon learns best and AuON worst of the three, as in the paper's Table 1; one Newton–Schulz step helps.",
      source: "table",
      reference: "Table 1, in order; digits, 100 steps",
      expected:
        "mean final losses: Muon below Hybrid-AuON, Muon ≤ 0.6 × AuON, Hybrid-AuON ≤ 1.2 × AuON; no best rate at the edge of the grid",
      measured: `${named.map((name) => `${name} ${show(loss(name), 3)}`).join(", ")}${
        edges.length === 0 ? "" : `; at the edge: ${edges.join(", ")}`
      }`,
      holds: decide(muon < hybrid && muon <= 0.6 * auon && hybrid <= 1.2 * auon && edges.length === 0),
    },
    {
      id: "nothing-gained",
      statement: "At tuned rates the brake gains nothing over normalized SGD that seeds could show.",
      source: "derived",
      reference: "protocol C",
      expected: "mean difference of final losses, paired by seed, within two standard errors of zero",
      measured: `${show(mean, 3)} ± ${show(error, 3)} (${paired.length} seeds)`,
      holds: decide(Math.abs(mean) <= 2 * error),
    },
    {
      id: "gap-closed",
      statement: "One Newton–Schulz step closes the gap to Muon.",
      source: "table",
      reference: "Table 1: Hybrid-AuON 0.0422, Muon 0.0375, a ratio of 1.13",
      expected: "mean final loss of Hybrid-AuON at most 1.13 × Muon's",
      measured: `ratio ${show(hybrid / muon, 3)}; of the way from AuON to Muon ${
        show(100 * (auon - hybrid) / (auon - muon), 3)
      } %`,
      holds: decide(hybrid <= 1.13 * muon),
    },
  ];
}

import type { LegacyClaim as Claim } from "../../lib/experiment/legacy.ts";
import { allWithin, show, showRange } from "../../lib/experiment/legacy.ts";
import { type Row, type RunRow, runsOf, TOLERANCE } from "./rows.ts";

const STEP_SIZE = 0.1;
const RANK = 3;

/** The acceptance criteria of the sheet, by their numbers. */
export function claims(rows: Row[]): Claim[] {
  const symmetric = runsOf(rows, "symmetric", false);
  const asymmetric = runsOf(rows, "asymmetric", false);
  const rebalanced = runsOf(rows, "rebalanced", false);
  const balanced = runsOf(rows, "balanced", false);
  return [
    sublinear(symmetric.filter(({ k }) => k > RANK)),
    exactRank(symmetric.filter(({ k }) => k === RANK)),
    imbalanceRate(asymmetric.filter(({ alpha }) => alpha > 0.01)),
    largeStart(asymmetric),
    linearizedRate(asymmetric),
    squareLaw(asymmetric),
    rebalancedFast(
      rebalanced.filter(({ tolerance }) => tolerance === TOLERANCE),
      asymmetric.filter(({ alpha }) => alpha === 0.01),
    ),
    rebalancedRate(rebalanced, TOLERANCE),
    rebalancedRate(rebalanced, 0.03),
    exactRebalancing(rebalanced),
    balancedStart(balanced),
    ...sensingClaims(rows),
  ];
}

/** Criterion 1. */
function sublinear(runs: RunRow[]): Claim {
  const powers = runs.map(({ power }) => power ?? NaN);
  const constants = runs.map(({ lastError, lastStep, k }) =>
    2 * STEP_SIZE * lastStep * lastError / Math.sqrt(k - RANK)
  );
  return {
    id: "sublinear",
    statement:
      "With more columns than the target's rank, symmetric gradient descent converges only like 1/t, with the constant √(k−r)/2η whatever the start.",
    source: "theorem",
    reference: "Theorem 1.1; constant derived from the flow of the null space",
    expected: "power of t in [−1.02, −0.97]; 2ηtE/√(k−r) in [0.99, 1.00]",
    measured: `power ${showRange(powers)}; constant ${showRange(constants)} (${runs.length} runs)`,
    headline: true,
    holds: allWithin(powers, -1.02, -0.97) && allWithin(constants, 0.99, 1),
  };
}

/** Criterion 2. */
function exactRank(runs: RunRow[]): Claim {
  const expected = Math.log(1 - STEP_SIZE);
  const rates = runs.map(({ rate }) => rate ?? NaN);
  const steps = runs.map(({ below }) => below["1e-12"] ?? Infinity);
  return {
    id: "exact-rank",
    statement:
      "With exactly as many columns as the rank, symmetric gradient descent is linear, with factor 1 − ησᵣ.",
    source: "theorem",
    reference: "exact-rank row of Table 1",
    expected: `rate ${show(expected, 7)} to 1e-5; error below 1e-12 by step 350`,
    measured: `rate ${showRange(rates, 7)}; step ${showRange(steps)}`,
    holds: allWithin(rates, expected - 1e-5, expected + 1e-5) && allWithin(steps, 0, 350),
  };
}

const share = (rate: number | null, of: number | null) => rate !== null && of !== null ? rate / of : NaN;

/** Criterion 3, for starts up to 0.7. */
function imbalanceRate(runs: RunRow[]): Claim {
  const ratio = ({ rate, predicted }: RunRow) => share(rate, predicted);
  const small = runs.filter(({ alpha }) => alpha <= 0.5).map(ratio);
  const large = runs.filter(({ alpha }) => alpha === 0.7).map(ratio);
  return {
    id: "imbalance-rate",
    statement:
      "An imbalanced asymmetric start makes it linear again, at the rate of the imbalance on the silent columns, which is known before the run.",
    source: "theorem",
    reference: "Theorem 1.3; constant derived from the conserved imbalance",
    expected: "measured over predicted rate in [0.97, 1.05] for α ≤ 0.5, in [0.95, 1.25] for α = 0.7",
    measured: `${showRange(small)} and ${showRange(large)}`,
    holds: allWithin(small, 0.97, 1.05) && allWithin(large, 0.95, 1.25),
  };
}

/** Criterion 3, for the largest start: it turns out that another mode is slower there. */
function largeStart(runs: RunRow[]): Claim {
  const ratios = runs.filter(({ alpha }) => alpha === 1).map(({ rate, predicted }) => share(rate, predicted));
  return {
    id: "imbalance-rate-large",
    statement: "The same prediction still serves for a start as large as the target.",
    source: "derived",
    reference: "section 3.5 of the sheet",
    expected: "measured over predicted rate in [0.95, 1.25] for α = 1",
    measured: showRange(ratios),
    holds: allWithin(ratios, 0.95, 1.25),
  };
}

/** What replaces it: the general form of section 3.5. */
function linearizedRate(runs: RunRow[]): Claim {
  const ratios = runs.filter(({ linearized }) => linearized !== null)
    .map(({ rate, linearized }) => share(rate, linearized));
  return {
    id: "linearized-rate",
    statement:
      "At every scale the rate is that of the slowest mode of the linearization at the limit, silent or not.",
    source: "derived",
    reference: "Gauss–Newton matrix of (F, G) ↦ FGᵀ",
    expected: "measured over predicted rate within 6 % for α = 0.5, 0.7 and 1",
    measured: showRange(ratios),
    holds: allWithin(ratios, 0.94, 1.06),
  };
}

/** Criterion 3, second half. */
function squareLaw(runs: RunRow[]): Claim {
  const rateAt = (alpha: number, seed: number) =>
    runs.find((run) => run.alpha === alpha && run.seed === seed)?.rate ?? NaN;
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  const ratios = seeds.map((seed) => rateAt(0.5, seed) / rateAt(0.2, seed));
  return {
    id: "square-law",
    statement: "The rate goes with the square of the start's scale: a small start is slow.",
    source: "theorem",
    reference: "Theorem 1.3, exp(−Ω(α²T))",
    expected: "rate at α = 0.5 over rate at α = 0.2 within 15 % of 6.25",
    measured: showRange(ratios),
    holds: allWithin(ratios, 0.85 * 6.25, 1.15 * 6.25),
  };
}

/** Criterion 4, how fast. */
function rebalancedFast(runs: RunRow[], without: RunRow[]): Claim {
  const steps = (beta: number) =>
    runs.filter((run) => run.beta === beta).map(({ below }) => below["1e-8"] ?? Infinity);
  const stuck = without.map(({ lastError }) => lastError);
  return {
    id: "rebalanced-fast",
    statement: "Rebalancing once near the solution makes starts of every scale fast.",
    source: "theorem",
    reference: "section 5",
    expected:
      "α = 0.5, 0.1, 0.01: below 1e-8 by step 700 with β = 0.5 and by step 300 with β = 1; without, α = 0.01 is still above 1e-5 at step 3000",
    measured: `steps ${showRange(steps(0.5))} and ${showRange(steps(1))}; without ${showRange(stuck)}`,
    holds: allWithin(steps(0.5), 0, 700) && allWithin(steps(1), 0, 300) && allWithin(stuck, 1e-5, Infinity),
  };
}

/** Criterion 4, at which rate; at `tolerance` from the target the factors were rebalanced. */
function rebalancedRate(runs: RunRow[], tolerance: number): Claim {
  const usual = tolerance === TOLERANCE;
  const ratios = runs.filter((run) => run.beta === 0.5 && run.tolerance === tolerance)
    .map(({ rate, predicted }) => share(rate, predicted));
  return {
    id: usual ? "rebalanced-rate" : "rebalanced-rate-near",
    statement: usual
      ? "After rebalancing, the rate is that of β alone."
      : "Rebalanced ten times nearer to the target, the rate is that of β alone even for the smallest start.",
    source: usual ? "theorem" : "derived",
    reference: usual
      ? "section 5, exp(−Ω(β²T))"
      : "the prediction's error is that of the factors when they are rebalanced",
    expected: usual
      ? "β = 0.5: rate within 10 % of ln(1−ηβ²) for α = 0.5, 0.1 and 0.01"
      : "α = 0.01, β = 0.5, rebalanced at a distance of 0.03: rate within 5 % of ln(1−ηβ²)",
    measured: `rate over predicted ${showRange(ratios)}`,
    holds: usual ? allWithin(ratios, 0.9, 1.1) : allWithin(ratios, 0.95, 1.05),
  };
}

/** Criterion 5. */
function exactRebalancing(runs: RunRow[]): Claim {
  const product = runs.map(({ rebalancing }) => rebalancing?.product ?? Infinity);
  const gram = runs.map(({ rebalancing }) => rebalancing?.gram ?? Infinity);
  return {
    id: "exact-rebalancing",
    statement: "Rebalancing changes the factors, not their product: F becomes β times an orthonormal matrix.",
    source: "derived",
    reference: "equation 5.1",
    expected: "‖F̃G̃ᵀ − FGᵀ‖ and ‖F̃ᵀF̃ − β²I‖ at most 1e-12",
    measured: `${showRange(product)} and ${showRange(gram)}`,
    holds: allWithin(product, 0, 1e-12) && allWithin(gram, 0, 1e-12),
  };
}

/** Criterion 7. */
function balancedStart(runs: RunRow[]): Claim {
  const factors = runs.map(({ balance }) => balance?.factors ?? Infinity);
  const symmetric = runs.map(({ balance }) => balance?.symmetric ?? Infinity);
  return {
    id: "balanced-start",
    statement:
      "From equal factors, asymmetric descent is symmetric descent, step for step: imbalance is the cure, not asymmetry.",
    source: "derived",
    reference: "section 3.5 of the sheet",
    expected: "F and G, and F and the symmetric X, agree to 1e-13 for 1000 steps",
    measured: `${showRange(factors)} and ${showRange(symmetric)}`,
    holds: allWithin(factors, 0, 1e-13) && allWithin(symmetric, 0, 1e-13),
  };
}

/** Criterion 6, and the honest failure; undecided where nothing was sensed. */
function sensingClaims(rows: Row[]): Claim[] {
  const sensed = rows.some((row) => row.m === 320);
  const decide = (holds: boolean) => sensed ? holds : null;
  const measure = (text: string) => sensed ? text : "not run at this size";
  const powers = runsOf(rows, "symmetric", true).map(({ power }) => power ?? NaN);
  const ratios = runsOf(rows, "asymmetric", true)
    .filter(({ lastError }) => lastError < 1e-10)
    .map(({ rate, predicted }) => share(rate, predicted));
  const rebalanced = runsOf(rows, "rebalanced", true);
  const steps = rebalanced.map(({ below }) => below["1e-8"] ?? Infinity);
  const rates = rebalanced.map(({ rate }) => rate ?? NaN);
  const few = rows.filter((row): row is RunRow => row.type === "run" && row.m === 120);
  const stalled = few.filter(({ kind }) => kind === "asymmetric").map(({ lastError }) => lastError);
  const slow = few.filter(({ kind }) => kind === "symmetric").map(({ lastError }) => lastError);
  return [
    {
      id: "sensing-symmetric",
      statement: "With 320 measurements of a 20 × 20 matrix the symmetric model is as slow.",
      source: "derived",
      reference: "sheet, Part B",
      expected: "power of t in [−1.0, −0.85]",
      measured: measure(showRange(powers)),
      holds: decide(allWithin(powers, -1, -0.85)),
    },
    {
      id: "sensing-rate",
      statement: "There too, the rate of the asymmetric model is that of its linearization at the limit.",
      source: "derived",
      reference: "Gauss–Newton matrix at the limit",
      expected: "measured over predicted rate within 6 % for runs that reach 1e-10",
      measured: measure(`${showRange(ratios)} (${ratios.length} runs)`),
      holds: decide(allWithin(ratios, 0.94, 1.06)),
    },
    {
      id: "sensing-rebalanced",
      statement: "There too, rebalancing makes starts of every scale equally fast.",
      source: "derived",
      reference: "sheet, Part B",
      expected: "below 1e-8 by step 1100 for α = 0.5, 0.1 and 0.01",
      measured: measure(`steps ${showRange(steps)}; rates ${showRange(rates)}`),
      holds: decide(allWithin(steps, 0, 1100)),
    },
    {
      id: "few-measurements",
      statement:
        "An honest failure: with only 120 measurements the asymmetric model finds another matrix, while the symmetric one still converges.",
      source: "derived",
      reference: "sheet, section 11",
      expected: "after 6000 steps the asymmetric error is above 0.1 and the symmetric one below 0.1",
      measured: measure(`${showRange(stalled)} and ${showRange(slow)}`),
      holds: decide(allWithin(stalled, 0.1, Infinity) && allWithin(slow, 0, 0.1)),
    },
  ];
}

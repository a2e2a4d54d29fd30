import { mean } from "simple-statistics";
import { tuneLearningRates } from "../../lib/training/mod.ts";
import { allWithin, show, showRange } from "../../lib/experiment/legacy.ts";
import type { LegacyClaim as Claim } from "../../lib/experiment/legacy.ts";
import type { Method } from "./methods.ts";
import { type Row, rowsOf, type TravelRow, widthOf } from "./rows.ts";

/**
 * The acceptance criteria of the sheet, by their numbers; number 7 is proved in
 * test/optimizers/normuon_test.ts.
 */
export function claims(rows: Row[]): Claim[] {
  return [
    evenNeurons(rows),
    conditioning(rows),
    firstStep(rows),
    leverage(rows),
    sameLength(rows),
    travel(rows),
    lossRatio(rows),
    square(rows),
    precision(rows),
    deadNeuron(rows),
    training(rows),
  ];
}

const seedsOf = (rows: readonly { seed: number }[]) => [...new Set(rows.map(({ seed }) => seed))];

/** Mean over the recorded steps of a quantity of the tall hidden layer, one a seed. */
function ofTallLayer(rows: Row[], optimizer: Method, field: "variation" | "condition"): number[] {
  const own = rowsOf(rows, "spread").filter((row) => row.optimizer === optimizer && row.layer === 2);
  return seedsOf(own).map((seed) =>
    mean(own.filter((row) => row.seed === seed).map((row) => row[field] ?? NaN))
  );
}

const ratios = (above: number[], below: number[]) => above.map((value, i) => value / (below[i] ?? NaN));

/** Criterion 1. */
function evenNeurons(rows: Row[]): Claim {
  const muon = ofTallLayer(rows, "Muon", "variation");
  const normuon = ofTallLayer(rows, "NorMuon", "variation");
  const shares = ratios(normuon, muon);
  return {
    id: "even-neurons",
    statement: "Muon moves some neurons much further than others; NorMuon moves all of them alike.",
    source: "figure",
    reference: "Figure 1(b)",
    expected: `${
      widthOf(rows)
    } × 64 layer: variation of the neurons' update norms at most 0.55 of Muon's, every seed`,
    measured: `${showRange(shares)} of Muon's: ${showRange(normuon)} after ${showRange(muon)} (${
      show(shares.length)
    } seeds)`,
    headline: true,
    holds: allWithin(shares, 0, 0.55),
  };
}

/** Criterion 2. */
function conditioning(rows: Row[]): Claim {
  const muon = ofTallLayer(rows, "Muon", "condition");
  const of = (optimizer: Method) => ratios(ofTallLayer(rows, optimizer, "condition"), muon);
  const [normuon, adam, sgd] = [of("NorMuon"), of("Adam"), of("SGD")];
  return {
    id: "conditioning",
    statement: "Normalizing the neurons costs none of Muon's conditioning, which SGD and Adam are far from.",
    source: "figure",
    reference: "Figure 1(a)",
    expected:
      "condition number of the update over Muon's: NorMuon at most 1.3, Adam at least 20, SGD at least 80",
    measured: `${showRange(normuon)}, ${showRange(adam)} and ${showRange(sgd)}; Muon's is ${showRange(muon)}`,
    holds: allWithin(normuon, 0, 1.3) && allWithin(adam, 20, Infinity) && allWithin(sgd, 80, Infinity),
  };
}

/** Criterion 3. */
function firstStep(rows: Row[]): Claim {
  const own = rowsOf(rows, "identity");
  const deviations = own.map(({ firstStepSmallEps }) => firstStepSmallEps);
  return {
    id: "first-step",
    statement: "At the first step all neurons' updates have the same norm, ‖O‖/√m, whatever the gradient.",
    source: "theorem",
    reference: "Algorithm 1 with v₀ = 0",
    expected: "relative deviation at most 1e-8, with ε = 1e-12",
    measured: `${showRange(deviations)}; the default ε = 1e-10 alone moves the lightest rows by ${
      showRange(own.map(({ firstStep }) => firstStep))
    }`,
    holds: allWithin(deviations, 0, 1e-8),
  };
}

/** Criterion 4. */
function leverage(rows: Row[]): Claim {
  const gaussian = rowsOf(rows, "gaussian");
  const trained = rowsOf(rows, "leverage").map((row) =>
    Math.max(...row.leverage.map((score, i) => Math.abs(score - row.exact[i])))
  );
  const errors = [...gaussian.map(({ error }) => error), ...trained];
  const variation = gaussian.length > 0 ? mean(gaussian.map((row) => row.variation)) : NaN;
  return {
    id: "leverage",
    statement:
      "Why: the squared row norms of a tall polar factor are the leverage scores of the momentum, which are unequal even for noise.",
    source: "theorem",
    reference: "O = UVᵀ and the projection UUᵀ; scores of Gaussian rows are Beta(n/2, (m − n)/2)",
    expected: "equal to 1e-10; variation of the scores of Gaussian 256 × 64 matrices 0.1525 ± 0.02",
    measured: `${showRange(errors)} (${errors.length} matrices); ${
      show(variation)
    } (mean of ${gaussian.length})`,
    holds: allWithin(errors, 0, 1e-10) && allWithin([variation], 0.1325, 0.1725),
  };
}

/** Criterion 5. */
function sameLength(rows: Row[]): Claim {
  const code = rowsOf(rows, "identity").map(({ length }) => length);
  const paper = rowsOf(rows, "identity").map(({ paperLength }) => paperLength);
  return {
    id: "same-length",
    statement:
      "NorMuon spends exactly Muon's step length (official code), or a root mean square of 0.2 η (paper).",
    source: "theorem",
    reference: "official code; Algorithm 1",
    expected: "relative deviation at most 1e-8, every step",
    measured: `${showRange(code)} and ${showRange(paper)}`,
    holds: allWithin(code, 0, 1e-8) && allWithin(paper, 0, 1e-8),
  };
}

function travelled(rows: Row[], method: Method, outputs = 256): TravelRow[] {
  return rowsOf(rows, "travel").filter((row) => row.method === method && row.outputs === outputs);
}

/** Criterion 6. */
function travel(rows: Row[]): Claim {
  const variation = (method: Method) => travelled(rows, method).map((row) => row.variation);
  const error = (method: Method) => travelled(rows, method).map((row) => row.lightError);
  const [normuon, muon, wrong] = [variation("NorMuon"), variation("Muon"), variation("wrong axis")];
  return {
    id: "travel",
    statement:
      "On a quadratic with unequal neurons, steps of the same total length are spent evenly; along the wrong axis nothing is gained.",
    source: "derived",
    reference: "sheet, Protocol B",
    expected:
      "variation of travel: NorMuon < 0.03, Muon and wrong axis > 0.45; error of the lightest quarter: NorMuon < 0.85, Muon > 0.89",
    measured: `${showRange(normuon)}, ${showRange(muon)} and ${showRange(wrong)}; ${
      showRange(error("NorMuon"))
    } and ${showRange(error("Muon"))}`,
    holds: allWithin(normuon, 0, 0.03) && allWithin([...muon, ...wrong], 0.45, Infinity) &&
      allWithin(error("NorMuon"), 0, 0.85) && allWithin(error("Muon"), 0.89, Infinity),
  };
}

/** The honest counterpart of criterion 6. */
function lossRatio(rows: Row[]): Claim {
  const loss = (method: Method) => travelled(rows, method).map((row) => row.lossRatio);
  const [normuon, muon] = [loss("NorMuon"), loss("Muon")];
  return {
    id: "weighted-loss",
    statement:
      "An honest counterpart: there the weighted loss itself falls less than with Muon, because effort goes to neurons that weigh little.",
    source: "derived",
    reference: "sheet, Protocol B",
    expected: "loss after 20 steps over the first one: NorMuon above Muon, every seed",
    measured: `${showRange(normuon)} against ${showRange(muon)}`,
    holds: allWithin(ratios(normuon, muon), 1, Infinity),
  };
}

/** Where there is less to gain. */
function square(rows: Row[]): Claim {
  const variation = (method: Method, outputs: number) =>
    travelled(rows, method, outputs).map((row) => row.variation);
  const shares = ratios(variation("Muon", 64), variation("Muon", 256));
  return {
    id: "square-layer",
    statement:
      "A square layer has far less to gain: all leverage scores are 1, and only Muon's ripple is uneven.",
    source: "derived",
    reference: "section 3.3 of the sheet",
    expected: "Muon's variation of travel at 64 × 64 at most 0.3 of that at 256 × 64",
    measured: `${showRange(shares)}: ${showRange(variation("Muon", 64))}, with NorMuon ${
      showRange(variation("NorMuon", 64))
    }`,
    holds: allWithin(shares, 0, 0.3),
  };
}

/** Section 11: what a more precise polar factor can do and cannot. */
function precision(rows: Row[]): Claim {
  const exact = rowsOf(rows, "precision").filter(({ schedule, steps }) =>
    schedule === "Polar Express" && steps === 10
  );
  const wide = exact.filter(({ shape }) => shape === "wide").map(({ variation }) => variation);
  const tall = exact.filter(({ shape }) => shape === "tall").map(({ variation, limit }) => variation / limit);
  return {
    id: "precision",
    statement:
      "A more precise polar factor evens out the neurons of wide layers, but never those of tall ones: leverage scores stay.",
    source: "derived",
    reference: "section 3.3 of the sheet; Polar Express (arXiv 2505.16932), 10 steps",
    expected: "wide: variation at most 1e-3; tall: within 5 % of that of the leverage scores' roots",
    measured: `${showRange(wide)}; ${showRange(tall)} of it`,
    holds: allWithin(wide, 0, 1e-3) && allWithin(tall, 0.95, 1.05),
  };
}

/** Section 11: dead neurons. */
function deadNeuron(rows: Row[]): Claim {
  const tall = rowsOf(rows, "dead").filter(({ shape }) => shape === "tall");
  const rateOf = (line: string | undefined) => {
    const at = (step: number) => tall.find((row) => row.line === line && row.since === step)?.size ?? NaN;
    return (at(200) / at(100)) ** 0.01;
  };
  const name = tall.map(({ line }) => line).find((line) => line.startsWith("NorMuon"));
  const beta2 = Number(name?.split("= ")[1]);
  const [muon, normuon] = [rateOf("Muon"), rateOf(name)];
  const expected = 0.95 / Math.sqrt(Math.max(beta2, 0.95 ** 2));
  return {
    id: "dead-neuron",
    statement:
      "A price: a neuron whose gradient has ended is pushed on for longer, since what divides it forgets only as fast as the square root.",
    source: "derived",
    reference: "momentum falls by β₁ a step, its running root mean square by √max(β₂, β₁²)",
    expected: `tall layer, decay per step within 0.1 % of ${show(0.95)} for Muon and of ${
      show(expected)
    } for NorMuon`,
    measured: `${show(muon)} and ${show(normuon)}`,
    holds: allWithin([muon / 0.95, normuon / expected], 0.999, 1.001),
  };
}

/** Criterion 8. */
function training(rows: Row[]): Claim {
  const runs = rowsOf(rows, "training");
  const tuned = runs.length > 0 ? tuneLearningRates(runs) : [];
  const of = (optimizer: Method) => tuned.find((entry) => entry.optimizer === optimizer);
  const [adam, muon, normuon] = [of("Adam"), of("Muon"), of("NorMuon")];
  const pooled = Math.sqrt(((muon?.sd ?? NaN) ** 2 + (normuon?.sd ?? NaN) ** 2) / 2);
  const gap = Math.abs((normuon?.mean ?? NaN) - (muon?.mean ?? NaN)) / pooled;
  const shares = [muon, normuon].map((entry) => (entry?.mean ?? NaN) / (adam?.mean ?? NaN));
  const text = [adam, muon, normuon].map((entry) =>
    entry === undefined
      ? "none"
      : `${entry.optimizer} ${show(entry.mean, 3)} ± ${show(entry.sd, 2)} (η = ${entry.learningRate}${
        entry.atEdge ? ", at the edge of the grid" : ""
      })`
  );
  return {
    id: "training",
    statement:
      "At this size NorMuon and Muon train equally well, both far better than Adam: the gain needs language models.",
    source: "derived",
    reference: "sheet, Protocol C",
    expected: "mean losses at the best rates within 2 pooled standard deviations; both at most 0.6 of Adam's",
    measured: `${text.join(", ")}; ${show(gap, 2)} standard deviations apart`,
    holds: allWithin([gap], 0, 2) && allWithin(shares, 0, 0.6),
  };
}

import { tuneLearningRates } from "../../../lib/training/mod.ts";
import { show } from "../../../lib/experiment/legacy.ts";
import type { LegacyClaim as Claim } from "../../../lib/experiment/legacy.ts";
import { average, type Method, type Row, rowsOf, type TrainingRow } from "../rows.ts";

/** Final losses at the protocol's learning rates. */
function losses(rows: Row[], probability: number, size: number, method: Method): number[] {
  return rowsOf(rows, "training").filter((row) =>
    row.probability === probability && row.size === size && row.method === method && row.ratio === 1
  ).map(({ loss }) => loss ?? Infinity);
}

/** Criterion 7. */
export function training(rows: Row[]): Claim {
  const mean = (method: Method) => average(losses(rows, 0.001, 1000, method));
  const clean = (method: Method) => average(losses(rows, 0, 0, method));
  return {
    id: "training-outliers",
    statement: "With one gradient entry in a thousand hit hard, ROOT still trains, Muon hardly does.",
    source: "derived",
    reference: "sheet, protocol D",
    expected:
      "p = 0.001, K = 1000: loss at most 0.35 of Muon's and 0.8 of AdamW's; p = 0: at most twice Muon's",
    measured: `ROOT ${show(mean("ROOT"), 3)}, Muon ${show(mean("Muon"), 3)}, AdamW ${
      show(mean("AdamW"), 3)
    }; without hits ROOT ${show(clean("ROOT"), 3)}, Muon ${show(clean("Muon"), 3)}`,
    holds: mean("ROOT") <= 0.35 * mean("Muon") && mean("ROOT") <= 0.8 * mean("AdamW") &&
      clean("ROOT") <= 2 * clean("Muon"),
  };
}

/** The runs of the grid at one setting, at the seeds that tried every rate. */
export function gridOf(rows: Row[], probability: number, size: number): TrainingRow[] {
  const here = rowsOf(rows, "training").filter((row) => row.probability === probability && row.size === size);
  const seeds = new Set(here.filter(({ ratio }) => ratio !== 1).map(({ seed }) => seed));
  const methods = new Set(here.filter(({ ratio }) => ratio !== 1).map(({ method }) => method));
  return here.filter(({ seed, method }) => seeds.has(seed) && methods.has(method));
}

function tuned(rows: Row[], probability: number, size: number) {
  const grid = gridOf(rows, probability, size);
  if (grid.length === 0) return undefined;
  const best = tuneLearningRates(
    grid.map(({ method, loss, ...row }) => ({ ...row, optimizer: method, loss: loss ?? Infinity })),
  );
  return {
    loss: (method: Method) => best.find(({ optimizer }) => optimizer === method)!.mean,
    atEdge: best.some(({ atEdge }) => atEdge),
  };
}

/** Criterion 7 at each method's best learning rate. */
export function trainingTuned(rows: Row[]): Claim {
  const hit = tuned(rows, 0.001, 1000);
  const clean = tuned(rows, 0, 0);
  return {
    id: "training-tuned",
    statement: "At each optimizer's best learning rate the order is the same: ROOT, AdamW, Muon.",
    source: "derived",
    reference: "grid of four rates, a factor 2 apart",
    expected:
      "p = 0.001, K = 1000: ROOT below AdamW below Muon, no best rate at an edge of the grid; p = 0: ROOT at most twice Muon",
    measured: hit && clean
      ? `ROOT ${show(hit.loss("ROOT"), 3)}, Muon ${show(hit.loss("Muon"), 3)}, AdamW ${
        show(hit.loss("AdamW"), 3)
      }; without hits ROOT ${show(clean.loss("ROOT"), 3)}, Muon ${show(clean.loss("Muon"), 3)}`
      : "no grid at this size",
    holds: hit && clean
      ? hit.loss("ROOT") < hit.loss("AdamW") && hit.loss("AdamW") < hit.loss("Muon") &&
        clean.loss("ROOT") <= 2 * clean.loss("Muon") && !hit.atEdge && !clean.atEdge
      : null,
  };
}

/** Criterion 8, first half. */
export function adamWins(rows: Row[]): Claim {
  const mean = (method: Method) => average(losses(rows, 0.01, 100, method));
  const best = tuned(rows, 0.01, 100);
  const atBest = best && best.loss("ROOT") / best.loss("AdamW");
  return {
    id: "honest-adam",
    statement: "An honest failure: with one entry in a hundred hit, AdamW beats ROOT clearly.",
    source: "derived",
    reference: "sheet, protocol D",
    expected: "p = 0.01, K = 100: ROOT's loss more than twice AdamW's, at best learning rates too",
    measured: `ROOT ${show(mean("ROOT"), 3)}, AdamW ${show(mean("AdamW"), 3)}; ratio ${
      show(mean("ROOT") / mean("AdamW"), 3)
    }${atBest === undefined ? "" : `, at best rates ${show(atBest, 3)}`}`,
    holds: mean("ROOT") > 2 * mean("AdamW") && (atBest === undefined || atBest > 2),
  };
}

/** Criterion 8, second half. */
export function clipFirst(rows: Row[]): Claim {
  const mean = (method: Method) => average(losses(rows, 0.01, 100, method));
  return {
    id: "clip-first",
    statement: "Clipping the gradient before the momentum, instead of the momentum, cures it.",
    source: "derived",
    reference: "sheet, section 11",
    expected: "p = 0.01, K = 100: loss below that of ROOT and of AdamW",
    measured: `${show(mean("clip before momentum"), 3)}; ROOT ${show(mean("ROOT"), 3)}, AdamW ${
      show(mean("AdamW"), 3)
    }`,
    holds: mean("clip before momentum") < Math.min(mean("ROOT"), mean("AdamW")),
  };
}

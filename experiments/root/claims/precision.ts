import { allWithin, showRange } from "../../../lib/experiment/legacy.ts";
import type { LegacyClaim as Claim } from "../../../lib/experiment/legacy.ts";
import { average, distinct, type Row, rowsOf, type Schedule } from "../rows.ts";

/** Errors of protocol B by pair and layer, in the order of the steps. */
function panels(rows: Row[]): { layer: number; errors: (schedule: Schedule) => number[] }[] {
  const all = rowsOf(rows, "precision");
  return distinct(all.map(({ calibration, layer }) => `${calibration}|${layer}`)).map((key) => {
    const own = all.filter(({ calibration, layer }) => `${calibration}|${layer}` === key);
    return {
      layer: own[0].layer,
      errors: (schedule) => own.filter((row) => row.schedule === schedule).map(({ error }) => error),
    };
  });
}

/** Share of checkpoints at which one schedule is below another, a panel. */
function winsOver(rows: Row[], schedule: Schedule, other: Schedule): number[] {
  return panels(rows).map(({ errors }) => {
    const theirs = errors(other);
    return average(errors(schedule).map((error, i) => error < theirs[i] ? 1 : 0));
  });
}

/** Means over the checkpoints of one schedule over those of another, a panel. */
function ratiosTo(rows: Row[], schedule: Schedule, other: Schedule): number[] {
  return panels(rows).map(({ errors }) => average(errors(schedule)) / average(errors(other)));
}

/** Criterion 1, the paper's figure. */
export function precision(rows: Row[]): Claim {
  const wins = winsOver(rows, "AdaNewton", "Muon");
  const means = ratiosTo(rows, "AdaNewton", "Muon");
  return {
    id: "precision",
    statement:
      "Coefficients fitted to the momentum of one training run orthogonalize that of another more precisely than Muon's, in every layer.",
    source: "figure",
    reference: "precision.png: AdaNewton below Muon at every step",
    expected: "below Muon at 90 % of the checkpoints or more, in each layer",
    measured: `${showRange(wins.map((win) => 100 * win))} % of the checkpoints; mean error ${
      showRange(means, 3)
    } of Muon's (${wins.length} layers and seeds)`,
    headline: true,
    holds: allWithin(wins, 0.9, 1),
  };
}

/** Criterion 1, second half. */
export function classic(rows: Row[]): Claim {
  const quintic = ratiosTo(rows, "classic", "Muon");
  const cubic = ratiosTo(rows, "cubic", "Muon");
  return {
    id: "classic",
    statement: "Five steps of a classic Newton-Schulz iteration are far from orthogonal.",
    source: "figure",
    reference: "precision.png: classic about 0.75 in every panel",
    expected: "mean error more than twice Muon's, for the cubic and for the quintic",
    measured: `${showRange(cubic, 3)} and ${showRange(quintic, 3)} times Muon's`,
    holds: allWithin([...cubic, ...quintic], 2, Infinity),
  };
}

/** The mix that secondary notes describe. */
export function mixed(rows: Row[]): Claim {
  const means = ratiosTo(rows, "fitted to a 1:3 mix", "Muon");
  const wins = winsOver(rows, "fitted to a 1:3 mix", "Muon");
  return {
    id: "mixed-fit",
    statement:
      "Fitted to one part of momentum and three of random matrices, the mean is better than Muon's, many single steps are not.",
    source: "derived",
    reference: "the mix that notes on the paper mention",
    expected: "mean error below Muon's in every layer, but below it at fewer than 90 % of the checkpoints",
    measured: `${showRange(means, 3)} of Muon's error; ${
      showRange(wins.map((win) => 100 * win))
    } % of the checkpoints`,
    holds: allWithin(means, 0, 1) && wins.every((win) => win < 0.9),
  };
}

/** Why real spectra are needed. */
export function gaussianFit(rows: Row[]): Claim {
  const means = ratiosTo(rows, "fitted to Gaussians", "Muon");
  const own = rowsOf(rows, "fit").filter(({ schedule }) => schedule === "fitted to Gaussians");
  return {
    id: "gaussian-fit",
    statement:
      "Fitted to random matrices alone, coefficients are nearly exact on those and bad on real momentum.",
    source: "derived",
    reference: "sheet, section 6B",
    expected: "error below 0.001 on Gaussian 64 × 256, more than twice Muon's on momenta",
    measured: `${showRange(own.map(({ error }) => error), 2)}; ${showRange(means, 3)} times Muon's`,
    holds: allWithin(own.map(({ error }) => error), 0, 1e-3) && allWithin(means, 2, Infinity),
  };
}

/** The honest comparison. */
export function perStep(rows: Row[]): Claim {
  const you = ratiosTo(rows, "You", "AdaNewton");
  const polar = ratiosTo(rows, "Polar Express", "AdaNewton");
  return {
    id: "per-step",
    statement: "A triple per step instead of a triple per shape is better still, and needs no calibration.",
    source: "derived",
    reference: "sheet, section 11",
    expected: "You's and Polar Express's five steps below AdaNewton's mean error in every layer",
    measured: `${showRange(you, 3)} and ${showRange(polar, 3)} of AdaNewton's`,
    holds: allWithin([...you, ...polar], 0, 1),
  };
}

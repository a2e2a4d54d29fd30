import { summarizeBy } from "../../lib/statistics/mod.ts";
import { tuneLearningRates } from "../../lib/testbeds/mod.ts";
import { allWithin, show, showRange } from "../claim.ts";
import type { Claim } from "../experiment.ts";
import { average, distinct, type Method, type Row, rowsOf, type Schedule, type TrainingRow } from "./rows.ts";

/** The acceptance criteria of the sheet, by their numbers, and what we found beside them. */
export function claims(rows: Row[]): Claim[] {
  return [
    precision(rows),
    classic(rows),
    quadrature(rows),
    published(rows),
    escape(rows),
    sampled(rows),
    independent(rows),
    muonFalls(rows),
    muonEveryDraw(rows),
    single(rows),
    training(rows),
    trainingTuned(rows),
    adamWins(rows),
    clipFirst(rows),
    mixed(rows),
    gaussianFit(rows),
    perStep(rows),
    breakdown(rows),
  ];
}

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
function precision(rows: Row[]): Claim {
  const wins = winsOver(rows, "AdaNewton", "Muon"), means = ratiosTo(rows, "AdaNewton", "Muon");
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
function classic(rows: Row[]): Claim {
  const quintic = ratiosTo(rows, "classic", "Muon"), cubic = ratiosTo(rows, "cubic", "Muon");
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
function quadrature(rows: Row[]): Claim {
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
function published(rows: Row[]): Claim {
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
function escape(rows: Row[]): Claim {
  const all = rowsOf(rows, "bound");
  const square = all.filter(({ m, n }) => m === n), wide = all.filter(({ m, n }) => m !== n);
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
function sampled(rows: Row[]): Claim {
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

/** Criterion 5, ROOT. */
function independent(rows: Row[]): Claim {
  const huge = rowsOf(rows, "outlier").filter(({ method, size }) => method === "ROOT" && size >= 100);
  const cosines = huge.map(({ cosine }) => cosine), changes = huge.map(({ change }) => change);
  return {
    id: "outlier-independence",
    statement: "Once outliers are beyond the threshold, ROOT's update does not depend on how large they are.",
    source: "theorem",
    reference: "M - T(M) is the projection onto a box",
    expected:
      "entries equal to 1e-12 for sizes 1e2 to 1e8; cosine with the clean polar factor in [0.926, 0.954]",
    measured: `largest change ${show(Math.max(...changes), 2)}; cosine ${showRange(cosines)}`,
    holds: allWithin(changes, 0, 1e-12) && allWithin(cosines, 0.926, 0.954),
  };
}

/** Muon's cosines in the draws of protocol C. */
function muonCosines(rows: Row[], wanted: number): number[] {
  return rowsOf(rows, "outlier").filter(({ method, size }) => method === "Muon" && size === wanted)
    .map(({ cosine }) => cosine);
}

/** Criterion 5, Muon: on average, and below every draw of ROOT. */
function muonFalls(rows: Row[]): Claim {
  const means = [0, 100].map((size) => average(muonCosines(rows, size))), last = muonCosines(rows, 1e4);
  return {
    id: "outlier-muon",
    statement: "Twenty outliers among 2,048 entries turn Muon's update away from the clean one.",
    source: "derived",
    reference: "sheet, five NumPy draws",
    expected:
      "mean cosine in [0.985, 0.988] without, in [0.41, 0.51] at size 1e2; below 0.15 at size 1e4 in every draw",
    measured: `${show(means[0])}, ${show(means[1], 3)}; ${showRange(last, 2)}`,
    holds: allWithin([means[0]], 0.985, 0.988) && allWithin([means[1]], 0.41, 0.51) &&
      allWithin(last, -0.15, 0.15),
  };
}

/** Criterion 5, Muon, to the letter. */
function muonEveryDraw(rows: Row[]): Claim {
  const clean = muonCosines(rows, 0), hit = muonCosines(rows, 100);
  return {
    id: "outlier-muon-every-draw",
    statement: "The same for every draw: all cosines lie in the range of the sheet's own five draws.",
    source: "derived",
    reference: "sheet, five NumPy draws",
    expected: "each cosine in [0.985, 0.988] without, in [0.41, 0.51] at size 1e2",
    measured: `${showRange(clean)}; ${showRange(hit, 3)} (${hit.length} draws)`,
    holds: allWithin(clean, 0.985, 0.988) && allWithin(hit, 0.41, 0.51),
  };
}

/** Criterion 6. */
function single(rows: Row[]): Claim {
  const at = (wanted: number) => rowsOf(rows, "single").filter(({ size }) => size === wanted);
  const off = (wanted: number) =>
    at(wanted).map(({ rest, predictedRest }) => Math.abs(rest / predictedRest - 1));
  const corner = at(1e4).map((row) => Math.abs(row.corner - 0.69643641));
  // Ten times the size, a tenth of the distance.
  const order = at(1e3).map(({ seed, polarError }) =>
    polarError / (at(1e4).find((row) => row.seed === seed)?.polarError ?? NaN)
  );
  return {
    id: "single-outlier",
    statement:
      "Beside one huge entry the exact polar factor keeps everything else; five Newton-Schulz steps lose it, in proportion to the entry.",
    source: "derived",
    reference: "slope 3.4445⁵ = 484.8763 at zero",
    expected:
      "entry 0.69643641 to 1e-7; rest 484.8763‖A‖/K to 6e-3 at K = 1e3‖A‖ and 9e-5 at 1e4; exact polar factor 9 to 11 times nearer to its limit at 1e4 than at 1e3",
    measured: `off by ${showRange(corner, 2)}; ${showRange(off(1e3), 2)} and ${showRange(off(1e4), 2)}; ${
      showRange(order)
    } times`,
    holds: allWithin(corner, 0, 1e-7) && allWithin(off(1e3), 0, 6e-3) && allWithin(off(1e4), 0, 9e-5) &&
      allWithin(order, 9, 11),
  };
}

/** Final losses at the protocol's learning rates. */
function losses(rows: Row[], probability: number, size: number, method: Method): number[] {
  return rowsOf(rows, "training").filter((row) =>
    row.probability === probability && row.size === size && row.method === method && row.ratio === 1
  ).map(({ loss }) => loss ?? Infinity);
}

/** Criterion 7. */
function training(rows: Row[]): Claim {
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
function trainingTuned(rows: Row[]): Claim {
  const hit = tuned(rows, 0.001, 1000), clean = tuned(rows, 0, 0);
  return {
    id: "training-tuned",
    statement: "The same at each optimizer's best learning rate.",
    source: "derived",
    reference: "grid of four rates, a factor 2 apart",
    expected: "as before, with no best rate at an edge of the grid",
    measured: hit && clean
      ? `ROOT ${show(hit.loss("ROOT"), 3)}, Muon ${show(hit.loss("Muon"), 3)}, AdamW ${
        show(hit.loss("AdamW"), 3)
      }; without hits ROOT ${show(clean.loss("ROOT"), 3)}, Muon ${show(clean.loss("Muon"), 3)}`
      : "no grid at this size",
    holds: hit && clean
      ? hit.loss("ROOT") <= 0.35 * hit.loss("Muon") && hit.loss("ROOT") <= 0.8 * hit.loss("AdamW") &&
        clean.loss("ROOT") <= 2 * clean.loss("Muon") && !hit.atEdge && !clean.atEdge
      : null,
  };
}

/** Criterion 8, first half. */
function adamWins(rows: Row[]): Claim {
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
function clipFirst(rows: Row[]): Claim {
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

/** The mix that secondary notes describe. */
function mixed(rows: Row[]): Claim {
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
function gaussianFit(rows: Row[]): Claim {
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
function perStep(rows: Row[]): Claim {
  const you = ratiosTo(rows, "You", "AdaNewton"), polar = ratiosTo(rows, "Polar Express", "AdaNewton");
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

/** Why clipping the momentum breaks down: the law of the last hit. */
function breakdown(rows: Row[]): Claim {
  const own = rowsOf(rows, "breakdown").filter(({ clip }) => clip === "momentum");
  const settings = distinct(own.map(({ size, quantile }) => `${size}|${quantile}`));
  const crossings = settings.map((key) => {
    const curve = own.filter(({ size, quantile }) => `${size}|${quantile}` === key);
    return {
      measured: crossing(curve.map((row) => [row.probability, row.inflation ?? NaN])),
      predicted: crossing(curve.map((row) => [row.probability, row.predicted ?? NaN])),
    };
  });
  const ratios = crossings.map(({ measured, predicted }) => measured / predicted);
  return {
    id: "breakdown",
    statement:
      "Momentum remembers a hit until it has decayed below the threshold, so the threshold breaks down at a probability that can be computed.",
    source: "derived",
    reference: "1 − (1 − p)ᵃ, a = ln(K/t) / ln(1/0.95)",
    expected: "the probability at which the threshold has doubled, within 15 % of the law",
    measured: `doubled at p = ${showRange(crossings.map(({ measured }) => measured), 3)}; over the law ${
      showRange(ratios, 3)
    }`,
    holds: allWithin(ratios, 0.85, 1.15),
  };
}

/** Where a curve reaches 2, on logarithmic axes. */
function crossing(points: [x: number, y: number][]): number {
  const i = points.findIndex(([, y]) => y >= 2);
  if (i < 1) return NaN;
  const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
  const t = Math.log(2 / y0) / Math.log(y1 / y0);
  return x0 * (x1 / x0) ** t;
}

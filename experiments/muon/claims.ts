import { type TunedRun, tuneLearningRates } from "../../lib/training/mod.ts";
import { allWithin, show, showRange } from "../../lib/experiment/legacy.ts";
import type { LegacyClaim as Claim } from "../../lib/experiment/legacy.ts";
import { type DigitsRow, memoryOf, type MemoryRow, ofType, type RmsRow, type Row } from "./rows.ts";

/** The acceptance criteria of the sheet, by their numbers. */
export function claims(rows: Row[]): Claim[] {
  return [
    rareDirections(rows),
    adamOnAxes(rows),
    rotation(rows),
    otherSizes(rows),
    band(rows),
    singularValues(rows),
    rootMeanSquare(ofType(rows, "rms")),
    rootMeanSquareFive(ofType(rows, "rms")),
    generator(rows),
    errors(rows),
    digits(ofType(rows, "digits")),
    forms(rows),
  ];
}

const ratios = (runs: readonly MemoryRow[]) => runs.map(({ ratio }) => ratio);

/** Largest difference of two runs' loss curves, of the mean and of the tail. */
function curveDistance(a: MemoryRow, b: MemoryRow): number {
  if (a.curve === null || b.curve === null || a.curve.length !== b.curve.length) return Infinity;
  return Math.max(...a.curve.flatMap((point, i) => point.map((loss, j) => Math.abs(loss - b.curve![i][j]))));
}

/** Criterion 1. */
function rareDirections(rows: Row[]): Claim {
  const muonAxes = memoryOf(rows, "bases", "Muon", 0);
  const muonRandom = memoryOf(rows, "bases", "Muon", "random");
  const adam = ratios(memoryOf(rows, "bases", "Adam", "random"));
  const sgd = [
    ...ratios(memoryOf(rows, "bases", "SGD", 0)),
    ...ratios(memoryOf(rows, "bases", "SGD", "random")),
  ];
  const distances = muonAxes.filter(({ curve }) => curve !== null).map((axes) =>
    Math.max(
      ...muonRandom.filter(({ seed, learningRate }) =>
        seed === axes.seed && learningRate === axes.learningRate
      ).map((random) => curveDistance(axes, random)),
    )
  );
  const muon = [...ratios(muonAxes), ...ratios(muonRandom)];
  return {
    id: "rare-directions",
    statement:
      "Muon learns the rarest quarter of the facts as fast as the rest, in any basis; SGD never does, Adam not in a random basis.",
    source: "derived",
    reference: "Protocol B: 64 facts of frequency 1/rank, at mean loss 1.7, all learning rates",
    expected:
      "tail/mean loss: Muon < 1.1 in both bases, Adam in a random basis > 2, SGD > 2; Muon's curves in the two bases equal to 1e-9",
    measured: `Muon ${showRange(muon)}, Adam ${showRange(adam)}, SGD ${
      showRange(sgd)
    }; Muon's curves differ by ${show(Math.max(...distances), 2)}`,
    headline: true,
    holds: allWithin(muon, 0, 1.1) && muonAxes.length > 0 && muonRandom.length > 0 &&
      allWithin(adam, 2, Infinity) && allWithin(sgd, 2, Infinity) && allWithin(distances, 0, 1e-9),
  };
}

/** Of criterion 1: why the basis matters. */
function adamOnAxes(rows: Row[]): Claim {
  const axes = ratios(memoryOf(rows, "bases", "Adam", 0));
  const random = ratios(memoryOf(rows, "bases", "Adam", "random"));
  return {
    id: "adam-on-axes",
    statement: "Adam treats all facts alike where each has a coordinate of its own, and only there.",
    source: "derived",
    reference: "Protocol B; the sheet measured 1.000 and 2.27",
    expected: "tail/mean loss of Adam: 1.000 ± 0.005 on the axes, > 2 in a random basis",
    measured: `${showRange(axes)} on the axes, ${showRange(random)} in a random basis`,
    holds: allWithin(axes, 0.995, 1.005) && allWithin(random, 2, Infinity),
  };
}

function rotation(rows: Row[]): Claim {
  const spread = (optimizer: string) => {
    const runs = memoryOf(rows, "angles", optimizer);
    const turned = ratios(runs);
    return {
      start: ratios(runs.filter(({ turn }) => turn === 0)),
      range: Math.max(...turned) - Math.min(...turned),
      turned,
    };
  };
  const muon = spread("Muon");
  const sgd = spread("SGD");
  const adam = spread("Adam");
  const most = Math.max(...adam.turned);
  const least = Math.max(...adam.start);
  return {
    id: "rotation",
    statement:
      "Turning the basis away from the axes undoes Adam's advantage, while Muon and SGD do not move.",
    source: "theorem",
    reference: "Equivariance: NS(QGR) = Q NS(G) R for orthogonal Q, R",
    expected: "tail/mean loss over all angles: Muon's and SGD's spread < 1e-9, Adam's rises by > 0.5",
    measured: `spread ${show(muon.range, 2)} (Muon), ${show(sgd.range, 2)} (SGD); Adam from ${
      show(least)
    } to ${show(most)}`,
    holds: muon.range < 1e-9 && sgd.range < 1e-9 && most - least > 0.5,
  };
}

/** Criterion 1's second half: other sizes. */
function otherSizes(rows: Row[]): Claim {
  const polar = ratios(memoryOf(rows, "sizes", "exact polar"));
  const sgd = memoryOf(rows, "sizes", "SGD");
  const muon = memoryOf(rows, "sizes", "Muon");
  const relative = muon.map(({ facts, ratio }) =>
    ratio / (sgd.find((row) => row.facts === facts)?.ratio ?? NaN)
  );
  return {
    id: "other-sizes",
    statement:
      "With the exact polar factor the tail is level at every size; five Newton-Schulz steps ripple around it, far below SGD.",
    source: "derived",
    reference: "Protocol B at 32 to 96 facts",
    expected: "tail/mean loss: exact polar factor 1.01..1.04; Muon at most 0.65 times SGD's",
    measured: `exact polar factor ${showRange(polar)}; Muon ${showRange(ratios(muon))}, ${
      showRange(relative, 3)
    } of SGD's`,
    holds: allWithin(polar, 1.01, 1.04) && allWithin(relative, 0, 0.65),
  };
}

/** Criterion 2. */
function band(rows: Row[]): Claim {
  const of = (lower: number) =>
    ofType(rows, "extremes").find((row) => row.schedule === "muon5" && row.lower === lower);
  const all = of(1e-12);
  const most = of(0.003);
  const upper = of(0.01);
  return {
    id: "band",
    statement: "Five steps send every singular value above 0.003 into a band around 1 and none above 1.2024.",
    source: "theorem",
    reference: "Extremes of the quintic; the band [0.6818, 1.1344] is mapped into itself",
    expected:
      "max over [0, 1] <= 1.2023686052; [0.003, 1] into [0.6818314, 1.2023687]; max over [0.01, 1] 1.1343573",
    measured: `${show(all?.most ?? NaN, 11)}; ${show(most?.least ?? NaN, 8)}..${
      show(most?.most ?? NaN, 8)
    }; ${show(upper?.most ?? NaN, 8)}`,
    holds: all !== undefined && most !== undefined && upper !== undefined &&
      all.most <= 1.2023686052 && most.least > 0.6818314 && most.most < 1.2023687 &&
      Math.abs(upper.most - 1.1343573) < 1e-6,
  };
}

/** Protocol A on matrices. */
function singularValues(rows: Row[]): Claim {
  const deviations = ofType(rows, "spectrum").map(({ deviation }) => deviation);
  return {
    id: "singular-values",
    statement: "Newton-Schulz keeps the singular vectors and maps each singular value alone.",
    source: "theorem",
    reference: "X = U φ(Σ) Vᵀ, for all schedules on Gaussian 64 × 64 and 64 × 256",
    expected: "UᵀXV equals diag(φ(σ)) to 1e-12",
    measured: `largest difference ${show(Math.max(...deviations), 2)}`,
    holds: allWithin(deviations, 0, 1e-12),
  };
}

/** Criterion 3, exact part. */
function rootMeanSquare(rms: RmsRow[]): Claim {
  const relative = (rank: "full" | "low") =>
    rms.filter((row) =>
      row.method === "exact" && (row.rank === Math.min(row.rows, row.columns)) === (rank === "full")
    )
      .map((row) => row.rms / Math.sqrt(row.rank / (row.rows * row.columns)) - 1);
  const full = relative("full");
  const low = relative("low");
  const scaled = rms.filter((row) => row.method === "exact" && row.rank === Math.min(row.rows, row.columns))
    .map((row) => row.rms * 0.2 * Math.sqrt(Math.max(row.rows, row.columns)));
  return {
    id: "root-mean-square",
    statement:
      "A polar factor's root mean square is 1/√max(m, n), √(r/mn) at rank r; times 0.2 √max(m, n) it is 0.2 for every shape.",
    source: "theorem",
    reference: "Lemma 1 of arXiv 2502.16982",
    expected: "relative difference < 1e-12 at full rank, < 1e-7 by Polar Express at low rank; scaled 0.2",
    measured: `${show(Math.max(...full.map(Math.abs)), 2)}; ${
      show(Math.max(...low.map(Math.abs)), 2)
    }; scaled ${showRange(scaled)}`,
    holds: allWithin(full, -1e-12, 1e-12) && allWithin(low, -1e-7, 1e-7) &&
      allWithin(scaled, 0.2 - 1e-12, 0.2 + 1e-12),
  };
}

/** Criterion 3, five steps. */
function rootMeanSquareFive(rms: RmsRow[]): Claim {
  const expected: [number, number, number][] = [[64, 64, 0.8756], [128, 512, 0.8663], [256, 1024, 0.9554]];
  const measured = expected.map(([m, n]) =>
    rms.filter((row) => row.method === "muon5" && row.rows === m && row.columns === n && row.rank === m)
      .map((row) => row.rms * Math.sqrt(Math.max(m, n)))
  );
  const means = measured.map((values) => values.reduce((sum, x) => sum + x, 0) / values.length);
  return {
    id: "root-mean-square-five",
    statement:
      "Five steps on Gaussian matrices give, on average, the fraction of it that random-matrix theory predicts.",
    source: "derived",
    reference: "Quadrature over the Marchenko-Pastur law; the mean over matrices, single small ones scatter",
    expected: "64 × 64: 0.8756, 128 × 512: 0.8663, 256 × 1024: 0.9554, each ± 0.01",
    measured: means.map((mean, i) => `${show(mean)} (${showRange(measured[i])})`).join(", "),
    holds: means.every((mean, i) => Math.abs(mean - expected[i][2]) <= 0.01),
  };
}

/** Criterion 4. */
function generator(rows: Row[]): Claim {
  const differences = ofType(rows, "triple").map(({ difference }) => difference);
  const first = differences.slice(0, 6);
  return {
    id: "generator",
    statement: "Greedy minimax quintics reproduce the published Polar Express coefficients.",
    source: "table",
    reference: "arXiv 2505.16932, coefficients for ℓ = 1e-3",
    expected: "relative difference: triples 1 to 6 < 1e-12, 7 < 1e-10, 8 < 1e-8 (the table rounds it)",
    measured: `${show(Math.max(...first), 2)}; ${show(differences[6] ?? NaN, 2)}; ${
      show(differences[7] ?? NaN, 2)
    }`,
    holds: first.length === 6 && allWithin(first, 0, 1e-12) && differences[6] < 1e-10 &&
      differences[7] < 1e-8,
  };
}

/** Criterion 5. */
function errors(rows: Row[]): Claim {
  const extremes = ofType(rows, "extremes");
  const worst = (schedule: string, steps: number, lower: number) => {
    const row = extremes.find((row) =>
      row.schedule === schedule && row.steps === steps && row.lower === lower
    );
    return row === undefined ? NaN : Math.max(1 - row.least, row.most - 1);
  };
  const five = worst("polarExpress8", 5, 1e-3);
  const eight = worst("polarExpress8", 8, 1e-3);
  const you = worst("you5", 5, 0.01);
  // The cubic's map is increasing on [0, 1]: its least value is that at the lower end.
  const cubic = extremes.find(({ schedule }) => schedule === "cubic")?.least ?? NaN;
  return {
    id: "schedules",
    statement:
      "Schedules of minimax polynomials converge where Muon's own only lands in a band; the cubic hardly starts.",
    source: "derived",
    reference: "Largest |φ − 1|: Polar Express on [0.001, 1], You on [0.01, 1]; the cubic at 0.001",
    expected: "Polar Express 0.123559 after 5 steps, < 1e-8 after 8; You 0.031775; cubic 0.0075936353",
    measured: `${show(five, 6)}, ${show(eight, 2)}; ${show(you, 5)}; ${show(cubic, 8)}`,
    holds: Math.abs(five - 0.123559) < 1e-6 && eight < 1e-8 && Math.abs(you - 0.031775) < 1e-6 &&
      Math.abs(cubic - 0.0075936353) < 1e-9,
  };
}

/** The runs on digits as the tuning reads them. */
export function tunedRuns(runs: readonly DigitsRow[], batch = 128, steps = 100): TunedRun[] {
  return runs.filter((row) => row.batch === batch && row.steps === steps)
    .map(({ loss, ...row }) => ({ ...row, loss: loss ?? Infinity }));
}

/** Criterion 6. */
function digits(runs: DigitsRow[]): Claim {
  const own = tunedRuns(runs).filter(({ optimizer }) => ["Muon", "Adam", "SGD"].includes(optimizer));
  const tuned = own.length === 0 ? [] : tuneLearningRates(own);
  const best = (name: string) => tuned.find(({ optimizer }) => optimizer === name);
  const [muon, adam, sgd] = ["Muon", "Adam", "SGD"].map(best);
  const mean = (one: typeof muon) => one?.mean ?? Infinity;
  const text = (one: typeof muon) =>
    one === undefined ? "none" : `${show(one.mean, 3)} ± ${show(one.sd, 2)} at rate ${one.learningRate}`;
  return {
    id: "digits",
    statement: "After 100 steps on handwritten digits Muon's loss is far below tuned Adam's and SGD's.",
    source: "derived",
    reference:
      "Protocol C: 64-64-64-64-10, batches of 128, best of one grid of learning rates, mean over seeds",
    expected: "Muon <= 0.6 times Adam and <= 0.6 times SGD, no best rate at an edge of the grid",
    measured: `Muon ${text(muon)}, Adam ${text(adam)}, SGD ${text(sgd)}: ${
      show(mean(muon) / mean(adam), 2)
    } and ${show(mean(muon) / mean(sgd), 2)} times`,
    holds: mean(muon) <= 0.6 * mean(adam) && mean(muon) <= 0.6 * mean(sgd) && tuned.length === 3 &&
      tuned.every(({ atEdge }) => !atEdge),
  };
}

/** Criterion 7. */
function forms(rows: Row[]): Claim {
  const differences = ofType(rows, "forms").map(({ difference }) => difference);
  return {
    id: "momentum-forms",
    statement: "Averaged and summed momentum are the same optimizer: Newton-Schulz forgets the scale.",
    source: "theorem",
    reference: "NS(cG) = NS(G) for c > 0, up to eps",
    expected: "relative difference of ten updates < 1e-6",
    measured: `largest ${show(Math.max(...differences), 2)}`,
    holds: allWithin(differences, 0, 1e-6),
  };
}

import { allWithin, show, showRange } from "../../lib/experiment/legacy.ts";
import type { LegacyClaim as Claim } from "../../lib/experiment/legacy.ts";
import { officialAccuracy, officialModels90 } from "./official.ts";
import { nameOf, NNGP, NTK, type Row, rowsOf } from "./rows.ts";

/** The claims of the permutation experiment. */
export function claims(rows: Row[]): Claim[] {
  return [
    exactMean(rows),
    closedForms(rows),
    ...drawnEnsembles(rows),
    ...trainedEnsembles(rows),
    linearithmic(rows),
    lastLayer(rows),
    bound(rows),
    quadratic(rows),
    hardest(rows),
  ];
}

const average = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
const short = (rate: number) => rate === NTK ? "NTK" : "NNGP";

function exactMean(rows: Row[]): Claim {
  const exact = rowsOf(rows, "exact");
  const wrong = exact.reduce((sum, row) => sum + row.wrong, 0);
  const inputs = exact.reduce((sum, row) => sum + row.inputs, 0);
  return {
    id: "exact-decoding",
    statement:
      "Trained on the k one-hot inputs alone, the infinite-width mean has the right sign on every bit of every nonzero input.",
    source: "theorem",
    reference: "main theorem (exact learning)",
    expected: "no input decoded wrongly, all 2^k - 1 of them, either kernel",
    measured: `${wrong} of ${inputs} wrong, k = ${showRange(exact.map(({ k }) => k))}`,
    headline: true,
    holds: exact.length > 0 && wrong === 0 && exact.every((row) => row.inputs === 2 ** row.k - 1),
  };
}

function closedForms(rows: Row[]): Claim {
  const closed = rowsOf(rows, "closed");
  const deviations = closed.map(({ deviation }) => deviation);
  return {
    id: "closed-forms",
    statement: "Means and variance in closed form equal explicit kernel solves.",
    source: "derived",
    reference: "Sherman-Morrison on the one-hot kernel matrix",
    expected: "to 1e-12 for every weight",
    measured: `largest difference ${show(Math.max(...deviations), 2)}, k = 2..${closed[0]?.upTo ?? 0}`,
    holds: allWithin(deviations, 0, 1e-12),
  };
}

function drawnEnsembles(rows: Row[]): Claim[] {
  const drawn = rowsOf(rows, "process");
  const curve = rowsOf(rows, "curve");
  const sizes = [25, 50, 100, 200];
  const worst = (k: number, rate: number) => {
    const differences = sizes.map((models) => {
      const here = drawn.filter((row) => row.k === k && row.rate === rate && row.models === models);
      const law = curve.find((row) => row.k === k && row.rate === rate && row.models === models);
      return here.length < 5 || law === undefined
        ? NaN
        : average(here.map((row) => row.accuracy)) - law.accuracy;
    });
    return Math.max(...differences.map(Math.abs));
  };
  const checks = [
    { k: 10, rate: NNGP, within: 0.06 },
    { k: 10, rate: NTK, within: 0.1 },
    { k: 20, rate: NNGP, within: 0.04 },
    { k: 20, rate: NTK, within: 0.04 },
  ].map((check) => ({ ...check, worst: worst(check.k, check.rate) }));
  const groups = Map.groupBy(rowsOf(rows, "variance"), ({ k, rate }) => `${k} ${rate}`);
  const ratios = [...groups.values()].map((group) => average(group.map(({ ratio }) => ratio)));
  return [{
    id: "accuracy-curve",
    statement: "Ensembles of infinitely wide networks are as accurate as the closed law says, at every size.",
    source: "derived",
    reference: "probability of success in the limit; Figure 1 (right)",
    expected:
      "mean accuracy at 25, 50, 100, 200 networks within 0.06 (NNGP) and 0.10 (NTK) at k = 10, 0.04 at k = 20",
    measured: checks.map(({ k, rate, worst }) => `${short(rate)} k = ${k}: ${show(worst, 2)}`).join(", "),
    holds: checks.some(({ worst }) => Number.isNaN(worst))
      ? null
      : checks.every(({ worst, within }) => worst <= within),
  }, {
    id: "single-network-variance",
    statement: "A single network's output varies as the law says.",
    source: "derived",
    reference: "closed form of the variance",
    expected: "variance within 2 % of the law's, each k and kernel",
    measured: `${showRange(ratios)} times the law's`,
    holds: allWithin(ratios, 0.98, 1.02),
  }];
}

function trainedEnsembles(rows: Row[]): Claim[] {
  const finite = rowsOf(rows, "finite").filter(({ k }) => k === 10);
  const laws = rowsOf(rows, "law").filter(({ k }) => k === 10);
  const at = (rate: number) => {
    const here = finite.filter((row) => row.rate === rate);
    const models = here.reduce((sum, row) => sum + row.models, 0);
    const mean = (field: "meanOne" | "meanZero") =>
      here.reduce((sum, row) => sum + row.models * row[field], 0) / models;
    const law = laws.find((row) => row.rate === rate)!;
    return { rate, models, one: mean("meanOne"), zero: mean("meanZero"), law, width: here[0]?.width };
  };
  const groups = [NTK, NNGP].map(at);
  const undecided = groups.some(({ models }) => !(models >= 300));
  return [{
    id: "finite-width",
    statement: "Networks of finite width, trained by gradient descent, have the mean outputs of the limit.",
    source: "theorem",
    reference: "in the limit; k = 10, two-bit inputs",
    expected: "ones within 0.02 and zeros within 0.003 of 0.5654, -0.0099 (NTK) and 0.6179, -0.0233 (NNGP)",
    measured: undecided
      ? "too few networks"
      : groups.map(({ rate, one, zero, models }) =>
        `${short(rate)}: ${show(one)}, ${show(zero, 3)} (${models} networks)`
      ).join("; "),
    holds: undecided
      ? null
      : groups.every(({ one, zero, law }) =>
        Math.abs(one - law.meanOne) <= 0.02 && Math.abs(zero - law.meanZero) <= 0.003
      ),
  }];
}

function linearithmic(rows: Row[]): Claim {
  const ks = [10, 20, 50, 100, 200, 500];
  const laws = rowsOf(rows, "law");
  const ratios = (rate: number) =>
    ks.map((k) => {
      const law = laws.find((row) => row.k === k && row.rate === rate);
      return law === undefined ? NaN : law.models90 / (k * Math.log(k));
    });
  const both = [NTK, NNGP].map(ratios);
  // Decreasing, and by ever less: what remains at the end is a constant.
  const settles = (values: number[]) =>
    values.every((v, i) => i === 0 || v < values[i - 1]) && values.at(-1)! > 0.9 * values.at(-2)!;
  return {
    id: "linearithmic",
    statement: "One input needs a number of networks that grows as k log k.",
    source: "theorem",
    reference: "ensemble complexity for one input",
    expected: "networks / (k ln k) decreasing to a constant: less than 10 % between k = 200 and 500",
    measured:
      both.map((values, i) => `${short([NTK, NNGP][i])}: ${values.map((v) => show(v, 3)).join(", ")}`).join(
        "; ",
      ) +
      ` at k = ${ks.join(", ")}`,
    holds: both.every(settles),
  };
}

function lastLayer(rows: Row[]): Claim {
  const laws = rowsOf(rows, "law");
  const curve = rowsOf(rows, "curve");
  const error = (rate: number) =>
    average(officialAccuracy.map(({ k, models, accuracy }) => {
      const law = curve.find((row) => row.k === k && row.rate === rate && row.models === models);
      return law === undefined ? NaN : Math.abs(law.accuracy - accuracy);
    }));
  const ratio = (rate: number) =>
    officialModels90.filter(({ k }) => k >= 10).map(({ k, models }) => {
      const law = laws.find((row) => row.k === k && row.rate === rate);
      return law === undefined ? NaN : models / law.models90;
    });
  const nngp = ratio(NNGP);
  const ntk = ratio(NTK);
  const share = nngp.filter((r) => r >= 0.75 && r <= 1.3).length / nngp.length;
  return {
    id: "last-layer-explains",
    statement:
      "The paper's measured ensembles follow the law of networks whose last layer alone learns, not the tangent kernel's.",
    source: "figure",
    reference: "Figure 1, official result files, k = 10..30",
    expected:
      "accuracy off by < 0.05 (NNGP) and > 0.4 (NTK); sizes at 90 % in 0.75..1.3 of NNGP's for >= 80 % of k",
    measured: `off by ${show(error(NNGP), 2)} and ${show(error(NTK), 2)}; sizes ${
      showRange(nngp, 3)
    } of NNGP's (${show(100 * share, 3)} % of k inside), ${showRange(ntk, 2)} of NTK's`,
    holds: error(NNGP) < 0.05 && error(NTK) > 0.4 && share >= 0.8,
  };
}

function bound(rows: Row[]): Claim {
  const laws = rowsOf(rows, "law").filter(({ k, rate }) => k <= 30 && (rate === NTK || rate === NNGP));
  const ntk = laws.filter((row) => row.rate === NTK);
  const at = (k: number) => ntk.find((row) => row.k === k)?.bound ?? NaN;
  const published = [[2, 6705], [5, 5687], [10, 6560], [20, 9383], [30, 12510]];
  const off = published.map(([k, value]) => Math.abs(at(k) / value - 1));
  const official = officialModels90.every(({ k, models }) => models < at(k));
  // At k = 2 a two-bit input has no zero bit and any network will do: left out of the range, not of the test.
  const ratios = laws.map((row) => row.bound / row.models90);
  return {
    id: "bound",
    statement: "The paper's theoretical curve lies above everything that was measured or computed, by far.",
    source: "figure",
    reference: "Figure 1 (left), reconstructed equation 21",
    expected:
      "above every size of its kernel and above the official points; 6705, 5687, 6560, 9383, 12510 to 0.1 %",
    measured: `${
      showRange(ratios.filter((_, i) => laws[i].k >= 4), 3)
    } times the size needed (k >= 4); values off by at most ${show(100 * Math.max(...off), 2)} %`,
    holds: ratios.every((r) => r > 1) && official && allWithin(off, 0, 1e-3),
  };
}

function quadratic(rows: Row[]): Claim {
  const ks = [5, 10, 20, 40, 80];
  const laws = rowsOf(rows, "law");
  const shares = [NTK, NNGP].map((rate) =>
    ks.map((k) => (laws.find((row) => row.k === k && row.rate === rate)?.all90 ?? NaN) / k ** 2)
  );
  return {
    id: "quadratic",
    statement:
      "All inputs at once need no more than order k^2 networks; the quadratic law is an upper bound.",
    source: "theorem",
    reference: "ensemble complexity for all inputs",
    expected: "networks / k^2 decreasing in k",
    measured:
      shares.map((values, i) => `${short([NTK, NNGP][i])}: ${values.map((v) => show(v, 3)).join(", ")}`).join(
        "; ",
      ) +
      ` at k = ${ks.join(", ")}`,
    holds: shares.every((values) => values.every((v, i) => v > 0 && (i === 0 || v < values[i - 1]))),
  };
}

function hardest(rows: Row[]): Claim {
  const weights = rowsOf(rows, "weight").filter(({ rate }) => rate === NTK);
  const at = (ones: number) => weights.find((row) => row.ones === ones)?.models90 ?? NaN;
  return {
    id: "two-bits-hardest",
    statement: "Inputs with two ones are the hardest.",
    source: "derived",
    reference: `law at k = 20, ${nameOf(NTK)}`,
    expected: "two ones need the most networks of all weights",
    measured: [2, 3, 5, 10, 15, 20].map((ones) => `n = ${ones}: ${at(ones)}`).join(", "),
    holds: weights.length > 0 && weights.every(({ ones, models90 }) => ones === 2 || models90 < at(2)),
  };
}

/** The mixture of normal distributions with labels: trials. */
import { type Matrix, Rng } from "../../lib/arrays/mod.ts";
import { fitSphericalMixture, majorityLabels, nearestMeans } from "../../lib/latent_variables/mod.ts";
import { nearestNeighbors } from "../../lib/statistics/mod.ts";
import type { Row } from "./rows.ts";

/** K orthogonal means of length `rho`; the label of component k is k mod 2. */
export interface MixtureSetting {
  d: number;
  k: number;
  rho: number;
}

interface Sample {
  x: Matrix;
  components: Int32Array;
  labels: Int32Array;
}

function draw({ d, k, rho }: MixtureSetting, n: number, rng: Rng): Sample {
  const components = Int32Array.from({ length: n }, () => rng.integer(k));
  const x = rng.normalMatrix(n, d);
  components.forEach((component, i) => x.row(i)[component] += rho);
  return { x, components, labels: components.map((component) => component % 2) };
}

/** Errors of three classifiers, and how well the unlabeled inputs gave the means. */
export function mixtureRows(
  { setting, m, ns, draws, tests, seed }: {
    setting: MixtureSetting;
    m: number;
    ns: readonly number[];
    /** Sets of labeled inputs per fit. */
    draws: number;
    tests: number;
    seed: number;
  },
  report: (fraction: number) => void,
): (Row<"mixture"> | Row<"clusters">)[] {
  const rng = new Rng(seed).split("mixture");
  const { k } = setting;
  const { means } = fitSphericalMixture(draw(setting, m, rng).x, k, { rng });
  const test = draw(setting, tests, rng);
  const assigned = nearestMeans(means, test.x);
  const rows: (Row<"mixture"> | Row<"clusters">)[] = [{
    kind: "clusters",
    seed,
    m,
    missed: missedMeans(setting, means),
  }];
  ns.forEach((n, i) => {
    const errors = { "pretrained": 0, "EM on the labeled": 0, "1-NN": 0 };
    for (let repetition = 0; repetition < draws; repetition++) {
      const labeled = draw(setting, n, rng);
      const head = majorityLabels(nearestMeans(means, labeled.x), labeled.labels, k);
      errors["pretrained"] += expectedError(head, assigned, test.labels) / draws;
      // The others are slow: a few sets of labeled inputs and a part of the tests are enough for errors this large.
      if (repetition >= 4) continue;
      const part: Sample = {
        x: test.x.slice(0, Math.min(2000, tests)),
        components: test.components,
        labels: test.labels.slice(0, 2000),
      };
      const own = fitSphericalMixture(labeled.x, Math.min(k, n), { rng });
      const ownHead = majorityLabels(nearestMeans(own.means, labeled.x), labeled.labels, own.means.rows);
      const count = Math.min(4, draws);
      errors["EM on the labeled"] += expectedError(ownHead, nearestMeans(own.means, part.x), part.labels) /
        count;
      errors["1-NN"] += nearestNeighbourError(labeled, part) / count;
    }
    for (const [method, error] of Object.entries(errors)) {
      rows.push({ kind: "mixture", method: method as Row<"mixture">["method"], n, seed, draws, error });
    }
    report((i + 1) / ns.length);
  });
  return rows;
}

/** Share of wrong labels, in expectation over tosses of coins. */
function expectedError(head: Float64Array, components: Int32Array, labels: Int32Array): number {
  return components.reduce((sum, component, i) => sum + Math.abs(head[component] - labels[i]), 0) /
    labels.length;
}

function nearestNeighbourError(labeled: Sample, test: Sample): number {
  const { indices } = nearestNeighbors(test.x, labeled.x);
  return indices.reduce(
    (wrong, nearest, i) => wrong + Number(labeled.labels[nearest] !== test.labels[i]),
    0,
  ) /
    indices.length;
}

function missedMeans({ d, k, rho }: MixtureSetting, means: Matrix): number {
  let missed = 0;
  for (let component = 0; component < k; component++) {
    let nearest = Infinity;
    for (let j = 0; j < means.rows; j++) {
      let square = 0;
      for (let c = 0; c < d; c++) square += (means.get(j, c) - (c === component ? rho : 0)) ** 2;
      nearest = Math.min(nearest, square);
    }
    if (nearest > 1) missed++;
  }
  return missed;
}

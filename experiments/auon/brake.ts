import { type Matrix, Rng } from "../../lib/arrays/mod.ts";
import { conditionNumber, frobeniusNorm, spectralNorm } from "../../lib/linalg/mod.ts";
import {
  auonUpdates,
  constantThenLinear,
  coshRms,
  coshRmsBounds,
  directionCoshRms,
  hybridAuonUpdates,
  muonUpdates,
} from "../../lib/optimizers/mod.ts";
import { trainOnDigits } from "../../lib/training/mod.ts";
import { directionOf } from "./optimizers.ts";
import type { Entries, Row } from "./rows.ts";

/** n entries of each kind; with heavier and heavier tails. */
const ENTRIES: Record<Exclude<Entries, "training">, (n: number, rng: Rng) => Float64Array> = {
  flat: (n) => new Float64Array(n).fill(1),
  gaussian: (n, rng) => rng.normals(n),
  "student-t(2)": (n, rng) =>
    rng.normals(n).map((z) => z / Math.sqrt((rng.normal() ** 2 + rng.normal() ** 2) / 2)),
  cauchy: (n, rng) => rng.normals(n).map((z) => z / rng.normal()),
  "one-hot": (n, rng) => {
    const x = new Float64Array(n);
    x[rng.integer(n)] = 1;
    return x;
  },
};

/** The brake at matrices of many sizes and kinds. */
export function brakes(seed: number, sizes: readonly number[]): Row<"brake">[] {
  return sizes.flatMap((n) =>
    Object.entries(ENTRIES).map(([entries, make]) =>
      brakeRow(entries as Entries, make(n, new Rng(seed).split(`${entries} ${n}`)), seed)
    )
  );
}

/** The brake at the momentum of hidden layers of a given width, while the network is trained by AuON. */
export function brakesInTraining(seed: number, width: number): Row<"brake">[] {
  const rows: Row<"brake">[] = [];
  trainOnDigits({
    optimizer: auonUpdates({ learningRate: constantThenLinear(0.4, 40) }),
    hidden: [width, width, width],
    steps: 40,
    onStep: ({ step, updates }) => {
      // Parallel to the momentum, and R is that of the direction.
      if (step % 10 === 0) rows.push(...updates.slice(1).map(({ data }) => brakeRow("training", data, seed)));
    },
    rng: new Rng(seed),
  });
  return rows;
}

function brakeRow(entries: Entries, x: Float64Array, seed: number): Row<"brake"> {
  const { lowerMinus1, upperMinus1 } = coshRmsBounds(x.length, 1);
  const { rmsMinus1 } = directionCoshRms(x, { eps: 0 });
  return { kind: "brake", entries, n: x.length, seed, rmsMinus1, lower: lowerMinus1, upper: upperMinus1 };
}

/** Random shapes, tails and gammas against the theorem, then the two matrices that attain it. */
export function checkBounds(seed: number, matrices: number): Row<"bounds"> {
  const rng = new Rng(seed);
  const kinds = Object.values(ENTRIES);
  let aboveLower = Infinity;
  let belowUpper = 0;
  let tightness = 0;
  for (let k = 0; k < matrices; k++) {
    const n = (1 + rng.integer(32)) * (1 + rng.integer(32));
    const gamma = Math.exp(rng.uniform(-2, 1.5));
    const x = kinds[rng.integer(kinds.length)](n, rng);
    const norm = Math.sqrt(x.reduce((sum, z) => sum + z * z, 0));
    const { rmsMinus1 } = coshRms(x.map((z) => z / norm), { gamma, method: "exact" });
    const { lowerMinus1, upperMinus1 } = coshRmsBounds(n, gamma);
    aboveLower = Math.min(aboveLower, rmsMinus1 / lowerMinus1);
    belowUpper = Math.max(belowUpper, rmsMinus1 / upperMinus1);
  }
  for (const n of [1, 6, 16, 100, 4096, 65536]) {
    for (const gamma of [0.5, 1, 1.5, 4]) {
      const { lower, upper } = coshRmsBounds(n, gamma);
      const flat = new Float64Array(n).fill(1 / Math.sqrt(n));
      const spike = ENTRIES["one-hot"](n, rng);
      tightness = Math.max(
        tightness,
        Math.abs(coshRms(flat, { gamma, method: "exact" }).rms / lower - 1),
        Math.abs(coshRms(spike, { gamma, method: "exact" }).rms / upper - 1),
      );
    }
  }
  return { kind: "bounds", matrices, aboveLower, belowUpper, tightness };
}

/** Criteria 2, 3 and 7 on one random matrix. */
export function identities(seed: number, rows: number, columns: number): Row<"identity"> {
  // Norm 200, so that the 1e-7 added to it stays below 1e-6 of it for c = 1e-3.
  const g = new Rng(seed).normalMatrix(rows, columns, 200 / Math.sqrt(rows * columns));
  const paper = (x: Matrix) => directionOf(auonUpdates, x, { scale: "none" });
  const repo = (x: Matrix) => directionOf(auonUpdates, x, { variant: "repo" });
  const distance = (a: Matrix, b: Matrix) => frobeniusNorm(a.minus(b)) / frobeniusNorm(b);
  const u = paper(g);
  const v = repo(g);
  const scales = [1e-3, 0.1, 10, 1e3, 1e6];
  const muon = directionOf(muonUpdates, g, { scale: "none" });
  const hybrid = directionOf(hybridAuonUpdates, g, { variant: "repo" });
  const { rms, rmsMinus1 } = directionCoshRms(muon.data, { gamma: 1.5 });
  const inner = g.data.reduce((sum, x, i) => sum + x * u.data[i], 0);
  return {
    kind: "identity",
    shape: `${rows} × ${columns}`,
    seed,
    angle: Math.abs(1 - inner / frobeniusNorm(g) / frobeniusNorm(u)),
    condition: Math.abs(conditionNumber(u) / conditionNumber(g) - 1),
    spectralNorm: spectralNorm(u),
    paperScale: Math.max(...scales.map((c) => distance(paper(g.times(c)), u))),
    repoScale: Math.max(...scales.map((c) => distance(repo(g.times(c)), v.times(c)))),
    hybrid: { distance: distance(hybrid, muon.times(1 / rms)), rmsMinus1, n: rows * columns },
  };
}

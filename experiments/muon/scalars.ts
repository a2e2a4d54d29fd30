import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import { frobeniusNorm, polarFactor, svd } from "../../lib/linalg/mod.ts";
import {
  momentum,
  NEWTON_SCHULZ,
  newtonSchulz,
  type NewtonSchulzCoefficients,
  newtonSchulzScalar,
  polarExpressCoefficients,
} from "../../lib/optimizers/mod.ts";
import { SCHEDULES } from "./contenders.ts";
import { MAP_GRID, type Row } from "./rows.ts";

const GRID = 100_000;

/** What is only drawn needs few digits. */
const short = (x: number) => Number(x.toPrecision(6));

/** Protocol A on numbers: the maps, their extremes, the generator of coefficients. */
export function scalars(): (Row<"map"> | Row<"extremes"> | Row<"triple">)[] {
  const maps = Object.entries(SCHEDULES).flatMap(([schedule, coefficients]) =>
    coefficients.map((_, i): Row<"map"> => ({
      kind: "map",
      schedule,
      step: i + 1,
      values: MAP_GRID.map((x) => short(newtonSchulzScalar(x, coefficients.slice(0, i + 1)))),
    }))
  );
  const ranges: [string, NewtonSchulzCoefficients, number][] = [
    ["muon5", NEWTON_SCHULZ.muon5, 1e-12],
    ["muon5", NEWTON_SCHULZ.muon5, 0.003],
    ["muon5", NEWTON_SCHULZ.muon5, 0.01],
    ["polarExpress8", NEWTON_SCHULZ.polarExpress8.slice(0, 5), 1e-3],
    ["polarExpress8", NEWTON_SCHULZ.polarExpress8, 1e-3],
    ["you5", NEWTON_SCHULZ.you5, 0.01],
    ["cubic", NEWTON_SCHULZ.cubic, 1e-3],
  ];
  const triples = polarExpressCoefficients().map((triple, i) => ({
    kind: "triple" as const,
    triple: i + 1,
    difference: Math.max(...triple.map((x, j) => Math.abs(x / NEWTON_SCHULZ.polarExpress8[i][j] - 1))),
  }));
  return [...maps, ...ranges.map(([name, table, lower]) => extremes(name, table, lower)), ...triples];
}

function extremes(schedule: string, coefficients: NewtonSchulzCoefficients, lower: number): Row<"extremes"> {
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i <= GRID; i++) {
    const y = newtonSchulzScalar(lower ** (1 - i / GRID), coefficients);
    least = Math.min(least, y);
    most = Math.max(most, y);
  }
  return { kind: "extremes", schedule, steps: coefficients.length, lower, least, most };
}

/** Protocol A on matrices: singular values before and after each schedule. */
export function spectra(rows: number, columns: number, seed: number): Row<"spectrum">[] {
  const g = new Rng(seed).split(`${rows} x ${columns}`).normalMatrix(rows, columns);
  const { u, s, vt } = svd(g);
  const norm = frobeniusNorm(g);
  const before = Array.from(s, (sigma) => sigma / norm);
  return Object.entries(SCHEDULES).map(([schedule, coefficients]) => {
    const o = newtonSchulz(g, { coefficients, eps: 0 });
    // In the singular bases of the input the output is diagonal.
    const inBases = matmul(matmul(u, o, { transposeA: true }), vt, { transposeB: true });
    const after = before.map((_, i) => inBases.get(i, i));
    const deviation = Math.max(
      ...Array.from(inBases.data, (value, k) => {
        const i = Math.floor(k / inBases.columns);
        const j = k % inBases.columns;
        return Math.abs(value - (i === j ? newtonSchulzScalar(before[i], coefficients) : 0));
      }),
    );
    return {
      kind: "spectrum",
      rows,
      columns,
      seed,
      schedule,
      before: before.map(short),
      after: after.map(short),
      deviation,
    };
  });
}

/** Root mean squares of the updates of one shape. */
export function rootMeanSquares(
  rows: number,
  columns: number,
  rank: number,
  seed: number,
  draw = 0,
): Row<"rms">[] {
  const rng = new Rng(seed).split(`rms ${rows} x ${columns} of rank ${rank}`).split(draw);
  const g = rank === Math.min(rows, columns)
    ? rng.normalMatrix(rows, columns)
    : matmul(rng.normalMatrix(rows, rank), rng.normalMatrix(rank, columns));
  const row = (method: string, o: Matrix): Row<"rms"> => ({
    kind: "rms",
    rows,
    columns,
    rank,
    seed,
    method,
    rms: frobeniusNorm(o) / Math.sqrt(rows * columns),
  });
  return [
    // The polar factor of a matrix without full rank is not unique; Polar Express keeps the rank.
    row(
      "exact",
      rank === Math.min(rows, columns)
        ? polarFactor(g)
        : newtonSchulz(g, { coefficients: NEWTON_SCHULZ.polarExpress8, eps: 0 }),
    ),
    row("muon5", newtonSchulz(g)),
  ];
}

/** The two ways to write momentum. */
export function momentumForms(seed: number): Row<"forms">[] {
  const rng = new Rng(seed).split("forms");
  const parameter = { name: "w", weights: Matrix.zeros(24, 40), outputs: "rows" as const };
  const average = momentum();
  const sum = momentum({ form: "sum" });
  const a = average.init(parameter);
  const s = sum.init(parameter);
  let difference = 0;
  for (let step = 0; step < 10; step++) {
    const g = rng.normalMatrix(24, 40);
    const x = newtonSchulz(average.update(g.clone(), a, parameter));
    const y = newtonSchulz(sum.update(g.clone(), s, parameter));
    difference = Math.max(difference, frobeniusNorm(x.minus(y)) / frobeniusNorm(y));
  }
  return [{ kind: "forms", seed, difference }];
}

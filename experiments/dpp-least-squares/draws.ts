import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { orthonormalPolynomials } from "../../lib/polynomials/mod.ts";
import { discreteSpace, legendreSpace, orthonormalColumns, sampleDesign } from "../../lib/sampling/mod.ts";
import type { Row } from "./rows.ts";

/** Width of the bins of gaps. */
const BIN = 0.2;

/** Single draws to look at, and the gaps of many. */
export function drawRows({ seed, m, gapDraws }: { seed: number; m: number; gapDraws: number }): Row[] {
  const space = legendreSpace(m);
  const rng = new Rng(seed).split("draws");
  const rows: Row[] = [];
  for (const design of ["iid", "iid-optimal", "repeated-dpp"] as const) {
    const { points } = sampleDesign(space, m, { kind: design, rng: rng.split(design) });
    for (const x of points) rows.push({ kind: "strip", design, x });
  }
  for (let k = 0; k <= 200; k++) {
    const x = Math.cos(Math.PI * k / 200);
    rows.push({ kind: "density", x, density: space.leverage(x) / m / 2 });
  }
  for (const design of ["iid-optimal", "repeated-dpp"] as const) {
    const gaps: number[] = [];
    for (let k = 0; k < gapDraws; k++) {
      const { points } = sampleDesign(space, m, { kind: design, rng: rng.split(`${design} ${k}`) });
      // In the angle the points have nearly constant density, m points on a length of pi.
      const angles = points.map(Math.acos).sort();
      for (let i = 1; i < m; i++) gaps.push((angles[i] - angles[i - 1]) * m / Math.PI);
    }
    rows.push(...gapHistogram(design, gaps));
  }
  return [...rows, ...planeRows(rng.split("plane"))];
}

function gapHistogram(design: Row<"gap">["design"], gaps: readonly number[]): Row<"gap">[] {
  const counts = new Float64Array(20);
  for (const gap of gaps) if (gap < 20 * BIN) counts[Math.floor(gap / BIN)]++;
  return Array.from(counts, (count, b) => ({
    kind: "gap",
    design,
    gap: (b + 0.5) * BIN,
    density: count / gaps.length / BIN,
  }));
}

/** Polynomials of total degree below 9 in two variables, on 2000 candidates in the square. */
function planeRows(rng: Rng): Row[] {
  const count = 2000;
  const axes = [0, 1].map(() => Float64Array.from({ length: count }, () => rng.uniform(-1, 1)));
  const [p, q] = axes.map((x) => orthonormalPolynomials("legendre", 9, x));
  const degrees = Array.from({ length: 81 }, (_, k) => [Math.floor(k / 9), k % 9]).filter(([a, b]) =>
    a + b < 9
  );
  const values = Matrix.from(
    count,
    degrees.length,
    (i, k) => p.get(i, degrees[k][0]) * q.get(i, degrees[k][1]),
  );
  const space = discreteSpace(orthonormalColumns(values));
  return (["iid-optimal", "repeated-dpp"] as const).flatMap((design) =>
    Array.from(
      sampleDesign(space, space.dimension, { kind: design, rng }).points,
      (i): Row => ({ kind: "plane", design, x: axes[0][i], y: axes[1][i] }),
    )
  );
}

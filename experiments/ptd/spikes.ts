import { complexAbs, Rng } from "../../lib/arrays/mod.ts";
import { singularValues } from "../../lib/linalg/mod.ts";
import {
  hippoLegS,
  imaginaryAxis,
  legsDiagTransfer,
  legsNormalEigenvectors,
  legsNormalSpectrum,
  legsTransfer,
  ptdSsm,
  transferFunctionDiagonal,
} from "../../lib/ssm/mod.ts";
import { logSpace, type Row } from "./rows.ts";

/** |G_0(i omega)| of the diagonal model with its spikes, and LegS and PTD beside it. */
export function spikeRows(n: number, o: { eps: number; seed: number; ptd: boolean; factor: number }): Row[] {
  const { omega } = legsNormalSpectrum(n);
  const rows: Row[] = [];
  const gain = (w: number) => 2 * o.factor * complexAbs(legsDiagTransfer(0, n, imaginaryAxis([w])))[0];
  for (let j = 0; j < Math.min(8, omega.length); j++) {
    const top = maximize(gain, omega[j] - 1, omega[j] + 1);
    rows.push({ kind: "spike", n, j, omega: top, height: gain(top), legs: 1 / Math.hypot(1, top) });
  }
  // A logarithmic grid would miss spikes of width 1/2: each root brings its own points.
  const own = Array.from(omega.slice(0, n <= 256 ? omega.length : 8)).flatMap((w) =>
    [-3, -1.2, -0.5, -0.25, 0, 0.25, 0.5, 1.2, 3].map((d) => w + d).filter((x) => x > 0.1)
  );
  const grid = Float64Array.from([...logSpace(0.1, n * n, 250), ...(n <= 64 ? own : own.slice(0, 150))])
    .sort();
  complexAbs(legsDiagTransfer(0, n, imaginaryAxis(grid))).forEach((g, i) =>
    rows.push({ kind: "curve", n, system: "S4D", omega: grid[i], gain: 2 * o.factor * g })
  );
  if (o.ptd) {
    const wide = logSpace(0.1, 1e7, 120);
    complexAbs(legsTransfer(0, imaginaryAxis(wide))).forEach((g, i) =>
      rows.push({ kind: "curve", n, system: "S4", omega: wide[i], gain: g })
    );
    const { lambda, B, V } = ptdSsm(n, { eps: o.eps, rng: new Rng(o.seed).split("figure") });
    const residues = rowTimes(V.data, B, 0, n);
    const points = logSpace(0.1, 1e7, 250);
    complexAbs(transferFunctionDiagonal(lambda, residues, imaginaryAxis(points))).forEach((g, i) =>
      rows.push({ kind: "curve", n, system: "PTD", omega: points[i], gain: g })
    );
  }
  return rows;
}

/** Entrywise product of row `row` of an n x n matrix and a vector: residues of that output. */
export function rowTimes(V: Float64Array, b: Float64Array, row: number, n: number): Float64Array {
  return b.map((_, k) => {
    const at = 2 * (row * n + (k >> 1));
    const re = V[at];
    const im = V[at + 1];
    const x = b[k & ~1];
    const y = b[k | 1];
    return k % 2 === 0 ? re * x - im * y : re * y + im * x;
  });
}

/** Golden section search for the maximum. */
function maximize(f: (x: number) => number, low: number, high: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let a = high - ratio * (high - low);
  let b = low + ratio * (high - low);
  let fa = f(a);
  let fb = f(b);
  for (let k = 0; k < 60; k++) {
    if (fa > fb) {
      high = b;
      [b, fb] = [a, fa];
      fa = f(a = high - ratio * (high - low));
    } else {
      low = a;
      [a, fa] = [b, fb];
      fb = f(b = low + ratio * (high - low));
    }
  }
  return (low + high) / 2;
}

/** A term c t^power exp(pole t) of a signal. */
interface Term {
  re: number;
  im: number;
  x: number;
  y: number;
  power: number;
}

/**
 * L2 distance of the outputs of LegS and of the diagonal model, row 0, for u = exp(-t) (decay 1) or t exp(-t)
 * (decay 2), exactly: both outputs are sums of exponentials, and their inner products are known.
 */
export function fixedInputError(n: number, decay: 1 | 2, factor: number): number {
  const { omega, bTilde } = legsNormalSpectrum(n);
  const v = legsNormalEigenvectors(n, { rows: 1 });
  const terms: Term[] = [];
  let at1 = 0;
  let slope1 = 0;
  for (let j = 0; j < n / 2; j++) {
    const b = factor * bTilde[j];
    for (const sign of [1, -1]) {
      // r / (lambda + 1)^decay, with lambda + 1 = 1/2 + i w.
      let re = v.data[2 * j] * b;
      let im = sign * v.data[2 * j + 1] * b;
      const w = sign * omega[j];
      const d = 0.25 + w * w;
      for (let k = 0; k < decay; k++) {
        [re, im] = [(re * 0.5 + im * w) / d, (im * 0.5 - re * w) / d];
        if (k === 0) at1 -= re;
        else slope1 -= re;
      }
      terms.push({ re: -re, im: -im, x: -0.5, y: w, power: 0 });
    }
  }
  if (decay === 1) {
    terms.push({ re: 1, im: 0, x: -1, y: 0, power: 1 }, { re: -at1, im: 0, x: -1, y: 0, power: 0 });
  } else {
    terms.push(
      { re: 0.5, im: 0, x: -1, y: 0, power: 2 },
      { re: -at1, im: 0, x: -1, y: 0, power: 1 },
      { re: -slope1, im: 0, x: -1, y: 0, power: 0 },
    );
  }
  let square = 0;
  for (const a of terms) {
    for (const b of terms) {
      // (p+q)! / (-(lambda + conj mu))^(p+q+1)
      let re = a.re * b.re + a.im * b.im;
      let im = a.im * b.re - a.re * b.im;
      const x = -(a.x + b.x);
      const y = -(a.y - b.y);
      const d = x * x + y * y;
      const order = a.power + b.power;
      for (let k = 0; k <= order; k++) {
        [re, im] = [(re * x + im * y) / d, (im * x - re * y) / d];
        if (k > 0) re *= k, im *= k;
      }
      square += re;
    }
  }
  return Math.sqrt(square);
}

/** Norms behind the bounds. */
export function normRows(n: number): Row<"norms"> {
  const { A, P } = hippoLegS(n);
  const s = singularValues(A);
  const low = P.reduce((sum, p) => sum + p * p, 0); // ||P P^T|| = P^T P
  return { kind: "norms", n, relative: s[0] / n ** 2, lowRank: low / n ** 2, resolvent: 1 / s[n - 1] };
}

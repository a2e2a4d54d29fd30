import {
  Matrix,
  type RealArray,
  requireFinite,
  requireFunction,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOptions,
} from "../arrays/mod.ts";
import { plan } from "../transforms/plan.ts";
import { burgersKernels } from "../wasm/burgers_wasm.ts";
import { compiledOnce, type HeapBase } from "../wasm/compiled.ts";
import { squareSpectrum, twiddlesOf } from "./square_spectrum.ts";

/** Options of {@linkcode solveBurgers}. */
export interface BurgersOptions {
  /** Viscosity nu, positive. */
  viscosity: number;
  /** Time at which the solution is wanted. */
  time: number;
  /** Steps of equal length to get there. */
  steps: number;
}

/**
 * Solves the viscous Burgers equation `u_t + u u_x = nu u_xx` on the periodic interval [0, 1) for many starts
 * at once: Fourier modes in space, the classical Runge-Kutta scheme of order four in time with the diffusion
 * solved exactly (integrating factor), and the modes beyond a third of n dropped, so that products have no
 * aliases.
 *
 * Two functions share each complex transform, as its real and imaginary part. With a power of two of at least 16
 * points, steps are computed in WebAssembly, four functions at once; the results are the same.
 *
 * @param u0 Starts, one per row, at the points j / n; modes beyond (n - 1) / 3 are dropped.
 * @param options Viscosity, time and number of steps.
 * @returns Solutions at the same points, one per row. They are NaN if a step is too long to be stable.
 * @throws {RangeError} if there are fewer than four points, a number is not finite or out of range.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { solveBurgers } from "refigure/operators";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const u0 = Matrix.from(1, 64, (_, j) => 1e-3 * Math.sin(2 * Math.PI * j / 64));
 * const u = solveBurgers(u0, { viscosity: 0.1, time: 0.5, steps: 100 });
 * // So small a wave only decays.
 * assertAlmostEquals(u.get(0, 16), 1e-3 * Math.exp(-0.1 * 4 * Math.PI ** 2 * 0.5), 1e-6);
 * ```
 */
export function solveBurgers(u0: Matrix<RealArray>, options: BurgersOptions): Matrix {
  const { rows, columns: n, data } = requireMatrix("u0", u0);
  requireFinite("`u0` must be finite", data, n);
  requireInteger("u0.columns", n, { min: 4 });
  requireOptions("options", options, ["viscosity", "time", "steps"]);
  const { viscosity, time, steps } = options;
  requireNumber("viscosity", viscosity, { above: 0 });
  requireNumber("time", time, { min: 0 });
  requireInteger("steps", steps, { min: 1, max: 1e7 });
  const modes = modesOf(n, viscosity, time / steps);
  const advance = compiledStepper(n, modes) ?? stepper(n, modes);
  const transform = plan(n);
  const u = new Float64Array(2 * n);
  const pairs = [new Float64Array(2 * n), new Float64Array(2 * n)];
  const out = Matrix.zeros(rows, n) as Matrix;
  for (let row = 0; row < rows; row += 4) {
    pairs.forEach((v, p) => {
      // Functions that are missing at the end are zero.
      const first = row + 2 * p;
      for (let j = 0; j < n; j++) {
        u[2 * j] = first < rows ? data[first * n + j] : 0;
        u[2 * j + 1] = first + 1 < rows ? data[(first + 1) * n + j] : 0;
      }
      transform(u, v);
    });
    advance(pairs, steps);
    pairs.forEach((v, p) => {
      const first = row + 2 * p;
      transform(v, u);
      // A forward transform inverts, but for the order of the points.
      for (let j = 0; j < n; j++) {
        const at = 2 * (j === 0 ? 0 : n - j);
        if (first < rows) out.data[first * n + j] = u[at] / n;
        if (first + 1 < rows) out.data[(first + 1) * n + j] = u[at + 1] / n;
      }
    });
  }
  return out;
}

/** The modes that are kept: 0, 1, ..., kept, then -kept, ..., -1. */
interface Modes {
  kept: number;
  /** exp(-nu (2 pi k)^2 dt / 2), half a step of diffusion. */
  half: Float64Array;
  /** -pi k dt / n^2, dt times the derivative of -u^2 / 2 over i, with the scale of two transforms. */
  factor: Float64Array;
}

function modesOf(n: number, viscosity: number, dt: number): Modes {
  const kept = Math.floor((n - 1) / 3);
  const modes = 2 * kept + 1;
  const numbers = Float64Array.from({ length: modes }, (_, m) => m <= kept ? m : m - modes);
  return {
    kept,
    half: numbers.map((k) => Math.exp(-viscosity * (2 * Math.PI * k) ** 2 * dt / 2)),
    factor: numbers.map((k) => -Math.PI * k * dt / (n * n)),
  };
}

/** Advances the transforms of two pairs of functions by a number of steps, in place. */
type Advance = (pairs: Float64Array[], steps: number) => void;

/** The functions of lib/wasm/burgers. */
interface BurgersKernels extends HeapBase {
  advance(
    v: number,
    n: number,
    kept: number,
    steps: number,
    table: number,
    twiddles: number,
    squares: number,
    stage: number,
    sum: number,
  ): void;
}

const kernelsOf = compiledOnce<BurgersKernels>(burgersKernels);

/** The stepper of WebAssembly; undefined where there is none, or for other lengths than its own. */
function compiledStepper(n: number, { kept, half, factor }: Modes): Advance | undefined {
  const kernels = n >= 16 && (n & (n - 1)) === 0 ? kernelsOf() : null;
  const size = 32 * n;
  const v = kernels?.scratch(6 * size) ?? 0;
  if (kernels === null || v === 0) return undefined;
  const table = v + 4 * size;
  const twiddles = table + size;
  const memory = kernels.float64;
  half.forEach((e, m) => memory.set([e, factor[m]], table / 8 + 2 * m));
  memory.set(twiddlesOf(n), twiddles / 8);
  return (pairs, steps) => {
    pairs.forEach((pair, p) => {
      for (let i = 0; i < 2 * n; i++) memory[v / 8 + 2 * i + p] = pair[i];
    });
    kernels.run.advance(v, n, kept, steps, table, twiddles, v + size, v + 2 * size, v + 3 * size);
    pairs.forEach((pair, p) => {
      for (let i = 0; i < 2 * n; i++) pair[i] = memory[v / 8 + 2 * i + p];
    });
  };
}

/** The same in TypeScript, one pair after the other. */
function stepper(n: number, { kept, half, factor }: Modes): Advance {
  const modes = half.length;
  // Places of mode k and of mode -k in a transform.
  const place = new Int32Array(modes);
  const opposite = new Int32Array(modes);
  for (let m = 0; m < modes; m++) {
    const k = m <= kept ? m : m - modes;
    place[m] = 2 * (k < 0 ? k + n : k);
    opposite[m] = 2 * (k > 0 ? n - k : -k);
  }
  // Mode k of the squares is at the place of -k.
  const squareOf = squareSpectrum(n);
  const squares = new Float64Array(2 * n);
  const stage = new Float64Array(2 * n);
  const sum = new Float64Array(2 * n);
  // The four slopes of Runge-Kutta, times dt: the real part is -factor times the imaginary part of the
  // squares.
  const advance = (v: Float64Array, steps: number) => {
    // Modes that are dropped stay zero everywhere.
    v.fill(0, 2 * kept + 2, 2 * (n - kept));
    for (let step = 0; step < steps; step++) {
      squareOf(v, squares);
      for (let m = 0; m < modes; m++) {
        const i = place[m];
        const j = opposite[m];
        const e = half[m];
        const f = factor[m];
        const re = -f * squares[j + 1];
        const im = f * squares[j];
        stage[i] = e * (v[i] + re / 2);
        stage[i + 1] = e * (v[i + 1] + im / 2);
        sum[i] = e * (v[i] + re / 6);
        sum[i + 1] = e * (v[i + 1] + im / 6);
      }
      squareOf(stage, squares);
      for (let m = 0; m < modes; m++) {
        const i = place[m];
        const j = opposite[m];
        const e = half[m];
        const f = factor[m];
        const re = -f * squares[j + 1];
        const im = f * squares[j];
        stage[i] = e * v[i] + re / 2;
        stage[i + 1] = e * v[i + 1] + im / 2;
        sum[i] += re / 3;
        sum[i + 1] += im / 3;
      }
      squareOf(stage, squares);
      for (let m = 0; m < modes; m++) {
        const i = place[m];
        const j = opposite[m];
        const e = half[m];
        const f = factor[m];
        const re = -f * squares[j + 1];
        const im = f * squares[j];
        stage[i] = e * (e * v[i] + re);
        stage[i + 1] = e * (e * v[i + 1] + im);
        sum[i] += re / 3;
        sum[i + 1] += im / 3;
      }
      squareOf(stage, squares);
      for (let m = 0; m < modes; m++) {
        const i = place[m];
        const j = opposite[m];
        const e = half[m];
        const f = factor[m];
        v[i] = e * sum[i] - f * squares[j + 1] / 6;
        v[i + 1] = e * sum[i + 1] + f * squares[j] / 6;
      }
    }
  };
  return (pairs, steps) => pairs.forEach((v) => advance(v, steps));
}

/** Options of {@linkcode burgersColeHopf}. */
export interface ColeHopfOptions {
  /** Viscosity nu, positive. */
  viscosity: number;
  /** Time at which the solution is wanted, positive. */
  time: number;
}

/** Nodes per unit of the scaled variable, and the exponent beyond which a weight is nothing. */
const NODES = 128;
const NEGLIGIBLE = 45;

/**
 * The solution of the Burgers equation on the line in closed form (Hopf 1950, Cole 1951), by quadrature:
 * `u(x, t) = int (x - y) / t w dy / int w dy` with `w = exp(-(x - y)^2 / (4 nu t) - U(y) / (2 nu))`, where U
 * is an antiderivative of the start. The trapezoidal rule converges exponentially here.
 *
 * @param potential U, bounded; periodic if the start is periodic with mean zero.
 * @param x Where the solution is wanted.
 * @param options Viscosity and time.
 * @returns u(x, t), as many numbers as x has.
 * @throws {RangeError} if a number is out of range, or the potential is not finite or grows too fast.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { burgersColeHopf } from "refigure/operators";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // u0 = sin 2 pi x
 * const potential = (y: number) => -Math.cos(2 * Math.PI * y) / (2 * Math.PI);
 * const [u] = burgersColeHopf(potential, [0.25], { viscosity: 0.01, time: 0.1 });
 * assertAlmostEquals(u, 0.8384373180236, 1e-12);
 * ```
 */
export function burgersColeHopf(
  potential: (y: number) => number,
  x: ArrayLike<number>,
  options: ColeHopfOptions,
): Float64Array {
  requireFunction("potential", potential);
  requireNumbers("x", x, { finite: true });
  requireOptions("options", options, ["viscosity", "time"]);
  const { viscosity, time } = options;
  requireNumber("viscosity", viscosity, { above: 0 });
  requireNumber("time", time, { above: 0 });
  return Float64Array.from(x, (at) => coleHopfAt(potential, at, viscosity, time));
}

function coleHopfAt(potential: (y: number) => number, x: number, viscosity: number, time: number): number {
  const width = Math.sqrt(4 * viscosity * time);
  // Wide enough that the weights have vanished at both ends.
  for (let reach = 8; reach <= 128; reach *= 2) {
    const nodes = 2 * reach * NODES + 1;
    const exponents = new Float64Array(nodes);
    let least = Infinity;
    for (let i = 0; i < nodes; i++) {
      const eta = i / NODES - reach;
      exponents[i] = eta * eta + potential(x - width * eta) / (2 * viscosity);
      least = Math.min(least, exponents[i]);
    }
    requireFinite("`potential` must be finite: its values over 2 nu", exponents);
    if (Math.min(exponents[0], exponents[nodes - 1]) - least < NEGLIGIBLE) continue;
    let sum = 0;
    let moment = 0;
    for (let i = 0; i < nodes; i++) {
      const weight = Math.exp(least - exponents[i]);
      sum += weight;
      moment += weight * (i / NODES - reach);
    }
    return moment / sum * width / time;
  }
  throw new RangeError("`potential` must be bounded: the weights do not vanish far from `x`");
}

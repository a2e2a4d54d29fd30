/** What needs no training: symbols, convergence of single layers, the solver. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  burgersColeHopf,
  convergenceStudy,
  convolutionSymbol,
  differentialConv,
  integralSymbol,
  kernelResampling,
  localIntegralConv,
  quadratureAttention,
  relativeL2,
  resampleKernel,
  solveBurgers,
  spectralConv,
} from "../../lib/operators/mod.ts";
import { burgersData, type DataOptions, FINEST } from "./data.ts";
import type { Row } from "./rows.ts";

/** The grid of training, everywhere. */
export const TRAIN_N = 64;
/** Kernels of notes 8. */
const KERNELS = { oracle: [1, 2, -1, 0.5, 3, -0.5, 1, -2, 1.5], symmetric: [1, 2, 5, 2, 1] };

/** Distance between two complex numbers. */
export function distance(a: { re: number; im: number }, b: { re: number; im: number }): number {
  return Math.hypot(a.re - b.re, a.im - b.im);
}

/** Symbols on all grids. */
export function symbols({ wave, sizes }: { wave: number; sizes: number[] }): Row<"symbol">[] {
  return (["oracle", "symmetric"] as const).flatMap((kernel) =>
    (["naive", "hat", "official"] as const).flatMap((method) =>
      sizes.map((n): Row<"symbol"> => {
        const taps = KERNELS[kernel];
        const options = { trainN: TRAIN_N, method };
        const { first } = kernelResampling(taps.length, n, options);
        const resampled = resampleKernel(column(taps), { n, ...options }).data;
        const symbol = convolutionSymbol(resampled, 2 * Math.PI * wave / n, { first });
        const sum = taps.reduce((a, b) => a + b);
        return {
          kind: "symbol",
          kernel,
          method,
          wave,
          n,
          fromIntegral: distance(symbol, integralSymbol(taps, 2 * Math.PI * wave / TRAIN_N)),
          fromSum: distance(symbol, { re: sum, im: 0 }),
          moment: Math.abs(taps.reduce((total, tap, j) => total + tap * (j - (taps.length - 1) / 2), 0)),
        };
      })
    )
  );
}

/** The kernel function through the oracle's taps, as both methods have it on the finest grid. */
export function kernelFunctions(): Row<"kernel">[] {
  const taps = KERNELS.oracle;
  const half = (taps.length - 1) / 2;
  const scale = FINEST / TRAIN_N;
  const onFinest = (method: "hat" | "official", name: Row<"kernel">["method"]) => {
    const options = { trainN: TRAIN_N, method };
    const { first } = kernelResampling(taps.length, FINEST, options);
    // Taps of the fine grid are values of the kernel function times its step.
    return [...resampleKernel(column(taps), { n: FINEST, ...options }).data].map((tap, p): Row<"kernel"> => ({
      kind: "kernel",
      method: name,
      place: (first + p) / scale,
      value: scale * tap,
    }));
  };
  return [
    ...taps.map((value, j): Row<"kernel"> => ({
      kind: "kernel",
      method: "trained taps",
      place: j - half,
      value,
    })),
    ...onFinest("hat", "hat kernel"),
    ...onFinest("official", "official resizing"),
  ];
}

/** Every layer on finer and finer grids, against its limit. */
export function layers({ sizes }: { sizes: number[] }): Row<"layer">[] {
  const study = (
    layer: Row<"layer">["layer"],
    values: (n: number) => ArrayLike<number>,
    limit: (x: number) => number,
  ) => {
    const { errors } = convergenceStudy(values, limit, { sizes });
    return errors.map((error, i): Row<"layer"> => ({ kind: "layer", layer, n: sizes[i], error }));
  };
  const cosine = (n: number) => onGrid(n, (x) => Math.cos(2 * Math.PI * x));
  const sine = (n: number) => onGrid(n, (x) => Math.sin(2 * Math.PI * x));
  const { re, im } = integralSymbol(KERNELS.oracle, 2 * Math.PI / TRAIN_N);
  const integral = (x: number) => re * Math.cos(2 * Math.PI * x) - im * Math.sin(2 * Math.PI * x);
  const conv = (method: "naive" | "hat") => (n: number) =>
    localIntegralConv(cosine(n), column(KERNELS.oracle), { trainN: TRAIN_N, method }).data;
  const derivative = (taps: number[]) => (x: number) =>
    (taps[2] - taps[0]) * 2 * Math.PI * Math.cos(2 * Math.PI * x);
  const differential = (taps: number[]) => (n: number) => differentialConv(sine(n), column(taps)).data;
  const [curved, straight] = [[1, 0.3, -0.4], [-0.7, 5, 0.7]];
  return [
    ...study("plain convolution", conv("naive"), integral),
    ...study("local integral, hat kernel", conv("hat"), integral),
    ...study("differential", differential(curved), derivative(curved)),
    ...study("differential, a + c = 0", differential(straight), derivative(straight)),
    ...spectral(sizes),
    ...sizes.flatMap((n): Row<"layer">[] => [
      { kind: "layer", layer: "attention, weights", n, error: attentionError(n, true) },
      { kind: "layer", layer: "attention, no weights", n, error: attentionError(n, false) },
    ]),
  ];
}

/** Eight random modes of exp(sin 2 pi x), against the same on 4096 points. */
function spectral(sizes: number[]): Row<"layer">[] {
  const rng = new Rng(8);
  const [re, im] = [rng.normalMatrix(8, 1), rng.normalMatrix(8, 1)];
  const values = (n: number) =>
    spectralConv(onGrid(n, (x) => Math.exp(Math.sin(2 * Math.PI * x))), re, im, { modes: 8 }).data;
  const limit = values(4096);
  return sizes.map((n): Row<"layer"> => {
    const error = values(n).reduce(
      (largest, value, j) => Math.max(largest, Math.abs(value - limit[j * 4096 / n])),
      0,
    );
    return { kind: "layer", layer: "spectral", n, error };
  });
}

/** The ratio of Bessel functions I1(1) / I0(1). */
const BESSEL_RATIO = 0.4463899658965345;

/**
 * Error of attention with q . k = cos 2 pi (x - y) and v = cos 2 pi y over warped points y, at x = 0 and 0.2,
 * against the integral (notes 8).
 */
function attentionError(n: number, isWeighted: boolean): number {
  const t = Float64Array.from({ length: n }, (_, j) => j / n);
  const points = t.map((at) => at + 0.9 / (2 * Math.PI) * Math.sin(2 * Math.PI * at));
  const weights = t.map((at) => (1 + 0.9 * Math.cos(2 * Math.PI * at)) / n);
  const places = [0, 0.2];
  const circle = (x: ArrayLike<number>) =>
    Matrix.from(
      x.length,
      2,
      (i, c) => c === 0 ? Math.cos(2 * Math.PI * x[i]) : Math.sin(2 * Math.PI * x[i]),
    );
  const values = column([...points].map((y) => Math.cos(2 * Math.PI * y)));
  const out = quadratureAttention(circle(places), circle(points), values, isWeighted ? { weights } : {});
  const errors = places.map((x, i) => Math.abs(out.get(i, 0) - BESSEL_RATIO * Math.cos(2 * Math.PI * x)));
  return Math.max(errors[0], errors[1]);
}

/** The solver on 512 points against the closed form, at 64 points and at 1/8, 1/4, 3/8. */
export function solver({ amplitude, steps }: { amplitude: number; steps: number }): Row<"solver">[] {
  const [viscosity, time] = [0.01, 0.1];
  const u0 = Matrix.from(1, FINEST, (_, j) => amplitude * Math.sin(2 * Math.PI * j / FINEST));
  const u = solveBurgers(u0, { viscosity, time, steps });
  const potential = (y: number) => -amplitude * Math.cos(2 * Math.PI * y) / (2 * Math.PI);
  const places = Float64Array.from({ length: 64 }, (_, j) => j / 64);
  const exact = burgersColeHopf(potential, places, { viscosity, time });
  const errors = exact.map((value, j) => Math.abs(value - u.get(0, j * FINEST / 64)));
  const error = errors.reduce((a, b) => Math.max(a, b));
  return [{ kind: "solver", amplitude, steps, error, atPoints: Math.max(errors[8], errors[16], errors[24]) }];
}

/** Data as they are made against a finer solution. */
export function dataErrors({ seed, ...options }: Omit<DataOptions, "rng"> & { seed: number }): Row<"data">[] {
  const rng = () => new Rng(seed).split("data");
  const coarse = burgersData({ ...options, rng: rng() });
  const fine = burgersData({
    ...options,
    solverPoints: FINEST,
    solverSteps: 4 * options.solverSteps,
    rng: rng(),
  });
  return [...relativeL2(coarse.target, fine.target)].map((error, i): Row<"data"> => ({
    kind: "data",
    function: i,
    error,
  }));
}

/** Samples of a function at the points j / n, as a column. */
function onGrid(n: number, f: (x: number) => number): Matrix {
  return Matrix.from(n, 1, (j) => f(j / n));
}

function column(values: readonly number[]): Matrix {
  return new Matrix(values.length, 1, Float64Array.from(values));
}

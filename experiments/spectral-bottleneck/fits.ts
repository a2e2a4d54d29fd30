/** Networks that are trained. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { sumOfSquares } from "../../lib/blas/mod.ts";
import type { Report } from "../../lib/experiment/mod.ts";
import type { DenseNetwork } from "../../lib/networks/mod.ts";
import {
  bandLimitedShift,
  bandSignal,
  fitSignal,
  gridCoordinates,
  nyquistFrequency,
  psnr,
  siren,
  spectralCentroid,
  winnerScales,
} from "../../lib/neural_fields/mod.ts";
import type { Row, Start } from "./rows.ts";
import { startOf } from "./starts.ts";

/** Adam as in the paper, with a rate for short runs: notes 6. */
const RATE = { learningRate: 1e-3, decay: { every: 20, factor: 0.99 } };
/** Points of a training curve that are kept. */
const CURVE = 60;

/** What a fit is. */
export interface FitTrial {
  start: Start;
  center: number;
  seed: number;
  steps: number;
  samples: number;
  width: number;
  s0Factor: number;
  s1Factor: number;
}

/** Fits a network to a band; phases and weights are drawn anew for every seed. */
export function fit(
  trial: FitTrial,
  report: Report<Row<"fit"> | Row<"curve">>,
): (Row<"fit"> | Row<"curve">)[] {
  const { start, center, seed, steps, samples } = trial;
  const rng = new Rng(seed).split(`center ${center}`);
  const target = bandSignal(samples, { center, rng: rng.split("target") });
  const psi = spectralCentroid(target);
  const { net, x } = startOf(start, { ...trial, psi, rng: rng.split("network") });
  const y = new Matrix(samples, 1, target);
  const rate = modeRate(net, x, Math.round(center * samples / 2));
  const every = Math.max(1, Math.floor(steps / CURVE));
  const curve: Row<"curve">[] = [];
  const point = (step: number, psnr: number): Row<"curve"> => ({
    kind: "curve",
    start,
    center,
    seed,
    step,
    psnr,
  });
  const run = fitSignal(net, x, y, {
    ...RATE,
    steps,
    onStep: ({ step, psnr }) => {
      if (step % every !== 0) return;
      curve.push(point(step, psnr));
      report(step / steps, curve);
    },
  });
  curve.push(point(steps, run.psnr[steps]));
  const output = net.forward(x).data;
  return [...curve, {
    kind: "fit",
    start,
    center,
    seed,
    steps,
    zero: psnr(new Float64Array(samples), target),
    psnr: run.psnr[steps],
    rms: Math.sqrt(sumOfSquares(output) / sumOfSquares(target)),
    rate,
  }];
}

/** |Jᵀv|² for the Fourier mode v of bin k, of norm 1: two backward passes, no kernel. */
export function modeRate(net: DenseNetwork, x: Matrix, k: number): number {
  const n = x.rows;
  const part = (wave: (angle: number) => number) =>
    sumOfSquares(
      net.vjp(x, Matrix.from(n, 1, (i) => wave(2 * Math.PI * k * i / n) / Math.sqrt(n))).parameters,
    );
  return part(Math.cos) + part(Math.sin);
}

/** Fits a band with noise on the first layer alone, and looks between the samples. */
export function between(
  { share, center, seed, steps, samples, width }: {
    share: number;
    center: number;
    seed: number;
    steps: number;
    samples: number;
    width: number;
  },
  report: Report<never>,
): Row<"between">[] {
  const rng = new Rng(seed).split(`center ${center}`);
  const target = bandSignal(samples, { center, rng: rng.split("target") });
  const s0 = share * spectralCentroid(target) * nyquistFrequency(samples);
  const net = siren({ width, s0, rng: rng.split("network") });
  const x = gridCoordinates([samples]);
  const { psnr: decibels } = fitSignal(net, x, new Matrix(samples, 1, target), {
    ...RATE,
    steps,
    onStep: ({ step }) => report(step / steps),
  });
  // The middle after the last sample is outside of the interval.
  const middles = x.slice(0, samples - 1).map((value) => value + 1 / (samples - 1));
  const truth = bandLimitedShift(target, 0.5).subarray(0, samples - 1);
  return [{
    kind: "between",
    share,
    center,
    seed,
    grid: decibels[steps],
    between: psnr(net.forward(middles).data, truth),
  }];
}

/** SIREN on a short signal, with many more parameters than samples. */
export function control(
  { center, seed, steps }: { center: number; seed: number; steps: number },
  report: Report<never>,
): Row<"control">[] {
  const samples = 512;
  const rng = new Rng(seed).split("control");
  const target = bandSignal(samples, { center, rng: rng.split("target") });
  const net = siren({ width: 96, rng: rng.split("network") });
  const { psnr: decibels } = fitSignal(net, gridCoordinates([samples]), new Matrix(samples, 1, target), {
    ...RATE,
    learningRate: 5e-4,
    steps,
    onStep: ({ step }) => report(step / steps),
  });
  const parameters = net.parameters.length;
  return [{ kind: "control", center, seed, parameters, samples, psnr: decibels[steps] }];
}

/** Pixels of a side for which the constants of images are meant: that of the authors' images. */
const PUBLISHED_SIZE = 512;

/**
 * An image of white noise, with the paper's constants for images. All frequencies are reduced with the size, so that
 * they cover the same part of the image's band as at the published size.
 */
export function image(
  { start, size, seed, steps, width }: {
    start: "SIREN" | "SIREN²";
    size: number;
    seed: number;
    steps: number;
    width: number;
  },
  report: Report<never>,
): Row<"image">[] {
  const rng = new Rng(seed).split("image");
  const draws = rng.split("target");
  const target = Float64Array.from({ length: size * size }, () => draws.uniform(-1, 1));
  const share = (size - 1) / (PUBLISHED_SIZE - 1);
  const { s0, s1 } = winnerScales(spectralCentroid(target, { rowLength: size }), { kind: "image" });
  const noise = start === "SIREN" ? {} : { s0: share * s0, s1 };
  const net = siren({ inputs: 2, width, firstOmega: 30 * share, ...noise, rng: rng.split("network") });
  const { psnr: decibels } = fitSignal(
    net,
    gridCoordinates([size, size]),
    new Matrix(size * size, 1, target),
    {
      ...RATE,
      decay: { every: 20, factor: 0.998 },
      steps,
      onStep: ({ step }) => report(step / steps),
    },
  );
  return [{
    kind: "image",
    start,
    seed,
    size,
    zero: psnr(new Float64Array(size * size), target),
    psnr: decibels[steps],
  }];
}

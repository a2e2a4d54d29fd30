/** Networks at their start: no training. */
import { type Matrix, Rng } from "../../lib/arrays/mod.ts";
import { eigh } from "../../lib/linalg/mod.ts";
import { gridCoordinates, secondLayerVariance, siren } from "../../lib/neural_fields/mod.ts";
import { fourierModeRates } from "../../lib/tangent_kernels/mod.ts";
import { rfft } from "../../lib/transforms/mod.ts";
import type { Row, Start } from "./rows.ts";
import { startOf } from "./starts.ts";

/** Bars of a histogram, over four predicted standard deviations to both sides. */
const BARS = 40;
/** Points of a spectrum that are kept. */
const POINTS = 100;
/** Frequencies of which claims compare the rates. */
const LOW = 0.05;
const HIGH = 0.3;

/** Variance of the second layer's pre-activations, and for the first seed their histogram. */
export function variances(
  { s1, biases, width, samples, seed, histogram }: {
    s1: number;
    biases: "pytorch" | "zero";
    width: number;
    samples: number;
    seed: number;
    histogram: boolean;
  },
): (Row<"variance"> | Row<"histogram">)[] {
  const net = siren({ width, layers: 2, s1, biases, rng: new Rng(seed) });
  const [, z] = net.hiddenLayers(gridCoordinates([samples]), { before: true });
  const predicted = secondLayerVariance({ width, s1, biases });
  let sum = 0;
  let squares = 0;
  for (const value of z.data) {
    sum += value;
    squares += value * value;
  }
  const count = z.data.length;
  const measured = squares / count - (sum / count) ** 2;
  const rows: (Row<"variance"> | Row<"histogram">)[] = [{
    kind: "variance",
    s1,
    biases,
    width,
    seed,
    measured,
    predicted,
  }];
  if (!histogram) return rows;
  const deviation = Math.sqrt(predicted);
  const bar = 8 * deviation / BARS;
  const counts = new Float64Array(BARS);
  for (const value of z.data) {
    const at = Math.floor(value / bar + BARS / 2);
    if (at >= 0 && at < BARS) counts[at]++;
  }
  counts.forEach((hits, at) => {
    const z = (at + 0.5 - BARS / 2) * bar;
    const normal = Math.exp(-z * z / (2 * predicted)) / Math.sqrt(2 * Math.PI * predicted);
    rows.push({ kind: "histogram", s1, z, density: hits / (count * bar), normal });
  });
  return rows;
}

/** What a kernel trial is. */
export interface KernelTrial {
  start: Start;
  psi: number;
  samples: number;
  width: number;
  seed: number;
}

/** Eigenvalues and rates of the tangent kernel, and for the first seed the spectra of the activations. */
export function kernelRows({ drawn, ...trial }: KernelTrial & { drawn: boolean }): Row[] {
  const { start, psi, samples, seed } = trial;
  const { net, x } = startOf(start, {
    ...trial,
    s0Factor: 1,
    s1Factor: 1,
    rng: new Rng(seed).split("kernel"),
  });
  const kernel = net.tangentKernel(x);
  const rates = fourierModeRates(kernel);
  const values = eigh(kernel).values.reverse();
  const at = (frequency: number) => rates[Math.round(frequency * samples / 2)];
  const common = { start, psi, seed };
  const rows: Row[] = [{
    kind: "kernel",
    ...common,
    samples,
    ratio100: values[100] / values[0],
    ratio200: values[200] / values[0],
    low: at(LOW),
    high: at(HIGH),
  }];
  if (!drawn) return rows;
  const indices = new Set(
    Array.from({ length: POINTS }, (_, k) => Math.round(samples ** (k / (POINTS - 1))) - 1),
  );
  for (const index of indices) {
    const value = values[index] / values[0];
    // Rounding leaves nothing of an eigenvalue below.
    if (value > 1e-15) rows.push({ kind: "eigenvalue", ...common, index: index + 1, value });
  }
  const group = Math.floor(samples / 2 / POINTS);
  for (const [frequency, rate] of groups(rates, group, samples)) {
    rows.push({ kind: "rate", ...common, frequency, rate });
  }
  return [...rows, ...spectra(start, net.hiddenLayers(x), group)];
}

/** Power spectra of the activations, averaged over neurons, without their means. */
function spectra(start: Start, layers: Matrix[], group: number): Row<"spectrum">[] {
  return layers.flatMap((activations, l) => {
    const n = activations.rows;
    const power = new Float64Array(Math.floor(n / 2) + 1);
    for (let j = 0; j < activations.columns; j++) {
      const z = rfft(activations.column(j));
      for (let k = 1; k < power.length; k++) power[k] += z[2 * k] ** 2 + z[2 * k + 1] ** 2;
    }
    const total = power.reduce((sum, value) => sum + value, 0);
    return groups(power, group, n).map(([frequency, mean]): Row<"spectrum"> => ({
      kind: "spectrum",
      start,
      layer: l + 1,
      frequency,
      power: mean / total,
    }));
  });
}

/** Means over `size` neighbouring frequencies, from the first above zero, with the frequency of their middle. */
function groups(values: Float64Array, size: number, samples: number): [frequency: number, mean: number][] {
  const out: [number, number][] = [];
  for (let k = 1; k + size <= values.length; k += size) {
    let sum = 0;
    for (let j = k; j < k + size; j++) sum += values[j];
    out.push([2 * (k + (size - 1) / 2) / samples, sum / size]);
  }
  return out;
}

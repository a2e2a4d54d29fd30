import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { mean, standardDeviation } from "simple-statistics";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram } from "../../lib/blas/mod.ts";
import { DenseNetwork } from "../../lib/networks/mod.ts";
import {
  addWinnerNoise,
  bandLimitedShift,
  bandSignal,
  finerActivation,
  fitSignal,
  fourierFeatures,
  gridCoordinates,
  nyquistFrequency,
  psnr,
  secondLayerVariance,
  siren,
  spectralCentroid,
  winnerScales,
} from "../../lib/neural_fields/mod.ts";
import { fourierModeRates } from "../../lib/tangent_kernels/mod.ts";
import { rfft } from "../../lib/transforms/mod.ts";

const tone = (n: number, k: number, amplitude = 1) =>
  Float64Array.from({ length: n }, (_, i) => amplitude * Math.cos(2 * Math.PI * k * i / n));

Deno.test("spectral centroid: tones, impulses, sums of tones, silence, scale and shift", () => {
  for (const [n, k] of [[64, 1], [64, 31], [50, 7], [2048, 600]]) {
    assertAlmostEquals(spectralCentroid(tone(n, k)), 2 * k / n, 1e-11);
  }
  const impulse = new Float64Array(64);
  impulse[5] = 3;
  assertAlmostEquals(spectralCentroid(impulse), 0.5, 1e-14);
  const two = tone(128, 10, 2).map((value, i) => value + tone(128, 30, 0.5)[i]);
  const expected = 2 / 128 * (2 * 10 + 0.5 * 30) / 2.5;
  assertAlmostEquals(spectralCentroid(two), expected, 1e-12);
  assertAlmostEquals(spectralCentroid(two.map((value) => -7 * value)), expected, 1e-12);
  assertAlmostEquals(
    spectralCentroid(Float64Array.from(two, (_, i) => two[(i + 17) % 128])),
    expected,
    1e-12,
  );
  assertEquals(spectralCentroid(new Float64Array(16)), 0);
  assertAlmostEquals(spectralCentroid(Float32Array.of(1, -1, 1, -1)), 1, 1e-12);
});

Deno.test("spectral centroid: rows of an image, channels side by side", () => {
  const image = Float64Array.from({ length: 2 * 16 * 3 }, (_, at) => {
    const [channel, j, i] = [at % 3, Math.floor(at / 3) % 16, Math.floor(at / 48)];
    return Math.cos(2 * Math.PI * (1 + channel + i) * j / 16);
  });
  // Bins 1, 2, 3 in the first row and 2, 3, 4 in the second.
  assertAlmostEquals(spectralCentroid(image, { channels: 3, rowLength: 16 }), 2 / 16 * 2.5, 1e-12);
});

Deno.test("WINNER scales: audio and images, one division by the channels, two in the authors' code", () => {
  const audio = winnerScales(0.3, { kind: "audio" });
  assertAlmostEquals(audio.s0, 3071.4025011146, 1e-9);
  assertAlmostEquals(audio.s1, 0.9, 1e-15);
  assertAlmostEquals(winnerScales(0.3, { kind: "audio", a: 5 }).s0, 2719.0444394805, 1e-9);
  const image = winnerScales(0.2, { kind: "image" });
  assertAlmostEquals(image.s0, 31.606027941428, 1e-11);
  assertAlmostEquals(image.s1, 0.08, 1e-15);
  const colour = winnerScales(0.2, { kind: "image", channels: 3 });
  assertAlmostEquals(colour.s0, 14.173434471311, 1e-11);
  assertAlmostEquals(colour.s1, 0.0266666666667, 1e-12);
  const twice = winnerScales(0.2, { kind: "image", channels: 3, officialDoubleDivision: true });
  assertEquals(twice, winnerScales(0.2, { kind: "image", channels: 9 }));
  assertEquals(
    winnerScales(0.2, { kind: "image", officialDoubleDivision: true }),
    winnerScales(0.2, { kind: "image" }),
  );
  // The published constant in units of the Nyquist frequency, for any number of samples.
  const short = winnerScales(0.3, { kind: "audio", samples: 2048 }).s0;
  assertAlmostEquals(short / (0.0148546 * nyquistFrequency(2048) * (1 - Math.exp(-2.1))), 1, 1e-5);
  assertAlmostEquals(winnerScales(0.3, { kind: "audio", samples: 150_000 }).s0, audio.s0, 1e-9);
});

Deno.test("SIREN: values and derivatives of a small network, against values computed elsewhere", () => {
  const net = new DenseNetwork({
    widths: [1, 2, 2, 1],
    activation: "sine",
    scale: 30,
    // W1 is listed from unit i to unit j; rows here are outputs.
    parameters: Float64Array.of(0.5, -0.2, 0.1, 0.3, 0.02, 0.03, -0.01, 0.015, 0, 0.05, 0.7, -0.4, 0.01),
  });
  const x = Matrix.fromRows([[-0.3], [0], [0.25]]);
  const { outputs, inputs } = net.vjp(x, x.map(() => 1), { inputs: true });
  const values = [-1.0781640538465, -0.0809669828113659, 0.247618898241277];
  const slopes = [0.0879892276528595, -2.30815889863399, 1.47734750531835];
  values.forEach((value, i) => assertAlmostEquals(outputs.get(i, 0), value, 1e-12));
  slopes.forEach((slope, i) => assertAlmostEquals(inputs!.get(i, 0), slope, 1e-11));
});

Deno.test("SIREN: the law of every parameter, and how many there are", () => {
  const net = siren({ width: 400, layers: 3, rng: new Rng(1) });
  const inside = (values: Float64Array, bound: number) => {
    assert(values.every((value) => Math.abs(value) < bound));
    const deviation = bound / Math.sqrt(3);
    assertAlmostEquals(standardDeviation(Array.from(values)) / deviation, 1, 4 / Math.sqrt(values.length));
  };
  inside(net.weights[0].data, 1);
  for (const l of [1, 2, 3]) inside(net.weights[l].data, Math.sqrt(6 / 400) / 30);
  inside(net.biases[0], 1);
  for (const l of [1, 2]) inside(net.biases[l], 1 / 20);
  const image = siren({ inputs: 2, outputs: 3, width: 500, layers: 2, rng: new Rng(2) });
  inside(image.weights[0].data, 1 / 2);
  inside(image.biases[0], 1 / Math.SQRT2);
  assertEquals(siren({ width: 32, rng: new Rng(0) }).parameters.length, 2 * 32 + 3 * (32 ** 2 + 32) + 33);
  assertEquals(siren({ width: 32, rng: new Rng(0) }).parameters.length, 3265);
  assert(siren({ biases: "zero", rng: new Rng(0) }).biases.every((b) => b.every((value) => value === 0)));
});

Deno.test("spectral-bottleneck, criterion 6: WINNER changes the weights of the first two layers and nothing else", () => {
  const [s0, s1] = [47, 0.9];
  const plain = siren({ width: 64, rng: new Rng(3) });
  const noisy = siren({ width: 64, s0, s1, rng: new Rng(3) });
  const difference = (l: number) => Array.from(noisy.weights[l].data, (w, k) => w - plain.weights[l].data[k]);
  for (const l of [2, 3, 4]) assertEquals(noisy.weights[l].data, plain.weights[l].data);
  assertEquals(noisy.biases, plain.biases);
  [s0, s1].forEach((scale, l) => {
    const noise = difference(l);
    const expected = scale / 30;
    // Three standard errors of a standard deviation and of a mean.
    assertAlmostEquals(standardDeviation(noise) / expected, 1, 3 / Math.sqrt(2 * noise.length));
    assertAlmostEquals(mean(noise) / expected, 0, 3 / Math.sqrt(noise.length));
  });
});

Deno.test("spectral-bottleneck, criterion 7: without noise the weights are SIREN's, bit for bit", () => {
  assertEquals(
    siren({ width: 48, s0: 0, s1: 0, rng: new Rng(4) }).parameters,
    siren({ width: 48, rng: new Rng(4) }).parameters,
  );
});

Deno.test("SIREN: frequencies of the first layer have the standard deviation sqrt(firstOmega^2 / 3 + s0^2)", () => {
  const net = siren({ width: 20_000, layers: 1, firstOmega: 50, s0: 70, rng: new Rng(5) });
  const frequencies = Array.from(net.weights[0].data, (w) => 50 * w);
  assertAlmostEquals(standardDeviation(frequencies) / Math.sqrt(50 ** 2 / 3 + 70 ** 2), 1, 0.02);
});

Deno.test("the sine of a sine has odd harmonics with Bessel amplitudes", () => {
  const bessel: [beta: number, amplitudes: number[]][] = [
    [1, [0.440050585745, 0.0195633539827]],
    [3, [0.339058958526, 0.309062722255, 0.043028434877]],
  ];
  for (const [beta, amplitudes] of bessel) {
    const n = 64;
    const z = rfft(
      Float64Array.from({ length: n }, (_, i) => Math.sin(beta * Math.sin(2 * Math.PI * i / n))),
    );
    for (let k = 0; k <= 6; k++) {
      const amplitude = -2 / n * z[2 * k + 1];
      if (k % 2 === 0) assertAlmostEquals(amplitude, 0, 1e-14);
      else if (amplitudes[(k - 1) / 2] !== undefined) {
        assertAlmostEquals(amplitude, 2 * amplitudes[(k - 1) / 2], 1e-11);
      }
    }
  }
});

Deno.test("mode rates: their sum is the trace, and they are what the Jacobian gives", () => {
  for (const n of [32, 33]) {
    const net = siren({ width: 8, layers: 2, s0: 20, s1: 0.5, rng: new Rng(6) });
    const x = gridCoordinates([n]);
    const kernel = net.tangentKernel(x);
    const rates = fourierModeRates(kernel);
    let trace = 0;
    for (let i = 0; i < n; i++) trace += kernel.get(i, i);
    const sum = rates.reduce((total, rate, k) => total + (k === 0 || 2 * k === n ? 1 : 2) * rate, 0);
    assertAlmostEquals(sum / trace, 1, 1e-12);
    const j = net.jacobian(x);
    for (const k of [0, 1, 5, Math.floor(n / 2)]) {
      let direct = 0;
      for (let p = 0; p < j.columns; p++) {
        const z = rfft(j.column(p));
        direct += (z[2 * k] ** 2 + z[2 * k + 1] ** 2) / n;
      }
      assertAlmostEquals(rates[k] / direct, 1, 1e-9);
    }
    assertEquals(gram(j, { side: "right" }).rows, n);
  }
});

Deno.test("grids, signals and decibels", () => {
  assertEquals(gridCoordinates([2, 3]).rows, 6);
  assertEquals(Array.from(gridCoordinates([2, 3]).row(4)), [1, 0]);
  assertEquals(gridCoordinates([1]).toRows(), [[-1]]);
  assertAlmostEquals(nyquistFrequency(150_000), 235617.878, 1e-3);
  for (const center of [0.05, 0.3, 0.7]) {
    const y = bandSignal(2048, { center, rng: new Rng(7) });
    assertAlmostEquals(spectralCentroid(y), center, 1e-3);
    assertAlmostEquals(y.reduce((max, v) => Math.max(max, Math.abs(v)), 0), 1, 1e-15);
    assertAlmostEquals(mean(Array.from(y)), 0, 1e-14);
  }
  const y = bandSignal(256, { center: 0.4, rng: new Rng(8) });
  const there = bandLimitedShift(bandLimitedShift(y, 0.5), 0.5);
  y.forEach((_, i) => assertAlmostEquals(there[i], y[(i + 1) % 256], 1e-14));
  const zero = new Float64Array(256);
  assertAlmostEquals(psnr(zero, y), -10 * Math.log10(y.reduce((sum, v) => sum + v * v, 0) / 256), 1e-12);
  assertEquals(psnr(y, y), Infinity);
  assertEquals(psnr([NaN], [0]), NaN);
  assertAlmostEquals(psnr([1.1], [1], { peak: 2 }), 20 + 20 * Math.log10(2), 1e-12);
});

Deno.test("fit: decibels before each step and after the last, rates that fall, the same twice", () => {
  const y = new Matrix(128, 1, bandSignal(128, { center: 0.1, rng: new Rng(9) }));
  const x = gridCoordinates([128]);
  const run = (options: Parameters<typeof fitSignal>[3]) => {
    const net = siren({ width: 16, rng: new Rng(10) });
    return { net, ...fitSignal(net, x, y, options) };
  };
  const steps: number[] = [];
  const { net, psnr: decibels } = run({
    steps: 30,
    learningRate: 1e-3,
    onStep: ({ step }) => steps.push(step),
  });
  assertEquals(steps, Array.from({ length: 30 }, (_, step) => step));
  assertAlmostEquals(decibels[30], psnr(net.forward(x).data, y.data), 1e-10);
  assertEquals(run({ steps: 30, learningRate: 1e-3 }).psnr, decibels);
  // The first steps of Adam are all of one length, the learning rate.
  const start = siren({ width: 16, rng: new Rng(10) }).parameters;
  const moved = (options: Parameters<typeof fitSignal>[3]) =>
    Math.max(...run(options).net.parameters.map((value, k) => Math.abs(value - start[k])));
  assertAlmostEquals(moved({ steps: 1, learningRate: 1e-3 }), 1e-3, 1e-6);
  const stopped = { every: 1, factor: 0 };
  assertAlmostEquals(moved({ steps: 5, learningRate: 1e-3, decay: stopped }), 1e-3, 1e-6);
  assertEquals(run({ steps: 0 }).psnr.length, 1);
});

Deno.test("FINER's slope takes its factor for a constant; Fourier features", () => {
  const out = new Float64Array(3);
  finerActivation(30).jet(-0.2, out);
  const factor = 30 * 1.2;
  [Math.sin(-0.2 * factor), factor * Math.cos(0.2 * factor), factor ** 2 * Math.sin(0.2 * factor)].forEach((
    value,
    k,
  ) => assertAlmostEquals(out[k], value, 1e-12));
  const features = fourierFeatures(Matrix.fromRows([[0.5, 1]]), Matrix.fromRows([[2, 3], [0, 1]]));
  [Math.cos(4), Math.cos(1), Math.sin(4), Math.sin(1)].forEach((value, k) =>
    assertAlmostEquals(features.get(0, k), value, 1e-15)
  );
});

Deno.test("neural fields: bad arguments are refused by name", () => {
  const rng = new Rng(0);
  const net = siren({ width: 4, layers: 1, rng });
  const cases: [() => unknown, new () => Error, string][] = [
    [() => spectralCentroid(Float64Array.of(1, 2, 3)), RangeError, "at least 4"],
    [() => spectralCentroid(Float64Array.of(1, 2, NaN, 4)), RangeError, "`signal`"],
    [() => spectralCentroid(new Float64Array(10), { rowLength: 4 }), RangeError, "multiple of 4"],
    [() => winnerScales(1.1, { kind: "audio" }), RangeError, "`psi`"],
    [() => winnerScales(NaN, { kind: "audio" }), RangeError, "`psi`"],
    [() => winnerScales(0.1, { kind: "video" as never }), TypeError, "`kind`"],
    [() => siren({ s0: -1, rng }), RangeError, "`s0`"],
    [() => siren({ s1: -1, rng }), RangeError, "`s1`"],
    [() => siren({ layers: 1, s1: 1, rng }), RangeError, "no second layer to perturb"],
    [() => siren({ omega0: 0, rng }), RangeError, "`omega0`"],
    [() => addWinnerNoise(net, { s1: 1, rng }), RangeError, "no second layer to perturb"],
    [() => addWinnerNoise(new DenseNetwork({ widths: [1, 1], rng }), { s0: 1, rng }), RangeError, "`s0`"],
    [() => secondLayerVariance({ s1: -1 }), RangeError, "`s1`"],
    [() => gridCoordinates([]), RangeError, "`sizes.length`"],
    [() => nyquistFrequency(1), RangeError, "`samples`"],
    [() => bandSignal(64, { center: 2, rng }), RangeError, "`center`"],
    [() => bandSignal(4, { center: 0.1, width: 1e-3, rng }), RangeError, "`width`"],
    [() => psnr([1], [1, 2]), RangeError, "`target`"],
    [() => psnr([], []), RangeError, "`estimate.length`"],
    [() => fitSignal(net, Matrix.zeros(3, 1), Matrix.zeros(2, 1), { steps: 1 }), RangeError, "`y`"],
    [() => fitSignal(net, Matrix.zeros(3, 1), Matrix.zeros(3, 1), { steps: -1 }), RangeError, "`steps`"],
    [() => fourierModeRates(Matrix.zeros(2, 3)), RangeError, "`kernel` must be square"],
    [() => fourierFeatures(Matrix.zeros(2, 3), Matrix.zeros(2, 2)), RangeError, "`frequencies`"],
  ];
  for (const [call, type, message] of cases) assertThrows(call, type, message);
});

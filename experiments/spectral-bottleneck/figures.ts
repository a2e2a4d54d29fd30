/** Figures, the key one first. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
  knob,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  palette,
  panels,
  points,
  publishedPoints,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import { ablations, gain } from "./claims.ts";
import type { Row, Start } from "./rows.ts";

/** The two starts that the paper compares, always in the same colours. */
const COMPARED: Start[] = ["SIREN", "SIREN²"];
const ALL: Start[] = [...COMPARED, "s₀ only", "s₁ only", "wide s₀", "SIREN, tuned"];
const OTHERS: Start[] = ["FINER", "Gauss", "Fourier features"];
const COLORS = [palette[1], palette[0], palette[2], palette[3], palette[4], palette[5]];

/** Colours of some of the starts. */
function starts(shown: readonly Start[]): ReturnType<typeof colorBy> {
  return colorBy("start", null, [...shown], shown.map((start) => COLORS[ALL.indexOf(start)]));
}

function compared(fit: readonly Row<"fit">[]): (Row<"fit"> & { gain: number })[] {
  return fit.filter(({ start }) => COMPARED.includes(start)).map((row) => ({ ...row, gain: gain(row) }));
}

/** What each start reaches, band by band. */
function bottleneck({ fit }: RowTable<Row>): Figure {
  const [{ steps }] = fit;
  return figure({
    title: "Beyond the frequencies that it starts with, SIREN learns nothing at all",
    subtitle:
      `Bands of the same width, ${steps} steps of Adam; mean and range over seeds; dashed: the zero output`,
    x: linearAxis("center", "Centre f of the target's band, over the Nyquist frequency", {
      domain: [0, 1],
    }),
    y: linearAxis("gain", "PSNR above that of the zero output, dB"),
    color: starts(COMPARED),
    layer: [
      theoryRule({ y: 0 }),
      meanAndRange(compared(fit), { x: "center", y: "gain", series: "start", dots: true, rows: true }),
    ],
  });
}

/** Training curves at the centre that is compared. */
function curves({ curve, fit }: RowTable<Row>): Figure {
  const center = Math.max(...fit.map((row) => row.center));
  const shown = curve.filter((row) => row.center === center && COMPARED.includes(row.start));
  const zero = fit.find((row) => row.center === center)!.zero;
  return figure({
    title: "SIREN falls onto the zero output within a few steps and stays there",
    subtitle: `f = ${center}; one line per seed; dashed: the zero output of the first seed`,
    height: 260,
    x: linearAxis("step", "Step"),
    y: linearAxis("psnr", "PSNR, dB"),
    color: starts(COMPARED),
    layer: [lines(shown, { each: "seed" }), theoryRule({ y: zero })],
  });
}

/** Activations at the start: where they have energy. */
function spectra({ spectrum, kernel }: RowTable<Row>): Figure {
  const [{ psi }] = kernel;
  const layers = distinct(spectrum, "layer").sort((a, b) => a - b);
  const layer = knob("layer", layers, { label: "hidden layer", start: layers.length - 1 });
  return figure({
    params: [layer.param],
    title: "At the start SIREN's activations have no energy where the target has it",
    subtitle: "Power spectra averaged over neurons; dashed: f = 0.3, for which the noise of SIREN² is meant",
    height: 300,
    x: linearAxis("frequency", "Frequency over the Nyquist frequency", { domain: [0, 1] }),
    y: logAxis("power", "Share of the power per frequency", { domain: [1e-8, 1] }),
    color: starts(COMPARED),
    layer: [
      layer.show(lines(spectrum.filter((row) => COMPARED.includes(row.start)))),
      theoryRule({ x: psi }),
      layer.readout,
    ],
  });
}

/** The tangent kernel at the start: eigenvalues, and rates of Fourier modes. */
function kernel({ eigenvalue, rate }: RowTable<Row>): Figure {
  const shown = ALL.filter((start) => rate.some((row) => row.start === start));
  return figure({
    title: "The noise spreads what the tangent kernel can learn over all frequencies",
    subtitle:
      "At the start, for a target at f = 0.3. Left: eigenvalues; right: the eigenvectors' spectrum, weighted " +
      "by them",
    ...panels([
      {
        title: "Eigenvalues over the largest",
        x: logAxis("index", "Index"),
        y: logAxis("value", "λᵢ / λ₁", { domain: [1e-14, 1] }),
        color: starts(shown),
        layer: [lines(eigenvalue)],
      },
      {
        title: "Rate of each Fourier mode",
        x: linearAxis("frequency", "Frequency over the Nyquist frequency", { domain: [0, 1] }),
        y: logAxis("rate", "λ(f)"),
        color: starts(shown),
        layer: [lines(rate), theoryRule({ x: rate[0].psi })],
      },
    ]),
  });
}

/** The rate at the start against what training comes to. */
function why({ fit }: RowTable<Row>): Figure {
  const shown = fit.filter(({ start }) => ALL.includes(start)).map((row) => ({ ...row, gain: gain(row) }));
  return figure({
    title: "The rate of the target's frequency before the first step predicts which fits succeed",
    subtitle: "Rate of the target's central frequency at the start; one dot per fit, all bands and seeds",
    height: 320,
    x: logAxis("rate", "Rate λ(f) at the start"),
    y: linearAxis("gain", "PSNR above that of the zero output, dB"),
    color: starts(ALL.filter((start) => shown.some((row) => row.start === start))),
    layer: [theoryRule({ y: 0 }), points(shown, { size: 55 })],
  });
}

/** More noise: the samples, and what is between them. */
function between({ between }: RowTable<Row>): Figure {
  const where = ["on the samples", "in the middle between them"];
  const shown = between.flatMap(({ share, seed, grid, between }) => [
    { share, seed, where: where[0], psnr: grid },
    { share, seed, where: where[1], psnr: between },
  ]);
  return figure({
    title: "Too much noise memorizes the samples and oscillates between them",
    subtitle: `f = ${between[0].center}, noise on the first layer alone; mean and range over seeds`,
    height: 300,
    x: logAxis("share", "Noise s₀ over the angular frequency of the target"),
    y: linearAxis("psnr", "PSNR, dB"),
    color: colorBy("where", null, where, [palette[0], palette[1]]),
    layer: [meanAndRange(shown, { x: "share", y: "psnr", series: "where", dots: true })],
  });
}

/** Printed averages over the authors' recordings, under our names of the starts. */
const PRINTED_AUDIO: { start: Start; psnr: number }[] = [
  { start: "SIREN²", psnr: 64.5 },
  { start: "FINER", psnr: 56.5 },
  { start: "SIREN, tuned", psnr: 34.8 },
];

/** All starts at one centre, with the numbers that the paper prints. */
function compare({ fit }: RowTable<Row>): Figure {
  const shown = fit.some(({ start }) => !COMPARED.includes(start))
    ? ablations(fit)
    : fit.filter(({ center }) => center === Math.max(...distinct(fit, "center")));
  const order = [...ALL, ...OTHERS].filter((start) => shown.some((row) => row.start === start));
  return figure({
    title: "What counts is energy at the right frequency; noise is one way to get it",
    subtitle:
      `f = ${
        shown[0].center
      }; dots: seeds; dashed: the zero output; diamonds: printed means over recordings, ` +
      "150,000 samples",
    height: 30 * order.length + 20,
    x: linearAxis("psnr", "PSNR, dB"),
    y: categoryAxis("start", { order }),
    layer: [
      theoryRule({ x: shown[0].zero }),
      dotsAndMean(shown, { value: "psnr", category: "start", color: palette[0] }),
      publishedPoints(PRINTED_AUDIO.filter(({ start }) => order.includes(start))),
    ],
  });
}

/** Pre-activations of the second layer. */
function variance({ histogram }: RowTable<Row>): Figure {
  const view = (s1: number) => {
    const rows = histogram.filter((row) => row.s1 === s1);
    return {
      title: `s₁ = ${s1}`,
      x: linearAxis("z", "Pre-activation"),
      y: linearAxis("density", "Density", { zero: true }),
      layer: [
        lines(rows, { x: "z", y: "density", color: palette[0] }),
        theoryLine(rows, { x: "z", y: "normal" }),
      ],
    };
  };
  return figure({
    title: "The second layer's pre-activations: its noise drives the sines through many turns",
    subtitle: "256 neurons, first seed; dashed: the normal law of variance 1 + d s₁²/2 + ω₀²/(3d)",
    ...panels(distinct(histogram, "s1").map(view), { height: 200 }),
  });
}

/** The two images whose numbers are printed. */
const PRINTED_IMAGES = [
  { what: "SIREN, noise", psnr: 21.3 },
  { what: "SIREN², noise", psnr: 36.1 },
  { what: "SIREN, photograph", psnr: 38.9 },
  { what: "SIREN², photograph", psnr: 44.9 },
];

/** The image of noise. */
function image({ image }: RowTable<Row>): Figure {
  const shown = image.map(({ start, psnr }) => ({ what: `${start}, noise`, psnr }));
  return figure({
    title: "In two dimensions: an image of white noise",
    subtitle:
      `Dots: ${image[0].size} × ${image[0].size} pixels, one per seed; dashed: the zero output; diamonds: ` +
      "printed, larger images",
    height: 140,
    x: linearAxis("psnr", "PSNR, dB"),
    y: categoryAxis("what", { order: PRINTED_IMAGES.map(({ what }) => what) }),
    layer: [
      theoryRule({ x: image[0].zero }),
      dotsAndMean(shown, { value: "psnr", category: "what", color: palette[0] }),
      publishedPoints(PRINTED_IMAGES),
    ],
  });
}

export const figures = { bottleneck, curves, spectra, kernel, why, compare, between, variance, image };

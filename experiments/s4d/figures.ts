/** Figures, the key one first. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  categoryAxis,
  colorBy,
  figure,
  knob,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  palette,
  panels,
  points,
  theoryColor,
  theoryLine,
} from "../../lib/figures/mod.ts";
import { INITS, type Row } from "./rows.ts";

const INIT_NAMES = INITS.map(({ label }) => label);
const initColor = colorBy("init", null, INIT_NAMES);

/** Figure 2: kernels at growing N on those of LegS. */
function kernels({ kernel }: RowTable<Row>): Figure {
  const sizes = [32, 128, 1024].filter((n) => kernel.some((row) => row.n === n));
  const panel = (order: number) => {
    const shown = kernel.filter((row) => row.order === order && sizes.includes(row.n))
      .map(({ n, t, y }) => ({ t, y, size: `N = ${n}` }));
    const exact = kernel.filter((row) => row.order === order && row.n === sizes.at(-1))
      .map(({ t, exact }) => ({ t, y: exact, size: "LegS" }));
    return {
      title: `basis function ${order}`,
      x: linearAxis("t", "Time t", { domain: [0, 2.5] }),
      y: linearAxis("y", "K(t)", { domain: order === 0 ? [-0.6, 1.8] : [-3, 3] }),
      color: colorBy("size", null, ["N = 32", "N = 128", "N = 1024", "LegS"], [
        "#b9c3d3",
        palette[4],
        palette[0],
        theoryColor,
      ]),
      // LegS below N = 1024: where they agree the line shows only its dark rim.
      layer: [lines(exact, { strokeWidth: 4.2 }), lines(shown, { strokeWidth: 1.4 })],
    };
  };
  return figure({
    title: "Without its rank-1 part, LegS keeps its kernels, once N is large",
    subtitle: "S4D-LegS with B / 2, zero-order hold, step 0.002; dark: HiPPO-LegS itself",
    ...panels([0, 1, 2, 3].map(panel), { columns: 2, height: 150 }),
  });
}

/** The first two kernels at one N after the other. */
function sizes({ kernel }: RowTable<Row>): Figure {
  const all = distinct(kernel, "n").sort((a, b) => a - b);
  const size = knob("n", all, { label: "N", start: Math.max(0, all.indexOf(64)) });
  const panel = (order: number, domain: [number, number]) => {
    const own = kernel.filter((row) => row.order === order);
    const exact = own.filter(({ n }) => n === all.at(-1)).map(({ t, exact }) => ({
      t,
      y: exact,
      line: "LegS",
    }));
    return {
      title: `basis function ${order}`,
      x: linearAxis("t", "Time t", { domain: [0, 2.5] }),
      y: linearAxis("y", "K(t)", { domain }),
      color: colorBy("line", null, ["LegS", "S4D"], [theoryColor, palette[0]]),
      layer: [
        lines(exact, { strokeWidth: 4.2 }),
        size.show(lines(own.map(({ n, t, y }) => ({ n, t, y, line: "S4D" })), { strokeWidth: 1.4 })),
        size.readout,
      ],
    };
  };
  return figure({
    params: [size.param],
    title: "The larger N, the finer and the smaller the ringing around LegS",
    subtitle: "Zero-order hold, step 0.002; the slider doubles N",
    ...panels([panel(0, [-0.6, 1.8]), panel(1, [-3, 3])], { height: 220 }),
  });
}

/** Error against N for every way of sampling. */
function convergence({ error }: RowTable<Row>): Figure {
  const names: Record<string, string> = {
    "zoh, B not halved": "zero-order hold, B not halved",
    raw: "point samples",
    bilinear: "bilinear",
    zoh: "zero-order hold",
  };
  const shown = error.filter(({ order }) => order === 0)
    .map(({ n, sampling, rms }) => ({ n, rms, sampling: names[sampling] }));
  const sizes = distinct(shown, "n").sort((a, b) => a - b);
  return figure({
    title: "Averages over a sample converge like 1/N; point samples never do",
    subtitle: "RMS distance to the LegS kernel of order 0 on [0, 2.5)",
    x: logAxis("n", "State size N", { values: sizes }),
    y: logAxis("rms", "RMS error"),
    color: colorBy("sampling", null, Object.values(names), [
      palette[3],
      palette[1],
      palette[4],
      palette[0],
    ]),
    layer: [
      lines(shown, { dots: true }),
      theoryLine((n) => 8 / n, {
        x: "n",
        y: "rms",
        domain: [128, Math.max(...sizes)],
        spacing: "log",
        count: 2,
      }),
      annotation("∝ 1/N", { x: 256, y: 8 / 256, side: "left" }),
    ],
  });
}

/** Figure 4: sorted imaginary parts. */
function spectra({ spectrum }: RowTable<Row>): Figure {
  const names = ["S4D-LegS", "S4D-Inv", "S4D-Lin", "S4D-Quad"];
  return figure({
    title: "S4D-Inv follows the spectrum of LegS; S4D-Lin spreads evenly",
    subtitle: "Imaginary parts of the 32 modes at N = 64, from high to low",
    x: linearAxis("index", "Mode, by frequency", { domain: [0, 33] }),
    y: logAxis("im", "Imaginary part"),
    color: colorBy("init", null, names, [palette[1], palette[2], palette[0], palette[7]]),
    // Lin's lowest mode has imaginary part zero, which has no place on a logarithmic axis.
    layer: [lines(spectrum.filter(({ n, im }) => n === 64 && im > 0.01), { dots: true, strokeWidth: 1.6 })],
  });
}

/** Why real spectra fail. */
function basis({ singular, fit }: RowTable<Row>): Figure {
  const [seed] = distinct(singular, "seed");
  return figure({
    title: "Real modes are nearly dependent, so they cannot hold a delay",
    subtitle: "64 frozen columns each, on 1,024 samples of [0, 2)",
    ...panels([
      {
        width: 270,
        x: linearAxis("index", "Index of singular value", { domain: [0, 64] }),
        y: logAxis("value", "Singular value / largest"),
        color: initColor,
        layer: [lines(singular.filter((row) => row.seed === seed))],
      },
      {
        width: 200,
        x: logAxis("error", "Error of a pulse at t = 1"),
        y: categoryAxis("init", { order: INIT_NAMES }),
        color: initColor,
        layer: [points(fit.filter(({ target }) => target === "pulse at 1, width 0.05"), { size: 70 })],
      },
    ]),
  });
}

/** Loss of the trained kernels. */
function training({ training }: RowTable<Row>): Figure {
  return figure({
    title: "Training does not repair a bad initialization",
    subtitle: "One kernel learns a delayed pulse; median and range over seeds",
    x: linearAxis("step", "Step of Adam"),
    y: logAxis("loss", "Squared error"),
    color: initColor,
    layer: [meanAndRange(training, { x: "step", y: "loss", series: "init", center: "median" })],
  });
}

/** Accuracy on sequential digits. */
function digits({ digits }: RowTable<Row>): Figure {
  // The quick preset trains none: an axis without rows needs an end of its own.
  const last = Math.max(2, ...digits.map(({ epoch }) => epoch));
  return figure({
    title: "Reading digits pixel by pixel needs modes that oscillate",
    subtitle: "Two S4D layers of 32 features, 1,297 real digits, 500 for testing; mean and range over seeds",
    height: 240,
    x: linearAxis("epoch", "Epoch", { tickCount: 5, domain: [1, last] }),
    y: linearAxis("accuracy", "Test accuracy", { domain: [0, 1] }),
    color: colorBy("init", null, ["S4D-LegS", "S4D-Real"], [palette[1], palette[4]]),
    layer: [meanAndRange(digits, { x: "epoch", y: "accuracy", series: "init", dots: true })],
  });
}

export const figures = { kernels, sizes, convergence, spectra, basis, training, digits };

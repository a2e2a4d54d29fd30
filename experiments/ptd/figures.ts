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
  theoryRule,
} from "../../lib/figures/mod.ts";
import { fitLine } from "../../lib/statistics/mod.ts";
import type { Row } from "./rows.ts";

const SYSTEMS = ["S4", "S4D", "PTD"];

/** Figure 1: gains, with PTD on top. */
function transfer({ curve }: RowTable<Row>): Figure {
  const of = (system: Row<"curve">["system"]) => curve.filter((row) => row.system === system);
  const sizes = [16, 64, 256, 4096].filter((n) => of("S4D").some((row) => row.n === n));
  const [perturbed] = distinct(of("PTD"), "n");
  const series = [...sizes.map((n) => `S4D, n = ${n}`), `PTD, n = ${perturbed}`];
  const colors = [palette[4], palette[1], palette[3], palette[2]].slice(0, sizes.length).concat(palette[0]);
  const named = (rows: readonly Row<"curve">[]) =>
    rows.map(({ omega, gain, n, system }) => ({ omega, gain, series: `${system}, n = ${n}` }));
  const spiky = of("S4D").filter(({ n, gain }) => sizes.includes(n) && gain > 1e-8);
  return figure({
    title: "Spikes of S4D move out with n², but never shrink; PTD has none",
    subtitle: "Gain of the first output; dashed: HiPPO-LegS (the same for every n); dotted: 2/π",
    height: 360,
    x: logAxis("omega", "Frequency ω"),
    y: logAxis("gain", "Gain |G₀(iω)|", { domain: [1e-7, 3] }),
    color: colorBy("series", null, series, colors),
    layer: [
      lines(named(spiky), { strokeWidth: 1.3 }),
      lines(named(of("PTD")), { strokeWidth: 4, opacity: 0.75 }),
      theoryLine(of("S4"), { x: "omega", y: "gain" }),
      theoryRule({ y: 2 / Math.PI }, { stroke: "dotted" }),
    ],
  });
}

/** One size of S4D after the other, between LegS and PTD. */
function sizes({ curve }: RowTable<Row>): Figure {
  const diagonal = curve.filter(({ system, gain }) => system === "S4D" && gain > 1e-8);
  const all = distinct(diagonal, "n").sort((a, b) => a - b);
  const perturbed = curve.filter(({ system }) => system === "PTD");
  const legs = curve.filter(({ system }) => system === "S4");
  const size = knob("n", all, { start: Math.max(0, all.indexOf(64)) });
  const of = (rows: readonly Row<"curve">[], name: string) =>
    rows.map(({ n, omega, gain }) => ({ n, omega, gain, name }));
  const names = ["S4D", `PTD, n = ${perturbed[0].n}`];
  return figure({
    params: [size.param],
    title: "A larger state moves the last spike of S4D to higher frequencies and makes it no lower",
    subtitle: "Gain of the first output; the slider sets S4D's n; dashed: HiPPO-LegS; dotted: 2/π",
    height: 300,
    x: logAxis("omega", "Frequency ω", { domain: [0.1, 1e7] }),
    y: logAxis("gain", "Gain |G₀(iω)|", { domain: [1e-7, 3] }),
    color: colorBy("name", null, names, [palette[1], palette[0]]),
    layer: [
      size.show(lines(of(diagonal, names[0]), { strokeWidth: 1.3 })),
      lines(of(perturbed, names[1]), { strokeWidth: 4, opacity: 0.75 }),
      theoryLine(legs, { x: "omega", y: "gain" }),
      theoryRule({ y: 2 / Math.PI }, { stroke: "dotted" }),
      size.readout,
    ],
  });
}

/** Heights of the last spikes over their law, against how far out they are. */
function heights({ spike }: RowTable<Row>): Figure {
  const shown = spike.filter(({ n }) => [16, 64, 256, 1024].includes(n)).map(({ n, j, omega, height }) => ({
    place: omega / n,
    ratio: height * Math.PI * (2 * j + 1) / 2,
    size: `n = ${n}`,
  })).filter(({ place }) => place > 0.1);
  return figure({
    title: "Well above ω = n, every spike has the height 2/(π(2j + 1)), whatever n",
    subtitle: "The last eight spikes of each size, over that law; j counts from the highest frequency",
    height: 260,
    x: logAxis("place", "Frequency of the spike over n"),
    y: logAxis("ratio", "Height over 2/(π(2j + 1))"),
    color: colorBy("size", null, distinct(shown, "size")),
    layer: [theoryRule({ y: 1 }), points(shown, { size: 60 })],
  });
}

/** Figure 3c and Theorem 3: condition number and deviation against ε. */
function sweep({ sweep }: RowTable<Row>): Figure {
  const rows = sweep.filter(({ eps }) => eps <= 1);
  const panel = (field: "kappa" | "deviation", title: string, color: string) => ({
    x: logAxis("eps", "Size of the perturbation ε"),
    y: logAxis(field, title),
    layer: [meanAndRange(rows, { x: "eps", y: field, center: "median", dots: true, color })],
  });
  return figure({
    title: "Conditioning is bought at a price in proportion",
    subtitle: "Random perturbations of LegS, n = 64; median and range over seeds",
    ...panels([
      panel("kappa", "Condition number κ(V)", palette[0]),
      panel("deviation", "Largest |ΔG| on the axis", palette[1]),
    ]),
  });
}

/** What the tone adds to the readouts' errors. */
function robustness({ readout }: RowTable<Row>): Figure {
  const inputs = ["error without the tone", "added by the tone"];
  const shown = readout.flatMap(({ system, seed, clean, noisy }) => [
    { system, seed, input: inputs[0], error: clean },
    { system, seed, input: inputs[1], error: Math.abs(noisy - clean) },
  ]);
  return figure({
    title: "A faint tone at the spike comes through S4D's readout, not through PTD's",
    subtitle:
      "Mean squared error of a trained delay line, one dot per seed; the tone has a tenth of the amplitude",
    height: 170,
    encoding: {
      x: logAxis("error", "Mean squared error"),
      y: categoryAxis("system", { order: SYSTEMS }),
      yOffset: { field: "input", type: "nominal", sort: inputs },
      color: colorBy("input", null, inputs),
    },
    layer: [points(shown, { size: 55 })],
  });
}

/** Gain of the readouts over all frequencies. */
function gain({ gain }: RowTable<Row>): Figure {
  return figure({
    title: "A readout trained on S4D keeps resonances all over the band",
    subtitle: "Gain of the readout at every frequency of the discrete model, first seed",
    x: linearAxis("theta", "Frequency θ, radians per sample", { domain: [0, Math.PI] }),
    y: logAxis("gain", "Gain |H(exp iθ)|"),
    color: colorBy("system", null, SYSTEMS, [theoryColor, palette[1], palette[0]]),
    layer: [lines(gain, { strokeWidth: 1.4 })],
  });
}

/** Random against optimized perturbations. */
function optimized({ optimized }: RowTable<Row>): Figure {
  const random = optimized.filter(({ method }) => method === "random");
  const law = fitLine(random.map((row) => Math.log(row.kappa)), random.map((row) => Math.log(row.deviation)));
  const kappas = optimized.map(({ kappa }) => kappa);
  return figure({
    title: "Optimized, a small perturbation is worth a larger random one, at about its price",
    subtitle: "n = 16; left and low is better; dashed: the random perturbations' law, continued",
    height: 280,
    x: logAxis("kappa", "Condition number κ(V)"),
    y: logAxis("deviation", "Largest |ΔG| on the axis"),
    color: colorBy("method", null, ["random", "optimized"]),
    layer: [
      theoryLine((kappa) => Math.exp(law.intercept + law.slope * Math.log(kappa)), {
        x: "kappa",
        y: "deviation",
        domain: [Math.min(...kappas), Math.max(...kappas)],
        spacing: "log",
        count: 2,
      }),
      points(optimized, { size: 80 }),
      annotation("random, ‖E‖ = 0.01", { ...place(random[0]), side: "left" }),
    ],
  });
}

function place({ kappa, deviation }: { kappa: number; deviation: number }): { x: number; y: number } {
  return { x: kappa, y: deviation };
}

export const figures = { transfer, sizes, heights, sweep, robustness, gain, optimized };

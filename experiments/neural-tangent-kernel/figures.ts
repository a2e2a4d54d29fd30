/** Figures, the key one first. */
import { distinct, type Figure, mean, type RowTable } from "../../lib/experiment/mod.ts";
import {
  colorBy,
  figure,
  legendAt,
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
  thin,
} from "../../lib/figures/mod.ts";
import { kernelErrors } from "./claims.ts";
import { circleTarget, type Row, trainingAngles } from "./rows.ts";

const STAGES = ["before training", "after training"];
const ascending = (values: number[]) => values.sort((a, b) => a - b);

/** Angles from -π to π, labelled in multiples of π. */
function angleAxis() {
  const values = [-Math.PI, -Math.PI / 2, 0, Math.PI / 2, Math.PI];
  const axis = linearAxis("gamma", "Angle γ", { domain: [-Math.PI, Math.PI], nice: false, values });
  const label =
    "abs(datum.value) < 0.1 ? '0' : (datum.value < 0 ? '−' : '') + (abs(datum.value) > 2 ? 'π' : 'π/2')";
  return { ...axis, axis: { ...axis.axis, labelExpr: label } };
}

/** Figure 1: kernels of single networks before and after training, the limit on top, the residual below. */
function kernel({ drift, limit }: RowTable<Row>): Figure {
  const relu = drift.filter(({ activation }) => activation === "relu");
  const exact = limit.filter(({ activation }) => activation === "relu").map(({ gamma, ntk }) => ({
    gamma,
    ntk,
  }));
  const all = ascending(distinct(relu, "width"));
  const widths = [all[0], all[all.length - 1]];
  const truth = new Map(exact.map(({ gamma, ntk }) => [gamma.toFixed(6), ntk]));
  const curves = relu.flatMap(({ width, init, gamma, before, after }) =>
    gamma.flatMap((g, i) =>
      // Every second angle is enough for the eye.
      i % 2 > 0 ? [] : [before[i], after[i]].map((ntk, stage) => ({
        width,
        init,
        gamma: g,
        ntk,
        off: ntk - (truth.get(g.toFixed(6)) ?? NaN),
        stage: STAGES[stage],
      }))
    )
  );
  const top = Math.ceil(20 * Math.max(...curves.map(({ ntk }) => ntk))) / 20;
  const far = Math.max(...curves.map(({ off }) => Math.abs(off)));
  const color = colorBy("stage", null, STAGES);
  return figure({
    title: "A wide network's kernel is deterministic, and training hardly moves it",
    subtitle:
      "Tangent kernel on the circle, depth 4; dashed: infinite width, exact; below: mean and spread around it",
    ...panels([
      ...widths.map((width) => ({
        title: `n = ${width}`,
        x: angleAxis(),
        y: linearAxis("ntk", "Kernel Θ(0, γ)", { domain: [0, top] }),
        color,
        layer: [
          lines(curves.filter((row) => row.width === width), {
            each: "init",
            strokeWidth: 0.9,
            opacity: 0.55,
          }),
          theoryLine(exact, { x: "gamma", y: "ntk" }),
        ],
      })),
      ...widths.map((width) => ({
        x: angleAxis(),
        y: linearAxis("off", "Minus limit", { domain: [-far, far], tickCount: 3 }),
        color,
        layer: [
          meanAndRange(curves.filter((row) => row.width === width), {
            x: "gamma",
            y: "off",
            series: "stage",
            spread: "sd",
          }),
          theoryRule({ y: 0 }),
        ],
      })),
    ], { columns: 2, height: [220, 90] }),
    config: legendAt("bottom"),
  });
}

/** Spread and bias of the kernel at initialization, by width. */
function spread(rows: RowTable<Row>): Figure {
  const errors = kernelErrors(rows);
  const names = ["standard deviation over networks", "mean minus limit (relative)"];
  const shown = errors.flatMap(({ width, sd, error }) =>
    [sd, error].map((value, i) => ({ width, value, what: names[i] }))
  );
  // The reference line goes through the geometric middle of the points: its slope is what is compared.
  const level = Math.exp(mean(errors.map(({ sd, width }) => Math.log(sd * Math.sqrt(width)))));
  const widths = errors.map(({ width }) => width);
  return figure({
    title: "The kernel's spread falls as one over the square root of the width",
    subtitle:
      "At initialization, depth 4; dashed: slope −1/2. The mean's distance is what this many networks allow",
    x: logAxis("width", "Width n", { values: widths }),
    y: logAxis("value", "Size"),
    color: colorBy("what", null, names),
    layer: [
      lines(shown, { dots: true }),
      theoryLine((width) => level / Math.sqrt(width), {
        x: "width",
        y: "value",
        domain: [widths[0], widths[widths.length - 1]],
        spacing: "log",
        count: 2,
      }),
    ],
    config: legendAt("bottom"),
  });
}

/** Figure 2: trained functions against the Gaussian law of the limit, at two times. */
function functions({ function: trained, band }: RowTable<Row>): Figure {
  // Ten lines per width are as many as an eye tells apart.
  const few = trained.filter(({ init }) => init < 10);
  const times = ascending(distinct(few, "time"));
  const widths = ascending(distinct(few, "width")).map((width) => `n = ${width}`);
  const curves = few.flatMap(({ width, init, time, gamma, values }) =>
    gamma.map((g, i) => ({ width: `n = ${width}`, init, time, gamma: g, value: values[i] }))
  );
  const data = trainingAngles.map((gamma) => ({ gamma, value: circleTarget(gamma) }));
  return figure({
    title: "Trained networks scatter as the Gaussian law of the limit says",
    subtitle:
      "Four training points (dots), one line per network; dashed and grey: exact mean and 10–90 % band",
    ...panels(
      [times[1], times[times.length - 1]].map((time) => {
        const law = band.filter((row) => row.time === time).toSorted((a, b) => a.gamma - b.gamma);
        return {
          title: `after ${time} steps`,
          x: angleAxis(),
          y: linearAxis("value", "f(γ)", { domain: [-0.9, 0.9] }),
          color: colorBy("width", null, widths),
          layer: [
            {
              data: {
                values: law.map(({ gamma, mean, sd }) => ({
                  gamma,
                  low: mean - 1.2816 * sd,
                  high: mean + 1.2816 * sd,
                })),
              },
              mark: { type: "area", opacity: 0.15, clip: true },
              encoding: {
                y: { field: "low", stack: null },
                y2: { field: "high" },
                color: { value: theoryColor },
              },
            },
            lines(curves.filter((row) => row.time === time), {
              each: "init",
              strokeWidth: 0.9,
              opacity: 0.6,
            }),
            theoryLine(law.map(({ gamma, mean }) => ({ gamma, value: mean })), { x: "gamma", y: "value" }),
            points(data, { size: 70, color: theoryColor, opacity: 1 }),
          ],
        };
      }),
    ),
    config: legendAt("bottom"),
  });
}

/** Figure 3: error along and off the component being learned. */
function components({ mode: modes, "mode-summary": runs }: RowTable<Row>): Figure {
  const tracked = distinct(runs.filter(({ peak }) => peak !== null), "mode");
  const widths = ascending(distinct(modes, "width")).map((width) => `n = ${width}`);
  const shown = modes.map((row) => ({
    mode: row.mode,
    width: `n = ${row.width}`,
    time: row.t * row.rate,
    along: Math.max(2 * row.along, 1e-3),
    off: row.off,
  }));
  const color = colorBy("width", null, widths);
  const x = linearAxis("time", "Time × eigenvalue", { domain: [0, 3] });
  const own = (mode: number) => shown.filter((row) => row.mode === mode);
  return figure({
    title: "Each component decays at its own eigenvalue, and the rest stays put",
    subtitle:
      "Mean and range over networks; top: error along the mode, relative; bottom: error off it; dashed: limit",
    ...panels([
      ...tracked.map((mode) => ({
        title: `target: mode ${mode}`,
        x,
        y: logAxis("along", "Error along the mode", { domain: [0.02, 1.2] }),
        color,
        layer: [
          meanAndRange(own(mode), { x: "time", y: "along", series: "width" }),
          theoryLine((time) => Math.exp(-time), { x: "time", y: "along", domain: [0, 3] }),
        ],
      })),
      ...tracked.map((mode) => ({
        x,
        y: linearAxis("off", "Error off it", { zero: true, tickCount: 4 }),
        color,
        layer: [meanAndRange(own(mode), { x: "time", y: "off", series: "width" }), theoryRule({ y: 0 })],
      })),
    ], { columns: tracked.length, height: [210, 130] }),
    config: legendAt("bottom"),
  });
}

/** Why small networks learn faster: against the time their own kernel counts, all curves are one. */
function kernelTime({ mode: modes }: RowTable<Row>): Figure {
  const widths = ascending(distinct(modes, "width"));
  const ends = [widths[0], widths[widths.length - 1]];
  const names = ends.map((width) => `n = ${width}`);
  const panel = (title: string, name: string, time: (row: typeof modes[number]) => number) => ({
    title,
    x: linearAxis("time", name, { domain: [0, 3] }),
    y: logAxis("left", "Error left", { domain: [0.02, 1.2] }),
    color: colorBy("width", null, names, [palette[0], palette[2]]),
    layer: [
      lines(
        thin(
          modes.filter((row) => row.mode === 1 && ends.includes(row.width) && row.along > 0.01).map((
            row,
          ) => ({
            width: `n = ${row.width}`,
            init: row.init,
            time: time(row),
            left: 2 * row.along,
          })),
          { series: ["width", "init"], count: 22 },
        ),
        { each: "init" },
      ),
      theoryLine((time) => Math.exp(-time), { x: "time", y: "left", domain: [0, 3] }),
    ],
  });
  return figure({
    title: "Networks differ mostly in how fast their kernel's clock runs",
    subtitle:
      "Error along mode 1, one line per network, whose own kernel wanders while it learns; dashed: exp(−x)",
    ...panels([
      panel("by the clock", "t × limit eigenvalue", ({ t, rate }) => t * rate),
      panel("by the kernel's own time", "∫ network's own eigenvalue dt", ({ kernelTime }) => kernelTime),
    ]),
    config: legendAt("bottom"),
  });
}

/** Spectral bias: time to halve the error of a Fourier mode against 1 / eigenvalue. */
function spectralBias({ "mode-summary": runs }: RowTable<Row>): Figure {
  const widest = Math.max(...runs.map(({ width }) => width));
  const shown = runs.flatMap(({ mode, width, rate, half }) =>
    width === widest && half !== null ? [{ mode: `mode ${mode}`, slowness: 1 / rate, half }] : []
  );
  const names = ascending(distinct(runs, "mode")).map((mode) => `mode ${mode}`);
  const slow = shown.map(({ slowness }) => slowness);
  const domain: [number, number] = [Math.min(...slow) * 0.8, Math.max(...slow) * 1.25];
  return figure({
    title: "Smooth modes first: the time to learn one is set by its eigenvalue",
    subtitle:
      `Time to halve the error, networks of width ${widest}; dashed: ln 2 / eigenvalue, no free constant`,
    x: logAxis("slowness", "1 / eigenvalue", { domain }),
    y: logAxis("half", "Time to halve the error"),
    color: colorBy("mode", null, names),
    layer: [
      theoryLine((x) => Math.LN2 * x, { x: "slowness", y: "half", domain, spacing: "log", count: 2 }),
      points(shown),
    ],
  });
}

export const figures = { kernel, functions, components, spectralBias, kernelTime, spread };

/** Figures, the key one first; those of depth are in depth_figures.ts. */
import { type Figure, mean, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  colorBy,
  figure,
  legendAt,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  palette,
  panels,
  theoryLine,
} from "../../lib/figures/mod.ts";
import { depth, edge, spectra, starts } from "./depth_figures.ts";
import type { Row } from "./rows.ts";

const NETWORKS = { linear: "linear network", tanh: "tanh network" };
const networkColor = colorBy("network", null, Object.values(NETWORKS), [palette[0], palette[2]]);

/** The key figure: modes of the hierarchy are learned one by one, along the analytic curves. */
function modes({ curve }: RowTable<Row>): Figure {
  const of = (run: "linear" | "tanh") =>
    curve.filter((row) => row.run === run).map((row) => ({ ...row, network: NETWORKS[run] }));
  const linear = of("linear");
  const last = Math.max(0, ...linear.map(({ time }) => time));
  const ends = linear.filter(({ time }) => time === last);
  // Labels of modes that are nearly equally strong, such as 18 and 31, would lie on each other: one for both.
  const labelled = ends.filter(({ s }, i) => i === 0 || ends[i - 1].s - s > 5).map(({ s }) => {
    const near = ends.filter((end) => Math.abs(end.s - s) <= 5 && end.s <= s);
    return {
      text: `${near.length > 1 ? "modes" : "mode"} ${near.map(({ mode }) => mode).join(", ")}`,
      s: mean(near.map((end) => end.s)),
    };
  });
  const view = (y: ReturnType<typeof linearAxis>) => ({
    x: linearAxis("time", "Iterations", { domain: [0, 1500] }),
    y,
    color: networkColor,
  });
  return figure({
    title: "Strong modes first: each waits on a plateau, then rises along its formula",
    subtitle:
      "Properties of 32 things on a tree; small random start, 32 hidden units, learning rate 5·10⁻⁴; " +
      "dashed: theory",
    ...panels([
      {
        encoding: view(linearAxis("strength", "Mode strength uᵀW³²W²¹v", { domain: [0, 90] })),
        layer: [
          lines(of("tanh").map(({ network, mode, time, strength }) => ({ network, mode, time, strength })), {
            each: "mode",
            strokeWidth: 2.2,
            opacity: 0.75,
          }),
          lines(linear.map(({ network, mode, time, strength }) => ({ network, mode, time, strength })), {
            each: "mode",
            strokeWidth: 3,
            opacity: 0.75,
          }),
          theoryLine(linear.map(({ mode, time, theory }) => ({ mode, time, strength: theory })), {
            x: "time",
            y: "strength",
            series: "mode",
          }),
          ...labelled.map(({ text, s }) => annotation(text, { x: last, y: s, side: "right" })),
        ],
      },
      {
        encoding: view(
          linearAxis("residual", "(network − theory)/s", {
            domain: [-0.8, 0.4],
            values: [-0.8, -0.4, 0, 0.4],
          }),
        ),
        layer: [
          lines(
            linear.map(({ network, mode, time, strength, theory, s }) => ({
              network,
              mode,
              time,
              residual: (strength - theory) / s,
            })),
            { each: "mode", strokeWidth: 1.3, opacity: 1 },
          ),
        ],
      },
    ], { columns: 1, width: 500, height: [270, 80] }),
    config: legendAt("top"),
  });
}

/** Decoupled start: the network is on the formula. */
function exact({ curve }: RowTable<Row>): Figure {
  const of = (run: Row<"curve">["run"]) =>
    curve.filter((row) => row.run === run).map(({ s, time, strength, theory }) => ({
      mode: `s = ${Math.round(s)}`,
      time,
      strength,
      theory,
      residual: Math.max(1e-16, Math.abs(strength - theory) / s),
    }));
  const shared = {
    x: linearAxis("time", "Time t/τ", { domain: [0, 6] }),
    color: colorBy("mode", null, ["s = 3", "s = 2", "s = 1"]),
  };
  const strengths = (run: Row<"curve">["run"], title: string) => ({
    title,
    encoding: { ...shared, y: linearAxis("strength", "Mode strength", { domain: [0, 3.2] }) },
    layer: [
      lines(of(run), { strokeWidth: 4, opacity: 0.6 }),
      theoryLine(of(run), { x: "time", y: "theory", series: "mode" }),
    ],
  });
  const residuals = (run: Row<"curve">["run"]) => ({
    encoding: { ...shared, y: logAxis("residual", "Residual", { domain: [1e-16, 1e-8], tickCount: 3 }) },
    layer: [lines(of(run), { strokeWidth: 1.2 })],
  });
  return figure({
    title: "From a decoupled start, theory and network agree to ten digits and more",
    subtitle: "Gradient flow of all weights (colour), the law of one mode (dashed), and the residual over s",
    ...panels([
      strengths("flow 3", "One hidden layer: the closed form"),
      strengths("flow 5", "Three hidden layers: τ du/dt = 4 √u³ (s − u)"),
      residuals("flow 3"),
      residuals("flow 5"),
    ], { columns: 2, height: [190, 80] }),
    config: legendAt("bottom"),
  });
}

/** Figure 3, right: how much later than the formula. */
function delay({ half }: RowTable<Row>): Figure {
  const delays = half.flatMap(({ model, mode, simulated, analytic }) =>
    simulated === null ? [] : [{ network: NETWORKS[model], mode, delay: simulated / analytic - 1 }]
  );
  return figure({
    title: "A random start is late by a few percent, more so for weak modes",
    subtitle: "(half time − theory)/theory on the tree task; mean and standard deviation over seeds",
    x: linearAxis("mode", "Mode, strongest first", { domain: [1, 32] }),
    y: linearAxis("delay", "Relative delay", { format: "%", zero: true }),
    color: networkColor,
    layer: [meanAndRange(delays, { x: "mode", y: "delay", series: "network", spread: "sd", dots: true })],
    config: legendAt("top"),
  });
}

/** Beyond the paper: why a small random start behaves like a decoupled one. */
function alignment({ alignment }: RowTable<Row>): Figure {
  const names = ["on the task's modes", "of the task learned"];
  const shares = alignment.flatMap(({ time, aligned, learned }) => [
    { time, share: aligned, line: names[0] },
    { time, share: Math.max(0, learned), line: names[1] },
  ]);
  return figure({
    title: "On the plateau the network turns: alignment comes before learning",
    subtitle: "Exact matrix solution from a small balanced random start, 8 modes from s = 3 to 1",
    x: linearAxis("time", "Time t/τ", { domain: [0, 8], tickCount: 8 }),
    y: linearAxis("share", "Share", { domain: [0, 1], format: "%" }),
    color: colorBy("line", "Share of the map", names),
    layer: [lines(shares)],
    config: legendAt("top"),
  });
}

export const figures = { modes, exact, delay, alignment, depth, starts, spectra, edge };

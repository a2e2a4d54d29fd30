/** Figures, the key one first. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
  knob,
  learningRateFigure,
  linearAxis,
  lines,
  palette,
  panels,
  theoryColor,
} from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import { contestants } from "./optimizers.ts";
import { finalRuns, gridRuns, meanCurve, type Row } from "./rows.ts";

/** Blue and green where the momentum is orthogonalized, red and orange for Adam, grey for descent. */
const COLORS: Record<string, string> = {
  "Muon": palette[0],
  "AdamW": palette[1],
  "NorMuon": palette[2],
  "ROOT": palette[5],
  "Hybrid-AuON": palette[7],
  "AuON": palette[3],
  "Trion": "#66c2a5",
  "DCT-AdamW": palette[4],
  "SGD": "#8a8a8a",
};

/** Losses above this are left out: all optimizers pass it in their first steps. */
const HIGHEST = 3;

/** The optimizers from best to worst; while a run goes on, those without a final loss come last. */
function ranking({ run, curve }: RowTable<Row>): string[] {
  const finals = contestants.flatMap(({ name }) => finalRuns(run, name));
  const order = summarizeBy(finals, ["optimizer"], "loss").sort((a, b) => a.mean - b.mean)
    .map(({ optimizer }) => optimizer);
  return [...order, ...distinct(curve, "optimizer").filter((name) => !order.includes(name))];
}

function colors(order: readonly string[]) {
  return colorBy("optimizer", null, order, order.map((name) => COLORS[name]));
}

/** Mean curves of all optimizers. */
function meanCurves(curve: readonly Row<"curve">[]): { optimizer: string; step: number; loss: number }[] {
  return distinct(curve, "optimizer")
    .flatMap((optimizer) => meanCurve(curve, optimizer).map((point) => ({ optimizer, ...point })));
}

function lossAxis(points: readonly { loss: number }[]) {
  let lowest = HIGHEST - 0.2;
  for (const { loss } of points) lowest = Math.min(lowest, Math.floor(10 * loss) / 10);
  return linearAxis("loss", "Held-out loss (nats per character)", { domain: [lowest, HIGHEST] });
}

/** What is learned in equal steps, and where it ends. */
function key(rows: RowTable<Row>): Figure {
  const order = ranking(rows);
  const points = meanCurves(rows.curve);
  const all = distinct(points, "step").sort((a, b) => a - b);
  const isOnAxis = (step: number) => rows.curve.every((row) => row.step !== step || row.loss <= HIGHEST);
  const steps = all.filter((step) => isOnAxis(step) || step === all.at(-1));
  const step = knob("step", steps, { start: steps.length - 1 });
  const runs = rows.curve.map(({ optimizer, step, loss }) => ({ optimizer, step, loss }));
  const axis = lossAxis(points);
  return figure({
    params: [step.param],
    title: "In equal steps, orthogonalized momentum learns most",
    subtitle:
      "A small Transformer learns Moby-Dick, each optimizer at its best rate; mean, and each seed at one step",
    ...panels([
      {
        width: 300,
        x: linearAxis("step", "Step"),
        y: axis,
        color: colors(order),
        layer: [
          lines(points, { strokeWidth: 1.8 }),
          step.show({
            data: { values: steps.map((step) => ({ step })) },
            mark: { type: "rule", strokeDash: [5, 4] },
            encoding: { x: { field: "step" }, y: null, color: { value: theoryColor } },
          }),
        ],
      },
      {
        width: 170,
        x: linearAxis("loss", "Held-out loss at the step", { domain: axis.scale.domain, tickCount: 4 }),
        y: categoryAxis("optimizer", { order, grid: true }),
        color: colors(order),
        layer: [
          step.show(
            dotsAndMean(runs, { value: "loss", category: "optimizer", by: ["step"] }),
          ),
          step.readout,
        ],
      },
    ], { height: 300 }),
  });
}

/** The grid behind it. */
function rates(rows: RowTable<Row>): Figure {
  const order = ranking(rows);
  return learningRateFigure(gridRuns(rows.run), {
    title: "Every optimizer is judged at its own best learning rate",
    subtitle: "Held-out loss of the runs that chose it, on the first seed; a ring marks the choice",
    optimizers: order,
    colors: order.map((name) => COLORS[name]),
    loss: "Held-out loss",
  });
}

export const figures = { key, rates };

/**
 * The curves against time: what a step costs is measured by who draws it, as it differs from machine to machine.
 *
 * @param milliseconds Of one step, by optimizer; those without are left out.
 */
export function againstSeconds(rows: RowTable<Row>, milliseconds: Readonly<Record<string, number>>): Figure {
  const order = ranking(rows).filter((name) => name in milliseconds);
  const points = meanCurves(rows.curve).filter(({ optimizer }) => optimizer in milliseconds)
    .map(({ optimizer, step, loss }) => ({
      optimizer,
      loss,
      seconds: step * milliseconds[optimizer] / 1000,
    }));
  const best = order[0];
  return figure({
    title: `Against the clock, too, ${best} is ahead, though its steps cost more than AdamW's`,
    subtitle:
      "The same runs; the cost of a step is the median of steps taken in turn, one thread, this machine",
    x: linearAxis("seconds", "Seconds of training on this machine"),
    y: lossAxis(points),
    color: colors(order),
    layer: [lines(points, { strokeWidth: 1.8 })],
  });
}

import { figure, logAxis, palette } from "../../lib/figures/mod.ts";
import { tuneLearningRates } from "../../lib/training/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import { type Row, rowsOf } from "./rows.ts";

const [, ADAM, OWN, , ORANGE, SKY] = palette;
const SUFFIX = ", no feedback";

/** Every method at its best rate, a point a seed. */
export function training(rows: Row[]): Figure {
  const runs = rowsOf(rows, "training").filter(({ family }) => family === "adam")
    .map((row) => ({ ...row, loss: row.loss ?? Infinity }));
  const tuned = runs.length === 0 ? [] : tuneLearningRates(runs);
  const colorOf = (name: string) =>
    name.startsWith("Adam") ? ADAM : name.startsWith("SVD") ? ORANGE : name.startsWith("random") ? SKY : OWN;
  const panel = (title: string, feedback: boolean) => {
    const own = tuned.filter(({ optimizer }) => optimizer.endsWith(SUFFIX) !== feedback)
      .sort((a, b) => a.mean - b.mean)
      .map((entry) => ({ ...entry, name: entry.optimizer.replace(SUFFIX, "") }));
    const y = {
      field: "name",
      type: "nominal" as const,
      sort: own.map(({ name }) => name),
      title: null,
      axis: { grid: true, labelLimit: 0, minExtent: 150 },
    };
    const color = { field: "color", type: "nominal" as const, scale: null };
    return {
      width: 390,
      height: { step: 23 },
      title: { text: title, fontSize: 12, frame: "group" as const, offset: 4 },
      layer: [
        {
          data: {
            values: own.flatMap(({ name, losses }) =>
              losses.map((loss) => ({ name, loss, color: colorOf(name) }))
            ),
          },
          mark: { type: "point" as const, filled: true, size: 28, opacity: 0.55 },
          encoding: { color },
        },
        {
          data: {
            values: own.map(({ name, mean, learningRate }) => ({
              name,
              loss: mean,
              color: colorOf(name),
              rate: `${learningRate}`,
            })),
          },
          mark: { type: "tick" as const, thickness: 3, size: 17 },
          encoding: { color },
        },
      ],
      encoding: {
        x: logAxis("loss", feedback ? "" : "Training loss after the last step, at the best rate", {
          domain: [5e-4, 0.35],
        }),
        y,
      },
    };
  };
  return figure({
    title: {
      text: "Ranked cosines beat singular vectors; random ones beat both",
      subtitle: [
        "Digits network, 150 steps, rank 8 of 64; tick: mean, point: a seed",
        "each method at its best learning rate of one grid",
      ],
    },
    vconcat: [panel("Full rank, and with error feedback", true), panel("Without error feedback", false)],
    spacing: 14,
  });
}

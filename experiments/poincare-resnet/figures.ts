/** Figures, the key one first. */
import type { Figure, RowTable } from "../../lib/experiment/mod.ts";
import { figure, linearAxis, points, theoryRule } from "../../lib/figures/mod.ts";
import type { Row } from "./rows.ts";

function shares({ coin }: RowTable<Row>): Figure {
  return figure({
    title: { text: "The point of the figure", subtitle: "The setting; dashed: theory" },
    encoding: { x: linearAxis("seed", "Seed"), y: linearAxis("share", "Share of heads") },
    layer: [points(coin, { x: "seed", y: "share" }), theoryRule({ y: 0.5 })],
  });
}

export const figures = { shares };

/** The key figure, Figure 1 of the paper. */
import type { Figure, RowTable } from "../../lib/experiment/mod.ts";
import { colorBy, figure, linearAxis, lines, logAxis, palette, panels } from "../../lib/figures/mod.ts";
import { type Row, type Stage, STAGES } from "./rows.ts";

/** Names of the stages in the legend and over the heat maps, where there is room for few letters; colours. */
const LABELS: Record<Stage, [legend: string, short: string, color: string]> = {
  "0": ["M, as it is", "M", "#444444"],
  "1": ["1 Newton–Schulz step", "1 step", "#b9d3e8"],
  "2": ["2 steps", "2 steps", "#93bddd"],
  "3": ["3 steps", "3 steps", "#6aa3cd"],
  "4": ["4 steps", "4 steps", "#3d86bb"],
  "5": ["5 steps (Muon)", "5 steps", palette[0]],
  "Hybrid-AuON": ["Hybrid-AuON", "Hybrid", palette[4]],
  "AuON": ["AuON", "AuON", palette[2]],
};
const COLOR = colorBy(
  "stage",
  null,
  STAGES.map((stage) => LABELS[stage][0]),
  STAGES.map((stage) => LABELS[stage][2]),
);

/** Singular values, then the matrix and M Mᵀ at each stage. */
export function spectra({ stage }: RowTable<Row>): Figure {
  const seed = Math.min(...stage.map((row) => row.seed));
  const own = stage.filter((row) => row.seed === seed);
  const fixed = own.filter(({ matrix }) => matrix === "fixed");
  const momentum = own.filter((row) =>
    row.matrix === "momentum 64" && ["0", "5", "Hybrid-AuON", "AuON"].includes(row.stage)
  );
  return figure({
    title: "Newton–Schulz levels the singular values; AuON only shifts them",
    subtitle: [
      "Parallel curves on a logarithmic axis: the same matrix at another scale; wide: the matrix itself",
      "Below: the 4 × 4 matrix at each stage, then M Mᵀ; blue positive, orange negative",
    ],
    vconcat: [
      panels([
        curves(fixed, "A 4 × 4 matrix", [1, 2, 3, 4], [0.1, 5]),
        curves(momentum, "Momentum in training, 64 × 64, norm 1", [1, 16, 32, 48, 64], [1e-6, 3]),
      ], { width: 205, height: 230, spacing: 20 }),
      { hconcat: fixed.map(heatMaps), spacing: 9 },
    ],
    spacing: 14,
  });
}

function curves(rows: Row<"stage">[], title: string, indices: number[], domain: [number, number]) {
  const of = (wanted: (stage: Stage) => boolean) =>
    rows.filter(({ stage }) => wanted(stage)).flatMap(({ stage, singularValues }) =>
      singularValues.map((value, i) => ({ index: i + 1, value, stage: LABELS[stage][0] }))
        .filter(({ value }) => value >= domain[0])
    );
  const last = indices[indices.length - 1];
  return {
    title,
    x: {
      ...linearAxis("index", "Index of the singular value", { values: indices }),
      scale: { domain: [1, last], nice: false, padding: 6 },
    },
    y: logAxis("value", "Singular value", { domain }),
    color: COLOR,
    layer: [
      // AuON's curve covers that of a matrix of norm 1: the wide one is seen beneath it.
      lines(of((stage) => stage === "0"), { strokeWidth: 6, opacity: 0.3 }),
      lines(of((stage) => stage !== "0"), { dots: last <= 8 }),
    ],
  };
}

/** The matrix above, M Mᵀ below. */
function heatMaps({ stage, entries }: Row<"stage">) {
  const m = entries!;
  const outer = m.map((row) => m.map((other) => row.reduce((sum, x, k) => sum + x * other[k], 0)));
  const map = (matrix: number[][], title: string) => {
    const largest = Math.max(...matrix.flat().map(Math.abs));
    return {
      width: 56,
      height: 56,
      title: { text: title, fontSize: 11, fontWeight: 500, anchor: "middle", offset: 3 },
      data: {
        values: matrix.flatMap((row, i) => row.map((x, j) => ({ row: i, column: j, value: x / largest }))),
      },
      mark: "rect",
      encoding: {
        x: { field: "column", type: "ordinal", axis: null },
        y: { field: "row", type: "ordinal", axis: null },
        color: {
          field: "value",
          type: "quantitative",
          scale: { domain: [-1, 0, 1], range: ["#c85200", "#f7f7f7", "#0072b2"], type: "linear" },
          legend: null,
        },
      },
    };
  };
  return {
    vconcat: [map(m, LABELS[stage][1]), map(outer, "")],
    spacing: 5,
    resolve: { scale: { color: "independent" } },
  };
}

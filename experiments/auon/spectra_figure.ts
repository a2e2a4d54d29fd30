import { colorBy, figure, logAxis, palette } from "../../lib/figures/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import { type Row, rowsOf, type Stage, type StageRow, STAGES } from "./rows.ts";

/** Names of the stages in the legend. */
const LABELS: Record<Stage, string> = {
  "0": "M, as it is",
  "1": "1 Newton–Schulz step",
  "2": "2 steps",
  "3": "3 steps",
  "4": "4 steps",
  "5": "5 steps (Muon)",
  "Hybrid-AuON": "Hybrid-AuON",
  AuON: "AuON",
};
const RANGE = ["#444444", "#b9d3e8", "#93bddd", "#6aa3cd", "#3d86bb", palette[0], palette[4], palette[2]];
/** Over the heat maps there is room for few letters. */
const SHORT: Record<Stage, string> = {
  "0": "M",
  "1": "1 step",
  "2": "2 steps",
  "3": "3 steps",
  "4": "4 steps",
  "5": "5 steps",
  "Hybrid-AuON": "Hybrid",
  AuON: "AuON",
};

/** The key figure, figure 1 of the paper: singular values, then the matrix and M M^T at each stage. */
export function spectra(rows: Row[]): Figure {
  const stages = rowsOf(rows, "stage");
  const seed = Math.min(...stages.map((row) => row.seed));
  const own = stages.filter((row) => row.seed === seed);
  const momentum = own.filter(({ matrix }) => matrix === "momentum 64");
  // Of norm 1, so that AuON's curve would cover it: drawn last, and dashed.
  momentum.push(momentum.shift()!);
  return figure({
    title: {
      text: "Newton–Schulz levels the singular values; AuON only shifts them",
      subtitle: [
        "Parallel curves on a logarithmic axis: the same matrix at another scale",
        "Below: the 4 × 4 matrix at each stage, then M Mᵀ; blue positive, orange negative",
      ],
    },
    vconcat: [
      {
        hconcat: [
          curves(own.filter(({ matrix }) => matrix === "fixed"), "A 4 × 4 matrix", [0.1, 5], 205),
          curves(
            momentum.filter(({ stage }) => ["5", "Hybrid-AuON", "AuON", "0"].includes(stage)),
            "Momentum in training, 64 × 64",
            [1e-6, 3],
            205,
          ),
        ],
        spacing: 20,
      },
      {
        hconcat: STAGES.map((stage) =>
          heatMaps(own.find((row) => row.matrix === "fixed" && row.stage === stage)!)
        ),
        spacing: 9,
      },
    ],
    spacing: 14,
    config: { legend: { symbolType: "stroke" }, concat: { spacing: 9 } },
  });
}

function curves(stages: StageRow[], title: string, domain: [number, number], width: number) {
  const values = stages.flatMap(({ stage, singularValues }) =>
    singularValues.map((value, i) => ({ index: i + 1, value, line: LABELS[stage] }))
      .filter(({ value }) => value >= domain[0])
  );
  const count = stages[0].singularValues.length;
  return {
    width,
    height: 230,
    title: { text: title, fontSize: 12, frame: "group" as const, offset: 4 },
    data: { values },
    mark: { type: "line" as const, point: count <= 8 ? { size: 28, filled: true } : false },
    encoding: {
      x: {
        field: "index",
        type: "quantitative" as const,
        title: "Index of the singular value",
        scale: { domain: [1, count], nice: false, padding: 6 },
        axis: { values: count <= 8 ? [1, 2, 3, 4] : [1, 16, 32, 48, 64], format: "d" },
      },
      y: logAxis("value", "Singular value", { domain }),
      color: colorBy("line", null, STAGES.map((stage) => LABELS[stage]), RANGE),
      strokeDash: {
        condition: { test: `datum.line === '${LABELS["0"]}'`, value: [4, 4] },
        value: [1, 0],
      },
    },
  };
}

/** The matrix above, M M^T below. */
function heatMaps({ stage, entries }: StageRow) {
  const m = entries!;
  const outer = m.map((row) => m.map((other) => row.reduce((sum, x, k) => sum + x * other[k], 0)));
  const one = (matrix: number[][], title: string | null) => {
    const largest = Math.max(...matrix.flat().map(Math.abs));
    return {
      width: 56,
      height: 56,
      ...(title === null ? {} : {
        title: {
          text: title,
          fontSize: 11,
          fontWeight: 500 as const,
          anchor: "middle" as const,
          offset: 3,
        },
      }),
      data: {
        values: matrix.flatMap((row, i) =>
          row.map((value, j) => ({ row: i, column: j, value: value / largest }))
        ),
      },
      mark: { type: "rect" as const },
      encoding: {
        x: { field: "column", type: "ordinal" as const, axis: null },
        y: { field: "row", type: "ordinal" as const, axis: null },
        color: {
          field: "value",
          type: "quantitative" as const,
          scale: { domain: [-1, 0, 1], range: ["#c85200", "#f7f7f7", "#0072b2"], type: "linear" as const },
          legend: null,
        },
      },
    };
  };
  return {
    vconcat: [one(m, SHORT[stage]), one(outer, null)],
    spacing: 5,
    resolve: { scale: { color: "independent" as const } },
  };
}

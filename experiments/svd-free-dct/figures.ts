/** Figures, the key one first. */
import type { Figure, RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  categoryAxis,
  colorBy,
  figure,
  legendAt,
  linearAxis,
  logAxis,
  meanAndRange,
  palette,
  panels,
  points,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import { type Basis, COLUMNS, type Data, type GradientSide, PROTOCOL_STEPS, type Row, ROWS } from "./rows.ts";
import { expectedError, freshStep, marchenkoPasturError } from "./theory.ts";
import { orthogonal, rates, training, usage } from "./training_figures.ts";

type Rows = RowTable<Row>;

const [BLUE, , GREEN, , ORANGE, SKY, WINE, OLIVE] = palette;
/** A basis has one name and one colour in all figures. */
const BASES: Record<Basis, [name: string, color: string]> = {
  random: ["random basis", SKY],
  dct2: ["cosines (DCT-II)", GREEN],
  svd: ["singular vectors", ORANGE],
  dct3: ["DCT-III", OLIVE],
  axes: ["axes", WINE],
};

function colors(bases: Basis[]) {
  return colorBy("line", null, bases.map((basis) => BASES[basis][0]), bases.map((basis) => BASES[basis][1]));
}

/** Error against rank on three kinds of data. */
function key({ projection }: Rows): Figure {
  const shown: Basis[] = ["random", "dct2", "svd"];
  const correlation = projection[0]?.correlation ?? 0;
  const law = (error: (rank: number) => number, stroke: "dashed" | "dotted" = "dashed") => {
    const ranks = Array.from({ length: 48 }, (_, i) => i + 1);
    return theoryLine(ranks.map((rank) => ({ rank, error: error(rank) })), { stroke });
  };
  const ofSvd = law((rank) => expectedError(correlation, "svd", rank));
  const panel = (data: Data, title: string, ...laws: ReturnType<typeof law>[]) => {
    const own = projection.filter((row) => row.data === data && row.norm === 2 && shown.includes(row.basis))
      .map(({ rank, error, basis }) => ({ rank, error, line: BASES[basis][0] }));
    return {
      title,
      x: logAxis("rank", "Rank r", { domain: [0.9, 52], values: [1, 2, 4, 8, 16, 32] }),
      y: logAxis("error", "Lost share of ‖G‖²", { domain: [0.003, 1.4] }),
      color: colors(shown),
      layer: [
        // Lines that coincide lie in each other.
        meanAndRange(own, {
          x: "rank",
          y: "error",
          series: "line",
          strokeWidth: { [BASES.svd[0]]: 6, [BASES.dct2[0]]: 3.6, [BASES.random[0]]: 1.4 },
        }),
        ...laws,
      ],
    };
  };
  return figure({
    title: "Smooth data: a few cosines are as good as singular vectors",
    subtitle: [
      `${ROWS} × ${COLUMNS}, vectors ranked by squares; mean and range of seeds`,
      "dashed: theory (covariance, Marchenko–Pastur law); dotted: the bound 1 − r/n",
    ],
    ...panels([
      panel(
        "ar1",
        `AR(1), ρ = ${correlation}`,
        ofSvd,
        law((rank) => expectedError(correlation, "dct2", rank)),
      ),
      panel("permuted", "Columns shuffled", ofSvd),
      panel(
        "gaussian",
        "White noise",
        law((rank) => marchenkoPasturError(COLUMNS / ROWS, rank / COLUMNS)),
        law((rank) => 1 - rank / COLUMNS, "dotted"),
      ),
    ]),
    config: legendAt("bottom", { columns: 3 }),
  });
}

/** Real gradients: where cosines help and where not. */
function gradients({ gradient }: Rows): Figure {
  const places: [layer: number, side: GradientSide, place: string][] = [
    [0, "inputs", "pixels, in order"],
    [0, "shuffled inputs", "pixels, shuffled"],
    [1, "inputs", "inputs, layer 2"],
    [2, "inputs", "inputs, layer 3"],
    [1, "outputs", "outputs, layer 2"],
    [2, "outputs", "outputs, layer 3"],
  ];
  const shown: Basis[] = ["svd", "dct2", "dct3", "random", "axes"];
  const lines = shown.map((basis) => BASES[basis][0]);
  const values = summarizeBy(gradient, ["layer", "side", "basis"], "error").flatMap((group) => {
    const place = places.find(([layer, side]) => layer === group.layer && side === group.side);
    if (place === undefined) return [];
    const { mean, q1, q3, basis } = group;
    return [{ place: place[2], line: BASES[basis][0], error: mean, q1, q3 }];
  });
  return figure({
    title: "Cosines fit real gradients along a layer's inputs only",
    subtitle: "Digits network, Adam, four moments of training; rank 8 of 64; mean and quartiles",
    height: 300,
    encoding: {
      x: linearAxis("error", "Lost share of ‖G‖²", { domain: [0, 0.8] }),
      y: categoryAxis("place", { order: places.map(([, , place]) => place), grid: true }),
      yOffset: { field: "line", sort: lines },
      color: colors(shown),
    },
    layer: [
      {
        data: { values },
        mark: { type: "rule", strokeWidth: 2, opacity: 0.5 },
        encoding: { x: { field: "q1" }, x2: { field: "q3" } },
      },
      points(values, { size: 55, opacity: 1 }),
    ],
    config: legendAt("bottom", { columns: 5, symbols: "dot" }),
  });
}

/** The first step of a fresh column. */
function boost({ boost }: Rows): Figure {
  const names = { step: "corrected by the step", age: "corrected by its age" };
  const last = boost.reduce((most, { step }) => Math.max(most, step), 2);
  const values = boost.map(({ correction, step, fresh }) => ({ step, fresh, line: names[correction] }));
  return figure({
    title: "Fresh columns: half a step early, three steps late",
    subtitle: "Adam in 4 of 16 cosines, on white noise; dashed: theory",
    x: logAxis("step", "Step", { domain: [1, last] }),
    y: linearAxis("fresh", "Step along a column, in learning rates", { domain: [0, 3.4] }),
    color: colorBy("line", null, Object.values(names), [GREEN, BLUE]),
    layer: [
      points(values, { size: 34, opacity: 1 }),
      theoryLine(freshStep, { x: "step", y: "fresh", domain: [1, last], spacing: "log" }),
      theoryRule({ x: PROTOCOL_STEPS }, { stroke: "dotted" }),
      annotation("end of the digits runs", { x: PROTOCOL_STEPS, y: 3.2, side: "right" }),
    ],
    config: legendAt("bottom", { columns: 2, symbols: "dot" }),
  });
}

export const figures = { key, gradients, training, usage, boost, rates, orthogonal };

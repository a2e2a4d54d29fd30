import { colorBy, figure, linearAxis, logAxis, palette, theoryColor } from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import { officialAccuracy, officialModels90 } from "./official.ts";
import { finiteCurves, nameOf, NNGP, NTK, type Row, rowsOf } from "./rows.ts";

const kernels = [nameOf(NTK), nameOf(NNGP)];
const dashed = { type: "line" as const, color: theoryColor, strokeDash: [6, 4], strokeWidth: 1.8 };
const field = (name: string) => ({ field: name, type: "quantitative" as const });
const bottom = { config: { legend: { orient: "bottom" as const } } };

/** Figure 1, left: ensemble size at 90 % against the number of bits. */
export function ensembleSize(rows: Row[]): Figure {
  const laws = rowsOf(rows, "law").filter(({ k, rate }) =>
    k >= 4 && k <= 30 && (rate === NTK || rate === NNGP)
  );
  const official = officialModels90.map((point) => ({ ...point, who: "official results" }));
  const needed = new Map(laws.map(({ k, rate, models90 }) => [`${k} ${rate}`, models90]));
  const ratios = official.flatMap(({ k, models }) =>
    [NTK, NNGP].map((rate) => ({ k, kernel: nameOf(rate), ratio: models / needed.get(`${k} ${rate}`)! }))
  );
  const x = linearAxis("k", "Number of bits k", { domain: [3, 31] });
  return figure({
    title: {
      text: "The measured ensembles follow the last layer, not the tangent kernel",
      subtitle: [
        "Networks needed to decode a two-bit input with probability 0.9: exact laws of the limit (lines), the paper's own",
        "results (points) and its theoretical bound (dotted). Below: measured size over each law's.",
      ],
    },
    vconcat: [{
      width: 540,
      height: 270,
      layer: [{
        data: {
          values: laws.map(({ k, rate, models90 }) => ({ k, models: models90, kernel: nameOf(rate) })),
        },
        mark: { type: "line", strokeDash: [6, 4] },
        encoding: {
          x,
          y: logAxis("models", "Networks", { domain: [8, 20000] }),
          color: colorBy("kernel", null, kernels),
        },
      }, {
        data: { values: laws.filter(({ rate }) => rate === NTK) },
        mark: { type: "line", color: theoryColor, strokeDash: [1, 4] },
        encoding: { x, y: field("bound") },
      }, {
        data: { values: official },
        mark: { type: "point", color: palette[4], size: 50 },
        encoding: { x, y: field("models") },
      }, {
        data: {
          values: [
            { k: 12, models: 4300, text: "the paper's bound" },
            { k: 23.5, models: 330, text: "tangent kernel" },
            { k: 24, models: 90, text: "last layer; points: official results" },
          ],
        },
        mark: { type: "text", align: "center" },
        encoding: { x, y: field("models"), text: { field: "text" } },
      }],
    }, {
      width: 540,
      height: 100,
      layer: [{
        data: { values: ratios },
        mark: { type: "point", size: 30 },
        encoding: {
          x,
          y: logAxis("ratio", "Measured / law", { values: [0.1, 0.3, 1, 3] }),
          color: colorBy("kernel", null, kernels),
        },
      }, {
        data: { values: [{ k: 3, ratio: 1 }, { k: 31, ratio: 1 }] },
        mark: dashed,
        encoding: { x, y: field("ratio") },
      }],
    }],
    ...bottom,
  });
}

/** Figure 1, right: accuracy against ensemble size, with the residual of the simulation. */
export function accuracy(rows: Row[]): Figure {
  const drawn = summarizeBy(
    rowsOf(rows, "process").filter(({ rate }) => rate === NNGP),
    ["k", "models"],
    "accuracy",
  ).map(({ k, models, mean, sd }) => ({
    k,
    models,
    mean,
    low: Math.max(0, mean - sd),
    high: Math.min(1, mean + sd),
  }));
  const ks = [...new Set(drawn.map(({ k }) => k))].sort((a, b) => a - b);
  const names = ks.map((k) => `k = ${k}`);
  const named = <T extends { k: number }>(points: T[]) =>
    points.filter(({ k }) => ks.includes(k)).map((point) => ({ ...point, bits: `k = ${point.k}` }));
  const curve = rowsOf(rows, "curve").filter(({ rate }) => rate === NNGP);
  const law = new Map(curve.map(({ k, models, accuracy }) => [`${k} ${models}`, accuracy]));
  const residuals = drawn.map(({ k, models, mean }) => ({
    k,
    models,
    difference: mean - (law.get(`${k} ${models}`) ?? NaN),
  }));
  const x = logAxis("models", "Networks in the ensemble", { domain: [1, 1000] });
  const color = colorBy("bits", null, names);
  return figure({
    title: {
      text: "The whole accuracy curve is known in closed form",
      subtitle: [
        "Share of two-bit inputs with all bits right, last layer trained. Lines: mean over simulated ensembles of infinite",
        "width, with standard deviation; dashed: closed law; dots: official results. Below: simulation minus law.",
      ],
    },
    vconcat: [{
      width: 540,
      height: 270,
      layer: [{
        data: { values: named(drawn) },
        encoding: { x, color },
        layer: [
          {
            mark: { type: "area", opacity: 0.15 },
            encoding: { y: linearAxis("low", "Accuracy", { domain: [0, 1] }), y2: { field: "high" } },
          },
          { mark: "line", encoding: { y: field("mean") } },
        ],
      }, {
        data: { values: named(curve) },
        mark: { ...dashed, strokeWidth: 1.2 },
        encoding: { x, y: field("accuracy"), detail: { field: "k" } },
      }, {
        data: { values: named(officialAccuracy) },
        mark: { type: "point", size: 70, opacity: 1, stroke: "white", strokeWidth: 1 },
        encoding: { x, y: field("accuracy"), color },
      }],
    }, {
      width: 540,
      height: 80,
      layer: [{
        data: { values: named(residuals) },
        mark: { type: "line", strokeWidth: 1.5 },
        encoding: {
          x,
          y: linearAxis("difference", "Difference", { domain: [-0.3, 0.3], tickCount: 3 }),
          color,
        },
      }, {
        data: { values: [{}] },
        mark: { type: "rule", color: theoryColor, strokeDash: [6, 4] },
        encoding: { y: { datum: 0 } },
      }],
    }],
    ...bottom,
  });
}

/** Accuracy of ensembles of trained networks against both laws. */
export function trained(rows: Row[]): Figure {
  const points = finiteCurves(rows).map((row) => ({
    ...row,
    kernel: nameOf(row.rate),
    run: `${row.rate}-${row.repetition}`,
  }));
  const ks = [...new Set(points.map(({ k }) => k))].sort((a, b) => a - b);
  const curve = rowsOf(rows, "curve").filter(({ models }) => models <= 400).map((row) => ({
    ...row,
    kernel: nameOf(row.rate),
  }));
  return figure({
    title: {
      text: "Networks of finite width, really trained, do what the law says",
      subtitle: "Share of two-bit inputs decoded as networks are added; dashed: law of the limit",
    },
    hconcat: ks.map((k, i) => ({
      title: { text: `k = ${k}`, fontSize: 13 },
      width: 250,
      height: 230,
      layer: [{
        data: { values: points.filter((row) => row.k === k) },
        mark: { type: "line" as const, point: { size: 18 }, strokeWidth: 1.3 },
        encoding: {
          x: linearAxis("models", "Networks", { domain: [0, 310] }),
          y: linearAxis("accuracy", i === 0 ? "Accuracy" : "", { domain: [0, 1] }),
          color: colorBy("kernel", null, kernels),
          detail: { field: "run" },
        },
      }, {
        data: { values: curve.filter((row) => row.k === k && row.models <= 310) },
        mark: { ...dashed, strokeWidth: 1.3 },
        encoding: { x: field("models"), y: field("accuracy"), detail: { field: "kernel" } },
      }],
    })),
    ...bottom,
  });
}

/** Why the paper's code needs fewer networks than its theory: the first layer hardly learns. */
export function firstLayer(rows: Row[]): Figure {
  const slide = rowsOf(rows, "law").filter(({ k }) => k === 10).sort((a, b) => a.rate - b.rate);
  const official = officialModels90.find(({ k }) => k === 10)!.models;
  return figure({
    title: {
      text: "The less the first layer learns, the fewer networks are needed",
      subtitle:
        "Networks for 90 % at k = 10 against the first layer's learning rate, relative to the last layer's",
    },
    layer: [{
      data: { values: slide },
      mark: { type: "line", point: { color: palette[0] }, color: palette[0] },
      encoding: {
        x: linearAxis("rate", "Relative learning rate of the first layer"),
        y: linearAxis("models90", "Networks", { domain: [0, 350] }),
      },
    }, {
      data: { values: [{ official }] },
      mark: { type: "rule", color: theoryColor, strokeDash: [6, 4] },
      encoding: { y: field("official") },
    }, {
      data: { values: [{ rate: 0.72, models: official + 14, text: `official code: ${official} networks` }] },
      mark: { type: "text" },
      encoding: { x: field("rate"), y: field("models"), text: { field: "text" } },
    }],
  });
}

/** Why two-bit inputs are hardest: their zero bits have the smallest mean, far below one network's noise. */
export function weight(rows: Row[]): Figure {
  const weights = rowsOf(rows, "weight");
  const ntk = weights.filter(({ rate }) => rate === NTK);
  const parts = [
    "mean of a bit that is 1",
    "minus mean of a bit that is 0",
    "standard deviation of one network",
  ];
  const values = ntk.flatMap(({ ones, meanOne, meanZero, sd }) =>
    [meanOne, -meanZero, sd].map((value, i) => ({ ones, value, part: parts[i] }))
  ).filter(({ ones, part }) => ones < 20 || part !== parts[1]);
  const x = linearAxis("ones", "Ones in the input", { domain: [1, 21] });
  return figure({
    title: {
      text: "Two-bit inputs are the hardest: their zeros are barely negative",
      subtitle: "k = 20. Left: margins against noise (NTK). Right: networks needed for 90 %",
    },
    hconcat: [{
      width: 250,
      height: 240,
      data: { values },
      mark: { type: "line", point: { size: 18 } },
      encoding: { x, y: logAxis("value", "Size"), color: colorBy("part", null, parts, palette.slice(2)) },
    }, {
      width: 250,
      height: 240,
      data: { values: weights.map((row) => ({ ...row, kernel: nameOf(row.rate) })) },
      mark: { type: "line", point: { size: 18 } },
      encoding: { x, y: logAxis("models90", "Networks"), color: colorBy("kernel", null, kernels) },
    }],
    resolve: { scale: { color: "independent" } },
    config: { legend: { orient: "bottom", columns: 1 } },
  });
}

/** Growth with the number of bits: linearithmic for one input, below quadratic for all. */
export function growth(rows: Row[]): Figure {
  const laws = rowsOf(rows, "law").filter(({ k, rate }) => k >= 5 && (rate === NTK || rate === NNGP));
  const one = laws.map(({ k, rate, models90 }) => ({
    k,
    kernel: nameOf(rate),
    value: models90 / (k * Math.log(k)),
  }));
  const all = laws.map(({ k, rate, all90 }) => ({ k, kernel: nameOf(rate), value: all90 / k ** 2 }));
  const panel = (values: typeof one, title: string, name: string) => ({
    title: { text: title, fontSize: 13 },
    width: 250,
    height: 230,
    data: { values },
    mark: { type: "line" as const, point: { size: 18 } },
    encoding: {
      x: logAxis("k", "Number of bits k"),
      y: logAxis("value", name),
      color: colorBy("kernel", null, kernels),
    },
  });
  return figure({
    title: {
      text: "k log k networks for one input; the k² for all inputs is only a bound",
      subtitle:
        "Exact requirements at 90 % (all inputs: union bound over all weights), divided by the claimed growth",
    },
    hconcat: [panel(one, "one input", "Networks / (k ln k)"), panel(all, "all inputs", "Networks / k²")],
    ...bottom,
  });
}

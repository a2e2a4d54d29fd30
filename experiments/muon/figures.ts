/** Figures, the key one first. */
import { distinct, type Figure, mean, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
  type Layer,
  learningRateFigure,
  legendAt,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  palette,
  panels,
  points,
  rankBy,
  theoryColor,
  theoryLine,
  theoryRule,
  thin,
} from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import { tuneLearningRates } from "../../lib/training/mod.ts";
import { isOfFullRank, ofOptimizer, tunedRuns } from "./claims.ts";
import { CONTENDERS, SCHEDULES } from "./contenders.ts";
import { MAP_GRID, type MemoryRow, type Row } from "./rows.ts";
import { STOP_AT } from "./training.ts";

/** A contender has one colour in all figures. */
function colors(names: readonly string[]) {
  return colorBy("optimizer", null, names, names.map((name) => CONTENDERS[name].color));
}

const BASES: [MemoryRow["turn"], string][] = [[0, "Facts on the axes"], ["random", "In a random basis"]];

/**
 * The runs that are drawn: on the axes there is nothing random, and what is equivariant is the same in every basis, so
 * that one seed shows all but Adam in random bases.
 */
function drawn(bases: RowTable<Row>["bases"], turn: MemoryRow["turn"]) {
  const first = Math.min(...bases.map(({ seed }) => seed));
  return bases.filter((run) =>
    run.turn === turn && run.curve !== null &&
    (run.seed === first || (run.optimizer === "Adam" && turn === "random"))
  );
}

/** The key figure: tail loss against mean loss over the whole run. */
function rareDirections({ bases }: RowTable<Row>): Figure {
  const names = ["SGD", "Adam", "Muon"];
  const facts = bases[0].facts;
  const start = Math.log(facts);
  return figure({
    title: {
      text: "Muon learns rare facts as fast as common ones, in any basis",
      subtitle:
        `Tail: the rarest quarter of ${facts} facts; training goes right; dashed: as well known as the rest`,
    },
    ...panels(BASES.map(([turn, title]) => ({
      title,
      encoding: {
        x: linearAxis("mean", "Mean loss (nats)", { domain: [start + 0.05, 1.6] }),
        y: linearAxis("tail", "Tail loss (nats)", { domain: [1.6, start + 0.25] }),
        color: colors(names),
      },
      layer: [
        lines(
          drawn(bases, turn).filter(({ optimizer }) => names.includes(optimizer)).flatMap((run) =>
            thin(
              run.curve!.map(([mean, tail]) => ({ mean, tail, optimizer: run.optimizer, seed: run.seed })),
              {
                count: 60,
              },
            )
          ),
          { each: "seed", inOrder: true, strokeWidth: 2, opacity: 1 },
        ),
        theoryLine([start, STOP_AT].map((loss) => ({ mean: loss, tail: loss })), { x: "mean", y: "tail" }),
      ],
    }))),
    config: legendAt("bottom", { columns: 3 }),
  });
}

/** How well each fact is known when the mean is the same. */
function rareFacts({ bases }: RowTable<Row>): Figure {
  const names = ["SGD", "Adam", "Muon", "exact polar"];
  const facts = bases[0].facts;
  const ranks = [1, 2, 4, 8, 16, 32, 64].filter((rank) => rank <= facts);
  const first = Math.min(...bases.map(({ seed }) => seed));
  return figure({
    title: {
      text: "Fact by fact: the ripple of five steps is seen, the frequency is not",
      subtitle:
        `${facts} facts of frequency 1/rank, when the mean loss reaches ${STOP_AT}; wide and pale: exact polar`,
    },
    ...panels(BASES.map(([turn, title]) => {
      const shown = thin(
        drawn(bases, turn).filter(({ seed }) => seed === first).flatMap(({ optimizer, losses }) =>
          losses!.map((loss, i) => ({ optimizer, rank: i + 1, loss }))
        ),
        { x: "rank", series: "optimizer", count: 45, spacing: "log" },
      );
      const of = (wanted: string[]) => shown.filter(({ optimizer }) => wanted.includes(optimizer));
      return {
        title,
        encoding: {
          x: logAxis("rank", "Rank of the fact", { domain: [1, facts], values: ranks }),
          y: linearAxis("loss", "Loss of the fact (nats)", { domain: [0, 4.5] }),
          color: colors(names),
        },
        layer: [
          // Adam on the axes is as flat: the wide line is seen beneath it.
          lines(of(["exact polar"]), { strokeWidth: 7, opacity: 0.4 }),
          lines(of(["SGD", "Adam", "Muon"])),
          theoryRule({ y: STOP_AT }),
        ],
      };
    })),
    config: legendAt("bottom", { columns: 4 }),
  });
}

const ratioAxis = () => linearAxis("ratio", "Tail loss / mean loss", { domain: [0.8, 2.6] });

/** The ratio against the learning rate: it does not depend on it. */
function memoryRates({ bases }: RowTable<Row>): Figure {
  const names = ["SGD", "normalized SGD", "Adam", "Muon", "exact polar"];
  return figure({
    title: {
      text: "The ratio belongs to the optimizer, not to its learning rate",
      subtitle:
        `Loss of the rarest quarter over the mean loss, when that is ${STOP_AT}; mean and range of seeds`,
    },
    ...panels(BASES.map(([turn, title]) => ({
      title,
      encoding: {
        x: logAxis("learningRate", "Learning rate", { domain: [0.002, 50] }),
        y: ratioAxis(),
        color: colors(names),
      },
      layer: [
        meanAndRange(
          // What is drawn first lies below.
          names.toReversed().flatMap((name) => ofOptimizer(bases, name, turn))
            .map(({ optimizer, learningRate, ratio }) => ({ optimizer, learningRate, ratio })),
          {
            x: "learningRate",
            y: "ratio",
            series: "optimizer",
            dots: true,
            // Muon's lies on it.
            strokeWidth: { "exact polar": 6 },
          },
        ),
      ],
    }))),
    config: legendAt("bottom", { columns: 5 }),
  });
}

/** The rotation knob: Adam from the axes to a random basis. */
function rotation({ angles }: RowTable<Row>): Figure {
  const names = ["SGD", "Adam", "Muon"];
  return figure({
    title: {
      text: "Adam depends on the basis; Muon and SGD cannot see it",
      subtitle: "Keys and values turned in random planes; mean and range of seeds",
    },
    height: 260,
    encoding: {
      x: linearAxis("turn", "Turn away from the axes (degrees)", {
        domain: [0, 90],
        values: [0, 15, 30, 45, 60, 75, 90],
      }),
      y: ratioAxis(),
      color: colors(names),
    },
    layer: [
      meanAndRange(
        angles.map(({ optimizer, turn, ratio }) => ({ optimizer, turn: Number(turn), ratio })),
        { x: "turn", y: "ratio", series: "optimizer", dots: true },
      ),
    ],
  });
}

/** The ripple: tail over mean at other sizes. */
function ripple({ sizes }: RowTable<Row>): Figure {
  const names = ["SGD", "Adam", "Muon", "exact polar", "Polar Express"];
  const shown = (optimizer: string) =>
    ofOptimizer(sizes, optimizer).map(({ facts, ratio }) => ({ optimizer, facts, ratio }));
  const last = shown("exact polar").reduce((a, b) => b.facts > a.facts ? b : a);
  return figure({
    title: {
      text: "Five steps ripple; polynomials that converge do not",
      subtitle: `Tail loss over mean loss at mean loss ${STOP_AT}, random basis, against the number of facts`,
    },
    height: 280,
    encoding: {
      x: linearAxis("facts", "Facts, and dimension", { domain: [30, 98] }),
      y: ratioAxis(),
      color: colors(names),
    },
    layer: [
      theoryRule({ y: 1 }),
      lines(names.slice(0, 4).flatMap(shown)),
      // These lie on the exact polar factor's line.
      points(shown("Polar Express"), { size: 55, opacity: 1 }),
      annotation("exact polar (line) and Polar Express (dots) agree", {
        x: last.facts,
        y: 0.88,
        side: "left",
        color: CONTENDERS["exact polar"].color,
      }),
    ],
  });
}

const BAND = { low: 0.6818314622, high: 1.1343572646 };
const SCHEDULE_NAMES = Object.keys(SCHEDULES);

/** What a number becomes, step by step, under each schedule. */
function scalarMap({ map }: RowTable<Row>): Figure {
  const steps = ["1", "2", "3", "the last"];
  const color = colorBy("step", "After step", steps, ["#a8cbe6", "#74acd6", "#4288bd", "#04284a"]);
  return figure({
    title: {
      text: "Steep at zero, then anywhere in a band: the polynomials of Newton-Schulz",
      subtitle: "Shaded: the band [0.68, 1.13] that Muon's quintic maps into itself",
    },
    ...panels(
      SCHEDULE_NAMES.map((schedule) => {
        const own = map.filter((row) => row.schedule === schedule);
        const last = own.length;
        const curve = (step: number, count: number) =>
          thin(
            own.find((row) => row.step === step)!.values.map((y, i) => ({
              step: step === last ? "the last" : `${step}`,
              x: MAP_GRID[i],
              y,
            })),
            { count },
          );
        return {
          title: schedule,
          encoding: {
            x: logAxis("x", "Singular value before", { domain: [1e-4, 1] }),
            y: linearAxis("y", "After", { domain: [0, 1.25], tickCount: 5 }),
            color,
          },
          layer: [
            {
              data: { values: [1e-4, 1].map((x) => ({ x, y: BAND.low, high: BAND.high })) },
              mark: { type: "area", opacity: 0.18 },
              encoding: { y2: { field: "high" }, color: { value: palette[4] } },
            },
            lines([1, 2, 3].flatMap((step) => curve(step, 80)), { strokeWidth: 1.3 }),
            lines(curve(last, 161), { strokeWidth: 2 }),
          ],
        };
      }),
      { columns: 2, height: 175 },
    ),
    config: legendAt("bottom", { columns: 4 }),
  });
}

/** What schedules do to the singular values of a matrix. */
function spectra({ spectrum }: RowTable<Row>): Figure {
  const first = spectrum.filter(({ seed }) => seed === spectrum[0].seed);
  const before = "before (times √rank)";
  const names = [before, ...SCHEDULE_NAMES];
  const color = colorBy("schedule", null, names, [
    theoryColor,
    palette[0],
    palette[6],
    palette[5],
    palette[7],
  ]);
  return figure({
    title: {
      text: "Muon scatters singular values around 1; the Polar Express puts them there",
      subtitle: "The singular values of Gaussian matrices after each schedule; dashed: exact polar factor",
    },
    ...panels(
      distinct(first, "columns").map((columns) => {
        const own = first.filter((row) => row.columns === columns);
        const curves = [
          ...own[0].before.map((size, k) => ({
            schedule: before,
            k: k + 1,
            size: size * Math.sqrt(own[0].before.length),
          })),
          ...own.flatMap(({ schedule, after }) => after.map((size, k) => ({ schedule, k: k + 1, size }))),
        ];
        return {
          title: `Gaussian ${own[0].rows} × ${columns}`,
          encoding: {
            x: linearAxis("k", "Which singular value", { domain: [0, 64] }),
            y: linearAxis("size", "Its size", { domain: [0, 2.1] }),
            color,
          },
          layer: [theoryRule({ y: 1 }), lines(thin(curves, { series: "schedule", count: 40 }))],
        };
      }),
    ),
    config: legendAt("bottom", { columns: 3 }),
  });
}

/** Root mean square of an update by shape, with each factor. */
function shapes({ rms }: RowTable<Row>): Figure {
  const factors: [string, (m: number, n: number) => number][] = [
    ["no factor", () => 1],
    ["√max(1, m/n)", (m, n) => Math.sqrt(Math.max(1, m / n))],
    ["√(m/n)", (m, n) => Math.sqrt(m / n)],
    ["0.2 √max(m, n)", (m, n) => 0.2 * Math.sqrt(Math.max(m, n))],
  ];
  const five = summarizeBy(
    rms.filter((row) => row.method === "muon5" && isOfFullRank(row)),
    ["rows", "columns"],
    "rms",
  ).sort((a, b) => Math.max(a.rows, a.columns) - Math.max(b.rows, b.columns) || a.rows - b.rows);
  const name = (row: { rows: number; columns: number }) => `${row.rows} × ${row.columns}`;
  return figure({
    title: {
      text: "Only matching AdamW gives every shape a step of the same size",
      subtitle: "Layers of m outputs × n inputs; dots: five steps on Gaussian gradients, rings: exact polar",
    },
    ...panels(
      factors.map(([title, factor], i) => {
        const at = (rms: (row: typeof five[number]) => number) =>
          five.map((row) => ({ shape: name(row), rms: rms(row) * factor(row.rows, row.columns) }));
        const y = categoryAxis("shape", { order: five.map(name), grid: true });
        return {
          title,
          encoding: {
            x: logAxis("rms", "RMS of the update", { domain: [0.01, 1], values: [0.01, 0.1, 1] }),
            y: i === 0 ? y : { ...y, axis: { ...y.axis, labels: false, ticks: false } },
          },
          layer: [
            points(at(({ mean }) => mean), { color: palette[0], opacity: 1 }),
            {
              data: { values: at(({ rows, columns }) => 1 / Math.sqrt(Math.max(rows, columns))) },
              mark: { type: "point", filled: false, size: 110, strokeWidth: 1.3, opacity: 1 },
              encoding: { color: { value: theoryColor } },
            },
          ],
        };
      }),
      { width: 112, height: 230 },
    ),
  });
}

const FOUR = ["Muon", "Adam", "SGD", "normalized SGD"];
const lossAxis = (field = "loss") => logAxis(field, "Final training loss (nats)");

/** The grid behind the comparison on the digits. */
function learningRates({ digits }: RowTable<Row>): Figure {
  return learningRateFigure(tunedRuns(digits).filter(({ optimizer }) => FOUR.includes(optimizer)), {
    title: "Each at its own best rate, Muon ends lowest",
    subtitle: "Handwritten digits, 64-64-64-64-10, 100 steps of 128 images; points: seeds, ring: best mean",
    optimizers: FOUR,
    colors: FOUR.map((name) => CONTENDERS[name].color),
    loss: "Final training loss (nats)",
    domain: [0.0015, 2.3],
  });
}

/** Everything at its best rate: does a better polar factor help? */
function best({ digits }: RowTable<Row>): Figure {
  const tuned = rankBy(tuneLearningRates(tunedRuns(digits)), ({ mean }) => mean);
  const names = tuned.map(({ optimizer }) => optimizer);
  return figure({
    title: {
      text: "Roughly orthogonal is enough, not orthogonal at all is not",
      subtitle: "Final training loss at each one's best learning rate; points: seeds, bar: mean",
    },
    height: 34 * names.length,
    encoding: {
      x: lossAxis(),
      y: categoryAxis("optimizer", { order: names }),
      color: { ...colors(names), legend: null },
    },
    layer: [
      dotsAndMean(tuned.flatMap(({ optimizer, losses }) => losses.map((loss) => ({ optimizer, loss }))), {
        value: "loss",
        category: "optimizer",
      }),
    ],
  });
}

/** Final losses of some optimizers at their best rate, one row per seed. */
function bestLosses(digits: RowTable<Row>["digits"], names: string[], batch: number, steps: number) {
  const own = tunedRuns(digits, batch, steps).filter(({ optimizer }) => names.includes(optimizer));
  return own.length === 0
    ? []
    : tuneLearningRates(own).flatMap(({ optimizer, losses }) =>
      losses.map((loss) => ({ optimizer, batch, steps, loss }))
    );
}

/** Steps against time: Adam with as many steps as it likes. */
function steps({ digits }: RowTable<Row>): Figure {
  const names = ["Muon", "Adam"];
  const lengths = distinct(digits, "steps").sort((a, b) => a - b);
  const shown = lengths.flatMap((steps) => bestLosses(digits, names, 128, steps));
  const means = summarizeBy(shown, ["optimizer", "steps"], "loss")
    .map(({ optimizer, steps, mean }) => ({ optimizer, steps, loss: mean }));
  const level = means.find(({ optimizer, steps }) => optimizer === "Muon" && steps === 100)?.loss ?? NaN;
  const worth = stepsToReach(level, means.filter(({ optimizer }) => optimizer === "Adam"));
  return figure({
    title: {
      text: Number.isFinite(worth)
        ? `A hundred steps of Muon are worth some ${Math.round(worth / 10) * 10} of Adam's`
        : "Muon and Adam, with as many steps as they like",
      subtitle: "Digits, batches of 128, best learning rate at each length; mean and range of seeds",
    },
    height: 260,
    encoding: {
      x: linearAxis("steps", "Steps of the run", { domain: [90, 260], values: lengths }),
      y: lossAxis(),
      color: colors(names),
    },
    layer: [
      meanAndRange(shown, { x: "steps", y: "loss", series: "optimizer", as: "bars" }),
      ...(Number.isFinite(worth)
        ? [
          theoryLine([100, worth].map((steps) => ({ steps, loss: level })), { x: "steps", y: "loss" }),
          annotation("the same loss", { x: (100 + worth) / 2, y: level, side: "above" }),
        ]
        : []),
    ] satisfies Layer[],
  });
}

/**
 * The length at which the losses of longer and longer runs pass a level, on a straight line in the logarithm; NaN if
 * they do not.
 */
function stepsToReach(loss: number, runs: readonly { steps: number; loss: number }[]): number {
  const i = runs.findIndex((run) => run.loss <= loss);
  if (i < 1) return NaN;
  const [a, b] = [runs[i - 1], runs[i]];
  return a.steps + (b.steps - a.steps) * Math.log(a.loss / loss) / Math.log(a.loss / b.loss);
}

/** Small batches: the training. */
function batches({ digits }: RowTable<Row>): Figure {
  const names = ["Muon", "Adam", "SGD"];
  const sizes = distinct(digits, "batch").sort((a, b) => a - b);
  return figure({
    title: {
      text: "Muon leads at every batch, and most where batches are large",
      subtitle: "Digits, 100 steps, best learning rate at each batch; mean and range of seeds",
    },
    height: 260,
    encoding: {
      x: logAxis("batch", "Images in a batch", { values: sizes }),
      y: lossAxis(),
      color: colors(names),
    },
    layer: [
      meanAndRange(sizes.flatMap((batch) => bestLosses(digits, names, batch, 100)), {
        x: "batch",
        y: "loss",
        series: "optimizer",
        dots: true,
      }),
    ],
  });
}

/** Small batches: the direction. */
function noise({ noise }: RowTable<Row>): Figure {
  const parts = [
    ["the two gradients", "gradient", palette[3]],
    ["their Muon updates", "update", palette[0]],
    ["update · full gradient", "descent", palette[2]],
  ] as const;
  const names = parts.map(([name]) => name);
  return figure({
    title: {
      text: "Equal lengths for all directions are equal lengths for noise",
      subtitle: "Cosines between a batch and all images; dashed: update · gradient without noise",
    },
    height: 280,
    encoding: {
      x: logAxis("batch", "Images in a batch"),
      y: linearAxis("cosine", "Cosine", { domain: [0, 1] }),
      color: colorBy("what", null, names, parts.map(([, , color]) => color)),
    },
    layer: [
      meanAndRange(
        parts.flatMap(([what, field]) =>
          noise.map((row) => ({ what, batch: row.batch, cosine: row[field] }))
        ),
        { x: "batch", y: "cosine", series: "what", dots: true },
      ),
      theoryRule({ y: mean(noise.map(({ ceiling }) => ceiling)) }),
    ],
    config: legendAt("bottom", { columns: 3 }),
  });
}

export const figures = {
  rareDirections,
  rareFacts,
  memoryRates,
  rotation,
  ripple,
  scalarMap,
  spectra,
  shapes,
  learningRates,
  best,
  steps,
  batches,
  noise,
};

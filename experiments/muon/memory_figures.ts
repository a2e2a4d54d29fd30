/** Figures of the associative memory, the key figure first. */
import type { Figure, RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  figure,
  legendAt,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  panels,
  points,
  theoryLine,
  theoryRule,
  thin,
} from "../../lib/figures/mod.ts";
import { ofOptimizer } from "./claims.ts";
import { colors, CONTENDERS } from "./contenders.ts";
import type { MemoryRun, Row } from "./rows.ts";
import { STOP_AT } from "./training.ts";

const BASES: [MemoryRun["turn"], string][] = [[0, "Facts on the axes"], ["random", "In a random basis"]];

/**
 * The runs that are drawn: on the axes there is nothing random, and what is equivariant is the same in every basis, so
 * that one seed shows all but Adam in random bases.
 */
function drawn(bases: RowTable<Row>["bases"], turn: MemoryRun["turn"]) {
  const first = Math.min(...bases.map(({ seed }) => seed));
  return bases.filter((run) =>
    run.turn === turn && run.curve !== null &&
    (run.seed === first || (run.optimizer === "Adam" && turn === "random"))
  );
}

/** The key figure: tail loss against mean loss over the whole run. */
export function rareDirections({ bases }: RowTable<Row>): Figure {
  const names = ["SGD", "Adam", "Muon"];
  const facts = bases[0].facts;
  const start = Math.log(facts);
  return figure({
    title: "Muon learns rare facts as fast as common ones, in any basis",
    subtitle:
      `Tail: the rarest quarter of ${facts} facts; training goes right; dashed: as well known as the rest`,
    ...panels(BASES.map(([turn, title]) => ({
      title,
      x: linearAxis("mean", "Mean loss (nats)", { domain: [start + 0.05, 1.6] }),
      y: linearAxis("tail", "Tail loss (nats)", { domain: [1.6, start + 0.25] }),
      color: colors(names),
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
export function rareFacts({ bases }: RowTable<Row>): Figure {
  const names = ["SGD", "Adam", "Muon", "exact polar"];
  const facts = bases[0].facts;
  const ranks = [1, 2, 4, 8, 16, 32, 64].filter((rank) => rank <= facts);
  const first = Math.min(...bases.map(({ seed }) => seed));
  return figure({
    title: "Fact by fact: the ripple of five steps is seen, the frequency is not",
    subtitle:
      `${facts} facts of frequency 1/rank, when the mean loss reaches ${STOP_AT}; wide and pale: exact polar`,
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
        x: logAxis("rank", "Rank of the fact", { domain: [1, facts], values: ranks }),
        y: linearAxis("loss", "Loss of the fact (nats)", { domain: [0, 4.5] }),
        color: colors(names),
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
export function memoryRates({ bases }: RowTable<Row>): Figure {
  const names = ["SGD", "normalized SGD", "Adam", "Muon", "exact polar"];
  return figure({
    title: "The ratio belongs to the optimizer, not to its learning rate",
    subtitle:
      `Loss of the rarest quarter over the mean loss, when that is ${STOP_AT}; mean and range of seeds`,
    ...panels(BASES.map(([turn, title]) => ({
      title,
      x: logAxis("learningRate", "Learning rate", { domain: [0.002, 50] }),
      y: ratioAxis(),
      color: colors(names),
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
export function rotation({ angles }: RowTable<Row>): Figure {
  const names = ["SGD", "Adam", "Muon"];
  return figure({
    title: "Adam depends on the basis; Muon and SGD cannot see it",
    subtitle: "Keys and values turned in random planes; mean and range of seeds",
    height: 260,
    x: linearAxis("turn", "Turn away from the axes (degrees)", {
      domain: [0, 90],
      values: [0, 15, 30, 45, 60, 75, 90],
    }),
    y: ratioAxis(),
    color: colors(names),
    layer: [
      meanAndRange(
        angles.map(({ optimizer, turn, ratio }) => ({ optimizer, turn: Number(turn), ratio })),
        { x: "turn", y: "ratio", series: "optimizer", dots: true },
      ),
    ],
  });
}

/** The ripple: tail over mean at other sizes. */
export function ripple({ sizes }: RowTable<Row>): Figure {
  const names = ["SGD", "Adam", "Muon", "exact polar", "Polar Express"];
  const shown = (optimizer: string) =>
    ofOptimizer(sizes, optimizer).map(({ facts, ratio }) => ({ optimizer, facts, ratio }));
  const last = shown("exact polar").reduce((a, b) => b.facts > a.facts ? b : a);
  return figure({
    title: "Five steps ripple; polynomials that converge do not",
    subtitle: `Tail loss over mean loss at mean loss ${STOP_AT}, random basis, against the number of facts`,
    height: 280,
    x: linearAxis("facts", "Facts, and dimension", { domain: [30, 98] }),
    y: ratioAxis(),
    color: colors(names),
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

// The oracles of the method are in test/hypernetworks.
import { experiment } from "../../experiments/logah/mod.ts";
import type { Row, Start } from "../../experiments/logah/rows.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { testPaper } from "./paper.ts";

setBlasThreads(1);

/** The rows of one start in the place of another's. */
const insteadOf = (start: Start, other: Start, rows: readonly Row[]): Row[] => [
  ...rows.filter((row) => !("start" in row) || row.start !== start),
  ...copyOf(other, start, rows),
];

/** The rows of one start under the name of another. */
const copyOf = (start: Start, name: Start, rows: readonly Row[]): Row[] =>
  rows.flatMap((row) => "start" in row && row.start === start ? [{ ...row, start: name }] : []);

/** Rows as if they were of three seeds with as much training as criteria are for. */
const asProtocol = (rows: readonly Row[]): Row[] =>
  rows.flatMap((row): Row[] =>
    "start" in row ? [0, 1, 2].map((seed) => ({ ...row, seed, steps: 600 })) : [row]
  );

testPaper(experiment, {
  // Without the layer that the released code declares and never uses.
  "parameters": ({ alter }) =>
    alter("size", (row) => row.method === "LoGAH" ? { ...row, parameters: row.parameters - 1056 } : row),
  // A tile that grows with the square of the width.
  "cube": ({ alter }) =>
    alter("size", (row) => ({ ...row, decoder: row.decoder - (row.width === 2048 ? 8 * 2048 ** 3 : 0) })),
  // A LoGAH network under the tile's name: nothing ties its units.
  "copies": ({ rows }) =>
    rows.flatMap((row: Row): Row[] =>
      row.kind === "units" && row.start === "LoGAH" && row.rate !== null
        ? [row, { ...row, kind: "copies", rate: row.rate, step: 60, apart: 0 }]
        : [row]
    ),
  "rank": ({ rows }) => insteadOf("LoGAH", "tiled", rows),
  // A hypernetwork that has hardly been trained.
  "zero-shot": ({ rows }) => asProtocol(rows),
  "head-start": ({ rows }) => asProtocol(insteadOf("LoGAH", "random", rows)),
  "stable-rate": ({ rows }) => asProtocol(insteadOf("tiled", "LoGAH", rows)),
  "tie": ({ rows }) => asProtocol(insteadOf("random", "tiled", rows)),
  "seeds-used": ({ rerun }) =>
    rerun((trial) =>
      trial.kind === "usage" && trial.rank === 32 &&
      { ...trial, shapes: [[1536, 384]] as [number, number][], layout: "transposed" as const }
    ),
  "layout": ({ rows }) => asProtocol([...rows, ...copyOf("LoGAH", "transposed", rows)]),
});

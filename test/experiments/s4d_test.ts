import { experiment } from "../../experiments/s4d/mod.ts";
import type { Row } from "../../experiments/s4d/rows.ts";
import { type Break, testPaper } from "./paper.ts";

/** A diagonal model in which B is not halved: the whole method of Theorem 3 without its factor. */
const notHalved: Break = ({ rerun }) =>
  rerun((trial) => trial.kind === "kernel" && { ...trial, inputFactor: 1 });

/** The rows of one initialization under the name of another. */
const inPlaceOf = (name: string, other: string): Break => ({ rows }) =>
  rows.filter((row) => !("init" in row) || row.init !== name)
    .concat(rows.filter((row) => row.init === other).map((row) => ({ ...row, init: name }) as Row));

testPaper(experiment, {
  "kernels-converge": notHalved,
  "third-order": notHalved,
  "limit-is-weak": notHalved,
  "bilinear": notHalved,
  // If the factor did not matter, the errors without it would be those with it.
  "half-matters": ({ rows }) =>
    rows.filter((row) => row.kind !== "error" || row.sampling !== "zoh, B not halved").concat(
      rows.flatMap((row) =>
        row.kind === "error" && row.sampling === "zoh" ? [{ ...row, sampling: "zoh, B not halved" }] : []
      ),
    ),
  // A root that is off by one part in a million.
  "inverse-law": ({ alter }) => alter("root", (row) => ({ ...row, ratio: row.ratio * (1 + 1e-6) })),
  // LegS with its rank-1 part is not normal: the commutator is of the size of A².
  "normal-part": ({ alter }) => alter("root", (row) => ({ ...row, commutator: 0.5 })),
  // A recurrence whose output uses the state before the input is off by one sample.
  "one-model-three-ways": ({ alter }) => alter("agreement", (row) => ({ ...row, recurrence: 1e-3 })),
  "basis": inPlaceOf("S4D-Real", "S4D-LegS"),
  "random-basis": inPlaceOf("Random", "S4D-Lin"),
  "rank": inPlaceOf("S4D-Real", "S4D-LegS"),
  // Not trained long enough, and at a learning rate at which Real would learn as LegS does.
  "training": inPlaceOf("S4D-Real", "S4D-LegS"),
  // The quick preset trains no digits: the accuracies of laptop, exchanged.
  "digits": ({ rows }) =>
    rows.concat([1, 5].flatMap((epoch) => [
      { kind: "digits", init: "S4D-LegS", seed: 0, epoch, loss: 1, accuracy: 0.4 },
      { kind: "digits", init: "S4D-Real", seed: 0, epoch, loss: 1, accuracy: 0.8 },
    ])),
});

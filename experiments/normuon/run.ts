import { Rng } from "../../lib/arrays/mod.ts";
import { constantThenLinear } from "../../lib/optimizers/mod.ts";
import { trainOnDigits } from "../../lib/training/mod.ts";
import { type Method, METHODS } from "./methods.ts";
import { deadNeuron } from "./dead_neuron.ts";
import { gaussianLeverage } from "./leverage.ts";
import { identities, travel } from "./quadratic.ts";
import { spread } from "./spread.ts";
import type { Row } from "./rows.ts";

/** One unit of work. */
export type Trial =
  | { kind: "spread"; optimizer: Method; learningRate: number; beta2: number; width: number; seed: number }
  | { kind: "travel"; methods: Method[]; outputs: number; inputs: number; beta2: number; seed: number }
  | { kind: "identities"; seed: number }
  | { kind: "gaussian"; seed: number }
  | { kind: "dead"; beta2: number; seed: number }
  | { kind: "training"; optimizer: Method; learningRates: number[]; beta2: number; seed: number };

/** Runs one trial. */
export function runTrial(trial: Trial, report: (fraction: number, partial?: Row[]) => void): Row[] {
  switch (trial.kind) {
    case "spread":
      return spread(trial, report);
    case "travel":
      return trial.methods.map((method) => travel({ ...trial, method }));
    case "identities":
      return [identities(trial.seed)];
    case "gaussian":
      return gaussianLeverage(trial.seed);
    case "dead":
      return deadNeuron(trial);
    case "training":
      return training(trial, report);
  }
}

/** Protocol C: the shared digits network at every learning rate of the grid. */
function training(
  { optimizer, learningRates, beta2, seed }: Extract<Trial, { kind: "training" }>,
  report: (fraction: number, partial?: Row[]) => void,
): Row[] {
  const rows: Row[] = [];
  for (const learningRate of learningRates) {
    const { loss } = trainOnDigits({
      optimizer: METHODS[optimizer]({ learningRate: constantThenLinear(learningRate, 100), beta2 }),
      rng: new Rng(seed),
    });
    rows.push({ type: "training", optimizer, learningRate, seed, loss });
    report(rows.length / learningRates.length, rows);
  }
  return rows;
}

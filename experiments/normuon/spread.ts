import { type Matrix, Rng } from "../../lib/arrays/mod.ts";
import { coefficientOfVariation, mean } from "simple-statistics";
import {
  chain,
  constantThenLinear,
  type GradientTransformation,
  momentum,
  muonUpdates,
  recordUpdates,
  type UpdateRecord,
} from "../../lib/optimizers/mod.ts";
import { trainOnDigits } from "../../lib/training/mod.ts";
import { leverageView, precisionView } from "./leverage.ts";
import { type Method, METHODS } from "./methods.ts";
import type { Row } from "./rows.ts";

/** Length of a run, the steps at which updates are looked at, and the one whose neurons are drawn. */
const STEPS = 100;
const RECORDED = [20, 30, 40, 50, 60, 70, 80, 90];
const DRAWN = 60;

/** The tall hidden layer of the paper's figure, and the wide one after it. */
const TALL = "layer 2";
const WIDE = "layer 3";

/** Protocol A: trains a network with wide and narrow layers, and looks at the updates on the way. */
export function spread(
  { optimizer, learningRate, beta2, width, seed }: {
    optimizer: Method;
    learningRate: number;
    beta2: number;
    width: number;
    seed: number;
  },
  report: (fraction: number) => void,
): Row[] {
  const rows: Row[] = [];
  const momenta = new Map<string, Matrix>();
  const record = ({ name, step, neuronNorms, singularValues }: UpdateRecord) => {
    const norms = Array.from(neuronNorms);
    const values = Array.from(singularValues);
    const layer = Number(name.split(" ")[1]);
    const condition = layer === 0 ? null : values[0] / values[values.length - 1];
    rows.push({
      kind: "spread",
      optimizer,
      layer,
      step,
      seed,
      variation: coefficientOfVariation(norms),
      condition,
    });
    if (name === TALL && step === DRAWN) {
      rows.push({
        kind: "profile",
        optimizer,
        seed,
        neuronNorms: norms.map((norm) => norm / mean(norms)).sort((a, b) => b - a),
        singularValues: values.map((value) => value / values[0]),
      });
    }
  };
  const rate = constantThenLinear(learningRate, STEPS);
  // Muon is split behind its momentum, so that what it orthogonalizes can be kept.
  const method = optimizer === "Muon"
    ? chain(momentum(), keepAt(DRAWN, momenta), muonUpdates({ learningRate: rate, momentum: 0 }))
    : METHODS[optimizer]({ learningRate: rate, beta2 });
  trainOnDigits({
    optimizer: chain(method, recordUpdates(record, { when: (step) => RECORDED.includes(step) })),
    hidden: [width, 64, width, 64],
    activation: "tanh",
    steps: STEPS,
    rng: new Rng(seed),
    onStep: ({ step }) => report(step / STEPS),
  });
  const tall = momenta.get(TALL);
  const wide = momenta.get(WIDE);
  if (tall !== undefined && wide !== undefined) {
    rows.push(leverageView(tall, seed));
    rows.push(...precisionView(tall, "tall", seed), ...precisionView(wide, "wide", seed));
  }
  return rows;
}

/** Keeps a copy of every parameter's update at one step. */
function keepAt(step: number, kept: Map<string, Matrix>): GradientTransformation<{ step: number }> {
  return {
    init: () => ({ step: 0 }),
    update(updates, state, { name }) {
      if (++state.step === step) kept.set(name, updates.astype("float64"));
      return updates;
    },
  };
}

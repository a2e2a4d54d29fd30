import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  contextDecision,
  delayMatchSample,
  effectiveRank,
  perceptualDecision,
  rankTruncate,
  recurrentTangentKernel,
  type TrialBatch,
  VanillaRnn,
} from "../../lib/recurrent/mod.ts";
import { kernelAlignment, representationAlignment } from "../../lib/tangent_kernels/mod.ts";
import { frobeniusNorm, singularValues } from "../../lib/linalg/mod.ts";
import type { Purpose, Row, Structure, Task } from "./rows.ts";

/** A recurrent network to train. */
export interface RnnTrial {
  purpose: Purpose;
  task: Task;
  structure: Structure;
  n: number;
  rank: number;
  gain: number;
  iterations: number;
  learningRate: number;
  /**
   * Whether the start has the norm of the Gaussian matrix, whatever its rank; false breaks the comparison.
   */
  sameNorm: boolean;
  seed: number;
}

const tasks = { "2AF": perceptualDecision, DMS: delayMatchSample, CXT: contextDecision };

/** Trials for representations and accuracy, and how many of them the tangent kernel sees. */
const PROBES = 256;
const KERNEL_PROBES = 8;

/** Trains a network and measures how far it went. */
export function trainNetwork(trial: RnnTrial, report: (fraction: number) => void): Row<"rnn"> {
  const { purpose, task, structure, n, rank, gain, iterations, learningRate, seed } = trial;
  // The streams do not depend on rank, gain or structure: runs of a seed differ in nothing else.
  const rng = new Rng(seed).split(task).split(n);
  const draw = tasks[task];
  const gaussian = rng.split("recurrent").normalMatrix(n, n, gain / Math.sqrt(n));
  const start = structure === "gaussian"
    ? rankTruncate(gaussian, rank, { preserve: trial.sameNorm ? "frobenius" : "none" })
    : structured(structure, gaussian, rng.split("structure"));
  const probe = draw({ batch: PROBES, rng: rng.split("probe") });
  const rnn = new VanillaRnn({ inputs: probe.x.columns, hidden: n, outputs: 3, recurrent: start, rng });
  const before = measure(rnn, probe);
  const w0 = rnn.recurrent.clone();
  const training = rng.split("training");
  const curve: Row<"rnn">["curve"] = [];
  const late = Math.min(100, Math.ceil(iterations / 10));
  const stride = Math.max(1, Math.round(iterations / 25));
  let sum = 0;
  let lateSum = 0;
  for (let i = 0; i < iterations; i++) {
    const loss = rnn.trainStep(draw({ batch: 32, rng: training }), { learningRate });
    sum += loss;
    if (i >= iterations - late) lateSum += loss;
    if ((i + 1) % stride === 0) {
      curve.push({ step: i + 1, loss: sum / stride });
      sum = 0;
      report((i + 1) / iterations);
    }
  }
  const after = measure(rnn, probe);
  const s = singularValues(start);
  return {
    ...{ kind: "rnn", purpose, task, structure, n, rank, gain, seed },
    change: frobeniusNorm(rnn.recurrent.minus(w0)),
    ra: representationAlignment(before.decision, after.decision),
    ka: kernelAlignment(before.kernel, after.kernel),
    sameSigns: before.decision.data.reduce(
      (count, h, i) => count + Number((h > 0) === (after.decision.data[i] > 0)),
      0,
    ) / before.decision.data.length,
    loss: lateSum / late,
    accuracy: after.accuracy,
    probes: PROBES,
    norm: frobeniusNorm(w0),
    gaussianNorm: frobeniusNorm(gaussian),
    numericalRank: s.filter((value) => value > 1e-10 * s[0]).length,
    participation: effectiveRank(start, "participation"),
    entropy: effectiveRank(start, "entropy"),
    stable: effectiveRank(start, "stable"),
    curve,
  };
}

function measure(rnn: VanillaRnn, { x, labels, batch }: TrialBatch) {
  const { hidden, logits } = rnn.forward(x, batch);
  const first = x.rows - batch;
  const steps = x.rows / batch;
  const few = Matrix.zeros(steps * KERNEL_PROBES, x.columns, "float32");
  for (let t = 0; t < steps; t++) {
    for (let b = 0; b < KERNEL_PROBES; b++) few.row(t * KERNEL_PROBES + b).set(x.row(t * batch + b));
  }
  let right = 0;
  for (let i = first; i < x.rows; i++) {
    const row = logits.row(i);
    if (row.indexOf(Math.max(...row)) === labels[i]) right++;
  }
  return {
    decision: hidden.slice(first, x.rows),
    kernel: recurrentTangentKernel(rnn, few, KERNEL_PROBES),
    accuracy: right / batch,
  };
}

/**
 * Connectivity with the traits of measured circuits, at the norm of the Gaussian matrix. The measured wiring
 * itself cannot be redistributed.
 */
function structured(structure: Exclude<Structure, "gaussian">, gaussian: Matrix, rng: Rng): Matrix {
  const n = gaussian.rows;
  const scale = frobeniusNorm(gaussian) / n;
  let made: Matrix;
  if (structure === "dale") {
    // A neuron excites or inhibits, all its targets alike: the columns have one sign each; excitation and
    // inhibition balance.
    made = gaussian.map((value, _, j) => j < 0.8 * n ? Math.abs(value) : -4 * Math.abs(value));
  } else if (structure === "blocks") {
    // Four cell types; how strongly two neurons are connected depends on chance and, less, on their types:
    // more would give eigenvalues so large that activity explodes or dies within eight steps.
    const strengths = rng.normalMatrix(4, 4, 0.4 * scale);
    const type = (i: number) => Math.floor(4 * i / n);
    made = gaussian.map((value, i, j) => value + strengths.get(type(i), type(j)));
  } else {
    // Heavy tails: few synapses are strong.
    made = gaussian.map((value) => value ** 3);
  }
  return made.times(frobeniusNorm(gaussian) / frobeniusNorm(made));
}

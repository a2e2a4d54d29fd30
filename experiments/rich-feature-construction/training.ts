/** Part B: real pixels, from rich features and from other starts: notes 6. */
import { Rng } from "../../lib/arrays/mod.ts";
import type { Report } from "../../lib/experiment/mod.ts";
import {
  binaryAccuracy,
  fitGroupDro,
  fitInvariant,
  type InvariancePenalty,
  logisticLoss,
  richFeatures,
  type RichFeaturesSteps,
} from "../../lib/invariance/mod.ts";
import { DenseNetwork } from "../../lib/networks/mod.ts";
import { type ColoredDigits, coloredDigits, type DataParams, testAccuracy } from "./data.ts";
import type { Row, Start } from "./rows.ts";

/** Sizes and lengths. */
export interface TrainingParams extends DataParams {
  seed: number;
  hidden: number;
  learningRate: number;
  l2: number;
  weight: number;
  /** Steps of the rounds and of the synthesis. */
  rich: Required<RichFeaturesSteps>;
  /** Steps of a head on frozen features, and its learning rate. */
  headSteps: number;
  headRate: number;
  /** Steps of a whole network. */
  steps: number;
}

/** A way to train from a start. */
interface Course {
  start: Start;
  penalty: InvariancePenalty;
  frozen?: boolean;
  anneal?: number;
  steps?: number;
  long?: boolean;
}

/** Discovery, synthesis, and what is trained on it. */
export async function richRows(
  trial: TrainingParams & { courses: Course[] },
  report: Report<Row<"accuracy"> | Row<"round">>,
): Promise<(Row<"accuracy"> | Row<"round">)[]> {
  const { seed, hidden, learningRate, l2, rich, courses } = trial;
  const rng = new Rng(seed);
  const data = await coloredDigits(trial, rng.split("data"));
  const { network, synthesis, rounds } = richFeatures(data.pooled, {
    hidden,
    steps: rich,
    learningRate,
    l2,
    rng: rng.split("rich features"),
  });
  report(0.4);
  const logits = synthesis.forward(data.pooled.inputs);
  const rows: (Row<"accuracy"> | Row<"round">)[] = rounds.map((round, k) => {
    const share = (holds: (i: number) => boolean) =>
      round.predictions.filter((_, i) => holds(i)).length / round.predictions.length;
    const outputs = round.network.forward(data.pooled.inputs).data;
    const groups = [1, 0].map((value) => {
      const isMember = (_: number, i: number) => rounds[0].correct[i] === value;
      return [outputs.filter(isMember), data.pooled.labels.filter(isMember)] as const;
    });
    return {
      kind: "round",
      seed,
      round: k + 1,
      examples: round.predictions.length,
      accuracy: share((i) => round.correct[i] === 1),
      agreement: share((i) => round.predictions[i] === data.pooled.colors[i]),
      groupLosses: groups.map(([z, labels]) => logisticLoss(z, labels).loss),
      groupAccuracies: groups.map(([z, labels]) => binaryAccuracy(z, labels)),
      repeated: share((i) => (logits.get(i, k) > 0 ? 1 : 0) === round.predictions[i]),
      tests: testAccuracy(round.network, data.tests).tests,
    };
  });
  courses.forEach((course, done) => {
    const start = course.start === "ERM" ? rounds[0].network : network;
    rows.push(...train(start.clone(), data, trial, course));
    report(0.4 + 0.6 * (done + 1) / courses.length);
  });
  return rows;
}

/** What does not start from rich features. */
export async function baselineRows(
  trial: TrainingParams & { course: Course; graySteps: number },
): Promise<Row<"accuracy">[]> {
  const { seed, hidden, learningRate, l2, course, graySteps } = trial;
  const rng = new Rng(seed);
  const data = await coloredDigits(trial, rng.split("data"));
  const network = new DenseNetwork({
    widths: [data.pooled.inputs.columns, hidden, hidden, 1],
    activation: "relu",
    init: "glorot",
    dtype: "float32",
    rng: rng.split("baseline"),
  });
  if (course.start === "gray") fitGroupDro(network, [data.gray], { steps: graySteps, learningRate, l2 });
  return train(network, data, trial, course);
}

/** Trains a network and tests it on the way. */
function train(
  network: DenseNetwork<"float32">,
  data: ColoredDigits,
  { seed, weight, learningRate, headRate, headSteps, steps: fullSteps, l2 }: TrainingParams,
  { start, penalty, frozen = false, anneal = 0, long = false, steps = frozen ? headSteps : fullSteps }:
    Course,
): Row<"accuracy">[] {
  const every = Math.max(10, Math.round(steps / 40));
  const rows: Row<"accuracy">[] = [];
  const test = (step: number) =>
    rows.push({
      kind: "accuracy",
      seed,
      start,
      frozen,
      penalty,
      weight: penalty === "none" ? 0 : weight,
      step,
      final: step === steps,
      long,
      examples: data.pooled.labels.length,
      ...testAccuracy(network, data.tests),
    });
  test(0);
  fitInvariant(network, data.environments, {
    penalty,
    weight: penalty === "none" ? 0 : weight,
    steps,
    learningRate: frozen ? headRate : learningRate,
    l2,
    anneal,
    frozen,
    onStep: ({ step }) => {
      if ((step + 1) % every === 0 || step + 1 === steps) test(step + 1);
    },
  });
  return rows;
}

/** Channel pruning of a small network on real digits, fine-tuned or with low-rank adapters (protocol F). */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import { type ChannelMask, SPLoRALinear } from "../../lib/continual/mod.ts";
import { digits } from "../../lib/datasets/mod.ts";
import type { Report } from "../../lib/experiment/mod.ts";
import { rowNorms } from "../../lib/linalg/mod.ts";
import { adamwUpdates, MatrixOptimizer } from "../../lib/optimizers/mod.ts";
import { Mlp } from "../../lib/training/mod.ts";
import type { Row } from "./rows.ts";

/** Units of both hidden layers. */
const UNITS = 128;
const WIDTHS = [64, UNITS, UNITS, 5];
const SOURCE_STEPS = 400;
const TARGET_STEPS = 600;
/** Step at which the last unit is pruned. */
const PRUNED_BY = 400;
const PRUNE_EVERY = 20;

interface Task {
  images: Matrix;
  labels: Int32Array;
}

/** Digits 0 to 4 to learn from, 5 to 9 to adapt to and to test on. */
function tasks(rng: Rng): { source: Task; target: Task; test: Task } {
  const { images, labels } = digits();
  const order = Array.from(rng.permutation(labels.length));
  const select = (from: number, rows: number[]): Task => ({
    images: Matrix.from(rows.length, 64, (i, j) => images.get(rows[i], j)),
    labels: Int32Array.from(rows, (i) => labels[i] - from),
  });
  const low = order.filter((i) => labels[i] < 5);
  const high = order.filter((i) => labels[i] >= 5);
  return {
    source: select(0, low.slice(0, 800)),
    target: select(5, high.slice(0, 150)),
    test: select(5, high.slice(150)),
  };
}

function batchOf({ images, labels }: Task, size: number, rng: Rng): Task {
  const rows = Array.from({ length: size }, () => rng.integer(labels.length));
  return {
    images: Matrix.from(size, images.columns, (i, j) => images.get(rows[i], j)),
    labels: Int32Array.from(rows, (i) => labels[i]),
  };
}

/** A network with weights and biases uniform within 1/√fan-in. */
function network(rng: Rng): Mlp {
  const net = new Mlp({ widths: WIDTHS, rng });
  const stream = rng.split("uniform");
  net.weights.forEach((w, layer) => {
    const bound = 1 / Math.sqrt(w.columns);
    for (const entries of [w.data, net.biases[layer].data]) {
      for (let i = 0; i < entries.length; i++) entries[i] = stream.uniform(-bound, bound);
    }
  });
  return net;
}

function adam(matrices: readonly Matrix[], learningRate: number): MatrixOptimizer {
  return new MatrixOptimizer(
    matrices.map((weights, i) => ({ name: `parameter ${i}`, weights, outputs: "rows" as const })),
    adamwUpdates({ learningRate, weightDecay: 0 }),
  );
}

function trainSource(task: Task, rng: Rng): Mlp {
  const net = network(rng.split("start"));
  const optimizer = adam([...net.weights, ...net.biases], 1e-3);
  const batches = rng.split("batches");
  for (let step = 0; step < SOURCE_STEPS; step++) {
    const { images, labels } = batchOf(task, 64, batches);
    const { weights, biases } = net.gradients(images, labels);
    optimizer.step([...weights, ...biases]);
  }
  return net;
}

/** A hidden layer while it is adapted: its matrix, what is learned, and how gradients get there. */
interface Adapted {
  fuse(mask: ChannelMask): Matrix;
  learned: Matrix[];
  gradients(ofFused: Matrix): Matrix[];
  count(inputs: number, outputs: number): number;
}

/** Rank 0 is fine-tuning: the whole matrix is learned. */
function adapted(weight: Matrix, rank: number, rng: Rng): Adapted {
  if (rank === 0) {
    const own = weight.clone();
    const fuse = ({ inputs, outputs }: ChannelMask) =>
      own.map((value, i, j) => outputs?.[i] === 0 || inputs?.[j] === 0 ? 0 : value);
    return { fuse, learned: [own], gradients: (g) => [g], count: (n, m) => n * m };
  }
  const layer = new SPLoRALinear(weight, { rank, rng });
  const { left, right } = layer;
  return {
    fuse: (mask) => layer.fuse(mask),
    learned: [left, right],
    gradients: (g) => [
      matmul(g, right, { transposeB: true }),
      matmul(left, g, { transposeA: true }),
    ],
    count: (n, m) => rank * (n + m),
  };
}

/** Units kept at a step of the gradual schedule. */
export function unitsAt(step: number, keep: number): number {
  const last = Math.round(UNITS * keep);
  return Math.round(UNITS - (UNITS - last) * Math.min(step, PRUNED_BY) / PRUNED_BY);
}

/** Keeps the units of the largest rows among those that are left. */
function prune(mask: Uint8Array, fused: Matrix, count: number): void {
  const norms = rowNorms(fused);
  const order = Array.from(norms.keys()).filter((i) => mask[i] === 1).sort((a, b) => norms[b] - norms[a]);
  for (const i of order.slice(count)) mask[i] = 0;
}

/** Adapts a trained network to the target and prunes it on the way; accuracy on the test set. */
function adapt(
  source: Mlp,
  { target, test }: { target: Task; test: Task },
  { rank, keep, rng }: { rank: number; keep: number; rng: Rng },
): { accuracy: number; learned: number } {
  const net = network(rng.split("head"));
  const layers = [0, 1].map((l) => adapted(source.weights[l], rank, rng.split(`adapter ${l}`)));
  const masks = [0, 1].map(() => new Uint8Array(UNITS).fill(1));
  const [head, headBias] = [net.weights[2], net.biases[2]];
  const optimizer = adam([...layers.flatMap(({ learned }) => learned), head, headBias], 3e-3);
  const batches = rng.split("batches");
  const fuse = () => {
    layers.forEach((layer, l) => {
      net.weights[l] = layer.fuse({ inputs: masks[l - 1], outputs: masks[l] });
      // A pruned unit has no bias either; those of the others stay as they were.
      net.biases[l].data.set(source.biases[l].data.map((b, i) => masks[l][i] === 0 ? 0 : b));
    });
  };
  for (let step = 0; step < TARGET_STEPS; step++) {
    fuse();
    if (step > 0 && step <= PRUNED_BY && step % PRUNE_EVERY === 0) {
      masks.forEach((mask, l) => prune(mask, net.weights[l], unitsAt(step, keep)));
      fuse();
    }
    const { images, labels } = batchOf(target, 32, batches);
    // Pruned units are zero, and so are the gradients of their rows and columns.
    const { weights, biases } = net.gradients(images, labels);
    optimizer.step([
      ...layers.flatMap((layer, l) => layer.gradients(weights[l])),
      weights[2],
      biases[2],
    ]);
  }
  fuse();
  const units = Math.round(UNITS * keep);
  return {
    accuracy: 1 - net.errorRate(test.images, test.labels),
    learned: layers[0].count(64, units) + layers[1].count(units, units),
  };
}

/** One source network, adapted by every method at every size. */
export function adapterRows(
  { ranks, keeps, seed }: { ranks: readonly number[]; keeps: readonly number[]; seed: number },
  report: Report<Row<"adapter">> = () => {},
): Row<"adapter">[] {
  const rng = new Rng(seed).split("adapters");
  const { source, ...sets } = tasks(rng.split("data"));
  const trained = trainSource(source, rng.split("source"));
  const rows: Row<"adapter">[] = [];
  for (const rank of ranks) {
    for (const keep of keeps) {
      const found = adapt(trained, sets, { rank, keep, rng: rng.split("target") });
      rows.push({ kind: "adapter", method: nameOf(rank), rank, keep, seed, ...found });
      report(rows.length / (ranks.length * keeps.length), rows);
    }
  }
  return rows;
}

/** A method's name in figures. */
export function nameOf(rank: number): string {
  return rank === 0 ? "fine-tuning" : `SPLoRA, rank ${rank}`;
}

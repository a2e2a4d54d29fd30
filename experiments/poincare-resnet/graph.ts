/** What a block of layer, rectifier and normalization keeps for its backward pass (notes 6, D). */
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../lib/arrays/mod.ts";
import { poincareBatchNormOp, poincareLinearOp } from "../../lib/hyperbolic/layers/mod.ts";
import { useBestBackend } from "../../lib/tfjs/mod.ts";
import type { Row } from "./rows.ts";

/** Arguments of a block: tangent vectors, normals, offsets, mean and variance. */
type Block = (u: tf.Tensor, Z: tf.Tensor, r: tf.Tensor, theta: tf.Tensor, gamma: tf.Tensor) => tf.Tensor;

/** Counts what both forms of the block keep, for a batch of 256 vectors of 64 entries. */
export async function graphRows({ c, seed }: { c: number; seed: number }): Promise<Row<"graph">[]> {
  await useBestBackend({ verbose: false });
  const [batch, width] = [256, 64];
  const rng = new Rng(seed).split("graph");
  const tensor = (shape: number[], scale: number) =>
    tf.tensor(Float32Array.from(rng.normals(shape.reduce((a, b) => a * b, 1), scale)), shape);
  const inputs = [
    tensor([batch, width], 0.3),
    tensor([width, width], 0.06),
    tensor([width], 0.01),
    tensor([width], 0.02),
    tf.ones([1]),
  ];
  const fused = keptBy(fusedBlock(c), inputs);
  const plain = keptBy(plainBlock(c), inputs);
  tf.dispose(inputs);
  const largest = fused.value.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const row = (
    form: Row<"graph">["form"],
    { value, ...counts }: ReturnType<typeof keptBy>,
  ): Row<"graph"> => ({
    kind: "graph",
    form,
    ...counts,
    difference: value.reduce((max, x, i) => Math.max(max, Math.abs(x - fused.value[i])), 0) / largest,
  });
  return [row("tensor operations", plain), row("fused", fused)];
}

/** What tfjs notes of an operation. */
interface TapeNode {
  inputs: Record<string, tf.Tensor>;
  outputs: tf.Tensor[];
  saved?: tf.Tensor[];
}

/** Whether it only gives the same numbers another handle. */
function isCopy({ inputs, outputs }: TapeNode): boolean {
  return Object.values(inputs).some(({ dataId }) => outputs.some((out) => out.dataId === dataId));
}

/** Runs a block forwards and backwards, and reads the tape in between. */
function keptBy(block: Block, inputs: tf.Tensor[]) {
  let value = new Float32Array();
  let operations = 0;
  const kept = new Map<object, number>();
  tf.tidy(() => {
    tf.grads((...x) => {
      const out = block(x[0], x[1], x[2], x[3], x[4]);
      value = out.dataSync().slice() as Float32Array<ArrayBuffer>;
      // tfjs shows the tape to nobody else.
      const { activeTape } = (tf.engine() as unknown as { state: { activeTape: TapeNode[] } }).state;
      operations = activeTape.filter((node) => !isCopy(node)).length;
      for (const { saved } of activeTape) {
        for (const tensor of saved ?? []) kept.set(tensor.dataId, 4 * tensor.size);
      }
      return out;
    })(inputs);
  });
  return {
    value,
    operations,
    tensors: kept.size,
    bytes: [...kept.values()].reduce((sum, size) => sum + size, 0),
  };
}

function fusedBlock(c: number): Block {
  return (u, Z, r, theta, gamma) =>
    poincareBatchNormOp(tf.relu(poincareLinearOp(u, Z, r, { c })), theta, gamma, { c });
}

/** The same formulas as tensor operations on the ball, as in the official code (notes 3.1 to 3.6). */
function plainBlock(c: number): Block {
  const root = Math.sqrt(c);
  const TINY = 1e-15;
  const sum = (x: tf.Tensor) => tf.sum(x, -1, true);
  const square = (x: tf.Tensor) => sum(tf.square(x));
  const norm = (x: tf.Tensor) => tf.maximum(tf.sqrt(square(x)), TINY);
  const project = (x: tf.Tensor) => tf.mul(x, tf.minimum(1, tf.div((1 - 4e-3) / root, norm(x))));
  const artanh = (x: tf.Tensor) => tf.atanh(tf.clipByValue(x, -1 + 1e-7, 1 - 1e-7));
  const lambda = (x: tf.Tensor) => tf.div(2, tf.maximum(tf.sub(1, tf.mul(c, square(x))), TINY));
  const exp0 = (v: tf.Tensor) => {
    const size = tf.mul(root, norm(v));
    return project(tf.mul(tf.div(tf.tanh(size), size), v));
  };
  const log0 = (y: tf.Tensor) => {
    const size = tf.mul(root, norm(y));
    return tf.mul(tf.div(artanh(size), size), y);
  };
  const add = (x: tf.Tensor, y: tf.Tensor) => {
    const xx = square(x);
    const yy = square(y);
    const twice = tf.mul(2 * c, sum(tf.mul(x, y)));
    const ofX = tf.add(tf.add(1, twice), tf.mul(c, yy));
    const ofY = tf.sub(1, tf.mul(c, xx));
    const below = tf.add(tf.add(1, twice), tf.mul(c * c, tf.mul(xx, yy)));
    return tf.div(tf.add(tf.mul(ofX, x), tf.mul(ofY, y)), tf.maximum(below, TINY));
  };
  const distance = (x: tf.Tensor, y: tf.Tensor) =>
    tf.mul(2 / root, artanh(tf.mul(root, norm(add(tf.neg(x), y)))));
  const log = (x: tf.Tensor, y: tf.Tensor) => {
    const difference = add(tf.neg(x), y);
    const size = norm(difference);
    const length = tf.div(tf.mul(2 / root, artanh(tf.mul(root, size))), lambda(x));
    return tf.mul(length, tf.div(difference, size));
  };
  const exp = (x: tf.Tensor, v: tf.Tensor) => {
    const size = norm(v);
    const length = tf.tanh(tf.mul(root / 2, tf.mul(lambda(x), size)));
    return project(add(x, tf.mul(length, tf.div(v, tf.mul(root, size)))));
  };
  const transport = (x: tf.Tensor, y: tf.Tensor, v: tf.Tensor) => {
    const minus = tf.neg(x);
    const turned = add(tf.neg(add(y, minus)), add(y, add(minus, v)));
    return tf.mul(turned, tf.div(lambda(x), lambda(y)));
  };
  return (u, Z, r, theta, gamma) => {
    const x = exp0(u);
    const size = tf.maximum(tf.sqrt(tf.sum(tf.square(Z), 0, true)), TINY);
    const offset = tf.mul(2 * root, r);
    const factor = lambda(x);
    const inner = tf.mul(root, tf.mul(factor, tf.matMul(x as tf.Tensor2D, tf.div(Z, size) as tf.Tensor2D)));
    const angle = tf.asinh(
      tf.sub(tf.mul(inner, tf.cosh(offset)), tf.mul(tf.sub(factor, 1), tf.sinh(offset))),
    );
    const v = tf.mul(tf.mul(2 / root, size), angle);
    const w = tf.mul(1 / root, tf.sinh(tf.mul(root, v)));
    const y = project(tf.div(w, tf.add(1, tf.sqrt(tf.add(1, tf.mul(c, square(w)))))));
    const points = exp0(tf.relu(log0(y)));
    const weights = lambda(points);
    const m = tf.div(tf.sum(tf.mul(weights, points), 0, true), tf.sum(tf.sub(weights, 1), 0, true));
    const mu = tf.div(m, tf.add(1, tf.sqrt(tf.sub(1, tf.mul(c, square(m))))));
    const variance = tf.mean(tf.square(distance(mu, points)));
    const b = exp0(tf.reshape(theta, [1, -1]));
    const scaled = tf.mul(transport(mu, b, log(mu, points)), tf.sqrt(tf.div(gamma, tf.add(variance, 1e-6))));
    return log0(exp(b, scaled));
  };
}

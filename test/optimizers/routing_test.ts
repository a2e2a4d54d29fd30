/**
 * Which parameters get the method: by the words of their names, by their rank, and never by a part of a word.
 */
import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertThrows } from "@std/assert";
import { Matrix } from "refigure/arrays";
import {
  isHiddenMatrix,
  matricesTo,
  MatrixOptimizer,
  muon,
  type Parameter,
  route,
  scaleByLearningRate,
} from "refigure/optimizers";
import { S4DLayer, S5Layer } from "refigure/ssm/layers";

console.warn = () => {};
await tf.setBackend("cpu");

const of = (name: string, shape: number[] = [8, 8]): Parameter => ({
  name,
  shape,
  weights: Matrix.zeros(8, 8),
  outputs: "columns",
});

Deno.test("names: hidden matrices, whatever is part of a word of theirs", () => {
  for (
    const name of [
      "dense_Dense1/kernel",
      "multi_head_attention/query/kernel",
      "MultiHeadAttention_2/value/kernel",
      "multi_head_attention/head/kernel",
      "attention_head/kernel",
      "attention/head_3/kernel",
      "attn_head2/kernel",
      "attention_heads/kernel",
      "multihead/kernel",
      "talking_heads/kernel",
      "overhead_dense/kernel",
      "ahead/kernel",
      "header/kernel",
      "thread/kernel",
      "headless/kernel",
      "embark/kernel",
      "member/kernel",
      "remembered/kernel",
      "logitech/kernel",
      "gamma_rays/kernel",
      "bias_network/kernel",
      "log_mel/kernel",
      "alphabet",
      "lstm/recurrent_kernel",
      "separable/pointwise_kernel",
      "transformer0/3/qkv",
      "17",
      "w",
    ]
  ) assertEquals(isHiddenMatrix(of(name)), true, name);
});

Deno.test("names: embeddings, heads and what is applied entry by entry", () => {
  for (
    const name of [
      "embedding_Embedding1/embeddings",
      "token_embedding/embeddings",
      "tokenEmbedding/kernel",
      "pos_emb/weight",
      "wte/weight",
      "unembed/kernel",
      "embedding/positions",
      "head/kernel",
      "head_1/kernel",
      "head2/kernel",
      "lm_head/kernel",
      "lmHead/kernel",
      "LM-head/kernel",
      "output_head/dense/kernel",
      "value_head/kernel",
      "classification_head_3/kernel",
      "decoder/head/kernel",
      "transformer0/head",
      "head_dense/kernel",
      "logits/kernel",
      "logits_dense/kernel",
      "p_re_lu_PReLU1/alpha",
      "act/alpha",
      "norm/gamma",
      "norm/beta",
      "norm/scale",
      "attention/relative_position_bias",
      "s4d/log_a_re",
      "s4d/a_im",
      "mamba/A_log",
      "lru/nu_log",
      "layer/logDt",
    ]
  ) assertEquals(isHiddenMatrix(of(name)), false, name);
});

Deno.test("ranks: 2 and 4; without a shape, more than one row and column", () => {
  for (
    const [shape, wanted] of [[[3, 3], true], [[3, 3, 2, 4], true], [[5], false], [[], false], [
      [2, 3, 4],
      false,
    ]]
  ) {
    assertEquals(isHiddenMatrix(of("x/kernel", shape as number[])), wanted, `[${shape}]`);
  }
  const bare = (rows: number, columns: number) =>
    isHiddenMatrix({ name: "w", weights: Matrix.zeros(rows, columns), outputs: "rows" });
  assertEquals([bare(2, 2), bare(1, 5), bare(5, 1)], [true, false, false]);
});

/** Names of the weights that an optimizer orthogonalizes in one step of a model. */
async function taken(layers: tf.layers.Layer[], input: number[], output: number[]): Promise<string[]> {
  const names = new Set<string>();
  const select = (parameter: Parameter) => {
    const yes = isHiddenMatrix(parameter);
    if (yes) names.add(parameter.name.split("/").pop()!.replace(/_\d+$/, ""));
    return yes;
  };
  const model = tf.sequential({ layers });
  model.compile({ optimizer: muon({ select }), loss: "meanSquaredError" });
  await model.trainOnBatch(tf.ones(input), tf.ones(output));
  model.dispose();
  return [...names].sort();
}

Deno.test("layers: of state space layers the mixing matrix alone, of a PReLU nothing", async () => {
  const s4d = new S4DLayer({ dState: 8, inputShape: [6, 4] });
  assertEquals(await taken([s4d], [2, 6, 4], [2, 6, 4]), ["mix"]);
  const s5 = new S5Layer({ dState: 8, inputShape: [6, 4] });
  assertEquals(await taken([s5], [2, 6, 4], [2, 6, 4]), []);
  const prelu = [tf.layers.dense({ units: 4, inputShape: [6, 4] }), tf.layers.prelu()];
  assertEquals(await taken(prelu, [2, 6, 4], [2, 6, 4]), ["kernel"]);
});

Deno.test("two parameters of one name may get different methods", () => {
  const parameters = [1, 2].map((rows) => ({
    name: "w",
    weights: Matrix.from(rows, 2, () => 0),
    outputs: "rows" as const,
  }));
  const byRows = route(({ weights }) => scaleByLearningRate(weights.rows));
  const optimizer = new MatrixOptimizer(parameters, byRows);
  for (let step = 0; step < 2; step++) {
    const updates = optimizer.step(parameters.map(({ weights }) => weights.map(() => 1)));
    assertEquals(updates.map((update) => update.get(0, 0)), [-1, -2]);
  }
});

Deno.test("what is taken must be a matrix or a convolution kernel", () => {
  const link = matricesTo(scaleByLearningRate(1), { select: () => true });
  assertThrows(() => link.init(of("cube", [2, 2, 2])), TypeError, "only rank 2 or 4 can be orthogonalized");
});

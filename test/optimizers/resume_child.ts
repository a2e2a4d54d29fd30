/**
 * Half of an interrupted training, in a process of its own.
 *
 * `save <folder> <backend>` trains a model with every optimizer, saves it halfway and at the end; `resume`
 * loads what was saved halfway, trains to the end and prints what differs. In the second process nothing of
 * the first is left: neither classes, nor variables, nor their names' numbers.
 */
import * as tf from "@tensorflow/tfjs";
import { useBestBackend } from "refigure/tfjs";
import { OPTIMIZERS, saved, smallModel, train, weightsOf } from "./every_optimizer.ts";

const [mode, folder, backend] = Deno.args;
await useBestBackend({ verbose: false });
await tf.setBackend(backend);

const toBase64 = (data: tf.io.WeightData) => {
  const bytes = Array.isArray(data) ? data : [data];
  return btoa(
    bytes.map((part) => Array.from(new Uint8Array(part), (x) => String.fromCharCode(x)).join("")).join(""),
  );
};
const fromBase64 = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;

const wrong: string[] = [];
for (const [name, { make }] of Object.entries(OPTIMIZERS)) {
  const file = `${folder}/${name}.json`;
  if (mode === "save") {
    const model = smallModel(make());
    await train(model, [0, 1, 2]);
    const { weightData, ...artifacts } = await saved(model);
    await train(model, [3, 4, 5]);
    const half = { ...artifacts, weightData: toBase64(weightData!) };
    await Deno.writeTextFile(file, JSON.stringify({ half, end: weightsOf(model) }));
  } else {
    const { half, end } = JSON.parse(await Deno.readTextFile(file));
    const artifacts = { ...half, weightData: fromBase64(half.weightData) };
    const model = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
    await train(model, [3, 4, 5]);
    const off = weightsOf(model).flatMap((values, i) =>
      values.map((value, k) => Math.abs(value - end[i][k]))
    );
    const most = off.reduce((largest, value) => Math.max(largest, Number.isNaN(value) ? Infinity : value), 0);
    if (most !== 0) wrong.push(`${name} by ${most}`);
  }
}
console.log(JSON.stringify({ optimizers: Object.keys(OPTIMIZERS).length, wrong }));

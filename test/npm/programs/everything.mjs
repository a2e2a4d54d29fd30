/**
 * Node: imports every name of a list and evaluates its expression, in which `m` is what was imported. The list is a JSON
 * file; prints JSON.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { Matrix, Rng } from "refigure/arrays";
import { mnistTraining, stanfordBunny } from "refigure/datasets";

const results = {};
for (const [name, expression] of Object.entries(JSON.parse(readFileSync(process.argv[2], "utf8")))) {
  try {
    const m = await import(name);
    const run = Function("m", "Matrix", "Rng", `return (async () => ${expression})()`);
    results[name] = await run(m, Matrix, Rng);
  } catch (error) {
    results[name] = String(error?.stack ?? error);
  }
}
const { images, labels } = await mnistTraining();
const { triangles } = await stanfordBunny();
console.log(
  JSON.stringify({ results, mnist: [images.length, ...labels.subarray(0, 5)], bunny: triangles.length }),
);

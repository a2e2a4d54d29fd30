/**
 * Node: imports every name of a list and evaluates its expression, in which `m` is what was imported, and the other names
 * are those of test/portable/calls.ts. The list is a JSON file; prints JSON.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { Matrix, Rng } from "refigure/arrays";
import { mnistTraining, stanfordBunny } from "refigure/datasets";

// Written beside this program by the test; elsewhere it is not there.
const bits = await import(new URL("./bits.mjs", import.meta.url).href);
const known = { Matrix, Rng, ...bits };
const results = {};
for (const [name, expression] of Object.entries(JSON.parse(readFileSync(process.argv[2], "utf8")))) {
  try {
    const m = await import(name);
    const run = Function("m", ...Object.keys(known), `return (async () => ${expression})()`);
    results[name] = await run(m, ...Object.values(known));
  } catch (error) {
    results[name] = String(error?.stack ?? error);
  }
}
const { images, labels } = await mnistTraining();
const { triangles } = await stanfordBunny();
console.log(
  JSON.stringify({ results, mnist: [images.length, ...labels.subarray(0, 5)], bunny: triangles.length }),
);

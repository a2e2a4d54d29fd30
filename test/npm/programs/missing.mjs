/** Node, without the packages that only some functions need: prints what these functions throw. */
import { mnistTraining, stanfordBunny } from "refigure/datasets";
import { figure, renderSvg } from "refigure/figures";

const spec = figure({ mark: "point", data: { values: [{ x: 1 }] } });
const calls = { renderSvg: () => renderSvg(spec), mnistTraining, stanfordBunny };
const thrown = {};
for (const [name, call] of Object.entries(calls)) {
  try {
    await call();
  } catch (error) {
    thrown[name] = `${error.name}: ${error.message}`;
  }
}
console.log(JSON.stringify(thrown));

/** The page of a paper: draws its figure and runs it. */
import { showFigure } from "./figure.ts";
import { drawHere, runHere } from "./run.ts";

const $ = (id: string) => document.getElementById(id)!;
const { slug, spec } = JSON.parse($("paper").textContent!);
await showFigure($("figure"), spec);
let stop: AbortController | undefined;
$("run").onclick = async () => {
  if (stop !== undefined) return stop.abort();
  stop = new AbortController();
  $("run").textContent = "Stop";
  const run = await runHere(slug, {
    signal: stop.signal,
    onProgress: ({ fraction, done, total }) => {
      ($("bar") as HTMLProgressElement).value = fraction;
      $("status").textContent = `${done} of ${total} trials`;
    },
  });
  stop = undefined;
  $("run").textContent = "Run it here";
  const [drawn] = await drawHere(slug, run.rows);
  if ("spec" in drawn) await showFigure($("figure"), drawn.spec);
};

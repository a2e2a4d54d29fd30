/**
 * `deno task bench scaling [name ...]`: how times grow with sizes. What was measured is kept in docs/scaling.json, from
 * which docs/scaling.md and its figures are made.
 */
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { refuse, unknownOption } from "../../tools/command_line.ts";
import { machine, versions } from "../../tools/machine.ts";
import { type Budget, type Point, powerOf, timeCurve } from "./curve.ts";
import { groups } from "./curves.ts";
import { memoryPoints } from "./memory.ts";
import { groupFigure, type Measured, memoryFigure, page, workersFigure, writeFigure } from "./page.ts";
import { workersPoints } from "./workers.ts";

const BUDGET: Budget = { samples: 5, milliseconds: 300 };
const ROWS = [4096, 16384, 65536, 262144];

/** Measures all curves, or those that are named, and renews the page. */
export async function main(
  words: readonly string[],
  docs = new URL("../../docs/", import.meta.url),
): Promise<number> {
  const option = words.find((word) => word.startsWith("-"));
  if (option !== undefined) refuse(unknownOption(option, []));
  const ids = [...groups.map(({ id }) => id), "memory", "workers"];
  const stranger = words.find((word) => !ids.includes(word));
  if (stranger !== undefined) refuse(`No curves are called "${stranger}"; there are: ${ids.join(", ")}`);
  const wanted = (id: string) => words.length === 0 || words.includes(id);
  const kept = new URL("scaling.json", docs);
  const measured: Measured = words.length === 0
    ? { machine: machine(), versions: versions(), load: 0, points: [] }
    : JSON.parse(await Deno.readTextFile(kept));
  if (measured.machine !== machine()) {
    refuse(`docs/scaling.json is of another machine, ${measured.machine}: measure all curves`);
  }
  const add = (more: readonly Point[], unit: string) => {
    const names = new Set(more.map(({ curve }) => curve));
    measured.points = [...measured.points.filter(({ curve }) => !names.has(curve)), ...more];
    for (const { curve, size, value } of more) {
      console.log(
        `${curve.padEnd(32)} ${String(size).padStart(8)} ${value.toPrecision(3).padStart(10)} ${unit}`,
      );
    }
  };
  if (wanted("workers")) {
    measured.load = Deno.loadavg()[0];
    add(await workersPoints(), "trials/s");
  }
  if (wanted("memory")) add(await memoryPoints(ROWS), "MB");
  setBlasThreads(1);
  for (const { id, curves } of groups) {
    if (!wanted(id)) continue;
    for (const curve of curves) {
      const own = await timeCurve(curve, BUDGET);
      add(own, "ms");
      console.log(`  power of ${curve.axis}: ${powerOf(own).toFixed(2)} (operations: ${curve.power})`);
    }
  }
  await Deno.writeTextFile(kept, JSON.stringify(measured, null, 1) + "\n");
  const { points } = measured;
  for (const group of groups) await writeFigure(docs, group.id, groupFigure(group, points));
  await writeFigure(docs, "memory", memoryFigure(points));
  await writeFigure(docs, "workers", workersFigure(points));
  await Deno.writeTextFile(new URL("scaling.md", docs), page(measured));
  console.log("docs/scaling.md and its figures are written");
  return 0;
}

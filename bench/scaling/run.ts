/** `deno task bench scaling [name ...]`: how times grow with sizes; writes docs/scaling.md and its figures. */
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { refuse, unknownOption } from "../../tools/command_line.ts";
import { type Budget, type Point, powerOf, timeCurve } from "./curve.ts";
import { groups } from "./curves.ts";
import { memoryPoints } from "./memory.ts";
import { groupFigure, memoryFigure, page, workersFigure, writeFigure } from "./page.ts";
import { workersPoints } from "./workers.ts";

const BUDGET: Budget = { samples: 5, milliseconds: 300 };
const ROWS = [4096, 16384, 65536, 262144];

/** Measures what is named, prints it, and writes the page if everything was measured. */
export async function main(
  words: readonly string[],
  out = new URL("../../docs/", import.meta.url),
): Promise<number> {
  const option = words.find((word) => word.startsWith("-"));
  if (option !== undefined) refuse(unknownOption(option, []));
  const wanted = (id: string) => words.length === 0 || words.includes(id);
  const ids = [...groups.map(({ id }) => id), "memory", "workers"];
  const stranger = words.find((word) => !ids.includes(word));
  if (stranger !== undefined) refuse(`No curves are called "${stranger}"; there are: ${ids.join(", ")}`);
  const load = Deno.loadavg()[0];
  const points: Point[] = [];
  const add = (more: readonly Point[], unit: string) => {
    points.push(...more);
    for (const { curve, size, value } of more) {
      console.log(
        `${curve.padEnd(32)} ${String(size).padStart(8)} ${value.toPrecision(3).padStart(10)} ${unit}`,
      );
    }
  };
  if (wanted("workers")) add(await workersPoints(), "trials/s");
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
  if (words.length > 0) return 0;
  for (const group of groups) await writeFigure(out, group.id, groupFigure(group, points));
  await writeFigure(out, "memory", memoryFigure(points));
  await writeFigure(out, "workers", workersFigure(points));
  const text = page(points, { cores: navigator.hardwareConcurrency, load });
  await Deno.writeTextFile(new URL("scaling.md", out), text);
  console.log("docs/scaling.md and its figures are written");
  return 0;
}

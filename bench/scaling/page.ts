/** Figures and page of the scaling curves. */
import {
  colorBy,
  figure,
  type FigureSpec,
  legendAt,
  linearAxis,
  lines,
  logAxis,
  panels,
  points as dots,
  renderSvg,
  theoryLine,
} from "../../lib/figures/mod.ts";
import { type Point, powerOf } from "./curve.ts";
import { type Group, groups } from "./curves.ts";
import { DIMENSION, methods } from "./memory.ts";
import { DASK, LOCAL } from "./workers.ts";

/** What was measured, and on what. */
export interface Measured {
  machine: string;
  versions: string;
  /** Processes that wanted to compute when the trials per second were measured. */
  load: number;
  points: Point[];
}

/** Milliseconds against size, on logarithmic axes, a panel per axis. */
export function groupFigure({ title, subtitle, axes, curves }: Group, points: readonly Point[]): FigureSpec {
  const names = curves.map(({ name }) => name);
  const views = Object.entries(axes).map(([axis, text]) => {
    const own = curves.filter((curve) => curve.axis === axis);
    const rows = own.flatMap(({ name }) => points.filter(({ curve }) => curve === name));
    return {
      encoding: {
        x: logAxis("size", text, { nice: false }),
        y: logAxis("value", "Milliseconds"),
        color: colorBy("curve", null, names),
      },
      layer: [
        lines(rows, { x: "size", y: "value" }),
        dots(rows, { x: "size", y: "value" }),
        // Through the largest size.
        theoryLine(
          own.flatMap(({ name, power }) => lawThrough(rows.filter(({ curve }) => curve === name), power)),
          {
            x: "size",
            y: "value",
            series: "curve",
          },
        ),
      ],
    };
  });
  const body = views.length === 1 ? views[0] : panels(views, { columns: 2 });
  return figure({ title: { text: title, subtitle }, ...body, config: legendAt("bottom") });
}

/** The line of a power through the last point. */
function lawThrough(own: readonly Point[], power: number): Point[] {
  const last = own.at(-1)!;
  return own.map(({ curve, size }) => ({ curve, size, value: last.value * (size / last.size) ** power }));
}

/** Memory of streams. */
export function memoryFigure(all: readonly Point[]): FigureSpec {
  const points = all.filter(({ curve }) => methods.includes(curve));
  return figure({
    title: {
      text: "A stream's memory does not grow with its length",
      subtitle:
        `Growth of the process while it takes in rows of ${DIMENSION} numbers; dashed: 8 bytes per number`,
    },
    encoding: {
      x: logAxis("size", "Rows"),
      y: logAxis("value", "Megabytes"),
      color: colorBy("curve", null, [...methods]),
    },
    layer: [
      lines(points, { x: "size", y: "value" }),
      dots(points, { x: "size", y: "value" }),
      theoryLine((rows) => 8 * DIMENSION * rows / 1e6, {
        x: "size",
        y: "value",
        domain: [Math.min(...points.map(({ size }) => size)), Math.max(...points.map(({ size }) => size))],
        spacing: "log",
      }),
    ],
    config: legendAt("bottom"),
  });
}

/** Trials per second against workers. */
export function workersFigure(all: readonly Point[]): FigureSpec {
  const points = all.filter(({ curve }) => [LOCAL, DASK].includes(curve));
  const cores = navigator.hardwareConcurrency;
  const one = points.find(({ curve, size }) => curve === LOCAL && size === 1)!.value;
  const numbers = [...new Set(points.map(({ size }) => size))];
  return figure({
    title: {
      text: "Trials per second against the number of workers",
      subtitle:
        `Trials of pure work on ${cores} cores; dashed: as many times one worker as there are workers or cores`,
    },
    encoding: {
      x: linearAxis("size", "Workers", { values: numbers }),
      y: linearAxis("value", "Trials per second", { zero: true }),
      color: colorBy("curve", null, [LOCAL, DASK]),
    },
    layer: [
      lines(points, { x: "size", y: "value" }),
      dots(points, { x: "size", y: "value" }),
      theoryLine(numbers.map((size) => ({ size, value: one * Math.min(size, cores) })), {
        x: "size",
        y: "value",
      }),
    ],
    config: legendAt("bottom"),
  });
}

/** Writes a figure into the folder of images. */
export async function writeFigure(docs: URL, id: string, spec: FigureSpec): Promise<void> {
  await Deno.writeTextFile(new URL(`images/scaling-${id}.svg`, docs), await renderSvg(spec));
}

/** The page. */
export function page({ machine, versions, load, points }: Measured): string {
  const of = (name: string) => points.filter(({ curve }) => curve === name);
  const number = (value: number) => Number(value.toPrecision(3)).toString();
  const curveRows = groups.flatMap(({ curves }) => curves).map(({ name, axis, power }) => {
    const own = of(name);
    const [first, last] = [own[0], own.at(-1)!];
    return `| ${name} | ${axis} = ${first.size} to ${last.size} | ${number(first.value)} | ${
      number(last.value)
    } | ${powerOf(own).toFixed(2)} | ${power} |`;
  });
  const table = (names: readonly string[]) => {
    const sizes = [...new Set(names.flatMap((name) => of(name).map(({ size }) => size)))];
    return [
      `|  | ${sizes.join(" | ")} |`,
      `| --- |${" --- |".repeat(sizes.length)}`,
      ...names.filter((name) => of(name).length > 0).map((name) =>
        `| ${name} | ${
          sizes.map((size) => {
            const point = of(name).find((one) => one.size === size);
            return point === undefined ? "" : number(point.value);
          }).join(" | ")
        } |`
      ),
    ].join("\n");
  };
  const image = (id: string, text: string) => `![${text}](images/scaling-${id}.svg)`;
  return `# How costs grow

Made by \`deno task bench scaling\`, which also draws the figures: do not edit this page. ${machine}; ${versions}. Times are
the processor times of the fastest of at least five calls, on one thread.

| curve | sizes | first, ms | last, ms | measured power | power of the operations |
| --- | --- | --- | --- | --- | --- |
${curveRows.join("\n")}

The measured power is the slope of log time on log size over the upper half of the sizes. Small sizes cost more than
their share of operations: a call has a price, and small matrices do not fill the processor.

${groups.map(({ id, title }) => image(id, title)).join("\n\n")}

## Memory of streams

Megabytes by which a process grows while it takes in rows of ${DIMENSION} numbers, against their number; a process of its
own for each point. What does not grow with the rows is the heap of the engine, which collects the rows now and then.

${table(methods)}

${image("memory", "A stream's memory does not grow with its length")}

## Trials per second

Trials that are nothing but work, against the number of workers: of \`reproduce --workers\`, and of a Dask cluster on the
same machine. Counted from the end of the second trial of each worker, so that the start is left out. Other programs that
wanted to compute meanwhile: ${
    load.toFixed(1)
  } in the mean of a minute. With more than one, these are the rates of a busy
machine: other programs take their share of the cores, and more workers get more of it.

${table([LOCAL, DASK])}

${image("workers", "Trials per second against the number of workers")}
`;
}

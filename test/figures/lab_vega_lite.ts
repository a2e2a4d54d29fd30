/** The same figure, drawn by our vega-lite and by the one that JupyterLab brings. */
import * as vega from "vega";
import * as ours from "vega-lite";
import * as labs from "vega-lite-of-jupyterlab";
import { type FigureSpec, textWidth } from "refigure/figures";

/** The version of vega-lite in the JupyterLab of `.venv`, as its own lock file has it. */
export function versionInJupyterLab(): string {
  const python = new URL("../../.venv/lib/", import.meta.url);
  for (const { name } of Deno.readDirSync(python)) {
    if (!name.startsWith("python")) continue;
    const lock = new URL(`${name}/site-packages/jupyterlab/staging/yarn.lock`, python);
    const [, version] = /"vega-lite@npm:[^"]*":\s*version: (\S+)/.exec(Deno.readTextFileSync(lock)) ?? [];
    if (version !== undefined) return version;
  }
  throw new Error(`No JupyterLab under ${python.pathname}`);
}

/** The version that the comparison is made with. */
export const comparedVersion: string = labs.version;

/** A mark with what is seen of its items. */
export interface Drawn {
  /** Kind of mark and what it is for: `line (mark)`, `text (axis-label)`. */
  kind: string;
  items: Record<string, number | string>[];
}

/** What is seen of an item; numbers to a tenth of a pixel. */
const channels = [
  "x",
  "y",
  "x2",
  "y2",
  "width",
  "height",
  "size",
  "fill",
  "stroke",
  "opacity",
  "fillOpacity",
  "strokeOpacity",
  "strokeWidth",
  "strokeDash",
  "shape",
  "text",
  "align",
  "baseline",
  "dx",
  "dy",
  "angle",
  "fontSize",
  "defined",
] as const;

/** Where the two drawings differ, one line each; none if they look the same. */
export async function labDifferences(spec: FigureSpec): Promise<string[]> {
  const [mine, theirs] = await Promise.all([draw(ours.compile, spec), draw(labs.compile, spec)]);
  const lines = theirs.complaints.map((text) => `JupyterLab warns: ${text}`);
  if (mine.marks.length !== theirs.marks.length) {
    const kinds = ({ marks }: { marks: Drawn[] }) => marks.map(({ kind }) => kind).join(", ");
    return [...lines, `other marks: ours ${kinds(mine)}; JupyterLab's ${kinds(theirs)}`];
  }
  mine.marks.forEach((mark, i) => {
    const other = theirs.marks[i];
    const where = `mark ${i}, ${mark.kind}`;
    if (mark.kind !== other.kind) lines.push(`${where}: in JupyterLab ${other.kind}`);
    else if (mark.items.length !== other.items.length) {
      lines.push(`${where}: ${mark.items.length} items, in JupyterLab ${other.items.length}`);
    } else {
      // A line or an area can be drawn from either end; a closed one begins where it ends.
      const isReversed = /^(line|area)/.test(mark.kind) && mark.items.length > 1 &&
        isSame(mark.items[0], other.items[other.items.length - 1]) &&
        !mark.items.every((item, k) => isSame(item, other.items[k]));
      const items = isReversed ? other.items.toReversed() : other.items;
      const at = mark.items.findIndex((item, k) => !isSame(item, items[k]));
      if (at >= 0) {
        const [own, lab] = [mark.items[at], items[at]];
        const names = channels.filter((name) => !isClose(own[name], lab[name]));
        lines.push(
          `${where}, item ${at}: ` +
            names.map((name) => `${name} ${own[name]}, in JupyterLab ${lab[name]}`).join("; "),
        );
      }
    }
  });
  return lines;
}

type Item = Drawn["items"][number];

function isSame(a: Item, b: Item): boolean {
  return channels.every((name) => isClose(a[name], b[name]));
}

/** Ticks between the bands of a scale are rounded to the pixel in other ways. */
function isClose(a: number | string | undefined, b: number | string | undefined): boolean {
  return a === b || (typeof a === "number" && typeof b === "number" && Math.abs(a - b) <= 1.01);
}

/** What is seen of a figure, and the warnings of vega. */
export async function draw(
  compile: unknown,
  spec: FigureSpec,
): Promise<{ marks: Drawn[]; complaints: string[] }> {
  // deno-lint-ignore no-explicit-any
  (vega as any).textMetrics.width = ({ fontSize = 11 }, text: unknown) =>
    textWidth(String(text ?? ""), fontSize);
  const complaints: string[] = [];
  const complain = (...words: readonly unknown[]) => {
    const text = words.map(String).join(" ");
    if (!/^Infinite extent|^Can not resolve event source/.test(text)) complaints.push(text);
    return logger;
  };
  // deno-lint-ignore no-explicit-any
  const logger: any = {
    level: () => 2,
    error: complain,
    warn: complain,
    info: () => logger,
    debug: () => logger,
  };
  const compiled = (compile as typeof ours.compile)(spec, { logger }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "none", logger });
  try {
    await view.runAsync();
    const marks: Drawn[] = [];
    // deno-lint-ignore no-explicit-any
    visit((view.scenegraph() as any).root, marks);
    return { marks, complaints };
  } finally {
    view.finalize();
  }
}

// deno-lint-ignore no-explicit-any
function visit(mark: any, found: Drawn[]): void {
  const items: Drawn["items"] = [];
  found.push({ kind: `${mark.marktype} (${mark.role})`, items });
  for (const item of mark.items ?? []) {
    const seen = channels.flatMap((name) => {
      const value = item[name];
      if (value === undefined || value === null || (name === "opacity" && value === 1)) return [];
      if (name === "defined" && value === true) return [];
      return [[name, typeof value === "number" ? Math.round(10 * value) / 10 : String(value)]];
    });
    items.push(Object.fromEntries(seen));
    for (const child of item.items ?? []) visit(child, found);
  }
}

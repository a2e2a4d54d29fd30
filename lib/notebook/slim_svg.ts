import { escapeHtml } from "./display.ts";

/** Text that a browser inherits from a group to the shapes in it. */
const inherited = [
  "fill",
  "fill-opacity",
  "font-size",
  "font-style",
  "font-weight",
  "stroke",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "stroke-opacity",
  "stroke-width",
  "text-anchor",
];

const shape = String.raw`<(?:path|line|circle)\b[^<>]*\/>`;
const text = String.raw`<text\b[^<>]*>(?:[^<]|<tspan\b[^<>]*>[^<]*<\/tspan>)*<\/text>`;
const flatGroup = new RegExp(String.raw`<g\b([^<>]*)>((?:${shape}|${text})+)<\/g>`, "g");
const item = new RegExp(`${shape}|${text}`, "g");

/**
 * The same picture in less text, for storing: one text alternative for the whole instead of a label for each
 * mark, properties written once for each group, points as circles, and lines on a fine grid without the
 * points that move them by less than its spacing.
 *
 * It knows the SVG that vega writes and leaves everything else as it is.
 *
 * @param svg What vega wrote.
 * @param caption The text alternative.
 * @param perPixel Lines of the grid for each pixel.
 */
export function slimSvg(svg: string, caption: string, perPixel = 10): string {
  const bare = svg
    // Fills and outlines of views that have neither.
    .replace(
      /<path class="(?:background|foreground)" aria-hidden="true" d="[^"]*"(?: display="none")?\/>/g,
      "",
    )
    .replace(/ (?:aria-[a-z]+|role|class)="[^"]*"/g, "")
    .replace(/<text\b[^<>]*\/>/g, "")
    .replace(/ transform="translate\(0,0\)"/g, "")
    .replace("<svg", () => `<svg role="img" aria-label="${escapeHtml(caption)}"`)
    .replace(/<path\b[^<>]*\/>/g, (path) => slimPath(path, perPixel))
    .replace(flatGroup, (_, attributes: string, content: string) => slimGroup(attributes, content));
  return withoutBareGroups(bare);
}

/** Without groups that have no attributes and hold one element. */
function withoutBareGroups(svg: string): string {
  let before: string;
  do {
    before = svg;
    svg = svg.replace(/<g>(<(\w+)\b[^<>]*(?:\/>|>[^<]*<\/\2>))<\/g>/g, "$1").replace(/<g\b[^<>]*><\/g>/g, "")
      .replace(/<g><g\b([^<>]*)>((?:(?!<\/?g\b)[^])*)<\/g><\/g>/g, "<g$1>$2</g>");
  } while (svg !== before);
  return svg;
}

/** A path with shorter data, or a circle. */
function slimPath(path: string, perPixel: number): string {
  const d = attribute(path, "d");
  if (d === undefined) return path;
  const circle = /^M([\d.]+),0A\1,\1,0,1,1,-\1,0A\1,\1,0,1,1,\1,0$/.exec(d);
  const place = /^translate\((-?[\d.]+),(-?[\d.]+)\)$/.exec(attribute(path, "transform") ?? "");
  if (circle !== null && place !== null) {
    return path.replace("<path", "<circle").replace(
      / transform="[^"]*"/,
      ` cx="${place[1]}" cy="${place[2]}"`,
    )
      .replace(/ d="[^"]*"/, ` r="${Number(circle[1]).toFixed(1).replace(/\.0$/, "")}"`);
  }
  return /^(?:M[^A-Za-z]+(?:L[^A-Za-z]+)+Z?)+$/.test(d)
    ? path.replace(/ d="[^"]*"/, ` d="${slimLines(d, perPixel)}"`)
    : path;
}

/** Straight lines on the grid, relative to the point before. */
function slimLines(d: string, perPixel: number): string {
  const pixels = (steps: number) => String(steps / perPixel).replace(/^(-?)0\./, "$1.");
  return (d.match(/M[^M]+/g) ?? []).map((part) => {
    const numbers = part.match(/-?[\d.]+(?:e-?\d+)?/g)!.map((number) =>
      Math.round(perPixel * Number(number))
    );
    const points: Point[] = [];
    for (let i = 0; i + 1 < numbers.length; i += 2) points.push([numbers[i], numbers[i + 1]]);
    const kept = thinned(points);
    let [x, y] = kept[0];
    let out = `M${pixels(x)},${pixels(y)}l`;
    for (const [nextX, nextY] of kept.slice(1)) {
      const [dx, dy] = [pixels(nextX - x), pixels(nextY - y)];
      out += `${out.endsWith("l") || dx.startsWith("-") ? "" : " "}${dx}${
        dy.startsWith("-") ? "" : " "
      }${dy}`;
      [x, y] = [nextX, nextY];
    }
    return (kept.length === 1 ? `${out}0 0` : out) + (part.endsWith("Z") ? "Z" : "");
  }).join("");
}

type Point = [number, number];

/**
 * Douglas and Peucker's thinning: no point is left out that is more than one step of the grid from the line.
 */
function thinned(points: Point[]): Point[] {
  const keep = new Uint8Array(points.length);
  keep[0] = keep[points.length - 1] = 1;
  const parts: [number, number][] = [[0, points.length - 1]];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const [from, to] = part;
    let farthest = -1;
    let distance = 1;
    for (let i = from + 1; i < to; i++) {
      const d = distanceToSegment(points[i], points[from], points[to]);
      if (d > distance) [farthest, distance] = [i, d];
    }
    if (farthest < 0) continue;
    keep[farthest] = 1;
    parts.push([from, farthest], [farthest, to]);
  }
  return points.filter((_, i) => keep[i] === 1);
}

function distanceToSegment([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const square = dx * dx + dy * dy;
  const share = square === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / square));
  return Math.hypot(x - ax - share * dx, y - ay - share * dy);
}

/** A group of shapes or texts: properties that all of them have move to the group. */
function slimGroup(attributes: string, content: string): string {
  let items: string[] = content.match(item)!;
  for (const name of inherited) {
    if (attribute(`<g${attributes}>`, name) !== undefined) continue;
    const values = items.map((one) => attribute(one, name));
    if (values.includes(undefined)) continue;
    const [common, count] = mostFrequent(values as string[]);
    if (count < 2) continue;
    attributes += ` ${name}="${common}"`;
    items = items.map((one) =>
      attribute(one, name) === common ? one.replace(` ${name}="${common}"`, "") : one
    );
  }
  const lines = items.map((one) =>
    /^<line(?: transform="translate\((-?[\d.]+),(-?[\d.]+)\)")? x2="(-?[\d.]+)" y2="(-?[\d.]+)"\/>$/.exec(one)
  );
  const body = lines.length > 1 && lines.every((line) => line !== null)
    ? `<path d="${
      lines.map((line) => `M${line![1] ?? 0},${line![2] ?? 0}l${line![3]},${line![4]}`).join("")
    }"/>`
    : items.join("");
  return `<g${attributes}>${body}</g>`;
}

function mostFrequent(values: readonly string[]): [string, number] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, one) => one[1] > best[1] ? one : best);
}

/** The value of an attribute of the first tag. */
function attribute(tag: string, name: string): string | undefined {
  const [opening] = tag.split(">", 1);
  return new RegExp(` ${name}="([^"]*)"`).exec(opening)?.[1];
}

import { nearest } from "../arrays/nearest.ts";

const marks = [
  "arc",
  "area",
  "bar",
  "boxplot",
  "circle",
  "errorband",
  "errorbar",
  "geoshape",
  "image",
  "line",
  "point",
  "rect",
  "rule",
  "square",
  "text",
  "tick",
  "trail",
];
const lists = ["layer", "concat", "hconcat", "vconcat"] as const;

/**
 * Throws unless `spec` has the form of a vega-lite figure: views with a known mark, and data that JSON can
 * hold. vega-lite itself fails on other input with errors of its internals.
 *
 * @param name The argument as the caller wrote it.
 * @throws {TypeError} naming the place in the spec, what was given and what is allowed.
 */
export function requireFigure(name: string, spec: unknown): void {
  requireView(name, spec);
  const path = notJson(spec, name);
  if (path !== undefined) throw new TypeError(path);
}

function requireView(path: string, view: unknown): void {
  if (typeof view !== "object" || view === null || Array.isArray(view)) {
    const given = Array.isArray(view) ? "a list" : view === null ? "null" : typeof view;
    throw new TypeError(`\`${path}\` must be a vega-lite spec, got ${given}`);
  }
  const spec = view as Record<string, unknown>;
  const parts = lists.filter((key) => key in spec);
  if ("mark" in spec) return requireMark(`${path}.mark`, spec.mark);
  if ("spec" in spec) return requireView(`${path}.spec`, spec.spec);
  if (parts.length === 0) {
    throw new TypeError(
      `\`${path}\` must have a mark, or views in ${lists.join(", ")} or spec; it has ${
        Object.keys(spec).join(", ") || "nothing"
      }`,
    );
  }
  for (const key of parts) {
    const views = spec[key];
    if (!Array.isArray(views)) throw new TypeError(`\`${path}.${key}\` must be a list of views`);
    views.forEach((item, i) => requireView(`${path}.${key}[${i}]`, item));
  }
}

function requireMark(path: string, mark: unknown): void {
  const type = typeof mark === "object" && mark !== null && "type" in mark ? mark.type : mark;
  if (typeof type === "string" && marks.includes(type)) return;
  const given = typeof type === "string"
    ? `"${type}"${nearest(type, marks)}`
    : JSON.stringify(mark) ?? "undefined";
  throw new TypeError(
    `\`${path}\` must be a mark of vega-lite, got ${given}; there are: ${marks.join(", ")}`,
  );
}

/** A sentence about the first value that JSON cannot hold, or undefined. */
function notJson(value: unknown, path: string): string | undefined {
  if (typeof value === "bigint" || typeof value === "function" || typeof value === "symbol") {
    return `\`${path}\` must be a value that JSON can hold, got a ${typeof value}`;
  }
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const found = notJson(item, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

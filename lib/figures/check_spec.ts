/** Notebooks are not type-checked: what vega-lite would stumble over deep inside is refused with a sentence. */
import { describeValue } from "../arrays/check.ts";
import { nearest } from "../arrays/nearest.ts";
import type { Layer } from "./spec.ts";
import { rowsOf, type Unit, units } from "./views.ts";

// deno-fmt-ignore
const MARKS = [
  "arc", "area", "bar", "boxplot", "circle", "errorband", "errorbar", "geoshape", "image", "line", "point", "rect",
  "rule", "square", "text", "tick", "trail",
];
// deno-fmt-ignore
const CHANNELS = [
  "x", "y", "x2", "y2", "xOffset", "yOffset", "xError", "yError", "xError2", "yError2", "theta", "theta2", "radius",
  "radius2", "longitude", "latitude", "longitude2", "latitude2", "color", "fill", "stroke", "opacity", "fillOpacity",
  "strokeOpacity", "strokeWidth", "strokeDash", "size", "angle", "shape", "text", "href", "url", "tooltip",
  "description", "detail", "key", "order", "row", "column", "facet", "time",
];
const TYPES = ["quantitative", "temporal", "ordinal", "nominal", "geojson"];
const CONTENTS = ["mark", "layer", "hconcat", "vconcat", "concat", "facet", "repeat", "spec"];

/**
 * Throws unless a spec has marks, channels and types that vega-lite knows.
 *
 * @throws {TypeError} naming the place, what was given and what is allowed.
 */
export function checkSpec(spec: unknown): void {
  if (!isPlain(spec)) {
    throw new TypeError(`\`spec\` must be a vega-lite spec, got ${describeValue(spec)}`);
  }
  checkView(spec as Layer, "spec");
  for (const unit of units(spec as Layer)) checkFields(unit);
}

function checkView(view: Layer, place: string): void {
  const at = (name: string) => `${place}.${name}`;
  if (!CONTENTS.some((name) => view[name] !== undefined)) {
    throw new TypeError(
      `\`${place}\` must have a mark, or views in layer, hconcat, vconcat, concat or spec; it has ` +
        (Object.keys(view).join(", ") || "nothing"),
    );
  }
  if (view.mark !== undefined) {
    const isDefinition = typeof view.mark === "object" && view.mark !== null;
    const type = isDefinition ? (view.mark as { type: unknown }).type : view.mark;
    known(at("mark"), "a mark", type, MARKS);
  }
  checkTitle(view.title, at("title"));
  checkData(view.data, at("data"));
  const { encoding = {} } = view;
  if (!isPlain(encoding)) {
    throw new TypeError(
      `\`${at("encoding")}\` must be an object of channels, got ${describeValue(encoding)}`,
    );
  }
  for (const [name, channel] of Object.entries(encoding)) {
    known(at("encoding"), "channels", name, CHANNELS);
    for (const each of [channel].flat()) {
      if (each === null || each === undefined) continue;
      if (!isObject(each)) {
        throw new TypeError(
          `\`${at(`encoding.${name}`)}\` must be an object such as { field: "loss" }, got ${
            describeValue(each)
          }`,
        );
      }
      if ("type" in each && each.type !== undefined) {
        known(at(`encoding.${name}.type`), "a type", each.type, TYPES);
      }
    }
  }
  for (const name of ["layer", "hconcat", "vconcat", "concat"]) {
    if (view[name] === undefined) continue;
    if (!Array.isArray(view[name])) {
      throw new TypeError(`\`${at(name)}\` must be a list of views, got ${describeValue(view[name])}`);
    }
    (view[name] as unknown[]).forEach((child, i) => {
      const where = at(`${name}[${i}]`);
      if (!isObject(child)) throw new TypeError(`\`${where}\` must be a view, got ${describeValue(child)}`);
      checkView(child as Layer, where);
    });
  }
  if (view.spec !== undefined && isObject(view.spec)) checkView(view.spec as Layer, at("spec"));
}

/** A title is a text, lines of text, or an object with them; a text can be a vega expression. */
function checkTitle(title: unknown, place: string): void {
  if (title === undefined) return;
  const isText = (text: unknown) =>
    typeof text === "string" || Array.isArray(text) && text.every((line) => typeof line === "string") ||
    isPlain(text) && ("expr" in text || "signal" in text);
  if (isText(title)) return;
  const parts: Record<string, unknown> = isPlain(title) ? title : {};
  if (!isText(parts.text)) {
    throw new TypeError(
      `\`${place}\` must be a string, a list of strings, or an object with \`text\`, got ${
        describeValue(title)
      }`,
    );
  }
  if (parts.subtitle !== undefined && !isText(parts.subtitle)) {
    throw new TypeError(
      `\`${place}.subtitle\` must be a string or a list of strings, got ${describeValue(parts.subtitle)}`,
    );
  }
}

function checkData(data: unknown, place: string): void {
  if (data === undefined) return;
  if (!isPlain(data)) {
    throw new TypeError(
      `\`${place}\` must be an object such as { values: rows }, got ${describeValue(data)}`,
    );
  }
  const { values, format } = data;
  // A text or an object is read in the format that is given with it, as comma-separated values or topology.
  if (values === undefined || Array.isArray(values) || format !== undefined) return;
  throw new TypeError(`\`${place}.values\` must be a list of rows, got ${describeValue(values)}`);
}

/** A field that no row has draws nothing: a name with a wrong letter, mostly. */
function checkFields(unit: Unit): void {
  const rows = rowsOf(unit);
  if (rows === undefined || rows.length === 0 || unit.isTransformed) return;
  if (!rows.every(isObject)) return;
  const own = unit.view.encoding ?? {};
  for (const name of ["x", "y", "x2", "y2"]) {
    const field = unit.encoding[name]?.field;
    // Of an inherited channel a layer may have no rows: an `x` that is the same for all lines, say.
    if (typeof field !== "string" || !(name in own) || /[.[\]\\]/.test(field)) continue;
    const place = unit.place === "" ? "spec." : `spec.${unit.place}.`;
    if (rows.some((row) => field in row)) {
      const isNumber = unit.encoding[name].type === "quantitative";
      if (!isNumber || rows.some((row) => isFiniteNumber(row[field]))) continue;
      throw new RangeError(`\`${place}encoding.${name}.field\`: no row has a finite number in "${field}"`);
    }
    throw new TypeError(
      `\`${place}encoding.${name}.field\`: no row has a field "${field}"; the first row has ` +
        Object.keys(rows[0]).join(", "),
    );
  }
}

/** Throws unless vega-lite knows the name. */
function known(place: string, what: string, given: unknown, allowed: readonly string[]): void {
  if (typeof given === "string" && allowed.includes(given)) return;
  const close = typeof given === "string" ? nearest(given, allowed) : "";
  throw new TypeError(
    `\`${place}\` must be ${what} of vega-lite, got ${describeValue(given)}${close}; there are: ${
      allowed.join(", ")
    }`,
  );
}

/** A text such as "0.5" counts: vega-lite reads it as a number. */
function isFiniteNumber(value: unknown): boolean {
  return value !== null && value !== undefined && value !== "" && Number.isFinite(Number(value));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object that is not of a class. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return isObject(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

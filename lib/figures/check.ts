/** Checks that the marks share: rows, names of fields, texts and sizes. */
import {
  describeValue,
  type NumberRange,
  requireBoolean,
  requireNumber,
  requireString,
} from "../arrays/check.ts";

/** Throws unless `rows` is a list of plain objects. */
export function requireRows(name: string, rows: readonly object[]): void {
  if (!Array.isArray(rows)) {
    throw new TypeError(`\`${name}\` must be a list of rows, got ${describeValue(rows)}`);
  }
  rows.forEach((row, i) => {
    if (typeof row !== "object" || row === null || Array.isArray(row) || ArrayBuffer.isView(row)) {
      throw new TypeError(`\`${name}[${i}]\` must be a row, an object of fields, got ${describeValue(row)}`);
    }
  });
}

/** Throws unless each option that is given names a field that some row has. */
export function requireFields(
  rows: readonly object[],
  fields: Readonly<Record<string, string | undefined>>,
): void {
  for (const [name, field] of Object.entries(fields)) {
    if (field === undefined) continue;
    requireString(name, field);
    if (rows.length > 0 && !rows.some((row) => field in row)) {
      throw new RangeError(
        `\`${name}\` must be a field of the rows, got "${field}"; the first row has ${
          Object.keys(rows[0]).join(", ")
        }`,
      );
    }
  }
}

/** Throws unless each of the options that is given is a text. */
export function requireStrings(texts: Readonly<Record<string, string | undefined>>): void {
  for (const [name, text] of Object.entries(texts)) {
    if (text !== undefined) requireString(name, text);
  }
}

/** Throws unless a list of texts, or a single one. */
export function requireLines(name: string, text: string | readonly string[]): void {
  if (typeof text === "string") return;
  if (!Array.isArray(text) || text.some((line) => typeof line !== "string")) {
    throw new TypeError(`\`${name}\` must be a string or a list of strings, got ${describeValue(text)}`);
  }
}

/** Throws unless a list of texts. */
export function requireTexts(name: string, texts: readonly string[]): void {
  if (!Array.isArray(texts)) {
    throw new TypeError(`\`${name}\` must be a list of strings, got ${describeValue(texts)}`);
  }
  texts.forEach((text, i) => requireString(`${name}[${i}]`, text));
}

/** Throws unless a list of finite numbers. */
export function requireNumberList(name: string, values: readonly number[], range: NumberRange = {}): void {
  if (!Array.isArray(values)) {
    throw new TypeError(`\`${name}\` must be a list of numbers, got ${describeValue(values)}`);
  }
  values.forEach((value, i) => requireNumber(`${name}[${i}]`, value, range));
}

/** Throws unless the two ends of an axis, which differ. */
export function requireDomain(
  name: string,
  domain: readonly [number, number],
  range: NumberRange = {},
): void {
  requireNumberList(name, domain, range);
  if (domain.length !== 2 || domain[0] === domain[1]) {
    throw new RangeError(`\`${name}\` must be two different numbers, got [${domain}]`);
  }
}

/** Throws unless each of the options that is given is a number in the range. */
export function requireSizes(sizes: Readonly<Record<string, number | undefined>>, range: NumberRange): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (size !== undefined) requireNumber(name, size, range);
  }
}

/** Throws unless each of the options that is given is true or false. */
export function requireBooleans(flags: Readonly<Record<string, boolean | undefined>>): void {
  for (const [name, flag] of Object.entries(flags)) {
    if (flag !== undefined) requireBoolean(name, flag);
  }
}

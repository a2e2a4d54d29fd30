/**
 * Checks of arguments. Every message names the argument, what was given and what is allowed. A value of the
 * wrong type, an unknown option and an unknown name are a `TypeError`; a wrong size or range is a `RangeError`.
 *
 * The checks of a class are beside the class: `requireMatrix`, `requireComplexMatrix`, `requireRng`.
 */
import { nearest } from "./nearest.ts";

/**
 * A few words for a value in an error message: `null`, `"text"`, `NaN`, `an Array of length 3`, `a Matrix`.
 *
 * @example
 * ```ts
 * import { describeValue, Matrix } from "refigure/arrays";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(describeValue(undefined), "undefined");
 * assertEquals(describeValue([1, 2, 3]), "an Array of length 3");
 * assertEquals(describeValue(Matrix.zeros(2, 3)), "a Matrix");
 * ```
 */
export function describeValue(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  }
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  const className = value.constructor?.name || "Object";
  if (className === "Object") return "an object";
  const length = Array.isArray(value) || ArrayBuffer.isView(value) && "length" in value
    ? ` of length ${value.length}`
    : "";
  return `${withArticle(className)}${length}`;
}

/** A class name with "a" or "an". */
function withArticle(className: string): string {
  return `${/^([AEIO]|Rng|[FLMNRSX][A-Z0-9])/.test(className) ? "an" : "a"} ${className}`;
}

/** Options for {@linkcode requireInteger}. */
export interface IntegerRange {
  /** Smallest value allowed. Default 0. */
  min?: number;
  /** Largest value allowed. Default `Number.MAX_SAFE_INTEGER`. */
  max?: number;
}

/**
 * Returns `value` if it is an integer in a range.
 *
 * @param name The argument as the caller wrote it.
 * @param value What was given.
 * @param range What is allowed.
 * @returns `value`.
 * @throws {TypeError} if `value` is not a number.
 * @throws {RangeError} if it is not an integer or outside of the range.
 *
 * @example
 * ```ts
 * import { requireInteger } from "refigure/arrays";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(requireInteger("rank", 3, { min: 1 }), 3);
 * assertThrows(() => requireInteger("rank", 2.5), RangeError, "`rank` must be an integer of at least 0, got 2.5");
 * ```
 */
export function requireInteger(name: string, value: number, range: IntegerRange = {}): number {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = range;
  if (!Number.isInteger(value) || value < min || value > max) {
    const allowed = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    const above = typeof value === "number" && value > max && max === Number.MAX_SAFE_INTEGER
      ? " and at most 2^53 - 1"
      : "";
    throw wrong(value, "number", `\`${name}\` must be an integer ${allowed}${above}`);
  }
  return value;
}

/** Options for {@linkcode requireNumber}; `above` and `below` are exclusive, `min` and `max` inclusive. */
export interface NumberRange {
  /** Smallest value allowed. */
  min?: number;
  /** Largest value allowed. */
  max?: number;
  /** Values must be larger than this. */
  above?: number;
  /** Values must be smaller than this. */
  below?: number;
  /** Whether NaN and infinity are refused; false where they propagate to the result. Default true. */
  finite?: boolean;
}

/**
 * Returns `value` if it is a finite number in a range.
 *
 * @param name The argument as the caller wrote it.
 * @param value What was given.
 * @param range What is allowed.
 * @returns `value`.
 * @throws {TypeError} if `value` is not a number.
 * @throws {RangeError} if it is NaN, infinite or outside of the range.
 *
 * @example
 * ```ts
 * import { requireNumber } from "refigure/arrays";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(requireNumber("stepSize", 0.1, { above: 0 }), 0.1);
 * assertThrows(() => requireNumber("momentum", 1, { min: 0, below: 1 }), RangeError, "`momentum` must be a finite number >= 0 and < 1, got 1");
 * ```
 */
export function requireNumber(name: string, value: number, range: NumberRange = {}): number {
  const { min, max, above, below, finite = true } = range;
  const outside = typeof value !== "number" || (finite && !Number.isFinite(value)) ||
    (min !== undefined && value < min) || (max !== undefined && value > max) ||
    (above !== undefined && value <= above) || (below !== undefined && value >= below);
  if (outside) {
    const bounds = [
      min !== undefined ? `>= ${min}` : "",
      above !== undefined ? `> ${above}` : "",
      max !== undefined ? `<= ${max}` : "",
      below !== undefined ? `< ${below}` : "",
    ].filter((b) => b !== "").join(" and ");
    throw wrong(
      value,
      "number",
      `\`${name}\` must be a ${finite ? "finite " : ""}number${bounds && " " + bounds}`,
    );
  }
  return value;
}

/**
 * Returns `value` if it is `true` or `false`; a text such as "no" is not taken for true.
 *
 * @throws {TypeError} naming the argument and what was given.
 *
 * @example
 * ```ts
 * import { requireBoolean } from "refigure/arrays";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(requireBoolean("nesterov", true), true);
 * assertThrows(() => requireBoolean("nesterov", "no" as never), TypeError, '`nesterov` must be true or false, got "no"');
 * ```
 */
export function requireBoolean(name: string, value: boolean): boolean {
  if (typeof value !== "boolean") throw wrong(value, "boolean", `\`${name}\` must be true or false`);
  return value;
}

/**
 * Returns `value` if it is a string.
 *
 * @throws {TypeError} naming the argument and what was given.
 *
 * @example
 * ```ts
 * import { requireString } from "refigure/arrays";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(requireString("label", "noise"), "noise");
 * assertThrows(() => requireString("label", 3 as never), TypeError, "`label` must be a string, got 3");
 * ```
 */
export function requireString(name: string, value: string): string {
  if (typeof value !== "string") throw wrong(value, "string", `\`${name}\` must be a string`);
  return value;
}

/**
 * Returns `value` if it is a function.
 *
 * @throws {TypeError} naming the argument and what was given.
 *
 * @example
 * ```ts
 * import { requireFunction } from "refigure/arrays";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(requireFunction("f", Math.sin), Math.sin);
 * assertThrows(() => requireFunction("f", null as never), TypeError, "`f` must be a function, got null");
 * ```
 */
// deno-lint-ignore ban-types
export function requireFunction<F extends Function>(name: string, value: F): F {
  if (typeof value !== "function") throw wrong(value, "function", `\`${name}\` must be a function`);
  return value;
}

/**
 * Returns `value` if it is an instance of a class.
 *
 * @param name The argument as the caller wrote it.
 * @param value What was given.
 * @param type The class, whose name is in the message.
 * @returns `value`.
 * @throws {TypeError} naming the argument, the class and what was given.
 *
 * @example
 * ```ts
 * import { Matrix, requireInstance, Rng } from "refigure/arrays";
 * import { assertThrows } from "@std/assert";
 *
 * requireInstance("rng", new Rng(1), Rng);
 * assertThrows(() => requireInstance("rng", Matrix.zeros(1, 1) as never, Rng), TypeError, "`rng` must be an Rng, got a Matrix");
 * ```
 */
export function requireInstance<T>(name: string, value: T, type: abstract new (...args: never[]) => T): T {
  if (!(value instanceof type)) {
    throw wrong(value, "", `\`${name}\` must be ${withArticle(type.name)}`);
  }
  return value;
}

/** The names of an object's options; of every member of a union. */
export type OptionName<Options> = Options extends unknown ? keyof Options & string : never;

/** `unknown` if `Names` has all names of `Options`, else a type that names what is missing. */
export type CompleteNames<Options, Names extends readonly string[]> = string extends OptionName<Options>
  ? unknown
  : [Exclude<OptionName<Options>, Names[number]>] extends [never] ? unknown
  : { missing: Exclude<OptionName<Options>, Names[number]> };

/**
 * Throws unless `options` is an object whose names are all allowed. Call it before the options are read: an
 * option with one wrong letter is an error and not a default.
 *
 * @param name The argument as the caller wrote it, such as "options".
 * @param options What was given. Where it may be left out, give it the default `{}` first.
 * @param allowed All names of the options' type; the compiler refuses a list that is not complete.
 * @throws {TypeError} if `options` is not a plain object, or naming the first option that is unknown.
 *
 * @example
 * ```ts
 * import { requireOptions } from "refigure/arrays";
 * import { assertThrows } from "@std/assert";
 *
 * function descend(options: { stepSize?: number; steps?: number } = {}) {
 *   requireOptions("options", options, ["stepSize", "steps"]);
 *   const { stepSize = 0.1 } = options;
 *   return stepSize;
 * }
 * descend({ stepSize: 1 });
 * assertThrows(
 *   () => descend({ stepsize: 1 } as never),
 *   TypeError,
 *   '`options` has no option "stepsize" (did you mean "stepSize"?); there are: stepSize, steps',
 * );
 * ```
 */
export function requireOptions<Options extends object, const Names extends readonly OptionName<Options>[]>(
  name: string,
  options: Options,
  allowed: Names & CompleteNames<Options, Names>,
): void {
  // An instance of a class, such as an Rng given by position, has no options that could be unknown.
  const prototype = typeof options === "object" && options !== null
    ? Object.getPrototypeOf(options)
    : undefined;
  const isPlain = prototype === null || prototype === Object.prototype ||
    (prototype !== undefined && Object.getPrototypeOf(prototype) === null);
  if (!isPlain) throw wrong(options, "", `\`${name}\` must be an object of options`);
  for (const key in options) {
    if (!(allowed as readonly string[]).includes(key)) {
      throw new TypeError(
        `\`${name}\` has no option "${key}"${nearest(key, allowed)}; ` +
          (allowed.length === 0 ? "there are none" : `there are: ${allowed.join(", ")}`),
      );
    }
  }
}

/** Options for {@linkcode requireNumbers}. */
export interface NumbersOptions {
  /** How many numbers there must be. Default: any count. */
  length?: number;
  /** Whether NaN and infinity are refused. Default false. */
  finite?: boolean;
}

/**
 * Returns `values` if it is an array of numbers: a typed array (not of BigInts) or an array whose entries are
 * all numbers. The entries of a typed array are not looked at unless `finite` is set.
 *
 * @param name The argument as the caller wrote it.
 * @param values What was given.
 * @param options What else is required.
 * @returns `values`.
 * @throws {TypeError} if `values` is not an array of numbers.
 * @throws {RangeError} if the length is another one, or an entry is not finite though it must be.
 *
 * @example
 * ```ts
 * import { requireNumbers } from "refigure/arrays";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(requireNumbers("x", [1, 2, 3], { length: 3, finite: true }), [1, 2, 3]);
 * assertThrows(() => requireNumbers("x", "12" as never), TypeError, '`x` must be an array of numbers, got "12"');
 * assertThrows(() => requireNumbers("x", [1, "2" as never]), TypeError, '`x[1]` must be a number, got "2"');
 * ```
 */
export function requireNumbers<Values extends ArrayLike<number>>(
  name: string,
  values: Values,
  options: NumbersOptions = {},
): Values {
  if (!isTypedArrayOfNumbers(values)) {
    if (
      typeof values !== "object" || values === null || !Number.isSafeInteger(values.length) ||
      values.length < 0
    ) {
      throw wrong(values, "", `\`${name}\` must be an array of numbers`);
    }
    if (ArrayBuffer.isView(values)) throw wrong(values, "", `\`${name}\` must be an array of numbers`);
    for (let i = 0; i < values.length; i++) {
      if (typeof values[i] !== "number") {
        throw wrong(values[i], "number", `\`${name}[${i}]\` must be a number`);
      }
    }
  }
  if (options.length !== undefined) requireLength(name, values, options.length);
  if (options.finite) requireFinite(`\`${name}\` must be finite`, values);
  return values;
}

function isTypedArrayOfNumbers(values: unknown): boolean {
  return values instanceof Float64Array || values instanceof Float32Array ||
    ArrayBuffer.isView(values) && !(values instanceof DataView) &&
      !(values instanceof BigInt64Array) && !(values instanceof BigUint64Array);
}

/**
 * Throws unless every entry of `values` is finite.
 *
 * @param what The sentence's start, such as "Cannot compute the polar factor of `a`".
 * @param values The entries.
 * @param columns Entries per row, to name the place as (row, column); omit for vectors.
 * @throws {RangeError} naming the first entry that is NaN or infinite.
 *
 * @example
 * ```ts
 * import { requireFinite } from "refigure/arrays";
 * import { assertThrows } from "@std/assert";
 *
 * requireFinite("Cannot solve `b`", [1, 2, 3, 4], 2);
 * assertThrows(() => requireFinite("Cannot solve `b`", [1, 2, 3, NaN], 2), RangeError, "Cannot solve `b`: entry (1, 1) is NaN");
 * ```
 */
export function requireFinite(what: string, values: ArrayLike<number>, columns?: number): void {
  if (values instanceof Float64Array) {
    if (areFinite(values)) return;
  } else {
    // x * 0 is 0 for finite x and NaN otherwise: one multiply-add per entry, no branch.
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i] * 0;
    if (sum === 0) return;
  }
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      const place = columns === undefined ? `${i}` : `(${Math.floor(i / columns)}, ${i % columns})`;
      throw new RangeError(`${what}: entry ${place} is ${values[i]}`);
    }
  }
}

/** The same sum in four parts, as a single one would wait for each addition; of one type, as V8 compiles it for that. */
function areFinite(values: Float64Array): boolean {
  const whole = values.length - values.length % 4;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < whole; i += 4) {
    s0 += values[i] * 0;
    s1 += values[i + 1] * 0;
    s2 += values[i + 2] * 0;
    s3 += values[i + 3] * 0;
  }
  for (let i = whole; i < values.length; i++) s0 += values[i] * 0;
  return s0 + s1 + s2 + s3 === 0;
}

/**
 * Returns `value` if it is one of the names that are allowed.
 *
 * @param name The argument as the caller wrote it.
 * @param value What was given.
 * @param allowed All names that are allowed.
 * @returns `value`.
 * @throws {TypeError} naming the argument, what was given and what is allowed.
 *
 * @example
 * ```ts
 * import { requireOneOf } from "refigure/arrays";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(requireOneOf("side", "left", ["left", "right"]), "left");
 * assertThrows(() => requireOneOf("side", "up", ["left", "right"]), TypeError, '`side` must be "left" or "right", got "up"');
 * ```
 */
export function requireOneOf<Name extends string>(name: string, value: Name, allowed: readonly Name[]): Name {
  if (!allowed.includes(value)) {
    const quoted = allowed.map((item) => JSON.stringify(item));
    const last = quoted.pop();
    const names = quoted.length === 0 ? last : `${quoted.join(", ")} or ${last}`;
    const hint = typeof value === "string" ? nearest(value, allowed) : "";
    throw new TypeError(`\`${name}\` must be ${names}, got ${describeValue(value)}${hint}`);
  }
  return value;
}

/**
 * Throws unless two sizes agree.
 *
 * @param name The argument as the caller wrote it.
 * @param values An array.
 * @param length The length that it must have.
 * @throws {TypeError} if `values` is not an array.
 * @throws {RangeError} naming the argument, its size and the size that was needed.
 *
 * @example
 * ```ts
 * import { requireLength } from "refigure/arrays";
 * import { assertThrows } from "@std/assert";
 *
 * requireLength("y", [1, 2, 3], 3);
 * assertThrows(() => requireLength("y", [1, 2], 3), RangeError, "`y` must have length 3, got 2");
 * ```
 */
export function requireLength(name: string, values: ArrayLike<unknown>, length: number): void {
  if (typeof values !== "object" || values === null || typeof values.length !== "number") {
    throw wrong(values, "", `\`${name}\` must be an array of length ${length}`);
  }
  if (values.length !== length) {
    throw new RangeError(`\`${name}\` must have length ${length}, got ${values.length}`);
  }
}

/** The error for a value: a TypeError if it is not of the type that is needed, else a RangeError. */
function wrong(value: unknown, type: string, sentence: string): Error {
  const given: string = typeof value;
  const ErrorClass = given === type ? RangeError : TypeError;
  return new ErrorClass(`${sentence}, got ${describeValue(value)}`);
}

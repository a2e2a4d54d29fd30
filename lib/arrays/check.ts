/**
 * Shapes, sizes and numbers are checked at the door; every message names the argument, what was given and
 * what is allowed.
 */

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
 * @throws {RangeError} naming the argument, what was given and what is allowed.
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
    throw new RangeError(`\`${name}\` must be an integer ${allowed}, got ${String(value)}`);
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
}

/**
 * Returns `value` if it is a finite number in a range.
 *
 * @throws {RangeError} naming the argument, what was given and what is allowed.
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
  const { min, max, above, below } = range;
  const outside = typeof value !== "number" || !Number.isFinite(value) ||
    (min !== undefined && value < min) || (max !== undefined && value > max) ||
    (above !== undefined && value <= above) || (below !== undefined && value >= below);
  if (outside) {
    const bounds = [
      min !== undefined ? `>= ${min}` : "",
      above !== undefined ? `> ${above}` : "",
      max !== undefined ? `<= ${max}` : "",
      below !== undefined ? `< ${below}` : "",
    ].filter((b) => b !== "").join(" and ");
    throw new RangeError(
      `\`${name}\` must be a finite number${bounds && " " + bounds}, got ${String(value)}`,
    );
  }
  return value;
}

/**
 * Throws unless every entry of `values` is finite.
 *
 * @param what The sentence's start, such as "Cannot compute the polar factor of `a`".
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
  // x * 0 is 0 for finite x and NaN otherwise: one multiply-add an entry, no branch.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * 0;
  if (sum === 0) return;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      const place = columns === undefined ? `${i}` : `(${Math.floor(i / columns)}, ${i % columns})`;
      throw new RangeError(`${what}: entry ${place} is ${values[i]}`);
    }
  }
}

/**
 * Returns `value` if it is one of the names that are allowed.
 *
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
    throw new TypeError(`\`${name}\` must be ${names}, got ${JSON.stringify(value)}`);
  }
  return value;
}

/**
 * Throws unless two sizes agree.
 *
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
  if (values.length !== length) {
    throw new RangeError(`\`${name}\` must have length ${length}, got ${values.length}`);
  }
}

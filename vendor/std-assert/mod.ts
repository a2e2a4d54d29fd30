/**
 * The part of `@std/assert` that Refigure uses, over `node:assert/strict`, with the same names and
 * signatures.
 *
 * It exists because some networks reach npm but not JSR. Remove `"links"` from deno.json and the original is
 * used.
 *
 * @module
 */
import { AssertionError, deepStrictEqual, notDeepStrictEqual } from "node:assert/strict";

export { AssertionError };

// deno-lint-ignore no-explicit-any
type ErrorClass<E extends Error> = new (...args: any[]) => E;

function fail_(message: string, msg?: string): never {
  throw new AssertionError({ message: msg === undefined ? message : `${message}: ${msg}` });
}

/** Throws unless `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError({ message: msg || "Expected a truthy value" });
}

/** Throws if `expr` is truthy. */
export function assertFalse(expr: unknown, msg = ""): asserts expr is false {
  if (expr) throw new AssertionError({ message: msg || "Expected a falsy value" });
}

/** Throws unless `actual` and `expected` are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  // An explicit undefined is refused by node's assert when the values differ.
  if (msg === undefined) deepStrictEqual(actual, expected);
  else deepStrictEqual(actual, expected, msg);
}

/** Throws if `actual` and `expected` are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (msg === undefined) notDeepStrictEqual(actual, expected);
  else notDeepStrictEqual(actual, expected, msg);
}

/** Throws unless `Object.is(actual, expected)`. */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (!Object.is(actual, expected)) fail_(`Expected ${String(expected)}, got ${String(actual)}`, msg);
}

/**
 * Throws unless |actual - expected| <= tolerance; the default tolerance is 1e-7 times |expected|, as in the
 * original.
 */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void {
  if (Object.is(actual, expected)) return;
  const allowed = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  const delta = Math.abs(expected - actual);
  if (!(delta <= allowed)) {
    fail_(`Expected ${actual} to be close to ${expected}: the difference ${delta} exceeds ${allowed}`, msg);
  }
}

/** Throws unless `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) fail_(`Expected ${actual} > ${expected}`, msg);
}

/** Throws unless `actual >= expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual >= expected)) fail_(`Expected ${actual} >= ${expected}`, msg);
}

/** Throws unless `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) fail_(`Expected ${actual} < ${expected}`, msg);
}

/** Throws unless `actual <= expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual <= expected)) fail_(`Expected ${actual} <= ${expected}`, msg);
}

/** Throws unless `actual` is neither null nor undefined. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === null || actual === undefined) fail_(`Expected a value, got ${actual}`, msg);
}

/** Throws unless `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) {
    fail_(`Expected ${JSON.stringify(actual)} to contain ${JSON.stringify(expected)}`, msg);
  }
}

/** Throws unless `actual` matches `expected`. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) fail_(`Expected ${JSON.stringify(actual)} to match ${expected}`, msg);
}

/** Throws unless `actual` is an instance of `expected`. */
export function assertInstanceOf<T>(
  actual: unknown,
  // deno-lint-ignore no-explicit-any
  expected: abstract new (...args: any[]) => T,
  msg?: string,
): asserts actual is T {
  if (!(actual instanceof expected)) {
    fail_(`Expected an instance of ${expected.name}, got ${String(actual)}`, msg);
  }
}

/** Throws unless `error` is of the class and its message contains the text. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  errorClass?: ErrorClass<E>,
  includes?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) fail_(`Expected an Error, got ${String(error)}`, msg);
  if (errorClass && !(error instanceof errorClass)) {
    fail_(`Expected ${errorClass.name}, got ${error.name}: ${error.message}`, msg);
  }
  if (typeof includes === "string" && !error.message.includes(includes)) {
    fail_(
      `Expected the message ${JSON.stringify(error.message)} to contain ${JSON.stringify(includes)}`,
      msg,
    );
  }
  if (includes instanceof RegExp && !includes.test(error.message)) {
    fail_(`Expected the message ${JSON.stringify(error.message)} to match ${includes}`, msg);
  }
}

/** Throws unless `fn` throws; returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  errorClassOrMsg?: ErrorClass<Error> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  const errorClass = typeof errorClassOrMsg === "function" ? errorClassOrMsg : undefined;
  const note = typeof errorClassOrMsg === "string" ? errorClassOrMsg : msg;
  let error: unknown;
  try {
    fn();
  } catch (caught) {
    error = caught;
    if (errorClass) assertIsError(error, errorClass, msgIncludes, note);
    return error;
  }
  fail_("Expected the function to throw", note);
}

/** Throws unless `fn`'s promise rejects; resolves to what it rejected with. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  errorClassOrMsg?: ErrorClass<Error> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const errorClass = typeof errorClassOrMsg === "function" ? errorClassOrMsg : undefined;
  const note = typeof errorClassOrMsg === "string" ? errorClassOrMsg : msg;
  let error: unknown;
  try {
    await fn();
  } catch (caught) {
    error = caught;
    if (errorClass) assertIsError(error, errorClass, msgIncludes, note);
    return error;
  }
  fail_("Expected the promise to reject", note);
}

/** Throws always. */
export function fail(msg = "Failed"): never {
  throw new AssertionError({ message: msg });
}

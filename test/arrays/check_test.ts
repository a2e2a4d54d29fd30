import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  ComplexMatrix,
  describeValue,
  Matrix,
  requireBoolean,
  requireComplexMatrix,
  requireFunction,
  requireInstance,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOneOf,
  requireOptions,
  requireRealArray,
  requireRng,
  requireSameShape,
  requireString,
  Rng,
} from "refigure/arrays";

/** One value of every type that JavaScript has, and of the classes that are mixed up most. */
const VALUES: unknown[] = [
  null,
  undefined,
  true,
  "text",
  "",
  3,
  2.5,
  NaN,
  Infinity,
  10n,
  Symbol("s"),
  [],
  [1, "2"],
  {},
  { length: -1 },
  Object.create(null),
  () => 1,
  class Free {},
  new Date(0),
  new Map(),
  new Rng(1),
  Matrix.zeros(2, 2),
  ComplexMatrix.zeros(2, 2),
  new Float32Array(2),
  new Int32Array(2),
  new BigInt64Array(2),
  new DataView(new ArrayBuffer(8)),
  new ArrayBuffer(8),
];

/** Each check with the values that it takes. */
const CHECKS: [string, (value: never) => unknown, (value: unknown) => boolean][] = [
  ["requireInteger", (v) => requireInteger("x", v), (v) => v === 3],
  ["requireNumber", (v) => requireNumber("x", v), (v) => v === 3 || v === 2.5],
  ["requireNumber, any", (v) => requireNumber("x", v, { finite: false }), (v) => typeof v === "number"],
  ["requireBoolean", (v) => requireBoolean("x", v), (v) => v === true],
  ["requireString", (v) => requireString("x", v), (v) => typeof v === "string"],
  ["requireFunction", (v) => requireFunction("x", v), (v) => typeof v === "function"],
  ["requireOneOf", (v) => requireOneOf("x", v as string, ["text", "tent"]), (v) => v === "text"],
  ["requireMatrix", (v) => requireMatrix("x", v), (v) => v instanceof Matrix],
  ["requireComplexMatrix", (v) => requireComplexMatrix("x", v), (v) => v instanceof ComplexMatrix],
  ["requireRng", (v) => requireRng("x", v), (v) => v instanceof Rng],
  ["requireInstance", (v) => requireInstance("x", v, Map), (v) => v instanceof Map],
  ["requireRealArray", (v) => requireRealArray("x", v), (v) => v instanceof Float32Array],
  [
    "requireNumbers",
    (v) => requireNumbers("x", v),
    (v) => v instanceof Float32Array || v instanceof Int32Array || Array.isArray(v) && v.length === 0,
  ],
  [
    "requireLength",
    (v) => requireLength("x", v, 2),
    (v) =>
      v instanceof Float32Array || v instanceof Int32Array || v instanceof BigInt64Array ||
      Array.isArray(v) && v.length === 2,
  ],
  [
    "requireSameShape",
    (v) => requireSameShape("x", v, { rows: 2, columns: 2 }),
    (v) => v instanceof Matrix || v instanceof ComplexMatrix,
  ],
  [
    "requireOptions",
    (v) => requireOptions("x", v, []),
    (v) =>
      typeof v === "object" && v !== null && Object.keys(v).length === 0 &&
      [null, Object.prototype].includes(Object.getPrototypeOf(v)),
  ],
];

for (const [title, check, takes] of CHECKS) {
  Deno.test(`${title} takes its own kind and refuses every other value by name`, () => {
    let taken = 0;
    for (const value of VALUES) {
      if (takes(value)) {
        check(value as never);
        taken++;
        continue;
      }
      const error = assertThrows(() => check(value as never), Error);
      const isRightType = typeof value === "number" && title !== "requireOneOf" &&
        /Integer|Number$/.test(title);
      assert(
        error instanceof (isRightType ? RangeError : TypeError) || error instanceof RangeError,
        `${title}: ${error}`,
      );
      assert(error.message.includes("`x"), `${title}: ${error.message}`);
    }
    assert(taken > 0);
  });
}

Deno.test("a number of the wrong size is a RangeError, and a value that is no number a TypeError", () => {
  assertThrows(
    () => requireInteger("rank", "3" as never),
    TypeError,
    '`rank` must be an integer of at least 0, got "3"',
  );
  assertThrows(
    () => requireInteger("steps", 1e308),
    RangeError,
    "of at least 0 and at most 2^53 - 1, got 1e+308",
  );
  assertThrows(
    () => requireNumber("eps", undefined as never),
    TypeError,
    "`eps` must be a finite number, got undefined",
  );
  assertThrows(
    () => requireNumber("eps", NaN, { above: 0 }),
    RangeError,
    "`eps` must be a finite number > 0, got NaN",
  );
});

Deno.test("a matrix whose buffer was transferred is refused", () => {
  const a = Matrix.identity(2);
  const z = ComplexMatrix.identity(2);
  structuredClone([a.data, z.data], { transfer: [a.data.buffer, z.data.buffer] });
  assertThrows(() => requireMatrix("a", a), TypeError, "0 of 4 entries are left");
  assertThrows(() => requireComplexMatrix("z", z), TypeError, "0 of 4 entries are left");
});

Deno.test("one wrong letter in an option's name is found", () => {
  const options: { stepSize?: number; maxSteps?: number } = {};
  requireOptions("options", { ...options, stepSize: undefined }, ["stepSize", "maxSteps"]);
  assertThrows(
    () => requireOptions("options", { stepsize: 1 } as typeof options, ["stepSize", "maxSteps"]),
    TypeError,
    '`options` has no option "stepsize" (did you mean "stepSize"?); there are: stepSize, maxSteps',
  );
  // An argument that an older call gave by position is no object of options.
  assertThrows(() => requireOptions("options", new Rng(1) as never, []), TypeError, "got an Rng");
  // @ts-expect-error A list that lacks a name of the type is an error of the compiler.
  requireOptions("options", options, ["stepSize"]);
});

Deno.test("an unknown name is refused with the nearest one", () => {
  assertThrows(
    () => requireOneOf("scan", "paralel", ["sequential", "parallel"]),
    TypeError,
    '`scan` must be "sequential" or "parallel", got "paralel" (did you mean "parallel"?)',
  );
});

Deno.test("requireNumbers refuses another length, and NaN where it is told to", () => {
  assertThrows(() => requireNumbers("y", [1, 2], { length: 3 }), RangeError, "`y` must have length 3, got 2");
  requireNumbers("y", [1, NaN]);
  assertThrows(
    () => requireNumbers("y", [1, NaN], { finite: true }),
    RangeError,
    "`y` must be finite: entry 1 is NaN",
  );
});

Deno.test("values are described in a few words", () => {
  assertEquals(describeValue("x".repeat(100)).length, 62);
  assertEquals(describeValue(10n), "10n");
  assertEquals(describeValue({ a: 1 }), "an object");
  assertEquals(describeValue(Object.create(null)), "an object");
  assertEquals(describeValue(new Uint8Array(3)), "a Uint8Array of length 3");
  assertEquals(describeValue(new Rng(1)), "an Rng");
  assertEquals(describeValue(Symbol("s")), "Symbol(s)");
});

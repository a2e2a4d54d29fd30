/** Bad values, copies of good ones, and what fits a type. */
import { ComplexMatrix, Matrix, Rng } from "refigure/arrays";
import { members, type Type } from "./signatures.ts";

/** One value of every kind that is mixed up with another. */
export const BAD: [name: string, make: () => unknown][] = [
  ["null", () => null],
  ["undefined", () => undefined],
  ["true", () => true],
  ["NaN", () => NaN],
  ["Infinity", () => Infinity],
  ["-1", () => -1],
  ["1.5", () => 1.5],
  ["1e308", () => 1e308],
  ['"text"', () => "text"],
  ['""', () => ""],
  ["[]", () => []],
  ['[1, "2"]', () => [1, "2"]],
  ["{}", () => ({})],
  ["{ a: 1 }", () => ({ a: 1 })],
  ["() => 1", () => () => 1],
  ["a Map", () => new Map()],
  ["an Rng", () => new Rng(1)],
  ["a Matrix", () => Matrix.identity(2)],
  ["a float32 Matrix", () => Matrix.identity(2).astype("float32")],
  ["an empty Matrix", () => Matrix.zeros(0, 0)],
  ["a ComplexMatrix", () => ComplexMatrix.identity(2)],
  ["a Float64Array of 3", () => Float64Array.of(1, 2, 3)],
  ["a Float32Array of 3", () => Float32Array.of(1, 2, 3)],
  ["an empty Float64Array", () => new Float64Array(0)],
  ["an Int32Array of 3", () => Int32Array.of(1, 2, 3)],
];

/** For the options of options, and where time is short. */
export const WORST = BAD.filter(([name]) =>
  ["null", "NaN", "-1", "1e308", '"text"', "[]", "{}"].includes(name)
);

/** A copy that shares no memory; of objects of other classes, the object itself. */
export function copy(value: unknown): unknown {
  if (value instanceof Matrix || value instanceof ComplexMatrix) return value.clone();
  if (value instanceof Rng) return new Rng("fuzz");
  if (ArrayBuffer.isView(value) && "slice" in value) return (value as Float64Array).slice();
  if (Array.isArray(value)) return value.map(copy);
  if (isPlain(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, copy(one)]));
  }
  return value;
}

export function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Copies of an array or a matrix with one thing wrong. */
export function damaged(value: unknown): [name: string, make: () => unknown][] {
  if (value instanceof Matrix || value instanceof ComplexMatrix) {
    const { rows, columns } = value;
    const parts = value instanceof ComplexMatrix ? 2 : 1;
    const Class = (value instanceof ComplexMatrix ? ComplexMatrix : Matrix) as typeof Matrix;
    const other = value.data instanceof Float64Array ? Float32Array : Float64Array;
    return [
      ["with NaN", () => withEntry(value.clone(), NaN)],
      ["with Infinity", () => withEntry(value.clone(), Infinity)],
      ["of 1e308", () => filled(value.clone(), 1e308)],
      ["of zeros", () => filled(value.clone(), 0)],
      ["in another precision", () => new Class(rows, columns, other.from(value.data))],
      ["with a row more", () => new Class(rows + 1, columns, new Float64Array(parts * (rows + 1) * columns))],
      [
        "with a column more",
        () => new Class(rows, columns + 1, new Float64Array(parts * rows * (columns + 1))),
      ],
      ["whose memory is gone", () => transferred(value.clone())],
    ];
  }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const array = value as Float64Array;
    const isReal = /^Float(32|64)Array$/.test(array.constructor.name);
    const other = array instanceof Float64Array ? Float32Array : Float64Array;
    return [
      ...(isReal && array.length > 0
        ? [
          ["with NaN", () => array.with(array.length - 1, NaN)],
          ["with Infinity", () => array.with(array.length - 1, Infinity)],
        ] as [string, () => unknown][]
        : []),
      ["of 1e308", () => array.map(() => 1e308)],
      ["one shorter", () => array.slice(0, -1)],
      ["one longer", () => (array.constructor as typeof Float64Array).from([...array, 1])],
      ["in another precision", () => other.from(array)],
    ];
  }
  if (Array.isArray(value) && value.length > 0) {
    return [
      ["with null", () => [...value.slice(0, -1), null]],
      ["with undefined", () => [...value.slice(0, -1), undefined]],
      ["with text", () => [...value.slice(0, -1), "text"]],
      ["with NaN", () => [...value.slice(0, -1), NaN]],
      ["one shorter", () => value.slice(0, -1)],
      ["one longer", () => [...value, value[0]]],
    ];
  }
  return [];
}

function withEntry<M extends { data: Float64Array | Float32Array }>(a: M, entry: number): M {
  // The first entry: some functions read one triangle only.
  if (a.data.length > 0) a.data[0] = entry;
  return a;
}

function filled<M extends { data: Float64Array | Float32Array }>(a: M, entry: number): M {
  a.data.fill(entry);
  return a;
}

function transferred<M extends { data: Float64Array | Float32Array }>(a: M): M {
  structuredClone(a.data, { transfer: [a.data.buffer] });
  return a;
}

/** Whether a value is one of a type; `undefined` where that cannot be told. */
export function fits(type: Type, value: unknown): boolean | undefined {
  let unknown = false;
  for (const member of members(type)) {
    const fit = fitsOne(member, value);
    if (fit === true) return true;
    if (fit === undefined) unknown = true;
  }
  return unknown ? undefined : false;
}

function fitsOne(type: Type, value: unknown): boolean | undefined {
  switch (type.kind) {
    case "any":
    case "opaque":
      return undefined;
    case "null":
      return value === null;
    case "literal":
      return value === type.value;
    case "class":
      return value instanceof Object && isOfClass(value, type.name);
    case "array":
      if (ArrayBuffer.isView(value)) {
        return members(type.element).some(({ kind }) => kind === "number" || kind === "any")
          ? true
          : undefined;
      }
      if (!Array.isArray(value)) return false;
      return value.every((one) => fits(type.element, one) !== false);
    case "object": {
      if (typeof value !== "object" || value === null) return false;
      if (Array.isArray(value) || ArrayBuffer.isView(value)) {
        return "length" in type.properties ? undefined : false;
      }
      // An instance of a class that has some of the properties may do.
      if (!isPlain(value)) {
        return Object.keys(type.properties).some((name) => name in value) ? undefined : false;
      }
      const missing = Object.entries(type.properties).some(([name, { optional }]) =>
        !optional && !(name in value)
      );
      if (missing) return false;
      const wrong = Object.entries(type.properties).some(([name, property]) =>
        name in value && value[name] !== undefined && fits(property.type, value[name]) === false
      );
      if (wrong) return false;
      return Object.keys(value).every((name) => name in type.properties) || type.open ? true : undefined;
    }
    case "union":
      return fits(type, value);
    default:
      return (typeof value as string) === type.kind;
  }
}

function isOfClass(value: object, name: string): boolean {
  for (let p = Object.getPrototypeOf(value); p !== null; p = Object.getPrototypeOf(p)) {
    if (p.constructor?.name === name) return true;
  }
  return false;
}

/** A value of a type, where no example shows one. */
export function guess(type: Type): unknown {
  for (const member of members(type)) {
    switch (member.kind) {
      case "number":
        return 1;
      case "string":
        return "text";
      case "boolean":
        return true;
      case "null":
        return null;
      case "literal":
        return member.value;
      case "function":
        return () => 1;
      case "array":
        return [guess(member.element), guess(member.element)];
      case "class":
        return guessOfClass(member.name);
      case "object": {
        const needed = Object.entries(member.properties).filter(([, { optional }]) => !optional);
        return Object.fromEntries(needed.map(([name, { type }]) => [name, guess(type)]));
      }
    }
  }
  return 1;
}

function guessOfClass(name: string): unknown {
  if (name === "Matrix") return Matrix.identity(2);
  if (name === "ComplexMatrix") return ComplexMatrix.identity(2);
  if (name === "Rng") return new Rng("fuzz");
  if (name === "Int32Array") return Int32Array.of(0, 1);
  if (name === "Float32Array") return Float32Array.of(1, 2);
  return Float64Array.of(1, 2);
}

/** Whether a result has a number that is NaN or infinite, or is of a kind that cannot be looked into. */
export function showsNonFinite(value: unknown, depth = 0): boolean {
  if (typeof value === "number") return !Number.isFinite(value);
  if (typeof value === "function" || value === undefined || value === null) return depth === 0;
  if (typeof value === "string") return depth === 0 || value.includes("NaN");
  if (typeof value === "boolean") return depth === 0;
  if (typeof value !== "object" || depth > 5) return true;
  if (ArrayBuffer.isView(value)) {
    return value instanceof DataView || (value as Float64Array).some((x) => !Number.isFinite(x));
  }
  if (value instanceof Map || value instanceof Set) {
    return [...value].some((one) => showsNonFinite(one, depth + 1));
  }
  if ("dataSync" in value && "isDisposed" in value) return true;
  // What is displayed by a method for Jupyter shows it there.
  if (Object.getOwnPropertySymbols(value).length > 0) return true;
  if (Array.isArray(value)) return value.some((one) => showsNonFinite(one, depth + 1));
  return Object.values(value).some((one) => showsNonFinite(one, depth + 1));
}
